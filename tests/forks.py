"""Owns processes that tests start by the dozen and kill: forked from one that has torch loaded, which takes seconds.

In them, and in a test that asks for `toy_models`, there are networks that no one else has: one that draws random
numbers, one that takes its time, and two that go wrong once.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from multiprocessing import reduction
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mnistcore.models import models
from mnistcore.workspace import Workspace

if TYPE_CHECKING:
    from torch import nn

FAULT_STEP = 30  # in the second epoch of digits in batches of 64, which has 20 steps

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    [
        "torch",
        "sklearn.datasets",
        "mnistcore.__main__",
        "mnistcore.jobs.jobs",
        "mnistcore.training.trainer",
        "tests.forks",
    ]
)


def fork(function: Callable[..., object], *arguments: object) -> BaseProcess:
    """Call a function of a test module in a process of its own, with this one's environment.

    In one thread, or in as many as ``TOY_THREADS`` says.
    """
    process = _context.Process(target=_call, args=(dict(os.environ), function, arguments))
    # What is started would run the main module once more, which Streamlit's tests leave behind as a page of theirs.
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        process.start()
    finally:
        sys.modules["__main__"] = main
    return process


def pipe() -> tuple[Connection, Connection]:
    """One end to receive at, and one for a forked process to send into."""
    return _context.Pipe(duplex=False)


def fork_here(workspace: Workspace, run_id: str, lock: int, *, fresh: bool) -> "_Forked":
    """What `jobs._spawn` does, in a process that was forked itself and can be forked once more."""
    pid = os.fork()
    if pid:
        return _Forked(pid)
    try:
        os.dup2(os.open(workspace.jobs / run_id / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666), 2)
        _work_on(workspace.variables(), run_id, lock)
    finally:
        os._exit(1)


class _Forked:
    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        ended, status = os.waitpid(self.pid, os.WNOHANG)
        return status if ended else None


def fork_worker(workspace: Workspace, run_id: str, lock: int, *, fresh: bool) -> "Worker":
    """What `jobs._spawn` does, without the seconds that it takes to load torch."""
    log = os.open(
        workspace.jobs / run_id / "log.txt", os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if fresh else os.O_APPEND), 0o666
    )
    try:
        return Worker(fork(_work, workspace.variables(), run_id, _Descriptor(lock), _Descriptor(log)))
    finally:
        os.close(log)


class Worker:
    """As much of `subprocess.Popen` as mnistcore.jobs.jobs asks for."""

    def __init__(self, process: BaseProcess) -> None:
        self.process, self.pid = process, process.pid

    def poll(self) -> int | None:
        return self.process.exitcode


class _Descriptor:
    """A file descriptor that becomes one of the process that it is handed to."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> Any:
        return _received, (reduction.DupFd(self.number),)


def _received(handed: Any) -> _Descriptor:
    return _Descriptor(handed.detach())


def _call(environment: dict[str, str], function: Callable[..., object], arguments: tuple[object, ...]) -> None:
    import torch

    os.environ.clear()
    os.environ.update(environment)
    torch.set_num_threads(int(environment.get("TOY_THREADS", "1")))
    models.MODELS.update(TOYS)
    function(*arguments)


def _work(variables: dict[str, str], run_id: str, lock: _Descriptor, log: _Descriptor) -> None:
    os.dup2(log.number, 2)
    _work_on(variables, run_id, lock.number)


def _work_on(variables: dict[str, str], run_id: str, lock: int) -> None:
    from mnistcore.__main__ import app

    os.environ.update(variables)
    os.setsid()
    os.dup2(2, 1)
    try:
        app(["work", run_id, str(lock)])
    except SystemExit as ended:
        os._exit(ended.code if isinstance(ended.code, int) else 1)


def _dropout(num_classes: int, _shape: object = None) -> "nn.Module":
    """A layer that draws for itself while it learns."""
    from torch import nn

    return nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.Dropout(0.3), nn.ReLU(), nn.Linear(32, num_classes))


def _slow(num_classes: int, _shape: object = None) -> "nn.Module":
    """20 ms a step: an epoch of digits in batches of 64 takes half a second."""
    return _linear(num_classes, lambda step: time.sleep(0.02))


def _spoilt(num_classes: int, _shape: object = None) -> "nn.Module":
    """Its weights stop being numbers at one step, once."""
    return _linear(num_classes, lambda step: float("nan") if _goes_wrong(step) else None)


def _full(num_classes: int, _shape: object = None) -> "nn.Module":
    """The device's memory is full at one step, once."""

    def raise_once(step: int) -> None:
        import torch

        if _goes_wrong(step):
            raise torch.OutOfMemoryError("injected")

    return _linear(num_classes, raise_once)


def _goes_wrong(step: int) -> bool:
    marker = Path(os.environ["TOY_FAULT"])
    if step != FAULT_STEP or marker.exists():
        return False
    marker.touch()
    return True


def _linear(num_classes: int, at_step: Callable[[int], float | None]) -> "nn.Module":
    from torch import Tensor, nn

    class Toy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.steps = nn.Linear(784, num_classes), 0

        def forward(self, images: Tensor) -> Tensor:
            logits: Tensor = self.inner(images.flatten(1))
            if not self.training:
                return logits
            self.steps += 1
            factor = at_step(self.steps)
            return logits if factor is None else logits * factor

    return Toy()


TOYS: dict[str, Callable[[int, Any], "nn.Module"]] = {
    "dropout": _dropout,
    "slow": _slow,
    "spoilt": _spoilt,
    "full": _full,
}
