"""Owns what was brought in this session, and what the reader has said about it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mnistcore.imports.keeping import LONGEST_NAME
from ui import state

PASTED: Final = "pasted.txt"  # what pasted text is called


@dataclass(frozen=True, slots=True)
class Brought:
    """One or two files, or pasted text.

    Attributes:
        key: what tells it from others that were brought.
        files: name -> bytes.
        answers: what the reader has said about them, until the session ends; to be written to.
    """

    key: str
    files: Mapping[str, bytes]
    answers: dict[str, str]

    @property
    def name(self) -> str:
        """Of the only file, or of both."""
        return " + ".join(self.files)

    def answer(self, question: str, *, otherwise: str = "") -> str:
        """What the reader has said."""
        return self.answers.get(question, otherwise)

    def say(self, question: str, answer: str) -> None:
        """Remember what the reader says."""
        self.answers[question] = answer
        self.answers.pop("kept", None)

    def say_kept(self, run_id: str, *, is_new: bool) -> None:
        """Remember as which run it was kept, as long as nothing else is said about it."""
        self.answers.update(kept=run_id, again="" if is_new else "yes")

    def proposed_name(self, stem: str) -> str:
        """What the run is called unless the reader says otherwise."""
        return self.answer("name", otherwise=stem[:LONGEST_NAME])


def brought(key: str, files: Mapping[str, bytes]) -> Brought:
    """These files, with what was said about them."""
    return Brought(key, files, state.kept(f"bring.{key}"))


def pasted(text: str) -> Brought:
    """A text, with what was said about it."""
    data = text.encode()
    return brought(hashlib.sha256(data).hexdigest()[:16], {PASTED: data})
