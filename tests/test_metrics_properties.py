"""mnistcore.metrics against scikit-learn and scipy, on inputs that hypothesis makes up.

Where scikit-learn has no answer (no images at all) or another convention (Matthews correlation with a constant), the
tests in test_metrics.py say what ours is.
"""

import math
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
import scipy.special
import scipy.stats
import sklearn.metrics
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mnistcore import metrics
from mnistcore.metrics import (
    colour_scale,
    confidence_histogram,
    confusion_matrix,
    majority_accuracy,
    misclassified_true_negatives,
    most_confused,
    normalise,
    one_vs_rest,
    rank_errors,
    rates,
    softmax,
    summary,
    support_shares,
    wilson_interval,
)

TOLERANCE = 1e-12
Case = tuple[int, np.ndarray, np.ndarray]  # number of classes, labels, predicted


@pytest.fixture(autouse=True)
def quiet_oracle() -> Iterator[None]:
    """scikit-learn warns where it divides by 0, which is what these tests are about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@st.composite
def predictions(draw: st.DrawFn, *, smallest: int = 0) -> Case:
    """Up to 60 images of up to 6 classes, of which some are drawn never to occur, and some never to be called."""
    classes = draw(st.integers(1, 6))
    some = st.lists(st.integers(0, classes - 1), min_size=1, unique=True)
    pair = st.tuples(st.sampled_from(draw(some)), st.sampled_from(draw(some)))
    pairs = draw(st.lists(pair, min_size=smallest, max_size=60))
    labels, predicted = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return classes, labels, predicted


@st.composite
def scored(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities; drawn from few values, so that ties and zeros are frequent."""
    classes = draw(st.integers(1, 4))
    images = draw(st.integers(0, 15))
    share = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]) | st.floats(0, 1)
    scores = draw(st.lists(share, min_size=images * classes, max_size=images * classes))
    labels = draw(st.lists(st.integers(0, classes - 1), min_size=images, max_size=images))
    return np.array(labels, dtype=np.int64), np.array(scores, dtype=np.float64).reshape(images, classes)


def same(ours: float | None, oracle: float) -> bool:
    """None is ours for NaN."""
    if ours is None or math.isnan(oracle):
        return ours is None and math.isnan(oracle)
    return abs(ours - oracle) <= TOLERANCE


def case(classes: int, labels: list[int], predicted: list[int]) -> Case:
    return classes, np.array(labels), np.array(predicted)


SINGLE_CLASS = case(1, [0, 0], [0, 0])
ONE_RIGHT, ONE_WRONG = case(3, [1], [1]), case(3, [1], [2])
NEVER_CALLED, NEVER_THERE = case(2, [0, 0, 1], [0, 0, 0]), case(3, [0, 0, 1], [0, 2, 1])
ALL_CALLED_WHAT_IS_NOT_THERE = case(3, [0, 2, 2], [1, 1, 1])


@settings(max_examples=80, deadline=None)
@given(predictions(smallest=1))
def test_confusion_matrix(made: Case) -> None:
    classes, labels, predicted = made
    oracle = sklearn.metrics.confusion_matrix(labels, predicted, labels=range(classes))
    np.testing.assert_array_equal(confusion_matrix(labels, predicted, num_classes=classes), oracle)


@settings(max_examples=40, deadline=None)
@given(predictions(smallest=1))
@example(SINGLE_CLASS)
@example(ONE_WRONG)
@example(NEVER_CALLED)
@example(NEVER_THERE)
def test_counts_and_rates_of_each_class(made: Case) -> None:
    classes, labels, predicted = made
    matrix = confusion_matrix(labels, predicted, num_classes=classes)
    counts = one_vs_rest(matrix)
    ours = rates(counts)
    tn, fp, fn, tp = (
        sklearn.metrics.multilabel_confusion_matrix(labels, predicted, labels=range(classes)).reshape(-1, 4).T
    )
    for name, oracle in {"tp": tp, "fp": fp, "fn": fn, "tn": tn}.items():
        np.testing.assert_array_equal(getattr(counts, name), oracle)
    precision, recall, f1, support = sklearn.metrics.precision_recall_fscore_support(
        labels, predicted, labels=range(classes), zero_division=np.nan
    )
    np.testing.assert_array_equal(counts.support, support)
    for index in range(classes):
        assert same(ours.precision[index], precision[index])
        assert same(ours.recall[index], recall[index])
        assert same(ours.f1[index], f1[index])
        truth, called = labels == index, predicted == index
        assert same(ours.accuracy[index], sklearn.metrics.accuracy_score(truth, called))
        # Specificity is the recall of the negatives.
        specificity = sklearn.metrics.recall_score(truth, called, pos_label=False, zero_division=np.nan)
        assert same(ours.specificity[index], specificity)
        never = np.zeros_like(truth)
        assert same(majority_accuracy(counts)[index], sklearn.metrics.accuracy_score(truth, never))
        assert same(support_shares(counts)[index], float(truth.mean()))
        elsewhere = sum(index not in pair and pair[0] != pair[1] for pair in zip(labels, predicted, strict=True))
        assert misclassified_true_negatives(matrix)[index] == elsewhere


@settings(max_examples=60, deadline=None)
@given(predictions(smallest=1))
@example(SINGLE_CLASS)
@example(ONE_RIGHT)
@example(ONE_WRONG)
@example(NEVER_CALLED)
@example(NEVER_THERE)
@example(ALL_CALLED_WHAT_IS_NOT_THERE)
def test_summary(made: Case) -> None:
    classes, labels, predicted = made
    ours = summary(confusion_matrix(labels, predicted, num_classes=classes))
    assert same(ours.accuracy, sklearn.metrics.accuracy_score(labels, predicted))
    assert same(ours.balanced_accuracy, sklearn.metrics.balanced_accuracy_score(labels, predicted))
    for average in ("macro", "weighted", "micro"):
        oracle = sklearn.metrics.precision_recall_fscore_support(
            labels, predicted, labels=range(classes), average=average, zero_division=np.nan
        )
        for name, value in zip(("precision", "recall", "f1"), oracle[:3], strict=True):
            assert same(getattr(ours, f"{average}_{name}"), value), (average, name)
    kappa = sklearn.metrics.cohen_kappa_score(labels, predicted, labels=range(classes))
    assert same(ours.cohen_kappa, kappa)
    constant = len(np.unique(labels)) == 1 or len(np.unique(predicted)) == 1
    matthews = sklearn.metrics.matthews_corrcoef(labels, predicted)
    assert same(ours.matthews_correlation, math.nan if constant else matthews)


@settings(max_examples=60, deadline=None)
@given(predictions())
def test_what_is_left_out_is_what_is_undefined(made: Case) -> None:
    classes, labels, predicted = made
    ours = summary(confusion_matrix(labels, predicted, num_classes=classes))
    occurs, called = set(labels.tolist()), set(predicted.tolist())
    assert ours.macro_precision_left_out == classes - len(called)
    assert ours.macro_recall_left_out == ours.balanced_accuracy_left_out == classes - len(occurs)
    assert ours.macro_f1_left_out == classes - len(occurs | called)
    assert ours.weighted_precision_left_out == len(occurs - called)


@settings(max_examples=60, deadline=None)
@given(predictions())
def test_conservation(made: Case) -> None:
    classes, labels, predicted = made
    matrix = confusion_matrix(labels, predicted, num_classes=classes)
    counts, found = one_vs_rest(matrix), summary(matrix)
    assert matrix.sum() == found.total == found.correct + found.errors == len(labels)
    assert (counts.total == len(labels)).all()
    assert counts.fp.sum() == counts.fn.sum() == found.errors == rank_errors(labels, np.eye(classes)[predicted]).size
    assert counts.support.sum() == counts.called.sum() == len(labels)
    assert sum(one.count for one in most_confused(matrix, limit=classes**2)) == found.errors
    # Swapping truth and prediction swaps FP with FN, and so precision with recall.
    swapped = one_vs_rest(matrix.T)
    assert rates(swapped).precision == rates(counts).recall
    assert rates(swapped).f1 == rates(counts).f1


@settings(max_examples=60, deadline=None)
@given(predictions(smallest=1), st.sampled_from([("row", "true"), ("column", "pred"), ("count", None)]))
def test_normalise(made: Case, how: tuple[str, str | None]) -> None:
    classes, labels, predicted = made
    matrix = confusion_matrix(labels, predicted, num_classes=classes)
    ours = normalise(matrix, by=how[0])
    oracle = sklearn.metrics.confusion_matrix(labels, predicted, labels=range(classes), normalize=how[1])
    # scikit-learn writes 0 where a share is undefined.
    np.testing.assert_allclose(np.nan_to_num(ours), oracle, rtol=0, atol=TOLERANCE)
    empty = {"row": matrix.sum(axis=1, keepdims=True) == 0, "column": matrix.sum(axis=0) == 0, "count": False}
    np.testing.assert_array_equal(np.isnan(ours), np.broadcast_to(empty[how[0]], ours.shape))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.01, 0.9999))
@example((0, 1), 0.95)
@example((1, 1), 0.95)
@example((9_700, 10_000), 0.95)
def test_wilson_interval(successes_of_total: tuple[int, int], confidence: float) -> None:
    successes, total = successes_of_total
    low, high = wilson_interval(successes, total, confidence=confidence)
    oracle = scipy.stats.binomtest(successes, total).proportion_ci(confidence, method="wilson")
    assert low == pytest.approx(oracle.low, rel=0, abs=TOLERANCE)
    assert high == pytest.approx(oracle.high, rel=0, abs=TOLERANCE)
    assert 0 <= low <= successes / total <= high <= 1
    mirrored = wilson_interval(total - successes, total, confidence=confidence)
    assert mirrored == pytest.approx((1 - high, 1 - low), rel=0, abs=TOLERANCE)


@settings(max_examples=60, deadline=None)
@given(scored(), st.sampled_from(metrics.RANKINGS))
def test_rank_errors(made: tuple[np.ndarray, np.ndarray], by: str) -> None:
    labels, scores = made

    def badness(index: int) -> float:
        row, truth = scores[index].tolist(), labels[index]
        if by == "loss":
            return math.inf if row[truth] == 0 else -np.log(row[truth])
        return max(row) - (row[truth] if by == "margin" else 0.0)

    wrong = [index for index, row in enumerate(scores.tolist()) if row.index(max(row)) != labels[index]]
    expected = sorted(wrong, key=lambda index: (-badness(index), index))
    assert rank_errors(labels, scores, by=by).tolist() == expected


@settings(max_examples=60, deadline=None)
@given(scored(), st.integers(1, 30), st.data())
def test_confidence_histogram(made: tuple[np.ndarray, np.ndarray], bins: int, data: st.DataObject) -> None:
    labels, scores = made
    index = data.draw(st.integers(0, scores.shape[1] - 1))
    found = confidence_histogram(labels, scores, index, bins=bins)
    np.testing.assert_allclose(found.edges, np.linspace(0, 1, bins + 1), rtol=0, atol=1e-15)
    assert found.positives.sum() == (labels == index).sum()
    assert found.negatives.sum() == (labels != index).sum()
    # Bins close on the left, the last one on both sides.
    place = np.clip(np.searchsorted(found.edges, scores[:, index], side="right") - 1, 0, bins - 1)
    np.testing.assert_array_equal(found.positives, np.bincount(place[labels == index], minlength=bins))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(0, 6), st.data())
def test_softmax(classes: int, images: int, data: st.DataObject) -> None:
    size = classes * images
    logits = data.draw(st.lists(st.floats(-1e4, 1e4), min_size=size, max_size=size))
    array = np.array(logits, dtype=np.float64).reshape(images, classes)
    ours = softmax(array)
    np.testing.assert_allclose(ours, scipy.special.softmax(array, axis=1), rtol=TOLERANCE, atol=1e-300)
    np.testing.assert_allclose(ours.sum(axis=1), 1, rtol=0, atol=TOLERANCE)


@settings(max_examples=60, deadline=None)
@given(predictions(), st.sampled_from(metrics.SCALES), st.booleans(), st.sampled_from(metrics.NORMALISATIONS))
def test_colour_scale(made: Case, scale: str, ignore_diagonal: bool, by: str) -> None:
    classes, labels, predicted = made
    values = normalise(confusion_matrix(labels, predicted, num_classes=classes), by=by)
    found = colour_scale(values, scale=scale, ignore_diagonal=ignore_diagonal)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    painted = np.nan_to_num(found)
    assert (painted >= 0).all()
    assert painted.max() in (0.0, 1.0)
    if not ignore_diagonal:  # a larger value is never paler
        order = np.argsort(np.nan_to_num(values), axis=None)
        assert (np.diff(painted.ravel()[order]) >= 0).all()


@settings(max_examples=30, deadline=None)
@given(predictions(), st.integers(0, 2**32 - 1))
def test_soft_confusion_matrix(made: Case, seed: int) -> None:
    classes, labels, predicted = made
    sure = np.eye(classes)[predicted] if len(predicted) else np.zeros((0, classes))
    hard = confusion_matrix(labels, predicted, num_classes=classes)
    np.testing.assert_array_equal(metrics.soft_confusion_matrix(labels, sure), hard)
    unsure = softmax(np.random.default_rng(seed).normal(size=(len(labels), classes)))
    brute = np.zeros((classes, classes))
    for label, row in zip(labels, unsure, strict=True):
        brute[label] += row
    np.testing.assert_allclose(metrics.soft_confusion_matrix(labels, unsure), brute, atol=1e-9)
