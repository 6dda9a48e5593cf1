"""Owns the tests of mnistcore.training.starter, on digits or with nothing trained."""

from pathlib import Path

import pytest

from mnistcore.config import TrainConfig
from mnistcore.datasets import data_files
from mnistcore.errors import DataUnavailableError
from mnistcore.runs.store import Store
from mnistcore.training import pipeline, presets, starter
from mnistcore.training.pipeline import TrainResult
from mnistcore.training.presets import make_config
from mnistcore.workspace import Workspace
from tests.trainings import fresh_process


def offline(name: str, **options: object) -> None:
    raise DataUnavailableError("no network")


def test_the_starter_takes_digits_where_mnist_cannot_be_had(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_files, "prepare", offline)
    here = Workspace(artifacts=store.root.parent, data=tmp_path)

    def train(wanted: TrainConfig) -> TrainResult:
        return pipeline.train_run(wanted, store=store)

    results = starter.ensure_starter(here, train)
    assert [(result.run.trained.config.dataset, result.run.trained.config.model) for result in results] == [
        ("digits", "mlp"),
        ("digits", "cnn"),
    ]
    assert [presets.preset_name(result.run.trained.config) for result in results] == ["handout", "quick"]
    assert not any(result.cached for result in results)

    def never(name: str, **options: object) -> None:
        raise AssertionError("the network was tried again")

    monkeypatch.setattr(data_files, "prepare", never)
    assert all(result.cached for result in starter.ensure_starter(here, train))
    monkeypatch.setenv("MNISTCORE_DATA", str(tmp_path))
    fresh_process(
        "def train(wanted): return pipeline.train_run(wanted, store=store_here())\n"
        "assert all(result.cached for result in starter.ensure_starter(here(), train))"
    )


def test_the_starter_tries_for_the_time_it_is_given(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []

    def prepare(name: str, **options: object) -> None:
        given.append(options["timeout_seconds"])
        raise DataUnavailableError("no network")

    monkeypatch.setattr(data_files, "prepare", prepare)
    here = Workspace(artifacts=store.root.parent, data=tmp_path)
    starter.ensure_starter(here, lambda wanted: None, timeout_seconds=3)
    assert given == [3]


def test_the_starter_takes_mnist_where_it_is(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[TrainConfig] = []
    monkeypatch.setattr(data_files, "is_available", lambda name, root: name == "mnist")
    starter.ensure_starter(Workspace(artifacts=store.root.parent, data=tmp_path), trained.append)
    assert trained == [make_config("mnist", "mlp", "handout"), make_config("mnist", "cnn", "quick")]
