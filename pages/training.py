"""Training: request a run, watch it live, end it, resume it, and find it again."""

import streamlit as st

from ui.navigation import begin_page
from ui.roles import draw_note
from ui.texts import t
from ui.training.actions import draw_problem
from ui.training.before_start import draw_before
from ui.training.form import draw_form
from ui.training.job import JOB
from ui.training.job_list import draw_list
from ui.training.watched import draw_watched
from ui.training.wishes import FORM

page = begin_page("training")
draw_note()
draw_problem()
run_id = page.read(JOB, None)
if run_id:
    draw_watched(run_id)
else:
    st.markdown(t("training.intro"))
    request = draw_form(page.read(FORM, None))
    draw_before(request)
draw_list(run_id)
