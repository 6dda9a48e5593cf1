"""Owns what is given to be saved as a run, and its packing into a manifest and the bytes of the files beside it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from mnistcore import config
from mnistcore.errors import InputError
from mnistcore.evaluation.predictions import AnyPredictions
from mnistcore.runs import history, prediction_files
from mnistcore.runs.history import EpochReport, RecordedEpoch
from mnistcore.runs.manifest import (
    HISTORY,
    PREDICTED_SPLITS,
    WEIGHTS,
    DatasetRecord,
    FileRecord,
    Imported,
    Origin,
    PredictionsRecord,
    RunManifest,
    Status,
    Trained,
    first_fault,
    images_role,
    predictions_role,
)
from mnistcore.runs.prediction_files import PredictionKind, tensor_bytes
from mnistcore.wording import plural

_NAMES = {
    WEIGHTS: "weights.safetensors",
    HISTORY: "history.json",
    **{predictions_role(split): f"predictions/{split}.safetensors" for split in PREDICTED_SPLITS},
    **{images_role(split): f"images/{split}.safetensors" for split in PREDICTED_SPLITS},
}


@dataclass(frozen=True, slots=True)
class RunContent:
    """What is given to be saved: a training, or what was predicted elsewhere.

    Args:
        history: one report per finished epoch, 1, 2, 3, ...; of a training only.
        epochs_kept: the epochs whose logits are here, ascending; the last one is the last finished epoch.
        predictions: split ("validation", "test") -> labels int64 (N,), and a layer for each kept epoch along the first
            axis: as a rule logits float32 (E, N, C); see `prediction_files` for the other kinds.
        weights: name -> array, as they were at the end of the last kept epoch; of a training, or of a model that was
            imported.
        kinds: split -> what the layers are, where they are no logits.
        images: split -> uint8 (N, H, W) or (N, H, W, 3), where the run has to carry its own.
        recorded: of what was recorded from a loop, what that said of each epoch; empty where it said nothing.
        run_id: of what was predicted elsewhere; a training is named by its configuration.
        title: likewise.
    """

    status: Status
    dataset: DatasetRecord
    origin: Origin
    history: tuple[EpochReport, ...]
    epochs_kept: tuple[int, ...]
    predictions: Mapping[str, tuple[npt.NDArray[np.int64] | None, npt.NDArray[Any]]]
    weights: Mapping[str, npt.NDArray[Any]]
    kinds: Mapping[str, PredictionKind] = field(default_factory=dict)
    images: Mapping[str, npt.NDArray[np.uint8]] = field(default_factory=dict)
    recorded: tuple[RecordedEpoch, ...] = ()
    run_id: str = ""
    title: str = ""

    def kind(self, split: str) -> PredictionKind:
        """What the layers of a split are."""
        return self.kinds.get(split, "logits")


def packed(content: RunContent) -> tuple[RunManifest, dict[str, bytes]]:
    """The manifest, and the bytes of the files beside it by their roles.

    Raises:
        InputError: the content contradicts itself.
    """
    _check(content)
    trained = content.origin if isinstance(content.origin, Trained) else None
    files = {WEIGHTS: tensor_bytes(content.weights), HISTORY: history.to_json(content.history)} if trained else {}
    if content.weights and isinstance(content.origin, Imported):
        files[WEIGHTS] = tensor_bytes(content.weights)
    if content.recorded:
        files[HISTORY] = history.to_json(content.recorded)
    accuracy = None
    for split in content.predictions:
        files[predictions_role(split)], last = _packed_predictions(content, split)
        accuracy = last.accuracy if split == "test" else accuracy
    files |= {images_role(split): tensor_bytes({"images": images}) for split, images in content.images.items()}
    try:
        manifest = RunManifest(
            run_id=config.run_id(trained.config) if trained else content.run_id,
            title=content.title,
            created=datetime.now(UTC).isoformat(timespec="microseconds"),
            status=content.status,
            dataset=content.dataset,
            predictions={
                split: PredictionsRecord(kind=content.kind(split), epochs=content.epochs_kept)
                for split in content.predictions
            },
            accuracy=accuracy,
            origin=content.origin,
            files={
                role: FileRecord(name=_NAMES[role], sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))
                for role, data in files.items()
            },
        )
    except ValidationError as error:
        raise InputError(f"a run that cannot be saved: {first_fault(error)}") from error
    return manifest, files


def _check(content: RunContent) -> None:
    """Find out whether everything agrees with everything else."""
    if not content.predictions or set(content.predictions) - set(PREDICTED_SPLITS):
        splits = " and ".join(PREDICTED_SPLITS)
        raise InputError(f"predictions: expected the splits {splits}, got {sorted(content.predictions)}")
    kept = content.epochs_kept
    epochs = len(content.history) if isinstance(content.origin, Trained) else max(kept, default=0)
    if not kept or list(kept) != sorted(set(kept)) or kept[0] < 1 or kept[-1] != epochs:
        raise InputError(f"epochs_kept: expected ascending epochs from 1 on that end with {epochs}, got {kept}")
    if content.recorded and len(content.recorded) != epochs:
        raise InputError(f"recorded: expected {plural(epochs, 'epoch')}, got {len(content.recorded)}")
    if not isinstance(content.origin, Trained):
        return
    wanted = content.origin.config
    if content.status == "complete" and epochs != wanted.epochs:
        raise InputError(f"history: expected {plural(wanted.epochs, 'epoch')} of a complete run, got {epochs}")
    for kind, recorded, meant in (
        ("dataset", content.dataset.name, wanted.dataset),
        ("model", content.origin.model.name, wanted.model),
    ):
        if recorded != meant:
            raise InputError(f"{kind}: expected {meant!r} as in the configuration, got {recorded!r}")


def _packed_predictions(content: RunContent, split: str) -> tuple[bytes, AnyPredictions]:
    """The bytes of a split's file, and its predictions at the last kept epoch."""
    labels, layers = content.predictions[split]
    if len(layers) != len(content.epochs_kept):
        raise InputError(
            f"{split}: expected shape with {plural(len(content.epochs_kept), 'epoch')}, got {layers.shape}"
        )
    try:
        return prediction_files.pack(
            content.kind(split),
            labels,
            layers,
            images=content.dataset.sizes.get(split, -1),
            classes=len(content.dataset.classes),
        )
    except InputError as error:
        raise InputError(f"{split} {error}") from error
