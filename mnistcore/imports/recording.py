"""Owns how predictions that were made elsewhere become a run: recorded in one call, and what the caller gets back."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.datasets import loading
from mnistcore.datasets.registry import DATASETS
from mnistcore.datasets.splits import Split
from mnistcore.errors import DataError, InputError, shortened
from mnistcore.evaluation.evaluation import Evaluation, evaluate_predictions
from mnistcore.evaluation.notebook_html import numbers_html, told
from mnistcore.imports import given
from mnistcore.imports.given import Labelled, Scored
from mnistcore.runs.content import RunContent
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


def record_predictions(
    labels: Any,
    predicted: Any = None,
    *,
    probabilities: Any = None,
    logits: Any = None,
    images: Any = None,
    classes: Sequence[object] | None = None,
    name: str = "predictions",
    model: str = "",
    framework: str = "",
    notes: str = "",
    store: Store,
) -> RecordedRun:
    """Keep predictions as a run; see `mnistcore.record_predictions`."""
    known, scores, pictures = _understood(
        labels, predicted, probabilities=probabilities, logits=logits, images=images, classes=classes
    )
    origin = Recorded(model=model, framework=framework, notes=notes)
    return keep(known, [] if scores is None else [scores], pictures, origin=origin, name=name, store=store)


def keep_imported(
    arguments: Mapping[str, Any], *, file: str, kind: str, read_as: tuple[str, ...], name: str, store: Store
) -> RecordedRun:
    """Keep what a file holds; see `mnistcore.imports.tables` for the arguments.

    Args:
        file: its name, without a folder.
        kind: its format, such as "csv".
        read_as: what the file did not say of itself.

    Raises:
        InputError: as of `record_predictions`.
    """
    known, scores, _ = _understood(**arguments)
    assumed = (*read_as, *known.assumed, *(() if scores is None else scores.assumed))
    origin = Imported(file=shortened(file, LONGEST_NAME), format=kind, assumed=assumed)
    told = Labelled(known.classes, known.labels, known.predicted, (*read_as, *known.assumed))
    return keep(told, [] if scores is None else [scores], None, origin=origin, name=name, store=store)


def _understood(
    labels: Any,
    predicted: Any = None,
    *,
    probabilities: Any = None,
    logits: Any = None,
    images: Any = None,
    classes: Sequence[object] | None = None,
) -> tuple[Labelled, Scored | None, npt.NDArray[np.uint8] | None]:
    """What was handed over, as arrays that fit each other."""
    scores = given.scored(probabilities, logits)
    if scores is None and predicted is None:
        raise InputError("expected predicted=..., probabilities=... or logits=..., got none of them")
    columns = None if scores is None else scores.values.shape[1]
    known = given.labelled(labels, predicted, columns=columns, classes=classes)
    if scores is not None:
        _check_scores(known, scores)
    return known, scores, None if images is None else given.images(images, count=len(known.labels))


def record(
    model: Any,
    loader: Any,
    *,
    name: str = "",
    classes: Sequence[object] | None = None,
    images: Any = None,
    notes: str = "",
    store: Store,
) -> RecordedRun:
    """Have a torch model answer a loader's images, and keep what it said as a run; see `mnistcore.record`."""
    from mnistcore.imports import running

    found = running.answered(model, loader)
    columns = found.scores.values.shape[1]
    known = given.labelled(found.labels, columns=columns, classes=found.classes if classes is None else classes)
    pictures = found.images if images is None else given.images(images, count=len(known.labels))
    kind = type(model).__name__
    origin = Recorded(model=kind, framework="torch", notes=notes)
    kept = Labelled(known.classes, known.labels, None, (*known.assumed, *found.assumed))
    return keep(kept, [found.scores], pictures, origin=origin, name=name or kind, store=store)


class Recorder:
    """Keeps what a model says after each epoch of somebody's own loop, as one run; see `mnistcore.Recorder`."""

    def __init__(
        self,
        name: str = "",
        *,
        classes: Sequence[object] | None = None,
        images: Any = None,
        notes: str = "",
        store: Store | None = None,
    ) -> None:
        self._name, self._classes, self._images, self._notes = name, classes, images, notes
        self._store = store
        self._epochs: list[Any] = []  # what `running.answered` gives
        self._model = ""
        self._kept: RecordedRun | None = None

    def epoch(self, model: Any, loader: Any) -> float:
        """Have the model answer, after one more epoch; the accuracy on the loader's images, 0 to 1.

        Raises:
            InputError: as of `mnistcore.record`; or these are not the images of the epochs before.
        """
        from mnistcore.imports import running

        if self._kept is not None:
            raise InputError("Recorder: expected an epoch before close(), got one after it")
        found = running.answered(model, loader)
        first = self._epochs[0] if self._epochs else found
        if not np.array_equal(found.labels, first.labels) or found.scores.values.shape != first.scores.values.shape:
            raise InputError("Recorder: expected the images of the epochs before, in their order, got others")
        if found.scores.kind != first.scores.kind:
            raise InputError(f"Recorder: expected {first.scores.kind} as in the epochs before, got {found.scores.kind}")
        self._epochs.append(found)
        self._model = type(model).__name__
        known = given.labelled(found.labels, columns=found.scores.values.shape[1])
        return float((found.scores.values.argmax(axis=1) == known.labels).mean())

    def close(self, *, status: Status = "complete") -> RecordedRun:
        """Keep the run; a second time, the same.

        Raises:
            InputError: there was no epoch.
            StoreWriteError: the folder cannot be written to; it can be called again.
        """
        if self._kept is not None:
            return self._kept
        if not self._epochs:
            raise InputError("Recorder: expected at least one epoch before close(), got none")
        last = self._epochs[-1]
        columns = last.scores.values.shape[1]
        known = given.labelled(
            last.labels, columns=columns, classes=last.classes if self._classes is None else self._classes
        )
        pictures = last.images if self._images is None else given.images(self._images, count=len(known.labels))
        self._kept = keep(
            Labelled(known.classes, known.labels, None, (*known.assumed, *last.assumed)),
            [found.scores for found in self._epochs],
            pictures,
            origin=Recorded(model=self._model, framework="torch", notes=self._notes),
            name=self._name or self._model,
            store=self._store or Store(Workspace.from_environment().runs),
            status=status,
        )
        return self._kept

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._epochs:  # whatever has ended the loop: the epochs so far are kept
            self.close(status="complete" if kind is None else "interrupted")


def keep(
    known: Labelled,
    scores: Sequence[Scored],
    pictures: npt.NDArray[np.uint8] | None,
    *,
    origin: Recorded | Imported,
    name: str,
    store: Store,
    status: Status = "complete",
) -> RecordedRun:
    """Store predictions under a name; the very same predictions under that name are the same run.

    Args:
        scores: one for each epoch, all of one kind; empty where only the predicted classes are known.
    """
    kind: PredictionKind = scores[0].kind if scores else "labels"
    layer = np.stack([each.values for each in scores]) if scores else known.predicted
    if layer is None:
        raise InputError("predicted: expected a class for each image where there are no scores")
    layers = layer if scores else layer[None]
    title = _title(name)
    dataset, carried = _dataset(known, pictures)
    content = RunContent(
        run_id=f"{_slug(title)}-{_digest(title, known, layers, carried)[:8]}",
        title=title,
        status=status,
        dataset=dataset,
        origin=origin,
        history=(),
        epochs_kept=tuple(range(1, len(layers) + 1)),
        predictions={SPLIT: (known.labels, layers)},
        weights={},
        kinds={SPLIT: kind},
        images={} if carried is None else {SPLIT: carried},
    )
    there = next((run for run in store.listing().runs if run.run_id == content.run_id), None)
    manifest = store.save(content) if there is None else there
    predictions = store.predictions(manifest, SPLIT)
    numbers = evaluate_predictions(predictions, num_classes=len(known.classes))
    assumed = tuple(dict.fromkeys((*known.assumed, *(scores[-1].assumed if scores else ()))))
    return RecordedRun(manifest, assumed, there is None, numbers)


def _check_scores(known: Labelled, scores: Scored) -> None:
    if len(scores.values) != len(known.labels):
        raise InputError(
            f"{scores.kind}: expected a row for each of {len(known.labels)} labels, got {len(scores.values)}"
        )
    if known.predicted is not None:
        off = np.flatnonzero(scores.values.argmax(axis=1) != known.predicted)
        # Of equal scores either class may be called.
        rows = np.arange(len(known.labels))
        off = off[scores.values[rows, known.predicted][off] < scores.values.max(axis=1)[off]]
        if off.size:
            row, what = int(off[0]), {"logits": "logit", "probabilities": "probability"}[scores.kind]
            highest, said = (known.classes[int(of[row])] for of in (scores.values.argmax(axis=1), known.predicted))
            raise InputError(
                f"predicted: expected the class of the highest {what}, {highest!r}, got {said!r} in row {row} "
                f"({off.size} of {len(known.labels)} rows): give one of them"
            )


def _dataset(
    known: Labelled, pictures: npt.NDArray[np.uint8] | None
) -> tuple[DatasetRecord, npt.NDArray[np.uint8] | None]:
    """The record of the images, and those that the run has to carry: none where they are a test set that is here."""
    size = len(known.labels)
    if pictures is not None and pictures.ndim == 3:
        split = Split(pictures, known.labels)
        for name, facts in DATASETS.items():
            if len(facts.classes) == len(known.classes) and _is_test_set(name, split):
                return (
                    DatasetRecord(
                        name=name,
                        classes=tuple(ClassRecord(ja=each.ja, en=each.en) for each in facts.classes),
                        fingerprints={SPLIT: split.fingerprint},
                        sizes={SPLIT: size},
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
        name=OWN_DATASET, classes=classes, fingerprints={SPLIT: digest.hexdigest()}, sizes={SPLIT: size}, images=own
    )
    return record, pictures


def _is_test_set(name: str, split: Split) -> bool:
    try:
        there = loading.load_split(name, SPLIT, root=Workspace.from_environment().data)
    except DataError:  # it is not on this machine
        return False
    return there.images.shape == split.images.shape and there.fingerprint == split.fingerprint


def _title(name: str) -> str:
    cleaned = " ".join("".join(sign if sign.isprintable() else " " for sign in str(name)).split())
    if not cleaned or len(cleaned) > LONGEST_NAME:
        raise InputError(f"name: expected 1 to {LONGEST_NAME} signs, got {len(cleaned)}")
    return cleaned


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain)[:_LONGEST_SLUG].strip("-") or "recorded"


def _digest(title: str, known: Labelled, layer: npt.NDArray[Any], pictures: npt.NDArray[np.uint8] | None) -> str:
    """Of everything that makes a recorded run what it is."""
    digest = hashlib.sha256("\0".join((title, *known.classes)).encode())
    for array in (known.labels, layer, pictures):
        if array is not None:
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
