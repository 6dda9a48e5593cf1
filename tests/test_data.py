"""The data sets: the registry against torchvision, reading against toy files, digits against scikit-learn."""

import gzip
import hashlib
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistcore.datasets import data_files, digits, idx_files, loading, splits
from mnistcore.datasets.idx_files import FileProblem, IdxFile
from mnistcore.datasets.registry import DATASETS, Dataset, Text
from mnistcore.datasets.splits import SPLITS, Split
from mnistcore.errors import DataDamagedError, DataUnavailableError, InputError, UnknownNameError
from tests import mnist
from tests.here import here
from tests.mirrors import serving

TRAIN_SIZE, TEST_SIZE, HELD_OUT, CLASSES = 60, 20, 12, 3

# Pinned: a change of these numbers means that stored runs no longer fit their images.
HOLDOUT_OF_TWELVE = [0, 2, 4, 9]
DIGITS_FINGERPRINTS = {"train": "9dc28e33c540", "validation": "ef5ac9fbee77", "test": "8a4cb67c458c"}
MNIST_FINGERPRINTS = {"train": "5e075e29f979", "validation": "23376dc6876f", "test": "a0863a96c44e"}


def write_idx_gz(path: Path, array: npt.NDArray[np.uint8], *, head: bytes | None = None) -> str:
    """Write the array as the MNIST site does, and return the MD5 of the file."""
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) if head is None else head
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(head + array.tobytes(), mtime=0))
    return hashlib.md5(path.read_bytes()).hexdigest()


def toy_arrays() -> dict[str, npt.NDArray[np.uint8]]:
    generator = np.random.default_rng(0)
    arrays = {}
    for part, size in (("train", TRAIN_SIZE), ("t10k", TEST_SIZE)):
        arrays[f"{part}-images"] = generator.integers(0, 256, (size, 28, 28), dtype=np.uint8)
        arrays[f"{part}-labels"] = (np.arange(size) % CLASSES).astype(np.uint8)
    return arrays


def register(
    monkeypatch: pytest.MonkeyPatch, checksums: dict[str, str], unpacked: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Add the data set ``toy``, whose files have these checksums; of what is in them, where they are known."""
    files = tuple(
        IdxFile(
            name,
            md5,
            "train" if name.startswith("train") else "test",
            "images" if "images" in name else "labels",
            unpacked.get(name),
        )
        for name, md5 in checksums.items()
    )
    toy = Dataset(
        name="toy",
        title=Text("おもちゃ", "toy"),
        classes=tuple(Text(str(number), str(number)) for number in range(CLASSES)),
        mean=0.5,
        std=0.3,
        source="http://127.0.0.1/",
        licence="none",
        train_size=0,
        test_size=0,
        validation_size=HELD_OUT,
        folder="Toy",
        files=files,
    )
    monkeypatch.setitem(DATASETS, "toy", toy)


def file_name(stem: str) -> str:
    return f"{stem}-idx{3 if 'images' in stem else 1}-ubyte.gz"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that holds the registered data set ``toy``."""
    folder = tmp_path / "Toy" / "raw"
    register(
        monkeypatch,
        {file_name(stem): write_idx_gz(folder / file_name(stem), a) for stem, a in toy_arrays().items()},
    )
    return tmp_path


# The registry


@pytest.mark.parametrize("name", [name for name, dataset in DATASETS.items() if dataset.files])
def test_files_and_checksums_are_those_of_torchvision(name: str) -> None:
    from torchvision import datasets

    dataset = DATASETS[name]
    theirs = getattr(datasets, str(dataset.folder))
    assert [(file.name, file.md5) for file in dataset.files] == [tuple(pair) for pair in theirs.resources]
    assert data_files._torchvision_mirrors(dataset) == tuple(theirs.mirrors)


def test_class_names_are_those_of_torchvision() -> None:
    from torchvision import datasets

    assert [text.en for text in DATASETS["fashion-mnist"].classes] == datasets.FashionMNIST.classes
    assert [text.en.split()[1].strip("()") for text in DATASETS["kmnist"].classes] == datasets.KMNIST.classes
    assert [text.ja for text in DATASETS["mnist"].classes] == list("0123456789")


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_is_described_in_both_languages(name: str) -> None:
    dataset = DATASETS[name]
    texts = (dataset.title, *dataset.classes)
    assert dataset.name == name
    assert all(text.ja and text.en for text in texts)
    assert len({text.ja for text in dataset.classes}) == len({text.en for text in dataset.classes})
    assert dataset.num_classes == {"emnist-balanced": 47, "k49": 49}.get(name, 10)
    assert dataset.source.startswith("http")
    assert dataset.licence
    assert dataset.needs_download == (dataset.folder is not None or dataset.archive is not None)


def test_reading_imports_neither_torch_nor_scikit_learn() -> None:
    code = (
        "import sys; from mnistcore.datasets import data_files, loading; loading.load_split('digits', 'test'); data_files.is_available('mnist');"
        "sys.exit(', '.join({'torch', 'torchvision', 'sklearn', 'pandas'} & set(sys.modules)) or 0)"
    )
    repository = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# Reading files


def test_reads_what_was_written(root: Path) -> None:
    arrays = toy_arrays()
    test = loading.load_split("toy", "test", root=root)
    np.testing.assert_array_equal(test.images, arrays["t10k-images"])
    np.testing.assert_array_equal(test.labels, arrays["t10k-labels"])
    assert (test.images.dtype, test.labels.dtype) == (np.uint8, np.int64)
    assert test.images.flags.writeable  # or torch.from_numpy warns


def test_validation_and_train_share_out_the_training_file(root: Path) -> None:
    arrays = toy_arrays()
    train, validation = (loading.load_split("toy", split, root=root) for split in ("train", "validation"))
    assert np.bincount(validation.labels).tolist() == [HELD_OUT // CLASSES] * CLASSES
    rows = {image.tobytes() for image in train.images} | {image.tobytes() for image in validation.images}
    assert len(train) + len(validation) == TRAIN_SIZE
    assert rows == {image.tobytes() for image in arrays["train-images"]}


def test_the_folder_is_the_configured_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNISTCORE_DATA", str(root))
    assert data_files.is_available("toy")
    assert data_files.dataset_folder("toy") == here().data / "Toy" / "raw"
    assert loading.load_split("toy", "test").fingerprint == loading.load_split("toy", "test", root=root).fingerprint


def test_digits_has_no_folder_and_is_always_available(tmp_path: Path) -> None:
    assert data_files.dataset_folder("digits") is None
    assert data_files.is_available("digits", root=tmp_path)
    data_files.prepare("digits", root=tmp_path, mirrors=[])
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_named_with_its_folder_and_the_way_on(root: Path) -> None:
    folder = root / "Toy" / "raw"
    (folder / file_name("train-labels")).unlink()
    with pytest.raises(DataUnavailableError) as caught:
        loading.load_split("toy", "validation", root=root)
    message = str(caught.value)
    for part in (
        file_name("train-labels"),
        str(folder),
        "python -m mnistcore datasets --fetch toy",
        "'digits'",
    ):
        assert part in message
    assert file_name("train-images") not in message
    assert len(loading.load_split("toy", "test", root=root)) == TEST_SIZE  # needs the other two files only
    assert data_files.file_problems("toy", root=root) == (FileProblem(file_name("train-labels"), damaged=False),)


@pytest.mark.parametrize("place", ["nothing there", "a file"])
def test_no_folder_at_all(root: Path, place: str) -> None:
    elsewhere = root / "elsewhere"
    if place == "a file":
        elsewhere.touch()
    with pytest.raises(DataUnavailableError, match="'digits'"):
        loading.load_split("toy", "train", root=elsewhere)
    assert [problem.damaged for problem in data_files.file_problems("toy", root=elsewhere)] == [False] * 4


def test_a_file_that_cannot_be_read(root: Path) -> None:
    path = root / "Toy" / "raw" / file_name("t10k-images")
    path.unlink()
    path.mkdir()
    with pytest.raises(DataUnavailableError, match=r"cannot read t10k-images.*Is a directory"):
        loading.load_split("toy", "test", root=root)
    (problem,) = data_files.file_problems("toy", root=root)
    assert (problem.file, problem.damaged, problem.unreadable) == (path.name, True, "Is a directory")


@pytest.mark.parametrize("damage", ["truncated", "one bit", "empty", "unpacked"])
def test_a_damaged_file_is_found_by_its_checksum(root: Path, damage: str) -> None:
    path = root / "Toy" / "raw" / file_name("t10k-images")
    content = path.read_bytes()
    damaged = {
        "truncated": content[:-100],
        "one bit": content[:50] + bytes((content[50] ^ 1,)) + content[51:],
        "empty": b"",
        "unpacked": gzip.decompress(content),
    }[damage]
    path.write_bytes(damaged)
    with pytest.raises(DataDamagedError) as caught:
        loading.load_split("toy", "test", root=root)
    message = str(caught.value)
    checksums = (hashlib.md5(content).hexdigest(), hashlib.md5(damaged).hexdigest())
    for part in (path.name, str(path.parent), *checksums, "datasets --fetch toy", "'digits'"):
        assert part in message
    assert not data_files.is_available("toy", root=root)
    assert path.read_bytes() == damaged  # looked at, left alone


@pytest.mark.parametrize(
    ("images", "labels", "head", "reason"),
    [
        ((4, 28, 28), [0, 1, 2, 3], None, "expected labels from 0 to 2, found 3"),
        ((4, 28, 28), [0, 1, 2], None, "expected 3 images"),
        ((4, 20, 28), [0, 1, 2, 0], None, "expected 4 images"),
        ((4, 28, 28), [0, 1, 2, 0], b"\x00\x00\x0d\x03", "IDX header"),
        (
            (4, 28, 28),
            [0, 1, 2, 0],
            b"\x00\x00\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x1c",
            "values for",
        ),
        ((0, 28, 28), [0], b"", "found nothing"),
    ],
    ids=["label", "number", "shape", "type", "lengths", "empty"],
)
def test_right_checksum_but_wrong_content(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    images: tuple[int, ...],
    labels: list[int],
    head: bytes | None,
    reason: str,
) -> None:
    folder = tmp_path / "Toy" / "raw"
    names = file_name("t10k-images"), file_name("t10k-labels")
    checksums = {
        names[0]: write_idx_gz(folder / names[0], np.zeros(images, dtype=np.uint8), head=head),
        names[1]: write_idx_gz(folder / names[1], np.array(labels, dtype=np.uint8)),
    }
    register(monkeypatch, checksums)
    with pytest.raises(DataDamagedError, match=reason):
        loading.load_split("toy", "test", root=tmp_path)


def test_right_checksum_but_no_gzip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "Toy" / "raw"
    folder.mkdir(parents=True)
    for stem in ("t10k-images", "t10k-labels"):
        (folder / file_name(stem)).write_bytes(b"plain")
    md5 = hashlib.md5(b"plain").hexdigest()
    register(monkeypatch, {file_name("t10k-images"): md5, file_name("t10k-labels"): md5})
    with pytest.raises(DataDamagedError, match="a whole gzip file"):
        loading.load_split("toy", "test", root=tmp_path)


@pytest.mark.parametrize("name", ["emnist", "", "MNIST"])
def test_unknown_names(name: str) -> None:
    for call in (
        data_files.is_available,
        data_files.prepare,
        data_files.dataset_folder,
        lambda name: loading.load_split(name, "test"),
    ):
        with pytest.raises(UnknownNameError, match=r"unknown data set .*mnist, fashion-mnist, kmnist, digits"):
            call(name)
    with pytest.raises(UnknownNameError, match="unknown split 'dev': expected one of train, validation, test"):
        loading.load_split("digits", "dev")


# Files as people have them


@pytest.fixture
def known(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder ``raw`` of ``toy``, of which it is known what is in each file."""
    folder = root / "Toy" / "raw"
    packed = {path.name: path.read_bytes() for path in folder.iterdir()}
    register(
        monkeypatch,
        {name: hashlib.md5(content).hexdigest() for name, content in packed.items()},
        {name: hashlib.md5(gzip.decompress(content)).hexdigest() for name, content in packed.items()},
    )
    return folder


def unpack(path: Path, to: Path) -> None:
    content = gzip.decompress(path.read_bytes())
    path.unlink()
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(content)


def pack_anew(path: Path, to: Path) -> None:
    content = gzip.decompress(path.read_bytes())
    path.unlink()
    to.write_bytes(gzip.compress(content, compresslevel=1, mtime=1))


WAYS: dict[str, Callable[[Path], None]] = {
    "unpacked": lambda path: unpack(path, path.with_suffix("")),
    "unpacked, with dots": lambda path: unpack(path, path.with_name(path.stem.replace("-idx", ".idx"))),
    "unpacked, called .gz": lambda path: unpack(path, path),
    "unpacked, in capitals": lambda path: unpack(path, path.with_name(path.stem.upper())),
    "unpacked, in a folder of its own": lambda path: unpack(path, path.with_name(path.stem) / path.stem),
    "unpacked, above": lambda path: unpack(path, path.parent.parent / path.stem),
    "as downloaded, above": lambda path: path.rename(path.parent.parent / path.name),
    "as downloaded, without .gz": lambda path: path.rename(path.with_suffix("")),
    "as downloaded twice": lambda path: path.rename(path.with_name(f"{path.stem} (1).gz")),
    "packed anew": lambda path: pack_anew(path, path),
    "packed anew, with dots": lambda path: pack_anew(path, path.with_name(path.name.replace("-idx", ".idx"))),
}


@pytest.mark.parametrize("way", WAYS)
def test_files_are_read_as_what_they_are(way: str, known: Path, root: Path) -> None:
    expected = loading.load_splits("toy", root=root)
    for path in list(known.iterdir()):
        WAYS[way](path)
    assert data_files.file_problems("toy", root=root) == ()
    found = loading.load_splits("toy", root=root)
    assert {name: split.fingerprint for name, split in found.items()} == {
        name: split.fingerprint for name, split in expected.items()
    }
    data_files.prepare("toy", root=root, mirrors=["http://127.0.0.1:9/"])  # nothing to do, nobody is asked


def test_a_right_file_elsewhere_counts_where_the_one_in_its_place_is_damaged(known: Path, root: Path) -> None:
    path = known / file_name("t10k-images")
    WAYS["unpacked"](path)
    path.write_bytes(b"half")
    assert data_files.is_available("toy", root=root)
    assert len(loading.load_split("toy", "test", root=root)) == TEST_SIZE


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b"PK\x03\x04...", "a zip archive: unpack it here"),
        (b"BZh9...", "bunzip2"),
        (b"\xfd7zXZ\0...", "unxz"),
        (b"<!DOCTYPE html><html>404", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
        (gzip.compress(b"x" * 1000, mtime=0)[:-20], "a gzip file that is not whole"),
        (gzip.compress(b"hello", mtime=0), "no IDX file"),
        (struct.pack(">BBBBI", 0, 0, 8, 1, 3) + b"\0\1\2", "an IDX file of 3, unpacked, with other content"),
    ],
)
@pytest.mark.parametrize("name", ["t10k-labels-idx1-ubyte.gz", "t10k-labels.idx1-ubyte", "t10k-labels-idx1-ubyte.zip"])
def test_what_is_not_the_file_is_named_with_what_to_do(
    content: bytes, words: str, name: str, known: Path, root: Path
) -> None:
    (known / file_name("t10k-labels")).unlink()
    (known / name).write_bytes(content)
    with pytest.raises(DataDamagedError) as caught:
        loading.load_split("toy", "test", root=root)
    (problem,) = data_files.file_problems("toy", root=root)
    for part in (words, str(known / name), "datasets --fetch toy"):
        assert part in str(caught.value)
    assert words in problem.found


def test_content_that_no_checksum_proves_is_named_not_read(root: Path) -> None:
    WAYS["unpacked"](root / "Toy" / "raw" / file_name("t10k-images"))  # of toy only the packed files are known
    with pytest.raises(
        DataDamagedError, match=rf"an IDX file of {TEST_SIZE} x 28 x 28, unpacked, which cannot be proved"
    ):
        loading.load_split("toy", "test", root=root)


@pytest.mark.parametrize("name", ["t10k-labels-idx1-ubyte.gz", "t10k-labels.idx1-ubyte"])
def test_a_pipe_in_a_files_place_keeps_nobody_waiting(name: str, known: Path, root: Path) -> None:
    (known / file_name("t10k-labels")).unlink()
    os.mkfifo(known / name)
    with pytest.raises(DataUnavailableError, match="expected a file, got something else"):
        loading.load_split("toy", "test", root=root)


def test_the_signature_changes_with_the_files(known: Path, root: Path) -> None:
    before = data_files.signature("toy", root=root)
    assert data_files.signature("toy", root=root) == before
    WAYS["unpacked"](known / file_name("t10k-labels"))
    after = data_files.signature("toy", root=root)
    assert after != before
    (known / "notes.txt").write_text("mine")
    assert data_files.signature("toy", root=root) == after
    assert data_files.signature("digits") == ()


# Downloading


def test_prepare_fetches_what_is_missing_or_damaged_and_nothing_else(root: Path, tmp_path: Path) -> None:
    there, raw = tmp_path / "Toy" / "raw", tmp_path / "other" / "Toy" / "raw"
    raw.mkdir(parents=True)
    for path in there.iterdir():
        (raw / path.name).write_bytes(path.read_bytes())
    (raw / file_name("train-images")).unlink()
    (raw / file_name("t10k-labels")).write_bytes(b"half")
    asked = set()
    with serving(there) as mirror:
        data_files.prepare(
            "toy",
            root=tmp_path / "other",
            mirrors=[mirror],
            on_progress=lambda progress: asked.add(progress.file),
        )
    assert asked == {file_name("train-images"), file_name("t10k-labels")}
    assert data_files.is_available("toy", root=tmp_path / "other")
    data_files.prepare(
        "toy", root=tmp_path / "other", mirrors=["http://127.0.0.1:9/"]
    )  # nothing to do, nobody is asked


def test_prepare_leaves_a_damaged_file_that_it_cannot_replace(root: Path, tmp_path: Path) -> None:
    path = root / "Toy" / "raw" / file_name("t10k-labels")
    path.write_bytes(b"half")
    (tmp_path / "empty").mkdir()
    with serving(tmp_path / "empty") as mirror, pytest.raises(DataUnavailableError) as caught:
        data_files.prepare("toy", root=root, mirrors=[mirror], timeout_seconds=10)
    message = str(caught.value)
    for part in (
        path.name,
        str(path.parent),
        "HTTP 404",
        f"Damaged and still there: {path.name}",
        "'digits'",
    ):
        assert part in message
    assert path.read_bytes() == b"half"


def test_prepare_refuses_a_time_that_is_none(root: Path) -> None:
    (root / "Toy" / "raw" / file_name("t10k-labels")).unlink()
    with pytest.raises(InputError, match="timeout_seconds"):
        data_files.prepare("toy", root=root, mirrors=["http://127.0.0.1:9/"], timeout_seconds=0)


# Splits


@settings(deadline=None)
@given(
    labels=st.lists(st.integers(0, 3), max_size=60).map(lambda values: np.array(values, dtype=np.int64)),
    share=st.floats(0, 1),
)
def test_holdout_takes_its_share_of_every_class(labels: npt.NDArray[np.int64], share: float) -> None:
    size = int(share * len(labels))
    chosen = splits.holdout(labels, size, num_classes=4)
    assert chosen.sum() == size
    expected = np.bincount(labels, minlength=4) * size / max(1, len(labels))
    assert (np.abs(np.bincount(labels[chosen], minlength=4) - expected) < 1).all()
    np.testing.assert_array_equal(chosen, splits.holdout(labels, size, num_classes=4))


def test_holdout_is_the_same_for_good() -> None:
    labels = np.arange(12) % 3
    assert np.flatnonzero(splits.holdout(labels, 4, num_classes=3, seed=1)).tolist() == HOLDOUT_OF_TWELVE


@pytest.mark.parametrize("size", [-1, 4])
def test_holdout_refuses_more_than_there_is(size: int) -> None:
    with pytest.raises(InputError, match="expected 0 to 3"):
        splits.holdout(np.zeros(3, dtype=np.int64), size, num_classes=1)


def test_fingerprint_is_of_images_then_labels() -> None:
    images, labels = np.arange(2 * 784, dtype=np.uint64).astype(np.uint8).reshape(2, 28, 28), np.array([1, 2])
    expected = hashlib.sha256(images.tobytes() + labels.astype("<i8").tobytes()).hexdigest()
    assert Split(images, labels).fingerprint == expected
    assert Split(images[:, ::-1], labels).fingerprint != expected
    assert Split(images, labels[::-1].copy()).fingerprint != expected
    assert len(Split(images[:0], labels[:0]).fingerprint) == 64


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        (np.zeros((2, 28, 28)), np.zeros(2, dtype=np.int64), "images: expected uint8"),
        (np.zeros((2, 784), dtype=np.uint8), np.zeros(2, dtype=np.int64), "images: expected uint8"),
        (
            np.zeros((2, 28, 28), dtype=np.uint8),
            np.zeros(3, dtype=np.int64),
            r"labels: expected int64 \(2,\)",
        ),
        (np.zeros((2, 28, 28), dtype=np.uint8), np.zeros(2, dtype=np.int32), "labels: expected int64"),
    ],
)
def test_a_split_refuses_what_it_is_not(
    images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64], reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        Split(images, labels)


# digits


def test_digits_are_those_of_scikit_learn() -> None:
    from sklearn.datasets import load_digits

    theirs = load_digits()
    values, labels = digits.digits_values()
    np.testing.assert_array_equal(values, theirs.images)
    np.testing.assert_array_equal(labels, theirs.target)


@pytest.mark.parametrize("splits", [SPLITS, ("test",), ("validation", "train"), ()])
def test_several_splits_are_those_read_one_by_one(root: Path, splits: tuple[str, ...]) -> None:
    for name in ("toy", "digits"):
        together = loading.load_splits(name, splits, root=root)
        assert tuple(together) == splits
        for split, found in together.items():
            alone = loading.load_split(name, split, root=root)
            assert np.array_equal(found.images, alone.images)
            assert np.array_equal(found.labels, alone.labels)
    with pytest.raises(UnknownNameError, match="split"):
        loading.load_splits("toy", ("train", "tests"), root=root)


def test_digits_are_split_by_class_and_for_good() -> None:
    splits = {split: loading.load_split("digits", split) for split in SPLITS}
    assert {name: len(split) for name, split in splits.items()} == {
        "train": 1257,
        "validation": 180,
        "test": 360,
    }
    for split in splits.values():
        assert split.images.shape == (len(split), 28, 28)
        shares = np.bincount(split.labels) / len(split)
        assert np.ptp(shares) < 0.02
    labels = np.concatenate([split.labels for split in splits.values()])
    assert np.bincount(labels).tolist() == np.bincount(digits.digits_values()[1]).tolist()
    assert {name: split.fingerprint[:12] for name, split in splits.items()} == DIGITS_FINGERPRINTS


def test_digits_look_like_those_of_mnist() -> None:
    images = loading.load_split("digits", "train").images
    assert images.max() == 255
    assert np.median(images) == 0  # white on black
    margin = np.ones((28, 28), dtype=np.bool_)
    margin[3:-3, 3:-3] = False
    assert not images[:, margin].any()


def test_digits_mean_and_std_are_those_of_the_training_pixels() -> None:
    pixels = loading.load_split("digits", "train").images / 255
    assert (round(pixels.mean(), 4), round(pixels.std(), 4)) == (
        DATASETS["digits"].mean,
        DATASETS["digits"].std,
    )


def test_digits_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DataUnavailableError, match="pip install scikit-learn"):
        loading.load_split("digits", "test")


def test_mnist_is_split_as_stated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mnist.write(tmp_path)
    monkeypatch.setitem(DATASETS, "mnist", DATASETS["mnist"])  # put back afterwards
    mnist.register(tmp_path)
    check_sizes(loading.load_splits("mnist", root=tmp_path))


@pytest.mark.needs_mnist
def test_the_real_mnist_is_the_one_that_runs_were_made_with(mnist_root: Path) -> None:
    splits = loading.load_splits("mnist", root=mnist_root)
    check_sizes(splits)
    assert splits["test"].labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    pixels = np.concatenate([splits[name].images for name in ("train", "validation")]).astype(np.float32) / 255
    assert (round(float(pixels.mean()), 4), round(float(pixels.std()), 4)) == (0.1307, 0.3081)
    assert {name: split.fingerprint[:12] for name, split in splits.items()} == MNIST_FINGERPRINTS


def check_sizes(splits: dict[str, Split]) -> None:
    """Those that its authors state, and of each class its share held out."""
    train, validation, test = (splits[name] for name in SPLITS)
    assert (len(train), len(validation), len(test)) == (55_000, 5_000, 10_000)
    stated = DATASETS["mnist"]
    assert (stated.train_size, stated.validation_size, stated.test_size) == (len(train), len(validation), len(test))
    whole = np.bincount(np.concatenate((train.labels, validation.labels)))
    assert tuple(whole.tolist()) == mnist.COUNTS["train"]
    assert tuple(np.bincount(test.labels).tolist()) == mnist.COUNTS["t10k"]
    assert (np.abs(np.bincount(validation.labels) - whole / 12) < 1).all()


@pytest.mark.needs_mnist
def test_what_is_in_mnists_files_is_known(mnist_root: Path) -> None:
    folder = data_files.dataset_folder("mnist", root=mnist_root)
    assert folder is not None
    for file in DATASETS["mnist"].files:
        content = idx_files.read(folder, file)
        assert isinstance(content, bytes)
        assert hashlib.md5(content).hexdigest() == file.content_md5
