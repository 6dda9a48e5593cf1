"""Owns the lesson on denominators: the images out of which recall and precision are taken, clicked in the matrix."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import streamlit as st

from mnistcore.evaluation.selections import parse_selection, selection_options
from ui import format
from ui.checkpoint import Checkpoint
from ui.chosen import CLASS
from ui.class_by_class import METRIC
from ui.components.matrix_grid import clicked, matrix_grid
from ui.confusion_matrix import Look, matrix_view
from ui.lessons import needs
from ui.lessons.lesson import Guess, Lesson, Link, NotHereError, Question, answer
from ui.lessons.matrix import MOST_CLASSES, matrix_html
from ui.lessons.two_by_two import two_by_two
from ui.texts import t

_KEY = "lesson_matrix"


def _ask(checkpoint: Checkpoint) -> Question:
    positive = _class_to_ask(checkpoint)
    evaluation, name = checkpoint.evaluation, checkpoint.names[positive]
    facts = {
        "name": format.markdown(name),
        "tp": format.count(int(evaluation.counts.tp[positive])),
        "support": format.count(int(evaluation.support[positive])),
        "predicted": format.count(int(evaluation.called[positive])),
        "recall": format.percent(evaluation.rates.recall[positive], digits=2),
        "precision": format.percent(evaluation.rates.precision[positive], digits=2),
    }
    asked = (t("lesson_denominators.recall", **facts), t("lesson_denominators.precision", **facts))
    question = Question(
        text=t("lesson_denominators.question", **facts),
        part_texts=tuple(f"{text}\n\n:small[{t('lesson_denominators.hint')}]" for text in asked),
        options=_Options(checkpoint),
        right=(f"{positive}-all", f"all-{positive}"),
        draw=lambda guess: _draw(checkpoint, positive, question, guess),
        why=t("lesson_denominators.why", **facts),
        links=(
            Link("class_by_class", t("lesson_denominators.link"), {CLASS.name: str(positive), METRIC.name: "recall"}),
        ),
        in_picture=True,
        picture_share=13,
    )
    return question


def _class_to_ask(checkpoint: Checkpoint) -> int:
    """The class of which the two denominators differ most."""
    support, predicted = checkpoint.evaluation.support, checkpoint.evaluation.called
    possible = (support > 0) & (predicted > 0)
    if not possible.any():
        raise NotHereError(t("lesson_denominators.none"))
    return int(np.where(possible, np.abs(support - predicted), -1).argmax())


class _Options(Mapping[str, str]):
    """Everything that can be clicked, with its name; of many classes that is more than one would name in advance."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._names = checkpoint.names

    def __iter__(self) -> Iterator[str]:
        return iter(selection_options(len(self._names)))

    def __len__(self) -> int:
        return len(selection_options(len(self._names)))

    def __getitem__(self, option: str) -> str:
        selection = parse_selection(option, num_classes=len(self._names))
        if selection.part in ("diagonal", "errors", "everything"):
            return t(f"lesson_denominators.{selection.part}")
        return t(
            f"lesson_denominators.{selection.part}",
            truth="" if selection.true is None else self._names[selection.true],
            predicted="" if selection.predicted is None else self._names[selection.predicted],
        )


def _draw(checkpoint: Checkpoint, positive: int, question: Question, guess: Guess) -> None:
    if question.is_guessed(guess):
        small = len(checkpoint.names) <= MOST_CLASSES
        lit = ("tp", "fn", "fp")
        st.html(matrix_html(checkpoint, positive) if small else two_by_two(checkpoint, positive, lit=lit))
        return

    def store() -> None:
        if (selection := clicked(_KEY)) is not None:
            answer(selection, to=question)

    view = matrix_view(checkpoint, Look(show="count", scale="sqrt", diagonal="shown", axes="rows"))
    view = replace(view, csv="", words=replace(view.words, hint=""))
    matrix_grid(key=_KEY, view=view, selected=guess[-1] if guess else "", on_select=store)


LESSON = Lesson(name="denominators", ask=_ask, needs=(needs.several_classes, needs.whole_matrix))
