"""Owns the form for a training run: its fields, each with a sentence about it or about what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from mnistcore.models.models import MODELS
from mnistcore.training.presets import PRESETS
from ui import cache, controls, format, guard, state
from ui.checkpoint import dataset_name
from ui.texts import TEXTS, t
from ui.training.wishes import DETAILS, FORM, Request, Wish, check, options_of

COLUMNS = 3
ASKING_SECONDS = 1.0  # between two looks whether nvidia-smi has answered


def option_name(option: str) -> str:
    """An option in words; its own name where it has none."""
    words = f"training.option.{option}"
    return t(words) if words in TEXTS else option


def draw_form(wish: Wish) -> Request:
    """All fields, each with a sentence about it or about what is wrong with it; gives what they add up to."""
    request = check(wish)
    dataset, model, preset = st.columns(3, gap="medium")
    with dataset:
        here = cache.datasets()
        _draw_choice(wish, "dataset", tuple(here), names={name: dataset_name(name) for name in here})
        known = here[wish.dataset]
        facts = {"count": format.count(known.train_size), "classes": known.num_classes}
        away = not cache.is_available(wish.dataset)
        st.caption(t("training.dataset.away" if away else "training.dataset.note", **facts))
    with model:
        _draw_choice(wish, "model", tuple(MODELS))
        words = f"training.model.{wish.model}"
        if words in TEXTS:
            st.caption(t(words))
    with preset:
        _draw_choice(wish, "preset", tuple(PRESETS))
        words = f"training.preset.{wish.preset}"
        if words in TEXTS:
            st.caption(t(words))
    _draw_details(wish, request)
    return request


def _draw_choice(wish: Wish, name: str, options: Sequence[str], names: Mapping[str, str] | None = None) -> None:
    shown = names or {}
    controls.choose(
        t(f"training.{name}"),
        options,
        key=f"training_{name}",
        chosen=getattr(wish, name),
        store=lambda option: state.put(FORM, str(wish.choose(name, option))),
        names=(lambda option: shown.get(option, option),),
    )


def _draw_details(wish: Wish, request: Request) -> None:
    title = t("training.details.changed", count=len(wish.changed)) if wish.changed else t("training.details")
    with st.expander(title, expanded=bool(request.faults), key="training_details"):
        for start in range(0, len(DETAILS), COLUMNS):
            for name, column in zip(DETAILS[start : start + COLUMNS], st.columns(COLUMNS, gap="medium"), strict=False):
                with column:
                    _draw_field(wish, name, request.faults.get(name))
        if wish.changed:
            back = partial(state.put, FORM, str(replace(wish, changed={})))
            controls.button(t("training.details.reset"), back, key="training_reset")


def _draw_field(wish: Wish, name: str, fault: str | None) -> None:
    key, text, options = f"training_{name}", wish.texts()[name], options_of(name)

    def store(value: str) -> None:
        state.put(FORM, str(wish.change(name, value)))

    label = t(f"training.field.{name}")
    if options:
        shown = list(dict.fromkeys((*options, text)))
        controls.choose(label, shown, key=key, chosen=text, store=store, names=(option_name,))
    else:
        controls.text(label, key=key, value=text, store=store)
    if fault:
        st.html(f'<p class="fault" role="alert">{format.html(fault)}</p>')
    else:
        st.caption(t(f"training.field.{name}.note"))
    if name == "device" and cache.survey().gpu == "asking":
        guard.fragment(_await_gpus, run_every=ASKING_SECONDS)()


def _await_gpus() -> None:
    """Says that the list of devices is not whole yet, and draws the page again as soon as it is."""
    if cache.survey().gpu != "asking":
        st.rerun()
    st.caption(t("training.device.asking"))
