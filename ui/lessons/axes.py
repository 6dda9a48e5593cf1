"""Owns the lesson on the axes and the four outcomes: six images of the run, which the reader puts in their place."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnistcore import metrics
from mnistcore.evaluation.examples import outcome_examples
from mnistcore.evaluation.selections import Selection, selection_mask
from ui import controls, format
from ui.checkpoint import Checkpoint
from ui.chosen import CELL, CLASS
from ui.lessons import needs
from ui.lessons.lesson import Guess, Lesson, Link, NotHereError, Question, answer
from ui.lessons.thumbs import draw_whence, picture_html
from ui.lessons.two_by_two import two_by_two
from ui.texts import t

IMAGES = 6
AXES = ("row", "column")  # whether the true class is looked for in the row or in the column
_WIDTHS = (2, 3, 3)  # of the headings of the rows, and of the two columns


def _ask(checkpoint: Checkpoint) -> Question:
    seen = checkpoint.evaluation.per_image
    worst = checkpoint.evaluation.largest_confusions
    if seen is None or not worst:
        raise NotHereError(t("lessons.needs.mistakes"))
    positive, wrong = worst[0].true, worst[0].predicted
    name = format.markdown(checkpoint.names[positive])
    examples = outcome_examples(seen, positive, count=IMAGES)
    # The first part asks for one of the pair that is confused most.
    first = int(np.flatnonzero(selection_mask(Selection("cell", positive, wrong), seen.labels, seen.predicted))[0])
    images = (first, *(example.index for example in examples))
    facts = {"truth": name, "predicted": format.markdown(checkpoint.names[wrong])}
    question = Question(
        text=t("lesson_axes.question", name=name, count=len(examples)),
        part_texts=(t("lesson_axes.cell", **facts), *[t("lesson_axes.sort", name=name)] * len(examples)),
        options={option: t(f"lesson_axes.{option}", **facts) for option in AXES}
        | {outcome: _outcome(outcome) for outcome in metrics.OUTCOMES},
        right=("row", *(example.outcome for example in examples)),
        draw=lambda guess: _draw(checkpoint, positive, images, question, guess),
        why=t("lesson_axes.why", name=name, **facts),
        links=(
            Link("confusion_matrix", t("lesson_axes.matrix"), {CELL.name: f"{positive}-{wrong}"}),
            Link(
                "class_by_class", t("lesson_axes.board", name=checkpoint.names[positive]), {CLASS.name: str(positive)}
            ),
        ),
        in_picture=True,
        wide_until_guessed=True,
        picture_share=12,
    )
    return question


def _outcome(outcome: str) -> str:
    return t("lesson_axes.outcome", name=t(f"region.{outcome}"), short=outcome.upper())


def _draw(checkpoint: Checkpoint, positive: int, images: Sequence[int], question: Question, guess: Guess) -> None:
    seen = checkpoint.evaluation.per_image
    if seen is None:
        return
    if question.is_guessed(guess):
        _draw_places(checkpoint, positive, images, question, guess)
        draw_whence(checkpoint)
        return
    index = images[len(guess)]
    left, right = st.columns([2, 3], gap="large")
    with left:
        names = checkpoint.names
        truth, predicted = (format.html(names[int(labels[index])]) for labels in (seen.labels, seen.predicted))
        st.html(
            f'<div class="asked">{picture_html(checkpoint, index)}'
            f"<p>{format.html(t('detail.truth'))} <b>{truth}</b></p>"
            f"<p>{format.html(t('detail.predicted'))} <b>{predicted}</b></p></div>"
        )
    with right:
        if guess:
            _draw_cells(checkpoint, positive, question)
        else:
            for option in AXES:
                _button(option, question)
    draw_whence(checkpoint)


def _draw_cells(checkpoint: Checkpoint, positive: int, question: Question) -> None:
    """The 2 x 2 as buttons, under the headings that say what its rows and columns are."""
    name = checkpoint.names[positive]
    heads = ("", t("board.predicted_yes", name=name), t("board.predicted_no", name=name))
    with st.container(key="lesson_cells"):
        for column, text in zip(st.columns(_WIDTHS, wrap=False), heads, strict=True):
            column.html(f'<p class="heading">{format.html(text)}</p>')
        for side, outcomes in (("truth_yes", metrics.OUTCOMES[:2]), ("truth_no", metrics.OUTCOMES[2:])):
            head, *cells = st.columns(_WIDTHS, vertical_alignment="center", wrap=False)
            head.html(f'<p class="heading">{format.html(t(f"board.{side}", name=name))}</p>')
            for cell, outcome in zip(cells, outcomes, strict=True):
                with cell:
                    _button(outcome, question)


def _button(option: str, question: Question) -> None:
    label = question.options[option]
    controls.button(label, lambda: answer(option, to=question), key=f"answer_{option}", width="stretch", wrap=True)


def _draw_places(
    checkpoint: Checkpoint, positive: int, images: Sequence[int], question: Question, guess: Guess
) -> None:
    """Every image in its cell, with a sign that says whether the reader put it there."""
    inside = dict.fromkeys(metrics.OUTCOMES, "")
    for index, right, guessed in zip(images[1:], question.right[1:], guess[1:], strict=True):
        is_hit = right == guessed
        sign = t("lessons.right") if is_hit else t("lesson_axes.instead", outcome=guessed.upper())
        inside[right] += (
            f'<figure class="{"hit" if is_hit else "miss"}">{picture_html(checkpoint, index)}'
            f"<figcaption>{format.html(sign)}</figcaption></figure>"
        )
    contents = {outcome: f'<div class="placed">{figures}</div>' for outcome, figures in inside.items()}
    st.html(two_by_two(checkpoint, positive, contents=contents))


LESSON = Lesson(name="axes", ask=_ask, needs=(needs.several_classes, needs.single_images, needs.mistakes))
