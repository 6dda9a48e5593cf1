"""Owns a cell of a confusion matrix as the browser parts draw it, and the check that each pair of classes has one."""

from collections.abc import Sequence
from dataclasses import dataclass

from mnistcore.errors import InputError
from mnistcore.metrics.arguments import whole_number


@dataclass(frozen=True, slots=True)
class Cell:
    """One pair of a true and a predicted class."""

    count: int  # images; 0 is drawn faint
    text: str  # what stands in the cell, formatted

    def __post_init__(self) -> None:
        if type(self.count) is not int or self.count < 0:  # there are thousands of cells: what is right is not touched
            # numpy's own integers are not JSON.
            object.__setattr__(self, "count", whole_number(self.count, name="count", minimum=0))


def check_square(cells: Sequence[Sequence[Cell]], *, size: int) -> None:
    """Checks that there is a row for each true class, and in it a cell for each predicted one.

    Args:
        cells: rows true, columns predicted.
        size: number of classes.

    Raises:
        InputError: another number of rows, or of columns in one of them.
    """
    lengths = {len(row) for row in cells}
    if len(cells) != size or (size and lengths != {size}):
        got = f"{len(cells)} rows of {sorted(lengths)} columns"
        raise InputError(f"cells: expected {size} x {size}, one row and column per class, got {got}")
