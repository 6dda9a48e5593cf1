"""Owns the binding of a control to a parameter of the URL: it shows the value and writes the one that is chosen."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from ui import controls, state
from ui.controls import Kind
from ui.page import Page
from ui.parameters import Choice

C = TypeVar("C")
V = TypeVar("V")


def choose(
    page: Page,
    parameter: Choice[C, V],
    context: C,
    label: str,
    *,
    names: Callable[[str], str] = str,
    kind: Kind = "list",
    help: str | None = None,
) -> V:
    """A parameter that is one of several, as a control; gives its value.

    Args:
        context: what the parameter is read against.
        names: what each option, as the URL has it, is called.
    """
    value, options = page.read(parameter, context), parameter.options(context)
    controls.choose(
        label,
        list(options),
        key=f"pick_{parameter.name}",
        chosen=next(text for text, meant in options.items() if meant == value),
        store=partial(state.put, parameter),
        names=(names,),
        kind=kind,
        help=help,
    )
    return value
