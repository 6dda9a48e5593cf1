"""Owns one process's attempt at a training: wait for a turn on the device, train, tell how far it is."""

from collections.abc import Callable

from mnistcore import config
from mnistcore.devices import devices
from mnistcore.jobs.job_files import folder_of
from mnistcore.jobs.records import Job, Request
from mnistcore.jobs.removal import tidy
from mnistcore.jobs.status_writer import StatusWriter
from mnistcore.jobs.stopping import StopAfterHours, StopOnRequest, StopOnSignal
from mnistcore.jobs.turns import busy_gpus, turn
from mnistcore.runs.store import Store
from mnistcore.training import distributed, pipeline
from mnistcore.training.distributed import Group
from mnistcore.training.observers import Observer, Observers
from mnistcore.training.pipeline import TrainResult
from mnistcore.training.resume_points import ResumePoints
from mnistcore.workspace import Workspace


def run_attempt(
    workspace: Workspace,
    request: Request,
    *,
    store: Store | None = None,
    observer: Observer | None = None,
    on_wait: Callable[[Job], None] | None = None,
    group: Group = distributed.ALONE,
) -> TrainResult:
    """Train what was requested; the lock of the training is in the caller's hands.

    Args:
        request: what to train, and how.
        store: where the run is kept, if not with the workspace's runs.
        observer: is told how far it is, besides status.json.
        on_wait: called several times a second, with this job and its place, while the device is in use.
        group: the processes to train in, of which this one is rank 0.

    Raises:
        TrainingStoppedError: it was stopped, as requested.
        MnistcoreError: see `pipeline.train_run`.
    """
    run_id = config.run_id(request.config)
    folder = folder_of(workspace, run_id)
    resume = ResumePoints(folder / "resume")
    queue, why = _queue(workspace, request, group)
    status = StatusWriter(folder, request, queue=queue, resumes=resume.exists())
    signals = StopOnSignal()
    told = Observers(status, observer)
    limit = StopAfterHours(workspace.max_hours, told.on_warning)
    observers = Observers(status, signals, StopOnRequest(folder, request.attempt), limit, observer)
    try:
        with status:
            tidy(workspace, run_id)
            if why:
                observers.on_choice(status.queue, why)
            place = turn(
                workspace,
                run_id,
                status,
                should_stop=observers.should_stop,
                on_warning=observers.on_warning,
                on_wait=on_wait,
            )
            with signals, place:
                status.starting()
                limit.begin()
                if request.fresh:
                    resume.drop()
                return pipeline.train_run(
                    request.config,
                    store=store or Store(workspace.runs),
                    data_root=workspace.data,
                    device=_device(request, queue),
                    force=request.force,
                    resume=resume,
                    observer=observers,
                    group=group,
                )
    finally:
        tidy(workspace, run_id)


def _queue(workspace: Workspace, request: Request, group: Group) -> tuple[str | None, str]:
    """The device to wait for, and why this one of several; None where each process of a group takes one of its own."""
    if group is not distributed.ALONE:
        return None, ""
    return devices.choose(request.device, busy=busy_gpus(workspace, config.run_id(request.config)))


def _device(request: Request, queue: str | None) -> str:
    """What was waited for, if it was chosen among several and this torch can use it; else what was requested."""
    if queue is None or request.device not in ("auto", "cuda") or not queue.startswith("cuda"):
        return request.device
    return queue if devices.can_use(queue) else request.device
