"""Owns how somebody's torch model answers the images of a loader, and what those images looked like; torch is there.

The loader itself is not touched: where its order or its last batch would lose something, its data set is gone through
once more in order. The model is left as it was found, the random state too.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import DataLoader, IterableDataset, RandomSampler, SequentialSampler, Subset, TensorDataset

from mnistcore.errors import InputError
from mnistcore.imports import given
from mnistcore.imports.given import Scored

_SURE = 1e-3  # how far the sum of probabilities may be from 1


@dataclass(frozen=True, eq=False)
class Answered:
    """What a model has said of a loader's images.

    Attributes:
        labels: as the loader gives them, (N,) or one-hot.
        scores: (N, C).
        images: uint8 (N, H, W) or (N, H, W, 3); None where they cannot be told.
        classes: the names that the data set knows; None where it knows none.
        assumed: what was not said.
    """

    labels: npt.NDArray[Any]
    scores: Scored
    images: npt.NDArray[np.uint8] | None
    classes: tuple[str, ...] | None
    assumed: tuple[str, ...]


def answered(model: "torch.nn.Module", loader: Iterable[Any]) -> Answered:
    """Go through a loader once, with the model in evaluation mode and without gradients, where the model is.

    Args:
        loader: a `DataLoader`, or anything else that gives batches of (images, labels).

    Raises:
        InputError: a batch or an answer is not of the shape that is expected; says which.
    """
    device = next((each.device for each in (*model.parameters(), *model.buffers())), torch.device("cpu"))
    source, dataset, assumed = _in_order(loader)
    inputs: list[torch.Tensor] = []
    labels: list[torch.Tensor] = []
    outputs: list[torch.Tensor] = []
    with _left_as_it_was(model, loader), torch.no_grad():
        for number, batch in enumerate(source):
            images, truth = _parts(batch, number)
            answer = model(images.to(device))
            if not isinstance(answer, torch.Tensor) or answer.ndim > 2 or len(answer) != len(truth):
                got = tuple(answer.shape) if isinstance(answer, torch.Tensor) else type(answer).__name__
                raise InputError(
                    f"model: expected a row of scores for each of {len(truth)} images, got {got} in batch {number}"
                )
            inputs.append(images.detach().cpu())
            labels.append(truth.detach().cpu())
            outputs.append(answer.detach().float().cpu())
    if not outputs:
        raise InputError("loader: expected at least one batch, got none")
    scores = told_apart(torch.cat([answer.reshape(len(answer), -1) for answer in outputs]).numpy())
    pictures, more = _pictures(dataset, torch.cat(inputs))
    names = getattr(_unwrapped(dataset)[0], "classes", None)
    classes = tuple(map(str, names)) if isinstance(names, list | tuple) else None
    if classes is not None and len(classes) != scores.values.shape[1]:
        classes = None
    everything = (*assumed, *scores.assumed, *more)
    return Answered(torch.cat(labels).numpy(), Scored(scores.kind, scores.values), pictures, classes, everything)


def told_apart(values: npt.NDArray[np.float32]) -> Scored:
    """Whether a network's outputs (N, C) are logits, log-probabilities or probabilities; (N, 1) is of two classes.

    >>> told_apart(np.array([[0.2, 0.8]], dtype=np.float32)).kind
    'probabilities'
    >>> told_apart(np.array([[-1.0, 3.0]], dtype=np.float32)).kind
    'logits'
    """
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise InputError(f"model: expected finite scores, got others for image {row}")
    if values.shape[1] == 1:
        if values.min() >= 0 and values.max() <= 1:
            return given.scored(probabilities=values) or Scored("probabilities", values)
        two = np.concatenate([np.zeros_like(values), values], axis=1)
        return Scored("logits", two, ("model: its one output is taken as the logit of the second class",))
    if values.min() >= 0 and np.abs(values.sum(axis=1) - 1).max() <= _SURE:
        return Scored("probabilities", values, ("model: its outputs are taken as probabilities: each row sums to 1",))
    if values.max() <= 0 and np.abs(np.exp(values).sum(axis=1) - 1).max() <= _SURE:
        return Scored("logits", values, ("model: its outputs are taken as log-probabilities",))
    return Scored("logits", values, ("model: its outputs are taken as logits",))


def _in_order(loader: Iterable[Any]) -> tuple[Iterable[Any], Any, tuple[str, ...]]:
    """The batches to go through, the data set in the same order (None where there is none), and what was assumed."""
    if not isinstance(loader, DataLoader):
        return loader, None, ()
    dataset = loader.dataset
    if isinstance(dataset, IterableDataset) or loader.batch_size is None or loader.sampler is None:
        return loader, None, ()
    if isinstance(loader.sampler, SequentialSampler | RandomSampler):
        chosen: Any = dataset
    else:
        order: Sequence[int] = sorted(map(int, loader.sampler))
        chosen = Subset(dataset, order)
    was_changed = not isinstance(loader.sampler, SequentialSampler) or loader.drop_last
    again: DataLoader[Any] = DataLoader(
        chosen, batch_size=loader.batch_size, collate_fn=loader.collate_fn, num_workers=loader.num_workers
    )
    note = "loader: its images are taken in the order of the data set, the last batch included"
    return again, chosen, (note,) if was_changed else ()


def _parts(batch: Any, number: int) -> tuple[torch.Tensor, torch.Tensor]:
    if not isinstance(batch, list | tuple) or len(batch) < 2:
        raise InputError(
            f"loader: expected batches of (images, labels), got a {type(batch).__name__} in batch {number}"
        )
    images, truth = batch[0], batch[1]
    truth = truth if isinstance(truth, torch.Tensor) else torch.as_tensor(truth)
    if not isinstance(images, torch.Tensor) or images.ndim < 2 or len(images) != len(truth):
        got = tuple(images.shape) if isinstance(images, torch.Tensor) else type(images).__name__
        raise InputError(f"loader: expected {len(truth)} images as a tensor, got {got} in batch {number}")
    return images, truth


@contextmanager
def _left_as_it_was(model: "torch.nn.Module", loader: Iterable[Any]) -> Iterator[None]:
    """The model in evaluation mode; afterwards each part of it, and everything random, as it was before."""
    modes = [(part, part.training) for part in model.modules()]
    generator = getattr(loader, "generator", None)
    state = None if generator is None else generator.get_state()
    is_used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    devices = list(range(torch.cuda.device_count())) if is_used else []
    with torch.random.fork_rng(devices=devices):
        model.eval()
        try:
            yield
        finally:
            for part, mode in modes:
                part.training = mode
            if generator is not None and state is not None:
                generator.set_state(state)


# ---------------------------------------------------------------- what the images looked like


def _unwrapped(dataset: Any) -> tuple[Any, list[int] | None]:
    """The data set inside subsets of subsets, and the places that they take of it; None for all."""
    places: list[int] | None = None
    while isinstance(dataset, Subset):
        indices = list(map(int, dataset.indices))
        places = indices if places is None else [indices[place] for place in places]
        dataset = dataset.dataset
    return dataset, places


def _pictures(dataset: Any, inputs: torch.Tensor) -> tuple[npt.NDArray[np.uint8] | None, tuple[str, ...]]:
    """What was there before any transform, where the data set has it; else the network's inputs, Normalize undone."""
    whole, places = _unwrapped(dataset)
    raw = getattr(whole, "data", None)
    if raw is not None and len(raw) == len(whole) and getattr(raw, "dtype", None) in (torch.uint8, np.uint8):
        array = np.asarray(raw)
        return given.images(array if places is None else array[places], count=len(inputs)), ()
    values = inputs.float()
    if not isinstance(whole, TensorDataset) and (undone := _normalisation(getattr(whole, "transform", None))):
        mean, std = (torch.tensor(part).reshape(1, -1, 1, 1) for part in undone)
        values = (values * std + mean).clamp(0, 1)
    try:
        return given.images(values.numpy(), count=len(inputs)), ()
    except InputError as error:
        return None, (f"{error}; kept without images",)


def _normalisation(transform: Any) -> tuple[Any, Any] | None:
    """Mean and deviation of the last Normalize in a transform."""
    steps = getattr(transform, "transforms", [transform])
    for step in reversed(list(steps)):
        if hasattr(step, "mean") and hasattr(step, "std"):
            return step.mean, step.std
    return None
