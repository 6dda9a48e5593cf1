"""Owns the files that somebody brings at once: which kind they are, and how those that need a place on disk get one."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from mnistcore.datasets import npy_files
from mnistcore.errors import InputError
from mnistcore.imports import formats, matrices, tables

Kind = Literal["table", "matrix", "checkpoint", "onnx", "run"]


def kind_of(files: Mapping[str, bytes]) -> Kind:
    r"""What was brought: a table of predictions, a confusion matrix alone, a model, or a run.

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
    kinds = [formats.kind_of_bytes(data, ending) for data, ending in zip(files.values(), endings, strict=True)]
    if len(files) == 1 and matrices.is_matrix(next(iter(files.values())), endings[0]):
        return "matrix"
    return kinds[0]


@contextmanager
def on_disk(name: str, data: bytes) -> Iterator[Path]:
    """A file of these bytes in a folder that nobody else sees, until the end of the block; only its ending is kept."""
    with tempfile.TemporaryDirectory(prefix="mnistcore-") as folder:
        path = Path(folder) / f"file{ending_of(name)}"
        path.write_bytes(data)
        yield path


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
    arrays = {stem_of(name): npy_files.of_npy(data, name) for name, data in files.items()}
    return tables.checked(tables.array_table(arrays))


def numeric_columns(table: tables.Table, *, but: Sequence[str]) -> tuple[str, ...]:
    """The columns of numbers, but for some: what may be scores."""
    kinds = table.frame.dtypes
    return tuple(str(name) for name in table.frame if kinds[name].kind in "iuf" and name not in but)
