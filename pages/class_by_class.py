"""Class by class: one class is positive, all others together negative; TP, FP, FN, TN and what follows from them."""

import streamlit as st

from mnistcore.evaluation import selections
from ui import format, widgets
from ui.class_by_class import draw_board, draw_formulas, draw_histogram, draw_warning, region_heading

checkpoint = widgets.begin_page("class_by_class")
evaluation = checkpoint.evaluation
positive = int(widgets.valid_choice("class", [str(index) for index in range(len(checkpoint.names))]))
region = widgets.valid_choice("region", selections.REGIONS)

draw_board(checkpoint, positive, region)
draw_warning(checkpoint, positive)
draw_formulas(checkpoint, positive)

heading = format.html(region_heading(checkpoint, positive, region))
st.html(f'<h2 class="region-heading"><span class="tag {region}">{region.upper()}</span>{heading}</h2>')
if (seen := evaluation.per_image) is None:
    widgets.draw_counts_only()
else:
    mask = selections.region_mask(region, positive, seen.labels, seen.predicted)
    widgets.draw_gallery("class_by_class", checkpoint, seen, seen.most_confident_first(mask), is_ordered=True)
    draw_histogram(checkpoint, seen, positive)
