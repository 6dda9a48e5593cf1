"""Owns the parts of the confusion matrix page: the grid, the shortcuts to the worst pairs, and the sentence."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.evaluation.evaluation import Evaluation
from mnistcore.evaluation.selections import Selection
from ui import controls, format, state
from ui.checkpoint import Checkpoint
from ui.components.matrix_grid import MatrixCell, MatrixClass, MatrixView, MatrixWords, clicked, matrix_grid
from ui.spreadsheet import csv_bytes
from ui.texts import t

_KEY = "matrix"
WORST_PAIRS = 5


def preferred_cell(evaluation: Evaluation) -> str:
    """What is selected until somebody selects something: the most confused pair, or the diagonal without mistakes."""
    worst = metrics.most_confused(evaluation.matrix, limit=1)
    return f"{worst[0].true}-{worst[0].predicted}" if worst else "diagonal"


def _select(cell: str) -> None:
    state.put("cell", cell)
    state.put("page", "1")


def draw_matrix(checkpoint: Checkpoint, selected: str) -> None:
    """The clickable grid, as the controls of the page say."""
    evaluation = checkpoint.evaluation
    show, hidden = state.get("show"), state.get("diagonal") == "hidden"
    values = metrics.normalise(evaluation.matrix, by=show if show in ("row", "column") else "count")
    scale = state.get("scale") if state.get("scale") in ("sqrt", "linear") else "sqrt"

    def store() -> None:
        cell = clicked(_KEY)
        if cell is not None:
            _select(cell)

    texts = _texts(evaluation.matrix, values, as_count=show not in ("row", "column"))
    intensities = _intensities(values, scale=scale, hidden=hidden)
    view = MatrixView(
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
        swapped=state.get("axes") == "columns",
        words=MatrixWords(
            truth_axis=t("confusion_matrix.truth_axis"),
            predicted_axis=t("confusion_matrix.predicted_axis"),
            total=t("confusion_matrix.total"),
            cell_label=t("confusion_matrix.cell_label"),
            row_label=t("confusion_matrix.row_label"),
            column_label=t("confusion_matrix.column_label"),
            diagonal_label=t("confusion_matrix.diagonal_label"),
            grid_label=t("confusion_matrix.grid_label"),
            export_png=t("confusion_matrix.export_png"),
            export_svg=t("confusion_matrix.export_svg"),
            export_csv=t("confusion_matrix.export_csv"),
            export_failed=t("confusion_matrix.export_failed"),
            hint=t("confusion_matrix.hint"),
        ),
        csv=_csv(checkpoint),
        file_stem=f"{checkpoint.run_id}-epoch{checkpoint.epoch}-matrix",
    )
    matrix_grid(key=_KEY, view=view, selected=selected, on_select=store)


def _csv(checkpoint: Checkpoint) -> str:
    """The counts as a table: a row for each true class, a column for each predicted one."""
    names = checkpoint.whole_names
    corner = f"{t('confusion_matrix.truth_axis')} \\ {t('confusion_matrix.predicted_axis')}"
    rows = ((name, *counts) for name, counts in zip(names, checkpoint.evaluation.matrix.tolist(), strict=True))
    return csv_bytes((corner, *names), rows).decode("utf-8")


def _texts(matrix: NDArray[np.int64], values: NDArray[np.float64], *, as_count: bool) -> list[list[str]]:
    if as_count:
        return [[format.count(count) for count in row] for row in matrix.tolist()]
    return [[format.cell_share(share) for share in row] for row in values.tolist()]


def _intensities(values: NDArray[np.float64], *, scale: str, hidden: bool) -> list[list[float | None]]:
    colours = metrics.colour_scale(values, scale=scale, ignore_diagonal=hidden)
    if hidden:
        np.fill_diagonal(colours, np.nan)
    return [[None if colour != colour else colour for colour in row] for row in colours.tolist()]


def draw_pairs(checkpoint: Checkpoint, selected: str) -> None:
    """The most confused pairs as shortcuts into the matrix."""
    pairs = metrics.most_confused(checkpoint.evaluation.matrix, limit=WORST_PAIRS)
    if not pairs:
        st.caption(t("confusion_matrix.no_pairs"))
        return
    names = [format.markdown(name) for name in checkpoint.names]  # pills read Markdown
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
        store=_select,
        names=(shown.__getitem__,),
        kind="pills",
    )


def describe(selection: Selection, checkpoint: Checkpoint) -> str:
    """One sentence that says what the selected part of the matrix means."""
    evaluation = checkpoint.evaluation
    names = [format.markdown(name) for name in checkpoint.names]
    rates = evaluation.rates
    kind, true, predicted = selection.part, selection.true, selection.predicted
    if kind == "cell" and true is not None and predicted is not None:
        return t(
            "confusion_matrix.sentence.right" if true == predicted else "confusion_matrix.sentence.cell",
            truth=names[true],
            predicted=names[predicted],
            count=format.count(int(evaluation.matrix[true, predicted])),
            support=format.count(int(evaluation.support[true])),
            called=format.count(int(evaluation.called[predicted])),
            of_truth=_share(evaluation.matrix, "row", true, predicted),
            of_predicted=_share(evaluation.matrix, "column", true, predicted),
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


def _share(matrix: NDArray[np.int64], by: str, true: int, predicted: int) -> str:
    return format.percent(float(metrics.normalise(matrix, by=by)[true, predicted]))
