"""Owns which of many classes stand on the board: the positive one, those it is confused with, the rest as one.

The board counts with places among these; pages and the URL know classes by their index. All four counts of each class
are the same in both, as folding changes no total.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.evaluation.groups import GROUPS, Group
from mnistcore.evaluation.selections import Selection
from ui import format
from ui.checkpoint import Checkpoint
from ui.components.class_board import BoardClass
from ui.many_classes import MANY
from ui.texts import t

NEAREST = 8  # classes beside the positive one
_ALL = "all"


@dataclass(frozen=True)
class Neighbourhood:
    """The classes on the board, in their order; ``has_others`` where all further ones stand behind them as one."""

    classes: tuple[int, ...]
    has_others: bool

    def place(self, index: int) -> int:
        """Where a class stands; that of the others where it is not there by itself."""
        return self.classes.index(index) if index in self.classes else len(self.classes)

    def as_places(self, part: Group | Selection) -> str:
        """The text of a part with places in it."""
        if isinstance(part, Group) or part.part not in ("cell", "row", "column"):
            return str(part)
        true, predicted = (_ALL if index is None else str(self.place(index)) for index in (part.true, part.predicted))
        return f"{true}-{predicted}"

    def as_classes(self, text: str) -> str:
        """The text of a part with classes in it. Of the others together, the whole row or column is meant."""
        if text in GROUPS:
            return text
        true, predicted = (self._class(place) for place in text.split("-"))
        return "tn" if true == predicted == _ALL else f"{true}-{predicted}"

    def _class(self, place: str) -> str:
        return str(self.classes[int(place)]) if place.isdecimal() and int(place) < len(self.classes) else _ALL


def neighbourhood(checkpoint: Checkpoint, positive: int, part: Group | Selection) -> Neighbourhood:
    """What stands on the board: every class where they are few; else those near the positive one, and of the part."""
    size = len(checkpoint.names)
    if size <= MANY:
        return Neighbourhood(tuple(range(size)), has_others=False)
    near = metrics.most_confused_with(checkpoint.evaluation.matrix, positive, limit=NEAREST).tolist()
    chosen = () if isinstance(part, Group) else (part.true, part.predicted)
    return Neighbourhood(
        tuple(dict.fromkeys((positive, *near, *(index for index in chosen if index is not None)))), has_others=True
    )


def board_classes(checkpoint: Checkpoint, near: Neighbourhood) -> Sequence[BoardClass]:
    """What the classes on the board are called."""
    names, whole_names = checkpoint.names, checkpoint.whole_names
    shown = [BoardClass(name=names[index], long_name=whole_names[index]) for index in near.classes]
    if near.has_others:
        count = format.count(len(names) - len(near.classes))
        shown.append(BoardClass(name=t("many.others"), long_name=t("many.others.label", count=count), is_others=True))
    return shown


def board_matrix(checkpoint: Checkpoint, near: Neighbourhood) -> NDArray[np.int64]:
    """The counts between the classes on the board."""
    return metrics.folded(checkpoint.evaluation.matrix, near.classes)


def misclassified_negatives(checkpoint: Checkpoint, near: Neighbourhood) -> list[int]:
    """Of each class on the board, its true negatives that are misclassified: folded, the others do not show theirs."""
    counts = checkpoint.evaluation.misclassified_negatives
    return [int(counts[index]) for index in near.classes] + [0] * near.has_others
