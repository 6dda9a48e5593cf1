"""Owns the lesson on what chance looks like: the same network, trained on labels that were shuffled."""

from functools import partial
from typing import Final

import numpy as np
import streamlit as st

from mnistcore import config as configs
from mnistcore import metrics
from mnistcore.config import TrainConfig
from mnistcore.training.presets import make_config
from ui import cache, controls, format, guard, style
from ui.checkpoint import EPOCH, READ_ERRORS, RUN, Checkpoint, read_checkpoint
from ui.lessons import needs
from ui.lessons.lesson import Guess, Lesson, Link, NotHereError, Question
from ui.small_matrix import small_matrix
from ui.texts import t
from ui.training import actions
from ui.verbatim import draw_verbatim

_LOOK_SECONDS: Final = 1.0  # between two looks at the training
_SURE: Final = 0.5  # an accuracy that may be guessed beside the others


def _shuffled(checkpoint: Checkpoint) -> TrainConfig:
    """The same network, trained for one epoch on shuffled labels; the handout's where it is not known."""
    if checkpoint.dataset not in cache.datasets():
        raise NotHereError(t("lesson_chance.dataset"))
    trained = checkpoint.training
    if trained is not None and trained.config.labels == "shuffled":
        return trained.config
    same = trained.config if trained is not None else make_config(checkpoint.dataset, "mlp", "handout")
    return same.model_copy(update={"labels": "shuffled", "epochs": 1, "averaging": 0.0})


def _found(checkpoint: Checkpoint) -> Checkpoint | None:
    """The last checkpoint of the training on shuffled labels; None where there is none yet."""
    wanted = configs.run_id(_shuffled(checkpoint))
    for run in cache.listing().runs:
        if run.run_id == wanted and run.status == "complete":
            try:
                return read_checkpoint(run, run.epochs_kept[-1])
            except READ_ERRORS:
                return None
    return None


def _ask(checkpoint: Checkpoint) -> Question:
    blind = _found(checkpoint)
    if blind is None:
        draw = partial(_draw_start, checkpoint)
        return Question(
            text=t("lesson_chance.start"), options={}, right=(), draw=draw, why="", in_picture=True, wide=True
        )
    evaluation, classes = blind.evaluation, len(blind.names)
    accuracy = evaluation.summary.accuracy or 0.0
    most = int(evaluation.support.argmax())
    offered = {0.0, 1 / classes, _SURE, checkpoint.evaluation.summary.accuracy or 0.0} - {1.0}
    options = {_option(share): t("lesson_chance.option", share=format.percent(share)) for share in sorted(offered)}
    facts = {
        "name": format.markdown(checkpoint.title),
        "classes": format.count(classes),
        "chance": format.percent(1 / classes),
        "correct": format.count(evaluation.correct),
        "total": format.count(evaluation.total),
        "accuracy": format.percent(accuracy, digits=2),
        "range": format.percent_range(*evaluation.accuracy_interval) or format.UNDEFINED,
        "most": format.markdown(blind.names[most]),
        "share": format.percent(evaluation.support_shares[most], digits=2),
    }
    return Question(
        text=t("lesson_chance.question", **facts),
        options=options,
        right=(_option(min(offered, key=lambda share: abs(share - accuracy))),),
        draw=partial(_draw, checkpoint, blind),
        why=t("lesson_chance.why", **facts),
        links=(
            Link("confusion_matrix", t("lesson_chance.link"), {RUN.name: blind.run_id, EPOCH.name: str(blind.epoch)}),
        ),
        wide=True,
    )


def _option(share: float) -> str:
    return f"{round(10_000 * share)}"


def _draw(checkpoint: Checkpoint, blind: Checkpoint, guess: Guess) -> None:
    """The matrix of the model that is looked at; once guessed, that of chance, hard and soft, in its place."""
    style.draw_sheet("lessons/chance.css")
    style.draw_sheet("small_matrix.css")
    if not guess:
        matrix = checkpoint.evaluation.matrix.astype(np.float64)
        title = t("lesson_chance.own", name=checkpoint.title)
        st.html(_beside(small_matrix(checkpoint.names, matrix, title=title, most=float(matrix.max()))))
        return
    evaluation = blind.evaluation
    most = float(evaluation.matrix.max())
    shown = small_matrix(blind.names, evaluation.matrix.astype(np.float64), title=t("lesson_chance.hard"), most=most)
    if evaluation.labels is not None and evaluation.scores is not None:
        soft = metrics.soft_confusion_matrix(evaluation.labels, evaluation.scores)
        shown += small_matrix(blind.names, soft, title=t("lesson_chance.soft"), most=most)
    st.html(_beside(shown))


def _beside(matrices: str) -> str:
    return f"<div class='matrices'>{matrices}</div>"


# ---------------------------------------------------------------- the training


def _draw_start(checkpoint: Checkpoint, _: Guess) -> None:
    wanted = _shuffled(checkpoint)
    job = cache.job(configs.run_id(wanted))
    live = job is not None and job.is_live
    guard.fragment(_draw_training, run_every=_LOOK_SECONDS if live else None)(wanted, live)


def _draw_training(wanted: TrainConfig, was_live: bool) -> None:
    """The button, or how far the training is; the whole page again once it has begun or ended."""
    job = cache.job(configs.run_id(wanted))
    live = job is not None and job.is_live
    if live != was_live:
        st.rerun()
    actions.draw_problem()
    if job is not None and live:
        st.progress(min(job.share or 0.0, 1.0), text=t("lesson_chance.training"))
        return
    if job is not None and job.state == "failed" and job.failure is not None:
        draw_verbatim(job.failure.message)
    controls.button(
        t("lesson_chance.train", model=wanted.model), partial(_train, wanted), type="primary", key="chance_train"
    )


def _train(wanted: TrainConfig) -> None:
    actions.start(wanted, "auto")


LESSON = Lesson(name="chance", ask=_ask, needs=(needs.several_classes, needs.whole_matrix))
