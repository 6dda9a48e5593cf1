"""Owns how a number stands before its noun, in a message and in a text with placeholders; imports nothing of ours."""

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


class _Filling(str):
    """What fills a placeholder; where that has two words behind a colon, the one that goes with this number.

    >>> "{n} {n:image|images}".format(n=_Filling(1)), "{n} {n:image|images}".format(n=_Filling("1,000"))
    ('1 image', '1,000 images')
    """

    __slots__ = ()

    def __format__(self, forms: str) -> str:
        if not forms:
            return str(self)
        one, many = forms.split("|")
        return one if self == "1" else many


def filled(text: str, /, **values: object) -> str:
    """A text with its placeholders filled; without values it is a template that somebody else fills.

    Raises:
        KeyError: a placeholder has no value.

    >>> filled("{n} {n:image|images}", n=2), filled("{n}")
    ('2 images', '{n}')
    """
    return text.format(**{name: _Filling(value) for name, value in values.items()}) if values else text
