"""Owns tables of predictions as others write them: how a file becomes columns.

CSV and TSV in any of the usual encodings, with or without a heading; Parquet; JSON lines; arrays. Which
column is what, `columns` says.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy.typing as npt

from mnistcore.datasets import npy_files
from mnistcore.errors import InputError, shortened
from mnistcore.imports.formats import ENDINGS, INSTEAD, REFUSED, refuse
from mnistcore.imports.given import MOST_ROWS, is_one_hot
from mnistcore.imports.headings import meaning
from mnistcore.runs.manifest import MOST_CLASSES

if TYPE_CHECKING:
    import pandas as pd

MAX_BYTES: Final = 2**30  # of a file
TEXT_SUFFIXES: Final = (".csv", ".tsv", ".txt")
ARRAY_SUFFIXES: Final = (".npz", ".npy")
SUFFIXES: Final = ENDINGS["table"]

_IMAGES: Final = frozenset(("images", "image", "x", "x_test", "pixels", "画像"))
_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^(?i:nan|inf|-inf)$")
_PADDED = re.compile(r"^0\d+$")  # a name, as 007 is, and no number
_SEPARATORS = ",;\t"
_LOOKED_AT = 50  # rows
_BEGINNING = 4000  # bytes that are looked at for the encoding
_FEW = 25  # one of so many is a mistake; of UTF-16 more are 0, as each comma has one
_MOST_COLUMNS: Final = 2 * MOST_CLASSES  # of an array, or of a text


@dataclass(frozen=True, eq=False)
class Table:
    """A table that was read: its columns, and how."""

    frame: "pd.DataFrame"
    read_as: tuple[str, ...]  # "UTF-8", "separated by ;", "no heading": what the file did not say
    images: npt.NDArray[Any] | None = None  # that are beside the columns, one for each row


def read_table(data: bytes, suffix: str) -> Table:
    r"""The table in the bytes of a file.

    Args:
        suffix: of the file's name, such as ".csv": one of `SUFFIXES`.

    Raises:
        InputError: it is none of these, empty, too large, or cannot be read; says what is expected.

    >>> read_table("label;p_cat;p_dog\ncat;0.9;0.1\n".encode(), ".csv").read_as
    ('separated by ;',)
    """
    suffix = suffix.lower()
    if suffix in REFUSED:
        raise refuse(REFUSED[suffix], suffix)
    if suffix not in SUFFIXES:
        raise InputError(f"file: expected one of {', '.join(SUFFIXES)}, got {suffix or 'no ending'}. {INSTEAD}")
    if len(data) > MAX_BYTES:
        raise InputError(f"file: expected at most {MAX_BYTES >> 20} MiB, got {len(data) >> 20} MiB")
    if not data.strip():
        raise InputError("file: expected a table, got an empty file")
    _check_rows(data, suffix)
    if suffix in TEXT_SUFFIXES:
        table = _text_table(data)
    elif suffix in ARRAY_SUFFIXES:
        table = array_table({"array": npy_files.of_npy(data)} if suffix == ".npy" else npy_files.of_npz(data))
    else:
        table = Table(_binary_table(data, suffix), ())
    return checked(table)


def _check_rows(data: bytes, suffix: str) -> None:
    """Refuse what has too many rows before it is taken apart.

    Raises:
        InputError: it has, or says that it has.
    """
    rows = 0
    if suffix in (*TEXT_SUFFIXES, ".jsonl", ".ndjson"):
        rows = data.count(b"\n") - 1  # at least: the first line may be a heading
    elif suffix == ".parquet":
        import pyarrow.parquet as parquet

        try:
            said = parquet.read_metadata(io.BytesIO(data))
        except Exception:  # pyarrow has many; what it is, reading it says
            return
        rows = said.num_rows
        unpacked = sum(said.row_group(group).total_byte_size for group in range(said.num_row_groups))
        if unpacked > npy_files.MOST_UNPACKED:
            raise InputError(
                f"file: expected at most {npy_files.MOST_UNPACKED >> 20} MiB of columns, got {unpacked >> 20} MiB"
            )
    if rows > MOST_ROWS:
        raise InputError(f"file: expected at most {MOST_ROWS:,} rows, got {rows:,}")


def checked(table: Table) -> Table:
    """The table, which has rows, no more than `MOST_ROWS`, and columns that can be told apart.

    Raises:
        InputError: it has not.
    """
    _require_once([str(name) for name in table.frame.columns])
    if not len(table.frame):
        raise InputError("file: expected at least one row, got none")
    if len(table.frame) > MOST_ROWS:
        raise InputError(f"file: expected at most {MOST_ROWS:,} rows, got {len(table.frame):,}")
    return table


def _require_once(names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise InputError(f"columns: expected each heading once, got {shortened(twice, 40)!r} twice")


def decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and its encoding where that is none of the usual.

    Raises:
        InputError: it is no text.
    """
    if encoding := _unmarked(data):
        raise InputError(
            f"file: expected text in UTF-8, UTF-16 with its mark or cp932 (Shift JIS), got {encoding}: save it as "
            "UTF-8 (in Excel: CSV UTF-8)"
        )
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding), (() if encoding == "utf-8-sig" else ("UTF-16",))
            except UnicodeDecodeError as error:
                raise InputError(f"file: expected {encoding}, got other bytes: {error}") from error
    for encoding in ("utf-8", "cp932"):
        try:
            return data.decode(encoding), (() if encoding == "utf-8" else ("cp932 (Shift JIS)",))
        except UnicodeDecodeError:
            continue
    raise InputError("file: expected text in UTF-8, UTF-16 or cp932 (Shift JIS), got other bytes")


def _unmarked(data: bytes) -> str:
    """UTF-32, or UTF-16 without the mark that says so: told by zeros, which no other text has; "" for any other."""
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "UTF-32"
    start = data[:_BEGINNING]
    zeros = [start[place::4].count(0) for place in range(4)]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or not any(zeros):
        return ""
    if sum(zeros) < len(start) / _FEW:
        return "text with zeros in it"
    if sum(zeros) > len(start) / 2:  # of each sign two bytes or three
        return "UTF-32 without its mark"
    is_little = zeros[1] + zeros[3] > zeros[0] + zeros[2]
    return f"UTF-16 ({'little' if is_little else 'big'} endian) without its mark"


def _text_table(data: bytes) -> Table:
    import pandas as pd

    text, read_as = decoded(data)
    lines = [line for line in text[:200_000].splitlines() if line.strip()][:_LOOKED_AT]
    if not lines:
        raise InputError("file: expected a table, got an empty file")
    separator = _separator(lines)
    first = [cell.strip().strip('"') for cell in lines[0].split(separator)]
    if len(first) > _MOST_COLUMNS:
        raise InputError(f"file: expected at most {_MOST_COLUMNS:,} columns, got {len(first):,}")
    rest = [[cell.strip().strip('"') for cell in line.split(separator)] for line in lines[1:]]
    has_heading = _is_heading(first, rest)
    if has_heading:  # pandas would call the second of two by another name
        _require_once([cell.strip() for cell in next(csv.reader(lines[:1], delimiter=separator)) if meaning(cell)])
    padded = {place for row in rest for place, cell in enumerate(row) if _PADDED.match(cell)}
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=0 if has_heading else None,
            skipinitialspace=True,
            keep_default_na=False,
            na_values=["", "nan", "NaN"],
            dtype=dict.fromkeys(padded, str),
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise InputError(f"file: expected the same number of columns in each row, got: {error}") from error
    _require_no_more_cells(frame)
    frame.columns = [str(name).strip() if has_heading else f"column {place + 1}" for place, name in enumerate(frame)]
    notes = (*read_as, *(() if separator == "," else (f"separated by {'tabs' if separator == chr(9) else separator}",)))
    return Table(frame, notes if has_heading else (*notes, "no heading"))


def _require_no_more_cells(frame: "pd.DataFrame") -> None:
    """Rows are not longer than the heading, but for a number of each row in front, as R writes it.

    Raises:
        InputError: they are: pandas takes the first cells for names of the rows, and moves the others.
    """
    more, count = frame.index.nlevels, len(frame)
    first = frame.index[0] if count else 0
    if more == 1 and first in (0, 1) and frame.index.equals(frame.index.__class__(range(first, first + count))):
        return
    there = frame.shape[1]
    raise InputError(f"file: expected {there} cells in each row, as in the first, got {there + more} in row 0")


def _separator(lines: Sequence[str]) -> str:
    """The sign that is found in every line, equally often; of several the one found most."""
    found = {sign: {line.count(sign) for line in lines} for sign in _SEPARATORS}
    steady = [sign for sign, counts in found.items() if len(counts) == 1 and counts != {0}]
    return max(steady or _SEPARATORS, key=lambda sign: max(found[sign]))


def _is_heading(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: in words that are known, or that stand nowhere below."""
    if any(meaning(cell) for cell in first):
        return True
    if all(_NUMBER.match(cell) for cell in first):
        return False
    for place, cell in enumerate(first):  # a word above numbers alone
        column = [row[place] for row in rest if place < len(row)]
        if column and not _NUMBER.match(cell) and all(_NUMBER.match(each) for each in column):
            return True
    below = {cell for row in rest for cell in row}
    return bool(rest) and not any(cell in below for cell in first if not _NUMBER.match(cell))


def _binary_table(data: bytes, suffix: str) -> "pd.DataFrame":
    import pandas as pd

    try:
        if suffix == ".parquet":
            frame = pd.read_parquet(io.BytesIO(data))
        else:
            frame = pd.read_json(io.BytesIO(data), lines=True, encoding="utf-8", dtype=False)
        frame.columns = [str(name) for name in frame.columns]
        return frame
    except InputError:
        raise
    except Exception as error:  # pyarrow and zipfile have many
        raise InputError(f"file: expected {suffix[1:]}, got bytes that cannot be read as that: {error}") from error


def array_table(given: Mapping[str, npt.NDArray[Any]]) -> Table:
    """Arrays as columns; a matrix has one for each of its own, and images stand beside them.

    Args:
        given: name -> array, each with a row for each image.

    Raises:
        InputError: their lengths differ, or there is nothing but images.

    >>> import numpy as np
    >>> table = array_table({"labels": np.array([0, 1]), "p": np.array([[0.9, 0.1], [0.2, 0.8]])})
    >>> list(table.frame)
    ['labels', 'p_0', 'p_1']
    """
    import pandas as pd

    lengths = {name: len(array) for name, array in given.items() if array.ndim}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InputError(f"file: expected arrays of the same length, got {shortened(told, 120)}")
    if max(lengths.values(), default=0) > MOST_ROWS:
        raise InputError(f"file: expected at most {MOST_ROWS:,} rows, got {max(lengths.values()):,}")
    pictures = [name for name, array in given.items() if array.ndim > 2 or name.lower() in _IMAGES]
    columns: dict[str, Any] = {}
    assumed: list[str] = []
    for name, array in sorted(given.items(), key=lambda item: item[1].ndim):  # by themselves, labels come first
        if array.ndim == 1:
            columns[name] = array
        elif array.ndim == 2 and name not in pictures and meaning(name) == "truth" and is_one_hot(array):
            columns[name] = array.argmax(axis=1)
            assumed.append(f"{name}: each row is taken as one-hot")
        elif array.ndim == 2 and name not in pictures:
            if array.shape[1] > _MOST_COLUMNS:
                raise InputError(f"{name}: expected at most {_MOST_COLUMNS:,} columns, got {array.shape[1]:,}")
            columns |= {f"{name}_{place}": array[:, place] for place in range(array.shape[1])}
    if not columns:
        raise InputError("file: expected an array of labels, got none")
    if not any(meaning(name) for name in columns):
        assumed.append("no heading")
    return Table(pd.DataFrame(columns), tuple(assumed), given[pictures[0]] if len(pictures) == 1 else None)
