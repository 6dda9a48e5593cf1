"""Owns the clickable confusion matrix: checks what it is given and mounts it; must not count or translate.

A selection travels as the text form that mnistcore.evaluation.selections defines, in the trigger and in ``selected``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from mnistcore.errors import InputError
from mnistcore.evaluation.selections import parse_selection
from ui.components import check_length, check_square, integers, mount, trigger_value


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixWords:
    """The words on the grid, in the reader's language; templates name what is filled in in braces."""

    truth_axis: str
    predicted_axis: str
    total: str
    cell_label: str  # {truth} {predicted} {count}
    row_label: str  # all whose truth is {truth}: {count}
    column_label: str  # all that were called {predicted}: {count}
    diagonal_label: str
    grid_label: str  # also the title of an exported picture
    export_png: str
    export_svg: str
    export_csv: str
    export_failed: str
    hint: str


def matrix_grid(
    *,
    key: str,
    names: Sequence[str],
    long_names: Sequence[str],
    counts: Sequence[Sequence[int]],
    texts: Sequence[Sequence[str]],
    intensities: Sequence[Sequence[float | None]],
    row_totals: Sequence[str],
    column_totals: Sequence[str],
    grand_total: str,
    selected: str,
    swapped: bool,
    words: MatrixWords,
    csv: str,
    file_stem: str,
    on_select: Callable[[], None],
    scale_ends: tuple[str, str] | None = None,
) -> None:
    """Draws the matrix; a click calls ``on_select``, in which ``clicked(key)`` tells the selection.

    Args:
        key: what Streamlit knows this grid by; unique on the page.
        names: per class, short, for the headers; ``long_names`` for what a screen reader says.
        counts: C x C, rows true, columns predicted, whatever ``swapped`` says.
        texts: C x C, what stands in the cells, formatted.
        intensities: C x C in 0 to 1, the place on the colour scale; None is hatched (hidden or undefined).
        row_totals: per true class, formatted; ``column_totals`` per predicted class; ``grand_total`` of all.
        selected: the text form of the selection to show; "" for none.
        swapped: draw the truth along the top.
        csv: what the button for the table saves; whole, with the mark in front that says that it is UTF-8.
        file_stem: name of the exported files, without extension.
        scale_ends: what stands at the low and the high end of the colour legend; None draws no legend.

    Raises:
        InputError: a table or list does not fit the number of classes, or ``selected`` is no selection.
    """
    view = _view(
        names=names,
        long_names=long_names,
        counts=counts,
        texts=texts,
        intensities=intensities,
        row_totals=row_totals,
        column_totals=column_totals,
        grand_total=grand_total,
        swapped=swapped,
        words=words,
        csv=csv,
        file_stem=file_stem,
        scale_ends=scale_ends,
    )
    if selected:
        parse_selection(selected, num_classes=len(names))  # raises and says what would be accepted
    mount("matrix_grid", key=key, data={"view": view, "selected": selected}, on={"selected": on_select})


def clicked(key: str) -> str | None:
    """The selection just clicked in the grid mounted under ``key``; for use inside ``on_select``."""
    return trigger_value(key, "selected")


def _view(
    *,
    names: Sequence[str],
    long_names: Sequence[str],
    counts: Sequence[Sequence[int]],
    texts: Sequence[Sequence[str]],
    intensities: Sequence[Sequence[float | None]],
    row_totals: Sequence[str],
    column_totals: Sequence[str],
    grand_total: str,
    swapped: bool,
    words: MatrixWords,
    csv: str,
    file_stem: str,
    scale_ends: tuple[str, str] | None,
) -> Mapping[str, object]:
    """Everything the browser needs except the selection, so that it can tell a click from a new matrix."""
    size = len(names)
    check_length(long_names, size=size, name="long_names")
    check_length(row_totals, size=size, name="row_totals")
    check_length(column_totals, size=size, name="column_totals")
    check_square(texts, size=size, name="texts")
    check_square(intensities, size=size, name="intensities")
    return {
        "names": list(names),
        "long_names": list(long_names),
        "counts": integers(counts, size=size, name="counts"),
        "texts": [list(row) for row in texts],
        "intensities": [[_intensity(value) for value in row] for row in intensities],
        "row_totals": list(row_totals),
        "column_totals": list(column_totals),
        "grand_total": grand_total,
        "swapped": swapped,
        "words": asdict(words),
        "csv": csv,
        "file_stem": file_stem,
        "scale_ends": list(scale_ends) if scale_ends is not None else None,
    }


def _intensity(value: float | None) -> float | None:
    if value is None:
        return None
    if not 0 <= value <= 1:  # also catches NaN
        raise InputError(f"intensities: expected 0 to 1, or None where undefined, got {value}")
    return round(float(value), 4)  # a finer colour step than a screen shows
