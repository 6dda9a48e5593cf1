"""Owns which counts each metric of a class divides by which: the one place where its formula is written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from mnistcore.metrics.arithmetic import FloatArray, IntArray, ratio
from mnistcore.metrics.counts import OneVsRest, as_counts

OUTCOMES: Final = ("tp", "fn", "fp", "tn")  # as the 2 x 2 is read: the images of the class, then all others


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric of one class against the rest, as a quotient of sums of its four counts.

    Attributes:
        above: outcome -> how often it is counted in the numerator.
        below: outcome -> how often it is counted in the denominator.
    """

    above: Mapping[str, int]
    below: Mapping[str, int]

    def values(self, counts: OneVsRest) -> FloatArray:
        """The metric of each class, float64 (C,) from 0 to 1; NaN where the denominator is 0.

        Raises:
            InputError: negative counts, values that are no integers, arrays of different lengths.
        """
        return ratio(_sum(self.above, counts), _sum(self.below, counts))

    def value(self, outcomes: Mapping[str, float]) -> float | None:
        """The metric of one class from 0 to 1, of counts that may be expected ones; None where the denominator is 0."""
        above, below = (
            sum(times * outcomes[outcome] for outcome, times in terms.items()) for terms in (self.above, self.below)
        )
        return above / below if below else None

    def numerators(self, counts: OneVsRest) -> IntArray:
        """How many are counted above the line, int64 (C,)."""
        return _sum(self.above, counts)

    def denominators(self, counts: OneVsRest) -> IntArray:
        """Out of how many each metric is taken, int64 (C,)."""
        return _sum(self.below, counts)


def _sum(terms: Mapping[str, int], counts: OneVsRest) -> IntArray:
    tp, fp, fn, tn = as_counts(counts)
    arrays = {"tp": tp, "fn": fn, "fp": fp, "tn": tn}
    result = np.zeros_like(tp)
    for outcome, times in terms.items():
        result = result + times * arrays[outcome]
    return result


# In the order in which they are taught. Sources: Powers (2011), Journal of Machine Learning Technologies 2(1):37-63;
# F1: van Rijsbergen (1979), Information Retrieval, chapter 7.
DEFINITIONS: Final[Mapping[str, Definition]] = MappingProxyType(
    {
        "accuracy": Definition({"tp": 1, "tn": 1}, {"tp": 1, "fn": 1, "fp": 1, "tn": 1}),  # one-vs-rest
        "recall": Definition({"tp": 1}, {"tp": 1, "fn": 1}),
        "precision": Definition({"tp": 1}, {"tp": 1, "fp": 1}),
        "f1": Definition({"tp": 2}, {"tp": 2, "fp": 1, "fn": 1}),  # the harmonic mean of precision and recall
        "specificity": Definition({"tn": 1}, {"tn": 1, "fp": 1}),
    }
)
