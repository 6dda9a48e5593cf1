"""Owns the list of lessons, in the order in which they are taught: a lesson is added here."""

from typing import Any, Final

from ui.checkpoint import Checkpoint
from ui.lessons import (
    accuracy_trap,
    averages,
    axes,
    chance,
    confidence,
    denominators,
    doubtful_labels,
    epochs,
    misleading,
    own_counts,
    scatter,
    you,
)
from ui.lessons.lesson import GUESS, Lesson
from ui.parameters import Parameter, Problem, Unusable

LESSONS: Final = {
    lesson.name: lesson
    for lesson in (
        axes.LESSON,
        denominators.LESSON,
        accuracy_trap.LESSON,
        averages.LESSON,
        scatter.LESSON,
        confidence.LESSON,
        doubtful_labels.LESSON,
        own_counts.LESSON,
        misleading.LESSON,
        chance.LESSON,
        epochs.LESSON,
        you.LESSON,
    )
}  # fmt: skip


def _read_lesson(name: str, _: object) -> Lesson | None:
    """The lesson of that name; None where none is named: the list is shown."""
    if name and name not in LESSONS:
        raise Unusable(Problem("problem.unknown_lesson", wanted=name, options=", ".join(LESSONS)))
    return LESSONS.get(name)


OF_LESSONS: Final[tuple[Parameter[Checkpoint, Any], ...]] = tuple(
    parameter for lesson in LESSONS.values() for parameter in lesson.parameters
)
LESSON: Final[Parameter[object, Lesson | None]] = Parameter(
    name="lesson", read=_read_lesson, resets=(GUESS, *OF_LESSONS)
)
PARAMETERS: Final[tuple[Parameter[Checkpoint, Any], ...]] = (LESSON, *OF_LESSONS)
