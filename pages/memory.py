"""Giving memory back: each device, which training or model holds how much of its memory, and how to end that."""

import streamlit as st

from ui.memory import draw_devices, draw_explanation
from ui.navigation import begin_page
from ui.roles import draw_note
from ui.texts import t

begin_page("memory")
draw_note()
st.markdown(t("memory.intro"))
draw_devices()
draw_explanation()
