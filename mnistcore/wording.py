"""Owns how a number stands before its noun in a message; imports nothing of ours."""

import re
from typing import Final

_ENDINGS: Final = ((r"epoch", r"epochs"), (r"axis", r"axes"), (r"([^aeiou])y", r"\1ies"), (r"(s|x|ch|sh)", r"\1es"))


def plural(count: int, noun: str) -> str:
    """Write a count and its noun, in the plural where it is not 1.

    Args:
        count: how many, from 0.
        noun: in the singular; its last word gets the ending.

    >>> plural(0, "image"), plural(1, "epoch"), plural(2, "training run"), plural(1000, "class")
    ('0 images', '1 epoch', '2 training runs', '1,000 classes')
    """
    return f"{count:,} {noun if count == 1 else _plural(noun)}"


def _plural(noun: str) -> str:
    for ending, several in _ENDINGS:
        if re.search(f"{ending}$", noun):
            return re.sub(f"{ending}$", several, noun)
    return f"{noun}s"
