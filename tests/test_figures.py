"""ui.figures: what a chart says; how it looks is seen in the browser."""

import numpy as np
import pytest

from mnistcore import metrics
from mnistcore.evaluation.evaluation import ClassHistory
from scripts.toys import toy_report
from tests.contrast import contrast
from ui.colours import scale_colour
from ui.figures import CurveLine, CurveWords, class_cells, learning_curve, report_lines

WORDS = CurveWords(
    train="train", validation="validation", test="test", accuracy="accuracy", loss="loss", epoch="epoch", shown="here"
)


@pytest.mark.parametrize(("shown", "side"), [(1, "left"), (2, "left"), (31, "right"), (60, "right")])
def test_the_word_at_the_marked_epoch_stands_where_there_is_room(shown: int, side: str) -> None:
    """On the other side it would stretch the axis to epochs that there are not."""
    figure = learning_curve(report_lines([toy_report(epoch) for epoch in range(1, 61)]), shown_epoch=shown, words=WORDS)
    (mark,) = [annotation for annotation in figure.layout.annotations if annotation.text == "here"]
    assert (mark.x, mark.xanchor) == (shown, side)
    assert [line.x0 for line in figure.layout.shapes] == [shown, shown]
    assert [len(trace.x) for trace in figure.data] == [60] * 4


def test_the_only_epoch_has_its_word() -> None:
    figure = learning_curve(report_lines([toy_report(1)]), shown_epoch=1, words=WORDS)
    assert "here" in [annotation.text for annotation in figure.layout.annotations]


def test_what_a_loop_has_not_said_is_no_line_and_each_line_has_one_name() -> None:
    lines = [
        CurveLine("train", [1, 2], [None, None], [0.5, None]),
        CurveLine("test", [1, 2], [0.8, 0.9], [0.4, 0.3]),
        CurveLine("validation", [1, 2], [None, None], [None, None]),
    ]
    figure = learning_curve(lines, shown_epoch=2, words=WORDS)
    drawn = [(trace.name, trace.xaxis, list(trace.y), trace.showlegend) for trace in figure.data]
    assert drawn == [
        ("train", "x2", [0.5, None], True),
        ("test", "x", [0.8, 0.9], True),
        ("test", "x2", [0.4, 0.3], False),
    ]


def test_numbers_in_cells_stand_out_from_their_cells() -> None:
    recall = np.array([[0.2, 0.9, 0.99], [0.95, np.nan, 1.0]])
    history = ClassHistory(epochs=(1, 2, 3), recall=recall, missed=metrics.colour_scale(1 - recall, scale="sqrt"))
    texts = [["20", "90", "99"], ["95", "–", "100"]]
    figure = class_cells(history, names=["a", "<b>"], texts=texts, shown_epoch=2, epoch_axis="epoch")
    (field,), (written,) = ([trace for trace in figure.data if trace.type == kind] for kind in ("heatmap", "scatter"))
    assert list(written.text) == ["20", "90", "99", "95", "100"]
    for epoch, name, colour in zip(written.x, written.y, written.textfont.color, strict=True):
        share = field.z[field.y.index(name)][field.x.index(epoch)]
        assert contrast(colour, scale_colour(share)) >= 4.5
