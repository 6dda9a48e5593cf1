"""Owns one process's attempt at a training: wait for a turn on the device, train, tell how far it is."""

from collections.abc import Callable
from pathlib import Path

from mnistcore import config
from mnistcore.devices import devices
from mnistcore.jobs.job_files import folder_of
from mnistcore.jobs.records import Job, Request
from mnistcore.jobs.removal import tidy
from mnistcore.jobs.status_writer import StatusWriter
from mnistcore.jobs.stopping import StopOnRequest, StopOnSignal
from mnistcore.jobs.turns import busy_gpus, turn
from mnistcore.runs.store import Store
from mnistcore.training import distributed, pipeline
from mnistcore.training.distributed import Group
from mnistcore.training.observers import Observer, Observers
from mnistcore.training.pipeline import TrainResult
from mnistcore.training.resume_points import ResumePoints


def run_attempt(
    request: Request,
    *,
    store: Store,
    data_root: Path | None,
    observer: Observer | None = None,
    on_wait: Callable[[Job], None] | None = None,
    group: Group = distributed.ALONE,
) -> TrainResult:
    """Train what was requested; the lock of the training is in the caller's hands.

    Args:
        request: what to train, and how.
        store: where the run is kept.
        data_root: where data sets are kept.
        observer: is told how far it is, besides status.json.
        on_wait: called several times a second, with this job and its place, while the device is in use.
        group: the processes to train in, of which this one is rank 0.

    Raises:
        TrainingStoppedError: it was stopped, as requested.
        MnistcoreError: see `pipeline.train_run`.
    """
    run_id = config.run_id(request.config)
    folder = folder_of(run_id)
    resume = ResumePoints(folder / "resume")
    queue, why = _queue(request, run_id, group)
    status = StatusWriter(folder, request, queue=queue, resumes=resume.exists())
    signals = StopOnSignal()
    observers = Observers(status, signals, StopOnRequest(folder, request.attempt), observer)
    try:
        with status:
            tidy(run_id)
            if why:
                observers.on_choice(status.queue, why)
            with signals, turn(run_id, status, should_stop=observers.should_stop, on_wait=on_wait):
                status.starting()
                if request.fresh:
                    resume.drop()
                return pipeline.train_run(
                    request.config,
                    store=store,
                    data_root=data_root,
                    device=_device(request, queue),
                    force=request.force,
                    resume=resume,
                    observer=observers,
                    group=group,
                )
    finally:
        tidy(run_id)


def _queue(request: Request, run_id: str, group: Group) -> tuple[str | None, str]:
    """The device to wait for, and why this one of several; None where each process of a group takes one of its own."""
    if group is not distributed.ALONE:
        return None, ""
    return devices.choose(request.device, busy=busy_gpus(run_id))


def _device(request: Request, queue: str | None) -> str:
    """What was waited for, if it was chosen among several and this torch can use it; else what was requested."""
    if queue is None or request.device not in ("auto", "cuda") or not queue.startswith("cuda"):
        return request.device
    return queue if devices.can_use(queue) else request.device
