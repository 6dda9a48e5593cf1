"""Owns a page on which every hostile name stands wherever Streamlit reads Markdown; `test_browser_names` looks at it."""

from collections.abc import Callable

import streamlit as st

from tests.hostile import NAMES
from ui.format import markdown


def _pill(text: str, number: int) -> None:
    st.pills("label", [1], format_func=lambda _: text, key=f"pill_{number}", label_visibility="collapsed")


def _segment(text: str, number: int) -> None:
    st.segmented_control("label", [1], format_func=lambda _: text, key=f"one_{number}", label_visibility="collapsed")


PLACES: dict[str, Callable[[str, int], object]] = {
    "text": lambda text, _: st.markdown(text),
    "sentence": lambda text, _: st.markdown(f"see **{text}** here"),
    "html": lambda text, _: st.markdown(text, unsafe_allow_html=True),
    "caption": lambda text, _: st.caption(text),
    "warning": lambda text, _: st.warning(text),
    "header": lambda text, _: st.header(text, anchor=False),
    "button": lambda text, number: st.button(text, key=f"button_{number}"),
    "pill": _pill,
    "segment": _segment,
}


def draw() -> None:
    """Each name in each place, in a container whose key says which."""
    for number, name in enumerate(NAMES):
        for place, put in PLACES.items():
            with st.container(key=f"{place}-{number}"):
                put(markdown(name), number)


if __name__ == "__main__":
    draw()
