"""Owns how an array of pixels becomes a PNG; imports Pillow late."""

import base64
import io

import numpy as np
from numpy.typing import NDArray

from mnistcore.libraries import importing


def png_base64(pixels: NDArray[np.uint8], *, compress_level: int = 6) -> str:
    """A picture as a PNG in base64.

    Args:
        pixels: uint8 (H, W) in shades of grey, 0 is black, or (H, W, 3) in colour.
        compress_level: 0 to 9; a higher one is smaller and takes longer.
    """
    with importing("pillow"):
        from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", compress_level=compress_level)
    return base64.b64encode(file.getvalue()).decode("ascii")
