"""Owns tests: whether two shares differ by more than chance explains."""

from typing import SupportsIndex

import numpy as np

from mnistcore.errors import InputError
from mnistcore.metrics.arguments import whole_number

_SAME = 1 + 1e-7  # tables this near to the observed one in probability are as likely; only rounding tells them apart


def fisher_exact(
    hits: SupportsIndex, total: SupportsIndex, other_hits: SupportsIndex, other_total: SupportsIndex
) -> float | None:
    """How probable it is that two shares differ at least as much as they do, if in truth they are the same.

    Fisher's exact test, two-sided: of all ways in which the hits of both groups together can fall on the two groups,
    the probability of those that are no more likely than the observed one.
    Source: Fisher (1922), Journal of the Royal Statistical Society 85(1):87-94.

    Args:
        hits: of the first group, from 0 to ``total``.
        total: images of the first group.
        other_hits: of the second group, from 0 to ``other_total``.
        other_total: images of the second group.

    Returns:
        The p-value, above 0 unless it is too small for a float, at most 1; None where a group has no images.

    Raises:
        InputError: more hits than images, negative, or not whole.

    >>> print(f"{fisher_exact(8, 10, 1, 6):.3f}")  # 8 of 10 against 1 of 6
    0.035
    >>> fisher_exact(5, 10, 50, 100)
    1.0
    """
    n, other_n = whole_number(total, name="total", minimum=0), whole_number(other_total, name="other_total", minimum=0)
    a = whole_number(hits, name="hits", minimum=0)
    b = whole_number(other_hits, name="other_hits", minimum=0)
    if a > n or b > other_n:
        raise InputError(f"hits: expected at most the totals of {n} and {other_n}, got {a} and {b}")
    if n == 0 or other_n == 0:
        return None
    both = a + b
    lowest, highest = max(0, both - other_n), min(both, n)
    # From one table to the next the probability changes by a factor that is known; logarithms keep it in range.
    k = np.arange(lowest, highest, dtype=np.float64)
    steps = np.log(n - k) + np.log(both - k) - np.log(k + 1) - np.log(other_n - both + k + 1)
    logarithms = np.concatenate([[0.0], np.cumsum(steps)])
    weights = np.exp(logarithms - logarithms.max())
    as_extreme = logarithms <= logarithms[a - lowest] + np.log(_SAME)
    return min(1.0, float(weights[as_extreme].sum() / weights.sum()))


def sign_test(first: SupportsIndex, second: SupportsIndex) -> float | None:
    """How probable it is that one of two sides wins at least as clearly, if both are as likely to win each time.

    The exact test of McNemar: of two models on the same images, those that only the first classifies correctly against
    those that only the second does; images on which both are right, or both wrong, say nothing about which is better.
    Source: McNemar (1947), Psychometrika 12(2):153-157.

    Args:
        first: how often the first one wins, at least 0.
        second: how often the second one wins, at least 0.

    Returns:
        The two-sided p-value, at most 1; None where neither ever wins.

    Raises:
        InputError: a number is negative or not whole.

    >>> round(sign_test(8, 2), 6), sign_test(5, 5), sign_test(0, 0)
    (0.109375, 1.0, None)
    """
    a = whole_number(first, name="first", minimum=0)
    b = whole_number(second, name="second", minimum=0)
    if a + b == 0:
        return None
    k = np.arange(min(a, b), dtype=np.float64)
    steps = np.log(a + b - k) - np.log(k + 1)
    logarithms = np.concatenate([[0.0], np.cumsum(steps)]) - (a + b) * np.log(2)
    return min(1.0, 2 * float(np.exp(logarithms).sum()))
