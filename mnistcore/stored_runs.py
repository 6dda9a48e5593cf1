"""Owns what a stored run answers: its history and predictions, their evaluation, and its model on other images.

It trains nothing, and imports torch only to load the model.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

import numpy as np
import numpy.typing as npt

from mnistcore import metrics
from mnistcore.datasets import pixels
from mnistcore.errors import InputError, RunDamagedError, RunNotFoundError, RunReplacedError
from mnistcore.evaluation import evaluation
from mnistcore.evaluation.evaluation import Evaluation
from mnistcore.evaluation.notebook_html import numbers_html
from mnistcore.evaluation.predictions import Answers, AnyPredictions, Predictions
from mnistcore.models import models
from mnistcore.models.weights import load_weights
from mnistcore.runs.history import EpochReport, RecordedEpoch
from mnistcore.runs.manifest import WEIGHTS, ClassRecord, RunManifest
from mnistcore.runs.store import Store
from mnistcore.wording import plural
from mnistcore.workspace import Workspace

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True, repr=False)
class StoredRun:
    """A run of a store, with its parts read when they are needed."""

    manifest: RunManifest
    store: Store

    @property
    def run_id(self) -> str:
        """The run's name, which its configuration decides."""
        return self.manifest.run_id

    @property
    def accuracy(self) -> float | None:
        """On the test images, 0 to 1."""
        return self.manifest.accuracy

    def history(self) -> tuple[EpochReport, ...] | tuple[RecordedEpoch, ...]:
        """One report per finished epoch; of a recorded run what its loop has said, or nothing."""
        return self.store.history(self.manifest) if self.manifest.trained else self.store.recorded(self.manifest)

    def predictions(self, split: str = "test", *, epoch: int | None = None) -> AnyPredictions:
        """Labels and logits of one split at one kept epoch, the last if None."""
        return self.store.predictions(self.manifest, split, epoch=epoch)

    def model(self) -> "torch.nn.Module":
        """The network with the weights of the last kept epoch, on the CPU, in evaluation mode."""
        if self.manifest.trained is None:
            raise InputError(f"run {self.run_id} has no weights: expected one that was trained here")
        name, classes = self.manifest.trained.model.name, len(self.manifest.dataset.classes)
        known = self.manifest.trained.preprocessing
        shape = models.INPUT_SHAPE if known is None else known.input_shape
        model = models.build(name, num_classes=classes, seed=0, shape=shape)
        try:
            load_weights(model, self.store.weights(self.manifest))
        except (RuntimeError, TypeError) as error:  # torch's words for weights of another shape, or a type it lacks
            raise RunDamagedError(f"run {self.run_id}: expected the weights of {name}, got others: {error}") from error
        return model.eval()

    @overload
    def predict(self, images: object, *, device: str = "auto") -> Answers: ...

    @overload
    def predict(self, images: object, *, labels: npt.ArrayLike, device: str = "auto") -> Predictions: ...

    def predict(
        self, images: object, *, labels: npt.ArrayLike | None = None, device: str = "auto"
    ) -> Answers | Predictions:
        """What the model says about any images. It stays on the device for the next call; see `mnistcore.release`.

        Args:
            images: best uint8 (N, 28, 28), 0 is background, drawn like those of the run's data set; also PIL images,
                tensors, floats, other sizes and orders of the axes, and lists of these: see `pixels.as_images`, which
                warns of what may be a mistake. For a photo of handwriting see `mnistcore.from_photo`.
            labels: whole numbers (N,), the true class of each image; None where nobody knows.

        Raises:
            InputError: the images or labels are not as stated above.
            DeviceError: no such device here, or it has no memory left.
            LibraryError: torch cannot be loaded.
            RunDamagedError: the weights cannot be read.
            RunReplacedError: the run in the store is another one by now.
            UnknownNameError: this version does not have its model.
        """
        prepared = self.manifest.image_preprocessing
        if prepared.input_shape[0] not in (1, 3):
            raise InputError(f"images: run {self.run_id} expects {prepared.input_shape[0]} channels, not 1 or 3")
        ready = pixels.as_images(images, prepared.input_shape)
        true = None if labels is None else _as_labels(labels, len(ready))
        from mnistcore.devices import devices
        from mnistcore.models import model_cache

        key = model_cache.ModelKey(
            self.run_id,
            weights_sha256=self.manifest.files[WEIGHTS].sha256,
            device=str(devices.pick_device(device)),
            records=Workspace.around(self.store.root).holders.absolute(),
        )
        logits = model_cache.logits(key, self.model, ready, mean=prepared.mean, std=prepared.std)
        return Answers(logits) if true is None else Predictions(true, logits)

    def __repr__(self) -> str:
        return f"StoredRun({described(self.manifest)})"

    def _repr_html_(self) -> str:
        split = self.manifest.predicted_splits[-1]
        numbers = evaluate(self.run_id, store=self.store, split=split)
        head = f"{self.manifest.title or self.run_id}, {split} images, epoch {numbers.epoch}"
        return numbers_html(head, numbers.numbers, [record.en for record in self.manifest.dataset.classes])


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
        """The whole matrix in a few numbers."""
        return self.numbers.summary

    @property
    def rates(self) -> metrics.Rates:
        """Precision, recall, specificity, F1 and accuracy of each class against all others."""
        return self.numbers.rates

    def _repr_html_(self) -> str:
        head = f"{self.run_id}, {self.split} images, epoch {self.epoch}"
        return numbers_html(head, self.numbers, [record.en for record in self.classes])


def evaluate(run_id: str, *, store: Store, split: str = "test", epoch: int | None = None) -> RunEvaluation:
    """Every number of a checkpoint, from its stored predictions; runs no model.

    Raises:
        InputError: the run has not kept that split or epoch; the message names those that it has.
        RunNotFoundError, RunDamagedError: see each.
    """
    manifest, predictions = _predictions_of_one_run(store, run_id, split, epoch)
    return RunEvaluation(
        run_id=run_id,
        split=split,
        epoch=manifest.epochs_kept[-1] if epoch is None else epoch,
        classes=manifest.dataset.classes,
        numbers=evaluation.evaluate_predictions(predictions, num_classes=len(manifest.dataset.classes)),
    )


def _predictions_of_one_run(
    store: Store, run_id: str, split: str, epoch: int | None
) -> tuple[RunManifest, AnyPredictions]:
    while True:
        manifest = store.manifest(run_id)
        with suppress(RunReplacedError):  # between the two looks
            return manifest, store.predictions(manifest, split, epoch=epoch)


def load_run(run_id: str, *, store: Store) -> StoredRun:
    """One stored run.

    Raises:
        RunNotFoundError, RunDamagedError: see each.
    """
    return StoredRun(store.manifest(run_id), store)


def list_runs(*, store: Store) -> tuple[StoredRun, ...]:
    """Every whole run, newest first."""
    return tuple(StoredRun(manifest, store) for manifest in store.listing().runs)


def find_manifest(store: Store, run_id: str) -> RunManifest | None:
    """None where there is no run that can be read; saving keeps a damaged one under another name."""
    try:
        return store.manifest(run_id)
    except (RunNotFoundError, RunDamagedError):
        return None


def described(run: RunManifest) -> str:
    """A run in one line: its name, accuracy, last epoch and status."""
    accuracy = "unknown" if run.accuracy is None else f"{run.accuracy:.1%}".replace("%", " %")
    return f"{run.run_id}: accuracy {accuracy}, epoch {run.epochs_kept[-1]}, {run.status}"


def _as_labels(labels: npt.ArrayLike, count: int) -> npt.NDArray[np.int64]:
    expected = f"expected {plural(count, 'whole number')}"
    try:
        array = np.asarray(labels)
    except (ValueError, TypeError) as error:  # a list of lists of different lengths
        raise InputError(f"labels: {expected}, got a {type(labels).__name__}: {error}") from error
    if array.dtype.kind not in "iu" or array.shape != (count,):
        raise InputError(f"labels: {expected}, got {array.dtype} {array.shape}")
    return array.astype(np.int64, copy=False)
