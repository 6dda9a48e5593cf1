"""Owns the plotly figures: numbers and labels go in, a figure comes out; imports no streamlit and computes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mnistcore.evaluation.evaluation import ClassHistory
from mnistcore.runs.history import EpochReport
from ui.colours import CATEGORIES, CIVIDIS, GUIDE, ink, scale_colour

TRAIN, VALIDATION, TEST = CATEGORIES["blue"], CATEGORIES["vermilion"], CATEGORIES["green"]
FEW_EPOCHS = 12  # up to here each has its number on the axis
MANY_EPOCHS = 30  # from here on their points are small
CELLS_WITH_TEXT = 15  # epochs, up to which a cell has room for its number
CLASS_COLOURS = tuple(CATEGORIES.values())  # classes beyond the sixth begin again with dashes
CLASS_DASHES = ("solid", "dash", "dot")
NARROW = {"l": 8, "r": 8, "t": 8, "b": 8}  # pixels around a chart that has no title
_MARKUP = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
)  # plotly takes some HTML in any text for what it means


@dataclass(frozen=True)
class CurveWords:
    """The words of a learning curve."""

    train: str
    validation: str
    test: str
    accuracy: str
    loss: str
    epoch: str
    shown: str


@dataclass(frozen=True)
class CurveLine:
    """One line of a learning curve, in both of its charts: positions on the axis of epochs, and what was there."""

    part: str  # "train", "validation" or "test"
    epochs: Sequence[float]
    accuracy: Sequence[float | None]
    loss: Sequence[float | None]


_LOOKS = {"train": (TRAIN, "circle"), "validation": (VALIDATION, "diamond"), "test": (TEST, "square")}


def report_lines(history: Sequence[EpochReport], epochs: Sequence[float] | None = None) -> list[CurveLine]:
    """The two lines of a training's reports.

    Args:
        epochs: where they stand on the axis; at their own epochs if None.
    """
    places = [report.epoch for report in history] if epochs is None else epochs
    return [
        CurveLine(
            "train",
            places,
            [report.train_accuracy for report in history],
            [report.train_loss for report in history],
        ),
        CurveLine(
            "validation",
            places,
            [report.validation_accuracy for report in history],
            [report.validation_loss for report in history],
        ),
    ]


def learning_curve(lines: Sequence[CurveLine], *, shown_epoch: int, words: CurveWords) -> go.Figure:
    """Accuracy and loss over the epochs, with the epoch that is looked at marked."""
    figure = _accuracy_and_loss(words)
    last = int(max(epoch for line in lines for epoch in line.epochs))
    _add_lines(figure, lines, length=last, words=words)
    _mark_epoch(figure, shown_epoch)
    side = "right" if shown_epoch > last / 2 else "left"  # of the words that is at the line: there is room
    figure.add_annotation(
        x=shown_epoch,
        y=0,
        yref="y domain",
        text=words.shown,
        showarrow=False,
        xanchor=side,
        xshift=-4 if side == "right" else 4,
        row=1,
        col=1,
    )
    figure.update_xaxes(title_text=words.epoch, **_epoch_ticks(last))
    figure.update_yaxes(tickformat=".1%", row=1, col=1)
    return figure


@dataclass(frozen=True)
class LiveCurve:
    """A training under way: positions on an axis of epochs, with what was measured there."""

    epochs: int  # of the whole training: the length of the axis
    step_epochs: Sequence[float]
    step_losses: Sequence[float]
    step_accuracies: Sequence[float]
    history: Sequence[EpochReport]
    history_epochs: Sequence[float]


def live_curve(curve: LiveCurve, *, words: CurveWords) -> go.Figure:
    """Accuracy and loss so far: a line over the steps, and a point at the end of each epoch, validation too."""
    figure = _accuracy_and_loss(words)
    for column, steps in ((1, curve.step_accuracies), (2, curve.step_losses)):
        figure.add_scatter(
            x=curve.step_epochs,
            y=steps,
            mode="lines",
            line={"color": TRAIN, "width": 1.5},
            opacity=0.75,
            showlegend=False,
            hoverinfo="skip",
            row=1,
            col=column,
        )
    _add_lines(figure, report_lines(curve.history, curve.history_epochs), length=curve.epochs, words=words)
    # The axis of epochs is whole from the start, so that nothing moves but the curves.
    figure.update_xaxes(title_text=words.epoch, range=[0, curve.epochs * 1.01], **_epoch_ticks(curve.epochs))
    empty = not curve.step_epochs and not curve.history_epochs
    figure.update_yaxes(
        tickformat=".0%", autorangeoptions={"clipmax": 1.02}, range=[0, 1] if empty else None, row=1, col=1
    )
    figure.update_yaxes(rangemode="tozero", range=[0, 2.5] if empty else None, row=1, col=2)
    figure.update_layout(uirevision="live")
    return figure


def _accuracy_and_loss(words: CurveWords) -> go.Figure:
    """Two empty charts side by side, with one legend above."""
    figure = make_subplots(rows=1, cols=2, subplot_titles=(words.accuracy, words.loss), horizontal_spacing=0.1)
    return figure.update_layout(
        height=320,
        margin={**NARROW, "t": 64},
        hovermode="x unified",
        legend={"orientation": "h", "x": 0, "y": 1.34, "yanchor": "top"},
    )


def _add_lines(figure: go.Figure, lines: Sequence[CurveLine], *, length: int, words: CurveWords) -> None:
    """A line in each chart for each of ``lines``, on an axis of ``length`` epochs; none where nothing is known."""
    for line in lines:
        colour, symbol = _LOOKS[line.part]
        name, is_named = getattr(words, line.part), False
        for column, values, hover in ((1, line.accuracy, "%{y:.2%}"), (2, line.loss, "%{y:.4f}")):
            if line.epochs and all(value is None for value in values):
                continue
            figure.add_scatter(
                x=line.epochs,
                y=values,
                name=name,
                legendgroup=name,
                showlegend=not is_named,
                mode="lines+markers",
                line={"color": colour, "width": 2.5},
                marker={"symbol": symbol, "size": 8 if length <= MANY_EPOCHS else 4},
                hovertemplate=hover,
                row=1,
                col=column,
            )
            is_named = True


def _mark_epoch(figure: go.Figure, epoch: int) -> None:
    """A line at the epoch that is looked at."""
    figure.add_vline(x=epoch, line={"dash": "dot", "width": 1.5, "color": GUIDE})


def _epoch_ticks(epochs: int) -> dict[str, object]:
    """How an axis of so many epochs is numbered."""
    return {"tickformat": "d", **({"dtick": 1} if epochs <= FEW_EPOCHS else {"nticks": 10})}


def class_lines(
    history: ClassHistory,
    *,
    names: Sequence[str],
    shown_epoch: int,
    epoch_axis: str,
    behind: ClassHistory | None = None,
) -> go.Figure:
    """The recall of each class over the epochs as lines, with the epoch that is looked at marked.

    Those of the classes ``behind`` are grey, without names.
    """
    figure = go.Figure()
    if behind is not None:
        gap = [None]  # ends a line: all of them are one trace, as a thousand would be slow
        figure.add_scatter(
            x=[x for _ in behind.recall for x in (*behind.epochs, *gap)],
            y=[y for row in behind.recall.tolist() for y in (*row, *gap)],
            mode="lines",
            line={"color": GUIDE, "width": 1},
            opacity=0.25,
            hoverinfo="skip",
            showlegend=False,
        )
    few = len(history.epochs) <= CELLS_WITH_TEXT
    for index, (name, recall) in enumerate(zip(names, history.recall.tolist(), strict=True)):
        figure.add_scatter(
            x=history.epochs,
            y=recall,
            name=name.translate(_MARKUP),
            mode="lines+markers" if few else "lines",
            line={
                "color": CLASS_COLOURS[index % len(CLASS_COLOURS)],
                "dash": CLASS_DASHES[index // len(CLASS_COLOURS) % len(CLASS_DASHES)],
                "width": 2.2,
            },
            marker={"size": 6},
            hovertemplate="%{y:.1%}",
        )
    _mark_epoch(figure, shown_epoch)
    figure.update_xaxes(title_text=epoch_axis, **_epoch_ticks(len(history.epochs)))
    figure.update_yaxes(tickformat=".0%", autorangeoptions={"clipmin": history.floor, "clipmax": 1.02})
    figure.update_layout(
        height=360,
        margin=NARROW,
        hovermode="closest",
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    )
    return figure


def class_cells(
    history: ClassHistory,
    *,
    names: Sequence[str],
    texts: Sequence[Sequence[str]],
    shown_epoch: int,
    epoch_axis: str,
) -> go.Figure:
    """The same as a field of cells, a row for each class, ``texts`` (C, E) in them: darker where more is missed."""
    few = len(history.epochs) <= CELLS_WITH_TEXT
    figure = go.Figure()
    figure.add_heatmap(
        x=[str(epoch) for epoch in history.epochs],
        y=[name.translate(_MARKUP) for name in names],
        z=history.missed,
        text=texts,
        colorscale=list(CIVIDIS),
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=2 if few else 0,
        ygap=2,
        hoverinfo="x+y+text",
    )
    if few:
        _write_into_cells(figure, history, names=names, texts=texts)
    place = history.epochs.index(shown_epoch)
    figure.add_vrect(x0=place - 0.5, x1=place + 0.5, line={"width": 2.5, "color": VALIDATION})
    figure.update_xaxes(title_text=epoch_axis, type="category", nticks=12)
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_layout(height=360, margin=NARROW)
    return figure


def _write_into_cells(
    figure: go.Figure, history: ClassHistory, *, names: Sequence[str], texts: Sequence[Sequence[str]]
) -> None:
    """Each text in black or white, as its cell's colour requires; plotly itself would write grey on grey."""
    cells = [
        (str(epoch), name.translate(_MARKUP), text, share)
        for name, row, shares in zip(names, texts, history.missed.tolist(), strict=True)
        for epoch, text, share in zip(history.epochs, row, shares, strict=True)
        if share == share
    ]
    figure.add_scatter(
        x=[epoch for epoch, _, _, _ in cells],
        y=[name for _, name, _, _ in cells],
        text=[text for _, _, text, _ in cells],
        mode="text",
        textfont={"size": 12, "color": [ink(scale_colour(share)) for _, _, _, share in cells]},
        hoverinfo="skip",
        showlegend=False,
    )
