"""Owns the confusion matrix, and the four counts that each class has in it."""

from dataclasses import dataclass
from typing import SupportsIndex

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.metrics.arguments import (
    as_integers,
    as_square_counts,
    check_classes,
    check_counts,
    label_pair,
    whole_number,
)
from mnistcore.metrics.arithmetic import CHUNK, IntArray, chunks


@dataclass(frozen=True, slots=True, eq=False)  # eq=False: == of arrays is an array, which no bool() accepts
class OneVsRest:
    """Each class in turn as "positive", all others together as "negative": four counts per class.

    Every array is int64, shape (C,), not negative, indexed by class; at each class the four add up to N.
    """

    tp: IntArray  # true positives: of the class, and called so
    fp: IntArray  # false positives: of another class, but called this one
    fn: IntArray  # false negatives: of the class, but called another
    tn: IntArray  # true negatives: of another class, and not called this one

    @property
    def support(self) -> IntArray:
        """Images whose truth is the class, int64 (C,): the matrix's row totals; recall divides by it."""
        return self.tp + self.fn

    @property
    def called(self) -> IntArray:
        """Images called the class, int64 (C,): the matrix's column totals; precision divides by it."""
        return self.tp + self.fp

    @property
    def total(self) -> IntArray:
        """All images, int64 (C,): the same N at each class."""
        return self.tp + self.fp + self.fn + self.tn


def confusion_matrix(labels: npt.ArrayLike, predicted: npt.ArrayLike, *, num_classes: SupportsIndex) -> IntArray:
    """Count how often each true class was called each class.

    Args:
        labels: the truth; integers (any integer dtype, or a list) from 0 to C - 1, shape (N,). N may be 0.
        predicted: what the model called each image; same kind and length.
        num_classes: C, at least 1.

    Returns:
        int64, shape (C, C). Rows (axis 0) are the true classes, columns (axis 1) the predicted ones:
        ``matrix[4, 9]`` images of a 4 were called 9. All entries together are N. A class that never occurs
        has a row of zeros.

    Raises:
        InputError: lengths that differ, a class out of range, values that are no integers, not
            one-dimensional.

    >>> confusion_matrix([0, 0, 0, 1, 1, 2, 2, 2, 2, 2], [0, 0, 1, 1, 1, 2, 2, 2, 0, 1], num_classes=3)
    array([[2, 1, 0],
           [0, 2, 0],
           [1, 1, 3]])
    """
    classes = whole_number(num_classes, name="num_classes", minimum=1)
    truth, called = label_pair(labels, predicted)
    flat = np.zeros(classes * classes, dtype=np.int64)
    # Each chunk costs one pass over the flat matrix, so a chunk is never smaller than it.
    for part in chunks(len(truth), max(CHUNK, flat.size)):
        check_classes(truth, part, classes, name="labels")
        check_classes(called, part, classes, name="predicted")
        cell = truth[part].astype(np.int64)
        cell *= classes
        cell += called[part].astype(np.int64, copy=False)
        flat += np.bincount(cell, minlength=flat.size)
    return flat.reshape(classes, classes)


def one_vs_rest(matrix: npt.ArrayLike) -> OneVsRest:
    """Collapse the C x C matrix into a 2 x 2 one for each class.

    For class c: TP is the cell (c, c), FN the rest of row c, FP the rest of column c, and TN everything else.

    Args:
        matrix: integers, shape (C, C), not negative; rows true, columns predicted.

    Returns:
        Four int64 arrays of shape (C,). All zero for a matrix of zeros.

    Raises:
        InputError: not square, negative, not integers, or counts that add up to more than 2**53.

    >>> counts = one_vs_rest([[2, 1, 0], [0, 2, 0], [1, 1, 3]])
    >>> counts.tp, counts.fp, counts.fn, counts.tn
    (array([2, 2, 3]), array([1, 2, 0]), array([1, 0, 2]), array([6, 6, 5]))
    >>> counts.support, counts.called, counts.total
    (array([3, 2, 5]), array([3, 4, 3]), array([10, 10, 10]))
    """
    checked = as_square_counts(matrix)
    tp = np.diagonal(checked).copy()
    fp = checked.sum(axis=0) - tp
    fn = checked.sum(axis=1) - tp
    return OneVsRest(tp=tp, fp=fp, fn=fn, tn=checked.sum() - tp - fp - fn)


def as_counts(counts: OneVsRest) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Take tp, fp, fn and tn of one length, each (C,), as int64; else InputError."""
    arrays = [as_integers(getattr(counts, name), name=name, ndim=1) for name in ("tp", "fp", "fn", "tn")]
    if len({len(array) for array in arrays}) != 1:
        raise InputError(f"counts: expected tp, fp, fn and tn of one length, got {[len(array) for array in arrays]}")
    for array, name in zip(arrays, ("tp", "fp", "fn", "tn"), strict=True):
        check_counts(array, name=name)
    tp, fp, fn, tn = (array.astype(np.int64) for array in arrays)
    return tp, fp, fn, tn
