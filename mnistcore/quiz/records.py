"""Owns the two records of a homework as JSON: the key, which the instructor keeps, and what a student hands in."""

import json
import re
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from mnistcore.quiz.homework import MAX_QUESTIONS, Homework
from mnistcore.quiz.questions import Unit, read_answer

KEY_FORMAT: Final = "mnistcore quiz key"
HAND_IN_FORMAT: Final = "mnistcore quiz hand-in"
_KEY_ELEMENT: Final = re.compile(r'<script type="application/json" id="key">(.*?)</script>', re.DOTALL)

Short = Annotated[str, Field(max_length=100)]
QuizName = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class KeyQuestion(_Record):
    """The right answer to one question, and what can be answered."""

    kind: Short
    options: tuple[Short, ...]
    unit: Unit
    answer: Short

    def is_right(self, given: str) -> bool:
        """Whether an answer is the right one; as `Question.is_right`."""
        return read_answer(given, options=self.options, unit=self.unit) == self.answer


class Key(_Record):
    """The right answers of a homework; with run, seed and number of questions the same key can be made again."""

    format: Literal["mnistcore quiz key"] = KEY_FORMAT
    version: Literal[1] = 1
    quiz: QuizName
    run_id: Short
    split: Short
    epoch: int
    seed: int
    questions: Annotated[tuple[KeyQuestion, ...], Field(min_length=1, max_length=MAX_QUESTIONS)]


class HandIn(_Record):
    """What a student hands in, as worksheet.js writes it."""

    format: Literal["mnistcore quiz hand-in"]
    version: Literal[1]
    quiz: QuizName
    name: Short
    number: Short  # the student's
    answers: Annotated[tuple[Short, ...], Field(max_length=MAX_QUESTIONS)]
    saved: Short  # when, by the student's clock, ISO 8601 in UTC


def key_of(homework: Homework) -> Key:
    """The key of a homework."""
    return Key(
        quiz=homework.quiz,
        run_id=homework.result.run_id,
        split=homework.result.split,
        epoch=homework.result.epoch,
        seed=homework.seed,
        questions=tuple(
            KeyQuestion(kind=each.kind, options=each.options, unit=each.unit, answer=each.answer)
            for each in homework.questions
        ),
    )


def script_json(document: object) -> str:
    """A document as JSON that nothing in it can end the script element of."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False).replace("<", r"\u003c")


def find_key(html: str) -> str | None:
    """The key's JSON in the HTML of an answer key; None where there is none."""
    found = _KEY_ELEMENT.search(html)
    return found[1] if found else None
