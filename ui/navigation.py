"""Owns the list of pages and the guard with which each page begins."""

import streamlit as st

from ui import state
from ui.texts import t

PAGES = {  # name -> file; the first one is also "/"
    "overview": "pages/overview.py",
    "confusion_matrix": "pages/confusion_matrix.py",
    "class_by_class": "pages/class_by_class.py",
    "misclassified": "pages/misclassified.py",
    "training": "pages/training.py",
    "memory": "pages/memory.py",
}

CHECKPOINT_PAGES = ("overview", "confusion_matrix", "class_by_class", "misclassified")  # what a checkpoint shows


def is_about_checkpoint(page: st.Page) -> bool:
    """Whether a page shows the checkpoint that the sidebar names."""
    return page.url_path in ("", *CHECKPOINT_PAGES)


def draw_navigation() -> st.Page:
    """The menu of pages in the session's language; gives back the page that the address asks for."""
    page = _navigate(by_name=False)
    # The menu marks the entry at whose address the reader is, so the first page's entry goes where it was found.
    return _navigate(by_name=True) if page.url_path == next(iter(PAGES)) else page


def _navigate(*, by_name: bool) -> st.Page:
    first, *others = PAGES
    title = t(f"{first}.name")
    return st.navigation(
        [
            # The default page answers at "/" only, whatever it is called; whoever types its name gets there too.
            st.Page(
                PAGES[first], title=title, url_path="home", default=True, visibility="hidden" if by_name else "visible"
            ),
            st.Page(PAGES[first], title=title, url_path=first, visibility="visible" if by_name else "hidden"),
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
