"""Owns the command about data sets: listing and downloading them, adding one's own and removing it."""

from pathlib import Path
from typing import Annotated

import typer

from mnistcore.commands.app import Json, require_seconds, store, workspace
from mnistcore.console import printing
from mnistcore.console.progress import Display
from mnistcore.datasets import catalogue, data_files
from mnistcore.errors import InputError
from mnistcore.wording import plural


def datasets(
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="With --add: a folder, an archive or a file.")
    ] = None,
    fetch: Annotated[
        str | None, typer.Option(metavar="NAME", help="Download this data set if it is not available yet.")
    ] = None,
    add: Annotated[
        str | None, typer.Option(metavar="NAME", help="Add a data set of one's own, read from PATH, under this name.")
    ] = None,
    remove: Annotated[
        str | None, typer.Option(metavar="NAME", help="Remove a data set that was added; its runs stay.")
    ] = None,
    title: Annotated[
        str, typer.Option(help="What the added one is called on the pages.", show_default="its name")
    ] = "",
    classes: Annotated[
        str,
        typer.Option(
            help="Names of numbered classes: separated by commas, or a file with one in each line.",
            show_default="as the files have them",
        ),
    ] = "",
    only: Annotated[str, typer.Option(help="Take only files whose name has this in it.", show_default="all")] = "",
    photos: Annotated[
        bool | None,
        typer.Option(
            "--photos/--drawings",
            help="Photos are shown as they are; drawings are white on black, and dark on light on a light page.",
            show_default="found out",
        ),
    ] = None,
    transposed: Annotated[
        bool | None,
        typer.Option(
            "--transposed/--not-transposed",
            help="Exchange rows and columns of IDX images.",
            show_default="as EMNIST's are",
        ),
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to try the download.")] = 600.0,
    as_json: Json = False,
) -> None:
    """List the data sets and whether they are available, download one, or add or remove one of one's own."""
    from mnistcore.console.documents import DatasetFacts

    require_seconds(timeout)
    root = workspace().data
    if (add is None) != (path is None):
        raise InputError("--add: expected a name and a path, as --add cats photos.zip, got only one of the two")
    if add is not None and path is not None:
        _add(add, path, title=title, classes=classes, only=only, photos=photos, transposed=transposed, root=root)
    if remove is not None:
        _remove(remove, root)
    if fetch is not None:
        with Display() as display:
            data_files.prepare(fetch, root=root, timeout_seconds=timeout, on_progress=display.on_download)
    found = [
        DatasetFacts.of(
            known,
            folder=data_files.dataset_folder(name, root=root),
            problems=data_files.file_problems(name, root=root),
        )
        for name, known in catalogue.all_datasets(root=root).items()
    ]
    if as_json:
        printing.print_json(found)
        return
    printing.print_table(
        ("name", "available", "classes", "size", "title", "folder"),
        [
            (
                one.name,
                "yes" if one.available else "no",
                str(one.classes),
                f"{one.height} x {one.width}{' colour' if one.channels == 3 else ''}",
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
    for damaged in catalogue.damaged_datasets(root=root):
        printing.say(f"cannot be used: {damaged.name}: {damaged.reason}; --remove {damaged.name} takes it away")


def _add(
    name: str,
    path: Path,
    *,
    title: str,
    classes: str,
    only: str,
    photos: bool | None,
    transposed: bool | None,
    root: Path,
) -> None:
    from mnistcore.datasets.own.adding import Wanted, add
    from mnistcore.datasets.registry import Text

    named = _class_names(classes)
    wanted = Wanted(
        title=Text(title, title) if title else None,
        classes=tuple(Text(each, each) for each in named) or None,
        polarity=None if photos is None else "photo" if photos else "ink",
        transposed=transposed,
        only=only,
    )
    record = add(name, path, wanted, root=root)
    sizes = ", ".join(f"{split} {count:,}" for split, count in record.sizes.items())
    printing.say(f"added {name}: {len(record.classes)} classes, {record.height} x {record.width} pixels, {sizes}")
    for note in record.notes:
        printing.say(f"  {note}")
    others = [
        run.run_id
        for run in store().listing().runs
        if run.dataset.name == name and not run.dataset.fingerprints.items() <= record.fingerprints.items()
    ]
    if others:
        printing.say(
            f"note: {plural(len(others), 'run')} of another data set called {name} are here, such as {others[0]}: they "
            "stay as they are, without images; `train --force` replaces them"
        )


def _class_names(classes: str) -> tuple[str, ...]:
    from mnistcore.runs import plain_files

    if not classes:
        return ()
    file = Path(classes)
    if not file.is_file():
        return tuple(part.strip() for part in classes.split(",") if part.strip())
    try:
        text = plain_files.read_file(file, max_bytes=2**20, links=True).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--classes: expected a text file in UTF-8 with a name in each line: {error}") from error
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _remove(name: str, root: Path) -> None:
    from mnistcore.datasets.own import kept

    if not catalogue.is_kept(name, root=root):
        own = ", ".join(catalogue.kept_names(root=root)) or "none"
        raise InputError(f"--remove: expected a data set that was added, got {name}; there are: {own}")
    kept.remove(name, root=root)
    printing.say(f"removed {name}")
