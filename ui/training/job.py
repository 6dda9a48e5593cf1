"""Owns what every part of the training page asks of one training: which is watched, its state, its stored run."""

from typing import Final
from urllib.parse import urlencode

import streamlit as st

from mnistcore.jobs.jobs import Job
from mnistcore.runs.manifest import RunManifest
from ui import cache, format, state
from ui.parameters import Parameter, Problem, Unusable
from ui.texts import t


def _read_job(run_id: str, _: object) -> str:
    """The training of that run id; empty where none is named: the form is shown."""
    if run_id and cache.job(run_id) is None and stored_run(run_id) is None:
        raise Unusable(Problem("problem.unknown_job", wanted=run_id))
    return run_id


JOB: Final = Parameter(name="job", read=_read_job, can_vanish=True)  # the training that is watched


def stored_run(run_id: str) -> RunManifest | None:
    """What is stored of a training; None where nothing is."""
    return next((run for run in cache.listing().runs if run.run_id == run_id), None)


def shown_state(job: Job) -> str:
    """The state, and that a stop was requested as one more."""
    return "stopping" if job.stopping else job.state


def steps_in_all(job: Job) -> str:
    """How many steps it takes, once that is known."""
    return format.count(job.steps) if job.steps else format.UNDEFINED


def draw_ways(run: RunManifest) -> None:
    """Links to what the run has to show: its matrix first."""
    # Plain links: st.page_link adds its parameters to those of the URL instead of replacing them, so that a
    # URL would name two runs, and st.switch_page refuses to where inputs are bound to the URL.
    address = urlencode({"lang": state.language(), "run": run.run_id})
    links = [
        f'<a class="way" target="_self" href="{page}?{address}">{format.html(label)}</a>'
        for page, label in (("confusion_matrix", t("training.matrix")), ("overview", t("training.overview")))
    ]
    st.html(f'<div class="ways">{"".join(links)}</div>')


def follow(asked: str) -> None:
    """Draw the whole page again where another training was chosen, and a part that draws itself came first."""
    if state.get(JOB) != asked:
        st.rerun()
