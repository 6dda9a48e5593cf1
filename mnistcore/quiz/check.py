"""Owns the one thing about the right answers that a worksheet holds: a salted, slow hash of all of them together.

Whoever can check an answer without being asked can also try every answer. So there is no hash of a single one, which
four attempts would find, but one of all answers joined; and none at all where they have too few combinations.
docs/homework.md says what that protects from, and from what it does not.
"""

import hashlib
import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mnistcore.quiz.questions import Question

ITERATIONS: Final = 600_000  # OWASP's number for PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet, 2023)
FEWEST_COMBINATIONS: Final = 10**8
_PERCENTAGES: Final = 101
_LIKELY_COUNTS: Final = 10  # of images: most can be ruled out by the table


@dataclass(frozen=True, slots=True)
class Check:
    """What a worksheet needs to tell whether all answers are right; salt and digest in hexadecimal digits."""

    salt: str
    iterations: int
    digest: str


def make_check(questions: Sequence[Question], *, salt: bytes | None = None) -> Check | None:
    """The check of some answers, with a new salt; None where trying all combinations would be too easy."""
    if combinations(questions) < FEWEST_COMBINATIONS:
        return None
    salt = secrets.token_bytes(16) if salt is None else salt
    digest = digest_of([question.answer for question in questions], salt=salt, iterations=ITERATIONS)
    return Check(salt.hex(), ITERATIONS, digest)


def combinations(questions: Sequence[Question]) -> int:
    """How many different hand-ins somebody would have to try who knows nothing: an estimate from below."""
    return math.prod(_possible(question) for question in questions)


def _possible(question: Question) -> int:
    if question.unit:
        return _PERCENTAGES if question.unit == "percent" else _LIKELY_COUNTS
    return len(question.options)


def digest_of(answers: Sequence[str], *, salt: bytes, iterations: int) -> str:
    """PBKDF2 with HMAC-SHA256 (RFC 8018) of the answers, a line each, as `Question.read` gives them.

    worksheet.js computes the same with the browser's WebCrypto.

    >>> digest_of(["tp", "96"], salt=bytes(16), iterations=1)[:16]
    '984cbd987ad56b43'
    """
    joined = "\n".join(answers).encode()
    return hashlib.pbkdf2_hmac("sha256", joined, salt, iterations).hex()
