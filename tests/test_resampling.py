"""Test sets drawn again: what is kept, how it scatters, and what cannot be drawn."""

import math

import numpy as np
import pytest
import scipy.stats

from mnistcore.errors import InputError
from mnistcore.metrics import half_width, percentile_interval, redraw_accuracy, redraw_matrix, wilson_interval

MATRIX = np.array([[90, 10, 0], [5, 95, 0], [0, 0, 0]])


def test_the_same_seed_draws_the_same() -> None:
    np.testing.assert_array_equal(redraw_matrix(MATRIX, seed=3), redraw_matrix(MATRIX, seed=3))
    assert (redraw_matrix(MATRIX, seed=3) != redraw_matrix(MATRIX, seed=4)).any()
    np.testing.assert_array_equal(redraw_accuracy(7, 10, seed=3), redraw_accuracy(7, 10, seed=3))


@pytest.mark.parametrize("size", [None, 1, 50, 2000])
def test_a_matrix_keeps_its_size_and_its_empty_cells(size: int | None) -> None:
    drawn = redraw_matrix(MATRIX, seed=0, size=size)
    assert drawn.sum() == (200 if size is None else size)
    assert (drawn[MATRIX == 0] == 0).all()
    assert drawn.dtype == np.int64


def test_cells_scatter_as_a_multinomial_does() -> None:
    drawn = np.array([redraw_matrix(MATRIX, seed=seed).ravel() for seed in range(400)])
    shares = MATRIX.ravel() / 200
    np.testing.assert_allclose(drawn.mean(axis=0), MATRIX.ravel(), atol=5 * np.sqrt(200 * 0.25 / 400))
    expected = np.sqrt(200 * shares * (1 - shares))
    np.testing.assert_allclose(drawn.std(axis=0), expected, rtol=0.2)


def test_accuracies_are_those_of_flags_drawn_one_by_one() -> None:
    rng = np.random.default_rng(0)
    flags = np.arange(100) < 83
    by_hand = rng.choice(flags, size=(2000, 100)).mean(axis=1)
    ours = redraw_accuracy(83, 100, seed=1, times=2000)
    assert scipy.stats.ks_2samp(ours, by_hand).pvalue > 0.01
    assert ours.mean() == pytest.approx(0.83, abs=0.005)


def test_the_bootstrap_interval_is_near_wilsons() -> None:
    drawn = percentile_interval(redraw_accuracy(9_000, 10_000, seed=0, times=4000))
    assert drawn == pytest.approx(wilson_interval(9_000, 10_000), abs=0.001)


@pytest.mark.parametrize("correct", [0, 1, 83, 100])
@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_half_width_is_that_of_wilsons_interval(correct: int, confidence: float) -> None:
    low, high = wilson_interval(correct, 100, confidence=confidence)
    assert half_width(correct / 100, 100, confidence=confidence) == pytest.approx((high - low) / 2, abs=1e-12)


def test_half_width_falls_with_the_square_root_of_the_images() -> None:
    assert half_width(0.9, 40_000) == pytest.approx(half_width(0.9, 10_000) / 2, rel=0.001)
    assert half_width(0.9, 0) is None


def test_without_images_nothing_is_drawn() -> None:
    assert redraw_matrix(np.zeros((2, 2), int), seed=0).sum() == 0
    assert np.isnan(redraw_accuracy(0, 0, seed=0, times=3)).all()
    assert percentile_interval([math.nan, math.nan]) == (None, None)
    assert percentile_interval([math.nan, 0.5, 0.5]) == (0.5, 0.5)


def test_what_is_refused() -> None:
    with pytest.raises(InputError, match="size: expected 0, because there are no images"):
        redraw_matrix(np.zeros((2, 2), int), seed=0, size=5)
    with pytest.raises(InputError, match="size: expected at most"):
        redraw_accuracy(1, 2, seed=0, size=10**12)
    with pytest.raises(InputError, match="seed: expected"):
        redraw_matrix(MATRIX, seed=-1)
    with pytest.raises(InputError, match="correct: expected at most the total of 2, got 3"):
        redraw_accuracy(3, 2, seed=0)
    with pytest.raises(InputError, match="times: expected"):
        redraw_accuracy(1, 2, seed=0, times=0)
    with pytest.raises(InputError, match="values: expected numbers"):
        percentile_interval([[0.5]])
    for share in (-0.1, 1.1, math.nan, "0.5"):
        with pytest.raises(InputError, match="share: expected"):
            half_width(share, 10)  # type: ignore[arg-type]
