"""Owns the one-vs-rest board: matrix, 2 x 2, formula and some images of one class, as one part in the browser.

It checks what the page hands over and mounts it. All classes travel at once, and the browser counts (counting.js), so
that a flip repaints before the server has heard of it.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from mnistcore.errors import InputError
from mnistcore.evaluation.groups import GROUPS
from mnistcore.metrics import OUTCOMES
from mnistcore.metrics.arguments import as_square_counts
from ui.components import mount, trigger_value
from ui.components.image_grid import ImageTile
from ui.pictures import AMONG_MANY, at_most, sprite

SCORE_COLUMNS = 20
STRIP_COLUMNS = 12  # images in the strip, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardWords:
    """The words on the board, in the reader's language; templates name what is filled in in braces."""

    classes_label: str  # names the strip of classes
    previous: str
    next: str
    grid_label: str  # names the matrix: {name}
    truth_axis: str
    predicted_axis: str
    truth_yes: str  # heading of the 2 x 2: the true class is {name}
    truth_no: str
    predicted_yes: str  # heading of the 2 x 2: predicted as {name}
    predicted_no: str
    total: str  # heading of totals
    outcomes: Mapping[str, str]  # outcome -> its name
    outcomes_other: Mapping[str, str]  # outcome -> its name in the language that is taught beside; may be empty
    captions: Mapping[str, str]  # outcome -> what it is: {name}
    parts: Mapping[str, str]  # group -> heading of its images: {name} {count}
    row: str  # heading of the images of a row: {truth} {count}
    column: str  # {predicted} {count}
    cell: str  # {truth} {predicted} {count}
    cell_label: str  # {truth} {predicted} {count} {region}
    tile_label: str  # {region} {count} {caption}
    metrics_label: str  # names the choice of the metric
    undefined: str  # in place of a sentence, where the denominator is 0
    hide_answer: str
    show_answer: str
    reveal: str  # on a covered tile
    hidden_sentence: str  # in place of a sentence, while its counts are covered
    hidden_images: str  # in place of the images, likewise
    only_wrong: str  # the filter of the true negatives: {wrong} {tn}
    see_all: str  # leads to all images of the part
    views_label: str  # names the choice of what stands beside the 2 x 2
    ways_label: str  # names the choice of the flow's direction
    way_truth: str
    way_predicted: str
    all_images: str
    of: str  # under a count of the flow: {total}
    slider_label: str  # {name}
    scores_label: str  # names the images by their probability: {name}
    threshold: str  # what the slider says: {threshold} {name}
    same: str  # matrix and threshold agree: {name} {threshold}
    differs: str  # they do not, and no image is here for which: {matrix_tp} {matrix_fp}
    differs_above: str  # an image over the threshold, predicted as {predicted} in the matrix: {score} ...
    differs_below: str  # an image below it that the matrix predicts as the class
    pr: str
    roc: str
    recall: str
    precision: str
    tpr: str
    fpr: str
    ap: str  # {value}
    auc: str
    best_f1: str  # {threshold}
    price: str
    cheapest: str  # {threshold}
    edge: str  # heading of the images next to the threshold: {threshold} {name}
    edge_image: str  # {truth} {score}
    no_scores: str  # in place of the threshold, where no probabilities are known

    def __post_init__(self) -> None:
        for field, keys in (("outcomes", OUTCOMES), ("captions", OUTCOMES), ("parts", GROUPS)):
            if set(getattr(self, field)) != set(keys):
                expected, got = ", ".join(keys), ", ".join(sorted(getattr(self, field)))
                raise InputError(f"{field}: expected the keys {expected}, got {got}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardMetric:
    """A metric of one class, as a quotient of sums of its four counts."""

    name: str  # in the URL
    title: str
    other: str  # its title in the language that is taught beside; may be empty
    above: Mapping[str, int]  # outcome -> how often it is counted in the numerator
    below: Mapping[str, int]  # likewise in the denominator
    sentence: str  # out of which images: {name} {tp} ... {range}
    more: str  # what else there is to say, where there is room; may be empty


@dataclass(frozen=True, slots=True)
class BoardClass:
    """What a class is called."""

    name: str  # short, on its tab and as the heading
    long_name: str  # what a screen reader says
    is_others: bool = False  # all further classes together, the last: none that can be positive


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoardView:
    """Everything that the board draws except the choices, so that the browser can tell a flip from a new matrix.

    Raises:
        InputError: the matrix is not C x C, for C classes; or there is no metric.
    """

    classes: Sequence[BoardClass]
    matrix: NDArray[np.int64]  # (C, C) rows true, columns predicted
    metrics: Sequence[BoardMetric]
    views: Mapping[str, str]  # what may stand beside the 2 x 2 -> its title
    prices: Sequence[int]  # of a false negative, where a false positive costs 1: what may be chosen
    swapped: bool  # the true class is in the columns
    overall: str  # the accuracy of the whole matrix, for the sentences
    mean: str  # the mean of the one-vs-rest accuracies, likewise
    class_count: int  # of all classes, for the sentences
    wrong: Sequence[int]  # of each class's true negatives, those misclassified
    present: bool  # drawn for the back of a room, and with keys that need no focus
    words: BoardWords

    def __post_init__(self) -> None:
        if not self.metrics:
            raise InputError("metrics: expected at least one, got none")
        if len(as_square_counts(self.matrix)) != len(self.classes):
            raise InputError(f"matrix: expected a row for each of {len(self.classes)} classes, got {len(self.matrix)}")

    def as_json(self) -> dict[str, object]:
        """What class_board.js reads."""
        return {
            "classes": [asdict(each) for each in self.classes],
            "cells": self.matrix.tolist(),
            "metrics": [asdict(each) for each in self.metrics],
            "views": [{"name": name, "title": title} for name, title in self.views.items()],
            "prices": list(self.prices),
            "swapped": self.swapped,
            "overall": self.overall,
            "mean": self.mean,
            "class_count": self.class_count,
            "wrong": list(self.wrong),
            "present": self.present,
            "words": asdict(self.words),
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strip:
    """The images of the part that the server knows to be chosen.

    Raises:
        InputError: a tile for more or fewer images than there are, or more than a strip has.
    """

    name: str  # of the class
    part: str
    images: NDArray[np.uint8]  # (N, H, W)
    tiles: Sequence[ImageTile]  # one for each image, in order
    reason: str = ""  # why there are none

    def __post_init__(self) -> None:
        if len(self.tiles) != len(self.images) or len(self.tiles) > STRIP_COLUMNS:
            got = f"{len(self.tiles)} for {len(self.images)} images"
            raise InputError(f"tiles: expected one for each image, at most {STRIP_COLUMNS}, got {got}")

    def as_json(self) -> dict[str, object]:
        """What image_strip.js reads."""
        return {
            "for": f"{self.name}|{self.part}",
            "sprite": sprite(at_most(self.images, AMONG_MANY), STRIP_COLUMNS, square=True) if len(self.images) else "",
            "columns": STRIP_COLUMNS,
            "tiles": [
                {"id": str(int(tile.index)), "caption": tile.caption, "label": tile.label} for tile in self.tiles
            ],
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples:
    """A few images of each outcome of a class, for the flow."""

    positive: int  # index of the class
    images: Mapping[str, NDArray[np.uint8]]  # outcome -> (n, H, W)

    def as_json(self) -> dict[str, object]:
        """What flow_chart.js reads."""
        stacks = [self.images[outcome] for outcome in OUTCOMES]
        places, start = {}, 0
        for outcome, stack in zip(OUTCOMES, stacks, strict=True):
            places[outcome] = list(range(start, start + len(stack)))
            start += len(stack)
        return {
            "for": self.positive,
            "sprite": sprite(at_most(np.concatenate(stacks), AMONG_MANY), STRIP_COLUMNS, square=True) if start else "",
            "columns": STRIP_COLUMNS,
            "rows": max(1, -(-start // STRIP_COLUMNS)),
            "places": places,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredImage:
    """An image that a threshold may move to the other side."""

    index: int  # in the data set
    score: float  # the probability of the class
    positive: bool  # its true class is the class
    as_class: bool  # the matrix predicts it as the class
    truth: str
    predicted: str  # what the matrix predicts it as


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """The probabilities of one class, and what follows from them for every threshold.

    Raises:
        InputError: another number of images than of what is said of them.
    """

    positive: int  # index of the class
    positives: NDArray[np.float64]  # (P,) of the images of the class
    negatives: NDArray[np.float64]  # (M,) of all others
    bins: Mapping[str, Sequence[int]]  # "positives", "negatives" -> images in each bin from 0 to 1
    pr: Sequence[tuple[float, float]]  # recall, precision
    roc: Sequence[tuple[float, float]]  # false, true positive rate
    ap: float | None
    auc: float | None
    best_f1: float | None  # a threshold
    pixels: NDArray[np.uint8]  # (n, H, W)
    images: Sequence[ScoredImage]  # (n,)
    reason: str = ""  # why there are no images

    def __post_init__(self) -> None:
        if len(self.images) != len(self.pixels):
            raise InputError(f"images: expected {len(self.pixels)}, one for each of pixels, got {len(self.images)}")

    def as_json(self) -> dict[str, object]:
        """What threshold_panel.js reads."""
        return {
            "for": self.positive,
            "positives": _base64(self.positives),
            "negatives": _base64(self.negatives),
            "bins": {side: list(counts) for side, counts in self.bins.items()},
            "pr": self.pr,
            "roc": self.roc,
            "ap": self.ap,
            "auc": self.auc,
            "best_f1": self.best_f1,
            "sprite": sprite(at_most(self.pixels, AMONG_MANY), SCORE_COLUMNS, square=True) if len(self.pixels) else "",
            "columns": SCORE_COLUMNS,
            "images": [{"id": str(image.index), **asdict(image)} for image in self.images],
            "reason": self.reason,
        }


def _base64(numbers: NDArray[np.float64]) -> str:
    """Ascending, as little-endian float64."""
    return base64.b64encode(np.sort(numbers).astype("<f8").tobytes()).decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardChoices:
    """What is chosen on the board."""

    positive: int  # index of the class
    part: str  # a group of outcomes, or a cell, row or column
    metric: str
    hidden: bool  # the answers are covered
    view: str  # what stands beside the 2 x 2
    way: str  # of the flow: "truth" or "predicted" first
    threshold: float  # 0 to 1
    price: int  # of a false negative, where a false positive costs 1


def class_board(
    *,
    key: str,
    view: BoardView,
    chosen: BoardChoices,
    strip: Strip | None,
    samples: Samples | None,
    scores: Scores | None,
    on: Mapping[str, Callable[[], None]],
) -> None:
    """Draws the board; a click calls what stands in ``on``.

    Args:
        key: what Streamlit knows this board by; unique on the page.
        view: what is drawn.
        chosen: what is shown as chosen.
        strip: the images of the chosen part.
        samples: those of the flow; None where it is not shown, or there are none.
        scores: None where the threshold is not shown, or nothing is known of probabilities.
        on: the name of each choice ("class", "part", ...), "step" (a class on or back), "image" -> what is called after
            such a click, before the page is drawn again; in it ``clicked(key, event)`` tells more.

    Raises:
        InputError: there is no such class.
    """
    size = len(view.classes)
    if size and not 0 <= chosen.positive < size:
        raise InputError(f"positive: expected 0 to {size - 1}, got {chosen.positive}")
    mount(
        "class_board",
        key=key,
        data={
            "view": view.as_json(),
            "class": chosen.positive,
            "part": chosen.part,
            "metric": chosen.metric,
            "hidden": chosen.hidden,
            "view_shown": chosen.view,
            "way": chosen.way,
            "threshold": chosen.threshold,
            "price": chosen.price,
            "samples": samples.as_json() if samples else None,
            "scores": scores.as_json() if scores else None,
            "strip": strip.as_json() if strip else None,
        },
        on=on,
    )


def clicked(key: str, event: str) -> str | None:
    """What was just chosen on the board under ``key``, as text; for use inside what ``on`` names."""
    return trigger_value(key, event)
