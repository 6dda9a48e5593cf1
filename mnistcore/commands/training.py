"""Owns the commands about training runs: starting, resuming, stopping and listing them."""

from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from mnistcore import config
from mnistcore.commands.app import Device, Json, RunId, require_seconds, store, workspace
from mnistcore.console import printing
from mnistcore.console.progress import Display
from mnistcore.datasets.registry import DATASETS
from mnistcore.models.models import MODELS
from mnistcore.training import presets

if TYPE_CHECKING:
    from mnistcore.console.documents import TrainedRun
    from mnistcore.jobs.sweeps import Cell
    from mnistcore.runs.store import Store
    from mnistcore.training.pipeline import TrainResult


def _several(text: str, default: Any) -> Any:
    """An option that may be given several times."""
    return typer.Option(help=text, default_factory=lambda: [default], show_default=str(default))


def _field(text: str) -> Any:
    """An option for a field of the configuration; without it, the preset's value is used."""
    return typer.Option(help=text, show_default="the preset's")


def _names(choices: Any) -> str:
    return f"one of {', '.join(choices if isinstance(choices, dict) else get_args(choices))}"


def train(
    dataset: Annotated[list[str], _several(f"Data set to train on, {_names(DATASETS)}, or one of your own.", "mnist")],
    model: Annotated[list[str], _several(f"Model to train, {_names(MODELS)}.", "mlp")],
    preset: Annotated[list[str], _several(f"Recipe, {_names(presets.PRESETS)}.", "quick")],
    seed: Annotated[list[int], _several("Seed of everything random.", 0)],
    epochs: Annotated[int | None, _field("Passes over the training images, 1 to 1000.")] = None,
    batch_size: Annotated[int | None, _field("Images per step, from 1 to the number of training images.")] = None,
    learning_rate: Annotated[float | None, _field("Peak of the learning rate, above 0, at most 10.")] = None,
    optimizer: Annotated[str | None, _field(f"Optimizer, {_names(config.Optimizer)}.")] = None,
    schedule: Annotated[str | None, _field(f"Learning rate schedule, {_names(config.Schedule)}.")] = None,
    augmentation: Annotated[
        str | None, _field(f"Augmentation of the training images, {_names(config.Augmentation)}.")
    ] = None,
    weight_decay: Annotated[float | None, _field("Strength of the weight decay, 0 to 1.")] = None,
    label_smoothing: Annotated[
        float | None, _field("Share of each label that is spread over all classes, 0 to below 1.")
    ] = None,
    averaging: Annotated[
        float | None, _field("Decay of the moving average of the weights, 0 (no average) to below 1.")
    ] = None,
    labels: Annotated[
        str | None,
        _field(f"Labels of the training images, {_names(config.Labels)}: shuffled shows what chance looks like."),
    ] = None,
    device: Device = "auto",
    force: Annotated[
        bool, typer.Option("--force", help="Retrain, and replace the stored run once the new one is complete.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a model, or show the stored run if this configuration was trained before.

    --dataset, --model, --preset and --seed may be given several times: then every combination is trained, the data set
    changing slowest and the seed fastest, and a table shows the results.

    Under torchrun, all processes train one model together.
    """
    from mnistcore.commands import sweep
    from mnistcore.jobs import jobs, sweeps
    from mnistcore.training import distributed, pipeline

    chosen = {
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "optimizer": optimizer,
        "schedule": schedule,
        "augmentation": augmentation,
        "weight_decay": weight_decay,
        "label_smoothing": label_smoothing,
        "averaging": averaging,
        "labels": labels,
    }
    overrides = {name: value for name, value in chosen.items() if value is not None}
    where = workspace()
    runs = store(where)
    with distributed.started_group() as group:
        if group.rank:
            pipeline.follow(group)
            return
        cells = sweeps.grid(dataset, model, preset, seed, **overrides)

        def train_cell(cell: "Cell") -> "TrainResult":
            with Display() as display:
                return jobs.run(
                    where,
                    cell.config,
                    device=device,
                    force=force,
                    observer=display,
                    on_wait=display.wait,
                    group=group,
                )

        if len(cells) > 1:
            sweep.run(cells, train_cell, store=runs, as_json=as_json)
            return
        result = train_cell(cells[0])
    _print_result(result, store=runs, as_json=as_json)


def resume(run: RunId, as_json: Json = False) -> None:
    """Resume an interrupted training run where it stopped."""
    from mnistcore.jobs import jobs
    from mnistcore.training import distributed, pipeline

    where = workspace()
    with distributed.started_group() as group:
        if group.rank:
            pipeline.follow(group)
            return
        with Display() as display:
            result = jobs.run_again(where, run, observer=display, on_wait=display.wait, group=group)
    _print_result(result, store=store(where), as_json=as_json)


def stop(run: RunId, as_json: Json = False) -> None:
    """Stop a training run between two steps, wherever it was started; what it has trained is kept."""
    from mnistcore.console.documents import StoppingJob
    from mnistcore.jobs import jobs

    jobs.stop(workspace(), run)
    if as_json:
        printing.print_json(StoppingJob(run_id=run, stopping=True))
    else:
        printing.tell(f"requested {run} to stop; `python -m mnistcore jobs` shows when it has stopped")


def jobs_(as_json: Json = False) -> None:
    """List the training runs: those that run or wait, in the order of the queue, then those that have ended."""
    from mnistcore.console.documents import JobFacts
    from mnistcore.jobs import jobs

    listing = jobs.listing(workspace())
    problems = [f"cannot be used: {problem.name}: {problem.detail}" for problem in listing.problems]
    if as_json:
        for problem in problems:
            printing.say(problem)
        printing.print_json([JobFacts.of(job) for job in listing.jobs])
        return
    printing.say_some(problems)
    printing.print_table(
        ("training run", "state", "device", "steps", "memory", "changed (UTC)"),
        [
            (
                job.run_id,
                (job.state if job.place is None else f"{job.state}, place {job.place}")
                + (f" (of {job.account})" if job.account else ""),
                job.queue if job.is_here else f"{job.queue} elsewhere",
                f"{job.steps_done} of {job.steps or printing.ABSENT}",
                printing.size(job.memory_bytes),
                printing.moment(job.updated),
            )
            for job in listing.jobs
        ],
        empty="no training runs yet: `python -m mnistcore train` starts one",
    )


def work(run: str, lock: int) -> None:
    """Train what another process has requested; started by that process, never by hand."""
    from mnistcore.jobs import jobs

    with Display() as display:
        result = jobs.work(workspace(), run, lock, observer=display)
    _print_line(result)


def starter(
    timeout: Annotated[float, typer.Option(help="Seconds to try the download before digits are used instead.")] = 20.0,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Make sure that two trained models exist, on MNIST, or on digits if MNIST is not available."""
    from mnistcore.jobs import jobs
    from mnistcore.training.starter import ensure_starter

    require_seconds(timeout)
    where = workspace()
    runs = store(where)
    with Display() as display:
        results = ensure_starter(
            where,
            lambda wanted: jobs.run(where, wanted, device=device, observer=display),
            timeout_seconds=timeout,
            observer=display,
        )
    if as_json:
        printing.print_json([_document(result, runs) for result in results])
        return
    for result in results:
        _print_line(result)


def _print_result(result: "TrainResult", *, store: "Store", as_json: bool) -> None:
    if as_json:
        printing.print_json(_document(result, store))
    else:
        _print_line(result)


def _document(result: "TrainResult", store: "Store") -> "TrainedRun":
    from mnistcore.console.documents import TrainedRun

    return TrainedRun.of_result(result, store=store)


def _print_line(result: "TrainResult") -> None:
    run = result.run
    trained = f"trained in {result.training_seconds:.1f} s"
    origin = "already trained, use --force to retrain" if result.cached else trained
    accuracy = printing.percent(run.accuracy)
    printing.tell(f"{run.run_id}: accuracy {accuracy} on the test images, epoch {run.epochs_kept[-1]}, {origin}")
