"""Owns the commands about stored runs: listing, showing, evaluating, exporting and deleting them."""

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnistcore.commands.app import FAILED, Json, RunId, store, workspace
from mnistcore.console import printing
from mnistcore.errors import MnistcoreError, RunNotFoundError
from mnistcore.training import presets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnistcore.runs.history import EpochReport, RecordedEpoch
    from mnistcore.runs.manifest import RunManifest
    from mnistcore.stored_runs import RunEvaluation


def list_(as_json: Json = False) -> None:
    """List the runs, newest first, name what in their folder cannot be read, and say how much of a quota is used."""
    from mnistcore.console.documents import RunSummary, UnreadableRun
    from mnistcore.runs.folder_state import FolderState

    runs = store()
    listing = runs.listing()
    if as_json:
        printing.print_json(
            [
                *(RunSummary.of_run(run, root=runs.root) for run in listing.runs),
                *map(UnreadableRun.of, listing.problems),
            ]
        )
        return
    missing = f"; the folder {runs.root.parent} does not exist: it is made then, unless its disk only has to be mounted"
    printing.print_table(
        ("run", "recipe", "accuracy", "epoch", "status", "seconds", "created (UTC)"),
        [
            (
                run.run_id,
                _recipe(run),
                printing.percent(run.accuracy),
                str(run.epochs_kept[-1]),
                run.status,
                _seconds(run),
                printing.moment(run.created),
            )
            for run in listing.runs
        ],
        empty="no runs yet: `python -m mnistcore starter` trains two"
        + (missing if listing.folder is FolderState.MISSING else ""),
    )
    _say_disk_use()
    printing.say_some(
        [f"cannot be used: {problem.name} ({problem.reason.value}): {problem.detail}" for problem in listing.problems]
    )


def _say_disk_use() -> None:
    from mnistcore.runs import quota

    use = quota.disk_use(workspace())
    if use is not None:
        advice = "; `delete` makes room" if use.is_nearly_full else ""
        printing.say(
            f"disk: {printing.size(use.used_bytes)} used of {printing.size(use.quota_bytes)}, the quota in "
            f"MNISTCORE_QUOTA_GB{advice}"
        )


def show(run: RunId, as_json: Json = False) -> None:
    """Show the configuration, model, environment and epochs of a run, and check all its files."""
    from mnistcore.console.documents import RunDetails

    runs = store()
    runs.verify(run)
    manifest = runs.manifest(run)
    history = runs.history(run) if manifest.trained else ()
    recorded = runs.recorded(run)
    if as_json:
        printing.print_json(RunDetails.of(manifest, history or recorded, root=runs.root))
        return
    printing.print_facts(
        {
            "run": manifest.run_id,
            "status": manifest.status,
            "accuracy (test)": printing.percent(manifest.accuracy),
            "recipe": _recipe(manifest),
            "path": str(runs.root / run),
            "created": manifest.created,
            "seconds": _seconds(manifest),
        }
    )
    _print_training(manifest)
    _print_history(history)
    _print_recorded(recorded)


def evaluate(
    run: RunId,
    split: Annotated[str, typer.Option(help="Images to evaluate on: test or validation.")] = "test",
    epoch: Annotated[
        int | None, typer.Option(help="Epoch to evaluate, one of those that the run has kept.", show_default="the last")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the confusion matrix and all metrics of a run from its stored predictions."""
    from mnistcore import stored_runs
    from mnistcore.console.documents import EvaluatedRun

    result = stored_runs.evaluate(run, store=store(), split=split, epoch=epoch)
    if as_json:
        printing.print_json(EvaluatedRun.of(result))
    else:
        _print_evaluation(result)


def export(
    run: RunId,
    to: Annotated[
        Path | None, typer.Option(help="File to write, or a folder.", show_default="RUN.zip in this folder")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a run into one file, which `import` takes in elsewhere."""
    from mnistcore.console.import_documents import ExportedRun
    from mnistcore.imports import run_archives

    path = run_archives.export(store(), run, Path() if to is None else to)
    if as_json:
        printing.print_json(ExportedRun(run_id=run, file=str(path), size_bytes=path.stat().st_size))
    else:
        printing.tell(f"{path}: {path.stat().st_size:,} bytes")


def delete(
    run: RunId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without confirmation.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a run and all that belongs to it, damaged or not, or a training run that has ended without a result."""
    from mnistcore.console.documents import DeletedRun
    from mnistcore.jobs import jobs

    where, is_stored = workspace(), True
    runs = store(where)
    try:
        runs.check_there(run)
    except RunNotFoundError:
        if not jobs.is_known(where, run):
            raise
        is_stored = False
    if not yes and not _agreed(f"Delete {run} for good?"):
        printing.say("nothing was deleted")
        raise typer.Exit(FAILED)
    if is_stored:
        runs.delete(run)
        with suppress(MnistcoreError):  # one that is just being retrained keeps what it has
            jobs.forget(where, run)
    else:
        jobs.forget(where, run)
    if as_json:
        printing.print_json(DeletedRun(run_id=run, deleted=True))
    else:
        printing.tell(f"deleted {run}")


def _agreed(question: str) -> bool:
    """Ask on standard error: standard output is for the result."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:  # Ctrl-C, or nobody there to ask
        return False


def _recipe(run: "RunManifest") -> str:
    return str(presets.recipe(run.trained.config)) if run.trained else f"{run.title} ({run.origin.kind})"


def _seconds(run: "RunManifest") -> str:
    return f"{run.trained.seconds:.1f}" if run.trained else printing.ABSENT


def _print_training(run: "RunManifest") -> None:
    """Print how it was trained, if it was trained here."""
    if run.trained is None:
        return
    for title, record in (("configuration", run.trained.config), ("environment", run.trained.environment)):
        printing.print_facts({name: str(value) for name, value in record.model_dump().items()}, title=title)
    printing.print_table(
        ("layer", "output", "parameters"),
        [(each.name, " x ".join(map(str, each.output)), f"{each.parameters:,}") for each in run.trained.model.layers],
    )


def _print_recorded(recorded: "Sequence[RecordedEpoch]") -> None:
    if recorded:
        printing.print_table(
            ("epoch", "train loss", "train accuracy"),
            [
                (
                    str(report.epoch),
                    printing.ABSENT if report.train_loss is None else f"{report.train_loss:.4f}",
                    printing.percent(report.train_accuracy),
                )
                for report in recorded
            ],
        )


def _print_history(history: "Sequence[EpochReport]") -> None:
    if not history:
        return
    printing.print_table(
        ("epoch", "train loss", "train accuracy", "validation loss", "validation accuracy", "seconds"),
        [
            (
                str(report.epoch),
                f"{report.train_loss:.4f}",
                printing.percent(report.train_accuracy),
                f"{report.validation_loss:.4f}",
                printing.percent(report.validation_accuracy),
                f"{report.seconds:.2f}",
            )
            for report in history
        ],
    )


def _print_evaluation(result: "RunEvaluation") -> None:
    names = [name.en for name in result.classes]
    printing.print_facts(
        {name.replace("_", " "): printing.plain(value) for name, value in asdict(result.summary).items()},
        title=f"{result.run_id}, {result.split}, epoch {result.epoch}",
    )
    printing.print_table(
        ("class", "precision", "recall", "F1", "support"),
        [
            (
                name,
                printing.plain(result.rates.precision[number]),
                printing.plain(result.rates.recall[number]),
                printing.plain(result.rates.f1[number]),
                str(result.matrix[number].sum()),
            )
            for number, name in enumerate(names)
        ],
    )
    printing.print_table(
        ("true \\ predicted", *names),
        [(name, *map(str, row)) for name, row in zip(names, result.matrix.tolist(), strict=True)],
        matrix=True,
    )
