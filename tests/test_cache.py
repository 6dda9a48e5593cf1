"""The pages' cache: what is kept under a key is what was read under that key, whatever becomes of the folder."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st

from mnistcore.errors import DataDamagedError, DataUnavailableError, InputError, RunDamagedError
from mnistcore.runs import listing
from mnistcore.runs.manifest import RunManifest
from scripts.toys import toy_content
from tests.here import store_here
from tests.runs import shown_content
from ui import cache, checkpoint


class Drawn(Exception):
    """The page is drawn anew."""


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def rerun() -> None:
        raise Drawn

    st.cache_resource.clear()
    monkeypatch.setattr(st, "rerun", rerun)
    monkeypatch.setattr(cache, "_stretch", lambda seconds: next(_moments))  # no time is waited for


_moments = iter(range(10**9))


def shown_predictions(run: RunManifest) -> bytes:
    return cache.evaluation(run, "test", run.epochs_kept[-1]).scores.tobytes()


def shown_recalls(run: RunManifest) -> bytes:
    return cache.learned(run, "test").recall.tobytes()


def test_a_run_replaced_after_it_was_listed_is_never_shown_under_the_old_key() -> None:
    store = store_here()
    first, second = toy_content(), toy_content(values=1)
    store.save(first)
    (listed,) = cache.listing().runs
    store.save(second, replace=True)
    for read in (shown_predictions, shown_recalls, cache.history):
        with pytest.raises(Drawn):
            read(listed)
    (newer,) = cache.listing().runs
    expected = store.predictions(newer.run_id, "test").scores.tobytes()
    assert shown_predictions(newer) == expected
    assert cache.learned(newer, "test").epochs == (1, 2)
    with pytest.raises(Drawn):
        shown_predictions(listed)


def test_what_is_saved_while_the_folder_is_listed_is_not_kept_under_what_it_was_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = store_here()
    store.make_folder()
    store.save(toy_content(seed=1))
    inspect, saved = listing.inspect_run, []

    def save_first(root: Path, name: str, *more: Any) -> object:
        if not saved:
            saved.append(store.save(toy_content(seed=1, values=1), replace=True))
            saved.append(store.save(toy_content()))
        return inspect(root, name, *more)

    monkeypatch.setattr(listing, "inspect_run", save_first)
    cache.listing()
    assert cache.listing().runs == tuple(saved[::-1])
    store.delete(saved[0].run_id)
    os.rename(store.root / saved[1].run_id, store.root.parent / "elsewhere")
    assert cache.listing().runs == ()


def test_two_artifacts_folders_in_one_process_do_not_mix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run = store_here().save(toy_content())
    assert shown_predictions(run)
    assert cache.history(run)
    (tmp_path / "other").mkdir()
    os.rename(store_here().root, tmp_path / "other" / "runs")
    monkeypatch.setenv("MNISTCORE_ARTIFACTS", str(tmp_path / "other"))
    for name in ("history.json", "predictions/test.safetensors"):
        path = store_here().root / run.run_id / name
        path.write_bytes(bytes(path.stat().st_size))
    assert cache.listing().runs == (run,)
    for read in (shown_predictions, cache.history, shown_recalls):
        with pytest.raises(RunDamagedError, match="SHA-256"):
            read(run)


def test_a_run_without_test_predictions_is_told_not_crashed_on() -> None:
    content = toy_content()
    run = store_here().save(replace(content, predictions={"validation": content.predictions["validation"]}))
    assert run.predicted_splits == ("validation",)
    for read in (shown_predictions, shown_recalls):
        with pytest.raises(InputError, match="kept validation, got 'test'"):
            read(run)


def test_images_are_those_that_the_run_has_seen() -> None:
    run = store_here().save(shown_content())
    assert len(cache.images(run, "test")) == 360
    unknown = run.model_copy(update={"dataset": run.dataset.model_copy(update={"name": "letters"})})
    with pytest.raises(DataUnavailableError, match="the data set letters is not here"):
        cache.images(unknown, "test")
    more = run.dataset.model_copy(update={"sizes": run.dataset.sizes | {"test": 361}})
    with pytest.raises(DataDamagedError, match="361 test images"):
        cache.images(run.model_copy(update={"dataset": more}), "test")


def test_a_run_that_says_it_has_more_test_images_than_its_data_set_is_shown_without_them() -> None:
    content = shown_content()
    labels, logits = content.predictions["test"]
    more = np.concatenate([labels, labels[:1]]), np.concatenate([logits, logits[:, :1]], axis=1)
    dataset = content.dataset.model_copy(update={"sizes": content.dataset.sizes | {"test": len(labels) + 1}})
    run = store_here().save(replace(content, dataset=dataset, predictions=dict(content.predictions, test=more)))
    assert cache.evaluation(run, "test", 3).total == len(labels) + 1
    with pytest.raises(DataDamagedError):
        cache.images(run, "test")
    assert json.loads(run.model_dump_json())["dataset"]["sizes"]["test"] == len(labels) + 1


def test_what_is_loaded_is_taken_out_of_the_garbage_collectors_sight_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    seen = SimpleNamespace(collect=lambda: calls.append("collect"), freeze=lambda: calls.append("freeze"))
    monkeypatch.setattr(cache, "gc", seen)
    cache.freeze_memory()
    cache.freeze_memory()
    assert calls == ["collect", "freeze"]
    monkeypatch.setitem(sys.modules, "loaded_since", SimpleNamespace())
    cache.freeze_memory()
    assert calls == ["collect", "freeze"] * 2


def test_many_runs_are_named_once_as_long_as_they_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [store_here().save(toy_content(seed=seed)) for seed in range(12)]
    named: list[int] = []
    name = checkpoint.run_names
    monkeypatch.setattr(checkpoint, "run_names", lambda some: named.append(len(some)) or name(some))
    for _ in range(3):
        listed = cache.listing()
        names = [checkpoint.run_name(run) for run in listed.runs]
        assert len(set(names)) == len(runs)
    assert named == [12]
    store_here().delete(runs[0].run_id)
    assert list(checkpoint.names_here("digits")) == [run.run_id for run in runs[:0:-1]]
    assert named == [12, 11]
