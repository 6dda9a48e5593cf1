"""The data sets that are read once from an archive: made-up files in the layouts of EMNIST, K49 and CIFAR-10."""

import gzip
import hashlib
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnistcore.datasets import catalogue, data_files, loading
from mnistcore.datasets.downloads import RemoteFile
from mnistcore.datasets.registry import DATASETS
from mnistcore.errors import DataDamagedError, DataUnavailableError
from tests.mirrors import serving


def images_of(count: int, shape: tuple[int, ...] = (28, 28)) -> np.ndarray:
    images = np.zeros((count, *shape), dtype=np.uint8)
    images[:, 3, 9] = 200
    return images


def idx(array: np.ndarray) -> bytes:
    return (
        bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()
    )


def emnist(folder: Path) -> None:
    """gzip.zip, which holds several sets; in this one 47 classes of ten and two images."""
    with zipfile.ZipFile(folder / "gzip.zip", "w") as archive:
        for name, each in (("balanced", 10), ("letters", 1)):
            for split, count in (("train", each * 47), ("test", 2 * 47)):
                labels = np.arange(count) % 47
                images = images_of(count).swapaxes(1, 2)  # as it is stored
                archive.writestr(f"gzip/emnist-{name}-{split}-images-idx3-ubyte.gz", gzip.compress(idx(images)))
                archive.writestr(f"gzip/emnist-{name}-{split}-labels-idx1-ubyte.gz", gzip.compress(idx(labels)))
            archive.writestr(f"gzip/emnist-{name}-mapping.txt", "0 48")


def k49(folder: Path) -> None:
    """Four .npz; the last class is rarer than the others."""
    for split, each in (("train", 20), ("test", 2)):
        labels = np.concatenate([np.repeat(np.arange(48), each), [48, 48, 48]]).astype(np.uint8)
        np.savez_compressed(folder / f"k49-{split}-imgs.npz", images_of(len(labels)))
        np.savez_compressed(folder / f"k49-{split}-labels.npz", labels)


def cifar10(folder: Path) -> None:
    """A tar of five batches to train on and one for the test."""
    with tarfile.open(folder / "cifar-10-binary.tar.gz", "w:gz") as archive:
        for name in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta"):
            rows = np.zeros((20, 3073), dtype=np.uint8)
            rows[:, 0] = np.arange(20) % 10
            rows[:, 1 + 2 * 1024 + 3 * 32 + 9] = 200  # blue, row 3, column 9
            data = b"airplane\n" if name == "batches.meta" else rows.tobytes()
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}.{'txt' if name == 'batches.meta' else 'bin'}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


MADE = {"emnist-balanced": emnist, "k49": k49, "cifar10": cifar10}
SIZES = {
    "emnist-balanced": {"train": 423, "validation": 47, "test": 94},
    "k49": {"train": 866, "validation": 97, "test": 99},
    "cifar10": {"train": 90, "validation": 10, "test": 20},
}


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A folder with a data set's files, whose checksums are the registered ones."""
    monkeypatch.setenv("MNISTCORE_DATA", str(tmp_path / "data"))

    def make(name: str) -> Path:
        folder = tmp_path / "mirror"
        folder.mkdir()
        MADE[name](folder)
        archive = DATASETS[name].archive
        assert archive is not None
        files = tuple(
            RemoteFile(file.name, hashlib.md5((folder / file.name).read_bytes()).hexdigest()) for file in archive.files
        )
        monkeypatch.setitem(DATASETS, name, replace(DATASETS[name], archive=replace(archive, files=files)))
        return folder

    return make


@pytest.mark.parametrize("name", MADE)
def test_an_archive_is_downloaded_checked_read_and_kept(name: str, mirror: Callable[[str], Path]) -> None:
    folder = mirror(name)
    assert not data_files.is_available(name)
    with pytest.raises(DataUnavailableError, match=f"--fetch {name}"):
        loading.load_split(name, "test")
    with serving(folder) as address:
        data_files.prepare(name, mirrors=[address])
    assert data_files.is_available(name)
    splits = loading.load_splits(name)
    assert {split: len(found) for split, found in splits.items()} == SIZES[name]
    known = catalogue.find_dataset(name)
    assert [len(known.classes), known.title] == [DATASETS[name].num_classes, DATASETS[name].title]
    assert known.classes == DATASETS[name].classes
    assert (known.input_shape, known.polarity) == (DATASETS[name].input_shape, DATASETS[name].polarity)
    for found in splits.values():
        assert set(found.labels.tolist()) == set(range(known.num_classes))
        first = found.images[0]
        assert np.argwhere(first).tolist() == ([[3, 9, 2]] if name == "cifar10" else [[3, 9]])
    left = list((catalogue.data_root() / DATASETS[name].archive.folder).iterdir())  # type: ignore[union-attr]
    assert left == []  # what was downloaded is kept in one form only


def test_files_that_lie_there_are_read_without_a_network(mirror: Callable[[str], Path]) -> None:
    folder = mirror("k49")
    place = catalogue.data_root() / "K49"
    place.parent.mkdir()
    folder.rename(place)
    data_files.prepare("k49", mirrors=[])
    assert data_files.is_available("k49")
    assert len(list(place.iterdir())) == 4


def test_an_archive_with_another_checksum_is_refused(mirror: Callable[[str], Path]) -> None:
    folder = mirror("cifar10")
    (folder / "cifar-10-binary.tar.gz").write_bytes(b"other")
    with serving(folder) as address, pytest.raises(DataUnavailableError, match="checksum"):
        data_files.prepare("cifar10", mirrors=[address])
    assert not data_files.is_available("cifar10")


def test_what_is_damaged_is_read_again(mirror: Callable[[str], Path]) -> None:
    folder = mirror("cifar10")
    with serving(folder) as address:
        data_files.prepare("cifar10", mirrors=[address])
        (catalogue.data_root() / "kept" / "cifar10" / "test.safetensors").write_bytes(b"")
        with pytest.raises(DataDamagedError, match="cifar10"):
            loading.load_split("cifar10", "test")
        data_files.prepare("cifar10", mirrors=[address])
    assert len(loading.load_split("cifar10", "test")) == 20


def test_the_classes_of_emnist_are_those_of_torchvision() -> None:
    from torchvision.datasets import EMNIST

    assert [text.en for text in DATASETS["emnist-balanced"].classes] == EMNIST.classes_split_dict["balanced"]
    archive = DATASETS["emnist-balanced"].archive
    assert archive is not None
    assert [archive.mirrors[0] + archive.files[0].name, archive.files[0].md5] == [EMNIST.url, EMNIST.md5]
