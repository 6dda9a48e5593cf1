"""Owns docs/benchmarks.md: made of the results in benchmarks/results/ and of the sentences in benchmarks/page.md.

    python -m benchmarks.page            # writes the page anew
    python -m benchmarks.page --check    # only says whether it is what would be written

In page.md, ``{table[NAME]}`` stands for a table of `TABLES`, ``{where[RESULT]}`` for a machine with its date, and
``{found[RESULT][FIGURE].FIELD}`` for a single value.
"""

import argparse
import sys
import textwrap
from dataclasses import dataclass

from benchmarks.reports import BYTES, DOUBLINGS, GPUS, IMPORTS, NOTHING, PRESETS, RIVALS, TIMES, Columns, table, words
from benchmarks.results import Figure, Result, load_all
from scripts.project import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
TEMPLATE = ROOT / "benchmarks" / "page.md"
WIDTH = 120
GPU = "gpu-"  # how the results of a GPU begin: one for each card


@dataclass(frozen=True)
class Values:
    """A figure's fields as words, for page.md."""

    figure: Figure

    def __getattr__(self, name: str) -> str:
        found = words(self.figure, name, bold=False)
        if found == NOTHING:
            raise KeyError(f"{self.figure.what!r} has no {name}")
        return found


class Found(dict[str, "Found | Values"]):
    """The figures of a result by name; says which there are where one is missing."""

    def __missing__(self, name: str) -> "Found | Values":
        raise KeyError(f"no {name!r} among {', '.join(self)}")


TABLES: dict[str, tuple[tuple[str, ...], Columns]] = {  # table -> the results in it, and how they are shown
    "dashboard": (("dashboard",), TIMES),
    "classroom": (("classroom",), TIMES),
    "bytes": (("dashboard-bytes",), BYTES),
    "metrics": (("metrics",), TIMES),
    "store": (("store",), TIMES),
    "imports": (("imports",), IMPORTS),
    "many-classes": (("many-classes",), TIMES),
    "many-runs": (("many-runs",), TIMES),
    "endurance": (("endurance",), TIMES),
    "handout": (("training-handout",), RIVALS),
    "quick": (("training-quick",), RIVALS),
    "presets": (("training-presets",), PRESETS),
    "waits": (("training-start", "training-cached"), TIMES),
    "scaling": (("training-scaling",), DOUBLINGS),
}


def gpus(results: dict[str, Result]) -> str:
    """A table for each card that was measured, or that none was."""
    found = [result for name, result in results.items() if name.startswith(GPU) and result.machine.card]
    if not found:
        return "Not measured yet: no machine of these measurements has one."
    return "\n\n".join(f"{result.machine}:\n\n{table(result.figures, GPUS)}" for result in found)


def page() -> str:
    """The whole page as it has to be."""
    results = load_all()
    filled = TEMPLATE.read_text(encoding="utf-8").format(
        table={
            name: table((figure for part in parts for figure in results[part].figures), columns)
            for name, (parts, columns) in TABLES.items()
        },
        where={name: str(result.machine) for name, result in results.items()},
        date={name: result.machine.date for name, result in results.items()},
        found=Found(
            (name, Found((figure.what, Values(figure)) for figure in result.figures))
            for name, result in results.items()
        ),
        gpus=gpus(results),
    )
    return "\n\n".join(map(_filled, filled.rstrip().split("\n\n"))) + "\n"


def _filled(block: str) -> str:
    """A paragraph with its lines as long as they may be; a table as it is."""
    if block.startswith("|"):
        return block
    return textwrap.fill(block, width=WIDTH, break_long_words=False, break_on_hyphens=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; the exit code is 1 where the page is old")
    arguments = parser.parse_args()
    made = page()
    if PAGE.read_text(encoding="utf-8") == made:
        return 0
    if arguments.check:
        print(f"{PAGE.relative_to(ROOT)} is not what its results say: python -m benchmarks.page", file=sys.stderr)
        return 1
    PAGE.write_text(made, encoding="utf-8")
    print(f"Written: {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
