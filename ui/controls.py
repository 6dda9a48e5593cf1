"""Owns what is clicked: the only caller of Streamlit's own controls, so that what holds for one holds for each.

- No two options of a control look alike: Streamlit would take the last of them for the one that was chosen.
- A click counts also where the server was started again while the page was open. To it the session is new, so it
  runs no callback; the page tells by the control's value that there was a click.
- A click that ends in an error says so, and the page is still there.
- What an option or a button is called is words, and never Markdown: names are among them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import streamlit as st

from ui import format, guard, labels, roles, state
from ui.labels import T
from ui.texts import t

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

V = TypeVar("V")
Kind = Literal["list", "segments", "pills", "slider"]


def choose(
    label: str,
    options: Sequence[T],
    *,
    key: str,
    chosen: T | None,
    store: Callable[[T], None],
    names: Sequence[Callable[[T], str]] = (str,),
    kind: Kind = "list",
    help: str | None = None,
) -> None:
    """One of several options; ``store`` is called with the one that was chosen.

    Args:
        options: each once.
        names: how an option is called, then what tells it from others of that name; see `labels.unique`.
    """
    shown = labels.unique(options, *names)
    given = list(options)
    rest: dict[str, Any] = {"format_func": shown.__getitem__, "help": help}
    if kind == "slider":
        _draw_valued(st.select_slider, label, given, key=key, value=chosen, store=store, start="value", **rest)
    elif kind == "list":
        place = given.index(chosen) if chosen is not None else None
        _draw_valued(
            st.selectbox, label, given, key=key, value=chosen, store=store, start="index", started=place, **rest
        )
    else:
        draw = st.pills if kind == "pills" else st.segmented_control
        rest["format_func"] = lambda option: format.markdown(shown[option])
        _draw_valued(draw, label, given, key=key, value=chosen, store=store, start="default", **rest)


def interval(
    label: str,
    lowest: int,
    highest: int,
    *,
    key: str,
    chosen: tuple[int, int],
    store: Callable[[tuple[int, int]], None],
    help: str,
) -> None:
    """From where to where, in percent."""
    _draw_valued(
        st.slider, label, lowest, highest, key=key, value=chosen, store=store, start="value", format="%d%%", help=help
    )


def text(label: str, *, key: str, value: str, store: Callable[[str], None]) -> None:
    """A line of text."""
    _draw_valued(st.text_input, label, key=key, value=value, store=store, start="value")


def switch(label: str, *, key: str, on: bool, store: Callable[[bool], None], help: str | None = None) -> None:
    """Something that is on or off."""
    _draw_valued(st.toggle, label, key=key, value=on, store=store, start="value", help=help)


def long_text(label: str, *, key: str, value: str, store: Callable[[str], None]) -> None:
    """Several lines of text."""
    _draw_valued(st.text_area, label, key=key, value=value, store=store, start="value")


def upload(label: str, *, key: str) -> list["UploadedFile"]:
    """The files that the reader has brought, of any kind: what is refused can be explained then."""
    files: list[UploadedFile] = st.file_uploader(label, accept_multiple_files=True, key=key, on_change=state.begin)
    return files


def pages(count: int, *, key: str, page: int, store: Callable[[int], None]) -> None:
    """Which page of a long list."""
    _draw_valued(st.pagination, count, key=key, value=page, store=store, start="default")


def table(
    frame: Any, *, key: str, columns: Mapping[str, Any], label: str, store: Callable[[int], None], height: int = 560
) -> None:
    """A table, at most ``height`` pixels high, of which a row is chosen; ``store`` is called with its place."""

    def changed() -> None:
        state.begin()
        rows = st.session_state[key]["selection"]["rows"]
        if rows:  # else the chosen one was clicked again, and stays
            guard.act(lambda: store(rows[0]))

    shown = st.dataframe(
        frame,
        key=key,
        hide_index=True,
        column_config=dict(columns),
        height=min(height, 36 * (len(frame) + 1) + 2),
        on_select=changed,
        selection_mode="single-row",
        alt=label,
    )
    if state.is_first_run() and shown["selection"]["rows"]:
        changed()
        st.rerun()


def button(label: str, action: Callable[[], None], *, key: str, is_owners: bool = False, **look: Any) -> bool:
    """Something to do; ``action`` has been called where this gives True.

    Args:
        is_owners: it changes what is there for everybody, which is the owner's. For a viewer it is disabled; Streamlit
            then discards a click that a browser makes up, too.
    """
    if is_owners and not roles.is_owner():
        look |= {"disabled": True, "help": t("role.owners")}

    def clicked() -> None:
        state.begin()
        guard.act(action)

    is_clicked = bool(st.button(format.markdown(label), key=key, on_click=clicked, **look))
    if is_clicked and state.is_first_run():
        clicked()
        st.rerun()
    return is_clicked


def download(label: str, content: Callable[[], bytes], *, file_name: str, key: str) -> None:
    """A file to save, made when somebody wants it."""
    st.download_button(label, content, file_name=file_name, mime="text/csv", on_click="ignore", key=key)


def _draw_valued(
    draw: Callable[..., Any],
    *args: Any,
    key: str,
    value: V | None,
    store: Callable[[V], None],
    start: str,
    started: object = None,
    **rest: Any,
) -> None:
    """A control that shows ``value`` whatever the session holds, and hands another one to ``store``.

    Args:
        start: the name of the argument with which the control is told its first value, where that is another one
            than ``value`` as ``started``.
    """

    def changed() -> None:
        state.begin()
        chosen = st.session_state[key]
        if chosen is not None:  # segments and pills: what is chosen was clicked again, and stays
            guard.act(lambda: store(chosen))

    if state.is_first_run():
        rest[start] = value if started is None else started
    else:
        st.session_state[key] = value
    shown = draw(*args, key=key, on_change=changed, **rest)
    if state.is_first_run() and shown is not None and shown != value:
        changed()
        st.rerun()
