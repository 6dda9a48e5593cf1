"""Owns confusion matrices that somebody has pasted as text: from a paper, a spreadsheet, a notebook."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from mnistcore.errors import InputError
from mnistcore.metrics import IntArray

MOST_CLASSES: Final = 20  # so that the matrix fits into a URL
MOST_IMAGES: Final = 10**9  # in one cell
Reason = Literal["empty", "number", "ragged", "square", "large"]

_LONGEST: Final = 15  # digits of a number that is looked at
_ROWS: Final = re.compile(r"[\n;/]|\]\s*,?\s*\[")
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_EXPONENT: Final = re.compile(r"\d+(\.\d+)?[eE][+-]?\d{1,2}")
_NUMBER: Final = re.compile(r"\d+(?:\.0*)?")


class PasteError(InputError):
    """A pasted text is no confusion matrix.

    Attributes:
        reason: what is wrong, one of ``Reason``.
        details: what the sentence about it names.
    """

    def __init__(self, reason: Reason, **details: str) -> None:
        super().__init__(f"matrix: {reason} {details}")
        self.reason = reason
        self.details = details


@dataclass(frozen=True, eq=False)
class PastedMatrix:
    """A confusion matrix as a text shows it.

    Attributes:
        counts: int64 (C, C) in the order of the text; not negative.
        rows: what stands in front of the rows, (C,), or nothing.
        columns: what stands above the columns, (C,), or nothing.
        had_totals: there was a last row and a last column of totals; they are left out.
    """

    counts: IntArray
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    had_totals: bool = False


def parse_matrix(text: str) -> IntArray:
    r"""The confusion matrix that a text shows: rows true, columns predicted.

    Between numbers may stand spaces, tabs, commas or bars, between rows a new line, a semicolon, a slash or brackets.
    Headings in words, headings in numbers with an empty corner, and totals are left out; full-width digits are digits.

    Returns:
        int64, shape (C, C), not negative, C from 2 to ``MOST_CLASSES``.

    Raises:
        PasteError: it holds no numbers, something that is none, rows of different lengths, or no square.

    >>> parse_matrix("[[5, 1], [0, 4]]")
    array([[5, 1],
           [0, 4]])
    >>> parse_matrix("true  cat  dog  sum\ncat  1,005  1  1,006\ndog  0  4  4\nsum  1,005  5  1,010")
    array([[1005,    1],
           [   0,    4]])
    """
    return read_cells(cells_of(text), most_classes=MOST_CLASSES).counts


def cells_of(text: str) -> list[list[str]]:
    r"""The cells of a text, row by row, as people copy tables; empty rows are left out.

    >>> cells_of("a b\n5 1; 0 4")
    [['a', 'b'], ['5', '1'], ['0', '4']]
    """
    return [cells for line in _ROWS.split(_plain(text)) if (cells := _cells(line))]


def read_cells(cells: Sequence[Sequence[str]], *, most_classes: int) -> PastedMatrix:
    """The matrix in the cells of a table, with the names of its rows and columns.

    Raises:
        PasteError: as of `parse_matrix`; the number of classes is at most ``most_classes``.

    >>> read_cells([["", "cat", "dog"], ["cat", "5", "1"], ["dog", "0", "4"]], most_classes=20).rows
    ('cat', 'dog')
    """
    above, beside, rows = _headings([[_written_out(cell) for cell in row] for row in cells])
    if not rows:
        raise PasteError("empty")
    for row in rows:
        for cell in row:
            if not _is_number(cell):
                raise PasteError("number", found=cell)
    lengths = [len(row) for row in rows]
    if len(set(lengths)) > 1:
        other = next(place for place, length in enumerate(lengths) if length != lengths[0])
        raise PasteError("ragged", first=str(lengths[0]), row=str(other + 1), other=str(lengths[other]))
    too_large = PasteError("large", most=f"{MOST_IMAGES:,}", classes=str(most_classes))
    if any(len(cell.split(".")[0]) > _LONGEST for row in rows for cell in row):
        raise too_large
    whole = np.array([[int(cell.split(".")[0]) for cell in row] for row in rows], dtype=np.int64)
    counts = _without_totals(whole)
    height, width = counts.shape
    if height != width or height < 2:
        raise PasteError("square", rows=str(height), columns=str(width))
    if height > most_classes or counts.max() > MOST_IMAGES:
        raise too_large
    left, top = (tuple(found[:height]) if len(found) >= height else () for found in (beside, above))
    return PastedMatrix(counts, left, top, had_totals=len(counts) < len(whole))


def format_matrix(matrix: IntArray) -> str:
    """The matrix as a short text that ``parse_matrix`` reads, for a URL.

    >>> format_matrix(np.array([[5, 1], [0, 4]]))
    '5 1/0 4'
    """
    return "/".join(" ".join(map(str, row)) for row in matrix.tolist())


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace("\u3001", ",")
    text = re.sub(r"\w+\s*(?=[\[({])|dtype=\S*", "", text)  # array([...], dtype=int64), matrix([...])
    return text.translate(str.maketrans("{}()", "[][]"))


def _cells(line: str) -> list[str]:
    line = line.strip(" \r[],|").rstrip()
    if re.fullmatch(r"[\s|:+=-]*", line):  # a ruled line
        return []
    if "\t" in line:  # from a spreadsheet: names may hold spaces
        return [cell.strip().replace(",", "") for cell in line.split("\t")]
    if re.search(r"[\s|]", line):  # else commas are all that is between the numbers
        line = _THOUSANDS.sub("", line)
    return [cell for cell in re.split(r"[\s,|]+", line) if cell]


def _written_out(cell: str) -> str:
    """A whole number without its exponent: numpy.savetxt writes 13 as 1.3e+01."""
    if not _EXPONENT.fullmatch(cell):
        return cell
    value = float(cell)
    return str(int(value)) if value.is_integer() and value <= MOST_IMAGES else cell


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell))


def _has_digit(cell: str) -> bool:
    return bool(re.search(r"\d", cell))


def _headings(rows: list[list[str]]) -> tuple[list[str], list[str], list[list[str]]]:
    """What stands above the columns, what in front of the rows, and the numbers."""
    above: list[str] = []
    beside: list[str] = []
    if rows and not any(map(_has_digit, rows[0])):
        above, rows = rows[0], rows[1:]
    elif _are_numbered(rows):
        above, beside, rows = rows[0], [row[0] for row in rows[1:]], [row[1:] for row in rows[1:]]
    if rows and not beside and not any(_has_digit(row[0]) for row in rows):
        beside, rows = [row[0] for row in rows], [row[1:] for row in rows]
    if beside and rows and len(above) > len(rows[0]):
        above = above[1:]  # the corner
    return above, beside, rows


def _are_numbered(rows: list[list[str]]) -> bool:
    """Whether numbers name the classes: then the corner is empty, or holds a word."""
    if len(rows) < 2:
        return False
    return len(rows[0]) == len(rows[1]) - 1 or (
        not _has_digit(rows[0][0]) and all(_has_digit(row[0]) for row in rows[1:])
    )


def _without_totals(matrix: IntArray) -> IntArray:
    height, width = matrix.shape
    if height == width and height > 2:
        inside = matrix[:-1, :-1]
        if (matrix[:-1, -1] == inside.sum(axis=1)).all() and (matrix[-1, :-1] == inside.sum(axis=0)).all():
            return inside
    return matrix
