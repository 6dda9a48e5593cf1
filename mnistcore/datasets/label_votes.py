"""Owns what people said of doubtful labels of MNIST's test images: opinions, published by others, and their source."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

DATASET: Final = "mnist"
SPLIT: Final = "test"
SIZE: Final = 10_000  # images of that split
SOURCE: Final = (
    "Northcutt, Athalye & Mueller (2021), Pervasive Label Errors in Test Sets Destabilize Machine Learning Benchmarks"
)
ADDRESS: Final = "https://github.com/cleanlab/label-errors"
LICENCE: Final = "Apache-2.0"
_FILE: Final = Path(__file__).with_name("mnist_label_votes.json")


@dataclass(frozen=True, slots=True)
class LabelVotes:
    """The votes on one image of which a classifier doubted the label.

    Attributes:
        index: of the image in the test set, from 0.
        given: the label that MNIST gives.
        suggested: the class that the classifier suggested; the same as ``given`` where it did not doubt any more.
        for_given: how many of the raters saw the given label.
        for_suggested: how many saw the suggested one.
        for_neither: how many saw both, or none of them.
    """

    index: int
    given: int
    suggested: int
    for_given: int
    for_suggested: int
    for_neither: int

    @property
    def raters(self) -> int:
        """How many looked at the image."""
        return self.for_given + self.for_suggested + self.for_neither

    @property
    def label(self) -> int | None:
        """The label that more than half of the raters saw; None where there is no such label."""
        if 2 * self.for_given > self.raters:
            return self.given
        return self.suggested if 2 * self.for_suggested > self.raters else None


@cache
def label_votes() -> tuple[LabelVotes, ...]:
    """The votes on 100 test images of MNIST, in the order of the images; five people looked at each.

    Source: `SOURCE`, at `ADDRESS`, file mturk/mnist_mturk.json, under `LICENCE`.

    >>> votes = label_votes()
    >>> len(votes), {vote.raters for vote in votes}
    (100, {5})
    >>> sum(vote.label not in (vote.given, None) for vote in votes), sum(vote.label is None for vote in votes)
    (10, 5)
    """
    return tuple(LabelVotes(*row) for row in json.loads(_FILE.read_text(encoding="utf-8"))["rows"])


def is_voted_on(dataset: str, labels: NDArray[np.int64]) -> bool:
    """Whether ``labels`` (N,) are those of the images that were voted on, in their order."""
    return (
        dataset == DATASET and len(labels) == SIZE and all(labels[vote.index] == vote.given for vote in label_votes())
    )
