"""Owns how sure a share is: confidence intervals of accuracies and rates."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple, SupportsFloat, SupportsIndex

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.metrics.arguments import as_array, probability_between, share_from_0_to_1, whole_number
from mnistcore.metrics.arithmetic import IntArray
from mnistcore.metrics.counts import OneVsRest, as_counts


class Interval(NamedTuple):
    """A range of shares, both ends from 0 to 1 and included; None where undefined."""

    low: float | None
    high: float | None


def wilson_interval(successes: SupportsIndex, total: SupportsIndex, *, confidence: SupportsFloat = 0.95) -> Interval:
    """The range in which the true share plausibly lies, seen that many successes among so many images.

    Wilson's score interval: all shares p for which ``successes`` would be less than z standard deviations of
    p away from p * total, where z is the normal quantile that belongs to ``confidence`` (1.96 at 0.95).
    Unlike the textbook's p +- z * deviation it stays within 0 and 1 and does not shrink to nothing at 0 or at
    all successes.
    Source: Wilson (1927), Journal of the American Statistical Association 22(158):209-212.

    Args:
        successes: from 0 to ``total``.
        total: at least 0.
        confidence: between 0 and 1, both excluded.

    Returns:
        The two ends. Exactly 0.0 below where nothing succeeded, exactly 1.0 above where everything did; both
        None where ``total`` is 0, of which nothing is known.

    Raises:
        InputError: more successes than images, negative, not whole, or a confidence outside 0 to 1.

    >>> low, high = wilson_interval(7, 10)
    >>> print(f"7 of 10 were right: between {low:.1%} and {high:.1%}")
    7 of 10 were right: between 39.7% and 89.2%
    >>> low, high = wilson_interval(9_700, 10_000)
    >>> print(f"9,700 of 10,000 were right: between {low:.2%} and {high:.2%}")
    9,700 of 10,000 were right: between 96.65% and 97.32%
    >>> wilson_interval(0, 0)
    Interval(low=None, high=None)
    """
    n = whole_number(total, name="total", minimum=0)
    s = whole_number(successes, name="successes", minimum=0)
    level = probability_between(confidence, name="confidence")
    if s > n:
        raise InputError(f"successes: expected at most the total of {n}, got {s}; is the order (successes, total)?")
    if n == 0:
        return Interval(None, None)
    z = normal_reach(level)
    middle = s + z * z / 2
    reach = z * math.sqrt(s * (n - s) / n + z * z / 4)
    return Interval(
        low=0.0 if s == 0 else max(0.0, (middle - reach) / (n + z * z)),
        high=1.0 if s == n else min(1.0, (middle + reach) / (n + z * z)),
    )


def normal_reach(confidence: float) -> float:
    """How many standard deviations around the mean hold that share of a normal distribution: 1.96 at 0.95."""
    # The lower tail, because 1 - tail rounds to 1 at high confidence, of which there is no quantile.
    return -NormalDist().inv_cdf((1 - confidence) / 2)


def half_width(share: SupportsFloat, total: SupportsIndex, *, confidence: SupportsFloat = 0.95) -> float | None:
    """How far Wilson's interval of that share would reach to either side of its middle with that many images.

    z sqrt(p (1 - p) N + z^2 / 4) / (N + z^2): four times the images, about half the width.
    Source: `wilson_interval`.

    Args:
        share: p, from 0 to 1, for example an accuracy.
        total: N, at least 0.
        confidence: between 0 and 1, both excluded.

    Returns:
        Above 0, at most 0.5; None where ``total`` is 0.

    Raises:
        InputError: a share outside 0 to 1, a negative number of images, or a confidence outside 0 to 1.

    >>> [round(half_width(0.97, images), 4) for images in (100, 400, 1_600, 10_000)]
    [0.0371, 0.0172, 0.0084, 0.0033]
    """
    n = whole_number(total, name="total", minimum=0)
    p = share_from_0_to_1(share, name="share")
    z = normal_reach(probability_between(confidence, name="confidence"))
    return z * math.sqrt(p * (1 - p) * n + z * z / 4) / (n + z * z) if n else None


class MeanInterval(NamedTuple):
    """A mean, and the range in which the true one plausibly lies."""

    mean: float | None  # None of no values
    low: float | None  # None of fewer than two values
    high: float | None


def mean_interval(values: npt.ArrayLike, *, confidence: SupportsFloat = 0.95) -> MeanInterval:
    """The mean of one number for each image, for example of how much two losses differ, with its normal interval.

    mean +- z s / sqrt(N), with the standard deviation s of the values (N - 1 below) and the normal quantile z that
    belongs to ``confidence``. It is meant for hundreds of images.
    Source: the central limit theorem; Laplace (1812), Théorie analytique des probabilités, book 2, chapter 4.

    Args:
        values: finite numbers, shape (N,). N may be 0.
        confidence: between 0 and 1, both excluded.

    Raises:
        InputError: not one-dimensional, not finite numbers, or a confidence outside 0 to 1.

    >>> found = mean_interval([-0.1, 0.9] * 200)
    >>> print(f"{found.mean:.2f}, from {found.low:.2f} to {found.high:.2f}")
    0.40, from 0.35 to 0.45
    """
    reach = normal_reach(probability_between(confidence, name="confidence"))
    array = as_array(values, name="values")
    if array.ndim != 1 or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise InputError(f"values: expected finite numbers of shape (N,), got {array.dtype} of shape {array.shape}")
    if len(array) == 0:
        return MeanInterval(None, None, None)
    mean = float(array.mean())
    if len(array) == 1:
        return MeanInterval(mean, None, None)
    half = reach * float(array.std(ddof=1)) / math.sqrt(len(array))
    return MeanInterval(mean, mean - half, mean + half)


@dataclass(frozen=True, slots=True)
class RateIntervals:
    """The range in which each rate of each class plausibly lies; tuples of length C, both ends None where undefined."""

    accuracy: tuple[Interval, ...]  # one-vs-rest
    recall: tuple[Interval, ...]
    precision: tuple[Interval, ...]
    f1: tuple[Interval, ...]
    specificity: tuple[Interval, ...]


def rate_intervals(counts: OneVsRest, *, confidence: SupportsFloat = 0.95) -> RateIntervals:
    """Wilson's interval of each rate of each class, seen so many images.

    All but F1 are shares of images: accuracy of all, recall of those of the class, precision of those predicted as it,
    specificity of those of other classes. F1 is no share, but follows from one: with F* = TP / (TP + FP + FN), the
    share of right answers among the images that are of the class or were predicted as it, F1 = 2 F* / (1 + F*), which
    only ever rises. So the ends of Wilson's interval of F*, transformed like this, are those of F1.
    Source: F*: Hand, Christen & Kirielle (2021), Machine Learning 110:451-456; `wilson_interval`.

    Args:
        counts: as `one_vs_rest` gives them.
        confidence: between 0 and 1, both excluded.

    Raises:
        InputError: the counts do not fit each other, or a confidence outside 0 to 1.

    >>> found = rate_intervals(one_vs_rest([[90, 10], [0, 0]]))
    >>> print(f"{found.recall[0].low:.3f} to {found.recall[0].high:.3f}")
    0.826 to 0.945
    >>> print(f"{found.accuracy[0].low:.3f} to {found.accuracy[0].high:.3f}")  # of the same 90 of 100
    0.826 to 0.945
    >>> found.precision[0].high, found.recall[1]
    (1.0, Interval(low=None, high=None))
    >>> print(f"{found.f1[0].low:.3f} to {found.f1[0].high:.3f}")
    0.904 to 0.972
    """
    tp, fp, fn, tn = as_counts(counts)

    def intervals(successes: IntArray, total: IntArray) -> tuple[Interval, ...]:
        pairs = zip(successes.tolist(), total.tolist(), strict=True)
        return tuple(wilson_interval(hits, of, confidence=confidence) for hits, of in pairs)

    return RateIntervals(
        accuracy=intervals(tp + tn, tp + fp + fn + tn),
        recall=intervals(tp, tp + fn),
        precision=intervals(tp, tp + fp),
        f1=tuple(Interval(_f1_of(low), _f1_of(high)) for low, high in intervals(tp, tp + fp + fn)),
        specificity=intervals(tn, tn + fp),
    )


def _f1_of(share: float | None) -> float | None:
    return None if share is None else 2 * share / (1 + share)
