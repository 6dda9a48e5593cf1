"""Owns the part that nobody sees: it has the page drawn again when the browser has come back to the server."""

from ui.components import renderer


def watch_connection() -> None:
    """To be drawn once on each page; what it sends needs no answer but the page."""
    renderer("connection")(key="connection", data={}, on_back_change=_nothing)


def _nothing() -> None:
    """Streamlit wants a callback for every trigger."""
