"""Owns what pixels are brought to before a network sees them: mean and deviation of a data set's training images."""

from typing import Final

import numpy as np

from mnistcore.datasets.idx_files import UInt8Array
from mnistcore.datasets.registry import Dataset
from mnistcore.datasets.splits import Split

_PARTS: Final = 64  # in which pixels are counted: a count makes numbers of 8 bytes of them
_LEAST_DEVIATION: Final = 0.001  # of images that are all the same


def training_scale(dataset: Dataset, train: Split) -> tuple[float, float]:
    """Mean and deviation on the scale 0 to 1, of all colours together: as the registry states them, else measured."""
    if dataset.mean is not None and dataset.std is not None:
        return dataset.mean, dataset.std
    return mean_and_std(train.images)


def mean_and_std(images: UInt8Array) -> tuple[float, float]:
    """Of all pixels, on the scale 0 to 1, to four digits; counted, so that the order of a sum makes no difference.

    >>> mean_and_std(np.array([[[0, 255]]], dtype=np.uint8))
    (0.5, 0.5)
    """
    counts = sum(np.bincount(part.ravel(), minlength=256) for part in np.array_split(images, _PARTS))
    values = np.arange(256) / 255
    mean = float((counts * values).sum() / images.size)
    deviation = float(np.sqrt((counts * (values - mean) ** 2).sum() / images.size))
    return round(mean, 4), max(round(deviation, 4), _LEAST_DEVIATION)
