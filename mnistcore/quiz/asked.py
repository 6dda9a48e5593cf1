"""Owns how a question is asked, in Japanese or English: its sentence, table, options, right answer and reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from mnistcore import metrics
from mnistcore.evaluation.selections import parse_selection
from mnistcore.quiz import texts
from mnistcore.quiz.kinds import IMAGES_OF
from mnistcore.quiz.questions import Question
from mnistcore.quiz.texts import say


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a question; the names of its axes are empty where they are what is asked."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    column_axis: str = ""
    row_axis: str = ""
    outcomes: tuple[tuple[str, ...], ...] = ()  # the name of each cell's outcome, where it is one


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in words."""

    prompt: str
    table: Table | None
    options: Mapping[str, str]  # as in `Question.options` -> in words
    unit: str  # what stands behind the number; empty where one of the options is chosen
    answer: str  # the right one
    reason: str


@dataclass(frozen=True, slots=True)
class _Speaker:
    """The words of one question in one language."""

    question: Question
    language: str
    names: Sequence[str]

    def say(self, key: str, **more: object) -> str:
        """A text, with all that is known of the question; what a text does not need it leaves."""
        return texts.say(key, self.language, **(self._facts() | more))

    def _facts(self) -> dict[str, object]:
        about = self.question.about
        classes = {"name": about.positive, "truth": about.true, "predicted": about.predicted}
        facts: dict[str, object] = {name: f"{count:,}" for name, count in self.question.counts.items()}
        return facts | {name: self.names[index] for name, index in classes.items() if index is not None}


def in_words(question: Question, language: str, names: Sequence[str]) -> Asked:
    """A question in words.

    Args:
        question: of an evaluation with C classes.
        language: "ja" or "en".
        names: of the classes, in that language, (C,).
    """
    speaker = _Speaker(question, language, names)
    words = _WORDS[question.kind](speaker)
    prompt, option, reason = words
    unit = speaker.say(f"asking.unit.{question.unit}") if question.unit else ""
    options = {name: option(name) for name in question.options}
    if question.unit:
        answer = speaker.say(f"asking.value.{question.unit}", value=f"{int(question.answer):,}")
    else:
        answer = options[question.answer]
    return Asked(prompt, _table(speaker), MappingProxyType(options), unit, answer, reason)


def option_in_words(question: Question, given: str, asked: Asked, language: str) -> str:
    """A given answer in words; as it was typed where it cannot be read."""
    read = question.read(given)
    if not read:
        return given
    return (
        say(f"asking.value.{question.unit}", language, value=f"{int(read):,}") if question.unit else asked.options[read]
    )


def percent(part: int, whole: int) -> str:
    """A share in percent with two digits; one that is not 1 is never rounded up to 100 %, nor one to 0 %.

    >>> percent(939, 982), percent(99999, 100000), percent(5, 5), percent(1, 100000), percent(0, 5)
    ('95.62%', '>99.99%', '100%', '<0.01%', '0%')
    """
    if part in (0, whole):
        return "100%" if part else "0%"
    if part / whole > 0.99995:
        return ">99.99%"
    return "<0.01%" if part / whole < 0.00005 else f"{part / whole:.2%}"


# ---------------------------------------------------------------- the kinds

_Words = tuple[str, Callable[[str], str], str]  # sentence, an option in words, reason


def _outcome(speaker: _Speaker) -> _Words:
    about, answer = speaker.question.about, speaker.question.answer
    count = f"{speaker.question.counts[answer]:,}"
    reason = [speaker.say(f"asking.outcome.{answer}")]
    if answer == "tn" and about.true != about.predicted:
        reason.append(speaker.say("asking.outcome.tn.wrong"))
    reason.append(speaker.say("asking.outcome.count", outcome=answer.upper(), count=count))
    return speaker.say("asking.outcome"), lambda name: speaker.say(f"asking.{name}"), _joined(reason, speaker.language)


def _joined(sentences: Sequence[str], language: str) -> str:
    return (" " if language == "en" else "").join(sentences)


def _denominator(speaker: _Speaker) -> _Words:
    question = speaker.question
    definition = metrics.DEFINITIONS[question.about.metric]
    below = sum(question.counts[outcome] * times for outcome, times in definition.below.items())
    above = sum(question.counts[outcome] * times for outcome, times in definition.above.items())
    option = partial(_images, speaker)
    reason = speaker.say(
        "asking.denominator.reason",
        images=option(question.answer),
        sum=" + ".join(outcome.upper() for outcome in definition.below),
        above=" + ".join(outcome.upper() for outcome in definition.above),
        count=f"{below:,}",
        part=f"{above:,}",
    )
    return speaker.say(f"asking.denominator.{question.about.metric}"), option, reason


def _images(speaker: _Speaker, name: str) -> str:
    return speaker.say(f"asking.images.{name}")


def _rate(speaker: _Speaker) -> _Words:
    kind, counts = speaker.question.kind, speaker.question.counts
    below = sum(counts[outcome] for outcome in metrics.DEFINITIONS[kind].below)
    reason = speaker.say(f"asking.{kind}.reason", below=f"{below:,}", value=percent(counts["tp"], below))
    return speaker.say(f"asking.{kind}"), str, reason


def _count(speaker: _Speaker) -> _Words:
    question = speaker.question
    outcomes = [outcome for outcome in metrics.OUTCOMES if outcome in IMAGES_OF[question.answer]]
    added = " + ".join(f"{question.counts[outcome]:,}" for outcome in outcomes)
    return (
        speaker.say("asking.count", sum=added),
        partial(_images, speaker),
        speaker.say(f"asking.count.{question.answer}.reason"),
    )


def _apart(speaker: _Speaker) -> _Words:
    counts = speaker.question.counts
    reason = speaker.say(
        "asking.apart.reason",
        count=f"{int(speaker.question.answer):,}",
        accuracy=percent(counts["tp"] + counts["tn"], counts["total"]),
        overall=percent(counts["correct"], counts["total"]),
    )
    return speaker.say("asking.apart"), str, reason


def _confused(speaker: _Speaker) -> _Words:
    def option(name: str) -> str:
        cell = parse_selection(name, num_classes=len(speaker.names))
        names = {"truth": cell.true, "predicted": cell.predicted}
        return speaker.say(
            "asking.cell.name", **{key: speaker.names[index] for key, index in names.items() if index is not None}
        )

    return speaker.say("asking.confused"), option, speaker.say("asking.confused.reason")


def _axis(speaker: _Speaker) -> _Words:
    reason = speaker.say(f"asking.axis.{speaker.question.answer}.reason")
    return speaker.say("asking.axis"), lambda name: speaker.say(f"asking.axis.{name}"), reason


def _cell(speaker: _Speaker) -> _Words:
    return speaker.say("asking.cell"), str, speaker.say("asking.cell.reason")


def _argmax(speaker: _Speaker) -> _Words:
    about = speaker.question.about
    share = max(speaker.question.shares)
    verdict = "right" if about.true == about.predicted else "wrong"
    reason = speaker.say(f"asking.argmax.{verdict}", share=f"{share}%")
    return speaker.say("asking.argmax"), lambda name: speaker.names[int(name)], reason


_WORDS: Final[Mapping[str, Callable[[_Speaker], _Words]]] = MappingProxyType(
    {
        "axis": _axis,
        "cell": _cell,
        "confused": _confused,
        "outcome": _outcome,
        "count": _count,
        "denominator": _denominator,
        "recall": _rate,
        "precision": _rate,
        "apart": _apart,
        "argmax": _argmax,
    }
)


# ---------------------------------------------------------------- the tables


def _table(speaker: _Speaker) -> Table | None:
    question = speaker.question
    if question.shares:
        return Table(
            columns=(speaker.say("asking.probability"),),
            rows=tuple(speaker.names[index] for index in question.about.classes),
            cells=tuple((f"{share}%",) for share in question.shares),
            row_axis=speaker.say("asking.class"),
        )
    if question.cells:
        return _part(speaker)
    return None if question.kind in ("outcome", "denominator") else _two_by_two(speaker)


def _part(speaker: _Speaker) -> Table:
    about, cells = speaker.question.about, speaker.question.cells
    names = tuple(speaker.names[index] for index in about.classes)
    shown: Sequence[Sequence[int]] = list(zip(*cells, strict=True)) if about.is_turned else cells
    axes: dict[str, Any] = {}
    if speaker.question.kind != "axis":
        axes = {"row_axis": speaker.say("asking.truth_axis"), "column_axis": speaker.say("asking.predicted_axis")}
    return Table(names, names, tuple(tuple(f"{count:,}" for count in row) for row in shown), **axes)


def _two_by_two(speaker: _Speaker) -> Table:
    counts = speaker.question.counts
    outcomes = (metrics.OUTCOMES[:2], metrics.OUTCOMES[2:])
    return Table(
        columns=(speaker.say("asking.predicted_yes"), speaker.say("asking.predicted_no")),
        rows=(speaker.say("asking.truth_yes"), speaker.say("asking.truth_no")),
        cells=tuple(tuple(f"{counts[outcome]:,}" for outcome in row) for row in outcomes),
        outcomes=outcomes,
    )
