"""Measures the dashboard as people meet it: a real server, a real Chromium, thirty sessions at once.

    python -m benchmarks.dashboard                    # everything, about four minutes
    python -m benchmarks.dashboard --part click --n 100 --json
    python -m benchmarks.dashboard --save             # for docs/benchmarks.md

click      from the mouse click to the painted answer of the server, one session, timed inside the page
sessions   30 sessions, each a click a second for 30 s: from the request to the end of the script's run
start      from starting the server, and from opening a further session, to the complete matrix page
load       bytes that each page takes the first time and on a reload

The run that is looked at has MNIST's 10,000 test images with their true labels and made-up logits that are
wrong for 1 to 2 % of them. Where MNIST is not on this machine, it is the newest run in the artifacts folder
instead, and the report says so. Nothing is written outside a temporary folder.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import clicks, loads, reports, sessions
from benchmarks.machine import machine
from benchmarks.results import Figure, Result
from benchmarks.subject import Subject, prepare_subject

PARTS = ("click", "sessions", "start", "load")
STARTS = 5


def measure_times(subject: Subject, parts: Sequence[str], *, n: int, starts: int) -> list[Figure]:
    """What takes time, of the parts that are named."""
    figures: list[Figure] = []
    if "click" in parts:
        figures += clicks.measure_clicks(subject, n=n)
    if "sessions" in parts:
        figures += sessions.measure_sessions(subject)
    if "start" in parts:
        figures += loads.measure_start(subject, n=starts)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the dashboard in a real browser and with 30 sessions.")
    parser.add_argument("--part", choices=(*PARTS, "all"), default="all", help="what to measure (default: all)")
    parser.add_argument("--n", type=int, default=60, help="clicks of each kind (default: 60)")
    parser.add_argument("--starts", type=int, default=STARTS, help=f"starts of the server (default: {STARTS})")
    reports.add_options(parser)
    arguments = parser.parse_args()
    parts = PARTS if arguments.part == "all" else (arguments.part,)
    with tempfile.TemporaryDirectory() as folder:
        subject = prepare_subject(Path(folder))
        times = measure_times(subject, parts, n=arguments.n, starts=arguments.starts)
        sizes = loads.measure_bytes(subject) if "load" in parts else []
    where = machine("streamlit", "numpy", "pandas", "plotly")
    command = f"python -m benchmarks.dashboard, on {subject}"
    for name, figures, columns in (("dashboard", times, reports.TIMES), ("dashboard-bytes", sizes, reports.BYTES)):
        if figures:
            result = Result(command=command, machine=where, figures=tuple(figures))
            reports.tell(result, name, columns, arguments)


if __name__ == "__main__":
    main()
