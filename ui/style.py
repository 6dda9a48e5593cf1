"""Owns how the pages' own HTML looks: puts the colours and ui/style.css into the page, and what one page needs more."""

from functools import cache
from pathlib import Path

import streamlit as st

from ui import colours


def draw_style() -> None:
    """The style sheet; to be called once per run, before anything that it styles."""
    st.html(f"<style>{colours.style_sheet()}\n{_read('style.css')}</style>")


def draw_sheet(file: str) -> None:
    """A style sheet of this folder that only some pages need."""
    st.html(f"<style>{_read(file)}</style>")


@cache
def _read(file: str) -> str:
    return (Path(__file__).parent / file).read_text(encoding="utf-8")
