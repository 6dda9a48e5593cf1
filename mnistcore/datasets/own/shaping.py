"""Owns bringing all images of a data set to one shape: size, colour or grey, and drawings to white on black."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mnistcore.config import Polarity
from mnistcore.datasets.fitting import fitted
from mnistcore.datasets.idx_files import UInt8Array
from mnistcore.datasets.own.found import Part
from mnistcore.datasets.own.kept import MAX_SIDE, MIN_SIDE
from mnistcore.datasets.polarity import decide_polarity, is_dark_on_light
from mnistcore.errors import InputError

MAX_RAW_SIDE: Final = 4096  # of images in arrays
_GREY: Final = np.array([0.299, 0.587, 0.114])  # as Pillow weighs colours (ITU-R 601)

Images = dict[str, UInt8Array]  # split -> uint8 (N, H, W) or (N, H, W, 3)


@dataclass(frozen=True, eq=False)
class Shaped:
    """Images of one shape, what they are, and what was done to them."""

    images: Images
    polarity: Polarity
    notes: tuple[str, ...]


def shape(parts: Mapping[str, Part], *, polarity: Polarity | None) -> Shaped:
    """Bring all images to one size of at most `MAX_SIDE`, to grey where they have no colour; find out what they are.

    Args:
        polarity: what they are, where it was said.

    Raises:
        InputError: an image is too small or too large.
    """
    notes: list[str] = []
    images = _sized(parts, notes)
    coloured = any(one.ndim == 4 for one in images.values())
    if coloured and all(_is_grey(one) for one in images.values()):
        images = {split: one[..., 0] if one.ndim == 4 else one for split, one in images.items()}
        coloured = False
    elif coloured and polarity == "ink":
        images = {split: _to_grey(one) for split, one in images.items()}
        notes.append("drawings: colours were brought to grey")
        coloured = False
    elif coloured:
        images = {split: _with_colours(one) for split, one in images.items()}
    notes.append("in colour" if coloured else "in shades of grey")
    images = {split: np.ascontiguousarray(one) for split, one in images.items()}
    seen = max(images.values(), key=len)
    if not coloured and polarity != "photo" and is_dark_on_light(seen):
        images = {split: 255 - one for split, one in images.items()}
        notes.append("drawings, dark on light: turned round to white on black (--photos leaves them)")
        return Shaped(images, "ink", tuple(notes))
    found = polarity or decide_polarity(seen)
    said = "" if polarity else " (--photos corrects it)" if found == "ink" else " (--drawings corrects it)"
    notes.append((f"photos{said}: shown as they are") if found == "photo" else f"drawings, white on black{said}")
    return Shaped(images, found, tuple(notes))


def _sized(parts: Mapping[str, Part], notes: list[str]) -> Images:
    sizes: Counter[tuple[int, int]] = Counter()
    for part in parts.values():
        if isinstance(part.images, np.ndarray):
            sizes[part.images.shape[1:3]] += len(part.images)
        else:
            sizes.update(one.shape[:2] for one in part.images)
    largest = max(max(size) for size in sizes)
    if largest > MAX_RAW_SIDE:
        raise InputError(f"images: expected at most {MAX_RAW_SIDE} pixels a side, got {largest}")
    target = next(iter(sizes)) if len(sizes) == 1 else _middle(sizes)
    height, width = _within(target)
    if min(height, width) < MIN_SIDE:
        raise InputError(
            f"images: expected at least {MIN_SIDE} x {MIN_SIDE} pixels, at most {MAX_SIDE // MIN_SIDE} times as long "
            f"as wide, got {target[0]} x {target[1]}"
        )
    if len(sizes) > 1:
        notes.append(
            f"images of {len(sizes)} sizes were brought to {height} x {width} pixels: proportions kept, the rest "
            "filled with the colour of the rim"
        )
    elif (height, width) != target:
        notes.append(f"images of {target[0]} x {target[1]} were made smaller, to {height} x {width} pixels")
    return {split: _all_fitted(part.images, height, width) for split, part in parts.items()}


def _middle(sizes: Counter[tuple[int, int]]) -> tuple[int, int]:
    """The size that stands for several: the one that half of all have, else the medians of both sides."""
    (common, count), total = sizes.most_common(1)[0], sizes.total()
    if 2 * count >= total:
        return common
    heights, widths = (np.repeat([size[axis] for size in sizes], list(sizes.values())) for axis in (0, 1))
    return int(np.median(heights)), int(np.median(widths))


def _within(size: tuple[int, int]) -> tuple[int, int]:
    """As large as `MAX_SIDE` allows, the proportions kept."""
    scale = min(1.0, MAX_SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _all_fitted(images: Sequence[UInt8Array] | UInt8Array, height: int, width: int) -> UInt8Array:
    if isinstance(images, np.ndarray) and images.shape[1:3] == (height, width):
        return images
    return np.stack([fitted(one, height, width) for one in images])


def _is_grey(images: UInt8Array) -> bool:
    return images.ndim == 3 or bool(
        (images[..., 0] == images[..., 1]).all() and (images[..., 1] == images[..., 2]).all()
    )


def _to_grey(images: UInt8Array) -> UInt8Array:
    if images.ndim == 3:
        return images
    return np.stack([np.rint(one @ _GREY).astype(np.uint8) for one in images])


def _with_colours(images: UInt8Array) -> UInt8Array:
    """Images (N, H, W) with three equal colours; those that have colours as they are."""
    return images if images.ndim == 4 else np.repeat(images[..., None], 3, axis=-1)
