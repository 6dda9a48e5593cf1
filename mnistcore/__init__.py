"""Trains small image classifiers and keeps every result; importing it imports none of the heavy libraries.

For notebooks:

>>> import mnistcore
>>> mnistcore.metrics.confusion_matrix([0, 1, 1], [0, 1, 0], num_classes=2)
array([[1, 0],
       [1, 1]])

    result = mnistcore.train("digits", "mlp", "handout")
    mnistcore.list_runs()
    mnistcore.evaluate(result.run_id).matrix
    mnistcore.load_run(result.run_id).predict(images).predicted
    mnistcore.release()
"""

import importlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnistcore.version import __version__
from mnistcore.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from mnistcore import metrics
    from mnistcore.imports.keeping import RecordedRun
    from mnistcore.imports.recorder import Recorder
    from mnistcore.models.held_models import HeldModel
    from mnistcore.runs.store import Store
    from mnistcore.stored_runs import RunEvaluation, StoredRun
    from mnistcore.training.pipeline import TrainResult

__all__ = [
    "Recorder",
    "__version__",
    "evaluate",
    "from_photo",
    "list_runs",
    "load_run",
    "metrics",
    "record",
    "record_predictions",
    "release",
    "train",
]


def train(
    dataset: str = "digits",
    model: str = "mlp",
    preset: str = "quick",
    seed: int = 0,
    *,
    device: str = "auto",
    force: bool = False,
    store: "Store | None" = None,
    data_root: Path | None = None,
    **overrides: Any,
) -> "TrainResult":
    """Train a model, or take the stored run if this very configuration was trained before.

    It resumes where an interrupted training run was left, waits while another one uses the device, and is shown on the
    training page. Interrupting the kernel stops it between two steps and keeps the model trained so far.

    Args:
        dataset: ``"mnist"``, ``"fashion-mnist"``, ``"kmnist"``, ``"emnist-balanced"``, ``"k49"``, ``"cifar10"``, one of
            your own, or ``"digits"``, which needs no download.
        model: ``"linear"``, ``"mlp"``, ``"cnn"`` or ``"resnet"``.
        preset: ``"handout"``, ``"quick"``, ``"standard"`` or ``"best"``.
        seed: from 0; decides everything that is random.
        device: ``"auto"`` is a GPU where there is one.
        force: retrain; the old run is replaced once the new one is whole.
        store: where runs are kept, with what belongs to the training beside it; the artifacts' folder if None.
        data_root: where data sets are kept; the data folder if None.
        overrides: single fields of the preset, such as ``epochs=3`` or ``learning_rate=0.01``.

    Returns:
        The run, with its accuracy on the test images from 0 to 1 and how long it took, in seconds.

    Raises:
        ConfigError: a name is not known, or a field is outside its range.
        DataError, DeviceError, NonFiniteLossError, StoreError: see each.

    >>> mnistcore.train("digits", "linear", epochs=1)  # doctest: +ELLIPSIS
    TrainResult(digits-linear-...: accuracy ... %, epoch 1, complete, trained in ... s)
    """
    from mnistcore.jobs import jobs
    from mnistcore.training import presets

    wanted = presets.make_config(dataset, model, preset, seed=seed, root=data_root, **overrides)
    return jobs.run(_workspace(store, data_root), wanted, store=store, device=device, force=force)


def record(
    model: Any,
    loader: Any,
    *,
    name: str = "",
    classes: "Sequence[object] | None" = None,
    images: Any = None,
    notes: str = "",
    store: "Store | None" = None,
) -> "RecordedRun":
    """Have your own torch model answer the test images of a loader, and keep that for the dashboard, in one line.

    The model runs in evaluation mode, without gradients, on the device where it is; model, loader and everything random
    are afterwards as they were before. Images and class names are those of the loader's data set.

    Args:
        model: gives (B, C) logits, log-probabilities or probabilities for a batch; (B, 1) for two classes.
        loader: a `DataLoader` of test images, or anything that gives batches of (images, labels). It may shuffle, and
            drop its last batch: its data set is gone through in order.
        name: what the run is called; the model's class if empty. The same name again is another run, unless every
            prediction is the same.
        classes: their names, where the data set does not know them.
        images: what to show, (N, H, W) or (N, H, W, 3), where the data set's own cannot be told.
        notes: anything that a reader should know.
        store: where runs are kept; the artifacts' folder if None.

    Raises:
        InputError: a batch, an answer or a label does not fit; the message names it.
        StoreWriteError: the folder cannot be written to; nothing was kept.
    """
    from mnistcore.imports import recording

    return recording.record(
        model, loader, name=name, classes=classes, images=images, notes=notes, store=store or _store()
    )


def record_predictions(
    labels: Any,
    predicted: Any = None,
    *,
    probabilities: Any = None,
    logits: Any = None,
    images: Any = None,
    classes: "Sequence[object] | None" = None,
    name: str = "predictions",
    model: str = "",
    framework: str = "",
    notes: str = "",
    store: "Store | None" = None,
) -> "RecordedRun":
    """Keep predictions that were made anywhere, by any framework, so that the dashboard shows them.

    Arrays may be numpy's, torch's, pandas' or lists. What was not said and how it was taken is in the answer.

    Args:
        labels: (N,) the true classes, as numbers or names; one-hot rows too.
        predicted: (N,) the predicted classes, likewise; not needed with scores.
        probabilities: (N, C), 0 to 1 or in percent; (N,) of the second of two classes.
        logits: (N, C), what a network gives before its softmax, or log-probabilities.
        images: (N, H, W), (N, H, W, 3), (N, 3, H, W) or flat squares; uint8, or 0 to 1.
        classes: their names in the order of the columns or numbers; sorted names of the labels if None.
        name: what the run is called. The same name again is another run, unless every prediction is the same.
        model: what predicted, for the reader.
        framework: likewise.
        notes: anything else, likewise.
        store: where runs are kept; the artifacts' folder if None.

    Returns:
        The run with its accuracy and interval, its id, and the page that shows it.

    Raises:
        InputError: something does not fit; the message names the row.
        StoreWriteError: the folder cannot be written to; nothing was kept.

    >>> mnistcore.record_predictions(["cat", "dog", "dog"], ["cat", "dog", "cat"], name="toy").run_id[:4]
    'toy-'
    """
    from mnistcore.imports import recording

    return recording.record_predictions(
        labels,
        predicted,
        probabilities=probabilities,
        logits=logits,
        images=images,
        classes=classes,
        name=name,
        model=model,
        framework=framework,
        notes=notes,
        store=store or _store(),
    )


def evaluate(
    run_id: str, *, split: str = "test", epoch: int | None = None, store: "Store | None" = None
) -> "RunEvaluation":
    """The confusion matrix and all that follows from it, from a run's stored predictions; runs no model.

    Args:
        run_id: as `list_runs` and the pages' URLs have it, such as ``"mnist-mlp-f45e6886"``.
        split: ``"test"`` or ``"validation"``.
        epoch: one of those that the run has kept; the last if None.
        store: where runs are kept; the artifacts' folder if None.

    Returns:
        ``matrix`` int64 (C, C), rows true and columns predicted, and the numbers that follow from it.

    Raises:
        InputError: the run has no such split or epoch; names those that it has.
        RunNotFoundError, RunDamagedError: there is no such run, or it cannot be read.

    >>> newest = mnistcore.list_runs()[0]
    >>> mnistcore.evaluate(newest.run_id).matrix.shape  # rows are true, columns predicted
    (10, 10)
    """
    from mnistcore import stored_runs

    return stored_runs.evaluate(run_id, split=split, epoch=epoch, store=store or _store())


def load_run(run_id: str, *, store: "Store | None" = None) -> "StoredRun":
    """One stored run: its manifest, history, predictions, and its model with the trained weights.

    Args:
        run_id: as `list_runs` and the pages' URLs have it.
        store: where runs are kept; the artifacts' folder if None.

    Raises:
        RunNotFoundError, RunDamagedError: there is no such run, or it cannot be read.

    >>> newest = mnistcore.list_runs()[0]
    >>> mnistcore.load_run(newest.run_id).predictions("validation").scores.shape  # image, class
    (20, 10)
    """
    from mnistcore import stored_runs

    return stored_runs.load_run(run_id, store=store or _store())


def list_runs(*, store: "Store | None" = None) -> "tuple[StoredRun, ...]":
    """Every whole run, newest first; what cannot be read is named by ``python -m mnistcore list``.

    Args:
        store: where runs are kept; the artifacts' folder if None.

    >>> mnistcore.list_runs()  # doctest: +ELLIPSIS
    (StoredRun(digits-mlp-...: accuracy ... %, epoch 2, complete),)
    """
    from mnistcore import stored_runs

    return stored_runs.list_runs(store=store or _store())


def from_photo(photo: "str | Path | Image | NDArray[np.generic]") -> "NDArray[np.uint8]":
    """A photo or drawing of one digit, cropped to it, as an image like MNIST's, for `StoredRun.predict`.

    Args:
        photo: a picture's file, a PIL image, or an array of (H, W) or (H, W, 3).

    Returns:
        uint8 (28, 28), white on black.

    Raises:
        InputError: it is no picture, or nothing is drawn on it.

    >>> import numpy as np
    >>> paper = np.full((60, 60), 230, dtype=np.uint8)
    >>> paper[15:45, 28:32] = 20  # a stroke, which may be a 1
    >>> mnistcore.from_photo(paper).shape
    (28, 28)
    """
    from mnistcore.datasets import photos

    return photos.from_photo(photo)


def release(run_id: str | None = None) -> "tuple[HeldModel, ...]":
    """Release the models that `StoredRun.predict` has loaded, of one run or of all, from their devices; loads no torch.

    What torch keeps for later, on any device that this process has used, is released too. A CUDA context, some hundred
    MB, stays until the process (the notebook's kernel) ends.

    Args:
        run_id: the run whose model is released; every model if None.

    Returns:
        The models that were released.

    >>> gone = mnistcore.release()
    >>> mnistcore.release()  # nothing is loaded any more
    ()
    """
    from mnistcore.devices import devices
    from mnistcore.models import model_cache

    gone = model_cache.release(run_id)
    devices.release_memory()
    return gone


def _workspace(store: "Store | None", data_root: Path | None) -> Workspace:
    """Where a notebook's training lies: what the environment names, but for what its caller names."""
    here = Workspace.from_environment()
    if store is not None:
        here = replace(here, artifacts=store.root.parent)
    return here if data_root is None else replace(here, data=data_root)


def _store() -> "Store":
    from mnistcore.runs.store import Store

    return Store(Workspace.from_environment().runs)


def __getattr__(name: str) -> Any:
    if name == "metrics":
        return importlib.import_module("mnistcore.metrics")
    if name == "Recorder":
        return importlib.import_module("mnistcore.imports.recorder").Recorder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
