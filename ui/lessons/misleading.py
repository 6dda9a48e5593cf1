"""Owns the lesson on where one-vs-rest misleads: a class of the run with a high accuracy and a lower recall."""

from functools import partial

import streamlit as st

from mnistcore import metrics
from ui import format
from ui.checkpoint import Checkpoint
from ui.chosen import CLASS, REGION
from ui.lessons import needs
from ui.lessons.lesson import Guess, Lesson, Link, NotHereError, Question
from ui.lessons.options import counts_around
from ui.lessons.two_by_two import two_by_two
from ui.texts import t


def _ask(checkpoint: Checkpoint) -> Question:
    evaluation = checkpoint.evaluation
    positive = metrics.most_flattered(evaluation.counts)
    if positive is None:
        raise NotHereError(t("lesson_misleading.none"))
    name, support = checkpoint.names[positive], int(evaluation.support[positive])
    missed, tn = (int(getattr(evaluation.counts, outcome)[positive]) for outcome in ("fn", "tn"))
    facts = {
        "name": format.markdown(name),
        "accuracy": format.percent(evaluation.rates.accuracy[positive], digits=2),
        "recall": format.percent(evaluation.rates.recall[positive], digits=2),
        "support": format.count(support),
        "missed": format.count(missed),
        "total": format.count(evaluation.total),
        "tn": format.count(tn),
        "always_no": format.percent(evaluation.majority_accuracy[positive], digits=2),
    }
    # Whoever takes the accuracy for a recall expects so many to be missed.
    naive = round(support * (1 - (evaluation.rates.accuracy[positive] or 0.0)))
    options = counts_around(missed, most=support, tempting=(naive,))
    return Question(
        text=t("lesson_misleading.question", **facts),
        options={str(count): t("lesson_misleading.option", count=format.count(count)) for count in options},
        right=(str(missed),),
        draw=partial(_draw, checkpoint, positive),
        why=t("lesson_misleading.why", **facts),
        links=(
            Link(
                "class_by_class", t("lesson_misleading.link", name=name), {CLASS.name: str(positive), REGION.name: "fn"}
            ),
        ),
    )


def _draw(checkpoint: Checkpoint, positive: int, guess: Guess) -> None:
    st.html(two_by_two(checkpoint, positive, is_open=bool(guess), lit=("tp", "fn") if guess else ()))


LESSON = Lesson(name="misleading", ask=_ask, needs=(needs.several_classes, needs.mistakes))
