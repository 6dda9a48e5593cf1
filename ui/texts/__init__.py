"""Owns the words: every text of every page, Japanese and English side by side, under one key.

``t("confusion_matrix.title")`` gives the text in the session's language. What stands before the first point is the file
that the text lies in: `ui/texts/confusion_matrix.py`. A new file here is found by that, and named nowhere else.
The words of the questions lie in `mnistcore/quiz/texts`, where the command line, too, finds them.
Placeholders are named: ``{count}``. English nouns and verbs that go with a number stand in the text in both forms:
``{count} {count:image was|images were}``.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from mnistcore.quiz import texts as quiz_texts
from mnistcore.wording import filled
from ui import state

Pair = tuple[str, str]  # Japanese, English


def _read() -> Iterator[tuple[str, Pair]]:
    for file in iter_modules(__path__, f"{__name__}."):
        yield from import_module(file.name).TEXTS.items()
    yield from quiz_texts.TEXTS.items()


TEXTS: Mapping[str, Pair] = dict(_read())


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
    return filled(TEXTS[key][state.LANGUAGES.index(language)], **values)
