"""Owns how the matrix of many classes is looked at: in which order, how many, which one is sought, how large."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnistcore import metrics
from ui import choices, format, state
from ui.checkpoint import Checkpoint
from ui.chosen import CELL
from ui.components.matrix_map import FIT, LARGEST_CELL, MapClass, MapView, MapWords, clicked, matrix_map
from ui.page import Page
from ui.parameters import Parameter, Problem, Unusable, among, choice, is_index
from ui.texts import t

WORST_PAIRS = 5  # confusions that the page has shortcuts to
MANY = 30  # classes, up to which all are drawn with their numbers
ALL_AT_ONCE = 100  # up to which all are there at first
_KEY = "matrix_map"
_ALL = "all"
_NONE = "none"
_TOPS = (20, 50, 100)


def _tops(checkpoint: Checkpoint) -> dict[str, int]:
    """How many classes stand by themselves; the first is what is meant where nothing is said."""
    size = len(checkpoint.names)
    some = {str(top): top for top in _TOPS if top < size}
    whole = {_ALL: size}
    return whole | some if size <= ALL_AT_ONCE else {"50": 50} | some | whole


def _classes(checkpoint: Checkpoint) -> dict[str, int | None]:
    return {_NONE: None} | {str(index): index for index in range(len(checkpoint.names))}


def _read_zoom(text: str, _: object) -> str:
    """The zoom: "fit", or the pixels of a cell."""
    if text == FIT or (is_index(text, LARGEST_CELL + 1) and int(text) > 0):
        return text
    options = f"{FIT}, 1-{LARGEST_CELL}"
    raise Unusable(Problem("problem.unknown_value", parameter="zoom", value=text, options=options, shown=FIT))


ORDER = choice("order", among(*metrics.ORDERS), default="given")
TOP = choice("top", _tops, default="")
FIND = choice("find", _classes, default=_NONE)  # the class that is sought
ZOOM = Parameter(name="zoom", read=_read_zoom, default=FIT)
PARAMETERS: tuple[Parameter[Checkpoint, Any], ...] = (ORDER, TOP, FIND, ZOOM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What of many classes is drawn: the values of the parameters of these names."""

    order: str
    top: int
    find: int | None
    zoom: str


def draw_extent(page: Page, checkpoint: Checkpoint) -> Extent:
    """The row of controls for many classes, and what they say."""
    names = checkpoint.names

    def top_name(option: str) -> str:
        return t("many.top.all", count=format.count(len(names))) if option == _ALL else t("many.top.some", count=option)

    order, top, find = st.columns(3, gap="small")
    with order:
        by = choices.choose(
            page, ORDER, checkpoint, t("many.order"), names=lambda o: t(f"many.order.{o}"), help=t("many.order.help")
        )
    with top:
        count = choices.choose(page, TOP, checkpoint, t("many.top"), names=top_name, help=t("many.top.help"))
    with find:
        sought = choices.choose(
            page,
            FIND,
            checkpoint,
            t("many.find"),
            names=lambda option: t("many.find.none") if option == _NONE else names[int(option)],
            help=t("many.find.help"),
        )
    return Extent(order=by, top=count, find=sought, zoom=page.read(ZOOM, checkpoint))


def shown_classes(checkpoint: Checkpoint, extent: Extent) -> NDArray[np.int64]:
    """The classes that stand by themselves, in the order in which they are drawn, the one that is sought among them."""
    matrix = checkpoint.evaluation.matrix
    order = checkpoint.class_order(extent.order)
    if extent.top >= len(matrix):
        return order
    by = "support" if extent.order == "support" else "mistakes"
    kept = set(metrics.most_notable(matrix, limit=extent.top, by=by).tolist())
    for pair in checkpoint.evaluation.largest_confusions[:WORST_PAIRS]:
        kept |= {pair.true, pair.predicted}
    if extent.find is not None:
        kept.add(extent.find)
    return order[np.isin(order, list(kept))]


def _draw_folded(left_out: int, extent: Extent) -> None:
    """Says which classes are together in one, if any are."""
    if left_out:
        kind = "support" if extent.order == "support" else "mistakes"
        count, shown = format.count(left_out), format.count(extent.top)
        st.caption(t(f"many.folded.{kind}", count=count, shown=shown))


def draw_map(
    checkpoint: Checkpoint,
    selected: str,
    extent: Extent,
    *,
    show: str,
    scale: str,
    hidden: bool,
    swapped: bool,
    words: MapWords,
) -> None:
    """The map of the matrix, which a click on a cell, a heading or the zoom changes, and what is folded in it."""

    def store(parameter: Parameter[Any, Any], event: str) -> Callable[[], None]:
        def stored() -> None:
            value = clicked(_KEY, event)
            if value is not None:
                state.put(parameter, value)

        return stored

    classes = shown_classes(checkpoint, extent)
    view = map_view(checkpoint, classes, show=show, scale=scale, hidden=hidden, swapped=swapped, words=words)
    matrix_map(
        key=_KEY,
        view=view,
        selected=selected,
        zoom=extent.zoom,
        sought=extent.find,
        on={"selected": store(CELL, "selected"), "zoom": store(ZOOM, "zoom")},
    )
    _draw_folded(len(checkpoint.names) - len(classes), extent)


def map_view(
    checkpoint: Checkpoint,
    classes: NDArray[np.int64],
    *,
    show: str,
    scale: str,
    hidden: bool,
    swapped: bool,
    words: MapWords,
) -> MapView:
    """What the map shows: the classes in their order, with all others together behind them."""
    matrix = metrics.folded(checkpoint.evaluation.matrix, classes)
    size = len(classes)
    values = metrics.normalise(matrix, by=share_of(show))
    # The others together are so many that beside them all else would be pale.
    scaled = metrics.normalise(matrix, by="count") if show in ("count", "both") else values
    intensities = np.full(matrix.shape, np.nan)
    intensities[:size, :size] = metrics.colour_scale(scaled[:size, :size], scale=scale, ignore_diagonal=hidden)
    if hidden:
        np.fill_diagonal(intensities, np.nan)
    truths, predicted = np.nonzero(matrix)
    return MapView(
        classes=_heads(checkpoint, classes, matrix),
        truths=truths,
        predicted=predicted,
        counts=matrix[truths, predicted],
        shares=values[truths, predicted],
        intensities=intensities[truths, predicted],
        undefined_truths=np.flatnonzero(matrix.sum(axis=1) == 0).tolist() if show == "row" else [],
        undefined_predicted=np.flatnonzero(matrix.sum(axis=0) == 0).tolist() if show == "column" else [],
        show=show,
        swapped=swapped,
        grand_total=format.count(checkpoint.evaluation.total),
        words=words,
        file_stem=f"{checkpoint.run_id}-epoch{checkpoint.epoch}-matrix",
        scale_ticks=scale_ticks(scaled[:size, :size], show=show, scale=scale, hidden=hidden),
    )


def share_of(show: str) -> str:
    """What the share in a cell is of; of the row, where none is shown."""
    return "column" if show == "column" else "row"


def scale_ticks(values: NDArray[np.float64], *, show: str, scale: str, hidden: bool) -> tuple[str, str, str] | None:
    """What the legend of the colours says; None where no cell has a colour."""
    ticks = metrics.colour_ticks(values, scale=scale, ignore_diagonal=hidden)
    if not ticks.any():
        return None
    if show in ("row", "column"):
        low, middle, high = (format.percent(tick) for tick in ticks.tolist())
    else:
        low, middle, high = (t("confusion_matrix.images", count=format.count(round(tick))) for tick in ticks.tolist())
    return low, middle, high


def _heads(checkpoint: Checkpoint, classes: NDArray[np.int64], matrix: NDArray[np.int64]) -> list[MapClass]:
    names, whole_names = checkpoint.names, checkpoint.whole_names
    rows, columns = matrix.sum(axis=1).tolist(), matrix.sum(axis=0).tolist()
    left_out = len(names) - len(classes)
    others = t("many.others"), t("many.others.label", count=format.count(left_out))
    heads = [(index, names[index], whole_names[index]) for index in classes.tolist()]
    return [
        MapClass(
            index=index,
            name=name,
            long_name=long_name,
            total=rows[place],
            row_total=format.count(rows[place]),
            column_total=format.count(columns[place]),
        )
        for place, (index, name, long_name) in enumerate([*heads, *([(None, *others)] if left_out else [])])
    ]


def draw_largest(checkpoint: Checkpoint) -> None:
    """The most frequent confusions as a table, for who cannot see the map or wants to read it."""
    pairs = checkpoint.evaluation.largest_confusions
    if not pairs:
        return
    names, called = checkpoint.names, checkpoint.evaluation.called
    columns = ("truth", "predicted", "count", "of_truth", "of_predicted")
    head = "".join(f'<th scope="col">{format.html(t(f"many.table.{name}"))}</th>' for name in columns)
    body = "".join(
        f"<tr><td>{format.html(names[pair.true])}</td><td>{format.html(names[pair.predicted])}</td>"
        f"<td>{format.count(pair.count)}</td><td>{format.html(format.percent(pair.share_of_true))}</td>"
        f"<td>{format.html(format.percent(pair.count / int(called[pair.predicted])))}</td></tr>"
        for pair in pairs
    )
    with st.expander(t("many.table", count=format.count(len(pairs)))):
        st.html(f'<table class="plain">{head}{body}</table>')
