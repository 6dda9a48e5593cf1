"""Misclassified: every mistake as a picture, filtered and sorted, with what the model thought of it."""

import streamlit as st

from ui import format, guard
from ui.gallery import draw_counts_only, draw_gallery
from ui.misclassified import draw_download, draw_filters, mistakes
from ui.navigation import begin_page, chosen_checkpoint
from ui.texts import t

page = begin_page("misclassified")
checkpoint = chosen_checkpoint(page)
evaluation = checkpoint.evaluation

if not evaluation.mistakes:
    low, high = (format.percent(bound, digits=2) for bound in evaluation.accuracy_interval)
    st.success(t("misclassified.none", total=format.count(evaluation.total), low=low, high=high))
    guard.end_page()

if (seen := evaluation.per_image) is None:
    draw_counts_only()
    guard.end_page()

filters = draw_filters(page, checkpoint, seen)
indices = mistakes(seen, filters)
summary, download = st.columns([3, 1], vertical_alignment="center")
with summary:
    st.markdown(
        t(
            "misclassified.count",
            count=format.count(len(indices)),
            total=format.count(evaluation.mistakes),
            images=format.count(evaluation.total),
            share=format.percent(evaluation.share(indices), digits=2),
        )
    )
if not len(indices):
    st.info(t("misclassified.nothing_left"))
    guard.end_page()
with download:
    draw_download(checkpoint, seen, indices)
draw_gallery(page, checkpoint, seen, indices)
