"""Owns the rows of cards, each with one number."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from ui import format, glossary


@dataclass(frozen=True, slots=True)
class Card:
    """One number.

    Attributes:
        name: what it is called.
        note: a sentence about it.
        of: the counts behind it, "= 9,762 / 10,000"; "" for none.
        term: the word of the glossary that explains its name; "" for none.
        note_terms: those that explain themselves in the sentence.
    """

    name: str
    value: str
    note: str
    of: str = ""
    term: str = ""
    note_terms: tuple[str, ...] = ()


def draw_cards(cards: Sequence[Card]) -> None:
    """A row of numbers."""
    body = "".join(
        f'<section class="card"><h2>{_name(card)}</h2><p class="value">{format.html(card.value)}{_of(card)}</p>'
        f"<p>{glossary.marked(card.note, *card.note_terms)}</p></section>"
        for card in cards
    )
    st.html(f'<div class="cards">{body}</div>')


def _name(card: Card) -> str:
    return glossary.term(card.term, card.name) if card.term else format.html(card.name)


def _of(card: Card) -> str:
    return f"<small>{format.html(card.of)}</small>" if card.of else ""
