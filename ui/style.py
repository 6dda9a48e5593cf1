"""Owns how the pages' own HTML looks: puts the colours and ui/style.css into the page."""

from functools import cache
from pathlib import Path

import streamlit as st

from ui import colours


def draw_style() -> None:
    """The style sheet; to be called once per run, before anything that it styles."""
    st.html(f"<style>{_style_sheet()}</style>")


@cache
def _style_sheet() -> str:
    return f"{colours.style_sheet()}\n{(Path(__file__).parent / 'style.css').read_text(encoding='utf-8')}"
