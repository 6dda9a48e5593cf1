"""Owns the queue for a device: whose turn it is, and the places on a device that are held by who trains."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from mnistcore import processes
from mnistcore.errors import TrainingStoppedError
from mnistcore.jobs.job_files import folder_of, writing
from mnistcore.jobs.listing import list_jobs
from mnistcore.jobs.locks import Lock
from mnistcore.jobs.records import Job
from mnistcore.jobs.status_writer import StatusWriter
from mnistcore.runs import accounts
from mnistcore.training.observers import untroubled
from mnistcore.workspace import Workspace

MAX_WAITING = 8  # for one device
QUEUE_SECONDS = 2.0  # between two looks at who else waits, while the device is taken
LOOK_SECONDS_EACH = 0.5  # at least, for each of those who wait
TURN_SECONDS = 0.2  # between two looks at whether it is one's turn
AWAKE_SECONDS = 10.0  # who has not told for so long that it waits, is passed over
_UNSEEN = "a process that cannot be seen from here, of another container or computer"
_NO_LOCKS = (
    "the disk of the trainings has no locks: expected one where a file can be locked (flock). Trainings on one device "
    "may run at the same time here, and take longer"
)


@contextmanager
def turn(
    workspace: Workspace,
    run_id: str,
    status: StatusWriter,
    *,
    should_stop: Callable[[], bool],
    on_warning: Callable[[str], None],
    on_wait: Callable[[Job], None] | None = None,
) -> Iterator[None]:
    """Wait until one of the device's places is free and nobody came earlier; hold it inside.

    Args:
        status: says for which device, and is kept up to date meanwhile.
        on_warning: told who holds the device, where that is none of the trainings here.
        on_wait: called with this job and its place, every few seconds.

    Raises:
        TrainingStoppedError: it was stopped while it waited.
        StoreWriteError: the folder of the jobs cannot be written to.
    """
    with _wait_for_place(workspace, run_id, status, should_stop, on_wait, on_warning):
        yield


def _wait_for_place(
    workspace: Workspace,
    run_id: str,
    status: StatusWriter,
    should_stop: Callable[[], bool],
    on_wait: Callable[[Job], None] | None,
    on_warning: Callable[[str], None],
) -> Lock:
    tell = None if on_wait is None else untroubled(on_wait)
    paths = _places(workspace, status.queue, status.site)
    strangers = _Strangers(status.queue, on_warning)
    next_look = 0.0
    while True:
        if should_stop():
            raise TrainingStoppedError(f"{run_id}: stopped as requested, while it waited for {status.queue}")
        # Who waits leaves the processor to those who train: while nothing is free, the others are seldom looked at.
        is_free = not all(Lock.is_held(path) for path in paths)
        is_time = time.monotonic() >= next_look
        if is_time and not is_free and tell is None and not strangers.may_hold(paths):
            is_time, next_look = False, time.monotonic() + QUEUE_SECONDS
        if is_free or is_time:
            there = [job for job in list_jobs(workspace) if job.is_live and job.site == status.site]
            waiting = [job for job in there if _waits(job)]
            # All of them look at all others: the more there are, the more seldom.
            next_look = time.monotonic() + max(QUEUE_SECONDS, LOOK_SECONDS_EACH * len(waiting))
            if is_free and (not waiting or waiting[0].run_id == run_id):
                others = sum(job.state != "waiting" for job in there if job.run_id != run_id)
                with writing(folder_of(workspace, run_id)):
                    place = _take_place(paths, others)
                if place is not None:
                    if not place.works:
                        on_warning(_NO_LOCKS)
                    return place
            here = next((job for job in waiting if job.run_id == run_id), None)
            if tell is not None and here is not None:
                tell(here)
            if not is_free:
                strangers.look(paths, there)
        status.write_soon(AWAKE_SECONDS / 5)
        time.sleep(TURN_SECONDS)


def _take_place(paths: list[Path], others: int) -> Lock | None:
    """One of the places, where it is free; ``others``: how many say that they train on the device."""
    for path in paths:
        lock = Lock(path, mode=0o660 if accounts.is_shared(path.parent) else 0o600)
        if lock.acquire():
            if lock.works or others < len(paths):
                return lock
            with lock:  # without locks it can only be told from what the others say
                return None
    return None


class _Strangers:
    """Who holds the places of a device without being a training that is listed; told once, and in words.

    Whoever may open the file of a place can hold it.
    """

    def __init__(self, queue: str, on_warning: Callable[[str], None]) -> None:
        self._queue, self._on_warning = queue, on_warning
        self._seen: Counter[str] = Counter()
        self._holders: list[int | None] | None = None  # who needs no second look

    def may_hold(self, paths: list[Path]) -> bool:
        """Whether others hold the places than were found before: else nobody needs to look at all trainings."""
        return self._holders is None or self._holders != [Lock.holder(path) for path in paths]

    def look(self, paths: list[Path], there: list[Job]) -> None:
        """Look at who holds which place; told is what is found twice: a training may just have begun or ended."""
        known = {job.pid for job in there}
        holders = [Lock.holder(path) for path in paths]
        are_there = sum(job.state != "waiting" for job in there) >= len(paths)  # as many as may be, seen or not
        self._holders = holders
        for path, pid in zip(paths, holders, strict=True):
            if pid in known or (pid is None and are_there) or not Lock.is_held(path):
                continue
            account = processes.account_of(pid) if pid else None
            who = f"process {pid} of the account {accounts.name_of(account)}" if account is not None else _UNSEEN
            self._seen[who] += 1
            if self._seen[who] < 2:
                self._holders = None
            elif self._seen[who] == 2:
                self._on_warning(
                    f"waits for {self._queue}, which is held by {who}: expected a training run of this list. Who may "
                    f"hold it is who may open {path}"
                )


def _places(workspace: Workspace, queue: str, site: str) -> list[Path]:
    """The locks of a device: who holds one of them may use it."""
    name = f"{queue.partition(':')[0]}-{site}"
    return [workspace.jobs / f".device-{name}-{number}.lock" for number in range(1, workspace.jobs_per_device + 1)]


def _waits(job: Job) -> bool:
    """Awake: who was suspended (Ctrl-Z) lets the others pass. A clock that was put back makes nobody wait for a day."""
    quiet = datetime.now(UTC) - datetime.fromisoformat(job.updated)
    return job.state == "waiting" and abs(quiet.total_seconds()) < AWAKE_SECONDS


def busy_gpus(workspace: Workspace, run_id: str) -> set[str]:
    """What this process calls the GPUs on which other trainings than this one leave no place."""
    living = Counter(job.device_here for job in list_jobs(workspace) if job.is_live and job.run_id != run_id)
    return {name for name, count in living.items() if name is not None and count >= workspace.jobs_per_device}
