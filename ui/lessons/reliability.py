"""Owns the reliability diagram as HTML: how often predictions are right, by how sure the model was."""

from typing import Final

from mnistcore.metrics import Reliability
from ui import format

_TICKS: Final = (0, 25, 50, 75, 100)  # in percent


def reliability_html(
    before: Reliability | None, after: Reliability | None, *, across: str, upwards: str, label: str
) -> str:
    """The diagram; without anything to show, its axes and the line on which confidence and accuracy agree.

    Args:
        before: drawn as bars with their intervals, and the number of images over each.
        after: the same predictions with another confidence, drawn as diamonds.
        across: what the horizontal axis shows.
        upwards: what the vertical axis shows.
        label: what a screen reader says.
    """
    ticks = "".join(
        f'<span class="across" style="left:{tick}%">{tick}%</span>'
        f'<span class="up" style="bottom:{tick}%">{tick}%</span>'
        for tick in _TICKS
    )
    return (
        f'<div class="reliability" role="img" aria-label="{format.html(label)}"><p>{format.html(upwards)}</p>'
        f'<div class="field">{ticks}{"" if before is None else _bars(before)}<i class="ideal"></i>'
        f'{"" if after is None else _diamonds(after)}</div><p class="below">{format.html(across)}</p></div>'
    )


def _bars(found: Reliability) -> str:
    bars = []
    width = 100 / len(found.count)
    bins = zip(found.edges.tolist(), found.accuracy.tolist(), found.count.tolist(), found.interval, strict=False)
    for left, accuracy, count, (low, high) in bins:
        if not count or low is None or high is None:
            continue
        bars.append(
            f'<b style="left:{left:.2%};width:{width:.2f}%;height:{accuracy:.2%}"></b>'
            f'<u style="left:calc({left:.2%} + {width / 2:.2f}%);bottom:{low:.2%};height:{high - low:.2%}"></u>'
            f'<small style="left:{left:.2%};width:{width:.2f}%;bottom:{high:.2%}">{format.count(count)}</small>'
        )
    return "".join(bars)


def _diamonds(found: Reliability) -> str:
    pairs = zip(found.confidence.tolist(), found.accuracy.tolist(), strict=True)
    return "".join(f'<s style="left:{sure:.2%};bottom:{right:.2%}"></s>' for sure, right in pairs if sure == sure)
