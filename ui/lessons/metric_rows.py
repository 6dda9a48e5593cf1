"""Owns the rows of the lessons' tables of metrics: which, in the order in which they are taught, and their names."""

from collections.abc import Sequence
from typing import Final

from mnistcore.metrics import DEFINITIONS
from ui import state
from ui.class_by_class import ALSO
from ui.components.metric_table import MetricRow
from ui.texts import render, t

OVERALL: Final = ("balanced_accuracy", "matthews_correlation")  # of a 2 x 2 table as a whole
ALL: Final = (*(name for name in DEFINITIONS if name != "specificity"), *OVERALL)


def metric_rows(names: Sequence[str] = ALL) -> list[MetricRow]:
    """A row for each metric of a class, with its name in the session's language, and in Japanese its English one."""
    return [_row(name) for name in names]


def _row(name: str) -> MetricRow:
    if name in OVERALL:
        title, english, also = t(f"lessons.metric.{name}"), render(f"lessons.metric.{name}", "en"), []
    else:
        title, english = t(f"board.metric.{name}"), render(f"board.metric.{name}", "en")
        also = [t(f"board.metric.{name}.also")] if name in ALSO else []
    reads_the_same = state.language() == "en" or name in ("f1", "matthews_correlation")
    return MetricRow(name, title, " ".join([*also, *([] if reads_the_same else [english])]))
