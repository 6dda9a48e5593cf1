"""Owns which images are hard for a model, so that a person can be asked the same."""

import numpy as np
from numpy.typing import NDArray

from mnistcore.evaluation.evaluation import PerImage


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
