"""Owns the lesson in which the reader sets the counts: what a metric says of them, and what it leaves open."""

from typing import Any, Final

import numpy as np
import streamlit as st

from mnistcore import metrics
from mnistcore.evaluation.pasted import PasteError, format_matrix, parse_matrix
from ui import controls, format, state, style
from ui.checkpoint import Checkpoint
from ui.chosen import CLASS
from ui.components.counts_editor import (
    Counts,
    EditorView,
    EditorWords,
    Preset,
    counts_editor,
    edited_counts,
    read_counts,
    write_counts,
)
from ui.lessons.lesson import Guess, Lesson, Question
from ui.lessons.metric_rows import OVERALL, metric_rows
from ui.parameters import Parameter, Problem, Unusable
from ui.texts import t

_KEY: Final = "own_counts"
_USELESS: Final = (0, 10, 0, 990)  # tp, fn, fp, tn: "no" to all of 1,000 images, 10 of which are positive
_PRESETS: Final[dict[str, Counts]] = {
    "useless": _USELESS,
    "precise": (20, 80, 1, 899),  # few are found, but what is said is right
    "eager": (98, 2, 300, 600),  # nearly all are found, among much that is wrong
}
_OPTIONS: Final = (0, 5, 9, 10)
_DOTS_IN_A_ROW: Final = 50


def _read_counts(text: str, _: Checkpoint) -> Counts:
    """The four counts; the useless ones where none are named."""
    if not text:
        return _USELESS
    if (counts := read_counts(text)) is None:
        raise Unusable(Problem("problem.counts", wanted=text))
    return counts


def _read_matrix(text: str, _: Checkpoint) -> Any:
    """A pasted matrix, int64 (C, C); None where there is none."""
    if not text:
        return None
    try:
        return parse_matrix(text)
    except PasteError as error:
        raise Unusable(Problem(f"problem.matrix.{error.reason}", **error.details)) from None


COUNTS: Final = Parameter(name="counts", read=_read_counts)
MATRIX: Final = Parameter(name="matrix", read=_read_matrix)


def _ask(checkpoint: Checkpoint) -> Question:
    tp, fn, fp, tn = _USELESS
    facts = {"total": format.count(tp + fn + fp + tn), "positives": format.count(tp + fn), "tn": format.count(tn)}
    return Question(
        text=t("lesson_own_counts.question", **facts),
        options={str(count): t("lesson_own_counts.option", count=format.count(count)) for count in _OPTIONS},
        right=(str(tp),),
        draw=lambda guess: _draw(checkpoint, guess),
        why=t("lesson_own_counts.why", **facts),
        wide=True,
    )


def _draw(checkpoint: Checkpoint, guess: Guess) -> None:
    if not guess:
        style.draw_sheet("lessons/own_counts.css")
        st.html(_dots(positives=sum(_USELESS[:2]), total=sum(_USELESS)))
        return
    counts = _settled(COUNTS, checkpoint)
    counts_editor(key=_KEY, view=_view(checkpoint), counts=counts, on_counts=_store_counts)
    with st.expander(t("lesson_own_counts.paste"), expanded=bool(state.get(MATRIX))):
        _draw_paste(checkpoint, counts)


def _settled(parameter: Parameter[Checkpoint, Any], checkpoint: Checkpoint) -> Any:
    value, wrong = state.settle(parameter, checkpoint)
    for problem in wrong.problems if wrong else ():
        st.warning(
            t(problem.key, **{name: format.markdown(format.quote(str(v))) for name, v in problem.values.items()})
        )
    return value


def _store_counts() -> None:
    if (counts := edited_counts(_KEY)) is not None:
        state.put(COUNTS, write_counts(counts))


def _view(checkpoint: Checkpoint) -> EditorView:
    positive = state.settle(CLASS, checkpoint)[0] or 0
    own = Preset(
        t("lesson_own_counts.preset.own", name=checkpoint.names[positive]),
        _of_class(checkpoint.evaluation.counts, positive),
    )
    words = EditorWords(
        presets=t("lesson_own_counts.presets"),
        predicted_yes=t("lesson_own_counts.predicted_yes"),
        predicted_no=t("lesson_own_counts.predicted_no"),
        truth_yes=t("lesson_own_counts.truth_yes"),
        truth_no=t("lesson_own_counts.truth_no"),
        total=t("lessons.total"),
        outcomes={outcome: t(f"region.{outcome}") for outcome in metrics.OUTCOMES},
        lock=t("lesson_own_counts.lock"),
        lock_label=t("lesson_own_counts.lock_label"),
        table=t("lesson_own_counts.table"),
    )
    presets = [Preset(t(f"lesson_own_counts.preset.{name}"), counts) for name, counts in _PRESETS.items()]
    return EditorView(presets=[*presets, own], metrics=metric_rows((*metrics.DEFINITIONS, *OVERALL)), words=words)


def _of_class(counts: metrics.OneVsRest, positive: int) -> Counts:
    return tuple(int(getattr(counts, outcome)[positive]) for outcome in metrics.OUTCOMES)


def _draw_paste(checkpoint: Checkpoint, counts: Counts) -> None:
    """A matrix that is pasted: each of its classes in turn can be the positive one."""

    def store(text: str) -> None:
        try:
            matrix = parse_matrix(text)
        except PasteError:
            state.put(MATRIX, text.strip()[: format.LONGEST_QUOTE])  # what is wrong with it is said where it is read
            return
        state.put(MATRIX, format_matrix(matrix))
        state.put(COUNTS, write_counts(_of_class(metrics.one_vs_rest(matrix), 0)))

    shown = state.get(MATRIX).replace("/", "\n")
    controls.long_text(t("lesson_own_counts.matrix"), key="own_matrix", value=shown, store=store)
    matrix = _settled(MATRIX, checkpoint)
    if matrix is None:
        return
    pasted = metrics.one_vs_rest(np.asarray(matrix))
    classes = list(range(len(matrix)))
    controls.choose(
        t("lesson_own_counts.positive"),
        classes,
        key="own_positive",
        chosen=next((place for place in classes if _of_class(pasted, place) == counts), None),
        store=lambda place: state.put(COUNTS, write_counts(_of_class(pasted, place))),
        names=(lambda place: t("lesson_own_counts.class", number=place + 1),),
        kind="pills",
    )


def _dots(*, positives: int, total: int) -> str:
    """A dot for each image, the positive ones in their colour."""
    rows = -(-total // _DOTS_IN_A_ROW)
    label = format.html(t("lesson_own_counts.dots", positives=format.count(positives), total=format.count(total)))
    size = f"--columns: {_DOTS_IN_A_ROW}; --rows: {rows}; --positives: {positives}"
    return f"<div class='dots' style='{size}' role='img' aria-label='{label}'><i></i></div><p>{label}</p>"


LESSON = Lesson(name="own_counts", ask=_ask, parameters=(COUNTS, MATRIX))
