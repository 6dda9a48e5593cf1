"""Owns which images lie behind a part of a confusion matrix; imports numpy, our errors and metrics only.

A selection has one text form, which is what stands in the URL:

- ``4-9``: truth 4, called 9 (one cell)
- ``4-all``: truth 4, whatever it was called (a row: what recall divides by)
- ``all-9``: called 9, whatever it is (a column: what precision divides by)
- ``diagonal``: everything that was called right
- ``errors``: everything that was called wrong
- ``everything``: all images

    >>> labels = [0, 0, 0, 1, 1, 2, 2, 2, 2, 2]
    >>> predicted = [0, 0, 1, 1, 1, 2, 2, 2, 0, 1]
    >>> chosen = parse_selection("2-all", num_classes=3)
    >>> selection_mask(chosen, labels, predicted).sum()  # five images are a 2
    np.int64(5)
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, SupportsIndex

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.metrics.arguments import label_pair, whole_number

BoolArray = npt.NDArray[np.bool_]
_Labels = npt.NDArray[Any]  # integers of any dtype


@dataclass(frozen=True, slots=True)
class Selection:
    """One part of the matrix; ``str()`` of it is its text form.

    ``part`` is one of ``PARTS``. A cell needs both classes, a row the true one, a column the predicted one,
    and the others none; anything else is an InputError.
    """

    part: str
    true: int | None = None
    predicted: int | None = None

    def __post_init__(self) -> None:
        if self.part not in _CLASSES_OF:
            raise InputError(f"part: expected one of {', '.join(PARTS)}, got {self.part!r}")
        for name, needed in zip(("true", "predicted"), _CLASSES_OF[self.part], strict=True):
            value = getattr(self, name)
            if needed:
                # numpy's integers become Python's, so that equal selections have equal texts and hashes.
                object.__setattr__(self, name, whole_number(value, name=name, minimum=0))
            elif value is not None:
                raise InputError(f"{name}: expected None for the part {self.part!r}, got {value!r}")

    def __str__(self) -> str:
        if self.true is None and self.predicted is None:
            return self.part
        true, predicted = ("all" if value is None else str(value) for value in (self.true, self.predicted))
        return f"{true}-{predicted}"


# Which of the true and the predicted class a part names.
_CLASSES_OF = {
    "everything": (False, False),
    "diagonal": (False, False),
    "errors": (False, False),
    "row": (True, False),
    "column": (False, True),
    "cell": (True, True),
}
PARTS = tuple(_CLASSES_OF)

_MASKS: dict[str, Callable[[Selection, _Labels, _Labels], BoolArray]] = {
    "everything": lambda chosen, labels, predicted: np.ones(labels.shape, dtype=np.bool_),
    "diagonal": lambda chosen, labels, predicted: labels == predicted,
    "errors": lambda chosen, labels, predicted: labels != predicted,
    "row": lambda chosen, labels, predicted: labels == chosen.true,
    "column": lambda chosen, labels, predicted: predicted == chosen.predicted,
    "cell": lambda chosen, labels, predicted: (labels == chosen.true) & (predicted == chosen.predicted),
}


_WHOLE = {part: Selection(part) for part, needed in _CLASSES_OF.items() if not any(needed)}
_ALL = "all"
_NUMBER = r"0|[1-9][0-9]{0,5}"  # without zeros in front: each selection has one text
_TEXT = re.compile(rf"({_NUMBER}|{_ALL})-({_NUMBER}|{_ALL})")


def selection_options(num_classes: SupportsIndex) -> tuple[str, ...]:
    """All texts that ``parse_selection`` takes: the whole parts, then rows, columns, and cells row by row.

    Args:
        num_classes: C, at least 1.

    Returns:
        3 + 2 C + C^2 different texts.

    Raises:
        InputError: fewer than one class, or not a whole number.

    >>> selection_options(2)
    ('everything', 'diagonal', 'errors', '0-all', '1-all', 'all-0', 'all-1', '0-0', '0-1', '1-0', '1-1')
    """
    count = whole_number(num_classes, name="num_classes", minimum=1)
    classes = range(count)
    return (
        *_WHOLE,
        *(f"{true}-{_ALL}" for true in classes),
        *(f"{_ALL}-{predicted}" for predicted in classes),
        *(f"{true}-{predicted}" for true in classes for predicted in classes),
    )


def parse_selection(text: str, *, num_classes: SupportsIndex) -> Selection:
    """Read a selection's text form, as it comes from a URL or a click.

    Args:
        text: one of ``selection_options(num_classes)``, exactly: ``04-9`` and ``4 - 9`` are none.
        num_classes: C, at least 1.

    Returns:
        The selection whose ``str()`` is ``text`` again.

    Raises:
        InputError: anything else; the message says what would have been accepted.

    >>> parse_selection("4-9", num_classes=10)
    Selection(part='cell', true=4, predicted=9)
    >>> str(parse_selection("all-9", num_classes=10))
    'all-9'
    """
    count = whole_number(num_classes, name="num_classes", minimum=1)
    found = _WHOLE.get(text) or _read(str(text), count)
    if found is None:
        last = count - 1
        raise InputError(
            "selection: expected everything, diagonal, errors, or TRUE-PREDICTED, where each is a class from "
            f"0 to {last} and one of them may be 'all' (for example '{last}-0', '{last}-all', 'all-{last}'), "
            f"got {text!r}"
        )
    return found


def _read(text: str, count: int) -> Selection | None:
    """The cell, row or column of ``count`` classes that a text names; None where it names none."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    true, predicted = (None if part == _ALL else int(part) for part in match.groups())
    if (true is None and predicted is None) or max(true or 0, predicted or 0) >= count:
        return None
    return Selection("row" if predicted is None else "column" if true is None else "cell", true, predicted)


def selection_mask(selection: Selection, labels: npt.ArrayLike, predicted: npt.ArrayLike) -> BoolArray:
    """Tell which images a selection holds.

    Args:
        selection: a part of the matrix.
        labels: the truth; integers, shape (N,).
        predicted: what the model called each image; same kind and length.

    Returns:
        bool, shape (N,): True where the image is behind that part. All rows together hold each image once,
        and so do all columns, all cells, and diagonal with errors.

    Raises:
        InputError: lengths that differ, values that are no integers, not one-dimensional.

    >>> selection_mask(Selection("errors"), [0, 1, 2], [0, 2, 2])
    array([False,  True, False])
    """
    truth, called = label_pair(labels, predicted)
    return _MASKS[selection.part](selection, truth, called)


_REGION_MASKS: dict[str, Callable[[BoolArray, BoolArray], BoolArray]] = {
    "tp": lambda is_class, called_class: is_class & called_class,
    "fp": lambda is_class, called_class: ~is_class & called_class,
    "fn": lambda is_class, called_class: is_class & ~called_class,
    "tn": lambda is_class, called_class: ~is_class & ~called_class,
}
REGIONS = tuple(_REGION_MASKS)


def region_mask(region: str, class_index: SupportsIndex, labels: npt.ArrayLike, predicted: npt.ArrayLike) -> BoolArray:
    """Tell which images are true or false positives or negatives, when one class is the positive one.

    Args:
        region: one of ``REGIONS``: true positives (of the class, and called so), false positives (called so
            only), false negatives (of the class only), true negatives (neither).
        class_index: the positive class, at least 0.
        labels: the truth; integers, shape (N,).
        predicted: what the model called each image; same kind and length.

    Returns:
        bool, shape (N,). The four regions of a class hold each image once.

    Raises:
        InputError: an unknown region, a negative class, lengths that differ, values that are no integers.

    >>> region_mask("fn", 2, labels=[0, 1, 2, 2], predicted=[0, 2, 2, 1])  # a 2 that was called 1
    array([False, False, False,  True])
    """
    if region not in _REGION_MASKS:
        raise InputError(f"region: expected one of {', '.join(REGIONS)}, got {region!r}")
    positive = whole_number(class_index, name="class_index", minimum=0)
    truth, called = label_pair(labels, predicted)
    return _REGION_MASKS[region](truth == positive, called == positive)
