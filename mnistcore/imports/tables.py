"""Owns tables of predictions as others write them: how a file becomes columns, and which column is what.

CSV and TSV in any of the usual encodings, with or without a heading; Parquet; JSON lines; arrays. What was recognised
can be shown and corrected before anything is kept.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError, shortened
from mnistcore.evaluation.predictions import SUM_TOLERANCE
from mnistcore.imports import arrays
from mnistcore.imports.formats import ENDINGS, INSTEAD, REFUSED, refuse
from mnistcore.imports.given import MOST_ROWS

if TYPE_CHECKING:
    import pandas as pd

MAX_BYTES: Final = 2**30  # of a file
TEXT_SUFFIXES: Final = (".csv", ".tsv", ".txt")
ARRAY_SUFFIXES: Final = (".npz", ".npy")
SUFFIXES: Final = ENDINGS["table"]

_TRUTH = """true truth y_true ytrue label labels target targets true_label true_class actual ground_truth gt y
y_test ytest real class 正解 正解ラベル 正解クラス 正解値 ラベル 真値 実際"""
_PREDICTED = """pred y_pred ypred prediction predictions predicted predicted_label predicted_class y_hat yhat
guess output 予測 予測ラベル 予測クラス 予測結果 予測値 推定"""
_WORDS: Final = {"truth": frozenset(_TRUTH.split()), "predicted": frozenset(_PREDICTED.split())}
_IMAGES: Final = frozenset(("images", "image", "x", "x_test", "pixels", "画像"))
_SCORE = re.compile(
    r"(?i)^(probabilities|probability|proba|prob|p|scores?|logits?|確率|スコア)"
    r"(?:[\s_\-.\[(]+|(?=\d)|(?<=[率ア]))(.+?)[\])]?$"
)
_LOGITS = re.compile(r"(?i)^logits?")
_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^(?i:nan|inf|-inf)$")
_PADDED = re.compile(r"^0\d+$")  # a name, as 007 is, and no number
_SEPARATORS = ",;\t"
_LOOKED_AT = 50  # rows


@dataclass(frozen=True)
class Columns:
    """Which column of a table is what.

    Attributes:
        truth: the column of the true classes.
        predicted: that of the predicted ones; "" where scores say them.
        scores: those of the scores, in the order of the classes.
        classes: the names of the classes, where the headings of the scores say them.
        are_logits: the scores are no probabilities.
    """

    truth: str
    predicted: str = ""
    scores: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    are_logits: bool = False


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
        table = array_table({"array": arrays.of_npy(data)} if suffix == ".npy" else arrays.of_npz(data))
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
        if unpacked > arrays.MOST_UNPACKED:
            raise InputError(
                f"file: expected at most {arrays.MOST_UNPACKED >> 20} MiB of columns, got {unpacked >> 20} MiB"
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


def _text_table(data: bytes) -> Table:
    import pandas as pd

    text, read_as = decoded(data)
    lines = [line for line in text[:200_000].splitlines() if line.strip()][:_LOOKED_AT]
    if not lines:
        raise InputError("file: expected a table, got an empty file")
    separator = _separator(lines)
    first = [cell.strip().strip('"') for cell in lines[0].split(separator)]
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

    >>> table = array_table({"labels": np.array([0, 1]), "p": np.array([[0.9, 0.1], [0.2, 0.8]])})
    >>> list(table.frame)
    ['labels', 'p_0', 'p_1']
    """
    import pandas as pd

    lengths = {name: len(array) for name, array in given.items() if array.ndim}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InputError(f"file: expected arrays of the same length, got {shortened(told, 120)}")
    pictures = [name for name, array in given.items() if array.ndim > 2 or name.lower() in _IMAGES]
    columns: dict[str, Any] = {}
    for name, array in sorted(given.items(), key=lambda item: item[1].ndim):  # by themselves, labels come first
        if array.ndim == 1:
            columns[name] = array
        elif array.ndim == 2 and name not in pictures:
            columns |= {f"{name}_{place}": array[:, place] for place in range(array.shape[1])}
    if not columns:
        raise InputError("file: expected an array of labels, got none")
    notes = () if any(meaning(name) for name in columns) else ("no heading",)
    return Table(pd.DataFrame(columns), notes, given[pictures[0]] if len(pictures) == 1 else None)


# ---------------------------------------------------------------- which column is what


def meaning(name: str) -> str:
    """What a heading says: "truth", "predicted" or "score"; "" where it says nothing."""
    word = re.sub(r"[\s\-]+", "_", name.strip().lower())
    for said, words in _WORDS.items():
        if word in words:
            return said
    return "score" if _SCORE.match(name.strip()) else ""


def is_headed(names: Sequence[str]) -> bool:
    """Whether headings say where the true class is, and what was predicted."""
    meanings = [meaning(name) for name in names]
    return "truth" in meanings and ("predicted" in meanings or meanings.count("score") > 1)


def guess_columns(table: Table) -> Columns:
    r"""Which column is what, by the headings and, where they say nothing, by what is in the columns.

    Raises:
        InputError: nothing can be taken for the true class, or nothing says what was predicted.

    >>> guess_columns(read_table("y_true,p_cat,p_dog\ncat,0.9,0.1\n".encode(), ".csv"))
    Columns(truth='y_true', predicted='', scores=('p_cat', 'p_dog'), classes=('cat', 'dog'), are_logits=False)
    """
    found = known_columns(table)
    if not found.truth or not (found.predicted or found.scores):
        names = shortened(", ".join(str(name) for name in table.frame.columns), 200)
        raise InputError(
            "columns: expected one of the true class and one of the predicted class, or scores, got "
            f"{names}. A submission without the truth cannot be evaluated; of any other table say which is which "
            "(--truth, --predicted, --scores)"
        )
    return found


def known_columns(table: Table) -> Columns:
    """As `guess_columns`, but what is not found stays empty.

    Raises:
        InputError: there is one column only.
    """
    if "no heading" in table.read_as:
        return _guessed_by_content(table)
    names = [str(name) for name in table.frame.columns]
    truths, predicted, scores = ([name for name in names if meaning(name) == word] for word in (*_WORDS, "score"))
    truth, called = truths[0] if truths else "", predicted[0] if predicted else ""
    if len(scores) == 1 and _ending(scores[0]) != "1":  # of the class that was predicted, as "p_max"
        scores = []
    if truth and not scores:
        scores = _named_as_classes(table, truth)
    if truth and not called and not scores:
        called = _only_other(table, truth)
    elif called and not truth:
        truth = _only_other(table, called)
    return of_scores(table, truth=truth, predicted=called, scores=tuple(scores))


def _named_as_classes(table: Table, truth: str) -> list[str]:
    """Columns of numbers that are called as the true classes are, of each class one; empty where there are none."""
    classes = set(map(str, table.frame[truth].head(10_000).unique()))
    numeric = [str(name) for name in table.frame if table.frame[name].dtype.kind in "iuf" and str(name) != truth]
    named = [name for name in numeric if name in classes]
    return named if len(named) == len(classes) > 1 else []


def _only_other(table: Table, known: str) -> str:
    """The only other column that holds nothing but the classes of a known one; "" where there is none, or several."""
    classes = set(map(str, table.frame[known].unique()))
    fitting = [
        str(name)
        for name in table.frame
        if str(name) != known
        and not meaning(str(name))
        and len(found := table.frame[name].unique()) <= max(len(classes), 2)
        and set(map(str, found)) <= classes
    ]
    return fitting[0] if len(fitting) == 1 else ""


def _ending(name: str) -> str:
    """Of which class the heading of scores tells."""
    return match[2].strip("_ ") if (match := _SCORE.match(name)) else name


def of_scores(table: Table, *, truth: str, predicted: str, scores: tuple[str, ...]) -> Columns:
    """These columns, with what the headings of the scores say of the classes, and whether they are probabilities."""
    endings = tuple(map(_ending, scores))
    numbered = [int(ending) for ending in endings] if scores and all(map(str.isdecimal, endings)) else None
    if numbered is not None:
        order = np.argsort(numbered, kind="stable")
        scores, endings = tuple(scores[place] for place in order), tuple(endings[place] for place in order)
    is_said = numbered is None or _are_names(table, truth, numbered)
    named = endings if is_said and len(set(endings)) == len(endings) else ()
    return Columns(truth, predicted, scores, named, _are_logits(table, scores))


def _are_names(table: Table, truth: str, numbered: Sequence[int]) -> bool:
    """Whether the numbers of the scores are the classes' names: not just 0, 1, ..., and each label is one of them."""
    if sorted(numbered) == list(range(len(numbered))) or truth not in table.frame:
        return False
    labels = table.frame[truth]
    return labels.dtype.kind not in "iuf" or bool(labels.isin(numbered).all())


def _are_logits(table: Table, scores: tuple[str, ...]) -> bool:
    if not scores:
        return False
    if all(_LOGITS.match(name) for name in scores):
        return True
    if not all(re.match(r"(?i)^(scores?|スコア|column )", name) for name in scores):
        return False  # they say that they are probabilities: what is wrong with them is told
    frame = table.frame[list(scores)]
    if any(kind.kind not in "iufb" for kind in frame.dtypes):
        return False  # no numbers: told where they are taken
    values = frame.head(10_000).to_numpy(dtype=np.float64)
    sums = values.sum(axis=1)
    whole = 100.0 if np.nanmax(values) > 1 else 1.0
    return bool(np.nanmin(values) < 0 or np.nanmax(np.abs(sums - whole)) > whole * SUM_TOLERANCE)


def _guessed_by_content(table: Table) -> Columns:
    """Of a table without headings: the true class first, then the predicted class or the scores, or both."""
    names = [str(name) for name in table.frame.columns]
    if len(names) < 2:
        raise InputError("columns: expected at least two, the true and the predicted class, got one")
    if len(names) == 2:
        return Columns(names[0], names[1])
    second = table.frame[names[1]]
    is_class = second.dtype == object or str(second.dtype).startswith(("int", "str"))
    if is_class and len(names) > 3:
        return of_scores(table, truth=names[0], predicted=names[1], scores=tuple(names[2:]))
    return of_scores(table, truth=names[0], predicted="", scores=tuple(names[1:]))


def arguments(table: Table, columns: Columns) -> dict[str, Any]:
    """What `mnistcore.record_predictions` takes of a table.

    Raises:
        InputError: there is no such column, or a value is missing; names the row.
    """
    wanted = [name for name in (columns.truth, columns.predicted, *columns.scores) if name]
    there = [str(name) for name in table.frame.columns]
    if missing := [name for name in wanted if name not in there]:
        raise InputError(f"columns: expected one of {shortened(', '.join(there), 200)}, got {missing[0]!r}")
    frame = table.frame[wanted]
    if (holes := frame.isna().to_numpy()).any():
        row, place = (int(found[0]) for found in np.nonzero(holes))
        raise InputError(f"{wanted[place]}: expected a value in every row, got none in row {row}")
    scores = {}
    if columns.scores:
        values = frame[list(columns.scores)]
        if bad := [name for name in values if values[name].dtype.kind not in "iufb"]:
            raise InputError(f"{bad[0]}: expected numbers, got {shortened(str(values[bad[0]].iloc[0]), 40)!r} in row 0")
        scores = {"logits" if columns.are_logits else "probabilities": values.to_numpy(dtype=np.float64)}
    return {
        "labels": _stripped(frame[columns.truth]),
        "predicted": _stripped(frame[columns.predicted]) if columns.predicted else None,
        "classes": columns.classes or None,
        "images": table.images,
        **scores,
    }


def _stripped(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Names without the space around them."""
    import pandas as pd

    return column.str.strip() if isinstance(column.dtype, pd.StringDtype) else column
