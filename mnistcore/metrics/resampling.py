"""Owns test sets drawn again: how an accuracy would scatter if other images had been tested."""

from typing import SupportsFloat, SupportsIndex

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.metrics.arguments import as_array, as_square_counts, probability_between, whole_number
from mnistcore.metrics.arithmetic import FloatArray, IntArray
from mnistcore.metrics.intervals import Interval

_MOST_IMAGES = 10**9  # of a set drawn again; numpy draws whole numbers of 64 bits


def redraw_matrix(matrix: npt.ArrayLike, *, seed: SupportsIndex, size: SupportsIndex | None = None) -> IntArray:
    """The confusion matrix of a test set that is drawn from this one, with replacement.

    Drawing ``size`` images one by one and counting them is one draw of a multinomial distribution with the shares of
    the cells, so it takes as long for 10,000 images as for ten.
    Source: Efron (1979), Bootstrap methods: another look at the jackknife, Annals of Statistics 7(1):1-26.

    Args:
        matrix: integers, shape (C, C), not negative; rows true, columns predicted.
        seed: of the draw, at least 0; the same seed draws the same.
        size: the number of images to draw; as many as there are where it is None.

    Returns:
        int64, shape (C, C), adding up to ``size``.

    Raises:
        InputError: no matrix of counts, a negative seed or size, or images to draw from none.

    >>> drawn = redraw_matrix([[90, 10], [0, 100]], seed=1)
    >>> int(drawn.sum()), int(drawn[1, 0])  # what never happened is never drawn
    (200, 0)
    """
    counts = as_square_counts(matrix)
    drawn = _size(size, total=int(counts.sum()))
    generator = np.random.default_rng(whole_number(seed, name="seed", minimum=0))
    if drawn == 0:
        return np.zeros_like(counts)
    cells: IntArray = generator.multinomial(drawn, counts.ravel() / counts.sum()).astype(np.int64)
    return cells.reshape(counts.shape)


def redraw_accuracy(
    correct: SupportsIndex,
    total: SupportsIndex,
    *,
    seed: SupportsIndex,
    times: SupportsIndex = 1000,
    size: SupportsIndex | None = None,
) -> FloatArray:
    """The accuracies of test sets that are drawn from this one, with replacement: the bootstrap.

    How many of ``size`` drawn images are right follows a binomial distribution with the share that is right.
    Source: Efron (1979), as `redraw_matrix`.

    Args:
        correct: images that were classified correctly, from 0 to ``total``.
        total: all images.
        seed: of the draws, at least 0; the same seed draws the same.
        times: how many sets, at least 1.
        size: the number of images in each; ``total`` where it is None.

    Returns:
        float64, shape (times,), 0 to 1; NaN where the sets have no images.

    Raises:
        InputError: more correct images than there are, a negative number, or images to draw from none.

    >>> accuracies = redraw_accuracy(90, 100, seed=1)
    >>> len(accuracies), round(float(accuracies.mean()), 2), round(float(accuracies.std()), 2)
    (1000, 0.9, 0.03)
    """
    n = whole_number(total, name="total", minimum=0)
    right = whole_number(correct, name="correct", minimum=0)
    if right > n:
        raise InputError(f"correct: expected at most the total of {n}, got {right}; is the order (correct, total)?")
    sets = whole_number(times, name="times", minimum=1)
    drawn = _size(size, total=n)
    generator = np.random.default_rng(whole_number(seed, name="seed", minimum=0))
    if drawn == 0:
        return np.full(sets, np.nan)
    accuracies: FloatArray = generator.binomial(drawn, right / n, size=sets) / drawn
    return accuracies


def percentile_interval(values: npt.ArrayLike, *, confidence: SupportsFloat = 0.95) -> Interval:
    """The range that holds the middle of numbers from sets drawn again: the percentile bootstrap interval.

    Source: Efron (1981), Canadian Journal of Statistics 9(2):139-158.

    Args:
        values: one number of each set, shape (times,); NaN, where it is undefined, is left out.
        confidence: the share of the values that it holds, between 0 and 1, both excluded.

    Returns:
        The two ends, linearly between two values; None where no value is defined.

    Raises:
        InputError: not one-dimensional, no numbers, or a confidence outside 0 to 1.

    >>> low, high = percentile_interval(redraw_accuracy(9_700, 10_000, seed=0))
    >>> print(f"{low:.1%} to {high:.1%}")
    96.6% to 97.3%
    """
    level = probability_between(confidence, name="confidence")
    array = as_array(values, name="values")
    if array.ndim != 1 or array.dtype.kind not in "fiu":
        raise InputError(f"values: expected numbers of shape (times,), got {array.dtype} of shape {array.shape}")
    defined = array[~np.isnan(array)]
    if defined.size == 0:
        return Interval(None, None)
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def _size(size: SupportsIndex | None, *, total: int) -> int:
    drawn = total if size is None else whole_number(size, name="size", minimum=0)
    if drawn > _MOST_IMAGES:
        raise InputError(f"size: expected at most {_MOST_IMAGES} images, got {drawn}")
    if drawn and not total:
        raise InputError(f"size: expected 0, because there are no images to draw from, got {drawn}")
    return drawn
