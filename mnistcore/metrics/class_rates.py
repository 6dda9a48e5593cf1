"""Owns the rates of each class: precision, recall, specificity, F1, accuracy, and the shares that explain them."""

from dataclasses import dataclass
from typing import SupportsFloat, SupportsIndex

import numpy.typing as npt

from mnistcore.metrics.arguments import share_from_0_to_1, whole_number
from mnistcore.metrics.arithmetic import IntArray, optional, ratio
from mnistcore.metrics.counts import OneVsRest, as_counts, one_vs_rest
from mnistcore.metrics.definitions import DEFINITIONS


@dataclass(frozen=True, slots=True)
class Rates:
    """What the four counts of each class say, from 0 to 1; tuples of length C, None where undefined (0/0)."""

    precision: tuple[float | None, ...]  # None: nothing was called the class
    recall: tuple[float | None, ...]  # None: nothing is of the class
    specificity: tuple[float | None, ...]  # None: everything is of the class
    f1: tuple[float | None, ...]  # None: nothing is of the class, and nothing was called it
    accuracy: tuple[float | None, ...]  # None: there are no images


def rates(counts: OneVsRest) -> Rates:
    """Precision, recall, specificity, F1 and one-vs-rest accuracy of each class.

    precision = TP / (TP + FP), recall = TP / (TP + FN), specificity = TN / (TN + FP),
    F1 = 2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall, and accuracy = (TP + TN) / N.
    Source: Powers (2011), Journal of Machine Learning Technologies 2(1):37-63; F1: van Rijsbergen (1979),
    Information Retrieval, chapter 7.

    Args:
        counts: four arrays of integers, shape (C,), not negative.

    Returns:
        Tuples of C floats from 0 to 1; None where the denominator is 0. F1 is defined, and 0, where a class
        occurs but was never called: then its precision is None, and F1 still says that all of it was missed.

    Raises:
        InputError: negative counts, values that are no integers, arrays of different lengths.

    >>> found = rates(one_vs_rest([[2, 1, 0], [0, 2, 0], [1, 1, 3]]))
    >>> found.precision  # of the 3, 4 and 3 images called 0, 1 and 2
    (0.6666666666666666, 0.5, 1.0)
    >>> found.recall  # of the 3, 2 and 5 images that are a 0, 1 and 2
    (0.6666666666666666, 1.0, 0.6)
    >>> found.accuracy
    (0.8, 0.8, 0.8)
    >>> rates(one_vs_rest([[2, 0], [1, 0]])).precision  # nothing was called 1
    (0.6666666666666666, None)
    """
    return Rates(**{name: optional(definition.values(counts)) for name, definition in DEFINITIONS.items()})


def true_negative_shares(counts: OneVsRest) -> tuple[float | None, ...]:
    """The share of the true negatives in all images, TN / N: why one-vs-rest accuracy looks so good.

    Args:
        counts: four arrays of integers, shape (C,), not negative.

    Returns:
        C floats from 0 to 1; None where there are no images.

    Raises:
        InputError: as ``rates``.

    >>> true_negative_shares(one_vs_rest([[2, 1, 0], [0, 2, 0], [1, 1, 3]]))
    (0.6, 0.6, 0.5)
    """
    tp, fp, fn, tn = as_counts(counts)
    return optional(ratio(tn, tp + fp + fn + tn))


def majority_accuracy(counts: OneVsRest) -> tuple[float | None, ...]:
    """One-vs-rest accuracy of always answering "not this class", without looking: (N - support) / N.

    A class's own accuracy means something only by how far it lies above this.

    Args:
        counts: four arrays of integers, shape (C,), not negative.

    Returns:
        C floats from 0 to 1; None where there are no images.

    Raises:
        InputError: as ``rates``.

    >>> majority_accuracy(one_vs_rest([[2, 1, 0], [0, 2, 0], [1, 1, 3]]))
    (0.7, 0.8, 0.5)
    """
    tp, fp, fn, tn = as_counts(counts)
    return optional(ratio(fp + tn, tp + fp + fn + tn))


def mean_one_vs_rest_accuracy(accuracy: SupportsFloat, *, num_classes: SupportsIndex) -> float:
    """The mean of the one-vs-rest accuracies of all classes, of the overall accuracy alone: 1 - 2 (1 - accuracy) / C.

    Each mistake counts in two classes only, as a false negative of the true one and a false positive of the predicted
    one; for the C - 2 others it is a true negative, and right. So with many classes every class looks good.

    Args:
        accuracy: the share of all images that are classified correctly, 0 to 1.
        num_classes: C, at least 2: with one class there are no mistakes.

    Returns:
        From 0 (two classes, all wrong) to 1.

    Raises:
        InputError: an accuracy outside 0 to 1, or fewer than two classes.

    >>> matrix = [[2, 1, 0], [0, 2, 0], [1, 1, 3]]  # 7 of 10 are right
    >>> print(f"{mean_one_vs_rest_accuracy(0.7, num_classes=3):.4f}")
    0.8000
    >>> rates(one_vs_rest(matrix)).accuracy
    (0.8, 0.8, 0.8)
    """
    share = share_from_0_to_1(accuracy, name="accuracy")
    return 1 - 2 * (1 - share) / whole_number(num_classes, name="num_classes", minimum=2)


def support_shares(counts: OneVsRest) -> tuple[float | None, ...]:
    """The share of each class in all images, support / N: the rest is what "not this class" is right about.

    Args:
        counts: four arrays of integers, shape (C,), not negative.

    Returns:
        C floats from 0 to 1; None where there are no images.

    Raises:
        InputError: as ``rates``.

    >>> support_shares(one_vs_rest([[2, 1, 0], [0, 2, 0], [1, 1, 3]]))
    (0.3, 0.2, 0.5)
    """
    tp, fp, fn, tn = as_counts(counts)
    return optional(ratio(tp + fn, tp + fp + fn + tn))


def misclassified_true_negatives(matrix: npt.ArrayLike) -> IntArray:
    """How many of each class's true negatives are misclassified: one of the others, predicted as another of them.

    One-vs-rest counts them as right, the accuracy of the whole matrix as wrong: they are why a class's one-vs-rest
    accuracy is above it. All mistakes but the class's own: N - correct - FP - FN.

    Args:
        matrix: integers, shape (C, C), not negative; rows true, columns predicted.

    Returns:
        int64, shape (C,): from 0 to the true negatives of the class.

    Raises:
        InputError: as ``one_vs_rest``.

    >>> misclassified_true_negatives([[2, 1, 0], [0, 2, 0], [1, 1, 3]])  # for 0: the 2 that was predicted as 1
    array([1, 1, 1])
    """
    counts = one_vs_rest(matrix)
    wrong: IntArray = counts.fn.sum() - counts.fp - counts.fn
    return wrong


def most_flattered(counts: OneVsRest) -> int | None:
    """The class of which one-vs-rest accuracy hides most: where it lies furthest above recall.

    Both leave out the same false negatives, but accuracy divides by all images, recall by those of the class only.

    Args:
        counts: four arrays of integers, shape (C,), not negative.

    Returns:
        The index of the class, the first of equal ones; None where accuracy lies above recall for no class.

    Raises:
        InputError: as ``rates``.

    >>> most_flattered(one_vs_rest([[2, 1, 0], [0, 2, 0], [1, 1, 3]]))  # accuracy 0.8 each; recall 0.67, 1 and 0.6
    2
    >>> most_flattered(one_vs_rest([[2, 0], [0, 2]])) is None
    True
    """
    found = rates(counts)
    gaps = [
        accuracy - recall if accuracy is not None and recall is not None else 0.0
        for accuracy, recall in zip(found.accuracy, found.recall, strict=True)
    ]
    best = max(range(len(gaps)), key=gaps.__getitem__, default=None)
    return best if best is not None and gaps[best] > 0 else None
