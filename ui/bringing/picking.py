"""Owns a question about what was brought, as a control: the answer is remembered with it."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ui import controls
from ui.bringing.brought import Brought

A = TypeVar("A", bound=str)
D = TypeVar("D")


def pick(
    given: Brought,
    question: str,
    options: Sequence[A],
    label: str,
    *,
    otherwise: D,
    called: Callable[[A], str],
    segments: bool = True,
) -> A | D:
    """One of several answers; ``otherwise`` as long as nobody has given one of them."""
    said = given.answers.get(question)
    chosen = next((option for option in options if option == said), otherwise)
    controls.choose(
        label,
        options,
        key=f"bring_{question}_{given.key}",
        chosen=next((option for option in options if option == chosen), None),
        store=lambda option: given.say(question, option),
        names=(called,),
        kind="segments" if segments else "list",
    )
    return chosen
