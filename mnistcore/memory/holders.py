"""Owns who of ours holds how much of which device's memory, and having it given back; imports no torch.

Two kinds hold memory: trainings (mnistcore.jobs.jobs) and models that a process keeps for its next question
(mnistcore.models.held_models). What neither of them holds is counted as others': other people's programs, and of our
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

Kind = Literal["training", "model"]
# released: the model has left; stopped: the training has ended between two steps; killed: it did not answer and was
# ended at once; kept: it is still there
Outcome = Literal["released", "stopped", "killed", "kept"]

PATIENCE_SECONDS = 10.0  # for a training to end between two steps, and for a model to finish its answer
_LOOK_SECONDS = 0.1
_KILL_SECONDS = 3.0  # for the system to take away a process that was killed


@dataclass(frozen=True, slots=True)
class Holder:
    """A training or a kept model, on one device."""

    kind: Kind
    run_id: str
    device: str
    size_bytes: int | None
    pid: int | None
    state: JobState | None = None  # of a training
    stopping: bool = False  # a training that was asked to end, and has not yet
    idle_seconds: float | None = None  # of a model, since it was last asked
    leaves_in_seconds: float | None = None  # of a model, if nobody asks it meanwhile
    record: str = ""  # of a model: the record of its process, see held_models
    is_here: bool = True  # its device is one of this process's, and not one of the same name elsewhere


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a device's memory, in the order in which a bar shows them."""

    kind: Literal["training", "model", "others"]
    size_bytes: int
    share: float  # of the whole memory, 0 to 1; all parts together at most 1


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """A device, and who of ours holds how much of its memory."""

    device: DeviceInfo
    holders: tuple[Holder, ...]

    @property
    def others_bytes(self) -> int | None:
        """What is used and held by nobody of ours; None where it is not known how much is used."""
        if self.device.used_bytes is None:
            return None
        return max(0, self.device.used_bytes - self._held("training") - self._held("model"))

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
        sizes = {"training": self._held("training"), "model": self._held("model"), "others": self.others_bytes or 0}
        # Held and used were not read in the same moment: together they may come to a little more than there is.
        whole = max(total, sum(sizes.values()))
        kinds: tuple[Literal["training", "model", "others"], ...] = ("training", "model", "others")
        return tuple(Part(kind, sizes[kind], sizes[kind] / whole) for kind in kinds if sizes[kind])

    def _held(self, kind: Kind) -> int:
        return sum(holder.size_bytes or 0 for holder in self.holders if holder.kind == kind)


@dataclass(frozen=True, slots=True)
class Released:
    """What became of a holder that was to let go."""

    holder: Holder
    outcome: Outcome


def list_holders() -> tuple[Holder, ...]:
    """Every training that lives, in the order of the queue, then every kept model, process by process."""
    trainings = (
        Holder(
            kind="training",
            run_id=job.run_id,
            device=job.device_here or job.queue,
            size_bytes=job.memory_bytes,
            pid=job.pid,
            state=job.state,
            stopping=job.stopping,
            is_here=job.is_here,
        )
        for job in jobs.list_jobs()
        if job.is_live
    )
    models = (
        Holder(
            kind="model",
            run_id=model.run_id,
            device=model.device,
            size_bytes=model.size_bytes,
            pid=process.pid,
            idle_seconds=model.idle_seconds,
            leaves_in_seconds=model.leaves_in_seconds,
            record=process.name,
        )
        for process in held_models.read()
        for model in process.models
    )
    return (*trainings, *models)


def list_problems() -> tuple[str, ...]:
    """The names of records of kept models that cannot be used; they are left alone."""
    return held_models.problems()


def device_uses(survey: Survey | None = None) -> tuple[DeviceUse, ...]:
    """Every device of this process with its holders; also one of which only is known that something is held on it.

    Args:
        survey: the devices, if they were asked after just now.
    """
    survey = survey or device_memory.survey()
    holders = tuple(holder for holder in list_holders() if holder.is_here)
    known = {device.name for device in survey.devices}
    unknown = sorted({holder.device for holder in holders} - known)
    devices = (
        *(DeviceInfo(name, name.partition(":")[0], "", None, None) for name in unknown),
        *survey.devices,
    )
    return tuple(
        DeviceUse(device, tuple(holder for holder in holders if holder.device == device.name)) for device in devices
    )


def choose(names: Sequence[str], *, everything: bool = False) -> tuple[Holder, ...]:
    """The holders that are meant: those of the runs named, all of them, or without either the kept models.

    Raises:
        InputError: names and ``everything`` are given together.
        RunNotFoundError: a name holds nothing here.
    """
    if names and everything:
        raise InputError("expected names or everything, got both")
    holders = list_holders()
    if not names:
        return holders if everything else tuple(holder for holder in holders if holder.kind == "model")
    there = sorted({holder.run_id for holder in holders})
    for name in names:
        if name not in there:
            raise RunNotFoundError(
                f"{name[:100]} holds nothing: expected the id of a training that runs or waits here, or of a model "
                f"that is kept loaded; now that is {', '.join(there) or 'none'}"
            )
    return tuple(holder for holder in holders if holder.run_id in names)


def ask(holder: Holder) -> None:
    """Ask a training to end between two steps, or a process to let go of a model; returns at once.

    Raises:
        StoreError: it cannot be asked.
    """
    if holder.kind == "training":
        jobs.stop(holder.run_id)
    else:
        held_models.ask(holder.record, holder.run_id)


def kill(holder: Holder) -> bool:
    """End a training at once that does not end when asked; it can go on from its last resume point.

    Returns:
        Whether its process was there and could be ended: another user's cannot.
    """
    with suppress(MnistcoreError, PermissionError):
        return jobs.kill(holder.run_id)
    return False


def release(
    holders: Sequence[Holder],
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    on_release: Callable[[Released], None] | None = None,
) -> tuple[Released, ...]:
    """Have the memory given back, and wait for it; a training that does not end in time is killed.

    A training that ends between two steps keeps what it has as a checkpoint and as a resume point; one that is killed
    keeps its last resume point.

    Args:
        on_release: told of each as soon as it is known what became of it.

    Raises:
        StoreError: one cannot be asked; those before it have been.
    """
    for holder in holders:
        ask(holder)
    results: list[Released] = []
    waiting = list(holders)

    def settle(outcomes: dict[Kind, Outcome], seconds: float) -> None:
        """Wait until they are gone, at most so long."""
        deadline = time.monotonic() + seconds
        while waiting:
            there = {_identity(holder) for holder in list_holders()}
            for holder in [holder for holder in waiting if _identity(holder) not in there]:
                waiting.remove(holder)
                report(Released(holder, outcomes[holder.kind]))
            if not waiting or time.monotonic() >= deadline:
                return
            time.sleep(_LOOK_SECONDS)

    def report(result: Released) -> None:
        results.append(result)
        if on_release is not None:
            on_release(result)

    settle({"training": "stopped", "model": "released"}, patience_seconds)
    if any(holder.kind == "training" for holder in waiting):
        for holder in waiting:
            if holder.kind == "training":
                kill(holder)
        settle({"training": "killed", "model": "released"}, _KILL_SECONDS)
    for holder in list(waiting):
        report(Released(holder, "kept"))
    return tuple(results)


def _identity(holder: Holder) -> tuple[str, str, str]:
    """Who it is: a training is known by its run alone, as its process is not there yet while it starts."""
    return holder.kind, holder.run_id, holder.record
