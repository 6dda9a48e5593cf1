"""ui.welcome: what stands where there is no checkpoint yet, and the two trainings that its button starts."""

from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnistcore import config
from mnistcore.config import TrainConfig
from mnistcore.errors import StoreWriteError
from mnistcore.jobs import jobs, records
from mnistcore.jobs.jobs import Job
from mnistcore.training.starter import starter_configs
from mnistcore.workspace import Workspace
from tests.here import here, store_here
from tests.runs import shown_content
from tests.trainings import make_up
from tests.visits import LANGUAGES, open_page, whole, words
from ui.navigation import PAGES
from ui.texts import render

STARTER = starter_configs("digits")

pytestmark = pytest.mark.usefixtures("no_cached_pages")


@pytest.fixture(autouse=True)
def no_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNISTCORE_DATA", str(tmp_path / "no-data"))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[TrainConfig]:
    """What is started; no process trains it."""
    configs: list[TrainConfig] = []

    def start(workspace: Workspace, config_: TrainConfig, **_: Any) -> Job:
        configs.append(config_)
        job = jobs.find(here(), make_up(config_, state="training", lives=True, steps=100, steps_done=50))
        assert job is not None
        return job

    monkeypatch.setattr(jobs, "start", start)
    return configs


def buttons(page: AppTest) -> list[str]:
    return [button.key for button in page.main.button]


def links(page: AppTest) -> list[str]:
    return [element.proto.label for element in page.main if element.type == "page_link"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_starts_two_ordinary_trainings_and_says_where_to_watch(
    language: str, started: list[TrainConfig]
) -> None:
    page = open_page("overview", lang=language)
    assert links(page) == [render("welcome.training", language)]
    page.button(key="train_starter").click().run()
    whole(page)
    assert tuple(started) == STARTER
    assert "train_starter" not in buttons(page), "both are on their way"
    assert [info.value for info in page.info] == [render("welcome.running", language)]
    assert links(page) == [render("welcome.watch", language)]
    page.switch_page(PAGES["training"].file).run()
    whole(page)
    assert page.query_params["job"] == config.run_id(STARTER[0])
    assert config.run_id(STARTER[0]) in words(page)


def test_the_page_shows_the_first_result_while_the_rest_trains(started: list[TrainConfig]) -> None:
    page = open_page("overview", lang="en")
    page.button(key="train_starter").click().run()
    store_here().save(shown_content())
    st.cache_resource.clear()
    page.run()
    whole(page)
    assert "Accuracy" in words(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_training_that_fails_says_why_and_can_be_started_again(language: str) -> None:
    failure = records.Failure(kind="StoreWriteError", message="no disk")
    make_up(STARTER[1], state="failed", failure=failure)
    page = open_page("overview", lang=language)
    whole(page)
    assert page.error[0].value == render("welcome.reason", language)
    assert page.main.code[-1].value == "no disk"
    assert "train_starter" in buttons(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_training_that_cannot_be_started_says_why(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: Any, **__: Any) -> Job:
        raise StoreWriteError("the folder of the jobs cannot be written to")

    monkeypatch.setattr(jobs, "start", start)
    page = open_page("overview", lang=language)
    page.button(key="train_starter").click().run()
    whole(page)
    assert page.error[0].value == render("training.start.failed", language)
    assert "cannot be written" in page.main.code[-1].value
    assert "train_starter" in buttons(page)
