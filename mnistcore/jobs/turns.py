"""Owns the queue for a device: whose turn it is, and the places on a device that are held by who trains."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from mnistcore.errors import TrainingStoppedError
from mnistcore.jobs.job_files import folder_of, writing
from mnistcore.jobs.listing import list_jobs
from mnistcore.jobs.locks import Lock
from mnistcore.jobs.records import Job
from mnistcore.jobs.status_writer import StatusWriter
from mnistcore.training.observers import untroubled
from mnistcore.workspace import Workspace

QUEUE_SECONDS = 2.0  # between two looks at who else waits, while the device is taken
TURN_SECONDS = 0.2  # between two looks at whether it is one's turn
AWAKE_SECONDS = 10.0  # who has not told for so long that it waits, is passed over


@contextmanager
def turn(
    workspace: Workspace,
    run_id: str,
    status: StatusWriter,
    *,
    should_stop: Callable[[], bool],
    on_wait: Callable[[Job], None] | None = None,
) -> Iterator[None]:
    """Wait until one of the device's places is free and nobody came earlier; hold it inside.

    Args:
        status: says for which device, and is kept up to date meanwhile.
        on_wait: called with this job and its place several times a second.

    Raises:
        TrainingStoppedError: it was stopped while it waited.
        StoreWriteError: the folder of the jobs cannot be written to.
    """
    with _wait_for_place(workspace, run_id, status, should_stop, on_wait):
        yield


def _wait_for_place(
    workspace: Workspace,
    run_id: str,
    status: StatusWriter,
    should_stop: Callable[[], bool],
    on_wait: Callable[[Job], None] | None,
) -> Lock:
    tell = None if on_wait is None else untroubled(on_wait)
    paths = _places(workspace, status.queue, status.site)
    next_look = 0.0
    while True:
        if should_stop():
            raise TrainingStoppedError(f"{run_id}: stopped as requested, while it waited for {status.queue}")
        # Who waits leaves the processor to those who train: while nothing is free, the others are seldom looked at.
        is_free = not all(Lock.is_held(path) for path in paths)
        if is_free or time.monotonic() >= next_look:
            next_look = time.monotonic() + QUEUE_SECONDS
            waiting = [job for job in list_jobs(workspace) if _waits(job, status.site)]
            if is_free and (not waiting or waiting[0].run_id == run_id):
                with writing(folder_of(workspace, run_id)):
                    place = next((lock for lock in map(Lock, paths) if lock.acquire()), None)
                if place is not None:
                    return place
            here = next((job for job in waiting if job.run_id == run_id), None)
            if tell is not None and here is not None:
                tell(here)
        status.write_soon()
        time.sleep(TURN_SECONDS)


def _places(workspace: Workspace, queue: str, site: str) -> list[Path]:
    """The locks of a device: who holds one of them may use it."""
    name = f"{queue.partition(':')[0]}-{site}"
    return [workspace.jobs / f".device-{name}-{number}.lock" for number in range(1, workspace.jobs_per_device + 1)]


def _waits(job: Job, site: str) -> bool:
    """For the same device, and awake: who was suspended (Ctrl-Z) lets the others pass."""
    quiet = datetime.now(UTC) - datetime.fromisoformat(job.updated)
    return job.state == "waiting" and job.site == site and quiet.total_seconds() < AWAKE_SECONDS


def busy_gpus(workspace: Workspace, run_id: str) -> set[str]:
    """What this process calls the GPUs on which other trainings than this one leave no place."""
    living = Counter(job.device_here for job in list_jobs(workspace) if job.is_live and job.run_id != run_id)
    return {name for name, count in living.items() if name is not None and count >= workspace.jobs_per_device}
