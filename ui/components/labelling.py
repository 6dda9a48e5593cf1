"""Owns the part in which the reader labels images: checks what it is given, mounts it, reads the answers."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from string import ascii_lowercase, digits

import numpy as np
from numpy.typing import NDArray

from mnistcore.errors import InputError
from ui.components import mount, trigger_value
from ui.components.image_grid import check_images
from ui.pictures import AMONG_MANY, at_most, sprite

COLUMNS = 10  # pictures in a row of the file
_NONE = "none"  # what is sent where the last answer was taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class LabellingWords:
    """The words of the part, in the reader's language; templates name what is filled in in braces."""

    label: str
    classes: str
    progress: str  # {place} {count}
    back: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabellingView:
    """The images to label, and the classes among which each is.

    Raises:
        InputError: no images, images of another shape or dtype, or classes for more or fewer of them.
    """

    images: NDArray[np.uint8]  # (N, H, W) or (N, H, W, 3), in the order in which they are asked
    names: Sequence[str]  # (C,)
    offered: Sequence[Sequence[int]]  # (N,) of each image the classes that can be chosen
    words: LabellingWords

    def __post_init__(self) -> None:
        check_images(self.images)
        if not len(self.images):
            raise InputError("images: expected at least one to label, got none")
        if len(self.offered) != len(self.images):
            raise InputError(f"offered: expected classes for {len(self.images)} images, got {len(self.offered)}")

    def as_json(self) -> dict[str, object]:
        """What labelling.js reads."""
        return {
            "sprite": sprite(at_most(self.images, AMONG_MANY), COLUMNS, square=True),
            "columns": COLUMNS,
            "count": len(self.images),
            "offered": [self._buttons(classes) for classes in self.offered],
            "words": asdict(self.words),
        }

    def _buttons(self, classes: Sequence[int]) -> list[dict[str, object]]:
        names = [self.names[index] for index in classes]
        whole = zip(classes, names, keys_of(names), strict=True)
        return [{"index": index, "name": name, "key": key} for index, name, key in whole]


def keys_of(names: Sequence[str]) -> list[str]:
    """The key that stands for each class: its name where all are single signs, else 0 to 9, then letters; "" for none.

    >>> keys_of(["0", "1"]), keys_of(["A", "b"]), keys_of(["coat", "bag"])
    (['0', '1'], ['A', 'b'], ['0', '1'])
    """
    if all(len(name) == 1 and name.isascii() for name in names):
        return list(names)
    keys = digits + ascii_lowercase
    return [keys[place] if place < len(keys) else "" for place in range(len(names))]


def labelling(*, key: str, view: LabellingView, answers: str, on_answers: Callable[[], None]) -> None:
    """Draws the image to label next; each answer calls ``on_answers``; ``given_answers(key)`` tells all so far.

    Args:
        key: what Streamlit knows this part by; unique on the page.
        view: what is drawn.
        answers: the classes' indices given so far, with points between them.
        on_answers: called before the page is drawn again.
    """
    mount("labelling", key=key, data={"view": view.as_json(), "answers": answers}, on={"answers": on_answers})


def given_answers(key: str) -> str | None:
    """The answers given so far in the part under ``key``; for use inside ``on_answers``."""
    value = trigger_value(key, "answers")
    return "" if value == _NONE else value
