"""Measures the store: listing many runs, and opening one epoch of a run as large as MNIST's.

Run it as ``python -m benchmarks.store``; it prints Markdown for docs/benchmarks.md and writes only
to a temporary folder.
"""

import json
import shutil
import tempfile
from pathlib import Path

from benchmarks.machine import machine, timed
from mnistcore.runs.store import Store
from toys import toy_content

RUNS = 200
IMAGES = 10_000
EPOCHS = 5


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        many, large = Store(Path(folder) / "many"), Store(Path(folder) / "large")
        fill(many, RUNS)
        content = toy_content(epochs=EPOCHS, num_images=IMAGES)
        run_id = large.save(content).run_id
        rows = [
            (f"list {RUNS} runs", timed(many.listing, n=50)),
            (f"signature of {RUNS} runs", timed(many.signature, n=50)),
            (
                f"open test predictions, {IMAGES:,} x 10, one of {EPOCHS} epochs",
                timed(lambda: large.predictions(run_id, "test", epoch=3), n=50),
            ),
            (
                f"save a run, {IMAGES:,} x 10, {EPOCHS} epochs, two splits",
                timed(lambda: large.save(content, replace=True), n=10),
            ),
        ]
    print(f"{machine('numpy', 'pydantic', 'safetensors')}; files in the page cache\n")
    print("| what | n | median ms | p95 ms |\n| --- | --- | --- | --- |")
    for what, found in rows:
        print(f"| {what} | {found.n} | {found.median_seconds * 1000:.1f} | {found.p95_seconds * 1000:.1f} |")


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


if __name__ == "__main__":
    main()
