"""Owns the parts of the misclassified page: the filters, the list that they leave, and its CSV."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.evaluation.evaluation import PerImage
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


def draw_filters(checkpoint: Checkpoint, seen: PerImage) -> Filters:
    """The row of controls, and what they say; without probabilities there is nothing to sort or to filter by them."""
    names, has_scores = checkpoint.names, seen.scores is not None
    classes = [ALL, *(str(index) for index in range(len(names)))]

    def class_name(option: str) -> str:
        return t("misclassified.all") if option == ALL else names[int(option)]

    first, second, third, fourth, fifth = st.columns([2, 2, 4, 4, 2], gap="medium", vertical_alignment="bottom")
    with first:
        truth = widgets.choice("truth", classes, t("misclassified.truth"), names=class_name)
    with second:
        predicted = widgets.choice("predicted", classes, t("misclassified.predicted"), names=class_name)
    with third:
        lowest, highest = _draw_confidence() if has_scores else (0, 100)
    with fourth:
        sort = widgets.choice(
            "sort",
            SORTS if has_scores else SORTS[-1:],
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


def mistakes(seen: PerImage, filters: Filters) -> NDArray[np.int64]:
    """Indices of the misclassified images that the filters leave, in their order."""
    if seen.scores is None or filters.sort == "index":
        indices = np.flatnonzero(seen.labels != seen.predicted)
    else:
        indices = metrics.rank_errors(seen.labels, seen.scores, by=filters.sort)
    keep = np.ones(len(indices), bool)
    if seen.confidence is not None:
        confidence = seen.confidence[indices]
        keep = (confidence >= filters.lowest / 100) & (confidence <= filters.highest / 100)
    if filters.truth is not None:
        keep &= seen.labels[indices] == filters.truth
    if filters.predicted is not None:
        keep &= seen.predicted[indices] == filters.predicted
    return indices[keep]


def draw_download(checkpoint: Checkpoint, seen: PerImage, indices: NDArray[np.int64]) -> None:
    """The filtered list as CSV: index, truth, prediction, and where they are known confidence and probabilities."""
    names = checkpoint.whole_names
    head, columns = ["index", "truth", "predicted"], [indices.tolist()]
    columns += [[names[index] for index in part[indices].tolist()] for part in (seen.labels, seen.predicted)]
    if seen.scores is not None and seen.confidence is not None:
        head += ["confidence", *(f"probability {name}" for name in names)]
        columns += [seen.confidence[indices].tolist(), *seen.scores[indices].T.tolist()]

    def csv() -> bytes:
        return csv_bytes(tuple(head), zip(*columns, strict=True))

    with st.container(horizontal=True, horizontal_alignment="right"):
        name = f"{checkpoint.run_id}-epoch{checkpoint.epoch}-misclassified.csv"
        controls.download(t("misclassified.csv"), csv, file_name=name, key="download_misclassified")
