"""Owns the command about data sets: listing and downloading them."""

from typing import Annotated

import typer

from mnistcore.commands.app import Json, require_seconds, workspace
from mnistcore.console import printing
from mnistcore.console.progress import Display
from mnistcore.datasets import data_files
from mnistcore.datasets.registry import DATASETS


def datasets(
    fetch: Annotated[
        str | None, typer.Option(metavar="NAME", help="Download this data set if it is not available yet.")
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to try the download.")] = 600.0,
    as_json: Json = False,
) -> None:
    """List the data sets and whether they are available, or download one."""
    from mnistcore.console.documents import DatasetFacts

    require_seconds(timeout)
    root = workspace().data
    if fetch is not None:
        with Display() as display:
            data_files.prepare(fetch, root=root, timeout_seconds=timeout, on_progress=display.on_download)
    found = [
        DatasetFacts.of(
            known,
            folder=data_files.dataset_folder(name, root=root),
            problems=data_files.file_problems(name, root=root),
        )
        for name, known in DATASETS.items()
    ]
    if as_json:
        printing.print_json(found)
        return
    printing.print_table(
        ("name", "available", "classes", "title", "folder"),
        [
            (
                one.name,
                "yes" if one.available else "no",
                str(one.classes),
                one.title.en,
                one.folder or "comes with scikit-learn",
            )
            for one in found
        ],
    )
    for one in found:
        for problem in one.problems:
            if problem.found:
                printing.say(f"cannot be used: {one.name}, {problem.file}: found {problem.found}")
