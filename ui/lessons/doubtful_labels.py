"""Owns the lesson on wrong labels: MNIST's doubtful test labels, what people said, and the numbers that follow."""

from functools import cache, partial

import streamlit as st

from mnistcore.datasets import label_votes
from mnistcore.evaluation.evaluation import Evaluation
from mnistcore.evaluation.relabelled import relabelled
from ui import controls, format, state
from ui.checkpoint import Checkpoint
from ui.lessons import needs
from ui.lessons.lesson import Guess, Lesson, Link, Question
from ui.lessons.options import counts_around
from ui.lessons.thumbs import draw_thumbs
from ui.parameters import among, choice
from ui.texts import t

LABELS = choice("labels", among("voted", "given"), default="voted")  # which labels the numbers are computed with


@cache
def _changed() -> dict[int, int]:
    """Index of an image -> the label that most raters saw, where that is another one than MNIST's."""
    votes = label_votes.label_votes()
    return {vote.index: vote.label for vote in votes if vote.label is not None and vote.label != vote.given}


@cache
def _undecided() -> tuple[int, ...]:
    return tuple(vote.index for vote in label_votes.label_votes() if vote.label is None)


def _of_mnist(checkpoint: Checkpoint) -> str | None:
    """What a checkpoint lacks for this lesson: the test images that were voted on."""
    labels = checkpoint.evaluation.labels
    is_one = labels is not None and label_votes.is_voted_on(checkpoint.dataset, labels)
    return None if is_one else t("lesson_doubtful_labels.mnist_only")


def _ask(checkpoint: Checkpoint) -> Question:
    given = checkpoint.evaluation
    voted = relabelled(given, _changed(), without=_undecided())
    facts = {
        "changed": format.count(len(_changed())),
        "undecided": format.count(len(_undecided())),
        "before": format.count(given.mistakes),
        "after": format.count(voted.mistakes),
    }
    # Whoever thinks that the model is right wherever the label is doubtful; and whoever thinks that nothing moves.
    tempting = (max(0, given.mistakes - len(_changed()) - len(_undecided())), given.mistakes)
    options = counts_around(voted.mistakes, most=given.total, tempting=tempting)
    return Question(
        text=t("lesson_doubtful_labels.question", **facts),
        options={str(count): t("lesson_doubtful_labels.option", count=format.count(count)) for count in options},
        right=(str(voted.mistakes),),
        draw=partial(_draw, checkpoint, voted),
        why=t("lesson_doubtful_labels.why", source=label_votes.SOURCE, address=label_votes.ADDRESS, **facts),
        links=(Link("misclassified", t("lesson_doubtful_labels.link")),),
    )


def _draw(checkpoint: Checkpoint, voted: Evaluation, guess: Guess) -> None:
    said = {vote.index: vote for vote in label_votes.label_votes()}
    seen = checkpoint.evaluation.per_image

    def caption(index: int) -> str:
        vote = said[index]
        lines = t(
            "lesson_doubtful_labels.vote",
            given=vote.given,
            suggested=vote.suggested,
            count=vote.for_suggested,
            raters=vote.raters,
        )
        if not guess or seen is None:
            return lines
        return f"{lines}\n{t('lesson_doubtful_labels.predicted', predicted=int(seen.predicted[index]))}"

    draw_thumbs(checkpoint, sorted(_changed()), caption=caption)
    if guess:
        _draw_numbers(checkpoint, voted)


def _draw_numbers(checkpoint: Checkpoint, voted: Evaluation) -> None:
    """The numbers of the whole matrix, with the labels that are switched to."""
    which = state.settle(LABELS, checkpoint)[0]
    controls.choose(
        t("lesson_doubtful_labels.labels"),
        list(LABELS.options(checkpoint)),
        key="pick_labels",
        chosen=which,
        store=partial(state.put, LABELS),
        names=(lambda option: t(f"lesson_doubtful_labels.labels.{option}"),),
        kind="segments",
    )
    shown = voted if which == "voted" else checkpoint.evaluation
    interval = format.percent_range(*shown.accuracy_interval, digits=2)
    rows = (
        (
            t("overview.mistakes"),
            t(
                "lesson_doubtful_labels.of",
                count=format.count(shown.mistakes),
                total=format.count(shown.total),
            ),
        ),
        (t("glossary.overall"), f"{format.percent(shown.summary.accuracy, digits=2)} ({interval}%)"),
        (t("overview.macro_f1"), format.percent(shown.summary.macro_f1, digits=2)),
        (t("overview.kappa"), format.ratio(shown.summary.cohen_kappa, digits=4)),
    )
    body = "".join(f"<div><dt>{format.html(name)}</dt><dd>{format.html(value)}</dd></div>" for name, value in rows)
    st.html(f'<dl class="numbers">{body}</dl>')


LESSON = Lesson(name="doubtful_labels", ask=_ask, needs=(_of_mnist, needs.single_images), parameters=(LABELS,))
