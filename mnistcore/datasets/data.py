"""Owns the data sets: what they are, where they lie, their splits as arrays; imports no torch to read them.

Every data set gives the same shape of result. Pixels are white on black (0 is background), 28 x 28. Reading
verifies each file against its checksum and never downloads; ``prepare`` downloads.
"""

import hashlib
import importlib.util
import time
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from mnistcore import config
from mnistcore.datasets import idx_files
from mnistcore.datasets.downloads import OnProgress, RemoteFile, fetch_files
from mnistcore.datasets.idx_files import FileProblem, IdxFile, IdxFormatError, UInt8Array
from mnistcore.errors import DataDamagedError, DataUnavailableError, InputError, LibraryError, UnknownNameError
from mnistcore.libraries import importing

SPLITS = ("train", "validation", "test")
SPLIT_SEED = 20_230_517  # fixed for good: it decides which images are held out, for every run and every seed

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Japanese and English."""

    ja: str
    en: str


ClassName = Text


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is known about a data set without reading it."""

    name: str
    title: Text
    classes: tuple[ClassName, ...]
    mean: float  # of the training pixels in 0..1
    std: float  # of the training pixels in 0..1
    source: str  # address of its home page
    licence: str
    train_size: int  # images that are learned from
    validation_size: int  # images held out of those that are not the test's
    test_size: int  # images that a model is evaluated on
    folder: str | None = None  # below the data folder, as torchvision names its class; None: comes with scikit-learn
    files: tuple[IdxFile, ...] = ()
    image_shape: tuple[int, int] = (28, 28)  # rows, columns

    @property
    def needs_download(self) -> bool:
        """Whether there are files that have to be on disk."""
        return bool(self.files)

    @property
    def num_classes(self) -> int:
        """C, the number of classes."""
        return len(self.classes)


@dataclass(frozen=True, eq=False)
class Split:
    """Images and their labels.

    ``images`` is uint8 (N, 28, 28), 0 is background: image, row, column. ``labels`` is int64 (N,), a class
    number from 0 for each image.
    """

    images: UInt8Array
    labels: Int64Array

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.ndim != 3:
            raise InputError(f"images: expected uint8 (N, rows, columns), got {_shape(self.images)}")
        if self.labels.dtype != np.int64 or self.labels.shape != self.images.shape[:1]:
            raise InputError(f"labels: expected int64 ({len(self.images)},), got {_shape(self.labels)}")

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 in hex over the bytes of the images, then of the labels (little-endian)."""
        digest = hashlib.sha256(np.ascontiguousarray(self.images).data)
        digest.update(np.ascontiguousarray(self.labels, dtype="<i8").data)
        return digest.hexdigest()


_MNIST_NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def _mnist_files(packed: Sequence[str], unpacked: Sequence[str | None] = (None,) * 4) -> tuple[IdxFile, ...]:
    """The four files of a data set made like MNIST, from their checksums in the order of `_MNIST_NAMES`."""
    return tuple(
        IdxFile(
            name,
            md5,
            "train" if name.startswith("train") else "test",
            "images" if "images" in name else "labels",
            content_md5,
        )
        for name, md5, content_md5 in zip(_MNIST_NAMES, packed, unpacked, strict=True)
    )


_DIGITS = tuple(Text(str(digit), str(digit)) for digit in range(10))

# Checksums of the .gz as torchvision.datasets states them (`resources`), of what is in them as computed from those
# files; KMNIST's are not known. Class names by the authors of each data set.
DATASETS: dict[str, Dataset] = {
    "mnist": Dataset(
        name="mnist",
        title=Text("MNIST（手書き数字）", "MNIST (handwritten digits)"),
        classes=_DIGITS,
        mean=0.1307,
        std=0.3081,
        source="http://yann.lecun.com/exdb/mnist/",
        licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
        train_size=55_000,
        validation_size=5_000,
        test_size=10_000,
        folder="MNIST",
        files=_mnist_files(
            (
                "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "d53e105ee54ea40749a09fcbcd1e9432",
                "9fb629c4189551a2d022fa330f9573f3",
                "ec29112dd5afa0611ce80d1b7f02629c",
            ),
            (
                "6bbc9ace898e44ae57da46a324031adb",
                "a25bea736e30d166cdddb491f175f624",
                "2646ac647ad5339dbf082846283269ea",
                "27ae3e4e09519cfbb04c329615203637",
            ),
        ),
    ),
    "fashion-mnist": Dataset(
        name="fashion-mnist",
        title=Text("Fashion-MNIST（衣類）", "Fashion-MNIST (clothes)"),
        classes=(
            Text("Tシャツ/トップス", "T-shirt/top"),
            Text("ズボン", "Trouser"),
            Text("プルオーバー", "Pullover"),
            Text("ドレス", "Dress"),
            Text("コート", "Coat"),
            Text("サンダル", "Sandal"),
            Text("シャツ", "Shirt"),
            Text("スニーカー", "Sneaker"),
            Text("バッグ", "Bag"),
            Text("アンクルブーツ", "Ankle boot"),
        ),
        mean=0.2860,
        std=0.3530,
        source="https://github.com/zalandoresearch/fashion-mnist",
        licence="MIT, Zalando SE",
        train_size=55_000,
        validation_size=5_000,
        test_size=10_000,
        folder="FashionMNIST",
        files=_mnist_files(
            (
                "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "25c81989df183df01b3e8a0aad5dffbe",
                "bef4ecab320f06d8554ea6380940ec79",
                "bb300cfdad3c16e7a12a480ee83cd310",
            ),
            (
                "f4a8712d7a061bf5bd6d2ca38dc4d50a",
                "9018921c3c673c538a1fc5bad174d6f9",
                "8181f5470baa50b63fa0f6fddb340f0a",
                "15d484375f8d13e6eb1aabb0c3f46965",
            ),
        ),
    ),
    "kmnist": Dataset(
        name="kmnist",
        title=Text("KMNIST（くずし字）", "KMNIST (cursive Japanese)"),
        classes=(
            Text("お", "お (o)"),
            Text("き", "き (ki)"),
            Text("す", "す (su)"),
            Text("つ", "つ (tsu)"),
            Text("な", "な (na)"),
            Text("は", "は (ha)"),
            Text("ま", "ま (ma)"),
            Text("や", "や (ya)"),
            Text("れ", "れ (re)"),
            Text("を", "を (wo)"),
        ),
        mean=0.1918,
        std=0.3483,
        source="http://codh.rois.ac.jp/kmnist/",
        licence="CC BY-SA 4.0, KMNIST Dataset (CODH), adapted from Kuzushiji Dataset (NIJL and others)",
        train_size=55_000,
        validation_size=5_000,
        test_size=10_000,
        folder="KMNIST",
        files=_mnist_files(
            (
                "bdb82020997e1d708af4cf47b453dcf7",
                "e144d726b3acfaa3e44228e80efcd344",
                "5c965bf0a639b31b8f53240b1b52f4d7",
                "7320c461ea6c1c855c0b718fb2a4b134",
            ),
        ),
    ),
    "digits": Dataset(
        name="digits",
        title=Text("digits（scikit-learn付属の手書き数字）", "digits (handwritten, comes with scikit-learn)"),
        classes=_DIGITS,
        mean=0.1549,
        std=0.3161,
        source="https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
        licence="CC BY 4.0, E. Alpaydin and C. Kaynak",
        train_size=1_257,
        validation_size=180,
        test_size=360,
    ),
}

DIGITS_TEST_SIZE = 360  # a fifth of the 1,797


def dataset_folder(name: str, *, root: Path | None = None) -> Path | None:
    """Where the files of a data set lie, in torchvision's layout; None where it has none."""
    dataset = _dataset(name)
    if dataset.folder is None:
        return None
    return (config.data_folder() if root is None else root) / dataset.folder / "raw"


def file_problems(name: str, *, root: Path | None = None) -> tuple[FileProblem, ...]:
    """The files of a data set that are missing or damaged, found by reading every one of them."""
    dataset = _dataset(name)
    folder = dataset_folder(name, root=root)
    if folder is None:
        return ()
    found = (idx_files.find(folder, file) for file in dataset.files)
    return tuple(problem for problem in found if isinstance(problem, FileProblem))


def signature(name: str, *, root: Path | None = None) -> Hashable:
    """What changes with the files of a data set: as long as it is equal, so is what `file_problems` says."""
    folder = dataset_folder(name, root=root)
    return () if folder is None else idx_files.signature(folder, _dataset(name).files)


def is_available(name: str, *, root: Path | None = None) -> bool:
    """Whether every file of the data set is on disk, its content proved by a checksum."""
    return not file_problems(name, root=root)


def load_split(name: str, split: str, *, root: Path | None = None) -> Split:
    """Read one split from disk; verifies the files it reads, and never downloads.

    The validation images are held out of those that are not the test's, in the same proportion from every
    class, the same ones for every run: see ``holdout``. Within a split, images keep the order of their file.

    Args:
        name: a key of ``DATASETS``.
        split: one of ``SPLITS``.
        root: the data folder; ``config.data_folder()`` if None.

    Raises:
        UnknownNameError: no such data set or split.
        DataUnavailableError: files are missing or cannot be read; names them, their folder and the way on.
        DataDamagedError: a file's checksum or content is wrong; names it and both checksums.
    """
    return load_splits(name, (split,), root=root)[split]


def load_splits(name: str, splits: Iterable[str] = SPLITS, *, root: Path | None = None) -> dict[str, Split]:
    """As `load_split`, several at once: each file is read and verified once."""
    dataset, splits = _dataset(name), tuple(splits)
    for split in splits:
        if split not in SPLITS:
            raise UnknownNameError("split", split, SPLITS)
    folder = dataset_folder(name, root=root)
    if folder is None:
        return {split: _digits_split(dataset, split) for split in splits}
    found = {"test": _read_files(dataset, folder, "test")} if "test" in splits else {}
    if held := [split for split in splits if split != "test"]:
        whole = _read_files(dataset, folder, "train")
        held_out = holdout(whole.labels, dataset.validation_size, num_classes=dataset.num_classes)
        found |= {split: _chosen(whole, held_out if split == "validation" else ~held_out) for split in held}
    return {split: found[split] for split in splits}


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
        DataUnavailableError: not to be had in that time; see ``fetch_files``.
    """
    started = time.monotonic()
    dataset = _dataset(name)
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
        way_on=(f"Damaged and still there: {', '.join(damaged)}. " if damaged else "") + _DIGITS_WAY_ON,
    )


def holdout(labels: Int64Array, size: int, *, num_classes: int, seed: int = SPLIT_SEED) -> npt.NDArray[np.bool_]:
    """Choose ``size`` of the images, from each class its share, the same ones on every machine and version.

    The shares are rounded by largest remainder (Hamilton's method), ties to the lower class number. Within a
    class the images with the smallest of N random keys are taken. The keys are the raw output of PCG64, which
    numpy promises never to change (NEP 19), as it does not for ``Generator.permutation``.

    Args:
        labels: int64 (N,), class numbers 0 to ``num_classes`` - 1.
        size: 0 to N.

    Returns:
        bool (N,): True for the images chosen.

    >>> holdout(np.array([0, 0, 1, 1, 1, 1]), 3, num_classes=2).sum()
    np.int64(3)
    """
    if not 0 <= size <= len(labels):
        raise InputError(f"size: expected 0 to {len(labels)} (the number of images), got {size}")
    counts = np.bincount(labels, minlength=num_classes)
    total = max(1, len(labels))
    shares = counts * size // total
    remainders = counts * size % total
    shares[np.argsort(-remainders, kind="stable")[: size - int(shares.sum())]] += 1
    order = np.argsort(np.random.PCG64(seed).random_raw(len(labels)), kind="stable")
    chosen = np.zeros(len(labels), dtype=np.bool_)
    for number, share in enumerate(shares):
        chosen[order[labels[order] == number][:share]] = True
    return chosen


_DIGITS_WAY_ON = "Or use the data set 'digits', which comes with scikit-learn and needs no download"


def _dataset(name: str) -> Dataset:
    if name not in DATASETS:
        raise UnknownNameError("data set", name, DATASETS)
    return DATASETS[name]


def _chosen(whole: Split, mask: npt.NDArray[np.bool_]) -> Split:
    return Split(whole.images[mask], whole.labels[mask])


def _shape(array: npt.NDArray[np.generic]) -> str:
    return f"{array.dtype} {array.shape}"


def _read_files(dataset: Dataset, folder: Path, split: Literal["train", "test"]) -> Split:
    files = {file.content: file for file in dataset.files if file.split == split}
    missing = [file.name for file in files.values() if not idx_files.places(folder, file)]
    if missing:
        raise DataUnavailableError(
            f"{dataset.name}: expected {', '.join(missing)} in the folder {folder}, found nothing there. "
            f"`python -m mnistcore datasets --fetch {dataset.name}` downloads it. {_DIGITS_WAY_ON}"
        )
    images = _read_idx(dataset, folder, files["images"], axes=3)
    labels = _read_idx(dataset, folder, files["labels"], axes=1)
    if images.shape[1:] != dataset.image_shape or len(images) != len(labels):
        raise _damaged(
            dataset,
            folder,
            files["images"],
            f"expected {len(labels)} images of {dataset.image_shape}, found {images.shape}",
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
            f"Expected a file that this user may read. {_DIGITS_WAY_ON}"
        )
    raise _damaged(dataset, folder, file, f"found {content.found}")


def _damaged(dataset: Dataset, folder: Path, file: IdxFile, what: str) -> DataDamagedError:
    return DataDamagedError(
        f"{dataset.name}: {file.name} in the folder {folder} cannot be used: {what}. "
        f"`python -m mnistcore datasets --fetch {dataset.name}` downloads it again. {_DIGITS_WAY_ON}"
    )


def _torchvision_mirrors(dataset: Dataset) -> tuple[str, ...]:
    try:
        with importing("torchvision"):
            from torchvision import datasets  # type: ignore[import-untyped, unused-ignore]  # 2 s, for downloads only

            return tuple(getattr(datasets, str(dataset.folder)).mirrors)
    except LibraryError as error:
        raise DataUnavailableError(
            f"{dataset.name}: the addresses to download from are torchvision's, but {error}. {_DIGITS_WAY_ON}"
        ) from error


def _digits_split(dataset: Dataset, split: str) -> Split:
    """The 1,797 images: 360 for the test, 180 for validation, the rest to train on."""
    values, labels = _digits_values()
    in_test = holdout(labels, DIGITS_TEST_SIZE, num_classes=dataset.num_classes)
    in_validation = np.zeros_like(in_test)
    in_validation[~in_test] = holdout(labels[~in_test], dataset.validation_size, num_classes=dataset.num_classes)
    mask = {"train": ~(in_test | in_validation), "validation": in_validation, "test": in_test}[split]
    return Split(_enlarged(values[mask]), labels[mask])


def _digits_values() -> tuple[UInt8Array, Int64Array]:
    """The 8 x 8 images with values 0..16 and their labels, as ``sklearn.datasets.load_digits`` gives them.

    Read from scikit-learn's own file without importing scikit-learn, which takes two seconds.
    """
    spec = importlib.util.find_spec("sklearn")
    places = [] if spec is None or spec.submodule_search_locations is None else spec.submodule_search_locations
    for place in places:
        path = Path(place) / "datasets" / "data" / "digits.csv.gz"
        if path.is_file():
            table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
            return table[:, :-1].reshape(-1, 8, 8), table[:, -1].astype(np.int64)
    raise DataUnavailableError(
        "digits: expected scikit-learn with its file datasets/data/digits.csv.gz, found "
        f"{'scikit-learn without it' if places else 'no scikit-learn'}. `pip install scikit-learn` brings it"
    )


def _enlarged(values: UInt8Array) -> UInt8Array:
    """uint8 (N, 28, 28), 0..255, that look like MNIST's, from uint8 (N, 8, 8), 0..16.

    Enlarged two and a half times, so that a digit fills the middle 20 x 20 as in MNIST; bicubic, then half as
    much contrast again, which undoes the blur. Pillow computes this kind of image in integers, so that the
    result is the same everywhere.
    """
    with importing("pillow"):
        from PIL import Image

    bordered = np.zeros((len(values), 12, 12), dtype=np.uint8)  # so that strokes at the rim fade out, too
    bordered[:, 2:10, 2:10] = values.astype(np.uint16) * 255 // 16
    images = np.zeros((len(values), 28, 28), dtype=np.int16)
    for image, small in zip(images, bordered, strict=True):
        # 28 pixels show 28 / 2.5 = 11.2 of the 12: 0.4 is cut off at each side.
        box = (0.4, 0.4, 11.6, 11.6)
        image[:] = np.asarray(Image.fromarray(small).resize((28, 28), Image.Resampling.BICUBIC, box=box))
    return np.clip((3 * images - 128) // 2, 0, 255).astype(np.uint8)
