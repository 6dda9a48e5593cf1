"""Owns one process's try at a training: it waits for its turn, trains, and tells how far it is."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from mnistcore import config, processes
from mnistcore.config import TrainConfig
from mnistcore.devices import devices
from mnistcore.errors import (
    TrainingStoppedError,
)
from mnistcore.jobs.job_files import (
    asked_to_stop,
    failure_of,
    first_status,
    folder_of,
    jobs_folder,
    read_status,
    write_status,
    writing,
)
from mnistcore.jobs.listing import list_jobs
from mnistcore.jobs.locks import Lock
from mnistcore.jobs.records import Failure, Job, JobState, Request, in_words, now_utc, site, thin_curve
from mnistcore.jobs.removal import tidy
from mnistcore.runs import atomic
from mnistcore.runs.history import CurvePoint, EpochReport
from mnistcore.runs.store import Store
from mnistcore.training import distributed, pipeline
from mnistcore.training.distributed import Group
from mnistcore.training.observers import Observer, Observers, untroubled
from mnistcore.training.pipeline import TrainResult
from mnistcore.training.resume_points import ResumePoints

STATUS_SECONDS = 0.25  # at least this long between two writings of the status
QUEUE_SECONDS = 2.0  # between two looks at who else waits, while the device is taken
TURN_SECONDS = 0.2  # between two looks at whether it is one's turn
AWAKE_SECONDS = 10.0  # who has not told for so long that it waits, is passed over
_SPARE_BYTES = 64 * 2**10  # a status of some hundred epochs


class Attempt:
    """One process's try at a training, the lock in its hands: waits for its turn, trains, tells how far it is."""

    def __init__(
        self,
        request: Request,
        store: Store,
        data_root: Path | None,
        observer: Observer,
        on_wait: Callable[[Job], None] | None,
        group: Group,
    ) -> None:
        self._request, self._store, self._data_root = request, store, data_root
        self._observer, self._group = observer, group
        self._on_wait = None if on_wait is None else untroubled(on_wait)
        self._run_id = config.run_id(request.config)
        self._folder = folder_of(self._run_id)
        self._resume = ResumePoints(self._folder / "resume")
        self._before = read_status(self._folder)
        queued = self._before.queued if self._before and self._before.attempt == request.attempt else now_utc()
        self._status = first_status(request, queued, self._before if self._resume.exists() else None)
        self._why_device = ""
        if group is distributed.ALONE:  # else each takes a GPU of its own
            self._status.queue, self._why_device = devices.choose(request.device, busy=_busy_gpus(self._run_id))
            self._status.site = site(self._status.queue)
        self._status.process = processes.this_process()
        self._written = 0.0
        self._first_step: float | None = None
        self._stop_asked = False

    def run(self) -> TrainResult:
        """Train, and tell of it in the files of the job; gives the run that was stored."""
        with suppress(OSError):
            atomic.write_file(self._folder / "spare", os.urandom(_SPARE_BYTES), sync=False)
        self._write(now=True)
        tidy(self._run_id)
        if self._why_device:
            self._observer.on_choice(self._status.queue, self._why_device)
        try:
            with self._signals(), self._turn():
                self._status.state = "starting"
                self._write(now=True)
                if self._request.fresh:
                    self._resume.drop()
                result = pipeline.train_run(
                    self._request.config,
                    store=self._store,
                    data_root=self._data_root,
                    device=self._device(),
                    force=self._request.force,
                    resume=self._resume,
                    observer=Observers(_StatusWriter(self), self._observer),
                    group=self._group,
                )
        except (KeyboardInterrupt, TrainingStoppedError):
            self._end("interrupted")
            raise
        except BaseException as error:
            self._end("failed", failure_of(error))
            raise
        self._end("complete")
        return result

    def _device(self) -> str:
        """What was waited for, if it was chosen among several and this torch can use it; else what is asked for."""
        queue, asked = self._status.queue, self._request.device
        is_chosen = self._group is distributed.ALONE and asked in ("auto", "cuda") and queue.startswith("cuda")
        return queue if is_chosen and devices.can_use(queue) else asked

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until one of the device's places is free and nobody came earlier; hold it inside."""
        name = f"{self._status.queue.partition(':')[0]}-{self._status.site}"
        paths = [jobs_folder() / f".device-{name}-{number}.lock" for number in range(1, jobs_per_device() + 1)]
        next_look = 0.0
        while True:
            if self._is_stopped():
                raise TrainingStoppedError(
                    f"{self._run_id}: stopped as asked, while it waited for {self._status.queue}"
                )
            # Who waits leaves the processor to those who train: while nothing is free, the others are seldom looked at.
            is_free = not all(Lock.is_held(path) for path in paths)
            if is_free or time.monotonic() >= next_look:
                next_look = time.monotonic() + QUEUE_SECONDS
                waiting = [job for job in list_jobs() if self._waits_too(job)]
                if is_free and (not waiting or waiting[0].run_id == self._run_id):
                    with writing(self._folder):
                        mine = next((place for place in map(Lock, paths) if place.acquire()), None)
                    if mine is not None:
                        with mine:
                            yield
                        return
                here = next((job for job in waiting if job.run_id == self._run_id), None)
                if self._on_wait is not None and here is not None:
                    self._on_wait(here)
            self._write()
            time.sleep(TURN_SECONDS)

    def _waits_too(self, job: Job) -> bool:
        """For the same device, and awake: who was suspended (Ctrl-Z) lets the others pass."""
        quiet = datetime.now(UTC) - datetime.fromisoformat(job.updated)
        return job.state == "waiting" and job.site == self._status.site and quiet.total_seconds() < AWAKE_SECONDS

    @contextmanager
    def _signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def ask(_number: int, _frame: object) -> None:
            if self._first_step is None or self._stop_asked:  # no step to wait for, or not the first Ctrl-C
                raise KeyboardInterrupt
            self._stop_asked = True

        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _is_stopped(self) -> bool:
        if self._stop_asked or self._observer.should_stop():
            return True
        return asked_to_stop(self._folder, self._request.attempt)

    def _end(self, state: JobState, failure: Failure | None = None) -> None:
        self._status.state, self._status.failure = state, failure
        with suppress(OSError):
            (self._folder / "spare").unlink()  # so that on a full disk, too, it can be told what happened
        self._write(now=True)
        tidy(self._run_id)

    def _write(self, *, now: bool = False) -> None:
        moment = time.monotonic()
        if now or moment >= self._written + STATUS_SECONDS:
            self._written = moment
            # A status that cannot be written is a page that lags behind, not a reason to stop training.
            with suppress(OSError):
                with suppress(RuntimeError):  # torch's, of a device that fails: whoever computes on it hears of that
                    self._status.memory_bytes = devices.held_bytes(self._status.queue)
                write_status(self._folder, self._status)


class _StatusWriter(Observer):
    """Keeps the status of an attempt up to date."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt, self._status = attempt, attempt._status

    def on_start(self, wanted: TrainConfig) -> None:
        status = self._status
        status.history, status.curve, status.steps_done, status.steps = (), (), 0, None

    def on_device(self, name: str) -> None:
        self._status.queue, self._status.site = name, site(name)  # what was queued for is held; this is what is used

    def on_resume(self, done: int, steps: int) -> None:
        status, before = self._status, self._attempt._before
        status.resumed_after, status.steps_done, status.steps = done, done, steps
        if before is not None:  # what was told of the steps that are not taken again
            finished = done * self._attempt._request.config.epochs // steps
            status.history = tuple(report for report in before.history if report.epoch <= finished)
            status.curve = tuple(point for point in before.curve if point.step <= done)

    def on_step(self, done: int, steps: int) -> None:
        status, attempt = self._status, self._attempt
        if attempt._first_step is None:
            attempt._first_step = time.perf_counter()
            status.state, status.resumed_after = "training", done - 1
            attempt._written = 0.0
        status.steps_done, status.steps = done, steps
        status.seconds = time.perf_counter() - attempt._first_step
        attempt._write()

    def on_curve(self, point: CurvePoint) -> None:
        self._status.curve = thin_curve((*self._status.curve, point))

    def on_epoch(self, report: EpochReport, epochs: int) -> None:
        self._status.history = (*(one for one in self._status.history if one.epoch < report.epoch), report)
        self._attempt._write(now=True)

    def on_warning(self, text: str) -> None:
        self._status.warnings = (*self._status.warnings, in_words(text))[-20:]
        self._attempt._write(now=True)

    def should_stop(self) -> bool:
        return self._attempt._is_stopped()


def _busy_gpus(run_id: str) -> set[str]:
    """What this process calls the GPUs that other trainings leave no place on."""
    living = Counter(job.device_here for job in list_jobs() if job.is_live and job.run_id != run_id)
    return {name for name, count in living.items() if name is not None and count >= jobs_per_device()}


def jobs_per_device() -> int:
    """How many trainings may use one device at a time: ``MNISTCORE_JOBS_PER_DEVICE``, else 1."""
    named = os.environ.get("MNISTCORE_JOBS_PER_DEVICE", "1")
    return int(named) if named.isdigit() and int(named) > 0 else 1
