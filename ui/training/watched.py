"""Owns the view of one training: how far it is, as it learns; what it has to show, once it has ended."""

from contextlib import suppress
from functools import partial
from typing import Final

import streamlit as st

from mnistcore.jobs import jobs
from mnistcore.jobs.jobs import Job
from mnistcore.runs.manifest import RunManifest
from mnistcore.training import estimates
from ui import cache, controls, core_words, figures, format, guard, state
from ui.cards import Card, draw_cards
from ui.checkpoint import READ_ERRORS, config_name, dataset_name
from ui.curves import curve_words
from ui.lengths_of_time import duration
from ui.texts import TEXTS, t
from ui.training import actions
from ui.training.job import JOB, draw_ways, follow, shown_state, steps_in_all, stored_run
from ui.verbatim import draw_verbatim

LIVE_SECONDS: Final = 0.8  # between two looks at a training that lives
CHART_HEIGHT: Final = 336  # pixels
LOG_LINES: Final = 60


def draw_watched(run_id: str) -> None:
    """One training: how far it is, as it learns; what it has to show, once it has ended."""
    job, run = cache.job(run_id), stored_run(run_id)
    known = job.config if job is not None else run.trained.config if run is not None and run.trained else None
    if known is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        name = format.markdown(config_name(known))
        dataset = format.markdown(dataset_name(known.dataset))
        st.markdown(t("training.subject", dataset=dataset, run=name, run_id=format.markdown(run_id)))
        controls.button(t("training.other"), partial(actions.watch, ""), key="training_other")
    if job is not None and job.is_live:
        guard.fragment(_draw_live, run_every=LIVE_SECONDS)(run_id, state.get(JOB))
        return
    if job is not None:
        _draw_state(job)
    if run is not None:
        _draw_result(run, job)
        draw_ways(run)
    if job is not None and job.account is not None:
        st.caption(t("training.account", account=format.markdown(job.account)))
    elif job is not None:
        with st.container(horizontal=True):
            if job.state != "complete":
                _draw_ways_on(job)
            _draw_removal(job)
    if job is not None:
        _draw_progress(job)
        _draw_rest(job)


def _draw_live(run_id: str, asked: str) -> None:
    """The same several times in ten seconds; once the training has ended, the whole page again."""
    follow(asked)
    job = cache.job(run_id)
    if job is None or not job.is_live:
        cache.forget_runs()
        st.rerun()
    actions.draw_problem()
    _draw_state(job)
    _draw_progress(job)
    if job.account is not None:
        st.caption(t("training.account", account=format.markdown(job.account)))
        _draw_rest(job)
        return
    with st.container(horizontal=True):
        stop = partial(actions.stop, run_id)
        controls.button(t("training.cancel"), stop, key="training_cancel", is_owners=True, disabled=job.stopping)
        if job.stopping:
            controls.button(t("training.kill"), partial(actions.kill, run_id), key="training_kill", is_owners=True)
    _draw_rest(job)


def _draw_rest(job: Job) -> None:
    _draw_numbers(job)
    _draw_curve(job)
    if job.warnings:
        with st.expander(t("training.warnings"), expanded=True, key="training_warnings"):
            draw_verbatim("\n".join(map(core_words.told, job.warnings)))
    with st.expander(t("training.log"), key="training_log"):
        log = "\n".join(reversed(jobs.read_log(cache.workspace(), job.run_id, lines=LOG_LINES).splitlines()))
        draw_verbatim(log or t("training.log.empty"), height=260)


def _draw_result(run: RunManifest, job: Job | None) -> None:
    accuracy = format.percent(run.accuracy, digits=2)
    if run.status == "complete" and job is not None and job.state != "complete":
        st.info(t("training.earlier", accuracy=accuracy))
        return
    if run.status == "complete":
        st.success(t("training.done", accuracy=accuracy))
        return
    share = 1.0
    with suppress(*READ_ERRORS):
        share = cache.history(run)[0].share
    if share < 1:
        st.info(t("training.part.first", share=format.percent(share, digits=0), accuracy=accuracy))
    else:
        st.info(t("training.part", epoch=run.epochs_kept[-1], accuracy=accuracy))


def _draw_state(job: Job) -> None:
    shown = shown_state(job)
    says = t(f"training.says.{shown}", device=job.queue, place=job.place or 1)
    word = format.html(t(f"training.state.{shown}"))
    st.html(
        f'<p class="job" role="status"><span class="state {shown}">{word}</span><span>{format.html(says)}</span></p>'
    )
    if job.state == "failed" and job.failure is not None:
        words = f"training.failed.{job.failure.kind}"
        st.error(t(words) if words in TEXTS else t("training.failed.other"))
        draw_verbatim(job.failure.message)
    if job.resumable:
        st.caption(t("training.resumable"))


def _draw_progress(job: Job) -> None:
    if job.share is None:
        st.progress(0.0, text=t("training.progress.unknown"))
        return
    facts = {
        "done": format.count(job.steps_done),
        "steps": steps_in_all(job),
        "share": format.percent(job.share, digits=0),
    }
    if job.seconds_left is None or job.stopping:
        text = t("training.progress", **facts)
    else:
        text = t("training.progress.left", **facts, left=duration(job.seconds_left))
    st.progress(min(job.share, 1.0), text=text)


def _draw_numbers(job: Job) -> None:
    last = job.history[-1] if job.history else None
    speed = job.images_per_second
    draw_cards(
        [
            Card(
                t("training.card.epoch"),
                t("training.card.epoch.value", epoch=_epoch(job), epochs=job.config.epochs),
                t("training.card.epoch.note"),
            ),
            Card(
                t("training.card.accuracy"),
                format.percent(last.validation_accuracy, digits=2) if last else format.UNDEFINED,
                t("training.card.accuracy.note", epoch=last.epoch, loss=format.ratio(last.validation_loss, digits=4))
                if last
                else t("training.card.accuracy.none"),
            ),
            Card(
                t("training.card.speed"),
                format.count(round(speed)) if speed else format.UNDEFINED,
                t("training.card.speed.note", time=duration(job.seconds)),
            ),
            Card(
                t("training.card.memory"),
                format.size(job.memory_bytes) if job.is_live else t("training.card.memory.returned"),
                t("training.card.memory.note", device=job.queue),
            ),
        ]
    )


def _epoch(job: Job) -> int:
    return estimates.current_epoch(job.steps_done, steps=job.steps or 0, epochs=job.config.epochs)


def _draw_curve(job: Job) -> None:
    curve = figures.LiveCurve(
        epochs=job.config.epochs,
        step_epochs=[
            estimates.epochs_passed(point.step, steps=job.steps or 0, epochs=job.config.epochs) for point in job.curve
        ],
        step_losses=[point.loss for point in job.curve],
        step_accuracies=[point.accuracy for point in job.curve],
        history=job.history,
        history_epochs=[estimates.end_of_epoch(report) for report in job.history],
    )
    figure = figures.live_curve(curve, words=curve_words())
    # A chart with other numbers is another element to the browser. The box keeps its place meanwhile.
    with st.container(height=CHART_HEIGHT, border=False, key="training_chart"):
        st.plotly_chart(figure, config={"displayModeBar": False}, alt=t("overview.curve"), key="training_curve")


def _draw_ways_on(job: Job) -> None:
    """What can be done with a training that has ended before its last epoch."""
    if job.resumable:
        resume = partial(actions.resume, job.run_id)
        controls.button(t("training.resume"), resume, type="primary", key="training_resume", is_owners=True)
    again = partial(actions.start, job.config, job.device, force=True)
    label = t("training.again") if job.state == "failed" else t("training.anew")
    controls.button(label, again, key="training_again", is_owners=True)


def _draw_removal(job: Job) -> None:
    with st.popover(t("training.remove"), key="training_remove", width="content"):
        st.markdown(t("training.remove.kept"))
        remove = partial(actions.remove, job.run_id)
        controls.button(t("training.remove.confirm"), remove, key="training_remove_now", is_owners=True)
