"""Class by class: one class is positive, all others together negative; TP, FP, FN, TN and what follows from them."""

import streamlit as st

from ui.chosen import chosen_part, positive_class
from ui.class_by_class import draw_board, draw_search, draw_warning, is_by_threshold, part_heading, shown_mask
from ui.gallery import draw_counts_only, draw_gallery
from ui.navigation import begin_page, chosen_checkpoint
from ui.texts import t

page = begin_page("class_by_class")
checkpoint = chosen_checkpoint(page)
positive = positive_class(page, checkpoint)
part = chosen_part(page, checkpoint)

draw_search(checkpoint, positive)
draw_board(page, checkpoint, positive, part)
by_threshold = is_by_threshold(page, checkpoint)
if not by_threshold:
    draw_warning(checkpoint, positive)
seen, mask = checkpoint.evaluation.per_image, shown_mask(page, checkpoint, positive, part)
if seen is None or mask is None:
    draw_counts_only()
else:
    st.header(part_heading(checkpoint, positive, part, int(mask.sum())), anchor=False)
    if by_threshold:
        st.caption(t("class_by_class.by_threshold"))
    draw_gallery(page, checkpoint, seen, seen.most_confident_first(mask), is_ordered=True)
