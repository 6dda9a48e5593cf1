"""Owns the words: every text of every page, Japanese and English side by side, under one key.

``t("matrix.title")`` gives the text in the session's language. Placeholders are named: ``{count}``.
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


def t(key: str, **values: object) -> str:
    """The text under ``key`` in the session's language, its placeholders filled with ``values``."""
    return render(key, state.language(), **values)


def render(key: str, language: str, **values: object) -> str:
    """The text under ``key`` in ``language`` (``ja`` or ``en``).

    Raises:
        KeyError: there is no such key, or a placeholder of the text has no value.
    """
    text = TEXTS[key][state.LANGUAGES.index(language)]
    return text.format(**values) if values else text
