"""Owns the one place where stored predictions become all the numbers of a page; imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.predictions import Predictions


@dataclass(frozen=True)
class Evaluation:
    """Everything that follows from one checkpoint's predictions for one split of N images in C classes."""

    labels: NDArray[np.int64]  # (N,) the truth
    predicted: NDArray[np.int64]  # (N,) the class with the highest logit, the lowest index where two are equal
    scores: NDArray[np.float64]  # (N, C) probabilities
    confidence: NDArray[np.float64]  # (N,) probability of the predicted class
    matrix: NDArray[np.int64]  # (C, C) rows true, columns predicted
    counts: metrics.OneVsRest
    rates: metrics.Rates
    summary: metrics.Summary
    accuracy_interval: tuple[float | None, float | None]  # Wilson, 95 %
    majority_accuracy: tuple[float | None, ...]  # (C,) accuracy of always answering "not this class"
    support_shares: tuple[float | None, ...]  # (C,) each class's share in all images
    misclassified_negatives: NDArray[np.int64]  # (C,) of each class's true negatives, those misclassified

    @property
    def total(self) -> int:
        """N, the number of images."""
        return int(self.labels.size)

    @property
    def correct(self) -> int:
        """The number of images whose predicted class is the true one."""
        return int(np.trace(self.matrix))

    @property
    def support(self) -> NDArray[np.int64]:
        """(C,) the number of images of each true class: the row totals."""
        return self.counts.support

    @property
    def called(self) -> NDArray[np.int64]:
        """(C,) the number of images that were called each class: the column totals."""
        return self.counts.called

    @property
    def others(self) -> NDArray[np.int64]:
        """(C,) the number of images that are not of each class."""
        return self.total - self.support

    def most_confident_first(self, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The indices where ``mask`` (N,) is true, the highest confidence first; equal ones by index."""
        indices = np.flatnonzero(mask)
        return indices[np.argsort(-self.confidence[indices], kind="stable")]

    def share(self, indices: NDArray[np.int64]) -> float | None:
        """The share of ``indices`` in all images, 0 to 1; None where there are no images."""
        return len(indices) / self.total if self.total else None

    @property
    def mistakes(self) -> int:
        """The number of misclassified images."""
        return self.total - self.correct


def evaluate_predictions(predictions: Predictions, *, num_classes: int) -> Evaluation:
    """Every number of a checkpoint from its labels (N,) and logits (N, num_classes).

    Raises:
        InputError: the labels are outside 0 .. num_classes - 1.
    """
    labels, predicted, scores = predictions.labels, predictions.predicted, predictions.scores
    matrix = metrics.confusion_matrix(labels, predicted, num_classes=num_classes)
    counts = metrics.one_vs_rest(matrix)
    return Evaluation(
        labels=labels,
        predicted=predicted,
        scores=scores,
        confidence=scores.max(axis=1) if labels.size else np.zeros(0),
        matrix=matrix,
        counts=counts,
        rates=metrics.rates(counts),
        summary=metrics.summary(matrix),
        accuracy_interval=metrics.wilson_interval(int(np.trace(matrix)), int(labels.size)),
        majority_accuracy=metrics.majority_accuracy(counts),
        support_shares=metrics.support_shares(counts),
        misclassified_negatives=metrics.misclassified_true_negatives(matrix),
    )


@dataclass(frozen=True)
class ClassHistory:
    """How well each of C classes was found at each of E kept epochs."""

    epochs: tuple[int, ...]  # (E,) ascending
    recall: NDArray[np.float64]  # (C, E) 0 to 1; NaN where a class has no images
    missed: NDArray[np.float64]  # (C, E) how dark to paint: square root of 1 - recall, the worst of all is 1; NaN too

    @property
    def floor(self) -> float:
        """From where an axis of recalls shows what matters: the lowest one after the first epoch, 0 to 1.

        In the first epoch a class may not be found at all, and all later differences would shrink to nothing.
        """
        later = self.recall[:, 1:] if len(self.epochs) > 1 else self.recall
        return float(np.fmin.reduce(later, axis=None, initial=1.0))


def class_history(epochs: Sequence[int], predictions: Sequence[Predictions], *, num_classes: int) -> ClassHistory:
    """The recall of each class over the epochs: when it was learned.

    Args:
        epochs: (E,) the kept epochs.
        predictions: (E,) of the same images at each of them.

    Raises:
        InputError: labels outside 0 .. num_classes - 1.

    >>> labels, logits = np.array([0, 0, 1]), np.array([[2, 0], [0, 2], [0, 2]], dtype=np.float32)
    >>> history = class_history([1, 2], [Predictions(labels, logits), Predictions(labels, -logits)], num_classes=2)
    >>> history.recall
    array([[0.5, 0.5],
           [1. , 0. ]])
    >>> history.floor
    0.0
    """
    recall = np.full((num_classes, len(epochs)), np.nan)
    for column, seen in enumerate(predictions):
        matrix = metrics.confusion_matrix(seen.labels, seen.predicted, num_classes=num_classes)
        recall[:, column] = np.diagonal(metrics.normalise(matrix, by="row"))
    return ClassHistory(epochs=tuple(epochs), recall=recall, missed=metrics.colour_scale(1 - recall, scale="sqrt"))
