"""What each class contributes to an average: the parts add up to the summary, on matrices that hypothesis makes up."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mnistcore.metrics import (
    AVERAGED,
    AVERAGES,
    average_contributions,
    mean_one_vs_rest_accuracy,
    one_vs_rest,
    rates,
    summary,
)

TOLERANCE = 1e-12
matrices = st.integers(1, 5).flatmap(
    lambda classes: st.lists(st.sampled_from([0, 0, 1, 3, 40]), min_size=classes**2, max_size=classes**2).map(
        lambda cells: np.array(cells).reshape(classes, classes)
    )
)
NEVER_PREDICTED, NEVER_THERE = np.array([[2, 0], [1, 0]]), np.array([[2, 1], [0, 0]])
ALL_AS_WHAT_IS_NOT_THERE = np.array([[0, 3], [0, 0]])


@settings(max_examples=80, deadline=None)
@given(matrices)
@example(NEVER_PREDICTED)
@example(NEVER_THERE)
@example(ALL_AS_WHAT_IS_NOT_THERE)
@example(np.zeros((3, 3), int))
def test_contributions_add_up_to_the_summary(matrix: np.ndarray) -> None:
    whole, found = summary(matrix), average_contributions(matrix)
    assert tuple(found) == AVERAGED
    for metric, parts in found.items():
        for average in AVERAGES:
            expected, given_parts = getattr(whole, f"{average}_{metric}"), getattr(parts, average)
            assert given_parts.shape == (len(matrix),)
            if expected is None:
                assert np.isnan(given_parts).all()
            else:
                assert np.nansum(given_parts) == pytest.approx(expected, abs=TOLERANCE)


@settings(max_examples=60, deadline=None)
@given(matrices)
def test_a_pull_is_what_the_mean_loses_without_the_class(matrix: np.ndarray) -> None:
    for metric, parts in average_contributions(matrix).items():
        values = np.array(getattr(rates(one_vs_rest(matrix)), metric), dtype=float)
        for index, pull in enumerate(parts.macro_pull.tolist()):
            others = np.delete(values, index)
            if math.isnan(values[index]) or np.isnan(others).all():
                assert math.isnan(pull)
            else:
                assert pull == pytest.approx(np.nanmean(values) - np.nanmean(others), abs=TOLERANCE)


@settings(max_examples=60, deadline=None)
@given(matrices)
def test_mean_one_vs_rest_accuracy_follows_from_the_overall_one(matrix: np.ndarray) -> None:
    if len(matrix) < 2 or not matrix.sum():
        return
    each = rates(one_vs_rest(matrix)).accuracy
    expected = mean_one_vs_rest_accuracy(summary(matrix).accuracy, num_classes=len(matrix))
    assert np.mean(each) == pytest.approx(expected, abs=TOLERANCE)
