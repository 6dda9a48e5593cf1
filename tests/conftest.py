"""Owns what more than one test file uses: folders, faults, toys, the browser."""

import base64
import functools
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from mnistcore.runs.store import Store
from scripts.chromium import OPTIONS, find_chromium
from scripts.project import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser import Tab
    from tests.disk_faults import Faults


@pytest.fixture(scope="session", autouse=True)
def _no_run_into_the_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fixtures that outlive a test write here, unless they say where: never into the project's artifacts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNISTCORE_ARTIFACTS", str(tmp_path_factory.mktemp("session-artifacts")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _nothing_into_the_callers_data() -> Iterator[None]:
    """Nor into the caller's data sets, among which the real MNIST may be."""
    data = Path(os.environ.get("MNISTCORE_DATA") or os.devnull)
    before = sorted(data.glob("*"))
    yield
    assert sorted(data.glob("*")) == before


@pytest.fixture(scope="session", autouse=True)
def _only_the_page_takes_time() -> Iterator[None]:
    """Without what comes with each page that AppTest draws, and takes five times as long as the page.

    It looks for components in every installed package, and the garbage of this whole process is collected.
    """
    from streamlit import config
    from streamlit.components.v2 import manifest_scanner

    from ui import cache

    config.set_option("runner.postScriptGC", False)
    with pytest.MonkeyPatch.context() as patch:
        search = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", search)
        patch.setattr(cache, "gc", SimpleNamespace(collect=int, freeze=int))
        yield


@pytest.fixture(autouse=True)
def artifacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This test's own artifacts folder, empty and not made yet; MNISTCORE_ARTIFACTS names it."""
    folder = tmp_path / "artifacts"
    monkeypatch.setenv("MNISTCORE_ARTIFACTS", str(folder))
    return folder


@pytest.fixture
def store(artifacts: Path) -> Store:
    """The store of this test's own artifacts folder, not made yet."""
    return Store(artifacts / "runs")


@pytest.fixture
def first_runs(tmp_path: Path) -> Store:
    """A folder that version 0.2.0 has written, but for the names of the machine; packed, as no results are committed."""
    folder = tmp_path / "first" / "runs"
    packed = json.loads((ROOT / "tests" / "stored_run.json").read_text(encoding="utf-8"))["files"]
    for name, content in packed.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zlib.decompress(base64.b64decode(content)))
    return Store(folder)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """That the kernel keeps its word is for those tests alone that say so; the others count and break the calls."""
    if "really_on_disk" not in request.node.name:
        monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def no_cached_pages() -> Iterator[None]:
    """Nothing that a page keeps between visits comes from another test, or goes to one."""
    import streamlit

    streamlit.cache_resource.clear()
    yield
    streamlit.cache_resource.clear()


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> "Faults":
    """The disk, any step of which can be made to fail."""
    from tests.disk_faults import Faults

    return Faults(monkeypatch)


@pytest.fixture
def toy_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The toys of tests.forks can be named in a configuration, and those that go wrong have not yet."""
    from mnistcore.models import models
    from tests.forks import TOYS

    monkeypatch.setenv("TOY_FAULT", str(tmp_path / "has-gone-wrong"))
    for name, make in TOYS.items():
        monkeypatch.setitem(models.MODELS, name, make)


@pytest.fixture
def forked_workers(monkeypatch: pytest.MonkeyPatch, toy_models: None) -> None:
    """Trainings that `jobs.start` starts are there at once, and know the toys."""
    from mnistcore.jobs import jobs
    from tests.forks import fork_worker

    monkeypatch.setattr(jobs, "_spawn", fork_worker)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """A Chromium that runs; a machine without one fails the tests that need it, rather than passing them over."""
    path = find_chromium()
    if path is None:
        pytest.fail("no Chromium found: run the tests with make test, or set CHROMIUM to its path")
    return path


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium_path, args=OPTIONS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def _tab(browser: "Browser") -> "Iterator[Tab]":
    from tests.browser import Tab

    tab = Tab(browser)
    yield tab
    tab.close()


@pytest.fixture
def page(_tab: "Tab") -> "Iterator[Page]":
    """An English visitor's page; whatever it complains about fails the test."""
    yield _tab.page
    assert _tab.finish() == []


@pytest.fixture
def phone(page: "Page") -> "Page":
    """The same on a small screen."""
    from tests.browser import PHONE

    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return page
