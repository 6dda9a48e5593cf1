"""Owns what an evaluation shows by itself: at most five findings that the data support, each with its test.

A finding is there only if chance alone would hardly produce it: at a level of 5 %, divided by the number of classes,
pairs or epochs among which it was looked for (Bonferroni). Where none holds there is none. One is the other way round:
that a model cannot be told from predicting one class always.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.evaluation.evaluation import Evaluation
from mnistcore.evaluation.predictions import AnyPredictions

LEVEL: Final = 0.05
_ROUNDING: Final = 1e-6  # of a logarithm of a probability: what is as near as that to the level is looked at exactly
_SMALLEST_GAP = 0.005  # between confidence and accuracy: what is smaller is not worth a sentence, however certain


@dataclass(frozen=True, slots=True)
class NoBetterThanOneClass:
    """Predicting one class always does as well, or better (exact McNemar test: both on the same images)."""

    index: int  # the most frequent class
    support: int  # its images: so many "always this class" gets right
    correct: int
    total: int
    only_model: int  # images that the model alone gets right
    only_always: int  # images that "always this class" alone gets right
    p: float

    @property
    def worse(self) -> bool:
        """Whether always predicting that class does better; else no difference can be told."""
        return self.p < LEVEL


@dataclass(frozen=True, slots=True)
class NeverPredicted:
    """Classes that occur and were never predicted; Wilson's interval of that share lies below how often they occur."""

    indices: tuple[int, ...]  # most images first
    support: int  # of all of them together
    largest: int  # the images of the first one
    total: int
    high: float  # upper end of the interval of the share of images predicted as one of them
    compared: int  # classes among which they were looked for


@dataclass(frozen=True, slots=True)
class MissedMost:
    """The class with the lowest recall; it differs from that of all other images together (Fisher's exact test)."""

    index: int
    missed: int
    support: int
    others_missed: int
    others: int  # images of all other classes
    mostly: int | None  # what it was most often taken for; None where two are equal
    mostly_count: int
    p: float  # corrected for the classes that were compared
    compared: int


@dataclass(frozen=True, slots=True)
class OneWay:
    """Two classes that are confused one way more than the other (Fisher's exact test of both shares)."""

    true: int
    predicted: int
    count: int  # images of ``true`` that were predicted as ``predicted``
    support: int  # of ``true``
    back: int  # the other way round
    back_support: int
    p: float  # corrected for the pairs that were compared
    compared: int


@dataclass(frozen=True, slots=True)
class Miscalibrated:
    """The mean confidence lies outside the interval of the accuracy."""

    confidence: float  # the mean
    correct: int
    total: int
    low: float  # the interval of the accuracy
    high: float

    @property
    def surer(self) -> bool:
        """Whether the model is surer than it should be; else it is less sure than it could be."""
        return self.confidence > self.high


@dataclass(frozen=True, slots=True)
class StoppedImproving:
    """The validation loss is lowest before the last epoch and has risen since; of the same images, so pair by pair."""

    best: int  # the epoch
    last: int
    best_loss: float
    last_loss: float
    low: float  # the interval of the rise
    high: float
    total: int  # validation images
    compared: int  # epochs among which the best one was looked for


Finding = NoBetterThanOneClass | NeverPredicted | MissedMost | OneWay | Miscalibrated | StoppedImproving


def find(evaluation: Evaluation) -> tuple[Finding, ...]:
    """What the predictions show, the most important first: at most four.

    Where the model does no better than one class always, differences between classes say nothing: they are left out.

    >>> from mnistcore.evaluation.evaluation import evaluate_predictions
    >>> from mnistcore.evaluation.predictions import Counts
    >>> seen = evaluate_predictions(Counts(np.array([[950, 50], [10, 990]])), num_classes=2)
    >>> [(found.index, found.missed, found.support) for found in find(seen) if isinstance(found, MissedMost)]
    [(0, 50, 1000)]
    >>> find(evaluate_predictions(Counts(np.array([[95, 5], [5, 95]])), num_classes=2))
    ()
    """
    return tuple(_findings(evaluation))


def _findings(evaluation: Evaluation) -> Iterator[Finding]:
    never = _never_predicted(evaluation)
    if (blind := _no_better_than_one_class(evaluation)) is not None:
        yield from (found for found in (blind, never) if found is not None)
        return
    missed = _missed_most(evaluation)
    if never is not None and missed is not None and missed.index in never.indices:
        missed = None  # that nothing was predicted as it says why
    found = (never, missed, _one_way(evaluation), _miscalibrated(evaluation))
    yield from (each for each in found if each is not None)


def _no_better_than_one_class(evaluation: Evaluation) -> NoBetterThanOneClass | None:
    support, correct = evaluation.support, evaluation.correct
    if np.count_nonzero(support) < 2:
        return None
    index = int(support.argmax())
    only_model, only_always = correct - int(evaluation.counts.tp[index]), int(evaluation.counts.fn[index])
    p = _corrected(metrics.sign_test(only_model, only_always), 1)
    if only_model > only_always and p < LEVEL:
        return None
    return NoBetterThanOneClass(index, int(support[index]), correct, evaluation.total, only_model, only_always, p)


def _never_predicted(evaluation: Evaluation) -> NeverPredicted | None:
    support, total = evaluation.support, evaluation.total
    compared = int(np.count_nonzero(support))
    if compared == 0:
        return None
    high = metrics.wilson_interval(0, total, confidence=1 - LEVEL / compared).high
    rare = (evaluation.called == 0) & (support > (high or 0) * total)
    indices = sorted(np.flatnonzero(rare).tolist(), key=lambda index: -support[index])
    if not indices or high is None:
        return None
    together = int(support[indices].sum())
    largest = int(support[indices[0]])
    return NeverPredicted(tuple(indices), together, largest, total, high, compared)


def _missed_most(evaluation: Evaluation) -> MissedMost | None:
    support, missed = evaluation.support, evaluation.counts.fn
    there = np.flatnonzero(support)
    if len(there) < 2:
        return None
    index = int(there[(missed[there] / support[there]).argmax()])
    others_missed, others = int(missed.sum() - missed[index]), int(support.sum() - support[index])
    p = _corrected(metrics.fisher_exact(missed[index], support[index], others_missed, others), len(there))
    if p >= LEVEL:
        return None
    taken_for = np.where(np.arange(len(support)) == index, -1, evaluation.matrix[index])
    most = int(taken_for.max())
    return MissedMost(
        index=index,
        missed=int(missed[index]),
        support=int(support[index]),
        others_missed=others_missed,
        others=others,
        mostly=int(taken_for.argmax()) if np.count_nonzero(taken_for == most) == 1 else None,
        mostly_count=most,
        p=p,
        compared=len(there),
    )


def _one_way(evaluation: Evaluation) -> OneWay | None:
    # With a class that is never predicted every confusion goes one way, which says nothing more.
    known = np.flatnonzero((evaluation.support > 0) & (evaluation.called > 0))
    compared = len(known) * (len(known) - 1) // 2
    tested = [_two_ways(evaluation, *pair, compared=compared) for pair in _perhaps_one_way(evaluation, known, compared)]
    best = min(tested, key=lambda found: found.p, default=None)
    return best if best is not None and best.p < LEVEL else None


def _perhaps_one_way(evaluation: Evaluation, known: NDArray[np.intp], compared: int) -> Iterator[tuple[int, int]]:
    """The pairs of classes whose counts alone could be rare enough: of a thousand classes few of half a million.

    Fisher's p-value is the probability of the counts as they are, and of all that are no more likely. So it is at
    least the first, the hypergeometric one, which is worked out for all pairs at once.
    """
    inside = evaluation.matrix[np.ix_(known, known)]
    rows, columns = np.nonzero(np.triu(inside + inside.T, 1))
    count, back = inside[rows, columns], inside[columns, rows]
    first, second = (evaluation.support[known[side]] for side in (rows, columns))
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, int((first + second).max(initial=0)) + 1)))])

    def ways(total: NDArray[np.int64], chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        combinations: NDArray[np.float64] = logs[total] - logs[chosen] - logs[total - chosen]
        return combinations

    likelihood = ways(first, count) + ways(second, back) - ways(first + second, count + back)
    rare = likelihood + np.log(max(compared, 1)) < np.log(LEVEL) + _ROUNDING
    yield from zip(known[rows[rare]].tolist(), known[columns[rare]].tolist(), strict=True)


def _two_ways(evaluation: Evaluation, first: int, second: int, *, compared: int) -> OneWay:
    support, matrix = evaluation.support.tolist(), evaluation.matrix
    if matrix[first, second] * support[second] < matrix[second, first] * support[first]:
        first, second = second, first
    count, back = int(matrix[first, second]), int(matrix[second, first])
    p = metrics.fisher_exact(count, support[first], back, support[second])
    return OneWay(first, second, count, support[first], back, support[second], _corrected(p, compared), compared)


def _miscalibrated(evaluation: Evaluation) -> Miscalibrated | None:
    low, high = evaluation.accuracy_interval
    if evaluation.confidence is None or low is None or high is None:
        return None
    confidence = float(evaluation.confidence.mean())
    if low <= confidence <= high or abs(confidence - evaluation.correct / evaluation.total) < _SMALLEST_GAP:
        return None
    return Miscalibrated(confidence, evaluation.correct, evaluation.total, low, high)


def stopped_improving(epochs: Sequence[int], validation: Sequence[AnyPredictions]) -> StoppedImproving | None:
    """Whether the validation loss was lowest before the last epoch, and has risen since.

    Args:
        epochs: (E,) the kept epochs, ascending.
        validation: (E,) the predictions of the same images at each of them.

    Returns:
        None where that cannot be told, too: without probabilities, images, or a second epoch.
    """
    losses = [_losses(seen) for seen in validation]
    known = [loss for loss in losses if loss is not None and loss.size]
    if len(known) < max(2, len(losses)):
        return None
    best = int(np.argmin([loss.mean() for loss in known]))
    compared = len(known) - 1
    _, low, high = metrics.mean_interval(known[-1] - known[best], confidence=1 - LEVEL / compared)
    if low is None or high is None or low <= 0:
        return None
    return StoppedImproving(
        best=epochs[best],
        last=epochs[-1],
        best_loss=float(known[best].mean()),
        last_loss=float(known[-1].mean()),
        low=low,
        high=high,
        total=len(known[-1]),
        compared=compared,
    )


def _losses(predictions: AnyPredictions) -> NDArray[np.float64] | None:
    """-log(probability of the true class) of each image, (N,); finite, as a mean has to be."""
    if predictions.labels is None or predictions.scores is None:
        return None
    of_truth = predictions.scores[np.arange(len(predictions.labels)), predictions.labels]
    return -np.log(np.maximum(of_truth, np.finfo(np.float64).tiny))


def _corrected(p: float | None, compared: int) -> float:
    """The p-value of the best of several comparisons, at most 1 (Bonferroni)."""
    return 1.0 if p is None else min(1.0, p * compared)
