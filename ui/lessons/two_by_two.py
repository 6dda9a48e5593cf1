"""Owns the 2 x 2 of one class as HTML, with its totals: some of it may be hidden until it is guessed."""

from collections.abc import Collection, Mapping
from typing import Final

from mnistcore.evaluation.selections import REGIONS
from mnistcore.metrics import OUTCOMES
from ui import format
from ui.checkpoint import Checkpoint
from ui.texts import t

HIDDEN: Final = "?"
_ROWS: Final = (OUTCOMES[:2], OUTCOMES[2:])  # the images of the class, then all others


def two_by_two(
    checkpoint: Checkpoint,
    positive: int,
    *,
    is_open: bool = True,
    lit: Collection[str] = (),
    contents: Mapping[str, str] | None = None,
) -> str:
    """The four outcomes of a class with their counts and totals.

    Args:
        positive: the class.
        is_open: the counts and colours are shown; else only what everybody knows: how many images there are of each.
        lit: the outcomes that are framed.
        contents: outcome -> HTML that stands in it instead of its count.
    """
    evaluation, name = checkpoint.evaluation, checkpoint.names[positive]
    counts = {region: int(getattr(evaluation.counts, region)[positive]) for region in REGIONS}
    totals = [int(evaluation.support[positive]), int(evaluation.others[positive])]
    heads = "".join(
        f"<th scope='col'>{format.html(text)}</th>"
        for text in (t("board.predicted_yes", name=name), t("board.predicted_no", name=name), t("lessons.total"))
    )
    sides = (t("board.truth_yes", name=name), t("board.truth_no", name=name))
    body = "".join(
        f"<tr><th scope='row'>{format.html(side)}</th>"
        + "".join(_cell(region, counts[region], is_open, lit, contents or {}) for region in regions)
        + f"<td class='total'>{format.count(total)}</td></tr>"
        for side, regions, total in zip(sides, _ROWS, totals, strict=True)
    )
    called = int(evaluation.called[positive])
    below = [format.count(n) if is_open else HIDDEN for n in (called, evaluation.total - called)]
    feet = "".join(f"<td class='total'>{text}</td>" for text in (*below, format.count(evaluation.total)))
    foot = f"<tr><th scope='row'>{format.html(t('lessons.total'))}</th>{feet}</tr>"
    return f'<table class="two-by-two"><tr><td></td>{heads}</tr>{body}{foot}</table>'


def _cell(region: str, count: int, is_open: bool, lit: Collection[str], contents: Mapping[str, str]) -> str:
    if not is_open:
        return f"<td class='hidden'>{HIDDEN}</td>"
    inside = contents.get(region, f"<b>{format.count(count)}</b>")
    state = " lit" if region in lit else ""
    name = format.html(f"{t(f'region.{region}')} {region.upper()}")
    return f"<td class='region {region}{state}'><span>{name}</span>{inside}</td>"
