"""Owns the grid of small pictures: one sprite, mounted as tiles; must not choose, sort or translate."""

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnistcore.errors import InputError
from ui.components import check_length, mount, trigger_value

SPRITE_COLUMNS = 20  # 1,000 pictures of 28 pixels stay within 1,400 pixels, far below any browser's limit


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageWords:
    """The words of the grid, in the reader's language."""

    grid_label: str
    empty: str  # stands where there is no picture to show


def image_grid(
    *,
    key: str,
    images: NDArray[np.uint8],
    ids: Sequence[int],
    captions: Sequence[str],
    labels: Sequence[str],
    selected: int | None,
    words: ImageWords,
    on_select: Callable[[], None],
    tile: int = 60,
) -> None:
    """Draws the pictures as tiles; a click calls ``on_select``, in which ``clicked_image(key)`` tells which.

    Args:
        key: what Streamlit knows this grid by; unique on the page.
        images: uint8 (N, H, W), 0 is background. Drawn as dark ink on light in the light theme and the other
            way round in the dark one.
        ids: per picture, its index in the data set: what a click reports.
        captions: per picture, the short text under it; ``labels`` what a screen reader says.
        selected: the id to show as chosen, None for none; an id that is not in ``ids`` marks nothing.
        tile: width of a tile in CSS pixels, 28 or more; the picture takes the largest whole multiple in it.

    Raises:
        InputError: images of another shape or dtype, or lists that do not fit them.
    """
    view = _view(
        images=images,
        ids=ids,
        captions=captions,
        labels=labels,
        words=words,
        tile=tile,
    )
    mount(
        "image_grid",
        key=key,
        data={"view": view, "selected": None if selected is None else str(int(selected))},
        on={"image": on_select},
    )


def clicked_image(key: str) -> int | None:
    """The id of the picture just chosen in the grid under ``key``; for use inside ``on_select``."""
    value = trigger_value(key, "image")
    return int(value) if value is not None and value.isdecimal() else None


def _view(
    *,
    images: NDArray[np.uint8],
    ids: Sequence[int],
    captions: Sequence[str],
    labels: Sequence[str],
    words: ImageWords,
    tile: int,
) -> Mapping[str, object]:
    """Everything the browser needs except the selection, so that it can tell a click from new pictures."""
    if images.ndim != 3 or images.dtype != np.uint8:
        raise InputError(f"images: expected uint8 (N, H, W), got {images.dtype} {images.shape}")
    if tile < 28:
        raise InputError(f"tile: expected 28 CSS pixels or more, got {tile}")
    size = len(images)
    check_length(ids, size=size, name="ids")
    check_length(captions, size=size, name="captions")
    check_length(labels, size=size, name="labels")
    return {
        "sprite": _sprite(images.tobytes(), images.shape) if size else "",
        "columns": SPRITE_COLUMNS,
        "height": int(images.shape[1]),
        "width": int(images.shape[2]),
        "ids": [str(int(index)) for index in ids],
        "captions": list(captions),
        "labels": list(labels),
        "tile": int(tile),
        "words": asdict(words),
    }


@lru_cache(maxsize=64)  # keyed by the pixels themselves: 200 pictures are 157 kB, and choosing one re-encodes none
def _sprite(pixels: bytes, shape: tuple[int, int, int]) -> str:
    """The pictures side by side, SPRITE_COLUMNS to a row, as a base64 PNG in shades of grey."""
    count, height, width = shape
    rows = -(-count // SPRITE_COLUMNS)
    sheet = np.zeros((rows * SPRITE_COLUMNS, height, width), dtype=np.uint8)
    sheet[:count] = np.frombuffer(pixels, dtype=np.uint8).reshape(shape)
    grid = sheet.reshape(rows, SPRITE_COLUMNS, height, width).swapaxes(1, 2)
    file = io.BytesIO()
    Image.fromarray(grid.reshape(rows * height, SPRITE_COLUMNS * width)).save(file, "PNG", compress_level=4)
    return base64.b64encode(file.getvalue()).decode("ascii")
