"""Owns the files of the data sets: where they belong, which are missing or damaged, and fetching those."""

import hashlib
import time
from collections.abc import Hashable, Sequence
from pathlib import Path

from mnistcore.datasets import idx_files
from mnistcore.datasets.catalogue import data_root, find_dataset
from mnistcore.datasets.downloads import OnProgress, RemoteFile, fetch_files
from mnistcore.datasets.idx_files import FileProblem
from mnistcore.datasets.own import kept
from mnistcore.datasets.own.adding import Wanted, read_and_keep
from mnistcore.datasets.own.kept import KeptRecord
from mnistcore.datasets.registry import Archive, Dataset
from mnistcore.errors import DataDamagedError, DataUnavailableError, InputError, LibraryError
from mnistcore.libraries import importing
from mnistcore.runs import plain_files

# What an error about missing data ends with.
DIGITS_WAY_ON = "Or use the data set 'digits', which comes with scikit-learn and needs no download"


def dataset_folder(name: str, *, root: Path | None = None) -> Path | None:
    """Where the files of a data set lie, in torchvision's layout or kept in ours; None where it has none."""
    dataset = find_dataset(name, root=root)
    if dataset.kept or dataset.archive is not None:
        return kept.folder_of(name, root=data_root(root))
    return None if dataset.folder is None else data_root(root) / dataset.folder / "raw"


def file_problems(name: str, *, root: Path | None = None) -> tuple[FileProblem, ...]:
    """The files of a data set that are missing or damaged, found by reading every one of them."""
    dataset = find_dataset(name, root=root)
    folder = dataset_folder(name, root=root)
    if dataset.kept or dataset.archive is not None:
        return _kept_problems(dataset, root)
    if folder is None:
        return ()
    found = (idx_files.find(folder, file) for file in dataset.files)
    return tuple(problem for problem in found if isinstance(problem, FileProblem))


def signature(name: str, *, root: Path | None = None) -> Hashable:
    """What changes with the files of a data set: as long as it is equal, so is what `file_problems` says."""
    dataset, folder = find_dataset(name, root=root), dataset_folder(name, root=root)
    if dataset.kept or dataset.archive is not None:
        return kept.signature(name, root=data_root(root))
    return () if folder is None else idx_files.signature(folder, dataset.files)


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
    dataset = find_dataset(name, root=root)
    folder = dataset_folder(name, root=root)
    if dataset.archive is not None:
        _prepare_archive(dataset, dataset.archive, data_root(root), mirrors, timeout_seconds, on_progress)
        return
    if dataset.kept:
        _require_whole(dataset, root)
        return
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


def _prepare_archive(
    dataset: Dataset,
    archive: Archive,
    root: Path,
    mirrors: Sequence[str] | None,
    timeout_seconds: float,
    on_progress: OnProgress | None,
) -> None:
    """Read a data set from its archive, downloaded where it does not lie there already, and keep it in our form."""
    if not _kept_problems(dataset, root):
        return
    folder = root / archive.folder
    missing = [file for file in archive.files if not _is_whole(folder / file.name, file.md5)]
    fetch_files(
        missing,
        folder,
        mirrors=archive.mirrors if mirrors is None else mirrors,
        timeout_seconds=timeout_seconds,
        on_progress=on_progress,
        way_on=DIGITS_WAY_ON,
    )
    if kept.read_record(dataset.name, root=root) is not None:  # damaged
        kept.remove(dataset.name, root=root)
    wanted = Wanted(
        title=dataset.title,
        classes=dataset.classes,
        polarity=dataset.polarity,
        transposed=archive.transposed or None,
        only=archive.only,
    )
    only_file = folder / archive.files[0].name
    try:
        read_and_keep(dataset.name, only_file if len(archive.files) == 1 else folder, wanted, root=root)
    except InputError as error:
        raise DataDamagedError(f"{dataset.name}: {folder} is not as its authors made it: {error}") from error
    for file in missing:  # all that is in them is kept by now
        (folder / file.name).unlink(missing_ok=True)


def _is_whole(path: Path, md5: str) -> bool:
    try:
        digest = hashlib.md5(usedforsecurity=False)
        with plain_files.open_file(path, links=True) as file:
            while piece := file.read(2**20):
                digest.update(piece)
        return digest.hexdigest() == md5
    except OSError:
        return False


def _require_whole(dataset: Dataset, root: Path | None) -> None:
    """That nothing is wrong with a data set that nobody else has."""
    if found := _kept_problems(dataset, root):
        raise DataDamagedError(found[0].found)


def _kept_problems(dataset: Dataset, root: Path | None) -> tuple[FileProblem, ...]:
    found = kept.read_record(dataset.name, root=data_root(root))
    if isinstance(found, KeptRecord):
        return kept.problems(found, root=data_root(root))
    return (FileProblem(kept.RECORD, damaged=found is not None, found=found.reason if found else ""),)


def _torchvision_mirrors(dataset: Dataset) -> tuple[str, ...]:
    try:
        with importing("torchvision"):
            from torchvision import datasets  # type: ignore[import-untyped, unused-ignore]  # 2 s, for downloads only

            return tuple(getattr(datasets, str(dataset.folder)).mirrors)
    except LibraryError as error:
        raise DataUnavailableError(
            f"{dataset.name}: the addresses to download from are torchvision's, but {error}. {DIGITS_WAY_ON}"
        ) from error
