"""Owns the words: every text of every page, Japanese and English side by side, under one key.

``t("matrix.title")`` gives the text in the session's language. Placeholders are named: ``{count}``. English nouns and
verbs that go with a number stand in the text in both forms: ``{count} {count:image was|images were}``.
"""

from collections.abc import Mapping

from ui import state
from ui.texts import (
    class_by_class,
    common,
    confusion_matrix,
    memory,
    misclassified,
    overview,
    primer,
    problems,
    training,
)

Pair = tuple[str, str]  # Japanese, English

_PARTS: tuple[Mapping[str, Pair], ...] = (
    common.TEXTS,
    overview.TEXTS,
    primer.TEXTS,
    confusion_matrix.TEXTS,
    class_by_class.TEXTS,
    misclassified.TEXTS,
    training.TEXTS,
    memory.TEXTS,
    problems.TEXTS,
)
TEXTS: Mapping[str, Pair] = {key: pair for part in _PARTS for key, pair in part.items()}


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


def t(key: str, **values: object) -> str:
    """The text under ``key`` in the session's language, its placeholders filled with ``values``."""
    return render(key, state.language(), **values)


def render(key: str, language: str, **values: object) -> str:
    """The text under ``key`` in ``language`` (``ja`` or ``en``).

    Raises:
        KeyError: there is no such key, or a placeholder of the text has no value.

    >>> render("matrix.sentence.everything", "en", total=1)
    'The **1 test image**.'
    """
    text = TEXTS[key][state.LANGUAGES.index(language)]
    return text.format(**{name: _Filling(value) for name, value in values.items()}) if values else text
