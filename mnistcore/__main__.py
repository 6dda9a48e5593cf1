"""Owns the command line, ``python -m mnistcore``: words, progress, exit codes; must not import torch itself.

Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted by Ctrl-C. Messages and progress go to
standard error, results to standard output: with ``--json`` one JSON document and nothing else.
"""

import json
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from typer.core import TyperGroup

from mnistcore import config
from mnistcore.console import streams, tables
from mnistcore.datasets import data_files
from mnistcore.datasets.downloads import DownloadProgress
from mnistcore.datasets.registry import DATASETS
from mnistcore.errors import (
    ConfigError,
    DeviceMissingError,
    InputError,
    MnistcoreError,
    RunNotFoundError,
    TrainingStoppedError,
)
from mnistcore.models import models
from mnistcore.training.observers import Observer

if TYPE_CHECKING:
    from rich.progress import Progress

    from mnistcore.config import TrainConfig
    from mnistcore.jobs.jobs import Job
    from mnistcore.jobs.sweeps import Cell, Outcome
    from mnistcore.memory.memory_use import MemoryUse, Released
    from mnistcore.runs.history import EpochReport
    from mnistcore.runs.manifest import RunManifest
    from mnistcore.training.pipeline import TrainResult

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130  # 130 is what a shell gives for SIGINT
_BAR_COLUMNS = 80  # a terminal that is narrower shows progress in numbers only


class _Commands(TyperGroup):
    """Every command of ours: an error on purpose is one message and an exit code, never a traceback."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        streams.tolerate(sys.stdout, sys.stderr)
        return super().main(*arguments, **options)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The first sentence of each command's help, whole: click would cut it where the line ends."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, found.get_short_help_str(limit=1000)) for name, found in commands if found and not found.hidden]
            )

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _say("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except TrainingStoppedError as error:
            _say(str(error))
            raise typer.Exit(INTERRUPTED) from None
        except MnistcoreError as error:
            _say(f"error: {error}")
            wrong = isinstance(error, ConfigError | InputError | DeviceMissingError)
            raise typer.Exit(WRONG_USAGE if wrong else FAILED) from None


app = typer.Typer(
    cls=_Commands,
    help="Train small image classifiers, and keep and evaluate every result.",
    epilog="Runs are kept in the folder MNISTCORE_ARTIFACTS (else artifacts/), data sets in MNISTCORE_DATA "
    "(else data/ in there).",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # rich cuts the names of options in a narrow terminal
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _device_name(name: str) -> str:
    """Find a mistyped name before torch is loaded; whether there is such a device here is found out later."""
    if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", name):
        raise typer.BadParameter(f"{name!r}: expected auto, cpu, mps, cuda, or cuda:1 and so on")
    return name


def _field(text: str) -> Any:
    """An option for a field that is the preset's where it is not given."""
    return typer.Option(help=text, show_default="the preset's")


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Device = Annotated[str, typer.Option(help="Where to train: auto, cpu, cuda, cuda:1, mps.", callback=_device_name)]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The id of a run, as `list` shows it.", show_default=False)]


@app.command()
def train(
    dataset: Annotated[
        list[str],
        typer.Option(help=f"One of {', '.join(DATASETS)}.", default_factory=lambda: ["mnist"], show_default="mnist"),
    ],
    model: Annotated[
        list[str],
        typer.Option(help=f"One of {', '.join(models.MODELS)}.", default_factory=lambda: ["mlp"], show_default="mlp"),
    ],
    preset: Annotated[
        list[str],
        typer.Option(
            help=f"The recipe, one of {', '.join(config.PRESETS)}.",
            default_factory=lambda: ["quick"],
            show_default="quick",
        ),
    ],
    seed: Annotated[
        list[int],
        typer.Option(help="Decides everything that is random.", default_factory=lambda: [0], show_default="0"),
    ],
    epochs: Annotated[int | None, _field("Passes over the training images, 1 to 1000.")] = None,
    batch_size: Annotated[int | None, _field("Images per step, 1 to as many as there are to train on.")] = None,
    learning_rate: Annotated[float | None, _field("The peak of the learning rate, above 0, at most 10.")] = None,
    optimizer: Annotated[str | None, _field(f"One of {', '.join(get_args(config.Optimizer))}.")] = None,
    schedule: Annotated[
        str | None, _field(f"How the learning rate changes, one of {', '.join(get_args(config.Schedule))}.")
    ] = None,
    augmentation: Annotated[
        str | None, _field(f"How the training images are varied, one of {', '.join(get_args(config.Augmentation))}.")
    ] = None,
    weight_decay: Annotated[float | None, _field("How strongly weights are pulled towards 0, 0 to 1.")] = None,
    label_smoothing: Annotated[
        float | None, _field("The share of each label that is spread over all classes, 0 to below 1.")
    ] = None,
    averaging: Annotated[
        float | None, _field("How much of the mean of the weights each step keeps, 0 (no mean) to below 1.")
    ] = None,
    device: Device = "auto",
    force: Annotated[
        bool, typer.Option("--force", help="Train anew, and replace a stored run once the new one is whole.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a model, or answer at once where this configuration was trained before.

    --dataset, --model, --preset and --seed may be given several times: then every combination is trained, the data set
    changing slowest and the seed fastest, and a table shows what came of it.

    Started by torchrun, its processes train together.
    """
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
    }
    overrides = {name: value for name, value in chosen.items() if value is not None}
    with distributed.started_group() as group:
        if group.rank:
            pipeline.follow(group)
            return
        cells = sweeps.grid(dataset, model, preset, seed, **overrides)

        def train_cell(cell: "Cell") -> "TrainResult":
            with _Display() as display:
                return jobs.run(
                    cell.config,
                    device=device,
                    force=force,
                    observer=display,
                    on_wait=display.wait,
                    group=group,
                )

        if len(cells) > 1:
            _sweep(cells, train_cell, as_json=as_json)
            return
        result = train_cell(cells[0])
    if as_json:
        _print_json(_result(result))
    else:
        _print_result(result)


@app.command()
def resume(run: RunId, as_json: Json = False) -> None:
    """Go on with a training that was interrupted, where it was left."""
    from mnistcore.jobs import jobs
    from mnistcore.training import distributed, pipeline

    with distributed.started_group() as group:
        if group.rank:
            pipeline.follow(group)
            return
        with _Display() as display:
            result = jobs.run_again(run, observer=display, on_wait=display.wait, group=group)
    if as_json:
        _print_json(_result(result))
    else:
        _print_result(result)


@app.command()
def stop(run: RunId, as_json: Json = False) -> None:
    """Ask a training to end between two steps, wherever it was started; what it has is kept."""
    from mnistcore.jobs import jobs

    jobs.stop(run)
    if as_json:
        _print_json({"run_id": run, "stopping": True})
    else:
        print(f"asked {run} to stop; `python -m mnistcore jobs` shows when it has")


@app.command("jobs")
def jobs_(as_json: Json = False) -> None:
    """List the trainings: those that run or wait, in their order, then those that have ended."""
    from mnistcore.jobs import jobs

    listing = jobs.listing()
    for problem in listing.problems:
        _say(f"cannot be used: {problem.name}: {problem.detail}")
    found = listing.jobs
    if as_json:
        _print_json([_job(job) for job in found])
        return
    _print_table(
        ("training", "state", "device", "steps", "memory", "changed (UTC)"),
        [
            (
                job.run_id,
                job.state if job.place is None else f"{job.state}, place {job.place}",
                job.queue if job.is_here else f"{job.queue} elsewhere",
                f"{job.steps_done} of {job.steps or '–'}",
                _size(job.memory_bytes),
                job.updated[:19].replace("T", " "),
            )
            for job in found
        ],
        empty="no trainings yet: `python -m mnistcore train` starts one",
    )


@app.command(hidden=True)
def work(run: str, lock: int) -> None:
    """Train what another process has asked for; started by that process, never by hand."""
    from mnistcore.jobs import jobs

    with _Display() as display:
        result = jobs.work(run, lock, observer=display)
    _print_result(result)


@app.command()
def starter(
    timeout: Annotated[float, typer.Option(help="Seconds to try a download before digits are taken.")] = 20.0,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Make sure that there are two models to look at: on MNIST, or on digits where it cannot be had."""
    from mnistcore.jobs import jobs
    from mnistcore.training import starter

    if not timeout > 0:
        raise InputError(f"--timeout: expected more than 0 seconds, got {timeout:g}")
    with _Display() as display:
        results = starter.ensure_starter(timeout_seconds=timeout, device=device, observer=display, train=jobs.run)
    if as_json:
        _print_json([_result(result) for result in results])
        return
    for result in results:
        _print_result(result)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the runs, newest first, and by name what in their folder cannot be read."""
    from mnistcore.runs.folder_state import FolderState
    from mnistcore.runs.store import Store

    store = Store.default()
    listing = store.listing()
    missing = f"; the folder {store.root.parent} is not there: it is made then, unless its disk only has to be mounted"
    if as_json:
        problems = [
            {"run_id": problem.name, "status": "problem", "accuracy": None, "reason": problem.reason.value}
            | {"detail": problem.detail}
            for problem in listing.problems
        ]
        _print_json([_summary(run) for run in listing.runs] + problems)
        return
    _print_table(
        ("run", "recipe", "accuracy", "epoch", "status", "seconds", "created (UTC)"),
        [
            (
                run.run_id,
                str(config.recipe(run.trained.config)) if run.trained else run.origin.kind,
                _percent(run.accuracy),
                str(run.epochs_kept[-1]),
                run.status,
                f"{run.trained.seconds:.1f}" if run.trained else "–",
                run.created[:19].replace("T", " "),
            )
            for run in listing.runs
        ],
        empty="no runs yet: `python -m mnistcore starter` makes two"
        + (missing if listing.folder is FolderState.MISSING else ""),
    )
    for problem in listing.problems:
        _say(f"cannot be used: {problem.name} ({problem.reason.value}): {problem.detail}")


@app.command()
def show(run: RunId, as_json: Json = False) -> None:
    """Show what is known about one run: its configuration, model, surroundings and epochs; checks all its files."""
    from mnistcore.runs.store import Store

    store = Store.default()
    store.verify(run)
    manifest, history = store.manifest(run), store.history(run)
    if as_json:
        _print_json(_summary(manifest) | _whole(manifest) | {"history": [asdict(report) for report in history]})
        return
    trained = manifest.trained
    _print_lines(
        {
            "run": manifest.run_id,
            "status": manifest.status,
            "accuracy (test)": _percent(manifest.accuracy),
            "recipe": str(config.recipe(trained.config)) if trained else manifest.origin.kind,
            "path": str(store.root / run),
            "created": manifest.created,
            "seconds": f"{trained.seconds:.1f}" if trained else "–",
        }
    )
    if trained:
        _print_lines({name: str(value) for name, value in trained.config.model_dump().items()}, title="configuration")
        _print_lines(
            {name: str(value) for name, value in trained.environment.model_dump().items()}, title="environment"
        )
        _print_table(
            ("layer", "output", "parameters"),
            [(each.name, " x ".join(map(str, each.output)), f"{each.parameters:,}") for each in trained.model.layers],
        )
    _print_table(
        ("epoch", "train loss", "train accuracy", "validation loss", "validation accuracy", "seconds"),
        [
            (
                str(report.epoch),
                f"{report.train_loss:.4f}",
                _percent(report.train_accuracy),
                f"{report.validation_loss:.4f}",
                _percent(report.validation_accuracy),
                f"{report.seconds:.2f}",
            )
            for report in history
        ],
    )


@app.command()
def evaluate(
    run: RunId,
    split: Annotated[str, typer.Option(help="The images to evaluate on: test or validation.")] = "test",
    epoch: Annotated[
        int | None, typer.Option(help="One of the epochs that the run has kept.", show_default="the last")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the confusion matrix and all metrics of a run, from its stored predictions."""
    from mnistcore import stored_runs

    result = stored_runs.evaluate(run, split=split, epoch=epoch)
    names, numbers = [name.en for name in result.classes], result.numbers
    if as_json:
        _print_json(
            {
                "run_id": run,
                "split": result.split,
                "epoch": result.epoch,
                "accuracy": result.summary.accuracy,
                "accuracy_interval": list(numbers.accuracy_interval),
                "macro_f1": result.summary.macro_f1,
                "classes": [name.model_dump() for name in result.classes],
                "matrix": result.matrix.tolist(),
                "summary": asdict(result.summary),
                "rates": asdict(result.rates),
                "counts": {outcome: getattr(numbers.counts, outcome).tolist() for outcome in ("tp", "fp", "fn", "tn")},
            }
        )
        return
    _print_lines(
        {name.replace("_", " "): _plain(value) for name, value in asdict(result.summary).items()},
        title=f"{run}, {split}, epoch {result.epoch}",
    )
    _print_table(
        ("class", "precision", "recall", "F1", "support"),
        [
            (
                name,
                _plain(result.rates.precision[number]),
                _plain(result.rates.recall[number]),
                _plain(result.rates.f1[number]),
                str(result.matrix[number].sum()),
            )
            for number, name in enumerate(names)
        ],
    )
    _print_table(
        ("truth \\ predicted", *names),
        [(name, *map(str, row)) for name, row in zip(names, result.matrix.tolist(), strict=True)],
        matrix=True,
    )


@app.command()
def delete(
    run: RunId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a run and all that belongs to it, damaged or not; or a training that has ended and left no run."""
    from mnistcore.jobs import jobs
    from mnistcore.runs.store import Store

    is_stored = True
    try:
        Store.default().check_there(run)
    except RunNotFoundError:
        if not jobs.is_known(run):
            raise
        is_stored = False
    # The question goes to standard error: standard output is for the result.
    if not yes and not _agreed(f"Delete {run} for good?"):
        _say("nothing was deleted")
        raise typer.Exit(FAILED)
    if is_stored:
        Store.default().delete(run)
        with suppress(MnistcoreError):  # one that is being trained again just now keeps what it has
            jobs.forget(run)
    else:
        jobs.forget(run)
    if as_json:
        _print_json({"run_id": run, "deleted": True})
    else:
        print(f"deleted {run}")


@app.command()
def datasets(
    fetch: Annotated[
        str | None, typer.Option(metavar="NAME", help="Download this data set where it is not there yet.")
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to try a download.")] = 600.0,
    as_json: Json = False,
) -> None:
    """List the data sets and which of them are here, or download one."""
    if not timeout > 0:
        raise InputError(f"--timeout: expected more than 0 seconds, got {timeout:g}")
    if fetch is not None:
        with _Display() as display:
            data_files.prepare(fetch, timeout_seconds=timeout, on_progress=display.on_download)
    problems = {name: data_files.file_problems(name) for name in DATASETS}
    found = [
        {
            "name": known.name,
            "title": asdict(known.title),
            "classes": known.num_classes,
            "available": not problems[known.name],
            "problems": [{"file": problem.file, "found": problem.found or None} for problem in problems[known.name]],
            "needs_download": known.needs_download,
            "folder": None if (folder := data_files.dataset_folder(known.name)) is None else str(folder),
            "source": known.source,
            "licence": known.licence,
        }
        for known in DATASETS.values()
    ]
    if as_json:
        _print_json(found)
        return
    _print_table(
        ("name", "here", "classes", "title", "folder"),
        [
            (
                str(one["name"]),
                "yes" if one["available"] else "no",
                str(one["classes"]),
                DATASETS[str(one["name"])].title.en,
                str(one["folder"] or "comes with scikit-learn"),
            )
            for one in found
        ],
    )
    for name, its in problems.items():
        for problem in its:
            if problem.found:
                _say(f"cannot be used: {name}, {problem.file}: found {problem.found}")


@app.command()
def devices(as_json: Json = False) -> None:
    """List what can be trained on here, how much of its memory is in use, and which of ours holds how much of it."""
    from mnistcore.devices import device_memory
    from mnistcore.memory import memory_use

    survey = device_memory.survey()
    uses = memory_use.device_uses(survey)
    for name in memory_use.list_problems():
        _say(f"cannot be used: holders/{name}: expected the record of a process that keeps models")
    if survey.gpu != "found":
        _say(f"no GPU can be used here ({survey.detail})")
    if as_json:
        _print_json(
            [
                asdict(use.device) | {"others_bytes": use.others_bytes, "holders": [_holder(one) for one in use.uses]}
                for use in uses
            ]
        )
        return
    rows = []
    for use in uses:
        device = use.device
        rows.append((device.name, device.title, _size(device.total_bytes), _size(device.used_bytes)))
        rows += [("", f"{one.run_id}: {_role(one)}", "", _size(one.size_bytes)) for one in use.uses]
        if use.uses:
            rows.append(("", "others", "", _size(use.others_bytes)))
    _print_table(("name", "title, and who holds memory", "memory", "in use"), rows)


@app.command()
def release(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN",
            help="Runs whose training is to end, or whose model is to leave; without any, every kept model leaves.",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every kept model leaves, and every training ends.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Give memory back: models that were kept for the next question leave, and trainings named end.

    A training ends between two steps and keeps what it has; one that has not ended after ten seconds is killed, and
    keeps its last resume point. `resume` goes on with either.
    """
    from mnistcore.memory import memory_use

    chosen = memory_use.choose(names or (), everything=everything)
    results = memory_use.release(chosen, on_release=lambda result: _say("" if as_json else _released(result)))
    gone = [result for result in results if result.outcome != "kept"]
    size_bytes = sum(result.use.size_bytes or 0 for result in gone)
    if as_json:
        _print_json(
            {
                "released_bytes": size_bytes,
                "holders": [_holder(result.use) | {"outcome": result.outcome} for result in results],
            }
        )
    elif results:
        print(f"given back: {_size(size_bytes)} from {len(gone)} of {len(results)}")
    else:
        print("nothing to give back: no model is kept loaded")
    if len(gone) < len(results):
        raise typer.Exit(FAILED)


# --- results ------------------------------------------------------------------------------------------------


def _summary(run: "RunManifest") -> dict[str, Any]:
    """What every command that names a run says about it, in the same words."""
    from mnistcore.runs.store import Store

    trained = run.trained
    return {
        "run_id": run.run_id,
        "status": run.status,
        "dataset": run.dataset.name,
        "model": trained.config.model if trained else None,
        "preset": config.preset_name(trained.config) if trained else None,
        "seed": trained.config.seed if trained else None,
        "epoch": run.epochs_kept[-1],
        "accuracy": run.accuracy,
        "seconds": trained.seconds if trained else None,
        "created": run.created,
        "path": str(Store.default().root / run.run_id),
    }


def _whole(run: "RunManifest") -> dict[str, Any]:
    """Everything that run.json says, in the words that this document has always had."""
    origin = run.trained.model_dump(mode="json", exclude={"kind"}) if run.trained else {}
    files = {record.name: record.model_dump(mode="json", exclude={"name"}) for record in run.files.values()}
    return (
        run.model_dump(mode="json", exclude={"origin", "files"})
        | origin
        | {"origin": run.origin.kind, "epochs_kept": list(run.epochs_kept), "files": files}
    )


def _result(result: "TrainResult") -> dict[str, Any]:
    from mnistcore import stored_runs

    macro_f1 = stored_runs.evaluate(result.run_id).summary.macro_f1
    return _summary(result.run) | {
        "macro_f1": macro_f1,
        "cached": result.cached,
        "call_seconds": result.seconds,
    }


def _sweep(cells: "Sequence[Cell]", train_cell: "Callable[[Cell], TrainResult]", *, as_json: bool) -> None:
    from mnistcore.jobs import sweeps

    outcomes: list[Outcome] = []
    try:
        for outcome in sweeps.train_cells(cells, train_cell):
            outcomes.append(outcome)
            if outcome.error is not None:
                _say(f"{outcome.cell.run_id}: failed: {outcome.error}")
    finally:  # what is finished is told of, however it ends
        if as_json:
            _print_json([_outcome(outcome) for outcome in outcomes])
        else:
            _print_sweep(outcomes)
        if len(outcomes) < len(cells):
            _say(f"configurations done: {len(outcomes)} of {len(cells)}")
    if any(outcome.error is not None for outcome in outcomes):
        raise typer.Exit(FAILED)


def _outcome(outcome: "Outcome") -> dict[str, Any]:
    cell = outcome.cell
    if outcome.result is not None:
        return _result(outcome.result) | {"preset": cell.preset, "error": None}
    return {
        "run_id": cell.run_id,
        "status": "failed",
        "dataset": cell.dataset,
        "model": cell.model,
        "preset": cell.preset,
        "seed": cell.seed,
        "accuracy": None,
        "cached": False,
        "call_seconds": outcome.seconds,
        "error": {"kind": type(outcome.error).__name__, "message": str(outcome.error)},
    }


def _print_sweep(outcomes: "Sequence[Outcome]") -> None:
    from mnistcore.jobs import sweeps

    _print_table(
        ("run", "preset", "seed", "accuracy", "seconds", "result"),
        [
            (
                outcome.cell.run_id,
                outcome.cell.preset,
                str(outcome.cell.seed),
                _percent(outcome.accuracy),
                f"{outcome.seconds:.1f}",
                "failed" if outcome.result is None else "cached" if outcome.result.cached else "trained",
            )
            for outcome in outcomes
        ],
    )
    _print_table(
        ("data set", "model", "preset", "seeds", "mean accuracy", "min", "max", "standard deviation"),
        [
            (
                spread.dataset,
                spread.model,
                spread.preset,
                str(spread.count),
                _percent(spread.mean),
                _percent(spread.minimum),
                _percent(spread.maximum),
                _percent(spread.deviation),
            )
            for spread in sweeps.spreads(outcomes)
        ],
    )


def _job(job: "Job") -> dict[str, Any]:
    failure = None if job.failure is None else job.failure.model_dump()
    names = ("run_id", "state", "place", "stopping", "resumable", "device", "queue", "steps_done", "steps", "pid")
    return {name: getattr(job, name) for name in names} | {
        "seconds": job.seconds,
        "seconds_left": job.seconds_left,
        "images_per_second": job.images_per_second,
        "memory_bytes": job.memory_bytes,
        "epochs_done": len(job.history),
        "failure": failure,
        "updated": job.updated,
    }


def _holder(use: "MemoryUse") -> dict[str, Any]:
    """The fields of both kinds; None for those that a kind does not have."""
    from mnistcore.memory.memory_use import TrainingUse

    names = ("run_id", "device", "size_bytes", "pid", "state", "stopping", "idle_seconds", "leaves_in_seconds")
    values = {name: getattr(use, name, False if name == "stopping" else None) for name in names}
    return {"kind": "training" if isinstance(use, TrainingUse) else "model"} | values


def _role(use: "MemoryUse") -> str:
    from mnistcore.memory.memory_use import TrainingUse

    if isinstance(use, TrainingUse):
        doing = "stopping" if use.stopping else use.state
        return f"{doing}, process {use.pid}" if use.pid else str(doing)
    return f"model kept by process {use.pid}, leaves in {use.leaves_in_seconds:.0f} s if not used"


def _released(result: "Released") -> str:
    words = {
        "released": "the model has left",
        "stopped": "the training has ended",
        "killed": "the training did not end by itself and was killed; `resume` goes on from its last resume point",
        "kept": "still there: it is busy, or belongs to another user; try again",
    }
    use = result.use
    return f"{use.run_id} ({use.device}, process {use.pid or '–'}): {words[result.outcome]}"


def _print_result(result: "TrainResult") -> None:
    run = result.run
    trained = f"trained in {result.training_seconds:.1f} s"
    origin = "was there already, use --force to train anew" if result.cached else trained
    print(f"{run.run_id}: accuracy {_percent(run.accuracy)} on the test images, epoch {run.epochs_kept[-1]}, {origin}")


def _print_json(document: object) -> None:
    # allow_nan=False: NaN is not JSON, and nothing that is undefined may come out as a number.
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    # A sign that the encoding lacks is escaped, not replaced: who reads the document gets it back.
    print(text if streams.can_print(text, sys.stdout) else json.dumps(document, indent=2, allow_nan=False))


def _print_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str = "", matrix: bool = False
) -> None:
    if not rows:
        _say(empty)
        return
    # Where it is no terminal every row is one line, for grep and the like.
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print(f"\n{tables.draw_table(header, rows, width=width, matrix=matrix)}\n")


def _print_lines(facts: dict[str, str], *, title: str = "") -> None:
    if title:
        print(f"\n{title}")
    widest = max(map(len, facts))
    for name, value in facts.items():
        print(f"  {name:{widest}}  {value}")


def _agreed(question: str) -> bool:
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:  # Ctrl-C, or nobody there to ask
        return False


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}".replace("%", " %")


def _plain(value: object) -> str:
    return "–" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)


def _size(size_bytes: int | None) -> str:
    if size_bytes is None:
        return "–"
    return f"{size_bytes / 2**30:.1f} GiB" if size_bytes >= 2**30 else f"{size_bytes / 2**20:.1f} MiB"


def _say(text: str) -> None:
    # A terminal that was closed, or a log on a full disk, is no reason to end what is told of.
    with suppress(OSError, ValueError):
        if text:
            print(text, file=sys.stderr, flush=True)


def _is_terminal() -> bool:
    with suppress(OSError, ValueError):  # closed
        return sys.stderr.isatty()
    return False


# --- progress -----------------------------------------------------------------------------------------------


class _Display(Observer):
    """How far things are, on standard error: bars where it is a terminal, else a line per epoch and file."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._tasks: dict[str, Any] = {}
        self._running: AbstractContextManager[object] = nullcontext()
        self._run = ""
        self._said: set[str] = set()
        self._kept: RunManifest | None = None

    def __enter__(self) -> "_Display":
        if _is_terminal():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
            from rich.table import Column

            console = Console(stderr=True)
            # One text that is wrapped between words: rich cuts a column of its own that finds no room.
            text = TextColumn("{task.description} {task.fields[far]}", table_column=Column(overflow="fold"))
            wide: list[ProgressColumn] = [BarColumn(), TimeRemainingColumn()] if console.width >= _BAR_COLUMNS else []
            self._bars = Progress(text, *wide, console=console, transient=True)
            self._running = self._bars
        with suppress(OSError, ValueError):  # the terminal was closed meanwhile
            self._running.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        with suppress(OSError, ValueError):
            self._running.__exit__(kind, error, trace)
        if error is None:
            return
        if self._kept is not None:
            kept = self._kept
            _say(f"kept: {kept.run_id}, epoch {kept.epochs_kept[-1]} of {kept.epochs}, {kept.status}")
        elif isinstance(error, KeyboardInterrupt | TrainingStoppedError):
            _say("nothing new was kept: no epoch was finished that is not stored already")

    def wait(self, job: "Job") -> None:
        """Says once what is waited for, and again when that changes."""
        if job.place is None:
            text = f"{job.run_id}: is being trained already by process {job.pid}; waiting for it"
        else:
            text = f"{job.run_id}: waiting for {job.queue}, place {job.place} in the queue"
        if text not in self._said:
            self._said.add(text)
            _say(text)

    def on_download(self, progress: DownloadProgress) -> None:
        if self._bars is not None:
            self._advance(progress.file, progress.received_bytes, progress.total_bytes)
        elif progress.file not in self._said:
            self._said.add(progress.file)
            _say(f"downloading {progress.file}")

    def on_start(self, wanted: "TrainConfig") -> None:
        self._run, self._kept = config.run_id(wanted), None
        _say(f"{self._run}: training {wanted.model} on {wanted.dataset}, epochs: {wanted.epochs}")

    def on_choice(self, device: str, why: str) -> None:
        _say(f"on {device}: {why}")

    def on_resume(self, done: int, steps: int) -> None:
        _say(f"{self._run}: goes on after step {done} of {steps}")

    def on_step(self, done: int, steps: int) -> None:
        if self._bars is not None:
            self._advance(self._run, done, steps)

    def on_epoch(self, report: "EpochReport", epochs: int) -> None:
        _say(
            f"{self._run}: epoch {report.epoch}/{epochs}  loss {report.train_loss:.4f}  validation loss "
            f"{report.validation_loss:.4f}  validation accuracy {_percent(report.validation_accuracy)}  "
            f"{report.seconds:.1f} s"
        )

    def on_warning(self, text: str) -> None:
        _say(f"warning: {text}")

    def on_saved(self, run: "RunManifest") -> None:
        self._kept = run

    def _advance(self, name: str, done: int, total: int | None) -> None:
        if self._bars is None:
            return
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total, far="")
        far = f"{done}" if total is None else f"{done}/{total}"
        self._bars.update(self._tasks[name], completed=done, total=total, far=far)


if __name__ == "__main__":
    app(prog_name="python -m mnistcore")
