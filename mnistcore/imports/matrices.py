"""Owns a confusion matrix that comes alone, as a file or pasted text: its names, and which of its axes is the truth."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError, shortened
from mnistcore.evaluation.pasted import PastedMatrix, PasteError, cells_of, read_cells
from mnistcore.imports import headings, tables
from mnistcore.imports.given import check_names
from mnistcore.imports.keeping import RecordedRun, keep_counts
from mnistcore.runs.manifest import MOST_CLASSES, Imported
from mnistcore.runs.store import Store

Axis = Literal["rows", "columns"]
_LARGEST: Final = 2**24  # bytes of a matrix of `MOST_CLASSES`
_SHARE: Final = re.compile(r"^\d*\.\d+(e[+-]?\d+)?$")
_SHARES: Final = (
    "matrix: expected counts, got shares: make it again with counts, as sklearn's confusion_matrix does without "
    "normalize="
)
AXES: Final[tuple[Axis, ...]] = ("rows", "columns")
_EXPLAINED: Final = {
    "empty": "expected counts, got no numbers",
    "number": "expected whole counts of 0 and more, got {found!r}",
    "ragged": "expected rows of the same length, got {first} cells in the first row and {other} in row {row}",
    "square": "expected as many rows as columns, and at least 2, got {rows} x {columns}",
    "large": "expected at most {classes} classes and at most {most} images in a cell, got more",
}


class SharesError(InputError):
    """It is a confusion matrix, but of shares: how many images there were, nobody can tell."""


@dataclass(frozen=True, eq=False)
class GivenMatrix:
    """A confusion matrix as it was written; which axis is the truth, it does not say.

    Attributes:
        counts: int64 (C, C), as in the file.
        names: of the classes, (C,).
        assumed: what was not said: numbers as names, totals that were left out.
    """

    counts: npt.NDArray[np.int64]
    names: tuple[str, ...]
    assumed: tuple[str, ...] = ()

    def with_truth(self, axis: Axis) -> npt.NDArray[np.int64]:
        """The counts with a row for each true class, int64 (C, C)."""
        return self.counts if axis == "rows" else np.ascontiguousarray(self.counts.T)


def read_matrix(text: str) -> GivenMatrix:
    r"""The matrix in a text: as a CSV file has it, or as people copy it.

    Raises:
        InputError: it is none; says what is wrong with which row. Its cause is a `PasteError`.

    >>> given = read_matrix(",cat,dog,sum\ncat,5,1,6\ndog,0,4,4\nsum,5,5,10\n")
    >>> given.counts.tolist(), given.names, given.assumed
    ([[5, 1], [0, 4]], ('cat', 'dog'), ('the totals are left out',))
    """
    if (lines := text.count("\n")) > 2 * MOST_CLASSES:  # with headings, totals and empty ones; else it takes gigabytes
        raise InputError(f"matrix: expected at most {MOST_CLASSES:,} classes, got {lines:,} lines")
    try:
        found = read_cells(_cells(text), most_classes=MOST_CLASSES)
    except PasteError as error:
        if error.reason == "number" and _is_of_shares(text):
            raise SharesError(_SHARES) from error
        raise InputError(f"matrix: {_EXPLAINED[error.reason].format(**error.details)}") from error
    names, assumed = _names(found)
    order = _order(found)
    counts = found.counts if order is None else found.counts[:, order]
    notes = (*(("the totals are left out",) if found.had_totals else ()), *assumed)
    return GivenMatrix(counts, names, notes)


def _is_of_shares(text: str) -> bool:
    """Whether it is a matrix whose cells are no counts but shares of them."""
    rows = [[_SHARE.sub("1", cell.rstrip("%")) for cell in row] for row in _cells(text)]
    try:
        found = read_cells(rows, most_classes=MOST_CLASSES)
    except PasteError:
        return False
    return bool(found.rows) and set(found.rows) == set(found.columns)


def _cells(text: str) -> list[list[str]]:
    """The cells of a CSV file, where every row has as many; else of what was copied."""
    lines = [line for line in text.splitlines() if line.strip()]
    for separator in ",;\t":
        rows = list(csv.reader(lines, delimiter=separator)) if lines else []
        if len(rows) > 1 and len(rows[-1]) > 1 and len({len(row) for row in rows[1:]}) == 1 and not _is_prose(lines):
            return [[cell.strip() for cell in row] for row in rows]
    return cells_of(text)


def _is_prose(lines: Sequence[str]) -> bool:
    """Whether brackets or bars are between the numbers too."""
    return any(sign in lines[-1] for sign in "[]{}|")


def _names(found: PastedMatrix) -> tuple[tuple[str, ...], tuple[str, ...]]:
    size, named = len(found.counts), found.rows or found.columns
    if not named:
        return tuple(map(str, range(size))), ("the classes are numbered from 0",)
    check_names(named)
    if found.rows and found.columns and set(found.rows) != set(found.columns):
        return found.rows, ("the classes are called as the rows are",)
    return named, ()


def _order(found: PastedMatrix) -> list[int] | None:
    """The columns in the order of the rows, where they have the same names in another."""
    if found.rows and found.columns and found.rows != found.columns and set(found.rows) == set(found.columns):
        return [found.columns.index(name) for name in found.rows]
    return None


def is_matrix(data: bytes, suffix: str) -> bool:
    r"""Whether a file holds a confusion matrix rather than a table of predictions.

    >>> is_matrix(b"5,1\n0,4\n", ".csv"), is_matrix(b"label,pred\n0,1\n", ".csv")
    (True, False)
    """
    if suffix.lower() not in tables.TEXT_SUFFIXES or len(data) > _LARGEST or data.count(b"\n") > MOST_CLASSES + 2:
        return False
    try:
        text = tables.decoded(data)[0]
        return _is_of_counts(read_matrix(text)) and not headings.is_headed(_cells(text)[0])
    except SharesError:
        return True
    except InputError:
        return False


def _is_of_counts(given: GivenMatrix) -> bool:
    """Not two rows of labels 0 and 1."""
    return int(given.counts.max()) > 1 or len(given.counts) > 2


def keep_matrix(
    given: GivenMatrix,
    *,
    truth: Axis,
    file: str,
    kind: str,
    name: str,
    store: Store,
    classes: Sequence[str] | None = None,
) -> RecordedRun:
    r"""Keep a confusion matrix as a run.

    Args:
        truth: which of its axes is the true class.
        classes: other names than those it has.

    Raises:
        InputError: there are not as many names as classes, or no images at all.

    >>> import tempfile, pathlib
    >>> store = Store(pathlib.Path(tempfile.mkdtemp()) / "runs")
    >>> given = read_matrix("5 1\n0 4")
    >>> keep_matrix(given, truth="columns", file="m.csv", kind="csv", name="m", store=store).numbers.matrix.tolist()
    [[5, 0], [1, 4]]
    """
    names = given.names if classes is None else tuple(classes)
    if len(names) != len(given.counts):
        raise InputError(f"classes: expected {len(given.counts)} names, got {len(names)}")
    check_names(names)
    if not given.counts.any():
        raise InputError("matrix: expected at least one image, got 0 in every cell")
    assumed = (f"the {truth} are the true classes", *given.assumed)
    origin = Imported(file=shortened(file, 80), format=kind, assumed=assumed)
    return keep_counts(given.with_truth(truth), names, origin=origin, name=name, store=store, assumed=assumed)
