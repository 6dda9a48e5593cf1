"""Owns training every combination of names, one after the other, and printing the results."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from mnistcore.commands.app import FAILED
from mnistcore.console import printing
from mnistcore.wording import plural

if TYPE_CHECKING:
    from mnistcore.console.documents import FailedCell, TrainedCell
    from mnistcore.jobs.sweeps import Cell, Outcome
    from mnistcore.runs.store import Store
    from mnistcore.training.pipeline import TrainResult


def run(cells: "Sequence[Cell]", train_cell: "Callable[[Cell], TrainResult]", *, store: "Store", as_json: bool) -> None:
    """Train the cells in their order and print the result of each.

    Args:
        cells: the combinations.
        train_cell: trains one of them.
        store: where the runs are.
        as_json: print one document in place of tables.

    Raises:
        typer.Exit: one of them has failed.
    """
    from mnistcore.jobs import sweeps

    outcomes: list[Outcome] = []
    try:
        for outcome in sweeps.train_cells(cells, train_cell):
            outcomes.append(outcome)
            if outcome.error is not None:
                printing.say(f"{outcome.cell.run_id}: failed: {outcome.error}")
    finally:  # what is finished is printed, however it ends
        if as_json:
            printing.print_json([_document(outcome, store) for outcome in outcomes])
        else:
            _print_outcomes(outcomes)
            _print_spreads(outcomes)
        if len(outcomes) < len(cells):
            printing.say(f"finished {len(outcomes)} of {plural(len(cells), 'configuration')}")
    if any(outcome.error is not None for outcome in outcomes):
        raise typer.Exit(FAILED)


def _document(outcome: "Outcome", store: "Store") -> "TrainedCell | FailedCell":
    from mnistcore.console.documents import FailedCell, TrainedCell

    if outcome.result is None:
        return FailedCell.of(outcome)
    return TrainedCell.of_result(outcome.result, store=store, preset=outcome.cell.preset, error=None)


def _print_outcomes(outcomes: "Sequence[Outcome]") -> None:
    printing.print_table(
        ("run", "preset", "seed", "accuracy", "seconds", "result"),
        [
            (
                outcome.cell.run_id,
                outcome.cell.preset,
                str(outcome.cell.seed),
                printing.percent(outcome.accuracy),
                f"{outcome.seconds:.1f}",
                "failed" if outcome.result is None else "cached" if outcome.result.cached else "trained",
            )
            for outcome in outcomes
        ],
    )


def _print_spreads(outcomes: "Sequence[Outcome]") -> None:
    from mnistcore.jobs import sweeps

    printing.print_table(
        ("data set", "model", "preset", "seeds", "mean accuracy", "min", "max", "standard deviation"),
        [
            (
                spread.dataset,
                spread.model,
                spread.preset,
                str(spread.count),
                printing.percent(spread.mean),
                printing.percent(spread.minimum),
                printing.percent(spread.maximum),
                printing.percent(spread.deviation),
            )
            for spread in sweeps.spreads(outcomes)
        ],
    )
