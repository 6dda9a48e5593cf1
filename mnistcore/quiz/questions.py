"""Owns what a question is, without words: what it is about, what can be answered, and which answer is right."""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

Unit = Literal["", "percent", "images"]  # of the number that is asked for; empty: one of several options

# What somebody may type for a number. worksheet.js reads it in the same way.
_NUMBER: Final = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,9})(\.\d{0,9})?(%?)(?:枚|images?)?")


@dataclass(frozen=True, slots=True)
class About:
    """The facts that tell a question from all others of its kind."""

    positive: int | None = None  # the class that is looked at against the rest
    true: int | None = None  # this and the next: a cell of the matrix
    predicted: int | None = None
    image: int | None = None  # index in the split
    metric: str = ""  # a key of metrics.DEFINITIONS
    classes: tuple[int, ...] = ()  # of the part of the matrix that is shown, ascending
    is_turned: bool = False  # that part is shown with the true classes in the columns


@dataclass(frozen=True, slots=True)
class Question:
    """One question with one right answer.

    Attributes:
        kind: a key of `mnistcore.quiz.kinds.KINDS`.
        options: of which one is to be chosen, as names in no language; empty where a number is asked for.
        answer: one of the options, or the whole number, as text.
        unit: of the number.
        counts: name -> number of images, for the question and for the reason.
        cells: the part of the matrix that is shown, rows true, as `About.classes`.
        shares: probabilities of the classes that are shown, in whole percent.
    """

    kind: str
    about: About
    answer: str
    options: tuple[str, ...] = ()
    unit: Unit = ""
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    cells: tuple[tuple[int, ...], ...] = ()
    shares: tuple[int, ...] = ()

    @property
    def tolerance(self) -> float:
        """How far a number may be from the answer: a percentage that rounds to it is right, a count must be equal."""
        return 0.5 if self.unit == "percent" else 0.0

    def is_right(self, given: str) -> bool:
        """Whether an answer, as it was chosen or typed, is the right one."""
        return self.read(given) == self.answer

    def read(self, given: str) -> str:
        """An answer in the form of `answer`; empty where it is none."""
        return read_answer(given, options=self.options, unit=self.unit)


def read_answer(given: str, *, options: tuple[str, ...], unit: Unit) -> str:
    """An answer, as it was chosen or typed, as one of ``options`` or as a whole number; empty where it is neither.

    Full-width digits, thousands separators and units are read; a fraction that is written with a point stands for a
    percentage, as 0.956 for 95.6 %, where one is asked for.

    >>> [read_answer(text, options=(), unit="percent") for text in ("95.62", "９６％", "0.956", "1.0", "1", "x")]
    ['96', '96', '96', '100', '1', '']
    >>> read_answer("1,135 枚", options=(), unit="images"), read_answer("2.5", options=(), unit="images")
    ('1135', '')
    >>> read_answer("tp", options=("tp", "fn"), unit=""), read_answer("4", options=("tp", "fn"), unit="")
    ('tp', '')
    """
    text = given.strip()
    if not unit:
        return text if text in options else ""
    typed = "".join(unicodedata.normalize("NFKC", text).lower().split())
    found = _NUMBER.fullmatch(typed) if typed.isprintable() else None
    if found is None:
        return ""
    whole, fraction, sign = found[1].replace(",", ""), found[2] or "", found[3]
    value = float(whole + fraction)
    if unit == "images":
        return str(int(value)) if value == int(value) and not sign else ""
    if fraction and not sign and value <= 1:
        value *= 100
    return str(math.floor(value + 0.5))
