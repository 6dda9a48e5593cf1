"""Owns what more than one test file uses: folders, faults, toys, the browser; and what may be skipped."""

import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.chromium import find_chromium

if TYPE_CHECKING:
    from tests.disk_faults import Faults

# What the caller's surroundings must not decide: how a child process buffers, encodes and colours what it prints,
# through which proxy 127.0.0.1 is asked, and the project's own settings.
SURROUNDINGS = re.compile(
    r"PYTHON(UNBUFFERED|IOENCODING|UTF8|WARNINGS|OPTIMIZE)|(HTTPS?|ALL|NO)_PROXY|COLUMNS|LINES|NO_COLOR|FORCE_COLOR"
    r"|CLICOLOR.*|STREAMLIT_.*|MNISTCORE_(ARTIFACTS|JOBS_PER_DEVICE)",
    re.IGNORECASE,
)
ROOT = Path(__file__).resolve().parent.parent
MNIST_ROOT = Path(os.environ.get("MNISTCORE_DATA") or ROOT / "artifacts" / "data")  # where the real one may be


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()


def _has_mnist() -> bool:
    from mnistcore.data import is_available

    return is_available("mnist", root=MNIST_ROOT)


# Marker -> what a machine may lack, so that the test is skipped there. Nothing else may be.
MAY_LACK = {"needs_cuda": ("a CUDA GPU", _has_cuda), "needs_mnist": ("MNIST's files", _has_mnist)}


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if SURROUNDINGS.fullmatch(name)]:
        del os.environ[name]
    config.pluginmanager.register(Skips(), "skips")  # for the examples in mnistcore/ too, which no conftest reaches


class Skips:
    """A test is skipped where a marker says what the machine lacks; any other skip is a failure."""

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        for marker, (what, is_here) in MAY_LACK.items():
            if item.get_closest_marker(marker) and not is_here():
                pytest.skip(f"needs {what}")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if not any(item.get_closest_marker(marker) for marker in MAY_LACK):
            _refuse_skip(report)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        _refuse_skip(report)
        return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}: nothing is skipped here but what is marked {' or '.join(MAY_LACK)}"


@pytest.fixture(scope="session", autouse=True)
def _no_run_into_the_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fixtures that outlive a test write here, unless they say where: never into the project's artifacts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNISTCORE_ARTIFACTS", str(tmp_path_factory.mktemp("session-artifacts")))
        yield


@pytest.fixture(autouse=True)
def artifacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This test's own artifacts folder, empty and not made yet; MNISTCORE_ARTIFACTS names it."""
    folder = tmp_path / "artifacts"
    monkeypatch.setenv("MNISTCORE_ARTIFACTS", str(folder))
    return folder


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> "Faults":
    """The disk, any step of which can be made to fail."""
    from tests.disk_faults import Faults

    return Faults(monkeypatch)


@pytest.fixture
def toy_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The toys of tests.forks can be named in a configuration, and those that go wrong have not yet."""
    from mnistcore import models
    from tests.forks import TOYS

    monkeypatch.setenv("TOY_FAULT", str(tmp_path / "has-gone-wrong"))
    for name, make in TOYS.items():
        monkeypatch.setitem(models.MODELS, name, make)


@pytest.fixture
def forked_workers(monkeypatch: pytest.MonkeyPatch, toy_models: None) -> None:
    """Trainings that `jobs.start` starts are there at once, and know the toys."""
    from mnistcore import jobs
    from tests.forks import fork_worker

    monkeypatch.setattr(jobs, "_spawn", fork_worker)


@pytest.fixture
def mnist_root() -> Path:
    """The folder with the real MNIST, for tests that are marked as needing it."""
    return MNIST_ROOT


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """A Chromium that runs; a machine without one fails the tests that need it, rather than passing them over."""
    path = find_chromium()
    if path is None:
        pytest.fail("no Chromium found: run the tests with make test, or set CHROMIUM to its path")
    return path
