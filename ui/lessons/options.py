"""Owns plausible wrong answers beside a right one, so that guessing takes a thought; imports no streamlit."""

from collections.abc import Sequence
from typing import Final

HOW_MANY: Final = 4
_FACTORS: Final = ((0.5, 2, 4), (0.25, 0.5, 2))  # of the right count: sometimes more of the others are larger


def counts_around(right: int, *, most: int, tempting: Sequence[int] = ()) -> list[int]:
    """A few counts to choose from, ascending, the right one among them; always the same for the same question.

    Args:
        right: the right one.
        most: the largest that is possible.
        tempting: what the mistake that the question is about would give; these come first.

    >>> counts_around(32, most=1009, tempting=[6])
    [6, 16, 32, 64]
    >>> counts_around(43, most=50, tempting=[5]), counts_around(0, most=3)
    ([5, 11, 22, 43], [0, 1, 2, 3])
    """
    scaled = [round(right * factor) for factor in _FACTORS[right % 2]]
    others = (*tempting, *scaled, *range(right + 1, right + 1 + HOW_MANY), *range(right - 1, right - 1 - HOW_MANY, -1))
    chosen = [right]
    for count in others:
        if len(chosen) < HOW_MANY and 0 <= count <= most and count not in chosen:
            chosen.append(count)
    return sorted(chosen)
