"""Owns which column of a table of predictions is what: as its headings or what is in it say, or as somebody says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistcore.errors import InputError, shortened
from mnistcore.evaluation.predictions import SUM_TOLERANCE
from mnistcore.imports.formats import INSTEAD
from mnistcore.imports.headings import LOGITS, WORDS, class_of, meaning
from mnistcore.imports.tables import Table

if TYPE_CHECKING:
    import pandas as pd


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


def guess_columns(table: Table) -> Columns:
    r"""Which column is what, by the headings and, where they say nothing, by what is in the columns.

    Raises:
        InputError: nothing can be taken for the true class, or nothing says what was predicted.

    >>> from mnistcore.imports.tables import read_table
    >>> guess_columns(read_table("y_true,p_cat,p_dog\ncat,0.9,0.1\n".encode(), ".csv"))
    Columns(truth='y_true', predicted='', scores=('p_cat', 'p_dog'), classes=('cat', 'dog'), are_logits=False)
    """
    found = known_columns(table)
    if not found.truth or not (found.predicted or found.scores):
        names = shortened(", ".join(str(name) for name in table.frame.columns), 200)
        raise InputError(
            "columns: expected one of the true class and one of the predicted class, or scores, got "
            f"{names}. A submission without the truth cannot be evaluated; of any other table say which is which "
            f"(--truth, --predicted, --scores). {INSTEAD}"
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
    truths, predicted, scores = ([name for name in names if meaning(name) == word] for word in (*WORDS, "score"))
    truth, called = truths[0] if truths else "", predicted[0] if predicted else ""
    if not may_be_scores(scores):
        scores = []
    if truth and not scores:
        scores = _named_as_classes(table, truth)
    if truth and not called and not scores:
        called = _only_other(table, truth)
    elif called and not truth:
        truth = _only_other(table, called)
    return of_scores(table, truth=truth, predicted=called, scores=tuple(scores))


def may_be_scores(names: Sequence[str]) -> bool:
    """Whether columns can be the scores: of each class one, or that of the second of two classes alone.

    >>> may_be_scores(["p_0", "p_1"]), may_be_scores(["p_1"]), may_be_scores(["p_max"])
    (True, True, False)
    """
    return len(names) > 1 or (len(names) == 1 and class_of(names[0]) == "1")


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


def of_scores(table: Table, *, truth: str, predicted: str, scores: tuple[str, ...]) -> Columns:
    """These columns, with what the headings of the scores say of the classes, and whether they are probabilities."""
    endings = tuple(map(class_of, scores))
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
    if all(LOGITS.match(name) for name in scores):
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
