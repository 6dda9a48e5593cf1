"""Owns what goes into a metric: arrays, counts and numbers are checked here, with the same words everywhere."""

import math
import operator
from typing import Any, SupportsFloat, SupportsIndex

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.metrics.arithmetic import MAX_TOTAL, IntArray
from mnistcore.wording import plural


def whole_number(value: SupportsIndex, *, name: str, minimum: int) -> int:
    """Take an integer (Python's or numpy's, no bool, no float) of at least ``minimum``; else InputError."""
    try:
        if isinstance(value, bool):
            raise TypeError("a bool is an index to Python, but no count")
        number = operator.index(value)
    except TypeError:
        raise InputError(f"{name}: expected a whole number from {minimum} up, got {value!r}") from None
    if number < minimum:
        raise InputError(f"{name}: expected a whole number from {minimum} up, got {number}")
    return number


def label_pair(labels: npt.ArrayLike, predicted: npt.ArrayLike) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Take truth and prediction as two integer arrays (N,), in their own dtypes; else InputError."""
    truth = as_integers(labels, name="labels", ndim=1)
    called = as_integers(predicted, name="predicted", ndim=1)
    if len(truth) != len(called):
        raise InputError(
            f"labels and predicted: expected one prediction for each label, got {plural(len(truth), 'label')} "
            f"and {plural(len(called), 'prediction')}"
        )
    return truth, called


def as_labelled_scores(labels: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Take truth as integers (N,) and scores as numbers (N, C), in their own dtypes; else InputError."""
    truth = as_integers(labels, name="labels", ndim=1)
    probabilities = as_number_rows(scores, name="scores")
    if len(truth) != len(probabilities):
        raise InputError(
            f"labels and scores: expected one row of scores for each label, got "
            f"{plural(len(truth), 'label')} and {plural(len(probabilities), 'row')}"
        )
    return truth, probabilities


def as_array(values: npt.ArrayLike, *, name: str) -> npt.NDArray[Any]:
    """Take whatever numpy can make an array of; else InputError."""
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:  # rows of different lengths, or a tensor on a GPU
        raise InputError(f"{name}: expected an array or a list of numbers; numpy says: {error}") from error


def as_integers(values: npt.ArrayLike, *, name: str, ndim: int) -> npt.NDArray[Any]:
    """Take an array of integers with ``ndim`` dimensions, in its own dtype; else InputError."""
    array = as_array(values, name=name)
    if array.size == 0 and not hasattr(values, "dtype"):
        array = array.astype(np.int64)  # an empty list has no dtype of its own; numpy makes it float64
    if array.ndim != ndim or array.dtype.kind not in "iu":
        raise InputError(
            f"{name}: expected a {ndim}-dimensional array of integers, got {array.dtype} of shape "
            f"{array.shape}; whole numbers held as float are taken after .astype(int)"
        )
    return array


def as_number_rows(values: npt.ArrayLike, *, name: str) -> npt.NDArray[Any]:
    """Take numbers (N, C) with at least one column, in their own dtype; else InputError."""
    array = as_array(values, name=name)
    if array.ndim != 2 or array.shape[1] == 0 or array.dtype.kind not in "fiu":
        raise InputError(
            f"{name}: expected a 2-dimensional array of numbers with at least one column, got {array.dtype} "
            f"of shape {array.shape}"
        )
    return array


def as_square_counts(matrix: npt.ArrayLike) -> IntArray:
    """Take a confusion matrix (C, C), rows true, as int64; else InputError."""
    array = as_integers(matrix, name="matrix", ndim=2)
    if array.shape[0] != array.shape[1] or array.shape[0] == 0:
        raise InputError(f"matrix: expected a square of at least 1 x 1, rows true, got shape {array.shape}")
    check_counts(array, name="matrix")
    if array.sum(dtype=np.float64) > MAX_TOTAL:
        raise InputError(f"matrix: expected counts that add up to at most 2**53, got {array.sum(dtype=np.float64):.3g}")
    return array.astype(np.int64)


def check_counts(array: npt.NDArray[Any], *, name: str) -> None:
    """Refuse counts below 0, or above what float64 holds exactly, with an InputError."""
    if array.size and not (array.min() >= 0 and array.max() <= MAX_TOTAL):
        raise InputError(f"{name}: expected counts from 0 to 2**53, got values from {array.min()} to {array.max()}")


def check_classes(array: npt.NDArray[Any], part: slice, classes: int, *, name: str) -> None:
    """Refuse classes of a part of an array that are not from 0 to ``classes`` - 1, with an InputError."""
    values = array[part]
    if len(values) and not (values.min() >= 0 and values.max() < classes):
        first = int(np.flatnonzero((values < 0) | (values >= classes))[0])
        raise InputError(
            f"{name}: expected classes from 0 to {classes - 1}, got {values[first]} at index {part.start + first}"
        )


def check_probabilities(scores: npt.NDArray[Any], *, name: str = "scores") -> None:
    """Refuse scores that are not from 0 to 1, but for rounding, with an InputError."""
    # A softmax in float32 or float16 may end a rounding above 1.
    highest = 1.0 + 4 * float(np.finfo(scores.dtype).eps) if scores.dtype.kind == "f" else 1.0
    # NaN makes both minimum and maximum NaN, which no comparison lets pass.
    if scores.size and not (scores.min() >= 0 and scores.max() <= highest):
        raise InputError(
            f"{name}: expected probabilities from 0 to 1, got values from {scores.min()} to {scores.max()}; "
            "mnistcore.metrics.softmax makes probabilities of logits"
        )


def probability_between(value: SupportsFloat, *, name: str) -> float:
    """Take a number between 0 and 1, both excluded; else InputError."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, str) or not 0 < number < 1:
        raise InputError(f"{name}: expected a number between 0 and 1, both excluded, got {value!r}")
    return number


def share_from_0_to_1(value: SupportsFloat, *, name: str) -> float:
    """Take a number from 0 to 1, both included; else InputError."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, str) or not 0 <= number <= 1:
        raise InputError(f"{name}: expected a number from 0 to 1, got {value!r}")
    return number


def listed(names: tuple[str, ...]) -> str:
    """Names as they stand in a message, with quotes."""
    return ", ".join(repr(name) for name in names)
