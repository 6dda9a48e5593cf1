"""Owns what follows when one class is predicted from a score of its own: a threshold, its counts, the curves."""

import math
from dataclasses import dataclass
from typing import SupportsFloat, SupportsIndex

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.metrics.arguments import as_array, as_integers, as_labelled_scores, check_classes, whole_number
from mnistcore.metrics.arithmetic import FloatArray
from mnistcore.metrics.counts import OneVsRest
from mnistcore.metrics.definitions import DEFINITIONS
from mnistcore.metrics.two_by_two import TwoByTwo


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdCurve:
    """The four counts of one class at every threshold: an image is predicted as the class where its score is >= it.

    There are T thresholds: infinity, above which no image lies, then every distinct score, descending. Between two of
    them nothing changes. Each array of ``counts`` is int64 (T,), indexed by threshold instead of by class.
    """

    thresholds: FloatArray  # float64 (T,), descending, the first one infinity
    counts: OneVsRest

    @property
    def positives(self) -> int:
        """Images of the class."""
        return int(self.counts.support[0])

    @property
    def negatives(self) -> int:
        """Images of all other classes."""
        return int(self.counts.total[0]) - self.positives

    @property
    def recall(self) -> FloatArray:
        """float64 (T,), rising from 0 to 1; the ROC's true positive rate too. NaN where nothing is of the class."""
        return DEFINITIONS["recall"].values(self.counts)

    @property
    def precision(self) -> FloatArray:
        """float64 (T,); NaN where nothing is predicted as the class, so always at the first threshold."""
        return DEFINITIONS["precision"].values(self.counts)

    @property
    def false_positive_rate(self) -> FloatArray:
        """float64 (T,), 1 - specificity, rising from 0 to 1; NaN where everything is of the class."""
        return 1.0 - DEFINITIONS["specificity"].values(self.counts)

    @property
    def average_precision(self) -> float | None:
        """The mean precision over the images of the class; None where there are none.

        AP = sum over the thresholds of (recall - recall at the threshold before) * precision, which does not
        interpolate between them, as in scikit-learn.
        Source: Zhu (2004), Recall, Precision and Average Precision, University of Waterloo.
        """
        if self.positives == 0:
            return None
        # The first threshold, whose precision is undefined, finds nothing.
        return float(np.sum(np.diff(self.recall) * self.precision[1:]))

    @property
    def auc(self) -> float | None:
        """The area under the ROC by the trapezoid rule; None where there are no positives or no negatives.

        That is how often an image of the class, drawn at random, has a higher score than one of another class; equal
        scores count half (the statistic U of Mann and Whitney, divided by the number of pairs).
        Source: Hanley & McNeil (1982), Radiology 143(1):29-36.
        """
        if self.positives == 0 or self.negatives == 0:
            return None
        tp, fp = self.counts.tp, self.counts.fp
        twice = int(np.sum(np.diff(fp) * (tp[1:] + tp[:-1])))  # whole: exact for up to 2**31 images
        return twice / (2 * self.positives * self.negatives)

    @property
    def best_f1_threshold(self) -> float | None:
        """The threshold with the highest F1, the highest of several; None where nothing is of the class.

        It is chosen on these images, so on others its F1 tends to be lower.
        """
        if self.positives == 0:
            return None
        return float(self.thresholds[int(np.argmax(DEFINITIONS["f1"].values(self.counts)))])

    def cheapest_threshold(self, *, fp_price: SupportsFloat, fn_price: SupportsFloat) -> float | None:
        """The threshold at which the mistakes cost least, FP * fp_price + FN * fn_price; the highest of several.

        Source: Elkan (2001), The foundations of cost-sensitive learning, IJCAI, 973-978.

        Args:
            fp_price: what one false positive costs, finite and not negative.
            fn_price: what one false negative costs; one of both prices is above 0.

        Returns:
            Infinity where it is cheapest to predict no image as the class; None without images.

        Raises:
            InputError: a price is negative, no finite number, or both are 0.
        """
        prices = _price(fp_price, name="fp_price"), _price(fn_price, name="fn_price")
        if not any(prices):
            raise InputError("fp_price and fn_price: expected one of them above 0, got 0 and 0")
        if self.positives + self.negatives == 0:
            return None
        return float(self.thresholds[int(np.argmin(self.counts.fp * prices[0] + self.counts.fn * prices[1]))])

    def counts_at(self, threshold: SupportsFloat) -> TwoByTwo:
        """The four counts where an image is predicted as the class if its score is at least ``threshold``.

        Raises:
            InputError: the threshold is no number.
        """
        value = float(threshold)
        if math.isnan(value):
            raise InputError("threshold: expected a number, got NaN")
        last = int(np.searchsorted(-self.thresholds, -value, side="right")) - 1  # the lowest that is not below it
        counts = self.counts
        return TwoByTwo(*(int(array[last]) for array in (counts.tp, counts.fn, counts.fp, counts.tn)))


def threshold_curve(labels: npt.ArrayLike, scores: npt.ArrayLike, class_index: SupportsIndex) -> ThresholdCurve:
    """Count the four outcomes of one class at every threshold of its score.

    These counts are not those of the confusion matrix: there an image is predicted as the class with the highest
    score, whatever that is; here every class decides for itself, and an image may be predicted as two, or as none.

    Args:
        labels: the truth; integers from 0, shape (N,). N may be 0.
        scores: finite numbers, higher means "more likely of the class"; shape (N, C), of which the column
            ``class_index`` counts, or that column alone, shape (N,).
        class_index: the class, from 0 (to C - 1).

    Returns:
        At most N + 1 thresholds, and their counts.

    Raises:
        InputError: lengths that differ, a class out of range, labels that are no integers, a score that is NaN or
            infinite.

    >>> curve = threshold_curve([1, 0, 1, 0], [0.9, 0.6, 0.6, 0.1], 1)
    >>> curve.thresholds
    array([inf, 0.9, 0.6, 0.1])
    >>> curve.counts.tp, curve.counts.fp
    (array([0, 1, 2, 2]), array([0, 0, 1, 2]))
    >>> curve.counts_at(0.5)
    TwoByTwo(tp=2, fn=0, fp=1, tn=1)
    >>> curve.auc, round(curve.average_precision, 3), curve.best_f1_threshold
    (0.875, 0.833, 0.6)
    >>> curve.cheapest_threshold(fp_price=5, fn_price=1)  # false alarms are dear
    0.9
    """
    positive, given = _positives_and_scores(labels, scores, class_index)
    order = np.argsort(-given, kind="stable")
    descending, hits = given[order], positive[order]
    # The last image of each distinct score: all up to it are predicted as the class.
    ends = np.append(np.flatnonzero(np.diff(descending)), np.arange(len(given))[-1:]).astype(np.int64)
    tp = np.concatenate([[0], np.cumsum(hits, dtype=np.int64)[ends]])
    fp = np.concatenate([[0], ends + 1]) - tp
    return ThresholdCurve(
        thresholds=np.concatenate([[np.inf], descending[ends]]),
        counts=OneVsRest(tp=tp, fp=fp, fn=hits.sum() - tp, tn=(~hits).sum() - fp),
    )


def _positives_and_scores(
    labels: npt.ArrayLike, scores: npt.ArrayLike, class_index: SupportsIndex
) -> tuple[npt.NDArray[np.bool_], FloatArray]:
    """Which images (N,) are of the class, and its score of each as float64 (N,)."""
    chosen = whole_number(class_index, name="class_index", minimum=0)
    array = as_array(scores, name="scores")
    if array.ndim == 1:
        truth = as_integers(labels, name="labels", ndim=1)
        truth, column = as_labelled_scores(truth, array[:, np.newaxis])
        given = column[:, 0]
    else:
        truth, table = as_labelled_scores(labels, array)
        if chosen >= table.shape[1]:
            raise InputError(f"class_index: expected a class from 0 to {table.shape[1] - 1}, got {chosen}")
        check_classes(truth, slice(0, len(truth)), table.shape[1], name="labels")
        given = table[:, chosen]
    given = given.astype(np.float64)
    if not np.isfinite(given).all():
        raise InputError("scores: expected finite numbers, got NaN or infinity")
    return truth == chosen, given


def _price(value: SupportsFloat, *, name: str) -> float:
    price = float(value)
    if not (math.isfinite(price) and price >= 0):
        raise InputError(f"{name}: expected a price, finite and not negative, got {price}")
    return price
