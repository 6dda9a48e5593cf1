"""Owns what a visitor may do: everybody looks and clicks, the owner starts, ends, keeps and releases."""

import streamlit as st

from server import access
from ui.texts import t


def is_owner() -> bool:
    """Whether the visitor may change something; see `server.access`."""
    return access.current().role(st.context.cookies) == "owner"


def draw_note() -> None:
    """Say to who only looks that the buttons of this page are the owner's."""
    if not is_owner():
        st.info(t("role.viewer"))
