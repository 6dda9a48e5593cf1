"""Measures the training: how fast, how accurate, how much memory; against the usual ways where there are any.

    python -m benchmarks.training handout         # the handout's recipe, against a DataLoader
    python -m benchmarks.training quick           # cnn quick, against the quickest public recipe for 99 %
    python -m benchmarks.training presets         # each preset with its model: accuracy, seconds, peak memory
    python -m benchmarks.training scaling         # time of an epoch from 15,000 to 240,000 images
    python -m benchmarks.training start           # from asking for a training to its first step
    python -m benchmarks.training cached          # the command line where the run is there already
    python -m benchmarks.training handout --runs 1 --json

Two ways are measured in turn, one after the other with the same seed, so that what else the machine does meets both.
Ours is measured as the command line trains it: from the data on disk to the stored run, its resume points included, in
a folder that is thrown away. Loading torch is left out on both sides.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import machine, timing
from mnistcore import config
from mnistcore.datasets import data
from mnistcore.jobs import jobs
from mnistcore.runs.store import Store

Report = dict[str, Any]
PRESETS = (("mlp", "handout", 5), ("cnn", "quick", 5), ("cnn", "standard", 3), ("resnet", "best", 3))  # n of seeds


def handout(runs: int) -> Report:
    """The handout's recipe of 5 epochs; as many training images on both sides."""
    from benchmarks import baselines

    images = len(data.load_split("mnist", "train"))
    with tempfile.TemporaryDirectory() as folder:
        _unpack(Path(folder))
        return _in_turn(
            {
                "ours": lambda seed: _ours("mlp", "handout", seed),
                "usual": lambda seed: baselines.handout(folder, epochs=5, seed=seed, images=images),
                "usual, 2 workers": lambda seed: baselines.handout(
                    folder, epochs=5, seed=seed, images=images, workers=2
                ),
            },
            runs,
        )


def quick(runs: int) -> Report:
    """cnn quick, against one epoch of a small network; from the data on disk on both sides, as many training images."""
    return _in_turn({"ours": lambda seed: _ours("cnn", "quick", seed), "public": _public}, runs)


def _public(seed: int) -> Any:
    from benchmarks.baselines import Outcome, one_epoch

    began = time.perf_counter()
    train, test = (data.load_split("mnist", name) for name in ("train", "test"))
    outcome = one_epoch((train.images, train.labels), (test.images, test.labels), seed=seed)
    return Outcome(time.perf_counter() - began, outcome.accuracy)


def presets(runs: int | None, only: str | None) -> Report:
    """Each preset in a process of its own, which reports its peak memory."""
    report = {}
    for model, preset, usual in PRESETS:
        if only not in (None, preset):
            continue
        code = f"from benchmarks import training; training.print_one({model!r}, {preset!r}, SEED)"
        found = [_in_process(code.replace("SEED", str(seed))) for seed in range(runs or usual)]
        report[f"{model} {preset}"] = {
            **asdict(timing([one["seconds"] for one in found])),
            "mean_accuracy": statistics.mean(one["accuracy"] for one in found),
            "peak_bytes": max(one["peak_bytes"] for one in found),
            "runs": found,
        }
    return report


def print_one(model: str, preset: str, seed: int) -> None:
    """One training of this process, as JSON on standard output."""
    import torch

    outcome = _ours(model, preset, seed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    on_device = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None
    print(json.dumps({**asdict(outcome), "peak_bytes": peak, "device_bytes": on_device}))


def scaling(runs: int) -> Report:
    """Seconds per epoch of learning alone, for MNIST's training images once, half, and several times over."""
    import torch

    from mnistcore.devices import devices
    from mnistcore.models import models
    from mnistcore.training import training

    train, validation = (data.load_split("mnist", name) for name in ("train", "validation"))
    few = data.Split(validation.images[:100], validation.labels[:100])
    device = devices.pick_device()
    found: dict[str, dict[int, list[float]]] = {}
    sizes = (15_000, 30_000, 60_000, 120_000, 240_000)
    for _ in range(runs):
        for name, preset in (("mlp", "handout"), ("cnn", "quick")):
            recipe = config.make_config("mnist", name, preset).model_copy(update={"epochs": 2})
            for size in sizes:
                taken = np.arange(size) % len(train)
                split = data.Split(train.images[taken], train.labels[taken])
                model = models.build(name, num_classes=10, seed=0)
                *_, last = training.train(model, split, few, recipe, device=device, mean=0.1307, std=0.3081)
                found.setdefault(name, {}).setdefault(size, []).append(size / last.images_per_second)
                torch.manual_seed(0)
    report: Report = {}
    for name, seconds in found.items():
        medians = {size: statistics.median(values) for size, values in seconds.items()}
        doublings = [medians[2 * size] / medians[size] for size in sizes[:-1]]
        report[name] = {"n": runs, "median_seconds": medians, "ratio_of_each_doubling": doublings}
    return report


def start(runs: int) -> Report:
    """From `jobs.start` to the first step of a process of its own, which is what "Start" on the page does."""
    seconds = []
    for seed in range(runs):
        with _artifacts():
            began = time.perf_counter()
            job = jobs.start(config.make_config("mnist", "mlp", "handout", seed=seed))
            while (now := jobs.find(job.run_id)) is None or now.steps_done == 0:
                if now is not None and not now.is_live:
                    raise SystemExit(jobs.read_log(job.run_id))
                time.sleep(0.02)
            seconds.append(time.perf_counter() - began)
            jobs.stop(job.run_id)
            while (now := jobs.find(job.run_id)) is not None and now.is_live:
                time.sleep(0.1)
    return {"first step": asdict(timing(seconds))}


def cached(runs: int) -> Report:
    """The whole command, Python's own start included, where the configuration was trained before."""
    command = [sys.executable, "-m", "mnistcore", "train", "--dataset", "digits", "--preset", "handout", "--json"]
    with _artifacts():
        subprocess.run(command, check=True, capture_output=True)
        seconds = []
        for _ in range(runs):
            began = time.perf_counter()
            answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            seconds.append(time.perf_counter() - began)
            if not json.loads(answer)["cached"]:
                raise SystemExit("expected the stored run")
    return {"cached": asdict(timing(seconds))}


def _ours(model: str, preset: str, seed: int) -> Any:
    from benchmarks.baselines import Outcome

    recipe = config.make_config("mnist", model, preset, seed=seed)
    with _artifacts():
        began = time.perf_counter()
        result = jobs.run(recipe, store=Store.default())
        seconds = time.perf_counter() - began
    if result.accuracy is None:
        raise SystemExit("the training ended without an accuracy")
    return Outcome(seconds, result.accuracy)


def _in_turn(ways: dict[str, Callable[[int], Any]], runs: int) -> Report:
    outcomes: dict[str, list[Any]] = {name: [] for name in ways}
    for seed in range(runs):
        for name, way in ways.items():
            outcomes[name].append(way(seed))
    report = {
        name: {
            **asdict(timing([outcome.seconds for outcome in found])),
            "mean_accuracy": statistics.mean(outcome.accuracy for outcome in found),
            "runs": [asdict(outcome) for outcome in found],
        }
        for name, found in outcomes.items()
    }
    ours, *others = outcomes
    for other in others:
        pairs = zip(outcomes[ours], outcomes[other], strict=True)
        report[other]["ours_in_its_time"] = statistics.median(one.seconds / two.seconds for one, two in pairs)
    return report


@contextmanager
def _artifacts() -> Iterator[None]:
    """A folder for results that is thrown away; data sets stay where they are."""
    before = os.environ.get("MNISTCORE_ARTIFACTS")
    os.environ["MNISTCORE_DATA"] = str(config.data_folder().resolve())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNISTCORE_ARTIFACTS"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["MNISTCORE_ARTIFACTS"]
            else:
                os.environ["MNISTCORE_ARTIFACTS"] = before


def _in_process(code: str) -> Report:
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    report: Report = json.loads(done.stdout.splitlines()[-1])
    return report


def _unpack(root: Path) -> None:
    """torchvision reads unpacked files, which it writes beside the packed ones: not into the data folder."""
    import torchvision

    packed = data.dataset_folder("mnist")
    if packed is None:
        raise SystemExit("mnist has no folder")
    (root / "MNIST" / "raw").mkdir(parents=True)
    for file in packed.glob("*.gz"):
        shutil.copy(file, root / "MNIST" / "raw")
    torchvision.datasets.MNIST(str(root), download=True)  # downloads nothing, as the packed files are whole


MEASUREMENTS: dict[str, tuple[Callable[[int], Report], int]] = {  # name -> what measures it, its usual n
    "handout": (handout, 3),
    "quick": (quick, 5),
    "scaling": (scaling, 3),
    "start": (start, 5),
    "cached": (cached, 20),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=[*MEASUREMENTS, "presets"])
    parser.add_argument("--runs", type=int, help="how often each is measured, with seeds 0, 1, ...")
    parser.add_argument("--preset", help="with presets: this one only")
    parser.add_argument("--json", action="store_true", help="print JSON in one line instead of for people")
    arguments = parser.parse_args()
    data.prepare("mnist")
    if arguments.what == "presets":
        report = presets(arguments.runs, arguments.preset)
    else:
        measure, usual = MEASUREMENTS[arguments.what]
        report = measure(arguments.runs or usual)
    here = machine("torch", "torchvision")
    document = {"benchmark": f"training {arguments.what}", "machine": asdict(here)} | report
    if not arguments.json:
        print(here)
    print(json.dumps(document if arguments.json else report, indent=None if arguments.json else 2))


if __name__ == "__main__":
    main()
