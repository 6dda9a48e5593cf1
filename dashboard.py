"""The entry point: page set-up, the language and checkpoint pickers in the sidebar, and the navigation."""

import streamlit as st

from ui import cache, prediction, sidebar, state
from ui.components.connection import watch_connection
from ui.glossary import draw_explanations
from ui.guard import guarded
from ui.navigation import FIRST, PARAMETERS, draw_navigation, is_about_checkpoint, parameters_of
from ui.presenting import draw_presenter, draw_switch
from ui.style import draw_style
from ui.texts import t

st.set_page_config(page_title=t("app.title"), layout="wide", initial_sidebar_state="auto")
draw_style()
page = draw_navigation()  # before any widget: on a fresh server the first visitor's first click would be lost otherwise
with state.dashboard_run():
    defaults: dict[str, str] = {}
    with guarded("sidebar"):
        defaults = sidebar.url_defaults()
    with state.draw_url_inputs(PARAMETERS, defaults, here=parameters_of(page)):
        watch_connection()
        draw_explanations()
    draw_presenter()
    with st.sidebar:
        with guarded("sidebar"):
            if is_about_checkpoint(page):
                sidebar.draw_checkpoint_picker()
                prediction.draw_switch(page.url_path or FIRST)
        sidebar.draw_language_picker()
        draw_switch()
    with guarded("page"):
        page.run()
cache.freeze_memory()
