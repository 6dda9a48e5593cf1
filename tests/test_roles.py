"""What a viewer may do, and may not, even where a browser makes clicks up."""

import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import streamlit as st

from mnistcore.jobs import jobs
from scripts.project import ROOT
from server import access
from server.access import Access, Tokens
from tests.here import here, store_here
from tests.runs import shown_content
from tests.visits import LANGUAGES, open_page, whole, words
from ui import roles
from ui.texts import render

VIEWER = Access(Tokens("o" * 32, "v" * 32), is_open=True, read_only=True)
# Every button that changes what is there for everybody, by the name of its key.
OWNERS = {
    "training_start", "training_anew", "training_resume", "training_again", "training_cancel", "training_kill",
    "training_remove_now", "release_", "end_now_", "kill_now_", "train_starter", "bring_keep",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _as_viewer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AppTest has no browser that would send cookies."""
    monkeypatch.setattr(roles, "st", SimpleNamespace(context=SimpleNamespace(cookies={}), info=st.info))
    access.serve_with(VIEWER)
    yield
    access.serve_with(access.OPEN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_viewer_starts_nothing_even_by_a_click_that_is_made_up(language: str) -> None:
    store_here().save(shown_content(seed=1))
    page = open_page("training", lang=language)
    whole(page)
    assert render("role.viewer", language) in words(page)
    start = page.button(key="training_start")
    assert start.disabled and start.proto.help == render("role.owners", language)
    start.proto.disabled = False  # as a browser may do, too
    start.click()
    page.run()
    whole(page)
    assert jobs.list_jobs(here()) == ()
    access.serve_with(access.OPEN)
    page = open_page("training", lang=language)
    assert not page.button(key="training_start").disabled
    assert render("role.viewer", language) not in words(page)


def test_a_viewer_does_not_train_the_first_models() -> None:
    page = open_page("overview", lang="en")
    whole(page)
    start = page.button(key="train_starter")
    assert start.disabled
    start.proto.disabled = False
    start.click()
    page.run()
    assert jobs.list_jobs(here()) == ()


def test_every_button_that_changes_something_is_the_owners() -> None:
    """Each call of what changes something lies behind one of these buttons, and these are all that are marked."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "ui").rglob("*.py")))
    marked = set(re.findall(r'key=f?"([a-z_]+)[^"]*",\s*is_owners=True', source))
    assert marked == OWNERS
    changing = r"jobs\.(?:start|stop|kill|resume|forget)\(|memory_use\.(?:kill|request_release)\("
    files = {path.name for path in (ROOT / "ui").rglob("*.py") if re.search(changing, path.read_text(encoding="utf-8"))}
    assert files == {"actions.py", "memory.py"}
