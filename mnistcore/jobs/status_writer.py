"""Owns status.json of a training that this process attempts: what it tells there, and how often."""

import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from mnistcore import processes
from mnistcore.config import TrainConfig
from mnistcore.devices import devices
from mnistcore.errors import TrainingStoppedError
from mnistcore.jobs.job_files import failure_of, first_status, read_status, write_status
from mnistcore.jobs.records import JobState, Request, in_words, now_utc, site, thin_curve, ticket
from mnistcore.runs import atomic
from mnistcore.runs.history import CurvePoint, EpochReport
from mnistcore.training.observers import Observer

STATUS_SECONDS = 0.25  # at least this long between two writings of the status
MAX_WARNINGS = 20  # the last ones are kept
_SPARE_BYTES = 64 * 2**10  # a status of some hundred epochs


class StatusWriter(Observer):
    """Writes how far an attempt is, from its waiting to its end, which it reads off the error that ends its block.

    Args:
        folder: of the training.
        request: what is attempted.
        queue: the device to wait for; None: what is guessed from the request.
        resumes: whether there is a resume point, so that what was told before it still holds.
    """

    def __init__(self, folder: Path, request: Request, *, queue: str | None, resumes: bool) -> None:
        self._folder, self._epochs = folder, request.config.epochs
        self._before = read_status(folder)
        told = self._before if self._before and self._before.attempt == request.attempt else None
        self._status = first_status(
            request,
            told.queued if told else now_utc(),
            self._before if resumes else None,
            ticket_=told.ticket if told else ticket(),
        )
        if queue is not None:
            self._status.queue, self._status.site = queue, site(queue)
        self._status.process = processes.this_process()
        self._written = 0.0
        self._first_step: float | None = None

    @property
    def queue(self) -> str:
        """The device that is waited for, then the one that is used."""
        return self._status.queue

    @property
    def site(self) -> str:
        """Which device that is, on any computer; see `records.site`."""
        return self._status.site

    def __enter__(self) -> Self:
        with suppress(OSError):
            atomic.write_file(self._folder / "spare", os.urandom(_SPARE_BYTES), sync=False)
        self.write()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._status.state = _end_state(error)
        self._status.failure = failure_of(error) if error is not None and self._status.state == "failed" else None
        with suppress(OSError):
            (self._folder / "spare").unlink()  # so that on a full disk, too, it can be told what happened
        self.write()

    def starting(self) -> None:
        """The device is this training's: it begins."""
        self._status.state = "starting"
        self.write()

    def on_start(self, wanted: TrainConfig) -> None:
        status = self._status
        status.history, status.curve, status.steps_done, status.steps = (), (), 0, None

    def on_device(self, name: str) -> None:
        self._status.queue, self._status.site = name, site(name)  # what was queued for is held; this is what is used

    def on_resume(self, done: int, steps: int) -> None:
        status = self._status
        status.resumed_after, status.steps_done, status.steps = done, done, steps
        if self._before is not None:  # what was told of the steps that are not taken again
            finished = done * self._epochs // steps
            status.history = tuple(report for report in self._before.history if report.epoch <= finished)
            status.curve = tuple(point for point in self._before.curve if point.step <= done)

    def on_step(self, done: int, steps: int) -> None:
        status = self._status
        if is_first := self._first_step is None:
            self._first_step = time.perf_counter()
            status.state, status.resumed_after = "training", done - 1
        status.steps_done, status.steps = done, steps
        status.seconds = time.perf_counter() - self._first_step
        self.write() if is_first else self.write_soon()

    def on_curve(self, point: CurvePoint) -> None:
        self._status.curve = thin_curve((*self._status.curve, point))

    def on_epoch(self, report: EpochReport, epochs: int) -> None:
        self._status.history = (*(one for one in self._status.history if one.epoch < report.epoch), report)
        self.write()

    def on_warning(self, text: str) -> None:
        self._status.warnings = (*self._status.warnings, in_words(text))[-MAX_WARNINGS:]
        self.write()

    def write_soon(self, seconds: float | None = None) -> None:
        """Write, unless that was done less than so many seconds ago; `STATUS_SECONDS` if None."""
        if time.monotonic() >= self._written + (STATUS_SECONDS if seconds is None else seconds):
            self.write()

    def write(self) -> None:
        """Write now."""
        self._written = time.monotonic()
        # A status that cannot be written is a page that lags behind, not a reason to stop training.
        with suppress(OSError):
            with suppress(RuntimeError):  # torch's, of a device that fails: whoever computes on it hears of that
                self._status.memory_bytes = devices.held_bytes(self._status.queue)
            write_status(self._folder, self._status)


def _end_state(error: BaseException | None) -> JobState:
    if error is None:
        return "complete"
    return "interrupted" if isinstance(error, KeyboardInterrupt | TrainingStoppedError) else "failed"
