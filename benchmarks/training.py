"""Measures the training: how fast, how accurate, how much memory; against the usual ways where there are any.

    python -m benchmarks.training handout         # the handout's recipe, against a DataLoader
    python -m benchmarks.training quick           # cnn quick, against the quickest public recipe for 99 %
    python -m benchmarks.training presets         # each preset with its model: accuracy, seconds, peak memory
    python -m benchmarks.training scaling         # time of an epoch from 15,000 to 240,000 images
    python -m benchmarks.training start           # from asking for a training to its first step
    python -m benchmarks.training cached          # the command line where the run is there already
    python -m benchmarks.training handout --runs 1 --json
    python -m benchmarks.training handout --save          # for docs/benchmarks.md

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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import reports
from benchmarks.machine import machine, timing
from benchmarks.results import Figure, Result, Value, rounded, timed_figure
from mnistcore.datasets import data_files, loading
from mnistcore.datasets.splits import Split
from mnistcore.jobs import jobs
from mnistcore.training.presets import make_config
from mnistcore.workspace import Workspace

if TYPE_CHECKING:
    from benchmarks.baselines import Outcome


@dataclass(frozen=True)
class Preset:
    """A preset with its model, how many seeds are tried, and what is required: least accuracy, most seconds."""

    model: str
    name: str
    seeds: int
    least_accuracy: float | None = None
    most_seconds: float | None = None


PRESETS = (
    Preset("mlp", "handout", 5),
    Preset("cnn", "quick", 5),
    Preset("cnn", "standard", 3, 0.995, 300),
    Preset("resnet", "best", 3, 0.997, 2400),
)
TIMES_FASTER = 25  # than a DataLoader
QUICK_ACCURACY, QUICK_SHARE = 0.99, 0.40  # what cnn quick has to reach, in this share of the other's time
MOST_START_SECONDS, MOST_CACHED_SECONDS = 6.0, 0.5
SIZES = (15_000, 30_000, 60_000, 120_000, 240_000)
DOUBLING, TOLERANCE = 2.0, 0.1  # of the time, where there are twice as many images


def handout(runs: int) -> list[Figure]:
    """The handout's recipe of 5 epochs; as many training images on both sides."""
    from benchmarks import baselines

    images = len(loading.load_split("mnist", "train"))
    with tempfile.TemporaryDirectory() as folder:
        _unpack(Path(folder))

        def usual(seed: int, workers: int = 0) -> "Outcome":
            return baselines.handout(folder, epochs=5, seed=seed, images=images, workers=workers)

        ours, *others = _in_turn(
            {
                "ours (`mlp`, `handout`)": lambda seed: _ours("mlp", "handout", seed),
                "torchvision's data set and a DataLoader": usual,
                "the same with 2 workers": lambda seed: usual(seed, workers=2),
            },
            runs,
        )
    return [ours, *(_limited(other, f"{TIMES_FASTER} times faster", 1 / TIMES_FASTER) for other in others)]


def quick(runs: int) -> list[Figure]:
    """cnn quick, against one epoch of a small network; from the data on disk on both sides, as many training images."""
    ways: dict[str, Callable[[int], Outcome]] = {
        "ours (`cnn`, `quick`)": lambda seed: _ours("cnn", "quick", seed),
        "the quickest public recipe for 99 %": _public,
    }
    ours, other = _in_turn(ways, runs)
    required = f"≥ {QUICK_ACCURACY:.1%} in ≤ {QUICK_SHARE:.2f} of the other's time".replace("%", " %")
    missed = ("accuracy",) if _number(ours, "accuracy") < 100 * QUICK_ACCURACY else ()
    return [ours.model_copy(update={"required": required, "missed": missed}), _limited(other, "", QUICK_SHARE)]


def _limited(figure: Figure, required: str, most_share: float) -> Figure:
    missed = ("ours_in_its_time",) if _number(figure, "ours_in_its_time") > most_share else ()
    return figure.model_copy(update={"required": required, "missed": missed})


def _number(figure: Figure, name: str) -> float:
    value = figure.more[name]
    if not isinstance(value, int | float):
        raise TypeError(f"expected a number as {name} of {figure.what}, got {value!r}")
    return value


def _public(seed: int) -> "Outcome":
    from benchmarks.baselines import one_epoch

    began = time.perf_counter()
    train, test = (loading.load_split("mnist", name) for name in ("train", "test"))
    outcome = one_epoch((train.images, train.labels), (test.images, test.labels), seed=seed)
    return replace(outcome, seconds=time.perf_counter() - began)


def presets(runs: int | None, only: str | None) -> list[Figure]:
    """Each preset in a process of its own, which reports its peak memory."""
    figures = []
    for preset in PRESETS:
        if only not in (None, preset.name):
            continue
        call = f"training.print_one({preset.model!r}, {preset.name!r}, SEED)"
        found = [
            _in_process(f"from benchmarks import training; {call}".replace("SEED", str(seed)))
            for seed in range(runs or preset.seeds)
        ]
        figures.append(_preset_figure(preset, found))
    return figures


def _preset_figure(preset: Preset, found: Sequence[dict[str, Any]]) -> Figure:
    accuracy = statistics.mean(one["accuracy"] for one in found)
    seconds = timing([one["seconds"] for one in found])
    required, missed = [], []
    if preset.least_accuracy is not None:
        required.append(f"≥ {100 * preset.least_accuracy:g} %")
        missed += ["accuracy"] * (accuracy < preset.least_accuracy)
    if preset.most_seconds is not None:
        required.append(f"in ≤ {preset.most_seconds:,} s")
        missed += ["median"] * (seconds.median_seconds > preset.most_seconds)
    return Figure(
        what=f"`{preset.model}`, `{preset.name}`",
        unit="s",
        n=seconds.n,
        median=rounded(seconds.median_seconds),
        required=" ".join(required),
        missed=tuple(missed),
        more={
            "accuracies": tuple(_percent(one["accuracy"]) for one in found),
            "accuracy": _percent(accuracy),
            "peak_gb": rounded(max(one["peak_bytes"] for one in found) / 1e9),
        },
    )


def _percent(share: float) -> float:
    return round(100 * share, 2)


def print_one(model: str, preset: str, seed: int) -> None:
    """One training of this process, as JSON on standard output."""
    import torch

    outcome = _ours(model, preset, seed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    on_device = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None
    print(json.dumps({**asdict(outcome), "peak_bytes": peak, "device_bytes": on_device}))


def scaling(runs: int) -> list[Figure]:
    """Seconds per epoch of learning alone, for MNIST's training images once, half, and several times over."""
    import torch

    from mnistcore.devices import devices
    from mnistcore.models import models
    from mnistcore.training import trainer

    train, validation = (loading.load_split("mnist", name) for name in ("train", "validation"))
    few = Split(validation.images[:100], validation.labels[:100])
    device = devices.pick_device()
    found: dict[str, dict[int, list[float]]] = {}
    for _ in range(runs):
        for name, preset in (("mlp", "handout"), ("cnn", "quick")):
            recipe = make_config("mnist", name, preset).model_copy(update={"epochs": 2})
            for size in SIZES:
                taken = np.arange(size) % len(train)
                split = Split(train.images[taken], train.labels[taken])
                model = models.build(name, num_classes=10, seed=0)
                *_, last = trainer.train(model, split, few, recipe, device=device, mean=0.1307, std=0.3081)
                found.setdefault(name, {}).setdefault(size, []).append(size / last.images_per_second)
                torch.manual_seed(0)
    return [_scaling_figure(name, seconds, runs) for name, seconds in found.items()]


def _scaling_figure(name: str, seconds: dict[int, list[float]], runs: int) -> Figure:
    medians = {size: statistics.median(values) for size, values in seconds.items()}
    doublings = tuple(round(medians[2 * size] / medians[size], 2) for size in SIZES[:-1])
    return Figure(
        what=f"an epoch after each doubling of {SIZES[0]:,} to {SIZES[-1]:,} images, {name}",
        unit="times",
        n=runs,
        required=f"{DOUBLING} ± {TOLERANCE:.0%}".replace("%", " %"),
        missed=tuple(
            f"doublings[{place}]" for place, found in enumerate(doublings) if abs(found / DOUBLING - 1) > TOLERANCE
        ),
        more={"doublings": doublings, "sixteen_times": rounded(medians[SIZES[-1]] / medians[SIZES[0]])},
    )


def start(runs: int) -> list[Figure]:
    """From `jobs.start` to the first step of a process of its own, which is what "Start" on the page does."""
    seconds = []
    for seed in range(runs):
        with _artifacts() as here:
            began = time.perf_counter()
            job = jobs.start(here, make_config("mnist", "mlp", "handout", seed=seed))
            while (now := jobs.find(here, job.run_id)) is None or now.steps_done == 0:
                if now is not None and not now.is_live:
                    raise SystemExit(jobs.read_log(here, job.run_id))
                time.sleep(0.02)
            seconds.append(time.perf_counter() - began)
            jobs.stop(here, job.run_id)
            while (now := jobs.find(here, job.run_id)) is not None and now.is_live:
                time.sleep(0.1)
    return [timed_figure('from "Start" to the first step', timing(seconds), unit="s", most_median=MOST_START_SECONDS)]


def cached(runs: int) -> list[Figure]:
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
    what = "a cached configuration on the command line"
    return [timed_figure(what, timing(seconds), unit="s", most_median=MOST_CACHED_SECONDS)]


def _ours(model: str, preset: str, seed: int) -> "Outcome":
    from benchmarks.baselines import Outcome  # loads torch, which does not count

    recipe = make_config("mnist", model, preset, seed=seed)
    with _artifacts() as here:
        began = time.perf_counter()
        result = jobs.run(here, recipe)
        seconds = time.perf_counter() - began
    if result.accuracy is None:
        raise SystemExit("the training ended without an accuracy")
    return Outcome(seconds, result.accuracy)


def _in_turn(ways: dict[str, Callable[[int], "Outcome"]], runs: int) -> list[Figure]:
    """Each way's seconds and accuracy; the first is ours, the others' figures hold its share of their time."""
    outcomes: dict[str, list[Outcome]] = {name: [] for name in ways}
    for seed in range(runs):
        for name, way in ways.items():
            outcomes[name].append(way(seed))
    ours, figures = next(iter(outcomes.values())), []
    for found in outcomes.values():
        more: dict[str, Value] = {"accuracy": _percent(statistics.mean(outcome.accuracy for outcome in found))}
        if found is not ours:
            pairs = zip(ours, found, strict=True)
            more["ours_in_its_time"] = rounded(statistics.median(one.seconds / two.seconds for one, two in pairs))
        figures.append(more)
    return [
        timed_figure(name, timing([outcome.seconds for outcome in found]), unit="s", more=more)
        for (name, found), more in zip(outcomes.items(), figures, strict=True)
    ]


@contextmanager
def _artifacts() -> Iterator[Workspace]:
    """A folder for results that is thrown away; data sets stay where they are."""
    before = os.environ.get("MNISTCORE_ARTIFACTS")
    data = Workspace.from_environment().data.resolve()
    os.environ["MNISTCORE_DATA"] = str(data)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNISTCORE_ARTIFACTS"] = folder
        try:
            yield Workspace(Path(folder), data)
        finally:
            if before is None:
                del os.environ["MNISTCORE_ARTIFACTS"]
            else:
                os.environ["MNISTCORE_ARTIFACTS"] = before


def _in_process(code: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def _unpack(root: Path) -> None:
    """torchvision reads unpacked files, which it writes beside the packed ones: not into the data folder."""
    import torchvision

    packed = data_files.dataset_folder("mnist")
    if packed is None:
        raise SystemExit("mnist has no folder")
    (root / "MNIST" / "raw").mkdir(parents=True)
    for file in packed.glob("*.gz"):
        shutil.copy(file, root / "MNIST" / "raw")
    torchvision.datasets.MNIST(str(root), download=True)  # downloads nothing, as the packed files are whole


Measure = Callable[[int], list[Figure]]
MEASUREMENTS: dict[str, tuple[Measure, int, reports.Columns]] = {  # name -> what measures it, its usual n, its table
    "handout": (handout, 3, reports.RIVALS),
    "quick": (quick, 5, reports.RIVALS),
    "scaling": (scaling, 3, reports.DOUBLINGS),
    "start": (start, 5, reports.TIMES),
    "cached": (cached, 20, reports.TIMES),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=[*MEASUREMENTS, "presets"])
    parser.add_argument("--runs", type=int, help="how often each is measured, with seeds 0, 1, ...")
    parser.add_argument("--preset", help="with presets: this one only")
    reports.add_options(parser)
    arguments = parser.parse_args()
    data_files.prepare("mnist")
    columns = reports.PRESETS
    if arguments.what == "presets":
        figures = presets(arguments.runs, arguments.preset)
    else:
        measure, usual, columns = MEASUREMENTS[arguments.what]
        figures = measure(arguments.runs or usual)
    command = f"python -m benchmarks.training {arguments.what}"
    result = Result(command=command, machine=machine("torch", "torchvision"), figures=tuple(figures))
    reports.tell(result, f"training-{arguments.what}", columns, arguments)


if __name__ == "__main__":
    main()
