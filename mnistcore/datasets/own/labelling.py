"""Owns which classes a data set has, and which of its images are for training, validation and the test."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.datasets.own.found import WHOLE
from mnistcore.datasets.splits import SPLITS, Int64Array, holdout
from mnistcore.errors import InputError, shortened
from mnistcore.runs.manifest import MOST_CLASSES
from mnistcore.wording import one_line, plural

LONGEST_NAME: Final = 100  # signs of a class's name
SHARE: Final = 10  # one of so many is for validation, and one for the test, where that is not given

Labels = Mapping[str, npt.NDArray[Any]]  # split or `WHOLE` -> class numbers or names, (N,)
Places = dict[str, tuple[str, Int64Array]]  # split -> which part it is taken from, and which of its images


def number_classes(
    labels: Labels, names: Sequence[str] | None, notes: list[str]
) -> tuple[tuple[str, ...], dict[str, Int64Array]]:
    """The classes' names and, for each part, class numbers from 0.

    Args:
        names: of numbered classes, or the order of named ones; None: as the labels have them.
        notes: what was assumed is added.

    Raises:
        InputError: too few or too many classes, or names that do not fit.
    """
    named = {part: array.dtype.kind == "U" for part, array in labels.items()}
    if len(set(named.values())) > 1:
        raise InputError("labels: expected numbers in every split, or names in every one, got both")
    values = np.unique(np.concatenate(list(labels.values())))
    if all(named.values()):
        return _by_name(labels, [str(value) for value in values], names, notes)
    return _by_number(labels, values.astype(np.int64), names, notes)


def _by_name(
    labels: Labels, values: Sequence[str], names: Sequence[str] | None, notes: list[str]
) -> tuple[tuple[str, ...], dict[str, Int64Array]]:
    plain = {value: clean_name(value) for value in values}
    for name, count in Counter(plain.values()).items():
        if count > 1:
            notes.append(f"{count} names that look the same are one class: {shortened(name, 40)}")
    order = sorted(set(plain.values()), key=lambda name: (0, int(name), name) if name.isdecimal() else (1, 0, name))
    if names is not None:
        if sorted(map(clean_name, names)) != sorted(order):
            raise InputError(
                f"classes: expected the names {shortened(', '.join(order), 200)} in any order, got "
                f"{shortened(', '.join(names), 200)}"
            )
        order = [clean_name(name) for name in names]
    _require_classes(order)
    numbers = {name: number for number, name in enumerate(order)}
    found = {
        part: np.array([numbers[plain[str(value)]] for value in array], dtype=np.int64)
        for part, array in labels.items()
    }
    return tuple(order), found


def _by_number(
    labels: Labels, values: Int64Array, names: Sequence[str] | None, notes: list[str]
) -> tuple[tuple[str, ...], dict[str, Int64Array]]:
    low, high, count = int(values[0]), int(values[-1]), len(values)
    _require_count(count)
    if names is not None and low >= 0 and high < len(names):  # those of numbers that do not occur are for nothing
        order = [clean_name(names[number]) for number in values]
        if count < len(names):
            notes.append(f"{plural(len(names) - count, 'class')} without images left out")
    elif names is not None and count != len(names):
        raise InputError(f"classes: expected {plural(count, 'name')} for the labels {low} to {high}, got {len(names)}")
    else:
        order = [str(number) for number in values] if names is None else list(map(clean_name, names))
        if high - low + 1 > count:
            notes.append(f"the labels have gaps: the {count} numbers that occur were taken as the classes")
        elif low:
            notes.append(f"labels from {low} were taken as classes from 0")
    _require_classes(order)
    return tuple(order), {part: np.searchsorted(values, array).astype(np.int64) for part, array in labels.items()}


def clean_name(name: str) -> str:
    """A class's name on one line, in one way of writing it.

    Raises:
        InputError: nothing is left, or it is too long.
    """
    plain = one_line(unicodedata.normalize("NFC", name))
    if not plain or len(plain) > LONGEST_NAME:
        raise InputError(f"classes: expected names of 1 to {LONGEST_NAME} signs, got {shortened(name, 40)!r}")
    return plain


def _require_count(count: int) -> None:
    if not 2 <= count <= MOST_CLASSES:
        raise InputError(f"classes: expected 2 to {MOST_CLASSES:,}, got {count:,}")


def _require_classes(names: Sequence[str]) -> None:
    _require_count(len(names))
    twice = sorted({name for name in names if list(names).count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise InputError(f"classes: expected each name once, got {shortened(twice[0], 40)} twice")


# ---------------------------------------------------------------- splits


def divide(labels: Mapping[str, Int64Array], names: Sequence[str], notes: list[str]) -> Places:
    """Which images become which split: as given; what is not given is taken of the training images, from each class.

    Raises:
        InputError: a class has too few images, or none to train on.
    """
    base = WHOLE if WHOLE in labels else "train"
    if base not in labels:
        raise InputError(f"path: expected images to train on, got only {', '.join(labels)}")
    rest = np.arange(len(labels[base]))
    missing = [split for split in ("test", "validation") if split not in labels]
    _require_enough(labels[base], names, 1 + len(missing))
    places: Places = {split: (split, np.arange(len(labels[split]))) for split in SPLITS if split in labels}
    size = len(rest)
    for split in missing:
        chosen = _stratified(labels[base][rest], round(size / SHARE), names)
        places[split] = (base, rest[chosen])
        rest = rest[~chosen]
    places["train"] = (base, rest)
    if missing:
        shares = ", ".join(f"{split} {len(places[split][1]):,}" for split in SPLITS)
        taken = " and ".join(missing)
        were = "was" if len(missing) == 1 else "were"
        notes.append(f"{taken} {were} not given: a tenth of each class was taken, the same one every time: {shares}")
    part, indices = places["test"]
    seen = set(labels[part][indices].tolist())
    if unseen := [name for number, name in enumerate(names) if number not in seen]:
        notes.append(f"no test image of {shortened(', '.join(unseen), 200)}")
    return places


def _require_enough(labels: Int64Array, names: Sequence[str], least: int) -> None:
    counts = np.bincount(labels, minlength=len(names))
    few = np.flatnonzero(counts < least)
    if len(few):
        more = f" (and {len(few) - 1} more)" if len(few) > 1 else ""
        raise InputError(
            f"class {shortened(names[few[0]], 40)}: expected at least {plural(least, 'image')} to divide into training "
            f"and the rest, got {counts[few[0]]}{more}"
        )


def _stratified(labels: Int64Array, size: int, names: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Of each class its share, and at least one; the same ones on every machine."""
    chosen = holdout(labels, size, num_classes=len(names))
    for number in np.flatnonzero(np.bincount(labels[chosen], minlength=len(names)) == 0):
        mine = np.flatnonzero(labels == number)
        chosen[mine[number % len(mine)]] = True
    return chosen
