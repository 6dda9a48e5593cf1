"""Owns which trainings there are, and in which order."""

import math
import os
from dataclasses import replace

from mnistcore.jobs.children import reap
from mnistcore.jobs.job_files import folder_of, forget_all_but, look_at, read_job
from mnistcore.jobs.records import Job, Listing, Problem, printable
from mnistcore.runs.manifest import is_run_id
from mnistcore.workspace import Workspace


def find(workspace: Workspace, run_id: str) -> Job | None:
    """The training of that name as it is now; None where there never was one."""
    if not is_run_id(run_id):
        return None
    job = read_job(folder_of(workspace, run_id))
    if job is None or job.state != "waiting":
        return job
    return next(
        (other for other in list_jobs(workspace) if other.run_id == run_id), job
    )  # its place depends on the others


def list_jobs(workspace: Workspace) -> tuple[Job, ...]:
    """Every training that lives, in the order of the queue, then the others, the last changed first."""
    return listing(workspace).jobs


def listing(workspace: Workspace) -> Listing:
    """Every training as `list_jobs` gives them, and everything else by name with the reason. Never raises.

    Hidden names are passed over. A training whose status cannot be read is in both.
    """
    root = workspace.jobs
    reap()
    try:
        names = sorted(os.listdir(root))
    except FileNotFoundError:
        return Listing((), ())
    except OSError as error:
        return Listing((), (Problem(root.name, f"expected a folder that can be read, got {printable(str(error))}"),))
    found: list[Job] = []
    problems: list[Problem] = []
    for name in names:
        if name.startswith("."):
            continue
        try:
            job, fault = look_at(root / name)
        except Exception as error:  # whatever is wrong with one entry, the others are listed
            job, fault = None, str(error)
        if job is not None:
            found.append(job)
        if fault:
            problems.append(Problem(printable(name), printable(fault)))
    forget_all_but(root, names)
    return Listing(_in_order(found), tuple(problems))


def _in_order(found: list[Job]) -> tuple[Job, ...]:
    living = sorted((job for job in found if job.is_live), key=_came)
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


def _came(job: Job) -> tuple[float, str, str]:
    """Who came first on one computer; a clock that is put back, or between two computers, says little."""
    return math.inf if job.ticket is None else job.ticket, job.queued, job.run_id


def is_known(workspace: Workspace, run_id: str) -> bool:
    """Whether `forget` has anything to remove, readable or not."""
    return is_run_id(run_id) and os.path.lexists(folder_of(workspace, run_id))
