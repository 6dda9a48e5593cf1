"""Owns the whole matrix in a few numbers: accuracy, means over the classes, kappa, Matthews correlation."""

from dataclasses import dataclass

import numpy.typing as npt

from mnistcore.metrics.arithmetic import correlation, dot, mean, ratio, share, undefined
from mnistcore.metrics.counts import one_vs_rest


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
    macro_precision_left_out: int  # classes that were never predicted
    macro_recall: float | None
    macro_recall_left_out: int  # classes that never occur
    macro_f1: float | None
    macro_f1_left_out: int  # classes that never occur and were never predicted
    weighted_precision: float | None
    weighted_precision_left_out: int  # classes that occur, so have a weight, but were never predicted
    weighted_recall: float | None
    weighted_f1: float | None
    micro_precision: float | None
    micro_recall: float | None
    micro_f1: float | None
    chance_agreement: float | None  # what kappa corrects for: the accuracy that chance alone would give
    cohen_kappa: float | None  # from -1 to 1; 0 is what chance gives
    matthews_correlation: float | None  # from -1 to 1; 0 is what chance gives

    @property
    def errors(self) -> int:
        """Images that were predicted as another class than the true one."""
        return self.total - self.correct


def summary(matrix: npt.ArrayLike) -> Summary:
    """Sum a confusion matrix up in single numbers.

    - accuracy: the share of images on the diagonal. Undefined without images.
    - macro: the plain mean over the classes whose value is defined; the number of classes left out stands
      beside it.
    - weighted: the mean weighted by support. A class that never occurs weighs nothing, so only precision can
      lose something: classes that occur but were never predicted. Where that leaves no weight at all (everything
      was predicted as a class that never occurs), it is the plain mean of the precisions there are, which is 0, as
      in scikit-learn.
    - micro: counts of all classes added up first. Each mistake is one FP and one FN, so that precision,
      recall and F1 are all the same number as the accuracy.
    - balanced accuracy: the mean of the recalls of the classes that occur, so the same number as macro
      recall.
      Source: Brodersen et al. (2010), ICPR, 3121-3124.
    - Cohen's kappa: (observed - expected agreement) / (1 - expected agreement), where the expected agreement is
      `chance_agreement`: sum of row * column totals / N^2. Undefined where chance alone
      would agree always: one class only, the same in truth and prediction. (scikit-learn gives NaN there,
      meaning the same.)
      Source: Cohen (1960), Educational and Psychological Measurement 20(1):37-46.
    - Matthews correlation: (N correct - sum of row * column totals) / sqrt((N^2 - sum of squared row totals)
      (N^2 - sum of squared column totals)). Undefined where all labels are one class or all images were
      predicted as one class: a correlation with a constant is 0/0. (scikit-learn gives 0.0 there, a convention that
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
    >>> lacking = summary([[2, 0], [1, 0]])  # nothing was predicted as 1
    >>> lacking.macro_precision, lacking.macro_precision_left_out, lacking.matthews_correlation
    (0.6666666666666666, 1, None)
    """
    counts = one_vs_rest(matrix)
    tp, fp, fn, support, called = counts.tp, counts.fp, counts.fn, counts.support, counts.called
    precision = ratio(tp, called)
    recall = ratio(tp, support)
    f1 = ratio(2 * tp, 2 * tp + fp + fn)
    # From here in Python's integers: N squared outgrows int64, and the differences below must not be rounded.
    total, correct = int(support.sum()), int(tp.sum())
    by_chance = dot(support, called)
    return Summary(
        total=total,
        correct=correct,
        accuracy=share(correct, total),
        balanced_accuracy=mean(recall),
        balanced_accuracy_left_out=undefined(recall),
        macro_precision=mean(precision),
        macro_precision_left_out=undefined(precision),
        macro_recall=mean(recall),
        macro_recall_left_out=undefined(recall),
        macro_f1=mean(f1),
        macro_f1_left_out=undefined(f1),
        weighted_precision=mean(precision, weights=support),
        weighted_precision_left_out=undefined(precision[support > 0]),
        weighted_recall=mean(recall, weights=support),
        weighted_f1=mean(f1, weights=support),
        micro_precision=share(correct, correct + int(fp.sum())),
        micro_recall=share(correct, correct + int(fn.sum())),
        micro_f1=share(2 * correct, 2 * correct + int(fp.sum()) + int(fn.sum())),
        chance_agreement=share(by_chance, total**2),
        cohen_kappa=share(total * correct - by_chance, total**2 - by_chance),
        matthews_correlation=correlation(
            total * correct - by_chance, total**2 - dot(support, support), total**2 - dot(called, called)
        ),
    )
