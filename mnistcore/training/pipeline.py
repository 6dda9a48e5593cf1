"""Owns the order data -> model -> training -> predictions -> store; imports torch only to train.

What is trained here is not guarded against a second process that trains the same: that is for mnistcore.jobs.jobs.
"""

import os
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mnistcore import config as configs
from mnistcore import stored_runs
from mnistcore.config import TrainConfig
from mnistcore.datasets import data_files, loading
from mnistcore.datasets.catalogue import find_dataset
from mnistcore.datasets.downloads import DownloadProgress
from mnistcore.datasets.registry import Dataset
from mnistcore.datasets.splits import Split, shuffle_labels
from mnistcore.devices import devices
from mnistcore.errors import (
    ConfigError,
    DataDamagedError,
    DataUnavailableError,
    NonFiniteLossError,
    StoreError,
    TrainingStoppedError,
)
from mnistcore.libraries import importing
from mnistcore.runs.kept_epochs import thin_epochs
from mnistcore.runs.manifest import RunManifest
from mnistcore.runs.quota import require_room
from mnistcore.runs.store import Store
from mnistcore.training import distributed, presets
from mnistcore.training.distributed import Group, Work
from mnistcore.training.observers import Observer, Observers
from mnistcore.training.resume_points import ResumePoints

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True, repr=False)
class TrainResult:
    """A run, and how it came about."""

    run: RunManifest
    cached: bool  # it was trained before
    seconds: float  # what this call took, all included

    @property
    def run_id(self) -> str:
        """The run's name, which its configuration decides."""
        return self.run.run_id

    @property
    def accuracy(self) -> float | None:
        """On the test images, 0 to 1."""
        return self.run.accuracy

    @property
    def training_seconds(self) -> float:
        """What the training itself took, whenever that was."""
        return self.run.trained.seconds if self.run.trained else 0.0

    def __repr__(self) -> str:
        origin = "already trained" if self.cached else f"trained in {self.training_seconds:.1f} s"
        return f"TrainResult({stored_runs.described(self.run)}, {origin})"


def train_run(
    config: TrainConfig,
    *,
    store: Store,
    data_root: Path | None = None,
    device: str = "auto",
    force: bool = False,
    resume: ResumePoints | None = None,
    observer: Observer | None = None,
    group: Group = distributed.ALONE,
) -> TrainResult:
    """Train, predict and store; or return at once the complete run that is stored for this configuration.

    Whatever ends the training early, Ctrl-C included, is raised after the epochs finished so far have been
    stored as an interrupted or diverged run. That never replaces a complete run, nor an unfinished one that
    came further.

    Args:
        force: train again; the old run is replaced once the new one is whole.
        resume: where resume points are kept. A training resumes from the one that is there, and keeps one at
            the end of each epoch, every `resuming.RESUME_SECONDS`, and when it is asked to stop. None: it keeps none.
        group: the processes to train in, of which this one is rank 0; the others call `follow`.

    Raises:
        ConfigError: a batch is larger than the training set.
        DataUnavailableError: the data set is not on disk and cannot be downloaded.
        DeviceError: no such device here, or it has no memory left.
        NonFiniteLossError: the loss became NaN or infinite.
        ProcessLostError: another process of the group has ended.
        TrainingStoppedError: the observer requested it; the resume point is where it stopped.
        StoreWriteError: the store cannot be written to; found out before the training starts, where it can be.
    """
    began = time.perf_counter()
    observer = Observers(observer)
    there = stored_runs.find_manifest(store, configs.run_id(config))
    if there is not None and there.status == "complete" and not force:
        return TrainResult(run=there, cached=True, seconds=time.perf_counter() - began)
    presets.require_known(config.dataset, config.model, root=data_root)
    store.check_writable()
    facts = find_dataset(config.dataset, root=data_root)
    images = facts.validation_size + facts.test_size
    require_room(len(thin_epochs(config.epochs)) * images * facts.num_classes * 4, store.root)  # float32
    observer.on_start(config)
    splits = _load_splits(config, data_root, observer)
    _require_wanted(config, observer)
    _require_batch(config, splits["train"])
    if config.labels == "shuffled":  # of the training images only: what is validated and tested stays true
        splits["train"] = shuffle_labels(splits["train"], seed=config.seed)
    with group.training(), _releasing_memory():
        run = _train(config, facts, splits, device=device, observer=observer, store=store, resume=resume, group=group)
    if resume is not None:
        resume.drop()
    observer.on_saved(run)
    return TrainResult(run=run, cached=False, seconds=time.perf_counter() - began)


def follow(group: Group) -> None:
    """Train with rank 0, as a worker of its group, until rank 0 is at its end; stores and shows nothing.

    Raises:
        ProcessLostError: rank 0 has ended without a word.
        DeviceError: there is no device for this process here, or it has no memory left.
    """

    def train(work: Work, device: "torch.device") -> None:
        with importing("torch"):
            from mnistcore.training import workers

        workers.train_with_rank_0(work, device, group)

    group.work(train)


def _train(
    config: TrainConfig,
    facts: Dataset,
    splits: Mapping[str, Split],
    *,
    device: str,
    observer: Observer,
    store: Store,
    resume: ResumePoints | None,
    group: Group,
) -> RunManifest:
    _wait_briefly()
    with importing("torch"):
        from mnistcore.training.run_in_progress import RunInProgress

    run = RunInProgress(
        config, facts, splits, device=device, observer=observer, store=store, resume=resume, group=group
    )
    try:
        run.run()
        return run.save_whole()
    except StoreError:
        raise
    except BaseException as error:  # Ctrl-C, or a page that is left: it is raised once the epochs are safe
        run.save_finished(error)
        if resume is not None and isinstance(error, NonFiniteLossError):
            resume.drop()  # from there it would only go the same way
        raise
    finally:
        run.release()


@contextmanager
def _releasing_memory() -> Iterator[None]:
    """Release the device's memory after a training, however it ended.

    What went wrong would keep it: an error has the frames that it passed, these have the images and the model, and a
    notebook keeps its last error.
    """
    handled = sys.exception()  # the caller's own, where it trains while it handles one
    try:
        yield
    except BaseException as error:
        _clear_frames(error, until=handled)
        raise
    finally:
        with suppress(RuntimeError):  # of a device that fails
            devices.empty_cache("cuda")
            devices.empty_cache("mps")


def _clear_frames(error: BaseException | None, *, until: BaseException | None) -> None:
    """Of the error, and of those that it came from, up to one that was there before."""
    seen: set[int] = {id(until)}
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _wait_briefly() -> None:
    """Let torch's CPU threads spin only shortly while they wait for each other, then sleep.

    On idle cores spinning is quicker: an epoch of `cnn` in two threads takes 2.2 s with endless spinning, 2.7 s with
    this, 3.8 s with none. On cores shared with other programs a spinning thread keeps the one from working that it
    waits for. (torch 2.15, 2 cores, n = 2.) libgomp reads the variable when torch is loaded; whoever sets it before
    keeps the setting.
    """
    if "torch" not in sys.modules and "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "200000")


def _load_splits(config: TrainConfig, root: Path | None, observer: Observer) -> dict[str, Split]:
    def progress(download: DownloadProgress) -> None:
        _require_wanted(config, observer)
        observer.on_download(download)

    try:
        return loading.load_splits(config.dataset, root=root)
    except (DataUnavailableError, DataDamagedError):
        data_files.prepare(config.dataset, root=root, on_progress=progress)
    return loading.load_splits(config.dataset, root=root)


def _require_wanted(config: TrainConfig, observer: Observer) -> None:
    if observer.should_stop():
        raise TrainingStoppedError(f"{configs.run_id(config)}: stopped as requested, before the first step")


def _require_batch(config: TrainConfig, train: Split) -> None:
    if config.batch_size > len(train):
        raise ConfigError(
            f"batch_size: expected at most {len(train)}, the training images of {config.dataset}, "
            f"got {config.batch_size}"
        )
