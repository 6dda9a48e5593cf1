"""Owns trainings of many configurations, one after the other: the grid, its order, what became of each; no torch here.

How one is trained is handed in: this module knows neither processes nor the store.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mnistcore import config
from mnistcore.config import TrainConfig
from mnistcore.errors import DeviceMissingError, InputError, MnistcoreError, ProcessLostError, TrainingStoppedError
from mnistcore.training.pipeline import TrainResult
from mnistcore.training.presets import make_config


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a grid: the names that were chosen, and the configuration that they and the other fields make."""

    dataset: str
    model: str
    preset: str
    seed: int
    config: TrainConfig

    @property
    def run_id(self) -> str:
        """The name of the run that it becomes."""
        return config.run_id(self.config)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one cell: a result, or the error that ended it."""

    cell: Cell
    result: TrainResult | None
    error: MnistcoreError | None
    seconds: float  # wall time, waiting included

    @property
    def accuracy(self) -> float | None:
        """On the test images, 0 to 1; None where there is none."""
        return None if self.result is None else self.result.accuracy


@dataclass(frozen=True, slots=True)
class Spread:
    """The accuracy on the test images of one recipe, over the seeds that were trained to the end."""

    dataset: str
    model: str
    preset: str
    count: int  # of seeds
    mean: float
    minimum: float
    maximum: float
    deviation: float | None  # sample standard deviation (divided by count - 1); None for a single seed


def grid(
    datasets: Sequence[str], models: Sequence[str], presets: Sequence[str], seeds: Sequence[int], **overrides: Any
) -> tuple[Cell, ...]:
    """Every combination, the data set changing slowest, then the model, the preset, the seed; each once.

    Args:
        overrides: single fields in place of the preset's, in all of them.

    Raises:
        ConfigError: one of them cannot be; then none is trained.

    >>> [(cell.model, cell.seed) for cell in grid(["digits"], ["mlp", "cnn"], ["quick"], [1, 2])]
    [('mlp', 1), ('mlp', 2), ('cnn', 1), ('cnn', 2)]
    """
    names = dict.fromkeys(itertools.product(datasets, models, presets, seeds))
    return tuple(
        Cell(dataset, model, preset, seed, make_config(dataset, model, preset, seed=seed, **overrides))
        for dataset, model, preset, seed in names
    )


def train_cells(cells: Iterable[Cell], train: Callable[[Cell], TrainResult]) -> Iterator[Outcome]:
    """Train one after the other; an error that is one training's own does not keep the others from theirs.

    Raises:
        TrainingStoppedError: a stop of one of them was requested.
        DeviceMissingError, InputError, ProcessLostError: what is missing is missing for all of them.
    """
    for cell in cells:
        began = time.perf_counter()
        result: TrainResult | None = None
        failure: MnistcoreError | None = None
        try:
            result = train(cell)
        except (TrainingStoppedError, DeviceMissingError, InputError, ProcessLostError):
            raise
        except MnistcoreError as error:
            failure = error
        yield Outcome(cell, result, failure, time.perf_counter() - began)


def spreads(outcomes: Iterable[Outcome]) -> tuple[Spread, ...]:
    """One for each data set, model and preset of which something was trained, in the order in which they came."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for outcome in outcomes:
        if outcome.accuracy is not None:
            cell = outcome.cell
            found.setdefault((cell.dataset, cell.model, cell.preset), []).append(outcome.accuracy)
    return tuple(
        Spread(
            *names,
            count=len(values),
            mean=statistics.fmean(values),
            minimum=min(values),
            maximum=max(values),
            deviation=statistics.stdev(values) if len(values) > 1 else None,
        )
        for names, values in found.items()
    )
