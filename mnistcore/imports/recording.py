"""Owns what is called to keep predictions that were made elsewhere: a model's, arrays, or a file's table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError, shortened
from mnistcore.evaluation.evaluation import Evaluation, evaluate_predictions
from mnistcore.evaluation.predictions import PredictedLabels
from mnistcore.imports import given
from mnistcore.imports.given import Labelled, Scored
from mnistcore.imports.keeping import LONGEST_NAME, RecordedRun, keep, recorded
from mnistcore.runs.manifest import Imported
from mnistcore.runs.store import Store


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
    origin = recorded(model=model, framework=framework, notes=notes)
    return keep(found.known, found.all_scores, found.images, origin=origin, name=name, store=store)


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

    Of a file, `mnistcore.imports.columns.arguments` gives the arguments.

    Raises:
        InputError: it does not fit, or is none of what is taken; names the row.
    """
    if classes is None:
        labels, classes = given.named_by_columns(labels, logits if probabilities is None else probabilities)
    scores = given.scored(probabilities, logits)
    if scores is None and predicted is None:
        raise InputError("expected predicted=..., probabilities=... or logits=..., got none of them")
    columns = None if scores is None else scores.values.shape[1]
    known = given.labelled(labels, predicted, columns=columns, classes=classes)
    if scores is not None:
        _check_scores(known, scores)
    return Understood(known, scores, None if images is None else given.images(images, count=len(known.labels)))


def keep_imported(
    found: Understood, *, file: str, kind: str, read_as: tuple[str, ...], name: str, store: Store
) -> RecordedRun:
    """Keep what a file holds, once it is understood.

    Args:
        file: its name, without a folder.
        kind: its format, such as "csv".
        read_as: what the file did not say of itself.
    """
    known = found.known
    origin = Imported(file=shortened(file, LONGEST_NAME), format=kind, assumed=(*read_as, *found.assumed))
    told = Labelled(known.classes, known.labels, known.predicted, (*read_as, *known.assumed))
    return keep(told, found.all_scores, found.images, origin=origin, name=name, store=store)


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

    found = running.answered(model, loader, with_images=images is None)
    columns = found.scores.values.shape[1]
    known = given.labelled(found.labels, columns=columns, classes=found.classes if classes is None else classes)
    pictures = found.images if images is None else given.images(images, count=len(known.labels))
    kind = type(running.plain_model(model)).__name__
    origin = recorded(model=kind, framework="torch", notes=notes)
    kept = Labelled(known.classes, known.labels, None, (*known.assumed, *found.assumed))
    return keep(kept, [found.scores], pictures, origin=origin, name=name or kind, store=store)


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
