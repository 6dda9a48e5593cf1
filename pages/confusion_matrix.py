"""Confusion matrix: which class is taken for which, with the images behind every cell, row and column."""

import streamlit as st

from mnistcore.evaluation import selections
from ui import glossary
from ui.chosen import CELL
from ui.confusion_matrix import CLASSES_BESIDE, describe, draw_intro, draw_look, draw_matrix, draw_pairs, draw_ways
from ui.gallery import draw_counts_only, draw_gallery
from ui.many_classes import MANY, draw_extent, draw_largest
from ui.navigation import begin_page, chosen_checkpoint

page = begin_page("confusion_matrix")
checkpoint = chosen_checkpoint(page)

look = draw_look(page, checkpoint)
is_large = len(checkpoint.names) > MANY
extent = draw_extent(page, checkpoint) if is_large else None
selection = page.read(CELL, checkpoint)

beside = is_large or len(checkpoint.names) <= CLASSES_BESIDE
left, right = st.columns([13, 9], gap="medium") if beside else (st.container(), st.container())
with left:
    draw_intro(look)
    draw_matrix(checkpoint, str(selection), look, extent)
    draw_pairs(checkpoint, str(selection))
    if is_large:
        draw_largest(checkpoint)
with right:
    glossary.draw_marked(describe(selection, checkpoint), "recall", "precision")
    draw_ways(selection, checkpoint)
    if (seen := checkpoint.evaluation.per_image) is None:
        draw_counts_only()
    else:
        indices = seen.most_confident_first(selections.selection_mask(selection, seen.labels, seen.predicted))
        draw_gallery(page, checkpoint, seen, indices, beside=not beside, is_ordered=True)
