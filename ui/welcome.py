"""Owns what is shown where there is no checkpoint yet: what to do, the button that starts it, and how far that is."""

import streamlit as st

from mnistcore import config
from mnistcore.config import TrainConfig
from mnistcore.jobs.jobs import Job
from mnistcore.runs.folder_state import FolderState
from mnistcore.training.starter import starter_configs
from ui import cache, controls, format, guard, roles
from ui.page import PageInfo
from ui.texts import t
from ui.training import actions
from ui.training.wishes import usual_dataset
from ui.verbatim import draw_verbatim

LOOK_SECONDS = 1.0  # between two looks at the trainings
_COMMAND = ("python", "-m", "mnistcore", "starter")


def draw_welcome(*, training: PageInfo) -> None:
    """Says that there is nothing to look at yet, and offers to train the starter models; their page is ``training``."""
    roles.draw_note()
    is_training = any(job.is_live for job in _starter_jobs())
    if cache.listing().folder is FolderState.MISSING:
        st.warning(t("welcome.missing", folder=format.markdown(str(cache.runs_folder().parent))))
    st.info(t("welcome.running") if is_training else t("welcome.body"))
    st.caption(t("welcome.folder", folder=format.markdown(str(cache.runs_folder()))))
    if not is_training:
        st.caption(t("welcome.command"))
        draw_verbatim(" ".join(_COMMAND), wrap_lines=False)
    guard.fragment(_draw_starter, run_every=LOOK_SECONDS if is_training else None)(is_training)
    st.page_link(training.file, label=t("welcome.watch") if is_training else t("welcome.training"))


def _starter() -> tuple[TrainConfig, ...]:
    return starter_configs(usual_dataset())


def _starter_jobs() -> list[Job]:
    """The trainings of the starter models, as far as they were ever started."""
    jobs = (cache.job(config.run_id(config_)) for config_ in _starter())
    return [job for job in jobs if job is not None]


def _draw_starter(was_training: bool) -> None:
    """The button, or how far the trainings are; the whole page again once there is a checkpoint or they have ended."""
    jobs = _starter_jobs()
    is_training = any(job.is_live for job in jobs)
    if cache.listing().runs or is_training != was_training:
        st.rerun()
    actions.draw_problem()
    if is_training:
        st.progress(sum(min(job.share or 0.0, 1.0) for job in jobs) / len(_starter()))
        return
    controls.button(t("welcome.start"), _train_starter, type="primary", key="train_starter", is_owners=True)
    for job in jobs:
        if job.state == "failed" and job.failure is not None:
            st.error(t("welcome.reason"))
            draw_verbatim(job.failure.message)
            return


def _train_starter() -> None:
    for config_ in _starter():
        actions.start(config_, "auto")
    if jobs := _starter_jobs():
        actions.watch(jobs[0].run_id)
