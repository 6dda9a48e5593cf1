"""Owns the name under which something is kept, the button that keeps it, and the way to its pages."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import streamlit as st

from mnistcore.errors import InputError, MnistcoreError
from mnistcore.evaluation.evaluation import Evaluation
from ui import controls, core_words, format, links, state, style
from ui.bringing.brought import Brought
from ui.cards import Card, draw_cards
from ui.checkpoint import RUN
from ui.small_matrix import small_matrix
from ui.texts import t
from ui.verbatim import draw_verbatim

_MOST_SHOWN: Final = 60  # classes in a preview
_PAGES: Final = ("confusion_matrix", "class_by_class", "overview")  # on which it is looked at next
_TOPIC: Final = "bring"


def draw_keeping(given: Brought, keep: Callable[[str], tuple[str, bool]], *, stem: str) -> None:
    """The name and the button; after it, what was kept and where it is seen.

    Args:
        keep: is given the name; gives the run's id, and whether it is new.
        stem: what it is called unless the reader says otherwise.
    """
    name = given.proposed_name(stem)
    place = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with place:
        controls.text(
            t("bring_your_own.name_of_run"),
            key=f"bring_name_{given.key}",
            value=name,
            store=lambda said: given.say("name", said),
        )

    with place:
        draw_button(given, lambda: keep(given.proposed_name(stem)), label=t("bring_your_own.keep"))
    draw_outcome(given, name=name)


def draw_button(given: Brought, keep: Callable[[], tuple[str, bool]], *, label: str) -> None:
    """The button that keeps what was brought.

    Args:
        keep: gives the run's id, and whether it is new.
    """

    def click() -> None:
        try:
            run_id, is_new = keep()
        except MnistcoreError as error:
            state.leave(_TOPIC, str(error))
            return
        given.say_kept(run_id, is_new=is_new)
        state.put(RUN, run_id)

    controls.button(label, click, key="bring_keep", is_owners=True, type="primary")


def draw_outcome(given: Brought, *, name: str) -> None:
    """What the button has done: the run and its pages, or why nothing was kept."""
    for told in state.take(_TOPIC):
        st.error(t("bring_your_own.not_kept"))
        draw_verbatim(core_words.told(told))
    if run_id := given.answer("kept"):
        again = bool(given.answer("again"))
        st.success(t("bring_your_own.kept.again" if again else "bring_your_own.kept", name=format.markdown(name)))
        shown = (links.way(page, t(f"bring_your_own.kept.{page}"), run=run_id) for page in _PAGES)
        st.html(f"<p class='ways'>{' '.join(shown)}</p>")


def draw_assumed(notes: Sequence[str]) -> None:
    """What was not said in what was brought, and how it was taken."""
    if notes:
        told = " · ".join(map(core_words.told, notes))
        st.caption(t("bring_your_own.assumed", notes=format.markdown(told)))


def draw_refusal(error: InputError) -> None:
    """What cannot be taken, in words; nothing was kept."""
    st.error(t("bring_your_own.refused"))
    draw_verbatim(core_words.told(str(error)))
    if " row " in str(error):
        st.caption(t("bring_your_own.rows_from_zero"))


def draw_preview(numbers: Evaluation, names: Sequence[str], *, keeping: Callable[[], None]) -> None:
    """The accuracy and the matrix, before anything is kept.

    Args:
        keeping: draws the way to keep it, between them.
    """
    st.header(t("bring_your_own.preview"), anchor=False)
    low, high = numbers.accuracy_interval
    draw_cards(
        [
            Card(
                t("bring_your_own.preview.accuracy"),
                format.percent(numbers.summary.accuracy, digits=2),
                t("bring_your_own.preview.interval", low=format.percent(low), high=format.percent(high)),
                of=f"= {format.count(numbers.correct)} / {format.count(numbers.total)}",
                term="accuracy",
            ),
            Card(
                t("bring_your_own.preview.classes"),
                format.count(len(names)),
                t("bring_your_own.preview.support", **_extremes(numbers)),
            ),
        ]
    )
    keeping()
    if len(names) > _MOST_SHOWN:
        st.caption(t("bring_your_own.preview.too_many", most=_MOST_SHOWN))
        return
    style.draw_sheet("small_matrix.css")
    most = max(float(numbers.matrix.max()), 1.0)
    shown = small_matrix(names, numbers.matrix.astype(np.float64), title=t("bring_your_own.matrix"), most=most)
    st.html(f"<div class='preview'>{shown}</div>")


def _extremes(numbers: Evaluation) -> dict[str, str]:
    support = numbers.support
    return {"least": format.count(int(support.min())), "most": format.count(int(support.max()))}
