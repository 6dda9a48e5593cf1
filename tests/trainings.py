"""Owns trainings for tests: one of seconds, what others left on disk, another version's registry, and processes without torch."""

import os
import subprocess
import sys
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from mnistcore import config, processes
from mnistcore.config import TrainConfig
from mnistcore.datasets.registry import DATASETS
from mnistcore.jobs import job_files, jobs, records
from mnistcore.training.presets import make_config
from mnistcore.training.resume_points import ResumePoint
from scripts.project import ROOT
from scripts.toys import toy_config, toy_report
from tests.here import here

FINGERPRINTS = {"train": "0" * 64, "validation": "1" * 64}


def recipe(*, epochs: int = 3, **overrides: object) -> TrainConfig:
    return make_config("digits", "linear", "handout", **({"epochs": epochs, "batch_size": 200} | overrides))


def change_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version, whose data set was measured anew."""
    digits = replace(DATASETS["digits"], mean=0.5, std=0.25)
    monkeypatch.setitem(DATASETS, "digits", digits)


def fresh_process(code: str) -> None:
    """Run ``code`` in a process of its own, which must end without torch."""
    whole = f"import sys\nfrom mnistcore import config, stored_runs\nfrom mnistcore.training import pipeline, presets, starter\nfrom tests.here import here, store_here\n{code}\nassert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", whole], check=True, cwd=ROOT, env=dict(os.environ))


def make_up(config_: TrainConfig, *, state: str, lives: bool = False, resumable: bool = False, **status: Any) -> str:
    """A training as its process would have left it on disk; where it ``lives``, this very process is the one."""
    run_id = config.run_id(config_)
    folder = job_files.folder_of(here(), run_id)
    folder.mkdir(parents=True)
    request = records.Request(attempt="1", config=config_, device="cpu", force=False, fresh=False)
    (folder / "request.json").write_text(request.model_dump_json(), encoding="utf-8")
    if resumable:
        (folder / "resume").mkdir()
        (folder / "resume" / "resume.json").write_text("{}", encoding="utf-8")
    now = records.now_utc()
    record = records.Status(
        attempt="1",
        state=cast(jobs.JobState, state),
        queue="cpu",
        queued=now,
        updated=now,
        process=processes.this_process() if lives else None,
        **status,
    )
    job_files.write_status(folder, record)
    return run_id


def toy_point(*, values: int = 0, epoch: int = 2, **fields: Any) -> ResumePoint:
    """A point in the middle of an epoch; other ``values`` are another moment of the same training."""
    random = np.random.default_rng(values)
    point = ResumePoint(
        config=toy_config(epochs=9),
        fingerprints=FINGERPRINTS,
        epoch=epoch,
        step=3 + values,
        correct=100,
        seconds=0.5,
        tensors={
            "model/0.weight": random.normal(size=(3, 2)).astype(np.float32),
            "model/0.turned": random.normal(size=(3, 2)).astype(np.float32).T,
            "optimizer/0/step": np.array(7.0, np.float32),
            "losses": random.random(3 + values).astype(np.float32),
            "random": random.integers(0, 256, 5056, np.uint8),
        },
        history=tuple(toy_report(number) for number in range(1, epoch)),
        weights={"0.weight": random.normal(size=(3, 2)).astype(np.float32)},
        logits={
            number: {"test": np.full((4, 10), number, np.float32), "validation": np.full((2, 10), number, np.float32)}
            for number in range(1, epoch)
        },
    )
    return replace(point, **fields)
