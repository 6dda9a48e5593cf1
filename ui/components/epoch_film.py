"""Owns the part that plays the epochs of a training: checks what it is given, mounts it, reads where it stopped."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from mnistcore.errors import InputError
from ui.components import mount, trigger_value
from ui.pictures import AMONG_MANY, at_most, sprite

COLUMNS = 20  # pictures in a row of the one file for all


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmWords:
    """The words of the part, in the reader's language; templates name what is filled in in braces."""

    play: str
    pause: str
    slider: str
    told: str  # {epoch} {correct} {total} {accuracy}
    truth_axis: str
    predicted_axis: str
    matrix: str  # names it
    cell: str  # {truth} {predicted} {count}
    recalls: str  # {low}
    learned: str  # {before} {after} {count}
    forgotten: str


@dataclass(frozen=True, slots=True)
class FilmTile:
    """One of the images that are shown of a change."""

    at: int  # in the file of pictures
    caption: str
    label: str


@dataclass(frozen=True, slots=True)
class FilmChange:
    """What was learned, or forgotten, since the epoch before."""

    count: int
    tiles: Sequence[FilmTile]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilmFrame:
    """One epoch."""

    epoch: int
    correct: int
    cells: NDArray[np.int64]  # (C, C)
    recalls: Sequence[float | None]  # (C,)
    learned: FilmChange | None  # None where there is no epoch before
    forgotten: FilmChange | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilmView:
    """Everything that the part draws, of all epochs.

    Raises:
        InputError: no epoch, or a matrix of other classes.
    """

    names: Sequence[str]  # (C,)
    total: int
    low: float  # where the bars of the recalls begin, 0 to 1
    frames: Sequence[FilmFrame]
    images: NDArray[np.uint8]  # (N, H, W) or (N, H, W, 3), all that is shown of any change
    reason: str  # why there are none; empty where there are
    words: FilmWords

    def __post_init__(self) -> None:
        if not self.frames:
            raise InputError("frames: expected at least one epoch, got none")
        size = len(self.names)
        if any(frame.cells.shape != (size, size) for frame in self.frames):
            raise InputError(f"cells: expected {size} x {size}, one row and column per class, in each frame")

    def as_json(self) -> dict[str, object]:
        """What epoch_film.js reads."""
        return {
            "names": list(self.names),
            "total": self.total,
            "low": self.low,
            "frames": [asdict(frame) | {"cells": frame.cells.tolist()} for frame in self.frames],
            "sprite": sprite(at_most(self.images, AMONG_MANY), COLUMNS, square=True) if len(self.images) else "",
            "columns": COLUMNS,
            "reason": self.reason,
            "words": asdict(self.words),
        }


def epoch_film(*, key: str, view: FilmView, epoch: int, on_epoch: Callable[[], None]) -> None:
    """Draws the film; where it is stopped, ``on_epoch`` is called, in which ``stopped_epoch(key)`` tells the epoch.

    Args:
        key: what Streamlit knows this part by; unique on the page.
        view: what is drawn.
        epoch: the one to show.
        on_epoch: called before the page is drawn again.
    """
    mount("epoch_film", key=key, data={"view": view.as_json(), "selected": int(epoch)}, on={"epoch": on_epoch})


def stopped_epoch(key: str) -> int | None:
    """The epoch at which the film under ``key`` was just stopped; for use inside ``on_epoch``."""
    value = trigger_value(key, "epoch")
    return int(value) if value is not None and value.isdecimal() else None
