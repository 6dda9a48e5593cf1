"""Owns how a training looks epoch by epoch: its matrices, and the images that are learned and forgotten between two."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.errors import InputError
from mnistcore.evaluation.evaluation import matrix_of
from mnistcore.evaluation.predictions import AnyPredictions


@dataclass(frozen=True, eq=False)
class Change:
    """The images that one epoch classifies correctly and another does not, each int64, ascending."""

    learned: NDArray[np.int64]  # misclassified before, classified correctly after
    forgotten: NDArray[np.int64]  # the other way round


@dataclass(frozen=True, eq=False)
class Film:
    """Each of E kept epochs' predictions for the same N images in C classes."""

    epochs: tuple[int, ...]  # (E,) ascending
    matrices: NDArray[np.int64]  # (E, C, C) rows true, columns predicted
    labels: NDArray[np.int64] | None  # (N,) the true classes; None where only counts were stored
    predicted: NDArray[np.int64] | None  # (E, N) likewise

    @property
    def correct(self) -> NDArray[np.int64]:
        """(E,) how many images are classified correctly."""
        right: NDArray[np.int64] = np.trace(self.matrices, axis1=1, axis2=2)
        return right

    @property
    def recalls(self) -> NDArray[np.float64]:
        """(E, C) each class's recall, 0 to 1; NaN where it has no images."""
        return np.stack([np.diagonal(metrics.normalise(matrix, by="row")) for matrix in self.matrices])

    def change(self, before: int, after: int) -> Change:
        """What is learned and what forgotten from one epoch to another, by their places in ``epochs``.

        Raises:
            InputError: it is not known what was predicted for each image.
        """
        if self.labels is None or self.predicted is None:
            raise InputError("predicted: expected a prediction for each image, got counts only")
        was, is_now = (self.predicted[place] == self.labels for place in (before, after))
        return Change(learned=np.flatnonzero(~was & is_now), forgotten=np.flatnonzero(was & ~is_now))


def film(epochs: Sequence[int], predictions: Sequence[AnyPredictions], *, num_classes: int) -> Film:
    """The film of a training.

    Args:
        epochs: (E,) the kept epochs, ascending, at least one.
        predictions: (E,) of the same images at each of them.

    Raises:
        InputError: labels outside 0 .. num_classes - 1.

    >>> from mnistcore.evaluation.predictions import Predictions
    >>> labels, logits = np.array([0, 0, 1]), np.array([[2, 0], [0, 2], [0, 2]], dtype=np.float32)
    >>> shown = film([1, 2], [Predictions(labels, logits), Predictions(labels, -logits)], num_classes=2)
    >>> shown.correct
    array([2, 1])
    >>> shown.change(0, 1)
    Change(learned=array([1]), forgotten=array([0, 2]))
    """
    known = [seen.predicted for seen in predictions]
    predicted = [seen for seen in known if seen is not None]
    return Film(
        epochs=tuple(epochs),
        matrices=np.stack([matrix_of(seen, num_classes=num_classes) for seen in predictions]),
        labels=predictions[0].labels,
        predicted=np.stack(predicted) if len(predicted) == len(known) else None,
    )
