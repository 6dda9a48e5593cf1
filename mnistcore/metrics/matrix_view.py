"""Owns the matrix as it is shown: shares of rows and columns, colours, the most frequent confusions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import SupportsIndex

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.metrics.arguments import as_number_rows, as_square_counts, listed, whole_number
from mnistcore.metrics.arithmetic import FloatArray, IntArray, ratio


def _ones(matrix: IntArray) -> IntArray:
    return np.ones((1, 1), dtype=np.int64)


def _row_totals(matrix: IntArray) -> IntArray:
    totals: IntArray = matrix.sum(axis=1, keepdims=True)
    return totals


def _column_totals(matrix: IntArray) -> IntArray:
    totals: IntArray = matrix.sum(axis=0, keepdims=True)
    return totals


_NORMALISATIONS: dict[str, Callable[[IntArray], IntArray]] = {
    "count": _ones,
    "row": _row_totals,
    "column": _column_totals,
}
NORMALISATIONS = tuple(_NORMALISATIONS)


def normalise(matrix: npt.ArrayLike, *, by: str) -> FloatArray:
    """The matrix as counts, as shares of each row, or as shares of each column.

    Shares of a row (of all images of a class) have the recalls on their diagonal; shares of a column (of all
    images called a class) have the precisions there.

    Args:
        matrix: integers, shape (C, C), not negative; rows true, columns predicted.
        by: one of ``NORMALISATIONS``.

    Returns:
        float64, shape (C, C). Shares from 0 to 1; NaN throughout a row or column that is all zeros, where a
        share is undefined.

    Raises:
        InputError: an unknown ``by``; a matrix that is not square, negative or not of integers.

    >>> normalise([[2, 1, 0], [0, 2, 0], [1, 1, 3]], by="column")
    array([[0.66666667, 0.25      , 0.        ],
           [0.        , 0.5       , 0.        ],
           [0.33333333, 0.25      , 1.        ]])
    """
    if by not in _NORMALISATIONS:
        raise InputError(f"by: expected one of {listed(NORMALISATIONS)}, got {by!r}")
    checked = as_square_counts(matrix)
    return ratio(checked, _NORMALISATIONS[by](checked))


@dataclass(frozen=True, slots=True)
class Confusion:
    """One kind of mistake: images of one class that were called another."""

    true: int
    predicted: int
    count: int  # at least 1
    share_of_true: float  # of all images of the true class; above 0, up to 1


def most_confused(matrix: npt.ArrayLike, *, limit: SupportsIndex = 5) -> tuple[Confusion, ...]:
    """The most frequent kinds of mistakes.

    Args:
        matrix: integers, shape (C, C), not negative; rows true, columns predicted.
        limit: how many at most, at least 0.

    Returns:
        The largest cells off the diagonal, largest first; equal ones by true, then predicted class. Kinds of
        mistakes that never happened are left out, so that a perfect model gives none.

    Raises:
        InputError: a matrix that is not square, negative or not of integers; a negative limit.

    >>> most_confused([[2, 1, 0], [0, 2, 0], [1, 1, 3]], limit=1)
    (Confusion(true=0, predicted=1, count=1, share_of_true=0.3333333333333333),)
    """
    number = whole_number(limit, name="limit", minimum=0)
    checked = as_square_counts(matrix)
    true, called = np.nonzero(checked)  # of a thousand classes most cells are empty
    mistaken = true != called
    true, called = true[mistaken], called[mistaken]
    counts, support = checked[true, called], checked.sum(axis=1)
    largest_first = np.argsort(-counts, kind="stable")[:number]
    return tuple(
        Confusion(i, j, count, count / int(support[i]))
        for i, j, count in zip(*(part[largest_first].tolist() for part in (true, called, counts)), strict=True)
    )


_SCALES: dict[str, Callable[[FloatArray], FloatArray]] = {"linear": np.asarray, "sqrt": np.sqrt}
_UNSCALED: dict[str, Callable[[FloatArray], FloatArray]] = {"linear": np.asarray, "sqrt": np.square}
SCALES = tuple(_SCALES)


def colour_scale(values: npt.ArrayLike, *, scale: str = "linear", ignore_diagonal: bool = False) -> FloatArray:
    """How strongly to paint each cell: 0 for 0, 1 for the largest.

    Args:
        values: counts or shares, shape (rows, columns), not negative, not infinite; NaN where undefined.
        scale: one of ``SCALES``. ``"sqrt"`` takes the square root, which keeps small mistakes visible beside
            a large diagonal.
        ignore_diagonal: the largest is looked for off the diagonal only, and the diagonal gets 0; needs a
            square.

    Returns:
        float64 of the same shape, from 0 to 1. NaN stays NaN. All zeros where nothing is above 0.

    Raises:
        InputError: an unknown ``scale``, negative or infinite values, not two-dimensional (or not square).

    >>> colour_scale([[16, 1, 0], [0, 9, 4], [0, 0, 16]], scale="sqrt")
    array([[1.  , 0.25, 0.  ],
           [0.  , 0.75, 0.5 ],
           [0.  , 0.  , 1.  ]])
    """
    cells, largest = _painted(values, scale=scale, ignore_diagonal=ignore_diagonal)
    return _SCALES[scale](cells / largest if largest > 0 else cells)


def colour_ticks(values: npt.ArrayLike, *, scale: str = "linear", ignore_diagonal: bool = False) -> FloatArray:
    """The values that get the weakest, the middle and the strongest colour: what a legend is marked with.

    Args:
        values: as for `colour_scale`.
        scale: one of ``SCALES``. With ``"sqrt"`` the middle colour is that of a quarter of the largest value.
        ignore_diagonal: the largest is looked for off the diagonal only.

    Returns:
        float64 (3,), ascending from 0, in the unit of ``values``. All zeros where nothing is above 0.

    Raises:
        InputError: as `colour_scale`.

    >>> colour_ticks([[16, 1, 0], [0, 9, 4], [0, 0, 16]], scale="sqrt")
    array([ 0.,  4., 16.])
    """
    _, largest = _painted(values, scale=scale, ignore_diagonal=ignore_diagonal)
    return largest * _UNSCALED[scale](np.array([0.0, 0.5, 1.0]))


def _painted(values: npt.ArrayLike, *, scale: str, ignore_diagonal: bool) -> tuple[FloatArray, float]:
    """The values that get a colour, checked, and the largest of them; 0 where none is above that."""
    if scale not in _SCALES:
        raise InputError(f"scale: expected one of {listed(SCALES)}, got {scale!r}")
    cells = as_number_rows(values, name="values").astype(np.float64)
    if (cells < 0).any() or np.isinf(cells).any():
        raise InputError("values: expected counts or shares from 0 up (or NaN), got a negative or infinite one")
    if ignore_diagonal:
        if cells.shape[0] != cells.shape[1]:
            raise InputError(f"values: expected a square to take the diagonal out of, got shape {cells.shape}")
        diagonal = np.einsum("ii->i", cells)  # a view that can be written to
        diagonal[~np.isnan(diagonal)] = 0.0
    return cells, float(np.fmax.reduce(cells, axis=None, initial=0.0))  # fmax passes over NaN
