"""Owns how a file arrives on its page: where it is dropped or pasted, which kind it is, and what is wrong with it."""

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from mnistcore.errors import InputError
from mnistcore.imports.files import Kind
from ui import cache, choices, controls, format, roles, state, style
from ui.bringing import archive, matrix, model, predictions
from ui.bringing.brought import Brought, brought, pasted
from ui.bringing.keeping import draw_refusal
from ui.bringing.picking import pick
from ui.page import Page
from ui.parameters import among, choice
from ui.texts import t
from ui.verbatim import draw_verbatim

WAY: Final = choice("bring", among("file", "paste"), default="file")  # how something is brought
_TOPIC: Final = "pasted"


_DRAWN: Final[Mapping[Kind, Callable[[Brought], None]]] = {
    "table": predictions.draw,
    "matrix": matrix.draw,
    "run": archive.draw,
    "checkpoint": model.draw_checkpoint,
    "onnx": model.draw_onnx,
}


def draw_arrival(page: Page) -> None:
    """Where something is brought and, once it is there, what it is."""
    style.draw_sheet("bringing/bringing.css")
    roles.draw_note()
    way = choices.choose(page, WAY, None, t("bring_your_own.way"), names=_way_name, kind="segments")
    given = _uploaded() if way == "file" else _pasted()
    if given is None:
        st.markdown(t(f"bring_your_own.intro.{way}"))
        if way == "file":
            _draw_what_is_taken()
        return
    try:
        kind = "matrix" if way == "paste" else cache.brought_kind(given.key, given.files)
        if way == "file" and kind == "matrix":
            kind = _asked_kind(given)
        _DRAWN[kind](given)
    except InputError as error:
        draw_refusal(error)


def _way_name(option: str) -> str:
    return t(f"bring_your_own.way.{option}")


def _uploaded() -> Brought | None:
    found = controls.upload(t("bring_your_own.upload"), key="bring_upload")
    key = "-".join(file.file_id for file in found)
    return brought(key, {file.name: file.getvalue() for file in found}) if found else None


def _asked_kind(given: Brought) -> Kind:
    """What looks like a confusion matrix may be a table of predictions as well."""
    kinds: tuple[Kind, ...] = ("matrix", "table")
    return pick(
        given,
        "is",
        kinds,
        t("bring_your_own.is"),
        otherwise=kinds[0],
        called=lambda option: t(f"bring_your_own.is.{option}"),
    )


def _pasted() -> Brought | None:
    topic = state.kept(_TOPIC)
    controls.long_text(
        t("bring_your_own.paste"),
        key="bring_pasted",
        value=topic.get("text", ""),
        store=lambda text: topic.__setitem__("text", text),
    )
    text = topic.get("text", "").strip()
    return pasted(text) if text else None


def _draw_what_is_taken() -> None:
    rows = "".join(
        f"<tr><th scope='row'>{format.html(t(f'bring_your_own.taken.{kind}'))}</th>"
        f"<td>{format.html(t(f'bring_your_own.taken.{kind}.note'))}</td></tr>"
        for kind in ("table", "arrays", "matrix", "checkpoint", "onnx", "run")
    )
    st.html(f"<table class='plain taken'>{rows}</table>")
    st.caption(t("bring_your_own.example"))
    draw_verbatim(_EXAMPLE, wrap_lines=False)


_EXAMPLE: Final = "label,p_cat,p_dog\ncat,0.91,0.09\ndog,0.20,0.80\ncat,0.45,0.55"
