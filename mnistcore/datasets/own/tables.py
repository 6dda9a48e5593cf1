"""Owns reading images from tables: Kaggle's ``label,pixel0,...`` as CSV, and Hugging Face's Parquet of pictures."""

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.datasets.own import arrays
from mnistcore.datasets.own.entries import Entry
from mnistcore.datasets.own.found import WHOLE, Found, Part, split_of
from mnistcore.datasets.own.pictures import decode, told
from mnistcore.errors import InputError, shortened
from mnistcore.libraries import importing

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]

MAX_CSV_BYTES: Final = 2**30
MAX_ROWS: Final = 1_000_000
MAX_PARQUET_BYTES: Final = 4 * 2**30  # of a table in memory
_LABELS: Final = ("label", "labels", "target", "class", "y", "fine_label", "category")
_IMAGES: Final = ("image", "img", "images", "picture", "jpg", "png")


def read_csv(entries: Sequence[Entry]) -> Found:
    """Tables with a label and a pixel in each column; each file is a split, where its name tells of one.

    Raises:
        InputError: they are no such tables; names the row and the column.
    """
    notes: list[str] = []
    read = [(split_of(entry.name) or WHOLE, _csv_part(entry, notes)) for entry in entries]
    return _found(read, None, notes)


def read_parquet(entries: Sequence[Entry]) -> Found:
    """Tables with a column of pictures and one of labels; each file is a split, where its name tells of one.

    Raises:
        InputError: they are no such tables; names the row and the column.
    """
    notes: list[str] = []
    said: Counter[str] = Counter()
    read, names = [], None
    for entry in entries:
        part, names = _parquet_part(entry, said, notes)
        read.append((split_of(entry.parts[-1]) or split_of(entry.name) or WHOLE, part))
    return _found(read, names, [*notes, *told(said)])


def _found(read: Sequence[tuple[str, Part]], names: tuple[str, ...] | None, notes: Sequence[str]) -> Found:
    parts = arrays.joined_parts(read)
    if WHOLE in parts and len(parts) > 1:
        raise InputError(f"path: expected each file to tell its split by its name, or none; got {', '.join(parts)}")
    if set(parts) == {"train"}:
        parts = {WHOLE: parts["train"]}
    return Found(parts, names, tuple(dict.fromkeys(notes)))


# ---------------------------------------------------------------- csv


def _csv_part(entry: Entry, notes: list[str]) -> Part:
    with importing("pandas"):
        import pandas as pd

    if entry.size > MAX_CSV_BYTES:
        raise InputError(f"{entry.name}: expected at most 1 GB, got {entry.size:,} bytes; .npz takes a tenth of it")
    data = entry.read()
    head = data[:65536].decode("utf-8-sig", "replace").partition("\n")[0]
    separator = max(",;\t", key=head.count)
    first = next(csv.reader([head.strip()], delimiter=separator), [])
    if len(first) < 1 + 64:
        raise InputError(
            f"{entry.name}: expected a column of labels and one for each pixel, as label,pixel0,pixel1,..., got "
            f"{len(first)} columns"
        )
    has_header = not all(_is_number(text) for text in first[1:])
    try:
        frame = pd.read_csv(
            io.BytesIO(data),
            sep=separator,
            header=0 if has_header else None,
            encoding="utf-8-sig",
            nrows=MAX_ROWS + 1,
        )
    except (ValueError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise InputError(f"{entry.name}: expected a table: {shortened(str(error), 200)}") from error
    if not 1 <= len(frame) <= MAX_ROWS:
        raise InputError(f"{entry.name}: expected 1 to {MAX_ROWS:,} rows, got {'none' if frame.empty else 'more'}")
    if not has_header:
        notes.append("without a header, the first column was taken as the label")
    place = _label_column(list(map(str, frame.columns)), entry) if has_header else 0
    labels = frame.iloc[:, place]
    pixels = frame.drop(columns=frame.columns[place])
    values = _numbers(pixels, entry)
    images = arrays.as_images(values, entry.name, notes)
    if labels.isna().any():
        raise InputError(f"{entry.name}, row {int(labels.isna().argmax()) + 1}: expected a label, got nothing")
    return Part(images, arrays.as_labels(_plain(labels.to_numpy()), entry.name, notes))


def _label_column(columns: Sequence[str], entry: Entry) -> int:
    for name in _LABELS:
        for place, column in enumerate(columns):
            if column.strip().lower() == name:
                return place
    raise InputError(
        f"{entry.name}: expected a column called label, got {shortened(', '.join(columns), 80)}; a test set of a "
        "competition has no labels"
    )


def _numbers(pixels: "pd.DataFrame", entry: Entry) -> npt.NDArray[Any]:
    for place, kind in enumerate(pixels.dtypes):
        if kind.kind not in "iuf":
            raise InputError(f"{entry.name}, column {pixels.columns[place]}: expected numbers, got something else")
    values: npt.NDArray[Any] = pixels.to_numpy()
    if values.dtype.kind == "f" and np.isnan(values).any():
        row, column = map(int, np.argwhere(np.isnan(values))[0])
        raise InputError(
            f"{entry.name}, row {row + 1}, column {pixels.columns[column]}: expected a number, got nothing"
        )
    return values


def _plain(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values.astype(str) if values.dtype == object else values


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------- parquet


def _parquet_part(entry: Entry, said: Counter[str], notes: list[str]) -> tuple[Part, tuple[str, ...] | None]:
    with importing("pyarrow"):
        import pyarrow as pa
        import pyarrow.parquet as pq  # type: ignore[import-untyped, unused-ignore]

    try:
        file = pq.ParquetFile(io.BytesIO(entry.read()))
        facts = file.metadata
        size = sum(facts.row_group(number).total_byte_size for number in range(facts.num_row_groups))
        if not 1 <= facts.num_rows <= MAX_ROWS or size > MAX_PARQUET_BYTES:
            raise InputError(f"{entry.name}: expected 1 to {MAX_ROWS:,} rows and 4 GB, got {facts.num_rows:,} rows")
        columns = file.schema_arrow.names
        image, label = (_parquet_column(columns, known, entry) for known in (_IMAGES, _LABELS))
        table = file.read(columns=[image, label])
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{entry.name}: expected a whole Parquet file: {shortened(str(error), 200)}") from error
    pictures = [
        decode(_picture_bytes(value, entry, row), f"{entry.name}, row {row}", said.update)
        for row, value in enumerate(table.column(image).to_pylist(), start=1)
    ]
    labels = table.column(label)
    if labels.null_count:
        raise InputError(f"{entry.name}: expected a label in each row, got {labels.null_count:,} rows without")
    return (
        Part(pictures, arrays.as_labels(_plain(np.array(labels.to_pylist())), entry.name, notes)),
        _class_names(file.schema_arrow, label),
    )


def _parquet_column(columns: Sequence[str], known: Sequence[str], entry: Entry) -> str:
    found = next((name for name in known for column in columns if column.lower() == name), None)
    if found is None:
        raise InputError(
            f"{entry.name}: expected a column called {known[0]}, got {shortened(', '.join(columns), 80) or 'none'}"
        )
    return next(column for column in columns if column.lower() == found)


def _picture_bytes(value: object, entry: Entry, row: int) -> bytes:
    """What is in a cell: the bytes of a picture, by themselves or with its name, which is not followed."""
    content = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(content, bytes):
        raise InputError(f"{entry.name}, row {row}: expected the bytes of a picture, got {type(content).__name__}")
    return content


def _class_names(schema: "pa.Schema", label: str) -> tuple[str, ...] | None:
    """The names that Hugging Face writes beside a table, where it does."""
    try:
        written = json.loads((schema.metadata or {})[b"huggingface"])
        names = written["info"]["features"][label]["names"]
    except (KeyError, TypeError, ValueError):
        return None
    return tuple(map(str, names)) if isinstance(names, list) else None
