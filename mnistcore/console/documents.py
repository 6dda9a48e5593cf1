"""Owns the JSON documents of the command line but those of homework, so that one fact has one name in all of them.

Other people's scripts read these: no field is renamed or removed. What has no value is null.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from mnistcore import metrics
from mnistcore.config import Preprocessing, TrainConfig
from mnistcore.runs.history import EpochReport, RecordedEpoch
from mnistcore.runs.manifest import (
    ClassRecord,
    DatasetRecord,
    EnvironmentRecord,
    ModelRecord,
    PredictionsRecord,
    RunManifest,
    Status,
)
from mnistcore.training import presets

if TYPE_CHECKING:  # what a document is built from; a command has loaded what its own needs
    from mnistcore.datasets.idx_files import FileProblem
    from mnistcore.datasets.registry import Dataset
    from mnistcore.jobs.jobs import Job
    from mnistcore.jobs.sweeps import Outcome
    from mnistcore.memory.memory_use import DeviceUse, MemoryUse, Released
    from mnistcore.runs.problems import Problem
    from mnistcore.runs.store import Store
    from mnistcore.stored_runs import RunEvaluation
    from mnistcore.training.pipeline import TrainResult


class Document(BaseModel):
    """The base of all documents; pydantic builds only those that a command uses."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


# ---------------------------------------------------------------- runs


class RunSummary(Document):
    """A run, as every command shows it."""

    run_id: str
    status: Status
    dataset: str
    model: str | None  # this and the next two: None if it was not trained here
    preset: str | None  # also None if the configuration is not that of a preset
    seed: int | None
    epoch: int  # the last kept epoch
    accuracy: float | None  # on the test images, 0 to 1
    seconds: float | None  # of the training
    created: str  # UTC, ISO 8601
    path: str

    @classmethod
    def of_run(cls, run: RunManifest, *, root: Path) -> Self:
        """Build it from a run in the folder ``root``."""
        return cls(**_summary(run, root))


class UnreadableRun(Document):
    """An entry in the folder of the runs that cannot be used."""

    run_id: str  # its name
    status: Literal["problem"]
    accuracy: None
    reason: str
    detail: str

    @classmethod
    def of(cls, problem: "Problem") -> Self:
        """Build it from the problem that a listing names."""
        return cls(
            run_id=problem.name, status="problem", accuracy=None, reason=problem.reason.value, detail=problem.detail
        )


class FileFacts(Document):
    """A file of a run, as run.json describes it."""

    sha256: str
    size_bytes: int


class RunDetails(Document):
    """The document of `show`: the summary, all of run.json, and the epochs."""

    run_id: str
    status: Status
    dataset: DatasetRecord
    model: ModelRecord | None
    preset: str | None
    seed: int | None
    epoch: int
    accuracy: float | None
    seconds: float | None
    created: str
    path: str
    schema_version: int
    title: str
    predictions: dict[str, PredictionsRecord]  # split -> what is kept of it
    config: TrainConfig | None  # this and the next two: None if it was not trained here
    environment: EnvironmentRecord | None
    preprocessing: Preprocessing | None
    origin: str
    epochs_kept: tuple[int, ...]
    files: dict[str, FileFacts]  # by name
    history: tuple[EpochReport, ...] | tuple[RecordedEpoch, ...]

    @classmethod
    def of(cls, run: RunManifest, history: Iterable[EpochReport] | Iterable[RecordedEpoch], *, root: Path) -> Self:
        """Build it from a run in the folder ``root`` and its epochs."""
        trained = run.trained
        return cls(
            **_summary(run, root)
            | {
                "dataset": run.dataset,
                "model": trained.model if trained else None,
                "schema_version": run.schema_version,
                "title": run.title,
                "predictions": run.predictions,
                "config": trained.config if trained else None,
                "environment": trained.environment if trained else None,
                "preprocessing": trained.preprocessing if trained else None,
                "origin": run.origin.kind,
                "epochs_kept": run.epochs_kept,
                "files": {
                    file.name: FileFacts(sha256=file.sha256, size_bytes=file.size_bytes) for file in run.files.values()
                },
                "history": tuple(history),
            }
        )


class DeletedRun(Document):
    """The document of `delete`."""

    run_id: str
    deleted: Literal[True]


class EvaluatedRun(Document):
    """The document of `evaluate`: the metrics of one checkpoint."""

    run_id: str
    split: str
    epoch: int
    accuracy: float | None  # 0 to 1
    accuracy_interval: tuple[float | None, float | None]  # Wilson, 95 %
    macro_f1: float | None
    classes: tuple[ClassRecord, ...]
    matrix: list[list[int]]  # rows are true, columns predicted
    summary: metrics.Summary
    rates: metrics.Rates
    counts: dict[str, list[int]]  # tp, fp, fn, tn -> of each class

    @classmethod
    def of(cls, result: "RunEvaluation") -> Self:
        """Build it from an evaluation."""
        counts = result.numbers.counts
        return cls(
            run_id=result.run_id,
            split=result.split,
            epoch=result.epoch,
            accuracy=result.summary.accuracy,
            accuracy_interval=result.numbers.accuracy_interval,
            macro_f1=result.summary.macro_f1,
            classes=result.classes,
            matrix=result.matrix.tolist(),
            summary=result.summary,
            rates=result.rates,
            counts={outcome: getattr(counts, outcome).tolist() for outcome in ("tp", "fp", "fn", "tn")},
        )


def _summary(run: RunManifest, root: Path) -> dict[str, Any]:
    trained = run.trained
    return {
        "run_id": run.run_id,
        "status": run.status,
        "dataset": run.dataset.name,
        "model": trained.config.model if trained else None,
        "preset": presets.preset_name(trained.config) if trained else None,
        "seed": trained.config.seed if trained else None,
        "epoch": run.epochs_kept[-1],
        "accuracy": run.accuracy,
        "seconds": trained.seconds if trained else None,
        "created": run.created,
        "path": str(root / run.run_id),
    }


# ---------------------------------------------------------------- training


class TrainedRun(RunSummary):
    """The document of `train`, `resume` and `starter`: a run, and whether it was trained just now."""

    macro_f1: float | None
    cached: bool  # it was trained before
    call_seconds: float  # wall time of the whole call

    @classmethod
    def of_result(cls, result: "TrainResult", *, store: "Store", **fields: Any) -> Self:
        """Build it from a result whose run is in the store.

        Args:
            result: what the training returned.
            store: the store that holds its run.
            fields: fields of a subclass, and those that replace the run's own.
        """
        from mnistcore import stored_runs

        macro_f1 = stored_runs.evaluate(result.run_id, store=store).summary.macro_f1
        own = {"macro_f1": macro_f1, "cached": result.cached, "call_seconds": result.seconds}
        return cls(**_summary(result.run, store.root) | own | fields)


class TrainedCell(TrainedRun):
    """The same for one combination of several; the preset is the requested one."""

    error: None


class ErrorFacts(Document):
    """The error that ended a training run."""

    kind: str  # the class of the error
    message: str


class FailedCell(Document):
    """One combination of several, if its training has failed."""

    run_id: str
    status: Literal["failed"]
    dataset: str
    model: str
    preset: str
    seed: int
    accuracy: None
    cached: Literal[False]
    call_seconds: float
    error: ErrorFacts

    @classmethod
    def of(cls, outcome: "Outcome") -> Self:
        """Build it from the outcome of the cell."""
        cell = outcome.cell
        return cls(
            run_id=cell.run_id,
            status="failed",
            dataset=cell.dataset,
            model=cell.model,
            preset=cell.preset,
            seed=cell.seed,
            accuracy=None,
            cached=False,
            call_seconds=outcome.seconds,
            error=ErrorFacts(kind=type(outcome.error).__name__, message=str(outcome.error)),
        )


class StoppingJob(Document):
    """The document of `stop`."""

    run_id: str
    stopping: Literal[True]


class JobFacts(Document):
    """A training run in the document of `jobs`."""

    run_id: str
    state: str
    place: int | None  # in the queue, from 1
    stopping: bool
    resumable: bool
    device: str
    queue: str
    steps_done: int
    steps: int | None
    pid: int | None
    seconds: float
    seconds_left: float | None
    images_per_second: float | None
    memory_bytes: int | None
    epochs_done: int
    failure: ErrorFacts | None
    updated: str  # UTC, ISO 8601
    account: str | None  # that it belongs to, where that is another one

    @classmethod
    def of(cls, job: "Job") -> Self:
        """Build it from a job as it is now."""
        failure = None if job.failure is None else ErrorFacts(kind=job.failure.kind, message=job.failure.message)
        own: dict[str, Any] = {"epochs_done": len(job.history), "failure": failure}
        return cls(**own, **{name: getattr(job, name) for name in cls.model_fields if name not in own})


# ---------------------------------------------------------------- data sets


class MissingFile(Document):
    """A file of a data set that cannot be used."""

    file: str
    found: str | None  # what is there instead

    @classmethod
    def of(cls, problem: "FileProblem") -> Self:
        """Build it from the problem that was found."""
        return cls(file=problem.file, found=problem.found or None)


class DatasetFacts(Document):
    """A data set in the document of `datasets`."""

    name: str
    title: ClassRecord
    classes: int
    height: int  # of an image, in pixels
    width: int
    channels: int
    polarity: str
    available: bool
    problems: tuple[MissingFile, ...]
    needs_download: bool
    folder: str | None  # None: it comes with scikit-learn
    source: str
    licence: str

    @classmethod
    def of(cls, known: "Dataset", *, folder: Path | None, problems: "Sequence[FileProblem]") -> Self:
        """Build it from a registered data set and the state of its files."""
        return cls(
            name=known.name,
            title=ClassRecord(ja=known.title.ja, en=known.title.en),
            classes=known.num_classes,
            height=known.image_shape[0],
            width=known.image_shape[1],
            channels=known.channels,
            polarity=known.polarity,
            available=not problems,
            problems=tuple(map(MissingFile.of, problems)),
            needs_download=known.needs_download,
            folder=None if folder is None else str(folder),
            source=known.source,
            licence=known.licence,
        )


# ---------------------------------------------------------------- memory


class HolderFacts(Document):
    """A training run or a loaded model that uses the memory of a device."""

    kind: str
    run_id: str
    device: str
    size_bytes: int | None
    pid: int | None
    state: str | None  # of a training
    stopping: bool
    idle_seconds: float | None  # of a model, since its last prediction
    leaves_in_seconds: float | None  # of a model, unless it predicts before

    @classmethod
    def of(cls, use: "MemoryUse", **fields: Any) -> Self:
        """Build it from a training run or a model; what its kind does not have is None."""
        from mnistcore.memory.memory_use import TrainingUse

        training, model = (use, None) if isinstance(use, TrainingUse) else (None, use)
        return cls(
            kind="training" if training else "model",
            run_id=use.run_id,
            device=use.device,
            size_bytes=use.size_bytes,
            pid=use.pid,
            state=training.state if training else None,
            stopping=training is not None and training.stopping,
            idle_seconds=model.idle_seconds if model else None,
            leaves_in_seconds=model.leaves_in_seconds if model else None,
            **fields,
        )


class ReleasedHolder(HolderFacts):
    """The same, after its memory was to be released."""

    outcome: str


class DeviceFacts(Document):
    """A device in the document of `devices`; sizes are None where they are not known."""

    name: str
    kind: str
    title: str
    total_bytes: int | None
    used_bytes: int | None
    others_bytes: int | None
    holders: tuple[HolderFacts, ...]

    @classmethod
    def of(cls, use: "DeviceUse") -> Self:
        """Build it from a device and what uses its memory."""
        holders = tuple(map(HolderFacts.of, use.uses))
        return cls(**asdict(use.device), others_bytes=use.others_bytes, holders=holders)


class ReleaseFacts(Document):
    """The document of `release`."""

    released_bytes: int
    holders: tuple[ReleasedHolder, ...]

    @classmethod
    def of(cls, results: "Sequence[Released]", *, released_bytes: int) -> Self:
        """Build it from the outcome of each."""
        holders = tuple(ReleasedHolder.of(result.use, outcome=result.outcome) for result in results)
        return cls(released_bytes=released_bytes, holders=holders)
