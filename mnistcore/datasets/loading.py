"""Owns reading the splits of a data set from disk, every file proved by its checksum; downloads nothing.

Within a data set all images have one shape. Drawings are white on black: 0 is background. Imports no torch.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from mnistcore.datasets import idx_files
from mnistcore.datasets.catalogue import data_root, find_dataset
from mnistcore.datasets.data_files import DIGITS_WAY_ON, dataset_folder
from mnistcore.datasets.digits import digits_split
from mnistcore.datasets.idx_files import FileProblem, IdxFile, IdxFormatError, UInt8Array
from mnistcore.datasets.own import kept
from mnistcore.datasets.own.kept import KeptRecord
from mnistcore.datasets.registry import Dataset
from mnistcore.datasets.splits import SPLITS, Split, holdout
from mnistcore.errors import DataDamagedError, DataUnavailableError, UnknownNameError
from mnistcore.wording import plural


def load_split(name: str, split: str, *, root: Path | None = None) -> Split:
    """Read one split from disk; verifies the files it reads, and never downloads.

    The validation images are held out of those that are not the test's, in the same proportion from every
    class, the same ones for every run: see ``holdout``. Within a split, images keep the order of their file.

    Args:
        name: of one that is registered, or of one's own.
        split: one of ``SPLITS``.
        root: the data folder; that of the environment's `Workspace` if None.

    Raises:
        UnknownNameError: no such data set or split.
        DataUnavailableError: files are missing or cannot be read; names them, their folder and the way on.
        DataDamagedError: a file's checksum or content is wrong; names it and both checksums.
    """
    return load_splits(name, (split,), root=root)[split]


def load_splits(name: str, splits: Iterable[str] = SPLITS, *, root: Path | None = None) -> dict[str, Split]:
    """As `load_split`, several at once: each file is read and verified once."""
    dataset, splits = find_dataset(name, root=root), tuple(splits)
    for split in splits:
        if split not in SPLITS:
            raise UnknownNameError("split", split, SPLITS)
    if dataset.kept or dataset.archive is not None:
        return kept.read(_record(dataset, root), splits, root=data_root(root))
    folder = dataset_folder(name, root=root)
    if folder is None:
        return {split: digits_split(split) for split in splits}
    found = {"test": _read_files(dataset, folder, "test")} if "test" in splits else {}
    if held := [split for split in splits if split != "test"]:
        whole = _read_files(dataset, folder, "train")
        held_out = holdout(whole.labels, dataset.validation_size, num_classes=dataset.num_classes)
        found |= {split: _chosen(whole, held_out if split == "validation" else ~held_out) for split in held}
    return {split: found[split] for split in splits}


def _record(dataset: Dataset, root: Path | None) -> KeptRecord:
    found = kept.read_record(dataset.name, root=data_root(root))
    if isinstance(found, KeptRecord):
        return found
    raise DataUnavailableError(
        f"{dataset.name}: expected it in the folder {kept.folder_of(dataset.name, root=data_root(root))}, found "
        f"{found.reason if found else 'nothing there'}. `python -m mnistcore datasets --fetch {dataset.name}` "
        f"downloads it. {DIGITS_WAY_ON}"
    )


def _chosen(whole: Split, mask: npt.NDArray[np.bool_]) -> Split:
    return Split(whole.images[mask], whole.labels[mask])


def _read_files(dataset: Dataset, folder: Path, split: Literal["train", "test"]) -> Split:
    files = {file.content: file for file in dataset.files if file.split == split}
    missing = [file.name for file in files.values() if not idx_files.places(folder, file)]
    if missing:
        raise DataUnavailableError(
            f"{dataset.name}: expected {', '.join(missing)} in the folder {folder}, found nothing there. "
            f"`python -m mnistcore datasets --fetch {dataset.name}` downloads it. {DIGITS_WAY_ON}"
        )
    images = _read_idx(dataset, folder, files["images"], axes=3)
    labels = _read_idx(dataset, folder, files["labels"], axes=1)
    if images.shape[1:] != dataset.image_shape or len(images) != len(labels):
        raise _damaged(
            dataset,
            folder,
            files["images"],
            f"expected {plural(len(labels), 'image')} of {dataset.image_shape}, found {images.shape}",
        )
    if labels.size and int(labels.max()) >= dataset.num_classes:
        raise _damaged(
            dataset,
            folder,
            files["labels"],
            f"expected labels from 0 to {dataset.num_classes - 1}, found {labels.max()}",
        )
    return Split(images, labels.astype(np.int64))


def _read_idx(dataset: Dataset, folder: Path, file: IdxFile, *, axes: int) -> UInt8Array:
    """The array in a file, wherever below the data set's folder it lies."""
    try:
        content = idx_files.read(folder, file)
        if not isinstance(content, FileProblem):
            return idx_files.parse(content, axes=axes)
    except IdxFormatError as error:
        raise _damaged(dataset, folder, file, str(error)) from error
    if content.unreadable:
        raise DataUnavailableError(
            f"{dataset.name}: cannot read {file.name} in the folder {folder}: {content.unreadable}. "
            f"Expected a file that this user may read. {DIGITS_WAY_ON}"
        )
    raise _damaged(dataset, folder, file, f"found {content.found}")


def _damaged(dataset: Dataset, folder: Path, file: IdxFile, what: str) -> DataDamagedError:
    return DataDamagedError(
        f"{dataset.name}: {file.name} in the folder {folder} cannot be used: {what}. "
        f"`python -m mnistcore datasets --fetch {dataset.name}` downloads it again. {DIGITS_WAY_ON}"
    )
