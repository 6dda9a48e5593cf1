"""Owns bringing pictures of any kind into the shape that a network for other images than MNIST's was trained on."""

import sys
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from mnistcore.datasets.fitting import fitted
from mnistcore.datasets.idx_files import UInt8Array
from mnistcore.datasets.own import arrays
from mnistcore.errors import InputError

_GREY: Final = np.array([0.299, 0.587, 0.114])  # as Pillow weighs colours (ITU-R 601)
_EXPECTED: Final = (
    "expected a picture or several: a PIL image, an array or tensor of (H, W), (H, W, 3), (N, H, W), (N, H, W, 3) or "
    "(N, 3, H, W), or a list of such; values 0 to 255, or 0 to 1 as floats"
)


def as_shape(given: object, shape: tuple[int, int, int]) -> tuple[UInt8Array, frozenset[tuple[int, int]]]:
    """Pictures as uint8 (N, H, W), or (N, H, W, 3) in colour, and the sizes that were scaled.

    Args:
        given: as ``_EXPECTED`` says.
        shape: channels, rows, columns.

    Raises:
        InputError: it is no picture.

    >>> images, scaled = as_shape(np.zeros((16, 24, 3), dtype=np.uint8), (3, 8, 12))
    >>> images.shape, sorted(scaled)
    ((1, 8, 12, 3), [(16, 24)])
    """
    channels, height, width = shape
    pictures = _pictures(given)
    sizes = frozenset(tuple(picture.shape[:2]) for picture in pictures) - {(height, width)}
    brought = [fitted(_coloured(picture, channels), height, width) for picture in pictures]
    return np.stack(brought), sizes


def _pictures(given: object) -> list[UInt8Array]:
    """Each as uint8 (H, W) or (H, W, 3); at least one."""
    pil = sys.modules.get("PIL.Image")  # whoever has such an image has loaded it
    if pil is not None and isinstance(given, pil.Image):
        return [_from_pil(given)]
    several = given if isinstance(given, Sequence) and not isinstance(given, str | bytes) else ()
    if several and all(hasattr(one, "shape") or hasattr(one, "size") for one in several):  # arrays, PIL images
        return [picture for one in several for picture in _pictures(one)]
    return list(arrays.as_images(_batch(given), "images", []))


def _from_pil(image: Any) -> UInt8Array:
    from PIL import ImageOps

    try:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB")).copy()
    except (OSError, ValueError) as error:  # a file that is cut off is read only here
        raise InputError(f"images: got a PIL image that cannot be read: {error}") from error


def _batch(given: Any) -> np.ndarray[Any, Any]:
    """An array of several, whatever the order of its axes."""
    if hasattr(given, "detach"):  # torch
        given = given.detach().cpu().float().numpy() if given.is_floating_point() else given.detach().cpu().numpy()
    try:
        array = np.asarray(given)
    except (ValueError, TypeError) as error:
        raise InputError(f"images: got a {type(given).__name__} that is no array ({error}); {_EXPECTED}") from error
    is_single = array.ndim == 2 or (array.ndim == 3 and (array.shape[2] == 3 or array.shape[0] in (1, 3)))
    whole = array[None] if is_single else array
    if whole.ndim not in (3, 4) or whole.size == 0:
        raise InputError(f"images: got {array.dtype} {array.shape}; {_EXPECTED}")
    return whole


def _coloured(picture: UInt8Array, channels: int) -> UInt8Array:
    if channels == 3:
        return picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    return picture if picture.ndim == 2 else np.rint(picture @ _GREY).astype(np.uint8)
