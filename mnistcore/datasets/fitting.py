"""Owns bringing one image to a given number of rows and columns, its proportions kept; imports Pillow late."""

import numpy as np

from mnistcore.datasets.idx_files import UInt8Array
from mnistcore.libraries import importing


def fitted(image: UInt8Array, height: int, width: int) -> UInt8Array:
    """An image that fills ``height`` x ``width`` in one direction, and in the other is filled up with its rim's colour.

    Args:
        image: uint8 (H, W) or (H, W, 3).

    Returns:
        uint8 (height, width) or (height, width, 3).

    >>> fitted(np.full((4, 8), 200, dtype=np.uint8), 8, 8)[0, 0]
    np.uint8(200)
    """
    if image.shape[:2] == (height, width):
        return image
    with importing("pillow"):
        from PIL import Image

    rows, columns = image.shape[:2]
    scale = min(height / rows, width / columns)
    inner = min(height, max(1, round(rows * scale))), min(width, max(1, round(columns * scale)))
    scaled = image
    if inner != (rows, columns):
        scaled = np.asarray(Image.fromarray(image).resize(inner[::-1], Image.Resampling.BICUBIC))
    rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    whole = np.empty((height, width, *image.shape[2:]), dtype=np.uint8)
    whole[:] = np.median(rim, axis=0)
    above, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    whole[above : above + inner[0], left : left + inner[1]] = scaled
    return whole
