"""Owns how an array of pixels becomes a PNG; imports Pillow late."""

import base64
import io

import numpy as np
from numpy.typing import NDArray

from mnistcore.libraries import importing


def png_base64(pixels: NDArray[np.uint8], *, compress_level: int = 6) -> str:
    """A picture as a PNG in base64.

    Args:
        pixels: uint8 (H, W) in shades of grey, 0 is black, (H, W, 3) in colour, or (H, W, 4) with transparency.
        compress_level: 0 to 9; a higher one is smaller and takes longer.
    """
    with importing("pillow"):
        from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", compress_level=compress_level)
    return base64.b64encode(file.getvalue()).decode("ascii")


def reduced(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """A picture, uint8 (H, W) or (H, W, 3), in which each pixel is the mean of ``factor`` x ``factor`` of them.

    >>> reduced(np.array([[0, 100], [100, 200]], dtype=np.uint8), 2)
    array([[100]], dtype=uint8)
    """
    with importing("pillow"):
        from PIL import Image

    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).reduce(factor))
