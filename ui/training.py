"""Owns the parts of the training page: what is said before the start, the live view of one training, the list."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from mnistcore import config
from mnistcore.config import TrainConfig
from mnistcore.datasets.registry import DATASETS
from mnistcore.devices import device_memory, devices
from mnistcore.errors import MnistcoreError
from mnistcore.jobs import jobs
from mnistcore.jobs.jobs import Job
from mnistcore.runs.manifest import RunManifest
from mnistcore.training import estimates
from ui import cache, controls, figures, format, guard, labels, state
from ui.cards import Card, draw_cards
from ui.checkpoint import READ_ERRORS, config_name, dataset_name
from ui.overview import curve_words
from ui.parameters import Parameter, Problem, Unusable
from ui.texts import TEXTS, t
from ui.training_form import Request, option_name

LIVE_SECONDS: Final = 0.8  # between two looks at a training that lives
LIST_SECONDS: Final = 2.0
CHART_HEIGHT: Final = 336  # pixels
RECENT: Final = 8  # trainings in the list, besides those that live
PROBLEMS: Final = 20  # entries that cannot be used and are named
LOG_LINES: Final = 60
_UNITS: Final = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))
_NOW_SECONDS: Final = 5.0
_PROBLEM: Final = "training_problem"  # session key: what a click could not do, and why, to be said once


def _read_job(run_id: str, _: object) -> str:
    """The training of that run id; empty where none is named: the form is shown."""
    if run_id and cache.job(run_id) is None and _stored(run_id) is None:
        raise Unusable(Problem("problem.unknown_job", wanted=run_id))
    return run_id


JOB = Parameter(name="job", read=_read_job, can_vanish=True)  # the training that is watched


def draw_problem() -> None:
    """What the last click could not do, once."""
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        what, why = problem
        st.error(t(f"training.{what}.failed"))
        st.code(why, language=None, wrap_lines=True)


# ---------------------------------------------------------------- clicks


def _watch(run_id: str) -> None:
    state.put(JOB, run_id)


def _start(config_: TrainConfig, device: str, *, force: bool = False) -> None:
    try:
        _watch(jobs.start(config_, device=device, force=force).run_id)
    except MnistcoreError as error:
        st.session_state[_PROBLEM] = "start", str(error)
    cache.forget_jobs()


def _resume(run_id: str) -> None:
    try:
        _watch(jobs.resume(run_id).run_id)
    except MnistcoreError as error:
        st.session_state[_PROBLEM] = "start", str(error)
    cache.forget_jobs()


def _stop(run_id: str) -> None:
    try:
        jobs.stop(run_id)
    except MnistcoreError as error:
        st.session_state[_PROBLEM] = "cancel", str(error)
    cache.forget_jobs()


def _kill(run_id: str) -> None:
    jobs.kill(run_id)
    cache.forget_jobs()


def _remove(run_id: str) -> None:
    try:
        jobs.forget(run_id)
        _watch("")
    except MnistcoreError as error:
        st.session_state[_PROBLEM] = "remove", str(error)
    cache.forget_jobs()


# ---------------------------------------------------------------- before the start


def draw_before(request: Request) -> None:
    """What the wish will take, whether it is there already, and the button that starts it."""
    st.header(t("training.before"), anchor=False)
    if request.config is None or request.faults:
        controls.button(t("training.start"), lambda: None, type="primary", key="training_start", disabled=True)
        st.caption(t("training.start.faults"))
        return
    _draw_estimate(request.config, request.device)
    _draw_choices(request.config, request.device)


def _draw_estimate(config_: TrainConfig, device: str) -> None:
    queue = devices.guess_name(device)
    estimate = estimates.estimate(config_, _comparable_speeds(config_, queue), device=queue)
    if estimate is None:
        return
    basis = t(f"training.before.time.{estimate.basis}", count=estimate.runs)
    time = t("training.unknown") if estimate.seconds is None else t("training.about", time=duration(estimate.seconds))
    draw_cards(
        [
            Card(
                t("training.before.steps"),
                format.count(estimate.steps),
                t(
                    "training.before.steps.note",
                    images=format.count(DATASETS[config_.dataset].train_size),
                    batch_size=format.count(config_.batch_size),
                    epochs=format.count(config_.epochs),
                ),
            ),
            Card(t("training.before.time"), time, basis),
            Card(t("training.before.device"), *_device_words(device, queue)),
        ]
    )


def _device_words(device: str, queue: str) -> tuple[str, str]:
    """On what it will be trained, and whether it has to wait for that."""
    gpus = len(device_memory.gpu_identities())
    if device in ("auto", "cuda") and queue.startswith("cuda") and gpus > 1:
        return t("training.before.device.most_free"), t("training.before.device.most_free.note", count=gpus)
    name = option_name(device) if device != "auto" else t("training.before.device.auto", device=queue)
    here = jobs.site(queue)
    others = sum(job.is_live and job.site == here for job in cache.all_jobs())
    if others >= jobs.jobs_per_device():
        return name, t("training.before.device.busy", count=others)
    return name, t("training.before.device.free")


def _comparable_speeds(config_: TrainConfig, device: str) -> list[estimates.Speed]:
    speeds: list[estimates.Speed] = []
    for run in estimates.comparable_runs(config_, cache.listing().runs, device=device):
        with suppress(*READ_ERRORS):  # a damaged run tells nothing about the speed
            speed = estimates.measured_speed(run, cache.history(run))
            speeds += [] if speed is None else [speed]
    return speeds


def _draw_choices(config_: TrainConfig, device: str) -> None:
    run_id = config.run_id(config_)
    job, run = cache.job(run_id), _stored(run_id)
    anew = partial(_start, config_, device, force=True)
    if job is not None and job.is_live:
        st.info(t("training.there.live"))
        controls.button(t("training.watch"), partial(_watch, run_id), type="primary", key="training_watch")
    elif run is not None and run.status == "complete":
        st.success(t("training.there.complete", accuracy=format.percent(run.accuracy, digits=2)))
        _draw_ways(run)
        controls.button(t("training.anew"), anew, key="training_anew")
    elif job is not None and job.resumable:
        done, steps = format.count(job.steps_done), _steps(job)
        st.warning(t("training.there.resumable", done=done, steps=steps))
        with st.container(horizontal=True):
            controls.button(t("training.resume"), partial(_resume, run_id), type="primary", key="training_resume")
            controls.button(t("training.anew"), anew, key="training_anew")
        if run is not None:
            _draw_ways(run)
    else:
        begin = partial(_start, config_, device)
        controls.button(t("training.start"), begin, type="primary", key="training_start")


def _draw_ways(run: RunManifest) -> None:
    """Links to what the run has to show: its matrix first."""
    # Plain links: st.page_link adds its parameters to those of the address instead of replacing them, so that an
    # address would name two runs, and st.switch_page refuses to where inputs are bound to the address.
    address = urlencode({"lang": state.language(), "run": run.run_id})
    links = [
        f'<a class="way" target="_self" href="{page}?{address}">{format.html(label)}</a>'
        for page, label in (("confusion_matrix", t("training.matrix")), ("overview", t("training.overview")))
    ]
    st.html(f'<div class="ways">{"".join(links)}</div>')


def _stored(run_id: str) -> RunManifest | None:
    return next((run for run in cache.listing().runs if run.run_id == run_id), None)


# ---------------------------------------------------------------- one training, live


def draw_watched(run_id: str) -> None:
    """One training: how far it is, as it learns; what it has to show, once it has ended."""
    job, run = cache.job(run_id), _stored(run_id)
    known = job.config if job is not None else run.trained.config if run is not None and run.trained else None
    if known is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        name = format.markdown(config_name(known))
        dataset = format.markdown(dataset_name(known.dataset))
        st.markdown(t("training.subject", dataset=dataset, run=name, run_id=format.markdown(run_id)))
        controls.button(t("training.other"), partial(_watch, ""), key="training_other")
    if job is not None and job.is_live:
        guard.fragment(_draw_live, run_every=LIVE_SECONDS)(run_id, state.get(JOB))
        return
    if job is not None:
        _draw_state(job)
    if run is not None:
        _draw_result(run, job)
        _draw_ways(run)
    if job is not None:
        with st.container(horizontal=True):
            if job.state != "complete":
                _draw_ways_on(job)
            _draw_removal(job)
    if job is not None:
        _draw_progress(job)
        _draw_rest(job)


def _draw_live(run_id: str, asked: str) -> None:
    """The same several times in ten seconds; once the training has ended, the whole page anew."""
    _follow(asked)
    job = cache.job(run_id)
    if job is None or not job.is_live:
        cache.forget_runs()
        st.rerun()
    draw_problem()
    _draw_state(job)
    _draw_progress(job)
    with st.container(horizontal=True):
        stop = partial(_stop, run_id)
        controls.button(t("training.cancel"), stop, key="training_cancel", disabled=job.stopping)
        if job.stopping:
            controls.button(t("training.kill"), partial(_kill, run_id), key="training_kill")
    _draw_rest(job)


def _follow(asked: str) -> None:
    """Draw the whole page anew where another training was chosen, and a part that draws itself came first."""
    if state.get(JOB) != asked:
        st.rerun()


def _draw_rest(job: Job) -> None:
    _draw_numbers(job)
    _draw_curve(job)
    if job.warnings:
        with st.expander(t("training.warnings"), expanded=True, key="training_warnings"):
            st.code("\n".join(job.warnings), language=None, wrap_lines=True)
    with st.expander(t("training.log"), key="training_log"):
        log = "\n".join(reversed(jobs.read_log(job.run_id, lines=LOG_LINES).splitlines()))
        st.code(log or t("training.log.empty"), language=None, wrap_lines=True, height=260)


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


def shown_state(job: Job) -> str:
    """The state, and that it was asked to stop as one more."""
    return "stopping" if job.stopping else job.state


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
        st.code(job.failure.message, language=None, wrap_lines=True)
    if job.resumable:
        st.caption(t("training.resumable"))


def _draw_progress(job: Job) -> None:
    if job.share is None:
        st.progress(0.0, text=t("training.progress.unknown"))
        return
    facts = {"done": format.count(job.steps_done), "steps": _steps(job), "share": format.percent(job.share, digits=0)}
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
        resume = partial(_resume, job.run_id)
        controls.button(t("training.resume"), resume, type="primary", key="training_resume")
    again = partial(_start, job.config, job.device, force=True)
    label = t("training.again") if job.state == "failed" else t("training.anew")
    controls.button(label, again, key="training_again")


def _draw_removal(job: Job) -> None:
    with st.popover(t("training.remove"), key="training_remove", width="content"):
        st.markdown(t("training.remove.kept"))
        remove = partial(_remove, job.run_id)
        controls.button(t("training.remove.confirm"), remove, key="training_remove_now")


# ---------------------------------------------------------------- the list


def draw_list(watched: str) -> None:
    """The trainings that live, and the last ones that have ended, with a button each; draws itself while one lives."""
    live = any(job.is_live for job in cache.all_jobs())
    guard.fragment(_draw_list, run_every=LIST_SECONDS if live else None)(watched, state.get(JOB))


def _draw_list(watched: str, asked: str) -> None:
    _follow(asked)
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
            lines = "\n".join(f"{problem.name}: {problem.detail}" for problem in problems[:PROBLEMS])
            st.code(lines, language=None, wrap_lines=True)


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
    steps = t("training.list.progress", done=format.count(job.steps_done), steps=_steps(job)) if job.steps else ""
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
        watch = partial(_watch, job.run_id)
        key = f"training_show_{job.run_id}"
        # The whole page changes to the training that is chosen, not only this list.
        if controls.button(t("training.list.show"), watch, key=key, disabled=is_watched):
            st.rerun()


def _steps(job: Job) -> str:
    return format.count(job.steps) if job.steps else format.UNDEFINED


# ---------------------------------------------------------------- how long


def duration(seconds: float) -> str:
    """A length of time in words, in the unit that people say it in."""
    whole = max(1, round(seconds))
    minutes, hours = whole // 60, whole // 3600
    if hours:
        return t("time.hours", hours=hours, minutes=minutes % 60)
    if minutes:
        return t("time.minutes", minutes=minutes, seconds=whole % 60)
    return t("time.seconds", seconds=whole)


def ago(moment: str) -> str:
    """How long a moment (UTC, ISO 8601) lies back."""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    if seconds < _NOW_SECONDS:
        return t("time.now")
    length, unit = next((length, unit) for length, unit in _UNITS if seconds >= length)
    return t(f"time.ago.{unit}", count=int(seconds // length))
