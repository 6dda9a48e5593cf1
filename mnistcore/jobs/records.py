"""Owns what is told and stored of a training: its request, its status, how it is now; knows no file."""

import hashlib
import itertools
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from mnistcore import processes
from mnistcore.config import TrainConfig
from mnistcore.datasets.catalogue import all_datasets
from mnistcore.devices import device_memory
from mnistcore.processes import ProcessRecord
from mnistcore.runs.history import CurvePoint, EpochReport

JobState = Literal["waiting", "starting", "training", "complete", "interrupted", "failed"]
LIVE: frozenset[JobState] = frozenset({"waiting", "starting", "training"})
MAX_CURVE = 240  # points of the curve; above that two neighbours become one
_MEASURABLE_SECONDS = 0.001  # in less, no speed is told


# What is computed with is checked as it is read: a moment has its zone, a number its bounds.
Count = Annotated[int, Field(ge=0, le=2**53)]  # up to what a float holds exactly
Line = Annotated[str, Field(max_length=100, pattern=r"^[ -~]*$")]


class Failure(BaseModel):
    """Why a training ended: the name of the error's class, and its message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    message: str


def _in_utc(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC).isoformat(timespec="microseconds")
    except OverflowError:
        pass
    raise ValueError("expected a moment with its zone")


Moment = Annotated[str, AfterValidator(_in_utc)]  # UTC, ISO 8601 with microseconds: sorts as text


class Request(BaseModel):
    """request.json: what is to be trained, as whoever started it has said."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal[1] = 1
    attempt: Annotated[str, Field(min_length=1, max_length=100)]  # which start this is: a request to stop names it
    config: TrainConfig
    device: Line
    force: bool  # a complete run of the store is replaced
    fresh: bool  # a resume point that is there is dropped first


class Status(BaseModel):
    """status.json: how far a training is, as its process tells it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    schema_version: Literal[1] = 1
    attempt: str
    state: JobState
    queue: Line  # the device that is waited for and used
    site: Line = ""  # see `site`
    queued: Moment  # when it came
    ticket: Annotated[float, Field(ge=0, le=1e12)] | None = None  # who came first, see `ticket`
    updated: Moment
    starter: ProcessRecord | None = None  # stands for the process until that is there
    process: ProcessRecord | None = None
    steps_done: Count = 0
    steps: Annotated[Count, Field(ge=1)] | None = None  # of the whole training, known once it has begun
    resumed_after: Count | None = None  # steps that were done before this attempt
    seconds: Annotated[float, Field(ge=0, le=1e9)] = 0.0  # since the first step of this attempt
    memory_bytes: Count | None = None
    history: tuple[EpochReport, ...] = ()
    curve: tuple[CurvePoint, ...] = ()
    warnings: tuple[str, ...] = ()
    failure: Failure | None = None

    @model_validator(mode="after")
    def _agrees(self) -> "Status":
        epochs, steps = [report.epoch for report in self.history], [point.step for point in self.curve]
        if not _ascending(epochs) or not _ascending(steps):
            raise ValueError("expected epochs and steps in ascending order, each once")
        last = max(self.steps_done, *steps[-1:], 0)
        if (self.steps is not None and last > self.steps) or (self.resumed_after or 0) > self.steps_done:
            raise ValueError(f"expected no more steps than the training has, got {last} of {self.steps}")
        return self


def _ascending(numbers: list[int]) -> bool:
    return all(one < other for one, other in itertools.pairwise(numbers))


@dataclass(frozen=True, slots=True)
class Job:
    """A training as a process: one that lives, or the last one of its configuration."""

    run_id: str
    config: TrainConfig
    device: str  # as requested: "auto", "cpu", "cuda:1", ...
    queue: str  # the device that it waits for or uses, as far as is known without torch
    site: str  # see `site`
    state: JobState
    place: int | None  # in the queue, from 1, while it waits
    stopping: bool  # a stop was requested, and it has not stopped yet
    resumable: bool  # it does not live, and can go on where it was left
    steps_done: int
    steps: int | None  # of the whole training; None until it is known
    resumed_after: int | None  # steps that were done before this attempt
    seconds: float  # since the first step of this attempt
    memory_bytes: int | None  # held on its device, or of the machine's memory on the CPU
    history: tuple[EpochReport, ...]  # of the finished epochs
    curve: tuple[CurvePoint, ...]  # the steps so far, at most `MAX_CURVE` points
    warnings: tuple[str, ...]  # what went wrong without ending it
    failure: Failure | None
    pid: int | None
    queued: str  # UTC, ISO 8601
    ticket: float | None  # who came first, see `ticket`
    updated: str  # UTC, ISO 8601
    account: str | None = None  # that it belongs to; None where that is this one, which alone may change it

    @property
    def is_live(self) -> bool:
        """Whether its process runs."""
        return self.state in LIVE

    @property
    def is_here(self) -> bool:
        """Whether its device is one of this process's, and not one of the same name elsewhere; see `site`."""
        return self.device_here is not None

    @property
    def device_here(self) -> str | None:
        """What this process calls its device, which another one may number otherwise; None where it does not see it."""
        if self.site in ("", site(self.queue)):
            return self.queue
        names = (f"cuda:{index}" for index in range(len(device_memory.gpu_identities())))
        return next((name for name in names if site(name) == self.site), None)

    @property
    def share(self) -> float | None:
        """Of the steps that are done, 0 to 1; None until it is known how many there are."""
        return self.steps_done / self.steps if self.steps else None

    @property
    def steps_per_second(self) -> float | None:
        """In this attempt; None before there is something to measure."""
        done = self.steps_done - (self.resumed_after or 0) - 1  # the clock starts at the end of the first one
        return done / self.seconds if done > 0 and self.seconds >= _MEASURABLE_SECONDS else None

    @property
    def images_per_second(self) -> float | None:
        """Training images, in this attempt, the evaluation after each epoch included."""
        known = all_datasets().get(self.config.dataset)
        if self.steps_per_second is None or not self.steps or known is None:
            return None
        images = self.config.epochs * known.train_size
        return self.steps_per_second * images / self.steps

    @property
    def seconds_left(self) -> float | None:
        """If it continues as fast as so far."""
        speed = self.steps_per_second
        return (self.steps - self.steps_done) / speed if speed and self.steps and self.state == "training" else None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the folder of the trainings that cannot be used; it is left alone."""

    name: str  # as it stands in the folder, what cannot be printed written out
    detail: str  # one English sentence for people who look after the folder


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in the folder of the trainings: see `list_jobs`, and what else lies there, by name."""

    jobs: tuple[Job, ...]
    problems: tuple[Problem, ...]


def site(queue: str) -> str:
    """Which device a name means: a GPU by its UUID, wherever and as whatever it is seen, others by their computer.

    In a folder that several computers or containers share, those of a Slurm cluster for example, the same name
    elsewhere is another device, and another name may be the same one.
    """
    kind, _, number = queue.partition(":")
    device = f"{processes.this_host()} {'' if kind == 'cpu' else kind}"
    if kind == "cuda":
        index = int(number) if number.isdecimal() else 0
        uuids = device_memory.gpu_identities()
        seen = device_memory.visible_devices() or ""
        device = uuids[index] if index < len(uuids) else f"{device} {seen} {index}"
    return hashlib.sha256(device.encode()).hexdigest()[:8]


def thin_curve(points: tuple[CurvePoint, ...], *, limit: int = MAX_CURVE) -> tuple[CurvePoint, ...]:
    """At most ``limit`` points: above that each two neighbours become one, their mean at the later one's step.

    >>> thin_curve((CurvePoint(50, 2.0, 0.2), CurvePoint(100, 1.0, 0.6)), limit=1)
    (CurvePoint(step=100, loss=1.5, accuracy=0.4),)
    """
    while len(points) > limit:
        pairs = zip(points[::2], points[1::2], strict=False)
        merged = tuple(
            CurvePoint(later.step, (one.loss + later.loss) / 2, (one.accuracy + later.accuracy) / 2)
            for one, later in pairs
        )
        points = merged + points[len(merged) * 2 :]
    return points


def in_words(text: str) -> str:
    """Text as JSON takes it: a file's name that is not UTF-8 is written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def printable(text: str) -> str:
    """Likewise, and in one line."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def ticket() -> float:
    """Who comes later has a higher one: seconds since this computer's start, whatever becomes of its clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def now_utc() -> str:
    """This moment, as a `Moment`."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
