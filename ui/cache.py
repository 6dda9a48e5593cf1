"""Owns the ``st.cache_*`` wrappers around mnistcore; nothing else.

Everything about a run is keyed by its folder, its id, the epoch and the checksum of the file that the numbers come
from, and read for its manifest: where the run was replaced since that was listed, the page is drawn again with the
newer one. So a run that is trained again is never shown with the old one's numbers, nor the old one with the new one's.
"""

import gc
import sys
import time
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.datasets import data_files
from mnistcore.datasets.catalogue import all_datasets
from mnistcore.datasets.registry import Dataset
from mnistcore.datasets.run_images import dataset_images, load_images
from mnistcore.datasets.splits import Split
from mnistcore.devices import device_memory
from mnistcore.errors import InputError, RunReplacedError
from mnistcore.evaluation import confidence
from mnistcore.evaluation.confidence import Trust
from mnistcore.evaluation.epoch_scores import EpochScores
from mnistcore.evaluation.epoch_scores import epoch_scores as scores_of_epochs
from mnistcore.evaluation.evaluation import ClassHistory, Evaluation, class_history, evaluate_predictions
from mnistcore.evaluation.film import Film, film
from mnistcore.evaluation.findings import Finding, StoppedImproving, find, stopped_improving
from mnistcore.imports import checkpoints, files, matrices, onnx_models, recording, tables
from mnistcore.imports.checkpoints import CheckpointFacts
from mnistcore.imports.columns import Columns
from mnistcore.imports.files import Kind
from mnistcore.imports.matrices import GivenMatrix
from mnistcore.imports.onnx_files import OnnxFacts
from mnistcore.imports.recording import Understood
from mnistcore.imports.tables import Table
from mnistcore.jobs import jobs
from mnistcore.jobs.jobs import Job
from mnistcore.memory import memory_use
from mnistcore.quiz.kinds import ask
from mnistcore.quiz.questions import Question
from mnistcore.runs import quota
from mnistcore.runs.folder_state import FolderState
from mnistcore.runs.history import EpochReport, RecordedEpoch
from mnistcore.runs.listing import Listing, Watch
from mnistcore.runs.manifest import HISTORY, RunManifest, images_role, predictions_role
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace

VALIDATION = "validation"  # the images that tell when to stop
JOB_SECONDS = 0.3  # a training tells several times a second how far it is
DISK_SECONDS = 10.0  # between two looks at how large all files are
AVAILABLE_SECONDS = 2.0  # between two looks whether the files of a data set have changed
SIGNATURE_SECONDS = 0.5  # a page asks for the runs several times, and thirty people look at once

T = TypeVar("T")


def freeze_memory() -> None:
    """Take the modules that are loaded by now out of the garbage collector's sight; to be called after each page.

    Streamlit collects after every rerun; over pandas and plotly alone that costs 100 ms and more of each click.
    """
    _freeze(len(sys.modules))


@st.cache_resource(show_spinner=False)
def _freeze(loaded: int) -> None:
    gc.collect()
    gc.freeze()


def workspace() -> Workspace:
    """Where everything lies, for every page."""
    return Workspace.from_environment()


def listing() -> Listing:
    """All runs and what could not be read, as they are on disk now; the same object as long as nothing changes."""
    return _listing(str(runs_folder()), _stretch(SIGNATURE_SECONDS))


def runs_folder() -> Path:
    """Where the runs are kept, whether it is there or not."""
    return workspace().runs


def store() -> Store:
    """The runs of this server."""
    return Store(runs_folder())


def gone_folder() -> Path | None:
    """The folder of the runs, if this server has seen it and it is not there any more; else None."""
    return runs_folder() if listing().folder is FolderState.GONE else None


def _stretch(seconds: float) -> int:
    """The number of the stretch of time that is now: a key that lasts no longer than that.

    Not ``ttl``: Streamlit looks twice, whether there is a value and for the value, and fails where it expires between.
    """
    return int(time.monotonic() / seconds)


@st.cache_resource(show_spinner=False, max_entries=4)
def _listing(root: str, stretch: int) -> Listing:
    return _runs_watch(root).look()


@st.cache_resource(show_spinner=False, max_entries=4)
def _runs_watch(root: str) -> Watch:
    return Watch(Path(root))


def _read_anew(read: Callable[[], T]) -> T:
    """What is read of a run that was listed; where that was replaced meanwhile, the page is drawn again."""
    try:
        return read()
    except RunReplacedError:
        forget_runs()
        st.rerun()
        raise  # in a callback, where nothing can be drawn again


def _digest(run: RunManifest, role: str) -> str:
    """The checksum of one of a run's files; empty where it has none, and reading it will say so."""
    return run.files[role].sha256 if role in run.files else ""


def evaluation(run: RunManifest, split: str, epoch: int) -> Evaluation:
    """Every number of one checkpoint, from its stored logits.

    Raises:
        StoreError: the predictions cannot be read.
        InputError: there are none of that split, or none of that epoch.
    """
    root, digest = str(runs_folder()), _digest(run, predictions_role(split))
    return _read_anew(lambda: _evaluation(root, run.run_id, run.epochs_kept, split, epoch, digest, run))


@st.cache_resource(show_spinner=False, max_entries=64)
def _evaluation(
    root: str, run_id: str, kept: tuple[int, ...], split: str, epoch: int, digest: str, _run: RunManifest
) -> Evaluation:
    found = Store(Path(root)).predictions(_run, split, epoch=epoch)
    return evaluate_predictions(found, num_classes=len(_run.dataset.classes))


def class_order(run: RunManifest, split: str, epoch: int, by: str) -> NDArray[np.int64]:
    """The classes of one checkpoint in an order of `metrics.ORDERS`, int64 (C,)."""
    seen = evaluation(run, split, epoch)
    root, digest = str(runs_folder()), _digest(run, predictions_role(split))
    return _class_order(root, run.run_id, run.epochs_kept, split, epoch, digest, by, seen)


@st.cache_resource(show_spinner=False, max_entries=64)
def _class_order(
    root: str, run_id: str, kept: tuple[int, ...], split: str, epoch: int, digest: str, by: str, _seen: Evaluation
) -> NDArray[np.int64]:
    return metrics.class_order(_seen.matrix, by=by)


def learned(run: RunManifest, split: str) -> ClassHistory:
    """How well each class was found at each kept epoch.

    Raises:
        StoreError: the predictions cannot be read.
        InputError: there are none of that split.
    """
    root, digest = str(runs_folder()), _digest(run, predictions_role(split))
    return _read_anew(lambda: _learned(root, run.run_id, run.epochs_kept, split, digest, run))


@st.cache_resource(show_spinner=False, max_entries=64)
def _learned(root: str, run_id: str, kept: tuple[int, ...], split: str, digest: str, _run: RunManifest) -> ClassHistory:
    found = Store(Path(root)).predictions_by_epoch(_run, split)
    return class_history(kept, found, num_classes=len(_run.dataset.classes))


def findings(run: RunManifest, split: str, epoch: int) -> tuple[Finding, ...]:
    """What one checkpoint's predictions show, and what its run's validation images do; the most important first.

    Raises:
        StoreError: predictions cannot be read.
        InputError: there are none of that split, or none of that epoch.
    """
    seen = evaluation(run, split, epoch)
    root, digest = str(runs_folder()), _digest(run, predictions_role(split))
    found = _findings(root, run.run_id, run.epochs_kept, split, epoch, digest, seen)
    if VALIDATION not in run.predicted_splits or len(run.epochs_kept) < 2:
        return found
    digest = _digest(run, predictions_role(VALIDATION))
    stopped = _read_anew(lambda: _stopped_improving(root, run.run_id, run.epochs_kept, digest, run))
    return found if stopped is None else (*found, stopped)


@st.cache_resource(show_spinner=False, max_entries=64)
def _findings(
    root: str, run_id: str, kept: tuple[int, ...], split: str, epoch: int, digest: str, _seen: Evaluation
) -> tuple[Finding, ...]:
    return find(_seen)


@st.cache_resource(show_spinner=False, max_entries=64)
def _stopped_improving(
    root: str, run_id: str, kept: tuple[int, ...], digest: str, _run: RunManifest
) -> StoppedImproving | None:
    return stopped_improving(kept, Store(Path(root)).predictions_by_epoch(_run, VALIDATION))


def film_of(run: RunManifest, split: str) -> Film:
    """What was predicted at each kept epoch.

    Raises:
        StoreError: the predictions cannot be read.
        InputError: there are none of that split.
    """
    root, digest = str(runs_folder()), _digest(run, predictions_role(split))
    return _read_anew(lambda: _film(root, run.run_id, run.epochs_kept, split, digest, run))


@st.cache_resource(show_spinner=False, max_entries=16)
def _film(root: str, run_id: str, kept: tuple[int, ...], split: str, digest: str, _run: RunManifest) -> Film:
    found = Store(Path(root)).predictions_by_epoch(_run, split)
    return film(kept, found, num_classes=len(_run.dataset.classes))


def trust(run: RunManifest, split: str, epoch: int) -> Trust:
    """How far the confidence of one checkpoint can be believed, with a temperature fitted on the validation images.

    Raises:
        StoreError: the predictions cannot be read.
        InputError: there are none of that split, or none of that epoch, or without scores.
    """
    digests = tuple(_digest(run, predictions_role(name)) for name in (split, VALIDATION))
    return _trust(str(runs_folder()), run.run_id, split, epoch, digests, run)


@st.cache_resource(show_spinner=False, max_entries=64)
def _trust(root: str, run_id: str, split: str, epoch: int, digests: tuple[str, ...], _run: RunManifest) -> Trust:
    seen = evaluation(_run, split, epoch).per_image
    if seen is None:
        raise InputError("expected predictions for single images, got counts")
    validation = evaluation(_run, VALIDATION, epoch).per_image if digests[-1] else None
    return confidence.trust(seen, validation)


def history(run: RunManifest) -> tuple[EpochReport, ...]:
    """One report per epoch.

    Raises:
        StoreError: the history cannot be read.
    """
    root = str(runs_folder())
    return _read_anew(lambda: _history(root, run.run_id, _digest(run, HISTORY), run))


@st.cache_resource(show_spinner=False, max_entries=64)
def _history(root: str, run_id: str, digest: str, _run: RunManifest) -> tuple[EpochReport, ...]:
    return Store(Path(root)).history(_run)


def recorded(run: RunManifest) -> tuple[RecordedEpoch, ...]:
    """What somebody's own loop has said of each epoch; empty where it said nothing.

    Raises:
        StoreError: it cannot be read.
    """
    root = str(runs_folder())
    return _read_anew(lambda: _recorded(root, run.run_id, _digest(run, HISTORY), run))


@st.cache_resource(show_spinner=False, max_entries=64)
def _recorded(root: str, run_id: str, digest: str, _run: RunManifest) -> tuple[RecordedEpoch, ...]:
    return Store(Path(root)).recorded(_run)


def epoch_scores(run: RunManifest, split: str) -> EpochScores:
    """How good the model was at each kept epoch.

    Raises:
        StoreError: the predictions cannot be read.
        InputError: there are none of that split.
    """
    root, digest = str(runs_folder()), _digest(run, predictions_role(split))
    return _read_anew(lambda: _epoch_scores(root, run.run_id, run.epochs_kept, split, digest, run))


@st.cache_resource(show_spinner=False, max_entries=64)
def _epoch_scores(
    root: str, run_id: str, kept: tuple[int, ...], split: str, digest: str, _run: RunManifest
) -> EpochScores:
    return scores_of_epochs(kept, Store(Path(root)).predictions_by_epoch(_run, split))


def images(run: RunManifest, split: str) -> NDArray[np.uint8]:
    """The images of a split that a run was evaluated on, uint8 (N, H, W): the data set's, else the run's own.

    Raises:
        DataError: they are not on this machine, are damaged, or are not the images that the run has seen.
        StoreError: the run's own cannot be read.
    """
    if split in run.carried_splits:
        root, digest = str(runs_folder()), _digest(run, images_role(split))
        return _read_anew(lambda: _own_images(root, run.run_id, split, digest, run))
    seen = evaluation(run, split, run.epochs_kept[-1]).per_image
    return dataset_images(
        run,
        split,
        load=lambda fingerprint: _images(run.dataset.name, split, fingerprint, workspace()),
        labels=None if seen is None else seen.labels,
    )


@st.cache_resource(show_spinner=False, max_entries=8)
def _own_images(root: str, run_id: str, split: str, digest: str, _run: RunManifest) -> NDArray[np.uint8]:
    return Store(Path(root)).images(_run, split)


@st.cache_resource(show_spinner=False, max_entries=8)
def _images(dataset: str, split: str, fingerprint: str, _workspace: Workspace) -> Split:
    return load_images(dataset, split, fingerprint, _workspace.data)


def questions(run: RunManifest, split: str, epoch: int, seed: int, count: int) -> tuple[Question, ...]:
    """The questions that a seed makes of a checkpoint."""
    made = evaluation(run, split, epoch)
    return _questions(str(runs_folder()), run.run_id, _digest(run, predictions_role(split)), epoch, seed, count, made)


@st.cache_resource(show_spinner=False, max_entries=256)
def _questions(
    root: str, run_id: str, digest: str, epoch: int, seed: int, count: int, _made: Evaluation
) -> tuple[Question, ...]:
    return ask(_made, seed=seed, count=count)


def survey() -> device_memory.Survey:
    """The devices and how full their memory is, as far as is known now: nobody waits for nvidia-smi."""
    return _watch().look()


@st.cache_resource(show_spinner=False)
def _watch() -> device_memory.Watch:
    return device_memory.Watch()


def device_uses(survey: device_memory.Survey) -> tuple[memory_use.DeviceUse, ...]:
    """Who of ours holds how much of which device's memory."""
    here = workspace()
    return _device_uses(str(here.artifacts), survey.answered, _stretch(SIGNATURE_SECONDS), here, survey)


def forget_device_uses() -> None:
    """Look again: the release of memory was requested just now."""
    _device_uses.clear()


@st.cache_resource(show_spinner=False, max_entries=4)
def _device_uses(
    root: str, answered: float, stretch: int, _workspace: Workspace, _survey: device_memory.Survey
) -> tuple[memory_use.DeviceUse, ...]:
    return memory_use.device_uses(_workspace, _survey)


def disk_use() -> quota.DiskUse | None:
    """How much of its quota this server uses; None without one."""
    here = workspace()
    return _disk_use(str(here.artifacts), here.quota_bytes, _stretch(DISK_SECONDS), here)


@st.cache_resource(show_spinner=False, max_entries=4)
def _disk_use(root: str, quota_bytes: int | None, stretch: int, _workspace: Workspace) -> quota.DiskUse | None:
    return quota.disk_use(_workspace)


def is_available(dataset: str) -> bool:
    """Whether a data set is on this machine, whole: its files are read once, and again when they have changed."""
    root = str(workspace().data)
    return _is_available(root, dataset, _data_signature(root, dataset, _stretch(AVAILABLE_SECONDS)))


@st.cache_resource(show_spinner=False, max_entries=16)
def _data_signature(root: str, dataset: str, stretch: int) -> Hashable:
    return data_files.signature(dataset, root=Path(root))


@st.cache_resource(show_spinner=False, max_entries=16)
def _is_available(root: str, dataset: str, signature: Hashable) -> bool:
    return data_files.is_available(dataset, root=Path(root))


def datasets() -> dict[str, Dataset]:
    """Name -> every data set that there is here, one's own too; what was read of one is remembered by mnistcore."""
    return all_datasets(root=workspace().data)


def job(run_id: str) -> Job | None:
    """A training as it is now; None where there never was one of that name."""
    here = workspace()
    return _job(str(here.artifacts), run_id, _stretch(JOB_SECONDS), here)


def all_jobs() -> tuple[Job, ...]:
    """Every training: those that live, then those that have ended, the last changed first."""
    here = workspace()
    return _all_jobs(str(here.artifacts), _stretch(JOB_SECONDS), here).jobs


def job_problems() -> tuple[jobs.Problem, ...]:
    """What lies among the trainings and cannot be used."""
    here = workspace()
    return _all_jobs(str(here.artifacts), _stretch(JOB_SECONDS), here).problems


def forget_runs() -> None:
    """Look again: one was saved just now."""
    _listing.clear()


def forget_jobs() -> None:
    """Look again: one was started or asked to stop just now."""
    _job.clear()
    _all_jobs.clear()


@st.cache_resource(show_spinner=False, max_entries=64)
def _job(root: str, run_id: str, stretch: int, _workspace: Workspace) -> Job | None:
    return jobs.find(_workspace, run_id)


@st.cache_resource(show_spinner=False, max_entries=4)
def _all_jobs(root: str, stretch: int, _workspace: Workspace) -> jobs.Listing:
    return jobs.listing(_workspace)


# ---------------------------------------------------------------- what was brought


@st.cache_resource(show_spinner=False, max_entries=8)
def brought_kind(key: str, _files: Mapping[str, bytes]) -> Kind:
    """What was brought under a key; a file that may be a matrix is read to tell.

    Raises:
        InputError: nothing that is taken.
    """
    return files.kind_of(_files)


@st.cache_resource(show_spinner=False, max_entries=8)
def brought_matrix(key: str, _files: Mapping[str, bytes]) -> GivenMatrix:
    """The confusion matrix in the only file that was brought under a key.

    Raises:
        InputError: there is none.
    """
    (data,) = _files.values()
    return matrices.read_matrix(tables.decoded(data)[0])


@st.cache_resource(show_spinner=False, max_entries=8)
def brought_table(key: str, _files: Mapping[str, bytes]) -> Table:
    """The table in what was brought under a key.

    Raises:
        InputError: there is none.
    """
    return files.table_of(_files)


@st.cache_resource(show_spinner=False, max_entries=8)
def _understood(key: str, columns: str, classes: tuple[str, ...], _arguments: Mapping[str, Any]) -> Understood:
    return recording.understood(**_arguments)


def brought_predictions(
    key: str, columns: Columns, classes: tuple[str, ...], arguments: Mapping[str, Any]
) -> Understood:
    """The predictions in what was brought, with these columns and names.

    Raises:
        InputError: they do not fit; names the row.
    """
    return _understood(key, repr(columns), classes, arguments)


@st.cache_resource(show_spinner=False, max_entries=8)
def brought_checkpoint(key: str, name: str, _data: bytes) -> CheckpointFacts:
    """What is in a checkpoint that was brought under a key.

    Raises:
        InputError: it is none, or cannot be opened.
    """
    with files.on_disk(name, _data) as path:
        return checkpoints.look(path)


@st.cache_resource(show_spinner=False, max_entries=8)
def brought_onnx(key: str, name: str, _data: bytes) -> OnnxFacts:
    """What an ONNX file that was brought under a key says of itself.

    Raises:
        InputError: it is none, or not one that is run here.
    """
    with files.on_disk(name, _data) as path:
        return onnx_models.look(path)
