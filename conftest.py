"""Owns what holds for every test and every example in a docstring: surroundings, and what may be skipped."""

import functools
import os
import re
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from scripts.project import ROOT
from scripts.sshd import find_sshd

MNIST_ROOT = Path(os.environ.get("MNISTCORE_DATA") or ROOT / "artifacts" / "data")  # where the real one may be

# What the caller's surroundings must not decide: how a child process buffers, encodes and colours what it prints,
# through which proxy 127.0.0.1 is asked, and the project's own settings.
SURROUNDINGS = re.compile(
    r"PYTHON(UNBUFFERED|IOENCODING|UTF8|WARNINGS|OPTIMIZE)|(HTTPS?|ALL|NO)_PROXY|COLUMNS|LINES|NO_COLOR|FORCE_COLOR"
    r"|CLICOLOR.*|STREAMLIT_.*|MNISTCORE_(ARTIFACTS|JOBS_PER_DEVICE|MAX_HOURS|QUOTA_GB)",
    re.IGNORECASE,
)


# The tests are the same on every machine: its GPUs are hidden from all of them but those that are marked as needing
# one. Each of these runs in a process of its own, for torch looks but once which GPUs there are.
HIDDEN_GPUS = (
    "MNISTCORE_TEST_HIDDEN_GPUS"  # what CUDA_VISIBLE_DEVICES said to the caller; unset where nothing is hidden
)
ALL_GPUS = "all"


def _with_gpus() -> dict[str, str]:
    """The surroundings of a process that sees what GPUs there are."""
    said = os.environ.get(HIDDEN_GPUS)
    kept = {name: value for name, value in os.environ.items() if name not in (HIDDEN_GPUS, "CUDA_VISIBLE_DEVICES")}
    return kept | ({"CUDA_VISIBLE_DEVICES": said} if said not in (None, ALL_GPUS) else {})


@functools.cache
def _has_cuda() -> bool:
    look = "import sys, torch; sys.exit(not torch.cuda.is_available())"
    return subprocess.run([sys.executable, "-W", "ignore", "-c", look], env=_with_gpus(), cwd=ROOT).returncode == 0


def _has_mnist() -> bool:
    from mnistcore.datasets.data_files import is_available

    return is_available("mnist", root=MNIST_ROOT)


# Marker -> what a machine may lack, so that the test is skipped there. Nothing else may be.
MAY_LACK = {
    "needs_cuda": ("a CUDA GPU", _has_cuda),
    "needs_mnist": ("MNIST's files", _has_mnist),
    "needs_sshd": ("OpenSSH's server", lambda: find_sshd() is not None),
    "needs_accounts": ("root, to be two other accounts", lambda: os.geteuid() == 0),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--gpus", action="store_true", help="hide no GPU; for the tests marked needs_cuda alone")


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if SURROUNDINGS.fullmatch(name)]:
        del os.environ[name]
    # Two processes run tests, and children of theirs train: threads that wait for each other by spinning would take
    # turns with them. Set before torch is imported, and for all children.
    os.environ["OMP_NUM_THREADS"] = "1"
    if not config.getoption("--gpus") and HIDDEN_GPUS not in os.environ:
        os.environ[HIDDEN_GPUS] = os.environ.get("CUDA_VISIBLE_DEVICES", ALL_GPUS)
        os.environ["CUDA_VISIBLE_DEVICES"] = ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (what, is_here) in MAY_LACK.items():
        if item.get_closest_marker(marker) and not is_here():
            pytest.skip(f"needs {what}")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if pyfuncitem.config.getoption("--gpus") or not pyfuncitem.get_closest_marker("needs_cuda"):
        return None
    command = [sys.executable, "-m", "pytest", "-q", "--gpus", "-p", "no:cacheprovider", pyfuncitem.nodeid]
    done = subprocess.run(command, env=_with_gpus(), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout + done.stderr  # not skipped
    return True


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
    from mnistcore.runs.store import Store
    from scripts.toys import toy_content

    folder = request.getfixturevalue("tmp_path") / "artifacts"
    request.getfixturevalue("monkeypatch").setenv("MNISTCORE_ARTIFACTS", str(folder))
    names = request.getfixturevalue("doctest_namespace")
    names["mnistcore"] = mnistcore
    if "metrics" in request.node.name:  # they speak of one matrix, and of each other
        names |= {name: getattr(mnistcore.metrics, name) for name in mnistcore.metrics.__all__}
    request.getfixturevalue("monkeypatch").setattr(os, "fsync", lambda descriptor: None)  # no example is about it
    Store(folder / "runs").save(toy_content())


@pytest.fixture
def mnist_root() -> Path:
    """The folder with the real MNIST, for tests that are marked as needing it."""
    return MNIST_ROOT
