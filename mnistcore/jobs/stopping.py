"""Owns how a training that runs is asked to stop: by a signal, or by a file in its folder."""

import signal
import threading
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
