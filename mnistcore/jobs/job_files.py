"""Owns the folder of a training on disk: what was requested, how far it is, its log, its lock."""

import os
import random
import stat
import time
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from mnistcore import config, processes
from mnistcore.devices import devices
from mnistcore.errors import (
    RunDamagedError,
    RunNotFoundError,
    StoreWriteError,
    TrainingError,
)
from mnistcore.jobs.locks import Lock
from mnistcore.jobs.records import LIVE, Failure, Job, JobState, Request, Status, in_words, now_utc, site
from mnistcore.runs import accounts, atomic, plain_files
from mnistcore.runs.disk_advice import disk_advice
from mnistcore.runs.manifest import is_run_id
from mnistcore.runs.open_runs import mark_of
from mnistcore.runs.store import Store
from mnistcore.training.resume_points import ResumePoints
from mnistcore.workspace import Workspace

QUIET_SECONDS = 60.0  # without a word, after which another account's training counts as ended
_TICK_NS = 2 * 10**9
_LOG_BYTES = 64 * 2**10  # of the end of the log are ever shown

_ended: dict[Path, tuple[Hashable, Job]] = {}  # trainings that have ended, as they were read


def read_log(workspace: Workspace, run_id: str, *, lines: int = 200) -> str:
    """The last lines that the process of a training wrote; empty where there are none."""
    try:
        with plain_files.open_file(folder_of(workspace, run_id) / "log.txt") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOG_BYTES))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def open_log(folder: Path, *, fresh: bool) -> BinaryIO:
    """A training's log, opened to write at its end; emptied first where it is to be ``fresh``."""
    return plain_files.open_to_append(folder / "log.txt", fresh=fresh)


def folder_of(workspace: Workspace, run_id: str) -> Path:
    """The folder of a training; `RunNotFoundError` where that is no run's name."""
    if not is_run_id(run_id):
        raise not_found(workspace, run_id)
    return workspace.jobs / run_id


def take_lock(workspace: Workspace, run_id: str) -> Lock | None:
    """The lock of a training, in a folder that is made where there is none; None while somebody has it."""
    folder = folder_of(workspace, run_id)
    Store(workspace.runs).require_folder()  # else it would be made where the disk was that it is on
    lock = Lock(folder / "lock")
    with writing(folder):
        accounts.make_folder(workspace.jobs, closed=True)
        with suppress(FileNotFoundError):  # forgotten in this moment
            accounts.own_folder(folder)
            return lock if lock.acquire() else None
    return None


def wait_for_the_lock(folder: Path, deadline: float) -> None:
    """Until its owner has said that it trains, or has let go of it."""
    if time.monotonic() > deadline:
        raise TrainingError(
            f"{folder / 'lock'} is held by a process that does not train: expected one that tells how far it is, or "
            "none. End it, or delete the training run (`fuser` names the process)"
        )
    time.sleep(random.uniform(0.01, 0.03))


def first_status(
    request: Request, queued: str, before: Status | None = None, *, ticket_: float | None = None
) -> Status:
    """Of an attempt that waits; how far the one before has come is told until this one knows where it resumes."""
    queue = devices.guess_name(request.device)
    status = Status(
        attempt=request.attempt,
        state="waiting",
        queue=queue,
        site=site(queue),
        queued=queued,
        ticket=ticket_,
        updated=queued,
    )
    if before is not None and not request.fresh:
        status.history, status.curve = before.history, before.curve
        status.steps_done, status.steps = before.steps_done, before.steps
    return status


def write_status(folder: Path, status: Status) -> None:
    """Replace the status by this one, as of now."""
    status.updated = now_utc()
    atomic.replace_file(folder / "status.json", status.model_dump_json().encode(), sync=False)


def read_status(folder: Path) -> Status | None:
    """None where there is none, or none that can be used."""
    with suppress(OSError, ValidationError):
        return _load_status(folder)
    return None


def _load_status(folder: Path) -> Status:
    data = plain_files.read_file(folder / "status.json", max_bytes=plain_files.MAX_JSON_BYTES)
    return Status.model_validate_json(data, strict=True)


def put_request(folder: Path, request: Request) -> None:
    """In the place of the one before, whose dead process may have left temporary files.

    Raises:
        OSError: the folder is another account's, or cannot be written to.
    """
    atomic.remove_stale(folder)
    for name in ("request.json", "status.json", "stop", "log.txt", "spare"):  # a folder or a pipe would be in the way
        with suppress(FileNotFoundError):
            if not plain_files.is_own_file(folder / name):
                atomic.remove(folder / name)
    atomic.replace_file(folder / "request.json", request.model_dump_json(indent=1).encode())


def say_where(folder: Path, *, fresh: bool) -> None:
    """In the log of a training that was not started by `start`: what it says stands elsewhere."""
    with suppress(OSError), open_log(folder, fresh=fresh) as log:
        log.write(f"process {os.getpid()} trains; it speaks in the terminal or notebook it was started in\n".encode())


def read_request(folder: Path) -> Request | None:
    """None where there is none.

    Raises:
        RunDamagedError: it cannot be used.
    """
    try:
        data = plain_files.read_file(folder / "request.json", max_bytes=plain_files.MAX_JSON_BYTES)
        request = Request.model_validate_json(data, strict=True)
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise _damaged(folder, f"request.json: {_fault(error)}") from error
    if (expected := config.run_id(request.config)) != folder.name:
        raise _damaged(folder, f"request.json: it is of another training, {expected}")
    return request


def _read_status_and_life(folder: Path, request: Request) -> tuple[Status, bool, str]:
    """The status, whether the process that it is of runs, and what is wrong with the file where it cannot be used."""
    before: Status | None = None
    while True:
        held = Lock.is_held(folder / "lock")
        fault = ""
        try:
            status = _load_status(folder)
            if status.history and status.history[-1].epoch > request.config.epochs:
                fault = f"it tells of epoch {status.history[-1].epoch} of {request.config.epochs}"
        except FileNotFoundError:  # the process has just been started, or the power was cut
            status = first_status(request, _changed(folder / "request.json"))
        except (OSError, ValidationError) as error:
            fault = _fault(error)
        if fault:
            status = first_status(request, _changed(folder / "request.json"))
        if status.process is not None:
            running = processes.is_running(status.process)
        else:
            running = (status.starter is not None and processes.is_running(status.starter)) or None
        if (
            running is None and not fault and accounts.owner(folder) is not None
        ):  # its process may be hidden, and its lock closed
            running = _has_told_lately(folder) or None
        # A lock outlives its owner where a child of that was left behind: nothing against a process known dead.
        alive = running is True or (held and running is not False)
        # One that has ended since its status was read has told before how it ended.
        if alive or status.state not in LIVE or status == before:
            return status, alive, fault
        before = status


def _has_told_lately(folder: Path) -> bool:
    with suppress(OSError):
        return abs(time.time() - os.lstat(folder / "status.json").st_mtime) < QUIET_SECONDS
    return False


def read_job(folder: Path) -> Job | None:
    """None where there never was one, or where it cannot be told what was requested."""
    try:
        return look_at(folder)[0]
    except (OSError, RunDamagedError):
        return None


def look_at(folder: Path) -> tuple[Job | None, str]:
    """A training as its folder shows it, and what is wrong with that where something is.

    One that has ended is read once, and again when its files have changed: there may be a thousand of them.

    Raises:
        OSError, RunDamagedError: nothing can be made of it.
    """
    signature = _signature(folder)
    if signature is not None and (known := _ended.get(folder)) is not None and known[0] == signature:
        return known[1], ""
    job, fault, has_ended = _look_at(folder)
    if job is not None and has_ended and not fault and signature is not None:
        _ended[folder] = signature, job
    return job, fault


def forget_all_but(root: Path, names: Iterable[str]) -> None:
    """Remember of the trainings in a folder none but those of these names."""
    kept = {root / name for name in names}
    for folder in list(_ended):  # another thread may look, too
        if folder.parent == root and folder not in kept:
            _ended.pop(folder, None)


def _signature(folder: Path) -> Hashable | None:
    """What changes with what `look_at` tells of a training that has ended; None where it changes just now."""
    names = ("", "request.json", "status.json", "stop", "resume", "resume/resume.json")
    marks = tuple(mark_of(os.path.join(folder, name)) for name in names)
    newest = max((mark[3] for mark in marks if len(mark) > 1), default=0)
    # Two changes in one tick of the disk's clock cannot be told apart.
    return None if abs(time.time_ns() - newest) < _TICK_NS else (os.geteuid(), marks)


def _look_at(folder: Path) -> tuple[Job | None, str, bool]:
    """As `look_at`, and whether its process has said itself that it has ended: nothing but files can change that."""
    try:
        if not is_run_id(folder.name) or not stat.S_ISDIR(os.lstat(folder).st_mode):
            raise RunDamagedError("expected nothing but folders that are called as a training is, got another entry")
    except FileNotFoundError:  # it never was there, or was removed just now
        return None, "", False
    request = read_request(folder)
    if request is None:
        there = os.path.lexists(folder / "status.json")
        return None, "request.json: expected a file, got none" if there else "", False
    status, alive, fault = _read_status_and_life(folder, request)
    job = _job(folder, request, status, alive=alive)
    return job, f"status.json: {fault}" if fault else "", status.state not in LIVE


def _job(folder: Path, request: Request, status: Status, *, alive: bool) -> Job:
    state: JobState = status.state if alive or status.state not in LIVE else "interrupted"
    live, account = state in LIVE, accounts.owner(folder)
    return Job(
        run_id=folder.name,
        config=request.config,
        device=request.device,
        queue=status.queue,
        site=status.site,
        state=state,
        place=None,
        stopping=live and asked_to_stop(folder, request.attempt),
        resumable=account is None and state in ("interrupted", "failed") and ResumePoints(folder / "resume").exists(),
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
        ticket=status.ticket,
        updated=status.updated,
        account=account,
    )


def _fault(error: OSError | ValidationError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, fault['loc'])) or 'the text'}: {config.fault_message(fault)}"


def _damaged(folder: Path, reason: str) -> RunDamagedError:
    return RunDamagedError(
        f"training {folder.name}: {reason}. `python -m mnistcore delete {folder.name}` removes it, and started again "
        "it is replaced"
    )


def failure_of(error: BaseException) -> Failure:
    """An error as it is stored: its kind and its words."""
    return Failure(kind=type(error).__name__, message=in_words(str(error)))


def asked_to_stop(folder: Path, attempt: str) -> bool:
    """Whether somebody has requested that this very attempt ends."""
    with suppress(OSError):
        return plain_files.read_file(folder / "stop", max_bytes=_LOG_BYTES) == attempt.encode()
    return False


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Tell an `OSError` inside the block as a `StoreWriteError` with advice."""
    try:
        yield
    except OSError as error:
        raise StoreWriteError(f"cannot write to {folder.parent}: {disk_advice(error)}") from error


def not_found(workspace: Workspace, run_id: str) -> RunNotFoundError:
    """The error that a training is not there."""
    return RunNotFoundError(
        f"no training {run_id[:100]!r} in {workspace.jobs}: expected the name of one that was started here, like "
        "mnist-mlp-1a2b3c4d. `python -m mnistcore jobs` shows them"
    )


def _changed(path: Path) -> str:
    with suppress(OSError, ValueError, OverflowError):
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="microseconds")
    return now_utc()
