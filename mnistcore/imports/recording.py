"""Owns what is called to keep predictions that were made elsewhere: a model, its epochs, arrays, or a file's table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError, shortened
from mnistcore.evaluation.evaluation import Evaluation, evaluate_predictions
from mnistcore.evaluation.predictions import PredictedLabels
from mnistcore.imports import given
from mnistcore.imports.given import Labelled, Scored
from mnistcore.imports.keeping import LONGEST_NAME, RecordedRun, keep
from mnistcore.runs.manifest import Imported, Recorded, Status
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace


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
    found = understood(labels, predicted, probabilities=probabilities, logits=logits, images=images, classes=classes)
    origin = Recorded(model=model, framework=framework, notes=notes)
    return keep(found.known, found.all_scores, found.images, origin=origin, name=name, store=store)


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
    found = understood(**arguments)
    known = found.known
    origin = Imported(file=shortened(file, LONGEST_NAME), format=kind, assumed=(*read_as, *found.assumed))
    told = Labelled(known.classes, known.labels, known.predicted, (*read_as, *known.assumed))
    return keep(told, found.all_scores, found.images, origin=origin, name=name, store=store)


@dataclass(frozen=True, eq=False)
class Understood:
    """Predictions that were handed over, as arrays that fit each other."""

    known: Labelled
    scores: Scored | None
    images: npt.NDArray[np.uint8] | None

    @property
    def all_scores(self) -> list[Scored]:
        """The scores of the only epoch; empty without them."""
        return [] if self.scores is None else [self.scores]

    @property
    def assumed(self) -> tuple[str, ...]:
        """What was not said, and how it was taken."""
        return (*self.known.assumed, *(() if self.scores is None else self.scores.assumed))

    def evaluation(self) -> Evaluation:
        """Every number of a page, before anything is kept."""
        known, size = self.known, len(self.known.classes)
        predicted = self.scores.values.argmax(axis=1) if self.scores is not None else known.predicted
        if predicted is None:
            raise InputError("predicted: expected a class for each image where there are no scores")
        return evaluate_predictions(PredictedLabels(known.labels, predicted, num_classes=size), num_classes=size)


def understood(
    labels: Any,
    predicted: Any = None,
    *,
    probabilities: Any = None,
    logits: Any = None,
    images: Any = None,
    classes: Sequence[object] | None = None,
) -> Understood:
    """What was handed over, as arrays that fit each other; see `mnistcore.record_predictions`.

    Raises:
        InputError: it does not fit, or is none of what is taken; names the row.
    """
    scores = given.scored(probabilities, logits)
    if scores is None and predicted is None:
        raise InputError("expected predicted=..., probabilities=... or logits=..., got none of them")
    columns = None if scores is None else scores.values.shape[1]
    known = given.labelled(labels, predicted, columns=columns, classes=classes)
    if scores is not None:
        _check_scores(known, scores)
    return Understood(known, scores, None if images is None else given.images(images, count=len(known.labels)))


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
