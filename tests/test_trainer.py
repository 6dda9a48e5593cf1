"""Owns the tests of mnistcore.training.trainer: a toy task of bright left or right halves, and digits."""

import ast
import inspect
import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mnistcore.config import TrainConfig
from mnistcore.datasets import loading
from mnistcore.datasets.splits import Split
from mnistcore.errors import ConfigError, DeviceError, InputError, NonFiniteLossError
from mnistcore.models import models
from mnistcore.runs.history import CurvePoint, EpochReport
from mnistcore.training import augmentations, batches, optimizers, schedules, trainer, training_state
from mnistcore.training.presets import make_config

CPU = torch.device("cpu")


def halves(count: int, *, seed: int = 0) -> Split:
    """Noise, brighter in the left half (class 0) or in the right (class 1)."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, count)
    images = random.integers(0, 100, (count, 28, 28))
    images[labels == 0, :, :14] += 100
    images[labels == 1, :, 14:] += 100
    return Split(images.astype(np.uint8), labels)


TRAIN, VALIDATION = halves(101), halves(40, seed=1)


def toy(**overrides: object) -> TrainConfig:
    return make_config("digits", "mlp", "handout", **({"epochs": 2, "batch_size": 16} | overrides))


def small(seed: int = 0) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 2))


def run(model: nn.Module, config: TrainConfig, *, train: Split = TRAIN, **options: object) -> list[EpochReport]:
    options = {"device": CPU, "mean": 0.4, "std": 0.2} | options
    return list(trainer.train(model, train, VALIDATION, config, **options))


def weights(model: nn.Module) -> list[bytes]:
    return [tensor.numpy().tobytes() for tensor in model.state_dict().values()]


def test_learns_and_reports() -> None:
    reports = run(small(), toy(epochs=3, learning_rate=0.01))
    assert [report.epoch for report in reports] == [1, 2, 3]
    assert reports[-1].train_loss < reports[0].train_loss
    assert reports[-1].validation_accuracy > 0.9
    assert all(report.seconds > 0 and report.images_per_second > 0 for report in reports)
    assert {report.learning_rate for report in reports} == {0.01}


def test_reports_are_measured_on_the_images_they_name() -> None:
    """Where nothing can be learned, both losses are known exactly: log 2 for logits that are all zero."""
    model = small()
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    nn.init.constant_(model[-1].bias[:1], 1e-6)  # so that class 0 is predicted
    (report,) = run(model, toy(epochs=1, optimizer="sgd", learning_rate=1e-30))
    assert report.train_loss == pytest.approx(np.log(2), rel=1e-6)
    assert report.validation_loss == pytest.approx(np.log(2), rel=1e-6)
    assert report.train_accuracy == pytest.approx((TRAIN.labels == 0).mean())
    assert report.validation_accuracy == pytest.approx((VALIDATION.labels == 0).mean())


@pytest.mark.parametrize("augmentation", augmentations.AUGMENTATIONS)
@pytest.mark.parametrize("optimizer", optimizers.OPTIMIZERS)
def test_the_same_configuration_gives_the_same_weights_bit_for_bit(augmentation: str, optimizer: str) -> None:
    config = toy(augmentation=augmentation, optimizer=optimizer, schedule="onecycle", label_smoothing=0.1)
    first, again, other = small(), small(), small()
    run(first, config)
    torch.rand(7)  # what the caller draws in between changes nothing
    run(again, config)
    run(other, config.model_copy(update={"seed": 1}))
    assert weights(first) == weights(again)
    assert weights(first) != weights(other)


@pytest.mark.parametrize("model", ["cnn", "resnet"])
def test_convolutions_too_are_the_same_bit_for_bit(model: str) -> None:
    digits = loading.load_split("digits", "validation")
    found = []
    for _ in range(2):
        built = models.build(model, num_classes=10, seed=0)
        list(trainer.train(built, digits, digits, toy(epochs=1, batch_size=60), device=CPU, mean=0.15, std=0.28))
        found.append(weights(built))
    assert found[0] == found[1]


def test_an_epoch_does_not_depend_on_how_the_caller_used_the_generator() -> None:
    """Random numbers continue for the caller as if there were no training, before, between and after the reports."""
    torch.manual_seed(5)
    expected = [torch.rand(1).item() for _ in range(3)]
    torch.manual_seed(5)
    reports = trainer.train(small(), TRAIN, VALIDATION, toy(epochs=2), device=CPU, mean=0.4, std=0.2)
    drawn = [torch.rand(1).item(), *(torch.rand(1).item() for _ in reports)]
    assert drawn == expected


def test_leaving_the_loop_stops_and_keeps_the_weights_of_that_epoch() -> None:
    whole, left = small(), small()
    seen = [
        weights(whole) for _ in trainer.train(whole, TRAIN, VALIDATION, toy(epochs=3), device=CPU, mean=0.4, std=0.2)
    ]
    for _ in itertools.islice(trainer.train(left, TRAIN, VALIDATION, toy(epochs=3), device=CPU, mean=0.4, std=0.2), 2):
        pass
    assert weights(left) == seen[1]


def test_every_image_is_trained_on_once_an_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[torch.Tensor] = []
    plain = augmentations.AUGMENTATIONS["none"]

    class Noting(plain):  # type: ignore[misc, valid-type]
        def batch(self, indices: torch.Tensor, changes: torch.Tensor) -> torch.Tensor:
            seen.append(indices.clone())
            return super().batch(indices, changes)

    monkeypatch.setitem(augmentations.AUGMENTATIONS, "none", Noting)
    monkeypatch.setattr(batches, "GATHERED_IMAGES", 16)  # a single step's
    run(small(), toy(epochs=2))
    epochs = [torch.cat(seen[:7]), torch.cat(seen[7:])]
    assert [len(batch) for batch in seen[:7]] == [16] * 6 + [5]
    assert all(sorted(order.tolist()) == list(range(101)) for order in epochs)
    assert epochs[0].tolist() != epochs[1].tolist()


def test_agrees_with_torch_written_out() -> None:
    """One epoch in a single batch: the loop is then one step of plain torch."""
    ours, plain = (
        nn.Sequential(nn.Flatten(), nn.Linear(784, 2)),
        nn.Sequential(nn.Flatten(), nn.Linear(784, 2)),
    )
    plain.load_state_dict(ours.state_dict())
    run(ours, toy(epochs=1, batch_size=101, weight_decay=0.01, label_smoothing=0.1))
    optimizer = torch.optim.Adam(plain.parameters(), lr=0.001, weight_decay=0.01)
    pixels = (torch.tensor(TRAIN.images).unsqueeze(1) / 255 - 0.4) / 0.2
    F.cross_entropy(plain(pixels), torch.tensor(TRAIN.labels), label_smoothing=0.1).backward()
    optimizer.step()
    for one, other in zip(ours.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(one, other)


# --- left and resumed --------------------------------------------------------------------------------------------


def left_at(step: int, config: TrainConfig) -> tuple[training_state.TrainingState, EpochReport]:
    """Where a training stood after a step, and what it would have reported then."""
    found: list[tuple[training_state.TrainingState, EpochReport]] = []

    def look(done: int, _: int) -> None:
        if done == step:
            state = under_way.state()
            with under_way.evaluated_weights():
                found.append((state, under_way.report_so_far()))

    under_way = started(small(), config, on_step=look)
    list(under_way.epochs())
    return found[0]


def started(model: nn.Module, config: TrainConfig, **options: object) -> trainer.Trainer:
    return trainer.Trainer(model, TRAIN, VALIDATION, config, device=CPU, mean=0.4, std=0.2, **options)


@pytest.mark.parametrize("optimizer", optimizers.OPTIMIZERS)
@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_it_resumes_from_any_step_to_the_same_weights(
    optimizer: str, averaging: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "REPORT_SECONDS", 0.0)
    config = toy(optimizer=optimizer, averaging=averaging, schedule="onecycle", augmentation="shift")
    whole = small()
    reports = run(whole, config)
    for step in (1, 6, 7, 8, 13):  # 7 an epoch
        state, so_far = left_at(step, config)
        assert (state.epoch, state.step) == ((1, step) if step <= 7 else (2, step - 7))
        assert so_far.share == state.step / 7
        again = small(seed=step)
        training_ = started(again, config, state=state)
        assert training_.steps_done == step
        rest = list(training_.epochs())
        assert weights(again) == weights(whole)
        assert [report.train_loss for report in rest] == [report.train_loss for report in reports[-len(rest) :]]


@pytest.mark.parametrize("augmentation", augmentations.AUGMENTATIONS)
def test_a_single_image_is_changed_as_it_was_among_many(augmentation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A matrix product of few rows may round otherwise than one of many."""
    monkeypatch.setattr(trainer, "REPORT_SECONDS", 0.0)
    config = toy(batch_size=100, augmentation=augmentation)  # of 101 images
    whole = small()
    run(whole, config)
    for step in (1, 3):
        again = small(seed=step)
        list(started(again, config, state=left_at(step, config)[0]).epochs())
        assert weights(again) == weights(whole)


def test_a_report_of_all_steps_is_that_of_the_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "REPORT_SECONDS", 0.0)
    config = toy(averaging=0.5)
    _, so_far = left_at(7, config)
    first = run(small(), config)[0]
    for name in ("epoch", "train_loss", "train_accuracy", "validation_loss", "learning_rate", "share"):
        assert getattr(so_far, name) == getattr(first, name)


def test_a_state_of_another_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "REPORT_SECONDS", 0.0)
    state, _ = left_at(3, toy())
    with pytest.raises(InputError, match="got another"):
        started(models.build("mlp", num_classes=2, seed=0), toy(), state=state)


def test_what_is_evaluated_and_kept_is_the_mean_of_the_weights() -> None:
    """Each step: k times the mean before and 1 - k times the weights, k = min(keep, (1 + n) / (10 + n))."""
    live: list[torch.Tensor] = []
    model = small()
    start = model[1].weight.detach().clone()
    under_way = started(
        model, toy(epochs=1, averaging=0.4), on_step=lambda *_: live.append(model[1].weight.detach().clone())
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "REPORT_SECONDS", 0.0)
        for _ in under_way.epochs():
            kept = model[1].weight.detach().clone()
    expected = start.double()
    for number, values in enumerate(live, start=1):
        keep = min(0.4, (1 + number) / (10 + number))
        expected = keep * expected + (1 - keep) * values.double()
    torch.testing.assert_close(kept.double(), expected, rtol=1e-5, atol=1e-7)
    assert torch.equal(model[1].weight, live[-1])  # the mean was shown for the time of the report


def test_the_curve_covers_every_step_once() -> None:
    points: list[CurvePoint] = []
    config = toy(epochs=3, batch_size=1)
    (*_, last) = started(small(), config, on_curve=points.append).epochs()
    assert [point.step for point in points] == [50, 100, 101, 151, 201, 202, 252, 302, 303]
    in_last = points[-3:]
    assert np.average([p.loss for p in in_last], weights=[50, 50, 1]) == pytest.approx(last.train_loss, rel=1e-5)
    assert np.average([p.accuracy for p in in_last], weights=[50, 50, 1]) == pytest.approx(last.train_accuracy)


# --- a loss of NaN or infinity ------------------------------------------------------------------------------------


class Breaking(nn.Module):
    """A model whose logits become NaN at one call, counted from 1, in training."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.inner, self.at, self.calls = small(), at, 0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.calls += self.training
        logits: torch.Tensor = self.inner(images)
        return logits * float("nan") if self.training and self.calls == self.at else logits


@pytest.mark.parametrize(("at", "epoch", "step"), [(1, 1, 1), (7, 1, 7), (10, 2, 3)])
def test_a_loss_of_nan_is_placed(at: int, epoch: int, step: int) -> None:
    reports: list[EpochReport] = []
    training_ = trainer.train(Breaking(at), TRAIN, VALIDATION, toy(), device=CPU, mean=0.4, std=0.2)
    with pytest.raises(NonFiniteLossError, match=f"epoch {epoch}, step {step}") as caught:
        reports.extend(training_)
    assert (caught.value.epoch, caught.value.step) == (epoch, step)
    assert np.isnan(caught.value.loss)
    assert len(reports) == epoch - 1


def test_it_is_found_within_the_epoch() -> None:
    model = Breaking(at=3)
    with pytest.raises(NonFiniteLossError, match="epoch 1, step 3"):
        run(model, toy(batch_size=1))
    assert model.calls == trainer.CHECK_EVERY


def test_weights_spoilt_by_the_last_step_are_no_epoch() -> None:
    with pytest.raises(NonFiniteLossError, match="epoch 1, step 1"):
        run(
            small(),
            toy(epochs=1, batch_size=101, optimizer="sgd", learning_rate=10, betas=(0.0, 0.9)),
            std=1e-38,
        )


# --- what is requested wrongly ------------------------------------------------------------------------------------


def test_a_batch_above_the_training_set_is_refused() -> None:
    with pytest.raises(ConfigError, match="batch_size: expected at most .*101.*got 102"):
        run(small(), toy(batch_size=102))


def test_no_images_are_refused() -> None:
    with pytest.raises(InputError, match="expected training and validation images"):
        run(small(), toy(), train=halves(0))


def test_no_memory_left_is_a_device_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            raise torch.OutOfMemoryError("no more")

    with pytest.raises(DeviceError, match="memory"):
        run(Full(), toy())


# --- progress -----------------------------------------------------------------------------------------------------


def test_steps_are_counted_over_the_whole_training_and_not_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, int]] = []
    run(small(), toy(epochs=2), on_step=lambda done, steps: calls.append((done, steps)))
    assert calls[0] == (1, 14)
    assert calls[-1] == (14, 14)
    assert len(calls) < 14
    calls.clear()
    monkeypatch.setattr(trainer, "REPORT_SECONDS", 0.0)
    run(small(), toy(epochs=2), on_step=lambda done, steps: calls.append((done, steps)))
    assert calls == [(done, 14) for done in range(1, 15)]


# --- threads ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "batch_size", "expected"), [("mlp", 64, 1), ("cnn", 64, 1), ("cnn", 256, 3)])
def test_small_steps_are_not_shared_by_threads(name: str, batch_size: int, expected: int) -> None:
    seen: set[int] = set()
    before = torch.get_num_threads()
    train = halves(256)
    torch.set_num_threads(3)
    try:
        model = models.build(name, num_classes=10, seed=0)
        list(
            trainer.train(
                model,
                train,
                VALIDATION,
                toy(batch_size=batch_size, epochs=1),
                device=CPU,
                mean=0.4,
                std=0.2,
                on_step=lambda *_: seen.add(torch.get_num_threads()),
            )
        )
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
    assert seen == {expected}


# --- the learning rate ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", schedules.SCHEDULES)
def test_a_training_of_one_step_changes_the_weights(schedule: str) -> None:
    model = small()
    before = weights(model)
    (report,) = run(model, toy(epochs=1, batch_size=101, schedule=schedule))
    assert report.learning_rate > 0
    assert weights(model) != before


def test_the_rate_follows_the_schedule() -> None:
    reports = run(small(), toy(epochs=4, schedule="cosine"))
    rates = [report.learning_rate for report in reports]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.001 * 0.01


# --- layers -------------------------------------------------------------------------------------------------------


def test_the_test_images_are_not_known_here() -> None:
    tree = ast.parse(inspect.getsource(trainer))
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert "test" not in words
    assert "load_split" not in inspect.getsource(trainer)
