"""Owns the lesson on the accuracy trap: what happens to each metric when a class becomes rare."""

from functools import partial
from typing import Final

from mnistcore import metrics
from ui import format
from ui.checkpoint import Checkpoint
from ui.chosen import CLASS, REGION
from ui.components.prevalence import PrevalenceView, PrevalenceWords, prevalence
from ui.lessons import needs
from ui.lessons.lesson import Guess, Lesson, Link, NotHereError, Question
from ui.lessons.metric_rows import metric_rows
from ui.texts import t

_ASKED: Final = ("accuracy", "recall", "precision", "f1")
_ONE_IN: Final = (100, 10)  # of the class's images is kept: the first that leaves some


def _ask(checkpoint: Checkpoint) -> Question:
    counts = checkpoint.evaluation.counts
    for one_in in _ONE_IN:
        positive = metrics.most_diluted(counts, 1 / one_in)
        if positive is not None and counts.support[positive] >= one_in:
            return _question(checkpoint, positive, one_in)
    raise NotHereError(t("lesson_accuracy_trap.none"))


def _question(checkpoint: Checkpoint, positive: int, one_in: int) -> Question:
    name = checkpoint.names[positive]
    whole = _two_by_two(checkpoint, positive)
    kept = round(whole.positives / one_in)
    thinned = metrics.thin_class(whole, kept / whole.positives)
    before, after = metrics.binary_metrics(whole), thinned.metrics
    facts = {
        "name": format.markdown(name),
        "support": format.count(int(whole.positives)),
        "kept": format.count(kept),
        "fp": format.count(int(whole.fp)),
        "tp": format.count(int(whole.tp)),
        "tp_after": f"{thinned.counts.tp:.1f}",
        "always_no": format.percent(thinned.always_no.accuracy, digits=2),
        **{each: format.percent(getattr(before, each), digits=1) for each in ("recall", "precision")},
        "precision_after": format.percent(after.precision),
        "accuracy_after": format.percent(after.accuracy, digits=2),
    }
    falls = {each: (getattr(before, each) or 0) - (getattr(after, each) or 0) for each in _ASKED}
    return Question(
        text=t("lesson_accuracy_trap.question", **facts),
        options={each: t(f"lesson_accuracy_trap.option.{each}") for each in _ASKED},
        right=(max(falls, key=falls.__getitem__),),
        draw=partial(_draw, checkpoint, positive, kept),
        why=t("lesson_accuracy_trap.why", **facts),
        links=(
            Link(
                "class_by_class",
                t("lesson_accuracy_trap.link", name=name),
                {CLASS.name: str(positive), REGION.name: "fp"},
            ),
        ),
    )


def _two_by_two(checkpoint: Checkpoint, positive: int) -> metrics.TwoByTwo:
    counts = checkpoint.evaluation.counts
    return metrics.TwoByTwo(**{outcome: int(getattr(counts, outcome)[positive]) for outcome in metrics.OUTCOMES})


def _draw(checkpoint: Checkpoint, positive: int, kept: int, guess: Guess) -> None:
    name, counts = checkpoint.names[positive], _two_by_two(checkpoint, positive)
    words = PrevalenceWords(
        slider=t("lesson_accuracy_trap.slider", name=name),
        told=t("lesson_accuracy_trap.told"),
        table=t("lesson_accuracy_trap.table", name=name),
        model=t("lesson_accuracy_trap.model"),
        always_no=t("lesson_accuracy_trap.always_no", name=name),
        stays=t("lesson_accuracy_trap.stays"),
        from_=t("lesson_accuracy_trap.from"),
        outcomes={outcome: t(f"region.{outcome}") for outcome in metrics.OUTCOMES},
    )
    view = PrevalenceView(
        counts=counts,
        kept=kept if guess else int(counts.positives),
        thins=bool(guess),
        metrics=metric_rows(),
        words=words,
    )
    prevalence(key="accuracy_trap", view=view)


LESSON = Lesson(name="accuracy_trap", ask=_ask, needs=(needs.several_classes, needs.mistakes))
