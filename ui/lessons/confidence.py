"""Owns the lesson on confidence: what it promises and what is so, the most confident mistakes, and a temperature."""

from functools import partial

import streamlit as st

from mnistcore.evaluation.confidence import Trust
from ui import format
from ui.checkpoint import Checkpoint
from ui.lessons import needs
from ui.lessons.lesson import Guess, Lesson, Link, Question
from ui.lessons.options import counts_around
from ui.lessons.reliability import reliability_html
from ui.lessons.thumbs import draw_thumbs
from ui.misclassified import SORT
from ui.texts import sentences, t

MISTAKES = 5  # of the most confident ones, that are shown


def _ask(checkpoint: Checkpoint) -> Question:
    trust = checkpoint.trust()
    facts = {
        "sure": format.count(trust.sure),
        "least": format.percent_briefly(trust.least),
        "promised": format.count(round(trust.promised)),
    }
    options = counts_around(trust.wrong, most=trust.sure, tempting=(round(trust.promised),))
    return Question(
        text=t("lesson_confidence.question" if trust.least else "lesson_confidence.question.all", **facts),
        options={str(count): t("lesson_confidence.option", count=format.count(count)) for count in options},
        right=(str(trust.wrong),),
        draw=partial(_draw, checkpoint, trust),
        why=sentences(_verdict(trust), t("lesson_confidence.why", ece=_error(trust)), _temperature(trust)),
        links=(Link("misclassified", t("lesson_confidence.link"), {SORT.name: "confidence"}),),
    )


def _verdict(trust: Trust) -> str:
    facts = {"wrong": format.count(trust.wrong), "promised": format.count(round(trust.promised))}
    if trust.wrong == round(trust.promised):
        return t("lesson_confidence.agrees", **facts)
    kind = "too_sure" if trust.wrong > trust.promised else "too_modest"
    return t(f"lesson_confidence.{kind}", **facts)


def _error(trust: Trust) -> str:
    return format.percent(trust.before.expected_calibration_error, digits=2)


def _temperature(trust: Trust) -> str:
    if trust.temperature is None or trust.after is None:
        return t("lesson_confidence.no_temperature")
    return t(
        "lesson_confidence.temperature",
        temperature=format.ratio(trust.temperature, digits=2),
        before=_error(trust),
        after=format.percent(trust.after.expected_calibration_error, digits=2),
    )


def _draw(checkpoint: Checkpoint, trust: Trust, guess: Guess) -> None:
    is_open = bool(guess)
    st.html(
        reliability_html(
            trust.before if is_open else None,
            trust.after if is_open else None,
            across=t("lesson_confidence.across"),
            upwards=t("lesson_confidence.upwards"),
            label=t("lesson_confidence.diagram", ece=_error(trust) if is_open else "?"),
        )
        + _legend(trust, is_open=is_open)
    )
    if is_open and len(trust.surest_mistakes):
        draw_thumbs(checkpoint, trust.surest_mistakes[:MISTAKES].tolist(), title=t("lesson_confidence.mistakes"))


def _legend(trust: Trust, *, is_open: bool) -> str:
    entries = [("line", t("lesson_confidence.ideal"))]
    if is_open:
        entries.append(("", t("lesson_confidence.bars")))
    if is_open and trust.temperature is not None:
        number = format.ratio(trust.temperature, digits=2)
        entries.append(("cooled", t("lesson_confidence.cooled", temperature=number)))
    shown = "".join(f'<span><i class="{kind}"></i>{format.html(text)}</span>' for kind, text in entries)
    return f'<p class="reliability-legend">{shown}</p>'


LESSON = Lesson(name="confidence", ask=_ask, needs=(needs.scores, needs.several_classes))
