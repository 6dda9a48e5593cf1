"""Owns the tests of mnistcore.training.starter, on digits or with nothing trained."""

from pathlib import Path

import pytest

from mnistcore import config
from mnistcore.config import TrainConfig, make_config
from mnistcore.datasets import data_files
from mnistcore.errors import DataUnavailableError
from mnistcore.runs.store import Store
from mnistcore.training import pipeline, starter
from tests.trainings import fresh_process


def offline(name: str, **options: object) -> None:
    raise DataUnavailableError("no network")


def test_the_starter_takes_digits_where_mnist_cannot_be_had(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_files, "prepare", offline)
    results = starter.ensure_starter(store=store, data_root=tmp_path)
    assert [(result.run.trained.config.dataset, result.run.trained.config.model) for result in results] == [
        ("digits", "mlp"),
        ("digits", "cnn"),
    ]
    assert [config.preset_name(result.run.trained.config) for result in results] == ["handout", "quick"]
    assert not any(result.cached for result in results)

    def never(name: str, **options: object) -> None:
        raise AssertionError("the network was tried again")

    monkeypatch.setattr(data_files, "prepare", never)
    assert all(result.cached for result in starter.ensure_starter(store=store, data_root=tmp_path))
    monkeypatch.setenv("MNISTCORE_DATA", str(tmp_path))
    fresh_process("assert all(result.cached for result in starter.ensure_starter())")


def test_the_starter_tries_for_the_time_it_is_given(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []

    def prepare(name: str, **options: object) -> None:
        given.append(options["timeout_seconds"])
        raise DataUnavailableError("no network")

    monkeypatch.setattr(data_files, "prepare", prepare)
    monkeypatch.setattr(pipeline, "train_run", lambda *_, **__: None)
    starter.ensure_starter(store=store, data_root=tmp_path, timeout_seconds=3)
    assert given == [3]


def test_the_starter_takes_mnist_where_it_is(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[TrainConfig] = []
    monkeypatch.setattr(data_files, "is_available", lambda name, root: name == "mnist")
    monkeypatch.setattr(pipeline, "train_run", lambda wanted, **_: trained.append(wanted))
    starter.ensure_starter(store=store, data_root=tmp_path)
    assert trained == [make_config("mnist", "mlp", "handout"), make_config("mnist", "cnn", "quick")]
