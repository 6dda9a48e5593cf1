"""Owns the parts of the misclassified page: the filters, the list that they leave, and its CSV."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.evaluation import Evaluation
from ui import controls, state, widgets
from ui.checkpoint import Checkpoint
from ui.spreadsheet import csv_bytes
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


def draw_filters(checkpoint: Checkpoint) -> Filters:
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
    whole = state.PARAMETERS["confidence"]
    value, wrong = state.settle("confidence", lambda text: _percent_range(text) is not None, whole)
    if wrong is not None:
        widgets.warn("problem.unknown_value", parameter="confidence", value=wrong, options=whole, shown=whole)
    bounds = _percent_range(value) or (0, 100)
    controls.interval(
        t("misclassified.confidence"),
        0,
        100,
        key="pick_confidence",
        chosen=bounds,
        store=lambda chosen: state.put("confidence", f"{chosen[0]}-{chosen[1]}"),
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


def draw_download(checkpoint: Checkpoint, indices: NDArray[np.int64]) -> None:
    """The filtered list as CSV: index, truth, prediction, confidence and every class's probability."""
    evaluation, names = checkpoint.evaluation, checkpoint.whole_names

    def csv() -> bytes:
        return csv_bytes(
            ("index", "truth", "predicted", "confidence", *(f"probability {name}" for name in names)),
            (
                (index, names[label], names[predicted], confidence, *scores)
                for index, label, predicted, confidence, scores in zip(
                    indices.tolist(),
                    evaluation.labels[indices].tolist(),
                    evaluation.predicted[indices].tolist(),
                    evaluation.confidence[indices].tolist(),
                    evaluation.scores[indices].tolist(),
                    strict=True,
                )
            ),
        )

    with st.container(horizontal=True, horizontal_alignment="right"):
        name = f"{checkpoint.run_id}-epoch{checkpoint.epoch}-misclassified.csv"
        controls.download(t("misclassified.csv"), csv, file_name=name, key="download_misclassified")
