"""Owns how far a checkpoint's confidence can be believed, before and after a temperature; imports no torch."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.errors import InputError
from mnistcore.evaluation.evaluation import PerImage

SURE: Final = 0.9  # confidence from which a prediction is looked at as a sure one
ENOUGH: Final = 30  # sure predictions; of fewer, all predictions are looked at
SMALLEST: Final = 1e-300  # stands for a probability of 0, whose logarithm is infinite


@dataclass(frozen=True, slots=True, eq=False)
class Trust:
    """What the confidences of N images promise, and what is so.

    Attributes:
        least: the confidence from which predictions are looked at; 0: all of them.
        sure: how many those are.
        promised: how many of them would be wrong if the confidences could be believed: the sum of 1 - confidence.
        wrong: how many of them are wrong.
        before: confidence and accuracy of all images, in bins.
        temperature: fitted on the validation images; None where there are none, or none is best.
        after: as ``before``, with the logits divided by the temperature; None without one.
        surest_mistakes: indices of all wrong predictions, the most confident first.
    """

    least: float
    sure: int
    promised: float
    wrong: int
    before: metrics.Reliability
    temperature: float | None
    after: metrics.Reliability | None
    surest_mistakes: NDArray[np.int64]


def trust(seen: PerImage, validation: PerImage | None, *, bins: int = 10) -> Trust:
    """Compare what the confidences promise with what is so.

    Args:
        seen: the images that are looked at, with scores.
        validation: other images with scores, on which a temperature is fitted; None where there are none.
        bins: of the reliability.

    Raises:
        InputError: ``seen`` has no scores.

    >>> from mnistcore.evaluation.predictions import Probabilities
    >>> right = PerImage(Probabilities(np.array([0]), np.array([[0.8, 0.2]], dtype=np.float32)))
    >>> found = trust(right, None)
    >>> found.sure, round(found.promised, 3), found.wrong, found.temperature
    (1, 0.2, 0, None)
    """
    if seen.scores is None or seen.confidence is None:
        raise InputError("seen: expected images with scores, got none")
    correct = seen.labels == seen.predicted
    least = SURE if int((seen.confidence >= SURE).sum()) >= ENOUGH else 0.0
    is_sure = seen.confidence >= least
    temperature = _temperature(validation)
    return Trust(
        least=least,
        sure=int(is_sure.sum()),
        promised=float((1 - seen.confidence[is_sure]).sum()),
        wrong=int((is_sure & ~correct).sum()),
        before=metrics.reliability(correct, seen.confidence, bins=bins),
        temperature=temperature,
        after=None if temperature is None else _cooled(seen.scores, correct, temperature, bins),
        surest_mistakes=seen.most_confident_first(~correct),
    )


def _temperature(validation: PerImage | None) -> float | None:
    if validation is None or validation.scores is None:
        return None
    return metrics.fit_temperature(validation.labels, logits_of(validation.scores))


def _cooled(
    scores: NDArray[np.float64], correct: NDArray[np.bool_], temperature: float, bins: int
) -> metrics.Reliability:
    cooled = metrics.softmax(logits_of(scores) / temperature)
    return metrics.reliability(correct, cooled.max(axis=1), bins=bins)


def logits_of(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logits whose softmax the scores are: their logarithms, which differ from the model's own by a number an image."""
    return np.log(np.maximum(scores, SMALLEST))
