"""Owns the one place where stored predictions become all the numbers of a page; imports no torch."""

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
    )
