"""Owns bringing pictures of any kind into the form that the networks are trained on; imports no torch, Pillow late.

That form is MNIST's: 28 x 28, uint8, 0 is background, white on black. What may well be a mistake is converted with an
`ImageWarning`.
"""

import sys
import warnings
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.datasets.any_shape import as_shape
from mnistcore.datasets.pictures import SIDE, UInt8Array, grey_blocks
from mnistcore.libraries import importing

FAINT: Final = 64  # of 255: a brightest pixel below it is hardly ink
BRIGHT: Final = 128


class ImageWarning(UserWarning):
    """A picture was converted, but may not be what the network was trained on: look at it."""


def as_images(given: object, shape: tuple[int, int, int] = (1, SIDE, SIDE)) -> UInt8Array:
    """Pictures of any kind as the networks take them.

    Args:
        given: a PIL image of any mode; an array or tensor: (H, W), (N, H, W), and with 1, 3 or 4 channels before or
            after height and width; or a list of these. Whole numbers 0 to 255, floats 0 to 1 or 0 to 255, uint16 to
            65535.
        shape: channels, rows and columns of what the network was trained on.

    Returns:
        uint8 (N, 28, 28); for another ``shape`` (N, rows, columns) or (N, rows, columns, 3). Warned of with
        `ImageWarning`: another size, which is scaled; of drawings of 28 x 28 also a bright background, which is left,
        and values that are hardly above 0.

    Raises:
        InputError: it is no picture, or could mean more than one.

    >>> as_images(np.eye(28)).shape
    (1, 28, 28)
    """
    if shape != (1, SIDE, SIDE):
        others, scaled = as_shape(given, shape)
        if scaled:
            shown = ", ".join(f"{rows} x {columns}" for rows, columns in sorted(scaled)[:3])
            _warn(f"images of {shown} were scaled to {shape[1]} x {shape[2]}, their proportions kept")
        return others
    blocks = grey_blocks(given)
    sizes = sorted({block.shape[1:] for block in blocks} - {(SIDE, SIDE)})
    if sizes:
        shown = ", ".join(f"{rows} x {columns}" for rows, columns in sizes[:3])
        _warn(
            f"images of {shown} were scaled to {SIDE} x {SIDE}; `mnistcore.from_photo` also crops and centres a digit"
        )
    images = np.concatenate([block if block.shape[1:] == (SIDE, SIDE) else _scaled(block) for block in blocks])
    _warn_of_mistakes(images)
    return images


def _scaled(block: UInt8Array) -> UInt8Array:
    """(N, 28, 28), the proportions kept: a picture that is not square gets more of its background at two sides."""
    height, width = block.shape[1:]
    longest = max(height, width)
    above, left = (longest - height) // 2, (longest - width) // 2
    images = np.empty((len(block), SIDE, SIDE), dtype=np.uint8)
    for image, picture in zip(images, block, strict=True):
        square = np.full((longest, longest), np.median(rim(picture)), dtype=np.uint8)
        square[above : above + height, left : left + width] = picture
        image[:] = resized(square, SIDE, SIDE)
    return images


def resized(picture: UInt8Array, height: int, width: int) -> UInt8Array:
    """A picture in another size, its proportions not kept."""
    with importing("pillow"):
        from PIL import Image

    way = Image.Resampling.BOX if max(picture.shape) > SIDE else Image.Resampling.BICUBIC
    resized: UInt8Array = np.asarray(Image.fromarray(picture).resize((width, height), way))
    return resized


def rim(picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The outermost pixels, (K,)."""
    return np.concatenate([picture[0], picture[-1], picture[1:-1, 0], picture[1:-1, -1]])


def _warn_of_mistakes(images: UInt8Array) -> None:
    rims = np.concatenate([images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]], axis=1)
    corners = images[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    inverted = (np.median(rims, axis=1) >= BRIGHT) & (corners.min(axis=1) >= BRIGHT)
    if inverted.any():
        _warn(
            f"{_which(inverted)} a bright background: the networks are trained on white on black. If it is dark ink on "
            "paper, give 255 - image, or mnistcore.from_photo(image)"
        )
    peaks = images.reshape(len(images), -1).max(axis=1)
    if (faint := (peaks > 0) & (peaks < FAINT)).any():
        _warn(f"{_which(faint)} no value above {peaks[faint].max()} of 255: expected ink near 255; scale the values up")


def _which(chosen: npt.NDArray[np.bool_]) -> str:
    numbers = np.flatnonzero(chosen)
    if len(chosen) == 1:
        return "the image has"
    shown = ", ".join(map(str, numbers[:5])) + (" and others" if len(numbers) > 5 else "")
    return f"{len(numbers)} of {len(chosen)} images (number {shown}) {'has' if len(numbers) == 1 else 'have'}"


def _warn(text: str) -> None:
    """Said of the caller's own line: the second time that Python meets one line with one text, it says nothing."""
    frame, level = sys._getframe(), 1
    while (
        frame.f_back is not None
        and str(frame.f_globals.get("__name__")).partition(".")[0] == __name__.partition(".")[0]
    ):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, ImageWarning, stacklevel=level)
