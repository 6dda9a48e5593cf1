"""Owns the ``st.cache_*`` wrappers around mnistcore; nothing else.

Everything about a run is keyed by its id, the epoch and the checksum of the file that the numbers come from, so a run
that is trained anew is never shown with the old one's numbers.
"""

import gc
import sys
import time
from collections.abc import Hashable
from pathlib import Path

import streamlit as st

from mnistcore import config, data, device_memory, holders, jobs
from mnistcore.errors import DataDamagedError
from mnistcore.evaluation import ClassHistory, Evaluation, class_history, evaluate_predictions
from mnistcore.history import EpochReport
from mnistcore.jobs import Job
from mnistcore.store import Listing, RunManifest, Store

SURVEY_SECONDS = 2.0  # nvidia-smi is asked at most so often, however many people look
JOB_SECONDS = 0.3  # a training tells several times a second how far it is
AVAILABLE_SECONDS = 20.0  # every file of a data set is read to see that it is there and whole
SIGNATURE_SECONDS = 0.5  # a page asks for the runs several times, and thirty people look at once
SPLIT = "test"  # the images that the pages look at


def freeze_memory() -> None:
    """Take the modules that are loaded by now out of the garbage collector's sight; to be called after each page.

    Streamlit collects after every rerun; over pandas and plotly alone that costs 100 ms and more of each click.
    """
    _freeze(len(sys.modules))


@st.cache_resource(show_spinner=False)
def _freeze(loaded: int) -> None:
    gc.collect()
    gc.freeze()


def listing() -> Listing:
    """All runs and what could not be read, as they are on disk now."""
    store = Store.default()
    return _listing(str(store.root), _signature(str(store.root), _stretch(SIGNATURE_SECONDS)))


def runs_folder() -> Path:
    """Where the runs are kept, whether it is there or not."""
    return Store.default().root


def gone_folder() -> Path | None:
    """The folder of the runs, if this server has seen it and it is not there any more; else None."""
    root = runs_folder()
    seen = _seen_folders()
    if root.is_dir():
        seen.add(root)
        return None
    return root if root in seen else None


@st.cache_resource(show_spinner=False)
def _seen_folders() -> set[Path]:
    return set()


def _stretch(seconds: float) -> int:
    """The number of the stretch of time that is now: a key that lasts no longer than that.

    Not ``ttl``: Streamlit looks twice, whether there is a value and for the value, and fails where it expires between.
    """
    return int(time.monotonic() / seconds)


@st.cache_resource(show_spinner=False, max_entries=4)
def _signature(root: str, stretch: int) -> Hashable:
    return Store.default().signature()


@st.cache_resource(show_spinner=False, max_entries=4)
def _listing(root: str, signature: Hashable) -> Listing:
    return Store.default().listing()


def evaluation(run: RunManifest, epoch: int) -> Evaluation:
    """Every number of one checkpoint, from its stored logits.

    Raises:
        StoreError: the predictions cannot be read.
    """
    return _evaluation(run.run_id, epoch, run.files["predictions/test.safetensors"].sha256, len(run.dataset.classes))


@st.cache_resource(show_spinner=False, max_entries=64)
def _evaluation(run_id: str, epoch: int, digest: str, num_classes: int) -> Evaluation:
    return evaluate_predictions(Store.default().predictions(run_id, SPLIT, epoch=epoch), num_classes=num_classes)


def learned(run: RunManifest) -> ClassHistory:
    """How well each class was found at each kept epoch.

    Raises:
        StoreError: the predictions cannot be read.
    """
    digest = run.files["predictions/test.safetensors"].sha256
    return _learned(run.run_id, digest, run.epochs_kept, len(run.dataset.classes))


@st.cache_resource(show_spinner=False, max_entries=64)
def _learned(run_id: str, digest: str, epochs: tuple[int, ...], num_classes: int) -> ClassHistory:
    return class_history(epochs, Store.default().predictions_by_epoch(run_id, SPLIT), num_classes=num_classes)


def history(run: RunManifest) -> tuple[EpochReport, ...]:
    """One report per epoch.

    Raises:
        StoreError: the history cannot be read.
    """
    return _history(run.run_id, run.files["history.json"].sha256)


@st.cache_resource(show_spinner=False, max_entries=64)
def _history(run_id: str, digest: str) -> tuple[EpochReport, ...]:
    return Store.default().history(run_id)


@st.cache_resource(show_spinner=False, max_entries=8)
def images(dataset: str, fingerprint: str) -> data.Split:
    """The test images that a run was judged by.

    Raises:
        DataError: they are not on this machine, are damaged, or are not the images that the run has seen.
    """
    split = data.load_split(dataset, SPLIT)
    if split.fingerprint != fingerprint:
        raise DataDamagedError(
            f"the test images of {dataset} on this machine are not the ones that this run was judged by: expected "
            f"fingerprint {fingerprint[:12]}…, got {split.fingerprint[:12]}…; train the run again on this machine"
        )
    return split


def survey() -> device_memory.Survey:
    """The devices and how full their memory is."""
    return _survey(_stretch(SURVEY_SECONDS))


@st.cache_resource(show_spinner=False, max_entries=2)
def _survey(stretch: int) -> device_memory.Survey:
    return device_memory.survey()


def device_uses() -> tuple[holders.DeviceUse, ...]:
    """Who of ours holds how much of which device's memory."""
    return _device_uses(str(config.artifacts_folder()), survey(), _stretch(SIGNATURE_SECONDS))


def forget_device_uses() -> None:
    """Look again: somebody was asked to give memory back just now."""
    _device_uses.clear()


@st.cache_resource(show_spinner=False, max_entries=4)
def _device_uses(root: str, survey: device_memory.Survey, stretch: int) -> tuple[holders.DeviceUse, ...]:
    return holders.device_uses(survey)


def is_available(dataset: str) -> bool:
    """Whether a data set is on this machine, whole."""
    return _is_available(str(config.data_folder()), dataset, _stretch(AVAILABLE_SECONDS))


@st.cache_resource(show_spinner=False, max_entries=16)
def _is_available(root: str, dataset: str, stretch: int) -> bool:
    return data.is_available(dataset)


def job(run_id: str) -> Job | None:
    """A training as it is now; None where there never was one of that name."""
    return _job(str(config.artifacts_folder()), run_id, _stretch(JOB_SECONDS))


def all_jobs() -> tuple[Job, ...]:
    """Every training: those that live, then those that have ended, the last changed first."""
    return _all_jobs(str(config.artifacts_folder()), _stretch(JOB_SECONDS))


def forget_runs() -> None:
    """Look again: one was saved just now."""
    _signature.clear()


def forget_jobs() -> None:
    """Look again: one was started or asked to stop just now."""
    _job.clear()
    _all_jobs.clear()


@st.cache_resource(show_spinner=False, max_entries=64)
def _job(root: str, run_id: str, stretch: int) -> Job | None:
    return jobs.find(run_id)


@st.cache_resource(show_spinner=False, max_entries=4)
def _all_jobs(root: str, stretch: int) -> tuple[Job, ...]:
    return jobs.list_jobs()
