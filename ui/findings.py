"""Owns how findings are told: a sentence with its numbers, its test in small letters, and the way to what shows it."""

from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

from mnistcore.evaluation.findings import (
    Finding,
    Miscalibrated,
    MissedMost,
    NeverPredicted,
    NoBetterThanOneClass,
    OneWay,
    StoppedImproving,
)
from mnistcore.evaluation.selections import Selection
from ui import format, state
from ui.checkpoint import READ_ERRORS, Checkpoint
from ui.texts import t

MOST_NAMES = 5  # of classes in one sentence
LOSS_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words."""

    sentence: str
    test: str
    page: str  # that shows it
    view: dict[str, str]  # parameter -> value there
    way: str  # what the link is called


def draw_findings(checkpoint: Checkpoint) -> None:
    """The findings as a short list; nothing where there are none."""
    try:
        findings = checkpoint.findings()
    except READ_ERRORS:  # of the validation images; the test images were read before
        return
    if not findings:
        return
    st.header(t("findings.title"), anchor=False)
    items = "".join(_item(tell(found, checkpoint.names), checkpoint) for found in findings)
    st.html(f'<ul class="findings">{items}</ul>')
    st.caption(t("findings.note"))


def _item(told: Told, checkpoint: Checkpoint) -> str:
    same = {"lang": state.language(), "run": checkpoint.run_id, "epoch": str(checkpoint.epoch)}
    address = format.html(f"{told.page}?{urlencode(same | told.view)}")
    way = f'<a class="way" target="_self" href="{address}">{format.html(told.way)}</a>'
    check = f"<summary>{format.html(t('findings.check'))}</summary><p><small>{format.html(told.test)}</small></p>"
    return f"<li><p>{format.html(told.sentence)} {way}</p><details>{check}</details></li>"


def tell(found: Finding, names: list[str]) -> Told:
    """A finding in the session's language.

    Args:
        names: of the classes, (C,).
    """
    match found:
        case NoBetterThanOneClass():
            return _no_better(found, names)
        case NeverPredicted():
            return _never(found, names)
        case MissedMost():
            return _missed(found, names)
        case OneWay():
            return _one_way(found, names)
        case Miscalibrated():
            return _miscalibrated(found)
        case StoppedImproving():
            return _stopped(found)


def _no_better(found: NoBetterThanOneClass, names: list[str]) -> Told:
    kind = "worse" if found.worse else "same"
    numbers = {
        "name": names[found.index],
        "count": format.count(found.support),
        "correct": format.count(found.correct),
        "total": format.count(found.total),
        "only_model": format.count(found.only_model),
        "only_always": format.count(found.only_always),
        "p": format.p_value(found.p),
    }
    return Told(
        sentence=t(f"findings.no_better.{kind}", **numbers),
        test=t("findings.no_better.test", **numbers),
        page="confusion_matrix",
        view={"cell": str(Selection("column", predicted=found.index))},
        way=_see("confusion_matrix"),
    )


def _never(found: NeverPredicted, names: list[str]) -> Told:
    first, *more = found.indices
    listed = [names[index] for index in found.indices[:MOST_NAMES]]
    left_out = ["…"] if len(found.indices) > MOST_NAMES else []
    numbers = {
        "name": names[first],
        "names": ", ".join(listed + left_out),
        "classes": len(found.indices),
        "support": format.count(found.support),
        "largest": format.count(found.largest),
        "total": format.count(found.total),
        "high": format.percent(found.high, digits=2),
        "share": format.percent(found.largest / found.total, digits=2),
        "compared": found.compared,
    }
    return Told(
        sentence=t("findings.never.several" if more else "findings.never.one", **numbers),
        test=t("findings.never.test", **numbers),
        page="confusion_matrix",
        view={"cell": str(Selection("row", true=first))},
        way=_see("confusion_matrix"),
    )


def _missed(found: MissedMost, names: list[str]) -> Told:
    numbers = {
        "name": names[found.index],
        "missed": format.count(found.missed),
        "support": format.count(found.support),
        "other": "" if found.mostly is None else names[found.mostly],
        "count": format.count(found.mostly_count),
        "share": format.percent(found.missed / found.support),
        "others_missed": format.count(found.others_missed),
        "others": format.count(found.others),
        "others_share": format.percent(found.others_missed / found.others),
        "compared": found.compared,
        "p": format.p_value(found.p),
    }
    return Told(
        sentence=t("findings.missed.evenly" if found.mostly is None else "findings.missed", **numbers),
        test=t("findings.missed.test", **numbers),
        page="class_by_class",
        view={"class": str(found.index), "region": "fn"},
        way=_see("class_by_class"),
    )


def _one_way(found: OneWay, names: list[str]) -> Told:
    numbers = {
        "truth": names[found.true],
        "predicted": names[found.predicted],
        "count": format.count(found.count),
        "support": format.count(found.support),
        "back": format.count(found.back),
        "back_support": format.count(found.back_support),
        "compared": found.compared,
        "p": format.p_value(found.p),
    }
    return Told(
        sentence=t("findings.one_way", **numbers),
        test=t("findings.one_way.test", **numbers),
        page="confusion_matrix",
        view={"cell": str(Selection("cell", found.true, found.predicted))},
        way=_see("confusion_matrix"),
    )


def _miscalibrated(found: Miscalibrated) -> Told:
    kind = "surer" if found.surer else "less_sure"
    numbers = {
        "confidence": format.percent(found.confidence),
        "correct": format.count(found.correct),
        "total": format.count(found.total),
        "accuracy": format.percent(found.correct / found.total),
        "low": format.percent(found.low),
        "high": format.percent(found.high),
    }
    return Told(
        sentence=t(f"findings.confidence.{kind}", **numbers),
        test=t("findings.confidence.test", **numbers),
        page="misclassified",
        view={"sort": "confidence"},
        way=_see("misclassified"),
    )


def _stopped(found: StoppedImproving) -> Told:
    numbers = {
        "best": found.best,
        "last": found.last,
        "best_loss": format.ratio(found.best_loss, digits=LOSS_DIGITS),
        "last_loss": format.ratio(found.last_loss, digits=LOSS_DIGITS),
        "rise": format.ratio(found.last_loss - found.best_loss, digits=LOSS_DIGITS),
        "low": format.ratio(found.low, digits=LOSS_DIGITS),
        "high": format.ratio(found.high, digits=LOSS_DIGITS),
        "total": format.count(found.total),
        "compared": found.compared,
    }
    return Told(
        sentence=t("findings.stopped", **numbers),
        test=t("findings.stopped.test", **numbers),
        page="overview",
        view={"epoch": str(found.best)},
        way=t("findings.see_epoch", epoch=found.best),
    )


def _see(page: str) -> str:
    return t("findings.see", page=t(f"{page}.name"))
