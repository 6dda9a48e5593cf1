"""Owns making an image like MNIST's out of a photo or drawing of one digit: ink found, cropped, scaled and centred."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.datasets.pictures import SIDE, UInt8Array, grey_blocks
from mnistcore.datasets.pixels import resized, rim
from mnistcore.errors import InputError
from mnistcore.libraries import importing
from mnistcore.runs import plain_files

if TYPE_CHECKING:
    from PIL.Image import Image

BOX: Final = 20  # pixels: MNIST's digits fill a box of 20 x 20, and their centre of mass is the image's centre
_CONTRAST: Final = 40  # of 255, between ink and paper: less is grain
_PHOTO_SIDE: Final = 1000  # a larger photo is made smaller first: strokes stay, grain goes


def from_photo(photo: "str | Path | Image | npt.NDArray[Any]") -> UInt8Array:
    """A photo or drawing of one digit as an image like MNIST's, in the way that MNIST's were made.

    Dark ink on light paper and light on dark are told apart. What is not ink becomes black;
    the ink is scaled into a box of 20 x 20 with its proportions kept, and put so that its centre of mass is the
    image's centre (http://yann.lecun.com/exdb/mnist/). Crop the photo to one digit, evenly lit, with paper all around.

    Args:
        photo: a picture's file, a PIL image, or an array of (H, W) or (H, W, 3).

    Returns:
        uint8 (28, 28).

    Raises:
        InputError: it is no picture, or there is nothing on it.
    """
    with importing("pillow"):
        from PIL import Image, ImageFilter

    picture: object = photo
    if isinstance(photo, str | Path):
        try:
            picture = Image.open(io.BytesIO(plain_files.read_file(photo, links=True)))
        except OSError as error:
            raise InputError(f"photo: expected the file of a picture, got {str(photo)!r}: {error}") from error
    block, *more = grey_blocks(picture)
    if more or len(block) != 1:
        raise InputError(f"photo: expected one picture, got {sum(map(len, (block, *more)))}")
    (grey,) = block
    small = Image.fromarray(grey)
    small.thumbnail((_PHOTO_SIDE, _PHOTO_SIDE))
    return _centred(_ink(np.asarray(small.filter(ImageFilter.MedianFilter(3))).astype(np.float64)))


def _ink(grey: npt.NDArray[np.float64]) -> UInt8Array:
    """(H, W): how strong the ink is, 0 where there is paper.

    The paper is a plane through the rim, since light from one side makes it brighter there; ink is what differs from
    it on the side, darker or lighter, where the difference is larger.
    """
    rows, columns = np.indices(grey.shape)
    sides = np.stack([np.ones_like(grey), rows, columns], axis=-1)
    plane, *_ = np.linalg.lstsq(
        np.stack([rim(side) for side in np.moveaxis(sides, -1, 0)], axis=1), rim(grey), rcond=None
    )
    paper = sides @ plane
    darker, lighter = np.maximum(paper - grey, 0), np.maximum(grey - paper, 0)
    ink = darker if darker.max() >= lighter.max() else lighter
    strongest = float(ink.max())
    if strongest < _CONTRAST:
        raise InputError(
            "photo: expected one digit, dark on light or light on dark, with paper around it, got a picture that is "
            "the same all over"
        )
    return np.where(ink > 0.3 * strongest, np.minimum(ink / (0.8 * strongest), 1) * 255, 0).astype(np.uint8)


def _centred(ink: UInt8Array) -> UInt8Array:
    """28 x 28: the ink in a box of 20 x 20, its centre of mass in the middle."""
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    drawn = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, round(length * BOX / max(drawn.shape))) for length in drawn.shape)
    small = resized(drawn, height, width)
    mass = small.astype(np.float64)
    image = np.zeros((SIDE, SIDE), dtype=np.uint8)
    starts = []
    for axis, length in enumerate(small.shape):
        centre = float((mass.sum(axis=1 - axis) * (np.arange(length) + 0.5)).sum() / mass.sum())
        starts.append(min(max(round(SIDE / 2 - centre), 0), SIDE - length))
    # A thin pen is grey once it is so small; MNIST's ink is white somewhere.
    image[starts[0] : starts[0] + height, starts[1] : starts[1] + width] = np.rint(mass * (255 / mass.max()))
    return image
