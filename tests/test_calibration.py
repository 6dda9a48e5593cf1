"""Confidence against what is right: scikit-learn, scipy and brute force as oracles, and where nothing can be said."""

import math

import numpy as np
import pytest
import scipy.optimize
import sklearn.calibration
import sklearn.metrics
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mnistcore.errors import InputError
from mnistcore.metrics import (
    TEMPERATURES,
    fit_temperature,
    negative_log_likelihood,
    reliability,
    softmax,
    wilson_interval,
)

TOLERANCE = 1e-12
Predictions = list[tuple[bool, float]]
predictions = st.lists(st.tuples(st.booleans(), st.sampled_from([0, 0.2, 0.5, 0.9, 1]) | st.floats(0, 1)), max_size=30)


def parts(made: Predictions) -> tuple[np.ndarray, np.ndarray]:
    return np.array([right for right, _ in made], np.bool_), np.array([sure for _, sure in made], np.float64)


def some_logits(*, images: int = 400, classes: int = 4, sharpness: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    """Labels that are drawn from the softmax of logits, and these logits made too sharp: the best temperature is that."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1.5, (images, classes))
    chances = softmax(logits).cumsum(axis=1)
    labels = (rng.random((images, 1)) > chances[:, :-1]).sum(axis=1)
    return labels, logits * sharpness


@settings(max_examples=60, deadline=None)
@given(predictions, st.integers(1, 12))
@example([(True, 0.0), (False, 1.0), (True, 0.5)], 2)
def test_bins_and_calibration_error_are_those_of_brute_force(made: Predictions, bins: int) -> None:
    found = reliability(*parts(made), bins=bins)
    edges = np.linspace(0, 1, bins + 1)
    error = 0.0
    for place in range(bins):
        inside = [each for each in made if edges[place] < each[1] <= edges[place + 1] or (place == 0 and each[1] == 0)]
        hits = sum(right for right, _ in inside)
        assert (found.count[place], found.correct[place]) == (len(inside), hits)
        assert found.interval[place] == wilson_interval(hits, len(inside))
        if not inside:
            assert math.isnan(found.confidence[place])
            assert math.isnan(found.accuracy[place])
            continue
        assert found.confidence[place] == pytest.approx(sum(sure for _, sure in inside) / len(inside), abs=TOLERANCE)
        error += len(inside) / len(made) * abs(found.accuracy[place] - found.confidence[place])
    assert found.expected_calibration_error == (pytest.approx(error, abs=TOLERANCE) if made else None)


def test_the_diagram_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    sure = rng.random(500)
    right = rng.random(500) < sure
    found = reliability(right, sure, bins=15)
    accuracy, confidence = sklearn.calibration.calibration_curve(right, sure, n_bins=15)
    np.testing.assert_allclose(found.accuracy[found.count > 0], accuracy, atol=TOLERANCE)
    np.testing.assert_allclose(found.confidence[found.count > 0], confidence, atol=TOLERANCE)


def test_without_images_no_calibration_is_claimed() -> None:
    found = reliability([], [], bins=3)
    assert found.count.tolist() == [0, 0, 0]
    assert found.expected_calibration_error is None
    assert negative_log_likelihood([], np.empty((0, 3))) is None
    assert fit_temperature([], np.empty((0, 3))) is None


@pytest.mark.parametrize("temperature", [0.5, 1.0, 7.0])
def test_loss_is_that_of_scikit_learn(temperature: float) -> None:
    labels, logits = some_logits()
    oracle = sklearn.metrics.log_loss(labels, softmax(logits / temperature), labels=range(4))
    assert negative_log_likelihood(labels, logits, temperature=temperature) == pytest.approx(oracle, rel=1e-9)


def test_loss_survives_logits_that_no_probability_holds() -> None:
    assert negative_log_likelihood([0, 1], [[0.0, 5000.0], [0.0, 5000.0]]) == 2500.0


def test_temperature_is_the_one_that_scipy_finds() -> None:
    labels, logits = some_logits()
    before = logits.copy()
    found = fit_temperature(labels, logits)

    def loss(logarithm: float) -> float:
        return negative_log_likelihood(labels, logits, temperature=math.exp(logarithm)) or 0.0

    oracle = scipy.optimize.minimize_scalar(loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-9})
    assert found == pytest.approx(math.exp(oracle.x), rel=1e-6)
    assert found == pytest.approx(3.0, rel=0.15), "the logits were made three times too sharp"
    np.testing.assert_array_equal(logits, before)


def test_logarithms_of_probabilities_have_the_same_temperature() -> None:
    labels, logits = some_logits(sharpness=1.0)
    assert fit_temperature(labels, np.log(softmax(logits))) == pytest.approx(fit_temperature(labels, logits), rel=1e-6)


@pytest.mark.parametrize(
    ("labels", "logits"),
    [
        pytest.param([0, 1], [[1.0, 0.0], [0.0, 1.0]], id="all right"),
        pytest.param([1, 0], [[1.0, 0.0], [0.0, 1.0]], id="all wrong"),
        pytest.param([0, 1], [[1.0, 0.0], [1.0, 0.0]], id="no better than guessing"),
        pytest.param([0, 1], [[2.0, 2.0], [5.0, 5.0]], id="all the same"),
        pytest.param([0, 0], [[2.0], [5.0]], id="one class"),
    ],
)
def test_where_no_temperature_is_best_there_is_none(labels: list, logits: list) -> None:
    assert fit_temperature(labels, logits) is None
    losses = [negative_log_likelihood(labels, logits, temperature=value) for value in (*TEMPERATURES, 1.0)]
    assert min(losses) >= 0


@pytest.mark.parametrize(
    ("correct", "confidence", "said"),
    [
        ([1, 0], [0.5, 0.5], "correct: expected bools"),
        ([True], [0.5, 0.5], "confidence: expected numbers of shape"),
        ([True], [1.5], "confidence: expected probabilities"),
        ([True], [math.nan], "confidence: expected probabilities"),
        ([True], ["sure"], "confidence: expected numbers"),
    ],
)
def test_predictions_that_are_refused(correct: list, confidence: list, said: str) -> None:
    with pytest.raises(InputError, match=said):
        reliability(correct, confidence)


def test_settings_that_are_refused() -> None:
    with pytest.raises(InputError, match="bins: expected"):
        reliability([True], [0.5], bins=0)
    for temperature in (0, -1, math.nan, math.inf):
        with pytest.raises(InputError, match="temperature: expected"):
            negative_log_likelihood([0], [[0.0, 1.0]], temperature=temperature)
    for use in (negative_log_likelihood, fit_temperature):
        with pytest.raises(InputError, match="logits: expected finite"):
            use([0], [[0.0, math.nan]])
        with pytest.raises(InputError, match="labels: expected classes from 0 to 1, got 2"):
            use([2], [[0.0, 1.0]])
