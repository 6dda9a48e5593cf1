"""Owns the JSON documents of the commands about homework; other people's scripts read them, as those of `documents`."""

from pathlib import Path
from typing import TYPE_CHECKING, Self

from mnistcore.console.documents import Document

if TYPE_CHECKING:
    from mnistcore.quiz.grading import Marks
    from mnistcore.quiz.homework import Homework


class QuizFacts(Document):
    """The document of `quiz`."""

    quiz: str
    run_id: str
    split: str
    epoch: int
    seed: int
    questions: int
    worksheet: str  # the files
    key: str

    @classmethod
    def of(cls, made: "Homework", *, worksheet: Path, key: Path) -> Self:
        """Build it from a homework and its files."""
        return cls(
            quiz=made.quiz,
            run_id=made.result.run_id,
            split=made.result.split,
            epoch=made.result.epoch,
            seed=made.seed,
            questions=len(made.questions),
            worksheet=str(worksheet),
            key=str(key),
        )


class MarkFacts(Document):
    """What one student has handed in."""

    file: str
    number: str
    name: str
    quiz: str
    saved: str
    points: int
    questions: int
    right: list[bool]
    answers: list[str]


class RefusedFacts(Document):
    """A file that does not count."""

    file: str
    reason: str


class MarksFacts(Document):
    """The document of `grade`."""

    marks: list[MarkFacts]
    refused: list[RefusedFacts]

    @classmethod
    def of(cls, found: "Marks") -> Self:
        """Build it from the marks of a folder."""
        return cls(
            marks=[
                MarkFacts(
                    file=mark.file,
                    number=mark.number,
                    name=mark.name,
                    quiz=mark.quiz,
                    saved=mark.saved,
                    points=mark.points,
                    questions=len(mark.right),
                    right=list(mark.right),
                    answers=list(mark.answers),
                )
                for mark in found.marks
            ],
            refused=[RefusedFacts(file=each.file, reason=each.reason) for each in found.refused],
        )
