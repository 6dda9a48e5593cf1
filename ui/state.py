"""Owns the values of every session key and query parameter; the only writer of either but for a control's own key.

What a parameter is, `ui.parameters` says, and which there are, the pages. Each lives in one text input that is bound
to the URL and hidden by the style sheet. The widgets that people see are not bound: they read a parameter before
they are drawn and write it in their callback. So a URL carries stable text in no language, one click makes one
step in the browser's history, and a value that cannot be used (an unknown class, say) arrives here as text and can be
explained instead of being dropped.

Two kinds of values cannot be used, and `settle` tells them apart for every parameter alike. What a link requests and
never was right is the link's mistake: it is told, until the reader has chosen anything. What was right when it was
chosen and is not any more, because another run or page or filter was chosen since, is left over: it gives way.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAPIException

from ui.parameters import Parameter, Problem, Unusable

LANGUAGES: Final = ("ja", "en")

C = TypeVar("C")
V = TypeVar("V")

_ADDRESS: Final = "address"  # key of the hidden container; ui/style.css hides it
# Session keys.
_DEFAULTS: Final = "_defaults"  # parameter -> its default, of every parameter that there is
_KNOWN: Final = "_known"  # parameter -> the values of which there is nothing to tell (any more)
_WRONG: Final = "_wrong"  # the parameters with a value that a link has requested and cannot be given
_NEXT: Final = "_next"  # parameter -> its value from the next run on, which is what counts already
_UNSEEN: Final = "_unseen"  # parameter -> its value, chosen since a page was last drawn to its end
_HEARD: Final = "_heard"  # there from a click until the run that it has begun
_BEGUN: Final = "_begun"  # there once a page was drawn to its end, or a click was heard
_BOUND: Final = "_bound"  # the parameters whose input was drawn in a run that came to its end
_EARLY: Final = "_early"  # there from a click that came before that, until the page is drawn again
_TOLD: Final = "_told"  # how often the browser was told what its URL lacks
_LEFT: Final = "_left"  # topic -> words that a click has left
_KEPT: Final = "_kept"  # topic -> what the reader has said about each of its questions
_dashboard_is_running: ContextVar[bool] = ContextVar("dashboard_is_running", default=False)
_inputs: ContextVar["_Inputs | None"] = ContextVar("inputs", default=None)  # of the run that draws the page


@dataclass(frozen=True, slots=True)
class _Inputs:
    """Where the inputs go, and what is added to the URL after the page."""

    place: DeltaGenerator
    defaults: Mapping[str, str]
    names: Sequence[str]
    wait: bool  # they are drawn after the page, too

    def draw(self) -> None:
        for name, value in self.defaults.items():
            if not st.session_state.get(name):
                st.session_state[name] = value
        with self.place:
            for name in self.names:
                st.text_input(name, key=name, bind="query-params", label_visibility="collapsed")


def get(parameter: Parameter[Any, Any]) -> str:
    """The text of a parameter in this session, or its default."""
    return _get(parameter.name) or parameter.default


def _get(name: str) -> str:
    coming: dict[str, str] = st.session_state.get(_UNSEEN, {}) | st.session_state.get(_NEXT, {})
    value = coming[name] if name in coming else st.session_state.get(name)
    if value is None:  # the session's first run: its inputs are drawn after the page
        value = st.query_params.get(name)
    return str(value or "")


def put(parameter: Parameter[Any, Any], text: str) -> None:
    """Change a parameter, because the reader has chosen so, and reset what begins again with it.

    What a link got wrong is over with that.
    """
    for name, default in _defaults().items():
        _known(name).add(_get(name) or default)
    dismiss()
    _set(parameter, text)
    for other in parameter.resets:
        _set(other, other.default)


def put_language(language: str) -> None:
    """Change the language; what was told of the link is told in that one."""
    _set(LANG, language)


def dismiss() -> None:
    """Take what a link got wrong out of the URL."""
    for name in st.session_state.pop(_WRONG, set()):
        _known(name).add(_get(name))
        _set_stored(name, "")


def settle(parameter: Parameter[C, V], context: C) -> tuple[V, Unusable | None]:
    """The value of a parameter to use, and what is wrong with the one that a link requests in vain.

    None for the second where there is nothing to tell.
    """
    text = get(parameter)
    try:
        value = parameter.read(text, context)
    except Unusable as error:
        wrong = error
    else:
        _known(parameter.name).add(text)
        st.session_state.get(_WRONG, set()).discard(parameter.name)
        return value, None
    value = parameter.read(_instead(parameter, wrong), context)
    is_asked_for = _get(parameter.name) != ""  # else the default itself is none here, and nobody is to be told
    if not is_asked_for or (not parameter.can_vanish and give_way(parameter, context)):
        return value, None
    st.session_state.setdefault(_WRONG, set()).add(parameter.name)
    return value, wrong


def give_way(parameter: Parameter[C, Any], context: C) -> bool:
    """Whether a value is left over; then another one takes its place.

    Alone for parameters that a page does not read, so that what it shows can be passed on as a link.
    """
    text = _get(parameter.name)
    if not text or text not in _known(parameter.name):
        return False
    try:
        parameter.read(text, context)
    except Unusable as error:
        stored = _stored(parameter, _instead(parameter, error))
        st.session_state.setdefault(_NEXT, {})[parameter.name] = stored
        return True
    return False


def _instead(parameter: Parameter[Any, Any], wrong: Unusable) -> str:
    return parameter.default if wrong.instead is None else wrong.instead


def _known(name: str) -> set[str]:
    known: dict[str, set[str]] = st.session_state.setdefault(_KNOWN, {})
    return known.setdefault(name, set())


def _set(parameter: Parameter[Any, Any], text: str) -> None:
    _set_stored(parameter.name, _stored(parameter, text))


def _set_stored(name: str, stored: str) -> None:
    is_bound = name in st.session_state.get(_BOUND, ())
    if not is_bound and not stored and not _get(name):
        return  # as it is already
    if is_bound and not dashboard_is_running():  # in a callback
        st.session_state.get(_NEXT, {}).pop(name, None)
        st.session_state[name] = stored
        st.session_state.setdefault(_UNSEEN, {})[name] = stored
        st.session_state[_HEARD] = True
        return
    # A session's first click. Its input is not drawn yet, so that the URL is free; an input that is drawn for
    # the first time takes its value from there, whatever the session holds.
    st.session_state.setdefault(_NEXT, {})[name] = stored
    with suppress(StreamlitAPIException):  # the first run was broken off when this one was drawn already
        if stored:
            st.query_params[name] = stored
        elif name in st.query_params:
            del st.query_params[name]
    if not dashboard_is_running():
        st.session_state[_EARLY] = True


def _stored(parameter: Parameter[Any, Any], text: str) -> str:
    """As the URL has it: without what it says by saying nothing."""
    return "" if text == parameter.default else text


def _defaults() -> Mapping[str, str]:
    defaults: Mapping[str, str] = st.session_state.get(_DEFAULTS, {})
    return defaults


def leave(topic: str, *words: str) -> None:
    """Keep what a click has to say, until a part of the page takes it: a click itself can draw nothing."""
    st.session_state.setdefault(_LEFT, {})[topic] = words


def take(topic: str) -> tuple[str, ...]:
    """What the last click has left to say about a topic, once; empty where it has nothing."""
    words: tuple[str, ...] = st.session_state.get(_LEFT, {}).pop(topic, ())
    return words


def kept(topic: str) -> dict[str, str]:
    """What the reader has answered, question -> answer, until the session ends; to be written to."""
    topics: dict[str, dict[str, str]] = st.session_state.setdefault(_KEPT, {})
    return topics.setdefault(topic, {})


def is_first_run() -> bool:
    """Whether this session has just begun, so that no click of it can have been heard.

    The server of a page that was left open may have been started again: to it, a click on that page is the first that
    it hears of the session, and it does not know yet what was clicked.
    """
    return _BEGUN not in st.session_state


def begin() -> None:
    """The session has drawn a page, or heard a click."""
    st.session_state[_BEGUN] = True
    if not dashboard_is_running():
        st.session_state[_HEARD] = True


def language() -> str:
    """``ja`` or ``en``: chosen in the URL, else the browser's first language, else Japanese."""
    # On a visitor's first run the input is not drawn yet: the URL itself is asked.
    chosen = st.session_state.get("lang") or st.query_params.get("lang", "")
    if chosen in LANGUAGES:
        return str(chosen)
    return "en" if (st.context.locale or "ja").lower()[:2] != "ja" else "ja"


def _read_language(text: str, _: object) -> str:
    if text in ("", *LANGUAGES):
        return text
    options = ", ".join(LANGUAGES)
    raise Unusable(Problem("problem.unknown_value", parameter="lang", value=text, options=options, shown=language()))


LANG: Final = Parameter(name="lang", read=_read_language)  # ja or en; empty: the browser's language


def draw_url_inputs(
    parameters: Sequence[Parameter[Any, Any]], defaults: Mapping[str, str], *, here: Sequence[Parameter[Any, Any]]
) -> DeltaGenerator:
    """Bind every parameter that counts to the URL, and write into it what ``defaults`` adds, without a step back.

    Each input costs time, and most are another page's. Those count that are read ``here``, that the URL names, and
    that counted before in this session.

    A default that depends on the machine or the browser (the newest run, the language) belongs into the URL from
    the first moment, because a link has to show the same to somebody else, later. Gives the hidden container.
    """
    st.session_state[_DEFAULTS] = {parameter.name: parameter.default for parameter in parameters}
    if st.session_state.pop(_EARLY, False):
        st.rerun()  # with the URL as it is now
    # A run that another click has broken off may not have told the browser what was chosen before: its next click then
    # brings back the old value with it. Without a click a run begins by the way back in the browser's history, or by a
    # new address: then the URL counts.
    if not st.session_state.pop(_HEARD, False):
        st.session_state.pop(_UNSEEN, None)
    for name, value in (st.session_state.get(_UNSEEN, {}) | st.session_state.pop(_NEXT, {})).items():
        st.session_state[name] = value
    # The height keeps the inputs out of sight until the style sheet has come and takes them away.
    place = st.container(key=_ADDRESS, height=1, border=False)
    # A click that the page itself hears can change the URL only as long as no input is bound to it.
    named = {*(parameter.name for parameter in here), *defaults, *st.query_params, *st.session_state.get(_BOUND, ())}
    names = [name for name in _defaults() if name in named]
    inputs = _Inputs(place, defaults, names, wait=is_first_run())
    _inputs.set(inputs)
    if not inputs.wait:
        inputs.draw()
    return inputs.place


def _complete_url(inputs: _Inputs) -> None:
    """Put into the URL what it lacks, and take out what is left over: the reader may pass it on.

    Assigning to an input before it is drawn first does not reach the URL, and Streamlit's own record of the
    URL, which it writes back with the next choice, never learns of it. So the browser is told, after each run.
    """
    st.session_state[_TOLD] = told = st.session_state.get(_TOLD, 0) + 1  # a script that is the same does not run again
    lacking = {name: value for name, value in inputs.defaults.items() if value}
    left_over: dict[str, str] = st.session_state.get(_NEXT, {})
    with inputs.place:
        st.html(
            f"""<script>
(() => {{
  const address = new URL(location.href);  // {told}
  for (const [name, value] of Object.entries({_script_literal(left_over)}))
    value ? address.searchParams.set(name, value) : address.searchParams.delete(name);
  for (const [name, value] of Object.entries({_script_literal(lacking)}))
    if (!address.searchParams.get(name)) address.searchParams.set(name, value);
  if (address.href !== location.href) history.replaceState(history.state, "", address);
  document.documentElement.lang = {_script_literal(language())};
  document.documentElement.translate = false;
}})();
</script>""",
            unsafe_allow_javascript=True,
        )


def _script_literal(value: object) -> str:
    return json.dumps(value).replace("<", r"\u003c")  # nothing in it ends the script


@contextmanager
def dashboard_run() -> Iterator[None]:
    """dashboard.py draws everything inside this, so that a page can tell whether dashboard.py came before it."""
    running, inputs = _dashboard_is_running.set(True), _inputs.set(None)
    try:
        yield
        _end_run()
    finally:
        _dashboard_is_running.reset(running)
        _inputs.reset(inputs)


def _end_run() -> None:
    if (inputs := _inputs.get()) is not None:
        if inputs.wait:
            inputs.draw()
        st.session_state[_BOUND] = frozenset(inputs.names)
        st.session_state.pop(_UNSEEN, None)
        _complete_url(inputs)
    begin()


def dashboard_is_running() -> bool:
    """Whether dashboard.py is what runs the page now."""
    return _dashboard_is_running.get()
