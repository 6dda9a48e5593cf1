"""Glossary: the four outcomes, the metrics and every other technical word, with the chosen checkpoint's numbers."""

import streamlit as st

from ui import controls, glossary_tables, state
from ui.chosen import CLASS, positive_class
from ui.navigation import begin_page, checkpoint_if_any
from ui.texts import t

page = begin_page("glossary")
checkpoint = checkpoint_if_any(page)

positive = 0
with st.container(horizontal=True, vertical_alignment="bottom", key="glossary_controls"):
    if checkpoint is None:
        st.caption(t("glossary.no_numbers"))
    else:
        positive = positive_class(page, checkpoint)
        controls.choose(
            t("glossary.example"),
            range(len(checkpoint.names)),
            key="pick_example",
            chosen=positive,
            store=lambda index: state.put(CLASS, str(index)),
            names=(checkpoint.names.__getitem__,),
        )
    st.caption(t("glossary.print"))

glossary_tables.draw_tables(checkpoint, positive)
