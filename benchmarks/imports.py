"""Measures how long it takes to record predictions, and to look at files of them; prints it.

Recording is all that `mnistcore.record_predictions` and `mnistcore.record` do beyond the model's own time: a model is
run by hand over the same loader before, and that is taken off. A file is timed from its bytes to the matrix of the
preview: read, columns guessed, evaluated; each in a process of its own, whose peak of memory is what the system says
(libraries included). Run from the repository: python -m benchmarks.imports (with --save for docs/benchmarks.md).
"""

import argparse
import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks import reports
from benchmarks.machine import machine, timed, timing
from benchmarks.results import Figure, Result, rounded, timed_figure
from scripts.project import ROOT

IMAGES, CLASSES = 10_000, 10
SHAPE = (28, 28)
RECORDING_MS = 300
PREVIEW_SECONDS = {10_000: 0.5, 1_000_000: 8.0}  # rows of a CSV -> the most
MOST_GB = 1.5  # of memory, for the largest
REPEATS = 7
NAMES = {
    "classes as numbers": tuple(map(str, range(CLASSES))),
    "classes as names": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}


def predictions(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels (N,) and probabilities (N, 10), wrong for some of them."""
    random = np.random.default_rng(0)
    labels = random.integers(0, CLASSES, rows)
    scores = random.random((rows, CLASSES))
    scores[np.arange(rows), labels] += 2.0
    return labels, scores / scores.sum(axis=1, keepdims=True)


def write_csv(path: Path, rows: int, names: Sequence[str]) -> None:
    """Twelve columns: index, true class, and ten probabilities with six places."""
    import pandas as pd

    labels, scores = predictions(rows)
    columns: dict[str, object] = {"id": np.arange(rows), "label": np.array(names)[labels]}
    columns |= {f"p_{name}": scores[:, place] for place, name in enumerate(names)}
    pd.DataFrame(columns).to_csv(path, index=False, float_format="%.6f")


def preview(path: Path) -> int:
    """What the page does with an upload before it shows the matrix; how many are right."""
    from mnistcore.imports import columns as columns_of
    from mnistcore.imports import recording, tables

    table = tables.read_table(path.read_bytes(), path.suffix)
    return recording.understood(**columns_of.arguments(table, columns_of.guess_columns(table))).evaluation().correct


def measure(folder: Path) -> list[Figure]:
    return [
        *recording_figures(folder),
        *(file_figure(folder, rows, kind) for rows in PREVIEW_SECONDS for kind in NAMES),
    ]


def recording_figures(folder: Path) -> list[Figure]:
    """Each time under another name: the same one would be found as recorded."""
    import mnistcore
    from mnistcore.runs.store import Store

    store, (labels, scores) = Store(folder / "runs"), predictions(IMAGES)
    images = np.random.default_rng(1).integers(0, 256, (IMAGES, *SHAPE), dtype=np.uint8)
    numbers = iter(range(10**6))

    def record_arrays() -> None:
        mnistcore.record_predictions(
            labels, probabilities=scores, images=images, name=f"arrays {next(numbers)}", store=store
        )

    own = timed(record_arrays, n=REPEATS)
    return [
        timed_figure(f"record_predictions, {IMAGES:,} x {CLASSES}, with images", own, most_median=RECORDING_MS),
        model_figure(images, labels, store, lambda: f"model {next(numbers)}"),
    ]


def model_figure(images: np.ndarray, labels: np.ndarray, store: object, name: Callable[[], str]) -> Figure:
    """What `record` takes beyond a pass over the same loader by hand, measured in turn."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    import mnistcore

    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10)
    )
    inputs = torch.from_numpy(images).float()[:, None] / 255
    loader = DataLoader(TensorDataset(inputs, torch.from_numpy(labels)), batch_size=1000)

    def by_hand() -> None:
        with torch.no_grad():
            for batch, _ in loader:
                model(batch)

    beyond = []
    for number in range(REPEATS + 1):
        began = time.perf_counter()
        by_hand()
        middle = time.perf_counter()
        mnistcore.record(model, loader, name=name(), store=store)  # type: ignore[arg-type]
        if number:  # the first round does not count
            beyond.append(time.perf_counter() - middle - (middle - began))
    what = f"record, {IMAGES:,} x {CLASSES}, beyond the model's own time"
    return timed_figure(what, timing(beyond), most_median=RECORDING_MS)


def file_figure(folder: Path, rows: int, kind: str) -> Figure:
    path = folder / f"{rows}.csv"
    write_csv(path, rows, NAMES[kind])
    seconds, peaks = [], []
    for _ in range(REPEATS if rows < 10**6 else 3):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.imports", "--preview", str(path)],
            cwd=ROOT, check=True, capture_output=True, text=True,
        )  # fmt: skip
        taken, peak = map(float, done.stdout.split())
        seconds.append(taken)
        peaks.append(peak)
    figure = timed_figure(
        f"a CSV of {rows:,} rows x 12 to the preview, {kind}",
        timing(seconds),
        unit="s",
        most_median=PREVIEW_SECONDS[rows],
        more={"peak_gb": rounded(max(peaks))},
    )
    if rows < 10**6:
        return figure
    missed = (*figure.missed, *(("peak_gb",) if max(peaks) > MOST_GB else ()))
    return figure.model_copy(update={"required": f"{figure.required}, memory ≤ {MOST_GB} GB", "missed": missed})


def tell_preview(path: Path) -> None:
    """Print seconds and peak memory in GB of this process; what a server has loaded long before is loaded before."""
    import pandas as pd

    pd.read_csv(io.StringIO("a,b\n1,2\n"))
    began = time.perf_counter()
    if preview(path) <= 0:
        raise SystemExit(f"{path}: expected some that are right")
    taken = time.perf_counter() - began
    print(taken, peak_gb())


def peak_gb() -> float:
    """The most memory that this process has had; not, as ``ru_maxrss`` is, at least that of whoever started it."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e9
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how predictions are recorded and files of them looked at.")
    parser.add_argument("--preview", type=Path, help=argparse.SUPPRESS)  # a child: one file, in this process
    reports.add_options(parser)
    arguments = parser.parse_args()
    if arguments.preview:
        tell_preview(arguments.preview)
        return
    with tempfile.TemporaryDirectory() as folder:
        figures = tuple(measure(Path(folder)))
    here = machine("numpy", "pandas", "pydantic", "torch")
    result = Result(command="python -m benchmarks.imports", machine=here, figures=figures)
    reports.tell(result, "imports", reports.IMPORTS, arguments)


if __name__ == "__main__":
    main()
