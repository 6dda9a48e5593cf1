"""Owns the parts of the class by class page: the board, what is said under it, and which images it leads to."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.evaluation.groups import GROUPS, Group
from mnistcore.evaluation.selections import Selection
from mnistcore.metrics.arithmetic import mean
from ui import chosen, controls, format, gallery, state
from ui.board_images import part_mask, samples_of, scores_of, strip_of, threshold_mask
from ui.checkpoint import Checkpoint
from ui.components.class_board import (
    BoardChoices,
    BoardMetric,
    BoardView,
    BoardWords,
    Samples,
    Scores,
    class_board,
    clicked,
)
from ui.many_classes import MANY
from ui.neighbourhood import NEAREST, board_classes, board_matrix, misclassified_negatives, neighbourhood
from ui.page import Page
from ui.parameters import Parameter, Problem, Unusable, among, choice
from ui.presenting import is_presenting
from ui.texts import render, t

_KEY = "board"
DOMINATES = 0.5  # the share of true negatives above which one-vs-rest accuracy says little
ALSO = ("accuracy", "f1")  # metrics that have a further name

METRIC = choice("metric", among(*metrics.DEFINITIONS), default="recall")  # the one that is talked about
ANSWER = choice("answer", among("shown", "hidden"), default="shown")
VIEWS = ("matrix", "flow", "threshold")
VIEW = choice("view", among(*VIEWS), default="matrix")  # what stands beside the 2 x 2
WAY = choice("way", among("truth", "predicted"), default="truth")  # what the flow splits by first
PRICES = (1, 2, 5, 10, 50)
PRICE = choice("price", among(*map(str, PRICES)), default="1")  # of a false negative, in false positives


def _read_threshold(text: str, _: object) -> float:
    """A probability."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if 0 <= value <= 1:
        return value
    raise Unusable(Problem("problem.unknown_value", parameter="threshold", value=text, options="0-1", shown=0.5))


THRESHOLD = Parameter(name="threshold", read=_read_threshold, default="0.5", resets=(gallery.PAGE,))
_OWN: tuple[Parameter[Checkpoint, Any], ...] = (METRIC, ANSWER, VIEW, WAY, THRESHOLD, PRICE)
PARAMETERS = (*chosen.PARAMETERS, *_OWN)


def draw_board(page: Page, checkpoint: Checkpoint, positive: int, part: Group | Selection) -> None:
    """The classes, the matrix in four regions, the 2 x 2 that it collapses to, a metric, and some of the images."""

    def store(parameter: Parameter[Any, Any], event: str, meant: Callable[[str], object] = str) -> Callable[[], None]:
        def stored() -> None:
            value = clicked(_KEY, event)
            if value is not None:
                state.put(parameter, str(meant(value)))

        return stored

    def store_part() -> None:
        value = clicked(_KEY, "part")
        if value is not None:
            chosen.put_part(near.as_classes(value), positive)

    def store_answer() -> None:
        state.put(ANSWER, "hidden" if clicked(_KEY, "hidden") == "true" else "shown")

    evaluation = checkpoint.evaluation
    near = neighbourhood(checkpoint, positive, part)
    place, part_text = near.place(positive), near.as_places(part)
    shown = page.read(VIEW, checkpoint)
    view = BoardView(
        classes=board_classes(checkpoint, near),
        matrix=board_matrix(checkpoint, near),
        metrics=[_metric(name, definition) for name, definition in metrics.DEFINITIONS.items()],
        views={name: t(f"board.view.{name}") for name in VIEWS},
        prices=PRICES,
        swapped=page.read(chosen.AXES, checkpoint) == "columns",
        overall=format.percent(evaluation.summary.accuracy, digits=2),
        mean=format.percent(mean(np.array(evaluation.rates.accuracy, dtype=np.float64)), digits=2),
        class_count=len(checkpoint.names),
        wrong=misclassified_negatives(checkpoint, near),
        present=is_presenting(),
        words=board_words(),
    )
    class_board(
        key=_KEY,
        view=view,
        chosen=BoardChoices(
            positive=place,
            part=part_text,
            metric=page.read(METRIC, checkpoint),
            hidden=page.read(ANSWER, checkpoint) == "hidden",
            view=shown,
            way=page.read(WAY, checkpoint),
            threshold=page.read(THRESHOLD, checkpoint),
            price=int(page.read(PRICE, checkpoint)),
        ),
        strip=replace(strip_of(checkpoint, positive, part), part=part_text),
        samples=_samples(checkpoint, positive, place) if shown == "flow" else None,
        scores=_scores(checkpoint, positive, place) if shown == "threshold" else None,
        on={
            "class": store(chosen.CLASS, "class", lambda at: near.classes[int(at)]),
            "step": store(chosen.CLASS, "step", lambda by: (positive + int(by)) % len(checkpoint.names)),
            "part": store_part,
            "metric": store(METRIC, "metric"),
            "hidden": store_answer,
            "image": store(gallery.IMAGE, "image"),
            "view": store(VIEW, "view"),
            "way": store(WAY, "way"),
            "threshold": store(THRESHOLD, "threshold"),
            "price": store(PRICE, "price"),
        },
    )


def _samples(checkpoint: Checkpoint, positive: int, place: int) -> Samples | None:
    found = samples_of(checkpoint, positive)
    return None if found is None else replace(found, positive=place)


def _scores(checkpoint: Checkpoint, positive: int, place: int) -> Scores | None:
    found = scores_of(checkpoint, positive)
    return None if found is None else replace(found, positive=place)


def draw_search(checkpoint: Checkpoint, positive: int) -> None:
    """Where there are many classes: all of them by name, as the board has only those near the positive one."""
    names = checkpoint.names
    if len(names) <= MANY:
        return
    controls.choose(
        t("many.class", count=format.count(len(names))),
        range(len(names)),
        key="pick_class",
        chosen=positive,
        store=lambda index: state.put(chosen.CLASS, str(index)),
        names=(names.__getitem__,),
        help=t("many.near", count=format.count(NEAREST)),
    )


def _metric(name: str, definition: metrics.Definition) -> BoardMetric:
    also = [t(f"board.metric.{name}.also")] if name in ALSO else []
    # Students meet the English names too; that of F1 reads the same.
    english = [render(f"board.metric.{name}", "en")] if state.language() == "ja" and name != "f1" else []
    return BoardMetric(
        name=name,
        title=t(f"board.metric.{name}"),
        other=" ".join([*also, *english]),
        above=dict(definition.above),
        below=dict(definition.below),
        sentence=t(f"board.sentence.{name}"),
        more=t(f"board.more.{name}"),
    )


def board_words() -> BoardWords:
    """The words of the board in the session's language."""
    return BoardWords(
        classes_label=t("board.classes_label"),
        previous=t("board.previous"),
        next=t("board.next"),
        grid_label=t("board.grid_label"),
        truth_axis=t("board.truth_axis"),
        predicted_axis=t("board.predicted_axis"),
        truth_yes=t("board.truth_yes"),
        truth_no=t("board.truth_no"),
        predicted_yes=t("board.predicted_yes"),
        predicted_no=t("board.predicted_no"),
        total=t("board.total"),
        outcomes={outcome: t(f"region.{outcome}") for outcome in metrics.OUTCOMES},
        outcomes_other={
            outcome: render(f"region.{outcome}", "en") if state.language() == "ja" else ""
            for outcome in metrics.OUTCOMES
        },
        captions={outcome: t(f"region.{outcome}.caption") for outcome in metrics.OUTCOMES},
        parts={group: t(f"region.{group}.heading") for group in GROUPS},
        row=t("board.row"),
        column=t("board.column"),
        cell=t("board.cell"),
        cell_label=t("board.cell_label"),
        tile_label=t("board.tile_label"),
        metrics_label=t("board.metrics_label"),
        undefined=t("board.undefined"),
        hide_answer=t("board.hide_answer"),
        show_answer=t("board.show_answer"),
        reveal=t("board.reveal"),
        hidden_sentence=t("board.hidden_sentence"),
        hidden_images=t("board.hidden_images"),
        only_wrong=t("board.only_wrong"),
        see_all=t("board.see_all"),
        views_label=t("board.views_label"),
        ways_label=t("board.ways_label"),
        way_truth=t("board.way_truth"),
        way_predicted=t("board.way_predicted"),
        all_images=t("board.all_images"),
        of=t("board.of"),
        slider_label=t("board.slider_label"),
        scores_label=t("board.scores_label"),
        threshold=t("board.threshold"),
        same=t("board.same"),
        differs=t("board.differs"),
        differs_above=t("board.differs_above"),
        differs_below=t("board.differs_below"),
        pr=t("board.pr"),
        roc=t("board.roc"),
        recall=t("board.recall"),
        precision=t("board.precision"),
        tpr=t("board.tpr"),
        fpr=t("board.fpr"),
        ap=t("board.ap"),
        auc=t("board.auc"),
        best_f1=t("board.best_f1"),
        price=t("board.price"),
        cheapest=t("board.cheapest"),
        edge=t("board.edge"),
        edge_image=t("board.edge_image"),
        no_scores=t("problem.no_scores"),
    )


def draw_warning(checkpoint: Checkpoint, positive: int) -> None:
    """Says why the one-vs-rest accuracy is not the overall one, and what it is without looking; else nothing."""
    evaluation, name = checkpoint.evaluation, checkpoint.names[positive]
    negatives = metrics.true_negative_shares(evaluation.counts)[positive]
    sentences = []
    if wrong := int(evaluation.misclassified_negatives[positive]):
        sentences.append(
            t(
                "class_by_class.differs",
                name=name,
                accuracy=format.percent(evaluation.rates.accuracy[positive], digits=2),
                overall=format.percent(evaluation.summary.accuracy, digits=2),
                wrong=format.count(wrong),
                tn=format.count(int(evaluation.counts.tn[positive])),
            )
        )
    if negatives is not None and negatives > DOMINATES:
        sentences.append(
            t(
                "class_by_class.majority",
                name=name,
                support=format.count(int(evaluation.support[positive])),
                total=format.count(evaluation.total),
                share=format.percent(evaluation.support_shares[positive], digits=2),
                majority=format.percent(evaluation.majority_accuracy[positive], digits=2),
            )
        )
    if sentences:
        st.html(f'<div class="note">{"".join(f"<p>{format.html(sentence)}</p>" for sentence in sentences)}</div>')


def is_by_threshold(page: Page, checkpoint: Checkpoint) -> bool:
    """Whether the images are counted by a threshold, and not by the class of the highest probability."""
    return page.read(VIEW, checkpoint) == "threshold"


def shown_mask(page: Page, checkpoint: Checkpoint, positive: int, part: Group | Selection) -> NDArray[np.bool_] | None:
    """The images (N,) behind the chosen part, by the threshold where that is shown; None where none are known."""
    seen = checkpoint.evaluation.per_image
    if seen is None:
        return None
    if is_by_threshold(page, checkpoint):
        return threshold_mask(part, positive, seen, page.read(THRESHOLD, checkpoint))
    return part_mask(part, positive, seen)


def part_heading(checkpoint: Checkpoint, positive: int, part: Group | Selection, count: int) -> str:
    """What the images of a part of the board are, and how many, as Markdown."""
    names, told = checkpoint.names, format.count(count)
    if isinstance(part, Group):
        return t(f"region.{part}.heading", name=format.markdown(names[positive]), count=told)
    truth, predicted = (format.markdown(names[index or 0]) for index in (part.true, part.predicted))
    if part.true is None and part.predicted is not None:
        return t("board.column", predicted=predicted, count=told)
    if part.predicted is None and part.true is not None:
        return t("board.row", truth=truth, count=told)
    return t("board.cell", truth=truth, predicted=predicted, count=told)
