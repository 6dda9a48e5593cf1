"""Owns which images a run was evaluated on: its own, or those of its data set, proved by their fingerprint."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnistcore.datasets import loading
from mnistcore.datasets.catalogue import all_datasets
from mnistcore.datasets.splits import Split
from mnistcore.errors import DataDamagedError, DataUnavailableError
from mnistcore.evaluation.predictions import AnyPredictions, Counts
from mnistcore.runs.manifest import RunManifest
from mnistcore.runs.store import Store

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]


def run_images(run: RunManifest, split: str, *, store: Store, root: Path) -> Images:
    """The images of a split that a run was evaluated on, uint8 (N, H, W) or (N, H, W, 3).

    Args:
        root: the data folder.

    Raises:
        DataError: they are not on this machine, are damaged, or are not the images that the run has seen.
        StoreError: the run's own cannot be read.
    """
    if split in run.carried_splits:
        return store.images(run, split)
    return dataset_images(
        run,
        split,
        load=lambda fingerprint: load_images(run.dataset.name, split, fingerprint, root),
        labels=labels_of(store.predictions(run, split)),
        root=root,
    )


def labels_of(predictions: AnyPredictions) -> Labels | None:
    """The true classes that a run tells of a split, int64 (N,); None where it tells of no single image."""
    return None if isinstance(predictions, Counts) else predictions.labels


def dataset_images(
    run: RunManifest, split: str, *, load: Callable[[str], Split], labels: Labels | None, root: Path | None = None
) -> Images:
    """The images of a split where they belong to the data set.

    Args:
        load: given their fingerprint.
        labels: what the run says that they show, see `labels_of`.

    Raises:
        DataError: as `run_images`.
    """
    if run.dataset.name not in (here := all_datasets(root=root)):
        raise DataUnavailableError(
            f"the data set {run.dataset.name} is not here: expected one of {', '.join(here)}. Its images are shown "
            "once it is added again from the same files"
        )
    found = load(run.dataset.fingerprints[split])
    if len(found) != (expected := run.dataset.sizes[split]):
        raise DataDamagedError(
            f"the run says that there are {expected} {split} images of {run.dataset.name}, but there are {len(found)}: "
            "its run.json was changed; train the run again on this machine"
        )
    if labels is not None and not np.array_equal(labels, found.labels):
        raise DataDamagedError(
            f"the run says other labels of the {split} images of {run.dataset.name} than they have: expected "
            "those of the data set; train the run again on this machine"
        )
    return found.images


def load_images(dataset: str, split: str, fingerprint: str, root: Path) -> Split:
    """The images of a data set's split with their labels.

    Raises:
        DataError: they are not on this machine, are damaged, or have another fingerprint.
    """
    found = loading.load_split(dataset, split, root=root)
    if found.fingerprint != fingerprint:
        raise DataDamagedError(
            f"the {split} images of {dataset} here are not the ones that this run was evaluated on: expected "
            f"fingerprint {fingerprint[:12]}…, got {found.fingerprint[:12]}…; train the run again on this machine"
        )
    return found
