"""Owns in which order somebody's loader is gone through, and what is in one of its batches; torch is there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import BatchSampler, DataLoader, IterableDataset, RandomSampler, SequentialSampler, Subset

from mnistcore.errors import InputError, shortened

_IN_ORDER: Final = "loader: its images are taken in the order of the data set, each once, the last batch included"
# What batches of Hugging Face's data sets and others call their parts.
_IMAGES = ("pixel_values", "image", "images", "img", "input", "inputs", "x")
_LABELS = ("label", "labels", "target", "targets", "y", "class")


@dataclass(frozen=True, eq=False)
class Pass:
    """How a loader is gone through.

    Attributes:
        source: the batches.
        dataset: what has their images in the order that they get; None where that is not known.
        assumed: what was changed of the loader's own way.
        places: of the images in the order of the batches, their places in the loader's data set; None where `dataset`
            has that order already.
    """

    source: Iterable[Any]
    dataset: Any = None
    assumed: tuple[str, ...] = ()
    places: npt.NDArray[np.int64] | None = None

    def order(self, count: int) -> npt.NDArray[np.int64]:
        """Which of the ``count`` answers are kept, in the order that they get."""
        if self.places is None:
            return np.arange(count)
        if len(self.places) != count:
            raise InputError(f"loader: expected {len(self.places)} images, as its sampler has, got {count}")
        return np.unique(self.places, return_index=True)[1]


def in_order(loader: Iterable[Any]) -> Pass:
    """The batches of a loader in the order of its data set, as far as it has one.

    A data set without places (an `IterableDataset`), or what is no `DataLoader`, is gone through as it is.
    """
    if not isinstance(loader, DataLoader) or isinstance(loader.dataset, IterableDataset):
        return Pass(loader)
    dataset = loader.dataset
    if loader.batch_sampler is None:  # the data set gives whole batches
        if isinstance(loader.sampler, SequentialSampler):
            return Pass(loader)
        return Pass(_again(loader, dataset, batch_size=None), assumed=(_IN_ORDER,))
    batches = loader.batch_sampler
    if type(batches) is not BatchSampler:
        return _by_batches(loader)
    if isinstance(batches.sampler, SequentialSampler | RandomSampler):
        was_changed = not isinstance(batches.sampler, SequentialSampler) or batches.drop_last
        again = _again(loader, dataset, batch_size=batches.batch_size)
        return Pass(again, dataset, (_IN_ORDER,) if was_changed else ())
    places = _as_places(batches.sampler)
    if places is None:
        return Pass(loader)
    chosen: Subset[Any] = Subset(dataset, np.unique(places).tolist())
    return Pass(_again(loader, chosen, batch_size=batches.batch_size), chosen, (_IN_ORDER,))


def _by_batches(loader: DataLoader[Any]) -> Pass:
    """Of somebody's own batches: as they are, for their images may fit each other only; put in order afterwards."""
    made = [list(batch) for batch in loader.batch_sampler or ()]
    places = _as_places([place for batch in made for place in batch])
    if places is None:
        return Pass(loader)
    again = _again(loader, loader.dataset, batch_sampler=made)
    return Pass(again, Subset(loader.dataset, np.unique(places).tolist()), (_IN_ORDER,), places)


def _again(loader: DataLoader[Any], dataset: Any, **batches: Any) -> DataLoader[Any]:
    """A loader like another, that draws nothing from what is random there."""
    return DataLoader(
        dataset,
        collate_fn=loader.collate_fn,
        num_workers=loader.num_workers,
        worker_init_fn=loader.worker_init_fn,
        multiprocessing_context=loader.multiprocessing_context,
        timeout=loader.timeout,
        **batches,
    )


def _as_places(chosen: Iterable[Any]) -> npt.NDArray[np.int64] | None:
    """Numbers of images; None where a data set is asked by something else."""
    try:
        return np.array([int(place) for place in chosen], dtype=np.int64)
    except (TypeError, ValueError):
        return None


# ---------------------------------------------------------------- one batch


def parts(batch: Any, number: int) -> tuple[torch.Tensor, npt.NDArray[Any]]:
    """The images and the labels of a batch.

    Raises:
        InputError: there are not both, or not as many; names the batch.
    """
    images, truth = _of_mapping(batch, number) if isinstance(batch, Mapping) else _of_sequence(batch, number)
    labels = _as_labels(truth, number)
    if not isinstance(images, torch.Tensor) or images.ndim < 2 or len(images) != len(labels):
        got = tuple(images.shape) if isinstance(images, torch.Tensor) else type(images).__name__
        raise InputError(f"loader: expected {len(labels)} images as a tensor, got {got} in batch {number}")
    return images, labels


def _of_mapping(batch: Mapping[Any, Any], number: int) -> tuple[Any, Any]:
    found = [next((batch[name] for name in names if name in batch), None) for names in (_IMAGES, _LABELS)]
    if any(part is None for part in found):
        names = shortened(", ".join(map(str, batch)), 80)
        raise InputError(
            f"loader: expected batches of (images, labels), got a {type(batch).__name__} of {names} in batch {number}; "
            f"understood are {_IMAGES[0]}, {_IMAGES[1]}, ... with {_LABELS[0]}, {_LABELS[1]}, ..."
        )
    return found[0], found[1]


def _of_sequence(batch: Any, number: int) -> tuple[Any, Any]:
    if not isinstance(batch, Sequence) or isinstance(batch, str) or len(batch) < 2:
        raise InputError(
            f"loader: expected batches of (images, labels), got a {type(batch).__name__} in batch {number}"
        )
    return batch[0], batch[1]


def _as_labels(truth: Any, number: int) -> npt.NDArray[Any]:
    """Numbers or names, (B,) or one-hot (B, C)."""
    if isinstance(truth, torch.Tensor):
        return (truth.float() if truth.dtype == torch.bfloat16 else truth).detach().cpu().numpy()
    try:
        array = np.asarray(truth)
    except (TypeError, ValueError) as error:
        raise InputError(f"loader: expected labels, got {error} in batch {number}") from error
    if array.ndim == 0:
        raise InputError(f"loader: expected a label for each image, got a {type(truth).__name__} in batch {number}")
    return array
