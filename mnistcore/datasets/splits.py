"""Owns what a split is, and which images are held out for validation: the same ones for good, on every machine."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mnistcore.datasets.idx_files import UInt8Array
from mnistcore.errors import InputError

SPLITS = ("train", "validation", "test")
SPLIT_SEED = 20_230_517  # fixed for good: it decides which images are held out, for every run and every seed

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """Images and their labels.

    ``images`` is uint8 (N, H, W) in shades of grey, or (N, H, W, 3) in colour: image, row, column. ``labels`` is
    int64 (N,), a class number from 0 for each image.
    """

    images: UInt8Array
    labels: Int64Array

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or not (self.images.ndim == 3 or self.images.shape[3:] == (3,)):
            raise InputError(f"images: expected uint8 (N, rows, columns) or with 3 colours, got {_shape(self.images)}")
        if self.labels.dtype != np.int64 or self.labels.shape != self.images.shape[:1]:
            raise InputError(f"labels: expected int64 ({len(self.images)},), got {_shape(self.labels)}")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Channels, rows, columns, as a network takes an image."""
        rows, columns = self.images.shape[1:3]
        return (3 if self.images.ndim == 4 else 1), rows, columns

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 in hex over the bytes of the images, then of the labels (little-endian)."""
        digest = hashlib.sha256(np.ascontiguousarray(self.images).data)
        digest.update(np.ascontiguousarray(self.labels, dtype="<i8").data)
        return digest.hexdigest()


def shuffle_labels(split: Split, *, seed: int) -> Split:
    """The same images, with the labels in another order: each class is as frequent, and no image says anything of it.

    >>> split = Split(np.zeros((4, 28, 28), dtype=np.uint8), np.array([0, 0, 1, 2]))
    >>> sorted(shuffle_labels(split, seed=1).labels.tolist())
    [0, 0, 1, 2]
    """
    order = np.argsort(np.random.PCG64(seed).random_raw(len(split)), kind="stable")
    return Split(split.images, split.labels[order])


def holdout(labels: Int64Array, size: int, *, num_classes: int, seed: int = SPLIT_SEED) -> npt.NDArray[np.bool_]:
    """Choose ``size`` of the images, from each class its share, the same ones on every machine and version.

    The shares are rounded by largest remainder (Hamilton's method), ties to the lower class number. Within a
    class the images with the smallest of N random keys are taken. The keys are the raw output of PCG64, which
    numpy promises never to change (NEP 19), as it does not for ``Generator.permutation``.

    Args:
        labels: int64 (N,), class numbers 0 to ``num_classes`` - 1.
        size: 0 to N.

    Returns:
        bool (N,): True for the images chosen.

    >>> holdout(np.array([0, 0, 1, 1, 1, 1]), 3, num_classes=2).sum()
    np.int64(3)
    """
    if not 0 <= size <= len(labels):
        raise InputError(f"size: expected 0 to {len(labels)} (the number of images), got {size}")
    counts = np.bincount(labels, minlength=num_classes)
    total = max(1, len(labels))
    shares = counts * size // total
    remainders = counts * size % total
    shares[np.argsort(-remainders, kind="stable")[: size - int(shares.sum())]] += 1
    order = np.argsort(np.random.PCG64(seed).random_raw(len(labels)), kind="stable")
    chosen = np.zeros(len(labels), dtype=np.bool_)
    for number, share in enumerate(shares):
        chosen[order[labels[order] == number][:share]] = True
    return chosen


def _shape(array: npt.NDArray[np.generic]) -> str:
    return f"{array.dtype} {array.shape}"
