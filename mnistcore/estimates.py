"""Owns how long a training is: its steps, its place among its epochs, the time it will take; imports no torch."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mnistcore.config import TrainConfig
from mnistcore.data import DATASETS
from mnistcore.history import EpochReport
from mnistcore.store import RunManifest

# Training images a second on MNIST: two cores of an AMD EPYC, torch 2.15, one training each, rounded; an order of
# magnitude, until there are trainings to go by. A model that is not here: as the slowest.
REFERENCE_SPEEDS: Final[Mapping[str, float]] = {
    "linear": 200_000.0,
    "mlp": 75_000.0,
    "cnn": 15_000.0,
    "resnet": 2_500.0,
}
MAX_RUNS: Final = 5  # the newest ones tell most about the machine as it is now

Basis = Literal["runs", "reference"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a training will take, before it is started."""

    steps: int
    seconds: float  # learning; loading torch and the images, and judging each epoch, comes on top
    basis: Basis  # trainings that were done here, or `REFERENCE_SPEEDS`
    runs: int  # how many of them; 0 where the basis is the reference


def count_steps(config: TrainConfig) -> int:
    """Steps of the whole training; the last one of an epoch may have fewer images.

    >>> from mnistcore.config import make_config
    >>> count_steps(make_config("digits", "mlp", "handout", epochs=2, batch_size=1000))
    4
    """
    return config.epochs * -(-DATASETS[config.dataset].train_size // config.batch_size)


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

    def likeness(run: RunManifest) -> tuple[bool, bool, bool]:
        other = run.config
        return (
            other.batch_size == config.batch_size,
            other.augmentation == config.augmentation,
            other.dataset == config.dataset,
        )

    kind = device.partition(":")[0]
    same = [
        run for run in runs if run.config.model == config.model and run.environment.device.partition(":")[0] == kind
    ]
    best = max(map(likeness, same), default=None)
    return tuple(run for run in same if likeness(run) == best)[:MAX_RUNS]


def estimate(config: TrainConfig, histories: Sequence[Sequence[EpochReport]]) -> Estimate:
    """Steps and time of a training, in proportion to its images times its epochs.

    Args:
        histories: of trainings like it, see `comparable_runs`; without any, `REFERENCE_SPEEDS` are taken.
    """
    # The median of a run passes over the first epoch, in which torch warms up, and over one that was disturbed.
    measured = [statistics.median(report.images_per_second for report in history) for history in histories if history]
    reference = REFERENCE_SPEEDS.get(config.model, min(REFERENCE_SPEEDS.values()))
    speed = statistics.median(measured) if measured else reference
    images = config.epochs * DATASETS[config.dataset].train_size
    return Estimate(
        steps=count_steps(config),
        seconds=images / speed,
        basis="runs" if measured else "reference",
        runs=len(measured),
    )
