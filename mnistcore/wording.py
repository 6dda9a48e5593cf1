"""Owns how words of ours are put together, and how words of others are put among them; imports nothing of ours.

A number before its noun, a text with placeholders; and names, which may hold anything: on one line, and as HTML.
"""

import re
import unicodedata
from functools import lru_cache
from html import escape
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


# ---------------------------------------------------------------- words of others

JOINERS: Final = "\u200c\u200d"  # invisible, but part of how words and emoji are written


def one_line(text: str) -> str:
    r"""A text on one line, of signs that every format takes and that turn nothing around; it may become empty.

    >>> one_line("T-shirt/top"), one_line("cat\r\n dog\x00"), one_line("\x1b[31m"), one_line("a\u202eb")
    ('T-shirt/top', 'cat dog', '[31m', 'ab')
    """
    return " ".join(_shown(text).split())


def html(text: str) -> str:
    r"""Text for the inside of HTML, or of an attribute in quotes.

    >>> html("a < b\x07"), html('"')
    ('a &lt; b', '&quot;')
    """
    return escape(_shown(text))


def _shown(text: str) -> str:
    return text if text.isprintable() else "".join(map(_shown_sign, text))


@lru_cache(maxsize=4096)  # of a thousand names, with every click
def _shown_sign(sign: str) -> str:
    if sign.isspace():
        return " "
    category = unicodedata.category(sign)
    if category == "Cs":  # half of a sign, which no encoding takes
        return "\ufffd"
    # Control signs; invisible ones, which turn the text around them; and what Unicode says is no sign at all.
    return "" if (category in ("Cc", "Cf") and sign not in JOINERS) or ord(sign) & 0xFFFE == 0xFFFE else sign
