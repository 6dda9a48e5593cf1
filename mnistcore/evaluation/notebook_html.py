"""Owns how numbers show themselves in a notebook: a sentence and, of few classes, the matrix; HTML without scripts."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from mnistcore.evaluation.evaluation import Evaluation
from mnistcore.wording import html

MOST_SHOWN: Final = 12  # classes whose matrix is shown


def told(numbers: Evaluation) -> str:
    """The accuracy with its interval, and the counts behind it.

    >>> from mnistcore.evaluation.evaluation import evaluate_predictions
    >>> from mnistcore.evaluation.predictions import Counts
    >>> told(evaluate_predictions(Counts(np.array([[50, 0], [10, 40]])), num_classes=2))
    'accuracy 90.0 % (95 % interval 82.6 % to 94.5 %), 90 of 100 images'
    """
    low, high = numbers.accuracy_interval
    if low is None or high is None:
        return "no images"
    accuracy, *ends = (f"{value:.1%}".replace("%", " %") for value in (numbers.correct / numbers.total, low, high))
    interval = " to ".join(ends)
    return f"accuracy {accuracy} (95 % interval {interval}), {numbers.correct:,} of {numbers.total:,} images"


def numbers_html(head: str, numbers: Evaluation, names: Sequence[str], *, notes: Sequence[str] = ()) -> str:
    """A heading with what is told, notes under it, and the matrix where it has at most `MOST_SHOWN` classes."""
    small = "".join(f"<br><small>{html(note)}</small>" for note in notes)
    text = f"<p><b>{html(head)}</b>: {html(told(numbers))}{small}</p>"
    matrix = _matrix(numbers.matrix, names) if len(names) <= MOST_SHOWN else ""
    return f'<div class="tex2jax_ignore">{text}{matrix}</div>'  # notebooks take $x$ for a formula, in HTML too


def _matrix(matrix: npt.NDArray[np.int64], names: Sequence[str]) -> str:
    """Rows true, columns predicted; the more images, the bluer, on a light page and on a dark one."""
    shades = np.sqrt(matrix / max(1, int(matrix.max())))
    heads = "".join(f"<th>{html(name)}</th>" for name in names)
    rows = "".join(
        f'<tr style="background:none"><th>{html(name)}</th>'
        + "".join(
            f'<td style="text-align:right;background:rgba(40,125,200,{0.6 * shade:.2f})">{count:,}</td>'
            for count, shade in zip(row, shade_row, strict=True)
        )
        + "</tr>"
        for name, row, shade_row in zip(names, matrix.tolist(), shades.tolist(), strict=True)
    )
    return f"<table><caption>rows true, columns predicted</caption><tr><th></th>{heads}</tr>{rows}</table>"
