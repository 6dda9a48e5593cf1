"""Class by class: one class is positive, all others together negative; TP, FP, FN, TN and what follows from them."""

import streamlit as st

from mnistcore.evaluation import selections
from ui import format
from ui.class_by_class import CLASS, REGION, draw_board, draw_formulas, draw_histogram, draw_warning, region_heading
from ui.gallery import draw_counts_only, draw_gallery
from ui.navigation import begin_page, chosen_checkpoint

page = begin_page("class_by_class")
checkpoint = chosen_checkpoint(page)
positive = page.read(CLASS, checkpoint)
region = page.read(REGION, checkpoint)

draw_board(checkpoint, positive, region)
draw_warning(checkpoint, positive)
draw_formulas(checkpoint, positive)

heading = format.html(region_heading(checkpoint, positive, region))
st.html(f'<h2 class="region-heading"><span class="tag {region}">{region.upper()}</span>{heading}</h2>')
if (seen := checkpoint.evaluation.per_image) is None:
    draw_counts_only()
else:
    mask = selections.region_mask(region, positive, seen.labels, seen.predicted)
    draw_gallery(page, checkpoint, seen, seen.most_confident_first(mask), is_ordered=True)
    draw_histogram(checkpoint, seen, positive)
