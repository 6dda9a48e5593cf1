"""Measures the matrix of 1,000 classes and 50,000 images: until it is there, and until a click is answered.

    python -m benchmarks.many_classes            # two minutes, and 1 GB of memory and of the temporary folder
    python -m benchmarks.many_classes --save     # for docs/benchmarks.md

A run is opened for the first time on a server that has shown another one: it is read, checked and evaluated. A click
counts from the event to the frame in which the sentence about the new choice stands.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import mnistcore
from benchmarks import reports
from benchmarks.browser import chromium, visitor
from benchmarks.machine import machine, timed, timing
from benchmarks.results import Figure, Result, timed_figure
from mnistcore import metrics
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace
from scripts.serving import serving

CLASSES, IMAGES = 1000, 50_000
MOST_MATRIX, MOST_CLICK = 2000, 300  # milliseconds
RUNS = 3
WARM_UP = 2  # clicks that do not count
READY = ".sides .head"

# The milliseconds of `n` clicks on headings, each on another class than the one before.
CLICKED = """async (n) => {
  const root = [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
    .map((node) => node.shadowRoot).find((each) => each?.querySelector(".sides"));
  const frame = () => new Promise(requestAnimationFrame);
  const took = [];
  for (let i = 0; i < n; i++) {
    await new Promise((done) => setTimeout(done, 700));
    const heads = root.querySelectorAll(".sides .head:not(.chosen)");
    const head = heads[(7 * i) % (heads.length - 1)];
    const name = head.textContent;
    const began = performance.now();
    head.click();
    const said = () => document.querySelector("[data-testid=stMain]").innerText;
    while (!said().includes(`the true class \\u201c${name}\\u201d: the denominator`)) {
      if (performance.now() - began > 10000) throw new Error(`no answer about ${name}`);
      await frame();
    }
    took.push(performance.now() - began);
  }
  return took;
}"""


def _predictions(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels and logits in which classes of a group of five are confused."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, CLASSES, IMAGES)
    logits = random.normal(size=(IMAGES, CLASSES)).astype(np.float32)
    wrong = labels // 5 * 5 + random.integers(0, 5, IMAGES)
    logits[np.arange(IMAGES), np.where(random.random(IMAGES) < 0.15, wrong, labels)] += 8
    return labels, logits


def _filled(store: Store) -> Iterator[str]:
    """The ids of the runs, with scores."""
    names = [f"kind {index:03d}" for index in range(CLASSES)]
    for seed in range(RUNS):
        labels, logits = _predictions(seed)
        yield mnistcore.record_predictions(
            labels, logits=logits, classes=names, name=f"many {seed}", store=store
        ).run_id


def measure(root: Path, *, n: int) -> list[Figure]:
    """The matrix of each run for the first time, then ``n`` clicks; and what its order takes."""
    store = Store(root / "runs")
    runs = list(_filled(store))
    labels, logits = _predictions(0)
    matrix = metrics.confusion_matrix(labels, logits.argmax(axis=1), num_classes=CLASSES)
    with serving(artifacts=root, data=Workspace.from_environment().data) as served, chromium() as browser:
        page = visitor(browser).new_page()
        page.goto(f"{served.url}/glossary?lang=en")
        page.evaluate("bench.idle()")
        opened = []
        for run in runs:
            began = time.perf_counter()
            page.goto(f"{served.url}/confusion_matrix?lang=en&run={run}")
            page.locator(READY).first.wait_for()
            opened.append(time.perf_counter() - began)
            page.evaluate("bench.idle()")
        clicks = page.evaluate(CLICKED, n + WARM_UP)[WARM_UP:]
    return [
        timed_figure("matrix of a run that was not opened before", timing(opened), most_median=MOST_MATRIX),
        timed_figure(
            "click on a heading", timing([milliseconds / 1000 for milliseconds in clicks]), most_median=MOST_CLICK
        ),
        timed_figure("classes in the order mistakes", timed(lambda: metrics.class_order(matrix, by="mistakes"), n=10)),
        timed_figure(
            "classes in the order similarity", timed(lambda: metrics.class_order(matrix, by="similarity"), n=10)
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the matrix of many classes.")
    parser.add_argument("--n", type=int, default=20, help="clicks (default: 20)")
    reports.add_options(parser)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), n=arguments.n)
    result = Result(
        command=f"python -m benchmarks.many_classes, {CLASSES:,} classes, {IMAGES:,} images",
        machine=machine("streamlit", "numpy", "pandas", "scipy"),
        figures=tuple(figures),
    )
    reports.tell(result, "many-classes", reports.TIMES, arguments)


if __name__ == "__main__":
    main()
