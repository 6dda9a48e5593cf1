"""Owns pictures of any kind as arrays of grey values: axes in one order, channels made one, values on the scale to 255.

What can only mean one thing is converted; what could mean two is refused, with the way to say which. Nothing is scaled
in size here.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError

SIDE: Final = 28  # rows and columns of what the networks take
MIN_SIDE: Final = 8  # pixels: less is no picture, but another order of the axes
MAX_SIDE: Final = 20_000
_CHANNELS: Final = (1, 3, 4)  # grey, RGB, RGB with opacity
_EXPECTED: Final = (
    "expected a picture or several: a PIL image, an array or tensor of (28, 28), (N, 28, 28), (N, 1, 28, 28), "
    "(N, 28, 28, 1) or (28, 28, 3), or a list of such; values 0 to 255, or 0 to 1 as floats; 0 is background"
)

UInt8Array = npt.NDArray[np.uint8]
_Array = npt.NDArray[Any]


def grey_blocks(given: object) -> list[UInt8Array]:
    """All pictures on the scale of uint8, those of one array together as (N, H, W); at least one.

    Args:
        given: as `mnistcore.datasets.pixels.as_images` takes it.

    Raises:
        InputError: it is no picture, or could mean more than one.
    """
    return _brought_to_255(_blocks(given))


def _blocks(given: object) -> list[_Array]:
    """All pictures, those of one array together as (N, H, W), in numbers of their own kind; at least one."""
    if _is_pil(given):
        return [_from_pil(given)]
    if isinstance(given, str | bytes | Path):
        raise InputError(f"images: got {type(given).__name__}; {_EXPECTED}; `PIL.Image.open(path)` reads a file")
    if isinstance(given, Sequence) and any(_is_pil(item) or hasattr(item, "shape") for item in given):
        return [_from_pil(item) if _is_pil(item) else _stacked(_as_array(item)) for item in given]
    return [_stacked(_as_array(given))]


def _is_pil(given: object) -> bool:
    module = sys.modules.get("PIL.Image")  # whoever has such an image has loaded it
    return module is not None and isinstance(given, module.Image)


def _as_array(given: Any) -> _Array:
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(given, torch.Tensor):
        given = given.detach().cpu()
        given = (given.float() if given.dtype == torch.bfloat16 else given).numpy()
    try:
        array = np.asarray(given)
    except (ValueError, TypeError) as error:  # a list of lists of different lengths
        raise InputError(f"images: got a {type(given).__name__} that is no array ({error}); {_EXPECTED}") from error
    if array.dtype.kind == "b":
        raise InputError(f"images: got bool {array.shape}; {_EXPECTED}; `images.astype('uint8') * 255` makes it so")
    if array.dtype.kind not in "uif":
        raise InputError(f"images: got a {type(given).__name__} of {array.dtype} {array.shape}; {_EXPECTED}")
    return array


def _stacked(array: _Array) -> _Array:
    """(N, H, W), whatever the order of the axes."""
    shape = array.shape
    if 0 in shape:
        raise InputError(f"images: got {array.dtype} {shape}, which is empty; {_EXPECTED}")
    if shape in ((SIDE * SIDE,), (1, SIDE * SIDE)):
        return array.reshape(1, SIDE, SIDE)
    if array.ndim == 2 and shape[1] == SIDE * SIDE:
        meanings = f"rows of {SIDE * SIDE} values, or one picture that is so wide"
        raise _ambiguous(array, meanings, "images.reshape(-1, 28, 28) or images[None]")
    if array.ndim == 2 and _is_size(shape):
        return array[None]
    if array.ndim == 3 and _is_size(shape[:2]) and shape[2] in _CHANNELS:
        return _grey(array[None])
    if array.ndim == 3 and _is_size(shape[1:]):
        if shape[0] in _CHANNELS[1:] and shape[1:] != (SIDE, SIDE):
            meanings = f"{shape[0]} grey pictures, or one in colour"
            raise _ambiguous(array, meanings, "images[:, None] for the first, images[None] for the other")
        return array
    if array.ndim == 4 and _is_size(shape[2:]) and shape[1] in _CHANNELS:
        return _grey(np.moveaxis(array, 1, -1))
    if array.ndim == 4 and _is_size(shape[1:3]) and shape[3] in _CHANNELS:
        return _grey(array)
    raise InputError(f"images: got {array.dtype} {shape}; {_EXPECTED}")


def _is_size(shape: Sequence[int]) -> bool:
    return all(MIN_SIDE <= length <= MAX_SIDE for length in shape)


def _ambiguous(array: _Array, meanings: str, way_on: str) -> InputError:
    return InputError(
        f"images: got {array.dtype} {array.shape}, which may be {meanings}: expected one of them, as {way_on}"
    )


def _grey(block: _Array) -> _Array:
    """(N, H, W) from (N, H, W, C) with 1, 3 or 4 channels, weighted as Pillow does (ITU-R 601); in its own scale."""
    if block.shape[-1] == 1:
        return block[..., 0]
    _require_numbers(block)
    grey: _Array = block[..., :3] @ np.array([0.299, 0.587, 0.114])
    if block.shape[-1] == 4:
        white = _white(block)
        grey = _on_paper(grey, block[..., 3] / white, white)
    return grey if block.dtype.kind == "f" else np.rint(grey).astype(block.dtype)


def _on_paper(grey: _Array, opacity: _Array, white: float) -> _Array:
    """On white where the ink is dark, on black where it is light: whoever drew it has seen it so."""
    covered = np.maximum(opacity.sum(axis=(1, 2)), np.finfo(np.float64).tiny)
    is_dark = (grey * opacity).sum(axis=(1, 2)) / covered < white / 2
    paper = np.where(is_dark, white, 0.0)[:, None, None]
    blended: _Array = grey * opacity + paper * (1 - opacity)
    return blended


def _from_pil(image: Any) -> _Array:
    """(1, H, W) from an image of any mode: uint8, or its own numbers where 8 bits do not hold them."""
    from PIL import ImageOps

    if 0 in image.size:
        raise InputError(f"images: got a PIL image of {image.size[0]} x {image.size[1]} pixels; {_EXPECTED}")
    try:
        upright = ImageOps.exif_transpose(image)
        if upright.mode == "I" or upright.mode.startswith("I;16"):
            values = np.asarray(upright)[None].astype(np.int64)
            is_16_bits = values.min() >= 0 and values.max() <= 65535
            return values.astype(np.uint16) if is_16_bits else values
        if upright.mode == "F":
            return np.asarray(upright)[None]
        if upright.has_transparency_data:
            return _grey(np.asarray(upright.convert("RGBA"))[None])
        return np.asarray(upright.convert("L"))[None]
    except (OSError, ValueError) as error:  # a file that is cut off is read only here
        raise InputError(f"images: got a PIL image of mode {image.mode} that cannot be read: {error}") from error


# ---------------------------------------------------------------- values


def _require_numbers(values: _Array) -> None:
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise InputError(f"images: got NaN or infinity; {_EXPECTED}")
    if values.min() < 0:
        raise InputError(
            f"images: got values from {values.min():g} to {values.max():g}; {_EXPECTED}; if they were normalised, give "
            "them as they were before: the run normalises them itself"
        )


def _white(values: _Array) -> float:
    """What white is in an array by itself: 1, 255 or 65535."""
    if values.dtype.kind == "f":
        return 1.0 if float(values.max()) <= 1 else 255.0
    return 65535.0 if values.dtype == np.uint16 and values.max() > 255 else 255.0


def _brought_to_255(blocks: Sequence[_Array]) -> list[UInt8Array]:
    """All on the scale of uint8. Those of a kind are on one scale: a dark picture among bright ones is dark."""
    peaks: dict[str, float] = {}
    for block in blocks:
        _require_numbers(block)
        kind = _kind(block)
        peaks[kind] = max(peaks.get(kind, 0.0), float(block.max()))
    for kind, peak in peaks.items():
        _require_scale(kind, peak)
    return [_as_uint8(block, peaks[_kind(block)]) for block in blocks]


def _kind(block: _Array) -> str:
    return "floats" if block.dtype.kind == "f" else "uint16" if block.dtype == np.uint16 else "whole numbers"


def _require_scale(kind: str, peak: float) -> None:
    """That the largest value tells which value is white."""
    if peak > (65535 if kind == "uint16" else 255):
        raise InputError(f"images: got {kind} up to {peak:g}; {_EXPECTED}")
    if kind == "floats" and 1 < peak < 2:
        raise InputError(
            f"images: got floats up to {peak:g}, which may be 0 to 1 overshot, or almost black on the scale to 255: "
            "expected one of them, as np.clip(images, 0, 1) or as whole numbers"
        )
    if kind != "floats" and peak == 1:
        raise InputError(
            f"images: got {kind} 0 and 1 only, which may be black and white, or almost black: expected white as 255, "
            "as images * 255"
        )


def _as_uint8(block: _Array, peak: float) -> UInt8Array:
    if _kind(block) == "floats":
        block = np.rint(block * (255 if peak <= 1 else 1))
    elif _kind(block) == "uint16" and peak > 255:
        block = block // 257
    converted: UInt8Array = block.astype(np.uint8, copy=False)
    return converted
