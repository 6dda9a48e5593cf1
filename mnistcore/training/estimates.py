"""Owns how long a training is: its steps, its place among its epochs, the time it will take; imports no torch."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mnistcore.config import TrainConfig
from mnistcore.datasets.catalogue import all_datasets
from mnistcore.runs.history import EpochReport
from mnistcore.runs.kept_epochs import thin_epochs
from mnistcore.runs.manifest import RunManifest

SLOWEST, FASTEST = 0.01, 1e9  # images a second that a training can have; a run that states less or more is ignored
MAX_RUNS: Final = 5  # the newest ones tell most about the machine as it is now

Basis = Literal["runs", "reference", "unknown"]


@dataclass(frozen=True, slots=True)
class Speed:
    """Images a second, of a model on a device."""

    training: float
    evaluating: float | None  # images that a training is evaluated with; None where it was too quick to tell


# On MNIST: two cores of an AMD EPYC, torch 2.15, one training each, rounded; an order of magnitude, until there are
# trainings to go by. A model that is not here: as the slowest.
REFERENCE_SPEEDS: Final[dict[str, Speed]] = {
    "linear": Speed(200_000.0, 250_000.0),
    "mlp": Speed(75_000.0, 250_000.0),
    "cnn": Speed(15_000.0, 45_000.0),
    "resnet": Speed(2_500.0, 1_500.0),  # it evaluates an image from five places
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a training will take, before it is started."""

    steps: int
    seconds: float | None  # training and evaluating; loading torch and the images comes on top. None: unknown
    basis: Basis  # trainings that were done here, or `REFERENCE_SPEEDS`, which are a CPU's
    runs: int  # how many of the former


def count_steps(config: TrainConfig) -> int | None:
    """Steps of the whole training; None for a data set that is not here.

    The last step of an epoch may have fewer images.

    >>> from mnistcore.training.presets import make_config
    >>> count_steps(make_config("digits", "mlp", "handout", epochs=2, batch_size=1000))
    4
    """
    dataset = all_datasets().get(config.dataset)
    return None if dataset is None else config.epochs * -(-dataset.train_size // config.batch_size)


def epochs_passed(step: int, *, steps: int, epochs: int) -> float:
    """Where a step lies on an axis of epochs: 0 at the start, 1 at the end of the first.

    >>> epochs_passed(15, steps=20, epochs=2)
    1.5
    """
    return step * epochs / steps if steps else 0.0


def end_of_epoch(report: EpochReport) -> float:
    """Where a report lies on that axis: at the end of its epoch, or in the middle of the first one."""
    return report.epoch - 1 + report.share


def current_epoch(step: int, *, steps: int, epochs: int) -> int:
    """The epoch that is under way after so many steps, from 1; the last one where all are done.

    >>> [current_epoch(step, steps=20, epochs=2) for step in (0, 10, 20)]
    [1, 2, 2]
    """
    return min(epochs, step * epochs // steps + 1) if steps else 1


def comparable_runs(config: TrainConfig, runs: Iterable[RunManifest], *, device: str) -> tuple[RunManifest, ...]:
    """The runs whose speed tells most about this training: its model on its kind of device, then the most alike.

    What decides the speed most comes first: the batch size, then how images are changed, then the data set.

    Args:
        runs: the newest first.
        device: as torch calls it, for example ``"cuda:0"``.
    """

    def likeness(other: TrainConfig) -> tuple[bool, bool, bool]:
        return (
            other.batch_size == config.batch_size,
            other.augmentation == config.augmentation,
            other.dataset == config.dataset,
        )

    kind = device.partition(":")[0]
    same = [
        (run, likeness(trained.config))
        for run in runs
        if (trained := run.trained)
        and trained.config.model == config.model
        and trained.environment.device.partition(":")[0] == kind
    ]
    best = max((alike for _, alike in same), default=None)
    return tuple(run for run, alike in same if alike == best)[:MAX_RUNS]


def measured_speed(run: RunManifest, history: Sequence[EpochReport]) -> Speed | None:
    """How fast a training was, from what it reported of its epochs; None where that tells nothing.

    An epoch's time holds the validation images too: what training took is known from its speed, the rest is theirs.
    """
    images, validation = run.dataset.sizes.get("train", 0), run.dataset.sizes.get("validation", 0)
    reports = [report for report in history if SLOWEST < report.images_per_second < FASTEST]
    if not reports:
        return None
    # The median of a run passes over the first epoch, in which torch warms up, and over one that was disturbed.
    training = statistics.median(report.images_per_second for report in reports)
    rest = statistics.median(report.seconds - report.share * images / report.images_per_second for report in reports)
    evaluating = validation / rest if images and rest > 0 else 0.0
    return Speed(training, evaluating if SLOWEST < evaluating < FASTEST else None)


def estimate(config: TrainConfig, speeds: Sequence[Speed], *, device: str = "cpu") -> Estimate | None:
    """Steps and time of a training, in proportion to its images times its epochs; None for an unknown data set.

    Args:
        speeds: of trainings like it, see `comparable_runs`; without any, `REFERENCE_SPEEDS` are taken for a CPU.
        device: as torch calls it. GPUs differ too much for a figure that is right within an order of magnitude.
    """
    dataset, steps = all_datasets().get(config.dataset), count_steps(config)
    if dataset is None or steps is None:
        return None
    if not speeds and device != "cpu":
        return Estimate(steps=steps, seconds=None, basis="unknown", runs=0)
    slowest = min(REFERENCE_SPEEDS.values(), key=lambda speed: speed.training)
    found = speeds or [REFERENCE_SPEEDS.get(config.model, slowest)]
    trained = config.epochs * dataset.train_size
    # Every epoch is evaluated on the validation images, and every one that is kept on the test images too.
    evaluated = config.epochs * dataset.validation_size + len(thin_epochs(config.epochs)) * dataset.test_size
    evaluating = [speed.evaluating for speed in found if speed.evaluating is not None]
    seconds = trained / statistics.median(speed.training for speed in found)
    return Estimate(
        steps=steps,
        seconds=seconds + (evaluated / statistics.median(evaluating) if evaluating else 0.0),
        basis="runs" if speeds else "reference",
        runs=len(speeds),
    )
