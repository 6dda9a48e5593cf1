"""What only a GPU can show: trainings, going on, memory, troubles. Each test runs in a process of its own."""

import copy
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Subset

import mnistcore
from mnistcore import stored_runs
from mnistcore.config import TrainConfig
from mnistcore.datasets import loading
from mnistcore.devices import devices
from mnistcore.errors import DeviceError, TrainingStoppedError
from mnistcore.jobs import jobs
from mnistcore.models import inference, model_cache
from mnistcore.runs.store import Store
from mnistcore.training import pipeline
from mnistcore.training.presets import make_config
from mnistcore.training.resume_points import ResumePoints
from tests.here import here, store_here
from tests.loaders import Digits, Handout, by_hand
from tests.observing import Listening

pytestmark = pytest.mark.needs_cuda

RECIPES = (("linear", "handout"), ("mlp", "handout"), ("cnn", "quick"), ("resnet", "quick"))
ACCURACY = 0.9  # of each of them on digits
CUBLAS = 128 * 2**20  # bytes at most that it works in, and keeps: 32 MiB for each thread that computes


def reserved() -> int:
    return sum(map(torch.cuda.memory_reserved, range(torch.cuda.device_count())))


def recipe(**fields: object) -> TrainConfig:
    return make_config("digits", "cnn", "quick", **fields)


@pytest.mark.parametrize(("model", "preset"), RECIPES)
def test_every_model_learns_on_a_gpu(model: str, preset: str, artifacts: Path) -> None:
    done = jobs.run(here(), make_config("digits", model, preset), device="cuda")
    assert (done.run.status, done.run.trained.environment.device[:4]) == ("complete", "cuda")
    assert done.accuracy is not None
    assert done.accuracy > ACCURACY
    assert reserved() <= CUBLAS, "the training is over"


def test_a_training_on_a_gpu_goes_on_where_it_was_left(artifacts: Path, tmp_path: Path) -> None:
    wanted, resume, steps = recipe(epochs=6), ResumePoints(tmp_path / "resume"), [0]
    observer = Listening(on_step=lambda done, _: steps.append(done), should_stop=lambda: steps[-1] > 9)
    with pytest.raises(TrainingStoppedError):
        pipeline.train_run(wanted, store=store_here(), device="cuda", resume=resume, observer=observer)
    resumed: list[int] = []
    observer = Listening(on_resume=lambda done, _: resumed.append(done))
    run = pipeline.train_run(wanted, store=store_here(), device="cuda", resume=resume, observer=observer).run
    assert resumed == [steps[-1]]
    whole = pipeline.train_run(wanted, store=Store(tmp_path / "whole"), device="cuda").run
    assert run.accuracy == pytest.approx(whole.accuracy, abs=0.03)  # not bit for bit: CUDA adds in any order


def test_a_gpu_and_the_cpu_answer_alike(artifacts: Path) -> None:
    stored = stored_runs.load_run(jobs.run(here(), recipe(), device="cuda").run_id, store=store_here())
    images, prepared = loading.load_split("digits", "test").images, stored.manifest.image_preprocessing
    one, two = (
        inference.logits(stored.model(), images, device=devices.pick_device(name), mean=prepared.mean, std=prepared.std)
        for name in ("cpu", "cuda")
    )
    np.testing.assert_allclose(one, two, atol=1e-3)  # float32; TF32 would be off by more


def test_a_model_that_is_kept_leaves_the_gpu_when_it_is_released(artifacts: Path) -> None:
    run_id = jobs.run(here(), make_config("digits", "resnet", "quick", epochs=1), device="cuda").run_id
    before = reserved()
    stored_runs.load_run(run_id, store=store_here()).predict(loading.load_split("digits", "test").images, device="cuda")
    assert reserved() > before
    model_cache.release()
    assert reserved() <= before


@pytest.fixture
def little_memory() -> Iterator[None]:
    """150 MiB of each GPU, of which cuBLAS and cuDNN take a part."""
    for index in range(torch.cuda.device_count()):
        whole = torch.cuda.get_device_properties(index).total_memory
        torch.cuda.set_per_process_memory_fraction(150 * 2**20 / whole, index)
    yield
    for index in range(torch.cuda.device_count()):
        torch.cuda.set_per_process_memory_fraction(1.0, index)


def test_after_a_batch_that_does_not_fit_a_smaller_one_works(
    artifacts: Path, little_memory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DeviceError, match="no memory left") as raised:
        jobs.run(here(), make_config("digits", "resnet", "best", epochs=1, batch_size=1257), device="cuda")
    monkeypatch.setattr(sys, "last_value", raised.value, raising=False)  # as a notebook keeps it, and all its frames
    assert reserved() <= CUBLAS
    assert jobs.run(here(), make_config("digits", "mlp", "handout", epochs=2), device="cuda").run.status == "complete"


def test_memory_is_given_back() -> None:
    device = devices.pick_device("cuda")
    held = torch.zeros(1 << 26, device=device)
    size_bytes = held.nbytes
    before = torch.cuda.memory_reserved(device)
    del held
    gc.collect()
    assert torch.cuda.memory_reserved(device) == before
    devices.release_memory(device)
    assert torch.cuda.memory_reserved(device) <= before - size_bytes


def test_a_layer_computes_in_the_stated_type() -> None:
    device = devices.pick_device("cuda")
    with devices.autocast(device):
        result = torch.nn.Linear(2, 2, device=device)(torch.ones(1, 2, device=device))
    assert result.dtype == devices.compute_dtype(device)


def test_torch_and_the_queue_mean_the_same_gpu() -> None:
    assert str(devices.pick_device("cuda")) == devices.choose("cuda")[0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_a_network_on_a_gpu_is_recorded_there_and_left_as_it_was(dtype: torch.dtype) -> None:
    torch.manual_seed(1)
    data, model = Digits(), Handout()
    expected = by_hand(model, data)
    model = model.to("cuda", dtype).train()
    loader = DataLoader(data, batch_size=64, shuffle=True, pin_memory=True, num_workers=2)
    states = [torch.cuda.get_rng_state(), torch.get_rng_state()]
    done = mnistcore.record(model, loader, name="on a GPU")
    seen = store_here().predictions(done.manifest, "test")
    np.testing.assert_allclose(seen.logits, expected, atol=1e-3 if dtype == torch.float32 else 0.1)
    assert done.manifest.dataset.name == "digits"
    assert all(map(torch.equal, [torch.cuda.get_rng_state(), torch.get_rng_state()], states))
    assert model.training
    assert {(each.device.type, each.dtype) for each in model.parameters()} == {("cuda", dtype)}
    assert all(each.grad is None for each in model.parameters())


def test_the_epochs_of_a_loop_on_a_gpu_are_recorded_as_they_would_train_without(artifacts: Path) -> None:
    def trained(*, recorded: bool) -> torch.Tensor:
        torch.manual_seed(4)
        model = Handout().to("cuda")
        loader = DataLoader(Subset(Digits(), range(120)), batch_size=40, shuffle=True, pin_memory=True)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        with mnistcore.Recorder("loop") as recorder:
            for _ in range(3):
                total = torch.zeros((), device="cuda")
                for images, truth in loader:
                    images, truth = images.to("cuda", non_blocking=True), truth.to("cuda", non_blocking=True)
                    optimizer.zero_grad()
                    loss = torch.nn.functional.cross_entropy(model.train()(images), truth)
                    loss.backward()
                    optimizer.step()
                    total += loss.detach()
                if recorded:
                    recorder.epoch(model, loader, train_loss=total / len(loader))
        return model[1].weight.detach().clone()

    torch.testing.assert_close(trained(recorded=True), trained(recorded=False))
    (run,) = store_here().listing().runs
    assert run.epochs_kept == (1, 2, 3)
    losses = [report.train_loss for report in store_here().recorded(run)]
    assert losses == sorted(losses, reverse=True)


def test_a_compiled_network_is_recorded_without_compiling_it_once_more() -> None:
    torch.manual_seed(2)
    model, data = Handout().to("cuda"), Digits()
    compiled, partly = torch.compile(model), Handout().to("cuda")
    partly.load_state_dict(model.state_dict())
    partly[1].compile()
    expected = by_hand(copy.deepcopy(model).cpu(), data)
    for network in (compiled, partly):
        done = mnistcore.record(network, DataLoader(data, batch_size=50), name="compiled")
        assert done.manifest.origin.model == "Handout"
        seen = store_here().predictions(done.manifest, "test")
        np.testing.assert_allclose(seen.logits, expected, atol=1e-3)
    counted = torch._dynamo.utils.counters["stats"].get("unique_graphs", 0)
    assert counted == 0, "nothing was compiled"
