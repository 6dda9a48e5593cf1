"""Owns the parts of the misclassified page: the filters, the list that they leave, and its CSV."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.evaluation import Evaluation
from ui import state, widgets
from ui.texts import t

ALL = "all"
SORTS = ("confidence", "margin", "loss", "index")


@dataclass(frozen=True)
class Filters:
    """What of the mistakes to show, and in which order."""

    truth: int | None  # class index; None: all
    predicted: int | None
    lowest: int  # confidence in percent
    highest: int
    sort: str  # one of SORTS


def draw_filters(checkpoint: widgets.Checkpoint) -> Filters:
    """The row of controls, and what they say."""
    names = checkpoint.names
    classes = [ALL, *(str(index) for index in range(len(names)))]

    def class_name(option: str) -> str:
        return t("class.all") if option == ALL else names[int(option)]

    first, second, third, fourth, fifth = st.columns([2, 2, 4, 4, 2], gap="medium", vertical_alignment="bottom")
    with first:
        truth = widgets.choice("truth", classes, t("misclassified.truth"), names=class_name)
    with second:
        predicted = widgets.choice("predicted", classes, t("misclassified.predicted"), names=class_name)
    with third:
        lowest, highest = _draw_confidence()
    with fourth:
        sort = widgets.choice(
            "sort",
            SORTS,
            t("misclassified.sort"),
            names=lambda option: t(f"misclassified.sort.{option}"),
            help=t("misclassified.sort.help"),
        )
    with fifth:
        widgets.choice("size", widgets.PAGE_SIZES, t("misclassified.size"), help=t("misclassified.size.help"))
    return Filters(
        truth=None if truth == ALL else int(truth),
        predicted=None if predicted == ALL else int(predicted),
        lowest=lowest,
        highest=highest,
        sort=sort,
    )


def _draw_confidence() -> tuple[int, int]:
    wanted = state.get("confidence")
    bounds = _percent_range(wanted)
    if bounds is None:
        widgets.warn("problem.unknown_value", parameter="confidence", value=wanted, options="0-100", shown="0-100")
        bounds = (0, 100)
    key = "pick_confidence"
    st.session_state[key] = bounds

    def store() -> None:
        low, high = st.session_state[key]
        state.put("confidence", f"{low}-{high}")

    st.slider(
        t("misclassified.confidence"),
        0,
        100,
        key=key,
        format="%d%%",
        on_change=store,
        help=t("misclassified.confidence.help"),
    )
    return bounds


def _percent_range(text: str) -> tuple[int, int] | None:
    parts = text.split("-")
    if len(parts) != 2 or not all(widgets.is_index(part, 101) for part in parts):
        return None
    low, high = int(parts[0]), int(parts[1])
    return (low, high) if low <= high else None


def mistakes(evaluation: Evaluation, filters: Filters) -> NDArray[np.int64]:
    """Indices of the misclassified images that the filters leave, in their order."""
    by = filters.sort if filters.sort != "index" else "confidence"
    indices = metrics.rank_errors(evaluation.labels, evaluation.scores, by=by)
    if filters.sort == "index":
        indices = np.sort(indices)
    confidence = evaluation.confidence[indices]
    keep = (confidence >= filters.lowest / 100) & (confidence <= filters.highest / 100)
    if filters.truth is not None:
        keep &= evaluation.labels[indices] == filters.truth
    if filters.predicted is not None:
        keep &= evaluation.predicted[indices] == filters.predicted
    return indices[keep]


def draw_download(checkpoint: widgets.Checkpoint, indices: NDArray[np.int64]) -> None:
    """The filtered list as CSV: index, truth, prediction, confidence and every class's probability."""
    evaluation, names = checkpoint.evaluation, checkpoint.names

    def csv() -> bytes:
        table = pd.DataFrame(
            {
                "index": indices,
                "truth": [names[label] for label in evaluation.labels[indices]],
                "predicted": [names[label] for label in evaluation.predicted[indices]],
                "confidence": evaluation.confidence[indices],
            }
            | {f"probability {name}": evaluation.scores[indices, c] for c, name in enumerate(names)}
        )
        # The mark at the start tells spreadsheet programs that Japanese class names are UTF-8.
        return str(table.to_csv(index=False)).encode("utf-8-sig")

    with st.container(horizontal=True, horizontal_alignment="right"):
        st.download_button(
            t("misclassified.csv"),
            csv,
            file_name=f"{checkpoint.run.run_id}-epoch{checkpoint.epoch}-misclassified.csv",
            mime="text/csv",
            on_click="ignore",
            key="download_misclassified",
        )
