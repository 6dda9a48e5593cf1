"""Owns the list of trainings: those that live, and the last ones that have ended."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import streamlit as st

from mnistcore.jobs.jobs import Job
from mnistcore.runs.problems import MOST_SHOWN
from ui import cache, controls, format, guard, labels, state
from ui.checkpoint import config_name
from ui.lengths_of_time import ago
from ui.texts import t
from ui.training import actions
from ui.training.job import JOB, follow, shown_state, steps_in_all
from ui.verbatim import draw_verbatim

LIST_SECONDS: Final = 2.0
RECENT: Final = 8  # trainings in the list, besides those that live


def draw_list(watched: str) -> None:
    """The trainings that live, and the last ones that have ended, with a button each; draws itself while one lives."""
    live = any(job.is_live for job in cache.all_jobs())
    guard.fragment(_draw_list, run_every=LIST_SECONDS if live else None)(watched, state.get(JOB))


def _draw_list(watched: str, asked: str) -> None:
    follow(asked)
    found = cache.all_jobs()
    living = [job for job in found if job.is_live]
    ended = [job for job in found if not job.is_live]
    st.header(t("training.list"), anchor=False)
    if not found:
        st.caption(t("training.list.none"))
    listed = (*living, *ended[:RECENT])
    names = _names(listed)
    for job in listed:
        _draw_row(job, names[job.run_id], is_watched=job.run_id == watched)
    if problems := cache.job_problems():
        with st.expander(t("training.problems", count=format.count(len(problems))), key="training_problems"):
            st.caption(t("training.problems.note"))
            lines = "\n".join(f"{problem.name}: {problem.detail}" for problem in problems[:MOST_SHOWN])
            draw_verbatim(lines)
            if (more := len(problems) - MOST_SHOWN) > 0:
                st.caption(t("problem.more", count=format.count(more)))


def _names(listed: Sequence[Job]) -> dict[str, str]:
    """Run id -> how the training is called in the list, no two of a data set alike."""
    by_id = {job.run_id: job for job in listed}
    names: dict[str, str] = {}
    for dataset in {job.config.dataset for job in listed}:
        names |= labels.unique(
            [run_id for run_id, job in by_id.items() if job.config.dataset == dataset],
            lambda run_id: config_name(by_id[run_id].config),
            lambda run_id: run_id.rpartition("-")[2],
        )
    return names


def _draw_row(job: Job, name: str, *, is_watched: bool) -> None:
    shown = shown_state(job)
    steps = t("training.list.progress", done=format.count(job.steps_done), steps=steps_in_all(job)) if job.steps else ""
    cells = (
        f'<span class="state {shown}">{format.html(t(f"training.state.{shown}"))}</span>',
        f"<b>{format.html(job.config.dataset)}</b>",
        format.html(name),
        format.html(steps),
        format.html(ago(job.updated)),
    )
    described, button = st.columns([9, 1], vertical_alignment="center")
    with described:
        st.html(f'<div class="job-row">{"".join(f"<div>{cell}</div>" for cell in cells)}</div>')
    with button:
        watch = partial(actions.watch, job.run_id)
        key = f"training_show_{job.run_id}"
        # The whole page changes to the training that is chosen, not only this list.
        if controls.button(t("training.list.show"), watch, key=key, disabled=is_watched):
            st.rerun()
