"""Owns what is shown where there is no checkpoint yet: what to do, and the button that does it."""

import subprocess
from collections.abc import Iterator

import streamlit as st

from mnistcore import processes
from mnistcore.jobs import jobs
from mnistcore.runs.folder_state import FolderState
from ui import cache, controls, format
from ui.page import PageInfo
from ui.texts import t

_COMMAND = ("-m", "mnistcore", "starter")
LAST_LINES = 5  # of what the training said, where it failed: the reason is the last thing said


def draw_welcome(*, training: PageInfo) -> None:
    """Says that there is nothing to look at yet and offers to train the starter models, with their progress."""
    if cache.listing().folder is FolderState.MISSING:
        st.warning(t("welcome.missing", folder=format.markdown(str(cache.runs_folder().parent))))
    st.info(t("welcome.body"))
    st.caption(t("welcome.folder", folder=format.markdown(str(cache.runs_folder()))))
    st.caption(t("welcome.command"))
    st.code(" ".join(("python", *_COMMAND)), language=None)
    if controls.button(t("welcome.start"), None, type="primary", key="train_starter"):
        _train_starter()
    st.page_link(training.file, label=t("welcome.training"))


def _train_starter() -> None:
    with st.status(t("welcome.running"), expanded=True) as status:
        log = st.empty()
        lines: list[str] = []
        # A process of its own: the dashboard never imports torch, and its memory is given back when it ends.
        with processes.start_python(
            [*_COMMAND], variables=jobs.folders(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            for line in _lines(process):
                lines = [*lines[-19:], line]
                log.code("\n".join(lines), language=None, wrap_lines=True)
        failed = process.returncode != 0
        status.update(
            label=t("welcome.failed") if failed else t("welcome.done"), state="error" if failed else "complete"
        )
    if not failed:
        st.rerun()
    # Below the status, which folds up when it is done and would hide the reason.
    st.error(t("welcome.reason"))
    st.code("\n".join(lines[-LAST_LINES:]), language=None, wrap_lines=True)


def _lines(process: "subprocess.Popen[bytes]") -> Iterator[str]:
    for line in process.stdout or ():
        if line.strip():
            yield line.decode(errors="replace").rstrip()
