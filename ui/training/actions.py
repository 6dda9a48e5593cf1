"""Owns what a click on the training page does, and what is said where that did not work."""

from typing import Final

import streamlit as st

from mnistcore.config import TrainConfig
from mnistcore.errors import MnistcoreError
from mnistcore.jobs import jobs
from ui import cache, core_words, state
from ui.texts import t
from ui.training.job import JOB
from ui.verbatim import draw_verbatim

_TOPIC: Final = "training"  # what a click could not do, and why


def draw_problem() -> None:
    """What the last click could not do, once."""
    if problem := state.take(_TOPIC):
        what, why = problem
        st.error(t(f"training.{what}.failed"))
        draw_verbatim(core_words.told(why))


def watch(run_id: str) -> None:
    """Show this training; with an empty run id, the form."""
    state.put(JOB, run_id)


def start(config_: TrainConfig, device: str, *, force: bool = False) -> None:
    """Start a training and watch it; with ``force``, again from its beginning."""
    try:
        watch(jobs.start(cache.workspace(), config_, device=device, force=force).run_id)
    except MnistcoreError as error:
        state.leave(_TOPIC, "start", str(error))
    cache.forget_jobs()


def resume(run_id: str) -> None:
    """Resume a training that has ended before its last epoch, and watch it."""
    try:
        watch(jobs.resume(cache.workspace(), run_id).run_id)
    except MnistcoreError as error:
        state.leave(_TOPIC, "start", str(error))
    cache.forget_jobs()


def stop(run_id: str) -> None:
    """Ask a training to stop after the step that it is in."""
    try:
        jobs.stop(cache.workspace(), run_id)
    except MnistcoreError as error:
        state.leave(_TOPIC, "cancel", str(error))
    cache.forget_jobs()


def kill(run_id: str) -> None:
    """Kill the process of a training that does not stop."""
    jobs.kill(cache.workspace(), run_id)
    cache.forget_jobs()


def remove(run_id: str) -> None:
    """Take a training out of the list."""
    try:
        jobs.forget(cache.workspace(), run_id)
        watch("")
    except MnistcoreError as error:
        state.leave(_TOPIC, "remove", str(error))
    cache.forget_jobs()
