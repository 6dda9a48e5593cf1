"""Owns the files of the data sets: where they belong, which are missing or damaged, and fetching those."""

import time
from collections.abc import Hashable, Sequence
from pathlib import Path

from mnistcore.datasets import idx_files
from mnistcore.datasets.downloads import OnProgress, RemoteFile, fetch_files
from mnistcore.datasets.idx_files import FileProblem
from mnistcore.datasets.registry import Dataset, find_dataset
from mnistcore.errors import DataUnavailableError, LibraryError
from mnistcore.libraries import importing
from mnistcore.workspace import Workspace

# What an error about missing data ends with.
DIGITS_WAY_ON = "Or use the data set 'digits', which comes with scikit-learn and needs no download"


def dataset_folder(name: str, *, root: Path | None = None) -> Path | None:
    """Where the files of a data set lie, in torchvision's layout; None where it has none."""
    dataset = find_dataset(name)
    if dataset.folder is None:
        return None
    return (Workspace.from_environment().data if root is None else root) / dataset.folder / "raw"


def file_problems(name: str, *, root: Path | None = None) -> tuple[FileProblem, ...]:
    """The files of a data set that are missing or damaged, found by reading every one of them."""
    dataset = find_dataset(name)
    folder = dataset_folder(name, root=root)
    if folder is None:
        return ()
    found = (idx_files.find(folder, file) for file in dataset.files)
    return tuple(problem for problem in found if isinstance(problem, FileProblem))


def signature(name: str, *, root: Path | None = None) -> Hashable:
    """What changes with the files of a data set: as long as it is equal, so is what `file_problems` says."""
    folder = dataset_folder(name, root=root)
    return () if folder is None else idx_files.signature(folder, find_dataset(name).files)


def is_available(name: str, *, root: Path | None = None) -> bool:
    """Whether every file of the data set is on disk, its content proved by a checksum."""
    return not file_problems(name, root=root)


def prepare(
    name: str,
    *,
    root: Path | None = None,
    timeout_seconds: float = 600.0,
    on_progress: OnProgress | None = None,
    mirrors: Sequence[str] | None = None,
) -> None:
    """Download what is missing or damaged, verified; a damaged file is replaced only by a right one.

    Args:
        timeout_seconds: the longest that all of it together may take.
        on_progress: called in the calling thread for every piece that arrives.
        mirrors: addresses of folders to download from; those of torchvision's class if None.

    Raises:
        UnknownNameError: no such data set.
        DataUnavailableError: not available in that time; see ``fetch_files``.
    """
    started = time.monotonic()
    dataset = find_dataset(name)
    folder = dataset_folder(name, root=root)
    problems = {problem.file: problem for problem in file_problems(name, root=root)}
    if folder is None or not problems:
        return
    if mirrors is None:
        mirrors = _torchvision_mirrors(dataset)
    damaged = [problem.file for problem in problems.values() if problem.damaged]
    fetch_files(
        [RemoteFile(file.name, file.md5) for file in dataset.files if file.name in problems],
        folder,
        mirrors=mirrors,
        # Importing torchvision counts, but leaves a second to try in.
        timeout_seconds=max(timeout_seconds - (time.monotonic() - started), min(timeout_seconds, 1.0)),
        on_progress=on_progress,
        way_on=(f"Damaged and still there: {', '.join(damaged)}. " if damaged else "") + DIGITS_WAY_ON,
    )


def _torchvision_mirrors(dataset: Dataset) -> tuple[str, ...]:
    try:
        with importing("torchvision"):
            from torchvision import datasets  # type: ignore[import-untyped, unused-ignore]  # 2 s, for downloads only

            return tuple(getattr(datasets, str(dataset.folder)).mirrors)
    except LibraryError as error:
        raise DataUnavailableError(
            f"{dataset.name}: the addresses to download from are torchvision's, but {error}. {DIGITS_WAY_ON}"
        ) from error
