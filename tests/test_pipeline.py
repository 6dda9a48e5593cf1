"""Owns the tests of mnistcore.training.pipeline, on digits; faults are injected through the observer and the data folder."""

import gc
import json
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mnistcore import config, stored_runs
from mnistcore.datasets import data_files, loading
from mnistcore.datasets.registry import DATASETS
from mnistcore.datasets.splits import SPLITS
from mnistcore.devices import devices
from mnistcore.errors import (
    ConfigError,
    DataUnavailableError,
    DeviceError,
    NonFiniteLossError,
    ProcessLostError,
    StoreWriteError,
    TrainingStoppedError,
)
from mnistcore.models import inference, models
from mnistcore.runs.content import RunContent
from mnistcore.runs.history import EpochReport
from mnistcore.runs.kept_epochs import thin_epochs
from mnistcore.runs.listing import Listing
from mnistcore.runs.manifest import RunManifest
from mnistcore.runs.store import Store
from mnistcore.training import distributed, pipeline, resuming, run_in_progress, trainer
from mnistcore.training.kept_logits import KeptLogits
from mnistcore.training.observers import Observer, Observers
from mnistcore.training.presets import make_config
from mnistcore.training.resume_points import ResumePoint, ResumePoints
from tests.here import store_here
from tests.observing import Listening
from tests.runs import result_of
from tests.trainings import change_registry, fresh_process, recipe


def stop_after(epochs: int, error: BaseException) -> Observer:
    """An observer that ends the training in the middle of the epoch that follows."""
    finished: list[EpochReport] = []

    def step(done: int, steps: int) -> None:
        if len(finished) == epochs:
            raise error

    return Listening(on_epoch=lambda report, _: finished.append(report), on_step=step)


def stop_at(step: int) -> Observer:
    """An observer that requests the end after that step."""
    done = [0]
    return Listening(on_step=lambda now, _: done.append(now), should_stop=lambda: done[-1] >= step)


@pytest.fixture(autouse=True)
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "REPORT_SECONDS", 0.0)


# --- a training that goes well ------------------------------------------------------------------------------------


def test_a_run_holds_everything(store: Store) -> None:
    result = pipeline.train_run(recipe(), store=store)
    assert not result.cached
    run = store.manifest(config.run_id(recipe()))
    assert run == result.run
    assert (run.status, run.epochs_kept, run.trained.config) == ("complete", (1, 2, 3), recipe())
    assert run.dataset.sizes == {"train": 1257, "validation": 180, "test": 360}
    assert run.dataset.fingerprints == {name: loading.load_split("digits", name).fingerprint for name in SPLITS}
    assert run.dataset.classes[7].ja == "7"
    assert run.trained.model.parameters == 7850
    assert [layer.name for layer in run.trained.model.layers] == ["Flatten", "Linear"]
    assert run.trained.environment.device in ("cpu", "cuda:0", "mps")
    assert run.trained.environment.torch == str(torch.__version__)
    history = store.history(run.run_id)
    assert run.trained.seconds == pytest.approx(sum(report.seconds for report in history))
    assert result.seconds >= run.trained.seconds


def test_the_predictions_are_those_of_the_weights(store: Store) -> None:
    run_id = pipeline.train_run(recipe(), store=store, device="cpu").run_id
    digits = DATASETS["digits"]
    model = stored_runs.load_run(run_id, store=store).model()
    for split in ("validation", "test"):
        images = loading.load_split("digits", split)
        found = store.predictions(run_id, split)
        again = inference.logits(model, images.images, device=torch.device("cpu"), mean=digits.mean, std=digits.std)
        np.testing.assert_array_equal(found.logits, again)
        np.testing.assert_array_equal(found.labels, images.labels)


def test_each_kept_epoch_agrees_with_its_report(store: Store) -> None:
    run_id = pipeline.train_run(recipe(), store=store).run_id
    for report in store.history(run_id):
        found = store.predictions(run_id, "validation", epoch=report.epoch)
        assert found.accuracy == pytest.approx(report.validation_accuracy)


def test_the_same_configuration_gives_the_same_weights_whatever_was_done_before(tmp_path: Path) -> None:
    first, second = Store(tmp_path / "one"), Store(tmp_path / "two")
    run_id = pipeline.train_run(recipe(), store=first, device="cpu").run_id
    torch.manual_seed(99)
    pipeline.train_run(recipe(seed=4), store=second, device="cpu")
    pipeline.train_run(recipe(), store=second, device="cpu")
    ours, theirs = first.weights(run_id), second.weights(run_id)
    assert {name: array.tobytes() for name, array in ours.items()} == {
        name: array.tobytes() for name, array in theirs.items()
    }


def test_many_epochs_are_thinned(store: Store) -> None:
    run = pipeline.train_run(recipe(epochs=51, batch_size=1257), store=store).run
    assert run.epochs_kept == thin_epochs(51)
    assert len(store.history(run.run_id)) == 51


def test_the_observer_hears_of_everything_in_order(store: Store) -> None:
    heard: list[tuple[str, object]] = []
    observer = Listening(
        on_start=lambda wanted: heard.append(("start", wanted)),
        on_step=lambda done, steps: heard.append(("step", (done, steps))),
        on_epoch=lambda report, epochs: heard.append(("epoch", (report.epoch, epochs))),
        on_saved=lambda run: heard.append(("saved", run.run_id)),
    )
    wanted = recipe(epochs=2, batch_size=1000)
    pipeline.train_run(wanted, store=store, observer=observer)
    assert heard == [
        ("start", wanted),
        ("step", (1, 4)),
        ("step", (2, 4)),
        ("epoch", (1, 2)),
        ("step", (3, 4)),
        ("step", (4, 4)),
        ("epoch", (2, 2)),
        ("saved", config.run_id(wanted)),
    ]


# --- the cache ----------------------------------------------------------------------------------------------------


def test_a_complete_run_is_not_trained_again(store: Store) -> None:
    first = pipeline.train_run(recipe(), store=store)
    again = pipeline.train_run(recipe(), store=store, observer=stop_after(0, AssertionError()))
    assert again.cached
    assert again.run == first.run


def test_a_cached_run_imports_no_torch(store: Store) -> None:
    pipeline.train_run(make_config("digits", "linear", "handout"), store=store)
    fresh_process(
        "result = pipeline.train_run(presets.make_config('digits', 'linear', 'handout'), store=store_here())\n"
        "stored_runs.evaluate(result.run_id, store=store_here()).summary\n"
        "assert result.cached"
    )


def test_force_replaces_the_run_once_the_new_one_is_whole(store: Store) -> None:
    first = pipeline.train_run(recipe(), store=store)
    with pytest.raises(KeyboardInterrupt):
        pipeline.train_run(recipe(), store=store, force=True, observer=stop_after(2, KeyboardInterrupt()))
    assert store.manifest(first.run_id) == first.run
    again = pipeline.train_run(recipe(), store=store, force=True)
    assert not again.cached
    assert again.run.created > first.run.created
    assert store.manifest(first.run_id) == again.run


# --- a training that ends early -----------------------------------------------------------------------------------


def test_ctrl_c_keeps_the_finished_epochs(store: Store) -> None:
    saved: list[RunManifest] = []
    stopping = stop_after(2, KeyboardInterrupt())
    observer = Listening(on_epoch=stopping.on_epoch, on_step=stopping.on_step, on_saved=saved.append)
    with pytest.raises(KeyboardInterrupt):
        pipeline.train_run(recipe(), store=store, observer=observer)
    (run,) = saved
    assert (run.status, run.epochs_kept) == ("interrupted", (1, 2))
    assert len(store.history(run.run_id)) == 2
    # The weights are those of the second epoch, not of the third that was under way.
    whole = pipeline.train_run(recipe(), store=Store(store.root.parent / "whole"))
    expected = Store(store.root.parent / "whole").predictions(whole.run_id, "test", epoch=2)
    np.testing.assert_array_equal(store.predictions(run.run_id, "test").logits, expected.logits)


def test_the_weights_kept_are_those_of_the_last_finished_epoch(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt):
        pipeline.train_run(recipe(), store=store, observer=stop_after(1, KeyboardInterrupt()))
    loaded = stored_runs.load_run(config.run_id(recipe()), store=store)
    digits, images = DATASETS["digits"], loading.load_split("digits", "test").images
    again = inference.logits(loaded.model(), images, device=torch.device("cpu"), mean=digits.mean, std=digits.std)
    np.testing.assert_allclose(loaded.predictions().logits, again, rtol=1e-5, atol=1e-5)


def test_an_interruption_after_an_epoch_that_is_not_kept_keeps_it_all_the_same(store: Store) -> None:
    wanted = recipe(epochs=101, batch_size=1257)
    not_kept = next(epoch for epoch in range(1, 102) if epoch not in thin_epochs(101))
    with pytest.raises(KeyboardInterrupt):
        pipeline.train_run(wanted, store=store, observer=stop_after(not_kept, KeyboardInterrupt()))
    run = store.manifest(config.run_id(wanted))
    assert run.epochs_kept[-1] == not_kept == len(store.history(run.run_id))
    assert store.predictions(run.run_id, "validation").accuracy == pytest.approx(
        store.history(run.run_id)[-1].validation_accuracy
    )


def test_an_interruption_before_the_first_epoch_keeps_nothing(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt):
        pipeline.train_run(recipe(), store=store, observer=stop_after(0, KeyboardInterrupt()))
    assert store.listing() == Listing((), ())


def test_an_interruption_while_it_is_saved_loses_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    save, calls = Store.save, []

    def interrupted_once(self: Store, content: RunContent, *, replace: bool = False) -> RunManifest:
        calls.append(content)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return save(self, content, replace=replace)

    monkeypatch.setattr(Store, "save", interrupted_once)
    with pytest.raises(KeyboardInterrupt):
        pipeline.train_run(recipe(), store=store)
    assert store.manifest(config.run_id(recipe())).status == "complete"


def test_a_loss_of_nan_keeps_the_last_good_epoch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = NonFiniteLossError(epoch=2, step=3, loss=float("nan"))
    with pytest.raises(NonFiniteLossError):
        pipeline.train_run(recipe(), store=store, observer=stop_after(1, broken))
    run = store.manifest(config.run_id(recipe()))
    assert (run.status, run.epochs_kept) == ("diverged", (1,))
    assert all(np.isfinite(array).all() for array in store.weights(run.run_id).values())


def test_a_real_divergence_is_found(store: Store) -> None:
    wanted = make_config("digits", "mlp", "handout", optimizer="sgd", learning_rate=10.0, weight_decay=1.0)
    with pytest.raises(NonFiniteLossError, match="smaller learning rate"):
        pipeline.train_run(wanted, store=store)


def test_an_unfinished_run_is_retrained_and_replaced(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt):
        pipeline.train_run(recipe(), store=store, observer=stop_after(1, KeyboardInterrupt()))
    result = pipeline.train_run(recipe(), store=store)
    assert not result.cached
    assert store.manifest(result.run_id).status == "complete"


def test_an_unfinished_run_that_came_further_is_kept(store: Store) -> None:
    for epochs in (2, 1):
        with pytest.raises(KeyboardInterrupt):
            pipeline.train_run(recipe(), store=store, observer=stop_after(epochs, KeyboardInterrupt()))
    assert store.manifest(config.run_id(recipe())).epochs_kept == (1, 2)


# --- what is found out before anything is trained -----------------------------------------------------------------


def test_a_batch_above_the_training_set_is_refused(store: Store) -> None:
    with pytest.raises(ConfigError, match="batch_size: expected at most 1257"):
        pipeline.train_run(recipe(batch_size=1258), store=store)


def test_a_store_that_cannot_be_written_to_is_found_out_first(artifacts: Path) -> None:
    artifacts.write_text("a file where a folder should be")
    with pytest.raises(StoreWriteError):
        pipeline.train_run(recipe(), store=store_here(), observer=stop_after(0, AssertionError("trained")))


def test_an_unknown_device_is_refused(store: Store) -> None:
    with pytest.raises(DeviceError, match="cpu"):
        pipeline.train_run(recipe(), store=store, device="abacus")


def test_data_that_are_not_there_are_fetched_before_the_training(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def prepare(name: str, **options: object) -> None:
        asked.append(name)
        raise DataUnavailableError("no network")

    monkeypatch.setattr(data_files, "prepare", prepare)
    with pytest.raises(DataUnavailableError, match="no network"):
        pipeline.train_run(make_config("mnist", "linear", "handout"), store=store, data_root=tmp_path / "nothing")
    assert asked == ["mnist"]


# --- resuming -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [1, 6, 7, 8, 13, 14, 20, 21])  # 7 steps an epoch
def test_left_after_any_step_it_resumes_as_if_it_had_never_been_left(store: Store, tmp_path: Path, step: int) -> None:
    """In as many threads as torch takes, and in one process: its random numbers continue meanwhile."""
    wanted = recipe(averaging=0.9, augmentation="shift")
    resume = ResumePoints(tmp_path / "resume")
    with pytest.raises(TrainingStoppedError, match=f"after step {step} of 21"):
        pipeline.train_run(wanted, store=store, device="cpu", resume=resume, observer=stop_at(step))
    torch.rand(1000)
    heard: list[tuple[int, int]] = []
    observer = Listening(on_resume=lambda done, steps: heard.append((done, steps)))
    run_id = pipeline.train_run(wanted, store=store, device="cpu", resume=resume, observer=observer).run_id
    assert heard == [(step, 21)]
    whole = Store(tmp_path / "whole")
    pipeline.train_run(wanted, store=whole, device="cpu")
    assert result_of(store, run_id) == result_of(whole, run_id)
    assert not resume.folder.exists()


@pytest.mark.parametrize("split", ["validation", "test"])
@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_a_stop_while_images_are_evaluated_waits_for_no_more_of_them(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, split: str, averaging: float
) -> None:
    """Requested at the end of the second of three epochs: the first one is kept, and the second loses nothing."""
    wanted = recipe(averaging=averaging)
    resume = ResumePoints(tmp_path / "resume")
    asking = ask_while_evaluating(monkeypatch, split, epoch=2)
    told: list[int] = []
    with pytest.raises(TrainingStoppedError, match="after step 14 of 21"):
        pipeline.train_run(
            wanted,
            store=store,
            device="cpu",
            resume=resume,
            observer=Observers(asking, Listening(on_step=lambda done, _: told.append(done))),
        )
    assert told[-2:] == [14, 14]  # once more, as on a quick device not every step is told
    run_id = config.run_id(wanted)
    assert (store.manifest(run_id).status, store.manifest(run_id).epochs_kept) == ("interrupted", (1,))
    steps: list[int] = []
    observer = Listening(on_step=lambda done, _: steps.append(done))
    pipeline.train_run(wanted, store=store, device="cpu", resume=resume, observer=observer)
    assert steps == [15, 16, 17, 18, 19, 20, 21]
    whole = Store(tmp_path / "whole")
    pipeline.train_run(wanted, store=whole, device="cpu")
    assert result_of(store, run_id) == result_of(whole, run_id)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_stop_while_the_first_epoch_is_evaluated_keeps_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, split: str
) -> None:
    with pytest.raises(TrainingStoppedError):
        pipeline.train_run(recipe(), store=store, observer=ask_while_evaluating(monkeypatch, split, epoch=1))
    (report,) = store.history(config.run_id(recipe()))
    assert report.share == 1


def ask_while_evaluating(monkeypatch: pytest.MonkeyPatch, split: str, *, epoch: int) -> Observer:
    """An observer that requests the end as soon as the images of a split are evaluated for the ``epoch``-th time."""
    size, times = len(loading.load_split("digits", split)), []
    evaluate = inference.logits

    def logits(model: torch.nn.Module, images: np.ndarray, **options: Any) -> np.ndarray:
        times.extend([1] * (len(images) == size))
        return evaluate(model, images, **options)

    monkeypatch.setattr(inference, "logits", logits)
    return Listening(should_stop=lambda: len(times) == epoch)


def test_a_stop_while_it_gets_ready_trains_nothing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(TrainingStoppedError, match="before the first step"):
        pipeline.train_run(recipe(), store=store, observer=Listening(should_stop=lambda: True))
    assert store.listing().runs == ()


def test_a_stop_ends_a_download(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    def prepare(name: str, *, on_progress: Any, **options: object) -> None:
        for file in ("one", "two", "three"):
            on_progress(file)

    monkeypatch.setattr(data_files, "prepare", prepare)
    observer = Listening(on_download=heard.append, should_stop=lambda: len(heard) == 2)
    with pytest.raises(TrainingStoppedError, match="before the first step"):
        pipeline.train_run(
            make_config("mnist", "linear", "handout"), store=store, data_root=tmp_path / "nothing", observer=observer
        )
    assert heard == ["one", "two"]


def test_a_part_of_the_first_epoch_never_replaces_what_came_further(store: Store, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        pipeline.train_run(recipe(), store=store, observer=stop_after(1, KeyboardInterrupt()))
    with pytest.raises(TrainingStoppedError):
        pipeline.train_run(recipe(), store=store, observer=stop_at(1))
    (report,) = store.history(config.run_id(recipe()))
    assert report.share == 1


def test_a_resume_point_that_cannot_be_used_is_told_and_costs_time_alone(store: Store, tmp_path: Path) -> None:
    resume = ResumePoints(tmp_path / "resume")
    with pytest.raises(TrainingStoppedError):
        pipeline.train_run(recipe(), store=store, resume=resume, observer=stop_at(1))
    (state,) = resume.folder.glob("state-*")
    state.write_bytes(b"spoilt")
    warnings: list[str] = []
    run = pipeline.train_run(recipe(), store=store, resume=resume, observer=Listening(on_warning=warnings.append)).run
    assert run.status == "complete"
    assert "starts at the beginning" in warnings[0]


def shifted(array: np.ndarray) -> np.ndarray:
    return np.concatenate([array.reshape(-1), array.reshape(-1)])


MISFITS: dict[str, Callable[[ResumePoint], dict[str, Any]]] = {
    "optimiser": lambda point: {"tensors": {
        name.replace("exp_avg_sq", "momentum"): array for name, array in point.tensors.items()
    }},
    "optimiser's shapes": lambda point: {"tensors": {
        name: shifted(array) if name.endswith("exp_avg") else array for name, array in point.tensors.items()
    }},
    "a part of the optimiser": lambda point: {"tensors": {
        name: array for name, array in point.tensors.items() if name != "optimizer/0/step"
    }},
    "network": lambda point: {"tensors": {
        name: shifted(array) if name == "model/1.weight" else array for name, array in point.tensors.items()
    }},
    "mean": lambda point: {"tensors": {name: array for name, array in point.tensors.items() if "average/" not in name}},
    "losses": lambda point: {"tensors": dict(point.tensors) | {"losses": np.zeros(1, np.float32)}},
    "random numbers": lambda point: {"tensors": dict(point.tensors) | {"random": np.zeros(3, np.uint8)}},
    "epoch": lambda point: {"epoch": 3},
    "last epoch": lambda point: {"epoch": 9},
    "step": lambda point: {"step": 8},
    "right answers": lambda point: {"correct": 401},
    "history": lambda point: {"history": ()},
    "weights": lambda point: {"weights": {}},
    "logits": lambda point: {"logits": {1: {split: array[1:] for split, array in point.logits[1].items()}}},
}  # fmt: skip


@pytest.mark.parametrize("what", MISFITS)
def test_a_resume_point_that_does_not_fit_is_told_and_hinders_no_start(store: Store, tmp_path: Path, what: str) -> None:
    """Left in the second epoch after two of its seven steps: then everything is in it."""
    wanted = recipe(averaging=0.9)
    resume = ResumePoints(tmp_path / "resume")
    with pytest.raises(TrainingStoppedError):
        pipeline.train_run(wanted, store=store, device="cpu", resume=resume, observer=stop_at(9))
    splits = {name: loading.load_split("digits", name) for name in SPLITS}
    point = resume.read(wanted, {name: split.fingerprint for name, split in splits.items()})
    assert point is not None
    resume.drop()
    resume.save(replace(point, **MISFITS[what](point)))
    warnings: list[str] = []
    steps: list[int] = []
    observer = Listening(on_warning=warnings.append, on_step=lambda done, _: steps.append(done))
    run = pipeline.train_run(wanted, store=store, device="cpu", resume=resume, observer=observer).run
    assert (run.status, steps[0]) == ("complete", 1)
    (warning,) = warnings
    assert "the resume point cannot be used: expected" in warning
    assert "starts at the beginning" in warning


def test_a_resume_point_that_cannot_be_kept_is_a_warning(store: Store, tmp_path: Path) -> None:
    (tmp_path / "resume").write_text("a file where a folder should be")
    warnings: list[str] = []
    observer = Listening(on_warning=warnings.append)
    pipeline.train_run(recipe(), store=store, resume=ResumePoints(tmp_path / "resume"), observer=observer)
    assert [warning for warning in warnings if "could not be kept (not a folder" in warning]
    assert store.manifest(config.run_id(recipe())).status == "complete"


def test_a_run_that_could_not_be_saved_is_saved_without_training_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Store, content: RunContent, *, replace: bool = False) -> RunManifest:
        raise StoreWriteError("disk full")

    resume = ResumePoints(tmp_path / "resume")
    with monkeypatch.context() as patched:
        patched.setattr(Store, "save", full)
        with pytest.raises(StoreWriteError):
            pipeline.train_run(recipe(), store=store, resume=resume)
    steps: list[int] = []
    observer = Listening(on_step=lambda done, _: steps.append(done))
    run = pipeline.train_run(recipe(), store=store, resume=resume, observer=observer).run
    assert steps == []
    assert (run.status, run.epochs_kept) == ("complete", (1, 2, 3))


# --- another version -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written_down", [True, False])
def test_a_training_that_goes_on_prepares_its_images_as_before(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written_down: bool
) -> None:
    pipeline.train_run(recipe(), store=Store(tmp_path / "whole" / "runs"), device="cpu")
    resume = ResumePoints(tmp_path / "resume")
    with pytest.raises(TrainingStoppedError):
        pipeline.train_run(recipe(), store=store, device="cpu", resume=resume, observer=stop_at(9))
    if not written_down:  # as the first versions left it
        path = resume.folder / "resume.json"
        content = json.loads(path.read_bytes())
        del content["preprocessing"]
        path.write_text(json.dumps(content))
    change_registry(monkeypatch)
    told: list[int] = []
    observer = Listening(on_resume=lambda done, steps: told.append(done))
    pipeline.train_run(recipe(), store=store, device="cpu", resume=resume, observer=observer)
    assert told == [9]
    run_id = config.run_id(recipe())
    assert result_of(store, run_id) == result_of(Store(tmp_path / "whole" / "runs"), run_id)
    assert store.manifest(run_id).image_preprocessing.mean == 0.1549


def test_a_disk_that_goes_while_a_training_runs_leaves_no_folder_where_it_was(store: Store, artifacts: Path) -> None:
    resume, warnings = ResumePoints(artifacts / "jobs" / "resume"), list[str]()
    (artifacts / "jobs").mkdir(parents=True)
    observer = Listening(
        on_epoch=lambda report, _: report.epoch == 2 and artifacts.rename(artifacts.with_name("disk")),
        on_warning=warnings.append,
    )
    with pytest.raises(StoreWriteError, match="not there any more"):
        pipeline.train_run(recipe(), store=store, device="cpu", resume=resume, observer=observer)
    assert not artifacts.exists()
    assert any("not there any more" in warning for warning in warnings)


# ---------------------------------------------------------------- what a training leaves behind


class _Broken(RuntimeError):
    """An error of the observer's."""


@pytest.mark.parametrize("end", ["complete", "Ctrl-C", "full", "full at the first touch", "error", "stopped"])
def test_after_a_training_nothing_keeps_its_model_and_images(
    end: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As in a notebook, which keeps the last error; and without a look of the garbage collector's."""
    kept: list[weakref.ref[Any]] = []
    real = trainer.Trainer.__init__

    def begin(self: trainer.Trainer, model: torch.nn.Module, train: Any, *more: Any, **named: Any) -> None:
        kept.extend((weakref.ref(self), weakref.ref(model)))
        if end == "full at the first touch":
            model.held = torch.zeros(3)  # type: ignore[assignment]
            kept.append(weakref.ref(model.held))
            with devices.memory_guard("cpu"):
                raise torch.OutOfMemoryError("injected")
        real(self, model, train, *more, **named)
        kept.extend(
            weakref.ref(tensor) for tensor in (self._batches._labels, self._progress._losses, *model.parameters())
        )

    def step(done: int, steps: int) -> None:
        if done == 9 and end in ("Ctrl-C", "full", "error"):
            raise {"Ctrl-C": KeyboardInterrupt(), "full": torch.OutOfMemoryError("injected"), "error": _Broken()}[end]

    done = [0]
    observer = Listening(on_step=step)
    if end == "stopped":
        observer = Listening(on_step=lambda step, _: done.append(step), should_stop=lambda: done[-1] > 8)
    monkeypatch.setattr(trainer.Trainer, "__init__", begin)
    wanted = make_config("digits", "cnn", "quick", epochs=1)
    gc.collect()
    gc.disable()
    try:
        last_error: BaseException | None = None
        try:
            pipeline.train_run(wanted, store=Store(tmp_path / "runs"), device="cpu", observer=observer)
        except BaseException as error:
            last_error = error
        assert (last_error is None) == (end == "complete")
        assert len(kept) > 2
        assert [ref() for ref in kept if ref() is not None] == []
    finally:
        gc.enable()
    monkeypatch.setattr(trainer.Trainer, "__init__", real)
    assert pipeline.train_run(wanted, store=Store(tmp_path / "runs"), device="cpu", force=True).run.status == "complete"


@pytest.mark.parametrize("trouble", ["CUDA error: unspecified launch failure", "CUDA error: out of memory"])
def test_what_a_device_that_fails_has_finished_is_evaluated_on_the_cpu(
    trouble: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an epoch that is not one of those that are kept, so that its weights have to be evaluated at the end."""
    real, broken, told = inference.logits, [False], list[str]()
    wanted = recipe(epochs=300)
    last = next(epoch for epoch in range(1, 300) if epoch not in thin_epochs(300))

    def logits(model: torch.nn.Module, images: Any, **more: Any) -> Any:
        if broken[0] and model is models_made[0]:
            raise RuntimeError(trouble)
        return real(model, images, **more)

    models_made: list[torch.nn.Module] = []
    build = models.build
    monkeypatch.setattr(models, "build", lambda *a, **k: models_made.append(build(*a, **k)) or models_made[-1])
    monkeypatch.setattr(inference, "logits", logits)
    finished: list[int] = []

    def step(done: int, steps: int) -> None:
        if len(finished) == last:
            broken[0] = True
            raise torch.AcceleratorError(trouble)

    observer = Listening(on_epoch=lambda report, _: finished.append(report.epoch), on_step=step, on_warning=told.append)
    with pytest.raises(DeviceError, match="memory" if "memory" in trouble else "launch failure"):
        pipeline.train_run(wanted, store=store, device="cpu", observer=observer)
    run = store.manifest(config.run_id(wanted))
    assert (run.status, run.epochs_kept[-1]) == ("interrupted", last)
    assert [text.endswith("evaluated on the CPU") for text in told] == [True]


def test_an_error_that_the_caller_handles_keeps_what_its_frames_hold(store: Store) -> None:
    def fail() -> None:
        held = "what the caller looks at"
        raise ValueError(len(held))

    try:
        fail()
    except ValueError as error:
        with pytest.raises(ConfigError):
            pipeline.train_run(recipe(batch_size=1200), store=store, observer=stop_after(0, ConfigError("no")))
        assert error.__traceback__ is not None
        assert error.__traceback__.tb_next is not None
        assert error.__traceback__.tb_next.tb_frame.f_locals["held"] == "what the caller looks at"


@pytest.mark.parametrize("place", ["to", "copied_weights", "add"])
def test_a_device_that_fails_anywhere_is_told_of_in_a_sentence(
    place: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise torch.AcceleratorError("CUDA error: out of memory")

    if place == "to":
        monkeypatch.setattr(torch.nn.Module, "to", fail)
    elif place == "copied_weights":
        monkeypatch.setattr(run_in_progress, "copied_weights", fail)
    else:
        monkeypatch.setattr(KeptLogits, "add", fail)
    with pytest.raises(DeviceError, match="no memory left"):
        pipeline.train_run(recipe(), store=store)


class Broken(distributed.Group):
    """One of several processes: from some step on the others are gone, and what an exchange leaves is NaN."""

    def __init__(self, *, after: int) -> None:
        self._left = after

    def share_gradients(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        self._left -= 1
        for parameter in parameters:
            if self._left < 0 and parameter.grad is not None:
                parameter.grad.fill_(float("nan"))

    @contextmanager
    def confirmed(self) -> Iterator[None]:
        try:
            yield
        finally:
            if self._left < 0:
                raise ProcessLostError("another process has ended")


@pytest.mark.parametrize("after", [10, 13])  # the last but one, and the last step of an epoch are those that are lost
def test_what_a_broken_exchange_leaves_is_not_kept(
    after: int, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "RESUME_SECONDS", 0.0)
    monkeypatch.setattr(trainer, "REPORT_SECONDS", 0.0)
    resume, wanted = ResumePoints(tmp_path / "resume"), recipe()
    with pytest.raises(ProcessLostError):
        pipeline.train_run(wanted, store=store, resume=resume, group=Broken(after=after))
    run = store.listing().runs[0]
    assert (run.status, len(store.history(run))) == ("interrupted", 1)
    point = resume.read(wanted, {name: split.fingerprint for name, split in loading.load_splits("digits").items()})
    assert point is not None
    assert (point.epoch, point.step) == (2, after - 7)
    assert all(np.isfinite(tensor).all() for tensor in point.tensors.values() if tensor.dtype.kind == "f")
    whole = pipeline.train_run(wanted, store=Store(tmp_path / "other"), resume=resume)
    assert whole.run.status == "complete"


def test_shuffled_labels_are_trained_on_but_never_tested_on(store: Store) -> None:
    run = pipeline.train_run(recipe(epochs=1, labels="shuffled"), store=store, device="cpu").run
    true = loading.load_splits("digits")
    assert run.dataset.fingerprints["test"] == true["test"].fingerprint
    assert run.dataset.fingerprints["train"] != true["train"].fingerprint
    assert (store.predictions(run.run_id, "test").labels == true["test"].labels).all()
    assert run.accuracy is not None
    assert run.accuracy < 0.4  # of ten classes; one epoch on true labels reaches 0.8 and more
