"""Owns how our browser parts are loaded, mounted and asked what was clicked; must not import pages or torch.

Each part is one module (its Python face) with a style sheet and a script of the same name beside it, which import what
parts share as ui.components.source says; the colours come from ui.colours.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from ui import guard, state
from ui.components import source


@cache
def renderer(name: str) -> ComponentRenderer:
    """Registers the part ``name`` on first use and returns what mounts it."""
    return st.components.v2.component(f"mnist_{name}", css=source.style_sheet(name), js=source.script(name))


def mount(name: str, *, key: str, data: object, on: Mapping[str, Callable[[], None]]) -> None:
    """Draws the part ``name``; each event of ``on`` calls what stands behind it, in which `trigger_value` tells more.

    A click counts also where the session has just begun, because the server was started again: see ui.controls.
    """

    def heard(action: Callable[[], None]) -> Callable[[], None]:
        def clicked() -> None:
            state.begin()
            guard.act(action)

        return clicked

    clicks = {event: heard(action) for event, action in on.items()}
    callbacks: dict[str, Any] = {f"on_{event}_change": clicked for event, clicked in clicks.items()}
    renderer(name)(key=key, data=data, **callbacks)
    for event, clicked in clicks.items():
        if state.is_first_run() and trigger_value(key, event) is not None:
            clicked()
            st.rerun()


def trigger_value(key: str, event: str) -> str | None:
    """What the part mounted under ``key`` has just sent as ``event``; for use inside its callback.

    None where the part was not mounted before, or where the event was another one.
    """
    sent = st.session_state.get(key)
    value = sent.get(event) if sent is not None else None
    return value if isinstance(value, str) else None
