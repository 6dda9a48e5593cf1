"""Owns what is chosen in a matrix, wherever it is drawn: the cell, the positive class, the part of it, the axes.

The pages share these parameters, so that what is chosen on one is chosen on the other.
"""

from typing import Any

from mnistcore.errors import InputError
from mnistcore.evaluation.groups import GROUPS, Group
from mnistcore.evaluation.selections import Selection, parse_selection
from ui import gallery, state
from ui.checkpoint import Checkpoint
from ui.page import Page
from ui.parameters import LONGEST_LIST, Parameter, Problem, Unusable, among, choice, is_index

FIRST_PART = "fn"  # where nothing is chosen: the mistakes of a class that its recall counts


def _read_cell(text: str, checkpoint: Checkpoint) -> Selection:
    """A part of the matrix ("4-9", "4-all", "diagonal").

    Where none is named, the most confused pair; without mistakes, the diagonal.
    """
    worst = checkpoint.evaluation.largest_confusions
    if not text:
        return Selection("cell", worst[0].true, worst[0].predicted) if worst else Selection("diagonal")
    classes = len(checkpoint.names)
    try:
        return parse_selection(text, num_classes=classes)
    except InputError:
        raise Unusable(Problem("problem.unknown_cell", wanted=text, last=classes - 1)) from None


def _read_class(text: str, checkpoint: Checkpoint) -> int | None:
    """The index of the positive class; None where none is named."""
    total = len(checkpoint.names)
    if not text or is_index(text, total):
        return int(text) if text else None
    options = ", ".join(map(str, range(min(total, LONGEST_LIST))))
    raise Unusable(Problem("problem.unknown_value", parameter="class", value=text, options=options, shown=0))


def _read_region(text: str, _: Checkpoint) -> Group | None:
    """A group of outcomes; None where none is named."""
    if not text:
        return None
    if text in GROUPS:
        return GROUPS[text]
    raise Unusable(
        Problem("problem.unknown_value", parameter="region", value=text, options=", ".join(GROUPS), shown=FIRST_PART)
    )


CLASS = Parameter(name="class", read=_read_class, resets=(gallery.PAGE,))  # the positive one
REGION = Parameter(name="region", read=_read_region, resets=(gallery.PAGE,))
CELL = Parameter(name="cell", read=_read_cell, resets=(gallery.PAGE, CLASS, REGION))
AXES = choice("axes", among("rows", "columns"), default="rows")  # where the true class is
PARAMETERS: tuple[Parameter[Checkpoint, Any], ...] = (CELL, CLASS, REGION, AXES)


def positive_class(page: Page, checkpoint: Checkpoint) -> int:
    """The class that is positive: the chosen one, else that of the chosen cell, row or column, else the first."""
    chosen = page.read(CLASS, checkpoint)
    if chosen is not None:
        return chosen
    cell = _chosen_cell(page, checkpoint)
    if cell is None:
        return 0
    return cell.true if cell.true is not None else cell.predicted or 0


def chosen_part(page: Page, checkpoint: Checkpoint) -> Group | Selection:
    """The part of the board whose images are shown: the chosen group, else the chosen cell, row or column."""
    return page.read(REGION, checkpoint) or _chosen_cell(page, checkpoint) or GROUPS[FIRST_PART]


def _chosen_cell(page: Page, checkpoint: Checkpoint) -> Selection | None:
    """The cell, row or column that the reader has chosen, if any."""
    cell = page.read(CELL, checkpoint) if state.get(CELL) else None
    return cell if cell is not None and cell.part in ("cell", "row", "column") else None


def put_part(text: str, positive: int) -> None:
    """Choose a part of the board, as the browser names it; the class stays."""
    if text in GROUPS:
        state.put(REGION, text)
    else:
        state.dismiss()
        chosen = state.get(CLASS) or str(positive)  # maybe with the same click, so later than ``positive`` was drawn
        state.put(CELL, text)
        state.put(CLASS, chosen)
