"""Owns how names that others gave become labels: one line, short, no two alike; imports no streamlit.

A name may be anything that a file can hold. Streamlit takes the last of several options with the same label for the
one that was chosen, a table loses a column whose name another has, and some signs tear a row or an XML file in two.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from mnistcore.wording import JOINERS, one_line

T = TypeVar("T", bound=Hashable)

LONGEST = 40  # signs of a name on a page: more than any class of the known data sets has
NAMELESS = "–"  # what stands where nothing that can be shown is left
_WITHOUT_JOINERS = dict.fromkeys(map(ord, JOINERS))


def plain(text: str) -> str:
    r"""A name on one line, of signs that every format takes; what is left of it where that is nothing is a dash.

    >>> plain("T-shirt/top"), plain("cat\r\n dog\x00"), plain(" "), plain("\x1b[31m")
    ('T-shirt/top', 'cat dog', '–', '[31m')
    """
    return one_line(text) or NAMELESS


def short(text: str) -> str:
    """A plain name that has room on a page.

    >>> short("digit"), len(short("x" * 3000)), short("x" * 3000)[-2:]
    ('digit', 40, 'x…')
    """
    name = plain(text)
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def unique(options: Sequence[T], *names: Callable[[T], str]) -> dict[T, str]:
    """A label for each option, no two of which look alike.

    Args:
        options: each once.
        names: the first gives the label. Where several look alike, each further one adds to those, then the option
            itself, and at last a number.

    >>> unique([0, 1, 2], ["cat", "dog", "cat"].__getitem__)
    {0: 'cat (0)', 1: 'dog', 2: 'cat (2)'}
    >>> unique(["a", "b"], lambda _: "mlp", lambda option: {"a": "May", "b": "June"}[option])
    {'a': 'mlp (May)', 'b': 'mlp (June)'}
    """
    labels = {option: plain(names[0](option)) for option in options}
    if len(set(map(_look, labels.values()))) == len(labels):
        return labels
    further: tuple[Callable[[T], str], ...] = (*names[1:], str)
    for more in further:
        looks = Counter(_look(label) for label in labels.values())
        for option, label in labels.items():
            if looks[_look(label)] > 1:
                labels[option] = f"{label} ({plain(more(option))})"
    taken: set[str] = set()
    for option, label in labels.items():
        number = 2
        while _look(labels[option]) in taken:
            labels[option] = f"{label} ({number})"
            number += 1
        taken.add(_look(labels[option]))
    return labels


def _look(label: str) -> str:
    """The same for labels that a reader cannot tell apart."""
    if label.isascii():
        return label
    look = unicodedata.normalize("NFKC", label)
    return look if look.isprintable() else look.translate(_WITHOUT_JOINERS)
