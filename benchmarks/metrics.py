"""Measures every metric of one run of 10,000 images and of 10,000,000; prints them.

Counting is what a matrix page needs: confusion matrix, one-vs-rest counts, rates, summary, an interval.
Ranking is the list of mistakes on top, which reads the scores of all classes. Allocated is the peak of what
the functions take (tracemalloc, which numpy reports to), in multiples of one int64 array of labels; held is
what the caller holds: labels, predictions, scores. Run from the repository: python -m benchmarks.metrics
"""

import argparse
import json
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.machine import Machine, Timing, machine, timed
from mnistcore.metrics import (
    confusion_matrix,
    one_vs_rest,
    rank_errors,
    rates,
    softmax,
    summary,
    wilson_interval,
)

CLASSES = 10
BUDGET_SECONDS = {10_000: 0.010, 10_000_000: 1.5}  # for everything together
BUDGET_COPIES = 3.0  # of the labels in memory, labels and predictions themselves included
REPEATS = {10_000: 200, 10_000_000: 7}


@dataclass(frozen=True)
class Measured:
    """One thing measured."""

    what: str
    images: int
    timing: Timing
    peak_label_copies: float  # allocated by the functions, without what the caller holds
    held_label_copies: float  # held by the caller


@dataclass(frozen=True)
class Report:
    """All measurements, and where they were taken."""

    machine: Machine
    measured: tuple[Measured, ...]


def made_up_run(images: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, predicted and float32 scores of a model that is right in about 99 % of the images."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, images)
    scores = np.empty((images, CLASSES), dtype=np.float32)
    for start in range(0, images, 100_000):
        part = slice(start, start + 100_000)
        logits = rng.normal(size=scores[part].shape)
        logits[np.arange(len(logits)), labels[part]] += 4.2
        scores[part] = softmax(logits)
    return labels, scores.argmax(axis=1), scores


def count(labels: np.ndarray, predicted: np.ndarray) -> None:
    matrix = confusion_matrix(labels, predicted, num_classes=CLASSES)
    rates(one_vs_rest(matrix))
    found = summary(matrix)
    wilson_interval(found.correct, found.total)


def measure(what: str, images: int, held: int, label_bytes: int, work: Callable[[], None]) -> Measured:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Measured(
        what=what,
        images=images,
        timing=timed(work, n=REPEATS[images]),
        peak_label_copies=peak / label_bytes,
        held_label_copies=held / label_bytes,
    )


def run() -> Report:
    measured = []
    for images in BUDGET_SECONDS:
        labels, predicted, scores = made_up_run(images)

        def counting(labels: np.ndarray = labels, predicted: np.ndarray = predicted) -> None:
            count(labels, predicted)

        def ranking(labels: np.ndarray = labels, scores: np.ndarray = scores) -> None:
            rank_errors(labels, scores, by="loss")

        def everything() -> None:
            counting()
            ranking()

        pair = labels.nbytes + predicted.nbytes
        for what, held, work in (
            ("counting", pair, counting),
            ("ranking", labels.nbytes + scores.nbytes, ranking),
            ("everything", pair + scores.nbytes, everything),
        ):
            measured.append(measure(what, images, held, labels.nbytes, work))
    return Report(machine("numpy"), tuple(measured))


def table(report: Report) -> str:
    lines = [
        str(report.machine),
        f"{'':12}{'images':>12}{'n':>5}{'fastest ms':>12}{'median ms':>11}{'p95 ms':>10}{'allowed ms':>12}"
        f"{'allocated':>11}{'held':>7}  (copies of the labels)",
    ]
    lines += [
        f"{one.what:12}{one.images:12,}{one.timing.n:5}{one.timing.fastest_seconds * 1e3:12.2f}"
        f"{one.timing.median_seconds * 1e3:11.2f}{one.timing.p95_seconds * 1e3:10.2f}"
        f"{BUDGET_SECONDS[one.images] * 1e3:12.0f}{one.peak_label_copies:11.2f}{one.held_label_copies:7.1f}"
        for one in report.measured
    ]
    largest = next(one for one in report.measured if one.what == "counting" and one.images == max(BUDGET_SECONDS))
    copies = largest.peak_label_copies + largest.held_label_copies
    lines.append(
        f"counting {largest.images:,}: {copies:.2f} copies of the labels in memory, labels and predictions "
        f"among them, {BUDGET_COPIES:.0f} allowed"
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure every metric of a run of 10,000 and of 10,000,000 images.")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    arguments = parser.parse_args()
    report = run()
    print(json.dumps(asdict(report), indent=2) if arguments.json else table(report))


if __name__ == "__main__":
    main()
