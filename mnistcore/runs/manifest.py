"""Owns run.json as it is written: what a run says of itself, in two halves, what was predicted and where it comes from.

Reading asks no registry: a data set or a model that this version does not have is a name like any other. Files of the
first version are read by `manifest_versions`.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from mnistcore import config
from mnistcore.config import Polarity, Preprocessing, TrainConfig
from mnistcore.errors import RunDamagedError, shortened
from mnistcore.runs.history import Seconds, Share
from mnistcore.runs.kept_epochs import MOST_READ
from mnistcore.runs.prediction_files import PredictionKind, size_range
from mnistcore.wording import plural

SCHEMA_VERSION: Final = 2
SPLITS = ("train", "validation", "test")
PREDICTED_SPLITS = ("validation", "test")  # a model is never evaluated on the images that it was trained on
MAX_FILE_BYTES: Final = 2**31  # it is read in one piece
MAX_ID_LENGTH: Final = 100
RUN_ID: Final = r"[a-z0-9]+(?:[-_][a-z0-9]+)*-[0-9a-f]{8}"  # data set, model, hash; it becomes part of a path
WEIGHTS, HISTORY = "weights", "history"  # roles of files
MOST_CLASSES: Final = 1000
LONGEST_NAME: Final = 200  # signs of what a class, a layer, a file or a device is called
LONGEST_NOTE: Final = 10_000  # signs of what somebody has written about a run
OWN_DATASET: Final = "own"  # what a data set is called that only the run itself knows

_MAX_HEADER_BYTES = 2**20  # of a file of images
_FILE_NAME = r"(?:(?:predictions|images)/)?[a-z]+(?:-[0-9a-f]{8})?\.(?:safetensors|json)"

RunId = Annotated[str, Field(pattern=f"^{RUN_ID}$", max_length=MAX_ID_LENGTH)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Note = Annotated[str, Field(max_length=LONGEST_NOTE)]
Count = Annotated[int, Field(ge=0, le=2**53)]  # what a browser, too, knows exactly
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Status = Literal["complete", "interrupted", "diverged"]


def predictions_role(split: str) -> str:
    """The role of the file with the predictions of a split."""
    return f"predictions/{split}"


def images_role(split: str) -> str:
    """The role of the file with a split's own images."""
    return f"images/{split}"


def is_run_id(text: str) -> bool:
    """Whether a run can be called so: data set, model and eight hexadecimal digits."""
    return len(text) <= MAX_ID_LENGTH and re.fullmatch(RUN_ID, text) is not None


def is_file_name(name: str) -> bool:
    """Whether a file beside a manifest can be called so, relative to the run's folder."""
    return re.fullmatch(_FILE_NAME, name) is not None


class Record(BaseModel):
    """A part of a run.json."""

    # A part that was changed by model_copy is looked at again when it becomes part of a manifest.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, revalidate_instances="always")


# ---------------------------------------------------------------- what was predicted


class ClassRecord(Record):
    """The name of one class in both languages."""

    ja: Name
    en: Name


class ImagesRecord(Record):
    """The images that a run carries with it, because nobody else has them: uint8."""

    height: Annotated[int, Field(ge=1, le=4096)]
    width: Annotated[int, Field(ge=1, le=4096)]
    channels: Literal[1, 3] = 1


class DatasetRecord(Record):
    """The data set as it was when the run was made."""

    name: Name
    title: ClassRecord | None = None  # None where the name is one of this package's, or says enough
    classes: Annotated[tuple[ClassRecord, ...], Field(min_length=1, max_length=MOST_CLASSES)]
    fingerprints: dict[str, Digest]  # split -> SHA-256 of its images and labels
    sizes: dict[str, Count]  # split -> number of images
    images: ImagesRecord | None = None  # None where they belong to the data set, and are found by their fingerprint
    polarity: Polarity = "ink"  # of the images: whether they may be shown the other way round


class PredictionsRecord(Record):
    """What is kept of the predictions of one split."""

    kind: PredictionKind
    epochs: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1, max_length=MOST_READ)]  # ascending

    @field_validator("epochs")
    @classmethod
    def _ascending(cls, epochs: tuple[int, ...]) -> tuple[int, ...]:
        if list(epochs) != sorted(set(epochs)):
            raise ValueError("expected epochs in ascending order, each once")
        return epochs


class FileRecord(Record):
    """What a file beside the manifest is called and must be."""

    name: Annotated[str, Field(pattern=f"^{_FILE_NAME}$", max_length=100)]  # relative to the run's folder
    sha256: Digest
    size_bytes: Annotated[int, Field(ge=0, le=MAX_FILE_BYTES)]


# ---------------------------------------------------------------- where it comes from


class LayerRecord(Record):
    """One layer as it is run: its kind, the shape of its output for one image, its trainable numbers."""

    name: Name
    output: tuple[Annotated[int, Field(ge=1, le=2**53)], ...]
    parameters: Count


class ModelRecord(Record):
    """The architecture that was trained."""

    name: Name
    parameters: Count
    layers: tuple[LayerRecord, ...]


class EnvironmentRecord(Record):
    """Where the run was trained: what may explain a different result for the same configuration."""

    python: Name
    torch: Name
    mnistcore: Name
    platform: Name
    device: Name
    device_name: Name
    threads: Count
    processes: Annotated[int, Field(ge=1, le=2**53)] = 1  # that trained together


class Trained(Record):
    """Trained by this package; its weights and its history are kept too."""

    kind: Literal["trained"] = "trained"
    config: TrainConfig
    model: ModelRecord
    environment: EnvironmentRecord
    seconds: Seconds  # wall time of the training
    preprocessing: Preprocessing | None = None  # of the images; the first versions did not write it down


class Recorded(Record):
    """Recorded from somebody's own training loop, with what the caller noted about it."""

    kind: Literal["recorded"] = "recorded"
    model: Name = ""  # its class
    framework: Name = ""
    notes: Note = ""


class Imported(Record):
    """Read from a file: of predictions, or of a model, which has been evaluated since."""

    kind: Literal["imported"] = "imported"
    file: Name
    format: Name
    assumed: tuple[Note, ...] = ()  # what the file did not say
    model: Name = ""  # its network, where the file was a model


Origin = Annotated[Trained | Recorded | Imported, Field(discriminator="kind")]


# ---------------------------------------------------------------- the whole


class RunManifest(Record):
    """run.json: everything about a run that is not an array."""

    schema_version: Literal[2] = SCHEMA_VERSION
    run_id: RunId
    title: Name = ""  # empty where the origin says enough
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
        said = {HISTORY} if isinstance(self.origin, Recorded) else set()  # where the loop has said something
        brought = {WEIGHTS} if isinstance(self.origin, Imported) else set()  # where the file was a model
        if not expected <= set(self.files) <= expected | carried | said | brought:
            raise ValueError(f"files: expected {', '.join(sorted(expected))}, got {', '.join(sorted(self.files))}")
        names = {record.name for record in self.files.values()}
        if len(names) < len(self.files) or "run.json" in names:
            raise ValueError("files: expected each name once, and none called run.json")
        return self

    @model_validator(mode="after")
    def _agrees_with_its_origin(self) -> "RunManifest":
        if self.trained is None:
            return self
        wanted, model = self.trained.config, self.trained.model
        for kind, recorded, meant in (
            ("dataset", self.dataset.name, wanted.dataset),
            ("model", model.name, wanted.model),
        ):
            if recorded != meant:
                raise ValueError(
                    f"{kind}.name: expected {meant!r} as in the configuration, got {shortened(recorded, 40)!r}"
                )
        last, epochs = self.epochs_kept[-1], wanted.epochs
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
                    f"{file.name}: expected {low} to {high} bytes for {plural(images, 'image')}, got {file.size_bytes}"
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


def first_fault(error: ValidationError) -> str:
    """The first of the faults that pydantic has found, where it is and what is wrong, in a line."""
    fault = error.errors(include_url=False, include_input=False)[0]
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{'.'.join(map(str, fault['loc'])) or 'the text'}: {config.fault_message(fault)}{more}"
