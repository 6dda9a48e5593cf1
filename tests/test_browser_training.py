"""The training page in a real Chromium: start, watch, cancel, resume; other viewers; processes that are killed."""

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from mnistcore.jobs import jobs
from mnistcore.jobs.jobs import Job
from mnistcore.runs.store import Store
from scripts.project import ROOT
from tests.browser import PATIENCE_SECONDS, Dashboard, chosen, settle, visit
from tests.here import here
from ui.training.wishes import Wish

PATIENCE = 1000.0 * PATIENCE_SECONDS  # milliseconds, for a machine that is busy with something else


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("training-artifacts")


@pytest.fixture(scope="module")
def dashboard(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """What is trained from it takes its time, rather than a whole processor."""
    customized = tmp_path_factory.mktemp("customized")
    # Python runs this module before anything else: in the server, and in the trainings that it starts.
    code = "from tests import forks\nforks.models.MODELS['mlp'] = forks.TOYS['slow']\n"
    (customized / "sitecustomize.py").write_text(code, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{customized}{os.pathsep}{ROOT}")
        shared = Dashboard(folder)
        yield shared
        shared.end()


@pytest.fixture(scope="module")
def server(dashboard: Dashboard) -> str:
    return dashboard.url


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
    """The address of a filled-in form; an epoch of it takes half a second, in 20 steps."""
    details = {"epochs": str(epochs), "batch_size": "64", "seed": str(seed), "device": "cpu"}
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


def test_start_watch_kill_resume_stop_and_see_the_matrix(server: str, page: Page, folder: Path) -> None:
    run_id = start(page, server, seed=1, epochs=900)
    shows(page, "Training")
    expect(page.get_by_test_id("stProgress")).to_contain_text(re.compile(r"of 18,000 steps \(\d+%\), about .+ left"))
    before = until(run_id, lambda job: job.steps_done > 20).steps_done
    curve = page.locator(".st-key-training_curve .js-plotly-plot")
    expect(curve.first).to_be_visible()  # while it takes another's place, both are there

    other = page.context.new_page()  # a second viewer, who only has the page
    other.set_default_timeout(PATIENCE)
    visit(other, f"{server}/training?lang=en")
    other.get_by_role("button", name="Watch").click()
    shows(other, "Training")
    assert chosen(other, "job") == run_id
    visit(other, form(server, seed=1, epochs=900))
    expect(other.get_by_text("A training run with the same settings is already in progress")).to_be_visible()
    other.close()

    page.reload()
    shows(page, "Training")
    job = until(run_id, lambda job: job.steps_done > before and len(job.history) > 1)
    assert job.is_live
    assert job.pid is not None
    os.kill(job.pid, signal.SIGKILL)
    shows(page, "Interrupted")
    killed = until(run_id, lambda job: not job.is_live)
    assert killed.resumable
    assert killed.steps_done < 18_000

    page.get_by_role("button", name="Resume").click()
    shows(page, "Training")
    resumed = until(run_id, lambda job: job.steps_done > killed.steps_done)
    assert 0 < resumed.resumed_after <= resumed.steps_done  # the last place is kept before the page is told of it
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


def test_a_training_outlives_its_dashboard_and_ends_with_links(dashboard: Dashboard, page: Page, folder: Path) -> None:
    tab = page.context.new_page()  # which may complain that nobody answers
    tab.set_default_timeout(PATIENCE)
    run_id = start(tab, dashboard.url, seed=2, epochs=20)
    until(run_id, lambda job: job.steps_done > 0)
    dashboard.server.process.kill()
    dashboard.server.process.wait()
    assert until(run_id, lambda job: True).is_live
    dashboard.start_again()
    shows(tab, "Complete")
    assert Store(folder / "runs").manifest(run_id).status == "complete"
    expect(tab.get_by_text("Done. Accuracy on the test images")).to_be_visible()
    tab.get_by_role("link", name="Open the overview").click()
    expect(tab.locator("h1")).to_have_text("Overview")
    settle(tab)
    assert chosen(tab, "run") == run_id
    expect(tab.get_by_text("When each class was learned")).to_be_visible()
    tab.close()
    visit(page, form(dashboard.url, seed=2, epochs=20))
    expect(page.get_by_text("A model was already trained with these settings")).to_be_visible()
