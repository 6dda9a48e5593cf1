"""Owns the sidebar: the pickers of data set, run, epoch and language, and what of the runs cannot be read."""

from functools import partial

import streamlit as st

from mnistcore.runs.manifest import RunManifest
from mnistcore.runs.problems import MOST_SHOWN
from ui import cache, controls, format, guard, state
from ui.checkpoint import EPOCH, RUN, chosen_epoch, chosen_run, dataset_name, first_run, names_here
from ui.texts import t


def url_defaults() -> dict[str, str]:
    """What belongs into the URL from the first moment, because it depends on the browser or the machine."""
    runs = cache.listing().runs
    return {"lang": state.language(), "run": first_run(runs).run_id if runs else ""}


def draw_language_picker() -> None:
    """日本語 / English; each language is named in itself."""
    names = {"ja": t("app.japanese"), "en": t("app.english")}
    controls.choose(
        t("sidebar.language"),
        state.LANGUAGES,
        key="pick_lang",
        chosen=state.language(),
        store=state.put_language,
        names=(names.__getitem__,),
        kind="segments",
    )


def draw_checkpoint_picker() -> None:
    """Data set, run and epoch. Where there is no run, only what cannot be read."""
    run = chosen_run()
    if run is None:
        _draw_unreadable_runs()
        return
    runs = cache.listing().runs
    here = cache.datasets()
    newest: dict[str, str] = {}  # data set -> its newest run
    for other in runs:
        newest.setdefault(other.dataset.name, other.run_id)
    controls.choose(
        t("sidebar.dataset"),
        [*(name for name in here if name in newest), *(name for name in newest if name not in here)],
        key="pick_dataset",
        chosen=run.dataset.name,
        store=lambda name: state.put(RUN, newest[name]),
        names=(dataset_name,),
    )
    named = names_here(run.dataset.name)
    controls.choose(
        t("sidebar.run"),
        list(named),
        key="pick_run",
        chosen=run.run_id,
        store=partial(state.put, RUN),
        names=(named.__getitem__,),
        help=t("sidebar.run.help"),
    )
    with guard.guarded("sidebar"):
        _draw_epoch_picker(run)
    _draw_unreadable_runs()


def _draw_epoch_picker(run: RunManifest) -> None:
    """A slider over the kept epochs, so that one watches the numbers form; where there is one, which that is."""
    epochs = {epoch: t("sidebar.epoch_of", epoch=epoch, epochs=run.epochs) for epoch in run.epochs_kept}
    if len(epochs) == 1:
        st.caption(t("sidebar.one_epoch", epoch=epochs[run.epochs_kept[0]]))
        return
    controls.choose(
        t("sidebar.epoch"),
        list(epochs),
        key="pick_epoch",
        chosen=chosen_epoch(run),
        store=lambda epoch: state.put(EPOCH, str(epoch)),
        names=(epochs.__getitem__,),
        kind="slider",
        help=t("sidebar.epoch.help"),
    )


def _draw_unreadable_runs() -> None:
    """Names what lies in the runs' folder and cannot be read, with the reason; nothing where all is well."""
    problems = cache.listing().problems
    if not problems:
        return
    with st.expander(t("problem.unreadable_runs", count=format.count(len(problems)))):
        for problem in problems[:MOST_SHOWN]:
            reason = t(f"problem.run.{problem.reason.value}")
            st.caption(f"**{format.markdown(problem.name)}**: {reason}", help=format.markdown(problem.detail))
        if (more := len(problems) - MOST_SHOWN) > 0:
            st.caption(t("problem.more", count=format.count(more)))
