"""Owns a data set as it is kept below the data folder, checked, and put there wholly or not at all.

<data>/kept/<name>/dataset.json              what it is: names, sizes, fingerprints, and what was done to the images
<data>/kept/<name>/<split>.safetensors       images uint8 (N, H, W) or (N, H, W, 3), labels int64 (N,)
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy
from pydantic import Field, ValidationError

from mnistcore.config import Name, Polarity
from mnistcore.datasets.idx_files import FileProblem
from mnistcore.datasets.splits import SPLITS, Split
from mnistcore.errors import DataDamagedError, DataUnavailableError, InputError, StoreWriteError
from mnistcore.runs import atomic, plain_files
from mnistcore.runs.manifest import MOST_CLASSES, ClassRecord, Count, Digest, Record, first_fault
from mnistcore.runs.quota import require_room

FOLDER: Final = "kept"  # below the data folder, beside torchvision's
RECORD: Final = "dataset.json"
MAX_SIDE: Final = 64  # pixels, of what is kept
MIN_SIDE: Final = 8
MAX_BYTES: Final = 2**31 - 2**24  # of a split's pixels: its file is read in one piece
_ONCE: Final = 64  # records that are remembered

Side = Annotated[int, Field(ge=MIN_SIDE, le=MAX_SIDE)]


class KeptRecord(Record):
    """dataset.json."""

    schema_version: Literal[1] = 1
    name: Name
    title: ClassRecord
    classes: Annotated[tuple[ClassRecord, ...], Field(min_length=2, max_length=MOST_CLASSES)]
    height: Side
    width: Side
    channels: Literal[1, 3]
    polarity: Polarity
    sizes: dict[str, Annotated[Count, Field(ge=1)]]
    fingerprints: dict[str, Digest]
    source: str = ""  # the name of the file or folder that it was read from
    notes: tuple[str, ...] = ()  # what was done to the images


@dataclass(frozen=True, slots=True)
class Damaged:
    """A folder that should be a data set, and what is wrong with it."""

    name: str
    reason: str


def folder_of(name: str, *, root: Path) -> Path:
    """Where a data set of that name is kept; the name is one that `config.Name` allows."""
    return root / FOLDER / name


def keep(record: KeptRecord, splits: Mapping[str, Split], *, root: Path) -> None:
    """Write a data set.

    Raises:
        InputError: there is one of that name.
        StoreWriteError: the data folder cannot be written to, or the quota has no room for it.
    """
    target = folder_of(record.name, root=root)
    require_room(sum(split.images.nbytes + split.labels.nbytes for split in splits.values()), root)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic.remove_stale(target.parent)
        with atomic.staging(target) as staged:
            for name, split in splits.items():
                arrays: dict[str, npt.NDArray[Any]] = {
                    "images": np.ascontiguousarray(split.images),
                    "labels": split.labels,
                }
                atomic.write_file(staged.folder / _file(name), safetensors.numpy.save(arrays))
            atomic.write_file(staged.folder / RECORD, record.model_dump_json(indent=1).encode())
            atomic.sync_folder(staged.folder)
            atomic.publish(staged)
    except FileExistsError as error:
        raise InputError(
            f"name: there is a data set {record.name} already: expected another name, or remove it first"
        ) from error
    except OSError as error:
        raise StoreWriteError(f"cannot write into the folder {target.parent}: {error.strerror or error}") from error


def remove(name: str, *, root: Path) -> None:
    """Take a data set away.

    Raises:
        StoreWriteError: it cannot be removed.
    """
    try:
        atomic.remove(folder_of(name, root=root))
    except OSError as error:
        raise StoreWriteError(f"cannot remove the data set {name}: {error.strerror or error}") from error


def records(*, root: Path) -> tuple[KeptRecord | Damaged, ...]:
    """Every data set that is kept, by name; those that cannot be read with the reason."""
    try:
        names = sorted(entry.name for entry in os.scandir(root / FOLDER) if not entry.name.startswith("."))
    except OSError:
        return ()
    return tuple(found for name in names if (found := read_record(name, root=root)) is not None)


def read_record(name: str, *, root: Path) -> KeptRecord | Damaged | None:
    """What is known of a data set; None where there is none of that name."""
    path = folder_of(name, root=root) / RECORD
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return Damaged(name, f"{RECORD} is missing") if path.parent.is_dir() else None
    except OSError as error:
        return None if isinstance(error, NotADirectoryError) else Damaged(name, error.strerror or str(error))
    return _parsed(str(path), name, facts.st_mtime_ns, facts.st_size, facts.st_ino)


@lru_cache(maxsize=_ONCE)
def _parsed(path: str, name: str, *_: int) -> KeptRecord | Damaged:
    try:
        record = KeptRecord.model_validate_json(plain_files.read_file(path, max_bytes=plain_files.MAX_JSON_BYTES))
    except OSError as error:
        return Damaged(name, error.strerror or str(error))
    except ValidationError as error:
        return Damaged(name, f"{RECORD}: {first_fault(error)}")
    if record.name != name or set(record.sizes) != set(SPLITS) or set(record.fingerprints) != set(SPLITS):
        return Damaged(name, f"{RECORD}: expected the name {name} and the splits {', '.join(SPLITS)}")
    return record


def read(record: KeptRecord, splits: Iterable[str], *, root: Path) -> dict[str, Split]:
    """Some splits, their content proved by their fingerprints.

    Raises:
        DataUnavailableError: a file is missing or cannot be read.
        DataDamagedError: a file is not what was kept.
    """
    return {split: _read(record, split, root=root) for split in splits}


def problems(record: KeptRecord, *, root: Path) -> tuple[FileProblem, ...]:
    """The files that cannot be used, found by reading every one of them."""
    found = []
    for split in SPLITS:
        try:
            _read(record, split, root=root)
        except DataUnavailableError as error:
            found.append(FileProblem(_file(split), damaged=False, found=str(error)))
        except DataDamagedError as error:
            found.append(FileProblem(_file(split), damaged=True, found=str(error)))
    return tuple(found)


def signature(name: str, *, root: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file of the data set does; reads none of them."""
    folder, found = folder_of(name, root=root), []
    for file in (RECORD, *map(_file, SPLITS)):
        with suppress(OSError):
            facts = (folder / file).lstat()
            found.append((file, facts.st_size, facts.st_mtime_ns))
    return tuple(found)


def _file(split: str) -> str:
    return f"{split}.safetensors"


def _read(record: KeptRecord, split: str, *, root: Path) -> Split:
    folder = folder_of(record.name, root=root)
    path = folder / _file(split)
    way_on = f"`python -m mnistcore datasets --remove {record.name}`, then add it again"
    try:
        data = plain_files.read_file(path)
    except OSError as error:
        raise DataUnavailableError(
            f"{record.name}: cannot read {path.name} in the folder {folder}: {error.strerror or error}. {way_on}"
        ) from error
    shape = (record.sizes[split], record.height, record.width, *((3,) if record.channels == 3 else ()))
    try:
        found = safetensors.numpy.load(data)
        images, labels = found["images"], found["labels"]
        if images.shape != shape or labels.shape != shape[:1]:
            raise InputError(f"expected images of {shape}, found {images.shape}")
        kept = Split(images.copy(), labels.copy())  # those on top of bytes are read-only
        if int(labels.min()) < 0 or int(labels.max()) >= len(record.classes):
            raise InputError(f"expected labels from 0 to {len(record.classes) - 1}")
        if kept.fingerprint != record.fingerprints[split]:
            raise InputError("expected the content that was kept, found another")
    except (safetensors.SafetensorError, KeyError, InputError) as error:
        raise DataDamagedError(
            f"{record.name}: {path.name} in the folder {folder} is damaged: {error}. {way_on}"
        ) from error
    return kept
