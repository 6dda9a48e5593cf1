"""Owns the clickable matrix of many classes: checks what it is given and mounts it; must not count or translate.

Only the cells that are not empty travel. A selection travels as in `ui.components.matrix_grid`.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistcore.errors import InputError
from ui.components import mount, trigger_value
from ui.components.matrix_grid import MatrixWords

FIT = "fit"  # the zoom at which everything is in sight
LARGEST_CELL = 64  # CSS pixels of a cell


@dataclass(frozen=True, slots=True, kw_only=True)
class MapWords(MatrixWords):
    """The words on the map: those of the matrix, and of the zoom."""

    zoom_out: str
    zoom_fit: str
    zoom_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MapClass:
    """What heads a row and a column."""

    index: int | None  # of the class; None for all others together, which come last
    name: str  # short, as the heading
    long_name: str  # what a screen reader says
    total: int  # images of it
    row_total: str  # the same, formatted
    column_total: str  # images predicted as it, formatted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapView:
    """Everything that the map draws except the choices, so that the browser can tell a click from a new matrix.

    Raises:
        InputError: a cell outside the classes, or another number of counts, shares or intensities than of cells.
    """

    classes: Sequence[MapClass]  # in the order in which they are drawn
    truths: NDArray[np.int64]  # (n,) places of the true classes of the cells that are not empty
    predicted: NDArray[np.int64]  # (n,)
    counts: NDArray[np.int64]  # (n,)
    shares: NDArray[np.float64]  # (n,) what is shown beside the count, or instead
    intensities: NDArray[np.float64]  # (n,) 0 to 1 on the colour scale; NaN where it is not on it
    undefined_truths: Sequence[int]  # places of rows in which shares are undefined
    undefined_predicted: Sequence[int]  # and of columns
    show: str  # "count", "both", or what the share is of
    swapped: bool  # whether the true classes stand along the top
    grand_total: str
    words: MapWords
    file_stem: str
    scale_ticks: tuple[str, str, str] | None

    def __post_init__(self) -> None:
        lengths = {len(part) for part in (self.truths, self.predicted, self.counts, self.shares, self.intensities)}
        if len(lengths) != 1:
            raise InputError(f"cells: expected as many of each of their numbers, got {sorted(lengths)}")
        places = np.concatenate([self.truths, self.predicted])
        if places.size and not (places.min() >= 0 and places.max() < len(self.classes)):
            got = f"{places.min()} to {places.max()}"
            raise InputError(f"cells: expected places from 0 to {len(self.classes) - 1}, got {got}")

    def as_json(self) -> dict[str, object]:
        """What matrix_map.js reads."""
        return {
            "classes": [asdict(each) for each in self.classes],
            "truths": _base64(self.truths, "<u2"),
            "predicted": _base64(self.predicted, "<u2"),
            "counts": _base64(self.counts, "<f8"),
            "shares": _base64(self.shares, "<f4"),
            "intensities": _base64(self.intensities, "<f4"),
            "undefined_truths": list(self.undefined_truths),
            "undefined_predicted": list(self.undefined_predicted),
            "show": self.show,
            "swapped": self.swapped,
            "grand_total": self.grand_total,
            "words": asdict(self.words),
            "file_stem": self.file_stem,
            "scale_ticks": self.scale_ticks,
        }


def _base64(numbers: NDArray[Any], kind: str) -> str:
    return base64.b64encode(numbers.astype(kind).tobytes()).decode("ascii")


def matrix_map(
    *, key: str, view: MapView, selected: str, zoom: str, sought: int | None, on: Mapping[str, Callable[[], None]]
) -> None:
    """Draws the map; a click calls what stands in ``on``.

    Args:
        key: what Streamlit knows this map by; unique on the page.
        view: what is drawn.
        selected: the text form of the selection to show.
        zoom: `FIT`, or the CSS pixels of a cell.
        sought: the class whose row and column are marked and brought into sight; None for none.
        on: "selected" and "zoom" -> what is called after such a click, before the page is drawn again; in it
            ``clicked(key, event)`` tells more.
    """
    data = {"view": view.as_json(), "selected": selected, "zoom": zoom, "sought": sought}
    mount("matrix_map", key=key, data=data, on=on)


def clicked(key: str, event: str) -> str | None:
    """What was just chosen on the map under ``key``, as text; for use inside what ``on`` names."""
    return trigger_value(key, event)
