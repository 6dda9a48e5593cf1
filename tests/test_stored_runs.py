"""Owns the tests of mnistcore.stored_runs: runs that were trained here, made up, and left by other versions."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mnistcore import config, metrics, stored_runs
from mnistcore.datasets import loading
from mnistcore.datasets.registry import DATASETS
from mnistcore.errors import InputError, RunDamagedError, RunNotFoundError, RunReplacedError, UnknownNameError
from mnistcore.models import models
from mnistcore.runs.store import Store
from mnistcore.training import pipeline, presets
from mnistcore.training.presets import make_config
from scripts.toys import toy_content
from tests.runs import FIRST_RUN
from tests.trainings import change_registry, recipe


def test_an_evaluation_is_what_the_metrics_say(store: Store) -> None:
    run_id = pipeline.train_run(recipe(), store=store).run_id
    found = stored_runs.evaluate(run_id, store=store, split="validation", epoch=2)
    predictions = store.predictions(run_id, "validation", epoch=2)
    matrix = metrics.confusion_matrix(predictions.labels, predictions.predicted, num_classes=10)
    np.testing.assert_array_equal(found.matrix, matrix)
    assert (found.run_id, found.split, found.epoch) == (run_id, "validation", 2)
    assert found.summary == metrics.summary(matrix)
    assert found.rates.recall == metrics.rates(metrics.one_vs_rest(matrix)).recall
    assert stored_runs.evaluate(run_id, store=store).epoch == 3


def test_an_evaluation_of_what_is_not_there_says_what_is(store: Store) -> None:
    run_id = pipeline.train_run(recipe(), store=store).run_id
    with pytest.raises(InputError, match="1, 2, 3"):
        stored_runs.evaluate(run_id, store=store, epoch=9)
    with pytest.raises(InputError, match="validation and test"):
        stored_runs.evaluate(run_id, store=store, split="train")
    with pytest.raises(RunNotFoundError):
        stored_runs.evaluate("digits-mlp-00000000", store=store)


def test_weights_of_another_model_are_a_damaged_run(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = pipeline.train_run(recipe(), store=store).run_id
    monkeypatch.setitem(models.MODELS, "linear", models.mlp)
    with pytest.raises(RunDamagedError, match="expected the weights of linear"):
        stored_runs.load_run(run_id, store=store).model()


def test_results_can_be_read_by_people(store: Store) -> None:
    result = pipeline.train_run(recipe(), store=store)
    assert repr(result).startswith(f"TrainResult({result.run_id}: accuracy ")
    assert "epoch 3, complete, trained in " in repr(result)
    assert "already trained" in repr(pipeline.train_run(recipe(), store=store))
    (listed,) = stored_runs.list_runs(store=store)
    assert repr(listed).startswith(f"StoredRun({result.run_id}: accuracy ")
    assert listed.history() == store.history(result.run_id)


# --- runs of other versions -----------------------------------------------------------------------------------------


def test_a_run_of_the_first_version_is_read_and_answers_as_it_did(
    first_runs: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_registry(monkeypatch)
    (run,) = stored_runs.list_runs(store=first_runs)
    assert (run.run_id, run.manifest.trained.preprocessing) == (FIRST_RUN, None)
    assert run.manifest.trained.environment.mnistcore == "0.2.0"
    first_runs.verify(FIRST_RUN)
    (report,) = run.history()
    assert (report.epoch, report.share) == (1, 1.0)
    assert run.accuracy == run.predictions().accuracy == pytest.approx(200 / 360)
    assert run.predictions("validation").logits.shape == (180, 10)
    found = run.predict(loading.load_split("digits", "test").images, device="cpu")
    np.testing.assert_allclose(found.logits, run.predictions().logits, atol=1e-4)
    assert config.run_id(run.manifest.trained.config) == FIRST_RUN


def test_a_run_answers_with_the_preprocessing_that_it_was_trained_with(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stored_runs.load_run(pipeline.train_run(recipe(), store=store, device="cpu").run_id, store=store)
    assert run.manifest.trained.preprocessing == config.Preprocessing(mean=0.1549, std=0.3161, input_shape=(1, 28, 28))
    change_registry(monkeypatch)
    images = loading.load_split("digits", "test").images
    found = run.predict(images, device="cpu")
    np.testing.assert_allclose(found.logits, run.predictions().logits, atol=1e-5)
    newer = pipeline.train_run(recipe(seed=1), store=store, device="cpu").run
    assert newer.trained.preprocessing == config.Preprocessing(mean=0.5, std=0.25)
    other = stored_runs.load_run(newer.run_id, store=store)
    np.testing.assert_allclose(other.predict(images, device="cpu").logits, other.predictions().logits, atol=1e-5)


def test_a_run_of_a_data_set_and_model_that_this_version_lacks_is_shown(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DATASETS, "letters", replace(DATASETS["digits"], name="letters"))
    monkeypatch.setitem(models.MODELS, "transformer", models.linear)
    wanted = make_config("letters", "transformer", "handout", epochs=2)
    saved = store.save(toy_content(config=wanted))
    monkeypatch.delitem(DATASETS, "letters")
    monkeypatch.delitem(models.MODELS, "transformer")
    (run,) = stored_runs.list_runs(store=store)
    assert store.listing().problems == ()
    assert run.manifest == saved
    assert "accuracy" in repr(run)
    assert stored_runs.evaluate(run.run_id, store=store).summary.accuracy == run.accuracy
    assert len(run.history()) == 2
    assert run.run_id == config.run_id(run.manifest.trained.config)
    assert presets.preset_name(run.manifest.trained.config) is None
    with pytest.raises(RunDamagedError, match="mean and deviation"):  # a toy: nobody has written it down
        run.predict(np.zeros((1, 28, 28), np.uint8))
    with pytest.raises(UnknownNameError, match="unknown model 'transformer'"):
        run.model()
    for ask in (
        lambda: make_config("letters", "mlp", "handout"),
        lambda: make_config("digits", "transformer", "handout"),
        lambda: pipeline.train_run(wanted.model_copy(update={"seed": 9}), store=store),
    ):
        with pytest.raises(UnknownNameError, match="expected one of"):
            ask()


def test_what_was_loaded_is_never_mixed_with_what_replaced_it(store: Store) -> None:
    run_id = pipeline.train_run(recipe(), store=store, device="cpu").run_id
    run = stored_runs.load_run(run_id, store=store)
    pipeline.train_run(recipe(), store=store, device="cpu", force=True)
    for ask in (run.history, run.predictions, run.model):
        with pytest.raises(RunReplacedError, match="Load it again"):
            ask()
    again = stored_runs.load_run(run_id, store=store)
    assert len(again.history()) == 3


def test_an_evaluation_is_of_one_run_though_it_is_replaced_meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = store.save(toy_content()).run_id
    manifest, replaced = Store.manifest, []

    def replace_after(self: Store, name: str) -> Any:
        found = manifest(self, name)
        if not replaced:
            replaced.append(self.save(toy_content(values=1), replace=True))
        return found

    monkeypatch.setattr(Store, "manifest", replace_after)
    assert stored_runs.evaluate(run_id, store=store).summary.accuracy == replaced[0].accuracy
