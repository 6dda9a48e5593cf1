"""Owns which processes of ours use how much of which device's memory, and having it released; imports no torch.

Two things use memory: trainings (mnistcore.jobs.jobs) and models that a process keeps for its next question
(mnistcore.models.held_models). What neither of them uses is counted as others': other people's programs, and of our
own processes what they do not know of, such as their CUDA context of some hundred MB.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from mnistcore.devices import device_memory
from mnistcore.devices.device_memory import DeviceInfo, Survey
from mnistcore.errors import InputError, MnistcoreError, RunNotFoundError
from mnistcore.jobs import jobs
from mnistcore.jobs.jobs import JobState
from mnistcore.models import held_models
from mnistcore.workspace import Workspace

# released: the model has left; stopped: the training has ended between two steps; killed: it did not answer and was
# ended at once; kept: it is still there
Outcome = Literal["released", "stopped", "killed", "kept"]

PATIENCE_SECONDS = 10.0  # for a training to end between two steps, and for a model to finish its answer
_LOOK_SECONDS = 0.1
_KILL_SECONDS = 3.0  # for the system to take away a process that was killed


@dataclass(frozen=True, slots=True)
class TrainingUse:
    """A training that uses a device's memory, or waits to."""

    run_id: str
    device: str
    size_bytes: int | None
    pid: int | None  # None while its process starts
    state: JobState
    stopping: bool = False  # it was requested to end, and has not yet
    is_here: bool = True  # its device is one of this process's, and not one of the same name elsewhere
    account: str | None = None  # that it belongs to; None where that is this one


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model that a process of this machine keeps on a device."""

    run_id: str
    device: str
    size_bytes: int
    pid: int
    idle_seconds: float  # since it was last used
    leaves_in_seconds: float  # if nobody uses it meanwhile
    record: str  # of its process, see held_models
    account: str | None = None  # as of a training


MemoryUse = TrainingUse | ModelUse


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a device's memory, in the order in which a bar shows them."""

    kind: Literal["training", "model", "others"]
    size_bytes: int
    share: float  # of the whole memory, 0 to 1; all parts together at most 1


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """A device, and what of ours uses how much of its memory."""

    device: DeviceInfo
    uses: tuple[MemoryUse, ...]

    @property
    def others_bytes(self) -> int | None:
        """What is used by nobody of ours; None where it is not known how much is used."""
        if self.device.used_bytes is None:
            return None
        return max(0, self.device.used_bytes - self._used_by(TrainingUse) - self._used_by(ModelUse))

    @property
    def used_share(self) -> float | None:
        """Of the whole memory, 0 to 1; None where it is not known."""
        total, used = self.device.total_bytes, self.device.used_bytes
        return min(1.0, used / total) if total and used is not None else None

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the used memory consists of; empty where it is not known how much there is."""
        total = self.device.total_bytes
        if not total:
            return ()
        sizes: dict[Literal["training", "model", "others"], int] = {
            "training": self._used_by(TrainingUse),
            "model": self._used_by(ModelUse),
            "others": self.others_bytes or 0,
        }
        # They were not read in the same moment: together they may come to a little more than there is.
        whole = max(total, sum(sizes.values()))
        return tuple(Part(kind, size, size / whole) for kind, size in sizes.items() if size)

    def _used_by(self, kind: type[MemoryUse]) -> int:
        return sum(use.size_bytes or 0 for use in self.uses if isinstance(use, kind))


@dataclass(frozen=True, slots=True)
class Released:
    """What became of a training or a model that was to release its memory."""

    use: MemoryUse
    outcome: Outcome


def list_uses(workspace: Workspace) -> tuple[MemoryUse, ...]:
    """Every training that lives, in the order of the queue, then every kept model, process by process."""
    trainings = (
        TrainingUse(
            run_id=job.run_id,
            device=job.device_here or job.queue,
            size_bytes=job.memory_bytes,
            pid=job.pid,
            state=job.state,
            stopping=job.stopping,
            is_here=job.is_here,
            account=job.account,
        )
        for job in jobs.list_jobs(workspace)
        if job.is_live
    )
    models = (
        ModelUse(
            run_id=model.run_id,
            device=model.device,
            size_bytes=model.size_bytes,
            pid=process.pid,
            idle_seconds=model.idle_seconds,
            leaves_in_seconds=model.leaves_in_seconds,
            record=process.name,
            account=process.account,
        )
        for process in held_models.read(workspace.holders)
        for model in process.models
    )
    return (*trainings, *models)


def list_problems(workspace: Workspace) -> tuple[str, ...]:
    """The names of records of kept models that cannot be used; they are left alone."""
    return held_models.problems(workspace.holders)


def device_uses(workspace: Workspace, survey: Survey | None = None) -> tuple[DeviceUse, ...]:
    """Every device of this process with what uses it; also one of which only is known that something does.

    Args:
        survey: the devices, if they were surveyed just now.
    """
    survey = survey or device_memory.survey()
    uses = tuple(use for use in list_uses(workspace) if isinstance(use, ModelUse) or use.is_here)
    known = {device.name for device in survey.devices}
    unknown = sorted({use.device for use in uses} - known)
    devices = (
        *(DeviceInfo(name, name.partition(":")[0], "", None, None) for name in unknown),
        *survey.devices,
    )
    return tuple(DeviceUse(device, tuple(use for use in uses if use.device == device.name)) for device in devices)


def choose(workspace: Workspace, names: Sequence[str], *, everything: bool = False) -> tuple[MemoryUse, ...]:
    """What is meant: the trainings and models of the runs named, all of them, or without either the kept models.

    What belongs to another account is meant only where it is named: then it is said whose it is.

    Raises:
        InputError: names and ``everything`` are given together.
        RunNotFoundError: a run named uses no memory here.
    """
    if names and everything:
        raise InputError("expected names or everything, got both")
    uses = list_uses(workspace)
    if not names:
        return tuple(use for use in uses if use.account is None and (everything or isinstance(use, ModelUse)))
    there = sorted({use.run_id for use in uses})
    for name in names:
        if name not in there:
            raise RunNotFoundError(
                f"{name[:100]} uses no memory: expected the id of a training that runs or waits here, or of a model "
                f"that is kept loaded; now that is {', '.join(there) or 'none'}"
            )
    return tuple(use for use in uses if use.run_id in names)


def request_release(workspace: Workspace, use: MemoryUse) -> None:
    """Request a training to end between two steps, or a process to release a model; returns at once.

    Raises:
        StoreError: the request cannot be written down.
    """
    if isinstance(use, TrainingUse):
        jobs.stop(workspace, use.run_id)
    else:
        held_models.request_release(workspace.holders, use.record, use.run_id)


def kill(workspace: Workspace, training: TrainingUse) -> bool:
    """Kill the process of a training that does not end when requested; it can resume from its last resume point.

    Returns:
        Whether its process was there and could be killed: another user's cannot.
    """
    with suppress(MnistcoreError, PermissionError):
        return jobs.kill(workspace, training.run_id)
    return False


def release(
    workspace: Workspace,
    uses: Sequence[MemoryUse],
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    on_release: Callable[[Released], None] | None = None,
) -> tuple[Released, ...]:
    """Have memory released, and wait for it; a training that does not end in time is killed.

    A training that ends between two steps keeps what it has as a checkpoint and as a resume point; one that is killed
    keeps its last resume point.

    Args:
        workspace: that it was listed in.
        uses: what is to release its memory.
        patience_seconds: how long a training may take to end by itself.
        on_release: told of each as soon as it is known what became of it.

    Raises:
        StoreError: a request cannot be written down; those before it have been.
    """
    for use in uses:
        request_release(workspace, use)
    waiting = _Waiting(workspace, uses, on_release or (lambda _: None))
    waiting.settle("stopped", patience_seconds)
    if trainings := [use for use in waiting.uses if isinstance(use, TrainingUse)]:
        for training in trainings:
            kill(workspace, training)
        waiting.settle("killed", _KILL_SECONDS)
    for use in tuple(waiting.uses):
        waiting.report(use, "kept")
    return tuple(waiting.results)


class _Waiting:
    """What has not released its memory yet, and what became of the others."""

    def __init__(self, workspace: Workspace, uses: Sequence[MemoryUse], on_release: Callable[[Released], None]) -> None:
        self._workspace = workspace
        self.uses, self.results = list(uses), list[Released]()
        self._on_release = on_release

    def settle(self, of_training: Outcome, seconds: float) -> None:
        """Wait until all are gone, at most so long; ``of_training``: what it means for a training."""
        deadline = time.monotonic() + seconds
        while self.uses:
            there = {_identity(use) for use in list_uses(self._workspace)}
            for use in [use for use in self.uses if _identity(use) not in there]:
                self.report(use, of_training if isinstance(use, TrainingUse) else "released")
            if not self.uses or time.monotonic() >= deadline:
                return
            time.sleep(_LOOK_SECONDS)

    def report(self, use: MemoryUse, outcome: Outcome) -> None:
        """Note and tell what became of one."""
        self.uses.remove(use)
        self.results.append(Released(use, outcome))
        self._on_release(self.results[-1])


def _identity(use: MemoryUse) -> tuple[str, str]:
    """Which one it is: a training is known by its run alone, as its process is not there yet while it starts."""
    return use.run_id, use.record if isinstance(use, ModelUse) else ""
