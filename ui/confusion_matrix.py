"""Owns the parts of the confusion matrix page: the grid, the shortcuts to the worst pairs, and the sentence."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.evaluation.selections import Selection
from mnistcore.spreadsheet import csv_bytes
from ui import choices, controls, format, links, many_classes, state
from ui.checkpoint import Checkpoint
from ui.chosen import AXES, CELL
from ui.components.matrix_grid import MatrixCell, MatrixClass, MatrixView, MatrixWords, clicked, matrix_grid
from ui.components.matrix_map import MapWords
from ui.many_classes import Extent
from ui.page import Page
from ui.parameters import Choice, Parameter, among, choice
from ui.texts import t

_KEY = "matrix_grid"
CLASSES_BESIDE = 15  # up to this many classes the matrix leaves room beside it


SHOW = choice("show", among("count", "row", "column", "both"), default="count")  # what a cell shows
SCALE = choice("scale", among("sqrt", "linear"), default="sqrt")  # of the colours
DIAGONAL = choice("diagonal", among("shown", "hidden"), default="shown")
PARAMETERS: tuple[Parameter[Checkpoint, Any], ...] = (CELL, SHOW, SCALE, DIAGONAL, AXES, *many_classes.PARAMETERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the matrix is shown: the values of the parameters of these names."""

    show: str
    scale: str
    diagonal: str
    axes: str


def draw_look(page: Page, checkpoint: Checkpoint) -> Look:
    """The row of controls over the matrix, and what they say."""
    with st.container(horizontal=True, gap="small", key="matrix_controls"):
        return Look(
            show=_draw_choice(page, checkpoint, SHOW, help=t("confusion_matrix.show.help")),
            scale=_draw_choice(page, checkpoint, SCALE, help=t("confusion_matrix.scale.help")),
            diagonal=_draw_choice(page, checkpoint, DIAGONAL),
            axes=_draw_choice(page, checkpoint, AXES),
        )


def _draw_choice(page: Page, checkpoint: Checkpoint, parameter: Choice[object, str], help: str | None = None) -> str:
    def name(option: str) -> str:
        return t(f"confusion_matrix.{parameter.name}.{option}")

    label = t(f"confusion_matrix.{parameter.name}")
    return choices.choose(page, parameter, checkpoint, label, names=name, kind="segments", help=help)


def draw_intro(look: Look) -> None:
    """What the matrix is, in a line."""
    swapped = look.axes == "columns"
    st.markdown(t("confusion_matrix.intro.swapped" if swapped else "confusion_matrix.intro"))


def draw_matrix(checkpoint: Checkpoint, selected: str, look: Look, extent: Extent | None) -> None:
    """The clickable grid; of many classes, the map of that extent."""
    if extent is not None:
        _draw_map(checkpoint, selected, look, extent)
        return

    def store() -> None:
        cell = clicked(_KEY)
        if cell is not None:
            state.put(CELL, cell)

    matrix_grid(key=_KEY, view=matrix_view(checkpoint, look), selected=selected, on_select=store)


def _draw_map(checkpoint: Checkpoint, selected: str, look: Look, extent: Extent) -> None:
    swapped = look.axes == "columns"
    words = MapWords(
        **_words(swapped) | {"hint": t("many.hint")},
        zoom_out=t("many.zoom_out"),
        zoom_fit=t("many.zoom_fit"),
        zoom_in=t("many.zoom_in"),
    )
    many_classes.draw_map(
        checkpoint,
        selected,
        extent,
        show=look.show,
        scale=look.scale,
        hidden=look.diagonal == "hidden",
        swapped=swapped,
        words=words,
    )
    name = f"{checkpoint.run_id}-epoch{checkpoint.epoch}-matrix.csv"
    controls.download(t("many.csv"), lambda: _csv(checkpoint).encode(), file_name=name, key="download_matrix")


def matrix_view(checkpoint: Checkpoint, look: Look) -> MatrixView:
    """What the grid shows of a checkpoint."""
    evaluation = checkpoint.evaluation
    hidden, swapped = look.diagonal == "hidden", look.axes == "columns"
    values = metrics.normalise(evaluation.matrix, by="count" if look.show == "both" else look.show)
    texts = _texts(evaluation.matrix, show=look.show)
    intensities = _intensities(values, scale=look.scale, hidden=hidden)
    return MatrixView(
        classes=[
            MatrixClass(
                name=name,
                long_name=long_name,
                row_total=format.count(int(support)),
                column_total=format.count(int(called)),
            )
            for name, long_name, support, called in zip(
                checkpoint.names, checkpoint.whole_names, evaluation.support, evaluation.called, strict=True
            )
        ],
        cells=[
            [MatrixCell(*cell) for cell in zip(*rows, strict=True)]
            for rows in zip(evaluation.matrix.tolist(), texts, intensities, strict=True)
        ],
        grand_total=format.count(evaluation.total),
        swapped=swapped,
        words=MatrixWords(**_words(swapped)),
        csv=_csv(checkpoint),
        file_stem=f"{checkpoint.run_id}-epoch{checkpoint.epoch}-matrix",
        scale_ticks=many_classes.scale_ticks(values, show=look.show, scale=look.scale, hidden=hidden),
    )


def _words(swapped: bool) -> dict[str, str]:
    return {
        "truth_axis": t("confusion_matrix.truth_axis"),
        "predicted_axis": t("confusion_matrix.predicted_axis"),
        "total": t("confusion_matrix.total"),
        "cell_label": t("confusion_matrix.cell_label"),
        "row_label": t("confusion_matrix.row_label"),
        "column_label": t("confusion_matrix.column_label"),
        "diagonal_label": t("confusion_matrix.diagonal_label"),
        "row_totals": t("confusion_matrix.row_totals"),
        "column_totals": t("confusion_matrix.column_totals"),
        "scale_label": t("confusion_matrix.scale_label"),
        "grid_label": t("confusion_matrix.grid_label"),
        "export_png": t("confusion_matrix.export_png"),
        "export_svg": t("confusion_matrix.export_svg"),
        "export_csv": t("confusion_matrix.export_csv"),
        "export_failed": t("confusion_matrix.export_failed"),
        "hint": t("confusion_matrix.hint.swapped" if swapped else "confusion_matrix.hint"),
    }


def _csv(checkpoint: Checkpoint) -> str:
    """The counts as a table: a row for each true class, a column for each predicted one."""
    names = checkpoint.whole_names
    corner = f"{t('confusion_matrix.truth_axis')} \\ {t('confusion_matrix.predicted_axis')}"
    rows = ((name, *counts) for name, counts in zip(names, checkpoint.evaluation.matrix.tolist(), strict=True))
    return csv_bytes((corner, *names), rows).decode("utf-8")


def _texts(matrix: NDArray[np.int64], *, show: str) -> list[list[str]]:
    """What stands in each cell: its count, its share, or both in two lines."""
    counts = [[format.count(count) for count in row] for row in matrix.tolist()]
    if show == "count":
        return counts
    shares = metrics.normalise(matrix, by=many_classes.share_of(show)).tolist()
    if show == "both":
        pairs = (zip(*row, strict=True) for row in zip(counts, shares, strict=True))
        return [[f"{count}\n{format.percent(share)}" for count, share in row] for row in pairs]
    return [[format.cell_share(share) for share in row] for row in shares]


def _intensities(values: NDArray[np.float64], *, scale: str, hidden: bool) -> list[list[float | None]]:
    colours = metrics.colour_scale(values, scale=scale, ignore_diagonal=hidden)
    if hidden:
        np.fill_diagonal(colours, np.nan)
    return [[None if colour != colour else colour for colour in row] for row in colours.tolist()]


def draw_ways(selection: Selection, checkpoint: Checkpoint) -> None:
    """Links from a cell, row or column to its classes, each seen one-vs-rest; none where it is about all."""
    chosen = {"run": checkpoint.run_id, "cell": str(selection)}
    html = "".join(
        links.way(
            "class_by_class",
            t("confusion_matrix.to_class", name=checkpoint.names[index]),
            **chosen,
            **{"class": str(index)},
        )
        for index in dict.fromkeys((selection.true, selection.predicted))
        if index is not None
    )
    if html:
        st.html(f'<div class="ways small">{html}</div>')


def draw_pairs(checkpoint: Checkpoint, selected: str) -> None:
    """The most confused pairs as shortcuts into the matrix."""
    pairs = checkpoint.evaluation.largest_confusions[: many_classes.WORST_PAIRS]
    if not pairs:
        st.caption(t("confusion_matrix.no_pairs"))
        return
    names = checkpoint.names
    shown = {
        f"{pair.true}-{pair.predicted}": t(
            "confusion_matrix.pair",
            truth=names[pair.true],
            predicted=names[pair.predicted],
            count=format.count(pair.count),
        )
        for pair in pairs
    } | {"errors": t("confusion_matrix.pair.errors", count=format.count(checkpoint.evaluation.mistakes))}
    controls.choose(
        t("confusion_matrix.pairs"),
        list(shown),
        key="pick_pair",
        chosen=selected if selected in shown else None,
        store=partial(state.put, CELL),
        names=(shown.__getitem__,),
        kind="pills",
    )


def describe(selection: Selection, checkpoint: Checkpoint) -> str:
    """One sentence that says what the selected part of the matrix means."""
    evaluation = checkpoint.evaluation
    rates = evaluation.rates
    kind, true, predicted = selection.part, selection.true, selection.predicted
    named = [index for index in (true, predicted) if index is not None]
    names = {index: format.markdown(checkpoint.names[index]) for index in named}
    if kind == "cell" and true is not None and predicted is not None:
        return t(
            "confusion_matrix.sentence.right" if true == predicted else "confusion_matrix.sentence.cell",
            truth=names[true],
            predicted=names[predicted],
            count=format.count(int(evaluation.matrix[true, predicted])),
            support=format.count(int(evaluation.support[true])),
            called=format.count(int(evaluation.called[predicted])),
            of_truth=_share(int(evaluation.matrix[true, predicted]), int(evaluation.support[true])),
            of_predicted=_share(int(evaluation.matrix[true, predicted]), int(evaluation.called[predicted])),
        )
    if kind == "row" and true is not None:
        return t(
            "confusion_matrix.sentence.row",
            truth=names[true],
            support=format.count(int(evaluation.support[true])),
            right=format.count(int(evaluation.counts.tp[true])),
            recall=format.percent(rates.recall[true]),
        )
    if kind == "column" and predicted is not None:
        return t(
            "confusion_matrix.sentence.column",
            predicted=names[predicted],
            called=format.count(int(evaluation.called[predicted])),
            right=format.count(int(evaluation.counts.tp[predicted])),
            precision=format.percent(rates.precision[predicted]),
        )
    counts = {"diagonal": evaluation.correct, "errors": evaluation.mistakes, "everything": evaluation.total}
    return t(
        f"confusion_matrix.sentence.{kind}",
        count=format.count(counts[kind]),
        total=format.count(evaluation.total),
        accuracy=format.percent(evaluation.summary.accuracy, digits=2),
    )


def _share(count: int, total: int) -> str:
    return format.percent(count / total if total else None)
