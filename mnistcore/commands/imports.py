"""Owns the command that keeps a file as a run: what is recognised in it is shown, and can be said."""

from pathlib import Path
from typing import Annotated

import typer

from mnistcore.commands.app import Json, store
from mnistcore.console import printing
from mnistcore.console.import_documents import ImportFacts, MatrixFacts
from mnistcore.errors import InputError

_MOST_LISTED = 12  # columns that are named


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Predictions as CSV, TSV, Parquet, JSON lines, .npz or .npy, a confusion matrix alone, a checkpoint "
            "(.pt, .pth, .ckpt, .safetensors), ONNX, or a run as `export` writes it.",
            show_default=False,
        ),
    ],
    second: Annotated[
        Path | None,
        typer.Argument(metavar="[SECOND]", help="A second .npy: labels and predictions.", show_default=False),
    ] = None,
    name: Annotated[str, typer.Option(help="What the run is called.", show_default="the file's name")] = "",
    truth: Annotated[
        str,
        typer.Option(
            help="Column of the true classes; of a confusion matrix alone: rows or columns.",
            show_default="found by its name",
        ),
    ] = "",
    predicted: Annotated[
        str, typer.Option(help="Column of the predicted classes.", show_default="found by its name")
    ] = "",
    scores: Annotated[
        str,
        typer.Option(
            help="Columns of the scores, in the order of the classes, separated by commas.",
            show_default="found by their names",
        ),
    ] = "",
    classes: Annotated[
        str,
        typer.Option(help="Names of the classes, in the order of the scores or numbers, separated by commas."),
    ] = "",
    dataset: Annotated[
        str, typer.Option(help="Data set that a model is evaluated on: its test images.", show_default="mnist")
    ] = "",
    network: Annotated[
        str,
        typer.Option(
            metavar="FILE.py:Class",
            help="Network of a checkpoint that is none of ours. The code of that file is run.",
            show_default="found by its shapes",
        ),
    ] = "",
    mean: Annotated[
        float | None,
        typer.Option(help="Subtracted from pixels of 0 to 1 before a model sees them.", show_default="of the data set"),
    ] = None,
    std: Annotated[float | None, typer.Option(help="Divides them after that.", show_default="of the data set")] = None,
    no_normalise: Annotated[
        bool, typer.Option("--no-normalise", help="A model sees pixels of 0 to 1, as ToTensor() makes them.")
    ] = False,
    look: Annotated[bool, typer.Option("--look", help="Show what is recognised, and keep nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Keep a file as a run: predictions made by anything, a model, or a run; what was recognised in it is shown."""
    from mnistcore.commands import import_models
    from mnistcore.imports import columns as columns_of
    from mnistcore.imports import files, formats, matrices, recording, tables

    if (kind := formats.kind_of(file)) != "table":
        asked = import_models.ModelOptions(name, dataset, network, mean, std, no_normalise=no_normalise)
        import_models.keep_other(kind, file, asked, look=look, as_json=as_json)
        return

    data = _bytes(file)
    is_said = truth in matrices.AXES and file.suffix.lower() in tables.TEXT_SUFFIXES
    if not (second or predicted or scores) and (is_said or matrices.is_matrix(data, file.suffix)):
        _import_matrix(file, data, truth=truth, name=name, classes=_listed(classes), look=look, as_json=as_json)
        return
    table = files.table_of({file.name: data} | ({} if second is None else {second.name: _bytes(second)}))
    if truth or predicted or scores:
        columns = columns_of.of_scores(table, truth=truth, predicted=predicted, scores=_listed(scores))
        if not truth or not (predicted or scores):
            raise InputError("--truth: expected with --predicted or --scores, got one without the other")
    else:
        columns = columns_of.guess_columns(table)
    facts = ImportFacts(
        rows=len(table.frame),
        truth=columns.truth,
        predicted=columns.predicted,
        scores=list(columns.scores),
        are_logits=columns.are_logits,
        assumed=list(table.read_as),
    )
    done = None
    if not look:
        given = columns_of.arguments(table, columns) | ({"classes": _listed(classes)} if classes else {})
        done = recording.keep_imported(
            recording.understood(**given),
            file=file.name,
            kind=file.suffix.lstrip(".").lower(),
            read_as=table.read_as,
            name=name or file.stem,
            store=store(),
        )
        kept = {"run_id": done.run_id, "accuracy": done.manifest.accuracy, "assumed": list(done.assumed)}
        facts = facts.model_copy(update=kept)
    if as_json:
        printing.print_json(facts)
        return
    printing.print_facts(
        {
            "rows": f"{facts.rows:,}",
            "true class": facts.truth,
            "predicted class": facts.predicted or "by the scores",
            "scores": _named(columns.scores) or "none",
            "assumed": ", ".join(facts.assumed) or "nothing",
        }
    )
    if done is not None:
        printing.tell(f"\n{done}")


def _import_matrix(
    file: Path, data: bytes, *, truth: str, name: str, classes: tuple[str, ...], look: bool, as_json: bool
) -> None:
    from mnistcore.imports import matrices, tables

    given = matrices.read_matrix(tables.decoded(data)[0])
    axis = next((axis for axis in matrices.AXES if axis == truth), None)
    done = None
    if not look:
        if axis is None:
            raise InputError(
                "--truth: expected rows or columns, because a confusion matrix does not say which of them are the "
                f"true classes, got {truth or 'nothing'}"
            )
        kind = file.suffix.lstrip(".").lower()
        done = matrices.keep_matrix(
            given, truth=axis, file=file.name, kind=kind, name=name or file.stem, store=store(), classes=classes or None
        )
    facts = MatrixFacts(
        classes=list(classes or given.names),
        images=int(given.counts.sum()),
        truth=truth,
        assumed=list(given.assumed),
        run_id=done.run_id if done else None,
        accuracy=done.manifest.accuracy if done else None,
    )
    if as_json:
        printing.print_json(facts)
        return
    printing.print_facts(
        {
            "confusion matrix": f"{len(facts.classes)} classes, {facts.images:,} images",
            "classes": _named(tuple(facts.classes)),
            "true classes": facts.truth or "not said: --truth rows or --truth columns",
            "assumed": ", ".join(facts.assumed) or "nothing",
        }
    )
    if done is not None:
        printing.tell(f"\n{done}")


def _bytes(file: Path) -> bytes:
    from mnistcore.imports import tables
    from mnistcore.runs.plain_files import read_file

    try:
        return read_file(file, max_bytes=tables.MAX_BYTES, links=True)
    except OSError as error:
        raise InputError(f"file: expected one that can be read, got {file}: {error.strerror or error}") from error


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _named(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more
