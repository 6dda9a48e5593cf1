"""Owns the plotly figures: numbers and labels go in, a figure comes out; imports no streamlit and computes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mnistcore.history import EpochReport

# Okabe and Ito's palette for categories (2008): told apart with every common colour vision.
TRAIN, VALIDATION = "#0072B2", "#D55E00"


@dataclass(frozen=True)
class CurveWords:
    """The words of a learning curve."""

    train: str
    validation: str
    accuracy: str
    loss: str
    epoch: str
    shown: str


def learning_curve(history: Sequence[EpochReport], *, shown_epoch: int, words: CurveWords) -> go.Figure:
    """Accuracy and loss over the epochs, training and validation, with the epoch that is looked at marked."""
    figure = make_subplots(rows=1, cols=2, subplot_titles=(words.accuracy, words.loss), horizontal_spacing=0.1)
    epochs = [report.epoch for report in history]
    series = (
        (words.train, TRAIN, "circle", "train_accuracy", "train_loss"),
        (words.validation, VALIDATION, "diamond", "validation_accuracy", "validation_loss"),
    )
    for name, colour, symbol, accuracy, loss in series:
        for column, field in ((1, accuracy), (2, loss)):
            figure.add_scatter(
                x=epochs,
                y=[getattr(report, field) for report in history],
                name=name,
                legendgroup=name,
                showlegend=column == 1,
                mode="lines+markers",
                line={"color": colour, "width": 2.5},
                marker={"symbol": symbol, "size": 8},
                hovertemplate="%{y:.2%}" if column == 1 else "%{y:.4f}",
                row=1,
                col=column,
            )
    figure.add_vline(x=shown_epoch, line={"dash": "dot", "width": 1.5, "color": "#7a8496"})
    figure.add_annotation(
        x=shown_epoch, y=0, yref="y domain", text=words.shown, showarrow=False, xanchor="right", xshift=-4, row=1, col=1
    )
    ticks = {"dtick": 1} if len(epochs) <= 12 else {"nticks": 10}
    figure.update_xaxes(title_text=words.epoch, tickformat="d", **ticks)
    figure.update_yaxes(tickformat=".1%", row=1, col=1)
    figure.update_layout(
        height=320,
        margin={"l": 8, "r": 8, "t": 64, "b": 8},
        hovermode="x unified",
        legend={"orientation": "h", "x": 0, "y": 1.34, "yanchor": "top"},
    )
    return figure
