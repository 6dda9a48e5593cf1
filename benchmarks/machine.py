"""Owns what goes with every figure: the machine, the versions, and n, median and p95; imports no torch."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np


@dataclass(frozen=True)
class Machine:
    """Where and when something was measured."""

    date: str  # UTC
    processor: str
    cores: int
    load: (
        float | None
    )  # average of the last minute: others working on the machine make the figures worse; None if unknown
    system: str
    versions: dict[str, str]  # Python and the packages that matter for the figure
    card: str = ""  # the GPU that was used, if any

    def __str__(self) -> str:
        load = "" if self.load is None else f" (load {self.load:.1f})"
        packages = [f"{name} {number}" for name, number in self.versions.items()]
        parts = [
            self.date,
            f"{self.cores} cores of {self.processor}{load}",
            self.card or "no GPU",
            self.system,
            *packages,
        ]
        return ", ".join(parts)


@dataclass(frozen=True)
class Timing:
    """How long one thing took, over ``n`` times."""

    n: int
    fastest_seconds: float
    median_seconds: float
    p95_seconds: float
    slowest_seconds: float


def machine(*packages: str, card: str = "") -> Machine:
    """This machine now, with the installed versions of ``packages``; ``card`` is the GPU that is measured."""
    return Machine(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        processor=_processor(),
        cores=os.cpu_count() or 0,
        load=os.getloadavg()[0],
        system=f"{platform.system()} {platform.release()}",
        versions={"Python": platform.python_version()} | {name: version(name) for name in packages},
        card=card,
    )


def timing(seconds: Sequence[float]) -> Timing:
    """Fastest, median, 95th percentile and slowest of at least one measurement."""
    return Timing(
        n=len(seconds),
        fastest_seconds=min(seconds),
        median_seconds=statistics.median(seconds),
        p95_seconds=float(np.quantile(seconds, 0.95)),
        slowest_seconds=max(seconds),
    )


def timed(action: Callable[[], object], *, n: int) -> Timing:
    """Times ``action`` ``n`` times, after one round that does not count."""
    action()
    seconds = []
    for _ in range(n):
        began = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - began)
    return timing(seconds)


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
