"""Owns the lesson on how sure an accuracy is: test sets drawn again with a dice, and the size that narrows them."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.evaluation.evaluation import Evaluation
from ui import controls, format, state, style
from ui.checkpoint import Checkpoint
from ui.lessons import needs
from ui.lessons.lesson import Guess, Lesson, NotHereError, Question
from ui.parameters import Parameter, Problem, Unusable
from ui.texts import t

_FEWEST: Final = 40  # images: a quarter of them is still a set
_FACTORS: Final = (0.25, 0.5, 1.0, 2.0, 4.0)  # of the number of images, on the slider
_WIDTHS: Final = {"half": 0.5, "same": 1.0, "double": 2.0, "four": 4.0}  # option -> how many times as wide
_TIMES: Final = 1000  # sets in the picture
_BINS: Final = 32
_MOST_THROWS: Final = 1000
_SHOWN_THROWS: Final = 12  # the last of them, as marks


def _sizes(checkpoint: Checkpoint) -> dict[str, int]:
    total = checkpoint.evaluation.total
    return {str(round(factor * total)): round(factor * total) for factor in _FACTORS}


def _read_size(text: str, checkpoint: Checkpoint) -> int:
    """How many images a set has; a quarter of those that there are, where none is named."""
    sizes = _sizes(checkpoint)
    if text and text not in sizes:
        problem = Problem("problem.unknown_value", parameter="drawn", value=text, options=", ".join(sizes), shown="")
        raise Unusable(problem)
    return sizes[text or next(iter(sizes))]


def _read_throws(text: str, _: Checkpoint) -> int:
    """How often the dice was thrown: its seeds are 1 to that."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and int(text) <= _MOST_THROWS):
        options = f"0–{_MOST_THROWS}"
        raise Unusable(Problem("problem.unknown_value", parameter="dice", value=text, options=options, shown=0))
    return int(text)


DRAWN: Final = Parameter(name="drawn", read=_read_size)
DICE: Final = Parameter(name="dice", read=_read_throws)


def _ask(checkpoint: Checkpoint) -> Question:
    evaluation = checkpoint.evaluation
    total, correct = evaluation.total, evaluation.correct
    quarter = round(total / 4)
    factor = _width(round(correct * quarter / total), quarter) / _width(correct, total) if total >= _FEWEST else 0.0
    if round(factor) != _WIDTHS["double"]:  # where nearly all or nearly none are right, it is not the square root
        raise NotHereError(t("lesson_scatter.few", fewest=_FEWEST))
    facts = {
        "correct": format.count(correct),
        "total": format.count(total),
        "accuracy": format.percent(evaluation.summary.accuracy, digits=2),
        "range": format.percent_range(*evaluation.accuracy_interval) or format.UNDEFINED,
        "quarter": format.count(quarter),
        "factor": f"{factor:.1f}",
    }
    return Question(
        text=t("lesson_scatter.question", **facts),
        options={option: t(f"lesson_scatter.option.{option}") for option in _WIDTHS},
        right=(min(_WIDTHS, key=lambda option: abs(np.log(_WIDTHS[option] / factor))),),
        draw=partial(_draw, checkpoint),
        why=t("lesson_scatter.why", **facts),
    )


def _width(correct: int, total: int) -> float:
    low, high = metrics.wilson_interval(correct, total)
    return (high or 0.0) - (low or 0.0)


# ---------------------------------------------------------------- the picture


@dataclass(frozen=True, slots=True)
class _Sets:
    """The accuracies of many sets of one size."""

    accuracies: NDArray[np.float64]
    low: float  # between these two lie 95 % of them
    high: float


def _sets(evaluation: Evaluation, size: int) -> _Sets:
    accuracies = metrics.redraw_accuracy(evaluation.correct, evaluation.total, seed=0, times=_TIMES, size=size)
    low, high = metrics.percentile_interval(accuracies)
    return _Sets(accuracies, low or 0.0, high or 0.0)


def _draw(checkpoint: Checkpoint, guess: Guess) -> None:
    style.draw_sheet("lessons/scatter.css")
    evaluation = checkpoint.evaluation
    widest = _sets(evaluation, round(_FACTORS[0] * evaluation.total))
    axis = float(widest.accuracies.min()), float(widest.accuracies.max())
    if not guess:
        st.html(_chart(_sets(evaluation, evaluation.total), axis, throws=[]))
        return
    size, throws = (state.settle(parameter, checkpoint)[0] for parameter in (DRAWN, DICE))
    drawn = _sets(evaluation, size)
    seeds = range(max(1, throws - _SHOWN_THROWS + 1), throws + 1)
    thrown = [_throw(evaluation, size, seed) for seed in seeds]
    with st.container(horizontal=True, vertical_alignment="bottom", key="scatter_controls"):
        controls.choose(
            t("lesson_scatter.size"),
            list(_sizes(checkpoint)),
            key="scatter_size",
            chosen=str(size),
            store=partial(state.put, DRAWN),
            names=(lambda text: t("lesson_scatter.images", count=format.count(int(text))),),
            kind="slider",
        )
        controls.button(
            t("lesson_scatter.dice"), lambda: state.put(DICE, str(throws % _MOST_THROWS + 1)), key="scatter_dice"
        )
    st.html(_chart(drawn, axis, throws=thrown))
    st.html(f"<p class='scatter-told' role='status'>{_told(drawn, size, thrown)}</p>")


def _throw(evaluation: Evaluation, size: int, seed: int) -> float:
    """The accuracy of one set that is drawn image by image."""
    return float(np.trace(metrics.redraw_matrix(evaluation.matrix, seed=seed, size=size)) / size)


def _told(drawn: _Sets, size: int, thrown: list[float]) -> str:
    interval = t(
        "lesson_scatter.told",
        times=format.count(_TIMES),
        size=format.count(size),
        low=format.percent(drawn.low),
        high=format.percent(drawn.high),
        width=f"{100 * (drawn.high - drawn.low):.2f}",
    )
    if not thrown:
        return format.html(interval)
    last = t(
        "lesson_scatter.thrown",
        size=format.count(size),
        correct=format.count(round(thrown[-1] * size)),
        accuracy=format.percent(thrown[-1], digits=2),
    )
    return f"<b>{format.html(last)}</b><br>{format.html(interval)}"


def _chart(drawn: _Sets, axis: tuple[float, float], *, throws: list[float]) -> str:
    """How often which accuracy, on an axis that is the same for every size."""
    counts, _ = np.histogram(drawn.accuracies, bins=_BINS, range=axis)
    most = max(1, int(counts.max()))
    bars = "".join(f"<i style='height:{100 * count / most:.1f}%'></i>" for count in counts.tolist())
    marks = "".join(
        f"<u style='left:{_place(accuracy, axis):.2f}%' class='{'last' if i == len(throws) - 1 else 'older'}'></u>"
        for i, accuracy in enumerate(throws)
    )
    left, right = (_place(end, axis) for end in (drawn.low, drawn.high))
    span = f"<div class='span' style='left:{left:.2f}%;width:{right - left:.2f}%'><b>95%</b></div>"
    ends = "".join(f"<span>{format.percent(end)}</span>" for end in axis)
    label = format.html(
        t("lesson_scatter.chart", low=format.percent(drawn.low), high=format.percent(drawn.high), times=_TIMES)
    )
    return (
        f"<div class='scatter' role='img' aria-label='{label}'><div class='plot'>{bars}{marks}</div>"
        f"<div class='line'>{span}</div><div class='ends'>{ends}</div></div>"
    )


def _place(accuracy: float, axis: tuple[float, float]) -> float:
    """Where it stands on the axis, 0 to 100."""
    low, high = axis
    return 100 * min(max((accuracy - low) / (high - low), 0.0), 1.0) if high > low else 50.0


LESSON = Lesson(name="scatter", ask=_ask, needs=(needs.mistakes, needs.whole_matrix), parameters=(DRAWN, DICE))
