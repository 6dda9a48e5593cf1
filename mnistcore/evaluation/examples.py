"""Owns a few images that show what is meant: for a class, some of each outcome; imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mnistcore.errors import InputError
from mnistcore.evaluation.evaluation import PerImage
from mnistcore.evaluation.selections import region_mask

# What is looked for, in this order; "wrong" are true negatives that are misclassified between other classes.
_WANTED: Final = ("fn", "tp", "fp", "wrong", "fn", "tn", "tp", "fp", "tn")


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """One image, and which outcome it is when one class is positive."""

    index: int
    outcome: str  # of `mnistcore.metrics.OUTCOMES`


def outcome_examples(seen: PerImage, positive: int, *, count: int) -> Sequence[Example]:
    """A few different images among which as many outcomes of a class are as there are.

    The same predictions give the same images, in the order of the data set; fewer than ``count`` where there are not so
    many.

    Raises:
        InputError: a negative class or count.

    >>> from mnistcore.evaluation.predictions import PredictedLabels
    >>> labels, predicted = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 0, 2, 1])
    >>> seen = PerImage(PredictedLabels(labels, predicted, num_classes=3))
    >>> found = outcome_examples(seen, 0, count=4)  # the last one is misclassified, too
    >>> [(example.index, example.outcome) for example in found]
    [(0, 'tp'), (1, 'fn'), (2, 'fp'), (4, 'tn')]
    """
    if count < 0:
        raise InputError(f"count: expected 0 or more, got {count}")
    masks = {
        outcome: region_mask(outcome, positive, seen.labels, seen.predicted) for outcome in ("tp", "fn", "fp", "tn")
    }
    is_right = seen.labels == seen.predicted
    masks |= {"wrong": masks["tn"] & ~is_right, "tn": masks["tn"] & is_right}
    left = {name: np.flatnonzero(mask).tolist()[::-1] for name, mask in masks.items()}
    chosen: list[Example] = []
    while len(chosen) < count and any(left.values()):
        chosen += [Example(left[name].pop(), "tn" if name == "wrong" else name) for name in _WANTED if left[name]]
    return sorted(chosen[:count])
