"""Owns the first trainings, so that the pages have something to show where nothing was trained yet."""

from collections.abc import Callable

from mnistcore import config, stored_runs
from mnistcore.config import TrainConfig
from mnistcore.datasets import data_files
from mnistcore.errors import DataError
from mnistcore.runs.store import Store
from mnistcore.training import presets
from mnistcore.training.observers import Observer, Observers
from mnistcore.training.pipeline import TrainResult
from mnistcore.workspace import Workspace

# Data set and network of the lab's exercise, and the data set that needs no network connection.
STARTER_DATASETS = ("mnist", "digits")
STARTER_RECIPES = (("mlp", "handout"), ("cnn", "quick"))  # model, preset


def ensure_starter(
    workspace: Workspace,
    train: Callable[[TrainConfig], TrainResult],
    *,
    timeout_seconds: float = 20.0,
    observer: Observer | None = None,
) -> list[TrainResult]:
    """Make sure that there is something to look at: the handout's network and a small convolutional one.

    Args:
        workspace: where the runs and the data sets lie.
        train: trains one configuration, or gives the run that is there.
        timeout_seconds: see `starter_dataset`.
        observer: likewise.
    """
    dataset = starter_dataset(workspace, timeout_seconds=timeout_seconds, observer=observer)
    return [train(recipe) for recipe in starter_configs(dataset)]


def starter_dataset(workspace: Workspace, *, timeout_seconds: float = 20.0, observer: Observer | None = None) -> str:
    """The data set for the first trainings: MNIST where it is on disk or can be downloaded in time, else digits.

    Once the digits' runs are there, the network is not tried again: a start without a connection has to be quick.

    Args:
        workspace: where the runs and the data sets lie.
        timeout_seconds: the longest that the download may take.
        observer: is told of the download, and by a warning why it has to be digits.
    """
    observer = Observers(observer)
    online, offline = STARTER_DATASETS
    if data_files.is_available(online, root=workspace.data):
        return online
    store = Store(workspace.runs)
    if all(_is_complete(store, config.run_id(recipe)) for recipe in starter_configs(offline)):
        return offline
    try:
        data_files.prepare(
            online, root=workspace.data, timeout_seconds=timeout_seconds, on_progress=observer.on_download
        )
    except DataError as error:
        observer.on_warning(f"{error}. Using {offline} instead")
        return offline
    return online


def starter_configs(dataset: str) -> tuple[TrainConfig, ...]:
    """What is trained first on a data set: one configuration for each of `STARTER_RECIPES`."""
    return tuple(presets.make_config(dataset, model, preset) for model, preset in STARTER_RECIPES)


def _is_complete(store: Store, run_id: str) -> bool:
    manifest = stored_runs.find_manifest(store, run_id)
    return manifest is not None and manifest.status == "complete"
