"""Owns how predictions that were made elsewhere become a run: recorded in one call, and what the caller gets back."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.datasets import loading
from mnistcore.datasets.registry import DATASETS
from mnistcore.datasets.splits import Split
from mnistcore.errors import DataError, InputError
from mnistcore.evaluation.evaluation import Evaluation, evaluate_predictions
from mnistcore.imports import given
from mnistcore.imports.given import Labelled, Scored
from mnistcore.runs.content import RunContent
from mnistcore.runs.manifest import ClassRecord, DatasetRecord, ImagesRecord, Recorded, RunManifest
from mnistcore.runs.prediction_files import PredictionKind
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace

SPLIT: Final = "test"
LONGEST_NAME: Final = 80  # signs of a run's name
_LONGEST_SLUG = 60
_MOST_SHOWN = 12  # classes whose matrix is shown in a notebook


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

    def _told(self) -> str:
        numbers = self.numbers
        low, high = numbers.accuracy_interval
        accuracy = numbers.correct / numbers.total
        interval = "" if low is None or high is None else f" (95 % interval {low:.1%} to {high:.1%})"
        return (
            (
                f"{self.manifest.title}: accuracy {accuracy:.2%}{interval}, "
                f"{numbers.correct:,} of {numbers.total:,} images"
            )
            .replace("%", " %")
            .replace("  %", " %")
        )

    def __repr__(self) -> str:
        notes = "".join(f"\n  {note}" for note in (*self.assumed, *(() if self.is_new else ("was recorded before",))))
        return f"{self._told()}\n  {self.run_id}, {self.path}{notes}"

    def _repr_html_(self) -> str:
        notes = "".join(f"<br><small>{escape(note)}</small>" for note in self.assumed)
        head = f"<p><b>{escape(self._told())}</b><br><code>{escape(self.path)}</code>{notes}</p>"
        names = [record.en for record in self.manifest.dataset.classes]
        return head + (_matrix_html(self.numbers.matrix, names) if len(names) <= _MOST_SHOWN else "")


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
    scores = given.scored(probabilities, logits)
    if scores is None and predicted is None:
        raise InputError(
            "record_predictions: expected predicted=..., probabilities=... or logits=..., got none of them"
        )
    columns = None if scores is None else scores.values.shape[1]
    known = given.labelled(labels, predicted, columns=columns, classes=classes)
    if scores is not None:
        _check_scores(known, scores)
    pictures = None if images is None else given.images(images, count=len(known.labels))
    origin = Recorded(model=model, framework=framework, notes=notes)
    return keep(known, scores, pictures, origin=origin, name=name, store=store)


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
    return keep(kept, found.scores, pictures, origin=origin, name=name or kind, store=store)


def keep(
    known: Labelled,
    scores: Scored | None,
    pictures: npt.NDArray[np.uint8] | None,
    *,
    origin: Recorded,
    name: str,
    store: Store,
) -> RecordedRun:
    """Store one epoch of predictions under a name; the very same predictions under that name are the same run."""
    kind: PredictionKind = "labels" if scores is None else scores.kind
    layer = known.predicted if scores is None else scores.values
    if layer is None:
        raise InputError("predicted: expected a class for each image where there are no scores")
    title = _title(name)
    dataset, carried = _dataset(known, pictures)
    content = RunContent(
        run_id=f"{_slug(title)}-{_digest(title, known, layer, carried)[:8]}",
        title=title,
        status="complete",
        dataset=dataset,
        origin=origin,
        history=(),
        epochs_kept=(1,),
        predictions={SPLIT: (known.labels, layer[None])},
        weights={},
        kinds={SPLIT: kind},
        images={} if carried is None else {SPLIT: carried},
    )
    there = next((run for run in store.listing().runs if run.run_id == content.run_id), None)
    manifest = store.save(content) if there is None else there
    predictions = store.predictions(manifest, SPLIT)
    numbers = evaluate_predictions(predictions, num_classes=len(known.classes))
    assumed = (*known.assumed, *(() if scores is None else scores.assumed))
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
        name="own", classes=classes, fingerprints={SPLIT: digest.hexdigest()}, sizes={SPLIT: size}, images=own
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


def _matrix_html(matrix: npt.NDArray[np.int64], names: Sequence[str]) -> str:
    """A small table without scripts: rows true, columns predicted, darker where there are more."""
    most = max(1, int(matrix.max()))
    shades = np.sqrt(matrix / most)
    heads = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = "".join(
        f"<tr><th>{escape(name)}</th>"
        + "".join(
            f'<td style="text-align:right;background:rgba(0,90,160,{0.6 * shade:.2f})">{count:,}</td>'
            for count, shade in zip(row, shade_row, strict=True)
        )
        + "</tr>"
        for name, row, shade_row in zip(names, matrix.tolist(), shades.tolist(), strict=True)
    )
    return f"<table><caption>rows true, columns predicted</caption><tr><th></th>{heads}</tr>{rows}</table>"
