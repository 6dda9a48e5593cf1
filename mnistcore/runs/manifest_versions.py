"""Owns reading a run.json of any version: version 1, of the first releases, is read for good as today's."""

import json
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError, field_validator

from mnistcore.config import Preprocessing, TrainConfig
from mnistcore.runs.history import Seconds, Share
from mnistcore.runs.manifest import (
    HISTORY,
    MAX_FILE_BYTES,
    PREDICTED_SPLITS,
    SCHEMA_VERSION,
    WEIGHTS,
    DatasetRecord,
    Digest,
    EnvironmentRecord,
    FileRecord,
    ModelRecord,
    PredictionsRecord,
    Record,
    RunId,
    RunManifest,
    Status,
    Trained,
    first_fault,
    predictions_role,
)


class _FirstFileRecord(Record):
    sha256: Digest
    size_bytes: Annotated[int, Field(ge=0, le=MAX_FILE_BYTES)]


_FIRST_ROLES = {
    "weights.safetensors": WEIGHTS,
    "history.json": HISTORY,
    **{f"{predictions_role(split)}.safetensors": predictions_role(split) for split in PREDICTED_SPLITS},
}


class _FirstManifest(Record):
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
