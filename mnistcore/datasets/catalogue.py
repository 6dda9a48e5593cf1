"""Owns which data sets there are here: those of the registry, and those that are kept below the data folder."""

from dataclasses import replace
from pathlib import Path

from mnistcore.datasets.own import kept
from mnistcore.datasets.own.kept import Damaged, KeptRecord
from mnistcore.datasets.registry import DATASETS, Dataset, Text
from mnistcore.errors import DataDamagedError, UnknownNameError
from mnistcore.workspace import Workspace


def data_root(root: Path | None = None) -> Path:
    """The data folder; that of the environment's `Workspace` if None is named."""
    return Workspace.from_environment().data if root is None else root


def all_datasets(*, root: Path | None = None) -> dict[str, Dataset]:
    """Name -> what is known of it: the registered ones first, then one's own by name.

    Args:
        root: the data folder; that of the environment's `Workspace` if None.
    """
    found = dict(DATASETS)
    for record in kept.records(root=data_root(root)):
        if isinstance(record, KeptRecord) and _may_be_kept(record.name):
            found[record.name] = _described(record)
    return found


def damaged_datasets(*, root: Path | None = None) -> tuple[Damaged, ...]:
    """What lies among the data sets of one's own and cannot be read."""
    return tuple(found for found in kept.records(root=data_root(root)) if isinstance(found, Damaged))


def kept_names(*, root: Path | None = None) -> tuple[str, ...]:
    """The data sets that are kept below the data folder, the damaged ones too."""
    return tuple(found.name for found in kept.records(root=data_root(root)))


def is_kept(name: str, *, root: Path | None = None) -> bool:
    """Whether a data set of that name is kept below the data folder, damaged or not."""
    return name in kept_names(root=root)


def find_dataset(name: str, *, root: Path | None = None) -> Dataset:
    """What is known about a data set.

    Raises:
        UnknownNameError: there is none of that name; the message names those there are.
        DataDamagedError: it is one's own, and what is kept of it cannot be read.
    """
    record = kept.read_record(name, root=data_root(root)) if _may_be_kept(name) and _is_plain(name) else None
    if isinstance(record, KeptRecord):
        return _described(record)
    if name in DATASETS:
        return DATASETS[name]
    if isinstance(record, Damaged):
        raise DataDamagedError(
            f"the data set {name} is damaged: {record.reason}. `python -m mnistcore datasets --remove {name}`, then "
            "add it again"
        )
    raise UnknownNameError("data set", name, all_datasets(root=root))


def _may_be_kept(name: str) -> bool:
    """Whether a folder of that name is looked at: not for those that come in files of their own."""
    return name not in DATASETS or DATASETS[name].archive is not None


def _is_plain(name: str) -> bool:
    """Whether it can be the name of a folder at all."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name and len(name) <= 100


def _described(record: KeptRecord) -> Dataset:
    facts = Dataset(
        name=record.name,
        title=Text(record.title.ja, record.title.en),
        classes=tuple(Text(each.ja, each.en) for each in record.classes),
        mean=None,
        std=None,
        source=record.source,
        licence="",
        train_size=record.sizes["train"],
        validation_size=record.sizes["validation"],
        test_size=record.sizes["test"],
        image_shape=(record.height, record.width),
        channels=record.channels,
        polarity=record.polarity,
        kept=True,
    )
    known = DATASETS.get(record.name)
    if known is None:
        return facts
    return replace(facts, title=known.title, source=known.source, licence=known.licence, archive=known.archive)
