"""Owns the lesson in which the reader labels hard images, and sees the own matrix beside the model's."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.evaluation.hard_images import hard_images, likely_classes
from ui import controls, format, guard, state, style
from ui.checkpoint import Checkpoint
from ui.components.labelling import LabellingView, LabellingWords, given_answers, labelling
from ui.lessons import needs
from ui.lessons.class_answers import Entry, classroom, visitor
from ui.lessons.lesson import GUESS, JOINT, Guess, Lesson, NotHereError, Question
from ui.pictures import picture_html
from ui.texts import sentences, t

_KEY: Final = "labelling"
_ASKED: Final = 20  # images
_LEAST: Final = 5
_MOST_CLASSES: Final = 12  # of a small matrix
_MOST_OFFERED: Final = 20  # classes of which all can be chosen, unless they are single signs: those have room
_OFFERED: Final = 10  # of more, so many for each image
_LOOK_SECONDS: Final = 4.0


@dataclass(frozen=True, slots=True)
class _Task:
    """The images that are asked, and what is known of them."""

    checkpoint: Checkpoint
    asked: NDArray[np.int64]  # (N,) indices
    labels: NDArray[np.int64]  # (N,)
    predicted: NDArray[np.int64]  # (N,)

    @property
    def right(self) -> int:
        """How many of them the model has classified correctly."""
        return int((self.predicted == self.labels).sum())

    @property
    def offers_all(self) -> bool:
        """Whether every class can be chosen for every image."""
        names = self.checkpoint.names
        return len(names) <= _MOST_OFFERED or all(len(name) == 1 for name in names)

    def offered(self) -> list[list[int]]:
        """(N,) the classes that can be chosen for each image."""
        if self.offers_all:
            return [list(range(len(self.checkpoint.names)))] * len(self.asked)
        evaluation = self.checkpoint.evaluation
        return [likely_classes(evaluation, image, _OFFERED).tolist() for image in self.asked.tolist()]

    def images(self) -> NDArray[np.uint8]:
        """uint8 (N, H, W)."""
        return self.checkpoint.images()[self.asked]


def _ask(checkpoint: Checkpoint) -> Question:
    seen = checkpoint.evaluation.per_image
    asked = np.zeros(0, dtype=np.int64) if seen is None else hard_images(seen, _ASKED)
    if seen is None or len(asked) < _LEAST:
        raise NotHereError(t("lesson_you.few", fewest=_LEAST))
    task = _Task(checkpoint, asked, seen.labels[asked], seen.predicted[asked])
    facts = {"count": format.count(len(asked)), "right": format.count(task.right)}
    offered = {"count": format.count(_OFFERED), "classes": format.count(len(checkpoint.names))}
    return Question(
        text=sentences(t("lesson_you.question", **facts), "" if task.offers_all else t("lesson_you.some", **offered)),
        options={str(index): name for index, name in enumerate(checkpoint.names)},
        right=tuple(map(str, task.labels.tolist())),
        draw=partial(_draw, task),
        why=t("lesson_you.why", **facts),
        in_picture=True,
        wide=True,
    )


def _draw(task: _Task, guess: Guess) -> None:
    if len(guess) < len(task.asked):
        _draw_labelling(task, guess)
        return
    style.draw_sheet("lessons/you.css")
    answers = tuple(map(int, guess))
    st.html(_result(task, np.array(answers)))
    guard.fragment(_draw_class, run_every=_LOOK_SECONDS)(task, answers)


def _draw_labelling(task: _Task, guess: Guess) -> None:
    def store() -> None:
        if (answers := given_answers(_KEY)) is not None:
            state.put(GUESS, answers)

    words = LabellingWords(
        label=t("lesson_you.label"),
        classes=t("lesson_you.classes"),
        progress=t("lesson_you.progress"),
        back=t("lesson_you.back"),
    )
    view = LabellingView(images=task.images(), names=task.checkpoint.names, offered=task.offered(), words=words)
    labelling(key=_KEY, view=view, answers=JOINT.join(guess), on_answers=store)


# ---------------------------------------------------------------- the result


def _result(task: _Task, answers: NDArray[np.int64]) -> str:
    """The reader beside the model: accuracy with interval, matrix, and each image with both answers."""
    labels, predicted, names = task.labels, task.predicted, task.checkpoint.names
    sides = "".join(
        f"<div><h3>{format.html(t(f'lesson_you.{who}'))}</h3>{_score(labels, given)}"
        f"{_matrix(labels, given, names)}</div>"
        for who, given in (("you", answers), ("model", predicted))
    )
    images = task.images()
    tiles = "".join(
        _tile(images[place], *(names[given[place]] for given in (labels, answers, predicted)))
        for place in range(len(images))
    )
    return f"<div class='you'><div class='sides'>{sides}</div><div class='tiles'>{tiles}</div></div>"


def _score(labels: NDArray[np.int64], given: NDArray[np.int64]) -> str:
    right = int((labels == given).sum())
    told = t(
        "lesson_you.score",
        right=format.count(right),
        count=format.count(len(labels)),
        accuracy=format.percent(right / len(labels)),
        range=format.percent_range(*metrics.wilson_interval(right, len(labels))) or format.UNDEFINED,
    )
    return f"<p>{format.html(told)}</p>"


def _matrix(labels: NDArray[np.int64], given: NDArray[np.int64], names: Sequence[str]) -> str:
    """A small matrix; where there are too many classes, nothing: the images say it all."""
    if len(names) > _MOST_CLASSES:
        return ""
    counts = metrics.confusion_matrix(labels, given, num_classes=len(names)).tolist()
    heads = "".join(f"<th scope='col'>{format.html(name)}</th>" for name in names)
    rows = "".join(
        f"<tr><th scope='row'>{format.html(names[i])}</th>"
        + "".join(
            f"<td class='{'right' if i == j else 'wrong'}'>{count}</td>" if count else "<td></td>"
            for j, count in enumerate(row)
        )
        + "</tr>"
        for i, row in enumerate(counts)
    )
    caption = format.html(t("lesson_you.matrix"))
    return f"<table><caption>{caption}</caption><tr><td></td>{heads}</tr>{rows}</table>"


def _tile(pixels: NDArray[np.uint8], truth: str, you: str, model: str) -> str:
    told = ""
    for who, given in (("you", you), ("model", model)):
        kind = "right" if given == truth else "wrong"
        told += f"<span class='{kind}'>{format.html(t(f'lesson_you.{who}.short', name=given))}</span>"
    label = t("lesson_you.image", truth=truth, you=you, model=model)
    return (
        f"<figure title='{format.html(label)}'>{picture_html(pixels, alt=label)}"
        f"<figcaption><b>{format.html(t('lesson_you.truth', name=truth))}</b>{told}</figcaption></figure>"
    )


# ---------------------------------------------------------------- the class


def _draw_class(task: _Task, answers: tuple[int, ...]) -> None:
    """The answers of everybody who has handed in, as long as the board is open."""
    room, who = classroom(), visitor()
    key = f"{task.checkpoint.run_id}/{task.checkpoint.epoch}"
    shown = room.look(key, who)
    with st.container(horizontal=True, vertical_alignment="bottom", key="class_controls"):
        if shown is None:
            controls.button(t("lesson_you.open"), lambda: room.begin(key, who), key="class_open")
            st.caption(t("lesson_you.open.note"))
            return
        controls.text(t("lesson_you.name"), key="class_name", value=shown.name, store=partial(room.call, key, who))
        controls.button(t("lesson_you.hand_in"), lambda: _hand_in(key, who, answers), key="class_hand_in")
        if shown.is_own:
            controls.button(t("lesson_you.end"), lambda: room.end(key, who), key="class_end")
    st.html(_class_board(task, shown.entries))


def _hand_in(key: str, who: str, answers: tuple[int, ...]) -> None:
    classroom().hand_in(key, who, answers)


def _class_board(task: _Task, entries: Sequence[Entry]) -> str:
    """Everybody's number of right answers beside the model's."""
    labels = task.labels
    whole = [entry for entry in entries if len(entry.answers) == len(labels)]
    rights = [int((np.array(entry.answers) == labels).sum()) for entry in whole]
    rows = [(t("lesson_you.model"), task.right, "model")]
    rows += [
        (entry.name or t("lesson_you.nameless"), right, "person") for entry, right in zip(whole, rights, strict=True)
    ]
    bars = "".join(
        f"<div class='{kind}'><b>{format.html(name)}</b><i><u style='width:{100 * right / len(labels):.1f}%'></u></i>"
        f"<span>{right}</span></div>"
        for name, right, kind in sorted(rows, key=lambda row: -row[1])
    )
    together = sum(rights), len(labels) * len(whole)
    told = t(
        "lesson_you.class",
        people=format.count(len(whole)),
        right=format.count(together[0]),
        count=format.count(together[1]),
        accuracy=format.percent(together[0] / together[1] if together[1] else None),
    )
    people = f"<div class='people'>{bars}</div>"
    return f"<div class='class-board' role='status'><p><b>{format.html(told)}</b></p>{people}</div>"


LESSON = Lesson(name="you", ask=_ask, needs=(needs.several_classes, needs.single_images, needs.pictures))
