"""Owns how lessons are drawn: the list as cards, and one lesson as one screen: a question, a guess, the answer."""

from functools import partial
from urllib.parse import urlencode

import streamlit as st

from ui import controls, format, state, style
from ui.checkpoint import EPOCH, RUN, Checkpoint
from ui.lessons.catalogue import LESSON, LESSONS
from ui.lessons.lesson import GUESS, Guess, Lesson, NotHereError, Question, answer, take_back
from ui.page import Page
from ui.texts import t

CARDS_IN_A_ROW = 3
_TWENTIETHS = 20  # of the width, that picture and options share
MISSES = 2  # up to so many parts, those that were not guessed right are named


def draw_list(checkpoint: Checkpoint) -> None:
    """Every lesson as a card with one line; where the checkpoint cannot show it, that line says why."""
    style.draw_sheet("lessons/lessons.css")
    st.markdown(t("lessons.intro"))
    lessons = list(LESSONS.values())
    with st.container(key="lessons_list"):
        for start in range(0, len(lessons), CARDS_IN_A_ROW):
            for lesson, column in zip(
                lessons[start : start + CARDS_IN_A_ROW], st.columns(CARDS_IN_A_ROW), strict=False
            ):
                with column, st.container(border=True, height="stretch"):
                    _draw_card(lesson, checkpoint)


def _draw_card(lesson: Lesson, checkpoint: Checkpoint) -> None:
    lacking = lesson.lacking(checkpoint)
    title = t(f"lesson_{lesson.name}.title")  # lessons.css numbers them
    controls.button(title, partial(state.put, LESSON, lesson.name), key=f"open_{lesson.name}", type="tertiary")
    st.caption(t(f"lesson_{lesson.name}.line") if lacking is None else lacking)


def draw_lesson(page: Page, checkpoint: Checkpoint, lesson: Lesson) -> None:
    """One lesson: the question, the picture, and beside it the options or, once guessed, what is so and why."""
    style.draw_sheet("lessons/lessons.css")
    with st.container(key="lesson_screen"):
        _draw_way(lesson)
        for parameter in lesson.parameters:
            page.read(parameter, checkpoint)  # what a link requests in vain is told
        lacking = lesson.lacking(checkpoint)
        try:
            question = lesson.ask(checkpoint) if lacking is None else None
        except NotHereError as error:
            question, lacking = None, str(error)
        if question is None:
            st.info(lacking)
            return
        _draw_question(question, page.read(GUESS, question), checkpoint)


def _heading(lesson: Lesson) -> str:
    number = list(LESSONS).index(lesson.name) + 1
    return t("lessons.heading", number=number, title=t(f"lesson_{lesson.name}.title"))


def _draw_way(lesson: Lesson) -> None:
    """The lesson's name, and the way to the others."""
    names = list(LESSONS)
    place = names.index(lesson.name)
    beside = (("previous", place - 1), ("next", place + 1))
    with st.container(horizontal=True, vertical_alignment="center", key="lesson_way"):
        st.header(_heading(lesson), anchor=False)
        controls.button(t("lessons.list"), partial(state.put, LESSON, ""), key="lesson_list")
        for key, to in beside:
            inside = 0 <= to < len(names)
            name = names[to] if inside else ""
            label = t(f"lessons.{key}")
            controls.button(label, partial(state.put, LESSON, name), key=f"lesson_{key}", disabled=not inside)


def _draw_question(question: Question, guess: Guess, checkpoint: Checkpoint) -> None:
    with st.container(key="lesson_question"):
        st.markdown(question.text)
    is_guessed, is_wide = question.is_guessed(guess), question.is_wide(guess)
    if is_wide and not is_guessed:
        _draw_part(question, guess)
    shares = (question.picture_share, _TWENTIETHS - question.picture_share)
    left, right = (st.container(), st.container()) if is_wide else st.columns(shares, gap="medium")
    with left, st.container(key="lesson_picture"):
        question.draw(guess)
    with right:
        if is_guessed:
            _draw_answer(question, guess, checkpoint)
            return
        if not is_wide:
            _draw_part(question, guess)
        if not question.in_picture:
            _draw_options(question)


def _draw_part(question: Question, guess: Guess) -> None:
    """What is asked now, where there are several parts."""
    if question.part_texts:
        part = t("lessons.part", part=len(guess) + 1, parts=question.parts)
        with st.container(key="lesson_part"):
            if guess:
                st.html(f'<div class="verdict">{_told_of_last(question, guess)}</div>')
            st.markdown(f"{part} {question.part_texts[len(guess)]}")


def _told_of_last(question: Question, guess: Guess) -> str:
    """Whether the part before was guessed right, and else what is so: what follows builds on it."""
    last = len(guess) - 1
    if guess[last] == question.right[last]:
        return f'<p class="right">{format.html(t("lessons.right"))}</p>'
    actual = t("lessons.wrong_part", actual=question.options[question.right[last]])
    return f'<p class="wrong">{format.html(actual)}</p>'


def _draw_options(question: Question) -> None:
    with st.container(key="lesson_options", horizontal=question.wide):
        for option, label in question.options.items():
            width = "content" if question.wide else "stretch"
            controls.button(label, partial(answer, option, to=question), key=f"answer_{option}", width=width)


def _draw_answer(question: Question, guess: Guess, checkpoint: Checkpoint) -> None:
    """What was guessed beside what is so, then why, and where to see it."""
    with st.container(key="lesson_answer"):
        verdict, why = st.columns([1, 3], gap="large") if question.is_wide(guess) else (st.container(), st.container())
        verdict.html(f'<div class="verdict" role="status">{_verdict(question, guess)}</div>')
        with why.container(key="lesson_why"):
            st.markdown(question.why)
        with why.container(horizontal=True, vertical_alignment="center"):
            controls.button(t("lessons.again"), take_back, key="lesson_again")
            if question.links:
                st.html(f'<div class="ways">{_links(question, checkpoint)}</div>', width="content")


def _verdict(question: Question, guess: Guess) -> str:
    hits = question.hits(guess)
    if question.parts > 1:
        missed = _missed(question, guess) if question.parts <= MISSES else ""  # of more, the picture says it
        return f"<p><b>{format.html(t('lessons.hits', hits=hits, parts=question.parts))}</b></p>{missed}"
    shown, sign = [(t("lessons.guessed"), question.options[guess[0]])], ""
    if question.right:
        name = "right" if hits else "wrong"
        # What was guessed right is said once.
        shown = [*([] if hits else shown), (t("lessons.actual"), question.options[question.right[0]])]
        sign = f'<p class="{name}">{format.html(t(f"lessons.{name}"))}</p>'
    terms = "".join(f"<div><dt>{format.html(term)}</dt><dd>{format.html(text)}</dd></div>" for term, text in shown)
    return f"{sign}<dl>{terms}</dl>"


def _missed(question: Question, guess: Guess) -> str:
    """The parts that were not guessed right, with what is so."""
    pairs = [pair for pair in zip(guess, question.right, strict=True) if pair[0] != pair[1]]
    return "".join(
        f'<p class="wrong">{format.html(t("lessons.instead", guessed=question.options[guessed]))}'
        f" <b>{format.html(question.options[right])}</b></p>"
        for guessed, right in pairs
    )


def _links(question: Question, checkpoint: Checkpoint) -> str:
    same = {"lang": state.language(), RUN.name: checkpoint.run_id, EPOCH.name: str(checkpoint.epoch)}
    return "".join(
        f'<a class="way" target="_self" href="{link.page}?{format.html(urlencode({**same, **link.parameters}))}">'
        f"{format.html(link.label)}</a>"
        for link in question.links
    )
