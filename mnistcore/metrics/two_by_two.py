"""Owns the four counts of one class against the rest as single numbers, and every metric that follows from them."""

import math
from dataclasses import dataclass

from mnistcore.errors import InputError
from mnistcore.metrics.definitions import DEFINITIONS, OUTCOMES


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """How many images had each outcome; where they are expected rather than counted, not whole.

    Raises:
        InputError: a count is negative, NaN or infinite.

    >>> TwoByTwo(tp=2, fn=1, fp=1, tn=6).total
    10
    """

    tp: float  # of the class, predicted as it
    fn: float  # of the class, predicted as another
    fp: float  # of another class, predicted as this one
    tn: float  # of another class, predicted as another

    def __post_init__(self) -> None:
        for name in OUTCOMES:
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise InputError(f"{name}: expected a count, finite and not negative, got {value!r}")

    @property
    def positives(self) -> float:
        """Images of the class."""
        return self.tp + self.fn

    @property
    def negatives(self) -> float:
        """Images of all other classes."""
        return self.fp + self.tn

    @property
    def total(self) -> float:
        """All images."""
        return self.positives + self.negatives


@dataclass(frozen=True, slots=True)
class BinaryMetrics:
    """The metrics of a 2 x 2 table in the order in which they are taught; None where undefined."""

    accuracy: float | None  # 0 to 1; None: no images
    recall: float | None  # 0 to 1; None: nothing is of the class
    precision: float | None  # 0 to 1; None: nothing was predicted as the class
    f1: float | None  # 0 to 1; None: nothing is of the class, and nothing was predicted as it
    specificity: float | None  # 0 to 1; None: everything is of the class
    balanced_accuracy: float | None  # 0 to 1; None: recall or specificity is
    matthews_correlation: float | None  # -1 to 1; None: truth or prediction is the same for all images


def binary_metrics(counts: TwoByTwo) -> BinaryMetrics:
    """Every metric of one class against the rest.

    The first five are those of `DEFINITIONS`. Balanced accuracy is the mean of recall and specificity. Matthews
    correlation is (TP TN - FP FN) / sqrt((TP + FP)(TP + FN)(TN + FP)(TN + FN)).
    Source: Brodersen et al. (2010), ICPR, 3121-3124; Matthews (1975), Biochimica et Biophysica Acta 405(2):442-451.

    Args:
        counts: whole or not.

    >>> found = binary_metrics(TwoByTwo(tp=2, fn=1, fp=1, tn=6))
    >>> found.accuracy, round(found.balanced_accuracy, 3), round(found.matthews_correlation, 3)
    (0.8, 0.762, 0.524)
    >>> nobody = binary_metrics(TwoByTwo(tp=0, fn=1, fp=0, tn=99))  # "no" to every image
    >>> nobody.accuracy, nobody.recall, nobody.precision, nobody.matthews_correlation
    (0.99, 0.0, None, None)
    """
    outcomes = {name: getattr(counts, name) for name in OUTCOMES}
    values = {name: definition.value(outcomes) for name, definition in DEFINITIONS.items()}
    recall, specificity = values["recall"], values["specificity"]
    return BinaryMetrics(
        **values,
        balanced_accuracy=None if recall is None or specificity is None else (recall + specificity) / 2,
        matthews_correlation=_matthews(counts),
    )


def _matthews(counts: TwoByTwo) -> float | None:
    margins = (counts.tp + counts.fp, counts.positives, counts.tn + counts.fn, counts.negatives)
    if not all(margins):
        return None
    # The roots one by one: the product of four margins outgrows what float64 holds exactly, and then its range.
    deviations = math.prod(math.sqrt(margin) for margin in margins)
    return (counts.tp * counts.tn - counts.fp * counts.fn) / deviations
