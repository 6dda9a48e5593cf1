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

import secrets
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from mnistcore import config, processes
from mnistcore.config import TrainConfig
from mnistcore.devices import devices
from mnistcore.errors import (
    InputError,
    MnistcoreError,
    StoreWriteError,
    TrainingError,
)
from mnistcore.jobs.attempts import run_attempt
from mnistcore.jobs.children import CHILDREN, CHILDREN_LOCK, reap
from mnistcore.jobs.job_files import (
    failure_of,
    first_status,
    folder_of,
    not_found,
    open_log,
    put_request,
    read_job,
    read_log,
    read_request,
    read_status,
    say_where,
    take_lock,
    wait_for_the_lock,
    write_status,
    writing,
)
from mnistcore.jobs.listing import find, is_known, list_jobs, listing
from mnistcore.jobs.locks import LOCK_SECONDS, Lock
from mnistcore.jobs.records import Failure, Job, JobState, Listing, Problem, Request, now_utc, site, thin_curve, ticket
from mnistcore.jobs.removal import forget
from mnistcore.jobs.turns import MAX_WAITING, TURN_SECONDS
from mnistcore.runs import accounts, atomic
from mnistcore.runs.manifest import RunManifest
from mnistcore.runs.store import Store
from mnistcore.training import distributed
from mnistcore.training.distributed import Group
from mnistcore.training.observers import Observer, untroubled
from mnistcore.training.pipeline import TrainResult
from mnistcore.training.resume_points import ResumePoints
from mnistcore.workspace import Workspace

__all__ = [
    "Failure",
    "Job",
    "JobState",
    "Listing",
    "Problem",
    "find",
    "forget",
    "is_known",
    "kill",
    "list_jobs",
    "listing",
    "read_log",
    "resume",
    "run",
    "run_again",
    "site",
    "start",
    "stop",
    "thin_curve",
    "work",
]


def start(workspace: Workspace, config_: TrainConfig, *, device: str = "auto", force: bool = False) -> Job:
    """Train in a process of its own, which outlives this one; watch the training that lives already, if one does.

    A training of this configuration that was interrupted resumes where it was left.

    Args:
        force: train anew from the beginning, and replace a stored run once the new one is whole.

    Raises:
        InputError: no device can be called so.
        StoreWriteError: the folder of the jobs cannot be written to.
        TrainingError: as many wait for the device as may.
    """
    return _start(workspace, _request(config_, device, force=force))


def resume(workspace: Workspace, run_id: str) -> Job:
    """Resume a training that was interrupted or failed, as it was requested.

    Raises:
        RunNotFoundError: no training of that name was ever started here.
        RunDamagedError: what was requested cannot be read any more.
        StoreWriteError: the folder of the jobs cannot be written to.
    """
    return _start(workspace, _next_attempt(workspace, run_id))


def run(
    workspace: Workspace,
    config_: TrainConfig,
    *,
    device: str = "auto",
    force: bool = False,
    store: Store | None = None,
    observer: Observer | None = None,
    on_wait: Callable[[Job], None] | None = None,
    group: Group = distributed.ALONE,
) -> TrainResult:
    """Train in this process, once it is its turn; where the same is trained already, wait for that and take its run.

    In the main thread Ctrl-C ends it between two steps, and so does SIGTERM; a second Ctrl-C ends it at once.

    Args:
        force: as in `start`.
        store: where the run is kept, if not with the workspace's runs.
        on_wait: called several times a second while another training is waited for: this job with its place in the
            queue, or the job that trains the same.
        group: the processes to train in, of which this one is rank 0; see `pipeline.train_run`.

    Raises:
        TrainingError: the training of the same configuration that was waited for did not end well, or as many wait
            for the device as may.
        MnistcoreError: see `pipeline.train_run`.
    """
    request = _request(config_, device, force=force)
    return _run(
        workspace, request, store=store or Store(workspace.runs), observer=observer, on_wait=on_wait, group=group
    )


def run_again(
    workspace: Workspace,
    run_id: str,
    *,
    observer: Observer | None = None,
    on_wait: Callable[[Job], None] | None = None,
    group: Group = distributed.ALONE,
) -> TrainResult:
    """Go on in this process with a training that was interrupted; raises like `resume` and `run`."""
    request, store = _next_attempt(workspace, run_id), Store(workspace.runs)
    return _run(workspace, request, store=store, observer=observer, on_wait=on_wait, group=group)


def work(workspace: Workspace, run_id: str, lock_descriptor: int, *, observer: Observer) -> TrainResult:
    """What the process that `start` has started does, with the lock that it was handed."""
    request = read_request(folder_of(workspace, run_id))
    if request is None:
        raise not_found(workspace, run_id)
    lock = Lock(folder_of(workspace, run_id) / "lock", descriptor=lock_descriptor)
    with lock:
        return run_attempt(workspace, request, observer=observer)


def stop(workspace: Workspace, run_id: str) -> None:
    """Ask a training to end between two steps; what it has is kept. Nothing happens where it does not live.

    Raises:
        RunNotFoundError: no training of that name was ever started here.
        StoreWriteError: the request cannot be written down.
    """
    folder = folder_of(workspace, run_id)
    request = read_request(folder)
    if request is None:
        raise not_found(workspace, run_id)
    with writing(folder):
        accounts.require_ours(folder)
        atomic.replace_file(folder / "stop", request.attempt.encode())


def kill(workspace: Workspace, run_id: str) -> bool:
    """End the process of a training at once, for one that does not answer `stop`; it can go on from its resume point.

    Returns:
        Whether there was one. What the status says is not believed: a process that does not hold this very training's
        lock is left alone, and so is another account's training.
    """
    folder = folder_of(workspace, run_id)
    if accounts.owner(folder) is not None:
        return False
    status = read_status(folder)
    if status is None or status.process is None:
        return False
    return processes.kill(status.process, is_meant=lambda pid: Lock.is_held_by(folder / "lock", pid))


def _start(workspace: Workspace, request: Request) -> Job:
    run_id = config.run_id(request.config)
    folder = folder_of(workspace, run_id)
    reap()
    deadline = time.monotonic() + LOCK_SECONDS
    while not _is_served(workspace, request):
        _require_room(workspace, request)
        lock = take_lock(workspace, run_id)
        if lock is not None:
            with lock, writing(folder):
                _launch(workspace, request, lock)
            break
        wait_for_the_lock(folder, deadline)
    job = find(workspace, run_id)
    if job is None:
        raise StoreWriteError(f"{folder}: expected the status that was just written, got none. Try again")
    return job


def _require_room(workspace: Workspace, request: Request) -> None:
    """Find out before one more waits whether the queue of its device has room."""
    queue, run_id = devices.guess_name(request.device), config.run_id(request.config)
    there = [job for job in list_jobs(workspace) if job.is_live and job.site == site(queue) and job.run_id != run_id]
    if len(there) >= MAX_WAITING + workspace.jobs_per_device:
        raise TrainingError(
            f"the queue for {queue} is full: expected at most {MAX_WAITING} training runs waiting, got one more. Wait "
            "until one has started, or stop one: `python -m mnistcore jobs` lists them"
        )


def _is_served(workspace: Workspace, request: Request) -> bool:
    """Whether there is nothing to start: it is being trained, or was, and its run is in the store."""
    job = read_job(folder_of(workspace, config.run_id(request.config)))
    if job is None or request.force:
        return job is not None and job.is_live
    return job.is_live or (job.state == "complete" and _complete(Store(workspace.runs), job.run_id) is not None)


def _launch(workspace: Workspace, request: Request, lock: Lock) -> None:
    run_id = config.run_id(request.config)
    folder = folder_of(workspace, run_id)
    put_request(folder, request)
    before = read_status(folder) if ResumePoints(folder / "resume").exists() else None
    status = first_status(request, now_utc(), before, ticket_=ticket())
    status.starter = processes.this_process()
    write_status(folder, status)
    try:
        child = _spawn(workspace, run_id, lock.descriptor, fresh=request.fresh)
    except BaseException as error:
        status.state, status.failure = "failed", failure_of(error)
        with suppress(OSError):
            write_status(folder, status)
        raise
    with CHILDREN_LOCK:
        CHILDREN.append(child)
    status.process = processes.process(child.pid)
    there = read_status(folder)
    if there is None or there.process is None:  # else it speaks for itself already
        with suppress(OSError):
            write_status(folder, status)


def _spawn(workspace: Workspace, run_id: str, lock: int, *, fresh: bool) -> "subprocess.Popen[bytes]":
    """A process that continues when this one ends, is not reached by its Ctrl-C, and is handed the lock."""
    with open_log(folder_of(workspace, run_id), fresh=fresh) as log:
        return processes.start_python(
            ["-m", "mnistcore", "work", run_id, str(lock)],
            variables=workspace.variables(),
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            start_new_session=True,
        )


def _request(config_: TrainConfig, device: str, *, force: bool) -> Request:
    try:
        return Request(attempt=secrets.token_hex(8), config=config_, device=device, force=force, fresh=force)
    except ValidationError as error:
        raise InputError(config.describe_validation_error(error)) from error


def _next_attempt(workspace: Workspace, run_id: str) -> Request:
    request = read_request(folder_of(workspace, run_id))
    if request is None:
        raise not_found(workspace, run_id)
    status = read_status(folder_of(workspace, run_id))
    # A request to retrain is fulfilled once that has come to its end: requested again, there is nothing to resume.
    force = request.force and (status is None or status.state != "complete")
    return request.model_copy(update={"attempt": secrets.token_hex(8), "fresh": False, "force": force})


def _run(
    workspace: Workspace,
    request: Request,
    *,
    store: Store,
    observer: Observer | None,
    on_wait: Callable[[Job], None] | None,
    group: Group,
) -> TrainResult:
    began = time.perf_counter()
    run_id = config.run_id(request.config)
    folder = folder_of(workspace, run_id)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        other = _wait_for_the_other(folder, on_wait)
        is_new = other is not None and other.state == "complete"
        if (is_new or not request.force) and (there := _complete(store, run_id)):
            return TrainResult(run=there, cached=True, seconds=time.perf_counter() - began)
        if other is not None and not is_new:  # a new run that is not here is another store's
            raise TrainingError(
                f"{run_id} was already being trained, and that training run has not come to its end: "
                f"{other.failure.message if other.failure else 'it was interrupted'}. "
                "Start it again to resume from there"
            )
        _require_room(workspace, request)
        lock = take_lock(workspace, run_id)
        if lock is not None:
            break
        wait_for_the_lock(folder, deadline)
    with lock:
        with writing(folder):
            put_request(folder, request)
        say_where(folder, fresh=request.fresh)
        return run_attempt(workspace, request, store=store, observer=observer, on_wait=on_wait, group=group)


def _wait_for_the_other(folder: Path, on_wait: Callable[[Job], None] | None) -> Job | None:
    """How the training that lives in another process has ended, once it has; None where none lives."""
    tell = None if on_wait is None else untroubled(on_wait)
    job, waited = read_job(folder), False
    while job is not None and job.is_live:
        if tell is not None:
            tell(job)
        time.sleep(TURN_SECONDS)
        job, waited = read_job(folder), True
    return job if waited else None


def _complete(store: Store, run_id: str) -> RunManifest | None:
    try:
        there = store.manifest(run_id)
    except MnistcoreError:
        return None
    return there if there.status == "complete" else None
