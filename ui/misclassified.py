"""Owns the parts of the misclassified page: the filters, the list that they leave, and its CSV."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.evaluation.evaluation import PerImage
from mnistcore.spreadsheet import csv_bytes
from ui import choices, controls, state
from ui.checkpoint import Checkpoint
from ui.gallery import SIZE
from ui.page import Page
from ui.parameters import Parameter, Problem, Unusable, choice, is_index
from ui.texts import t

ALL = "all"
SORTS = ("confidence", "margin", "loss", "index")


def _classes(checkpoint: Checkpoint) -> dict[str, int | None]:
    return {ALL: None} | {str(index): index for index in range(len(checkpoint.names))}


def _sorts(checkpoint: Checkpoint) -> dict[str, str]:
    """Without probabilities there is nothing to sort by but the index."""
    seen = checkpoint.evaluation.per_image
    has_scores = seen is None or seen.has_scores
    return {sort: sort for sort in (SORTS if has_scores else SORTS[-1:])}


def _read_confidence(text: str, _: object) -> tuple[int, int]:
    """From where to where, in percent: "20-90"."""
    parts = text.split("-")
    if len(parts) == 2 and all(is_index(part, 101) for part in parts):
        low, high = int(parts[0]), int(parts[1])
        if low <= high:
            return low, high
    whole = CONFIDENCE.default
    raise Unusable(Problem("problem.unknown_value", parameter="confidence", value=text, options=whole, shown=whole))


TRUTH = choice("truth", _classes, default=ALL)  # the true class
PREDICTED = choice("predicted", _classes, default=ALL)
CONFIDENCE = Parameter(name="confidence", read=_read_confidence, default="0-100")
SORT = choice("sort", _sorts, default="confidence")
PARAMETERS: tuple[Parameter[Checkpoint, Any], ...] = (TRUTH, PREDICTED, CONFIDENCE, SORT)


@dataclass(frozen=True)
class Filters:
    """What of the mistakes to show, and in which order."""

    truth: int | None  # class index; None: all
    predicted: int | None
    lowest: int  # confidence in percent
    highest: int
    sort: str  # one of SORTS


def draw_filters(page: Page, checkpoint: Checkpoint, seen: PerImage) -> Filters:
    """The row of controls, and what they say; without probabilities there is nothing to filter by them."""
    names = checkpoint.names

    def class_name(option: str) -> str:
        return t("misclassified.all") if option == ALL else names[int(option)]

    first, second, third, fourth, fifth = st.columns([2, 2, 4, 4, 2], gap="medium", vertical_alignment="bottom")
    with first:
        truth = choices.choose(page, TRUTH, checkpoint, t("misclassified.truth"), names=class_name)
    with second:
        predicted = choices.choose(page, PREDICTED, checkpoint, t("misclassified.predicted"), names=class_name)
    with third:
        lowest, highest = _draw_confidence(page) if seen.has_scores else (0, 100)
    with fourth:
        sort = choices.choose(
            page,
            SORT,
            checkpoint,
            t("misclassified.sort"),
            names=lambda option: t(f"misclassified.sort.{option}"),
            help=t("misclassified.sort.help"),
        )
    with fifth:
        choices.choose(page, SIZE, checkpoint, t("misclassified.size"), help=t("misclassified.size.help"))
    return Filters(truth=truth, predicted=predicted, lowest=lowest, highest=highest, sort=sort)


def _draw_confidence(page: Page) -> tuple[int, int]:
    bounds = page.read(CONFIDENCE, None)
    controls.interval(
        t("misclassified.confidence"),
        0,
        100,
        key="pick_confidence",
        chosen=bounds,
        store=lambda chosen: state.put(CONFIDENCE, f"{chosen[0]}-{chosen[1]}"),
        help=t("misclassified.confidence.help"),
    )
    return bounds


def mistakes(seen: PerImage, filters: Filters) -> NDArray[np.int64]:
    """Indices of the misclassified images that the filters leave, in their order."""
    if seen.scores is None or filters.sort == "index":
        indices = np.flatnonzero(seen.labels != seen.predicted)
    else:
        indices = metrics.rank_errors(seen.labels, seen.scores, by=filters.sort)
    keep = np.ones(len(indices), bool)
    if (confidence := seen.confidence_at(indices)) is not None:
        keep = (confidence >= filters.lowest / 100) & (confidence <= filters.highest / 100)
    if filters.truth is not None:
        keep &= seen.labels[indices] == filters.truth
    if filters.predicted is not None:
        keep &= seen.predicted[indices] == filters.predicted
    return indices[keep]


def draw_download(checkpoint: Checkpoint, seen: PerImage, indices: NDArray[np.int64]) -> None:
    """The filtered list as CSV: index, truth, prediction, and where they are known confidence and probabilities."""
    names = checkpoint.whole_names

    def csv() -> bytes:
        head, columns = ["index", "truth", "predicted"], [indices.tolist()]
        columns += [[names[index] for index in part[indices].tolist()] for part in (seen.labels, seen.predicted)]
        if seen.scores is not None and seen.confidence is not None:
            head += ["confidence", *(f"probability {name}" for name in names)]
            columns += [seen.confidence[indices].tolist(), *seen.scores[indices].T.tolist()]
        return csv_bytes(tuple(head), zip(*columns, strict=True))

    with st.container(horizontal=True, horizontal_alignment="right"):
        name = f"{checkpoint.run_id}-epoch{checkpoint.epoch}-misclassified.csv"
        controls.download(t("misclassified.csv"), csv, file_name=name, key="download_misclassified")
