"""ui.figures: what a chart says; how it looks is seen in the browser."""

import pytest

from tests.toys import toy_report
from ui.figures import CurveWords, learning_curve

WORDS = CurveWords(
    train="train", validation="validation", accuracy="accuracy", loss="loss", epoch="epoch", shown="here"
)


@pytest.mark.parametrize(("shown", "side"), [(1, "left"), (2, "left"), (31, "right"), (60, "right")])
def test_the_word_at_the_marked_epoch_stands_where_there_is_room(shown: int, side: str) -> None:
    """On the other side it would stretch the axis to epochs that there are not."""
    figure = learning_curve([toy_report(epoch) for epoch in range(1, 61)], shown_epoch=shown, words=WORDS)
    (mark,) = [annotation for annotation in figure.layout.annotations if annotation.text == "here"]
    assert (mark.x, mark.xanchor) == (shown, side)
    assert [line.x0 for line in figure.layout.shapes] == [shown, shown]
    assert [len(trace.x) for trace in figure.data] == [60] * 4


def test_the_only_epoch_has_its_word() -> None:
    figure = learning_curve([toy_report(1)], shown_epoch=1, words=WORDS)
    assert "here" in [annotation.text for annotation in figure.layout.annotations]
