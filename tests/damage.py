"""Owns what others may write into our files: any value in any place of a JSON document, the absurd ones more often."""

import math
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Place = tuple[Any, ...]  # the keys and positions that lead to a value

_ABSURD: list[Any] = [
    None, True, -1, 0, 1, 2**31, 2**53, 2**63, 10**400, 1.5, -0.0, 5e-324, 1e308, math.nan, math.inf, -math.inf,
    "", "0", "x" * 3000, "=1+1", "\x00", "\x1b[31m", "\udcff", "../../../x", "cpu", "cuda:0", "cuda:99", "mnist", "resnet", "training",
    "F8_E4M3", "I64", "2026-01-01T00:00:00", "2026-01-01T00:00:00+23:59", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    [], [[]], [None], [-1], ["\udcff"], {}, {"": ""}, {"epoch": 1},
]  # fmt: skip


def _nested(depth: int) -> Any:
    return [_nested(depth - 1)] if depth else []


ANYTHING = st.sampled_from([*_ABSURD, _nested(300)]) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(document: Any, way: Place = ()) -> Iterator[Place]:
    """Where something is in a JSON document: single values and what holds them, but for the whole."""
    if way:
        yield way
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in inner:
        yield from places(value, (*way, key))


def replaced(document: Any, place: Place, value: Any) -> Any:
    """A document like this one, with another value in one place."""
    if not place:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[place[0]] = replaced(document[place[0]], place[1:], value)
    return copy
