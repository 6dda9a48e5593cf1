"""Owns the parts of the memory page: each device with its bar, and who holds what, with the buttons that end it."""

from functools import partial

import streamlit as st

from mnistcore.devices.device_memory import Survey
from mnistcore.errors import MnistcoreError
from mnistcore.memory import memory_use
from mnistcore.memory.memory_use import DeviceUse, MemoryUse, TrainingUse
from mnistcore.models import held_models
from ui import cache, controls, core_words, format, guard, state
from ui.texts import t
from ui.verbatim import draw_verbatim

REFRESH_SECONDS = 2.0
_TOPIC = "memory"  # what a click could not do, and why
_PROGRAM = ("python", "-m", "mnistcore")
_COMMANDS = (("devices",), ("release",), ("release", "RUN"))


def draw_devices() -> None:
    """Every device, as it is now; draws itself again as long as the page is open."""
    guard.fragment(_draw_devices, run_every=REFRESH_SECONDS)()


def _draw_devices() -> None:
    _draw_problem()
    survey = cache.survey()
    _draw_gpu_state(survey)
    for use in cache.device_uses(survey):
        with st.container(border=True, key=f"memory_{use.device.name.replace(':', '_')}"):
            _draw_device(use)
            for one in use.uses:
                _draw_use(one)
            if not use.uses:
                st.caption(t("memory.nobody"))
    st.caption(t("memory.others"))


def draw_explanation() -> None:
    """What became of the handout's last step, what a notebook still has to do, and the commands."""
    st.header(t("memory.handout"), anchor=False)
    st.markdown(t("memory.handout.body"))
    st.markdown(t("memory.handout.notebook", seconds=f"{held_models.IDLE_SECONDS:.0f}"))
    st.caption(t("memory.commands"))
    draw_verbatim("\n".join(" ".join((*_PROGRAM, *command)) for command in _COMMANDS), wrap_lines=False)


def _draw_gpu_state(survey: Survey) -> None:
    """Why no GPU is listed; or how old the list is, and why it is an older one."""
    age = format.count(round(survey.age_seconds))
    if survey.gpu != "found":
        st.info(t(f"memory.gpu.{survey.gpu}"))
    elif survey.detail:
        st.warning(t("memory.gpu.silent", seconds=age))
    elif any(device.kind == "cuda" for device in survey.devices):
        st.caption(t("memory.gpu.age", seconds=age))
    if survey.detail and survey.gpu != "none":
        draw_verbatim(survey.detail)


def _draw_device(use: DeviceUse) -> None:
    device = use.device
    name = (
        t("memory.device", name=device.name, title=device.title)
        if device.title
        else t("memory.device.unnamed", name=device.name)
    )
    summary = _summary(use)
    words = {part.kind: t(f"memory.part.{part.kind}", size=format.size(part.size_bytes)) for part in use.parts}
    bar = "".join(f'<i class="{part.kind}" style="width:{part.share:.3%}"></i>' for part in use.parts)
    legend = "".join(f'<span class="{kind}">{format.html(text)}</span>' for kind, text in words.items())
    st.html(
        f'<div class="memory"><h2>{format.html(name)}</h2><p>{format.html(summary)}</p>'
        + (f'<div class="bar" role="img" aria-label="{format.html(summary)}">{bar}</div>' if bar else "")
        + f'<div class="legend">{legend}</div></div>'
    )


def _summary(use: DeviceUse) -> str:
    device = use.device
    if device.total_bytes is None:
        return t("memory.unknown")
    total = format.size(device.total_bytes)
    if device.used_bytes is None:
        return t("memory.total", total=total)
    return t("memory.used", total=total, used=format.size(device.used_bytes), share=format.percent(use.used_share))


def _draw_use(use: MemoryUse) -> None:
    kind = "training" if isinstance(use, TrainingUse) else "model"
    record = "" if isinstance(use, TrainingUse) else use.record
    key = f"{kind}_{use.run_id}_{record}_{use.device}".replace(":", "_")
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key=f"holder_{key}"
    ):
        facts = " · ".join(format.html(fact) for fact in _facts(use))
        st.html(
            f'<div class="holder"><b>{format.html(t(f"memory.{kind}"))}</b> '
            f"<code>{format.html(use.run_id)}</code><p>{facts}</p></div>"
        )
        if use.account is not None:
            return
        if not isinstance(use, TrainingUse):
            controls.button(
                t("memory.release"), partial(_release, use), key=f"release_{key}", is_owners=True, width="content"
            )
        elif use.stopping:
            with st.popover(t("memory.kill"), key=f"kill_{key}", width="content"):
                st.markdown(t("memory.kill.kept"))
                kill = partial(_kill, use)
                controls.button(t("memory.kill.confirm"), kill, key=f"kill_now_{key}", is_owners=True)
        else:
            with st.popover(t("memory.end"), key=f"end_{key}", width="content"):
                st.markdown(t("memory.end.queued" if use.state == "waiting" else "memory.end.kept"))
                controls.button(t("memory.end.confirm"), partial(_release, use), key=f"end_now_{key}", is_owners=True)


def _facts(use: MemoryUse) -> list[str]:
    facts = [format.size(use.size_bytes)]
    if isinstance(use, TrainingUse):
        facts.append(t(f"memory.state.{'stopping' if use.stopping else use.state}"))
    if use.account is not None:
        facts.append(t("memory.account", account=use.account))
    if use.pid is not None:
        facts.append(t("memory.process", pid=use.pid))
    if not isinstance(use, TrainingUse):
        facts.append(t("memory.leaves", seconds=f"{use.leaves_in_seconds:.0f}"))
    return facts


def _release(use: MemoryUse) -> None:
    try:
        memory_use.request_release(cache.workspace(), use)
    except MnistcoreError as error:
        state.leave(_TOPIC, "release", str(error))
    cache.forget_device_uses()


def _kill(training: TrainingUse) -> None:
    if not memory_use.kill(cache.workspace(), training):
        state.leave(_TOPIC, "kill")
    cache.forget_device_uses()


def _draw_problem() -> None:
    what, *why = state.take(_TOPIC) or ("",)
    if what:
        st.error(t("memory.problem.kill") if what == "kill" else t("memory.problem"))
    for detail in why:
        draw_verbatim(core_words.told(detail))
