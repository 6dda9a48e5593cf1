"""Owns how a table looks as plain text in a terminal of any width: no cell is ever cut.

Where a table is wider than the terminal, it is laid out anew: an entry as lines of "title value", broken only between
two of them; a matrix in bands of columns, one below the other, each with the names of its rows.
"""

import unicodedata
from collections.abc import Iterator, Sequence

from mnistcore.errors import printable

_GAP, _NARROW_GAP = 2, 1  # columns of the terminal between two of the table
_INDENT = "  "


def draw_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, width: int | None = None, matrix: bool = False
) -> str:
    """The table as lines of text.

    Args:
        header: a title for each column.
        rows: as many cells each as there are titles; the first says what the row is about.
        width: of the terminal, in columns; None where there is none: every row is one line, however long.
        matrix: whether rows and columns are alike, so that a column below another can be compared with it.

    >>> print(draw_table(("run", "accuracy", "state"), [("a-1", "97.50 %", "complete")]))
    run  accuracy  state
    -----------------------
    a-1  97.50 %   complete
    >>> print(draw_table(("run", "accuracy", "state"), [("a-1", "97.50 %", "complete")], width=20))
    a-1
      accuracy 97.50 %
      state complete
    """
    lines = [[printable(cell) for cell in row] for row in (header, *rows)]  # so that no name breaks a line
    widths = [max(map(cell_width, column)) for column in zip(*lines, strict=True)]
    if width is None:
        return "\n".join(_grid(lines, widths, _GAP))
    for gap in (_GAP, _NARROW_GAP):
        if sum(widths) + gap * (len(widths) - 1) <= width:
            return "\n".join(_grid(lines, widths, gap))
    if matrix:
        return "\n\n".join("\n".join(band) for band in _bands(lines, widths, width))
    return "\n".join(_entries(lines, width))


def cell_width(text: str) -> int:
    """The columns of a terminal that a text takes: a Japanese sign takes two.

    >>> cell_width("digit"), cell_width("数字")
    (5, 4)
    """
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def _grid(lines: Sequence[Sequence[str]], widths: Sequence[int], gap: int) -> Iterator[str]:
    for number, line in enumerate(lines):
        padded = (cell + " " * (columns - cell_width(cell) + gap) for cell, columns in zip(line, widths, strict=True))
        yield "".join(padded).rstrip()
        if number == 0:
            yield "-" * (sum(widths) + gap * (len(widths) - 1))


def _bands(lines: Sequence[Sequence[str]], widths: Sequence[int], width: int) -> Iterator[Iterator[str]]:
    """As many columns side by side as there is room for, at least one, behind the first column."""
    start = 1
    while start < len(widths):
        end, taken = start + 1, widths[0] + _NARROW_GAP + widths[start]
        while end < len(widths) and taken + _NARROW_GAP + widths[end] <= width:
            taken += _NARROW_GAP + widths[end]
            end += 1
        columns = [0, *range(start, end)]
        yield _grid([[line[at] for at in columns] for line in lines], [widths[at] for at in columns], _NARROW_GAP)
        start = end


def _entries(lines: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    (_, *titles), *rows = lines
    for name, *cells in rows:
        if name:
            yield name
        line = ""
        for piece in (f"{title} {cell}" for title, cell in zip(titles, cells, strict=True) if cell):
            longer = f"{line}{_INDENT}{piece}"
            if line and cell_width(longer) > width:
                yield line
                longer = f"{_INDENT}{piece}"
            line = longer
        if line:
            yield line
