"""Owns what a reader gives of a data set: images and labels by split, and what was done or assumed on the way."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.datasets.idx_files import UInt8Array

WHOLE: Final = "all"  # the part of a data set that does not say what is for training and what for the test
_WORDS: Final = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "t10k": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
}


@dataclass(frozen=True, eq=False)
class Part:
    """Images with labels.

    Attributes:
        images: uint8 (H, W) or (H, W, 3) each, of one size or of several.
        labels: (N,): class numbers or class names.
    """

    images: Sequence[UInt8Array] | UInt8Array
    labels: npt.NDArray[Any]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Found:
    """What a reader has read.

    Attributes:
        parts: `WHOLE`, or some of train, validation and test.
        names: of the classes, where numbered labels come with names.
        notes: what was done or assumed, as sentences.
    """

    parts: Mapping[str, Part]
    names: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


def split_of(text: str) -> str | None:
    """The split that a name of a file, folder, column or array tells of.

    >>> split_of("x_train"), split_of("t10k-images-idx3-ubyte"), split_of("sunrise")
    ('train', 'test', None)
    """
    return next((_WORDS[word] for word in words(text) if word in _WORDS), None)


def words(text: str) -> list[str]:
    """The words of a name, in small letters.

    >>> words("K49-train_imgs.npz")
    ['k49', 'train', 'imgs', 'npz']
    """
    return [word for word in re.split(r"[^a-z0-9]+", text.lower()) if word]


def joined(arrays: Sequence[UInt8Array]) -> Sequence[UInt8Array] | UInt8Array:
    """Several arrays of images as one, where they are of one shape."""
    return np.concatenate(arrays) if len({array.shape[1:] for array in arrays}) == 1 else [i for a in arrays for i in a]
