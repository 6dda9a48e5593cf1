"""Measures what repaints in the browser alone: a flip of the board, and two lines that are dragged.

    python -m benchmarks.classroom             # a minute
    python -m benchmarks.classroom --save      # for docs/benchmarks.md

Timed inside the page, on a run with MNIST's 10,000 test images: from the event to the end of the style and layout that
it causes. Painting them is left out: without a GPU it says little of a reader's machine.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import reports
from benchmarks.browser import chromium, visitor
from benchmarks.machine import machine, timing
from benchmarks.results import Figure, Result, timed_figure
from benchmarks.subject import Subject, prepare_subject
from mnistcore.workspace import Workspace
from scripts.serving import serving

MOST_MEDIAN = 50  # milliseconds
WARM_UP = 5  # events that do not count

# The milliseconds of `n` events: ACT is what happens at number `i`, on the nodes that `find` finds.
TIMED = """async (n) => {
  const parts = () =>
    [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")].map((node) => node.shadowRoot);
  const find = (selector) => parts().map((root) => root?.querySelector(selector)).find(Boolean);
  const slide = (input, share) => {
    input.value = String(Number(input.min) + share * (input.max - input.min));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const took = [];
  for (let i = 0; i < n; i++) {
    await new Promise((done) => setTimeout(done, 20));
    const began = performance.now();
    ACT
    document.body.offsetHeight;
    find(".root").getBoundingClientRect();
    took.push(performance.now() - began);
  }
  return took;
}"""


@dataclass(frozen=True)
class Kind:
    """Something that repaints: the page, what it waits for, and the JavaScript of one event."""

    what: str
    path: str
    ready: str
    act: str


def _kinds(subject: Subject) -> Iterator[Kind]:
    flip = 'find(`.tab[data-class="${i % 10}"]`).click();'
    drag = "slide(find('.slider'), ((37 * i) % 100) / 100);"
    board, lesson = subject.path("class_by_class"), subject.path("lessons", lesson="accuracy_trap", guess="recall")
    yield Kind("class flip: matrix, 2 x 2, formula, sentence", board, ".tab", flip)
    by_threshold = subject.path("class_by_class", view="threshold")
    yield Kind("threshold dragged: 2 x 2, formula, images, curves", by_threshold, ".slider", drag)
    yield Kind("prevalence dragged: counts and metrics", lesson, ".slider", drag)


def measure(subject: Subject, *, n: int) -> list[Figure]:
    """``n`` events of each kind."""
    figures = []
    with serving(artifacts=subject.root, data=Workspace.from_environment().data) as served, chromium() as browser:
        for kind in _kinds(subject):
            page = visitor(browser).new_page()
            page.set_viewport_size({"width": 1280, "height": 720})
            page.goto(served.url + kind.path)
            page.locator(kind.ready).first.wait_for()
            page.evaluate("bench.idle()")
            took = page.evaluate(TIMED.replace("ACT", kind.act), n + WARM_UP)[WARM_UP:]
            found = timing([milliseconds / 1000 for milliseconds in took])
            figures.append(timed_figure(kind.what, found, most_median=MOST_MEDIAN))
            page.context.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what repaints in the browser alone.")
    parser.add_argument("--n", type=int, default=60, help="events of each kind (default: 60)")
    reports.add_options(parser)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subject = prepare_subject(Path(folder))
        figures = measure(subject, n=arguments.n)
    result = Result(
        command=f"python -m benchmarks.classroom, on {subject}",
        machine=machine("streamlit", "numpy", "pandas", "plotly"),
        figures=tuple(figures),
    )
    reports.tell(result, "classroom", reports.TIMES, arguments)


if __name__ == "__main__":
    main()
