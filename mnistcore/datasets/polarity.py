"""Owns how drawings on a background of 0 are told from photos, which no page may show the other way round."""

from typing import Final

import numpy as np
import numpy.typing as npt

from mnistcore.config import Polarity

DARK: Final = 32  # of 255: background up to here, grain included
BRIGHT: Final = 224
_RIM_SHARE: Final = 0.7  # of the outermost pixels of a drawing are its background
_EXTREME_SHARE: Final = 0.5  # of all pixels of a drawing are background or full ink
_MOST_IMAGES: Final = 1000  # that are looked at, evenly spread


def decide_polarity(images: npt.NDArray[np.uint8]) -> Polarity:
    """Whether images are drawings in white on black, or photos: in colour, or grey up to the rim.

    Args:
        images: uint8 (N, H, W) or (N, H, W, 3).

    >>> decide_polarity(np.zeros((3, 28, 28), dtype=np.uint8)), decide_polarity(np.zeros((3, 8, 8, 3), dtype=np.uint8))
    ('ink', 'photo')
    """
    if images.ndim == 4:
        return "photo"
    return "ink" if not len(images) or _has_background(images, dark=True) else "photo"


def is_dark_on_light(images: npt.NDArray[np.uint8]) -> bool:
    """Whether grey images (N, H, W) are drawings with a bright background: turned round they are white on black."""
    return bool(len(images)) and _has_background(images, dark=False)


def _has_background(images: npt.NDArray[np.uint8], *, dark: bool) -> bool:
    seen = images[:: max(1, len(images) // _MOST_IMAGES)]
    rims = np.concatenate([seen[:, 0].ravel(), seen[:, -1].ravel(), seen[:, :, 0].ravel(), seen[:, :, -1].ravel()])
    is_background = rims <= DARK if dark else rims >= BRIGHT
    is_extreme = (seen <= DARK) | (seen >= BRIGHT)
    return float(is_background.mean()) >= _RIM_SHARE and float(is_extreme.mean()) >= _EXTREME_SHARE
