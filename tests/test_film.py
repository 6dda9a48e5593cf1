"""mnistcore.evaluation.film: what is learned and forgotten from one epoch to another, against counting by hand."""

import numpy as np
import pytest

from mnistcore.errors import InputError
from mnistcore.evaluation.film import film
from mnistcore.evaluation.predictions import Counts, Predictions


def test_what_is_learned_and_forgotten_explains_each_difference() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 4, 200)
    epochs = [Predictions(labels, random.normal(size=(200, 4)).astype(np.float32)) for _ in range(3)]
    shown = film([1, 2, 5], epochs, num_classes=4)
    for before in range(3):
        for after in range(3):
            change = shown.change(before, after)
            was = [int(label == p) for label, p in zip(labels, epochs[before].predicted, strict=True)]
            now = [int(label == p) for label, p in zip(labels, epochs[after].predicted, strict=True)]
            assert change.learned.tolist() == [i for i in range(200) if now[i] > was[i]]
            assert change.forgotten.tolist() == [i for i in range(200) if now[i] < was[i]]
            assert len(change.learned) - len(change.forgotten) == shown.correct[after] - shown.correct[before]
    assert shown.recalls[1, 2] == pytest.approx(shown.matrices[1, 2, 2] / (labels == 2).sum())


def test_of_counts_nobody_knows_which_images_were_learned() -> None:
    shown = film([1, 2], [Counts(np.array([[3, 1], [0, 0]]))] * 2, num_classes=2)
    assert shown.correct.tolist() == [3, 3]
    assert np.isnan(shown.recalls[:, 1]).all()
    with pytest.raises(InputError, match="expected a prediction for each image"):
        shown.change(0, 1)
