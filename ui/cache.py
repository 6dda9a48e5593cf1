"""Owns the ``st.cache_*`` wrappers around mnistcore; nothing else.

Everything is keyed by the run's id, the epoch and the checksum of the file that the numbers come from, so a run that
is trained anew is never shown with the old one's numbers.
"""

import gc
import sys
from collections.abc import Hashable

import streamlit as st

from mnistcore import data
from mnistcore.errors import DataDamagedError
from mnistcore.evaluation import Evaluation, evaluate_predictions
from mnistcore.history import EpochReport
from mnistcore.store import Listing, RunManifest, Store

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
    return _listing(str(store.root), _signature(str(store.root)))


@st.cache_resource(show_spinner=False, ttl=SIGNATURE_SECONDS, max_entries=4)
def _signature(root: str) -> Hashable:
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
