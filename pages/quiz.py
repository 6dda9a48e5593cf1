"""Quiz: one question about the checkpoint on a screen; an answer, then what is right and why; at last the score."""

import streamlit as st

from ui import guard, style
from ui.navigation import begin_page, chosen_checkpoint
from ui.quiz import QUESTION, chosen_questions, draw_question, draw_score
from ui.texts import t

page = begin_page("quiz")
checkpoint = chosen_checkpoint(page)
style.draw_sheet("quiz.css")
questions = chosen_questions(page, checkpoint)
if not questions:
    st.info(t("quiz.nothing"))
    guard.end_page()
place = page.read(QUESTION, checkpoint)
with st.container(key="quiz"):
    if place < len(questions):
        draw_question(page, checkpoint, questions, place)
    else:
        draw_score(checkpoint, questions)
