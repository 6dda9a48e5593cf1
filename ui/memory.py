"""Owns the parts of the memory page: each device with its bar, and who holds what, with the buttons that end it."""

from functools import partial

import streamlit as st

from mnistcore.devices.device_memory import Survey
from mnistcore.errors import MnistcoreError
from mnistcore.memory import holders
from mnistcore.memory.holders import DeviceUse, Holder
from mnistcore.models import held_models
from ui import cache, controls, format, guard
from ui.texts import t

REFRESH_SECONDS = 2.0
_PROBLEM = "memory_problem"  # session key: what a click could not do, to be said once
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
            for holder in use.holders:
                _draw_holder(holder)
            if not use.holders:
                st.caption(t("memory.nobody"))
    st.caption(t("memory.others"))


def draw_explanation() -> None:
    """What became of the handout's last step, what a notebook still has to do, and the commands."""
    st.header(t("memory.handout"), anchor=False)
    st.markdown(t("memory.handout.body"))
    st.markdown(t("memory.handout.notebook", seconds=f"{held_models.IDLE_SECONDS:.0f}"))
    st.caption(t("memory.commands"))
    st.code("\n".join(" ".join((*_PROGRAM, *command)) for command in _COMMANDS), language=None)


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
        st.code(survey.detail, language=None, wrap_lines=True)


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


def _draw_holder(holder: Holder) -> None:
    key = f"{holder.kind}_{holder.run_id}_{holder.record}_{holder.device}".replace(":", "_")
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key=f"holder_{key}"
    ):
        facts = " · ".join(format.html(fact) for fact in _facts(holder))
        st.html(
            f'<div class="holder"><b>{format.html(t(f"memory.{holder.kind}"))}</b> '
            f"<code>{format.html(holder.run_id)}</code><p>{facts}</p></div>"
        )
        if holder.kind == "model":
            controls.button(t("memory.release"), partial(_ask, holder), key=f"release_{key}", width="content")
        elif holder.stopping:
            with st.popover(t("memory.kill"), key=f"kill_{key}", width="content"):
                st.markdown(t("memory.kill.kept"))
                kill = partial(_kill, holder)
                controls.button(t("memory.kill.confirm"), kill, key=f"kill_now_{key}")
        else:
            with st.popover(t("memory.end"), key=f"end_{key}", width="content"):
                st.markdown(t("memory.end.queued" if holder.state == "waiting" else "memory.end.kept"))
                controls.button(t("memory.end.confirm"), partial(_ask, holder), key=f"end_now_{key}")


def _facts(holder: Holder) -> list[str]:
    facts = [format.size(holder.size_bytes)]
    if holder.kind == "training":
        facts.append(t(f"memory.state.{'stopping' if holder.stopping else holder.state}"))
    if holder.pid is not None:
        facts.append(t("memory.process", pid=holder.pid))
    if holder.leaves_in_seconds is not None:
        facts.append(t("memory.leaves", seconds=f"{holder.leaves_in_seconds:.0f}"))
    return facts


def _ask(holder: Holder) -> None:
    try:
        holders.ask(holder)
    except MnistcoreError as error:
        st.session_state[_PROBLEM] = ("memory.problem", str(error))
    cache.forget_device_uses()


def _kill(holder: Holder) -> None:
    if not holders.kill(holder):
        st.session_state[_PROBLEM] = ("memory.problem.kill", "")
    cache.forget_device_uses()


def _draw_problem() -> None:
    problem, detail = st.session_state.pop(_PROBLEM, ("", ""))
    if problem:
        st.error(t("memory.problem" if problem == "memory.problem" else "memory.problem.kill"))
    if detail:
        st.code(detail, language=None, wrap_lines=True)
