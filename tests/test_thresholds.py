"""One class by a threshold: against scikit-learn and brute force on scores that are often equal, and at the edges."""

import math
import warnings

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mnistcore.errors import InputError
from mnistcore.metrics import ThresholdCurve, TwoByTwo, threshold_curve

TOLERANCE = 1e-12
few_scores = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])
images = st.lists(st.tuples(st.booleans(), few_scores | st.floats(0, 1)), max_size=25)
Images = list[tuple[bool, float]]


def curve_of(made: Images) -> ThresholdCurve:
    """Of class 1, whose images are the true ones."""
    return threshold_curve(np.array([truth for truth, _ in made], np.int64), [score for _, score in made], 1)


def brute_force(made: Images, threshold: float) -> TwoByTwo:
    called = [(truth, score >= threshold) for truth, score in made]
    return TwoByTwo(
        *(called.count(outcome) for outcome in ((True, True), (True, False), (False, True), (False, False)))
    )


@settings(max_examples=60, deadline=None)
@given(images, few_scores | st.floats(-1, 2))
@example([], 0.5)
@example([(True, 0.5), (False, 0.5)], 0.5)
def test_counts_at_any_threshold_are_those_of_brute_force(made: Images, threshold: float) -> None:
    curve = curve_of(made)
    assert curve.counts_at(threshold) == brute_force(made, threshold)
    assert curve.thresholds.tolist() == [math.inf, *sorted({score for _, score in made}, reverse=True)]
    for place, value in enumerate(curve.thresholds.tolist()):
        at = TwoByTwo(*(int(getattr(curve.counts, name)[place]) for name in ("tp", "fn", "fp", "tn")))
        assert at == brute_force(made, value) == curve.counts_at(value)


@settings(max_examples=60, deadline=None)
@given(images)
@example([(True, 0.5), (False, 0.5)])
def test_curves_and_areas_are_those_of_scikit_learn(made: Images) -> None:
    curve = curve_of(made)
    truth, scores = [truth for truth, _ in made], [score for _, score in made]
    assert (curve.average_precision is None) == (not any(truth))
    assert (curve.auc is None) == (len(set(truth)) < 2)
    if len(set(truth)) < 2:
        return
    assert curve.average_precision == pytest.approx(
        sklearn.metrics.average_precision_score(truth, scores), abs=TOLERANCE
    )
    assert curve.auc == pytest.approx(sklearn.metrics.roc_auc_score(truth, scores), abs=TOLERANCE)
    rate, recall, thresholds = sklearn.metrics.roc_curve(truth, scores, drop_intermediate=False)
    np.testing.assert_allclose(curve.false_positive_rate, rate, atol=TOLERANCE)
    np.testing.assert_allclose(curve.recall, recall, atol=TOLERANCE)
    np.testing.assert_array_equal(curve.thresholds, thresholds)
    precision, recall, _ = sklearn.metrics.precision_recall_curve(truth, scores)
    # scikit-learn writes 1 where nothing is predicted.
    np.testing.assert_allclose(np.nan_to_num(curve.precision, nan=1.0)[::-1], precision, atol=TOLERANCE)
    np.testing.assert_allclose(curve.recall[::-1], recall, atol=TOLERANCE)


@settings(max_examples=60, deadline=None)
@given(images, st.sampled_from([0, 1, 2.5]), st.sampled_from([0.5, 1, 7]))
def test_no_threshold_is_better_than_the_best(made: Images, fp_price: float, fn_price: float) -> None:
    curve = curve_of(made)
    tried = [(value, brute_force(made, value)) for value in curve.thresholds.tolist()]
    costs = [at.fp * fp_price + at.fn * fn_price for _, at in tried]
    cheapest = curve.cheapest_threshold(fp_price=fp_price, fn_price=fn_price)
    assert cheapest == (tried[costs.index(min(costs))][0] if made else None)
    if not any(truth for truth, _ in made):
        assert curve.best_f1_threshold is None
        return
    f1 = [2 * at.tp / (2 * at.tp + at.fp + at.fn) for _, at in tried]
    assert curve.best_f1_threshold == tried[f1.index(max(f1))][0]


def test_a_column_and_a_table_give_the_same() -> None:
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 3, 50), rng.random((50, 3)).astype(np.float32)
    table, column = threshold_curve(labels, scores, 2), threshold_curve(labels, scores[:, 2], 2)
    np.testing.assert_array_equal(table.counts.tp, column.counts.tp)
    np.testing.assert_array_equal(table.thresholds, column.thresholds)
    assert (table.positives, table.negatives) == (int((labels == 2).sum()), int((labels != 2).sum()))


def test_without_images_only_the_highest_threshold_is_left() -> None:
    curve = threshold_curve([], np.empty((0, 3)), 0)
    assert curve.thresholds.tolist() == [math.inf]
    assert curve.counts_at(0.5) == TwoByTwo(0, 0, 0, 0)
    assert curve.average_precision is curve.auc is curve.best_f1_threshold is None
    assert curve.cheapest_threshold(fp_price=1, fn_price=1) is None


def test_undefined_is_never_zero() -> None:
    no_positives, no_negatives = threshold_curve([0, 0], [0.2, 0.7], 1), threshold_curve([1, 1], [0.2, 0.7], 1)
    assert np.isnan(no_positives.recall).all()
    assert no_positives.cheapest_threshold(fp_price=1, fn_price=9) == math.inf
    assert no_positives.average_precision is no_positives.auc is no_negatives.auc is None
    assert np.isnan(no_negatives.false_positive_rate).all()
    assert no_negatives.average_precision == 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isnan(no_positives.precision[0])


@pytest.mark.parametrize(
    ("labels", "scores", "class_index", "said"),
    [
        ([0, 1], [0.5], 0, "one row of scores for each label"),
        ([0, 1], [0.5, math.nan], 0, "scores: expected finite"),
        ([0, 1], [[0.5, math.inf], [0, 1]], 1, "scores: expected finite"),
        ([0, 1], [[0.5, 0.5], [0, 1]], 2, "class_index: expected a class from 0 to 1, got 2"),
        ([0, 2], [[0.5, 0.5], [0, 1]], 1, "labels: expected classes from 0 to 1, got 2"),
        ([0.0, 1.0], [0.5, 0.5], 1, "labels: expected"),
        ([0, 1], [0.5, 0.5], -1, "class_index: expected"),
        ([0, 1], 0.5, 0, "scores: expected"),
    ],
)
def test_what_is_refused(labels: object, scores: object, class_index: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        threshold_curve(labels, scores, class_index)  # type: ignore[arg-type]


@pytest.mark.parametrize(("fp_price", "fn_price"), [(-1, 1), (1, math.nan), (math.inf, 1), (0, 0)])
def test_prices_that_are_refused(fp_price: float, fn_price: float) -> None:
    with pytest.raises(InputError, match="expected"):
        threshold_curve([0, 1], [0.5, 0.5], 1).cheapest_threshold(fp_price=fp_price, fn_price=fn_price)


def test_a_threshold_that_is_no_number_is_refused() -> None:
    with pytest.raises(InputError, match="threshold: expected a number"):
        threshold_curve([0, 1], [0.5, 0.5], 1).counts_at(math.nan)
