"""Owns the one-vs-rest board: the matrix in its four regions beside the 2 x 2 that it collapses to.

It checks what the page hands over and mounts it; it must not count or translate. All classes travel at once,
so a flip repaints in the browser before the server has heard of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from mnistcore.errors import InputError
from mnistcore.evaluation.selections import REGIONS
from ui.components import mount, trigger_value
from ui.components.square_grid import Cell, check_square


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardWords:
    """The words on the board, in the reader's language; templates name what is filled in in braces."""

    classes_label: str  # names the strip of classes
    previous: str
    next: str
    hint: str  # how to flip from the keyboard
    grid_label: str  # names the matrix: {name}
    truth_axis: str
    predicted_axis: str
    truth_yes: str  # row heading of the 2 x 2: the true class is {name}
    truth_no: str
    predicted_yes: str  # column heading of the 2 x 2: predicted as {name}
    predicted_no: str
    tp: str
    fp: str
    fn: str
    tn: str
    cell_label: str  # {truth} {predicted} {count} {region}
    tile_label: str  # {region} {count} {caption}


@dataclass(frozen=True, slots=True)
class Tile:
    """What one of the four tiles of the 2 x 2 says."""

    count: str  # formatted
    caption: str  # one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardClass:
    """What the board says when this class is the positive one.

    Raises:
        InputError: there is not one tile for each of tp, fp, fn and tn.
    """

    name: str  # short, on its tab and as the heading
    long_name: str  # what a screen reader says
    tab: str  # the small text under its name, for example its recall
    tiles: Mapping[str, Tile]  # region -> its tile
    sum: str  # the line that shows the four counts adding up

    def __post_init__(self) -> None:
        if set(self.tiles) != set(REGIONS):
            expected, got = ", ".join(REGIONS), ", ".join(sorted(self.tiles))
            raise InputError(f"tiles: expected the keys {expected}, got {got}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardView:
    """Everything that the board draws except the choices, so that the browser can tell a flip from a new matrix.

    Raises:
        InputError: there is not one cell for each pair of classes.
    """

    classes: Sequence[BoardClass]
    cells: Sequence[Sequence[Cell]]  # C x C, rows true, columns predicted
    words: BoardWords

    def __post_init__(self) -> None:
        check_square(self.cells, size=len(self.classes))

    def as_json(self) -> dict[str, object]:
        """What class_board.js reads. A cell is its count and text in this order: there are many."""
        return {
            "classes": [asdict(each) for each in self.classes],
            "cells": [[[cell.count, cell.text] for cell in row] for row in self.cells],
            "words": asdict(self.words),
        }


def class_board(
    *,
    key: str,
    view: BoardView,
    selected_class: int,
    selected_region: str,
    on_class: Callable[[], None],
    on_region: Callable[[], None],
) -> None:
    """Draws the board; a flip calls ``on_class``, a click on TP, FP, FN or TN calls ``on_region``.

    Args:
        key: what Streamlit knows this board by; unique on the page.
        view: what is drawn.
        selected_class: index of the class to show.
        selected_region: the region to show as chosen: "tp", "fp", "fn" or "tn".
        on_class: called after a flip, before the page is drawn again; in it ``clicked_class(key)`` tells the class.
        on_region: likewise with ``clicked_region(key)``.

    Raises:
        InputError: there is no such class or region.
    """
    size = len(view.classes)
    if size and not 0 <= selected_class < size:
        raise InputError(f"selected_class: expected 0 to {size - 1}, got {selected_class}")
    if selected_region not in REGIONS:
        raise InputError(f"selected_region: expected one of {', '.join(REGIONS)}, got {selected_region!r}")
    mount(
        "class_board",
        key=key,
        data={"view": view.as_json(), "class": int(selected_class), "region": selected_region},
        on={"class": on_class, "region": on_region},
    )


def clicked_class(key: str) -> int | None:
    """The index of the class just flipped to on the board under ``key``; for use inside ``on_class``."""
    value = trigger_value(key, "class")
    return int(value) if value is not None and value.isdecimal() else None


def clicked_region(key: str) -> str | None:
    """The region just clicked on the board under ``key``: tp, fp, fn or tn; for use inside ``on_region``."""
    value = trigger_value(key, "region")
    return value if value in REGIONS else None
