"""Owns which images are hard for a model, and among which classes, so that a person can be asked the same."""

import numpy as np
from numpy.typing import NDArray

from mnistcore.errors import InputError
from mnistcore.evaluation.evaluation import Evaluation, PerImage


def hard_images(seen: PerImage, count: int) -> NDArray[np.int64]:
    """The images between whose two most probable classes the model hesitates most, right or wrong.

    Without probabilities half of them are misclassified, as far as there are so many, the others spread over the rest.

    Args:
        seen: of N images.
        count: how many, at least 1.

    Returns:
        int64, at most ``count``, ascending, so that their order gives nothing away.

    >>> from mnistcore.evaluation.predictions import PredictedLabels, Probabilities
    >>> scores = np.array([[0.9, 0.1, 0], [0.5, 0.4, 0.1], [0.3, 0.35, 0.35], [1, 0, 0]], dtype=np.float32)
    >>> hard_images(PerImage(Probabilities(np.array([0, 1, 2, 0]), scores)), 2)
    array([1, 2])
    >>> hard_images(PerImage(PredictedLabels(np.array([0, 1, 2, 0]), np.array([0, 1, 1, 0]), num_classes=3)), 2)
    array([0, 2])
    """
    if seen.scores is not None and seen.scores.shape[1] > 1:
        two = np.partition(seen.scores, -2, axis=1)[:, -2:]
        hardest = np.argsort(two[:, 1] - two[:, 0], kind="stable")[:count]
        return np.sort(hardest)
    wrong = np.flatnonzero(seen.predicted != seen.labels)[: (count + 1) // 2]
    right = np.flatnonzero(seen.predicted == seen.labels)
    wanted = min(count - len(wrong), len(right))
    spread = right[np.linspace(0, len(right), wanted, endpoint=False).astype(np.int64)]
    return np.sort(np.concatenate([wrong, spread]))


def likely_classes(evaluation: Evaluation, image: int, count: int) -> NDArray[np.int64]:
    """Some classes that one image may be of: its true and its predicted one, and those most likely for the model.

    Likely are the most probable ones; without probabilities those with which the two are most often confused.

    Args:
        evaluation: with predictions for single images.
        image: its index.
        count: how many, at least 2.

    Returns:
        int64, ``count`` classes or all of them, ascending, so that their order gives nothing away.

    Raises:
        InputError: nothing is known of single images.

    >>> from mnistcore.evaluation.evaluation import evaluate_predictions
    >>> from mnistcore.evaluation.predictions import Probabilities
    >>> known = Probabilities(np.array([0]), np.array([[0.1, 0.5, 0.3, 0.1]], dtype=np.float32))
    >>> likely_classes(evaluate_predictions(known, num_classes=4), 0, 3)
    array([0, 1, 2])
    """
    seen, matrix = evaluation.per_image, evaluation.matrix
    if seen is None:
        raise InputError("evaluation: expected predictions for single images, got counts")
    both = [int(seen.labels[image]), int(seen.predicted[image])]
    scores = seen.scores_of(image)
    likely = matrix[both].sum(axis=0) + matrix[:, both].sum(axis=1) if scores is None else scores
    order = np.argsort(-likely, kind="stable").tolist()
    return np.sort(np.array(list(dict.fromkeys((*both, *order)))[:count], dtype=np.int64))
