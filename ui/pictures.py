"""Owns how an array of pixels becomes a picture in HTML; imports no streamlit."""

import base64
import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def picture_uri(pixels: NDArray[np.uint8]) -> str:
    """uint8 (H, W) as a PNG in a data URI, for the ``src`` of an ``<img>``; 0 is black."""
    return _uri(pixels.tobytes(), pixels.shape[0], pixels.shape[1])


def strip_uri(images: NDArray[np.uint8]) -> str:
    """uint8 (N, H, W) side by side in one picture, as `picture_uri` gives it."""
    return picture_uri(np.concatenate(list(images), axis=1))


@lru_cache(maxsize=512)
def _uri(pixels: bytes, height: int, width: int) -> str:
    file = io.BytesIO()
    Image.frombytes("L", (width, height), pixels).save(file, format="PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
