"""Owns the words: every text of every page, Japanese and English side by side, under one key.

``t("confusion_matrix.title")`` gives the text in the session's language. What stands before the first point is the file
that the text lies in: `ui/texts/confusion_matrix.py`. A new file here is found by that, and named nowhere else.
Placeholders are named: ``{count}``. English nouns and verbs that go with a number stand in the text in both forms:
``{count} {count:image was|images were}``.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from ui import state

Pair = tuple[str, str]  # Japanese, English


def _read() -> Iterator[tuple[str, Pair]]:
    for file in iter_modules(__path__, f"{__name__}."):
        yield from import_module(file.name).TEXTS.items()


TEXTS: Mapping[str, Pair] = dict(_read())


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


def sentences(*texts: str) -> str:
    """Whole sentences one after the other: with a space between English ones, with none between Japanese ones."""
    return (" " if state.language() == "en" else "").join(texts)


def render(key: str, language: str, **values: object) -> str:
    """The text under ``key`` in ``language`` (``ja`` or ``en``).

    Raises:
        KeyError: there is no such key, or a placeholder of the text has no value.

    >>> render("confusion_matrix.sentence.everything", "en", total=1)
    'The **1 test image**.'
    """
    text = TEXTS[key][state.LANGUAGES.index(language)]
    return text.format(**{name: _Filling(value) for name, value in values.items()}) if values else text
