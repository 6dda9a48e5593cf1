"""Owns what the images of somebody's torch data set looked like before any transform; torch is there."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import ConcatDataset, Subset

from mnistcore.errors import InputError
from mnistcore.imports import given

_SMALLEST: Final = 8  # a side of what is taken for an image where rows of numbers may be anything
Pixels = npt.NDArray[np.uint8]


def raw(dataset: Any) -> Pixels | None:
    """The pixels that a data set holds, as torchvision's do in ``data``; None where it holds none."""
    found = _stored(dataset)
    if found is None:
        return None
    try:
        return given.images(found, count=len(found))
    except InputError:  # ``data`` is something else
        return None


def _stored(dataset: Any) -> Pixels | None:
    if isinstance(dataset, Subset):
        whole = _stored(dataset.dataset)
        return None if whole is None else whole[np.asarray([int(place) for place in dataset.indices], dtype=np.int64)]
    if isinstance(dataset, ConcatDataset):
        parts = [_stored(part) for part in dataset.datasets]
        whole_parts = [part for part in parts if part is not None]
        same = len(whole_parts) == len(parts) and len({part.shape[1:] for part in whole_parts}) == 1
        return np.concatenate(whole_parts) if same else None
    found = getattr(dataset, "data", None)
    if getattr(found, "dtype", None) not in (torch.uint8, np.dtype(np.uint8)) or found is None:
        return None
    pixels: Pixels = found.detach().cpu().numpy() if isinstance(found, torch.Tensor) else np.asarray(found)
    if pixels.ndim < 3 or not hasattr(dataset, "__len__") or len(pixels) != len(dataset):
        return None
    # The files of EMNIST have rows and columns the other way round, and torchvision's leaves them so.
    return pixels.swapaxes(1, 2) if type(dataset).__name__ == "EMNIST" else pixels


def of_inputs(
    inputs: list[torch.Tensor], order: npt.NDArray[np.int64], loader: Any
) -> tuple[Pixels | None, tuple[str, ...]]:
    """The images as the network got them, Normalize undone where it can be found, and what was assumed of them."""
    shapes = {tuple(images.shape[1:]) for images in inputs}
    if len(shapes) > 1:
        return None, ("images: they are not all of one size; kept without images",)
    values = torch.cat(inputs).float()
    if not np.array_equal(order, np.arange(len(values))):
        values = values[torch.from_numpy(order)]
    if values.ndim == 2 and values.shape[1] < _SMALLEST**2:
        return None, ()  # rows of measurements
    notes: tuple[str, ...] = ()
    undone = _normalisation(getattr(loader, "dataset", None))
    if undone is not None and values.ndim == 4 and values.shape[1] in (len(undone[0]), 3):
        mean, std = (torch.tensor(part).reshape(1, -1, 1, 1) for part in undone)
        values = (values * std + mean).clamp(0, 1)
    elif values.ndim > 2 and values.min() < 0:
        low, high = float(values.min()), float(values.max())
        values = (values - low) / max(high - low, 1e-12)
        notes = (f"images: {low:.4g} is shown as black, {high:.4g} as white; images=... gives them as they were",)
    try:
        return given.images(values.numpy(), count=len(values)), notes
    except InputError as error:
        return None, (f"{error}; kept without images",)


def class_names(dataset: Any) -> tuple[str, ...] | None:
    """The names in a data set's ``classes``; None where it has none, or its parts have others."""
    found = {
        tuple(map(str, names)) if isinstance(names, list | tuple) else None
        for leaf in _leaves(dataset)
        for names in [getattr(leaf, "classes", None)]
    }
    return found.pop() if len(found) == 1 else None


def _leaves(dataset: Any) -> Iterator[Any]:
    """The data sets inside subsets, concatenations and what else wraps one."""
    if isinstance(dataset, ConcatDataset):
        for part in dataset.datasets:
            yield from _leaves(part)
    elif isinstance(dataset, Subset):
        yield from _leaves(dataset.dataset)
    elif dataset is not None:
        yield dataset


def _normalisation(dataset: Any) -> tuple[list[float], list[float]] | None:
    """Mean and deviation of the last Normalize in a data set's transform; None without, or where its parts differ."""
    found = {_last_normalize(getattr(leaf, "transform", None)) for leaf in _leaves(dataset)}
    (only,) = found if len(found) == 1 else (None,)
    return None if only is None else (list(only[0]), list(only[1]))


def _last_normalize(transform: Any) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    if hasattr(transform, "mean") and hasattr(transform, "std"):
        try:
            mean, std = (np.atleast_1d(np.asarray(part, float)) for part in (transform.mean, transform.std))
        except (TypeError, ValueError):
            return None
        return tuple(mean.tolist()), tuple(std.tolist())
    steps = getattr(transform, "transforms", None)
    if isinstance(transform, torch.nn.Sequential):
        steps = list(transform)
    for step in reversed(list(steps or ())):
        if (found := _last_normalize(step)) is not None:
            return found
    return None
