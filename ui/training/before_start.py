"""Owns what is said before the start of a training, and the button that starts it."""

from contextlib import suppress
from functools import partial

import streamlit as st

from mnistcore import config
from mnistcore.config import TrainConfig
from mnistcore.devices import device_memory, devices
from mnistcore.jobs import jobs
from mnistcore.training import estimates
from ui import cache, controls, format
from ui.cards import Card, draw_cards
from ui.checkpoint import READ_ERRORS
from ui.lengths_of_time import duration
from ui.texts import t
from ui.training import actions
from ui.training.form import option_name
from ui.training.job import draw_ways, steps_in_all, stored_run
from ui.training.wishes import Request


def draw_before(request: Request) -> None:
    """What the wish will take, whether it is there already, and the button that starts it."""
    st.header(t("training.before"), anchor=False)
    if request.config is None or request.faults:
        controls.button(
            t("training.start"), lambda: None, type="primary", key="training_start", is_owners=True, disabled=True
        )
        st.caption(t("training.start.faults"))
        return
    _draw_disk_use()
    _draw_estimate(request.config, request.device)
    _draw_choices(request.config, request.device)


def _draw_disk_use() -> None:
    """How much of the quota is used, where there is one; what to do where little is left."""
    if (use := cache.disk_use()) is None:
        return
    told = {"used": format.size(use.used_bytes), "quota": format.size(use.quota_bytes)}
    if use.is_nearly_full:
        st.warning(t("training.disk.full" if use.share >= 1 else "training.disk.nearly", **told))
    else:
        st.caption(t("training.disk", **told))


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
                    images=format.count(cache.datasets()[config_.dataset].train_size),
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
    if others >= cache.workspace().jobs_per_device:
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
    job, run = cache.job(run_id), stored_run(run_id)
    anew = partial(actions.start, config_, device, force=True)
    if job is not None and job.is_live:
        st.info(t("training.there.live"))
        controls.button(t("training.watch"), partial(actions.watch, run_id), type="primary", key="training_watch")
    elif run is not None and run.status == "complete":
        st.success(t("training.there.complete", accuracy=format.percent(run.accuracy, digits=2)))
        draw_ways(run)
        controls.button(t("training.anew"), anew, key="training_anew", is_owners=True)
    elif job is not None and job.resumable:
        done, steps = format.count(job.steps_done), steps_in_all(job)
        st.warning(t("training.there.resumable", done=done, steps=steps))
        with st.container(horizontal=True):
            controls.button(
                t("training.resume"),
                partial(actions.resume, run_id),
                type="primary",
                key="training_resume",
                is_owners=True,
            )
            controls.button(t("training.anew"), anew, key="training_anew", is_owners=True)
        if run is not None:
            draw_ways(run)
    else:
        begin = partial(actions.start, config_, device)
        controls.button(t("training.start"), begin, type="primary", key="training_start", is_owners=True)
