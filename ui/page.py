"""Owns the head of a page, and where it says what its URL cannot be given."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui import cache, controls, format, guard, state
from ui.checkpoint import Checkpoint
from ui.parameters import Parameter, Problem
from ui.texts import t

C = TypeVar("C")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInfo:
    """What is known of a page before it is drawn: everything but its file and its texts, which are called after it.

    Attributes:
        needs_checkpoint: the page is about the checkpoint that the sidebar names.
        uses_checkpoint: the page shows numbers of that checkpoint, and has something to show without one, too.
        needs_folder: without the folder of the runs there is nothing to show.
        parameters: what it reads of the URL, besides the checkpoint.
        others: likewise, what is not read against a checkpoint alone.
    """

    name: str
    needs_checkpoint: bool = False
    uses_checkpoint: bool = False
    needs_folder: bool = True
    parameters: tuple[Parameter[Checkpoint, Any], ...] = ()
    others: tuple[Parameter[Any, Any], ...] = ()

    @property
    def file(self) -> str:
        """The page's script, from the folder of dashboard.py."""
        return f"pages/{self.name}.py"


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is being drawn: its title stands, with room under it for what the URL could not be given."""

    name: str
    _head: DeltaGenerator
    _problems: DeltaGenerator
    _dismiss: DeltaGenerator
    _said: set[str] = field(default_factory=set)

    def draw_subject(self, text: str) -> None:
        """What the page is about, as Markdown, in the line of its title."""
        self._head.caption(text)

    def warn(self, problem: Problem) -> None:
        """Say a problem with what the URL requests, once, under the page's title wherever it is noticed.

        Its values come from the URL, so nothing in them is taken for Markdown.
        """
        shown = {name: format.markdown(format.quote(str(value))) for name, value in problem.values.items()}
        text = t(problem.key, **shown)
        if text in self._said:
            return
        self._problems.warning(text)
        if not self._said:
            with self._dismiss:
                controls.button(t("problem.dismiss"), state.dismiss, key="dismiss")
        self._said.add(text)

    def read(self, parameter: Parameter[C, V], context: C) -> V:
        """The value of a parameter; what a link requests in vain is said."""
        value, wrong = state.settle(parameter, context)
        for problem in wrong.problems if wrong is not None else ():
            self.warn(problem)
        return value


def draw_head(info: PageInfo) -> Page:
    """The title, and what is wrong with the folder of the runs; ends the page where it needs that."""
    head = st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="head")
    head.title(t(f"{info.name}.title"), anchor=False, width="content")
    guard.draw_fault_of_click()
    if (folder := cache.gone_folder()) is not None:
        st.error(t("problem.folder_gone", folder=format.markdown(str(folder))))
        if info.needs_folder:
            guard.end_page()
    page = Page(info.name, head, st.container(), st.container())
    page.read(state.LANG, None)
    return page
