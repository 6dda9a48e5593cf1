"""Owns what a parameter of the URL is: its name, its default, how its text is read, and what begins again with it.

Which parameters there are is said where they are read; `ui.state` keeps their values. Imports no streamlit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

C_contra = TypeVar(
    "C_contra", contravariant=True
)  # what a text is read against: a checkpoint, the listing of the runs, the number of pages
V = TypeVar("V")

LONGEST_LIST = 12  # options that a sentence names


class Problem:
    """What is wrong with a value of the URL: the key of the text that says so, and what fills it."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values


class Unusable(Exception):
    """A parameter cannot have this value here.

    Attributes:
        problems: what is wrong, at least one.
        instead: the value that counts in its place; None: the default.
    """

    def __init__(self, *problems: Problem, instead: str | None = None) -> None:
        super().__init__(*(problem.key for problem in problems))
        self.problems = problems
        self.instead = instead


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Generic[C_contra, V]):
    """One parameter of the URL.

    Attributes:
        read: what a text means, given what it is read against; raises Unusable. The default can always be read, or
            what is raised for it names another text.
        default: what is meant where the URL says nothing.
        resets: what goes back to its default where a reader chooses another value of this one.
        can_vanish: what a value names can go by itself, so that its reader is told even where it was right before.
    """

    name: str
    read: Callable[[str, C_contra], V]
    default: str = ""
    resets: tuple["Parameter[Any, Any]", ...] = ()
    can_vanish: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Parameter[C_contra, V]):
    """A parameter that is one of several: ``options`` gives, in their order, text in the URL -> its value."""

    options: Callable[[C_contra], Mapping[str, V]]


def choice(
    name: str,
    options: Callable[[C_contra], Mapping[str, V]],
    *,
    default: str,
    resets: tuple[Parameter[Any, Any], ...] = (),
) -> Choice[C_contra, V]:
    """A parameter that is one of ``options``; where the default is none of them, the first one takes its place."""

    def read(text: str, context: C_contra) -> V:
        possible = options(context)
        if text in possible:
            return possible[text]
        instead = default if default in possible else next(iter(possible))
        listed = ", ".join(list(possible)[:LONGEST_LIST])
        raise Unusable(
            Problem("problem.unknown_value", parameter=name, value=text, options=listed, shown=instead), instead=instead
        )

    return Choice(name=name, read=read, default=default, resets=resets, options=options)


def among(*options: str) -> Callable[[object], Mapping[str, str]]:
    """The options of a choice that are always the same, each meaning itself."""
    possible = {option: option for option in options}
    return lambda _: possible


def is_index(text: str, total: int) -> bool:
    """Whether ``text`` is a whole number from 0 to ``total`` - 1, in ASCII digits."""
    return text.isascii() and text.isdigit() and len(text) <= len(str(total)) and int(text) < total
