"""Owns what holds for every test and every example in a docstring: surroundings, and what may be skipped."""

import os
import re
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
MNIST_ROOT = Path(os.environ.get("MNISTCORE_DATA") or ROOT / "artifacts" / "data")  # where the real one may be

# What the caller's surroundings must not decide: how a child process buffers, encodes and colours what it prints,
# through which proxy 127.0.0.1 is asked, and the project's own settings.
SURROUNDINGS = re.compile(
    r"PYTHON(UNBUFFERED|IOENCODING|UTF8|WARNINGS|OPTIMIZE)|(HTTPS?|ALL|NO)_PROXY|COLUMNS|LINES|NO_COLOR|FORCE_COLOR"
    r"|CLICOLOR.*|STREAMLIT_.*|MNISTCORE_(ARTIFACTS|JOBS_PER_DEVICE)",
    re.IGNORECASE,
)


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
    # Two processes run tests, and children of theirs train: threads that wait for each other by spinning would take
    # turns with them. Set before torch is imported, and for all children.
    os.environ["OMP_NUM_THREADS"] = "1"


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (what, is_here) in MAY_LACK.items():
        if item.get_closest_marker(marker) and not is_here():
            pytest.skip(f"needs {what}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if not any(item.get_closest_marker(marker) for marker in MAY_LACK):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}: nothing is skipped here but what is marked {' or '.join(MAY_LACK)}"


@pytest.fixture(autouse=True)
def _examples(request: pytest.FixtureRequest) -> None:
    """The examples in docstrings find an artifacts folder with one small run, and `mnistcore` by name."""
    if not isinstance(request.node, pytest.DoctestItem):
        return
    import mnistcore
    from mnistcore.store import Store
    from tests.toys import toy_content

    folder = request.getfixturevalue("tmp_path") / "artifacts"
    request.getfixturevalue("monkeypatch").setenv("MNISTCORE_ARTIFACTS", str(folder))
    request.getfixturevalue("doctest_namespace")["mnistcore"] = mnistcore
    Store.default().save(toy_content())


@pytest.fixture
def mnist_root() -> Path:
    """The folder with the real MNIST, for tests that are marked as needing it."""
    return MNIST_ROOT
