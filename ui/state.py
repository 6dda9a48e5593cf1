"""Owns every session key and query parameter, with its default; the only writer of either.

Each parameter lives in one text input that is bound to the address and hidden by the style sheet. The widgets that
people see are not bound: they read a parameter before they are drawn and write it in their callback. So an address
carries stable text in no language, one click makes one step in the browser's history, and a value that cannot be
used (an unknown class, say) arrives here as text and can be explained instead of being dropped.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import streamlit as st

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
_CLICKED: Final = "_clicked"  # session key; there once a parameter was changed here
_dashboard_is_running: ContextVar[bool] = ContextVar("dashboard_is_running", default=False)


def get(name: str) -> str:
    """The value of a parameter in this session, or its default."""
    return st.session_state.get(name) or PARAMETERS[name]


def put(name: str, value: str) -> None:
    """Change a parameter; to be called from a widget's callback, which runs before the inputs are drawn."""
    if name not in PARAMETERS:
        raise KeyError(name)
    st.session_state[name] = "" if value == PARAMETERS[name] else value
    st.session_state[_CLICKED] = True


def is_fresh() -> bool:
    """Whether nothing was clicked in this session yet: what the address says is what somebody's link says."""
    return _CLICKED not in st.session_state


def language() -> str:
    """``ja`` or ``en``: chosen in the address, else the browser's first language, else Japanese."""
    # On a visitor's first run the input is not drawn yet: the address itself is asked.
    chosen = st.session_state.get("lang") or st.query_params.get("lang", "")
    if chosen in LANGUAGES:
        return str(chosen)
    return "en" if (st.context.locale or "ja").lower()[:2] != "ja" else "ja"


def draw_address(defaults: Mapping[str, str]) -> None:
    """Bind every parameter to the address and write what ``defaults`` adds into it, without a step in the history.

    A default that depends on the machine or the browser (the newest run, the language) belongs into the address from
    the first moment, because a link has to show the same to somebody else, later.
    """
    for name, value in defaults.items():
        if not st.session_state.get(name):
            st.session_state[name] = value
    # The height keeps the inputs out of sight until the style sheet has come and takes them away.
    with st.container(key=_ADDRESS, height=1, border=False):
        for name in PARAMETERS:
            st.text_input(name, key=name, bind="query-params", label_visibility="collapsed")
        # Assigning to a widget that is not drawn yet does not reach the address; the browser is told directly.
        additions = json.dumps({name: value for name, value in defaults.items() if value})
        st.html(
            f"""<script>
(() => {{
  const address = new URL(location.href);
  for (const [name, value] of Object.entries({additions}))
    if (!address.searchParams.get(name)) address.searchParams.set(name, value);
  history.replaceState(history.state, "", address);
  document.documentElement.lang = {json.dumps(language())};
  document.documentElement.translate = false;
}})();
</script>""",
            unsafe_allow_javascript=True,
        )


@contextmanager
def dashboard_run() -> Iterator[None]:
    """dashboard.py runs its page inside this, so that a page can tell whether dashboard.py came before it."""
    token = _dashboard_is_running.set(True)
    try:
        yield
    finally:
        _dashboard_is_running.reset(token)


def dashboard_is_running() -> bool:
    """Whether dashboard.py is what runs the page now."""
    return _dashboard_is_running.get()
