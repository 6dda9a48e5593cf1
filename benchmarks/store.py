"""Measures the store: listing many runs, and opening one epoch of a run as large as MNIST's.

python -m benchmarks.store            # writes to a temporary folder only
python -m benchmarks.store --save     # for docs/benchmarks.md
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

from benchmarks import reports
from benchmarks.machine import machine, timed
from benchmarks.results import Figure, Result, timed_figure
from mnistcore.runs.listing import Watch
from mnistcore.runs.store import Store
from scripts.toys import toy_content

RUNS = 200
IMAGES = 10_000
EPOCHS = 5
MOST_LISTING = 300  # milliseconds


def measure() -> list[Figure]:
    """Listing many runs; reading and writing a large one. Everything happens in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        many, large = Store(Path(folder) / "many"), Store(Path(folder) / "large")
        fill(many, RUNS)
        content = toy_content(epochs=EPOCHS, num_images=IMAGES)
        run_id = large.save(content).run_id
        return [
            timed_figure(f"list {RUNS} runs", timed(many.listing, n=50), most_median=MOST_LISTING),
            timed_figure(f"see whether anything in {RUNS} runs has changed", timed(Watch(many.root).look, n=50)),
            timed_figure(
                f"open the test predictions, {IMAGES:,} x 10, one of {EPOCHS} epochs",
                timed(lambda: large.predictions(run_id, "test", epoch=3), n=50),
            ),
            timed_figure(
                f"save a run, {IMAGES:,} x 10, {EPOCHS} epochs, two splits",
                timed(lambda: large.save(content, replace=True), n=10),
            ),
        ]


def fill(store: Store, runs: int) -> None:
    """Put ``runs`` runs there: one saved, the others copies under other names."""
    first = store.save(toy_content()).run_id
    for number in range(1, runs):
        run_id = f"digits-mlp-{number:08x}"
        shutil.copytree(store.root / first, store.root / run_id)
        manifest = store.root / run_id / "run.json"
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"run_id": run_id}))
    if len(store.listing().runs) != runs:
        raise RuntimeError(f"expected {runs} runs, got {store.listing()}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how runs are listed, read and written.")
    reports.add_options(parser)
    arguments = parser.parse_args()
    here = machine("numpy", "pydantic", "safetensors")
    result = Result(command="python -m benchmarks.store", machine=here, figures=tuple(measure()))
    reports.tell(result, "store", reports.TIMES, arguments)


if __name__ == "__main__":
    main()
