"""Owns what the numbers of a page would be if some images had another label, or were left out; imports no torch."""

from collections.abc import Collection, Mapping

import numpy as np

from mnistcore.errors import InputError
from mnistcore.evaluation.evaluation import Evaluation, evaluate_predictions
from mnistcore.evaluation.predictions import PredictedLabels


def relabelled(evaluation: Evaluation, labels: Mapping[int, int], *, without: Collection[int] = ()) -> Evaluation:
    """The evaluation of the same predictions with other labels for some images, and without some; scores are dropped.

    Args:
        labels: index of an image -> its label.
        without: indices of images that are left out.

    Raises:
        InputError: nothing is known of single images, or there is no such image or class.

    >>> from mnistcore.evaluation.predictions import PredictedLabels
    >>> seen = PredictedLabels(np.array([0, 0, 1]), np.array([0, 1, 0]), num_classes=2)
    >>> found = relabelled(evaluate_predictions(seen, num_classes=2), {1: 1}, without=[2])
    >>> found.correct, found.total
    (2, 2)
    """
    seen = evaluation.per_image
    if seen is None:
        raise InputError("evaluation: expected predictions for single images, got counts")
    total, classes = len(seen.labels), len(evaluation.matrix)
    if wrong := [index for index in (*labels, *without) if not 0 <= index < total]:
        raise InputError(f"labels, without: expected indices from 0 to {total - 1}, got {wrong[0]}")
    changed = seen.labels.copy()
    changed[list(labels)] = list(labels.values())
    kept = np.ones(total, dtype=np.bool_)
    kept[list(without)] = False
    return evaluate_predictions(
        PredictedLabels(changed[kept], seen.predicted[kept], num_classes=classes), num_classes=classes
    )
