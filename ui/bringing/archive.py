"""Owns a run that somebody has exported, on its page: what it says of itself, and the button that takes it in."""

import streamlit as st

from mnistcore.imports import files, run_archives
from mnistcore.runs.manifest import RunManifest
from ui import cache, format
from ui.bringing.brought import Brought
from ui.bringing.keeping import draw_button, draw_outcome
from ui.checkpoint import SPLIT, run_name
from ui.texts import t


def draw(given: Brought) -> None:
    """What the run is, and the button.

    Raises:
        InputError: it is no zip of a run, or one that does not fit itself.
    """
    ((name, data),) = given.files.items()
    manifest = _looked(name, data)
    title = run_name(manifest)
    st.header(t("bring_your_own.found"), anchor=False)
    st.markdown(
        t(
            "bring_your_own.found.run",
            name=format.markdown(title),
            moment=manifest.created[:10],
            images=format.count(manifest.dataset.sizes.get(SPLIT, 0)),
            accuracy=format.percent(manifest.accuracy, digits=2),
        )
    )
    draw_button(given, lambda: _keep(name, data), label=t("bring_your_own.keep_run"))
    draw_outcome(given, name=title)


def _looked(name: str, data: bytes) -> RunManifest:
    with files.on_disk(name, data) as path:
        return run_archives.look(path)


def _keep(name: str, data: bytes) -> tuple[str, bool]:
    with files.on_disk(name, data) as path:
        done = run_archives.keep(path, cache.store())
    return done.manifest.run_id, done.is_new
