"""Owns the images that somebody's model is evaluated on, as it is given them, and keeping what it has said of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.datasets.catalogue import find_dataset
from mnistcore.datasets.loading import load_split
from mnistcore.datasets.scale import mean_and_std
from mnistcore.errors import InputError, shortened
from mnistcore.imports.given import Labelled, Scored
from mnistcore.imports.keeping import LONGEST_NAME, SPLIT, RecordedRun, keep
from mnistcore.imports.sandbox import Found, Task
from mnistcore.runs.manifest import Imported
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace

USUAL: Final = "mnist"  # where nobody says a data set


@dataclass(frozen=True)
class Preparation:
    """What is done to pixels of 0 to 1: less ``mean``, divided by ``std``; None means as the data set says."""

    mean: float | None = None
    std: float | None = None

    def __post_init__(self) -> None:
        if (self.mean is None) != (self.std is None):
            raise InputError("--mean, --std: expected both or none of them, got one")
        if self.std is not None and not (1e-6 < self.std < 1000 and abs(self.mean or 0) < 1000):
            raise InputError(f"--mean, --std: expected a deviation above 0 and numbers below 1000, got {self}")


NOT_NORMALISED: Final = Preparation(0.0, 1.0)


@dataclass(frozen=True)
class ModelTold:
    """What a file says of its model: its format, its network where that is known, and what it did not say."""

    format: str
    network: str
    assumed: tuple[str, ...]


@dataclass(frozen=True)
class ModelTask:
    """How a model in a file is evaluated by a process of its own.

    Attributes:
        name: of the task.
        request: what it is told of the file.
        memory_bytes: that it may take.
        told: its facts -> what the file says of its model.
    """

    name: Task
    request: dict[str, Any]
    memory_bytes: int
    told: Callable[[Mapping[str, Any]], ModelTold]


@dataclass(frozen=True, eq=False)
class Asked:
    """The test images of a data set as they are put to a model.

    Attributes:
        request: what a task is told of them.
        arrays: what it is given: "images", uint8 (N, channels, rows, columns), and "labels", int64 (N,).
        classes: the names.
        assumed: what was not said.
    """

    request: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]
    classes: tuple[str, ...]
    assumed: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, rows and columns of an image."""
        channels, rows, columns = self.arrays["images"].shape[1:]
        return channels, rows, columns


def asked(dataset: str, preparation: Preparation, *, workspace: Workspace) -> Asked:
    """The test images of a data set.

    Args:
        dataset: its name; the usual one if empty.

    Raises:
        UnknownNameError: there is none of that name.
        DataError: it is not on this machine, or damaged.
    """
    name = dataset or USUAL
    known = find_dataset(name, root=workspace.data)
    split = load_split(name, SPLIT, root=workspace.data)
    pixels = split.images[:, None] if split.images.ndim == 3 else np.moveaxis(split.images, -1, 1)
    mean, std = preparation.mean, preparation.std
    if mean is None or std is None:
        mean, std = known.mean, known.std
    if mean is None or std is None:
        mean, std = mean_and_std(load_split(name, "train", root=workspace.data).images)
    done = "not normalised, 0 to 1" if (mean, std) == (0, 1) else f"normalised with mean {mean:g} and deviation {std:g}"
    request = {
        "dataset": name,
        "classes": known.num_classes,
        "mean": [mean],
        "std": [std],
        "is_assumed": preparation.mean is None,
    }
    notes = [f"data set: {name}"] if not dataset else []
    notes.append(f"images: {done}" + (f", as of {name}" if preparation.mean is None else ""))
    names = tuple(each.en for each in known.classes)
    return Asked(request, {"images": pixels, "labels": split.labels}, names, tuple(notes))


def kept(
    found: Found,
    put: Asked,
    *,
    file: str,
    kind: str,
    model: str,
    assumed: tuple[str, ...],
    name: str,
    store: Store,
    weights: Mapping[str, npt.NDArray[Any]] | None = None,
) -> RecordedRun:
    """Keep what a model has said of the images as a run.

    Args:
        found: of a task: the scores, their kind, and what was assumed of them.
        file: its name, without a folder.
        kind: its format.
        model: its network.
        assumed: what the file did not say of itself.
    """
    scores = found.arrays["scores"]
    if scores.shape != (len(put.arrays["labels"]), len(put.classes)) or found.facts["kind"] not in (
        "logits",
        "probabilities",
    ):
        raise InputError(f"file: expected scores for each image and class, got shape {scores.shape}")
    everything = (*assumed, *put.assumed, *map(str, found.facts["assumed"]))
    known = Labelled(put.classes, put.arrays["labels"], None, everything)
    pixels = put.arrays["images"]
    pictures = pixels[:, 0] if pixels.shape[1] == 1 else np.ascontiguousarray(np.moveaxis(pixels, 1, -1))
    origin = Imported(
        file=shortened(file, LONGEST_NAME), format=kind, assumed=everything, model=shortened(model, LONGEST_NAME)
    )
    scored = Scored(found.facts["kind"], scores.astype(np.float32))
    return keep(known, [scored], pictures, origin=origin, name=name, store=store, weights=weights)
