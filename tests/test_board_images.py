"""ui.board_images: which images the board shows, and that a threshold moves the images that it counts."""

import numpy as np
import pytest

from mnistcore import metrics
from mnistcore.evaluation.evaluation import PerImage
from mnistcore.evaluation.groups import GROUPS
from mnistcore.evaluation.predictions import PredictedLabels, Probabilities
from ui.board_images import BINS, _points, _scored, part_mask, threshold_mask


def made_up(count: int = 500, classes: int = 3, seed: int = 0) -> PerImage:
    random = np.random.default_rng(seed)
    scores = metrics.softmax(random.normal(scale=2, size=(count, classes)))
    labels = random.integers(0, classes, count)
    return PerImage(Probabilities(labels, scores.astype(np.float32)))


@pytest.mark.parametrize("threshold", [0.0, 0.123, 0.5, 0.97, 1.0])
def test_a_threshold_holds_as_many_images_as_it_counts(threshold: float) -> None:
    seen = made_up()
    assert seen.scores is not None
    for positive in range(3):
        counts = metrics.threshold_curve(seen.labels, seen.scores, positive).counts_at(threshold)
        for outcome in metrics.OUTCOMES:
            held = threshold_mask(GROUPS[outcome], positive, seen, threshold).sum()
            assert held == getattr(counts, outcome)


def test_without_probabilities_a_threshold_changes_nothing() -> None:
    seen = made_up()
    bare = PerImage(PredictedLabels(seen.labels, seen.predicted, num_classes=3))
    assert (threshold_mask(GROUPS["fn"], 1, bare, 0.9) == part_mask(GROUPS["fn"], 1, bare)).all()


def test_bins_of_few_images_are_shown_whole() -> None:
    column = np.concatenate([np.full(5000, 0.01), np.linspace(0.1, 0.95, 60), np.full(3000, 0.99)])
    shown = _scored(column, column > 0.5)
    middle = (column > 1 / BINS) & (column < 1 - 1 / BINS)
    assert np.isin(np.flatnonzero(middle), shown).all()
    assert len(shown) < 400
    assert column[shown].min() == 0.01
    assert column[shown].max() == 0.99


def test_a_curve_of_many_scores_keeps_its_ends_and_its_corner() -> None:
    across = np.concatenate([np.zeros(5000), np.linspace(0, 1, 5000)])
    up = np.concatenate([np.linspace(0, 1, 5000), np.ones(5000)])
    points = _points(across, up)
    assert len(points) <= 200
    assert (points[0], points[-1]) == ((0.0, 0.0), (1.0, 1.0))
    assert min(abs(x) + abs(y - 1) for x, y in points) < 0.02
