"""Owns how an array of pixels becomes a picture that a page can hold; imports no streamlit.

Two kinds of images are told apart by their shape. Drawings, (N, H, W), are light ink on a background of 0; a light page
shows them the other way round. Photos, (N, H, W, 3), are shown as they are. A sprite says by its file which of the two
it holds: in shades of grey or in colour (sprite.js).
"""

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnistcore.datasets.png import png_base64, reduced
from mnistcore.wording import html

AMONG_MANY: Final = 96  # pixels of a side of an image that stands among others, at most
ALONE: Final = 512  # of one that stands alone


def as_photos(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey images (N, H, W) in the shape of photos, (N, H, W, 3), without a copy; photos as they are."""
    return images if images.ndim == 4 else np.broadcast_to(images[..., None], (*images.shape, 3))


def picture_html(pixels: NDArray[np.uint8], *, alt: str = "", style: str = "") -> str:
    """One image, uint8 (H, W) or (H, W, 3), as HTML; ``style`` is the class of its ``<img>``, ``alt`` any text."""
    attributes = f' class="{style}"' if style else ""
    return _framed(picture_uri(pixels), is_photo=pixels.ndim == 3, attributes=f'{attributes} alt="{html(alt)}"')


def strip_html(images: NDArray[np.uint8]) -> str:
    """Images, uint8 (N, H, W) or (N, H, W, 3), side by side in one picture, as HTML."""
    return _framed(strip_uri(images), is_photo=images.ndim == 4, attributes=' alt=""')


def _framed(uri: str, *, is_photo: bool, attributes: str) -> str:
    return f'<span class="{"photo" if is_photo else "ink"}"><img src="{uri}"{attributes}></span>'


def picture_uri(pixels: NDArray[np.uint8]) -> str:
    """uint8 (H, W), 0 is black, or (H, W, 3) as a PNG in a data URI, for the ``src`` of an ``<img>``."""
    (small,) = at_most(pixels[None], ALONE)
    return _uri(small.tobytes(), small.shape)


def strip_uri(images: NDArray[np.uint8]) -> str:
    """Images side by side in one picture, as `picture_uri` gives it."""
    strip = np.concatenate(list(at_most(images, AMONG_MANY)), axis=1)
    return _uri(strip.tobytes(), strip.shape)


def at_most(images: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The images with no side longer than ``side`` pixels: where one is, each pixel is the mean of a square of them."""
    factor = -(-max(images.shape[1:3]) // side)
    return images if factor <= 1 or not len(images) else np.stack([reduced(pixels, factor) for pixels in images])


def sprite(images: NDArray[np.uint8], columns: int, *, square: bool = False) -> str:
    """Images side by side, ``columns`` to a row, as a base64 PNG.

    Args:
        images: uint8 (N, H, W) or (N, H, W, 3), as `at_most` gives them.
        square: each stands in the middle of a square, for a place that is one.
    """
    return _sprite(np.ascontiguousarray(images).tobytes(), images.shape, columns, square)


@lru_cache(maxsize=64)  # keyed by the pixels themselves: 200 pictures are 157 kB, and choosing one re-encodes none
def _sprite(pixels: bytes, shape: tuple[int, ...], columns: int, square: bool) -> str:
    images = np.frombuffer(pixels, dtype=np.uint8).reshape(shape)
    if square and shape[1] != shape[2]:
        images = _squared(images)
    count, height, width, *colours = images.shape
    rows = -(-count // columns)
    sheet = np.zeros((rows * columns, height, width, *colours), dtype=np.uint8)
    sheet[:count] = images
    grid = sheet.reshape(rows, columns, height, width, *colours).swapaxes(1, 2)
    return png_base64(grid.reshape(rows * height, columns * width, *colours), compress_level=4)


def _squared(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each image in the middle of a square: on its background where it is a drawing, else on nothing (transparent)."""
    if images.ndim == 4:
        images = np.concatenate([images, np.full((*images.shape[:3], 1), 255, dtype=np.uint8)], axis=3)
    side = max(images.shape[1:3])
    room = [side - length for length in images.shape[1:3]]
    margins: list[Any] = [(0, 0), *((free // 2, free - free // 2) for free in room), (0, 0)]
    return np.pad(images, margins[: images.ndim])


@lru_cache(maxsize=512)
def _uri(pixels: bytes, shape: tuple[int, ...]) -> str:
    return "data:image/png;base64," + png_base64(np.frombuffer(pixels, dtype=np.uint8).reshape(shape))
