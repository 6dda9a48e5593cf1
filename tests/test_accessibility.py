"""The dashboard as axe-core sees it: no violation on any page, in both languages, and in the dark too."""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from mnistcore.jobs import jobs
from mnistcore.runs.history import CurvePoint
from mnistcore.runs.store import Store
from mnistcore.training.presets import make_config
from scripts.project import ROOT
from scripts.serving import serving
from scripts.toys import toy_content, toy_report
from tests.browser import PHONE, chosen, settle, visit, wait_for, width
from tests.gpus import EQUAL_GPUS
from tests.runs import shown_content
from tests.trainings import make_up

# WCAG 2.1, levels A and AA, and what axe-core's authors hold to be good practice.
EVERYTHING = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],
}
# What can differ in the dark, where the same document has other colours; a language has none of its own.
OF_COLOURS = ("color-contrast", "link-in-text-block")
COLOURS = {"runOnly": {"type": "rule", "values": OF_COLOURS}, "resultTypes": ["violations"]}
WORDS = EVERYTHING | {"rules": {rule: {"enabled": False} for rule in OF_COLOURS}}
BACKGROUNDS = {
    scheme: colours["backgroundColor"]
    for scheme, colours in tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"].items()
    if scheme in ("light", "dark")
}
NEVER = 4  # a class that the run never predicts: its precision is undefined


# What is clicked; where it is done already, in the language before, nothing is.


def _as_it_opens(page: Page) -> None:
    """Nothing is clicked."""


def _open_all(page: Page) -> None:
    closed = page.locator("[data-testid=stMain] details:not([open]) > summary")
    while closed.count():
        closed.first.click()
    page.get_by_test_id("stMain").get_by_role("table").first.wait_for()


def _choose_a_cell_and_an_image(page: Page) -> None:
    if chosen(page, "image"):
        return
    page.locator('[data-sel="3-3"]').click()
    page.wait_for_function("() => new URL(location.href).searchParams.get('cell') === '3-3'")
    settle(page)
    page.locator("[data-image]").nth(1).click()
    page.wait_for_function("() => new URL(location.href).searchParams.get('image')")


def _answer_the_first(page: Page) -> None:
    if page.locator(".quiz-reveal").count():
        return
    if page.locator(".st-key-quiz_number input").count():
        page.locator(".st-key-quiz_number input").fill("1")
        page.keyboard.press("Enter")
    else:
        page.locator(".st-key-quiz_options button").first.click()
    page.locator(".quiz-reveal").wait_for()


def _ask_to_end(page: Page) -> None:
    if not page.get_by_test_id("stPopoverBody").is_visible():
        page.locator('[class*="st-key-end_training"] button').first.click()
    page.get_by_test_id("stPopoverBody").wait_for()


@dataclass(frozen=True)
class State:
    """A page in a state: its address with {names} of runs, what it shows last, what is clicked, in which languages."""

    address: str
    shows: str  # a selector: without it the page is not what is meant
    click: Callable[[Page], None] = _as_it_opens
    screen: str = "page"
    languages: tuple[str, ...] = ("ja",)


BOTH, ENGLISH = ("ja", "en"), ("en",)
NAMED_IN_ITSELF = {"ja": "日本語", "en": "English"}
STATES = {
    "overview": State("overview?run={run}", "[data-testid=stDataFrame]", _open_all, languages=BOTH),
    "matrix": State("confusion_matrix?run={run}", "[data-image]", _choose_a_cell_and_an_image, languages=BOTH),
    "class by class": State("class_by_class?run={run}&class=9&region=fn", ".image", languages=BOTH),
    "flow": State("class_by_class?run={run}&class=9&view=flow&present=1", ".node", languages=ENGLISH),
    "threshold": State("class_by_class?run={run}&class=9&view=threshold&threshold=0.3", ".curve"),
    "misclassified": State("misclassified?run={run}&truth=3&sort=loss", "[data-image]", languages=BOTH),
    "quiz": State("quiz?run={run}&seed=7", ".quiz-progress", _answer_the_first, languages=BOTH),
    "prediction, on a phone": State("overview?run={run}&predict=1", ".st-key-prediction input", screen="phone"),
    "training": State("training?x=", ".st-key-training_start button", languages=BOTH),
    "memory": State("memory?x=", "[data-testid=stCode]", _ask_to_end, languages=BOTH),
    "overview on a phone": State("overview?run={run}", "[data-testid=stDataFrame]", screen="phone"),
    "matrix without its diagonal": State(
        "confusion_matrix?run={run}&diagonal=hidden&show=row&cell=4-all", "[data-image]", languages=ENGLISH
    ),
    "class never predicted, on a phone": State(
        f"class_by_class?run={{run}}&class={NEVER}&region=tp&metric=precision", "[data-tile]", screen="phone"
    ),
    "none left of the misclassified": State(
        "misclassified?run={run}&confidence=0-1", "[data-testid=stAlert]", languages=ENGLISH
    ),
    "faults in the form, on a phone": State(
        "training?form=" + quote("dataset=digits,epochs=0,batch_size=x"), ".fault", screen="phone", languages=BOTH
    ),
    "training under way": State("training?job={training}", ".job-row"),
    "training that waits, on a phone": State("training?job={waiting}", ".job-row", screen="phone"),
    "training that failed": State("training?job={failed}", ".job-row", languages=ENGLISH),
    "training that can be resumed": State("training?job={interrupted}", ".job-row"),
    "link that means nothing": State(
        "confusion_matrix?run=nobody&epoch=99&cell=12-3&image=99999", "[data-image]", languages=ENGLISH
    ),
    "run whose images are not here": State("class_by_class?run={foreign}&view=threshold", ".curve", languages=ENGLISH),
    "run whose numbers are damaged": State("overview?run={damaged}", "[data-testid=stAlert]"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifacts folder in which there is nothing yet."""
    return tmp_path_factory.mktemp("accessibility-artifacts")


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a machine with two GPUs."""
    tool = tmp_path_factory.mktemp("bin") / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\ncat <<END\n{EQUAL_GPUS}\nEND\n", encoding="utf-8")
    tool.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(tool.parent), prepend=":")
        patch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        with serving(artifacts=folder) as served:
            yield served.url


@pytest.fixture(scope="module")
def names(folder: Path) -> dict[str, str]:
    """The ids of what lies in the folder from now on: runs, and trainings in every state."""
    store = Store(folder / "runs")
    found = {
        "damaged": store.save(toy_content(seed=2)).run_id,
        "foreign": store.save(toy_content(seed=1)).run_id,
        "run": store.save(shown_content(seed=0, mistakes=0.2, never=NEVER)).run_id,
    }
    (folder / "runs" / found["damaged"] / "predictions" / "test.safetensors").write_bytes(b"damaged")
    curve = tuple(CurvePoint(step=step, loss=1 / step, accuracy=0.5) for step in (10, 20, 30))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNISTCORE_ARTIFACTS", str(folder))
        measured = {"steps_done": 200, "steps": 500, "seconds": 31.0, "curve": curve, "history": (toy_report(1),)}
        failure = jobs.Failure(kind="NonFiniteLossError", message="the loss became NaN at step 200")
        for seed, (name, state, more) in enumerate(
            [
                ("training", "training", {"lives": True, "warnings": ("The disk is nearly full.",), **measured}),
                ("waiting", "waiting", {"lives": True}),
                ("failed", "failed", {"failure": failure, **measured}),
                ("interrupted", "interrupted", {"resumable": True, **measured}),
            ]
        ):
            found[name] = make_up(make_config("digits", "mlp", "handout", seed=50 + seed), state=state, **more)
    return found


def violations(page: Page) -> list[str]:
    """What axe-core objects to: the theme, the rule, the element, and why."""
    found = []
    for scheme, rules in (("light", EVERYTHING), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # the page follows, without another load
        page.wait_for_function(
            "colour => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor === colour",
            arg=f"rgb({', '.join(str(int(BACKGROUNDS[scheme][start : start + 2], 16)) for start in (1, 3, 5))})",
        )
        found += [f"{scheme}: {objection}" for objection in objections(page, rules)]
    page.emulate_media(color_scheme="light")
    return found


def run_axe(page: Page, rules: dict[str, Any]) -> list[Any]:
    """The rules that are broken; axe-core is loaded once into each document, and no more than these come back."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
    return list(page.evaluate("rules => axe.run(rules).then((found) => found.violations)", rules))


def objections(page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe-core objects to by these rules."""
    violated = run_axe(page, rules)
    if violated:  # a part of the page may still be on its way to the other colours: what is wrong stays wrong
        page.wait_for_timeout(1000)
        violated = run_axe(page, rules)
    return [
        f"{violation['id']}: {node['html'][:200]} {node['target']} {node['failureSummary']}"
        for violation in violated
        for node in violation["nodes"]
    ]


def speak(page: Page, language: str) -> None:
    """Switch the language of a page, on which only the words are others then."""
    page.get_by_test_id("stSidebar").get_by_text(NAMED_IN_ITSELF[language]).click()
    wait_for(page, "lang", language)


def test_the_welcome_without_a_run_is_accessible(server: str, folder: Path, page: Page) -> None:
    assert not (folder / "runs").exists(), "this comes before the runs are made"
    visit(page, f"{server}/?lang=ja")
    page.get_by_test_id("stPageLink").wait_for()
    assert violations(page) == []
    speak(page, "en")
    assert objections(page, WORDS) == []


@pytest.mark.parametrize("state", STATES)
def test_a_page_is_accessible(state: str, server: str, names: dict[str, str], request: pytest.FixtureRequest) -> None:
    wanted = STATES[state]
    page: Page = request.getfixturevalue(wanted.screen)
    for language in wanted.languages:
        is_first = language == wanted.languages[0]
        if is_first or wanted.screen == "phone":  # on which the switch is folded away
            visit(page, f"{server}/{wanted.address.format(**names)}&lang={language}")
        else:
            speak(page, language)
        page.locator(wanted.shows).first.wait_for()
        wanted.click(page)
        settle(page)
        assert wanted.screen == "page" or width(page) <= PHONE["width"], "it scrolls sideways"
        assert (violations(page) if is_first else objections(page, WORDS)) == [], language
