"""The page of a class in front of a class: what the board counts, that all of it is seen, and how it is led."""

import base64
import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, TimeoutError, expect

from mnistcore import metrics
from mnistcore.datasets.registry import DATASETS
from mnistcore.evaluation.evaluation import Evaluation, evaluate_predictions
from mnistcore.metrics.definitions import DEFINITIONS
from mnistcore.runs.store import Store
from scripts.project import ROOT
from scripts.serving import serving
from tests import mnist
from tests.browser import settle, turn, visit, wait_for
from tests.runs import shown_content
from ui import format
from ui.lessons.catalogue import LESSONS

EYES = (ROOT / "tests" / "classroom.js").read_text(encoding="utf-8")
COUNTING = (ROOT / "ui" / "components" / "counting.js").read_text(encoding="utf-8")
PROJECTOR, LOW = {"width": 1280, "height": 720}, {"width": 1280, "height": 600}
MOST_MILLISECONDS = 50  # from a click on a class to the laid out board


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One run on 10,000 test images: numbers are as wide as those that are taught from."""
    folder = tmp_path_factory.mktemp("classroom")
    mnist.write(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(DATASETS, "mnist", DATASETS["mnist"])  # put back afterwards
        mnist.register(folder)
        # Python runs this module before anything else: the server knows the files too.
        code = f"from pathlib import Path\nfrom tests import mnist\nmnist.register(Path({str(folder)!r}))\n"
        (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
        patch.setenv("PYTHONPATH", f"{folder}:{ROOT}")
        patch.setenv("MNISTCORE_DATA", str(folder))
        store = Store(folder / "runs")
        store.save(shown_content(dataset="mnist", root=folder, mistakes=0.03, epochs=1))
        yield store


@pytest.fixture(scope="module")
def shown(runs: Store) -> Evaluation:
    return evaluate_predictions(runs.predictions(runs.listing().runs[0].run_id, "test"), num_classes=10)


@pytest.fixture(scope="module")
def server(runs: Store) -> Iterator[str]:
    with serving(artifacts=runs.root.parent) as served:
        yield served.url


def look(page: Page, address: str) -> None:
    """Open the page of a class, with what can be asked of the board."""
    visit(page, address)
    page.locator(".image").first.wait_for()
    page.evaluate(f"() => {{ window.classroom = {EYES} }}")


def expected_words(shown: Evaluation) -> dict[str, list[dict[str, str]]]:
    """Metric -> what its formula says of each class, as Python computes and writes it."""
    counted = asdict(shown.counts) if not isinstance(shown.counts, tuple) else shown.counts._asdict()

    def total(terms: Any, index: int) -> str:
        return format.count(sum(times * int(counted[outcome][index]) for outcome, times in terms.items()))

    return {
        name: [
            {"above": total(each.above, i), "below": total(each.below, i), "value": format.percent(value, digits=2)}
            for i, value in enumerate(each.values(shown.counts).tolist())
        ]
        for name, each in DEFINITIONS.items()
    }


def test_the_board_is_seen_whole_and_says_what_python_counts(server: str, page: Page, shown: Evaluation) -> None:
    """Every metric, in both languages, on a projector and in the presenter mode; where it is tightest, every class."""
    medians, intervals = [], metrics.rate_intervals(shown.counts)
    for language, present in ((language, present) for language in ("ja", "en") for present in (0, 1)):
        page.set_viewport_size(PROJECTOR)  # type: ignore[arg-type]
        look(page, f"{server}/class_by_class?class=8&lang={language}&present={present}")
        for size in (PROJECTOR, LOW)[: 1 + present]:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            toured = page.evaluate(
                "([present, looked]) => classroom.tour(present, looked)",
                [bool(present), list(range(10)) if size is LOW else [1, 8]],
            )
            assert toured["faults"] == [], (language, present, size)
            assert toured["unnamed"] == []
            medians.append(toured["median"])
            expect(page.locator(".images:not(.late)")).to_be_visible(timeout=30_000)
            assert 8 <= page.evaluate("() => classroom.images().length") <= 10, (language, present, size)
        for name, classes in expected_words(shown).items():
            for index, words in enumerate(classes):
                told = toured["told"][name][index]
                assert {part: told[part] for part in words} == words, (name, index)
                if name != "accuracy":
                    interval = getattr(intervals, name)[index]
                    assert f"{format.percent_range(*interval)}%" in told["sentence"]
    assert min(medians) <= MOST_MILLISECONDS, medians


def test_a_class_is_led_by_keys_and_guesses_first(server: str, page: Page, shown: Evaluation) -> None:
    page.set_viewport_size(PROJECTOR)  # type: ignore[arg-type]
    look(page, f"{server}/class_by_class?class=8&lang=en")
    presenting = page.locator("html.presenting")
    expect(presenting).to_have_count(0)
    page.keyboard.press("p")
    expect(presenting).to_have_count(1)
    wait_for(page, "present", "1")
    page.keyboard.press("4")  # nothing was clicked before
    expect(page.locator('.root[data-shown^="4-"]')).to_be_visible()
    wait_for(page, "class", "4")
    page.keyboard.press("PageDown")
    expect(page.locator('.board[data-spot="matrix"]')).to_be_visible()
    page.keyboard.press("PageUp")
    page.locator(".hide").click()
    wait_for(page, "answer", "hidden")
    counts = {name: page.locator(f'[data-tile="{name}"] b') for name in metrics.OUTCOMES}
    for count in counts.values():
        expect(count).to_have_text("?")
    expect(page.locator(".images")).to_be_hidden()
    page.locator('[data-tile="fn"]').click()
    expect(counts["fn"]).to_have_text(f"{shown.counts.fn[4]:,}")
    expect(counts["tp"]).to_have_text("?")
    settle(page)
    page.locator(".hide").click()
    expect(counts["tn"]).to_have_text(f"{shown.counts.tn[4]:,}")
    page.locator('[data-metric="precision"]').hover()  # lights up what it divides by, and chooses nothing
    expect(page.locator(".tile.fp.below")).to_be_visible()
    expect(page.locator('[data-metric="recall"][aria-checked="true"]')).to_be_visible()
    page.mouse.move(5, 5)
    expect(page.locator(".tile.fp.below")).to_have_count(0)
    settle(page)
    page.keyboard.press("p")
    expect(presenting).to_have_count(0)


# What the URL has of lessons that are answered in their picture; the others are answered by their first option.
IN_PICTURE = {"axes": "row" + ".tp" * 6, "denominators": "1-all.all-1", "you": ".".join("0" * 20)}


def test_each_answered_lesson_is_one_screen(server: str, page: Page) -> None:
    """On a projector, with the sidebar and presented; what this run cannot show is told in a sentence."""
    page.set_viewport_size(PROJECTOR)  # type: ignore[arg-type]
    answered = []
    for language, name in zip(itertools.cycle(("ja", "en")), LESSONS, strict=False):
        guess = f"&guess={IN_PICTURE[name]}" if name in IN_PICTURE else ""
        go = turn if answered else visit
        go(page, f"{server}/lessons?lesson={name}&lang={language}{guess}")
        options = page.locator('[class*="st-key-answer_"] button')
        if options.count():
            options.first.click()
        elif not guess:
            continue
        page.locator(".verdict").wait_for()
        settle(page)
        answered.append(name)
        for presented in (False, True):
            if presented:
                page.keyboard.press("p")
                expect(page.locator("html.presenting")).to_have_count(1)
                settle(page)
            with contextlib.suppress(TimeoutError):
                page.wait_for_function(FITS, timeout=10_000)
            below = page.evaluate(BELOW)
            assert below == [0, 0], (name, language, presented)
    assert len(answered) >= len(LESSONS) - 3, answered


# Pixels below the screen, and beside it.
BELOW = """() => {
    const main = document.querySelector('[data-testid="stMain"]');
    return [main.scrollHeight - main.clientHeight, main.scrollWidth - main.clientWidth];
}"""
FITS = f"() => ({BELOW})().every((pixels) => !pixels)"


def test_the_browser_counts_and_writes_as_python_does(page: Page) -> None:
    random = np.random.default_rng(0)
    sizes, chances = (1, 2, 3, 10), (0.0, 0.5, 0.9)
    matrices = [
        random.integers(0, 2000, (size, size)) * (random.random((size, size)) >= chance)
        for size in sizes for chance in chances
    ]  # fmt: skip
    shares = [*random.random(500).tolist(), *(k / 1600 for k in range(1601)), 0.99996, 4e-5, 0.0, 1.0]
    definitions = [
        {"name": name, "above": dict(each.above), "below": dict(each.below)} for name, each in DEFINITIONS.items()
    ]
    address = f"data:text/javascript;base64,{base64.b64encode(COUNTING.encode()).decode()}"
    found = page.evaluate(
        """async ([address, matrices, definitions, shares]) => {
            const its = await import(address);
            return {
                boards: matrices.map((cells) => cells.map((_, index) => {
                    const counts = its.countsOf(cells, index);
                    return [counts, definitions.map((each) =>
                        [its.valueOf(each, counts), its.intervalOf(each, counts), its.formatRange(its.intervalOf(each, counts))])];
                })),
                written: [1, 2].map((digits) => shares.map((share) => its.formatPercent(share, digits))),
                counts: [0, 999, 1000, 1234567].map(its.formatCount),
            };
        }""",
        [address, [matrix.tolist() for matrix in matrices], definitions, shares],
    )
    for matrix, classes in zip(matrices, found["boards"], strict=True):
        counts = metrics.one_vs_rest(matrix)
        intervals = metrics.rate_intervals(counts)
        for index, (counted, told) in enumerate(classes):
            own = {name: int(getattr(counts, name)[index]) for name in metrics.OUTCOMES}
            others = np.delete(np.delete(matrix, index, axis=0), index, axis=1)
            assert counted == own | {"wrong": int(others.sum() - np.trace(others))}
            for (name, each), (value, ends, written) in zip(DEFINITIONS.items(), told, strict=True):
                expected = each.values(counts)[index]
                assert (value is None) == bool(np.isnan(expected))
                assert value is None or value == expected
                interval = getattr(intervals, name)[index]
                assert (ends is None) == (interval.low is None)
                assert ends is None or ends == pytest.approx(list(interval), abs=1e-14)
                told_range = format.percent_range(*interval)
                assert written == (format.UNDEFINED if told_range is None else f"{told_range}%")
    for digits, written in zip((1, 2), found["written"], strict=True):
        assert written == [format.percent(share, digits=digits) for share in shares]
    assert found["counts"] == [format.count(count) for count in (0, 999, 1000, 1234567)]
