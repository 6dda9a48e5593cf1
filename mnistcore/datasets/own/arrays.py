"""Owns reading arrays of images and labels: .npz of Keras, KMNIST and MedMNIST, IDX pairs, CIFAR's binary batches."""

import gzip
import io
import zlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.datasets import npy_files
from mnistcore.datasets.idx_files import IdxFormatError, UInt8Array, parse
from mnistcore.datasets.own.entries import Entry
from mnistcore.datasets.own.found import WHOLE, Found, Part, joined, split_of, words
from mnistcore.errors import InputError

MAX_GZIP_BYTES: Final = 2**30  # of what is in one
_IMAGES: Final = frozenset({"x", "image", "images", "img", "imgs", "data", "pixels", "features", "idx3"})
_LABELS: Final = frozenset({"y", "label", "labels", "target", "targets", "class", "idx1"})
_CIFAR_ROW: Final = 1 + 3 * 32 * 32
_SIXTEEN: Final = 16  # the brightest of scikit-learn's digits
_AT_ONCE: Final = 16  # images that are converted at a time; the largest have 4096 x 4096 pixels
_EXPECTED: Final = (
    "expected images with labels, as x_train and y_train (and x_test, y_test), train_images and train_labels, or files "
    "called train-images and train-labels"
)


def read_npz(entries: Sequence[Entry]) -> Found:
    """Arrays in .npz files, paired by the words in their names and in those of their files.

    Raises:
        InputError: they cannot be paired, or are no images.
    """
    named = [
        (f"{entry.name} {'' if key == 'arr_0' else key}", array)
        for entry in entries
        for key, array in npy_files.of_npz(entry.read(), entry.name).items()
    ]
    return _paired(named)


def read_idx(entries: Sequence[Entry], *, transposed: bool | None) -> Found:
    """IDX files, packed or not, paired by their names.

    Args:
        transposed: whether rows and columns are exchanged; None: as EMNIST's are, whose files are called so.

    Raises:
        InputError: they cannot be paired, or are no such files.
    """
    is_emnist = any("emnist" in entry.name.lower() for entry in entries)
    turn = is_emnist if transposed is None else transposed
    named = []
    for entry in entries:
        array = _idx_array(entry)
        named.append((entry.name, array.swapaxes(1, 2) if turn and array.ndim == 3 else array))
    found = _paired(named)
    if not turn:
        return found
    why = ", as EMNIST stores them (--not-transposed leaves them)" if transposed is None else ""
    return Found(found.parts, found.names, (f"rows and columns of each image were exchanged{why}", *found.notes))


def read_cifar(entries: Sequence[Entry]) -> Found:
    """Batches of CIFAR-10's binary version: a label and 3 x 32 x 32 pixels for each image, one after the other.

    Source of the format: https://www.cs.toronto.edu/~kriz/cifar.html.
    """
    batches: dict[str, list[npt.NDArray[np.uint8]]] = {}
    for entry in entries:
        data = np.frombuffer(entry.read(), dtype=np.uint8)
        if not len(data) or len(data) % _CIFAR_ROW:
            raise InputError(
                f"{entry.name}: expected rows of {_CIFAR_ROW} bytes, as in CIFAR-10's binary version, got "
                f"{len(data):,} bytes"
            )
        batches.setdefault(split_of(entry.name) or "train", []).append(data.reshape(-1, _CIFAR_ROW))
    parts = {}
    for split, rows in batches.items():
        whole = np.concatenate(rows)
        images = np.ascontiguousarray(whole[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
        parts[split] = Part(images, whole[:, 0].astype(np.int64))
    return Found({WHOLE: parts["train"]} if set(parts) == {"train"} else parts)


# ---------------------------------------------------------------- files


def _idx_array(entry: Entry) -> UInt8Array:
    data = entry.read()
    try:
        if data.startswith(b"\x1f\x8b"):
            with gzip.open(io.BytesIO(data)) as stream:
                data = stream.read(MAX_GZIP_BYTES + 1)
            if len(data) > MAX_GZIP_BYTES:
                raise InputError(f"{entry.name}: expected at most 1 GB, unpacked, got more")
        axes = data[3] if len(data) > 3 else 0
        if axes not in (1, 3, 4):
            raise IdxFormatError(f"expected images (3 axes) or labels (1 axis), found {axes} axes")
        return parse(data, axes=axes)
    except (OSError, EOFError, zlib.error, IdxFormatError) as error:
        raise InputError(f"{entry.name}: expected an IDX file: {error}") from error


# ---------------------------------------------------------------- pairs


def _paired(named: Sequence[tuple[str, npt.NDArray[Any]]]) -> Found:
    pairs: dict[str, dict[str, npt.NDArray[Any]]] = {}
    for name, array in named:
        role = _role(name, array)
        if role is None:
            continue
        place = pairs.setdefault(split_of(name) or WHOLE, {})
        if role in place:
            raise InputError(
                f"{name.strip()}: expected one array of {role} for each split, got several; name the files to take "
                "with --only"
            )
        place[role] = array
    if not pairs:
        raise InputError(f"path: {_EXPECTED}; got {', '.join(name.strip() for name, _ in named) or 'nothing'}")
    notes: list[str] = []
    parts = {}
    for split, pair in pairs.items():
        if set(pair) != {"images", "labels"}:
            raise InputError(f"{'path' if split == WHOLE else split}: {_EXPECTED}; got only {next(iter(pair))}")
        images, labels = as_images(pair["images"], split, notes), as_labels(pair["labels"], split, notes)
        if len(images) != len(labels):
            raise InputError(f"{split}: expected as many labels as images, got {len(images):,} images, {len(labels):,}")
        parts[split] = Part(images, labels)
    if WHOLE in parts and len(parts) > 1:
        raise InputError(f"path: expected every array to name its split, or none; got {', '.join(parts)}")
    return Found({WHOLE: parts["train"]} if set(parts) == {"train"} else parts, notes=tuple(dict.fromkeys(notes)))


def _role(name: str, array: npt.NDArray[Any]) -> str | None:
    said = set(words(name))
    if said & _LABELS and array.ndim <= 2:
        return "labels"
    return "images" if said & _IMAGES and array.ndim >= 2 else None


# ---------------------------------------------------------------- values


def as_images(array: npt.NDArray[Any], name: str, notes: list[str]) -> UInt8Array:
    """An array of images as uint8 (N, H, W) or (N, H, W, 3); what was done to it is added to ``notes``.

    Raises:
        InputError: it has no such shape, or values that are no pixels.
    """
    if array.size == 0:
        raise InputError(f"{name}: expected images, got an empty array of {array.shape}")
    return _eight_bits(_arranged(array, name, notes), name, notes)


def _arranged(array: npt.NDArray[Any], name: str, notes: list[str]) -> npt.NDArray[Any]:
    shape = array.shape
    if array.ndim == 2:
        for channels in (1, 3):
            side = round((shape[1] / channels) ** 0.5)
            if channels * side * side == shape[1] and side >= 2:
                notes.append(f"rows of {shape[1]} values were taken as {channels} x {side} x {side} pixels")
                planes = array.reshape(-1, channels, side, side)
                return planes[:, 0] if channels == 1 else planes.transpose(0, 2, 3, 1)
    if array.ndim == 3 or (array.ndim == 4 and shape[3] == 3):
        return array
    if array.ndim == 4 and shape[3] == 1:
        return array[..., 0]
    if array.ndim == 4 and shape[1] in (1, 3):
        notes.append("colours stood before rows and columns, and were put behind them")
        return array[:, 0] if shape[1] == 1 else array.transpose(0, 2, 3, 1)
    raise InputError(
        f"{name}: expected images of (N, H, W), (N, H, W, 3), (N, 3, H, W) or rows of a square's pixels, got {shape}"
    )


def _eight_bits(array: npt.NDArray[Any], name: str, notes: list[str]) -> UInt8Array:
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name}: expected pixels as numbers, got {array.dtype}")
    if array.dtype.kind == "f" and (row := _first_not_finite(array)) is not None:
        raise InputError(f"{name}, image {row}: expected numbers, got NaN or infinity")
    low, high = float(array.min()), float(array.max())
    if low < 0 or high > (255 if array.dtype.kind == "f" else 65535):
        raise InputError(f"{name}: expected pixels from 0 to 255, or from 0 to 1, got {low:g} to {high:g}")
    if array.dtype.kind == "b" or (high == 1 and array.dtype.kind != "f"):
        notes.append("false and true, or 0 and 1, were taken as black and white")
        return _times(array, 255)
    if high <= 1 and array.dtype.kind == "f":
        notes.append("values from 0 to 1 were taken as 0 to 255")
        return _times(array, 255)
    if high == _SIXTEEN and array.dtype.kind == "f" and (array == np.floor(array)).all():
        notes.append("values from 0 to 16, as scikit-learn's digits have them, were taken as 0 to 255")
        return _times(array, 255 / _SIXTEEN)
    if high > 255:
        notes.append("values of 16 bits were brought to 8")
        return _times(array, 1 / 257)
    return np.ascontiguousarray(array) if array.dtype == np.uint8 else _times(array, 1)


def _first_not_finite(array: npt.NDArray[Any]) -> int | None:
    """The first image with a value that is no finite number."""
    for start in range(0, len(array), _AT_ONCE):
        part = array[start : start + _AT_ONCE]
        finite = np.isfinite(part).reshape(len(part), -1).all(axis=1)
        if not finite.all():
            return start + int(np.argmin(finite))
    return None


def _times(array: npt.NDArray[Any], factor: float) -> UInt8Array:
    """The values times a factor, rounded; some images at a time: numbers with a point take eight times the memory."""
    whole: UInt8Array = np.empty(array.shape, dtype=np.uint8)
    for start in range(0, len(array), _AT_ONCE):
        np.copyto(whole[start : start + _AT_ONCE], np.rint(array[start : start + _AT_ONCE] * factor), casting="unsafe")
    return whole


def as_labels(array: npt.NDArray[Any], name: str, notes: list[str]) -> npt.NDArray[Any]:
    """Labels (N,) as whole numbers or names, from (N,), (N, 1) or one-hot (N, C).

    Raises:
        InputError: they are something else.
    """
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind == "U" and array.ndim == 1:
        return array
    if array.dtype.kind not in "iufb" or array.ndim not in (1, 2):
        raise InputError(f"{name} labels: expected whole numbers or names, got {array.dtype} of {array.shape}")
    if array.ndim == 2:
        if not (np.isin(array, (0, 1)).all() and (array.sum(axis=1) == 1).all()):
            raise InputError(
                f"{name} labels: expected one class for each image, got {array.shape} with several or none"
            )
        notes.append("one-hot labels were taken as class numbers")
        array = array.argmax(axis=1)
    whole = array.astype(np.int64)
    if not (whole == array).all():
        raise InputError(f"{name} labels: expected whole numbers, got {array[whole != array][0]}")
    return whole


def joined_parts(parts: Sequence[tuple[str, Part]]) -> dict[str, Part]:
    """Parts of the same split as one."""
    by_split: dict[str, list[Part]] = {}
    for split, part in parts:
        by_split.setdefault(split, []).append(part)
    return {
        split: Part(joined([np.asarray(each.images) for each in many]), np.concatenate([each.labels for each in many]))
        if len(many) > 1
        else many[0]
        for split, many in by_split.items()
    }
