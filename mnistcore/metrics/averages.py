"""Owns how each class contributes to an average over the classes, and which ones pull it down."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from mnistcore.metrics.arithmetic import FloatArray, IntArray, ratio
from mnistcore.metrics.counts import OneVsRest, one_vs_rest
from mnistcore.metrics.definitions import DEFINITIONS

AVERAGES: Final = ("macro", "weighted", "micro")
AVERAGED: Final = ("recall", "precision", "f1")  # the metrics of which `Summary` has these averages


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """The parts, float64 (C,), that add up to an average; NaN for classes that are left out because undefined.

    Where every class is left out the average is undefined. Together the parts are the number in `Summary`.
    """

    macro: FloatArray  # value / number of classes that are defined
    weighted: FloatArray  # value * support / support of the classes that are defined
    micro: FloatArray  # the class's part of the numerator / the denominators of all classes together
    macro_pull: FloatArray  # the macro average less what it would be without the class; below 0: it pulls down


def average_contributions(matrix: npt.ArrayLike) -> Mapping[str, Contributions]:
    """How much each class contributes to macro, weighted and micro recall, precision and F1.

    Macro gives every class the same weight, weighted its share of the images, micro its share of the counts. In micro
    averages each class contributes TP / N, whichever metric it is: together the accuracy.

    Args:
        matrix: integers, shape (C, C), not negative; rows true, columns predicted.

    Returns:
        Metric, of `AVERAGED`, -> contributions.

    Raises:
        InputError: as `one_vs_rest`.

    >>> found = average_contributions([[2, 1, 0], [0, 2, 0], [1, 1, 3]])["recall"]
    >>> found.macro.round(4), float(found.macro.sum().round(4))  # a third of 2/3, 1 and 3/5
    (array([0.2222, 0.3333, 0.2   ]), 0.7556)
    >>> found.micro, found.weighted.round(4)  # of 10 images, 7 are right
    (array([0.2, 0.2, 0.3]), array([0.2, 0.2, 0.3]))
    >>> found.macro_pull.round(4)  # without class 2 the mean would be 5/6
    array([-0.0444,  0.1222, -0.0778])
    """
    counts = one_vs_rest(matrix)
    return {metric: _contributions(metric, counts) for metric in AVERAGED}


def _contributions(metric: str, counts: OneVsRest) -> Contributions:
    definition = DEFINITIONS[metric]
    values, below = definition.values(counts), definition.denominators(counts)
    return Contributions(
        macro=_weighted(values, np.ones_like(below)),
        weighted=_weighted(values, counts.support),
        micro=ratio(definition.numerators(counts), below.sum(keepdims=True)),
        macro_pull=_pull(values),
    )


def _weighted(values: FloatArray, weights: IntArray) -> FloatArray:
    defined = ~np.isnan(values)
    # As in `summary`: where no class that is defined has a weight, all that are defined have the same.
    kept = np.where(defined, weights if weights[defined].sum() else 1, 0)
    return values * ratio(kept, kept.sum(keepdims=True))


def _pull(values: FloatArray) -> FloatArray:
    others = np.count_nonzero(~np.isnan(values)) - 1
    if others < 1:  # without the only class there is no average to compare with
        return np.full_like(values, np.nan)
    return (values - np.nanmean(values)) / others
