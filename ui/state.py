"""Owns every session key and query parameter, with its default; the only writer of either.

Each parameter lives in one text input that is bound to the address and hidden by the style sheet. The widgets that
people see are not bound: they read a parameter before they are drawn and write it in their callback. So an address
carries stable text in no language, one click makes one step in the browser's history, and a value that cannot be
used (an unknown class, say) arrives here as text and can be explained instead of being dropped.

Two kinds of values cannot be used, and `settle` tells them apart for every parameter alike. What a link asks for and
never was right is the link's mistake: it is told, until the reader has chosen anything. What was right when it was
chosen and is not any more, because another run or page or filter was chosen since, is left over: it gives way.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAPIException

LANGUAGES: Final = ("ja", "en")

# name in the address -> value that is meant when the address does not have it
PARAMETERS: Final[Mapping[str, str]] = {
    "lang": "",  # ja or en; empty: the browser's language
    "run": "",  # run id; empty: the newest run
    "epoch": "",  # a kept epoch; empty: the last one
    "cell": "",  # selection in the matrix ("4-9", "4-all", "all-9", "diagonal"); empty: the most confused pair
    "show": "count",  # what a cell shows: count, row or column
    "scale": "sqrt",  # colours: sqrt or linear
    "diagonal": "shown",  # shown or hidden
    "axes": "rows",  # where the truth is: rows or columns
    "class": "0",  # the positive class, by index
    "region": "fn",  # tp, fp, fn or tn
    "truth": "all",  # misclassified: class index or all
    "predicted": "all",  # misclassified: class index or all
    "confidence": "0-100",  # misclassified: lowest and highest confidence in percent
    "sort": "confidence",  # misclassified: confidence, margin, loss or index
    "size": "100",  # images on a page
    "page": "1",  # page of images, from 1
    "image": "",  # index of the image looked at in its split; empty: the first one shown
    "job": "",  # training: run id of the one that is watched; empty: none, the form is shown
    "form": "",  # training: what is wished, as in "dataset=mnist,model=cnn,preset=quick,epochs=3"; empty: the usual
}

_ADDRESS: Final = "address"  # key of the hidden container; ui/style.css hides it
# Session keys.
_KNOWN: Final = "_known"  # parameter -> the values of which there is nothing to tell (any more)
_WRONG: Final = "_wrong"  # the parameters with a value that a link has asked for and cannot be given
_NEXT: Final = "_next"  # parameter -> its value from the next run on, which is what counts already
_BEGUN: Final = "_begun"  # there once a page was drawn to its end, or a click was heard
_BOUND: Final = "_bound"  # there once every input was drawn, in a run that came to its end
_EARLY: Final = "_early"  # there from a click that came before that, until the page is drawn anew
_TOLD: Final = "_told"  # how often the browser was told what its address lacks
_dashboard_is_running: ContextVar[bool] = ContextVar("dashboard_is_running", default=False)
_inputs: ContextVar["_Inputs | None"] = ContextVar("inputs", default=None)  # of the run that draws the page


@dataclass(frozen=True, slots=True)
class _Inputs:
    """Where the inputs go, and what is added to the address after the page."""

    place: DeltaGenerator
    defaults: Mapping[str, str]
    wait: bool  # they are drawn after the page, too

    def draw(self) -> None:
        for name, value in self.defaults.items():
            if not st.session_state.get(name):
                st.session_state[name] = value
        with self.place:
            for name in PARAMETERS:
                st.text_input(name, key=name, bind="query-params", label_visibility="collapsed")


def get(name: str) -> str:
    """The value of a parameter in this session, or its default."""
    coming: dict[str, str] = st.session_state.get(_NEXT, {})
    value = coming[name] if name in coming else st.session_state.get(name)
    if value is None:  # the session's first run: its inputs are drawn after the page
        value = st.query_params.get(name)
    return value or PARAMETERS[name]


def put(name: str, value: str) -> None:
    """Change a parameter, because the reader has chosen so; what a link got wrong is over with that."""
    if name not in PARAMETERS:
        raise KeyError(name)
    for other in PARAMETERS:
        _known(other).add(get(other))
    dismiss()
    _set(name, value)


def put_language(language: str) -> None:
    """Change the language; what was told of the link is told in that one."""
    _set("lang", language)


def dismiss() -> None:
    """Take what a link got wrong out of the address."""
    for name in st.session_state.pop(_WRONG, set()):
        _known(name).add(get(name))
        _set(name, "")


def settle(name: str, is_usable: Callable[[str], bool], instead: str, *, gone: bool = False) -> tuple[str, str | None]:
    """The value of a parameter to use, and the one that a link asks for in vain; None where there is nothing to tell.

    Args:
        is_usable: whether a value is one; the parameter's default may be passed to it, too.
        instead: what is used where the value is none.
        gone: what the value names can vanish by itself, so that one which was right before has to be told of, too.
    """
    wanted = get(name)
    if is_usable(wanted):
        _known(name).add(wanted)
        st.session_state.get(_WRONG, set()).discard(name)
        return wanted, None
    if not gone and give_way(name, is_usable, instead):
        return instead, None
    st.session_state.setdefault(_WRONG, set()).add(name)
    return instead, wanted


def give_way(name: str, is_usable: Callable[[str], bool], instead: str) -> bool:
    """Whether a value is left over; then ``instead`` takes its place.

    Alone for parameters that a page does not read, so that what it shows can be passed on as a link.
    """
    wanted = get(name)
    if is_usable(wanted) or wanted not in _known(name):
        return False
    st.session_state.setdefault(_NEXT, {})[name] = _stored(name, instead)
    return True


def _known(name: str) -> set[str]:
    known: dict[str, set[str]] = st.session_state.setdefault(_KNOWN, {})
    return known.setdefault(name, set())


def _set(name: str, value: str) -> None:
    stored = _stored(name, value)
    if _BOUND in st.session_state and not dashboard_is_running():  # in a callback
        st.session_state.get(_NEXT, {}).pop(name, None)
        st.session_state[name] = stored
        return
    # A session's first click. Its inputs are not drawn yet, so that the address is free; an input that is drawn for
    # the first time takes its value from there, whatever the session holds.
    st.session_state.setdefault(_NEXT, {})[name] = stored
    with suppress(StreamlitAPIException):  # the first run was broken off when this one was drawn already
        if stored:
            st.query_params[name] = stored
        elif name in st.query_params:
            del st.query_params[name]
    if not dashboard_is_running():
        st.session_state[_EARLY] = True


def _stored(name: str, value: str) -> str:
    """As the address has it: without what it says by saying nothing."""
    return "" if value == PARAMETERS[name] else value


def is_first_run() -> bool:
    """Whether this session has just begun, so that no click of it can have been heard.

    The server of a page that was left open may have been started again: to it, a click on that page is the first that
    it hears of the session, and it does not know yet what was clicked.
    """
    return _BEGUN not in st.session_state


def begin() -> None:
    """The session has drawn a page, or heard a click."""
    st.session_state[_BEGUN] = True


def language() -> str:
    """``ja`` or ``en``: chosen in the address, else the browser's first language, else Japanese."""
    # On a visitor's first run the input is not drawn yet: the address itself is asked.
    chosen = st.session_state.get("lang") or st.query_params.get("lang", "")
    if chosen in LANGUAGES:
        return str(chosen)
    return "en" if (st.context.locale or "ja").lower()[:2] != "ja" else "ja"


def draw_address(defaults: Mapping[str, str]) -> DeltaGenerator:
    """Bind every parameter to the address, and have what ``defaults`` adds written into it, without a step back.

    A default that depends on the machine or the browser (the newest run, the language) belongs into the address from
    the first moment, because a link has to show the same to somebody else, later. Gives the hidden container.
    """
    if st.session_state.pop(_EARLY, False):
        st.rerun()  # with the address as it is now
    for name, value in st.session_state.pop(_NEXT, {}).items():
        st.session_state[name] = value
    # The height keeps the inputs out of sight until the style sheet has come and takes them away.
    place = st.container(key=_ADDRESS, height=1, border=False)
    # A click that the page itself hears can change the address only as long as no input is bound to it.
    inputs = _Inputs(place, defaults, wait=is_first_run())
    _inputs.set(inputs)
    if not inputs.wait:
        inputs.draw()
    return inputs.place


def _complete_address(inputs: _Inputs) -> None:
    """Put into the address what it lacks, and take out what is left over: the reader may pass it on.

    Assigning to an input before it is drawn first does not reach the address, and Streamlit's own record of the
    address, which it writes back with the next choice, never learns of it. So the browser is told, after each run.
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
        st.session_state[_BOUND] = True
        _complete_address(inputs)
    begin()


def dashboard_is_running() -> bool:
    """Whether dashboard.py is what runs the page now."""
    return _dashboard_is_running.get()
