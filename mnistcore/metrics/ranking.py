"""Owns the order of the misclassified images, the worst first."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.metrics.arguments import as_labelled_scores, check_classes, check_probabilities, listed
from mnistcore.metrics.arithmetic import CHUNK, FloatArray, IntArray, chunks


def _by_confidence(of_predicted: FloatArray, of_truth: FloatArray) -> FloatArray:
    return of_predicted


def _by_margin(of_predicted: FloatArray, of_truth: FloatArray) -> FloatArray:
    return of_predicted - of_truth


def _by_loss(of_predicted: FloatArray, of_truth: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):  # -log(0) is infinity: the worst there is, and meant
        return -np.log(of_truth)


_RANKINGS: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "confidence": _by_confidence,
    "margin": _by_margin,
    "loss": _by_loss,
}
RANKINGS = tuple(_RANKINGS)


def rank_errors(labels: npt.ArrayLike, scores: npt.ArrayLike, *, by: str = "confidence") -> IntArray:
    """Find the images that the model called wrong, the worst mistake first.

    An image is called the class with the highest score, the first of them where several are equal. What
    "worst" is:

    - ``"confidence"``: the score of the (wrong) predicted class; how sure the model was.
    - ``"margin"``: the score of the predicted class less that of the truth; how far off it was.
    - ``"loss"``: -log(score of the truth), the cross-entropy that training minimises; infinite at a score of
      0.

    Args:
        labels: the truth; integers from 0 to C - 1, shape (N,).
        scores: probabilities from 0 to 1, shape (N, C); rows are images, columns classes.
        by: one of ``RANKINGS``.

    Returns:
        int64, shape (number of mistakes,): indices into ``labels``, worst first, equally bad ones by index.
        Empty where everything was right.

    Raises:
        InputError: an unknown ``by``, lengths that differ, a label out of range or not an integer, scores
            that are NaN, outside 0 to 1, or not two-dimensional.

    >>> labels = [0, 1, 2, 2]
    >>> scores = [[0.9, 0.1, 0.0], [0.3, 0.4, 0.3], [0.7, 0.3, 0.0], [0.1, 0.5, 0.4]]
    >>> rank_errors(labels, scores, by="confidence")  # image 2 is a 2, called 0 with 70 % confidence
    array([2, 3])
    """
    if by not in _RANKINGS:
        raise InputError(f"by: expected one of {listed(RANKINGS)}, got {by!r}")
    truth, probabilities = as_labelled_scores(labels, scores)
    wrong_parts, called_parts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for part in chunks(len(truth), CHUNK):
        check_classes(truth, part, probabilities.shape[1], name="labels")
        check_probabilities(probabilities[part])
        called = probabilities[part].argmax(axis=1)
        wrong = np.flatnonzero(called != truth[part])
        wrong_parts.append(wrong + part.start)
        called_parts.append(called[wrong])
    wrong = np.concatenate(wrong_parts)
    of_predicted = probabilities[wrong, np.concatenate(called_parts)].astype(np.float64)
    of_truth = probabilities[wrong, truth[wrong]].astype(np.float64)
    badness = _RANKINGS[by](of_predicted, of_truth)
    return wrong[np.argsort(-badness, kind="stable")]
