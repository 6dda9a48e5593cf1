"""Owns how predictions that were made elsewhere become a run on disk, and what whoever made them gets back."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.datasets import loading
from mnistcore.datasets.catalogue import all_datasets
from mnistcore.datasets.polarity import decide_polarity
from mnistcore.datasets.registry import DATASETS
from mnistcore.datasets.splits import Split
from mnistcore.errors import DataError, InputError, LibraryError, shortened
from mnistcore.evaluation.evaluation import Evaluation, evaluate_predictions
from mnistcore.evaluation.notebook_html import numbers_html, told
from mnistcore.imports.given import Labelled, Scored
from mnistcore.runs import manifest
from mnistcore.runs.content import RunContent
from mnistcore.runs.history import RecordedEpoch
from mnistcore.runs.manifest import (
    OWN_DATASET,
    ClassRecord,
    DatasetRecord,
    ImagesRecord,
    Imported,
    Recorded,
    RunManifest,
    Status,
)
from mnistcore.runs.prediction_files import PredictionKind
from mnistcore.runs.store import Store
from mnistcore.stored_runs import find_manifest
from mnistcore.wording import one_line
from mnistcore.workspace import Workspace

SPLIT: Final = "test"
LONGEST_NAME: Final = 80  # signs of a run's name
_LONGEST_SLUG = 60


@dataclass(frozen=True, repr=False)
class RecordedRun:
    """A run that was recorded; in a notebook it shows its numbers and, of few classes, its matrix.

    Attributes:
        manifest: what is stored of it.
        assumed: what the caller did not say, and how it was taken.
        is_new: False where the very same predictions were recorded before, under the same name.
        numbers: everything that a page shows.
    """

    manifest: RunManifest
    assumed: tuple[str, ...]
    is_new: bool
    numbers: Evaluation = field(compare=False)

    @property
    def run_id(self) -> str:
        """As the pages' URLs have it."""
        return self.manifest.run_id

    @property
    def path(self) -> str:
        """The page that shows it, after the dashboard's address."""
        return f"/confusion_matrix?run={self.run_id}"

    def __repr__(self) -> str:
        notes = "".join(f"\n  {note}" for note in (*self.assumed, *(() if self.is_new else ("was recorded before",))))
        return f"{self.manifest.title}: {told(self.numbers)}\n  {self.run_id}, {self.path}{notes}"

    def _repr_html_(self) -> str:
        names = [record.en for record in self.manifest.dataset.classes]
        return numbers_html(self.manifest.title, self.numbers, names, notes=(self.path, *self.assumed))


def recorded(*, model: str, framework: str, notes: str) -> Recorded:
    """What the caller has noted of a run, as much of it as a run holds."""
    return Recorded(
        model=shortened(model, manifest.LONGEST_NAME),
        framework=shortened(framework, manifest.LONGEST_NAME),
        notes=shortened(notes, manifest.LONGEST_NOTE),
    )


def keep(
    known: Labelled,
    scores: Sequence[Scored],
    pictures: npt.NDArray[np.uint8] | None,
    *,
    origin: Recorded | Imported,
    name: str,
    store: Store,
    status: Status = "complete",
    said: Sequence[RecordedEpoch] = (),
    weights: Mapping[str, npt.NDArray[Any]] | None = None,
    epochs: Sequence[int] = (),
) -> RecordedRun:
    """Store predictions under a name; the very same predictions under that name are the same run.

    Args:
        scores: one for each epoch, all of one kind; empty where only the predicted classes are known.
        said: what the loop said of each epoch; empty where it said nothing.
        weights: of the model, where it was imported.
        epochs: which epoch each of the scores is of, ascending; 1, 2, 3, ... if empty.
    """
    kind: PredictionKind = scores[0].kind if scores else "labels"
    layer = np.stack([each.values for each in scores]) if scores else known.predicted
    if layer is None:
        raise InputError("predicted: expected a class for each image where there are no scores")
    layers = layer if scores else layer[None]
    title = checked_title(name)
    dataset, carried = _dataset(known, pictures)
    told = [np.frombuffer(repr(list(said)).encode(), dtype=np.uint8)] if said else []
    assumed = tuple(dict.fromkeys((*known.assumed, *(scores[-1].assumed if scores else ()))))
    content = _content(
        title,
        dataset,
        origin,
        status=status,
        kind=kind,
        predictions=(known.labels, layers),
        carried=carried,
        digest=_digest(title, known.classes, known.labels, layers, carried, *told, *(weights or {}).values()),
        said=said,
        weights=weights,
        epochs=epochs,
    )
    return _stored(content, assumed, store)


def keep_counts(
    counts: npt.NDArray[np.int64],
    classes: Sequence[str],
    *,
    origin: Imported,
    name: str,
    store: Store,
    assumed: tuple[str, ...] = (),
) -> RecordedRun:
    """Store a confusion matrix alone, int64 (C, C), rows true, under a name; the same one is the same run."""
    title = checked_title(name)
    dataset = DatasetRecord(
        name=OWN_DATASET,
        classes=tuple(ClassRecord(ja=name, en=name) for name in classes),
        fingerprints={SPLIT: hashlib.sha256(counts.astype("<i8").data).hexdigest()},
        sizes={SPLIT: int(counts.sum())},
    )
    content = _content(
        title,
        dataset,
        origin,
        kind="counts",
        predictions=(None, counts[None]),
        digest=_digest(title, classes, counts),
    )
    return _stored(content, assumed, store)


def _content(
    title: str,
    dataset: DatasetRecord,
    origin: Recorded | Imported,
    *,
    kind: PredictionKind,
    predictions: tuple[npt.NDArray[np.int64] | None, npt.NDArray[Any]],
    digest: str,
    carried: npt.NDArray[np.uint8] | None = None,
    status: Status = "complete",
    said: Sequence[RecordedEpoch] = (),
    weights: Mapping[str, npt.NDArray[Any]] | None = None,
    epochs: Sequence[int] = (),
) -> RunContent:
    """What was predicted elsewhere, as it is stored: predictions are labels, and a layer for each epoch."""
    return RunContent(
        run_id=f"{_slug(title)}-{digest[:8]}",
        title=title,
        status=status,
        dataset=dataset,
        origin=origin,
        history=(),
        epochs_kept=tuple(epochs) or tuple(range(1, len(predictions[1]) + 1)),
        predictions={SPLIT: predictions},
        weights=weights or {},
        kinds={SPLIT: kind},
        images={} if carried is None else {SPLIT: carried},
        recorded=tuple(said),
    )


def _stored(content: RunContent, assumed: tuple[str, ...], store: Store) -> RecordedRun:
    there = find_manifest(store, content.run_id)
    manifest = store.save(content) if there is None else there
    numbers = evaluate_predictions(store.predictions(manifest, SPLIT), num_classes=len(content.dataset.classes))
    return RecordedRun(manifest, assumed, there is None, numbers)


def _dataset(
    known: Labelled, pictures: npt.NDArray[np.uint8] | None
) -> tuple[DatasetRecord, npt.NDArray[np.uint8] | None]:
    """The record of the images, and those that the run has to carry: none where they are a test set that is here."""
    size = len(known.labels)
    if pictures is not None:
        split = Split(pictures, known.labels)
        for name, facts in all_datasets().items():
            same_size = facts.test_size == size and facts.image_shape == pictures.shape[1:3]
            if same_size and facts.num_classes == len(known.classes) and _is_test_set(name, split):
                return (
                    DatasetRecord(
                        name=name,
                        title=ClassRecord(ja=facts.title.ja, en=facts.title.en) if name not in DATASETS else None,
                        classes=tuple(ClassRecord(ja=each.ja, en=each.en) for each in facts.classes),
                        fingerprints={SPLIT: split.fingerprint},
                        sizes={SPLIT: size},
                        polarity=facts.polarity,
                    ),
                    None,
                )
    classes = tuple(ClassRecord(ja=name, en=name) for name in known.classes)
    digest = hashlib.sha256(b"" if pictures is None else pictures.data)
    digest.update(known.labels.astype("<i8").data)
    own = None
    if pictures is not None:
        height, width = pictures.shape[1:3]
        own = ImagesRecord(height=height, width=width, channels=3 if pictures.ndim == 4 else 1)
    record = DatasetRecord(
        name=OWN_DATASET,
        classes=classes,
        fingerprints={SPLIT: digest.hexdigest()},
        sizes={SPLIT: size},
        images=own,
        polarity="ink" if pictures is None else decide_polarity(pictures),
    )
    return record, pictures


def _is_test_set(name: str, split: Split) -> bool:
    try:
        there = loading.load_split(name, SPLIT, root=Workspace.from_environment().data)
    except (DataError, LibraryError, ImportError):  # it, or what it is made with, is not on this machine
        return False
    return there.images.shape == split.images.shape and there.fingerprint == split.fingerprint


def checked_title(name: str) -> str:
    """What a run is called, on one line.

    Raises:
        InputError: it is empty or too long.
    """
    cleaned = one_line(str(name))
    if not cleaned or len(cleaned) > LONGEST_NAME:
        raise InputError(f"name: expected 1 to {LONGEST_NAME} signs, got {len(cleaned)}")
    return cleaned


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain)[:_LONGEST_SLUG].strip("-") or "recorded"


def _digest(title: str, classes: Sequence[str], *arrays: npt.NDArray[Any] | None) -> str:
    """Of everything that makes a recorded run what it is."""
    digest = hashlib.sha256("\0".join((title, *classes)).encode())
    for array in arrays:
        if array is not None:
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
