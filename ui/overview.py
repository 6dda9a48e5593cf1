"""Owns the panels of the overview page: what was trained, on what, and when it learned each class."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from mnistcore import metrics
from mnistcore.evaluation.evaluation import ClassHistory
from mnistcore.runs.history import EpochReport
from mnistcore.runs.manifest import SPLITS, Imported, Recorded
from mnistcore.spreadsheet import cell
from ui import controls, core_words, figures, format, glossary, labels, state
from ui.checkpoint import READ_ERRORS, Checkpoint
from ui.chosen import CLASS
from ui.curves import curve_words, recorded_lines
from ui.gallery import draw_source, images_or_reason
from ui.many_classes import MANY
from ui.pictures import strip_html
from ui.texts import TEXTS, sentences, t
from ui.verbatim import draw_verbatim

SAMPLES = 10  # images of each class, at most
_NO_CLASS = -1  # in place of a class, where none is chosen
SAMPLE_CLASSES = 12  # of which some are shown
TABLE_HEIGHT = 640  # pixels, where there are many classes
FEW_LINES = 12  # classes whose lines can be told apart
NOTABLE = 4  # of more, the worst and the most changed that are shown
RATES = ("recall", "precision", "f1")
RATE_WIDTH = 120  # pixels, which leave room for the intervals on a small screen


def draw_samples(checkpoint: Checkpoint) -> None:
    """What the data set is, in a sentence, and the first test images of each class."""
    st.header(t("overview.dataset"), anchor=False)
    st.markdown(_said_of_dataset(checkpoint))
    source = f"overview.source.{checkpoint.dataset}"
    if source in TEXTS:
        st.caption(t(source))
    seen = checkpoint.evaluation.per_image
    images = None if seen is None else images_or_reason(checkpoint)
    if seen is None or images is None:
        return
    st.caption(t("overview.dataset.samples", count=SAMPLES))
    rows = []
    there = np.flatnonzero(checkpoint.evaluation.support).tolist()
    for index in there[:SAMPLE_CLASSES]:
        members = np.flatnonzero(seen.labels == index)[:SAMPLES]
        rows.append(f"<div><b>{format.html(checkpoint.names[index])}</b>{strip_html(images[members])}</div>")
    st.html(f'<div class="samples">{"".join(rows)}</div>')
    if (left_out := len(there) - SAMPLE_CLASSES) > 0:
        st.caption(t("overview.dataset.more", count=format.count(left_out)))
    draw_source(checkpoint)


def _said_of_dataset(checkpoint: Checkpoint) -> str:
    """The data set in a sentence: how many classes and images, and of which size they are."""
    names = {"name": format.markdown(checkpoint.dataset_title), "classes": format.count(len(checkpoint.names))}
    sizes = [
        t(f"overview.dataset.{split}", count=format.count(checkpoint.sizes[split]))
        for split in SPLITS
        if split in checkpoint.sizes
    ]
    told = {**names, "sizes": format.listed(sizes, language=state.language())}
    images = checkpoint.images_or_none()
    if images is None:
        return t("overview.dataset.body.plain", **told)
    height, width, *colours = checkpoint.raw_shape
    kind = "overview.dataset.colour" if colours else "overview.dataset.grey"
    return t("overview.dataset.body", **told, pixels=t(kind, height=height, width=width))


def draw_model(checkpoint: Checkpoint) -> None:
    """What the model is, how it was trained, and its layers; of a recorded one, what was said of it."""
    origin = checkpoint.run.origin
    if isinstance(origin, Recorded | Imported):
        st.header(t("overview.model"), anchor=False)
        st.html(f"<p>{format.html(_said_of(checkpoint, origin))}</p>")
    if (trained := checkpoint.training) is None:
        return
    st.header(t("overview.model"), anchor=False)
    description = f"overview.model.{trained.config.model}"
    if description in TEXTS:
        st.markdown(t(description, classes=len(checkpoint.names)))
    config = trained.config
    facts = (
        t(
            "overview.model.parameters",
            count=format.count(trained.model.parameters),
            seconds=f"{trained.seconds:.1f}",
            device=labels.short(trained.environment.device_name),
        ),
        t(
            "overview.model.recipe",
            epochs=config.epochs,
            batch_size=config.batch_size,
            optimizer=config.optimizer,
            learning_rate=config.learning_rate,
            seed=config.seed,
        ),
    )
    glossary.draw_caption("\n".join(facts), *("parameter", "epoch", "batch", "learning_rate", "seed"))
    with st.expander(t("overview.model.layers")):
        head = "".join(
            f"<th>{format.html(t(f'overview.model.{name}'))}</th>" for name in ("layer", "output", "layer_parameters")
        )
        body = "".join(
            f"<tr><td>{format.html(layer.name)}</td><td>{format.html(' × '.join(map(str, layer.output)))}</td>"
            f"<td>{format.count(layer.parameters)}</td></tr>"
            for layer in trained.model.layers
        )
        st.html(f'<table class="plain"><tr>{head}</tr>{body}</table>')


def _said_of(checkpoint: Checkpoint, origin: Recorded | Imported) -> str:
    """Where predictions come from that were made elsewhere, and what was noted of them."""
    if isinstance(origin, Imported):
        is_matrix = checkpoint.evaluation.per_image is None
        return sentences(
            t(
                "overview.model.imported_matrix" if is_matrix else "overview.model.imported",
                file=labels.short(origin.file),
            ),
            " · ".join(map(core_words.told, origin.assumed)),
        )
    noted = [labels.short(text) for text in (origin.model, origin.framework, origin.notes) if text.strip()]
    return sentences(t("overview.model.recorded"), " · ".join(noted))


def draw_curve(checkpoint: Checkpoint) -> None:
    """Accuracy and loss over the epochs; of a run from elsewhere with one epoch, nothing."""
    history: Sequence[EpochReport] = ()
    try:
        if checkpoint.training:
            history = checkpoint.history()
            lines = figures.report_lines(history)
        else:
            lines = recorded_lines(checkpoint)
    except READ_ERRORS as error:
        st.header(t("overview.curve"), anchor=False)
        st.error(t("problem.damaged_history"))
        draw_verbatim(str(error))
        return
    if not lines:
        return
    st.header(t("overview.curve"), anchor=False)
    figure = figures.learning_curve(lines, shown_epoch=checkpoint.epoch, words=curve_words())
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=t("overview.curve"))
    if checkpoint.training:
        glossary.draw_caption(t("overview.curve.note"), *("training_data", "validation", "epoch"))
        _draw_partial(history)
    else:
        said = [t("overview.curve.said")] if len(lines) > 1 else []
        glossary.draw_caption(sentences(*said, t("overview.curve.tested")), *("training_data", "epoch"))


def _draw_partial(history: Sequence[EpochReport]) -> None:
    """Says so where the training ended in the middle of its first epoch."""
    if history and history[0].share < 1:
        st.info(t("overview.curve.partial", share=format.percent(history[0].share)))


def draw_learned(checkpoint: Checkpoint) -> None:
    """The recall of each class over the kept epochs; nothing where there is one epoch only."""
    if len(checkpoint.epochs_kept) < 2:
        return
    try:
        history = checkpoint.learned()
    except READ_ERRORS:  # the numbers of the epoch that is shown come from the same file: that was said
        return
    st.header(t("overview.learned"), anchor=False)
    names, epoch, axis = checkpoint.names, checkpoint.epoch, t("overview.curve.epoch")
    shown = None
    if len(names) > FEW_LINES:
        shown = _notable_classes(checkpoint, history)
        st.caption(t("many.learned", count=format.count(len(names) - len(shown))))
    part = history if shown is None else history.of(shown)
    told = names if shown is None else [names[index] for index in shown]
    texts = [[format.cell_share(share) for share in row] for row in part.recall.tolist()]
    rest = None if shown is None else history
    lines = figures.class_lines(part, names=told, shown_epoch=epoch, epoch_axis=axis, behind=rest)
    cells = figures.class_cells(part, names=told, texts=texts, shown_epoch=epoch, epoch_axis=axis)
    left, right = st.columns(2, gap="large")
    with left:
        st.caption(t("overview.learned.lines"))
        st.plotly_chart(lines, config={"displayModeBar": False}, alt=t("overview.learned.lines"), key="learned_lines")
    with right:
        st.caption(t("overview.learned.cells"))
        st.plotly_chart(cells, config={"displayModeBar": False}, alt=t("overview.learned.cells"), key="learned_cells")
    glossary.draw_caption(t("overview.learned.note"), "recall")


def _notable_classes(checkpoint: Checkpoint, history: ClassHistory) -> list[int]:
    """The classes to look at where there are many: those that stand out, and one that the reader chooses."""
    names = checkpoint.names
    added = state.settle(CLASS, checkpoint)[0]
    controls.choose(
        t("many.learned.class"),
        [_NO_CLASS, *range(len(names))],
        key="pick_learned",
        chosen=_NO_CLASS if added is None else added,
        store=lambda index: state.put(CLASS, "" if index == _NO_CLASS else str(index)),
        names=(lambda index: t("many.learned.none") if index == _NO_CLASS else names[index],),
    )
    return list(dict.fromkeys((*history.notable(NOTABLE), *([] if added is None else [added]))))


def draw_classes(checkpoint: Checkpoint) -> None:
    """Precision, recall and F1 of each class as a sortable table: bars on one common scale, and intervals."""
    evaluation, names = checkpoint.evaluation, checkpoint.names
    values = {rate: getattr(evaluation.rates, rate) for rate in RATES}
    intervals = metrics.rate_intervals(evaluation.counts)
    start = format.bar_start(value for column in values.values() for value in column)
    table: dict[str, object] = {"class": list(map(cell, names)), "support": evaluation.counts.support}
    columns = {
        "class": st.column_config.TextColumn(t("overview.classes.class"), pinned=True),
        "support": st.column_config.NumberColumn(
            t("overview.classes.support"), format="localized", help=glossary.explanation("support")
        ),
    }
    for rate, column in values.items():
        between = f"{rate}_interval"
        table[rate] = format.percent_points(column)
        table[between] = [format.percent_range(low, high) for low, high in getattr(intervals, rate)]
        columns[rate] = st.column_config.ProgressColumn(
            t(f"overview.classes.{rate}"),
            format="%.2f%%",
            min_value=100 * start,
            max_value=100,
            width=RATE_WIDTH,
            help=f"{glossary.formula(rate)}  \n{glossary.explanation(rate)}",
        )
        columns[between] = st.column_config.TextColumn(
            t("overview.classes.interval"), help=glossary.explanation("interval")
        )
    st.header(t("overview.classes"), anchor=False)
    st.dataframe(
        pd.DataFrame(table),
        hide_index=True,
        height="content" if len(names) <= MANY else TABLE_HEIGHT,
        column_config=columns,
        alt=t("overview.classes"),
    )
    bars = t("overview.classes.bars", start=f"{start:.0%}") if start else t("overview.classes.bars.whole")
    st.caption(sentences(bars, t("overview.classes.intervals"), t("overview.classes.note")))
