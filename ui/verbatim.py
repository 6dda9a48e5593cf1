"""Owns text that is shown letter by letter, such as an error of the core or a log: no sign in it means anything."""

from typing import Any

import streamlit as st

from mnistcore.errors import printable


def draw_verbatim(text: str, *, language: str | None = None, wrap_lines: bool = True, **look: Any) -> None:
    """The text in a box, whose signs can be told apart; those that no browser shows are written out.

    Args:
        language: whose words are coloured.
        look: as of ``st.code``.
    """
    st.code(printable(text, keep="\n\t"), language=language, wrap_lines=wrap_lines, **look)
