"""Grids of configurations, trained by a stand-in: what is learned has no part in the order, the failures, the numbers."""

import statistics
from collections.abc import Callable

import pytest

from mnistcore.errors import (
    ConfigError,
    DeviceMissingError,
    InputError,
    MnistcoreError,
    NonFiniteLossError,
    ProcessLostError,
    TrainingStoppedError,
)
from mnistcore.jobs.sweeps import Cell, grid, spreads, train_cells
from mnistcore.runs.store import Store
from mnistcore.training.pipeline import TrainResult
from mnistcore.training.presets import make_config
from scripts.toys import toy_content

DIVERGED = NonFiniteLossError(epoch=1, step=2, loss=float("nan"))


def trainer(store: Store, errors: dict[int, BaseException] | None = None) -> Callable[[Cell], TrainResult]:
    """Trains nothing: the run is made up. Seeds that are keys of ``errors`` fail."""

    def train(cell: Cell) -> TrainResult:
        if errors and cell.seed in errors:
            raise errors[cell.seed]
        run = store.save(toy_content(seed=cell.seed, config=cell.config))
        return TrainResult(run=run, cached=False, seconds=0.1)

    return train


def seeds(*numbers: int) -> tuple[Cell, ...]:
    return grid(["digits"], ["mlp"], ["quick"], numbers)


def test_the_grid_is_in_order_and_has_everything_once() -> None:
    cells = grid(["digits", "mnist"], ["mlp", "cnn"], ["quick", "best"], [2, 1, 2], epochs=3)
    names = [(cell.dataset, cell.model, cell.preset, cell.seed) for cell in cells]
    assert names == [
        (dataset, model, preset, seed)
        for dataset in ("digits", "mnist")
        for model in ("mlp", "cnn")
        for preset in ("quick", "best")
        for seed in (2, 1)
    ]
    assert all(cell.config.epochs == 3 for cell in cells)
    assert cells[0].config == make_config("digits", "mlp", "quick", seed=2, epochs=3)
    assert len({cell.run_id for cell in cells}) == len(cells)


def test_a_wrong_name_is_found_before_anything_is_trained() -> None:
    with pytest.raises(ConfigError, match="transformer"):
        grid(["digits"], ["mlp", "transformer"], ["quick"], [0])


def test_one_failure_does_not_keep_the_others_from_theirs(store: Store) -> None:
    outcomes = list(train_cells(seeds(1, 2, 3), trainer(store, {2: DIVERGED})))
    assert [outcome.cell.seed for outcome in outcomes] == [1, 2, 3]
    assert [outcome.error for outcome in outcomes] == [None, DIVERGED, None]
    assert [outcome.result is None for outcome in outcomes] == [False, True, False]
    assert outcomes[1].accuracy is None
    assert outcomes[0].accuracy == store.manifest(outcomes[0].cell.run_id).accuracy
    assert all(outcome.seconds >= 0 for outcome in outcomes)


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        TrainingStoppedError("as asked"),
        DeviceMissingError("no such device"),
        ProcessLostError("gone"),
        InputError("no device for several processes"),
        ZeroDivisionError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_concerns_them_all_ends_the_sweep_after_what_is_finished(store: Store, error: BaseException) -> None:
    outcomes = train_cells(seeds(1, 2, 3), trainer(store, {2: error}))
    assert next(outcomes).cell.seed == 1
    with pytest.raises(type(error)):
        next(outcomes)
    assert list(outcomes) == []
    assert len(store.listing().runs) == 1


def test_the_spread_is_over_the_seeds_of_one_recipe(store: Store) -> None:
    cells = (
        *seeds(1, 2, 3, 4),
        *grid(["digits"], ["linear"], ["best"], [1]),
        *grid(["digits"], ["cnn"], ["best"], [2]),
    )
    outcomes = list(train_cells(cells, trainer(store, {2: DIVERGED})))
    mlp, linear = spreads(outcomes)
    values = [outcome.accuracy for outcome in outcomes[:4] if outcome.accuracy is not None]
    assert len(values) == 3
    assert (mlp.dataset, mlp.model, mlp.preset, mlp.count) == ("digits", "mlp", "quick", 3)
    assert mlp.mean == pytest.approx(statistics.mean(values))
    assert (mlp.minimum, mlp.maximum) == (min(values), max(values))
    assert mlp.deviation == pytest.approx(statistics.stdev(values))
    assert (linear.model, linear.preset, linear.count, linear.deviation) == ("linear", "best", 1, None)
    assert linear.mean == linear.minimum == linear.maximum


def test_of_nothing_there_is_no_spread(store: Store) -> None:
    assert spreads([]) == ()
    errors: dict[int, BaseException] = {1: MnistcoreError("no")}
    assert spreads(train_cells(seeds(1), trainer(store, errors))) == ()
