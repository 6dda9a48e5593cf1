"""Owns the list of pages, and how each of them begins: a page is added here, and has a file and texts of its name."""

from typing import Any

import streamlit as st

from mnistcore.runs.manifest import RunManifest
from ui import (
    cache,
    chosen,
    class_by_class,
    confusion_matrix,
    format,
    gallery,
    guard,
    misclassified,
    prediction,
    quiz,
    state,
)
from ui.bringing.arrival import WAY
from ui.checkpoint import EPOCH, READ_ERRORS, RUN, Checkpoint, chosen_run, read_checkpoint, run_name
from ui.lessons import catalogue as lessons
from ui.lessons.lesson import GUESS
from ui.page import Page, PageInfo, draw_head
from ui.parameters import Parameter
from ui.presenting import PRESENT
from ui.texts import t
from ui.training.job import JOB
from ui.training.wishes import FORM
from ui.verbatim import draw_verbatim
from ui.welcome import draw_welcome

PAGES = {  # in the order of the menu; the first one is also "/"
    info.name: info
    for info in (
        PageInfo(name="overview", needs_checkpoint=True, parameters=(chosen.CLASS,)),
        PageInfo(
            name="confusion_matrix",
            needs_checkpoint=True,
            parameters=confusion_matrix.PARAMETERS,
            others=gallery.PARAMETERS,
        ),
        PageInfo(
            name="class_by_class",
            needs_checkpoint=True,
            parameters=class_by_class.PARAMETERS,
            others=gallery.PARAMETERS,
        ),
        PageInfo(
            name="misclassified", needs_checkpoint=True, parameters=misclassified.PARAMETERS, others=gallery.PARAMETERS
        ),
        PageInfo(name="lessons", needs_checkpoint=True, parameters=lessons.PARAMETERS, others=(GUESS,)),
        PageInfo(name="quiz", needs_checkpoint=True, parameters=quiz.PARAMETERS, others=(quiz.ANSWER,)),
        PageInfo(name="bring_your_own", parameters=(WAY,)),
        PageInfo(name="training", parameters=(JOB, FORM)),
        PageInfo(name="memory", needs_folder=False),
        PageInfo(name="glossary", uses_checkpoint=True, needs_folder=False),
    )
}
FIRST = next(iter(PAGES))
OF_CHECKPOINT: tuple[Parameter[Checkpoint, Any], ...] = (
    *(parameter for info in PAGES.values() if info.needs_checkpoint for parameter in info.parameters),
    gallery.IMAGE,
)
EVERYWHERE: tuple[Parameter[Any, Any], ...] = (state.LANG, RUN, EPOCH, PRESENT, prediction.PREDICT, JOB)
PARAMETERS: tuple[Parameter[Any, Any], ...] = tuple(  # all that a URL can have; pages share some
    dict.fromkeys(
        (
            *EVERYWHERE,
            *(parameter for info in PAGES.values() for parameter in (*info.parameters, *info.others)),
        )
    )
)


# ---------------------------------------------------------------- the menu


def draw_navigation() -> st.Page:
    """The menu of pages in the session's language; gives back the page that the URL names."""
    page = _navigate(by_name=False)
    # The menu marks the entry at whose URL the reader is, so the first page's entry goes where it was found.
    return _navigate(by_name=True) if page.url_path == FIRST else page


def _navigate(*, by_name: bool) -> st.Page:
    first, *others = PAGES.values()
    title = t(f"{first.name}.name")
    return st.navigation(
        [
            # The default page answers at "/" only, whatever it is called; whoever types its name gets there too.
            st.Page(
                first.file, title=title, url_path="home", default=True, visibility="hidden" if by_name else "visible"
            ),
            st.Page(first.file, title=title, url_path=first.name, visibility="visible" if by_name else "hidden"),
            *(st.Page(info.file, title=t(f"{info.name}.name"), url_path=info.name) for info in others),
        ]
    )


def parameters_of(page: st.Page) -> tuple[Parameter[Any, Any], ...]:
    """What a page may read of the URL, or write into it."""
    info = PAGES[page.url_path or FIRST]
    return (*EVERYWHERE, *info.parameters, *info.others)


def is_about_checkpoint(page: st.Page) -> bool:
    """Whether a page shows the checkpoint that the sidebar names."""
    info = PAGES[page.url_path or FIRST]
    return info.needs_checkpoint or info.uses_checkpoint


# ---------------------------------------------------------------- how a page begins


def begin_page(name: str) -> Page:
    """What every page calls first: its head, and room for what the URL cannot be given.

    Starts over through dashboard.py if the page was run without it. Because the folder is called ``pages``, Streamlit's
    old multipage mode runs a page file alone when its URL is the first that a fresh server gets;
    ``st.navigation`` switches that mode off for the whole process.
    """
    if not state.dashboard_is_running():
        draw_navigation()
        st.rerun()
    return draw_head(PAGES[name])


def chosen_checkpoint(page: Page) -> Checkpoint:
    """The checkpoint that the URL names, with a line about it.

    Ends the page where there is nothing to show, or where the reader predicts first what it shows.
    """
    if chosen_run() is None:
        draw_welcome(training=PAGES["training"])
        guard.end_page()
    run = page.read(RUN, cache.listing())
    try:
        return _read_checkpoint(page, run)
    except READ_ERRORS as error:
        st.error(t("problem.damaged_predictions", run=format.markdown(run_name(run)), run_id=run.run_id))
        draw_verbatim(str(error))
        guard.end_page()


def checkpoint_if_any(page: Page) -> Checkpoint | None:
    """The same for a page that has something to show without a checkpoint: None where none can be read."""
    if cache.gone_folder() is not None or chosen_run() is None:
        return None
    run = page.read(RUN, cache.listing())
    try:
        return _read_checkpoint(page, run)
    except READ_ERRORS:
        return None


def _read_checkpoint(page: Page, run: RunManifest) -> Checkpoint:
    """The epoch of a run that the URL names, with a line about it.

    Raises:
        StoreError, InputError: its predictions cannot be read.
    """
    epoch = page.read(EPOCH, run)
    checkpoint = read_checkpoint(run, epoch)
    page.draw_subject(
        t(
            "app.subject",
            dataset=format.markdown(checkpoint.dataset_title),
            run=format.markdown(checkpoint.title),
            epoch=epoch,
            epochs=checkpoint.epochs,
            total=format.count(checkpoint.evaluation.total),
        )
    )
    # What was chosen for another run and this one does not have, whether this page shows it or not.
    for parameter in OF_CHECKPOINT:
        state.give_way(parameter, checkpoint)
    prediction.predict_first(page, checkpoint)
    return checkpoint
