"""Owns the commands about homework: making a worksheet with its answer key, and marking what is handed in."""

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnistcore.commands.app import Json, RunId, store, workspace
from mnistcore.console import printing
from mnistcore.errors import DataError, InputError, StoreError, StoreWriteError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mnistcore.quiz.grading import Marks

_MARKS = "answers, each right (1) or not (0)"


def quiz(
    run: RunId,
    seed: Annotated[
        int | None,
        typer.Option(help="Whole number that decides the questions: the same one makes the same.", show_default="any"),
    ] = None,
    count: Annotated[int, typer.Option(help="Number of questions, 1 to 50.")] = 10,
    language: Annotated[str, typer.Option(help="Language of the worksheet: ja or en.")] = "ja",
    out: Annotated[Path, typer.Option(help="File of the worksheet, which students get.")] = Path("quiz.html"),
    key: Annotated[
        Path | None,
        typer.Option(help="File of the answer key, which you keep.", show_default="quiz-key.html beside the worksheet"),
    ] = None,
    split: Annotated[str, typer.Option(help="Images to ask about: test or validation.")] = "test",
    epoch: Annotated[
        int | None,
        typer.Option(help="Epoch to ask about, one of those that the run has kept.", show_default="the last"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a worksheet about a run, to be printed or filled in, and its answer key; existing files are replaced."""
    from mnistcore import stored_runs
    from mnistcore.console.homework_documents import QuizFacts
    from mnistcore.quiz import homework, worksheet

    key = out.with_name(f"{out.stem}-key{out.suffix or '.html'}") if key is None else key
    if key.resolve() == out.resolve():
        raise InputError(f"--key: expected another file than the worksheet, got {key} for both")
    runs = store()
    made = homework.make_homework(
        stored_runs.evaluate(run, store=runs, split=split, epoch=epoch),
        dataset=runs.manifest(run).dataset,
        seed=secrets.randbelow(10**6) if seed is None else seed,
        count=count,
        language=language,
        images=_images(run, split),
    )
    if len(made.questions) < count:
        printing.say(f"expected {count} questions, but only {len(made.questions)} different ones can be made of {run}")
    _write(key, worksheet.key_html(made), mode=0o600)
    _write(out, worksheet.worksheet_html(made), mode=0o644)
    if as_json:
        printing.print_json(QuizFacts.of(made, worksheet=out, key=key))
        return
    printing.print_facts(
        {
            "quiz": made.quiz,
            "seed": str(made.seed),
            "questions": str(len(made.questions)),
            "worksheet, for students": str(out),
            "answer key, for you": str(key),
        }
    )


def grade(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder with what was handed in.", show_default=False)
    ],
    key: Annotated[
        list[Path] | None,
        typer.Option(help="File of an answer key; several are possible.", show_default="those in the folder"),
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print the table as CSV on standard output.")] = False,
    as_json: Json = False,
) -> None:
    """Mark what was handed in: a table of who has how many answers right, and what in the folder does not count."""
    from mnistcore.console.homework_documents import MarksFacts
    from mnistcore.quiz import grading

    if csv and as_json:
        raise InputError("--csv, --json: expected one of them, got both")
    found = grading.grade(folder, keys=key or ())
    if as_json:
        printing.print_json(MarksFacts.of(found))
    elif csv:
        _print_csv(found)
    else:
        printing.print_table(*_table(found), empty=f"nothing to mark in {folder}")
    for refused in found.refused:
        printing.say(f"does not count: {refused.file}: {refused.reason}")


def _images(run: str, split: str) -> "NDArray[np.uint8] | None":
    """The images of a run; None, with the reason said, where they are not here."""
    from mnistcore.datasets.run_images import run_images

    where = workspace()
    runs = store(where)
    try:
        return run_images(runs.manifest(run), split, store=runs, root=where.data)
    except (DataError, StoreError) as error:
        printing.say(f"the worksheet has no images: {error}")
        return None


def _write(path: Path, text: str, *, mode: int) -> None:
    try:
        path.touch(mode=mode)
        path.chmod(mode)  # the key is read by nobody else, also where a file was there already
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreWriteError(
            f"cannot write {path}: {error.strerror or error}. Choose another file with --out"
        ) from error


def _table(found: "Marks") -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    head = ("number", "name", "quiz", "right", "of", "share", _MARKS)
    return head, [
        (
            mark.number or printing.ABSENT,
            mark.name or printing.ABSENT,
            mark.quiz,
            str(mark.points),
            str(len(mark.right)),
            printing.percent(mark.points / len(mark.right)),
            "".join("1" if right else "0" for right in mark.right),
        )
        for mark in found.marks
    ]


def _print_csv(found: "Marks") -> None:
    """In UTF-8 whatever the terminal speaks: it is meant for a file."""
    from mnistcore.spreadsheet import csv_bytes

    most = max((len(mark.right) for mark in found.marks), default=0)
    head = ("number", "name", "quiz", "right", "of", *(f"question {number}" for number in range(1, most + 1)), "file")
    rows: list[tuple[str | int, ...]] = [
        (
            *(mark.number, mark.name, mark.quiz, mark.points, len(mark.right)),
            *(int(right) for right in mark.right),
            *("" for _ in range(most - len(mark.right))),
            mark.file,
        )
        for mark in found.marks
    ]
    content = csv_bytes(head, rows)
    sys.stdout.flush()
    if hasattr(sys.stdout, "buffer"):
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(content.decode("utf-8"))
