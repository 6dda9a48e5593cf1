"""Owns the answers of a class while its lesson is open: in this server's memory only, and gone when it is ended."""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

HOURS: Final = 3  # without an answer, then a board ends by itself
MOST: Final = 200  # people on one board
LONGEST_NAME: Final = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """What one person has answered."""

    name: str  # may be empty
    answers: tuple[int, ...]


@dataclass(slots=True)
class _Board:
    owner: str
    touched: float
    names: dict[str, str] = field(default_factory=dict)  # visitor -> how they want to be called
    answers: dict[str, tuple[int, ...]] = field(default_factory=dict)  # visitor -> what they have handed in


@dataclass(frozen=True, slots=True)
class Shown:
    """A board as somebody sees it."""

    is_own: bool  # who looks has opened it, and may end it
    name: str  # of who looks
    entries: tuple[Entry, ...]


class Classroom:
    """The boards of all lessons that are open on this server, each under a key."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._boards: dict[str, _Board] = {}

    def look(self, key: str, visitor: str) -> Shown | None:
        """The board under ``key``; None where none is open."""
        with self._lock:
            board = self._open_board(key)
            if board is None:
                return None
            entries = tuple(Entry(board.names.get(who, ""), answers) for who, answers in board.answers.items())
            return Shown(board.owner == visitor, board.names.get(visitor, ""), entries)

    def begin(self, key: str, visitor: str) -> None:
        """Open a board; nothing happens where one is open already."""
        with self._lock:
            if self._open_board(key) is None:
                self._boards[key] = _Board(visitor, self._now())

    def call(self, key: str, visitor: str, name: str) -> None:
        """Note how a visitor wants to be called on an open board; an empty name is none."""
        with self._lock:
            board = self._open_board(key)
            if board is not None and (visitor in board.names or len(board.names) < MOST):
                board.names[visitor] = name.strip()[:LONGEST_NAME]

    def hand_in(self, key: str, visitor: str, answers: tuple[int, ...]) -> bool:
        """Put answers on the board, in place of the visitor's earlier ones; False where that is not possible."""
        with self._lock:
            board = self._open_board(key)
            if board is None or (visitor not in board.answers and len(board.answers) >= MOST):
                return False
            board.answers[visitor] = answers
            board.touched = self._now()
            return True

    def end(self, key: str, visitor: str) -> None:
        """End a board and forget what is on it, if it is the visitor's own."""
        with self._lock:
            board = self._boards.get(key)
            if board is not None and board.owner == visitor:
                del self._boards[key]

    def _open_board(self, key: str) -> _Board | None:
        old = [name for name, board in self._boards.items() if self._now() - board.touched > HOURS * 3600]
        for name in old:
            del self._boards[name]
        return self._boards.get(key)


@st.cache_resource(show_spinner=False)
def classroom() -> Classroom:
    """The one of this server."""
    return Classroom()


def visitor() -> str:
    """Who looks: the same browser after a reload, too, as far as it keeps the cookie that Streamlit gives it."""
    token = _token(st.context.cookies.get("_streamlit_xsrf") or "")
    context = get_script_run_ctx()
    known = token or (str(context.session_id) if context else "")
    return hashlib.sha256(known.encode()).hexdigest()


def _token(cookie: str) -> str:
    """What stays the same in that cookie: its third part, which is masked anew by its second with each page.

    >>> _token("2|01020304|0103050703|1700000000"), _token("something else")
    ('0001060302', '')
    """
    try:
        version, mask, masked, _ = cookie.split("|")
        pattern, masked_bytes = bytes.fromhex(mask), bytes.fromhex(masked)
    except ValueError:
        return ""
    if version != "2" or not pattern:
        return ""
    return bytes(byte ^ pattern[place % len(pattern)] for place, byte in enumerate(masked_bytes)).hex()
