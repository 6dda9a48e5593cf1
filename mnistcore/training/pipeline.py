"""Owns the order data -> model -> training -> predictions -> store; imports torch only to train.

What is trained here is not guarded against a second process that trains the same: that is for mnistcore.jobs.jobs.
"""

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mnistcore import config, stored_runs
from mnistcore.config import Preprocessing, TrainConfig
from mnistcore.datasets import data
from mnistcore.datasets.data import DATASETS, Split
from mnistcore.datasets.downloads import DownloadProgress
from mnistcore.errors import (
    ConfigError,
    DataDamagedError,
    DataUnavailableError,
    DeviceError,
    InputError,
    NonFiniteLossError,
    ResumePointError,
    StoreError,
    StoreWriteError,
    TrainingStoppedError,
)
from mnistcore.libraries import importing
from mnistcore.models import models
from mnistcore.models.weights import Weights, copied_weights, load_weights
from mnistcore.runs.history import EpochReport
from mnistcore.runs.manifest import (
    PREDICTED_SPLITS,
    ClassRecord,
    DatasetRecord,
    EnvironmentRecord,
    LayerRecord,
    ModelRecord,
    RunManifest,
    Status,
    Trained,
)
from mnistcore.runs.store import RunContent, Store, disk_advice, thin_epochs
from mnistcore.training import distributed
from mnistcore.training.distributed import Group, Work
from mnistcore.training.observers import Observer, Observers
from mnistcore.training.resume_points import ResumePoint, ResumePoints
from mnistcore.version import __version__

if TYPE_CHECKING:
    import torch

    from mnistcore.training import training_state

RESUME_SECONDS = 30.0  # at most this much work is repeated when a process dies; each epoch's end is kept in any case

_STATE = "state/"  # before the name of a tensor of the training's state, where it is handed to other processes

Logits = dict[str, npt.NDArray[np.float32]]  # split -> (N, C)
_Finished = tuple[tuple[EpochReport, ...], Weights]  # of the finished epochs, and as judged after the last of them


@dataclass(frozen=True, slots=True, repr=False)
class TrainResult:
    """A run, and how it came about."""

    run: RunManifest
    cached: bool  # it was there already
    seconds: float  # what this call took, all included

    @property
    def run_id(self) -> str:
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
        origin = "was there already" if self.cached else f"trained in {self.training_seconds:.1f} s"
        return f"TrainResult({stored_runs.described(self.run)}, {origin})"


def train_run(
    config_: TrainConfig,
    *,
    store: Store | None = None,
    data_root: Path | None = None,
    device: str = "auto",
    force: bool = False,
    resume: ResumePoints | None = None,
    observer: Observer | None = None,
    group: Group = distributed.ALONE,
) -> TrainResult:
    """Train, predict and store; or return at once the complete run that is stored for this configuration.

    Whatever ends the training early, Ctrl-C included, goes on up after the epochs finished so far have been
    stored as an interrupted or diverged run. That never replaces a complete run, nor an unfinished one that
    came further.

    Args:
        force: train anew; the old run is replaced once the new one is whole.
        resume: where resume points are kept. A training goes on from the one that is there, and keeps one at
            the end of each epoch, every `RESUME_SECONDS`, and when it is asked to stop. None: it keeps none.
        group: the processes to train in, of which this one is rank 0; the others call `follow`.

    Raises:
        ConfigError: a batch is larger than the training set.
        DataUnavailableError: the data set is not on disk and cannot be downloaded.
        DeviceError: no such device here, or it has no memory left.
        NonFiniteLossError: the loss became NaN or infinite.
        ProcessLostError: another process of the group has ended.
        TrainingStoppedError: the observer asked for it; the resume point is where it stopped.
        StoreWriteError: the store cannot be written to; found out before the training starts, where it can be.
    """
    began = time.perf_counter()
    store = store or Store.default()
    observer = Observers(observer)
    there = stored_runs.find_manifest(store, config.run_id(config_))
    if there is not None and there.status == "complete" and not force:
        return TrainResult(run=there, cached=True, seconds=time.perf_counter() - began)
    config.require_known(config_.dataset, config_.model)
    store.check_writable()
    observer.on_start(config_)
    splits = _load_splits(config_, data_root, observer)
    _require_wanted(config_, observer)
    if config_.batch_size > len(splits["train"]):
        raise ConfigError(
            f"batch_size: expected at most {len(splits['train'])}, the training images of {config_.dataset}, "
            f"got {config_.batch_size}"
        )
    with group.training(), _giving_back():
        training = _Training(config_, splits, device, observer, store, resume, group)
        try:
            training.run()
            run = training.save_whole()
        except StoreError:
            raise
        except BaseException as error:  # Ctrl-C, or a page that is left: it goes on up once the epochs are safe
            _keep_finished(training, error)
            if resume is not None and isinstance(error, NonFiniteLossError):
                resume.drop()  # from there it would only go the same way
            raise
        finally:
            training.let_go()
    if resume is not None:
        resume.drop()
    observer.on_saved(run)
    return TrainResult(run=run, cached=False, seconds=time.perf_counter() - began)


@contextmanager
def _giving_back() -> Iterator[None]:
    """Give the device's memory back after a training, however it ended.

    What went wrong would keep it: an error has the frames that it passed, these have the images and the model, and a
    notebook keeps its last error.
    """
    from mnistcore.devices import devices

    handled = sys.exception()  # the caller's own, where he trains while he handles one
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


def follow(group: Group) -> None:
    """Train along with rank 0, as a process of the same group, until rank 0 is at its end; stores and shows nothing.

    Raises:
        ProcessLostError: rank 0 has ended without a word.
        DeviceError: there is no device for this process here, or it has no memory left.
    """
    group.follow(lambda work, device: _train_along(work, device, group))


class _Training:
    """One training under way, and what it has finished so far."""

    def __init__(
        self,
        config_: TrainConfig,
        splits: dict[str, Split],
        device: str,
        observer: Observer,
        store: Store,
        resume: ResumePoints | None,
        group: Group,
    ) -> None:
        _wait_briefly()
        with importing("torch"):
            from mnistcore.devices import devices

        self.observer, self.store = observer, store
        self._config, self._splits, self._resume = config_, splits, resume
        self._dataset = DATASETS[config_.dataset]
        self._device = group.pick_device(device, on_warning=observer.on_warning)
        observer.on_device(str(self._device))
        self._environment = EnvironmentRecord.model_validate(  # now: a device that fails is asked nothing any more
            {**devices.environment(self._device), "mnistcore": __version__, "processes": group.size}
        )
        self._model = models.build(config_.model, num_classes=self._dataset.num_classes, seed=config_.seed)
        self._record = ModelRecord(
            name=config_.model,
            parameters=models.count_parameters(self._model),
            layers=tuple(
                LayerRecord(name=layer.name, output=layer.output, parameters=layer.parameters)
                for layer in models.layer_summary(self._model)
            ),
        )
        self._fingerprints = {name: split.fingerprint for name, split in splits.items()}
        self._kept = frozenset(thin_epochs(config_.epochs))
        self._logits: dict[int, Logits] = {}
        # One assignment for both: an interruption never leaves the report of one epoch with another's
        # weights.
        self._finished: _Finished = ((), {})
        point = self._resume_point()
        self._preprocessing = (point and point.preprocessing) or _preprocessing(config_.dataset)
        state = None
        if point is not None:
            self._finished, self._logits = (
                (point.history, dict(point.weights)),
                {epoch: dict(logits) for epoch, logits in point.logits.items()},
            )
            state = _state_of(point)
        self._state, self._group = state, group
        self._next_point = time.monotonic() + RESUME_SECONDS

    def _begin(self) -> None:
        """Everything up to here is done without the device: what goes wrong with it is told of in a sentence."""
        from mnistcore.training import trainer

        config_, train, state = self._config, self._splits["train"], self._state
        self._state = None  # its tensors are needed no longer than this
        self._group.hand_out(lambda: _work(config_, self._preprocessing, train, state), self._device)
        self._training = trainer.Trainer(
            self._model,
            train,
            self._splits["validation"],
            config_,
            device=self._device,
            mean=self._preprocessing.mean,
            std=self._preprocessing.std,
            state=state,
            on_step=self._between_steps,
            on_curve=self.observer.on_curve,
            on_evaluate=lambda: self._between_judgements(self._finished),
            group=self._group,
        )
        if self.epochs_finished in self._kept - self._logits.keys():  # left while its test images were judged
            self._judge_the_last_again()
        if state is not None:
            self.observer.on_resume(self._training.steps_done, self._training.steps)

    def let_go(self) -> None:
        """Let go of the model and the images, to which a cycle leads: after this it is asked nothing any more."""
        self.__dict__.clear()

    @property
    def epochs_finished(self) -> int:
        return len(self._finished[0])

    @property
    def epochs_learned(self) -> float:
        """The same, but a first epoch that was stopped in the middle counts as the part that it is."""
        return sum(report.share for report in self._finished[0])

    @property
    def epochs(self) -> int:
        return self._config.epochs

    @property
    def run_id(self) -> str:
        return config.run_id(self._config)

    def run(self) -> None:
        from mnistcore.devices import devices

        with devices.memory_guard(self._device):
            self._begin()
            self._train()

    def _train(self) -> None:
        with closing(self._training.epochs()) as reports:
            for report in reports:
                before = self._finished
                self._finished = ((*before[0], report), copied_weights(self._model))
                if report.epoch in self._kept:
                    self._logits[report.epoch] = self._judged_logits(partial(self._between_judgements, before))
                self.observer.on_epoch(report, self._config.epochs)
                if report.epoch < self._config.epochs:  # the whole run is saved at once after the last
                    self._save_point()

    def save_whole(self) -> RunManifest:
        """The finished training as a complete run; where that fails, it is kept to be saved another time."""
        try:
            return self.store.save(self.content("complete"), replace=True)
        except StoreError:
            self._save_point()
            raise

    def _between_steps(self, done: int, steps: int) -> None:
        self.observer.on_step(done, steps)
        if self.observer.should_stop():
            self._save_point()
            if not self.epochs_finished:
                self._keep_part()
            raise self._stopped()
        if time.monotonic() >= self._next_point:
            self._save_point()

    def _between_judgements(self, finished: _Finished) -> None:
        """Stop where that was asked for and there is an earlier epoch to look at: ``finished`` is what is kept then."""
        if finished[0] and self.observer.should_stop():
            self._save_point()
            self._finished = finished
            self.observer.on_step(self._training.steps_done, self._training.steps)  # not every step was told of
            raise self._stopped()

    def _stopped(self) -> TrainingStoppedError:
        done, steps = self._training.steps_done, self._training.steps
        return TrainingStoppedError(f"{self.run_id}: stopped as asked, after step {done} of {steps}")

    def _judge_the_last_again(self) -> None:
        now = copied_weights(self._model)
        load_weights(self._model, self._finished[1])
        self._logits[self.epochs_finished] = self._all_logits()
        load_weights(self._model, now)

    def _keep_part(self) -> None:
        """Make of the first epoch, as far as it came, something to look at; going on starts from the resume point."""
        with self._training.evaluated_weights():
            report = self._training.report_so_far()
            self._logits[report.epoch] = self._judged_logits()
            self._finished = ((report,), copied_weights(self._model))

    def _resume_point(self) -> ResumePoint | None:
        try:
            point = self._resume.read(self._config, self._fingerprints) if self._resume else None
            if point is not None:
                self._check_fit(point)
        except ResumePointError as error:
            self.observer.on_warning(str(error))
            return None
        return point

    def _check_fit(self, point: ResumePoint) -> None:
        """Before anything is done with it: what does not fit would fail each time that it is gone on from.

        Raises:
            ResumePointError: it is of another network or optimiser, or its parts do not belong together.
        """
        from mnistcore.training import training_state

        classes, finished = self._dataset.num_classes, len(point.history)
        weights = {name: tuple(tensor.shape) for name, tensor in self._model.state_dict().items()}
        logits = {split: (len(self._splits[split]), classes) for split in PREDICTED_SPLITS}
        try:
            training_state.check_state(_state_of(point), self._model, self._config, images=len(self._splits["train"]))
            if finished != point.epoch - 1:
                raise InputError(f"expected reports of {point.epoch - 1} epochs, got {finished}")
            if {name: array.shape for name, array in point.weights.items()} != (weights if finished else {}):
                raise InputError("expected the weights of the last finished epoch, got others")
            for epoch, kept in point.logits.items():
                if {split: array.shape for split, array in kept.items()} != logits:
                    raise InputError(f"expected the logits of epoch {epoch} for every image, got others")
        except InputError as error:
            raise ResumePointError(
                f"the resume point cannot be used: {error}. Training this configuration starts at the beginning"
            ) from error

    def _save_point(self) -> None:
        if self._resume is None:
            return
        state, (history, weights) = self._training.state(), self._finished
        point = ResumePoint(
            config=self._config,
            fingerprints=self._fingerprints,
            preprocessing=self._preprocessing,
            epoch=state.epoch,
            step=state.step,
            correct=state.correct,
            seconds=state.seconds,
            tensors=state.tensors,
            history=history,
            weights=weights,
            logits=self._logits,
        )
        self._next_point = time.monotonic() + RESUME_SECONDS
        try:
            self.store.require_folder()  # of the same artifacts: else the point is written where their disk was
            self._resume.save(point)
        except (OSError, StoreWriteError) as error:
            reason = disk_advice(error) if isinstance(error, OSError) else error
            self.observer.on_warning(
                f"the resume point could not be kept ({reason}); should the training end before its last "
                "epoch, it goes on from the one before, or starts anew"
            )

    def content(self, status: Status) -> RunContent:
        """What there is of the finished epochs, of which there has to be one."""
        history, weights = self._finished
        last = len(history)
        if last not in self._logits:  # interrupted after an epoch that is not kept, or while it was predicted
            self._logits[last] = self._logits_of(weights)
        epochs = tuple(sorted(epoch for epoch in self._logits if epoch <= last))
        return RunContent(
            status=status,
            dataset=DatasetRecord(
                name=self._dataset.name,
                classes=tuple(ClassRecord(ja=name.ja, en=name.en) for name in self._dataset.classes),
                fingerprints=self._fingerprints,
                sizes={name: len(split) for name, split in self._splits.items()},
            ),
            origin=Trained(
                config=self._config,
                model=self._record,
                environment=self._environment,
                seconds=sum(report.seconds for report in history),
                preprocessing=self._preprocessing,
            ),
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

    def _logits_of(self, weights: Weights) -> Logits:
        """On the device, or on the CPU where that fails: it may be why the training has ended."""
        from mnistcore.devices import devices

        try:
            with devices.memory_guard(self._device):
                load_weights(self._model, weights)
                return self._all_logits()
        except DeviceError as error:
            self.observer.on_warning(f"{error}. What is finished is judged on the CPU")
        model = models.build(self._config.model, num_classes=self._dataset.num_classes, seed=self._config.seed)
        load_weights(model, weights)
        return {split: self._infer(split, model=model, device=devices.pick_device("cpu")) for split in PREDICTED_SPLITS}

    def _judged_logits(self, on_batch: Callable[[], None] | None = None) -> Logits:
        """Of the weights that the model holds, which the training has just judged by the validation images."""
        validation = self._training.validation_logits
        return {
            "validation": self._infer("validation") if validation is None else validation,
            "test": self._infer("test", on_batch),
        }

    def _all_logits(self) -> Logits:
        return {split: self._infer(split) for split in PREDICTED_SPLITS}

    def _infer(
        self,
        split: str,
        on_batch: Callable[[], None] | None = None,
        *,
        model: "torch.nn.Module | None" = None,
        device: "torch.device | None" = None,
    ) -> npt.NDArray[np.float32]:
        from mnistcore.models import inference

        return inference.logits(
            model or self._model,
            self._splits[split].images,
            device=device or self._device,
            mean=self._preprocessing.mean,
            std=self._preprocessing.std,
            on_batch=on_batch,
        )


def _state_of(point: ResumePoint) -> "training_state.TrainingState":
    from mnistcore.training import training_state

    return training_state.TrainingState(point.epoch, point.step, point.correct, point.seconds, point.tensors)


def _preprocessing(dataset: str) -> Preprocessing:
    """What a training that begins now does to a data set's images."""
    known = DATASETS[dataset]
    return Preprocessing(mean=known.mean, std=known.std, input_shape=models.INPUT_SHAPE)


def _work(
    config_: TrainConfig, preprocessing: Preprocessing, train: Split, state: "training_state.TrainingState | None"
) -> Work:
    """What a follower needs: the images, and where to go on. What its layers draw is its own."""
    facts: dict[str, Any] = {
        "config": config_.model_dump(mode="json"),
        "preprocessing": preprocessing.model_dump(mode="json"),
        "state": None,
    }
    arrays: dict[str, npt.NDArray[Any]] = {"images": train.images, "labels": train.labels}
    if state is not None:
        facts["state"] = {
            "epoch": state.epoch,
            "step": state.step,
            "correct": state.correct,
            "seconds": state.seconds,
        }
        own = ("random", "random-device")
        arrays |= {f"{_STATE}{name}": tensor for name, tensor in state.tensors.items() if name not in own}
    return Work(facts, arrays)


def _train_along(work: Work, device: "torch.device", group: Group) -> None:
    with importing("torch"):
        from mnistcore.training import trainer, training_state

    config_ = TrainConfig.model_validate(work.facts["config"])
    preprocessing = Preprocessing.model_validate(work.facts["preprocessing"])
    state = None
    if work.facts["state"] is not None:
        tensors = {name.removeprefix(_STATE): array for name, array in work.arrays.items() if name.startswith(_STATE)}
        state = training_state.TrainingState(**work.facts["state"], tensors=tensors)
    train = Split(work.arrays["images"], work.arrays["labels"])
    trainer.Trainer(
        models.build(config_.model, num_classes=DATASETS[config_.dataset].num_classes, seed=config_.seed),
        train,
        train,  # it is rank 0 that judges
        config_,
        device=device,
        mean=preprocessing.mean,
        std=preprocessing.std,
        state=state,
        group=group,
    ).train_as_worker()


def _keep_finished(training: _Training, error: BaseException) -> None:
    store = training.store
    if not training.epochs_finished:
        return
    status: Status = "diverged" if isinstance(error, NonFiniteLossError) else "interrupted"
    if training.epochs_learned == training.epochs:  # it was only the saving that was interrupted
        status = "complete"
    there = stored_runs.find_manifest(store, training.run_id)
    if there is not None and (there.status == "complete" or _learned(store, there) > training.epochs_learned):
        return
    training.observer.on_saved(store.save(training.content(status), replace=True))


def _learned(store: Store, run: RunManifest) -> float:
    """How many epochs a stored run has learned, a part of the first one counted as such."""
    try:
        return sum(report.share for report in store.history(run.run_id))
    except StoreError:  # nothing can be made of it any more
        return 0.0


def _wait_briefly() -> None:
    """Let torch's CPU threads spin only shortly while they wait for each other, then sleep.

    On idle cores spinning is quicker: an epoch of `cnn` in two threads takes 2.2 s with endless spinning, 2.7 s with
    this, 3.8 s with none. On cores shared with other programs a spinning thread keeps the one from working that it
    waits for. (torch 2.15, 2 cores, n = 2.) libgomp reads the variable when torch is loaded; whoever sets it before
    keeps his setting.
    """
    if "torch" not in sys.modules and "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "200000")


def _load_splits(config_: TrainConfig, root: Path | None, observer: Observer) -> dict[str, Split]:
    def progress(download: DownloadProgress) -> None:
        _require_wanted(config_, observer)
        observer.on_download(download)

    try:
        return data.load_splits(config_.dataset, root=root)
    except (DataUnavailableError, DataDamagedError):
        data.prepare(config_.dataset, root=root, on_progress=progress)
    return data.load_splits(config_.dataset, root=root)


def _require_wanted(config_: TrainConfig, observer: Observer) -> None:
    if observer.should_stop():
        raise TrainingStoppedError(f"{config.run_id(config_)}: stopped as asked, before the first step")
