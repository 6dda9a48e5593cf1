"""Data sets of one's own: every layout is read, what was done is said, and what is no data set is refused in words."""

import gzip
import io
import json
import os
import re
import struct
import tarfile
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import mnistcore
from mnistcore.__main__ import app
from mnistcore.datasets import catalogue, data_files, loading
from mnistcore.datasets.own import entries, kept, pictures
from mnistcore.datasets.own.adding import Wanted, add
from mnistcore.datasets.own.kept import KeptRecord
from mnistcore.datasets.registry import Text
from mnistcore.datasets.run_images import run_images
from mnistcore.datasets.splits import SPLITS
from mnistcore.errors import DataDamagedError, DataUnavailableError, InputError, UnknownNameError
from tests.here import here, store_here
from tests.visits import open_page, whole, words


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's own data folder."""
    monkeypatch.setenv("MNISTCORE_DATA", str(tmp_path / "data"))


def drawing(label: int, *, size: int = 12) -> np.ndarray:
    """White on black, another one for each label."""
    image = np.zeros((size, size), dtype=np.uint8)
    image[3 : 4 + label, 4:8] = 250
    return image


def drawings(count: int, *, classes: int = 3, size: int = 12) -> tuple[np.ndarray, np.ndarray]:
    labels = np.arange(count) % classes
    return np.stack([drawing(label, size=size) for label in labels]), labels


def photo(seed: int, shape: tuple[int, ...] = (24, 32, 3)) -> np.ndarray:
    return np.random.default_rng(seed).integers(40, 220, shape, dtype=np.uint8)


def png(pixels: np.ndarray, mode: str | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(file, **({"format": "PNG"} | options))
    return file.getvalue()


def folder(path: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def of_classes(count: int = 4, *names: str, above: str = "") -> dict[str, bytes]:
    """Small pictures in folders of their classes."""
    return {
        f"{above}{name}/{number}.png": png(drawing(place))
        for place, name in enumerate(names or ("cat", "dog"))
        for number in range(count)
    }


def added(path: Path, *, name: str = "mine", **wanted: Any) -> KeptRecord:
    return add(name, path, Wanted(**wanted), root=here().data)


def said(record: KeptRecord) -> str:
    return "; ".join(record.notes)


def refused(path: Path, match: str, **wanted: Any) -> None:
    """In words, and nothing is kept."""
    with pytest.raises(InputError, match=match):
        added(path, **wanted)
    assert not kept.records(root=here().data)
    assert not list((here().data / kept.FOLDER).glob("**/*"))


# ---------------------------------------------------------------- folders and zips of pictures


def test_a_folder_of_classes_is_split_the_same_every_time(tmp_path: Path) -> None:
    path = folder(tmp_path / "in", of_classes(10, "猫", "dog", "10", "9"))
    record = added(path, title=Text("動物", "animals"))
    assert [each.en for each in record.classes] == ["9", "10", "dog", "猫"]
    assert record.sizes == {"train": 32, "validation": 4, "test": 4}
    assert (record.height, record.width, record.channels, record.polarity) == (12, 12, 1, "ink")
    assert added(path, name="again").fingerprints == record.fingerprints
    splits = loading.load_splits("mine")
    for split, share in (("train", 8), ("validation", 1), ("test", 1)):
        assert np.bincount(splits[split].labels).tolist() == [share] * 4
    assert loading.load_split("mine", "test", root=here().data).fingerprint == record.fingerprints["test"]


@pytest.mark.parametrize("above", ["", "all/", "a/b/"])
def test_given_splits_are_kept_as_given(tmp_path: Path, above: str) -> None:
    files = of_classes(3, above=f"{above}train/") | of_classes(2, above=f"{above}Test/")
    record = added(zipped(tmp_path / "in.zip", files | of_classes(1, above=f"{above}val/")))
    assert record.sizes == {"train": 6, "validation": 2, "test": 4}
    assert [each.en for each in record.classes] == ["cat", "dog"]


def test_validation_is_taken_of_training_where_only_a_test_is_given(tmp_path: Path) -> None:
    files = of_classes(10, above="train/") | of_classes(2, above="test/")
    record = added(folder(tmp_path / "in", files))
    assert record.sizes == {"train": 18, "validation": 2, "test": 4}
    assert "validation was not given" in said(record)


def test_hidden_files_are_left_out_and_said(tmp_path: Path) -> None:
    hidden = {"__MACOSX/cat/._1.png": b"x", "cat/Thumbs.db": b"x", ".DS_Store": b"x", "read.txt": b"x"}
    record = added(zipped(tmp_path / "in.zip", of_classes() | hidden))
    assert "3 hidden files left out" in said(record)
    assert "1 other file left out" in said(record)


def test_names_in_a_zip_of_an_older_windows_are_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", of_classes(4, "aaaa", "bbbb"))
    path.write_bytes(path.read_bytes().replace(b"aaaa", "日本".encode("cp932")))
    assert {each.en for each in added(path).classes} == {"日本", "bbbb"}


def test_colour_photos_of_many_sizes_are_brought_to_one(tmp_path: Path) -> None:
    shapes = [(120, 160, 3), (60, 80, 3), (30, 40, 3), (40, 30, 3)]
    files = {f"{name}/{n}.png": png(photo(n, shapes[n % 4])) for name in ("sea", "sky") for n in range(8)}
    record = added(folder(tmp_path / "in", files))
    assert (record.height, record.width, record.channels, record.polarity) == (48, 64, 3, "photo")
    assert "sizes were brought to 48 x 64" in said(record)
    assert "made smaller" in said(record)
    assert "in colour" in said(record)
    assert loading.load_split("mine", "train").images.shape == (12, 48, 64, 3)


def test_grey_that_is_stored_as_colour_becomes_grey_again(tmp_path: Path) -> None:
    files = {name: png(np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))) for name, data in of_classes().items()}
    assert added(folder(tmp_path / "in", files)).channels == 1


def test_dark_ink_on_paper_is_turned_round_unless_said_otherwise(tmp_path: Path) -> None:
    files = {f"{name}/{n}.png": png(255 - drawing(n % 3)) for name in ("a", "b") for n in range(5)}
    path = folder(tmp_path / "in", files)
    record = added(path)
    assert record.polarity == "ink"
    assert "turned round" in said(record)
    assert loading.load_split("mine", "train").images[:, 0, 0].tolist() == [0] * record.sizes["train"]
    assert added(path, name="photos", polarity="photo").polarity == "photo"
    assert loading.load_split("photos", "train").images[0, 0, 0] == 255


def test_colours_of_drawings_become_grey_where_that_is_said(tmp_path: Path) -> None:
    files = {f"{name}/{n}.png": png(photo(n)) for name in ("a", "b") for n in range(4)}
    record = added(folder(tmp_path / "in", files), polarity="ink")
    assert (record.channels, record.polarity) == (1, "ink")


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (png(photo(1), "CMYK", format="JPEG"), "from CMYK to RGB"),
        (png(photo(1, (24, 32)).astype(np.uint16) * 257), "more than 8 bits"),
        (png(photo(1, (24, 32, 4))), "transparent parts"),
        (png(photo(1), "P", format="GIF", save_all=True, append_images=[Image.new("P", (32, 24))]), "first of several"),
    ],
    ids=["CMYK", "16 bits", "transparent", "animated"],
)
def test_unusual_pictures_are_converted_and_that_is_said(tmp_path: Path, data: bytes, note: str) -> None:
    files = {f"{name}/{n}.png": png(photo(n)) for name in ("a", "b") for n in range(3)} | {"a/odd.png": data}
    record = added(folder(tmp_path / "in", files))
    assert note in said(record)
    assert (record.height, record.width) == (24, 32)


def test_a_photo_is_turned_as_the_camera_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = png(photo(0, (32, 24, 3)), format="JPEG", exif=exif)
    files = {f"{name}/{n}.jpg": data for name in ("a", "b") for n in range(3)}
    record = added(folder(tmp_path / "in", files))
    assert (record.height, record.width) == (24, 32)
    assert "6 pictures: turned as the camera says" in said(record)


# ---------------------------------------------------------------- arrays and tables


def npz(path: Path, **arrays: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)
    return path


def test_keras_arrays_are_read(tmp_path: Path) -> None:
    images, labels = drawings(30)
    path = npz(tmp_path / "mine.npz", x_train=images, y_train=labels, x_test=images[:6], y_test=labels[:6])
    record = added(path, classes=tuple(Text(ja, en) for ja, en in (("零", "zero"), ("一", "one"), ("二", "two"))))
    assert record.sizes == {"train": 27, "validation": 3, "test": 6}
    assert [(each.ja, each.en) for each in record.classes] == [("零", "zero"), ("一", "one"), ("二", "two")]


def test_medmnist_arrays_are_read_with_labels_in_a_column(tmp_path: Path) -> None:
    images, labels = photo(0, (30, 28, 28, 3)), (np.arange(30) % 3).reshape(-1, 1).astype(np.uint8)
    arrays = {
        f"{split}_{what}": array
        for split in ("train", "val", "test")
        for what, array in (("images", images), ("labels", labels))
    }
    record = added(npz(tmp_path / "pathmnist.npz", **arrays))
    assert record.sizes == dict.fromkeys(SPLITS, 30)
    assert record.polarity == "photo"


def test_kuzushiji_arrays_are_read_from_four_files(tmp_path: Path) -> None:
    images, labels = drawings(30)
    for split in ("train", "test"):
        npz(tmp_path / "in" / f"k49-{split}-imgs.npz", arr_0=images)
        npz(tmp_path / "in" / f"k49-{split}-labels.npz", arr_0=labels)
    assert added(tmp_path / "in").sizes == {"train": 27, "validation": 3, "test": 30}


@pytest.mark.parametrize(
    ("images", "note"),
    [
        (drawings(30)[0] / 255, "0 to 1"),
        (drawings(30)[0].reshape(30, -1).astype(np.int64), "rows of 144"),
        (drawings(30)[0] > 0, "black and white"),
        (np.repeat(drawings(30)[0][:, None], 3, axis=1), "colours stood before"),
    ],
    ids=["floats", "flat", "bool", "channels first"],
)
def test_arrays_of_other_forms_are_taken_and_that_is_said(tmp_path: Path, images: np.ndarray, note: str) -> None:
    record = added(npz(tmp_path / "in.npz", images=images, labels=np.eye(3)[np.arange(30) % 3]))
    assert note in said(record)
    assert "one-hot" in said(record)
    assert (record.height, record.width, record.channels) == (12, 12, 1)


def test_labels_from_1_and_with_gaps_are_numbered_anew(tmp_path: Path) -> None:
    images, labels = drawings(30)
    one = added(npz(tmp_path / "one.npz", images=images, labels=labels + 1), name="one")
    assert [each.en for each in one.classes] == ["1", "2", "3"]
    gaps = added(npz(tmp_path / "gaps.npz", images=images, labels=labels * 4), name="gaps")
    assert [each.en for each in gaps.classes] == ["0", "4", "8"]
    assert "gaps" in said(gaps)
    names = tuple(Text(sign, sign) for sign in "ABCDEFGHI")
    named = added(npz(tmp_path / "named.npz", images=images, labels=labels * 4), name="named", classes=names)
    assert [each.en for each in named.classes] == ["A", "E", "I"]


def idx(array: np.ndarray) -> bytes:
    return (
        bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()
    )


def idx_files(path: Path, prefix: str = "", *, ending: str = "") -> Path:
    pack = gzip.compress if ending else bytes
    images, labels = drawings(30)
    images[:, 0, 5] = 9  # so that an image is not its own transpose
    names = {
        f"{prefix}{split}-{what}{ending}": split
        for split in ("train", "test")
        for what in ("images-idx3-ubyte", "labels-idx1-ubyte")
    }
    return folder(path, {name: pack(idx(images if "images" in name else labels)) for name in names})


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_idx_pairs_are_read_packed_or_not(tmp_path: Path, ending: str) -> None:
    assert added(idx_files(tmp_path / "in", ending=ending)).sizes == {"train": 27, "validation": 3, "test": 30}
    assert loading.load_split("mine", "test").images[0, 0, 5] == 9


@pytest.mark.parametrize(("told", "place"), [(None, (5, 0)), (True, (5, 0)), (False, (0, 5))])
def test_emnist_is_transposed_unless_said_otherwise(tmp_path: Path, told: bool | None, place: tuple[int, int]) -> None:
    record = added(idx_files(tmp_path / "in", "emnist-toy-", ending=".gz"), transposed=told)
    assert loading.load_split("mine", "test").images[0][place] == 9
    assert ("rows and columns" in said(record)) is (told is not False)


def test_of_several_sets_in_a_folder_one_is_named(tmp_path: Path) -> None:
    idx_files(tmp_path / "in", "emnist-letters-")
    path = idx_files(tmp_path / "in", "emnist-digits-")
    refused(path, "--only")
    assert added(path, only="emnist-digits").sizes["test"] == 30


def csv_of(*, header: bool = True) -> bytes:
    images, labels = drawings(30)
    lines = ["label," + ",".join(f"pixel{n}" for n in range(144))] if header else []
    return "\n".join(
        [
            *lines,
            *(f"{label}," + ",".join(map(str, image.ravel())) for image, label in zip(images, labels, strict=True)),
        ]
    ).encode()


@pytest.mark.parametrize("header", [True, False])
def test_a_table_of_pixels_is_read(tmp_path: Path, header: bool) -> None:
    path = folder(tmp_path / "in", {"train.csv": csv_of(header=header), "test.csv": csv_of(header=header)})
    assert added(path).sizes == {"train": 27, "validation": 3, "test": 30}
    assert np.array_equal(loading.load_split("mine", "test").images, drawings(30)[0])


@pytest.mark.parametrize("nested", [True, False])
def test_parquet_of_pictures_is_read_with_its_class_names(tmp_path: Path, nested: bool) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    cells = [png(photo(n)) for n in range(12)]
    table = pa.table(
        {"image": [{"bytes": cell, "path": "../x"} for cell in cells] if nested else cells, "label": [0, 1] * 6}
    )
    names = {"info": {"features": {"label": {"names": ["海", "空"]}}}}
    pq.write_table(table.replace_schema_metadata({"huggingface": json.dumps(names)}), tmp_path / "in.parquet")
    record = added(tmp_path / "in.parquet")
    assert [each.en for each in record.classes] == ["海", "空"]
    assert (record.height, record.width, record.channels) == (24, 32, 3)


# ---------------------------------------------------------------- refusals


def test_a_name_is_checked_and_taken_once(tmp_path: Path) -> None:
    path = folder(tmp_path / "in", of_classes())
    for name in ("mnist", "cifar10", "own", "../x", "Ä", "", "a b", "x" * 41):
        with pytest.raises(InputError, match="name: expected"):
            added(path, name=name)
    added(path)
    with pytest.raises(InputError, match="there is a data set mine already"):
        added(path)


def big_png(side: int) -> bytes:
    """A whole picture by its header, with hardly any content."""
    data = bytearray(png(np.zeros((8, 8), dtype=np.uint8)))
    data[16:24] = struct.pack(">II", side, side)
    import zlib

    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


@pytest.mark.parametrize(
    ("files", "match"),
    [
        ({"cat/bad.png": png(photo(0))[:-300]}, "cat/bad.png: expected a whole picture"),
        ({"cat/bad.png": b""}, "cat/bad.png: expected a picture, got an empty file"),
        ({"cat/bad.png": b"%!PS-Adobe-3.0 EPSF-3.0"}, "cat/bad.png: expected a whole picture"),
        ({"cat/huge.png": big_png(40_000)}, "cat/huge.png: expected at most 60,000,000 pixels"),
        ({"cat/large.png": big_png(9_000)}, "cat/large.png: expected at most 60,000,000 pixels, got 9,000 x 9,000"),
        ({"loose.png": png(drawing(0))}, "loose.png: expected each picture in a folder"),
        ({"cow/1.png": png(drawing(0))}, "class cow: expected at least 3 images"),
    ],
    ids=["truncated", "empty", "EPS", "40,000 x 40,000", "9,000 x 9,000", "no class", "too few"],
)
def test_a_bad_picture_is_named_and_nothing_kept(tmp_path: Path, files: dict[str, bytes], match: str) -> None:
    refused(folder(tmp_path / "in", of_classes() | files), match)


@pytest.mark.parametrize(
    ("names", "match"),
    [(("one",), "expected 2 to 1,000, got 1"), (tuple(f"c{n}" for n in range(1001)), "expected 2 to 1,000, got 1,001")],
    ids=["one", "1,001"],
)
def test_one_class_and_1001_classes_are_refused(tmp_path: Path, names: tuple[str, ...], match: str) -> None:
    refused(
        zipped(tmp_path / "in.zip", of_classes(1, *names[:1]) | {f"{name}/1.png": png(drawing(0)) for name in names}),
        match,
    )


def test_a_folder_or_file_without_pictures_is_refused(tmp_path: Path) -> None:
    refused(folder(tmp_path / "in", {"notes.txt": b"x"}), "got notes.txt")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "got nothing")
    refused(tmp_path / "missing", "expected a folder or a file")
    (tmp_path / "empty.npz").write_bytes(b"")
    refused(tmp_path / "empty.npz", "empty.npz: expected arrays as numpy.savez")
    (tmp_path / "model.pkl").write_bytes(b"\x80\x04N.")
    refused(tmp_path / "model.pkl", "expected a folder or zip")


@pytest.mark.parametrize("name", ["../cat/1.png", "/cat/1.png", "C:\\cat\\1.png", "..\\..\\1.png"])
def test_a_name_that_leads_out_of_the_zip_is_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "in.zip", of_classes())
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, b"x")
    refused(path, "leads out of it")


def test_links_are_refused_in_a_folder_a_zip_and_a_tar(tmp_path: Path) -> None:
    path = folder(tmp_path / "in", of_classes())
    (path / "cat" / "secret.png").symlink_to("/etc/passwd")
    refused(path, "cat/secret.png: expected files and folders, got a symbolic link")
    linked = zipped(tmp_path / "in.zip", of_classes())
    with zipfile.ZipFile(linked, "a") as archive:
        info = zipfile.ZipInfo("cat/secret.png")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    refused(linked, "symbolic link")
    with tarfile.open(tmp_path / "in.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo("cat/secret.png")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    refused(tmp_path / "in.tar.gz", "symbolic link")


def test_a_zip_bomb_is_refused_before_anything_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "in.zip", of_classes() | {"cat/bomb.png": bytes(entries.RATIO_FROM_BYTES + 1)})
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("unpacked"))
    refused(path, "zip bomb")
    monkeypatch.setattr(entries, "MAX_TOTAL_BYTES", 1000)
    refused(path, "in all, unpacked")
    monkeypatch.setattr(entries, "MAX_ENTRIES", 3)
    refused(path, "at most 3 files")


def test_an_archive_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", of_classes())
    data = bytearray(path.read_bytes())
    data[60:64] = b"\xff" * 4
    path.write_bytes(data)
    refused(path, "expected a whole file in the archive")


@pytest.mark.parametrize(
    ("arrays", "match"),
    [
        ({"images": np.full((4, 9, 9), np.nan), "labels": np.arange(4)}, "image 0: expected numbers, got NaN"),
        ({"images": np.full((4, 9, 9), 1000.0), "labels": np.arange(4)}, "expected pixels from 0 to 255"),
        ({"images": np.full((4, 9, 9), -1), "labels": np.arange(4)}, "expected pixels from 0 to 255"),
        ({"images": np.zeros((4, 9, 9)), "labels": np.arange(5)}, "as many labels as images"),
        ({"images": np.zeros((4, 9, 9)), "labels": np.array([0.5, 1, 2, 3])}, "expected whole numbers, got 0.5"),
        ({"images": np.zeros((4, 9, 9)), "labels": np.ones((4, 2))}, "one class for each image"),
        ({"images": np.zeros((4, 5, 5)), "labels": np.arange(4)}, "at least 8 x 8"),
        ({"images": np.zeros((4, 9, 9, 2)), "labels": np.arange(4)}, "expected images of"),
        ({"images": np.zeros((4, 9, 9))}, "got only images"),
        ({"arr_0": np.zeros((4, 9, 9))}, "expected images with labels"),
        ({"images": np.array([None] * 4), "labels": np.arange(4)}, "Python objects"),
    ],
    ids=[
        "NaN",
        "1000",
        "negative",
        "lengths",
        "half",
        "two classes",
        "small",
        "shape",
        "no labels",
        "names",
        "objects",
    ],
)
def test_arrays_that_are_no_data_set_are_refused(tmp_path: Path, arrays: dict[str, Any], match: str) -> None:
    for name, array in arrays.items():
        arrays[name] = np.repeat(array, 3, axis=0) if len(array) else array
    refused(npz(tmp_path / "in.npz", **arrays), match)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"label," + csv_of()[6:].replace(b",250,", b",x,", 1), "expected numbers"),
        (csv_of().replace(b",0,", b",,", 1), "row 1, column pixel"),
        (csv_of().replace(b"label", b"id", 1), "expected a column called label"),
        (b"a,b\n1,2\n", "got 2 columns"),
        (csv_of().split(b"\n")[0], "got none"),
    ],
    ids=["text", "gap", "no label", "two columns", "no rows"],
)
def test_a_table_that_is_no_data_set_is_refused(tmp_path: Path, data: bytes, match: str) -> None:
    refused(folder(tmp_path, {"in.csv": data}) / "in.csv", match)


@pytest.mark.parametrize(
    ("classes", "match"),
    [(("a", "b"), "expected 3 names"), (("a", "b", "a"), "a twice"), (("a", " ", "c"), "names of 1 to 100 signs")],
)
def test_class_names_that_do_not_fit_are_refused(tmp_path: Path, classes: tuple[str, ...], match: str) -> None:
    images, labels = drawings(30)
    path = npz(tmp_path / "in.npz", images=images, labels=labels)
    refused(path, match, classes=tuple(Text(name, name) for name in classes))


# ---------------------------------------------------------------- what is kept


def test_damage_is_found_and_said(tmp_path: Path) -> None:
    added(folder(tmp_path / "in", of_classes()))
    folder_ = kept.folder_of("mine", root=here().data)
    file = folder_ / "test.safetensors"
    whole = file.read_bytes()
    for damaged in (whole[:-1] + b"\x07", whole[:-5], b""):
        file.write_bytes(damaged)
        assert not data_files.is_available("mine")
        with pytest.raises(DataDamagedError, match="test.safetensors"):
            loading.load_split("mine", "test")
    file.unlink()
    with pytest.raises(DataUnavailableError, match="test.safetensors"):
        loading.load_split("mine", "test")
    (folder_ / "dataset.json").write_text("{}")
    with pytest.raises(DataDamagedError, match="--remove mine"):
        catalogue.find_dataset("mine")
    assert "cannot be used: mine" in CliRunner().invoke(app, ["datasets"]).stderr
    assert CliRunner().invoke(app, ["datasets", "--remove", "mine"]).exit_code == 0
    with pytest.raises(UnknownNameError, match="mine"):
        catalogue.find_dataset("mine")


def test_only_what_was_added_can_be_removed() -> None:
    result = CliRunner().invoke(app, ["datasets", "--remove", "mnist"])
    assert result.exit_code == 2
    assert "expected a data set that was added" in result.stderr


def test_a_folder_of_colour_photos_is_added_trained_and_evaluated(tmp_path: Path) -> None:
    colours = {"赤": (200, 40, 40), "green": (40, 180, 60), "<b>blue": (60, 90, 220)}
    noise = np.random.default_rng(0)
    files = {
        f"{name}/{number}.png": png(np.clip(noise.normal(colour, 20, (24, 32, 3)), 0, 255).astype(np.uint8))
        for name, colour in colours.items()
        for number in range(20)
    }
    path = folder(tmp_path / "photos", files)
    told = CliRunner().invoke(app, ["datasets", str(path), "--add", "flowers", "--title", "花"])
    assert told.exit_code == 0, told.stderr
    assert "added flowers: 3 classes, 24 x 32 pixels, train 48, validation 6, test 6" in told.stderr
    assert "花" in told.stdout
    result = mnistcore.train("flowers", "cnn", preset="quick", epochs=1)
    run = mnistcore.load_run(result.run_id)
    dataset = run.manifest.dataset
    assert (dataset.polarity, dataset.images) == ("photo", None)
    assert dataset.title is not None
    assert dataset.title.ja == "花"
    assert run.manifest.image_preprocessing.input_shape == (3, 24, 32)
    assert 0.2 < run.manifest.image_preprocessing.mean < 0.7
    assert mnistcore.evaluate(result.run_id).matrix.sum() == 6
    images = run_images(run.manifest, "test", store=store_here(), root=here().data)
    assert images.shape == (6, 24, 32, 3)
    answers = run.predict(images, device="cpu")
    assert np.array_equal(answers.logits.argmax(1), run.predictions().logits.argmax(1))
    CliRunner().invoke(app, ["datasets", "--remove", "flowers"])
    other = folder(tmp_path / "other", of_classes())
    assert f"such as {result.run_id}" in CliRunner().invoke(app, ["datasets", str(other), "--add", "flowers"]).stderr
    with pytest.raises(DataDamagedError, match="not the ones that this run was evaluated on"):
        run_images(run.manifest, "test", store=store_here(), root=here().data)
    CliRunner().invoke(app, ["datasets", "--remove", "flowers"])
    assert mnistcore.evaluate(result.run_id).matrix.sum() == 6
    with pytest.raises(DataUnavailableError, match="flowers is not here"):
        run_images(run.manifest, "test", store=store_here(), root=here().data)


def test_it_is_trained_on_in_another_data_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    add("mine", folder(tmp_path / "in", of_classes(10)), root=elsewhere)
    result = mnistcore.train("mine", "linear", preset="quick", epochs=1, data_root=elsewhere)
    assert result.run.trained is not None
    assert result.run.trained.config.batch_size == 16  # as many images as there are allow
    with pytest.raises(UnknownNameError, match="mine"):
        mnistcore.train("mine", "linear", preset="quick", epochs=2)


@pytest.mark.usefixtures("no_cached_pages")
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_training_page_offers_it_under_its_title(tmp_path: Path, language: str) -> None:
    added(folder(tmp_path / "in", of_classes(10)), title=Text("猫と *犬*", "cats & *dogs*"))
    page = open_page("training", lang=language, form="dataset=mine,model=cnn,preset=quick")
    picker = next(box for box in page.main.selectbox if box.key == "training_dataset")
    assert picker.value == "mine"
    assert {"ja": "猫と *犬*", "en": "cats & *dogs*"}[language] in picker.options
    whole(page)
    assert "16" in words(page)  # images to train on
    gone = open_page("training", lang=language, form="dataset=letters,model=cnn,preset=quick")
    whole(gone)
    assert "letters" in words(gone)


def test_a_recorded_test_set_of_ones_own_is_recognised(tmp_path: Path) -> None:
    files = {f"{name}/{n}.png": png(photo(n)) for name in ("a", "b") for n in range(10)}
    added(folder(tmp_path / "in", files))
    test = loading.load_split("mine", "test")
    found = mnistcore.record_predictions(
        test.labels, predicted=test.labels, images=test.images, classes=["a", "b"], name="x"
    )
    assert found.manifest.dataset.name == "mine"
    assert found.manifest.carried_splits == ()
    assert found.manifest.dataset.polarity == "photo"


# ---------------------------------------------------------------- what others have broken


def test_a_pipe_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    for name in ("pipe", "pipe.zip", "pipe.tar"):
        os.mkfifo(tmp_path / name)
        refused(tmp_path / name, "expected a folder or a file")


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        (np.array([["a", "b"]] * 30), "whole numbers or names"),
        (np.array("a"), "whole numbers or names"),
        (np.array([b"\x81", b"\xe9"])[np.arange(30) % 2], "UTF-8"),
    ],
)
def test_labels_that_are_no_list_of_names_are_refused(tmp_path: Path, labels: np.ndarray, match: str) -> None:
    refused(npz(tmp_path / "in.npz", images=drawings(30)[0], labels=labels), match)


@pytest.mark.parametrize("scale", [1, 16.0])
def test_drawings_of_few_shades_are_brought_to_full_brightness(tmp_path: Path, scale: float) -> None:
    images, labels = drawings(30)
    added(npz(tmp_path / "in.npz", images=(images > 0) * scale, labels=labels))
    assert int(loading.load_split("mine", "test").images.max()) == 255


def test_names_that_look_the_same_and_names_of_windows_are_told(tmp_path: Path) -> None:
    record = added(folder(tmp_path / "in", of_classes(3, "e\u0301", "\u00e9", "b")))
    assert "2 names that look the same are one class: \u00e9" in said(record)
    unpacked = tmp_path / "unpacked"
    for name in ("猫", "画"):
        made = os.fsencode(unpacked) + b"/" + name.encode("cp932")
        os.makedirs(made)
        for number in range(3):
            (Path(os.fsdecode(made)) / f"{number}.png").write_bytes(png(drawing(number)))
    assert {each.en for each in added(unpacked, name="unpacked").classes} == {"猫", "画"}


def test_test_images_that_were_trained_on_are_counted(tmp_path: Path) -> None:
    images, labels = drawings(30)
    images = images + np.arange(30, dtype=np.uint8)[:, None, None]
    file = npz(tmp_path / "in.npz", x_train=images[5:], y_train=labels[5:], x_test=images[:9], y_test=labels[:9])
    assert re.search(r"[34] test images of 9 are among the training images too", said(added(file)))


def test_a_folder_beside_train_is_not_taken_for_a_class(tmp_path: Path) -> None:
    files = of_classes(3, above="train/") | of_classes(3, above="extra/")
    refused(folder(tmp_path / "in", files), "got extra beside train")


def test_archives_that_are_broken_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", of_classes() | {"caf\u00e9/1.png": b"x"})
    path.write_bytes(path.read_bytes().replace("caf\u00e9".encode(), b"caf\xff\xfe"))
    refused(path, "expected a whole archive")
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        warnings.simplefilter("ignore")
        for name, data in [*of_classes().items(), ("cat\\0.png", b"x")]:
            archive.writestr(name, data)
    refused(tmp_path / "twice.zip", "cat/0.png: expected each name once")
    member = tarfile.TarInfo("x")
    member.type, member.size = tarfile.XHDTYPE, 2**31
    (tmp_path / "in.tar").write_bytes(member.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    refused(tmp_path / "in.tar", "expected a whole archive")


def test_a_file_whose_name_is_no_text_is_added(tmp_path: Path) -> None:
    source = zipped(tmp_path / "in.zip", of_classes())
    renamed = source.rename(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\x83.zip")))
    assert added(renamed).source == "\\x83.zip"


def test_a_large_transparent_picture_is_made_smaller_first(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, int]] = []
    on_paper = pictures._on_paper
    monkeypatch.setattr(pictures, "_on_paper", lambda image: sizes.append(image.size) or on_paper(image))
    pixels = np.zeros((1200, 1600, 4), dtype=np.uint8)
    pixels[300:900, 400:1200] = (200, 100, 0, 255)
    found = pictures.decode(png(pixels), "a.png", lambda _: None)
    assert max(sizes[0]) < 600
    assert found[24, 32].tolist() == [200, 100, 0]
    assert found[0, 0].tolist() in ([0, 0, 0], [255, 255, 255])
