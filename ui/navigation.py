"""Owns the list of pages and the guard with which each page begins."""

import streamlit as st

from ui import state
from ui.texts import t

PAGES = {  # name -> file; the first one is also "/"
    "overview": "pages/overview.py",
    "confusion_matrix": "pages/confusion_matrix.py",
    "class_by_class": "pages/class_by_class.py",
    "misclassified": "pages/misclassified.py",
}


def draw_navigation() -> st.Page:
    """The menu of pages in the session's language; gives back the page that the address asks for."""
    first, *others = PAGES
    return st.navigation(
        [
            # The default page answers at "/" only, whatever it is called; whoever types its name gets there too.
            st.Page(PAGES[first], title=t(f"{first}.name"), url_path="home", default=True),
            st.Page(PAGES[first], title=t(f"{first}.name"), url_path=first, visibility="hidden"),
            *(st.Page(PAGES[name], title=t(f"{name}.name"), url_path=name) for name in others),
        ]
    )


def require_dashboard() -> None:
    """What every page calls first: starts over through dashboard.py if this page was run without it.

    Because the folder is called ``pages``, Streamlit's old multipage mode runs a page file alone when its address is
    the first thing that a fresh server is asked for. ``st.navigation`` switches that mode off for the whole process.
    """
    if not state.dashboard_is_running():
        draw_navigation()
        st.rerun()
