"""Owns the parts of the quiz: which questions, one of them with its answer and reason, and how many were right."""

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import streamlit as st

from mnistcore.quiz.asked import Asked, in_words, option_in_words
from mnistcore.quiz.markup import table_html
from mnistcore.quiz.questions import Question
from ui import cache, controls, format, state
from ui.checkpoint import Checkpoint
from ui.page import Page
from ui.parameters import Parameter, Problem, Unusable
from ui.pictures import picture_html
from ui.texts import t

COUNT: Final = 10  # questions of a quiz
MAX_SEED: Final = 999_999
SCORE: Final = "score"  # what stands behind the last question
_TOPIC: Final = "quiz"

Questions = tuple[Question, ...]


def _read_seed(text: str, _: object) -> int:
    if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_SEED)):
        return int(text)
    options = f"0-{MAX_SEED}"
    raise Unusable(Problem("problem.unknown_value", parameter="seed", value=text, options=options, shown=SEED.default))


def _read_question(text: str, checkpoint: Checkpoint) -> int:
    """The place of a question, from 0; behind the last one, the score."""
    count = len(_questions(checkpoint))
    options = [*map(str, range(1, count + 1)), SCORE]
    if text in options:
        return options.index(text)
    listed = f"1-{count}, {SCORE}"
    raise Unusable(
        Problem("problem.unknown_value", parameter="question", value=text, options=listed, shown=options[0]),
        instead=options[0],
    )


def _read_answer(text: str, question: Question) -> str | None:
    """What was answered to this question; None where nothing was.

    It names the question, so that it never shows the answer to another one.
    """
    if not text:
        return None
    given, _, tag = text.rpartition(".")
    read = question.read(given)
    if not read or tag != _tag(question):
        raise Unusable(Problem("problem.unknown_answer", wanted=text))
    return read


def _tag(question: Question) -> str:
    facts = f"{question.kind}/{question.about}/{sorted(question.counts.items())}"
    return hashlib.sha256(facts.encode()).hexdigest()[:4]


ANSWER = Parameter(name="given", read=_read_answer)
QUESTION = Parameter(name="question", read=_read_question, default="1", resets=(ANSWER,))
SEED = Parameter(name="seed", read=_read_seed, default="1", resets=(QUESTION, ANSWER))
PARAMETERS: tuple[Parameter[Checkpoint, Any], ...] = (SEED, QUESTION)


def chosen_questions(page: Page, checkpoint: Checkpoint) -> Questions:
    """The questions that the seed of the URL makes of the checkpoint; what is wrong with the seed is said."""
    page.read(SEED, checkpoint)
    return _questions(checkpoint)


def _questions(checkpoint: Checkpoint) -> Questions:
    seed, _ = state.settle(SEED, checkpoint)
    return cache.questions(checkpoint.run, checkpoint.split, checkpoint.epoch, seed, COUNT)


# ---------------------------------------------------------------- what was answered


def _key(checkpoint: Checkpoint, question: Question) -> str:
    return f"{checkpoint.run_id}/{checkpoint.epoch}/{state.get(SEED)}/{_tag(question)}"


def _given(checkpoint: Checkpoint, question: Question) -> str:
    """The reader's own first answer; empty where there is none yet."""
    return state.kept(_TOPIC).get(_key(checkpoint, question), "")


def _answer(checkpoint: Checkpoint, question: Question, text: str) -> None:
    """Take an answer; to be called by a click. The first one counts."""
    read = question.read(text)
    if not read:
        state.leave(_TOPIC, text)
        return
    state.kept(_TOPIC).setdefault(_key(checkpoint, question), read)
    state.put(ANSWER, f"{read}.{_tag(question)}")


def _go(checkpoint: Checkpoint, questions: Questions, place: int) -> None:
    """To another question, which is shown with its answer where it has been answered; to be called by a click."""
    inside = place < len(questions)
    state.put(QUESTION, str(place + 1) if inside else SCORE)
    if inside and (given := _given(checkpoint, questions[place])):
        state.put(ANSWER, f"{given}.{_tag(questions[place])}")


# ---------------------------------------------------------------- one question


def draw_question(page: Page, checkpoint: Checkpoint, questions: Questions, place: int) -> None:
    """One question: what it is about, what can be answered or what was, and the way to the next one."""
    question = questions[place]
    asked = in_words(question, state.language(), checkpoint.names)
    given = page.read(ANSWER, question)
    _draw_progress(checkpoint, questions, place)
    st.html(f'<h2 class="quiz-prompt">{format.html(asked.prompt)}</h2>')
    shown = _picture(checkpoint, question) + ("" if asked.table is None else table_html(asked.table))
    left, right = st.columns([4, 5], gap="medium") if shown else (None, st.container())
    if left is not None:
        with left:
            st.html(f'<div class="quiz-about">{shown}</div>')
    with right:
        if given is not None:
            _draw_reveal(question, asked, given)
        elif question.unit:
            _draw_number(checkpoint, question, asked)
        else:
            _draw_options(checkpoint, question, asked)
    _draw_way(checkpoint, questions, place, is_answered=given is not None)


def _draw_progress(checkpoint: Checkpoint, questions: Questions, place: int) -> None:
    """Which question it is, and for each what became of it: a sign, not a colour alone."""
    signs = []
    for number, question in enumerate(questions):
        given = _given(checkpoint, question)
        kind = ("right" if question.is_right(given) else "wrong") if given else "open"
        here = ' aria-current="step"' if number == place else ""
        label = t(f"quiz.progress.{kind}", number=number + 1)
        signs.append(f'<li class="{kind}"{here} aria-label="{format.html(label)}">{number + 1}</li>')
    heading = format.html(t("quiz.progress", number=place + 1, count=len(questions)))
    st.html(f'<div class="quiz-progress"><b>{heading}</b><ol>{"".join(signs)}</ol></div>')


def _picture(checkpoint: Checkpoint, question: Question) -> str:
    """The image that the question is about; a sentence where it is not here, nothing where it is about none."""
    if (index := question.about.image) is None:
        return ""
    if (images := checkpoint.images_or_none()) is None:
        return f'<p class="quiet">{format.html(t("quiz.no_image"))}</p>'
    return picture_html(images[index], alt=t("quiz.image", index=index), style="quiz-picture")


def _draw_options(checkpoint: Checkpoint, question: Question, asked: Asked) -> None:
    with st.container(key="quiz_options"):
        for number, (option, text) in enumerate(asked.options.items(), 1):
            action = partial(_answer, checkpoint, question, option)
            controls.button(text, action, key=f"quiz_{option}", width="stretch", shortcut=str(number), wrap=True)


def _draw_number(checkpoint: Checkpoint, question: Question, asked: Asked) -> None:
    with st.container(key="quiz_number"):
        controls.text(
            t("quiz.number", unit=asked.unit), key="quiz_text", value="", store=partial(_answer, checkpoint, question)
        )
        st.caption(t("quiz.number.how"))
    for text in state.take(_TOPIC):
        if text.strip():
            st.warning(t("quiz.no_number", text=format.markdown(format.quote(text))))


def _draw_reveal(question: Question, asked: Asked, given: str) -> None:
    """What was answered beside what is so, and why."""
    said = option_in_words(question, given, asked, state.language())
    terms = [(t("quiz.given"), said), (t("quiz.answer"), asked.answer)]
    body = "".join(f"<div><dt>{format.html(name)}</dt><dd>{format.html(text)}</dd></div>" for name, text in terms)
    verdict = "right" if question.is_right(given) else "wrong"
    st.html(
        f'<div class="quiz-reveal"><p class="{verdict}" role="status">{format.html(t(f"quiz.{verdict}"))}</p>'
        f'<dl>{body}</dl><p class="quiz-reason">{format.html(asked.reason)}</p></div>'
    )


def _draw_way(checkpoint: Checkpoint, questions: Questions, place: int, *, is_answered: bool) -> None:
    go = partial(_go, checkpoint, questions)
    with st.container(horizontal=True, key="quiz_way"):
        if place:
            controls.button(t("quiz.previous"), partial(go, place - 1), key="quiz_previous", shortcut="Left")
        onward = t("quiz.next") if place + 1 < len(questions) else t("quiz.to_score")
        kind = "primary" if is_answered else "secondary"
        controls.button(onward, partial(go, place + 1), key="quiz_next", type=kind, shortcut="Right")


# ---------------------------------------------------------------- the end


def draw_score(checkpoint: Checkpoint, questions: Questions) -> None:
    """How many were right, each question with its answer, and the way to other questions."""
    given = [_given(checkpoint, question) for question in questions]
    right = sum(question.is_right(text) for question, text in zip(questions, given, strict=True))
    st.html(
        f'<p class="quiz-score" role="status">{format.html(t("quiz.score", right=right, count=len(questions)))}</p>'
    )
    if missing := sum(not text for text in given):
        st.caption(t("quiz.missing", count=missing))
    st.html(_score_table(checkpoint, questions, given))
    with st.container(horizontal=True, key="quiz_way"):
        controls.button(t("quiz.review"), partial(_go, checkpoint, questions, 0), key="quiz_review", shortcut="Left")
        following = (int(state.settle(SEED, checkpoint)[0]) + 1) % (MAX_SEED + 1)
        controls.button(t("quiz.more"), partial(state.put, SEED, str(following)), key="quiz_more", type="primary")
    _draw_seed(checkpoint)


def _score_table(checkpoint: Checkpoint, questions: Questions, given: Sequence[str]) -> str:
    language, names = state.language(), checkpoint.names
    heads = ("question", "given", "answer")
    rows = [
        "<tr><td></td>" + "".join(f"<th scope='col'>{format.html(t(f'quiz.{head}'))}</th>" for head in heads) + "</tr>"
    ]
    for number, (question, text) in enumerate(zip(questions, given, strict=True), 1):
        asked = in_words(question, language, names)
        said = option_in_words(question, text, asked, language) if text else format.UNDEFINED
        kind = ("right" if question.is_right(text) else "wrong") if text else "open"
        cells = "".join(f"<td>{format.html(cell)}</td>" for cell in (asked.prompt, said, asked.answer if text else ""))
        rows.append(f'<tr class="{kind}"><th scope="row">{number}</th>{cells}</tr>')
    return f'<div class="quiz-scroll"><table class="quiz-all">{"".join(rows)}</table></div>'


def _draw_seed(checkpoint: Checkpoint) -> None:
    """The number that gives a whole class the same questions."""
    seed = str(state.settle(SEED, checkpoint)[0])
    with st.expander(t("quiz.seed", seed=seed)):
        st.caption(t("quiz.seed.note"))
        controls.text(
            t("quiz.seed.label"), key="quiz_seed", value=seed, store=lambda text: state.put(SEED, text.strip())
        )
        st.caption(t("quiz.paper", run=checkpoint.run_id, seed=seed))
