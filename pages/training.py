"""Training: ask for one, watch it live, end it, go on with it, and find it again."""

import streamlit as st

from ui import widgets
from ui.texts import t
from ui.training import chosen_job, draw_before, draw_list, draw_problem, draw_watched
from ui.training_form import draw_form, read_wish

widgets.draw_title("training")
draw_problem()
run_id = chosen_job()
if run_id:
    draw_watched(run_id)
else:
    st.markdown(t("training.intro"))
    wish = read_wish()
    request = draw_form(wish)
    draw_before(request)
draw_list(run_id)
