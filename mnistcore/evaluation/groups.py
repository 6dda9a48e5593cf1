"""Owns which images a part of the 2 x 2 holds when one class is positive: an outcome, or several together.

A group has one text form, which is what stands in the URL: its outcomes in reading order, with points between them.
``tp.fn`` are the images of the class, which its recall divides by; ``tn.wrong`` are the true negatives that are
themselves misclassified.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, SupportsIndex

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.evaluation.selections import BoolArray, region_mask
from mnistcore.metrics.definitions import OUTCOMES


@dataclass(frozen=True, slots=True)
class Group:
    """Images that share some outcomes, when one class is positive; ``str()`` of it is its text form."""

    outcomes: tuple[str, ...]  # of OUTCOMES, in their order
    only_wrong: bool = False  # of these, the misclassified ones

    def __str__(self) -> str:
        return ".".join((*self.outcomes, "wrong") if self.only_wrong else self.outcomes)


_SETS = (
    *((outcome,) for outcome in OUTCOMES),
    ("tp", "fn"),  # the class: recall
    ("tp", "fp"),  # predicted as it: precision
    ("fp", "tn"),  # not the class: specificity
    ("fn", "tn"),  # not predicted as it
    ("tp", "tn"),  # right about "it or not": accuracy
    ("tp", "fn", "fp"),  # the class, or predicted as it: F1
    OUTCOMES,
)
GROUPS: Final = MappingProxyType(
    {str(group): group for group in (*(Group(outcomes) for outcomes in _SETS), Group(("tn",), only_wrong=True))}
)


def group_mask(group: Group, class_index: SupportsIndex, labels: npt.ArrayLike, predicted: npt.ArrayLike) -> BoolArray:
    """Tell which images a group holds.

    Args:
        group: one of the values of ``GROUPS``.
        class_index: the positive class, at least 0.
        labels: the true classes; integers, shape (N,).
        predicted: the predicted classes; same kind and length.

    Returns:
        bool, shape (N,).

    Raises:
        InputError: as `region_mask`; or a group without an outcome.

    >>> group_mask(GROUPS["tp.fn"], 2, labels=[0, 1, 2, 2], predicted=[0, 2, 2, 1])
    array([False, False,  True,  True])
    >>> group_mask(GROUPS["tn.wrong"], 2, labels=[0, 1, 2, 1], predicted=[0, 0, 2, 1])
    array([False,  True, False, False])
    """
    if not group.outcomes:
        raise InputError(f"group: expected at least one of {', '.join(OUTCOMES)}, got none")
    masks = [region_mask(outcome, class_index, labels, predicted) for outcome in group.outcomes]
    mask: BoolArray = np.logical_or.reduce(masks)
    return mask & (np.asarray(labels) != np.asarray(predicted)) if group.only_wrong else mask
