"""The benchmark for a lab's GPUs: here on the CPU, and with what torch and nvidia-smi would say of two GPUs."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from benchmarks import gpu
from mnistcore.config import TrainConfig
from mnistcore.devices import device_memory
from mnistcore.devices.device_memory import DeviceInfo, Survey
from scripts.project import ROOT
from tests.here import store_here

HERE = gpu.Bench("cpu", "digits")


class Short(gpu.Bench):
    """Of each training two epochs."""

    def recipe(self, model: str, preset: str, **fields: Any) -> TrainConfig:
        return super().recipe(model, preset, **fields | {"epochs": 2})


def test_the_command_prints_a_row_for_each_measurement(artifacts: Path) -> None:
    only = [part for name in ("identity", "look", "launches", "trouble") for part in ("--only", name)]
    command = [sys.executable, "-m", "benchmarks.gpu", "--dataset", "digits", "--fill", "--json", *only]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    document = json.loads(done.stdout)
    figures = {row["what"]: row["more"]["figure"] for row in document["figures"]}
    assert set(figures) >= {"torch", "asking nvidia-smi", "launches in a step", "out of memory", "a full GPU"}
    assert not [figure for figure in figures.values() if figure.startswith("failed")]
    assert not artifacts.exists(), "it trains into a folder of its own"


def test_trainings_are_measured_and_equal_on_the_cpu(artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "PRESETS", (("mlp", "handout", {"epochs": 2}),))
    rows = gpu.measure(["presets", "memory", "equality"], Short("cpu", "digits"))
    assert not [row for row in rows if row.figure.startswith("failed")]
    figures = {row.what: row.figure for row in rows}
    accuracy = store_here().listing().runs[-1].accuracy
    assert figures["mlp handout, 2 epochs"].endswith(f"accuracy {accuracy:.2%}")
    for name in ("twice", "resumed"):
        assert figures[f"largest difference of a weight, {name}"] == "0.0e+00"
    assert figures["images that are predicted otherwise"] == "0"


def test_a_measurement_that_fails_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(bench: gpu.Bench) -> None:
        raise RuntimeError("CUDA error: unknown error")

    monkeypatch.setitem(gpu.MEASUREMENTS, "presets", fails)
    (row, *others) = gpu.measure(["presets", "launches"], HERE)
    assert row.figure == "failed: RuntimeError: CUDA error: unknown error"
    assert len(others) == 1


def test_which_gpu_is_which_is_told_where_numbers_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """nvidia-smi and the driver's files put the GPUs in one order, torch in the other."""
    titles, uuids = ("H100", "RTX 6000"), ("aaaa", "bbbb")
    gpus = tuple(DeviceInfo(f"cuda:{index}", "cuda", title, 80, 0) for index, title in enumerate(titles[::-1]))
    monkeypatch.setattr(device_memory, "survey", lambda: Survey(gpus, "found", ""))
    monkeypatch.setattr(device_memory, "gpu_identities", lambda: tuple(f"GPU-{uuid}" for uuid in uuids[::-1]))
    for name, answer in {
        "is_available": lambda: True,
        "device_count": lambda: 2,
        "get_arch_list": lambda: ["sm_90"],
        "get_device_capability": lambda name: (9, 0),
        "get_device_properties": lambda index: SimpleNamespace(name=titles[index], uuid=uuids[index]),
    }.items():
        monkeypatch.setattr(torch.cuda, name, answer)
    rows = {row.what: (row.figure, row.wanted) for row in gpu.measure(["identity"], gpu.Bench("cuda", "digits"))}
    assert rows["cuda:0 by nvidia-smi"] == ("RTX 6000", "H100")
    assert rows["cuda:1 by the driver's files"] == ("GPU-aaaa", "GPU-bbbb")
    assert rows["cuda:0 computes in"][0] == "torch.bfloat16"
