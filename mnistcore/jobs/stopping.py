"""Owns how a training that runs is asked to stop: by a signal, by a file in its folder, or because of its time."""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mnistcore.jobs.job_files import asked_to_stop
from mnistcore.training.observers import Observer


class StopOnSignal(Observer):
    """Inside its block Ctrl-C and SIGTERM stop a training between two steps, a second one at once.

    Before the first step there is no step to wait for: then the first one stops it at once. Outside the main thread,
    where Python sets no handlers, it does nothing.
    """

    def __init__(self) -> None:
        self._has_begun = self._is_stopping = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, _number: int, _frame: object) -> None:
        if not self._has_begun or self._is_stopping:
            raise KeyboardInterrupt
        self._is_stopping = True

    def on_step(self, done: int, steps: int) -> None:
        self._has_begun = True

    def should_stop(self) -> bool:
        return self._is_stopping


class StopOnRequest(Observer):
    """Stops the attempt that the file ``stop`` in a training's folder names."""

    def __init__(self, folder: Path, attempt: str) -> None:
        self._folder, self._attempt = folder, attempt

    def should_stop(self) -> bool:
        return asked_to_stop(self._folder, self._attempt)


class StopAfterHours(Observer):
    """Stops a training that has had its device for so long, where the workspace says how long that may be.

    Args:
        hours: from its beginning in this process, however long it waited; None: as long as it takes.
        on_warning: told why it ends.
    """

    def __init__(self, hours: float | None, on_warning: Callable[[str], None]) -> None:
        self._hours, self._on_warning = hours, on_warning
        self._began: float | None = None
        self._is_over = False

    def begin(self) -> None:
        """The device is this training's."""
        self._began = time.monotonic()

    def should_stop(self) -> bool:
        if self._hours is None or self._began is None or time.monotonic() - self._began < self._hours * 3600:
            return False
        if not self._is_over:
            self._is_over = True
            self._on_warning(
                f"stopped after {self._hours:g} hours, the longest that a training run may take here "
                "(MNISTCORE_MAX_HOURS): what it has is kept. Resume it to continue"
            )
        return True
