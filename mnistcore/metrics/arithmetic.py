"""Owns arithmetic that knows 0/0, and sums that are exact or are worked on a part at a time."""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

# Rows worked on at a time: the temporaries stay in the cache of the processor, and small beside the labels.
CHUNK = 1 << 16
# Above 2**53 float64 no longer holds every whole number, and int64 sums come near to overflowing.
MAX_TOTAL = 2**53


def chunks(length: int, rows: int) -> Iterator[slice]:
    """Parts of ``rows`` that make up ``length`` together; the last one may be shorter."""
    return (slice(start, min(start + rows, length)) for start in range(0, length, rows))


def ratio(numerator: IntArray, denominator: IntArray) -> FloatArray:
    """NaN where the denominator is 0: in all our formulas the numerator is 0 there too."""
    result = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    np.divide(numerator, denominator, out=result, where=denominator != 0)
    return result


def share(numerator: int, denominator: int) -> float | None:
    """The quotient of two counts; None for 0/0."""
    return numerator / denominator if denominator != 0 else None


def optional(values: FloatArray) -> tuple[float | None, ...]:
    """The values (C,) as Python numbers, None in place of NaN."""
    return tuple(None if math.isnan(value) else value for value in values.tolist())


def undefined(values: FloatArray) -> int:
    """How many of the values (C,) are NaN."""
    return int(np.isnan(values).sum())


def mean(values: FloatArray, *, weights: IntArray | None = None) -> float | None:
    """The mean of the values (C,) that are not NaN, weighted or not; None where there is none."""
    defined = ~np.isnan(values)
    if not defined.any():
        return None
    kept = None if weights is None else weights[defined]
    if kept is not None and kept.sum() == 0:
        kept = None
    return float(np.average(values[defined], weights=kept))


def dot(first: IntArray, second: IntArray) -> int:
    """The scalar product of two arrays (C,), exact however large it is."""
    return sum(a * b for a, b in zip(first.tolist(), second.tolist(), strict=True))


def correlation(covariance: int, variance_of_truth: int, variance_of_predicted: int) -> float | None:
    """The covariance divided by both standard deviations; None where one of them is 0."""
    if variance_of_truth == 0 or variance_of_predicted == 0:
        return None
    return covariance / math.sqrt(variance_of_truth * variance_of_predicted)
