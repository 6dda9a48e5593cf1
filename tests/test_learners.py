"""Owns the tests of mnistcore.training.learners: both kinds take the same steps, and resume from each other."""

import copy

import pytest
import torch
from torch import nn

from mnistcore.config import TrainConfig
from mnistcore.models import models
from mnistcore.training import distributed, learners, optimizers
from mnistcore.training.learners import AutogradLearner, DenseLearner, Learner
from mnistcore.training.presets import make_config

CPU = torch.device("cpu")


def recipe(**overrides: object) -> TrainConfig:
    return make_config("digits", "mlp", "quick", batch_size=12, **overrides)


def both(model: nn.Module, config: TrainConfig) -> tuple[AutogradLearner, DenseLearner, nn.Module]:
    """A learner of each kind for the same weights, and the second one's model."""
    other = copy.deepcopy(model)
    return AutogradLearner(model, config, device=CPU, group=distributed.ALONE), DenseLearner(other, config), other


def take_steps(learner: Learner, seeds: range) -> list[torch.Tensor]:
    losses = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        images = torch.randn(12, 1, 28, 28, generator=generator)
        labels = torch.randint(10, (12,), generator=generator)
        loss, logits = learner.step(images, labels, 0.01)
        assert (logits.shape, logits.dtype) == ((12, 10), torch.float32)
        losses.append(loss.clone())
    return losses


@pytest.mark.parametrize("optimizer", optimizers.OPTIMIZERS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_both_kinds_take_the_same_steps(optimizer: str, smoothing: float) -> None:
    model = models.build("mlp", num_classes=10, seed=1)
    plain, dense, other = both(model, recipe(optimizer=optimizer, label_smoothing=smoothing))
    torch.testing.assert_close(take_steps(plain, range(3)), take_steps(dense, range(3)))
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        # A step moves a weight by 0.01; where a gradient is nearly 0, Adam makes a step of what rounding left of it.
        torch.testing.assert_close(one, two, rtol=1e-3, atol=5e-4)


@pytest.mark.parametrize("optimizer", optimizers.OPTIMIZERS)
def test_what_one_kind_remembers_the_other_resumes_with(optimizer: str) -> None:
    plain, dense, _ = both(models.build("mlp", num_classes=10, seed=1), recipe(optimizer=optimizer))
    take_steps(plain, range(3))
    dense.load_optimizer_state(plain.optimizer_state())
    expected, found = plain.optimizer_state(), dense.optimizer_state()
    assert expected.keys() == found.keys()
    for number, values in expected.items():
        assert {name: tensor.tolist() for name, tensor in values.items()} == {
            name: tensor.tolist() for name, tensor in found[number].items()
        }
    plain.load_optimizer_state(dense.optimizer_state())


def test_the_state_of_more_parameters_is_refused() -> None:
    _, dense, _ = both(models.build("linear", num_classes=10, seed=1), recipe())
    other = AutogradLearner(models.build("mlp", num_classes=10, seed=1), recipe(), device=CPU, group=distributed.ALONE)
    with pytest.raises(ValueError, match="expected the state of 2 parameters"):
        dense.load_optimizer_state(other.optimizer_state())


@pytest.mark.parametrize(("name", "kind"), [("mlp", DenseLearner), ("linear", DenseLearner), ("cnn", AutogradLearner)])
def test_the_quickest_kind_is_taken(name: str, kind: type) -> None:
    model = models.build(name, num_classes=10, seed=0)
    assert type(learners.make_learner(model, recipe(), device=CPU, group=distributed.ALONE)) is kind
    several = distributed.Group()
    assert type(learners.make_learner(model, recipe(), device=CPU, group=several)) is AutogradLearner
