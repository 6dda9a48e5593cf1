"""Owns the one place where stored predictions become all the numbers of a page; imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.errors import InputError
from mnistcore.evaluation.predictions import AnyPredictions, Counts, PerImagePredictions, PredictedLabels
from mnistcore.wording import plural

MOST_CONFUSIONS: Final = 30  # kinds of mistakes that are told one by one


@dataclass(frozen=True, eq=False)
class PerImage:
    """What is known of each of N images; probabilities are computed when they are asked for, of those asked for.

    Of 1,000 classes all of them are half a gigabyte, and a page shows those of a hundred images.
    """

    known: PerImagePredictions

    @property
    def labels(self) -> NDArray[np.int64]:
        """(N,) the truth."""
        return self.known.labels

    @property
    def predicted(self) -> NDArray[np.int64]:
        """(N,) the class with the highest score, the lowest index where two are equal."""
        return self.known.predicted

    @property
    def has_scores(self) -> bool:
        """Whether probabilities are known; False where only the predicted labels were stored."""
        return not isinstance(self.known, PredictedLabels)

    @property
    def scores(self) -> NDArray[np.float64] | None:
        """(N, C) probabilities; None where they are not known."""
        return self.known.scores

    @cached_property
    def confidence(self) -> NDArray[np.float64] | None:
        """(N,) probability of the predicted class; likewise."""
        return None if self.known.scores is None else _highest(self.known.scores)

    def scores_of(self, index: int) -> NDArray[np.float64] | None:
        """(C,) the probabilities of one image; likewise."""
        if isinstance(self.known, PredictedLabels):
            return None
        scores: NDArray[np.float64] = self.known.scores_at(np.array([index]))[0]
        return scores

    def confidence_at(self, indices: NDArray[np.int64]) -> NDArray[np.float64] | None:
        """(n,) the confidence of the images at ``indices``; likewise."""
        if isinstance(self.known, PredictedLabels):
            return None
        return _highest(self.known.scores_at(indices))

    def most_confident_first(self, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The indices where ``mask`` (N,) is true, most confident first; equal ones, or all without one, by index."""
        indices = np.flatnonzero(mask)
        confidence = self.confidence_at(indices)
        return indices if confidence is None else indices[np.argsort(-confidence, kind="stable")]


def _highest(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    highest: NDArray[np.float64] = scores.max(axis=1, initial=0.0)
    return highest


@dataclass(frozen=True)
class Evaluation:
    """Everything that follows from one checkpoint's predictions for one split of N images in C classes.

    What is not known of single images is None: all of it where only counts were stored, scores and confidence where
    only the predicted labels were.
    """

    per_image: PerImage | None
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
        return int(self.matrix.sum())

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

    @property
    def labels(self) -> NDArray[np.int64] | None:
        """(N,) the truth."""
        return None if self.per_image is None else self.per_image.labels

    @property
    def predicted(self) -> NDArray[np.int64] | None:
        """(N,) the class with the highest score, the lowest index where two are equal."""
        return None if self.per_image is None else self.per_image.predicted

    @property
    def scores(self) -> NDArray[np.float64] | None:
        """(N, C) probabilities, computed when they are asked for the first time."""
        return None if self.per_image is None else self.per_image.scores

    @property
    def confidence(self) -> NDArray[np.float64] | None:
        """(N,) probability of the predicted class, likewise."""
        return None if self.per_image is None else self.per_image.confidence

    def share(self, indices: NDArray[np.int64]) -> float | None:
        """The share of ``indices`` in all images, 0 to 1; None where there are no images."""
        return len(indices) / self.total if self.total else None

    @cached_property
    def largest_confusions(self) -> tuple[metrics.Confusion, ...]:
        """The most frequent kinds of mistakes, at most `MOST_CONFUSIONS`, the most frequent first."""
        return metrics.most_confused(self.matrix, limit=MOST_CONFUSIONS)

    @property
    def mistakes(self) -> int:
        """The number of misclassified images."""
        return self.total - self.correct

    @property
    def mistake_share(self) -> float | None:
        """The share of misclassified images in all images, 0 to 1; None where there are no images."""
        return self.mistakes / self.total if self.total else None


def evaluate_predictions(predictions: AnyPredictions, *, num_classes: int) -> Evaluation:
    """Every number of a checkpoint that follows from its predictions, of whichever kind.

    Raises:
        InputError: there are labels outside 0 .. num_classes - 1, or counts of other classes.
    """
    matrix = matrix_of(predictions, num_classes=num_classes)
    counts = metrics.one_vs_rest(matrix)
    return Evaluation(
        per_image=None if isinstance(predictions, Counts) else PerImage(predictions),
        matrix=matrix,
        counts=counts,
        rates=metrics.rates(counts),
        summary=metrics.summary(matrix),
        accuracy_interval=metrics.wilson_interval(int(np.trace(matrix)), int(matrix.sum())),
        majority_accuracy=metrics.majority_accuracy(counts),
        support_shares=metrics.support_shares(counts),
        misclassified_negatives=metrics.misclassified_true_negatives(matrix),
    )


def matrix_of(predictions: AnyPredictions, *, num_classes: int) -> NDArray[np.int64]:
    """The confusion matrix of predictions of any kind, int64 (C, C), rows true, columns predicted.

    Raises:
        InputError: there are labels outside 0 .. num_classes - 1, or counts of other classes.
    """
    if not isinstance(predictions, Counts):
        return metrics.confusion_matrix(predictions.labels, predictions.predicted, num_classes=num_classes)
    if len(predictions.counts) != num_classes:
        raise InputError(f"counts: expected {plural(num_classes, 'class')}, got {len(predictions.counts)}")
    return predictions.counts


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

    def notable(self, each: int) -> list[int]:
        """The ``each`` classes with the lowest recall in the end, then the ``each`` whose recall changed most.

        >>> ClassHistory((1, 2), np.array([[0.9, 0.8], [0.1, 0.9], [0.9, 0.9]]), np.zeros((3, 2))).notable(1)
        [0, 1]
        """
        last = np.argsort(self.recall[:, -1], kind="stable")  # NaN, of classes without images, comes last
        change = np.nan_to_num(np.ptp(self.recall, axis=1))
        known = [int(index) for index in last if self.recall[index, -1] == self.recall[index, -1]]
        changed = np.argsort(-change, kind="stable").tolist()
        return list(dict.fromkeys((*known[:each], *changed[:each])))

    def of(self, classes: Sequence[int]) -> "ClassHistory":
        """The same of some of the classes."""
        return ClassHistory(self.epochs, self.recall[list(classes)], self.missed[list(classes)])


def class_history(epochs: Sequence[int], predictions: Sequence[AnyPredictions], *, num_classes: int) -> ClassHistory:
    """The recall of each class over the epochs: when it was learned.

    Args:
        epochs: (E,) the kept epochs.
        predictions: (E,) of the same images at each of them.

    Raises:
        InputError: labels outside 0 .. num_classes - 1.

    >>> from mnistcore.evaluation.predictions import Predictions
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
        matrix = matrix_of(seen, num_classes=num_classes)
        recall[:, column] = np.diagonal(metrics.normalise(matrix, by="row"))
    return ClassHistory(epochs=tuple(epochs), recall=recall, missed=metrics.colour_scale(1 - recall, scale="sqrt"))
