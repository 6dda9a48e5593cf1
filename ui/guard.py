"""Owns what becomes of an error that nobody expected: words on the page, and the whole of it in the server's log.

Every way into our code from Streamlit leads through here: what dashboard.py draws, a fragment that draws itself again,
and a click. What a page expects to go wrong it says itself, and more precisely.
"""

import functools
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import streamlit as st

from mnistcore.errors import printable
from ui import state
from ui.texts import t
from ui.verbatim import draw_verbatim

_LONGEST = 2_000  # signs of an error's own text
_TOPIC = "fault"  # what a click ended in

_log = logging.getLogger(__name__)


class _PageEnd(Exception):
    """Raised by `end_page`."""


def end_page() -> NoReturn:
    """Draw no more of this page, which has nothing more to show.

    Not ``st.stop``: that ends the whole script run, and what dashboard.py draws after the page would be missing.
    """
    raise _PageEnd


@contextmanager
def guarded(part: str) -> Iterator[None]:
    """Say in words that ``part`` ("page", "sidebar", "fragment") could not be drawn, instead of failing as a whole."""
    try:
        yield
    except _PageEnd:
        pass
    except Exception as error:
        _log_error(f"the {part} could not be drawn")
        _draw(part, _told(error))


def fragment(draw: Callable[..., None], *, run_every: float | None = None) -> Callable[..., None]:
    """A part of a page that draws itself again, alone."""

    @functools.wraps(draw)
    def drawn(*args: Any) -> None:
        with guarded("fragment"):
            draw_fault_of_click()
            draw(*args)

    wrapped: Callable[..., None] = st.fragment(drawn, run_every=run_every)
    return wrapped


def act(action: Callable[[], None]) -> None:
    """Do what a click requests; an error is said where the page is drawn next."""
    try:
        action()
    except Exception as error:
        _log_error("a click could not be answered")
        state.leave(_TOPIC, _told(error))


def draw_fault_of_click() -> None:
    """What the last click ended in, once."""
    for told in state.take(_TOPIC):
        _draw("click", told)


def _log_error(what: str) -> None:
    """The error that is handled, and where; whoever reads the log in a terminal is not commanded by what it names."""
    _log.error("%s\n%s", what, printable(traceback.format_exc(), keep="\n\t"))


def _draw(part: str, told: str) -> None:
    st.error(t(f"problem.fault.{part}"))
    draw_verbatim(told)


def _told(error: Exception) -> str:
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # its own words are broken, too
        text = type(error).__name__
    return text.encode("utf-8", "replace").decode()[:_LONGEST]
