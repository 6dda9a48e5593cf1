"""Owns a confusion matrix that comes alone on its page: which axis is the truth is asked, and shown."""

from typing import Final

import streamlit as st

from mnistcore.evaluation.evaluation import evaluate_predictions
from mnistcore.evaluation.predictions import Counts
from mnistcore.imports import files, matrices
from mnistcore.imports.matrices import AXES, Axis, GivenMatrix
from ui import cache, format, labels
from ui.bringing.brought import PASTED, Brought
from ui.bringing.keeping import draw_assumed, draw_keeping, draw_preview
from ui.bringing.picking import pick
from ui.texts import t

_PASTED_STEM: Final = "matrix"


def draw(given: Brought) -> None:
    """The question which axis is the truth and, once it is answered, what comes of it.

    Raises:
        InputError: it is no confusion matrix.
    """
    (name,) = given.files
    found = cache.brought_matrix(given.key, given.files)
    left, right = st.columns((5, 6), gap="large")
    with left:
        st.header(t("bring_your_own.found"), anchor=False)
        classes, images = len(found.names), int(found.counts.sum())
        st.markdown(t("bring_your_own.found.matrix", classes=classes, images=format.count(images)))
        draw_assumed(found.assumed)
        axis = _draw_question(given, found)
    if axis is None:
        return
    numbers = evaluate_predictions(Counts(found.with_truth(axis)), num_classes=classes)

    def keeping() -> None:
        stem = _PASTED_STEM if name == PASTED else files.stem_of(name)
        draw_keeping(given, lambda said: _keep(name, found, axis, said), stem=stem)

    with right:
        draw_preview(numbers, [labels.short(each) for each in found.names], keeping=keeping)


def _keep(file: str, found: GivenMatrix, axis: Axis, name: str) -> tuple[str, bool]:
    kind = files.ending_of(file).lstrip(".")
    done = matrices.keep_matrix(found, truth=axis, file=file, kind=kind, name=name, store=cache.store())
    return done.run_id, done.is_new


def _draw_question(given: Brought, found: GivenMatrix) -> Axis | None:
    """Which axis is the truth; None as long as nobody has said."""
    axis = pick(
        given,
        "axis",
        AXES,
        t("bring_your_own.axis"),
        otherwise=None,
        called=lambda option: t(f"bring_your_own.axis.{option}"),
    )
    first, second = (labels.short(name) for name in found.names[:2])
    example = {"count": format.count(int(found.counts[0, 1])), "row": first, "column": second}
    shown = {name: format.markdown(text) for name, text in example.items()}
    st.caption(t(f"bring_your_own.axis.means.{axis or 'open'}", **shown))
    return axis
