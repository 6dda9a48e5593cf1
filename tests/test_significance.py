"""Whether two shares, or a mean and 0, differ: against scipy."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mnistcore.errors import InputError
from mnistcore.metrics import fisher_exact, mean_interval, sign_test

groups = st.integers(1, 60).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@settings(max_examples=60, deadline=None)
@given(groups, groups)
@example((0, 5), (0, 7))
@example((5, 5), (7, 7))
@example((10, 10), (0, 60))
@example((3, 6), (3, 6))
def test_fisher_exact(first: tuple[int, int], second: tuple[int, int]) -> None:
    table = [[hits, total - hits] for hits, total in (first, second)]
    oracle = scipy.stats.fisher_exact(table).pvalue
    assert fisher_exact(*first, *second) == pytest.approx(oracle, rel=1e-6, abs=1e-12)
    assert fisher_exact(*first, *second) == pytest.approx(fisher_exact(*second, *first), rel=1e-6)


@pytest.mark.parametrize(
    ("first", "second"), [((939, 982), (8_823, 9_018)), ((0, 1_000), (9_000, 9_000)), ((500, 1_000), (4_500, 9_000))]
)
def test_fisher_exact_of_ten_thousand_images(first: tuple[int, int], second: tuple[int, int]) -> None:
    oracle = scipy.stats.fisher_exact([[hits, total - hits] for hits, total in (first, second)]).pvalue
    assert fisher_exact(*first, *second) == pytest.approx(oracle, rel=1e-6, abs=1e-300)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 300), st.integers(0, 300))
@example(0, 3)
@example(9_000, 1)
@example(4_900, 5_100)
def test_sign_test(first: int, second: int) -> None:
    if first + second:
        oracle = scipy.stats.binomtest(first, first + second).pvalue
        assert sign_test(first, second) == pytest.approx(oracle, rel=1e-9, abs=1e-300)
    else:
        assert sign_test(first, second) is None


def test_a_group_without_images_is_not_compared() -> None:
    assert fisher_exact(0, 0, 3, 5) is None
    assert fisher_exact(3, 5, 0, 0) is None


@pytest.mark.parametrize("given_counts", [(6, 5, 0, 1), (0, 1, 2, 1), (-1, 5, 0, 1), (0.5, 5, 0, 1)])
def test_counts_that_are_refused(given_counts: tuple) -> None:
    with pytest.raises(InputError, match="expected"):
        fisher_exact(*given_counts)


def test_wins_that_are_refused() -> None:
    for bad in (-1, 0.5, True):
        with pytest.raises(InputError, match="first: expected"):
            sign_test(bad, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.995])
def test_mean_interval(confidence: float) -> None:
    values = np.random.default_rng(2).exponential(size=300)
    low, high = scipy.stats.norm.interval(confidence, loc=values.mean(), scale=scipy.stats.sem(values))
    assert mean_interval(values, confidence=confidence) == pytest.approx((values.mean(), low, high), abs=1e-12)


def test_of_too_few_values_there_is_no_interval() -> None:
    assert mean_interval([]) == (None, None, None)
    assert mean_interval([0.25]) == (0.25, None, None)
    for values in ([math.nan], [math.inf, 0.0], [[0.5]], ["0.5"]):
        with pytest.raises(InputError, match="values: expected finite numbers"):
            mean_interval(values)
