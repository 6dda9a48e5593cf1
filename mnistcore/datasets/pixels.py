"""Owns bringing pictures of any kind into the form that the networks are trained on; imports no torch, Pillow late.

That form is MNIST's: 28 x 28, uint8, 0 is background, white on black. What can only mean one thing is converted; what
could mean two is refused, with the way to say which; what may well be a mistake is converted with an `ImageWarning`.
"""

import io
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.libraries import importing
from mnistcore.runs import plain_files

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE: Final = 28
MIN_SIDE: Final = 8  # pixels: less is no picture, but another order of the axes
MAX_SIDE: Final = 20_000
FAINT: Final = 64  # of 255: a brightest pixel below it is hardly ink
BRIGHT: Final = 128
BOX: Final = 20  # pixels: MNIST's digits fill a box of 20 x 20, and their centre of mass is the image's centre
_CONTRAST: Final = 40  # of 255, between ink and paper: less is grain
_PHOTO_SIDE: Final = 1000  # a larger photo is made smaller first: strokes stay, grain goes
_CHANNELS: Final = (1, 3, 4)  # grey, RGB, RGB with opacity
_EXPECTED: Final = (
    "expected a picture or several: a PIL image, an array or tensor of (28, 28), (N, 28, 28), (N, 1, 28, 28), "
    "(N, 28, 28, 1) or (28, 28, 3), or a list of such; values 0 to 255, or 0 to 1 as floats; 0 is background"
)

UInt8Array = npt.NDArray[np.uint8]
_Array = npt.NDArray[Any]


class ImageWarning(UserWarning):
    """A picture was converted, but may not be what the network was trained on: look at it."""


def as_images(given: object) -> UInt8Array:
    """Pictures of any kind as the networks take them.

    Args:
        given: a PIL image of any mode; an array or tensor: (H, W), (N, H, W), and with 1, 3 or 4 channels before or
            after height and width; or a list of these. Whole numbers 0 to 255, floats 0 to 1 or 0 to 255, uint16 to
            65535.

    Returns:
        uint8 (N, 28, 28). Warned of with `ImageWarning`: another size, which is scaled; a bright background, which is
        left; values that are hardly above 0.

    Raises:
        InputError: it is no picture, or could mean more than one.

    >>> as_images(np.eye(28)).shape
    (1, 28, 28)
    """
    blocks = _brought_to_255(_blocks(given))
    sizes = sorted({block.shape[1:] for block in blocks} - {(SIDE, SIDE)})
    if sizes:
        shown = ", ".join(f"{rows} x {columns}" for rows, columns in sizes[:3])
        _warn(
            f"images of {shown} were scaled to {SIDE} x {SIDE}; `mnistcore.from_photo` also crops and centres a digit"
        )
    images = np.concatenate([block if block.shape[1:] == (SIDE, SIDE) else _scaled(block) for block in blocks])
    _warn_of_mistakes(images)
    return images


def from_photo(photo: "str | Path | Image | _Array") -> UInt8Array:
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
    block, *more = _brought_to_255(_blocks(picture))
    if more or len(block) != 1:
        raise InputError(f"photo: expected one picture, got {sum(map(len, (block, *more)))}")
    (grey,) = block
    small = Image.fromarray(grey)
    small.thumbnail((_PHOTO_SIDE, _PHOTO_SIDE))
    return _centred(_ink(np.asarray(small.filter(ImageFilter.MedianFilter(3))).astype(np.float64)))


# ---------------------------------------------------------------- what was given


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


def _scaled(block: UInt8Array) -> UInt8Array:
    """(N, 28, 28), the proportions kept: a picture that is not square gets more of its background at two sides."""
    height, width = block.shape[1:]
    longest = max(height, width)
    above, left = (longest - height) // 2, (longest - width) // 2
    images = np.empty((len(block), SIDE, SIDE), dtype=np.uint8)
    for image, picture in zip(images, block, strict=True):
        square = np.full((longest, longest), np.median(_rim(picture)), dtype=np.uint8)
        square[above : above + height, left : left + width] = picture
        image[:] = _resized(square, SIDE, SIDE)
    return images


def _resized(picture: UInt8Array, height: int, width: int) -> UInt8Array:
    with importing("pillow"):
        from PIL import Image

    way = Image.Resampling.BOX if max(picture.shape) > SIDE else Image.Resampling.BICUBIC
    resized: UInt8Array = np.asarray(Image.fromarray(picture).resize((width, height), way))
    return resized


def _rim(picture: _Array) -> _Array:
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


# ---------------------------------------------------------------- photos


def _ink(grey: npt.NDArray[np.float64]) -> UInt8Array:
    """(H, W): how strong the ink is, 0 where there is paper.

    The paper is a plane through the rim, since light from one side makes it brighter there; ink is what differs from
    it on the side, darker or lighter, where the difference is larger.
    """
    rows, columns = np.indices(grey.shape)
    sides = np.stack([np.ones_like(grey), rows, columns], axis=-1)
    plane, *_ = np.linalg.lstsq(
        np.stack([_rim(side) for side in np.moveaxis(sides, -1, 0)], axis=1), _rim(grey), rcond=None
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
    small = _resized(drawn, height, width)
    mass = small.astype(np.float64)
    image = np.zeros((SIDE, SIDE), dtype=np.uint8)
    starts = []
    for axis, length in enumerate(small.shape):
        centre = float((mass.sum(axis=1 - axis) * (np.arange(length) + 0.5)).sum() / mass.sum())
        starts.append(min(max(round(SIDE / 2 - centre), 0), SIDE - length))
    # A thin pen is grey once it is so small; MNIST's ink is white somewhere.
    image[starts[0] : starts[0] + height, starts[1] : starts[1] + width] = np.rint(mass * (255 / mass.max()))
    return image
