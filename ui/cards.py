"""Owns the rows of cards, each with one number."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from ui import format


@dataclass(frozen=True, slots=True)
class Card:
    """One number: what it is called, its value, and a sentence about it."""

    name: str
    value: str
    note: str


def draw_cards(cards: Sequence[Card]) -> None:
    """A row of numbers."""
    body = "".join(
        f'<section class="card"><h2>{format.html(card.name)}</h2><p class="value">{format.html(card.value)}</p>'
        f"<p>{format.html(card.note)}</p></section>"
        for card in cards
    )
    st.html(f'<div class="cards">{body}</div>')
