"""Training: ask for one, watch it live, end it, go on with it, and find it again."""

import streamlit as st

from ui.navigation import begin_page
from ui.texts import t
from ui.training import JOB, draw_before, draw_list, draw_problem, draw_watched
from ui.training_form import FORM, draw_form

page = begin_page("training")
draw_problem()
run_id = page.read(JOB, None)
if run_id:
    draw_watched(run_id)
else:
    st.markdown(t("training.intro"))
    request = draw_form(page.read(FORM, None))
    draw_before(request)
draw_list(run_id)
