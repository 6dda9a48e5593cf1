"""Confusion matrix: which class is taken for which, with the images behind every cell, row and column."""

from functools import partial

import streamlit as st

from mnistcore.evaluation import selections
from ui import state, widgets
from ui.confusion_matrix import describe, draw_matrix, draw_pairs, preferred_cell
from ui.texts import t

checkpoint = widgets.begin_page("confusion_matrix")
names = checkpoint.names


def option_name(parameter: str, option: str) -> str:
    """What an option of one of the choices above the matrix is called."""
    return t(f"confusion_matrix.{parameter}.{option}")


with st.container(horizontal=True, gap="small", key="matrix_controls"):
    for parameter, options in (
        ("show", ("count", "row", "column")),
        ("scale", ("sqrt", "linear")),
        ("diagonal", ("shown", "hidden")),
        ("axes", ("rows", "columns")),
    ):
        widgets.choice(
            parameter,
            options,
            t(f"confusion_matrix.{parameter}"),
            names=partial(option_name, parameter),
            segmented=True,
            help=t("confusion_matrix.scale.help") if parameter == "scale" else None,
        )

possible = ("", *selections.selection_options(len(names)))
wanted, wrong = state.settle("cell", possible.__contains__, "")
if wrong is not None:
    widgets.warn("problem.unknown_cell", wanted=wrong, last=len(names) - 1)
cell = wanted or preferred_cell(checkpoint.evaluation)
selection = selections.parse_selection(cell, num_classes=len(names))

beside = len(names) <= widgets.CLASSES_BESIDE
left, right = st.columns([13, 9], gap="medium") if beside else (st.container(), st.container())
with left:
    draw_matrix(checkpoint, str(selection))
    draw_pairs(checkpoint, str(selection))
with right:
    st.markdown(describe(selection, checkpoint))
    if (seen := checkpoint.evaluation.per_image) is None:
        widgets.draw_counts_only()
    else:
        indices = seen.most_confident_first(selections.selection_mask(selection, seen.labels, seen.predicted))
        widgets.draw_gallery("confusion_matrix", checkpoint, seen, indices, beside=not beside, is_ordered=True)
