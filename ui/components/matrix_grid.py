"""Owns the clickable confusion matrix: checks what it is given and mounts it; must not count or translate.

A selection travels as the text form that mnistcore.evaluation.selections defines, in the trigger and in ``selected``.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from mnistcore.errors import InputError
from mnistcore.evaluation.selections import parse_selection
from ui.components import mount, trigger_value
from ui.components.square_grid import Cell, check_square


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixWords:
    """The words on the grid, in the reader's language; templates name what is filled in in braces."""

    truth_axis: str
    predicted_axis: str
    total: str
    cell_label: str  # {truth} {predicted} {count}
    row_label: str  # all with the true class {truth}: {count}
    column_label: str  # all that were predicted as {predicted}: {count}
    diagonal_label: str
    row_totals: str  # what the totals of the true classes are
    column_totals: str  # what the totals of the predicted ones are
    scale_label: str  # {low} {high}
    grid_label: str  # also the title of an exported picture
    export_png: str
    export_svg: str
    export_csv: str
    export_failed: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixClass:
    """What heads the row and the column of one class, and their totals."""

    name: str  # short, as the heading
    long_name: str  # what a screen reader says
    row_total: str  # images of this class, formatted
    column_total: str  # images predicted as this class, formatted


@dataclass(frozen=True, slots=True)
class MatrixCell(Cell):
    """A cell with its place on the colour scale."""

    intensity: float | None  # 0 to 1; None is hatched: hidden or undefined

    def __post_init__(self) -> None:
        Cell.__post_init__(self)
        if self.intensity is not None and not 0 <= self.intensity <= 1:  # also catches NaN
            raise InputError(f"intensity: expected 0 to 1, or None where undefined, got {self.intensity}")

    def as_json(self) -> tuple[int, str, float | None]:
        """Count, text and intensity, which in four digits is finer than a screen shows."""
        return self.count, self.text, None if self.intensity is None else round(float(self.intensity), 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixView:
    """Everything that the grid draws except the selection, so that the browser can tell a click from a new matrix.

    Raises:
        InputError: there is not one cell for each pair of classes.
    """

    classes: Sequence[MatrixClass]
    cells: Sequence[Sequence[MatrixCell]]  # C x C, rows true, columns predicted, whatever `swapped` says
    grand_total: str  # of all images, formatted
    swapped: bool  # whether the true classes stand along the top
    words: MatrixWords
    csv: str  # what the button for the table saves, with the mark in front that says that it is UTF-8; "": no buttons
    file_stem: str  # name of the exported files, without extension
    scale_ticks: tuple[str, str, str] | None = None  # at the low end, the middle and the high end of the colour legend

    def __post_init__(self) -> None:
        check_square(self.cells, size=len(self.classes))

    def as_json(self) -> dict[str, object]:
        """What matrix_grid.js reads. A cell is a list, as there are many."""
        return {
            "classes": [asdict(each) for each in self.classes],
            "cells": [[cell.as_json() for cell in row] for row in self.cells],
            "grand_total": self.grand_total,
            "swapped": self.swapped,
            "words": asdict(self.words),
            "csv": self.csv,
            "file_stem": self.file_stem,
            "scale_ticks": self.scale_ticks,
        }


def matrix_grid(*, key: str, view: MatrixView, selected: str, on_select: Callable[[], None]) -> None:
    """Draws the matrix; a click calls ``on_select``, in which ``clicked(key)`` tells the selection.

    Args:
        key: what Streamlit knows this grid by; unique on the page.
        view: what is drawn.
        selected: the text form of the selection to show; "" for none.
        on_select: called after a click, before the page is drawn again.

    Raises:
        InputError: ``selected`` is no selection among the classes of ``view``.
    """
    if selected:
        parse_selection(selected, num_classes=len(view.classes))  # raises and says what would be accepted
    mount("matrix_grid", key=key, data={"view": view.as_json(), "selected": selected}, on={"selected": on_select})


def clicked(key: str) -> str | None:
    """The selection just clicked in the grid mounted under ``key``; for use inside ``on_select``."""
    return trigger_value(key, "selected")
