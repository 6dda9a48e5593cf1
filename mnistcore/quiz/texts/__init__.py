"""Owns the words of the questions and of the homework, Japanese and English side by side: pages and commands share them.

As in `ui/texts`: what stands before the first point of a key is the file that it lies in, and placeholders are named.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mnistcore.quiz.texts import asking, homework
from mnistcore.wording import filled

LANGUAGES: Final = ("ja", "en")
TEXTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType({**asking.TEXTS, **homework.TEXTS})


def say(key: str, language: str, /, **values: object) -> str:
    """The text under ``key`` in ``language``, its placeholders filled with ``values``.

    Raises:
        KeyError: there is no such key, or a placeholder of the text has no value.
    """
    return filled(TEXTS[key][LANGUAGES.index(language)], **values)
