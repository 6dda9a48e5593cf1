"""Measures every metric of one run of 10,000 images and of 10,000,000; prints them.

Counting is what a matrix page needs: confusion matrix, one-vs-rest counts, rates, summary, an interval.
Ranking is the list of mistakes on top, which reads the scores of all classes. Allocated is the peak of what
the functions take (tracemalloc, which numpy reports to), in multiples of one int64 array of labels; held is
what the caller holds: labels, predictions, scores. Run from the repository: python -m benchmarks.metrics
(with --save for docs/benchmarks.md).
"""

import argparse
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import reports
from benchmarks.machine import Timing, machine, timed
from benchmarks.results import Figure, Result, rounded, timed_figure
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


def run() -> list[Measured]:
    """Counting, ranking and both, for each number of images."""
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
    return measured


def figures(measured: Sequence[Measured]) -> list[Figure]:
    """What was measured beside what is required: the time, and the memory for the most images."""
    most = max(BUDGET_SECONDS)
    largest = {one.what: one for one in measured if one.images == most}
    copies = largest["counting"].peak_label_copies + largest["counting"].held_label_copies
    return [
        *(
            timed_figure(
                f"{one.what}, {one.images:,} images",
                one.timing,
                most_median=BUDGET_SECONDS[one.images] * 1000 if one.what == "everything" else None,
                more={
                    "allocated": rounded(one.peak_label_copies),
                    "held": rounded(one.held_label_copies),
                },
            )
            for one in measured
        ),
        Figure(
            what=f"memory of counting {most:,} images",
            unit="labels' memory",
            required=f"≤ {BUDGET_COPIES:.0f}",
            missed=("copies",) if copies > BUDGET_COPIES else (),
            more={"copies": rounded(copies)},
        ),
        Figure(
            what=f"memory that ranking {most:,} images adds",
            unit="labels' memory",
            more={"copies": rounded(largest["ranking"].peak_label_copies)},
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure every metric of a run of 10,000 and of 10,000,000 images.")
    reports.add_options(parser)
    arguments = parser.parse_args()
    found = figures(run())
    result = Result(command="python -m benchmarks.metrics", machine=machine("numpy"), figures=tuple(found))
    reports.tell(result, "metrics", reports.METRICS, arguments)


if __name__ == "__main__":
    main()
