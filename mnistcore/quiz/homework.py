"""Owns a homework: the questions of one checkpoint with a name of their own, and what putting them on paper needs."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnistcore.datasets.png import png_base64
from mnistcore.datasets.registry import DATASETS
from mnistcore.errors import InputError, shortened
from mnistcore.quiz.kinds import ask
from mnistcore.quiz.questions import Question
from mnistcore.quiz.texts import LANGUAGES
from mnistcore.runs.manifest import ClassRecord, DatasetRecord
from mnistcore.stored_runs import RunEvaluation
from mnistcore.wording import one_line, plural

MAX_QUESTIONS = 50
_LONGEST_NAME = 40  # signs of a class's name


@dataclass(frozen=True, slots=True)
class Homework:
    """Questions about a checkpoint.

    Attributes:
        quiz: what the homework is called, the same in both languages; it tells nothing about the answers.
        result: the checkpoint's numbers.
        dataset: the title of the data set, in the language.
        names: of the classes, in the language, (C,).
        pictures: index of an image in the split -> its PNG in a data URI, ink on paper; those that are here.
    """

    quiz: str
    result: RunEvaluation
    seed: int
    language: str
    dataset: str
    names: tuple[str, ...]
    questions: tuple[Question, ...]
    pictures: Mapping[int, str]


def make_homework(
    result: RunEvaluation,
    *,
    dataset: DatasetRecord,
    seed: int,
    count: int,
    language: str,
    images: NDArray[np.uint8] | None,
) -> Homework:
    """The homework that a seed makes of a checkpoint.

    Args:
        count: how many questions, 1 to `MAX_QUESTIONS`.
        language: one of `LANGUAGES`.
        images: of the split, uint8 (N, H, W) or (N, H, W, 3); None where they are not here.

    Raises:
        InputError: an argument is not as stated above, or the checkpoint does not give one question.
    """
    if language not in LANGUAGES:
        raise InputError(f"language: expected one of {', '.join(LANGUAGES)}, got {language!r}")
    if not 1 <= count <= MAX_QUESTIONS:
        raise InputError(f"count: expected 1 to {MAX_QUESTIONS} questions, got {count}")
    questions = ask(result.numbers, seed=seed, count=count)
    if not questions:
        raise InputError(
            f"run {result.run_id} gives no question: expected two classes or more with images, got "
            f"{plural(len(result.classes), 'class')} with {plural(result.numbers.total, 'image')}"
        )
    title = dataset.title or (DATASETS[dataset.name].title if dataset.name in DATASETS else None)
    return Homework(
        quiz=_name(result, seed, count),
        result=result,
        seed=seed,
        language=language,
        dataset=_short(getattr(title, language)) if title else dataset.name,
        names=class_names(result.classes, language),
        questions=questions,
        pictures={} if images is None else _pictures(questions, images),
    )


def _name(result: RunEvaluation, seed: int, count: int) -> str:
    """Twelve hexadecimal digits, of what decides the questions."""
    digest = hashlib.sha256(f"{result.run_id}/{result.split}/{result.epoch}/{seed}/{count}".encode())
    digest.update(result.matrix.tobytes())
    if result.numbers.predicted is not None:
        digest.update(result.numbers.predicted.tobytes())
    return digest.hexdigest()[:12]


def class_names(classes: Sequence[ClassRecord], language: str) -> tuple[str, ...]:
    """What the classes are called in a language, no two alike, (C,)."""
    names = [_short(getattr(record, language)) for record in classes]
    often = Counter(names)
    return tuple(f"{name} ({index})" if often[name] > 1 else name for index, name in enumerate(names))


def _short(name: str) -> str:
    return shortened(one_line(name), _LONGEST_NAME) or "–"


def _pictures(questions: Sequence[Question], images: NDArray[np.uint8]) -> dict[int, str]:
    wanted = {question.about.image for question in questions} - {None}
    return {index: _picture(images[index]) for index in wanted if index is not None and index < len(images)}


def _picture(pixels: NDArray[np.uint8]) -> str:
    ink_on_paper = 255 - pixels if pixels.ndim == 2 else pixels  # pictures in colour are as they are
    return f"data:image/png;base64,{png_base64(ink_on_paper)}"
