"""Owns run.json: what a run says of itself, in two halves, what was predicted and where that comes from.

Version 2 is written. Version 1, of the first releases, is read for good, as what it would be today. Reading asks no
registry: a data set or a model that this version does not have is a name like any other.
"""

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator

from mnistcore import config
from mnistcore.config import Preprocessing, TrainConfig
from mnistcore.errors import RunDamagedError, shortened
from mnistcore.runs.history import Seconds, Share
from mnistcore.runs.prediction_files import PredictionKind, size_range

SCHEMA_VERSION: Final = 2
SPLITS = ("train", "validation", "test")
PREDICTED_SPLITS = ("validation", "test")  # a model is never evaluated on the images that it was trained on
MAX_FILE_BYTES: Final = 2**31  # it is read in one piece
MAX_ID_LENGTH: Final = 100
RUN_ID: Final = r"[a-z0-9]+(?:[-_][a-z0-9]+)*-[0-9a-f]{8}"  # data set, model, hash; it becomes part of a path
WEIGHTS, HISTORY = "weights", "history"  # roles of files

_MAX_HEADER_BYTES = 2**20  # of a file of images
_FILE_NAME = r"(?:(?:predictions|images)/)?[a-z]+(?:-[0-9a-f]{8})?\.(?:safetensors|json)"

RunId = Annotated[str, Field(pattern=f"^{RUN_ID}$", max_length=MAX_ID_LENGTH)]
Count = Annotated[int, Field(ge=0, le=2**53)]  # what a browser, too, knows exactly
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Status = Literal["complete", "interrupted", "diverged"]


def predictions_role(split: str) -> str:
    """The role of the file with the predictions of a split."""
    return f"predictions/{split}"


def images_role(split: str) -> str:
    """The role of the file with a split's own images."""
    return f"images/{split}"


def is_file_name(name: str) -> bool:
    """Whether a file beside a manifest can be called so, relative to the run's folder."""
    return re.fullmatch(_FILE_NAME, name) is not None


class _Record(BaseModel):
    # A part that was changed by model_copy is looked at again when it becomes part of a manifest.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, revalidate_instances="always")


# ---------------------------------------------------------------- what was predicted


class ClassRecord(_Record):
    """The name of one class in both languages."""

    ja: str
    en: str


class ImagesRecord(_Record):
    """The images that a run carries with it, because nobody else has them: uint8, 0 is background."""

    height: Annotated[int, Field(ge=1, le=4096)]
    width: Annotated[int, Field(ge=1, le=4096)]
    channels: Literal[1, 3] = 1


class DatasetRecord(_Record):
    """The data set as it was when the run was made."""

    name: str
    title: ClassRecord | None = None  # None where the name is one of this package's, or says enough
    classes: Annotated[tuple[ClassRecord, ...], Field(min_length=1, max_length=1000)]
    fingerprints: dict[str, Digest]  # split -> SHA-256 of its images and labels
    sizes: dict[str, Count]  # split -> number of images
    images: ImagesRecord | None = None  # None where they belong to the data set, and are found by their fingerprint


class PredictionsRecord(_Record):
    """What is kept of the predictions of one split."""

    kind: PredictionKind
    epochs: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]  # ascending

    @field_validator("epochs")
    @classmethod
    def _ascending(cls, epochs: tuple[int, ...]) -> tuple[int, ...]:
        if list(epochs) != sorted(set(epochs)):
            raise ValueError("expected epochs in ascending order, each once")
        return epochs


class FileRecord(_Record):
    """What a file beside the manifest is called and must be."""

    name: Annotated[str, Field(pattern=f"^{_FILE_NAME}$", max_length=100)]  # relative to the run's folder
    sha256: Digest
    size_bytes: Annotated[int, Field(ge=0, le=MAX_FILE_BYTES)]


# ---------------------------------------------------------------- where it comes from


class LayerRecord(_Record):
    """One layer as it is run: its kind, the shape of its output for one image, its trainable numbers."""

    name: str
    output: tuple[Annotated[int, Field(ge=1, le=2**53)], ...]
    parameters: Count


class ModelRecord(_Record):
    """The architecture that was trained."""

    name: str
    parameters: Count
    layers: tuple[LayerRecord, ...]


class EnvironmentRecord(_Record):
    """Where the run was trained: what may explain a different result for the same configuration."""

    python: str
    torch: str
    mnistcore: str
    platform: str
    device: str
    device_name: str
    threads: Count
    processes: Annotated[int, Field(ge=1, le=2**53)] = 1  # that trained together


class Trained(_Record):
    """Trained by this package; its weights and its history are kept too."""

    kind: Literal["trained"] = "trained"
    config: TrainConfig
    model: ModelRecord
    environment: EnvironmentRecord
    seconds: Seconds  # wall time of the training
    preprocessing: Preprocessing | None = None  # of the images; the first versions did not write it down


class Recorded(_Record):
    """Recorded from somebody's own training loop, with what the caller has said of it."""

    kind: Literal["recorded"] = "recorded"
    model: str = ""  # its class
    framework: str = ""
    notes: str = ""


class Imported(_Record):
    """Read from a file of predictions."""

    kind: Literal["imported"] = "imported"
    file: str
    format: str
    assumed: tuple[str, ...] = ()  # what the file did not say


Origin = Annotated[Trained | Recorded | Imported, Field(discriminator="kind")]


# ---------------------------------------------------------------- the whole


class RunManifest(_Record):
    """run.json: everything about a run that is not an array."""

    schema_version: Literal[2] = SCHEMA_VERSION
    run_id: RunId
    title: str = ""  # empty where the origin says enough
    created: str  # UTC, ISO 8601 with microseconds: sorts by age as text
    status: Status
    dataset: DatasetRecord
    predictions: dict[str, PredictionsRecord]  # split -> what is kept of it
    accuracy: Share | None  # on the test images at the last kept epoch; None where there are no test images
    origin: Origin
    files: dict[
        str, FileRecord
    ]  # role -> what it must be: "weights", "history", "predictions/<split>", "images/<split>"

    @property
    def trained(self) -> Trained | None:
        """How it was trained, if it was trained here."""
        return self.origin if isinstance(self.origin, Trained) else None

    @property
    def predicted_splits(self) -> tuple[str, ...]:
        """Of which splits the predictions are kept: ("validation", "test") as a rule."""
        return tuple(split for split in PREDICTED_SPLITS if split in self.predictions)

    @property
    def carried_splits(self) -> tuple[str, ...]:
        """Of which splits the run carries its own images."""
        return tuple(split for split in self.predicted_splits if images_role(split) in self.files)

    @property
    def epochs_kept(self) -> tuple[int, ...]:
        """The epochs whose predictions are kept, ascending; of the test images, where there are any."""
        kept = self.predictions.get("test") or next(iter(self.predictions.values()))
        return kept.epochs

    @property
    def epochs(self) -> int:
        """How many epochs the whole training has; without one, the last that is kept."""
        return self.trained.config.epochs if self.trained else self.epochs_kept[-1]

    @property
    def image_preprocessing(self) -> Preprocessing:
        """What was done to the images that the model was trained on, and has to be done to every image that it gets.

        Raises:
            RunDamagedError: nobody has written it down.
        """
        known = self.trained and (self.trained.preprocessing or config.first_preprocessing(self.dataset.name))
        if not known:
            raise RunDamagedError(
                f"run {self.run_id} cannot predict: expected the mean and deviation of its images in run.json "
                f"(preprocessing), got none, and {self.dataset.name} is no data set of the first versions. Its stored "
                "predictions can be used"
            )
        return known

    @field_validator("created")
    @classmethod
    def _in_utc(cls, text: str) -> str:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("expected a time with its zone")
        # Away from both ends of what a date can be: whoever shows it adds a zone.
        if not 1970 <= moment.year < 9999:
            raise ValueError(f"expected a year from 1970 to 9998, got {moment.year}")
        return moment.astimezone(UTC).isoformat(timespec="microseconds")

    @model_validator(mode="after")
    def _has_its_files(self) -> "RunManifest":
        if unknown := sorted(set(self.predictions) - set(PREDICTED_SPLITS)) or not self.predictions:
            raise ValueError(f"predictions: expected {' or '.join(PREDICTED_SPLITS)}, got {unknown or 'none'}")
        own = {WEIGHTS, HISTORY} if self.trained else set()
        expected = own | {predictions_role(split) for split in self.predictions}
        carried = {images_role(split) for split in self.predictions} if self.dataset.images else set()
        if not expected <= set(self.files) <= expected | carried:
            raise ValueError(f"files: expected {', '.join(sorted(expected))}, got {', '.join(sorted(self.files))}")
        names = {record.name for record in self.files.values()}
        if len(names) < len(self.files) or "run.json" in names:
            raise ValueError("files: expected each name once, and none called run.json")
        return self

    @model_validator(mode="after")
    def _agrees_with_its_origin(self) -> "RunManifest":
        if self.trained is None:
            return self
        asked, model = self.trained.config, self.trained.model
        for kind, recorded, meant in (
            ("dataset", self.dataset.name, asked.dataset),
            ("model", model.name, asked.model),
        ):
            if recorded != meant:
                raise ValueError(
                    f"{kind}.name: expected {meant!r} as in the configuration, got {shortened(recorded, 40)!r}"
                )
        last, epochs = self.epochs_kept[-1], asked.epochs
        if any(record.epochs != self.epochs_kept for record in self.predictions.values()):
            raise ValueError("predictions: expected the same epochs of each split")
        if last > epochs or (self.status == "complete" and last < epochs):
            raise ValueError(f"predictions: expected {epochs} as the last epoch of a {self.status} run, got {last}")
        return self

    @model_validator(mode="after")
    def _agrees_with_its_predictions(self) -> "RunManifest":
        described = SPLITS if self.trained else tuple(self.predictions)
        for known, found in (("sizes", self.dataset.sizes), ("fingerprints", self.dataset.fingerprints)):
            if missing := [split for split in described if split not in found]:
                raise ValueError(f"dataset.{known}: {', '.join(missing)} is not among them")
        for split, record in self.predictions.items():
            images, file = self.dataset.sizes[split], self.files[predictions_role(split)]
            classes = len(self.dataset.classes)
            low, high = size_range(record.kind, epochs=len(record.epochs), images=images, classes=classes)
            if not low <= file.size_bytes <= high:
                raise ValueError(
                    f"{file.name}: expected {low} to {high} bytes for {images} images, got {file.size_bytes}"
                )
        for split in self.carried_splits:
            own, file = self.dataset.images, self.files[images_role(split)]
            pixels = self.dataset.sizes[split] * own.height * own.width * own.channels if own else 0
            if not pixels <= file.size_bytes <= pixels + _MAX_HEADER_BYTES:
                raise ValueError(f"{file.name}: expected {pixels} bytes of pixels, got {file.size_bytes} in all")
        evaluated = "test" in self.predictions and self.dataset.sizes["test"] > 0
        if (self.accuracy is not None) != evaluated:
            raise ValueError(f"accuracy: expected {'a share' if evaluated else 'null, without test images'}")
        return self


# ---------------------------------------------------------------- the first version


class _FirstFileRecord(_Record):
    sha256: Digest
    size_bytes: Annotated[int, Field(ge=0, le=MAX_FILE_BYTES)]


_FIRST_ROLES = {
    "weights.safetensors": WEIGHTS,
    "history.json": HISTORY,
    **{f"{predictions_role(split)}.safetensors": predictions_role(split) for split in PREDICTED_SPLITS},
}


class _FirstManifest(_Record):
    """run.json of version 1: a training, with its logits."""

    schema_version: Literal[1]
    run_id: RunId
    status: Status
    config: TrainConfig
    created: str
    dataset: DatasetRecord
    model: ModelRecord
    environment: EnvironmentRecord
    seconds: Seconds
    epochs_kept: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
    accuracy: Share | None
    files: dict[str, _FirstFileRecord]
    preprocessing: Preprocessing | None = None

    @field_validator("files")
    @classmethod
    def _known_files(cls, files: dict[str, _FirstFileRecord]) -> dict[str, _FirstFileRecord]:
        if unknown := sorted(set(files) - set(_FIRST_ROLES)):
            raise ValueError(f"expected only {', '.join(_FIRST_ROLES)}, got {', '.join(unknown)}")
        return files

    def today(self) -> RunManifest:
        """The same run as version 2 has it.

        Raises:
            ValidationError: it contradicts itself.
        """
        roles = {_FIRST_ROLES[name]: (name, record) for name, record in self.files.items()}
        return RunManifest(
            run_id=self.run_id,
            created=self.created,
            status=self.status,
            dataset=self.dataset,
            predictions={
                split: PredictionsRecord(kind="logits", epochs=self.epochs_kept)
                for split in PREDICTED_SPLITS
                if predictions_role(split) in roles
            },
            accuracy=self.accuracy,
            origin=Trained(
                config=self.config,
                model=self.model,
                environment=self.environment,
                seconds=self.seconds,
                preprocessing=self.preprocessing,
            ),
            files={
                role: FileRecord(name=name, sha256=record.sha256, size_bytes=record.size_bytes)
                for role, (name, record) in roles.items()
            },
        )


_ANY: TypeAdapter[RunManifest | _FirstManifest] = TypeAdapter(
    Annotated[RunManifest | _FirstManifest, Field(discriminator="schema_version")]
)


class ManifestFault(Exception):
    """A run.json says nothing that this version understands."""

    def __init__(self, message: str, *, is_newer: bool) -> None:
        self.is_newer = is_newer  # a later version has written it
        super().__init__(message)


def parse_manifest(data: bytes) -> RunManifest:
    """What a run.json says, of either version.

    Raises:
        ManifestFault: it is none, contradicts itself, or is of a later version.
    """
    try:
        found = _ANY.validate_json(data, strict=True)
        return found.today() if isinstance(found, _FirstManifest) else found
    except ValidationError as error:
        # A later version may have any fields: before it is called damaged, its version is looked at.
        version = _schema_version(data)
        if version is not None and version > SCHEMA_VERSION:
            told = f"written by a newer version: expected schema_version {SCHEMA_VERSION}, got {version}"
            raise ManifestFault(told, is_newer=True) from error
        raise ManifestFault(first_fault(error), is_newer=False) from error


def _schema_version(data: bytes) -> int | None:
    try:
        version = json.loads(data)["schema_version"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return version if type(version) is int else None


def first_fault(error: ValidationError) -> str:
    """The first of the faults that pydantic has found, where it is and what is wrong, in a line."""
    fault = error.errors(include_url=False, include_input=False)[0]
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{'.'.join(map(str, fault['loc'])) or 'the text'}: {config.fault_message(fault)}{more}"
