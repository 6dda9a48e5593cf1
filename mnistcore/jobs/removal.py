"""Owns what leaves the list of trainings, and when."""

import os
import stat
import time
from contextlib import suppress
from pathlib import Path

from mnistcore.errors import (
    MnistcoreError,
    TrainingError,
)
from mnistcore.jobs.job_files import folder_of, read_job, wait_for_the_lock, writing
from mnistcore.jobs.listing import list_jobs
from mnistcore.jobs.locks import LOCK_SECONDS, Lock
from mnistcore.runs import accounts, atomic
from mnistcore.training.resume_points import ResumePoints
from mnistcore.workspace import Workspace

MAX_ENDED = 200  # trainings that have ended; the oldest leave, and those that can be resumed leave last


def forget(workspace: Workspace, run_id: str) -> None:
    """Remove what is kept of a training that does not live, its resume point too; the run in the store stays.

    Raises:
        TrainingError: it lives.
        StoreWriteError: the folder of the jobs cannot be written to.
    """
    folder = folder_of(workspace, run_id)
    deadline = time.monotonic() + LOCK_SECONDS
    with writing(folder), suppress(FileNotFoundError):
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            accounts.require_ours(folder)
            atomic.remove(folder)
            return
        while not _remove_ended(folder):
            wait_for_the_lock(folder, deadline)


def _remove_ended(folder: Path) -> bool:
    """Whether nobody held its lock, so that it could be removed."""
    job = read_job(folder)
    if job is not None and job.is_live:
        raise TrainingError(f"{folder.name} is being trained: expected one that has ended; stop it first")
    accounts.require_ours(folder)
    lock = Lock(folder / "lock")
    if not lock.acquire():
        return False
    with lock:
        ResumePoints(folder / "resume").drop()
        atomic.remove(folder)
        atomic.remove_stale(folder.parent)
    return True


def tidy(workspace: Workspace, run_id: str) -> None:
    """Remove the oldest trainings that have ended, where there are too many, but not this one."""
    with suppress(OSError):
        ended = [job for job in list_jobs(workspace) if not job.is_live]
        others = sorted(
            (job for job in ended if job.run_id != run_id), key=lambda job: (job.resumable, job.updated, job.run_id)
        )
        for job in others[: max(0, len(ended) - MAX_ENDED)]:
            with suppress(OSError, MnistcoreError):  # somebody resumes it, or removes it, in this moment
                _remove_ended(folder_of(workspace, job.run_id))
