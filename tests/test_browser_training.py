"""The training page in a real Chromium: start, watch, cancel, resume; other viewers; processes that are killed."""

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from mnistcore.jobs import jobs
from mnistcore.jobs.jobs import Job
from mnistcore.runs.store import Store
from scripts.serving import serving
from tests.browser import (
    DESK,
    PATIENCE_SECONDS,
    chosen,
    leave,
    settle,
    visit,
)
from tests.here import here
from ui.training.wishes import Wish

PATIENCE = 1000.0 * PATIENCE_SECONDS  # milliseconds, for a machine that is busy with something else


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("training-artifacts")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    with serving(artifacts=folder) as served:
        yield served.url


@pytest.fixture(autouse=True)
def _same_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """These tests look at the trainings of the server; none is left behind."""
    monkeypatch.setenv("MNISTCORE_ARTIFACTS", str(folder))
    yield
    for job in jobs.list_jobs(here()):
        if job.is_live:
            jobs.kill(here(), job.run_id)
            until(job.run_id, lambda ended: not ended.is_live)


@pytest.fixture
def page(page: Page) -> Page:
    page.set_default_timeout(PATIENCE)
    return page


def form(server: str, *, seed: int, epochs: int) -> str:
    """The address of a filled-in form; an epoch of it takes a tenth of a second, in 315 small steps."""
    details = {"epochs": str(epochs), "batch_size": "4", "seed": str(seed), "device": "cpu"}
    wish = Wish("digits", "mlp", "handout", details)
    return f"{server}/training?lang=en&form={quote(str(wish))}"


def start(page: Page, server: str, *, seed: int, epochs: int) -> str:
    """Press start; gives the run's id, which the address has from then on."""
    visit(page, form(server, seed=seed, epochs=epochs))
    page.get_by_role("button", name="Start training").click()
    page.wait_for_function("() => new URL(location.href).searchParams.get('job')")
    return str(chosen(page, "job"))


def shows(page: Page, state: str) -> None:
    expect(page.locator(".job .state")).to_have_text(state, timeout=PATIENCE)


def until(run_id: str, done: object) -> Job:
    """The training, once it is as ``done`` says."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        job = jobs.find(here(), run_id)
        if job is not None and done(job):  # type: ignore[operator]
            return job
        time.sleep(0.1)
    raise AssertionError(f"{jobs.find(here(), run_id)}: {jobs.read_log(here(), run_id)}")


def test_start_watch_cancel_resume_and_see_the_matrix(server: str, page: Page, browser: Browser, folder: Path) -> None:
    run_id = start(page, server, seed=1, epochs=900)
    shows(page, "Training")
    expect(page.get_by_test_id("stProgress")).to_contain_text(re.compile(r"of 283,500 steps \(\d+%\), about .+ left"))
    before = until(run_id, lambda job: job.steps_done > 40).steps_done
    curve = page.locator(".st-key-training_curve .js-plotly-plot")
    expect(curve.first).to_be_visible()  # while it takes another's place, both are there

    with browser.new_context(locale="en-US", viewport=DESK) as context:  # a second viewer, who only has the page
        other = context.new_page()
        other.set_default_timeout(PATIENCE)
        visit(other, f"{server}/training?lang=en")
        other.get_by_role("button", name="Watch").click()
        shows(other, "Training")
        assert chosen(other, "job") == run_id
        visit(other, form(server, seed=1, epochs=900))
        expect(other.get_by_text("A training run with the same settings is already in progress")).to_be_visible()

    page.reload()
    shows(page, "Training")
    assert until(run_id, lambda job: job.steps_done > before).is_live

    page.get_by_role("button", name="Stop training").click()
    shows(page, "Interrupted")
    stopped = until(run_id, lambda job: not job.is_live)
    assert stopped.resumable
    assert stopped.steps_done < 283_500

    page.get_by_role("button", name="Resume").click()
    shows(page, "Training")
    assert until(run_id, lambda job: job.steps_done > stopped.steps_done).resumed_after == stopped.steps_done
    page.get_by_role("button", name="Stop training").click()
    shows(page, "Interrupted")
    page.get_by_role("link", name="Open the confusion matrix").click()
    expect(page.locator("h1")).to_have_text("Confusion matrix")
    settle(page)
    assert chosen(page, "run") == run_id
    expect(page.get_by_text(re.compile("unfinished")).first).to_be_visible()
    slider = page.get_by_test_id("stSidebar").get_by_role("slider")
    last = Store(folder / "runs").manifest(run_id).epochs_kept[-1]
    expect(slider).to_have_attribute("aria-valuetext", f"{last} of 900")
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_function("() => new URL(location.href).searchParams.get('epoch') === '1'")
    page.go_back()
    expect(slider).to_have_attribute("aria-valuetext", f"{last} of 900")


def test_a_short_training_ends_with_links_to_its_results(server: str, page: Page) -> None:
    run_id = start(page, server, seed=2, epochs=2)
    shows(page, "Complete")
    expect(page.get_by_text("Done. Accuracy on the test images")).to_be_visible()
    page.get_by_role("link", name="Open the overview").click()
    expect(page.locator("h1")).to_have_text("Overview")
    settle(page)
    assert chosen(page, "run") == run_id
    expect(page.get_by_text("When each class was learned")).to_be_visible()
    visit(page, form(server, seed=2, epochs=2))
    expect(page.get_by_text("A model was already trained with these settings")).to_be_visible()


def test_a_killed_process_is_seen_at_once_and_can_be_resumed(server: str, page: Page) -> None:
    run_id = start(page, server, seed=3, epochs=900)
    shows(page, "Training")
    job = until(run_id, lambda job: len(job.history) > 1)
    assert job.pid is not None
    os.kill(job.pid, signal.SIGKILL)
    shows(page, "Interrupted")
    page.get_by_role("button", name="Resume").click()
    shows(page, "Training")


def test_a_training_outlives_its_dashboard(page: Page, folder: Path) -> None:
    with serving(artifacts=folder) as first:
        run_id = start(page, first.url, seed=4, epochs=30)
        until(run_id, lambda job: job.steps_done > 0)
        leave(page)
        first.process.kill()
        first.process.wait()
        assert until(run_id, lambda job: True).is_live
    with serving(artifacts=folder) as second:
        visit(page, f"{second.url}/training?lang=en&job={run_id}")
        shows(page, "Complete")
        expect(page.get_by_role("link", name="Open the confusion matrix")).to_be_visible()
        leave(page)
    assert Store(folder / "runs").manifest(run_id).status == "complete"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_phone_scrolls_only_downwards(language: str, server: str, phone: Page) -> None:
    visit(phone, f"{server}/training?lang={language}&form={quote('dataset=digits,epochs=0')}")
    assert phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
