"""Whatever stands in a file that others may write, every page says something, and what is good can still be opened."""

import json
import logging
import shutil
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import streamlit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from mnistcore.config import run_id
from mnistcore.jobs import jobs, records
from mnistcore.models import held_models
from mnistcore.runs.store import Store
from mnistcore.training.presets import make_config
from scripts.toys import toy_report
from tests.damage import ANYTHING, places, replaced
from tests.here import here, store_here
from tests.runs import agree, shown_content
from tests.visits import CHECKPOINT_PAGES, LANGUAGES, open_page, words
from ui import cache, guard, sidebar
from ui.navigation import PAGES
from ui.texts import render

FILES = ("run.json", "history.json", "predictions/test.safetensors", "request.json", "status.json", "holder")


class Template:
    """An artifacts folder with two runs, an ended training and a model that is kept loaded."""

    def __init__(self, root: Path) -> None:
        self.root = root
        store = Store(root / "runs")
        self.good = store.save(shown_content(seed=1, epochs=2)).run_id
        self.bad = store.save(shown_content(seed=2, epochs=2)).run_id  # the newer one: what a page opens unasked
        config_ = make_config("digits", "mlp", "handout", seed=3)
        self.job = run_id(config_)
        folder = root / "jobs" / self.job
        folder.mkdir(parents=True)
        request = records.Request(attempt="1", config=config_, device="cpu", force=False, fresh=False)
        (folder / "request.json").write_text(request.model_dump_json())
        status = records.Status(
            attempt="1",
            state="interrupted",
            queue="cpu",
            queued="2026-01-01T00:00:00+00:00",
            updated="2026-01-01T00:00:10+00:00",
            steps_done=50,
            steps=100,
            resumed_after=0,
            seconds=5.0,
            memory_bytes=1000,
            history=(toy_report(1), toy_report(2)),
            warnings=("slow",),
        )
        (folder / "status.json").write_text(status.model_dump_json())
        model = held_models.HeldModel(run_id=self.good, device="cpu", size_bytes=1000, last_used=datetime.now(UTC))
        held_models.write(here().holders, "1-0123abcd", [model])

    def path(self, root: Path, file: str) -> Path:
        if file == "holder":
            return root / "holders" / "1-0123abcd.json"
        if file in ("request.json", "status.json"):
            return root / "jobs" / self.job / file
        return root / "runs" / self.bad / file


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    root = tmp_path_factory.mktemp("template") / "artifacts"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNISTCORE_ARTIFACTS", str(root))
        yield Template(root)


def read(path: Path) -> tuple[Any, bytes]:
    """The JSON in a file, and the bytes that follow it."""
    data = path.read_bytes()
    if path.suffix == ".safetensors":
        length = struct.unpack("<Q", data[:8])[0]
        return json.loads(data[8 : 8 + length]), data[8 + length :]
    return json.loads(data), b""


def write(path: Path, value: Any, rest: bytes) -> None:
    """Put it back; where the run says what the file has to be, the run says so of this one."""
    text = json.dumps(value).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + rest if path.suffix == ".safetensors" else text)
    folder = next((parent for parent in path.parents if (parent / "run.json").exists()), None)
    name = str(path.relative_to(folder)) if folder else ""
    if folder and name != "run.json":
        manifest = json.loads((folder / "run.json").read_text())
        agree(manifest, name, path.read_bytes())
        (folder / "run.json").write_text(json.dumps(manifest))


def speaks(page: AppTest) -> None:
    """The page has a title and words under it, and no Python error."""
    assert not page.exception, [error.message for error in page.exception]
    assert len(page.title) == 1
    assert len(words(page)) > len(page.title[0].value) + 20


def survives(template: Template, file: str, changed: Any, rest: bytes) -> None:
    """Every page of a folder in which this file has become that one; the other run can be opened on it."""
    root = template.root.with_name("broken")
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(template.root, root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNISTCORE_ARTIFACTS", str(root))
        streamlit.cache_resource.clear()
        write(template.path(root, file), changed, rest)
        page = open_page("memory", lang="en", run=template.bad, job=template.job)
        speaks(page)
        for name in ("training", *CHECKPOINT_PAGES):
            page.switch_page(PAGES[name].file).run()
            speaks(page)
        picker = page.selectbox(key="pick_run")
        if picker.value != template.good:
            picker.set_value(template.good).run()
        speaks(page)
        assert page.selectbox(key="pick_run").value == template.good
        assert "seed 1" in words(page)


@settings(
    max_examples=16,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_any_value_anywhere_in_a_file_leaves_every_page_with_words(template: Template, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(FILES))
    value, rest = read(template.path(template.root, file))
    changed = replaced(value, data.draw(st.sampled_from(list(places(value)))), data.draw(ANYTHING))
    survives(template, file, changed, rest)


@pytest.mark.parametrize(
    ("file", "place", "value"),
    [
        ("run.json", ("created",), "0001-01-01T00:00:00+14:00"),
        ("run.json", ("dataset", "sizes"), {"test": 360}),
        ("run.json", ("dataset", "fingerprints"), {}),
        ("history.json", (), []),
        ("predictions/test.safetensors", ("labels", "dtype"), "F8_E4M3"),
        ("status.json", ("updated",), "2026-01-01T00:00:00"),
        ("status.json", ("seconds",), float("nan")),
        ("status.json", ("steps_done",), -1),
        ("status.json", ("queue",), "<b>cuda:99\u202e"),
        ("holder", ("models", 0, "size_bytes"), -1),
    ],
)
def test_what_has_broken_every_page_leaves_every_page_with_words(
    file: str, place: tuple[Any, ...], value: Any, template: Template
) -> None:
    found, rest = read(template.path(template.root, file))
    survives(template, file, replaced(found, place, value), rest)


# ---------------------------------------------------------------- what is left for the pages to catch


class Unforeseen(Exception):
    """An error that nobody expects."""


def fails(*_args: Any, **_kinds: Any) -> Any:
    raise Unforeseen("a broken thing: ![x](http://example.org)")


def test_the_log_commands_no_terminal(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    store_here().save(shown_content())

    def evaluation(*_: object) -> None:
        raise ValueError("\x1b]0;title\x07 \u202e")

    monkeypatch.setattr(cache, "evaluation", evaluation)
    with caplog.at_level(logging.ERROR, logger="ui.guard"):
        open_page("overview", lang="en")
    assert "\\x1b]0;title\\x07 \\u202e" in caplog.text
    assert not {"\x1b", "\x07", "\u202e"} & set(caplog.text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CHECKPOINT_PAGES)
def test_an_unexpected_error_is_told_and_another_run_can_be_opened(
    name: str, language: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = (store_here().save(shown_content(seed=seed)) for seed in (1, 2))
    true = cache.evaluation

    def evaluation(run: Any, split: str, epoch: int) -> Any:
        return fails() if run.run_id == bad.run_id else true(run, split, epoch)

    monkeypatch.setattr(cache, "evaluation", evaluation)
    with caplog.at_level(logging.ERROR, logger="ui.guard"):
        page = open_page(name, lang=language)
    speaks(page)
    assert page.error[0].value == render("problem.fault.page", language)
    assert page.code[0].value == "Unforeseen: a broken thing: ![x](http://example.org)"
    assert "in fails" in caplog.text, "the log has the traceback"
    page.selectbox(key="pick_run").set_value(good.run_id).run()
    speaks(page)
    assert not page.error
    page.selectbox(key="pick_run").set_value(bad.run_id).run()
    page.switch_page(PAGES["training"].file).run()
    speaks(page)
    assert not page.error


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unexpected_error_in_the_sidebar_leaves_the_page(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store_here().save(shown_content())
    monkeypatch.setattr(sidebar, "_draw_epoch_picker", fails)
    page = open_page("overview", lang=language)
    speaks(page)
    assert page.sidebar.error[0].value == render("problem.fault.sidebar", language)
    assert page.sidebar.selectbox(key="pick_run").value
    assert page.sidebar.button_group(key="pick_lang").value == language
    monkeypatch.setattr(sidebar, "draw_checkpoint_picker", fails)
    page.run()
    speaks(page)
    assert not page.main.error
    assert page.sidebar.button_group(key="pick_lang").value == language


def test_an_unexpected_error_of_the_list_of_runs_is_told_on_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "listing", fails)
    for name in PAGES:
        page = open_page(name, lang="en")
        speaks(page)
        if name in CHECKPOINT_PAGES:
            assert render("problem.fault.page", "en") in [error.value for error in page.main.error]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "asked"), [("memory", "device_uses"), ("training", "all_jobs")])
def test_an_unexpected_error_in_a_part_that_draws_itself_is_told_there(
    name: str, asked: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, asked, fails)
    page = open_page(name, lang=language)
    speaks(page)
    told = [render(f"problem.fault.{part}", language) for part in ("fragment", "page")]
    assert [error.value for error in page.error if error.value in told]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unexpected_error_of_a_click_is_told_once_on_the_page(
    language: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jobs, "start", fails)
    page = open_page("training", lang=language)
    page.button(key="training_start").click().run()
    speaks(page)
    assert [error.value for error in page.error] == [render("problem.fault.click", language)]
    assert "in fails" in caplog.text
    page.run()
    speaks(page)
    assert not page.error


def test_an_error_whose_own_words_are_broken_is_told_too() -> None:
    class Broken(Exception):
        def __str__(self) -> str:
            raise ValueError

    assert guard._told(Broken()) == "Broken"
    assert guard._told(ValueError("\ud800" + "x" * 10_000)).startswith("ValueError: ?xxx")
    assert len(guard._told(ValueError("x" * 10_000))) == 2_000
