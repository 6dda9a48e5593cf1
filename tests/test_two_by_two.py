"""Four counts as numbers, whole or expected, and a class that becomes rarer: scikit-learn with weights as the oracle."""

import dataclasses
import math
import warnings

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mnistcore.errors import InputError
from mnistcore.metrics import BinaryMetrics, TwoByTwo, binary_metrics, thin_class

TOLERANCE = 1e-9
tables = st.builds(TwoByTwo, *[st.integers(0, 40) for _ in range(4)])
TRUTH, CALLED = [1, 1, 0, 0], [1, 0, 1, 0]  # an image for each outcome, weighted by its count


def by_scikit_learn(counts: TwoByTwo) -> BinaryMetrics:
    weights = [counts.tp, counts.fn, counts.fp, counts.tn]
    if counts.total == 0:
        return BinaryMetrics(*[None] * 7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weighted = {"sample_weight": weights, "zero_division": math.nan}
        recall = sklearn.metrics.recall_score(TRUTH, CALLED, **weighted)
        specificity = sklearn.metrics.recall_score(TRUTH, CALLED, pos_label=0, **weighted)
        matthews = sklearn.metrics.matthews_corrcoef(TRUTH, CALLED, sample_weight=weights)
        values = (
            sklearn.metrics.accuracy_score(TRUTH, CALLED, sample_weight=weights),
            recall,
            sklearn.metrics.precision_score(TRUTH, CALLED, **weighted),
            sklearn.metrics.f1_score(TRUTH, CALLED, **weighted),
            specificity,
            (recall + specificity) / 2,
            matthews
            if all((counts.positives, counts.negatives, counts.tp + counts.fp, counts.fn + counts.tn))
            else math.nan,
        )
    return BinaryMetrics(*(None if math.isnan(value) else float(value) for value in values))


def same(ours: BinaryMetrics, oracle: BinaryMetrics) -> bool:
    return dataclasses.astuple(ours) == pytest.approx(dataclasses.astuple(oracle), abs=TOLERANCE)


@settings(max_examples=20, deadline=None)
@given(tables)
@example(TwoByTwo(0, 0, 0, 0))
@example(TwoByTwo(0, 3, 0, 5))
@example(TwoByTwo(3, 0, 5, 0))
def test_metrics_are_those_of_scikit_learn(counts: TwoByTwo) -> None:
    assert same(binary_metrics(counts), by_scikit_learn(counts))


@settings(max_examples=20, deadline=None)
@given(tables, st.sampled_from([0, 0.01, 0.5, 1]))
def test_a_thinned_class_is_one_whose_images_weigh_less(counts: TwoByTwo, share: float) -> None:
    thinned = thin_class(counts, share)
    assert same(thinned.metrics, by_scikit_learn(thinned.counts))
    assert thinned.counts == TwoByTwo(share * counts.tp, share * counts.fn, counts.fp, counts.tn)
    assert thinned.always_no.recall == (0 if thinned.counts.positives else None)
    assert thinned.always_no.precision is None
    if thinned.counts.total:
        assert thinned.always_no.accuracy == pytest.approx(1 - thinned.prevalence)


def test_what_stays_and_what_moves_when_a_class_becomes_rarer() -> None:
    counts = TwoByTwo(tp=90, fn=10, fp=45, tn=855)
    whole, rare = thin_class(counts, 1).metrics, thin_class(counts, 0.01).metrics
    for name in ("recall", "specificity", "balanced_accuracy"):
        assert getattr(rare, name) == pytest.approx(getattr(whole, name))
    for name in ("precision", "f1", "matthews_correlation"):
        assert getattr(rare, name) < getattr(whole, name) / 2
    assert rare.accuracy == pytest.approx(whole.specificity, abs=1e-4)


def test_images_drawn_at_random_have_the_expected_counts() -> None:
    rng = np.random.default_rng(0)
    hits = rng.binomial([[90], [10]], 0.2, size=(2, 4000)).mean(axis=1)
    thinned = thin_class(TwoByTwo(tp=90, fn=10, fp=45, tn=855), 0.2).counts
    assert (thinned.tp, thinned.fn) == pytest.approx(hits, rel=0.02)


@pytest.mark.parametrize("bad", [-1, math.nan, math.inf])
def test_counts_that_are_refused(bad: float) -> None:
    with pytest.raises(InputError, match="fp: expected a count"):
        TwoByTwo(tp=1, fn=1, fp=bad, tn=1)


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_shares_that_are_refused(share: float) -> None:
    with pytest.raises(InputError, match="share: expected a number from 0 to 1"):
        thin_class(TwoByTwo(1, 1, 1, 1), share)


def test_large_counts_keep_their_correlation() -> None:
    big = TwoByTwo(*(2**50 * count for count in (2, 1, 1, 6)))
    assert binary_metrics(big).matthews_correlation == pytest.approx(11 / 21)
