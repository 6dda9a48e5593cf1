"""Owns the presenter mode: the page alone, in letters for the back of a room."""

import streamlit as st

from ui import controls, state
from ui.components import mount
from ui.parameters import Choice, among, choice
from ui.texts import t

PRESENT: Choice[object, str] = choice("present", among("0", "1"), default="0")


def is_presenting() -> bool:
    """Whether the page is shown to a class."""
    return state.settle(PRESENT, None)[0] == "1"


def draw_presenter() -> None:
    """What listens to the key, and the button that leaves the mode; to be drawn once on each page."""
    mount(
        "presenter",
        key="presenter",
        data={"view": {"on": is_presenting(), "leave": t("presenting.leave")}},
        on={"toggle": _toggle},
    )


def draw_switch() -> None:
    """The way into the mode, for the sidebar."""
    controls.button(t("presenting.enter"), _toggle, key="present_enter")
    st.caption(t("presenting.help"))


def _toggle() -> None:
    state.put(PRESENT, "0" if is_presenting() else "1")
