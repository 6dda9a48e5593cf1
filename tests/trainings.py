"""Owns a training of seconds that several test modules start, another version's registry, and processes without torch."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from mnistcore.config import TrainConfig, make_config
from mnistcore.datasets import data
from scripts.project import ROOT


def recipe(*, epochs: int = 3, **overrides: object) -> TrainConfig:
    return make_config("digits", "linear", "handout", **({"epochs": epochs, "batch_size": 200} | overrides))


def change_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version, whose data set was measured anew."""
    digits = replace(data.DATASETS["digits"], mean=0.5, std=0.25)
    monkeypatch.setitem(data.DATASETS, "digits", digits)


def fresh_process(code: str) -> None:
    """Run ``code`` in a process of its own, which must end without torch."""
    whole = f"import sys\nfrom mnistcore import config, stored_runs\nfrom mnistcore.training import pipeline, starter\n{code}\nassert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", whole], check=True, cwd=ROOT, env=dict(os.environ))
