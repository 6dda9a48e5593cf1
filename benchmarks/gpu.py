"""Measures what only a GPU can show: which GPU is which, speed, what is held and given back, equal results, troubles.

    python -m benchmarks.gpu              # everything, in two to five minutes; on a machine without a GPU on its CPU
    python -m benchmarks.gpu --fill       # also with all free memory of the GPU taken for some seconds
    python -m benchmarks.gpu --only whole # every model with every preset, in full length: about ten minutes
    python -m benchmarks.gpu --only memory --only trouble
    python -m benchmarks.gpu --dataset digits --json
    python -m benchmarks.gpu --fill --save    # for docs/benchmarks.md, which has a table for each card

Each line of the table says what was measured, the figure, and what it should be where that does not depend on the
machine. Trains into a folder that is thrown away. What needs a GPU, or two, and finds none is named as not measured.
Needs no Streamlit and no network.
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import reports
from benchmarks.machine import machine
from benchmarks.results import Figure, Result
from mnistcore import config, errors, release, stored_runs
from mnistcore.config import TrainConfig
from mnistcore.datasets import data_files, loading
from mnistcore.datasets.registry import DATASETS
from mnistcore.devices import device_memory, devices
from mnistcore.jobs import jobs
from mnistcore.models import inference
from mnistcore.models.models import MODELS
from mnistcore.runs.manifest import RunManifest
from mnistcore.runs.store import Store
from mnistcore.training import pipeline
from mnistcore.training.observers import Observer
from mnistcore.training.presets import PRESETS as PRESET_NAMES
from mnistcore.training.presets import make_config
from mnistcore.training.resume_points import ResumePoints
from mnistcore.workspace import Workspace
from scripts.project import ROOT

PRESETS: tuple[tuple[str, str, dict[str, int]], ...] = (
    ("mlp", "handout", {}),
    ("cnn", "quick", {}),
    ("cnn", "standard", {"epochs": 5}),
    ("resnet", "best", {"epochs": 3}),
)
NOT_MEASURED = "not measured"
LITTLE = "128 MiB at most"  # what cuBLAS works in, and keeps
LOST_SECONDS = 120  # that a training in two processes may take to end when one of them is killed


@dataclass(frozen=True)
class Row:
    """What was measured, the figure, and what it should be; empty where that depends on the machine."""

    what: str
    figure: str
    wanted: str = ""


@dataclass(frozen=True)
class Bench:
    """Where is measured, and on what."""

    device: str  # "cuda" or "cpu"
    dataset: str

    @property
    def is_gpu(self) -> bool:
        return self.device == "cuda"

    def recipe(self, model: str, preset: str, **fields: Any) -> TrainConfig:
        return make_config(self.dataset, model, preset, **fields)

    def train(self, wanted: TrainConfig) -> RunManifest:
        return jobs.run(Workspace.from_environment(), wanted, device=self.device, force=True).run


# ---------------------------------------------------------------- what is measured


def identity(bench: Bench) -> Iterator[Row]:
    """Torch's numbers and nvidia-smi's have to mean the same GPUs."""
    import torch

    cudnn = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
    yield Row("torch", f"{torch.__version__}, CUDA {torch.version.cuda}, cuDNN {cudnn}")
    if not bench.is_gpu:
        yield Row("GPU", f"{NOT_MEASURED}: torch sees none")
        return
    yield Row("built for", " ".join(torch.cuda.get_arch_list()))
    said = device_memory.survey().devices
    uuids = device_memory.gpu_identities()
    for index in range(torch.cuda.device_count()):
        facts = torch.cuda.get_device_properties(index)
        name = f"cuda:{index}"
        listed = next((each.title for each in said if each.name == name), "not listed")
        yield Row(f"{name} by nvidia-smi", listed, facts.name)
        known = uuids[index] if index < len(uuids) else "unknown"
        yield Row(f"{name} by the driver's files", known, f"GPU-{facts.uuid}")
        yield Row(f"{name} computes in", str(devices.compute_dtype(name)))
    yield Row("auto takes", str(devices.pick_device()), devices.choose("auto")[0])


def presets(bench: Bench) -> Iterator[Row]:
    """A preset of each kind, the long ones cut short."""
    for model, preset, fields in PRESETS:
        epochs = f", {fields['epochs']} epochs" if fields else ""
        yield Row(f"{model} {preset}{epochs}", _trained(bench, bench.recipe(model, preset, **fields)))


def whole(bench: Bench) -> Iterator[Row]:
    """Every model with every preset, in full length."""
    for model in MODELS:
        for preset in PRESET_NAMES:
            wanted = bench.recipe(model, preset)
            yield Row(f"{model} {preset}, whole: {wanted.epochs} epochs", _trained(bench, wanted))


def _trained(bench: Bench, wanted: TrainConfig) -> str:
    """A training from asking to the stored run: all seconds, the best epoch, and the accuracy."""
    began = time.perf_counter()
    run = bench.train(wanted)
    seconds = time.perf_counter() - began
    reports = Store(Workspace.from_environment().runs).history(run.run_id)
    epoch = min(report.seconds for report in reports)
    speed = max(report.images_per_second for report in reports)
    return f"{seconds:.2f} s, an epoch {epoch:.3f} s, {speed:,.0f} images/s, accuracy {run.accuracy:.2%}"


def launches(bench: Bench) -> Iterator[Row]:
    """How often the GPU is given something to do in a step: where it is seldom busy, that is what costs."""
    if not bench.is_gpu:
        yield Row("launches in a step", f"{NOT_MEASURED}: no GPU")
        return
    import torch

    for model, preset in (("mlp", "handout"), ("cnn", "quick"), ("resnet", "best")):
        wanted = bench.recipe(model, preset, seed=2, epochs=1)
        activities = list(torch.profiler.supported_activities())  # type: ignore[no-untyped-call]
        with torch.profiler.profile(activities=activities) as profile:
            bench.train(wanted)
        events = profile.key_averages()
        steps = -(-DATASETS[bench.dataset].train_size // wanted.batch_size)
        count = sum(event.count for event in events if "LaunchKernel" in event.key) / steps
        busy = sum(each.self_device_time_total for each in events if each.device_type.name == "CUDA") / 1e6
        yield Row(f"{model}: launches in a step", f"{count:.0f}, the GPU busy for {busy:.2f} s, evaluation included")


def memory(bench: Bench) -> Iterator[Row]:
    """After a training nothing is held; no GPU is touched that was not used."""
    before = _gpu_memory()
    run = bench.train(bench.recipe("cnn", "quick", seed=1))
    yield Row("reserved after a training", _reserved(bench), LITTLE if bench.is_gpu else "")
    stored_runs.load_run(run.run_id, store=Store(Workspace.from_environment().runs)).predict(
        loading.load_split(bench.dataset, "test").images[:100], device=bench.device
    )
    yield Row("reserved with a model kept", _reserved(bench))
    release()
    yield Row("reserved after mnistcore.release()", _reserved(bench), LITTLE if bench.is_gpu else "")
    after = _gpu_memory()
    touched = [name for name, used in after.items() if used - before.get(name, used) > 2**27]
    yield Row("GPUs that hold 128 MiB more than before", ", ".join(touched) or "none", "one at most")


class _StopSoon(Observer):
    """Stops a training after its sixth step."""

    def __init__(self) -> None:
        self._done = 0

    def on_step(self, done: int, steps: int) -> None:
        self._done = done

    def should_stop(self) -> bool:
        return self._done > 5


def equality(bench: Bench) -> Iterator[Row]:
    """The same training twice, and stopped and resumed; the same model on the device and on the CPU."""
    wanted = bench.recipe("cnn", "standard", seed=3, epochs=2)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        stores = {name: Store(root / name) for name in ("once", "twice", "resumed")}
        for name in ("once", "twice"):
            pipeline.train_run(wanted, store=stores[name], device=bench.device)
        point = ResumePoints(root / "resume")
        try:
            pipeline.train_run(wanted, store=stores["resumed"], device=bench.device, resume=point, observer=_StopSoon())
        except errors.TrainingStoppedError:
            pipeline.train_run(wanted, store=stores["resumed"], device=bench.device, resume=point)
        weights = {name: store.weights(config.run_id(wanted)) for name, store in stores.items()}
        exact = "" if bench.is_gpu else "0"  # promised on a CPU
        for name in ("twice", "resumed"):
            far = max(float(np.abs(weights["once"][part] - weights[name][part]).max()) for part in weights["once"])
            yield Row(f"largest difference of a weight, {name}", f"{far:.1e}", exact)
        stored = stored_runs.load_run(config.run_id(wanted), store=stores["once"])
        images, model = loading.load_split(bench.dataset, "test").images, stored.model()
        prepared = stored.manifest.image_preprocessing
        one, two = (
            inference.logits(model, images, device=devices.pick_device(name), mean=prepared.mean, std=prepared.std)
            for name in ("cpu", bench.device)
        )
        differing = int((one.argmax(1) != two.argmax(1)).sum())
        yield Row("largest difference of a logit to the CPU's", f"{np.abs(one - two).max():.1e}", "below 1e-3")
        yield Row("images that are predicted otherwise", str(differing), "0")


def trouble(bench: Bench) -> Iterator[Row]:
    """A batch that does not fit ends in one sentence; a smaller one works in the same process, the error still held."""
    if not bench.is_gpu:
        yield Row("out of memory", f"{NOT_MEASURED}: no GPU")
        return
    import torch

    size = min(20_000, DATASETS[bench.dataset].train_size)
    big = bench.recipe("resnet", "best", epochs=1, batch_size=size)
    release()
    for index in range(torch.cuda.device_count()):  # whichever it takes
        total = torch.cuda.get_device_properties(index).total_memory
        allowed = torch.cuda.memory_reserved(index) + 400 * 2**20
        torch.cuda.set_per_process_memory_fraction(allowed / total, index)
    try:
        bench.train(big)
        yield Row("out of memory", "it had room", "DeviceError")
    except Exception as error:
        sys.last_value = error  # as a notebook does
        yield Row("out of memory", f"{type(error).__name__}: {str(error)[:60]}", "DeviceError")
    yield Row("reserved after it, the error held", _reserved(bench), LITTLE)
    accuracy = bench.train(bench.recipe("cnn", "quick", seed=4)).accuracy
    yield Row("trains again in this process", f"{accuracy:.2%}")
    for index in range(torch.cuda.device_count()):
        torch.cuda.set_per_process_memory_fraction(1.0, index)


def fill(bench: Bench) -> Iterator[Row]:
    """A GPU that others have filled, met with the first touch."""
    if not bench.is_gpu:
        yield Row("a full GPU", f"{NOT_MEASURED}: no GPU")
        return
    import torch

    hog = torch.empty(torch.cuda.mem_get_info()[0] - 120 * 2**20, dtype=torch.uint8, device=bench.device)
    arguments = ("train", "--dataset", "digits", "--model", "cnn", "--force", "--device", "cuda:0")
    done = subprocess.run([sys.executable, "-m", "mnistcore", *arguments], cwd=ROOT, capture_output=True, text=True)
    del hog
    release()
    last = (done.stderr.strip().splitlines() or ["-"])[-1]
    told = "a traceback" if "Traceback" in done.stderr else last[:90]
    yield Row("a full GPU, first touch", f"exit {done.returncode}: {told}", "one sentence")


def processes(bench: Bench) -> Iterator[Row]:
    """Two GPUs train one model; one process is killed."""
    import torch

    count = torch.cuda.device_count() if bench.is_gpu else 0
    if bench.is_gpu and count < 2:
        yield from _group_of_one(bench)
        yield Row("two processes", f"{NOT_MEASURED}: {count} GPU")
        return
    command = _torchrun(2, "mnistcore", bench)
    began = time.perf_counter()
    done = subprocess.run([*command, "--seed", "5"], cwd=ROOT, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    figure = f"exit {done.returncode}, {seconds:.1f} s with the start: {_last(done)[:60]}"
    yield Row("two processes, cnn quick", figure, "exit 0")
    with tempfile.TemporaryFile("w+") as messages:
        job = subprocess.Popen([*command, "--preset", "standard", "--epochs", "500"], cwd=ROOT, stderr=messages)
        try:
            if not _until(lambda: "epoch 2/" in _read(messages), LOST_SECONDS):
                yield Row("rank 1 killed", f"{NOT_MEASURED}: no second epoch in {LOST_SECONDS} s")
                return
            os.kill(_rank(job.pid, 1), signal.SIGKILL)
            began = time.perf_counter()
            job.wait(LOST_SECONDS)
            told = "says so" if "another process of this training" in _read(messages) else "says nothing of it"
            figure = f"exit {job.returncode} after {time.perf_counter() - began:.0f} s; rank 0 {told}"
        except subprocess.TimeoutExpired:
            figure = f"still there after {LOST_SECONDS} s"
        finally:
            job.terminate()
            job.wait()
    yield Row("rank 1 killed", figure, "an end within 60 s, rank 0 says so")


def _group_of_one(bench: Bench) -> Iterator[Row]:
    """What a single GPU shows of NCCL: a group of one process; and what is said to a second one that finds no GPU."""
    began = time.perf_counter()
    wanted = ("--model", "resnet", "--preset", "quick")
    done = subprocess.run(
        [*_torchrun(1, "benchmarks.group_of_one", bench), *wanted], cwd=ROOT, capture_output=True, text=True
    )
    seconds = time.perf_counter() - began
    what = "one process over NCCL, resnet quick"
    yield Row(what, f"exit {done.returncode}, {seconds:.1f} s with the start: {_last(done)[:90]}", "exit 0")
    alone = bench.train(bench.recipe("resnet", "quick")).accuracy
    yield Row("the same without a group", f"accuracy {alone:.2%}", "nearly the same")
    done = subprocess.run([*_torchrun(2, "mnistcore", bench)], cwd=ROOT, capture_output=True, text=True)
    said = next((line for line in done.stderr.splitlines() if "GPU of its own" in line), "a traceback")
    yield Row("two processes and one GPU", f"exit {done.returncode}: {said.strip()}", "one sentence")


def _torchrun(count: int, module: str, bench: Bench) -> list[str]:
    """The command with which so many processes train a cnn; what is added to it goes to the training."""
    run = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count), "-m", module)
    train = ("train", "--dataset", bench.dataset, "--model", "cnn", "--device", bench.device, "--force")
    return [sys.executable, *run, *train]


def _last(done: subprocess.CompletedProcess[str]) -> str:
    """The last line of what a command has said: of its errors, where it has failed."""
    return ((done.stdout if done.returncode == 0 else done.stderr).strip().splitlines() or ["-"])[-1]


def speed_of_look(bench: Bench) -> Iterator[Row]:
    """What the pages ask of nvidia-smi."""
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        found = device_memory.survey()
        seconds.append(time.perf_counter() - began)
    yield Row("asking nvidia-smi", f"{statistics.median(seconds):.2f} s, {found.gpu} {found.detail}".rstrip())


# ---------------------------------------------------------------- what it is measured with


def _reserved(bench: Bench) -> str:
    if not bench.is_gpu:
        return f"{NOT_MEASURED}: no GPU"
    import torch

    return f"{sum(map(torch.cuda.memory_reserved, range(torch.cuda.device_count()))) / 2**20:.0f} MiB"


def _gpu_memory() -> dict[str, int]:
    """GPU -> used bytes, by all programs."""
    return {each.name: each.used_bytes or 0 for each in device_memory.survey().devices if each.kind == "cuda"}


def _rank(torchrun: int, rank: int) -> int:
    """The process number of one of those that torchrun has started."""
    children = Path(f"/proc/{torchrun}/task/{torchrun}/children").read_text().split()
    for pid in map(int, children):
        if f"\0RANK={rank}\0".encode() in b"\0" + Path(f"/proc/{pid}/environ").read_bytes():
            return pid
    raise RuntimeError(f"torchrun ({torchrun}) has no process of rank {rank}")


def _read(messages: Any) -> str:
    messages.seek(0)
    return str(messages.read())


def _until(reached: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if reached():
            return True
        time.sleep(0.1)
    return False


@contextmanager
def _folder() -> Iterator[None]:
    """Artifacts of its own; the data stays where it is."""
    before = {name: os.environ.get(name) for name in Workspace.from_environment().variables()}
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= Workspace(Path(folder), Workspace.from_environment().data).variables()
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


MEASUREMENTS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "identity": identity,
    "look": speed_of_look,
    "presets": presets,
    "launches": launches,
    "memory": memory,
    "equality": equality,
    "trouble": trouble,
    "processes": processes,
}
ASKED_FOR: dict[str, Callable[[Bench], Iterator[Row]]] = {"fill": fill, "whole": whole}


def measure(names: list[str], bench: Bench) -> list[Row]:
    """The rows of the measurements; one that fails is a row of its own. Each is told as it comes, on stderr."""
    rows: list[Row] = []
    for name in names:
        try:
            for row in (MEASUREMENTS | ASKED_FOR)[name](bench):
                print(f"{row.what}: {row.figure}", file=sys.stderr, flush=True)
                rows.append(row)
        except Exception as error:
            rows.append(Row(name, f"failed: {type(error).__name__}: {error}", "a figure"))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", action="append", choices=MEASUREMENTS | ASKED_FOR, help="this one; several times for several"
    )
    parser.add_argument("--fill", action="store_true", help="take all free memory of the GPU for some seconds")
    parser.add_argument("--dataset", help="mnist where it is here, else digits")
    reports.add_options(parser)
    arguments = parser.parse_args()
    import torch

    dataset = arguments.dataset or ("mnist" if data_files.is_available("mnist") else "digits")
    bench = Bench("cuda" if devices.device_names()[0].startswith("cuda") else "cpu", dataset)
    names = (arguments.only or list(MEASUREMENTS)) + ["fill"] * arguments.fill
    card = torch.cuda.get_device_name(0) if bench.is_gpu else ""
    with _folder():
        rows = measure(names, bench)
    command = f"python -m benchmarks.gpu, on {dataset}"
    figures = tuple(Figure(what=row.what, required=row.wanted, more={"figure": row.figure}) for row in rows)
    result = Result(command=command, machine=machine("torch", card=card), figures=figures)
    name = "-".join(
        ["gpu", re.sub("[^a-z0-9]+", "-", card.lower()) or "none", *(["whole"] if "whole" in names else [])]
    )
    reports.tell(result, name, reports.GPUS, arguments)


if __name__ == "__main__":
    main()
