"""Owns adding a data set of one's own: what a path holds is recognised, read, brought to one form, split and kept."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from mnistcore.config import Polarity
from mnistcore.datasets.own import arrays, kept, pictures, tables
from mnistcore.datasets.own.entries import Entries, Entry, open_entries
from mnistcore.datasets.own.found import Found
from mnistcore.datasets.own.kept import KeptRecord
from mnistcore.datasets.own.labelling import clean_name, divide, number_classes
from mnistcore.datasets.own.shaping import shape
from mnistcore.datasets.registry import DATASETS, Text
from mnistcore.datasets.splits import SPLITS, Split
from mnistcore.errors import InputError, printable, shortened
from mnistcore.runs.manifest import OWN_DATASET, ClassRecord
from mnistcore.wording import one_line, plural

LONGEST_TITLE: Final = 80
_NAME: Final = r"[a-z0-9]+(?:[-_][a-z0-9]+)*"
_LONGEST_NAME: Final = 40
_EXPECTED: Final = (
    "expected a folder or zip of class/picture.png, a .npz file, IDX files, a CSV of label,pixel0,..., or Parquet"
)

_Reader = Callable[[Sequence[Entry]], Found]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is said about a data set that is to be added.

    Attributes:
        title: in both languages; the name if None.
        classes: names of numbered classes, or the order of named ones.
        polarity: whether the images are drawings or photos; found out if None.
        transposed: whether rows and columns of IDX images are exchanged; None: as EMNIST's are.
        only: files are taken whose name has this in it.
    """

    title: Text | None = None
    classes: tuple[Text, ...] | None = None
    polarity: Polarity | None = None
    transposed: bool | None = None
    only: str = ""


def require_name(name: str) -> None:
    """Check the name of a data set of one's own, which becomes part of a run's id and of a path.

    Raises:
        InputError: it is not allowed, or is that of a registered data set.
    """
    if not re.fullmatch(_NAME, name) or len(name) > _LONGEST_NAME:
        raise InputError(
            f"name: expected small letters and digits with - or _ between them, at most {_LONGEST_NAME} signs, got "
            f"{shortened(name, 60)!r}; --title takes any words"
        )
    if name in DATASETS or name == OWN_DATASET:
        raise InputError(f"name: expected one that no data set has already, got {name}")


def add(name: str, path: Path, wanted: Wanted = Wanted(), *, root: Path) -> KeptRecord:
    """Read a data set and keep it below the data folder, or refuse it and keep nothing.

    Args:
        path: a folder, an archive or a file; see ``_EXPECTED``.

    Raises:
        InputError: the name is taken or not allowed, or the path holds no data set; says what was expected.
        StoreWriteError: the data folder cannot be written to.
    """
    require_name(name)
    if kept.read_record(name, root=root) is not None:
        raise InputError(
            f"name: there is a data set {name} already: expected another name, or "
            f"`python -m mnistcore datasets --remove {name}` first"
        )
    return read_and_keep(name, path, wanted, root=root)


def read_and_keep(name: str, path: Path, wanted: Wanted, *, root: Path) -> KeptRecord:
    """As `add`, of a name that was checked."""
    with open_entries(path) as entries:
        found, notes = _read(entries, wanted)
    names, numbers = number_classes(
        {part: each.labels for part, each in found.parts.items()},
        [text.en for text in wanted.classes] if wanted.classes else found.names,
        notes,
    )
    places = divide(numbers, names, notes)
    shaped = shape(found.parts, polarity=wanted.polarity)
    notes[:0] = shaped.notes
    splits = {}
    for split in SPLITS:
        part, indices = places[split]
        if not len(indices):
            raise InputError(f"{split}: expected at least one image, got none")
        images = shaped.images[part]
        if len(indices) * int(np.prod(images.shape[1:])) > kept.MAX_BYTES:
            raise InputError(f"{split}: expected at most 2 GB of pixels, got {plural(len(indices), 'image')}")
        splits[split] = Split(images[indices], numbers[part][indices])
    if seen := _seen_before(splits):
        notes.append(
            f"{plural(seen, 'test image')} of {len(splits['test'].labels):,} are among the training images too"
        )
    classes = _class_records(names, wanted.classes)
    first = splits["train"].images
    record = KeptRecord(
        name=name,
        title=_title(wanted.title or Text(name, name)),
        classes=classes,
        height=first.shape[1],
        width=first.shape[2],
        channels=3 if first.ndim == 4 else 1,
        polarity=shaped.polarity,
        sizes={split: len(images) for split, images in splits.items()},
        fingerprints={split: images.fingerprint for split, images in splits.items()},
        source=printable(shortened(path.name, 200)),
        notes=tuple(notes),
    )
    kept.keep(record, splits, root=root)
    return record


def _seen_before(splits: Mapping[str, Split]) -> int:
    """How many test images a network has seen in training, pixel by pixel."""
    known = {hashlib.sha256(image.tobytes()).digest() for image in splits["train"].images}
    return sum(hashlib.sha256(image.tobytes()).digest() in known for image in splits["test"].images)


def _title(title: Text) -> ClassRecord:
    cleaned = [one_line(text) for text in (title.ja, title.en)]
    if not all(0 < len(text) <= LONGEST_TITLE for text in cleaned):
        raise InputError(f"title: expected 1 to {LONGEST_TITLE} signs, got {max(map(len, cleaned))}")
    return ClassRecord(ja=cleaned[0], en=cleaned[1])


def _class_records(names: Sequence[str], given: Sequence[Text] | None) -> tuple[ClassRecord, ...]:
    japanese = {clean_name(text.en): clean_name(text.ja) for text in given or ()}
    return tuple(ClassRecord(ja=japanese.get(name, name), en=name) for name in names)


# ---------------------------------------------------------------- what it is


def _read(entries: Entries, wanted: Wanted) -> tuple[Found, list[str]]:
    files = [entry for entry in entries.files if wanted.only in entry.name]
    if not files:
        what = f"no file with {wanted.only!r} in its name" if entries.files else "nothing"
        raise InputError(f"path: {_EXPECTED}; got {what}")
    kinds: tuple[tuple[Callable[[Entry], bool], _Reader], ...] = (
        (lambda entry: entry.suffix in pictures.SUFFIXES, pictures.read_pictures),
        (lambda entry: entry.suffix == ".parquet", tables.read_parquet),
        (lambda entry: entry.suffix == ".npz", arrays.read_npz),
        (_is_idx, partial(arrays.read_idx, transposed=wanted.transposed)),
        (lambda entry: entry.suffix in (".csv", ".tsv"), tables.read_csv),
        (lambda entry: entry.suffix == ".bin" and "batch" in entry.name, arrays.read_cifar),
    )
    for is_kind, reader in kinds:
        if mine := [entry for entry in files if is_kind(entry)]:
            found = reader(mine)
            if not found.parts or not sum(map(len, found.parts.values())):
                raise InputError(f"path: {_EXPECTED}; got no images")
            return found, [*found.notes, *_left_out(entries, len(files) - len(mine))]
    raise InputError(f"path: {_EXPECTED}; got {shortened(', '.join(entry.name for entry in files[:5]), 200)}")


def _is_idx(entry: Entry) -> bool:
    name = entry.parts[-1].lower()
    return re.search(r"[-.]idx[0-9]", name) is not None and (name.endswith((".gz", "ubyte")) or entry.suffix == "")


def _left_out(entries: Entries, others: int) -> list[str]:
    notes = []
    if entries.hidden:
        notes.append(f"{plural(entries.hidden, 'hidden file')} left out")
    if others:
        notes.append(f"{plural(others, 'other file')} left out")
    return notes
