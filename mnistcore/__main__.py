"""Owns the command line, ``python -m mnistcore``: words, progress, exit codes; must not import torch itself.

Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted by Ctrl-C. Messages and progress go to
standard error, results to standard output: with ``--json`` one JSON document and nothing else.
"""

import json
import re
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from mnistcore import config, data, models
from mnistcore.downloads import DownloadProgress
from mnistcore.errors import ConfigError, InputError, MnistcoreError

if TYPE_CHECKING:
    from rich.progress import Progress

    from mnistcore.config import TrainConfig
    from mnistcore.history import EpochReport
    from mnistcore.pipeline import Observer, TrainResult
    from mnistcore.store import RunManifest

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130  # 130 is what a shell gives for SIGINT


class _Commands(TyperGroup):
    """Every command of ours: an error on purpose is one message and an exit code, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _say("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except MnistcoreError as error:
            _say(f"error: {error}")
            code = WRONG_USAGE if isinstance(error, ConfigError | InputError) else FAILED
            raise typer.Exit(code) from None


app = typer.Typer(
    cls=_Commands,
    help="Train small image classifiers, and keep and evaluate every result.",
    epilog="Runs are kept in the folder MNISTCORE_ARTIFACTS (else artifacts/), data sets in MNISTCORE_DATA "
    "(else data/ in there).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _device_name(name: str) -> str:
    """Find a mistyped name before torch is loaded; whether there is such a device here is found out later."""
    if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", name):
        raise typer.BadParameter(f"{name!r}: expected auto, cpu, mps, cuda, or cuda:1 and so on")
    return name


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Device = Annotated[str, typer.Option(help="Where to train: auto, cpu, cuda, cuda:1, mps.", callback=_device_name)]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The id of a run, as `list` shows it.", show_default=False)]


@app.command()
def train(
    dataset: Annotated[str, typer.Option(help=f"One of {', '.join(data.DATASETS)}.")] = "mnist",
    model: Annotated[str, typer.Option(help=f"One of {', '.join(models.MODELS)}.")] = "mlp",
    preset: Annotated[str, typer.Option(help=f"The recipe, one of {', '.join(config.PRESETS)}.")] = "quick",
    seed: Annotated[int, typer.Option(help="Decides everything that is random.")] = 0,
    epochs: Annotated[
        int | None, typer.Option(help="Passes over the training images.", show_default="the preset's")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images per step.", show_default="the preset's")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="The peak of the learning rate.", show_default="the preset's")
    ] = None,
    device: Device = "auto",
    force: Annotated[
        bool, typer.Option("--force", help="Train anew, and replace a stored run once the new one is whole.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a model, or answer at once where this configuration was trained before."""
    from mnistcore import pipeline

    chosen = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate}
    overrides = {name: value for name, value in chosen.items() if value is not None}
    wanted = config.make_config(dataset, model, preset, seed=seed, **overrides)
    with _Display() as display:
        result = pipeline.train_run(wanted, device=device, force=force, observer=display.observer())
    if as_json:
        _print_json(_result(result))
    else:
        _print_result(result)


@app.command()
def starter(
    timeout: Annotated[float, typer.Option(help="Seconds to try a download before digits are taken.")] = 20.0,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Make sure that there are two models to look at: on MNIST, or on digits where it cannot be had."""
    from mnistcore import pipeline

    if not timeout > 0:
        raise InputError(f"--timeout: expected more than 0 seconds, got {timeout:g}")
    with _Display() as display:
        results = pipeline.ensure_starter(timeout_seconds=timeout, device=device, observer=display.observer())
    if as_json:
        _print_json([_result(result) for result in results])
        return
    for result in results:
        _print_result(result)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the runs, newest first, and by name what in their folder cannot be read."""
    from mnistcore.store import Store

    listing = Store.default().listing()
    if as_json:
        problems = [
            {"run_id": problem.name, "status": "problem", "accuracy": None, "reason": problem.reason.value}
            | {"detail": problem.detail}
            for problem in listing.problems
        ]
        _print_json([_summary(run) for run in listing.runs] + problems)
        return
    _print_table(
        ("run", "preset", "accuracy", "epoch", "status", "seconds", "created (UTC)"),
        [
            (
                run.run_id,
                config.preset_name(run.config) or "own",
                _percent(run.accuracy),
                str(run.epochs_kept[-1]),
                run.status,
                f"{run.seconds:.1f}",
                run.created[:19].replace("T", " "),
            )
            for run in listing.runs
        ],
        empty="no runs yet: `python -m mnistcore starter` makes two",
    )
    for problem in listing.problems:
        _say(f"cannot be used: {problem.name} ({problem.reason.value}): {problem.detail}")


@app.command()
def show(run: RunId, as_json: Json = False) -> None:
    """Show what is known about one run: its configuration, model, surroundings and epochs; checks all its files."""
    from mnistcore.store import Store

    store = Store.default()
    store.verify(run)
    manifest, history = store.manifest(run), store.history(run)
    if as_json:
        _print_json(
            _summary(manifest) | manifest.model_dump(mode="json") | {"history": [asdict(report) for report in history]}
        )
        return
    _print_lines(
        {
            "run": manifest.run_id,
            "status": manifest.status,
            "accuracy (test)": _percent(manifest.accuracy),
            "preset": config.preset_name(manifest.config) or "own",
            "path": str(store.root / run),
            "created": manifest.created,
            "seconds": f"{manifest.seconds:.1f}",
        }
    )
    _print_lines({name: str(value) for name, value in manifest.config.model_dump().items()}, title="configuration")
    _print_lines({name: str(value) for name, value in manifest.environment.model_dump().items()}, title="environment")
    _print_table(
        ("layer", "output", "parameters"),
        [(layer.name, " x ".join(map(str, layer.output)), f"{layer.parameters:,}") for layer in manifest.model.layers],
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
    from mnistcore import pipeline

    result = pipeline.evaluate(run, split=split, epoch=epoch)
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
    )


@app.command()
def delete(
    run: RunId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a run and all that belongs to it, damaged or not."""
    from mnistcore.store import Store

    Store.default().check_there(run)
    # The question goes to standard error: standard output is for the result.
    if not yes and not _agreed(f"Delete {run} for good?"):
        _say("nothing was deleted")
        raise typer.Exit(FAILED)
    Store.default().delete(run)
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
            data.prepare(fetch, timeout_seconds=timeout, on_progress=display.download)
    found = [
        {
            "name": known.name,
            "title": asdict(known.title),
            "classes": known.num_classes,
            "available": data.is_available(known.name),
            "needs_download": known.needs_download,
            "folder": None if (folder := data.dataset_folder(known.name)) is None else str(folder),
            "source": known.source,
            "licence": known.licence,
        }
        for known in data.DATASETS.values()
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
                data.DATASETS[str(one["name"])].title.en,
                str(one["folder"] or "comes with scikit-learn"),
            )
            for one in found
        ],
    )


@app.command()
def devices(as_json: Json = False) -> None:
    """List what can be trained on here, and how much of its memory is in use."""
    from mnistcore.devices import describe_devices

    found = describe_devices()
    if as_json:
        _print_json([asdict(device) for device in found])
        return
    _print_table(
        ("name", "title", "memory", "in use"),
        [(device.name, device.title, _size(device.total_bytes), _size(device.used_bytes)) for device in found],
    )


# --- results ------------------------------------------------------------------------------------------------


def _summary(run: "RunManifest") -> dict[str, Any]:
    """What every command that names a run says about it, in the same words."""
    from mnistcore.store import Store

    return {
        "run_id": run.run_id,
        "status": run.status,
        "dataset": run.config.dataset,
        "model": run.config.model,
        "preset": config.preset_name(run.config),
        "seed": run.config.seed,
        "epoch": run.epochs_kept[-1],
        "accuracy": run.accuracy,
        "seconds": run.seconds,
        "created": run.created,
        "path": str(Store.default().root / run.run_id),
    }


def _result(result: "TrainResult") -> dict[str, Any]:
    from mnistcore import pipeline

    macro_f1 = pipeline.evaluate(result.run_id).summary.macro_f1
    return _summary(result.run) | {
        "macro_f1": macro_f1,
        "cached": result.cached,
        "call_seconds": result.seconds,
    }


def _print_result(result: "TrainResult") -> None:
    run = result.run
    origin = "was there already, use --force to train anew" if result.cached else f"trained in {run.seconds:.1f} s"
    print(f"{run.run_id}: accuracy {_percent(run.accuracy)} on the test images, epoch {run.epochs_kept[-1]}, {origin}")


def _print_json(document: object) -> None:
    # allow_nan=False: NaN is not JSON, and nothing that is undefined may come out as a number.
    print(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))


def _print_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str = "") -> None:
    if not rows:
        _say(empty)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, title in enumerate(header):
        table.add_column(title, no_wrap=number == 0)  # run ids and names stay whole, to be copied
    for row in rows:
        table.add_row(*(cell.replace("[", "\\[") for cell in row))
    # Where it is no terminal every row is one line, for grep and the like.
    Console(width=None if sys.stdout.isatty() else 400).print(table)


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
    return "–" if size_bytes is None else f"{size_bytes / 2**30:.1f} GiB"


def _say(text: str) -> None:
    if text:
        print(text, file=sys.stderr, flush=True)


# --- progress -----------------------------------------------------------------------------------------------


class _Display:
    """How far things are, on standard error: bars where it is a terminal, else a line per epoch and file."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._tasks: dict[str, Any] = {}
        self._running: AbstractContextManager[object] = nullcontext()
        self._run = ""
        self._said: set[str] = set()
        self._kept: RunManifest | None = None

    def __enter__(self) -> "_Display":
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._running = self._bars
        self._running.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        self._running.__exit__(kind, error, trace)
        if error is None:
            return
        if self._kept is not None:
            kept = self._kept
            _say(f"kept: {kept.run_id}, {kept.epochs_kept[-1]} of {kept.config.epochs} epochs, {kept.status}")
        elif isinstance(error, KeyboardInterrupt):
            _say("nothing new was kept: no epoch was finished that is not stored already")

    def observer(self) -> "Observer":
        from mnistcore.pipeline import Observer

        return Observer(
            on_start=self._start,
            on_download=self.download,
            on_step=self._step,
            on_epoch=self._epoch,
            on_saved=self._saved,
        )

    def download(self, progress: DownloadProgress) -> None:
        if self._bars is not None:
            self._advance(progress.file, progress.received_bytes, progress.total_bytes)
        elif progress.file not in self._said:
            self._said.add(progress.file)
            _say(f"downloading {progress.file}")

    def _start(self, wanted: "TrainConfig") -> None:
        self._run, self._kept = config.run_id(wanted), None
        _say(f"{self._run}: training {wanted.model} on {wanted.dataset}, {wanted.epochs} epochs")

    def _step(self, done: int, steps: int) -> None:
        if self._bars is not None:
            self._advance(self._run, done, steps)

    def _epoch(self, report: "EpochReport", epochs: int) -> None:
        _say(
            f"{self._run}: epoch {report.epoch}/{epochs}  loss {report.train_loss:.4f}  validation loss "
            f"{report.validation_loss:.4f}  validation accuracy {_percent(report.validation_accuracy)}  "
            f"{report.seconds:.1f} s"
        )

    def _saved(self, run: "RunManifest") -> None:
        self._kept = run

    def _advance(self, name: str, done: int, total: int | None) -> None:
        if self._bars is None:
            return
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total)
        self._bars.update(self._tasks[name], completed=done, total=total)


if __name__ == "__main__":
    app(prog_name="python -m mnistcore")
