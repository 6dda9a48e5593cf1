"""Owns the lesson on averages: macro, weighted and micro F1 as what each class contributes, micro being accuracy."""

from functools import partial

import numpy as np
import streamlit as st

from mnistcore import metrics
from ui import format
from ui.checkpoint import Checkpoint
from ui.lessons import needs
from ui.lessons.lesson import Guess, Lesson, Link, Question
from ui.texts import t

METRIC = "f1"
NAMED_CLASSES = 15  # up to so many classes a part of a bar has room for its class's name
DIGITS = (2, 3, 4)  # of a percentage: the first are enough, mostly
PULLING = 3  # classes that are named for pulling the average down


def _ask(checkpoint: Checkpoint) -> Question:
    evaluation = checkpoint.evaluation
    images = evaluation.support[evaluation.support > 0]
    return Question(
        text=t("lesson_averages.question", accuracy=format.percent(evaluation.summary.accuracy, digits=2)),
        options={average: t(f"lesson_averages.{average}") for average in metrics.AVERAGES},
        right=("micro",),
        draw=partial(_draw, checkpoint),
        why=t(
            "lesson_averages.why",
            mistakes=format.count(evaluation.mistakes),
            correct=format.count(evaluation.correct),
            total=format.count(evaluation.total),
            accuracy=format.percent(evaluation.summary.accuracy, digits=2),
            fewest=format.count(int(images.min())),
            most=format.count(int(images.max())),
        ),
        links=(Link("overview", t("lesson_averages.link")),),
    )


def _draw(checkpoint: Checkpoint, guess: Guess) -> None:
    values = _values(checkpoint) if guess else dict.fromkeys(metrics.AVERAGES, "?")
    rows = "".join(_bar(checkpoint, average, value, is_open=bool(guess)) for average, value in values.items())
    st.html(f'<div class="averages">{rows}</div>')
    if guess:
        st.html(f'<p class="pulls">{_pulling(checkpoint)}</p>')


def _values(checkpoint: Checkpoint) -> dict[str, str]:
    """The averages with as many digits as it takes to see that they differ."""
    summary = checkpoint.evaluation.summary
    values = [getattr(summary, f"{average}_{METRIC}") for average in metrics.AVERAGES]
    for digits in DIGITS:
        shown = [format.percent(value, digits=digits) for value in values]
        if len(set(shown)) == len(set(values)):
            break
    return dict(zip(metrics.AVERAGES, shown, strict=True))


def _bar(checkpoint: Checkpoint, average: str, value: str, *, is_open: bool) -> str:
    """One average: its name, how it weighs the classes, and its bar with a part for each class."""
    name = t(f"lesson_averages.{average}")
    label = format.html(t("lesson_averages.bar", name=name, value=value))
    bars = _parts(checkpoint, average) if is_open else ""
    return (
        f"<section><h3>{format.html(name)}<small>{format.html(t(f'lesson_averages.{average}.note'))}</small>"
        f"<b>{format.html(value)}</b></h3>"
        f'<div class="stack{"" if is_open else " hidden"}" role="img" aria-label="{label}">{bars}</div></section>'
    )


def _parts(checkpoint: Checkpoint, average: str) -> str:
    parts = getattr(metrics.average_contributions(checkpoint.evaluation.matrix)[METRIC], average)
    named, values = len(parts) <= NAMED_CLASSES, checkpoint.evaluation.rates.f1
    return "".join(
        f'<i style="width:{part:.4%}" title="{format.html(_part(checkpoint, index, values[index]))}">'
        f"{format.html(checkpoint.names[index]) if named else ''}</i>"
        for index, part in enumerate(parts.tolist())
        if part == part
    )


def _part(checkpoint: Checkpoint, index: int, value: float | None) -> str:
    return t(
        "lesson_averages.part",
        name=checkpoint.names[index],
        value=format.percent(value),
        support=format.count(int(checkpoint.evaluation.support[index])),
    )


def _pulling(checkpoint: Checkpoint) -> str:
    """HTML that names the classes without which the macro average would be higher, the strongest first."""
    pulls = metrics.average_contributions(checkpoint.evaluation.matrix)[METRIC].macro_pull
    order = [index for index in np.argsort(pulls, kind="stable").tolist() if pulls[index] < 0]
    if not order:
        return format.html(t("lesson_averages.even"))
    names, values = checkpoint.names, checkpoint.evaluation.rates.f1
    said = [
        t("lesson_averages.bar", name=names[index], value=format.percent(values[index])) for index in order[:PULLING]
    ]
    told = "".join(f"<b>{format.html(text)}</b>" for text in said)
    left_out = checkpoint.evaluation.summary.macro_f1_left_out
    note = format.html(t("overview.macro_f1.left_out", count=left_out)) if left_out else ""
    return f"{format.html(t('lesson_averages.pulls'))} {told} {note}"


LESSON = Lesson(name="averages", ask=_ask, needs=(needs.several_classes, needs.mistakes))
