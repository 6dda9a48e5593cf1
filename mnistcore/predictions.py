"""Owns what a model said about images, as numpy arrays; imports no torch."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mnistcore import metrics
from mnistcore.errors import InputError

T = TypeVar("T", bound=np.generic)


class _FromLogits:
    logits: npt.NDArray[np.float32]

    @cached_property
    def predicted(self) -> npt.NDArray[np.int64]:
        """int64 (N,), the class with the largest logit; of equal ones the first."""
        return _read_only(self.logits.argmax(axis=1).astype(np.int64, copy=False))

    @cached_property
    def scores(self) -> npt.NDArray[np.float64]:
        """float64 (N, C), the softmax of the logits: 0 to 1, each row sums to 1."""
        return _read_only(metrics.softmax(self.logits))


@dataclass(frozen=True, eq=False)
class Answers(_FromLogits):
    """What a model answers to N images whose truth nobody has said; read-only, like `Predictions`.

    Args:
        logits: float32 (N, C), images along the first axis, classes along the second; finite.

    Raises:
        InputError: the dtype, the shape or a logit is not as stated above.

    >>> Answers(np.array([[2, 0, 0]], dtype=np.float32)).predicted
    array([0])
    """

    logits: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        _check_logits(self.logits)
        object.__setattr__(self, "logits", _read_only(self.logits))


@dataclass(frozen=True, eq=False)
class Predictions(_FromLogits):
    """The truth and the logits of one split at one epoch; the rest is computed once, when asked for.

    The arrays are read-only, so that one object can be shared by every visitor.

    Args:
        labels: int64 (N,), the true class of each image, 0 to C - 1.
        logits: float32 (N, C), images along the first axis, classes along the second; finite.

    Raises:
        InputError: a dtype, a shape, a label or a logit is not as stated above.

    >>> seen = Predictions(labels=np.array([0, 1]), logits=np.array([[2, 0, 0], [0, 0, 0]], dtype=np.float32))
    >>> seen.predicted
    array([0, 0])
    >>> seen.scores.round(3)
    array([[0.787, 0.107, 0.107],
           [0.333, 0.333, 0.333]])
    >>> seen.accuracy
    0.5
    """

    labels: npt.NDArray[np.int64]
    logits: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        _check(self.labels, self.logits)
        object.__setattr__(self, "labels", _read_only(self.labels))
        object.__setattr__(self, "logits", _read_only(self.logits))

    @cached_property
    def accuracy(self) -> float | None:
        """The share of images whose predicted class is the true one, 0 to 1; None without images."""
        return float((self.predicted == self.labels).mean()) if self.labels.size else None


def _check(labels: npt.NDArray[np.int64], logits: npt.NDArray[np.float32]) -> None:
    if labels.dtype != np.int64 or labels.ndim != 1:
        raise InputError(f"labels: expected int64 of shape (N,), got {labels.dtype} of shape {labels.shape}")
    _check_logits(logits)
    num_images, num_classes = logits.shape
    if labels.shape[0] != num_images:
        raise InputError(f"expected as many labels as rows of logits, got {labels.shape[0]} and {num_images}")
    if num_images and not (labels.min() >= 0 and labels.max() < num_classes):
        raise InputError(f"labels: expected 0 to {num_classes - 1}, got {labels.min()} to {labels.max()}")


def _check_logits(logits: npt.NDArray[np.float32]) -> None:
    if logits.dtype != np.float32 or logits.ndim != 2:
        raise InputError(f"logits: expected float32 of shape (N, C), got {logits.dtype} of shape {logits.shape}")
    if logits.shape[1] == 0:
        raise InputError("logits: expected one class or more along the second axis, got none")
    if not np.isfinite(logits).all():
        raise InputError("logits: expected finite numbers, got NaN or infinity")


def _read_only(array: npt.NDArray[T]) -> npt.NDArray[T]:
    view = array.view()
    view.flags.writeable = False
    return view
