"""Owns what a lesson is: what it needs of a checkpoint, what it asks of it, and how a guess stands in the URL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ui import state
from ui.checkpoint import Checkpoint
from ui.parameters import Parameter, Problem, Unusable

JOINT: Final = "."  # between the parts of a guess in the URL

Guess = tuple[str, ...]  # what was chosen so far: an option for each part of the question, in their order


class NotHereError(Exception):
    """A lesson finds nothing to ask of this checkpoint; its text is a sentence for the reader that says why."""


@dataclass(frozen=True, slots=True)
class Link:
    """Another page that shows what the lesson is about, for the same checkpoint.

    Attributes:
        page: its name in the URL.
        label: what the link says.
        parameters: what else stands in the URL.
    """

    page: str
    label: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a lesson asks of one checkpoint.

    Attributes:
        text: the question, Markdown.
        options: an option, as the URL has it (no point in it) -> what the reader sees.
        right: the right option of each part of the question, computed from the checkpoint; most questions have one
            part. Empty where every answer is as good as another.
        draw: draws the picture for what was guessed so far: the answer must not be on it before all is guessed.
        why: why it is so, Markdown; stands beside the picture once all is guessed.
        part_texts: what each part asks, where there are several; stands above its options.
        links: where it can be seen on other pages.
        in_picture: the picture itself is answered in, by calling `answer`; no buttons are drawn for the options.
        wide: the picture takes the whole width, and what is answered stands under it.
        wide_until_guessed: it does so only as long as something is asked.
        picture_share: how many twentieths of the width the picture takes otherwise.
    """

    text: str
    options: Mapping[str, str]
    right: Guess
    draw: Callable[[Guess], None]
    why: str
    part_texts: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    in_picture: bool = False
    wide: bool = False
    wide_until_guessed: bool = False
    picture_share: int = 11

    def __post_init__(self) -> None:
        strange = [option for option in (*self.options, *self.right) if JOINT in option or not option]
        unknown = set(self.right) - set(self.options)
        if strange or unknown:
            raise ValueError(f"options: expected texts without a point, the right ones among them, got {self.options}")

    @property
    def parts(self) -> int:
        """How many options make a whole guess."""
        return max(1, len(self.right))

    def is_guessed(self, guess: Guess) -> bool:
        """Whether all parts are guessed, so that the answer is shown."""
        return len(guess) == self.parts

    def is_wide(self, guess: Guess) -> bool:
        """Whether the picture takes the whole width at this moment."""
        return self.wide or (self.wide_until_guessed and not self.is_guessed(guess))

    def hits(self, guess: Guess) -> int:
        """How many parts were guessed right."""
        return sum(guessed == right for guessed, right in zip(guess, self.right, strict=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One lesson of the list; its words are in ui/texts/lesson_NAME.py.

    Attributes:
        name: as in the URL.
        ask: the question for a checkpoint; raises NotHereError where there is nothing to ask.
        needs: what is looked at first, each a function of `ui.lessons.needs`.
        parameters: what the lesson reads of the URL besides the guess; another lesson resets them.
    """

    name: str
    ask: Callable[[Checkpoint], Question]
    needs: tuple[Callable[[Checkpoint], str | None], ...] = ()
    parameters: tuple[Parameter[Checkpoint, Any], ...] = ()

    def lacking(self, checkpoint: Checkpoint) -> str | None:
        """The sentence that says what the checkpoint lacks for this lesson; None where it has all."""
        return next((sentence for need in self.needs if (sentence := need(checkpoint)) is not None), None)


# ---------------------------------------------------------------- the guess


def _read_guess(text: str, question: Question) -> Guess:
    guess = tuple(text.split(JOINT)) if text else ()
    if len(guess) > question.parts or not set(guess) <= set(question.options):
        raise Unusable(Problem("problem.unknown_guess", wanted=text))
    return guess


GUESS: Final = Parameter(name="guess", read=_read_guess)  # what the reader has guessed, so that a link can show it


def answer(option: str, *, to: Question) -> None:
    """Take ``option`` for the next part of the question; to be called by a click."""
    guess = tuple(part for part in state.get(GUESS).split(JOINT) if part)
    if not to.is_guessed(guess):
        state.put(GUESS, JOINT.join((*guess, option)))


def take_back(*, parts: int | None = None) -> None:
    """Forget the last ``parts`` of the guess, or all of it; to be called by a click."""
    guess = [part for part in state.get(GUESS).split(JOINT) if part]
    state.put(GUESS, JOINT.join(guess[:-parts] if parts else []))
