"""Owns whether a model's confidence can be believed: reliability, calibration error, loss, temperature."""

import math
from dataclasses import dataclass
from typing import Any, SupportsFloat, SupportsIndex

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.metrics.arguments import (
    as_array,
    as_labelled_scores,
    check_classes,
    check_probabilities,
    whole_number,
)
from mnistcore.metrics.arithmetic import FloatArray, IntArray, ratio
from mnistcore.metrics.intervals import Interval, wilson_interval

TEMPERATURES = (0.01, 100.0)  # between these a temperature is searched; outside, a softmax is a step or flat
_HALVINGS = 40  # of the logarithm of that range: to 1e-11 of the temperature


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """How often predictions are right, by how sure the model was; M bins of the confidence, equally wide.

    Bin m holds the confidences above edges[m] up to edges[m + 1]; the first one, 0 too.
    """

    edges: FloatArray  # float64 (M + 1,), from 0.0 to 1.0
    count: IntArray  # int64 (M,): images in each bin
    correct: IntArray  # int64 (M,): those of them that are right
    confidence: FloatArray  # float64 (M,): their mean confidence; NaN in an empty bin
    interval: tuple[Interval, ...]  # (M,): Wilson's 95 % interval of the accuracy

    @property
    def accuracy(self) -> FloatArray:
        """The share of right predictions in each bin, float64 (M,); NaN in an empty one."""
        return ratio(self.correct, self.count)

    @property
    def expected_calibration_error(self) -> float | None:
        """ECE: the mean of |accuracy - confidence| over the bins, weighted by their images; None without images.

        It depends on the number of bins: a comparison needs the same one.
        Source: Naeini, Cooper & Hauskrecht (2015), AAAI, 2901-2907; Guo et al. (2017), ICML, PMLR 70:1321-1330.
        """
        total = int(self.count.sum())
        if total == 0:
            return None
        return float(np.nansum(self.count * np.abs(self.accuracy - self.confidence))) / total


def reliability(correct: npt.ArrayLike, confidence: npt.ArrayLike, *, bins: SupportsIndex = 10) -> Reliability:
    """Sort predictions by their confidence into bins, and see how many of each were right.

    Where a model is calibrated, of all predictions made with 80 % confidence 80 % are right: accuracy and confidence
    agree in each bin.
    Source: DeGroot & Fienberg (1983), The Statistician 32(1/2):12-22; bins as in Guo et al. (2017).

    Args:
        correct: whether each prediction is right, bool (N,). N may be 0.
        confidence: the probability of the predicted class, 0 to 1, shape (N,).
        bins: M, at least 1.

    Raises:
        InputError: lengths that differ, another dtype, a confidence outside 0 to 1, or fewer than one bin.

    >>> found = reliability([True, True, False, True], [0.9, 0.95, 0.97, 0.4], bins=2)
    >>> found.count, found.accuracy.round(3), found.confidence.round(3)
    (array([1, 3]), array([1. , 0.667]), array([0.4 , 0.94]))
    >>> round(found.expected_calibration_error, 3)  # (1 * 0.6 + 3 * 0.273) / 4
    0.355
    """
    number = whole_number(bins, name="bins", minimum=1)
    right, sure = _flags_and_confidence(correct, confidence)
    edges = np.linspace(0.0, 1.0, number + 1)
    place = np.searchsorted(edges[1:-1], sure, side="left")
    count = np.bincount(place, minlength=number).astype(np.int64)
    hits = np.bincount(place[right], minlength=number).astype(np.int64)
    sums = np.bincount(place, weights=sure, minlength=number)
    return Reliability(
        edges=edges,
        count=count,
        correct=hits,
        confidence=np.divide(sums, count, out=np.full(number, np.nan), where=count > 0),
        interval=tuple(wilson_interval(*pair) for pair in zip(hits.tolist(), count.tolist(), strict=True)),
    )


def negative_log_likelihood(
    labels: npt.ArrayLike, logits: npt.ArrayLike, *, temperature: SupportsFloat = 1.0
) -> float | None:
    """The mean over the images of -log(probability of the true class): the cross-entropy loss.

    The probabilities are the softmax of the logits divided by ``temperature``.

    Args:
        labels: the truth; integers from 0 to C - 1, shape (N,).
        logits: finite numbers, shape (N, C); the logarithms of probabilities above 0 do as well.
        temperature: above 0; above 1 it makes the model less sure, and never changes which class is predicted.

    Returns:
        At least 0; None without images.

    Raises:
        InputError: lengths that differ, a label out of range, a logit that is not finite, a temperature not above 0.

    >>> round(negative_log_likelihood([0, 1], [[2.0, 0.0], [2.0, 0.0]]), 4)  # the mean of 0.1269 and 2.1269
    1.1269
    """
    truth, values = _truth_and_logits(labels, logits)
    if len(truth) == 0:
        return None
    scaled = values / _temperature(temperature)
    scaled -= scaled.max(axis=1, keepdims=True)
    of_truth = scaled[np.arange(len(truth)), truth]
    return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - of_truth))


def fit_temperature(labels: npt.ArrayLike, logits: npt.ArrayLike) -> float | None:
    """The temperature with the smallest loss: dividing logits by it makes the confidence fit these images best.

    The loss is convex in 1 / temperature, so its slope changes sign once at most; that place is found by halving.
    Fitted on validation images, it is then used on the test images.
    Source: Guo et al. (2017), On calibration of modern neural networks, ICML, PMLR 70:1321-1330.

    Args:
        labels: the truth; integers from 0 to C - 1, shape (N,).
        logits: finite numbers, shape (N, C).

    Returns:
        Above 1 where the model is surer than it should be. None where no temperature within `TEMPERATURES` is best:
        without images, where every image is right (the surer, the better), where guessing is no worse, or where
        temperature changes nothing because all logits of an image are equal.

    Raises:
        InputError: lengths that differ, a label out of range, a logit that is not finite.

    >>> fitted = fit_temperature([0, 0, 0, 1], [[9.0, 0.0]] * 4)  # right 3 times out of 4, and nearly certain
    >>> round(fitted, 3), round(1 / (1 + math.exp(-9 / fitted)), 3)  # the softmax of two classes
    (8.192, 0.75)
    """
    truth, values = _truth_and_logits(labels, logits)
    if len(truth) == 0:
        return None
    values -= values.max(axis=1, keepdims=True)
    of_truth = float(values[np.arange(len(truth)), truth].mean())
    low, high = (math.log(value) for value in TEMPERATURES)
    # The loss falls with the temperature where it is too low, and rises where it is too high.
    if not _slope(values, of_truth, math.exp(low)) > 0 > _slope(values, of_truth, math.exp(high)):
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _slope(values, of_truth, math.exp(middle)) > 0:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def _slope(values: FloatArray, of_truth: float, temperature: float) -> float:
    """How fast the loss rises with 1 / temperature: the mean logit that the model expects, less that of the truth."""
    weights = np.exp(values / temperature)
    return float(np.mean((weights * values).sum(axis=1) / weights.sum(axis=1))) - of_truth


def _flags_and_confidence(
    correct: npt.ArrayLike, confidence: npt.ArrayLike
) -> tuple[npt.NDArray[np.bool_], FloatArray]:
    """Right or wrong, bool (N,), and the confidence, float64 (N,), clipped to 0 to 1 where it was rounded above."""
    right, sure = as_array(correct, name="correct"), as_array(confidence, name="confidence")
    if right.size == 0:
        right = right.astype(np.bool_)  # an empty list has no dtype of its own
    if right.dtype != np.bool_ or right.ndim != 1:
        raise InputError(f"correct: expected bools of shape (N,), got {right.dtype} of shape {right.shape}")
    if sure.shape != right.shape or sure.dtype.kind not in "fiu":
        raise InputError(f"confidence: expected numbers of shape {right.shape}, got {sure.dtype} of shape {sure.shape}")
    check_probabilities(sure, name="confidence")
    return right, sure.astype(np.float64).clip(0.0, 1.0)


def _truth_and_logits(labels: npt.ArrayLike, logits: npt.ArrayLike) -> tuple[npt.NDArray[Any], FloatArray]:
    """The truth (N,), and a copy of the logits, float64 (N, C)."""
    truth, values = as_labelled_scores(labels, logits)
    check_classes(truth, slice(0, len(truth)), values.shape[1], name="labels")
    copy = values.astype(np.float64)
    if not np.isfinite(copy).all():
        raise InputError("logits: expected finite numbers, got NaN or infinity")
    return truth, copy


def _temperature(value: SupportsFloat) -> float:
    number = float(value)
    if not (math.isfinite(number) and number > 0):
        raise InputError(f"temperature: expected a finite number above 0, got {number}")
    return number
