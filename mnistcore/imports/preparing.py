"""Owns what is done to pixels before somebody's model sees them, and noticing that it was something else."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

COMPARED: Final = 1000  # images on which another preparation is tried
_CLEARLY = 0.05  # of accuracy: less may be chance
_OTHERS = (("--no-normalise", 0.0, 1.0), ("--mean 0.5 --std 0.5", 0.5, 0.5))

Answer = Callable[[Sequence[float], Sequence[float]], npt.NDArray[np.float32]]


def prepared(images: npt.NDArray[np.uint8], mean: Sequence[float], std: Sequence[float]) -> npt.NDArray[np.float32]:
    """Pixels as a model takes them, float32 (N, channels, rows, columns).

    Args:
        images: uint8 of that shape.
        mean: one for all channels, or one for each, on the scale 0 to 1.
        std: likewise.

    >>> prepared(np.full((1, 1, 1, 1), 255, dtype=np.uint8), [0.5], [0.5]).item()
    1.0
    """
    middle, width = (np.asarray(part, dtype=np.float32).reshape(1, -1, 1, 1) for part in (mean, std))
    scaled: npt.NDArray[np.float32] = (images.astype(np.float32) / np.float32(255) - middle) / width
    return scaled


def better_prepared(scores: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], answer: Answer) -> tuple[str, ...]:
    """Whether a model is clearly better with another usual preparation than with the one that was assumed.

    Args:
        scores: with that one, (N, C).
        labels: int64 (N,).
        answer: mean and deviation -> the scores of the first images with them.

    Returns:
        A sentence, or none.
    """
    labels = labels[:COMPARED]
    right = {"": float((scores[: len(labels)].argmax(axis=1) == labels).mean())}
    for told, mean, std in _OTHERS:
        right[told] = float((answer([mean], [std]).argmax(axis=1) == labels).mean())
    best = max(right, key=lambda told: right[told])
    if right[best] - right[""] < _CLEARLY:
        return ()
    return (
        f"of the first {len(labels):,} images, {right['']:.1%} are right so, and {right[best]:.1%} with {best}: "
        "is that how it was trained?",
    )
