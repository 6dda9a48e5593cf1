"""Owns how labels, scores and images that somebody hands over become arrays: what is taken, assumed and refused.

Taken are numpy arrays, torch tensors, pandas objects and lists, without importing torch or pandas: each says itself how
it becomes an array. What was assumed comes back as a sentence; what cannot be is refused with its row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError, shortened
from mnistcore.evaluation.predictions import SUM_TOLERANCE
from mnistcore.runs.manifest import LONGEST_NAME, MOST_CLASSES
from mnistcore.runs.prediction_files import PredictionKind
from mnistcore.wording import plural

MOST_ROWS: Final = 5_000_000  # images
MOST_PIXELS: Final = 4096  # of a side of an image
_LONGEST = 40  # signs of a value that is quoted
_PERCENT: Final = 100.0
_LOOKED_AT: Final = 10_000  # rows, to find out with how many places numbers are written
_SAME: Final = 1e-6  # numbers that differ by less are the same, written with three places
_WHOLE: Final = 2**53  # whole numbers beyond this are not told apart as floats
_FARTHEST: Final = 0.1  # that rounding may bring a sum of probabilities from 1

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Labelled:
    """True and predicted classes as numbers.

    Attributes:
        classes: the names, (C,).
        labels: int64 (N,), 0 to C - 1.
        predicted: int64 (N,) likewise; None where it was not given.
        assumed: what was not said.
    """

    classes: tuple[str, ...]
    labels: Int64Array
    predicted: Int64Array | None
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of N images for C classes, float32 (N, C), what they are, and what was assumed of them."""

    kind: PredictionKind
    values: npt.NDArray[np.float32]
    assumed: tuple[str, ...] = ()


def as_array(value: Any, *, name: str) -> npt.NDArray[Any]:
    """A numpy array of what may be a tensor on any device, a pandas object, a list or an array.

    Raises:
        InputError: it is nothing that can become an array of one type.

    >>> as_array([1, 2], name="labels")
    array([1, 2])
    """
    if hasattr(value, "detach"):  # torch; a tensor on a GPU has to come back
        value = value.detach().cpu()
        value = (value.float() if str(value.dtype) in ("torch.bfloat16", "torch.float16") else value).numpy()
    elif hasattr(value, "to_numpy"):  # pandas
        value = value.to_numpy()
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:  # rows of different lengths
        raise InputError(f"{name}: expected an array, a tensor, a pandas object or a list, got {error}") from error
    if array.dtype == object and array.size and all(isinstance(each, str) for each in array.flat):
        return array.astype(str)
    if array.dtype.kind not in "biufUS" or array.size == 0:
        got = f"{array.dtype} of shape {array.shape}" if array.size else "nothing"
        raise InputError(f"{name}: expected numbers or names, got {got}")
    return array.astype(str) if array.dtype.kind == "S" else array


def labelled(
    labels: Any, predicted: Any = None, *, columns: int | None = None, classes: Sequence[object] | None = None
) -> Labelled:
    """True and, where they are given, predicted classes as numbers from 0.

    Args:
        labels: (N,), numbers or names; one-hot rows (N, C) are read as the place of their 1.
        predicted: likewise; None where scores say it.
        columns: how many classes there are scores for; None without scores.
        classes: the names in the order of the columns or numbers; None where nobody says them.

    Raises:
        InputError: the lengths differ, a value is no class (its row is named), or there are too many classes.

    >>> found = labelled(["cat", "dog", "cat"], ["cat", "cat", "dog"])
    >>> found.classes, found.labels.tolist(), found.predicted.tolist()
    (('cat', 'dog'), [0, 1, 0], [0, 0, 1])
    >>> labelled([1, 2, 3], columns=3).assumed
    ('labels: 1 is taken as the first class',)
    """
    true, assumed = _one_column(_few_enough(as_array(labels, name="labels"), name="labels"), name="labels")
    called = None if predicted is None else _one_column(as_array(predicted, name="predicted"), name="predicted")[0]
    if called is not None and len(called) != len(true):
        raise InputError(f"predicted: expected as many as labels, {len(true)}, got {len(called)}")
    both = [true] if called is None else [true, called]
    if classes is not None and columns is not None and len(classes) != columns:
        raise InputError(f"classes: expected a name for each of {columns} columns, got {len(classes)}")
    more: tuple[str, ...] = ()
    said = None if classes is None else _by_value(both, classes)
    if said is not None and classes is not None:
        names, codes = tuple(map(str, classes)), said
    elif all(array.dtype.kind in "iu" for array in both):
        names, codes, more = _numbered(both, columns=columns, classes=classes)
    else:
        names, codes, more = _named([array.astype(str) for array in both], columns=columns, classes=classes)
    check_names(names)
    return Labelled(names, codes[0], codes[1] if called is not None else None, (*assumed, *more))


def _few_enough(array: npt.NDArray[Any], *, name: str) -> npt.NDArray[Any]:
    if array.ndim and len(array) > MOST_ROWS:
        raise InputError(f"{name}: expected at most {MOST_ROWS:,} rows, got {len(array):,}")
    return array


def _one_column(array: npt.NDArray[Any], *, name: str) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """Labels (N,): whole numbers or names."""
    assumed: tuple[str, ...] = ()
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and is_one_hot(array):
        array, assumed = array.argmax(axis=1), (f"{name}: each row is taken as one-hot",)
    if array.ndim != 1:
        raise InputError(f"{name}: expected one value for each image, got shape {array.shape}")
    if array.dtype.kind == "f":
        off = np.flatnonzero(~np.isfinite(array) | (array != np.floor(array)) | (np.abs(array) > _WHOLE))
        if off.size:
            raise InputError(f"{name}: expected whole numbers or names, got {array[off[0]]} in row {off[0]}")
        array = array.astype(np.int64)
    return (array.astype(np.int64) if array.dtype.kind == "b" else array), assumed


def is_one_hot(array: npt.NDArray[Any]) -> bool:
    """Whether each row of a matrix (N, C) is 0 but for a 1."""
    return array.dtype.kind in "biuf" and bool(((array != 0).sum(axis=1) == 1).all()) and bool(array.max() == 1)


def _numbered(
    both: list[npt.NDArray[Any]], *, columns: int | None, classes: Sequence[object] | None
) -> tuple[tuple[str, ...], list[Int64Array], tuple[str, ...]]:
    """Classes that are given as numbers: from 0, from 1, or any, which are names then."""
    low, high = min(int(array.min()) for array in both), max(int(array.max()) for array in both)
    known = columns if columns is not None else (None if classes is None else len(classes))
    if known is None and not (low >= 0 and high < max(len(np.unique(np.concatenate(both))), 2) + MOST_CLASSES // 10):
        return _named([array.astype(str) for array in both], columns=None, classes=None)
    size = known if known is not None else high + 1
    assumed: tuple[str, ...] = ()
    if low == 1 and high == size and known is not None:
        both, low, high = [array - 1 for array in both], 0, high - 1
        assumed = ("labels: 1 is taken as the first class",)
    if low < 0 or high >= size:
        array, name = next(
            (a, n) for a, n in zip(both, ("labels", "predicted"), strict=False) if _is_off(a, size).any()
        )
        row = int(_is_off(array, size).argmax())
        raise InputError(f"{name}: expected numbers from 0 to {size - 1}, got {array[row]} in row {row}")
    names = tuple(map(str, classes)) if classes is not None else tuple(map(str, range(size)))
    return names, [array.astype(np.int64) for array in both], assumed


def _by_value(both: list[npt.NDArray[Any]], classes: Sequence[object]) -> list[Int64Array] | None:
    """The places of labels that are numbers among classes that are called by numbers, or true and false.

    None where they are not, or where a label is none of them: numbers are places then.
    """
    if any(array.dtype.kind not in "iu" for array in both):
        return None
    words = {"true": "1", "false": "0"}
    try:
        values = np.array([float(words.get(str(each).lower(), str(each))) for each in classes])
    except ValueError:
        return None
    order = np.argsort(values, kind="stable")
    codes = [order[np.searchsorted(values, array, sorter=order).clip(max=len(values) - 1)] for array in both]
    if len(np.unique(values)) < len(values) or not all(map(np.array_equal, both, (values[code] for code in codes))):
        return None
    return [code.astype(np.int64) for code in codes]


def _is_off(array: npt.NDArray[Any], size: int) -> npt.NDArray[np.bool_]:
    return (array < 0) | (array >= size)


def _named(
    both: list[npt.NDArray[Any]], *, columns: int | None, classes: Sequence[object] | None
) -> tuple[tuple[str, ...], list[Int64Array], tuple[str, ...]]:
    """Classes that are given by their names: in the order that was said, else sorted."""
    assumed: tuple[str, ...] = ()
    if classes is None:
        found = sorted({value for array in both for value in array.tolist()}, key=_order)
        if columns is not None and len(found) != columns:
            raise InputError(
                f"classes: expected {columns}, one for each column of the scores, but the labels name {len(found)}: "
                "say classes=[...] in the order of the columns"
            )
        if columns is not None:
            assumed = ("classes: the columns are taken in the sorted order of the names",)
        names = tuple(found)
    else:
        names = tuple(map(str, classes))
    places = {name: place for place, name in enumerate(names)}
    codes = []
    for array, name in zip(both, ("labels", "predicted"), strict=False):
        numbers = np.fromiter((places.get(value, -1) for value in array.tolist()), dtype=np.int64, count=len(array))
        if (off := np.flatnonzero(numbers < 0)).size:
            row = int(off[0])
            expected = shortened(", ".join(names), 80)
            raise InputError(
                f"{name}: expected one of {expected}, got {shortened(str(array[row]), _LONGEST)!r} in row {row}"
            )
        codes.append(numbers)
    if len(codes) > 1 and not np.isin(codes[1], codes[0]).any():
        assumed = (*assumed, "predicted: no name occurs among the labels: are they written differently?")
    return names, codes, assumed


def _order(name: str) -> tuple[int, float, str]:
    """Numbers by their value, before all words."""
    try:
        return 0, float(name), name
    except ValueError:
        return 1, 0.0, name


def check_names(names: Sequence[str]) -> None:
    """The names are 2 to `MOST_CLASSES`, each once, of at most `LONGEST_NAME` signs.

    Raises:
        InputError: they are not; names the one that is there twice, or is too long.
    """
    if not 2 <= len(names) <= MOST_CLASSES:
        raise InputError(f"classes: expected 2 to {MOST_CLASSES}, got {len(names)}")
    if longest := next((name for name in names if len(name) > LONGEST_NAME), ""):
        raise InputError(
            f"classes: expected names of at most {LONGEST_NAME} signs, got {len(longest):,}: "
            f"{shortened(longest, _LONGEST)!r}"
        )
    if len(set(names)) < len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise InputError(f"classes: expected each name once, got {shortened(twice, _LONGEST)!r} twice")


def named_by_columns(labels: Any, scores: Any) -> tuple[Any, Sequence[str] | None]:
    """The names that a table of scores has for its columns, as pandas keeps them, and the labels to read with them.

    Returns:
        The labels, as text where they are among the names; and the names, None where the columns are only counted.
    """
    columns = getattr(scores, "columns", None)
    if columns is None or list(columns) == list(range(len(columns))):
        return labels, None
    names = tuple(map(str, columns))
    true = as_array(labels, name="labels")
    if true.ndim == 1 and set(map(str, np.unique(true).tolist())) <= set(names):
        return true.astype(str), names
    return labels, names


def scored(probabilities: Any = None, logits: Any = None) -> Scored | None:
    """Probabilities or logits as float32 (N, C); None where neither is given.

    Args:
        probabilities: (N, C), 0 to 1, or in percent; (N,) is that of the second of two classes.
        logits: (N, C), any finite numbers; where each row is a log-softmax, it is the same.

    Raises:
        InputError: both are given, or a value is none of these; its row is named.

    >>> scored(probabilities=[0.25, 1.0]).values.tolist()
    [[0.75, 0.25], [0.0, 1.0]]
    """
    if probabilities is not None and logits is not None:
        raise InputError("probabilities, logits: expected one of them, got both")
    if probabilities is None and logits is None:
        return None
    name = "logits" if probabilities is None else "probabilities"
    array = _few_enough(as_array(logits if probabilities is None else probabilities, name=name), name=name)
    if array.dtype.kind not in "iuf":
        raise InputError(f"{name}: expected numbers, got {array.dtype}")
    _require_columns(array, array.ndim != 2 or array.shape[1] <= MOST_CLASSES, name=name)  # before it is copied
    values = array.astype(np.float64)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    assumed: tuple[str, ...] = ()
    if values.ndim == 1 and name == "probabilities":
        values = np.stack([1 - values, values], axis=1)
        assumed = ("probabilities: one column is taken as that of the second class",)
    _require_columns(array, values.ndim == 2 and 2 <= values.shape[1] <= MOST_CLASSES, name=name)
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if bad.size:
        raise InputError(f"{name}: expected finite numbers, got another in row {bad[0]}")
    if name == "logits":
        return Scored("logits", values.astype(np.float32))
    return _probabilities(values, assumed)


def _require_columns(array: npt.NDArray[Any], fits: bool, *, name: str) -> None:
    if not fits:
        raise InputError(
            f"{name}: expected a row for each image and 2 to {MOST_CLASSES} columns, got shape {array.shape}"
        )


def _probabilities(values: npt.NDArray[np.float64], assumed: tuple[str, ...]) -> Scored:
    sums = values.sum(axis=1)
    if values.min() >= 0 and values.max() > 1 and np.allclose(sums, _PERCENT, atol=_PERCENT * SUM_TOLERANCE):
        values, sums = values / _PERCENT, sums / _PERCENT
        assumed = (*assumed, "probabilities: taken as percent")
    low, high = values.min(axis=1), values.max(axis=1)
    far = np.abs(sums - 1)
    off = np.flatnonzero((low < 0) | (high > 1) | (far > _tolerance(values)))
    if off.size:
        row = int(off[0])
        raise InputError(
            f"probabilities: expected 0 to 1 and rows that sum to 1, got {low[row]:.4g} to {high[row]:.4g} with the "
            f"sum {sums[row]:.4g} in row {row}; if these are a network's raw outputs, say logits=..."
        )
    if (far > SUM_TOLERANCE / 2).any():
        values = values / sums[:, None]
        assumed = (*assumed, "probabilities: rounded ones, each row divided by its sum")
    return Scored("probabilities", values.astype(np.float32), assumed)


def _tolerance(values: npt.NDArray[np.float64]) -> float:
    """How far the sum of a row may be from 1: of many classes with few places, as far as rounding can bring it."""
    for places in (2, 3):
        scaled = values[:_LOOKED_AT] * 10.0**places
        if np.abs(scaled - np.rint(scaled)).max() < _SAME:
            farthest: float = values.shape[1] * 0.5 * 10.0**-places
            return min(max(SUM_TOLERANCE + _SAME, farthest), _FARTHEST)
    return SUM_TOLERANCE


_IMAGES_EXPECTED = "images: expected (N, H, W), (N, H, W, 3) or flat squares, uint8 or 0 to 1"


def images(value: Any, *, count: int) -> npt.NDArray[np.uint8]:
    """Images as uint8 (N, H, W) or (N, H, W, 3).

    Args:
        value: (N, H, W), (N, H, W, 1 or 3), (N, 1 or 3, H, W), or flat squares (N, side²); uint8, floats from 0 to 1,
            or scikit-learn's digits from 0 to 16.
        count: how many there have to be.

    Raises:
        InputError: the shape, the number or a value is none of these.

    >>> images(np.ones((2, 64)), count=2).shape
    (2, 8, 8)
    """
    array = as_array(value, name="images")
    if len(array) != count:
        raise InputError(f"images: expected one for each of {plural(count, 'label')}, got {len(array)}")
    return _as_bytes(_as_pictures(array))


def _as_pictures(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(N, H, W) or (N, H, W, 3), whatever the order of the axes."""
    given_shape = array.shape
    if array.ndim == 2 and (side := int(array.shape[1] ** 0.5)) ** 2 == array.shape[1]:
        array = array.reshape(len(array), side, side)
    if array.ndim == 4 and array.shape[1] in (1, 3) and array.shape[3] not in (1, 3):
        array = np.moveaxis(array, 1, 3)
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    if array.ndim not in (3, 4) or (array.ndim == 4 and array.shape[3] != 3) or max(array.shape[1:3]) > MOST_PIXELS:
        raise InputError(f"{_IMAGES_EXPECTED}, got shape {given_shape}")
    return array


def _as_bytes(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise InputError(f"{_IMAGES_EXPECTED}, got {array.dtype} with values that are no finite numbers")
    low, high = float(array.min()), float(array.max())
    if low < 0 or high > 255:
        raise InputError(
            f"{_IMAGES_EXPECTED}, got {low:.4g} to {high:.4g}: undo what was done to the images before the network"
        )
    top = 255.0
    if high <= 1:
        top = 1.0
    elif high <= 16 and array.dtype.kind == "f" and bool((array == np.floor(array)).all()):
        top = 16.0  # scikit-learn's digits
    scaled: npt.NDArray[np.float32] = array.astype(np.float32) * np.float32(255 / top)
    return np.ascontiguousarray(np.rint(scaled).astype(np.uint8))
