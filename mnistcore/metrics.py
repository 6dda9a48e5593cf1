"""Owns every number on every page, as pure functions of labels and scores; imports numpy and our errors only.

One example runs through the doctests: ten pictures of the digits 0, 1 and 2, and what a model called them.

    >>> labels = [0, 0, 0, 1, 1, 2, 2, 2, 2, 2]
    >>> predicted = [0, 0, 1, 1, 1, 2, 2, 2, 0, 1]
    >>> matrix = confusion_matrix(labels, predicted, num_classes=3)
    >>> matrix
    array([[2, 1, 0],
           [0, 2, 0],
           [1, 1, 3]])

Words: ``labels`` are the truth, ``predicted`` what the model called each image, ``scores`` the probabilities
that it gave to the classes, C the number of classes, N the number of images. Classes count from 0.

Where a formula asks for 0/0 the number is *undefined*: None for a single number, NaN inside an array. It is
never 0: "no image was called 7" and "every image called 7 was wrong" are different findings.
"""

import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, NamedTuple, SupportsFloat, SupportsIndex

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

# Rows worked on at a time: the temporaries stay in the cache of the processor, and small beside the labels.
_CHUNK = 1 << 16
# Above 2**53 float64 no longer holds every whole number, and int64 sums come near to overflowing.
_MAX_TOTAL = 2**53


# ---- counts ------------------------------------------------------------------------------------------------


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
    for part in _chunks(len(truth), max(_CHUNK, flat.size)):
        _check_classes(truth, part, classes, name="labels")
        _check_classes(called, part, classes, name="predicted")
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
    checked = _square_counts(matrix)
    tp = np.diagonal(checked).copy()
    fp = checked.sum(axis=0) - tp
    fn = checked.sum(axis=1) - tp
    return OneVsRest(tp=tp, fp=fp, fn=fn, tn=checked.sum() - tp - fp - fn)


# ---- rates of each class -----------------------------------------------------------------------------------


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
    tp, fp, fn, tn = _checked_counts(counts)
    return Rates(
        precision=_optional(_ratio(tp, tp + fp)),
        recall=_optional(_ratio(tp, tp + fn)),
        specificity=_optional(_ratio(tn, tn + fp)),
        f1=_optional(_ratio(2 * tp, 2 * tp + fp + fn)),
        accuracy=_optional(_ratio(tp + tn, tp + fp + fn + tn)),
    )


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
    tp, fp, fn, tn = _checked_counts(counts)
    return _optional(_ratio(tn, tp + fp + fn + tn))


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
    tp, fp, fn, tn = _checked_counts(counts)
    return _optional(_ratio(fp + tn, tp + fp + fn + tn))


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
    tp, fp, fn, tn = _checked_counts(counts)
    return _optional(_ratio(tp + fn, tp + fp + fn + tn))


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


# ---- the whole matrix in a few numbers ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Summary:
    """A confusion matrix in single numbers, None where undefined.

    ``*_left_out`` says over how many classes an average could not be taken, because they are undefined.
    """

    total: int  # N, all images
    correct: int  # those on the diagonal
    accuracy: float | None
    balanced_accuracy: float | None
    balanced_accuracy_left_out: int  # classes that never occur
    macro_precision: float | None
    macro_precision_left_out: int  # classes that were never called
    macro_recall: float | None
    macro_recall_left_out: int  # classes that never occur
    macro_f1: float | None
    macro_f1_left_out: int  # classes that never occur and were never called
    weighted_precision: float | None
    weighted_precision_left_out: int  # classes that occur, so have a weight, but were never called
    weighted_recall: float | None
    weighted_f1: float | None
    micro_precision: float | None
    micro_recall: float | None
    micro_f1: float | None
    cohen_kappa: float | None  # from -1 to 1; 0 is what chance gives
    matthews_correlation: float | None  # from -1 to 1; 0 is what chance gives

    @property
    def errors(self) -> int:
        """Images that were called something else than they are."""
        return self.total - self.correct


def summary(matrix: npt.ArrayLike) -> Summary:
    """Sum a confusion matrix up in single numbers.

    - accuracy: the share of images on the diagonal. Undefined without images.
    - macro: the plain mean over the classes whose value is defined; the number of classes left out stands
      beside it.
    - weighted: the mean weighted by support. A class that never occurs weighs nothing, so only precision can
      lose something: classes that occur but were never called. Where that leaves no weight at all (everything
      was called a class that never occurs), it is the plain mean of the precisions there are, which is 0, as
      in scikit-learn.
    - micro: counts of all classes added up first. Each mistake is one FP and one FN, so that precision,
      recall and F1 are all the same number as the accuracy.
    - balanced accuracy: the mean of the recalls of the classes that occur, so the same number as macro
      recall.
      Source: Brodersen et al. (2010), ICPR, 3121-3124.
    - Cohen's kappa: (observed - expected agreement) / (1 - expected agreement). Undefined where chance alone
      would agree always: one class only, the same in truth and prediction. (scikit-learn gives NaN there,
      meaning the same.)
      Source: Cohen (1960), Educational and Psychological Measurement 20(1):37-46.
    - Matthews correlation: (N correct - sum of row * column totals) / sqrt((N^2 - sum of squared row totals)
      (N^2 - sum of squared column totals)). Undefined where all labels are one class or all images were
      called one class: a correlation with a constant is 0/0. (scikit-learn gives 0.0 there, a convention that
      cannot be told from "no better than chance".)
      Source: Matthews (1975), Biochimica et Biophysica Acta 405(2):442-451; for more than two classes
      Gorodkin (2004), Computational Biology and Chemistry 28:367-374.

    Args:
        matrix: integers, shape (C, C), not negative; rows true, columns predicted.

    Returns:
        Shares from 0 to 1, kappa and Matthews correlation from -1 to 1; None where undefined. Without images
        every number but the counts is None.

    Raises:
        InputError: not square, negative, not integers, or counts that add up to more than 2**53.

    >>> found = summary([[2, 1, 0], [0, 2, 0], [1, 1, 3]])
    >>> found.correct, found.total, found.errors, found.accuracy
    (7, 10, 3, 0.7)
    >>> round(found.macro_recall, 4), round(found.weighted_recall, 4)  # of 2/3, 1 and 3/5; 3, 2 and 5 images
    (0.7556, 0.7)
    >>> round(found.cohen_kappa, 4), round(found.matthews_correlation, 4)
    (0.5588, 0.594)
    >>> lacking = summary([[2, 0], [1, 0]])  # nothing was called 1
    >>> lacking.macro_precision, lacking.macro_precision_left_out, lacking.matthews_correlation
    (0.6666666666666666, 1, None)
    """
    counts = one_vs_rest(matrix)
    tp, fp, fn, support, called = counts.tp, counts.fp, counts.fn, counts.support, counts.called
    precision = _ratio(tp, called)
    recall = _ratio(tp, support)
    f1 = _ratio(2 * tp, 2 * tp + fp + fn)
    # From here in Python's integers: N squared outgrows int64, and the differences below must not be rounded.
    total, correct = int(support.sum()), int(tp.sum())
    by_chance = _dot(support, called)
    return Summary(
        total=total,
        correct=correct,
        accuracy=_share(correct, total),
        balanced_accuracy=_mean(recall),
        balanced_accuracy_left_out=_undefined(recall),
        macro_precision=_mean(precision),
        macro_precision_left_out=_undefined(precision),
        macro_recall=_mean(recall),
        macro_recall_left_out=_undefined(recall),
        macro_f1=_mean(f1),
        macro_f1_left_out=_undefined(f1),
        weighted_precision=_mean(precision, weights=support),
        weighted_precision_left_out=_undefined(precision[support > 0]),
        weighted_recall=_mean(recall, weights=support),
        weighted_f1=_mean(f1, weights=support),
        micro_precision=_share(correct, correct + int(fp.sum())),
        micro_recall=_share(correct, correct + int(fn.sum())),
        micro_f1=_share(2 * correct, 2 * correct + int(fp.sum()) + int(fn.sum())),
        cohen_kappa=_share(total * correct - by_chance, total**2 - by_chance),
        matthews_correlation=_correlation(
            total * correct - by_chance, total**2 - _dot(support, support), total**2 - _dot(called, called)
        ),
    )


# ---- how sure a share is -----------------------------------------------------------------------------------


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
    level = _probability_between(confidence, name="confidence")
    if s > n:
        raise InputError(f"successes: expected at most the total of {n}, got {s}; is the order (successes, total)?")
    if n == 0:
        return Interval(None, None)
    # The lower tail, because 1 - tail rounds to 1 at high confidence, of which there is no quantile.
    z = -NormalDist().inv_cdf((1 - level) / 2)
    middle = s + z * z / 2
    reach = z * math.sqrt(s * (n - s) / n + z * z / 4)
    return Interval(
        low=0.0 if s == 0 else max(0.0, (middle - reach) / (n + z * z)),
        high=1.0 if s == n else min(1.0, (middle + reach) / (n + z * z)),
    )


@dataclass(frozen=True, slots=True)
class RateIntervals:
    """The range in which each rate of each class plausibly lies; tuples of length C, both ends None where undefined."""

    precision: tuple[Interval, ...]
    recall: tuple[Interval, ...]
    f1: tuple[Interval, ...]


def rate_intervals(counts: OneVsRest, *, confidence: SupportsFloat = 0.95) -> RateIntervals:
    """Wilson's interval of each class's precision, recall and F1, seen so many images.

    Precision is a share of the images predicted as the class, recall one of the images of the class. F1 is no share,
    but follows from one: with F* = TP / (TP + FP + FN), the share of right answers among the images that are of the
    class or were predicted as it, F1 = 2 F* / (1 + F*), which only ever rises. So the ends of Wilson's interval of F*,
    transformed like this, are those of F1.
    Source: F*: Hand, Christen & Kirielle (2021), Machine Learning 110:451-456; `wilson_interval`.

    Args:
        counts: as `one_vs_rest` gives them.
        confidence: between 0 and 1, both excluded.

    Raises:
        InputError: the counts do not fit each other, or a confidence outside 0 to 1.

    >>> found = rate_intervals(one_vs_rest([[90, 10], [0, 0]]))
    >>> print(f"{found.recall[0].low:.3f} to {found.recall[0].high:.3f}")
    0.826 to 0.945
    >>> found.precision[0].high, found.recall[1]
    (1.0, Interval(low=None, high=None))
    >>> print(f"{found.f1[0].low:.3f} to {found.f1[0].high:.3f}")
    0.904 to 0.972
    """
    tp, fp, fn, _ = _checked_counts(counts)

    def intervals(total: IntArray) -> tuple[Interval, ...]:
        pairs = zip(tp.tolist(), total.tolist(), strict=True)
        return tuple(wilson_interval(hits, of, confidence=confidence) for hits, of in pairs)

    return RateIntervals(
        precision=intervals(tp + fp),
        recall=intervals(tp + fn),
        f1=tuple(Interval(_f1_of(low), _f1_of(high)) for low, high in intervals(tp + fp + fn)),
    )


def _f1_of(share: float | None) -> float | None:
    return None if share is None else 2 * share / (1 + share)


# ---- from scores -------------------------------------------------------------------------------------------


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
    array = _number_rows(logits, name="logits")
    result = array.astype(np.float64)  # a copy: everything below works in place
    if not np.isfinite(result).all():
        raise InputError("logits: expected finite numbers, got NaN or infinity; did the training diverge?")
    with np.errstate(over="ignore"):  # -infinity is right: its exp is 0
        result -= result.max(axis=1, keepdims=True)
    np.exp(result, out=result)
    result /= result.sum(axis=1, keepdims=True)
    return result


def _by_confidence(of_predicted: FloatArray, of_truth: FloatArray) -> FloatArray:
    return of_predicted


def _by_margin(of_predicted: FloatArray, of_truth: FloatArray) -> FloatArray:
    return of_predicted - of_truth


def _by_loss(of_predicted: FloatArray, of_truth: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):  # -log(0) is infinity: the worst there is, and meant
        return -np.log(of_truth)


_RANKINGS: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "confidence": _by_confidence,
    "margin": _by_margin,
    "loss": _by_loss,
}
RANKINGS = tuple(_RANKINGS)


def rank_errors(labels: npt.ArrayLike, scores: npt.ArrayLike, *, by: str = "confidence") -> IntArray:
    """Find the images that the model called wrong, the worst mistake first.

    An image is called the class with the highest score, the first of them where several are equal. What
    "worst" is:

    - ``"confidence"``: the score of the (wrong) predicted class; how sure the model was.
    - ``"margin"``: the score of the predicted class less that of the truth; how far off it was.
    - ``"loss"``: -log(score of the truth), the cross-entropy that training minimises; infinite at a score of
      0.

    Args:
        labels: the truth; integers from 0 to C - 1, shape (N,).
        scores: probabilities from 0 to 1, shape (N, C); rows are images, columns classes.
        by: one of ``RANKINGS``.

    Returns:
        int64, shape (number of mistakes,): indices into ``labels``, worst first, equally bad ones by index.
        Empty where everything was right.

    Raises:
        InputError: an unknown ``by``, lengths that differ, a label out of range or not an integer, scores
            that are NaN, outside 0 to 1, or not two-dimensional.

    >>> labels = [0, 1, 2, 2]
    >>> scores = [[0.9, 0.1, 0.0], [0.3, 0.4, 0.3], [0.7, 0.3, 0.0], [0.1, 0.5, 0.4]]
    >>> rank_errors(labels, scores, by="confidence")  # image 2 is a 2, called 0 with 70 % confidence
    array([2, 3])
    """
    if by not in _RANKINGS:
        raise InputError(f"by: expected one of {_listed(RANKINGS)}, got {by!r}")
    truth, probabilities = _labelled_scores(labels, scores)
    wrong_parts, called_parts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for part in _chunks(len(truth), _CHUNK):
        _check_classes(truth, part, probabilities.shape[1], name="labels")
        _check_probabilities(probabilities[part])
        called = probabilities[part].argmax(axis=1)
        wrong = np.flatnonzero(called != truth[part])
        wrong_parts.append(wrong + part.start)
        called_parts.append(called[wrong])
    wrong = np.concatenate(wrong_parts)
    of_predicted = probabilities[wrong, np.concatenate(called_parts)].astype(np.float64)
    of_truth = probabilities[wrong, truth[wrong]].astype(np.float64)
    badness = _RANKINGS[by](of_predicted, of_truth)
    return wrong[np.argsort(-badness, kind="stable")]


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
    truth, probabilities = _labelled_scores(labels, scores)
    classes = probabilities.shape[1]
    chosen = whole_number(class_index, name="class_index", minimum=0)
    if chosen >= classes:
        raise InputError(f"class_index: expected a class from 0 to {classes - 1}, got {chosen}")
    _check_classes(truth, slice(0, len(truth)), classes, name="labels")
    _check_probabilities(probabilities)
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


# ---- the matrix as it is shown -----------------------------------------------------------------------------


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
        raise InputError(f"by: expected one of {_listed(NORMALISATIONS)}, got {by!r}")
    checked = _square_counts(matrix)
    return _ratio(checked, _NORMALISATIONS[by](checked))


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
    checked = _square_counts(matrix)
    mistakes = checked.copy()
    np.fill_diagonal(mistakes, 0)
    shares = normalise(checked, by="row")
    largest_first = np.argsort(-mistakes, axis=None, kind="stable")[:number]
    return tuple(
        Confusion(int(true), int(called), int(mistakes[true, called]), float(shares[true, called]))
        for true, called in zip(*np.unravel_index(largest_first, mistakes.shape), strict=True)
        if mistakes[true, called] > 0
    )


_SCALES: dict[str, Callable[[FloatArray], FloatArray]] = {"linear": np.asarray, "sqrt": np.sqrt}
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
    if scale not in _SCALES:
        raise InputError(f"scale: expected one of {_listed(SCALES)}, got {scale!r}")
    cells = _number_rows(values, name="values").astype(np.float64)
    if (cells < 0).any() or np.isinf(cells).any():
        raise InputError("values: expected counts or shares from 0 up (or NaN), got a negative or infinite one")
    if ignore_diagonal:
        if cells.shape[0] != cells.shape[1]:
            raise InputError(f"values: expected a square to take the diagonal out of, got shape {cells.shape}")
        diagonal = np.einsum("ii->i", cells)  # a view that can be written to
        diagonal[~np.isnan(diagonal)] = 0.0
    largest = float(np.fmax.reduce(cells, axis=None, initial=0.0))  # fmax passes over NaN
    return _SCALES[scale](cells / largest if largest > 0 else cells)


# ---- what goes in ------------------------------------------------------------------------------------------


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
    truth = _integers(labels, name="labels", ndim=1)
    called = _integers(predicted, name="predicted", ndim=1)
    if len(truth) != len(called):
        raise InputError(
            f"labels and predicted: expected one prediction for each label, got {len(truth)} labels and "
            f"{len(called)} predictions"
        )
    return truth, called


def _labelled_scores(labels: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    truth = _integers(labels, name="labels", ndim=1)
    probabilities = _number_rows(scores, name="scores")
    if len(truth) != len(probabilities):
        raise InputError(
            f"labels and scores: expected one row of scores for each label, got {len(truth)} labels and "
            f"{len(probabilities)} rows"
        )
    return truth, probabilities


def _array(values: npt.ArrayLike, *, name: str) -> npt.NDArray[Any]:
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:  # rows of different lengths, or a tensor on a GPU
        raise InputError(f"{name}: expected an array or a list of numbers; numpy says: {error}") from error


def _integers(values: npt.ArrayLike, *, name: str, ndim: int) -> npt.NDArray[Any]:
    array = _array(values, name=name)
    if array.size == 0 and not hasattr(values, "dtype"):
        array = array.astype(np.int64)  # an empty list has no dtype of its own; numpy makes it float64
    if array.ndim != ndim or array.dtype.kind not in "iu":
        raise InputError(
            f"{name}: expected a {ndim}-dimensional array of integers, got {array.dtype} of shape "
            f"{array.shape}; whole numbers held as float are taken after .astype(int)"
        )
    return array


def _number_rows(values: npt.ArrayLike, *, name: str) -> npt.NDArray[Any]:
    array = _array(values, name=name)
    if array.ndim != 2 or array.shape[1] == 0 or array.dtype.kind not in "fiu":
        raise InputError(
            f"{name}: expected a 2-dimensional array of numbers with at least one column, got {array.dtype} "
            f"of shape {array.shape}"
        )
    return array


def _square_counts(matrix: npt.ArrayLike) -> IntArray:
    array = _integers(matrix, name="matrix", ndim=2)
    if array.shape[0] != array.shape[1] or array.shape[0] == 0:
        raise InputError(f"matrix: expected a square of at least 1 x 1, rows true, got shape {array.shape}")
    _check_counts(array, name="matrix")
    if array.sum(dtype=np.float64) > _MAX_TOTAL:
        raise InputError(f"matrix: expected counts that add up to at most 2**53, got {array.sum(dtype=np.float64):.3g}")
    return array.astype(np.int64)


def _checked_counts(counts: OneVsRest) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    arrays = [_integers(getattr(counts, name), name=name, ndim=1) for name in ("tp", "fp", "fn", "tn")]
    if len({len(array) for array in arrays}) != 1:
        raise InputError(f"counts: expected tp, fp, fn and tn of one length, got {[len(array) for array in arrays]}")
    for array, name in zip(arrays, ("tp", "fp", "fn", "tn"), strict=True):
        _check_counts(array, name=name)
    tp, fp, fn, tn = (array.astype(np.int64) for array in arrays)
    return tp, fp, fn, tn


def _check_counts(array: npt.NDArray[Any], *, name: str) -> None:
    if array.size and not (array.min() >= 0 and array.max() <= _MAX_TOTAL):
        raise InputError(f"{name}: expected counts from 0 to 2**53, got values from {array.min()} to {array.max()}")


def _check_classes(array: npt.NDArray[Any], part: slice, classes: int, *, name: str) -> None:
    values = array[part]
    if len(values) and not (values.min() >= 0 and values.max() < classes):
        first = int(np.flatnonzero((values < 0) | (values >= classes))[0])
        raise InputError(
            f"{name}: expected classes from 0 to {classes - 1}, got {values[first]} at index {part.start + first}"
        )


def _check_probabilities(scores: npt.NDArray[Any]) -> None:
    # A softmax in float32 or float16 may end a rounding above 1.
    highest = 1.0 + 4 * float(np.finfo(scores.dtype).eps) if scores.dtype.kind == "f" else 1.0
    # NaN makes both minimum and maximum NaN, which no comparison lets pass.
    if scores.size and not (scores.min() >= 0 and scores.max() <= highest):
        raise InputError(
            f"scores: expected probabilities from 0 to 1, got values from {scores.min()} to {scores.max()}; "
            "mnistcore.metrics.softmax makes probabilities of logits"
        )


def _probability_between(value: SupportsFloat, *, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, str) or not 0 < number < 1:
        raise InputError(f"{name}: expected a number between 0 and 1, both excluded, got {value!r}")
    return number


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(repr(name) for name in names)


# ---- arithmetic that knows 0/0 -----------------------------------------------------------------------------


def _chunks(length: int, rows: int) -> Iterator[slice]:
    return (slice(start, min(start + rows, length)) for start in range(0, length, rows))


def _ratio(numerator: IntArray, denominator: IntArray) -> FloatArray:
    """NaN where the denominator is 0: in all our formulas the numerator is 0 there too."""
    result = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    np.divide(numerator, denominator, out=result, where=denominator != 0)
    return result


def _share(numerator: int, denominator: int) -> float | None:
    return numerator / denominator if denominator != 0 else None


def _optional(values: FloatArray) -> tuple[float | None, ...]:
    return tuple(None if math.isnan(value) else value for value in values.tolist())


def _undefined(values: FloatArray) -> int:
    return int(np.isnan(values).sum())


def _mean(values: FloatArray, *, weights: IntArray | None = None) -> float | None:
    defined = ~np.isnan(values)
    if not defined.any():
        return None
    kept = None if weights is None else weights[defined]
    if kept is not None and kept.sum() == 0:
        kept = None
    return float(np.average(values[defined], weights=kept))


def _dot(first: IntArray, second: IntArray) -> int:
    return sum(a * b for a, b in zip(first.tolist(), second.tolist(), strict=True))


def _correlation(covariance: int, variance_of_truth: int, variance_of_predicted: int) -> float | None:
    if variance_of_truth == 0 or variance_of_predicted == 0:
        return None
    return covariance / math.sqrt(variance_of_truth * variance_of_predicted)
