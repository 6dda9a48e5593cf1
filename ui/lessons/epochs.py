"""Owns the lesson on the epochs of a training: what is learned, and what is forgotten on the way."""

import math
from collections.abc import Iterable
from functools import partial
from typing import Final

import numpy as np

from mnistcore.evaluation.film import Film
from ui import format, state
from ui.checkpoint import EPOCH, Checkpoint
from ui.components.epoch_film import FilmChange, FilmFrame, FilmTile, FilmView, FilmWords, epoch_film, stopped_epoch
from ui.lessons import needs
from ui.lessons.lesson import Guess, Lesson, Link, Question
from ui.lessons.options import counts_around
from ui.texts import t

_KEY: Final = "epoch_film"
_SHOWN: Final = 8  # images of each change


def _ask(checkpoint: Checkpoint) -> Question:
    film = checkpoint.film()
    first, last = film.epochs[0], film.epochs[-1]
    whole = film.change(0, len(film.epochs) - 1)
    total, before, after = (int(n) for n in (film.matrices[0].sum(), film.correct[0], film.correct[-1]))
    forgotten = len(whole.forgotten)
    facts = {
        "first": first,
        "last": last,
        "total": format.count(total),
        "before": format.count(before),
        "after": format.count(after),
        "learned": format.count(len(whole.learned)),
        "forgotten": format.count(forgotten),
        "steps": len(film.epochs) - 1,
        "on_the_way": format.count(sum(len(film.change(i, i + 1).forgotten) for i in range(len(film.epochs) - 1))),
    }
    options = counts_around(forgotten, most=before, tempting=(0,))
    return Question(
        text=t("lesson_epochs.question", **facts),
        options={str(count): t("lesson_epochs.option", count=format.count(count)) for count in options},
        right=(str(forgotten),),
        draw=partial(_draw, checkpoint, film),
        why=t("lesson_epochs.why", **facts),
        links=(Link("overview", t("lesson_epochs.link"), {}),),
        wide=True,
    )


def _draw(checkpoint: Checkpoint, film: Film, guess: Guess) -> None:
    def store() -> None:
        if (epoch := stopped_epoch(_KEY)) is not None:
            state.put(EPOCH, str(epoch))

    view = _view(checkpoint, film, is_open=bool(guess))
    epoch_film(key=_KEY, view=view, epoch=checkpoint.epoch if guess else film.epochs[0], on_epoch=store)


def _view(checkpoint: Checkpoint, film: Film, *, is_open: bool) -> FilmView:
    """All epochs; before the guess the first one only, of which nothing can be forgotten."""
    places = range(len(film.epochs) if is_open else 1)
    shown = _shown(film, places)
    images = checkpoint.images_or_none() if shown else None
    reason = t("problem.no_images") if shown and images is None else ""
    at = {index: place for place, index in enumerate(shown)} if not reason else {}
    recalls = film.recalls
    return FilmView(
        names=checkpoint.names,
        total=int(film.matrices[0].sum()),
        low=format.bar_start(_or_none(recalls.ravel())),
        frames=[_frame(checkpoint, film, place, at) for place in places],
        images=np.zeros((0, 1, 1), dtype=np.uint8) if images is None else images[shown],
        reason=reason,
        words=_words(),
    )


def _or_none(values: Iterable[float]) -> list[float | None]:
    return [None if math.isnan(value) else float(value) for value in values]


def _shown(film: Film, places: Iterable[int]) -> list[int]:
    """The images of which a picture is needed, each once."""
    changes = [film.change(place - 1, place) for place in places if place]
    some = [int(i) for change in changes for kind in (change.learned, change.forgotten) for i in kind[:_SHOWN]]
    return list(dict.fromkeys(some))


def _frame(checkpoint: Checkpoint, film: Film, place: int, at: dict[int, int]) -> FilmFrame:
    change = film.change(place - 1, place) if place else None
    return FilmFrame(
        epoch=film.epochs[place],
        correct=int(film.correct[place]),
        cells=film.matrices[place],
        recalls=_or_none(film.recalls[place]),
        learned=_change(checkpoint, film, place - 1, change.learned, "learned", at) if change else None,
        forgotten=_change(checkpoint, film, place, change.forgotten, "forgotten", at) if change else None,
    )


def _change(
    checkpoint: Checkpoint, film: Film, wrong_at: int, indices: np.ndarray, kind: str, at: dict[int, int]
) -> FilmChange:
    """``wrong_at``: the place of the epoch at which these images are misclassified."""
    names = checkpoint.names
    tiles = []
    for index in indices[:_SHOWN].tolist():
        if index in at and film.labels is not None and film.predicted is not None:
            told = {"truth": names[film.labels[index]], "predicted": names[film.predicted[wrong_at, index]]}
            tiles.append(
                FilmTile(at[index], t(f"lesson_epochs.{kind}.image", **told), t(f"lesson_epochs.{kind}.label", **told))
            )
    return FilmChange(count=len(indices), tiles=tiles)


def _words() -> FilmWords:
    return FilmWords(
        play=t("lesson_epochs.play"),
        pause=t("lesson_epochs.pause"),
        slider=t("lesson_epochs.slider"),
        told=t("lesson_epochs.told"),
        truth_axis=t("board.truth_axis"),
        predicted_axis=t("board.predicted_axis"),
        matrix=t("lesson_epochs.matrix"),
        cell=t("lesson_epochs.cell"),
        recalls=t("lesson_epochs.recalls"),
        learned=t("lesson_epochs.learned"),
        forgotten=t("lesson_epochs.forgotten"),
    )


LESSON = Lesson(name="epochs", ask=_ask, needs=(needs.several_epochs, needs.single_images, needs.whole_matrix))
