"""Owns how good a model was on the images of one split at each of its kept epochs: accuracy and loss."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnistcore import metrics
from mnistcore.evaluation.confidence import logits_of
from mnistcore.evaluation.predictions import AnyPredictions, Predictions, Probabilities


@dataclass(frozen=True)
class EpochScores:
    """Accuracy and loss at each of E kept epochs; None where there are no images, or no scores for a loss."""

    epochs: tuple[int, ...]  # (E,) ascending
    accuracy: tuple[float | None, ...]  # (E,) 0 to 1
    loss: tuple[float | None, ...]  # (E,) mean of -log(probability of the true class)


def epoch_scores(epochs: Sequence[int], predictions: Sequence[AnyPredictions]) -> EpochScores:
    """The accuracy and the cross-entropy loss of each epoch's predictions.

    Args:
        epochs: (E,) the kept epochs.
        predictions: (E,) of the same images at each of them.

    >>> from mnistcore.evaluation.predictions import Probabilities
    >>> seen = Probabilities(np.array([0, 1]), np.array([[0.5, 0.5], [0.5, 0.5]], dtype=np.float32))
    >>> found = epoch_scores([1], [seen])
    >>> found.accuracy, round(found.loss[0], 4)  # log 2
    ((0.5,), 0.6931)
    """
    return EpochScores(tuple(epochs), tuple(seen.accuracy for seen in predictions), tuple(map(_loss, predictions)))


def _loss(seen: AnyPredictions) -> float | None:
    if isinstance(seen, Predictions):
        return metrics.negative_log_likelihood(seen.labels, seen.logits)
    if isinstance(seen, Probabilities):
        return metrics.negative_log_likelihood(seen.labels, logits_of(seen.probabilities.astype(np.float64)))
    return None
