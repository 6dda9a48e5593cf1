"""Owns which kind of file somebody brings, by its ending and what is in it."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from mnistcore.errors import InputError
from mnistcore.imports import matrices, tables

FileKind = Literal["predictions", "matrix"]
ENDINGS: Final = tables.SUFFIXES


def kind_of(files: Mapping[str, bytes]) -> FileKind:
    r"""What was brought: predictions, or a confusion matrix alone.

    Args:
        files: name -> bytes; two are labels and predictions as .npy.

    Raises:
        InputError: it is something else; says what is taken, and what to make instead.

    >>> kind_of({"a.csv": b",cat,dog\ncat,5,1\ndog,0,4\n"})
    'matrix'
    """
    endings = [ending_of(name) for name in files]
    if len(files) > 2 or (len(files) == 2 and set(endings) != {".npy"}):
        raise InputError(f"files: expected one, or two .npy (labels and predictions), got {len(files)}")
    data = next(iter(files.values()))
    return "matrix" if len(files) == 1 and matrices.is_matrix(data, endings[0]) else "predictions"


def ending_of(name: str) -> str:
    """The ending of a file's name in small letters, with its dot; "" for none.

    >>> ending_of("My predictions.CSV")
    '.csv'
    """
    _, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if dot else ""


def stem_of(name: str) -> str:
    """A file's name without its folder and its ending."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return base.rpartition(".")[0] or base


def table_of(files: Mapping[str, bytes]) -> tables.Table:
    """The table in a file, or in two of arrays.

    Raises:
        InputError: there is none; says what was expected.
    """
    if len(files) == 1:
        ((name, data),) = files.items()
        return tables.read_table(data, ending_of(name))
    from mnistcore.imports import arrays

    return tables.checked(tables.array_table({stem_of(name): arrays.of_npy(data) for name, data in files.items()}))


def numeric_columns(table: tables.Table, *, but: Sequence[str]) -> tuple[str, ...]:
    """The columns of numbers, but for some: what may be scores."""
    kinds = table.frame.dtypes
    return tuple(str(name) for name in table.frame if kinds[name].kind in "iuf" and name not in but)
