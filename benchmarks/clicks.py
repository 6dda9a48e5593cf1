"""Measures clicks in one session: from the browser's click event to the painted answer, timed inside the page."""

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from benchmarks.browser import chromium, visitor
from benchmarks.machine import Timing, timing
from benchmarks.results import Figure, rounded, timed_figure
from benchmarks.subject import Subject
from mnistcore.evaluation import selections
from mnistcore.metrics import OUTCOMES
from mnistcore.workspace import Workspace
from scripts.serving import Server, serving

WARM_UP = 3  # clicks that do not count
PAUSE_MILLISECONDS = 250  # between two clicks
MOST_MEDIAN, MOST_P95 = 100, 200  # milliseconds

Goal = dict[str, Any]  # what is clicked, and what the page shows then


@dataclass(frozen=True)
class Kind:
    """One kind of click: on which page, on what, and what each click has to bring."""

    what: str
    name: str  # in in_page.js
    path: str
    selector: str
    goals: tuple[Goal, ...]

    def __str__(self) -> str:
        counts = sorted(len(goal["images"]) for goal in self.goals)
        images = f"{counts[0]}" if counts[0] == counts[-1] else f"{counts[0]} to {counts[-1]}"
        return f"{self.what}, {images} new images"


def measure_clicks(subject: Subject, *, n: int) -> list[Figure]:
    """Cell clicks and class flips, ``n`` of each kind."""
    figures, repaints = [], []
    with serving(artifacts=subject.root, data=Workspace.from_environment().data) as served, chromium() as browser:
        for kind in _kinds(subject):
            page = visitor(browser).new_page()
            page.goto(served.url + kind.path)
            page.evaluate("bench.idle()")
            clicks, cpu = _click_around(page, served, kind, n=n)
            repaints.append(timing([first for first, _ in clicks]))
            answered = timing([last for _, last in clicks])
            beside = {"cpu_ms": rounded(1000 * cpu), "load": round(os.getloadavg()[0], 1)}
            figures.append(timed_figure(str(kind), answered, most_median=MOST_MEDIAN, most_p95=MOST_P95, more=beside))
            page.context.close()
    return [*figures, _repainted(repaints)]


def _repainted(found: Sequence[Timing]) -> Figure:
    """What the browser shows by itself, of all kinds of clicks together."""
    medians = [rounded(1000 * one.median_seconds) for one in found]
    p95s = [rounded(1000 * one.p95_seconds) for one in found]
    return Figure(
        what="matrix and 2 x 2 repainted by the browser, before the server's answer",
        unit="ms",
        n=sum(one.n for one in found),
        median=(min(medians), max(medians)),
        p95=(min(p95s), max(p95s)),
    )


def _kinds(subject: Subject) -> Iterator[Kind]:
    """Cells with few images and with many; classes' few misses and their many right ones."""
    matrix, classes = subject.evaluation.matrix, range(len(subject.run.dataset.classes))
    cells = {
        "mistakes": [f"{i}-{j}" for i in classes for j in classes if i != j and matrix[i, j]],
        "diagonal": [f"{i}-{i}" for i in classes if matrix[i, i]],
    }
    for chosen in cells.values():
        goals = tuple(_cell(subject, cell) for cell in chosen)
        yield Kind("cell click", "cell", subject.path("confusion_matrix"), '[data-sel="{}"]', goals)
    for region in ("fn", "tp"):
        goals = tuple(goal for each in classes if (goal := _flip(subject, each, region))["images"])
        path = subject.path("class_by_class", region=region)
        yield Kind("class flip", "flip", path, '[role=tab][data-class="{}"]', goals)


def _cell(subject: Subject, cell: str) -> Goal:
    found = subject.each
    part = selections.parse_selection(cell, num_classes=len(subject.run.dataset.classes))
    return {"target": cell, "images": subject.images(selections.selection_mask(part, found.labels, found.predicted))}


def _flip(subject: Subject, chosen: int, region: str) -> Goal:
    found, counted = subject.each, subject.evaluation.counts
    counts = [f"{getattr(counted, name)[chosen]:,}" for name in OUTCOMES]
    mask = selections.region_mask(region, chosen, found.labels, found.predicted)
    return {"target": str(chosen), "images": subject.images(mask), "counts": counts}


def _click_around(page: Page, served: Server, kind: Kind, *, n: int) -> tuple[list[tuple[float, float]], float]:
    """(repainted, answered) seconds of ``n`` clicks on changing goals, and the server's CPU seconds each."""
    choose, last, clicks, cpu = random.Random(0), None, [], 0.0
    for number in range(-WARM_UP, n):
        goal = choose.choice([goal for goal in kind.goals if goal is not last])
        last = goal
        page.wait_for_timeout(PAUSE_MILLISECONDS)
        page.evaluate("([kind, goal]) => bench.arm(kind, goal)", [kind.name, goal])
        before = served.cpu_seconds()
        page.click(kind.selector.format(goal["target"]))
        first, answered = page.evaluate("bench.result")
        page.evaluate("bench.idle()")
        if number >= 0:
            clicks.append((first, answered))
            cpu += served.cpu_seconds() - before
    return clicks, cpu / n
