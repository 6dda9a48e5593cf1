"""Owns how figures are told: as a table of Markdown, or as JSON; and whether they are kept."""

import argparse
from collections.abc import Callable, Iterable

from benchmarks.results import Figure, Result, save
from scripts.project import ROOT

NOTHING = "–"

Columns = dict[str, Callable[[Figure], str]]  # heading -> what stands there


def words(figure: Figure, name: str, *, unit: str = "", form: str = ",", bold: bool = True) -> str:
    """A field of a figure as it stands in a table; a dash where it is missing.

    Args:
        figure: whose field it is.
        name: one of its own fields or of ``more``.
        unit: what stands behind it.
        form: how a number is written.
        bold: whether what is not as required is bold.
    """
    value = getattr(figure, name) if name in Figure.model_fields else figure.more.get(name)
    if value is None or value == "":
        return NOTHING
    missed = figure.missed if bold else ()
    if isinstance(value, tuple) and len(value) != 2:
        text = ", ".join(_bold(f"{part:{form}}", f"{name}[{place}]" in missed) for place, part in enumerate(value))
    elif isinstance(value, tuple):  # the least and the most
        text = f"{value[0]:{form}} to {value[1]:{form}}"
    else:
        text = value if isinstance(value, str) else f"{value:{form}}"
    return _bold(f"{text} {unit}".rstrip(), name in missed)


def _bold(text: str, is_bold: bool) -> str:
    return f"**{text}**" if is_bold else text


def _rival(figure: Figure) -> str:
    """Our time divided by the other's, and how often that goes into it."""
    share = figure.more.get("ours_in_its_time")
    if not isinstance(share, int | float):
        return NOTHING
    return _bold(f"{share:.3f} ({1 / share:.1f} times faster)", "ours_in_its_time" in figure.missed)


def _field(name: str, unit: str = "", form: str = ",") -> Callable[[Figure], str]:
    return lambda figure: words(figure, name, unit=unit, form=form)


def _in_its_unit(name: str) -> Callable[[Figure], str]:
    return lambda figure: words(figure, name, unit=figure.unit)


TIMES: Columns = {
    "what": _field("what"),
    "required": _field("required"),
    "n": _field("n"),
    "median": _in_its_unit("median"),
    "p95": _in_its_unit("p95"),
}
IMPORTS: Columns = TIMES | {"peak of memory": _field("peak_gb", "GB")}
METRICS: Columns = TIMES | {
    "allocated, copies of the labels": _field("allocated"),
    "held": _field("held"),
    "together": _field("copies"),
}
BYTES: Columns = {
    "page": _field("what"),
    "required, kB": _field("required"),
    "first visit, kB": _field("first_visit"),
    "reload, kB": _field("reload"),
}
RIVALS: Columns = {
    "way": _field("what"),
    "required": _field("required"),
    "n": _field("n"),
    "median": _in_its_unit("median"),
    "mean test accuracy": _field("accuracy", "%", ".2f"),
    "ours in its time": _rival,
}
PRESETS: Columns = {
    "model, preset": _field("what"),
    "required": _field("required"),
    "n": _field("n"),
    "test accuracy, each seed": _field("accuracies", "%", ".2f"),
    "mean": _field("accuracy", "%", ".2f"),
    "time": _in_its_unit("median"),
}
DOUBLINGS: Columns = {
    "what": _field("what"),
    "required": _field("required"),
    "n": _field("n"),
    "each doubling": _field("doublings", form=".2f"),
    "sixteen times the images": _field("sixteen_times"),
}
GPUS: Columns = {"what": _field("what"), "figure": _field("figure"), "expected": _field("required")}


def table(figures: Iterable[Figure], columns: Columns) -> str:
    """Figures as a table of Markdown; one that has nothing for the last two columns is left out."""
    rows = [[show(figure) for show in columns.values()] for figure in figures]
    told = [row for row in rows if any(cell != NOTHING for cell in row[-2:])]
    lines = [list(columns), ["---"] * len(columns), *told]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that every benchmark has."""
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--save", action="store_true", help="keep the figures in benchmarks/results/ too")


def tell(result: Result, name: str, columns: Columns, arguments: argparse.Namespace) -> None:
    """Print a result as the options say, and keep it under its name where they say so."""
    if arguments.json:
        print(result.model_dump_json(exclude_defaults=True))
    else:
        print(f"{result.command}\n{result.machine}\n\n{table(result.figures, columns)}")
    if arguments.save:
        path = save(name, result)
        if not arguments.json:
            print(f"\nKept: {path.relative_to(ROOT)}; python -m benchmarks.page puts it into docs/benchmarks.md")
