"""Owns how the matrix of many classes becomes one to look at: in which order, which of them, the rest as one."""

from collections.abc import Callable, Sequence
from typing import SupportsIndex

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.metrics.arguments import as_square_counts, listed, whole_number
from mnistcore.metrics.arithmetic import FloatArray, IntArray


def _given(matrix: IntArray) -> IntArray:
    return np.arange(len(matrix))


def _by_support(matrix: IntArray) -> IntArray:
    return _largest_first(matrix.sum(axis=1))


def _by_mistakes(matrix: IntArray) -> IntArray:
    """By the images that were missed or wrongly predicted as the class."""
    return _largest_first(matrix.sum(axis=1) + matrix.sum(axis=0) - 2 * np.diagonal(matrix))


def _largest_first(counts: IntArray) -> IntArray:
    return np.argsort(-counts, kind="stable").astype(np.int64)


def _by_similarity(matrix: IntArray) -> IntArray:
    if len(matrix) < 3:
        return _given(matrix)
    from scipy.cluster import hierarchy

    distances = 1 - similarity(matrix)
    pairs = distances[np.triu_indices(len(matrix), 1)]
    order: IntArray = hierarchy.leaves_list(hierarchy.linkage(pairs, "average")).astype(np.int64)
    return order


_ORDERS: dict[str, Callable[[IntArray], IntArray]] = {
    "given": _given,
    "support": _by_support,
    "mistakes": _by_mistakes,
    "similarity": _by_similarity,
}
ORDERS = tuple(_ORDERS)


def class_order(matrix: npt.ArrayLike, *, by: str) -> IntArray:
    """The classes in an order in which their matrix says something.

    Similar classes, those that are often confused, come to stand side by side by average linkage over 1 - `similarity`.
    Source: Sokal & Michener (1958), University of Kansas Science Bulletin 38:1409-1438.

    Args:
        matrix: integers, shape (C, C), not negative; rows true, columns predicted.
        by: one of ``ORDERS``: as they are given; most images first; most mistakes first, misses and false alarms
            together; by similarity.

    Returns:
        int64 (C,), each class once; equal ones in their order.

    Raises:
        InputError: an unknown ``by``; a matrix that is not square, negative or not of integers.

    >>> matrix = [[5, 0, 3, 0], [0, 9, 0, 1], [2, 0, 6, 0], [0, 0, 0, 7]]
    >>> class_order(matrix, by="mistakes"), class_order(matrix, by="similarity")
    (array([0, 2, 1, 3]), array([0, 2, 1, 3]))
    >>> class_order(matrix, by="support")
    array([1, 0, 2, 3])
    """
    if by not in _ORDERS:
        raise InputError(f"by: expected one of {listed(ORDERS)}, got {by!r}")
    return _ORDERS[by](as_square_counts(matrix))


def similarity(matrix: npt.ArrayLike) -> FloatArray:
    """How alike two classes are to the model: the mean of the shares of either that was predicted as the other.

    Args:
        matrix: integers, shape (C, C), not negative; rows true, columns predicted.

    Returns:
        float64 (C, C), symmetric, from 0 to 1; 1 on the diagonal. A class without images brings 0 for its share.

    Raises:
        InputError: a matrix that is not square, negative or not of integers.

    >>> similarity([[8, 2], [0, 0]])
    array([[1. , 0.1],
           [0.1, 1. ]])
    """
    checked = as_square_counts(matrix)
    shares = checked / np.maximum(checked.sum(axis=1, keepdims=True), 1)
    alike: FloatArray = (shares + shares.T) / 2
    np.fill_diagonal(alike, 1.0)
    return alike


def most_notable(matrix: npt.ArrayLike, *, limit: SupportsIndex, by: str = "mistakes") -> IntArray:
    """The first classes of an order, int64 (at most ``limit``,), ascending.

    Raises:
        InputError: as `class_order`; a limit below 1.

    >>> most_notable([[5, 0, 3], [0, 9, 0], [2, 0, 6]], limit=2)
    array([0, 2])
    """
    number = whole_number(limit, name="limit", minimum=1)
    return np.sort(class_order(matrix, by=by)[:number])


def most_confused_with(matrix: npt.ArrayLike, class_index: SupportsIndex, *, limit: SupportsIndex) -> IntArray:
    """The classes that one class is most often confused with, either way, most often first.

    Args:
        matrix: integers, shape (C, C), not negative; rows true, columns predicted.
        class_index: 0 to C - 1.
        limit: how many at most, at least 1.

    Returns:
        int64 (at most ``limit``,), without the class itself and without those that it never is confused with.

    Raises:
        InputError: a matrix as for `class_order`; no such class; a limit below 1.

    >>> most_confused_with([[5, 0, 3], [1, 9, 0], [2, 0, 6]], 0, limit=5)
    array([2, 1])
    """
    checked = as_square_counts(matrix)
    index = whole_number(class_index, name="class_index", minimum=0)
    number = whole_number(limit, name="limit", minimum=1)
    if index >= len(checked):
        raise InputError(f"class_index: expected 0 to {len(checked) - 1}, got {index}")
    together = checked[index] + checked[:, index]
    together[index] = 0
    first = _largest_first(together)[:number]
    confused: IntArray = first[together[first] > 0]
    return confused


def folded(matrix: npt.ArrayLike, classes: Sequence[int] | IntArray) -> IntArray:
    """The matrix of some classes, in their order, with all others together as one more, the last.

    Args:
        matrix: integers, shape (C, C), not negative; rows true, columns predicted.
        classes: the indices of those that stay, each once, at least one.

    Returns:
        int64 (n + 1, n + 1); (n, n) where no class is left over. Totals are those of the whole matrix.

    Raises:
        InputError: a class twice, or one that is not there; a matrix as for `class_order`.

    >>> folded([[5, 0, 3], [1, 9, 0], [2, 0, 6]], [2])
    array([[ 6,  2],
           [ 3, 15]])
    """
    checked = as_square_counts(matrix)
    kept = np.asarray(classes, dtype=np.int64)
    size = len(checked)
    if not len(kept) or len(set(kept.tolist())) < len(kept) or kept.min() < 0 or kept.max() >= size:
        raise InputError(f"classes: expected some of 0 to {size - 1}, each once, got {kept.tolist()[:10]}")
    inside = checked[np.ix_(kept, kept)]
    if len(kept) == size:
        return inside
    rows, columns = checked[kept].sum(axis=1), checked[:, kept].sum(axis=0)
    result = np.empty((len(kept) + 1, len(kept) + 1), dtype=np.int64)
    result[:-1, :-1] = inside
    result[:-1, -1] = rows - inside.sum(axis=1)
    result[-1, :-1] = columns - inside.sum(axis=0)
    result[-1, -1] = checked.sum() - rows.sum() - result[-1, :-1].sum()
    return result
