"""mnistcore.quiz: every question has one right answer, counted anew here, and the same seed makes the same ones."""

import math
import re
from collections.abc import Iterator

import numpy as np
import pytest

from mnistcore.evaluation.evaluation import Evaluation, evaluate_predictions
from mnistcore.evaluation.predictions import Counts, PredictedLabels, Probabilities
from mnistcore.quiz.asked import in_words
from mnistcore.quiz.kinds import KINDS, ask
from mnistcore.quiz.markup import table_html
from mnistcore.quiz.questions import Question
from mnistcore.quiz.texts import LANGUAGES


def evaluation(
    classes: int, *, images: int = 400, right: float = 0.7, never: int | None = None, seed: int = 0
) -> Evaluation:
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, images)
    scores = random.random((images, classes)).astype(np.float32)
    scores[np.arange(images), np.where(random.random(images) < right, labels, (labels + 1) % classes)] += 2
    if never is not None:
        scores[:, never] = 0
    return evaluate_predictions(Probabilities(labels, scores / scores.sum(axis=1, keepdims=True)), num_classes=classes)


RUNS = {
    "two classes": evaluation(2),
    "ten": evaluation(10),
    "47 classes": evaluation(47, images=2000),
    "a class never predicted": evaluation(5, never=2),
    "all ties": evaluate_predictions(Counts(np.full((4, 4), 3)), num_classes=4),
    "perfect": evaluate_predictions(Counts(np.diag([5, 6, 7])), num_classes=3),
    "counts": evaluate_predictions(Counts(np.array([[8, 2, 1], [0, 9, 4], [3, 1, 7]])), num_classes=3),
    "labels": evaluate_predictions(
        PredictedLabels(np.array([0, 0, 1, 2, 2, 1]), np.array([0, 1, 1, 2, 0, 0]), num_classes=3), num_classes=3
    ),
}


def every_question() -> Iterator[tuple[Evaluation, Question]]:
    for run in RUNS.values():
        for seed in range(12):
            yield from ((run, question) for question in ask(run, seed=seed, count=12))


def right_answers(run: Evaluation, question: Question) -> set[str]:
    """Every answer that is right, from the matrix alone; more than one where the question is ambiguous."""
    about, matrix = question.about, run.matrix
    c = about.positive
    if c is not None:
        tp, support, called = int(matrix[c, c]), int(matrix[c].sum()), int(matrix[:, c].sum())
    total, correct = int(matrix.sum()), int(np.trace(matrix))
    if question.kind == "outcome":
        is_class, is_called = about.true == c, about.predicted == c
        return {{(1, 1): "tp", (1, 0): "fn", (0, 1): "fp", (0, 0): "tn"}[is_class, is_called]}
    if question.kind == "denominator":
        return {
            {"recall": "row", "precision": "column", "accuracy": "everything", "specificity": "others"}[about.metric]
        }
    if question.kind in ("recall", "precision"):
        exact = 100 * tp / (support if question.kind == "recall" else called)
        return {str(whole) for whole in range(101) if abs(whole - exact) <= 0.5}
    if question.kind == "count":
        sums = {"row": support, "column": called, "correct": correct, "everything": total}
        return {name for name, images in sums.items() if images == question.counts["count"]}
    if question.kind == "apart":
        return {str(total - correct - (support - tp) - (called - tp))}
    if question.kind == "argmax":
        shown = dict(zip(question.options, question.shares, strict=True))
        return {name for name, share in shown.items() if share == max(shown.values())}
    part = matrix[np.ix_(about.classes, about.classes)]
    assert question.cells == tuple(map(tuple, part.tolist()))
    if question.kind == "confused":
        off = part[~np.eye(len(part), dtype=bool)].max()
        return {f"{t}-{p}" for t in about.classes for p in about.classes if t != p and matrix[t, p] == off}
    place = about.classes.index(about.true), about.classes.index(about.predicted)
    if question.kind == "axis":
        seen = part.T if about.is_turned else part
        count = question.counts["count"]
        return {name for name, at in (("rows", place), ("columns", place[::-1])) if seen[at] == count}
    assert question.kind == "cell"
    return {str(matrix[about.true, about.predicted])}


def test_every_question_has_the_one_right_answer() -> None:
    asked = list(every_question())
    assert {question.kind for _, question in asked} == set(KINDS)
    for run, question in asked:
        assert right_answers(run, question) == {question.answer}, question
        assert question.is_right(question.answer)
        if question.options:
            assert question.answer in question.options
            assert len(set(question.options)) == len(question.options) > 1
        else:
            assert question.unit
            assert not question.is_right(str(int(question.answer) + 1))


def test_an_image_is_one_that_the_question_is_about() -> None:
    for run, question in every_question():
        if (image := question.about.image) is not None:
            assert (run.labels[image], run.predicted[image]) == (question.about.true, question.about.predicted)


def test_a_seed_makes_the_same_questions_and_another_seed_others() -> None:
    run = RUNS["ten"]
    first = ask(run, seed=7, count=20)
    assert first == ask(run, seed=7, count=20)
    assert first[:5] == ask(run, seed=7, count=5)
    assert first != ask(run, seed=8, count=20)
    assert {question.kind for question in first[: len(KINDS)]} == set(KINDS)
    assert len({(question.kind, question.about) for question in first}) == len(first) == 20


def test_the_questions_of_a_seed_are_these_for_ever() -> None:
    kinds = [question.kind for question in ask(RUNS["counts"], seed=1, count=4)]
    assert kinds == ["axis", "outcome", "precision", "confused"], "keys that were handed out are not right any more"


@pytest.mark.parametrize(
    ("run", "left_out"),
    [
        ("two classes", {"apart"}),
        ("counts", {"argmax"}),
        ("labels", {"argmax", "confused"}),
        ("perfect", {"apart", "argmax", "axis", "cell", "confused", "count", "denominator"}),
        ("all ties", {"axis", "cell", "confused", "count", "argmax"}),
    ],
)
def test_kinds_that_a_run_does_not_allow_are_left_out(run: str, left_out: set[str]) -> None:
    asked = {question.kind for seed in range(30) for question in ask(RUNS[run], seed=seed, count=12)}
    assert asked == set(KINDS) - left_out


@pytest.mark.parametrize("matrix", [np.zeros((3, 3), int), np.array([[4]])], ids=["no images", "one class"])
def test_nothing_is_asked_where_there_is_nothing_to_ask(matrix: np.ndarray) -> None:
    run = evaluate_predictions(Counts(matrix), num_classes=len(matrix))
    assert ask(run, seed=1, count=5) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_is_asked_in_words_without_a_gap(language: str) -> None:
    for run, question in every_question():
        names = [f"<b>{index}" for index in range(len(run.matrix))]
        asked = in_words(question, language, names)
        told = [asked.prompt, asked.reason, asked.answer, *asked.options.values()]
        assert all(text.strip() and not re.search(r"[{}]", text) for text in told), told
        assert len(set(asked.options.values())) == len(question.options)
        assert bool(asked.unit) == bool(question.unit)
        if question.options:
            assert asked.answer == asked.options[question.answer]
        if asked.table is not None:
            assert "<b>" not in table_html(asked.table), "names are escaped"


def test_what_is_shown_is_enough_to_compute_the_answer() -> None:
    for _, question in every_question():
        if question.kind in ("recall", "precision", "apart", "count"):
            table = in_words(question, "en", [str(index) for index in range(47)]).table
            assert table is not None
            shown = [int(text.replace(",", "")) for row in table.cells for text in row]
            assert shown == [question.counts[outcome] for outcome in ("tp", "fn", "fp", "tn")]
            assert math.isclose(sum(shown), question.counts["total"])
