"""Owns the first trainings, so that the pages have something to show where nothing was trained yet."""

from collections.abc import Callable
from pathlib import Path

from mnistcore import config, stored_runs
from mnistcore.config import TrainConfig
from mnistcore.datasets import data_files
from mnistcore.errors import DataError
from mnistcore.runs.store import Store
from mnistcore.training import pipeline
from mnistcore.training.observers import Observer, Observers
from mnistcore.training.pipeline import TrainResult

# Data set and network of the lab's exercise, and the data set that needs no network connection.
STARTER_DATASETS = ("mnist", "digits")
STARTER_RECIPES = (("mlp", "handout"), ("cnn", "quick"))  # model, preset


def ensure_starter(
    *,
    store: Store | None = None,
    data_root: Path | None = None,
    timeout_seconds: float = 20.0,
    device: str = "auto",
    observer: Observer | None = None,
    train: Callable[..., TrainResult] | None = None,
) -> list[TrainResult]:
    """Make sure that there is something to look at: the handout's network and a small convolutional one.

    On MNIST where it is on disk or can be downloaded in ``timeout_seconds``, else on digits, with a warning that says
    why. Once the digits' runs are there, the network is not tried again: a start without a connection has to be quick.

    Args:
        train: what trains one configuration, in place of `pipeline.train_run`.
    """
    train = train or pipeline.train_run
    store = store or Store.default()
    observer = Observers(observer)
    online, offline = STARTER_DATASETS
    dataset = online
    if not data_files.is_available(online, root=data_root):
        if all(_is_complete(store, config.run_id(recipe)) for recipe in starter_configs(offline)):
            dataset = offline
        else:
            try:
                data_files.prepare(
                    online, root=data_root, timeout_seconds=timeout_seconds, on_progress=observer.on_download
                )
            except DataError as error:
                observer.on_warning(f"{error}. Using {offline} instead")
                dataset = offline
    return [
        train(recipe, store=store, data_root=data_root, device=device, observer=observer)
        for recipe in starter_configs(dataset)
    ]


def _is_complete(store: Store, run_id: str) -> bool:
    manifest = stored_runs.find_manifest(store, run_id)
    return manifest is not None and manifest.status == "complete"


def starter_configs(dataset: str) -> tuple[TrainConfig, ...]:
    """The trainings that make the first runs, on a data set."""
    return tuple(config.make_config(dataset, model, preset) for model, preset in STARTER_RECIPES)
