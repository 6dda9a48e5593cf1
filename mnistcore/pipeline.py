"""Owns the order data -> model -> training -> predictions -> store; imports torch only to train."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mnistcore import __version__, config, data, evaluation, metrics
from mnistcore.config import TrainConfig
from mnistcore.data import DATASETS, Split
from mnistcore.downloads import DownloadProgress
from mnistcore.errors import (
    ConfigError,
    DataDamagedError,
    DataError,
    DataUnavailableError,
    NonFiniteLossError,
    RunDamagedError,
    RunNotFoundError,
    StoreError,
)
from mnistcore.evaluation import Evaluation
from mnistcore.history import EpochReport
from mnistcore.predictions import Predictions
from mnistcore.store import (
    PREDICTED_SPLITS,
    ClassRecord,
    DatasetRecord,
    EnvironmentRecord,
    LayerRecord,
    ModelRecord,
    RunContent,
    RunManifest,
    Status,
    Store,
    thin_epochs,
)

if TYPE_CHECKING:
    import torch

# Data set and network of the lab's exercise, and the data set that needs no network connection.
STARTER_DATASETS = ("mnist", "digits")
STARTER_RECIPES = (("mlp", "handout"), ("cnn", "quick"))  # model, preset

Weights = dict[str, npt.NDArray[Any]]


def _ignore(*_: object) -> None:
    """What is called where nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Observer:
    """Who wants to know how far a training is. What one of these raises ends it, as Ctrl-C would."""

    on_start: Callable[[TrainConfig], None] = _ignore  # not called for a run that is there already
    on_download: Callable[[DownloadProgress], None] = _ignore
    on_step: Callable[[int, int], None] = _ignore  # steps done, steps of the whole training
    on_epoch: Callable[[EpochReport, int], None] = _ignore  # the report, epochs of the whole training
    on_saved: Callable[[RunManifest], None] = _ignore  # an unfinished training too, before its error goes on up


@dataclass(frozen=True, slots=True, repr=False)
class TrainResult:
    """A run, and how it came about."""

    run: RunManifest
    cached: bool  # it was there already
    seconds: float  # what this call took, all included; what the training took is run.seconds

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @property
    def accuracy(self) -> float | None:
        """On the test images, 0 to 1."""
        return self.run.accuracy

    def __repr__(self) -> str:
        origin = "was there already" if self.cached else f"trained in {self.run.seconds:.1f} s"
        return f"TrainResult({_described(self.run)}, {origin})"


@dataclass(frozen=True, slots=True, repr=False)
class StoredRun:
    """A run of a store, with its parts read when they are asked for."""

    manifest: RunManifest
    store: Store

    @property
    def run_id(self) -> str:
        return self.manifest.run_id

    @property
    def accuracy(self) -> float | None:
        """On the test images, 0 to 1."""
        return self.manifest.accuracy

    def history(self) -> tuple[EpochReport, ...]:
        """One report per finished epoch."""
        return self.store.history(self.run_id)

    def predictions(self, split: str = "test", *, epoch: int | None = None) -> Predictions:
        """Labels and logits of one split at one kept epoch, the last if None."""
        return self.store.predictions(self.run_id, split, epoch=epoch)

    def model(self) -> "torch.nn.Module":
        """The network with the weights of the last kept epoch, on the CPU, in evaluation mode."""
        from mnistcore import models

        classes = len(self.manifest.dataset.classes)
        model = models.build(self.manifest.model.name, num_classes=classes, seed=0)
        try:
            _load_weights(model, self.store.weights(self.run_id))
        except RuntimeError as error:  # torch's word for weights of another shape
            raise RunDamagedError(
                f"run {self.run_id}: expected the weights of {self.manifest.model.name}, got others: {error}"
            ) from error
        return model.eval()

    def __repr__(self) -> str:
        return f"StoredRun({_described(self.manifest)})"


@dataclass(frozen=True, slots=True)
class RunEvaluation:
    """The numbers of one checkpoint: a run, one of its splits, one of its kept epochs."""

    run_id: str
    split: str
    epoch: int
    classes: tuple[ClassRecord, ...]
    numbers: Evaluation = field(repr=False)

    @property
    def matrix(self) -> npt.NDArray[np.int64]:
        """int64 (C, C): rows are true, columns predicted."""
        return self.numbers.matrix

    @property
    def summary(self) -> metrics.Summary:
        return self.numbers.summary

    @property
    def rates(self) -> metrics.Rates:
        """Precision, recall, specificity, F1 and accuracy of each class against all others."""
        return self.numbers.rates


def train_run(
    config_: TrainConfig,
    *,
    store: Store | None = None,
    data_root: Path | None = None,
    device: str = "auto",
    force: bool = False,
    observer: Observer | None = None,
) -> TrainResult:
    """Train, predict and store; or return at once the complete run that is stored for this configuration.

    Whatever ends the training early, Ctrl-C included, goes on up after the epochs finished so far have been
    stored as an interrupted or diverged run. That never replaces a complete run, nor an unfinished one that
    came further.

    Args:
        force: train anew; the old run is replaced once the new one is whole.

    Raises:
        ConfigError: a batch is larger than the training set.
        DataUnavailableError: the data set is not on disk and cannot be downloaded.
        DeviceError: no such device here, or it has no memory left.
        NonFiniteLossError: the loss became NaN or infinite.
        StoreWriteError: the store cannot be written to; found out before the training starts.
    """
    began = time.perf_counter()
    store = store or Store.default()
    observer = observer or Observer()
    there = _manifest(store, config.run_id(config_))
    if there is not None and there.status == "complete" and not force:
        return TrainResult(run=there, cached=True, seconds=time.perf_counter() - began)
    store.check_writable()
    observer.on_start(config_)
    splits = _load_splits(config_.dataset, data_root, observer)
    if config_.batch_size > len(splits["train"]):
        raise ConfigError(
            f"batch_size: expected at most {len(splits['train'])}, the training images of {config_.dataset}, "
            f"got {config_.batch_size}"
        )
    training = _Training(config_, splits, device, observer)
    try:
        training.run()
        run = store.save(training.content("complete"), replace=True)
    except StoreError:
        raise
    except BaseException as error:  # Ctrl-C, or a page that is left: it goes on up once the epochs are safe
        _keep_finished(training, store, error)
        raise
    observer.on_saved(run)
    return TrainResult(run=run, cached=False, seconds=time.perf_counter() - began)


def ensure_starter(
    *,
    store: Store | None = None,
    data_root: Path | None = None,
    timeout_seconds: float = 20.0,
    device: str = "auto",
    observer: Observer | None = None,
) -> list[TrainResult]:
    """Make sure that there is something to look at: the handout's network and a small convolutional one.

    On MNIST where it is on disk or can be downloaded in ``timeout_seconds``, else on digits. Once the digits'
    runs are there, the network is not tried again: a start without a connection has to be quick, too.
    """
    store = store or Store.default()
    observer = observer or Observer()
    online, offline = STARTER_DATASETS
    dataset = online
    if not data.is_available(online, root=data_root):
        if all(_is_complete(store, config.run_id(recipe)) for recipe in _starter_configs(offline)):
            dataset = offline
        else:
            try:
                data.prepare(online, root=data_root, timeout_seconds=timeout_seconds, on_progress=observer.on_download)
            except DataError:
                dataset = offline
    return [
        train_run(recipe, store=store, data_root=data_root, device=device, observer=observer)
        for recipe in _starter_configs(dataset)
    ]


def evaluate(
    run_id: str, *, store: Store | None = None, split: str = "test", epoch: int | None = None
) -> RunEvaluation:
    """Every number of a checkpoint, from its stored predictions; runs no model.

    Raises:
        InputError: the run has not kept that split or epoch; the message names those that it has.
        RunNotFoundError, RunDamagedError: see each.
    """
    store = store or Store.default()
    manifest = store.manifest(run_id)
    predictions = store.predictions(run_id, split, epoch=epoch)
    return RunEvaluation(
        run_id=run_id,
        split=split,
        epoch=manifest.epochs_kept[-1] if epoch is None else epoch,
        classes=manifest.dataset.classes,
        numbers=evaluation.evaluate_predictions(predictions, num_classes=len(manifest.dataset.classes)),
    )


def load_run(run_id: str, *, store: Store | None = None) -> StoredRun:
    """One stored run.

    Raises:
        RunNotFoundError, RunDamagedError: see each.
    """
    store = store or Store.default()
    return StoredRun(store.manifest(run_id), store)


def list_runs(*, store: Store | None = None) -> tuple[StoredRun, ...]:
    """Every whole run, newest first."""
    store = store or Store.default()
    return tuple(StoredRun(manifest, store) for manifest in store.listing().runs)


class _Training:
    """One training under way, and what it has finished so far."""

    def __init__(self, config_: TrainConfig, splits: dict[str, Split], device: str, observer: Observer) -> None:
        _wait_without_spinning()
        from mnistcore import devices, models

        self.observer = observer
        self._config, self._splits = config_, splits
        self._dataset = DATASETS[config_.dataset]
        self._device = devices.pick_device(device)
        self._model = models.build(config_.model, num_classes=self._dataset.num_classes, seed=config_.seed)
        self._record = ModelRecord(
            name=config_.model,
            parameters=models.count_parameters(self._model),
            layers=tuple(
                LayerRecord(name=layer.name, output=layer.output, parameters=layer.parameters)
                for layer in models.layer_summary(self._model)
            ),
        )
        self._kept = frozenset(thin_epochs(config_.epochs))
        self._logits: dict[int, dict[str, npt.NDArray[np.float32]]] = {}
        # One assignment for both: an interruption never leaves the report of one epoch with another's
        # weights.
        self._finished: tuple[tuple[EpochReport, ...], Weights] = ((), {})

    @property
    def epochs_finished(self) -> int:
        return len(self._finished[0])

    @property
    def epochs(self) -> int:
        return self._config.epochs

    @property
    def run_id(self) -> str:
        return config.run_id(self._config)

    def run(self) -> None:
        from mnistcore import training

        reports = training.train(
            self._model,
            self._splits["train"],
            self._splits["validation"],
            self._config,
            device=self._device,
            mean=self._dataset.mean,
            std=self._dataset.std,
            on_step=self.observer.on_step,
        )
        for report in reports:
            self._finished = ((*self._finished[0], report), _copied_weights(self._model))
            if report.epoch in self._kept:
                self._logits[report.epoch] = self._predict()
            self.observer.on_epoch(report, self._config.epochs)

    def content(self, status: Status) -> RunContent:
        """What there is of the finished epochs, of which there has to be one."""
        from mnistcore import devices

        history, weights = self._finished
        last = len(history)
        if last not in self._logits:  # interrupted after an epoch that is not kept, or while it was predicted
            _load_weights(self._model, weights)
            self._logits[last] = self._predict()
        epochs = tuple(sorted(epoch for epoch in self._logits if epoch <= last))
        return RunContent(
            config=self._config,
            status=status,
            dataset=DatasetRecord(
                name=self._dataset.name,
                classes=tuple(ClassRecord(ja=name.ja, en=name.en) for name in self._dataset.classes),
                fingerprints={name: split.fingerprint for name, split in self._splits.items()},
                sizes={name: len(split) for name, split in self._splits.items()},
            ),
            model=self._record,
            environment=EnvironmentRecord.model_validate(
                {**devices.environment(self._device), "mnistcore": __version__}
            ),
            seconds=sum(report.seconds for report in history),
            history=history,
            epochs_kept=epochs,
            predictions={
                split: (
                    self._splits[split].labels,
                    np.stack([self._logits[epoch][split] for epoch in epochs]),
                )
                for split in PREDICTED_SPLITS
            },
            weights=weights,
        )

    def _predict(self) -> dict[str, npt.NDArray[np.float32]]:
        from mnistcore import inference

        return {
            split: inference.logits(
                self._model,
                self._splits[split].images,
                device=self._device,
                mean=self._dataset.mean,
                std=self._dataset.std,
            )
            for split in PREDICTED_SPLITS
        }


def _keep_finished(training: _Training, store: Store, error: BaseException) -> None:
    finished = training.epochs_finished
    if not finished:
        return
    status: Status = "diverged" if isinstance(error, NonFiniteLossError) else "interrupted"
    if finished == training.epochs:  # it was only the saving that was interrupted
        status = "complete"
    there = _manifest(store, training.run_id)
    if there is not None and (there.status == "complete" or there.epochs_kept[-1] > finished):
        return
    training.observer.on_saved(store.save(training.content(status), replace=True))


def _wait_without_spinning() -> None:
    """Let torch's CPU threads sleep while they wait for each other, instead of keeping a core busy.

    On cores shared with other programs a spinning thread keeps the one from working that it waits for: an
    epoch of `mlp` took 89 s with spinning and 10 s without, on two cores with eight other programs (torch
    2.15, n = 1). The variable is read when torch is loaded; whoever sets it before keeps his setting.
    """
    if "torch" not in sys.modules:
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _load_splits(name: str, root: Path | None, observer: Observer) -> dict[str, Split]:
    try:
        return {split: data.load_split(name, split, root=root) for split in data.SPLITS}
    except (DataUnavailableError, DataDamagedError):
        data.prepare(name, root=root, on_progress=observer.on_download)
    return {split: data.load_split(name, split, root=root) for split in data.SPLITS}


def _copied_weights(model: "torch.nn.Module") -> Weights:
    import torch

    return {
        name: tensor.detach().clone(memory_format=torch.contiguous_format).cpu().numpy()
        for name, tensor in model.state_dict().items()
    }


def _load_weights(model: "torch.nn.Module", weights: Weights) -> None:
    import torch

    model.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})


def _manifest(store: Store, run_id: str) -> RunManifest | None:
    """None where there is no run that can be read; saving keeps a damaged one under another name."""
    try:
        return store.manifest(run_id)
    except (RunNotFoundError, RunDamagedError):
        return None


def _is_complete(store: Store, run_id: str) -> bool:
    manifest = _manifest(store, run_id)
    return manifest is not None and manifest.status == "complete"


def _starter_configs(dataset: str) -> tuple[TrainConfig, ...]:
    return tuple(config.make_config(dataset, model, preset) for model, preset in STARTER_RECIPES)


def _described(run: RunManifest) -> str:
    accuracy = "unknown" if run.accuracy is None else f"{run.accuracy:.1%}".replace("%", " %")
    return f"{run.run_id}: accuracy {accuracy}, epoch {run.epochs_kept[-1]}, {run.status}"
