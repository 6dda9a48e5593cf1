"""Owns what a measurement leaves behind: its figures, with machine, versions and date, as JSON in benchmarks/results/.

A script writes its own file there (``--save``), and replaces what it measured before. What was measured once, and what
no script measures, lies in ``by_hand/``. `benchmarks.page` makes docs/benchmarks.md of all of it.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from benchmarks.machine import Machine, Timing
from scripts.project import ROOT

RESULTS = ROOT / "benchmarks" / "results"
DIGITS = 3  # that a figure is kept with: machines are noisier than that
SCALES = {"ms": 1e3, "s": 1.0}  # unit -> how many of it are a second

Amount = int | float
Value = Amount | tuple[Amount, Amount]  # one, or the least and the most of several


class Figure(BaseModel):
    """One thing measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    unit: str = ""  # of median and p95
    n: int | None = None
    median: Value | None = None
    p95: Value | None = None
    required: str = ""
    missed: tuple[str, ...] = ()  # the fields that are not what was required
    more: dict[str, Value | str | tuple[Amount, ...]] = {}  # what else was measured beside it, by name


class Result(BaseModel):
    """What one script has measured in one go."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: str  # that measures it again; what was done, where there is none
    machine: Machine
    figures: tuple[Figure, ...]


def timed_figure(
    what: str,
    found: Timing,
    *,
    unit: str = "ms",
    most_median: float | None = None,
    most_p95: float | None = None,
    more: Mapping[str, Value | str] | None = None,
) -> Figure:
    """What took time, beside the most that it may take.

    Args:
        what: its name in the table.
        found: seconds.
        unit: that it is told in, of `SCALES`.
        most_median: the most that the median may be, in that unit; None where nothing is required.
        most_p95: the same for the 95th percentile.
        more: what else was measured beside it.
    """
    values = {"median": rounded(found.median_seconds * SCALES[unit]), "p95": rounded(found.p95_seconds * SCALES[unit])}
    most = {name: limit for name, limit in (("median", most_median), ("p95", most_p95)) if limit is not None}
    return Figure(
        what=what,
        unit=unit,
        n=found.n,
        median=values["median"],
        p95=values["p95"],
        required=", ".join(f"{name} ≤ {limit:,g} {unit}" for name, limit in most.items()),
        missed=tuple(name for name, limit in most.items() if values[name] > limit),
        more=dict(more or {}),
    )


def rounded(value: float) -> Amount:
    """The value with `DIGITS` digits, whole from 100 on."""
    if not math.isfinite(value) or value == 0:
        return value
    places = DIGITS - 1 - math.floor(math.log10(abs(value)))
    return round(value, places) if places > 0 else round(value)


def save(name: str, result: Result) -> Path:
    """Write a result under its name, in place of the one before."""
    path = RESULTS / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    document = result.model_dump(mode="json", exclude_defaults=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def load(path: Path) -> Result:
    """Read a result.

    Raises:
        ValueError: the file is no result; the message says where.
    """
    try:
        return Result.model_validate_json(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path.relative_to(ROOT)}: {error}") from error


def load_all() -> dict[str, Result]:
    """Every stored result by its name, ``by_hand/...`` too."""
    paths = sorted(RESULTS.rglob("*.json"))
    return {path.relative_to(RESULTS).with_suffix("").as_posix(): load(path) for path in paths}
