"""Owns trainings as processes: start, queue, watch, stop, go on; only writer of `artifacts/jobs/`; imports no torch.

    <run_id>/lock           held by the process that trains: whether it is held is whether the training lives
    <run_id>/request.json   what is to be trained, and how
    <run_id>/status.json    how far it is, replaced several times a second
    <run_id>/stop           the attempt that is asked to stop
    <run_id>/log.txt        what the process said
    <run_id>/resume/        see mnistcore.training.resume_points
    <run_id>/spare          room that is given up for the last status on a full disk
    .device-cpu-<site>-1.lock   held by the training that may use the device

What others have put there is read with suspicion: an entry that cannot be used is named, and hinders no other one.
At most `MAX_ENDED` trainings that have ended are kept, the last ones.

The same configuration is trained by one process at a time: whoever asks for it while it runs watches that one. The
locks only save double work. Where they do not work, two processes train the same, and the store takes the run of
each, whole, one after the other.
"""

import errno
import fcntl
import hashlib
import itertools
import os
import random
import secrets
import signal
import stat
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from mnistcore import config, processes
from mnistcore.config import TrainConfig
from mnistcore.datasets import data
from mnistcore.devices import device_memory, devices
from mnistcore.errors import (
    InputError,
    MnistcoreError,
    RunDamagedError,
    RunNotFoundError,
    StoreWriteError,
    TrainingError,
    TrainingStoppedError,
)
from mnistcore.processes import ProcessRecord
from mnistcore.runs import atomic, plain_files
from mnistcore.runs.history import CurvePoint, EpochReport
from mnistcore.runs.manifest import RunManifest
from mnistcore.runs.store import Store, disk_advice, is_run_id
from mnistcore.training import distributed, pipeline
from mnistcore.training.distributed import Group
from mnistcore.training.pipeline import Observer, TrainResult
from mnistcore.training.resume_points import ResumePoints

JobState = Literal["waiting", "starting", "training", "complete", "interrupted", "failed"]
LIVE: frozenset[JobState] = frozenset({"waiting", "starting", "training"})

STATUS_SECONDS = 0.25  # at least this long between two writings of the status
QUEUE_SECONDS = 2.0  # between two looks at who else waits, while the device is taken
TURN_SECONDS = 0.2  # between two looks at whether it is one's turn
AWAKE_SECONDS = 10.0  # who has not told for so long that it waits, is passed over
LOCK_SECONDS = 5.0  # so long a lock may be held by somebody who does not say what for
MAX_CURVE = 240  # points of the curve; above that two neighbours become one
MAX_ENDED = 200  # trainings that have ended; the oldest leave, and those that can be resumed leave last
_LOG_BYTES = 64 * 2**10  # of the end of the log are ever shown
_LOOKS = 100  # at a lock that others look at, too, before it counts as held
_SPARE_BYTES = 64 * 2**10  # a status of some hundred epochs
_MEASURABLE_SECONDS = 0.001  # in less, no speed is told

# What is computed with is checked as it is read: a moment has its zone, a number its bounds.
Count = Annotated[int, Field(ge=0, le=2**53)]  # up to what a float holds exactly
Line = Annotated[str, Field(max_length=100, pattern=r"^[ -~]*$")]

_children: list[subprocess.Popen[bytes]] = []  # started here, to be told apart from zombies once they have ended
_children_lock = threading.Lock()


class Failure(BaseModel):
    """Why a training ended: the name of the error's class, and its message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    message: str


def _in_utc(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC).isoformat(timespec="microseconds")
    except OverflowError:
        pass
    raise ValueError("expected a moment with its zone")


Moment = Annotated[str, AfterValidator(_in_utc)]  # UTC, ISO 8601 with microseconds: sorts as text


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal[1] = 1
    attempt: Annotated[str, Field(min_length=1, max_length=100)]  # which start this is: a request to stop names it
    config: TrainConfig
    device: Line
    force: bool  # a complete run of the store is replaced
    fresh: bool  # a resume point that is there is dropped first


class _Status(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    schema_version: Literal[1] = 1
    attempt: str
    state: JobState
    queue: Line  # the device that is waited for and used
    site: Line = ""  # see `site`
    queued: Moment  # who came first
    updated: Moment
    starter: ProcessRecord | None = None  # stands for the process until that is there
    process: ProcessRecord | None = None
    steps_done: Count = 0
    steps: Annotated[Count, Field(ge=1)] | None = None  # of the whole training, known once it has begun
    resumed_after: Count | None = None  # steps that were done before this attempt
    seconds: Annotated[float, Field(ge=0, le=1e9)] = 0.0  # since the first step of this attempt
    memory_bytes: Count | None = None
    history: tuple[EpochReport, ...] = ()
    curve: tuple[CurvePoint, ...] = ()
    warnings: tuple[str, ...] = ()
    failure: Failure | None = None

    @model_validator(mode="after")
    def _agrees(self) -> "_Status":
        epochs, steps = [report.epoch for report in self.history], [point.step for point in self.curve]
        if not _ascending(epochs) or not _ascending(steps):
            raise ValueError("expected epochs and steps in ascending order, each once")
        last = max(self.steps_done, *steps[-1:], 0)
        if (self.steps is not None and last > self.steps) or (self.resumed_after or 0) > self.steps_done:
            raise ValueError(f"expected no more steps than the training has, got {last} of {self.steps}")
        return self


def _ascending(numbers: list[int]) -> bool:
    return all(one < other for one, other in itertools.pairwise(numbers))


@dataclass(frozen=True, slots=True)
class Job:
    """A training as a process: one that lives, or the last one of its configuration."""

    run_id: str
    config: TrainConfig
    device: str  # as asked for: "auto", "cpu", "cuda:1", ...
    queue: str  # the device that it waits for or uses, as far as is known without torch
    site: str  # see `site`
    state: JobState
    place: int | None  # in the queue, from 1, while it waits
    stopping: bool  # it was asked to stop, and has not yet
    resumable: bool  # it does not live, and can go on where it was left
    steps_done: int
    steps: int | None  # of the whole training; None until it is known
    resumed_after: int | None  # steps that were done before this attempt
    seconds: float  # since the first step of this attempt
    memory_bytes: int | None  # held on its device, or of the machine's memory on the CPU
    history: tuple[EpochReport, ...]  # of the finished epochs
    curve: tuple[CurvePoint, ...]  # the steps so far, at most `MAX_CURVE` points
    warnings: tuple[str, ...]  # what went wrong without ending it
    failure: Failure | None
    pid: int | None
    queued: str  # UTC, ISO 8601
    updated: str  # UTC, ISO 8601

    @property
    def is_live(self) -> bool:
        """Whether its process runs."""
        return self.state in LIVE

    @property
    def is_here(self) -> bool:
        """Whether its device is one of this process's, and not one of the same name elsewhere; see `site`."""
        return self.device_here is not None

    @property
    def device_here(self) -> str | None:
        """What this process calls its device, which another one may number otherwise; None where it does not see it."""
        if self.site in ("", site(self.queue)):
            return self.queue
        names = (f"cuda:{index}" for index in range(len(device_memory.gpu_identities())))
        return next((name for name in names if site(name) == self.site), None)

    @property
    def share(self) -> float | None:
        """Of the steps that are done, 0 to 1; None until it is known how many there are."""
        return self.steps_done / self.steps if self.steps else None

    @property
    def steps_per_second(self) -> float | None:
        """In this attempt; None before there is something to measure."""
        done = self.steps_done - (self.resumed_after or 0) - 1  # the clock starts at the end of the first one
        return done / self.seconds if done > 0 and self.seconds >= _MEASURABLE_SECONDS else None

    @property
    def images_per_second(self) -> float | None:
        """Training images, in this attempt, the judging after each epoch included."""
        known = data.DATASETS.get(self.config.dataset)
        if self.steps_per_second is None or not self.steps or known is None:
            return None
        images = self.config.epochs * known.train_size
        return self.steps_per_second * images / self.steps

    @property
    def seconds_left(self) -> float | None:
        """If it goes on as fast as so far."""
        speed = self.steps_per_second
        return (self.steps - self.steps_done) / speed if speed and self.steps and self.state == "training" else None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the folder of the trainings that cannot be used; it is left alone."""

    name: str  # as it stands in the folder, what cannot be printed written out
    detail: str  # one English sentence for people who look after the folder


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in the folder of the trainings: see `list_jobs`, and what else lies there, by name."""

    jobs: tuple[Job, ...]
    problems: tuple[Problem, ...]


def start(config_: TrainConfig, *, device: str = "auto", force: bool = False) -> Job:
    """Train in a process of its own, which outlives this one; watch the training that lives already, if one does.

    A training of this configuration that was interrupted goes on where it was left.

    Args:
        force: train anew from the beginning, and replace a stored run once the new one is whole.

    Raises:
        InputError: no device can be called so.
        StoreWriteError: the folder of the jobs cannot be written to.
    """
    return _start(_request(config_, device, force=force))


def resume(run_id: str) -> Job:
    """Go on with a training that was interrupted or failed, as it was asked for.

    Raises:
        RunNotFoundError: no training of that name was ever started here.
        RunDamagedError: what was requested cannot be read any more.
        StoreWriteError: the folder of the jobs cannot be written to.
    """
    return _start(_next_attempt(run_id))


def run(
    config_: TrainConfig,
    *,
    device: str = "auto",
    force: bool = False,
    store: Store | None = None,
    data_root: Path | None = None,
    observer: Observer | None = None,
    on_wait: Callable[[Job], None] | None = None,
    group: Group = distributed.ALONE,
) -> TrainResult:
    """Train in this process, once it is its turn; where the same is trained already, wait for that and take its run.

    In the main thread Ctrl-C ends it between two steps, and so does SIGTERM; a second Ctrl-C ends it at once.

    Args:
        force: as in `start`.
        on_wait: called several times a second while another training is waited for: this job with its place in the
            queue, or the job that trains the same.
        group: the processes to train in, of which this one is rank 0; see `pipeline.train_run`.

    Raises:
        TrainingError: the training of the same configuration that was waited for did not end well.
        MnistcoreError: see `pipeline.train_run`.
    """
    request = _request(config_, device, force=force)
    store = store or Store.default()
    observer = observer or Observer()
    return _run(request, store=store, data_root=data_root, observer=observer, on_wait=on_wait, group=group)


def run_again(
    run_id: str,
    *,
    observer: Observer | None = None,
    on_wait: Callable[[Job], None] | None = None,
    group: Group = distributed.ALONE,
) -> TrainResult:
    """Go on in this process with a training that was interrupted; raises like `resume` and `run`."""
    request = _next_attempt(run_id)
    observer = observer or Observer()
    return _run(request, store=Store.default(), data_root=None, observer=observer, on_wait=on_wait, group=group)


def work(run_id: str, lock_descriptor: int, *, observer: Observer) -> TrainResult:
    """What the process that `start` has started does, with the lock that it was handed."""
    request = _read_request(_folder(run_id))
    if request is None:
        raise _not_found(run_id)
    lock = _Lock(_folder(run_id) / "lock", descriptor=lock_descriptor)
    with lock:
        return _Attempt(request, Store.default(), None, observer, None, distributed.ALONE).run()


def find(run_id: str) -> Job | None:
    """The training of that name as it is now; None where there never was one."""
    if not is_run_id(run_id):
        return None
    job = _read_job(_folder(run_id))
    if job is None or job.state != "waiting":
        return job
    return next((other for other in list_jobs() if other.run_id == run_id), job)  # its place depends on the others


def list_jobs() -> tuple[Job, ...]:
    """Every training that lives, in the order of the queue, then the others, the last changed first."""
    return listing().jobs


def listing() -> Listing:
    """Every training as `list_jobs` gives them, and everything else by name with the reason. Never raises.

    Hidden names are passed over. A training whose status cannot be read is in both.
    """
    root = _root()
    _reap()
    try:
        names = sorted(os.listdir(root))
    except FileNotFoundError:
        return Listing((), ())
    except OSError as error:
        return Listing((), (Problem(root.name, f"expected a folder that can be read, got {_printable(str(error))}"),))
    found: list[Job] = []
    problems: list[Problem] = []
    for name in names:
        if name.startswith("."):
            continue
        try:
            job, fault = _look(root / name)
        except Exception as error:  # whatever is wrong with one entry, the others are listed
            job, fault = None, str(error)
        if job is not None:
            found.append(job)
        if fault:
            problems.append(Problem(_printable(name), _printable(fault)))
    return Listing(_in_order(found), tuple(problems))


def _in_order(found: list[Job]) -> tuple[Job, ...]:
    living = sorted((job for job in found if job.is_live), key=lambda job: (job.queued, job.run_id))
    ended = sorted((job for job in found if not job.is_live), key=lambda job: job.updated, reverse=True)
    waiting: dict[str, int] = {}
    placed = []
    for job in living:
        if job.state == "waiting":
            device = job.site or job.queue
            waiting[device] = waiting.get(device, 0) + 1
            job = replace(job, place=waiting[device])
        placed.append(job)
    return (*placed, *ended)


def stop(run_id: str) -> None:
    """Ask a training to end between two steps; what it has is kept. Nothing happens where it does not live.

    Raises:
        RunNotFoundError: no training of that name was ever started here.
        StoreWriteError: the request cannot be written down.
    """
    folder = _folder(run_id)
    request = _read_request(folder)
    if request is None:
        raise _not_found(run_id)
    with _writing(folder):
        atomic.replace_file(folder / "stop", request.attempt.encode())


def kill(run_id: str) -> bool:
    """End the process of a training at once, for one that does not answer `stop`; it can go on from its resume point.

    Returns:
        Whether there was one. A process that only has the same number is left alone.
    """
    status = _read_status(_folder(run_id))
    if status is None or status.process is None or not processes.is_running(status.process):
        return False
    try:
        os.kill(status.process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # just ended, or another user's
        return False
    return True


def is_known(run_id: str) -> bool:
    """Whether `forget` has anything to remove, readable or not."""
    return is_run_id(run_id) and os.path.lexists(_folder(run_id))


def forget(run_id: str) -> None:
    """Remove what is kept of a training that does not live, its resume point too; the run in the store stays.

    Raises:
        TrainingError: it lives.
        StoreWriteError: the folder of the jobs cannot be written to.
    """
    folder = _folder(run_id)
    deadline = time.monotonic() + LOCK_SECONDS
    with _writing(folder), suppress(FileNotFoundError):
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            atomic.remove(folder)
            return
        while not _remove_ended(folder):
            _wait_for_the_lock(folder, deadline)


def _remove_ended(folder: Path) -> bool:
    """Whether nobody held its lock, so that it could be removed."""
    job = _read_job(folder)
    if job is not None and job.is_live:
        raise TrainingError(f"{folder.name} is being trained: expected one that has ended; stop it first")
    lock = _Lock(folder / "lock")
    if not lock.acquire():
        return False
    with lock:
        ResumePoints(folder / "resume").drop()
        atomic.remove(folder)
        atomic.remove_stale(folder.parent)
    return True


def _tidy(run_id: str) -> None:
    """Remove the oldest trainings that have ended, where there are too many, but not this one."""
    with suppress(OSError):
        ended = [job for job in list_jobs() if not job.is_live]
        others = sorted(
            (job for job in ended if job.run_id != run_id), key=lambda job: (job.resumable, job.updated, job.run_id)
        )
        for job in others[: max(0, len(ended) - MAX_ENDED)]:
            with suppress(OSError, MnistcoreError):  # somebody goes on with it, or removes it, in this moment
                _remove_ended(_folder(job.run_id))


def read_log(run_id: str, *, lines: int = 200) -> str:
    """The last lines that the process of a training wrote; empty where there are none."""
    try:
        with plain_files.open_file(_folder(run_id) / "log.txt") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOG_BYTES))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


# ---- starting -----------------------------------------------------------


def _start(request: _Request) -> Job:
    run_id = config.run_id(request.config)
    folder = _folder(run_id)
    _reap()
    deadline = time.monotonic() + LOCK_SECONDS
    while not _is_served(request, folder):
        lock = _take_lock(folder)
        if lock is not None:
            with lock, _writing(folder):
                _launch(request, folder, lock)
            break
        _wait_for_the_lock(folder, deadline)
    job = find(run_id)
    if job is None:
        raise StoreWriteError(f"{folder}: expected the status that was just written, got none. Try again")
    return job


def _is_served(request: _Request, folder: Path) -> bool:
    """Whether there is nothing to start: it is being trained, or was, and its run is in the store."""
    job = _read_job(folder)
    if job is None or request.force:
        return job is not None and job.is_live
    return job.is_live or (job.state == "complete" and _complete(Store.default(), job.run_id) is not None)


def _launch(request: _Request, folder: Path, lock: "_Lock") -> None:
    _put_request(folder, request)
    before = _read_status(folder) if ResumePoints(folder / "resume").exists() else None
    status = _first_status(request, _now(), before)
    status.starter = processes.this_process()
    _write_status(folder, status)
    try:
        child = _spawn(config.run_id(request.config), folder, lock.descriptor, fresh=request.fresh)
    except BaseException as error:
        status.state, status.failure = "failed", _failure(error)
        with suppress(OSError):
            _write_status(folder, status)
        raise
    with _children_lock:
        _children.append(child)
    status.process = processes.process(child.pid)
    there = _read_status(folder)
    if there is None or there.process is None:  # else it speaks for itself already
        with suppress(OSError):
            _write_status(folder, status)


def _spawn(run_id: str, folder: Path, lock: int, *, fresh: bool) -> "subprocess.Popen[bytes]":
    """A process that goes on when this one ends, is not reached by its Ctrl-C, and is handed the lock."""
    with _open_log(folder, fresh=fresh) as log:
        return processes.start_python(
            ["-m", "mnistcore", "work", run_id, str(lock)],
            variables=folders(),
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            start_new_session=True,
        )


def folders() -> dict[str, str]:
    """The variables that name our folders to a process that stands in another one."""
    return {
        "MNISTCORE_ARTIFACTS": str(config.artifacts_folder().resolve()),
        "MNISTCORE_DATA": str(config.data_folder().resolve()),
    }


def _open_log(folder: Path, *, fresh: bool) -> BinaryIO:
    return (folder / "log.txt").open("wb" if fresh else "ab")


def _request(config_: TrainConfig, device: str, *, force: bool) -> _Request:
    try:
        return _Request(attempt=secrets.token_hex(8), config=config_, device=device, force=force, fresh=force)
    except ValidationError as error:
        raise InputError(config.describe_validation_error(error)) from error


def _next_attempt(run_id: str) -> _Request:
    request = _read_request(_folder(run_id))
    if request is None:
        raise _not_found(run_id)
    status = _read_status(_folder(run_id))
    # To train anew was followed once that has come to its end: asked again, there is nothing to go on with.
    force = request.force and (status is None or status.state != "complete")
    return request.model_copy(update={"attempt": secrets.token_hex(8), "fresh": False, "force": force})


def _reap() -> None:
    with _children_lock:
        _children[:] = [child for child in _children if child.poll() is None]


# ---- training -----------------------------------------------------------


def _run(
    request: _Request,
    *,
    store: Store,
    data_root: Path | None,
    observer: Observer,
    on_wait: Callable[[Job], None] | None,
    group: Group,
) -> TrainResult:
    began = time.perf_counter()
    run_id = config.run_id(request.config)
    folder = _folder(run_id)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        other = _wait_for_the_other(folder, on_wait)
        is_new = other is not None and other.state == "complete"
        if (is_new or not request.force) and (there := _complete(store, run_id)):
            return TrainResult(run=there, cached=True, seconds=time.perf_counter() - began)
        if other is not None and not is_new:  # a new run that is not here is another store's
            raise TrainingError(
                f"{run_id} was being trained already, and that training has not come to its end: "
                f"{other.failure.message if other.failure else 'it was interrupted'}. "
                "Ask for it again to go on from there"
            )
        lock = _take_lock(folder)
        if lock is not None:
            break
        _wait_for_the_lock(folder, deadline)
    with lock:
        with _writing(folder):
            _put_request(folder, request)
        _say_where(folder, fresh=request.fresh)
        return _Attempt(request, store, data_root, observer, on_wait, group).run()


class _Attempt:
    """One process's try at a training, the lock in its hands: waits for its turn, trains, tells how far it is."""

    def __init__(
        self,
        request: _Request,
        store: Store,
        data_root: Path | None,
        observer: Observer,
        on_wait: Callable[[Job], None] | None,
        group: Group,
    ) -> None:
        self._request, self._store, self._data_root = request, store, data_root
        self._observer, self._group = observer, group
        self._on_wait = None if on_wait is None else pipeline.untroubled(on_wait)
        self._run_id = config.run_id(request.config)
        self._folder = _folder(self._run_id)
        self._resume = ResumePoints(self._folder / "resume")
        self._before = _read_status(self._folder)
        queued = self._before.queued if self._before and self._before.attempt == request.attempt else _now()
        self._status = _first_status(request, queued, self._before if self._resume.exists() else None)
        self._why_device = ""
        if group is distributed.ALONE:  # else each takes a GPU of its own
            self._status.queue, self._why_device = devices.choose(request.device, busy=_busy_gpus(self._run_id))
            self._status.site = site(self._status.queue)
        self._status.process = processes.this_process()
        self._written = 0.0
        self._first_step: float | None = None
        self._stop_asked = False

    def run(self) -> TrainResult:
        with suppress(OSError):
            atomic.write_file(self._folder / "spare", os.urandom(_SPARE_BYTES), sync=False)
        self._write(now=True)
        _tidy(self._run_id)
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
                    observer=self._watched(),
                    group=self._group,
                )
        except (KeyboardInterrupt, TrainingStoppedError):
            self._end("interrupted")
            raise
        except BaseException as error:
            self._end("failed", _failure(error))
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
        paths = [_root() / f".device-{name}-{number}.lock" for number in range(1, jobs_per_device() + 1)]
        next_look = 0.0
        while True:
            if self._is_stopped():
                raise TrainingStoppedError(
                    f"{self._run_id}: stopped as asked, while it waited for {self._status.queue}"
                )
            # Who waits leaves the processor to those who train: while nothing is free, the others are seldom looked at.
            is_free = not all(_Lock.is_held(path) for path in paths)
            if is_free or time.monotonic() >= next_look:
                next_look = time.monotonic() + QUEUE_SECONDS
                waiting = [job for job in list_jobs() if self._waits_too(job)]
                if is_free and (not waiting or waiting[0].run_id == self._run_id):
                    with _writing(self._folder):
                        mine = next((place for place in map(_Lock, paths) if place.acquire()), None)
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
        return _asked_to_stop(self._folder, self._request.attempt)

    def _watched(self) -> Observer:
        """The observer's own wishes, and the status beside them."""
        observer, status = self._observer, self._status

        def start(config_: TrainConfig) -> None:
            status.history, status.curve, status.steps_done, status.steps = (), (), 0, None
            observer.on_start(config_)

        def device(name: str) -> None:
            status.queue, status.site = name, site(name)  # what was queued for is held; this is what is used
            observer.on_device(name)

        def resumed(done: int, steps: int) -> None:
            status.resumed_after, status.steps_done, status.steps = done, done, steps
            if self._before is not None:  # what was told of the steps that are not taken again
                finished = done * self._request.config.epochs // steps
                status.history = tuple(report for report in self._before.history if report.epoch <= finished)
                status.curve = tuple(point for point in self._before.curve if point.step <= done)
            observer.on_resume(done, steps)

        def step(done: int, steps: int) -> None:
            if self._first_step is None:
                self._first_step = time.perf_counter()
                status.state, status.resumed_after = "training", done - 1
                self._written = 0.0
            status.steps_done, status.steps = done, steps
            status.seconds = time.perf_counter() - self._first_step
            self._write()
            observer.on_step(done, steps)

        def curve(point: CurvePoint) -> None:
            status.curve = thin_curve((*status.curve, point))
            observer.on_curve(point)

        def epoch(report: EpochReport, epochs: int) -> None:
            status.history = (*(one for one in status.history if one.epoch < report.epoch), report)
            self._write(now=True)
            observer.on_epoch(report, epochs)

        def warning(text: str) -> None:
            status.warnings = (*status.warnings, _words(text))[-20:]
            self._write(now=True)
            observer.on_warning(text)

        return replace(
            observer,
            on_start=start,
            on_device=device,
            on_resume=resumed,
            on_step=step,
            on_curve=curve,
            on_epoch=epoch,
            on_warning=warning,
            should_stop=self._is_stopped,
        )

    def _end(self, state: JobState, failure: Failure | None = None) -> None:
        self._status.state, self._status.failure = state, failure
        with suppress(OSError):
            (self._folder / "spare").unlink()  # so that on a full disk, too, it can be told what happened
        self._write(now=True)
        _tidy(self._run_id)

    def _write(self, *, now: bool = False) -> None:
        moment = time.monotonic()
        if now or moment >= self._written + STATUS_SECONDS:
            self._written = moment
            # A status that cannot be written is a page that lags behind, not a reason to stop training.
            with suppress(OSError):
                with suppress(RuntimeError):  # torch's, of a device that fails: whoever computes on it hears of that
                    self._status.memory_bytes = devices.held_bytes(self._status.queue)
                _write_status(self._folder, self._status)


def site(queue: str) -> str:
    """Which device a name means: a GPU by its UUID, wherever and as whatever it is seen, others by their computer.

    In a folder that several computers or containers share, those of a Slurm cluster for example, the same name
    elsewhere is another device, and another name may be the same one.
    """
    kind, _, number = queue.partition(":")
    device = f"{processes.this_host()} {'' if kind == 'cpu' else kind}"
    if kind == "cuda":
        index = int(number) if number.isdecimal() else 0
        uuids = device_memory.gpu_identities()
        seen = os.environ.get("CUDA_VISIBLE_DEVICES", "")
        device = uuids[index] if index < len(uuids) else f"{device} {seen} {index}"
    return hashlib.sha256(device.encode()).hexdigest()[:8]


def _busy_gpus(run_id: str) -> set[str]:
    """What this process calls the GPUs that other trainings leave no place on."""
    living = Counter(job.device_here for job in list_jobs() if job.is_live and job.run_id != run_id)
    return {name for name, count in living.items() if name is not None and count >= jobs_per_device()}


def jobs_per_device() -> int:
    """How many trainings may use one device at a time: ``MNISTCORE_JOBS_PER_DEVICE``, else 1."""
    named = os.environ.get("MNISTCORE_JOBS_PER_DEVICE", "1")
    return int(named) if named.isdigit() and int(named) > 0 else 1


def thin_curve(points: tuple[CurvePoint, ...], *, limit: int = MAX_CURVE) -> tuple[CurvePoint, ...]:
    """At most ``limit`` points: above that each two neighbours become one, their mean at the later one's step.

    >>> thin_curve((CurvePoint(50, 2.0, 0.2), CurvePoint(100, 1.0, 0.6)), limit=1)
    (CurvePoint(step=100, loss=1.5, accuracy=0.4),)
    """
    while len(points) > limit:
        pairs = zip(points[::2], points[1::2], strict=False)
        merged = tuple(
            CurvePoint(later.step, (one.loss + later.loss) / 2, (one.accuracy + later.accuracy) / 2)
            for one, later in pairs
        )
        points = merged + points[len(merged) * 2 :]
    return points


def _wait_for_the_other(folder: Path, on_wait: Callable[[Job], None] | None) -> Job | None:
    """How the training that lives in another process has ended, once it has; None where none lives."""
    tell = None if on_wait is None else pipeline.untroubled(on_wait)
    job, waited = _read_job(folder), False
    while job is not None and job.is_live:
        if tell is not None:
            tell(job)
        time.sleep(TURN_SECONDS)
        job, waited = _read_job(folder), True
    return job if waited else None


def _complete(store: Store, run_id: str) -> RunManifest | None:
    try:
        there = store.manifest(run_id)
    except MnistcoreError:
        return None
    return there if there.status == "complete" else None


# ---- on disk ------------------------------------------------------------


class _Lock:
    """A file that one process at a time holds; the system lets go of it when that process ends, however it ends."""

    def __init__(self, path: Path, *, descriptor: int = -1) -> None:
        self._path, self.descriptor = path, descriptor
        if descriptor >= 0:
            os.set_inheritable(descriptor, False)

    def acquire(self) -> bool:
        """Take it, if nobody has it."""
        while True:
            descriptor = self._open()
            taken = self._take(descriptor)
            if taken and not self._is_in_place(descriptor):  # removed with its folder: the next one is another file
                os.close(descriptor)
                continue
            if taken:
                self.descriptor = descriptor
            else:
                os.close(descriptor)
            return taken

    def __enter__(self) -> "_Lock":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)  # a process that was handed it keeps holding it
        self.descriptor = -1

    def _open(self) -> int:
        while True:
            try:
                return plain_files.open_to_lock(self._path, make=True)
            except OSError as error:
                if error.errno != errno.ELOOP:
                    raise
                with suppress(FileNotFoundError):  # a link is no lock of ours, and leads out of the folder
                    self._path.unlink()

    def _is_in_place(self, descriptor: int) -> bool:
        with suppress(OSError):
            return os.path.samestat(os.fstat(descriptor), os.stat(self._path))
        return False

    @staticmethod
    def _take(descriptor: int) -> bool:
        for _ in range(_LOOKS):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                pass
            except OSError:  # a file system without locks
                return True
            # `is_held` shares it for a moment with others who look. An owner shares it with nobody.
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            time.sleep(random.uniform(0, 0.004))
        return False

    @staticmethod
    def is_held(path: Path) -> bool:
        """Whether somebody has it now."""
        try:
            descriptor = plain_files.open_to_lock(path, make=False)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return False


def _root() -> Path:
    return config.artifacts_folder() / "jobs"


def _folder(run_id: str) -> Path:
    if not is_run_id(run_id):
        raise _not_found(run_id)
    return _root() / run_id


def _take_lock(folder: Path) -> _Lock | None:
    """The lock of a training, in a folder that is made where there is none; None while somebody has it."""
    Store.default().require_folder()  # else it would be made where the disk was that it is on
    lock = _Lock(folder / "lock")
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # forgotten in this moment
            return lock if lock.acquire() else None
    return None


def _wait_for_the_lock(folder: Path, deadline: float) -> None:
    """Until its owner has said that it trains, or has let go of it."""
    if time.monotonic() > deadline:
        raise TrainingError(
            f"{folder / 'lock'} is held by a process that does not train: expected one that tells how far it is, or "
            "none. End it, or forget the training (`fuser` names the process)"
        )
    time.sleep(random.uniform(0.01, 0.03))


def _first_status(request: _Request, queued: str, before: _Status | None = None) -> _Status:
    """Of an attempt that waits; how far the one before has come is told until this one knows where it goes on."""
    queue = devices.guess_name(request.device)
    status = _Status(
        attempt=request.attempt,
        state="waiting",
        queue=queue,
        site=site(queue),
        queued=queued,
        updated=queued,
    )
    if before is not None and not request.fresh:
        status.history, status.curve = before.history, before.curve
        status.steps_done, status.steps = before.steps_done, before.steps
    return status


def _write_status(folder: Path, status: _Status) -> None:
    status.updated = _now()
    atomic.replace_file(folder / "status.json", status.model_dump_json().encode(), sync=False)


def _read_status(folder: Path) -> _Status | None:
    """None where there is none, or none that can be used."""
    with suppress(OSError, ValidationError):
        return _load_status(folder)
    return None


def _load_status(folder: Path) -> _Status:
    data = plain_files.read_file(folder / "status.json", max_bytes=plain_files.MAX_JSON_BYTES)
    return _Status.model_validate_json(data, strict=True)


def _put_request(folder: Path, request: _Request) -> None:
    """In the place of the one before, whose dead process may have left temporary files."""
    atomic.remove_stale(folder)
    for name in ("request.json", "status.json", "stop", "log.txt", "spare"):  # a folder or a pipe would be in the way
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(os.lstat(folder / name).st_mode):
                atomic.remove(folder / name)
    atomic.replace_file(folder / "request.json", request.model_dump_json(indent=1).encode())


def _say_where(folder: Path, *, fresh: bool) -> None:
    """In the log of a training that was not started by `start`: what it says stands elsewhere."""
    with suppress(OSError), _open_log(folder, fresh=fresh) as log:
        log.write(f"process {os.getpid()} trains; it speaks in the terminal or notebook it was started in\n".encode())


def _read_request(folder: Path) -> _Request | None:
    """None where there is none.

    Raises:
        RunDamagedError: it cannot be used.
    """
    try:
        data = plain_files.read_file(folder / "request.json", max_bytes=plain_files.MAX_JSON_BYTES)
        request = _Request.model_validate_json(data, strict=True)
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise _damaged(folder, f"request.json: {_fault(error)}") from error
    if (expected := config.run_id(request.config)) != folder.name:
        raise _damaged(folder, f"request.json: it is of another training, {expected}")
    return request


def _read_status_and_life(folder: Path, request: _Request) -> tuple[_Status, bool, str]:
    """The status, whether the process that it is of runs, and what is wrong with the file where it cannot be used."""
    before: _Status | None = None
    while True:
        held = _Lock.is_held(folder / "lock")
        fault = ""
        try:
            status = _load_status(folder)
            if status.history and status.history[-1].epoch > request.config.epochs:
                fault = f"it tells of epoch {status.history[-1].epoch} of {request.config.epochs}"
        except FileNotFoundError:  # the process has just been started, or the power was cut
            status = _first_status(request, _changed(folder / "request.json"))
        except (OSError, ValidationError) as error:
            fault = _fault(error)
        if fault:
            status = _first_status(request, _changed(folder / "request.json"))
        if status.process is not None:
            running = processes.is_running(status.process)
        else:
            running = (status.starter is not None and processes.is_running(status.starter)) or None
        # A lock outlives its owner where a child of that was left behind: nothing against a process known dead.
        alive = running is True or (held and running is not False)
        # One that has ended since its status was read has told before how it ended.
        if alive or status.state not in LIVE or status == before:
            return status, alive, fault
        before = status


def _read_job(folder: Path) -> Job | None:
    """None where there never was one, or where it cannot be told what was requested."""
    try:
        return _look(folder)[0]
    except (OSError, RunDamagedError):
        return None


def _look(folder: Path) -> tuple[Job | None, str]:
    """A training as its folder shows it, and what is wrong with that where something is.

    Raises:
        OSError, RunDamagedError: nothing can be made of it.
    """
    try:
        if not is_run_id(folder.name) or not stat.S_ISDIR(os.lstat(folder).st_mode):
            raise RunDamagedError("expected nothing but folders that are called as a training is, got another entry")
    except FileNotFoundError:  # it never was there, or was removed just now
        return None, ""
    request = _read_request(folder)
    if request is None:
        there = os.path.lexists(folder / "status.json")
        return None, "request.json: expected a file, got none" if there else ""
    status, alive, fault = _read_status_and_life(folder, request)
    return _job(folder, request, status, alive=alive), f"status.json: {fault}" if fault else ""


def _job(folder: Path, request: _Request, status: _Status, *, alive: bool) -> Job:
    state: JobState = status.state if alive or status.state not in LIVE else "interrupted"
    live = state in LIVE
    return Job(
        run_id=folder.name,
        config=request.config,
        device=request.device,
        queue=status.queue,
        site=status.site,
        state=state,
        place=None,
        stopping=live and _asked_to_stop(folder, request.attempt),
        resumable=state in ("interrupted", "failed") and ResumePoints(folder / "resume").exists(),
        steps_done=status.steps_done,
        steps=status.steps,
        resumed_after=status.resumed_after,
        seconds=status.seconds,
        memory_bytes=status.memory_bytes if live else None,
        history=status.history,
        curve=status.curve,
        warnings=status.warnings,
        failure=status.failure,
        pid=status.process.pid if status.process and live else None,
        queued=status.queued,
        updated=status.updated,
    )


def _fault(error: OSError | ValidationError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, fault['loc'])) or 'the text'}: {config.fault_message(fault)}"


def _damaged(folder: Path, reason: str) -> RunDamagedError:
    return RunDamagedError(
        f"training {folder.name}: {reason}. `python -m mnistcore delete {folder.name}` removes it, and started anew "
        "it is replaced"
    )


def _failure(error: BaseException) -> Failure:
    return Failure(kind=type(error).__name__, message=_words(str(error)))


def _words(text: str) -> str:
    """Text as JSON takes it: a file's name that is not UTF-8 is written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _printable(text: str) -> str:
    """Likewise, and in one line."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _asked_to_stop(folder: Path, attempt: str) -> bool:
    with suppress(OSError):
        return plain_files.read_file(folder / "stop", max_bytes=_LOG_BYTES) == attempt.encode()
    return False


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreWriteError(f"cannot write to {folder.parent}: {disk_advice(error)}") from error


def _not_found(run_id: str) -> RunNotFoundError:
    return RunNotFoundError(
        f"no training {run_id[:100]!r} in {_root()}: expected the name of one that was started here, like "
        "mnist-mlp-1a2b3c4d. `python -m mnistcore jobs` shows them"
    )


def _changed(path: Path) -> str:
    with suppress(OSError, ValueError, OverflowError):
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="microseconds")
    return _now()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
