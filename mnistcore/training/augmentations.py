"""Owns how the training images are changed from epoch to epoch: ``AUGMENTATIONS``, name -> constructor.

What comes in from outside a grey image is background, 0; outside a colour image its outermost pixels go on. Nothing is
turned over: a mirrored letter is another one, and so may be a mirrored road sign.
"""

import math
from collections.abc import Callable
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

MAX_SHIFT = 2  # pixels; MNIST's digits have a margin of four
MAX_ROTATION = 12.0  # degrees; much more turns a 6 towards a 9
MAX_SCALE = 0.12  # that much larger or smaller
MAX_SHEAR = 0.1  # pixels to the side per pixel down
BEND = 1.0  # pixels: standard deviation of each control point; the pixels between move by about half of that
BEND_SPANS = 5  # between control points, in each direction


class Pixels(Protocol):
    """The training images on their device, and one way of changing them from epoch to epoch."""

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """What happens to each of ``count`` images, on the CPU: one row for each."""

    def batch(self, indices: Tensor, changes: Tensor) -> Tensor:
        """The images at ``indices``, changed row by row: a new (B, C, H, W), 0 to 255, uint8 or float32."""


class _Unchanged:
    def __init__(self, images: Tensor) -> None:
        self._images = images

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        return torch.empty(count, 0)

    def batch(self, indices: Tensor, changes: Tensor) -> Tensor:
        return self._images.index_select(0, indices)


class _Shifted:
    """Up to two whole pixels in each direction."""

    def __init__(self, images: Tensor) -> None:
        height, width = images.shape[2:]
        padded = _continued(images) if _is_colour(images) else F.pad(images, (MAX_SHIFT,) * 4)
        # A view (N, C, 5, 5, H, W) of every place the window can stand at: no copy, one indexing per batch.
        self._windows = padded.unfold(2, height, 1).unfold(3, width, 1)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        return torch.randint(2 * MAX_SHIFT + 1, (count, 2), generator=generator)

    def batch(self, indices: Tensor, changes: Tensor) -> Tensor:
        return self._windows[indices, :, changes[:, 0], changes[:, 1]]


def _is_colour(images: Tensor) -> bool:
    return images.shape[1] > 1


def _continued(images: Tensor) -> Tensor:
    """With `MAX_SHIFT` more pixels on each side, each like the outermost one; F.pad cannot do that to uint8."""
    down, right = (
        torch.arange(-MAX_SHIFT, side + MAX_SHIFT, device=images.device).clamp(0, side - 1) for side in images.shape[2:]
    )
    return images.index_select(2, down).index_select(3, right)


class _Warped:
    """Where each pixel comes from is a sum of fixed fields: one matrix product for many images, then interpolation."""

    def __init__(self, images: Tensor, fields: Tensor) -> None:
        self._images, self._fields = images, fields.to(images.device)  # (K, H * W): fields that a change weighs
        self._outside = "border" if _is_colour(images) else "zeros"

    def batch(self, indices: Tensor, changes: Tensor) -> Tensor:
        """``changes`` is float32 (B, 2, K): the weights of the fields, to the right and down."""
        images = self._images.index_select(0, indices).float()
        count, _, height, width = images.shape
        grid = (changes.reshape(2 * count, -1) @ self._fields).view(count, 2, height, width).permute(0, 2, 3, 1)
        return F.grid_sample(images, grid, padding_mode=self._outside, align_corners=False)


class _Affine(_Warped):
    """A small turn, a small change of size and a shift at once, interpolated."""

    def __init__(self, images: Tensor) -> None:
        super().__init__(images, _plane(*images.shape[2:]))

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        spread = 2 * torch.rand(4, count, generator=generator) - 1
        scale = 1 + MAX_SCALE * spread[1]
        return _mapping(self._images, spread[0], scale, scale, torch.zeros(count), spread[2], spread[3])


class _Elastic(_Warped):
    """As affine, with a shear, each direction's own size, and a smooth random bending of the sheet.

    The bending is a cubic B-spline over a grid of control points that are moved at random. Source of the idea: Simard,
    Steinkraus and Platt 2003, "Best practices for convolutional neural networks applied to visual document analysis".
    """

    def __init__(self, images: Tensor) -> None:
        height, width = images.shape[2:]
        down, right = _spline(height), _spline(width)
        bends = torch.einsum("ya,xb->abyx", down, right).reshape(-1, height * width)
        self._points = len(bends)
        super().__init__(images, torch.cat((_plane(height, width), bends)))

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        spread = 2 * torch.rand(6, count, generator=generator) - 1
        across, along = 1 + MAX_SCALE * spread[1], 1 + MAX_SCALE * spread[2]
        mapping = _mapping(self._images, spread[0], across, along, MAX_SHEAR * spread[3], spread[4], spread[5])
        pixel = 2 / self._images.shape[3]
        bends = BEND * pixel * torch.randn(count, 2, self._points, generator=generator)
        return torch.cat((mapping, bends), 2)


def _plane(height: int, width: int) -> Tensor:
    """float32 (3, H * W): how far right, how far down, and 1, on grid_sample's scale from -1 to 1."""
    right, down = ((2 * torch.arange(size) + 1) / size - 1 for size in (width, height))
    return torch.stack((right.repeat(height), down.repeat_interleave(width), torch.ones(height * width)))


def _mapping(
    images: Tensor, turn: Tensor, across: Tensor, along: Tensor, shear: Tensor, right: Tensor, down: Tensor
) -> Tensor:
    """float32 (N, 2, 3): where in the old image each pixel of the new one comes from; turn and shifts from -1 to 1."""
    angle = turn * math.radians(MAX_ROTATION)
    cosine, sine = angle.cos(), angle.sin()
    height, width = images.shape[2:]
    shifts = right * 2 * MAX_SHIFT / width, down * 2 * MAX_SHIFT / height  # the scale has 2 / width a pixel
    return torch.stack(
        (
            torch.stack((cosine * across, cosine * shear - sine * along, shifts[0]), 1),
            torch.stack((sine * across, sine * shear + cosine * along, shifts[1]), 1),
        ),
        1,
    )


def _spline(size: int) -> Tensor:
    """float32 (size, BEND_SPANS + 3): the weight of each control point of a uniform cubic B-spline at each pixel."""
    place = (torch.arange(size) + 0.5) / size * BEND_SPANS
    span = place.floor().long()
    way = place - span
    weights = torch.stack(
        ((1 - way) ** 3, 3 * way**3 - 6 * way**2 + 4, -3 * way**3 + 3 * way**2 + 3 * way + 1, way**3), 1
    )
    points = torch.zeros(size, BEND_SPANS + 3)
    for number in range(4):
        points[torch.arange(size), span + number] = weights[:, number] / 6
    return points


AUGMENTATIONS: dict[str, Callable[[Tensor], Pixels]] = {
    "none": _Unchanged,
    "shift": _Shifted,
    "affine": _Affine,
    "elastic": _Elastic,
}
