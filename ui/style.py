"""Owns how the pages' own HTML looks: puts ui/style.css into the page."""

from functools import cache
from pathlib import Path

import streamlit as st


def draw_style() -> None:
    """The style sheet; to be called once per run, before anything that it styles."""
    st.html(f"<style>{_style_sheet()}</style>")


@cache
def _style_sheet() -> str:
    return (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
