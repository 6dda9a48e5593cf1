"""The models that a notebook keeps: loaded once, gone when idle, gone when asked, never in the middle of an answer."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import mnistcore
from mnistcore.datasets.loading import load_split
from mnistcore.datasets.pixels import ImageWarning
from mnistcore.errors import DeviceError, InputError, RunDamagedError
from mnistcore.memory import memory_use
from mnistcore.models import held_models, inference, model_cache
from mnistcore.models.model_cache import ModelKey
from mnistcore.stored_runs import StoredRun
from scripts.project import ROOT
from scripts.toys import toy_content
from tests.here import here, store_here

IMAGES = np.zeros((3, 28, 28), dtype=np.uint8)
SECONDS = 20.0  # far more than anything here takes


def wait(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def key(number: int = 0, *, weights: str = "a") -> ModelKey:
    return ModelKey(f"digits-linear-0000000{number}", weights * 64, "cpu", here().holders)


def build() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def answer(which: ModelKey, load: Callable[[], nn.Module] = build) -> np.ndarray:
    return model_cache.logits(which, load, IMAGES, mean=0.1, std=0.3)


def kept() -> list[str]:
    return [model.run_id for model in model_cache.held()]


@pytest.fixture(autouse=True)
def _keeps_nothing() -> Iterator[None]:
    model_cache.release()
    yield
    model_cache.release()


@pytest.fixture
def run() -> StoredRun:
    """A trained run on digits."""
    return mnistcore.load_run(mnistcore.train("digits", "linear", "handout", epochs=1).run_id)


# ---------------------------------------------------------------- what a notebook sees


def test_predictions_are_those_that_were_stored(run: StoredRun) -> None:
    test = load_split("digits", "test")
    stored = run.predictions("test")
    found = run.predict(test.images, labels=test.labels, device="cpu")
    np.testing.assert_allclose(found.logits, stored.logits, atol=0.02)  # stored with fewer digits
    assert found.accuracy == stored.accuracy
    without = run.predict(test.images, device="cpu")
    np.testing.assert_array_equal(without.logits, found.logits)
    np.testing.assert_array_equal(without.predicted, found.predicted)
    assert without.scores.sum(axis=1) == pytest.approx(1)
    assert not hasattr(without, "accuracy")


def test_small_labels_are_taken(run: StoredRun) -> None:
    assert run.predict(IMAGES, labels=np.array([1, 2, 3], dtype=np.uint8), device="cpu").labels.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (np.zeros((3, 28, 27), np.uint8), None, r"images: got uint8 \(3, 28, 27\)"),
        (np.zeros((0, 28, 28), np.uint8), None, "empty"),
        (np.full((3, 28, 28), np.nan), None, "NaN"),
        ("seven.png", None, "PIL.Image.open"),
        (IMAGES, ["one", "two", "three"], "labels: expected 3 whole numbers"),
        (IMAGES, [[0], [1, 2]], "labels: expected 3 whole numbers"),
        (IMAGES, np.array([0, 1]), "labels: expected 3 whole numbers"),
        (IMAGES, np.array([0.0, 1.0, 2.0]), "labels: expected 3 whole numbers"),
        (IMAGES, np.array([0, 1, 10]), "labels: expected 0 to 9"),
    ],
)
def test_what_cannot_be_asked_is_said(images: object, labels: object, words: str, run: StoredRun) -> None:
    with pytest.raises(InputError, match=words):
        run.predict(images, labels=labels, device="cpu")  # type: ignore[arg-type]


def test_any_form_of_the_same_images_gets_the_same_answer(run: StoredRun) -> None:
    test = load_split("digits", "test")
    images, labels = test.images[:5], test.labels[:5].tolist()
    expected = run.predict(images, device="cpu").logits
    for given in (images / 255, images[:, None], [Image.fromarray(image) for image in images], images.tolist()):
        np.testing.assert_array_equal(run.predict(given, labels=labels, device="cpu").logits, expected)


def test_black_on_white_is_warned_of(run: StoredRun) -> None:
    with pytest.warns(ImageWarning, match="bright background"):
        run.predict(255 - load_split("digits", "test").images[0], device="cpu")


def test_a_device_that_is_not_here_is_said(run: StoredRun) -> None:
    with pytest.raises(DeviceError, match="expected one of auto"):
        run.predict(IMAGES, device="cuda:99")
    assert kept() == []


def test_weights_of_another_model_are_said() -> None:

    manifest = store_here().save(toy_content())  # its weights are no mlp's
    with pytest.raises(RunDamagedError):
        mnistcore.load_run(manifest.run_id).predict(IMAGES, device="cpu")
    assert kept() == []


def test_it_is_shown_and_given_back(run: StoredRun) -> None:
    run.predict(IMAGES, device="cpu")
    (use,) = memory_use.list_uses(here())
    assert isinstance(use, memory_use.ModelUse)
    assert (use.run_id, use.device, use.pid) == (run.run_id, "cpu", os.getpid())
    assert use.size_bytes == (784 * 10 + 10) * 4
    assert mnistcore.release("digits-mlp-00000000") == ()
    (gone,) = mnistcore.release(run.run_id)
    assert gone.run_id == run.run_id
    assert memory_use.list_uses(here()) == ()
    assert mnistcore.release() == ()


# ---------------------------------------------------------------- keeping


def test_a_model_is_loaded_once_and_its_memory_is_let_go() -> None:
    loaded: list[nn.Module] = []

    def load() -> nn.Module:
        loaded.append(build())
        return loaded[-1]

    first = answer(key(), load)
    np.testing.assert_array_equal(answer(key(), load), first)
    assert len(loaded) == 1
    model_cache.release()
    answer(key(), load)
    assert len(loaded) == 2


def test_nothing_refers_to_a_model_that_has_left() -> None:
    import weakref

    models: list[weakref.ref[nn.Module]] = []

    def load() -> nn.Module:
        model = build()
        models.append(weakref.ref(model))
        return model

    answer(key(), load)
    assert models[0]() is not None
    model_cache.release()
    assert models[0]() is None


def test_a_run_that_was_trained_anew_takes_the_place_of_the_old() -> None:
    first, second = answer(key(weights="a")), answer(key(weights="b"))
    assert (first != second).any()
    assert kept() == [key().run_id]


def test_the_one_not_used_for_longest_makes_room() -> None:
    for number in range(model_cache.MAX_MODELS):
        answer(key(number))
    answer(key(0))
    answer(key(9))
    assert kept() == [key(number).run_id for number in (*range(2, model_cache.MAX_MODELS), 0, 9)]


def test_a_model_that_cannot_be_loaded_is_not_kept() -> None:
    def load() -> nn.Module:
        raise RunDamagedError("no weights")

    with pytest.raises(RunDamagedError):
        answer(key(), load)
    assert kept() == []
    assert held_models.read(here().holders) == ()


def test_no_memory_left_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(inference, "logits", full)
    with pytest.raises(DeviceError, match="no memory left"):
        answer(key())
    monkeypatch.undo()
    assert answer(key()).shape == (3, 10)


def test_records_that_cannot_be_written_matter_to_no_answer(artifacts: Path) -> None:
    artifacts.mkdir()
    (artifacts / "holders").write_text("in the way", encoding="utf-8")
    assert answer(key()).shape == (3, 10)
    assert len(model_cache.release()) == 1


# ---------------------------------------------------------------- leaving


def test_an_idle_model_leaves_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_models, "IDLE_SECONDS", 0.5)
    answer(key())
    assert kept() == [key().run_id]
    wait(lambda: not kept())
    assert held_models.read(here().holders) == ()
    answer(key())  # and whoever watches comes back with the next one
    wait(lambda: not kept())


def test_a_model_that_is_used_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_models, "IDLE_SECONDS", 1.5)
    began = time.monotonic()
    answer(key(1))
    while time.monotonic() < began + 2.5:
        answer(key(2))
        time.sleep(0.1)
    assert kept() == [key(2).run_id]


def test_the_record_says_when_it_was_used() -> None:
    answer(key())
    (before,) = held_models.read(here().holders)[0].models
    time.sleep(0.05)
    answer(key())
    wait(lambda: held_models.read(here().holders)[0].models[0].last_used > before.last_used)


def test_the_room_of_a_computation_is_given_back_after_the_last_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from mnistcore.devices import devices

    emptied: list[str] = []
    monkeypatch.setattr(devices, "empty_cache", lambda device: emptied.append(str(device)))
    monkeypatch.setattr(model_cache, "SETTLE_SECONDS", 0.2)
    answer(key())
    wait(lambda: emptied)
    time.sleep(3 * model_cache.POLL_SECONDS)
    assert emptied == ["cpu"], "once is enough until it is used again"
    answer(key())
    wait(lambda: len(emptied) == 2)


def test_another_process_asks_for_the_place() -> None:
    answer(key(1))
    answer(key(2))
    (process,) = held_models.read(here().holders)
    held_models.request_release(here().holders, process.name, key(1).run_id)
    wait(lambda: kept() == [key(2).run_id])
    assert held_models.release_requests(here().holders, process.name) == frozenset()
    assert [model.run_id for model in held_models.read(here().holders)[0].models] == [key(2).run_id]


def test_a_model_does_not_leave_in_the_middle_of_an_answer() -> None:
    inside, go_on = threading.Event(), threading.Event()

    class Slow(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = build()

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            inside.set()
            assert go_on.wait(SECONDS)
            return self.layer(images)

    answers: list[np.ndarray] = []
    asking = threading.Thread(target=lambda: answers.append(answer(key(), Slow)))
    asking.start()
    assert inside.wait(SECONDS)
    gone: list[object] = []
    releasing = threading.Thread(target=lambda: gone.extend(model_cache.release()))
    releasing.start()
    releasing.join(0.3)
    assert releasing.is_alive()
    assert not gone
    go_on.set()
    asking.join(SECONDS)
    releasing.join(SECONDS)
    assert answers[0].shape == (3, 10)
    assert len(gone) == 1


def test_a_device_that_fails_for_another_reason_lets_the_models_go(monkeypatch: pytest.MonkeyPatch) -> None:
    from mnistcore.devices import devices

    def fail(device: object) -> None:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    answer(key())
    monkeypatch.setattr(devices, "empty_cache", fail)
    assert len(model_cache.release()) == 1
    assert held_models.read(here().holders) == ()


# ---------------------------------------------------------------- processes

PROGRAM = """
import sys, time
import numpy as np
from torch import nn
from mnistcore.models import model_cache
from mnistcore.models.model_cache import ModelKey
from tests.here import here

def ask(number):
    key = ModelKey(f"digits-linear-0000000{number}", "a" * 64, "cpu", here().holders)
    load = lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    model_cache.logits(key, load, np.zeros((1, 28, 28), np.uint8), mean=0.1, std=0.3)

ask(1)
ask(2)
"""


def notebook(then: str) -> "subprocess.Popen[str]":
    """Another process that keeps two models, says so, and goes on with ``then``."""
    code = f"{PROGRAM}\nprint('ready', flush=True)\n{then}"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_another_process_gives_back_when_asked() -> None:
    with notebook("while model_cache.held(): time.sleep(0.05)") as process:
        results = memory_use.release(here(), memory_use.choose(here(), ()))
        assert {(result.outcome, result.use.pid) for result in results} == {("released", process.pid)}
        assert len(results) == 2
        assert process.wait(SECONDS) == 0


def test_a_process_that_ends_leaves_no_record(artifacts: Path) -> None:
    with notebook("time.sleep(0.5)") as process:
        assert len(held_models.read(here().holders)[0].models) == 2
        assert process.wait(SECONDS) == 0
    assert list((artifacts / "holders").iterdir()) == []


def test_a_process_that_is_killed_is_forgotten(artifacts: Path) -> None:
    with notebook("time.sleep(600)") as process:
        assert len(held_models.read(here().holders)[0].models) == 2
        process.kill()
        process.wait(SECONDS)
        assert memory_use.list_uses(here()) == ()
    assert list((artifacts / "holders").iterdir()) == []


def test_a_fork_leaves_its_parents_record_alone(artifacts: Path) -> None:
    fork = """
import os, warnings
warnings.simplefilter("ignore")
child = os.fork()
if not child:
    assert model_cache.held() == ()
    sys.exit(7)
print(os.waitpid(child, 0)[1] >> 8, flush=True)
time.sleep(600)
"""
    with notebook(fork) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "7\n"
        assert [kept.pid for kept in held_models.read(here().holders)] == [process.pid]
        process.kill()
