"""Owns what was predicted for images, as numpy arrays, in each of the kinds that it may be known in; imports no torch.

From logits and from probabilities everything follows; from the predicted labels, all but what needs a confidence; from
counts, no more than the confusion matrix and its numbers. All kinds have the same face: ``labels``, ``predicted`` and
``scores`` are None where they are not known.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mnistcore import metrics
from mnistcore.errors import InputError

T = TypeVar("T", bound=np.generic)
Indices = npt.NDArray[np.int64] | slice  # of some of N images

SUM_TOLERANCE = 0.01  # probabilities that somebody has rounded to two places, of a few classes
_MAX_COUNT = 2**53  # images; what a browser, too, knows exactly


class _FromLogits:
    logits: npt.NDArray[np.float32]

    @cached_property
    def predicted(self) -> npt.NDArray[np.int64]:
        """int64 (N,), the class with the largest logit; of equal ones the first."""
        return _read_only(self.logits.argmax(axis=1).astype(np.int64, copy=False))

    @cached_property
    def scores(self) -> npt.NDArray[np.float64]:
        """float64 (N, C), the softmax of the logits: 0 to 1, each row sums to 1."""
        return _read_only(self.scores_at(slice(None)))

    def scores_at(self, indices: Indices) -> npt.NDArray[np.float64]:
        """The rows of ``scores`` at ``indices``, float64 (n, C), where all of them are not needed."""
        return metrics.softmax(self.logits[indices])


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
        _check_values(self.logits)
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
        return _accuracy(self.labels, self.predicted)


@dataclass(frozen=True, eq=False)
class Probabilities:
    """The truth and the probabilities of N images; read-only, like `Predictions`.

    Args:
        labels: int64 (N,), the true class of each image, 0 to C - 1.
        probabilities: float32 (N, C), 0 to 1, each row sums to 1 within `SUM_TOLERANCE`.

    Raises:
        InputError: a dtype, a shape, a label or a probability is not as stated above.

    >>> seen = Probabilities(np.array([0, 1]), np.array([[0.9, 0.1], [0.6, 0.4]], dtype=np.float32))
    >>> seen.predicted, seen.accuracy
    (array([0, 0]), 0.5)
    """

    labels: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        _check(self.labels, self.probabilities, name="probabilities")
        if self.labels.size:
            low, high = self.probabilities.min(), self.probabilities.max()
            if low < 0 or high > 1:
                raise InputError(f"probabilities: expected 0 to 1, got {low} to {high}")
            far = np.abs(self.probabilities.sum(axis=1, dtype=np.float64) - 1)
            if (worst := int(far.argmax())) >= 0 and far[worst] > SUM_TOLERANCE:
                total = float(self.probabilities[worst].sum(dtype=np.float64))
                raise InputError(f"probabilities: expected rows that sum to 1, got {total:.3f} in row {worst}")
        object.__setattr__(self, "labels", _read_only(self.labels))
        object.__setattr__(self, "probabilities", _read_only(self.probabilities))

    @cached_property
    def predicted(self) -> npt.NDArray[np.int64]:
        """int64 (N,), the class with the largest probability; of equal ones the first."""
        return _read_only(self.probabilities.argmax(axis=1).astype(np.int64, copy=False))

    @cached_property
    def scores(self) -> npt.NDArray[np.float64]:
        """float64 (N, C), the probabilities as they are."""
        return _read_only(self.scores_at(slice(None)))

    def scores_at(self, indices: Indices) -> npt.NDArray[np.float64]:
        """As of `Predictions`."""
        return self.probabilities[indices].astype(np.float64)

    @cached_property
    def accuracy(self) -> float | None:
        """As of `Predictions`."""
        return _accuracy(self.labels, self.predicted)


@dataclass(frozen=True, eq=False)
class PredictedLabels:
    """The truth and the predicted class of N images, of C classes, and no more; read-only, like `Predictions`.

    Args:
        labels: int64 (N,), the true class of each image, 0 to C - 1.
        predicted: int64 (N,), the predicted class of each image, likewise.
        num_classes: C.

    Raises:
        InputError: a dtype, a shape or a class is not as stated above.

    >>> PredictedLabels(np.array([0, 1]), np.array([0, 0]), num_classes=2).accuracy
    0.5
    """

    labels: npt.NDArray[np.int64]
    predicted: npt.NDArray[np.int64]
    num_classes: int

    def __post_init__(self) -> None:
        _check_labels(self.labels, self.num_classes)
        _check_labels(self.predicted, self.num_classes, name="predicted")
        if len(self.labels) != len(self.predicted):
            raise InputError(f"predicted: expected as many as labels, {len(self.labels)}, got {len(self.predicted)}")
        object.__setattr__(self, "labels", _read_only(self.labels))
        object.__setattr__(self, "predicted", _read_only(self.predicted))

    @property
    def scores(self) -> None:
        """Not known."""
        return

    @cached_property
    def accuracy(self) -> float | None:
        """As of `Predictions`."""
        return _accuracy(self.labels, self.predicted)


@dataclass(frozen=True, eq=False)
class Counts:
    """A confusion matrix, and nothing about single images; read-only, like `Predictions`.

    Args:
        counts: int64 (C, C), rows are true, columns predicted; not negative.

    Raises:
        InputError: the dtype, the shape or a count is not as stated above.

    >>> Counts(np.array([[3, 1], [0, 4]])).accuracy
    0.875
    """

    counts: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        counts = self.counts
        if counts.dtype != np.int64 or counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.size == 0:
            raise InputError(f"counts: expected int64 of shape (C, C), got {counts.dtype} of shape {counts.shape}")
        if counts.min() < 0 or int(counts.sum(dtype=object)) > _MAX_COUNT:
            raise InputError(f"counts: expected 0 or more, {_MAX_COUNT} in all at most, got others")
        object.__setattr__(self, "counts", _read_only(counts))

    @property
    def labels(self) -> None:
        """Not known."""
        return

    @property
    def predicted(self) -> None:
        """Not known."""
        return

    @property
    def scores(self) -> None:
        """Not known."""
        return

    @cached_property
    def accuracy(self) -> float | None:
        """As of `Predictions`."""
        total = int(self.counts.sum())
        return int(np.trace(self.counts)) / total if total else None


PerImagePredictions = Predictions | Probabilities | PredictedLabels
AnyPredictions = PerImagePredictions | Counts


def _accuracy(labels: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64]) -> float | None:
    return float((predicted == labels).mean()) if labels.size else None


def _check(labels: npt.NDArray[np.int64], values: npt.NDArray[np.float32], *, name: str = "logits") -> None:
    _check_values(values, name=name)
    _check_labels(labels, values.shape[1])
    if labels.shape[0] != values.shape[0]:
        raise InputError(f"expected as many labels as rows of {name}, got {labels.shape[0]} and {values.shape[0]}")


def _check_labels(labels: npt.NDArray[np.int64], num_classes: int, *, name: str = "labels") -> None:
    if labels.dtype != np.int64 or labels.ndim != 1:
        raise InputError(f"{name}: expected int64 of shape (N,), got {labels.dtype} of shape {labels.shape}")
    if labels.size and not (labels.min() >= 0 and labels.max() < num_classes):
        raise InputError(f"{name}: expected 0 to {num_classes - 1}, got {labels.min()} to {labels.max()}")


def _check_values(values: npt.NDArray[np.float32], *, name: str = "logits") -> None:
    if values.dtype != np.float32 or values.ndim != 2:
        raise InputError(f"{name}: expected float32 of shape (N, C), got {values.dtype} of shape {values.shape}")
    if values.shape[1] == 0:
        raise InputError(f"{name}: expected one class or more along the second axis, got none")
    if not np.isfinite(values).all():
        raise InputError(f"{name}: expected finite numbers, got NaN or infinity")


def _read_only(array: npt.NDArray[T]) -> npt.NDArray[T]:
    view = array.view()
    view.flags.writeable = False
    return view
