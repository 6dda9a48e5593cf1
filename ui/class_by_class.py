"""Owns the parts of the class by class page: the board, the formulas with numbers in them, the distribution."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.evaluation.evaluation import PerImage
from mnistcore.evaluation.selections import REGIONS
from ui import format, gallery, state
from ui.checkpoint import Checkpoint
from ui.components.class_board import (
    BoardClass,
    BoardView,
    BoardWords,
    Tile,
    class_board,
    clicked_class,
    clicked_region,
)
from ui.components.square_grid import Cell
from ui.parameters import Parameter, among, choice
from ui.texts import t

_KEY = "board"
DOMINATES = 0.5  # the share of true negatives above which one-vs-rest accuracy says little


def _classes(checkpoint: Checkpoint) -> dict[str, int]:
    return {str(index): index for index in range(len(checkpoint.names))}


CLASS = choice("class", _classes, default="0", resets=(gallery.PAGE,))  # the positive one
REGION = choice("region", among(*REGIONS), default="fn", resets=(gallery.PAGE,))
PARAMETERS: tuple[Parameter[Checkpoint, Any], ...] = (CLASS, REGION)


def draw_board(checkpoint: Checkpoint, positive: int, region: str) -> None:
    """The strip of classes, the matrix in four regions and the 2 x 2 that it collapses to."""
    evaluation = checkpoint.evaluation

    def store_class() -> None:
        clicked = clicked_class(_KEY)
        if clicked is not None:
            state.put(CLASS, str(clicked))

    def store_region() -> None:
        clicked = clicked_region(_KEY)
        if clicked is not None:
            state.put(REGION, clicked)

    view = BoardView(
        classes=[_board_class(checkpoint, index) for index in range(len(checkpoint.names))],
        cells=[[Cell(count, format.count(count)) for count in row] for row in evaluation.matrix.tolist()],
        words=BoardWords(
            classes_label=t("board.classes_label"),
            previous=t("board.previous"),
            next=t("board.next"),
            hint=t("board.hint"),
            grid_label=t("board.grid_label"),
            truth_axis=t("board.truth_axis"),
            predicted_axis=t("board.predicted_axis"),
            truth_yes=t("board.truth_yes"),
            truth_no=t("board.truth_no"),
            predicted_yes=t("board.predicted_yes"),
            predicted_no=t("board.predicted_no"),
            tp=t("region.tp"),
            fp=t("region.fp"),
            fn=t("region.fn"),
            tn=t("region.tn"),
            cell_label=t("board.cell_label"),
            tile_label=t("board.tile_label"),
        ),
    )
    class_board(
        key=_KEY,
        view=view,
        selected_class=positive,
        selected_region=region,
        on_class=store_class,
        on_region=store_region,
    )


def _board_class(checkpoint: Checkpoint, index: int) -> BoardClass:
    """What the board says when this class is the positive one."""
    evaluation, name = checkpoint.evaluation, checkpoint.names[index]
    counts = {region: format.count(int(getattr(evaluation.counts, region)[index])) for region in REGIONS}
    return BoardClass(
        name=name,
        long_name=name,
        tab=t("board.tab", recall=format.percent(evaluation.rates.recall[index])),
        tiles={region: Tile(count, t(f"region.{region}.caption", name=name)) for region, count in counts.items()},
        sum=t("board.sum", **counts, total=format.count(evaluation.total)),
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


def region_heading(checkpoint: Checkpoint, positive: int, region: str) -> str:
    """What the images of a region are and how many; for true negatives, how many of them are misclassified."""
    evaluation = checkpoint.evaluation
    facts = {
        "name": checkpoint.names[positive],
        "count": format.count(int(getattr(evaluation.counts, region)[positive])),
    }
    wrong = int(evaluation.misclassified_negatives[positive])
    if region == "tn" and wrong:
        return t("region.tn.heading.wrong", wrong=format.count(wrong), **facts)
    return t(f"region.{region}.heading", **facts)


def draw_formulas(checkpoint: Checkpoint, positive: int) -> None:
    """Each metric as a fraction with this class's numbers in it, the result, and a sentence."""
    evaluation, name = checkpoint.evaluation, checkpoint.names[positive]
    numbers = {region: int(getattr(evaluation.counts, region)[positive]) for region in REGIONS}
    facts = {region: format.count(number) for region, number in numbers.items()} | {
        "name": name,
        "called": format.count(int(evaluation.called[positive])),
        "support": format.count(int(evaluation.support[positive])),
        "others": format.count(int(evaluation.others[positive])),
    }
    shapes = {
        "precision": (("tp",), ("tp", "fp")),
        "recall": (("tp",), ("tp", "fn")),
        "specificity": (("tn",), ("tn", "fp")),
        "f1": (("2", "tp"), ("2", "tp", "fp", "fn")),
        "accuracy": (("tp", "tn"), ("tp", "fp", "fn", "tn")),
    }
    cards = []
    for metric, (above, below) in shapes.items():
        value = getattr(evaluation.rates, metric)[positive]
        note = t("class_by_class.undefined") if value is None else t(f"class_by_class.{metric}.note", **facts)
        cards.append(
            f'<section class="formula"><h2>{format.html(t(f"metric.{metric}"))}</h2>'
            f'<div class="equation"><span class="fraction"><span>{_terms(above, facts)}</span>'
            f"<span>{_terms(below, facts)}</span></span>"
            f"<strong>{format.html(format.percent(value, digits=2))}</strong></div><p>{format.html(note)}</p></section>"
        )
    st.html(f'<div class="formulas">{"".join(cards)}</div>')


def _terms(terms: tuple[str, ...], facts: dict[str, str]) -> str:
    """``("2", "tp", "fp")`` as 2 × TP 827 + FP 6, each region in its colour."""
    factor = f"{terms[0]} × " if terms[0].isdigit() else ""
    regions = [term for term in terms if not term.isdigit()]
    return factor + " + ".join(f'<span class="tag {term}">{term.upper()}</span> {facts[term]}' for term in regions)


def draw_histogram(checkpoint: Checkpoint, seen: PerImage, positive: int) -> None:
    """How the probability of this class is distributed over its own images and over all others; where it is known."""
    if seen.scores is None:
        st.caption(t("problem.no_scores"))
        return
    evaluation, name = checkpoint.evaluation, checkpoint.names[positive]
    histogram = metrics.confidence_histogram(seen.labels, seen.scores, positive)
    lengths = metrics.bar_lengths(histogram)
    parts = {
        part: t(f"class_by_class.histogram.{part}", name=name, count=format.count(count))
        for part, count in (
            ("positives", int(evaluation.support[positive])),
            ("negatives", int(evaluation.others[positive])),
        )
    }
    legend = "".join(f'<span class="{part}">{format.html(text)}</span>' for part, text in parts.items())
    st.header(t("class_by_class.histogram", name=format.markdown(name)), anchor=False)
    st.html(
        f'<div class="histogram"><p class="legend">{legend}</p>'
        f"{_bars('positives', parts['positives'], histogram.positives, lengths.positives, histogram.edges)}"
        f"{_bars('negatives', parts['negatives'], histogram.negatives, lengths.negatives, histogram.edges)}"
        '<p class="axis"><span>0%</span><span>50%</span><span>100%</span></p></div>'
    )
    st.caption(t("class_by_class.histogram.note", name=format.markdown(name)))


def _bars(
    part: str, label: str, counts: NDArray[np.int64], lengths: NDArray[np.float64], edges: NDArray[np.float64]
) -> str:
    """One half: a bar for each bin, with the number of images at the longest."""
    bars = []
    longest = int(counts.argmax()) if counts.any() else None
    for place, (count, length, low, high) in enumerate(zip(counts, lengths, edges[:-1], edges[1:], strict=True)):
        images = format.count(int(count))
        title = t("class_by_class.histogram.bar", low=f"{low:.0%}", high=f"{high:.0%}", count=images)
        most = f"<b>{format.html(t('class_by_class.histogram.most', count=images))}</b>" if place == longest else ""
        bars.append(f'<i title="{format.html(title)}" style="--length:{length:.4f}">{most}</i>')
    return f'<div class="{part}" role="img" aria-label="{format.html(label)}">{"".join(bars)}</div>'
