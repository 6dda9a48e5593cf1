"""Owns the grid of small pictures: one sprite, mounted as tiles; must not choose, sort or translate."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from mnistcore.errors import InputError
from ui.components import mount, trigger_value
from ui.pictures import AMONG_MANY, at_most, sprite

SPRITE_COLUMNS = 20  # 1,000 pictures of 28 pixels stay within 1,400 pixels, far below any browser's limit
NARROWEST = 28  # CSS pixels of a tile: an image of MNIST in its own size


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageWords:
    """The words of the grid, in the reader's language."""

    grid_label: str
    empty: str  # stands where there is no picture to show


@dataclass(frozen=True, slots=True)
class ImageTile:
    """What is said of one picture."""

    index: int  # in the data set: what a click reports
    caption: str  # short, under the picture
    label: str  # what a screen reader says


def check_images(images: NDArray[np.uint8]) -> None:
    """Refuses what is neither drawings nor photos, with an InputError."""
    if images.dtype != np.uint8 or not (images.ndim == 3 or (images.ndim == 4 and images.shape[3] == 3)):
        raise InputError(f"images: expected uint8 (N, H, W) or (N, H, W, 3), got {images.dtype} {images.shape}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageView:
    """Everything that the grid draws except the selection, so that the browser can tell a click from new pictures.

    Raises:
        InputError: images of another shape or dtype, a tile for more or fewer of them, or tiles too narrow.
    """

    images: NDArray[np.uint8]  # (N, H, W) drawings, or (N, H, W, 3) photos: see ui.pictures
    tiles: Sequence[ImageTile]  # one for each image, in order
    words: ImageWords
    tile_width: int = 60  # CSS pixels; the picture takes the largest whole multiple of its size in it

    def __post_init__(self) -> None:
        check_images(self.images)
        if len(self.tiles) != len(self.images):
            raise InputError(f"tiles: expected {len(self.images)}, one for each image in order, got {len(self.tiles)}")
        if self.tile_width < NARROWEST:
            raise InputError(f"tile_width: expected {NARROWEST} CSS pixels or more, got {self.tile_width}")

    def as_json(self) -> dict[str, object]:
        """What image_grid.js reads."""
        images = at_most(self.images, AMONG_MANY)
        count, height, width = images.shape[:3]
        return {
            "sprite": sprite(images, SPRITE_COLUMNS) if count else "",
            "columns": SPRITE_COLUMNS,
            "height": height,
            "width": width,
            "tiles": [
                {"id": str(int(tile.index)), "caption": tile.caption, "label": tile.label} for tile in self.tiles
            ],
            "tile_width": self.tile_width,
            "words": asdict(self.words),
        }


def image_grid(*, key: str, view: ImageView, selected: int | None, on_select: Callable[[], None]) -> None:
    """Draws the pictures as tiles; a click calls ``on_select``, in which ``clicked_image(key)`` tells which.

    Args:
        key: what Streamlit knows this grid by; unique on the page.
        view: what is drawn.
        selected: the index of the picture to show as chosen, None for none; one that has no tile marks nothing.
        on_select: called after a click, before the page is drawn again.
    """
    mount(
        "image_grid",
        key=key,
        data={"view": view.as_json(), "selected": None if selected is None else str(int(selected))},
        on={"image": on_select},
    )


def clicked_image(key: str) -> int | None:
    """The index of the picture just chosen in the grid under ``key``; for use inside ``on_select``."""
    value = trigger_value(key, "image")
    return int(value) if value is not None and value.isdecimal() else None
