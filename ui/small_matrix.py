"""Owns a confusion matrix as a small table of HTML, for a preview or to set two of them side by side."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ui import format
from ui.texts import t

_DARK: Final = 0.6  # from here on the digits are white
_WITH_DIGITS: Final = 12  # more classes than that have no room for digits


def small_matrix(names: Sequence[str], values: NDArray[np.float64], *, title: str, most: float) -> str:
    """A matrix of counts, whole or expected, coloured by the square root of each cell's share in ``most``.

    Its style sheet is small_matrix.css.

    Args:
        names: of the classes, (C,).
        values: float64 (C, C), rows true, columns predicted.
        title: stands above it.
        most: the largest cell of all matrices that are compared; positive.
    """
    size = len(values)
    shades = np.sqrt(np.clip(values / most, 0, 1))
    roomy = size <= _WITH_DIGITS
    heads = "".join(f"<th scope='col'>{format.html(name)}</th>" for name in names) if roomy else ""
    rows = []
    for i in range(size):
        cells = "".join(_cell(values[i, j], shades[i, j], roomy) for j in range(size))
        head = f"<th scope='row'>{format.html(names[i])}</th>" if roomy else ""
        rows.append(f"<tr>{head}{cells}</tr>")
    top = f"<tr><td class='corner'></td>{heads}</tr>" if roomy else ""
    kind = "roomy" if roomy else "dense"
    axes = format.html(t("lessons.axes"))
    return (
        f"<figure class='small-matrix {kind}'><figcaption><b>{format.html(title)}</b><br>{axes}</figcaption>"
        f"<table>{top}{''.join(rows)}</table></figure>"
    )


def _cell(value: float, shade: float, roomy: bool) -> str:
    whole = float(value).is_integer()
    text = (format.count(int(value)) if whole or value >= 10 else f"{value:.1f}") if roomy else ""
    dark = " class='dark'" if shade > _DARK else ""
    return f"<td{dark} style='--shade-of-cell:{100 * shade:.0f}%'>{text}</td>"
