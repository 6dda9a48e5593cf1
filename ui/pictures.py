"""Owns how an array of pixels becomes a picture that a page can hold; imports no streamlit."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnistcore.datasets.png import png_base64


def picture_uri(pixels: NDArray[np.uint8]) -> str:
    """uint8 (H, W) as a PNG in a data URI, for the ``src`` of an ``<img>``; 0 is black."""
    return _uri(pixels.tobytes(), pixels.shape[0], pixels.shape[1])


def strip_uri(images: NDArray[np.uint8]) -> str:
    """uint8 (N, H, W) side by side in one picture, as `picture_uri` gives it."""
    return picture_uri(np.concatenate(list(images), axis=1))


def sprite(images: NDArray[np.uint8], columns: int) -> str:
    """uint8 (N, H, W) side by side, ``columns`` to a row, as a base64 PNG in shades of grey."""
    return _sprite(images.tobytes(), images.shape, columns)


@lru_cache(maxsize=64)  # keyed by the pixels themselves: 200 pictures are 157 kB, and choosing one re-encodes none
def _sprite(pixels: bytes, shape: tuple[int, int, int], columns: int) -> str:
    count, height, width = shape
    rows = -(-count // columns)
    sheet = np.zeros((rows * columns, height, width), dtype=np.uint8)
    sheet[:count] = np.frombuffer(pixels, dtype=np.uint8).reshape(shape)
    grid = sheet.reshape(rows, columns, height, width).swapaxes(1, 2)
    return png_base64(grid.reshape(rows * height, columns * width), compress_level=4)


@lru_cache(maxsize=512)
def _uri(pixels: bytes, height: int, width: int) -> str:
    return "data:image/png;base64," + png_base64(np.frombuffer(pixels, dtype=np.uint8).reshape(height, width))
