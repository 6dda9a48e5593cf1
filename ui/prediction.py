"""Owns predicting in front of a view: covered until the reader has guessed what it shows, then compared with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Final

import streamlit as st

from mnistcore.quiz.chance import Chance
from mnistcore.quiz.questions import Unit, read_answer
from ui import controls, format, guard, state, style
from ui.checkpoint import Checkpoint
from ui.chosen import positive_class
from ui.page import Page
from ui.parameters import Choice, among, choice
from ui.texts import t

PREDICT: Choice[object, str] = choice("predict", among("0", "1"), default="0")
CONFIDENT: Final = 0.9  # from here on a prediction counts as confident
_PAIRS: Final = 6  # to choose from
_TOPIC: Final = "prediction"


@dataclass(frozen=True, slots=True)
class _Wager:
    """What the reader is to predict of a view.

    Attributes:
        about: what tells it from others of the same page and checkpoint.
        unit: of the number; empty where one of the options is chosen.
        actual: what is so, in words.
        gap: how far a guess is from it, in words.
        options: name -> in words.
    """

    prompt: str
    actual: str
    gap: Callable[[str], str]
    unit: Unit = ""
    about: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


def draw_switch(page_name: str) -> None:
    """Turns it on and off, for the sidebar; nothing on a page that asks nothing."""
    if page_name in _WAGERS:
        on = state.settle(PREDICT, None)[0] == "1"
        controls.switch(
            t("prediction.switch"), key="predict_switch", on=on, store=_turn, help=t("prediction.switch.help")
        )


def _turn(on: bool) -> None:
    state.put(PREDICT, "1" if on else "0")


def predict_first(page: Page, checkpoint: Checkpoint) -> None:
    """Ask for a guess and end the page; once there is one, draw it beside what is so, and let the page go on."""
    if page.read(PREDICT, None) != "1" or page.name not in _WAGERS:
        return
    style.draw_sheet("quiz.css")
    wager = _WAGERS[page.name](page, checkpoint)
    if wager is None:
        st.caption(t(f"prediction.nothing.{page.name}"))
        return
    key = f"{page.name}/{checkpoint.run_id}/{checkpoint.epoch}/{wager.about}"
    guess = state.kept(_TOPIC).get(key)
    if guess is None:
        _draw_wager(wager, key)
        guard.end_page()
    _draw_gap(wager, guess, key)


def _draw_wager(wager: _Wager, key: str) -> None:
    store = partial(_guess, wager, key)
    with st.container(key="prediction"):
        st.html(f'<h2 class="quiz-prompt">{format.html(wager.prompt)}</h2>')
        if wager.unit:
            with st.container(key="quiz_number"):
                controls.text(t(f"prediction.unit.{wager.unit}"), key="prediction_text", value="", store=store)
                st.caption(t("prediction.how"))
            for text in state.take(_TOPIC):
                if text.strip():
                    st.warning(t("quiz.no_number", text=format.markdown(format.quote(text))))
        else:
            with st.container(key="quiz_options"):
                for number, (option, text) in enumerate(wager.options.items(), 1):
                    controls.button(
                        text,
                        partial(store, option),
                        key=f"predict_{option}",
                        width="stretch",
                        shortcut=str(number),
                        wrap=True,
                    )
        controls.button(t("prediction.skip"), partial(_turn, False), key="prediction_skip", type="tertiary")


def _guess(wager: _Wager, key: str, text: str) -> None:
    read = read_answer(text, options=tuple(wager.options), unit=wager.unit)
    if read:
        state.kept(_TOPIC)[key] = read
    else:
        state.leave(_TOPIC, text)


def _draw_gap(wager: _Wager, guess: str, key: str) -> None:
    """The guess beside what is so, and how far apart they are."""
    said = t(f"prediction.value.{wager.unit}", value=guess) if wager.unit else wager.options.get(guess, guess)
    terms = {"guess": said, "actual": wager.actual, "gap": wager.gap(guess)}
    body = "".join(
        f"<div><dt>{format.html(t(f'prediction.{name}'))}</dt><dd>{format.html(text)}</dd></div>"
        for name, text in terms.items()
    )

    def forget() -> None:
        state.kept(_TOPIC).pop(key, None)

    with st.container(horizontal=True, vertical_alignment="center", key="prediction_gap"):
        st.html(f'<div class="prediction" role="status"><dl>{body}</dl></div>', width="content")
        controls.button(t("prediction.again"), forget, key="prediction_again", type="tertiary")


# ---------------------------------------------------------------- what each page asks


def _share(prompt: str, part: int, whole: int, *, about: str = "") -> _Wager:
    """A percentage is predicted."""
    actual = 100 * part / whole

    def gap(guess: str) -> str:
        points = actual - int(guess)
        if abs(points) <= 0.5:
            return t("prediction.gap.none")
        return t("prediction.gap.higher" if points > 0 else "prediction.gap.lower", points=f"{abs(points):.1f}")

    told = t(
        "prediction.share",
        share=format.percent(part / whole, digits=2),
        part=format.count(part),
        whole=format.count(whole),
    )
    return _Wager(prompt, told, gap, unit="percent", about=about)


def _accuracy(page: Page, checkpoint: Checkpoint) -> _Wager | None:
    evaluation = checkpoint.evaluation
    if not evaluation.total:
        return None
    prompt = t("prediction.overview", total=format.count(evaluation.total))
    return _share(prompt, evaluation.correct, evaluation.total)


def _recall(page: Page, checkpoint: Checkpoint) -> _Wager | None:
    positive, evaluation = positive_class(page, checkpoint), checkpoint.evaluation
    support = int(evaluation.support[positive])
    if not support:
        return None
    prompt = t("prediction.class_by_class", name=checkpoint.names[positive], support=format.count(support))
    return _share(prompt, int(evaluation.counts.tp[positive]), support, about=str(positive))


def _pair(page: Page, checkpoint: Checkpoint) -> _Wager | None:
    found = checkpoint.evaluation.largest_confusions[: 2 * _PAIRS]
    if not found:
        return None
    most, names = found[0].count, checkpoint.names
    first = [pair for pair in found if pair.count == most][:_PAIRS]
    others = Chance(checkpoint.run_id, checkpoint.epoch).shuffled(found[len(first) :])[: _PAIRS - len(first)]
    chosen = sorted((*first, *others), key=lambda pair: (pair.true, pair.predicted))
    words = {
        f"{pair.true}-{pair.predicted}": t("prediction.pair", truth=names[pair.true], predicted=names[pair.predicted])
        for pair in chosen
    }
    counts = {f"{pair.true}-{pair.predicted}": pair.count for pair in chosen}
    told = t("prediction.pair.count", pair=words[f"{first[0].true}-{first[0].predicted}"], count=format.count(most))

    def gap(guess: str) -> str:
        apart = most - counts.get(guess, 0)
        return t("prediction.gap.images", count=format.count(apart)) if apart else t("prediction.gap.none")

    return _Wager(t("prediction.confusion_matrix"), told, gap, options=words)


def _confident(page: Page, checkpoint: Checkpoint) -> _Wager | None:
    evaluation = checkpoint.evaluation
    seen = evaluation.per_image
    if seen is None or seen.confidence is None or not evaluation.mistakes:
        return None
    actual = int(((seen.labels != seen.predicted) & (seen.confidence >= CONFIDENT)).sum())

    def gap(guess: str) -> str:
        apart = actual - int(guess)
        if not apart:
            return t("prediction.gap.none")
        return t("prediction.gap.more" if apart > 0 else "prediction.gap.fewer", count=format.count(abs(apart)))

    mistakes = format.count(evaluation.mistakes)
    prompt = t("prediction.misclassified", mistakes=mistakes, share=format.percent(CONFIDENT, digits=0))
    told = t("prediction.part", part=format.count(actual), whole=mistakes)
    return _Wager(prompt, told, gap, unit="images")


_WAGERS: Final[Mapping[str, Callable[[Page, Checkpoint], _Wager | None]]] = MappingProxyType(
    {
        "overview": _accuracy,
        "confusion_matrix": _pair,
        "class_by_class": _recall,
        "misclassified": _confident,
    }
)
