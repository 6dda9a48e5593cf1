"""Owns what follows from scores: the softmax, and how the probabilities of a class are distributed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, SupportsIndex

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.metrics.arguments import (
    as_labelled_scores,
    as_number_rows,
    check_classes,
    check_probabilities,
    whole_number,
)
from mnistcore.metrics.arithmetic import CHUNK, FloatArray, IntArray, chunks
from mnistcore.metrics.matrix_view import colour_scale

_MANY: Final = 1 << 22  # numbers from which on several threads are worth their start
_THREADS: Final = 4


def softmax(logits: npt.ArrayLike) -> FloatArray:
    """Turn a model's raw outputs into probabilities: exp(logit) / sum of exp(logit) over the classes.

    The largest logit of each row is taken off first, which changes nothing in the result and keeps exp from
    overflowing. Source: Bridle (1990), Neurocomputing, NATO ASI F 68:227-236.

    Args:
        logits: finite numbers, shape (N, C), C at least 1; rows are images, columns classes.

    Returns:
        float64, shape (N, C), from 0 to 1; each row adds up to 1.

    Raises:
        InputError: NaN or infinity, or not two-dimensional.

    >>> softmax([[0.0, 0.0], [1000.0, 0.0]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    array = as_number_rows(logits, name="logits")
    result = np.empty(array.shape)

    def fill(part: slice) -> None:
        rows = array[part].astype(np.float64)  # a copy: everything below works in place
        if not np.isfinite(rows).all():
            raise InputError("logits: expected finite numbers, got NaN or infinity; did the training diverge?")
        with np.errstate(over="ignore"):  # -infinity is right: its exp is 0
            rows -= rows.max(axis=1, keepdims=True)
        np.exp(rows, out=rows)
        np.divide(rows, rows.sum(axis=1, keepdims=True), out=result[part])

    parts = chunks(len(array), max(1, CHUNK // array.shape[1]))
    if array.size < _MANY:
        for part in parts:
            fill(part)
    else:  # numpy lets other threads go on meanwhile
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(fill, parts))
    return result


def soft_confusion_matrix(labels: npt.ArrayLike, scores: npt.ArrayLike) -> FloatArray:
    """The confusion matrix into which each image brings its probabilities, spread over the columns, instead of a one.

    S[i, j] is the sum of the probabilities of class j over the images of class i. An image that the model is sure of
    counts nearly as in the ordinary matrix, one that it knows nothing about 1 / C in each column.

    Args:
        labels: the truth; integers from 0 to C - 1, shape (N,).
        scores: probabilities from 0 to 1, shape (N, C); rows are images, columns classes.

    Returns:
        float64, shape (C, C); rows true, columns predicted. Each row adds up to the images of its class.

    Raises:
        InputError: as ``rank_errors``.

    >>> soft_confusion_matrix([0, 0, 1], [[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
    array([[1.4, 0.6],
           [0.2, 0.8]])
    """
    truth, probabilities = as_labelled_scores(labels, scores)
    classes = probabilities.shape[1]
    check_classes(truth, slice(0, len(truth)), classes, name="labels")
    check_probabilities(probabilities)
    sums: FloatArray = np.stack([probabilities[truth == i].sum(axis=0, dtype=np.float64) for i in range(classes)])
    return sums


@dataclass(frozen=True, slots=True, eq=False)
class ConfidenceHistogram:
    """How sure the model was of one class, for images of the class and for all others.

    Bin i reaches from edges[i] (included) to edges[i + 1] (excluded, but for the last bin).
    """

    edges: FloatArray  # float64 (bins + 1,), from 0.0 to 1.0, equally far apart
    positives: IntArray  # int64 (bins,): images whose truth is the class
    negatives: IntArray  # int64 (bins,): images whose truth is another class


def confidence_histogram(
    labels: npt.ArrayLike, scores: npt.ArrayLike, class_index: SupportsIndex, *, bins: SupportsIndex = 20
) -> ConfidenceHistogram:
    """Count the scores that one class was given, apart for images of that class and of all others.

    A class told apart well has its positives at 1 and its negatives at 0.

    Args:
        labels: the truth; integers from 0 to C - 1, shape (N,).
        scores: probabilities from 0 to 1, shape (N, C); rows are images, columns classes.
        class_index: the class, from 0 to C - 1.
        bins: how many, at least 1.

    Returns:
        Edges and counts; the counts together are N.

    Raises:
        InputError: as ``rank_errors``; a class out of range, or fewer than one bin.

    >>> scores = [[0.9, 0.1, 0.0], [0.3, 0.4, 0.3], [0.7, 0.3, 0.0], [0.1, 0.5, 0.4]]
    >>> found = confidence_histogram([0, 1, 2, 2], scores, 2, bins=2)
    >>> found.edges, found.positives, found.negatives
    (array([0. , 0.5, 1. ]), array([2, 0]), array([2, 0]))
    """
    number = whole_number(bins, name="bins", minimum=1)
    truth, probabilities = as_labelled_scores(labels, scores)
    classes = probabilities.shape[1]
    chosen = whole_number(class_index, name="class_index", minimum=0)
    if chosen >= classes:
        raise InputError(f"class_index: expected a class from 0 to {classes - 1}, got {chosen}")
    check_classes(truth, slice(0, len(truth)), classes, name="labels")
    check_probabilities(probabilities)
    # A float32 softmax may give 1.0000001: it belongs into the last bin, not outside the range.
    given = probabilities[:, chosen].astype(np.float64).clip(0.0, 1.0)
    positive = truth == chosen
    positives, edges = np.histogram(given[positive], bins=number, range=(0.0, 1.0))
    negatives, _ = np.histogram(given[~positive], bins=number, range=(0.0, 1.0))
    return ConfidenceHistogram(
        edges=edges.astype(np.float64),
        positives=positives.astype(np.int64),
        negatives=negatives.astype(np.int64),
    )


@dataclass(frozen=True, slots=True, eq=False)
class BarLengths:
    """How long to draw the bars of a ``ConfidenceHistogram``, on one scale: 1 is the longest of all."""

    positives: FloatArray  # float64 (bins,), from 0.0 to 1.0
    negatives: FloatArray  # float64 (bins,), likewise


def bar_lengths(histogram: ConfidenceHistogram) -> BarLengths:
    """The square root of each count, so that a bar twice as long stands for four times as many images.

    Both halves share one scale: bars of the same length are the same number of images, whichever half they are in.

    Args:
        histogram: its counts not negative.

    Returns:
        Lengths from 0 to 1; all zeros where there are no images.

    >>> histogram = ConfidenceHistogram(np.linspace(0, 1, 3), positives=np.array([0, 4]), negatives=np.array([16, 1]))
    >>> lengths = bar_lengths(histogram)
    >>> lengths.positives, lengths.negatives
    (array([0. , 0.5]), array([1.  , 0.25]))
    """
    positives, negatives = colour_scale(np.stack([histogram.positives, histogram.negatives]), scale="sqrt")
    return BarLengths(positives=positives, negatives=negatives)
