"""Owns the marks of a folder of hand-ins: which answers are right, and in words what of the folder does not count.

Nothing in the folder is trusted: files of any kind and size, in any encoding, from anybody.
"""

import os
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from mnistcore.errors import InputError, printable, shortened
from mnistcore.quiz.records import HAND_IN_FORMAT, HandIn, Key, find_key
from mnistcore.runs import plain_files
from mnistcore.runs.manifest import first_fault
from mnistcore.wording import plural

MAX_FILES: Final = 10_000  # more are not looked at
_MAX_KEY_BYTES: Final = 32 * 2**20  # an answer key with pictures
_MAX_HAND_IN_BYTES: Final = 256 * 2**10
_LONGEST_REASON: Final = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """What one student has handed in, and how much of it is right."""

    file: str
    name: str
    number: str  # the student's
    quiz: str
    saved: str  # by the student's clock, as it was handed in
    right: tuple[bool, ...]  # of each question
    answers: tuple[str, ...]  # as they were given

    @property
    def points(self) -> int:
        """How many answers are right."""
        return sum(self.right)


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that does not count, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a folder, by quiz, then by student; and what does not count."""

    marks: tuple[Mark, ...]
    refused: tuple[Refused, ...]


@dataclass(slots=True)
class _Found:
    keys: dict[str, Key] = field(default_factory=dict)
    hand_ins: list[tuple[str, HandIn]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def grade(folder: Path, *, keys: Iterable[Path] = ()) -> Marks:
    """The marks of every hand-in of a folder.

    Where a student has handed in several times, what was saved last counts.

    Args:
        folder: with hand-ins, and answer keys too; folders in it are not looked into.
        keys: answer keys elsewhere.

    Raises:
        InputError: there is no such folder, a file of ``keys`` is no answer key, or there is none at all.
    """
    found = _look(folder)
    for path in keys:
        key = _read_key(path)
        found.keys[key.quiz] = key
    if not found.keys:
        raise InputError(
            f"{folder}: expected an answer key (quiz-key.html, as `quiz` writes it) in it or as --key, got none. "
            "`quiz` with the same run, seed and count makes it again"
        )
    marks, refused = _mark(found.hand_ins, found.keys)
    return Marks(
        marks=tuple(sorted(marks, key=lambda mark: (mark.quiz, _sortable(mark.number), _sortable(mark.name)))),
        refused=tuple(sorted((*found.refused, *refused), key=lambda each: each.file)),
    )


# ---------------------------------------------------------------- what is in the folder


class _Unreadable(Exception):
    """A file cannot be used; says why."""


def _look(folder: Path) -> _Found:
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if not entry.is_dir(follow_symlinks=False))
    except OSError as error:
        raise InputError(
            f"{folder}: expected a folder with hand-ins, got none that can be read: {error.strerror}"
        ) from error
    found = _Found()
    for name in names[:MAX_FILES]:
        if name.startswith("."):
            continue
        try:
            if name.lower().endswith((".html", ".htm")):
                _take_key(found, folder / name)
            else:
                found.hand_ins.append((name, _read_hand_in(folder / name)))
        except _Unreadable as error:
            found.refused.append(Refused(name, str(error)))
    for name in names[MAX_FILES:]:
        found.refused.append(Refused(name, f"not looked at: the folder has more than {plural(MAX_FILES, 'file')}"))
    return found


def _take_key(found: _Found, path: Path) -> None:
    """Keep what an answer key says; a worksheet is neither a key nor a hand-in."""
    text = find_key(_read_text(path, _MAX_KEY_BYTES))
    if text is None:
        raise _Unreadable(
            "no hand-in: expected the JSON file that the worksheet saves, got a page without an answer key"
        )
    key = _parse_key(text)
    found.keys[key.quiz] = key


def _read_key(path: Path) -> Key:
    try:
        text = _read_text(path, _MAX_KEY_BYTES)
        return _parse_key(find_key(text) or text)
    except _Unreadable as error:
        raise InputError(f"{path}: expected an answer key: {error}") from error


def _parse_key(text: str) -> Key:
    try:
        return Key.model_validate_json(text)
    except ValidationError as error:
        raise _Unreadable(f"no answer key of this version: {_told(error)}") from error


def _read_hand_in(path: Path) -> HandIn:
    text = _read_text(path, _MAX_HAND_IN_BYTES)
    try:
        return HandIn.model_validate_json(text)
    except ValidationError as error:
        if HAND_IN_FORMAT in text:
            raise _Unreadable(f"a damaged hand-in: {_told(error)}") from error
        raise _Unreadable(f"no hand-in: expected the JSON file that the worksheet saves, got {_told(error)}") from error


def _told(error: ValidationError) -> str:
    return shortened(printable(first_fault(error)), _LONGEST_REASON)


def _read_text(path: Path, max_bytes: int) -> str:
    try:
        data = plain_files.read_file(path, max_bytes=max_bytes)
    except OSError as error:
        raise _Unreadable(f"cannot be read: {error.strerror or error}") from error
    if not data.strip():
        raise _Unreadable("empty")
    is_utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    with suppress(UnicodeDecodeError):
        return data.decode("utf-16" if is_utf_16 else "utf-8-sig")
    raise _Unreadable(
        "not UTF-8: expected the file as the worksheet has saved it, not opened and saved by another program"
    )


# ---------------------------------------------------------------- the marks


def _mark(hand_ins: Iterable[tuple[str, HandIn]], keys: Mapping[str, Key]) -> tuple[list[Mark], list[Refused]]:
    last: dict[tuple[str, str], Mark] = {}  # quiz, student
    refused = []
    for file, hand_in in hand_ins:
        key = keys.get(hand_in.quiz)
        if key is None:
            refused.append(
                Refused(file, f"of another quiz, {hand_in.quiz}: the keys here are of {', '.join(sorted(keys))}")
            )
            continue
        if len(hand_in.answers) != len(key.questions):
            expected = plural(len(key.questions), "answer")
            refused.append(Refused(file, f"a damaged hand-in: expected {expected}, got {len(hand_in.answers)}"))
            continue
        student = _student(hand_in)
        if not student:
            refused.append(Refused(file, "without a name: expected a name or a student number"))
            continue
        mark = _marked(file, hand_in, key)
        other = last.get((hand_in.quiz, student))
        if other is None:
            last[hand_in.quiz, student] = mark
            continue
        earlier, later = sorted((other, mark), key=lambda each: (_moment(each.saved), each.file))
        last[hand_in.quiz, student] = later
        refused.append(Refused(earlier.file, f"handed in again by {later.number or later.name}: {later.file} counts"))
    return list(last.values()), refused


def _marked(file: str, hand_in: HandIn, key: Key) -> Mark:
    right = tuple(one.is_right(given) for one, given in zip(key.questions, hand_in.answers, strict=True))
    number, name, saved = (printable(text.strip()) for text in (hand_in.number, hand_in.name, hand_in.saved))
    return Mark(file, name, number, hand_in.quiz, saved, right, hand_in.answers)


def _student(hand_in: HandIn) -> str:
    """Who it is: the student number where there is one, else the name, however either is typed."""
    return _sortable(hand_in.number) or _sortable(hand_in.name)


def _sortable(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _moment(saved: str) -> float:
    """In seconds since 1970; before all others where nobody knows."""
    with suppress(ValueError, OverflowError):
        return datetime.fromisoformat(saved).timestamp()
    return float("-inf")
