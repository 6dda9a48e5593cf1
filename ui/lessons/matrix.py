"""Owns a confusion matrix as HTML in which the row and the column of one class are lit; nothing in it is clicked."""

from typing import Final

from ui import format
from ui.checkpoint import Checkpoint
from ui.texts import t

MOST_CLASSES: Final = 15  # of more, the cells would be too small to be read


def matrix_html(checkpoint: Checkpoint, positive: int) -> str:
    """All counts with their totals; the row and column of a class in the colours of TP, FN and FP."""
    evaluation, names = checkpoint.evaluation, [format.html(name) for name in checkpoint.names]
    classes = range(len(names))

    def head(index: int, scope: str) -> str:
        own = "own" if index == positive else ""
        return f"<th scope='{scope}' class='{own}' title='{names[index]}'>{names[index]}</th>"

    def total(index: int, count: int, *, of_row: bool) -> str:
        lit = f" {'row' if of_row else 'column'}-total" if index == positive else ""
        return f"<td class='total{lit}'>{format.count(count)}</td>"

    rows = [
        f"<tr>{head(row, 'row')}"
        + "".join(
            f"<td class='{_region(row, column, positive)}'>{format.count(int(evaluation.matrix[row, column]))}</td>"
            for column in classes
        )
        + total(row, int(evaluation.support[row]), of_row=True)
        + "</tr>"
        for row in classes
    ]
    foot = "".join(total(column, int(evaluation.called[column]), of_row=False) for column in classes)
    size, total_word = len(names), format.html(t("lessons.total"))
    across, down = format.html(t("board.predicted_axis")), format.html(t("board.truth_axis"))
    return (
        f"<table class='lit-matrix'><colgroup><col class='head'><col span='{size}'><col class='sum'></colgroup>"
        f"<tr><td></td><th colspan='{size}'>{across}</th><td></td></tr>"
        f"<tr><th>{down}</th>{''.join(head(column, 'col') for column in classes)}<th>{total_word}</th></tr>"
        f"{''.join(rows)}<tr><th>{total_word}</th>{foot}"
        f"<td class='total'>{format.count(evaluation.total)}</td></tr></table>"
    )


def _region(row: int, column: int, positive: int) -> str:
    outcome = {(True, True): "tp", (True, False): "fn", (False, True): "fp"}.get((row == positive, column == positive))
    return f"region {outcome}" if outcome else "plain"
