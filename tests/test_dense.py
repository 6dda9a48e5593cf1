"""Owns the tests of mnistcore.training.dense: against autograd."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mnistcore.models import models
from mnistcore.training.dense import DenseStack


@pytest.mark.parametrize("name", ["linear", "mlp"])
@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
def test_the_gradients_are_autograds(name: str, label_smoothing: float) -> None:
    ours = models.build(name, num_classes=7, seed=1)
    plain = copy.deepcopy(ours)
    stack = DenseStack(ours, batch_size=12)
    for count in (12, 5, 12):  # a smaller last batch, and the first of the next epoch
        images, labels = torch.randn(count, 1, 28, 28), torch.randint(7, (count,))
        loss, logits = stack.forward_backward(images, labels, label_smoothing=label_smoothing)
        plain.zero_grad()
        expected_logits = plain(images)
        expected = F.cross_entropy(expected_logits, labels, label_smoothing=label_smoothing)
        expected.backward()
        gradient = torch.cat([parameter.grad.flatten() for parameter in plain.parameters()])
        torch.testing.assert_close(logits, expected_logits.detach())
        torch.testing.assert_close(loss, expected.detach())
        torch.testing.assert_close(stack.parameter.grad, gradient, rtol=1e-5, atol=1e-7)


def test_the_model_and_the_vector_are_the_same_memory() -> None:
    model = models.build("mlp", num_classes=10, seed=0)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    stack = DenseStack(model, batch_size=4)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    with torch.no_grad():
        stack.parameter.mul_(2)
    assert all(torch.equal(tensor, 2 * before[name]) for name, tensor in model.state_dict().items())
    model.load_state_dict(before)
    assert torch.equal(stack.parameter[:5], before["1.weight"].flatten()[:5])


@pytest.mark.parametrize(
    "model",
    [
        nn.Linear(784, 10),
        nn.Sequential(nn.Flatten(), nn.Linear(784, 10, bias=False)),
        nn.Sequential(nn.Flatten(), nn.Linear(784, 8), nn.Dropout(), nn.Linear(8, 10)),
        nn.Sequential(nn.Flatten(), nn.Linear(784, 8), nn.ReLU()),
        nn.Sequential(nn.Flatten(), nn.Linear(784, 8), nn.Tanh(), nn.Linear(8, 10)),
        nn.Sequential(nn.Flatten(), nn.Linear(784, 10).double()),
    ],
)
def test_other_models_are_left_to_autograd(model: nn.Module) -> None:
    assert not DenseStack.fits(model)


@pytest.mark.parametrize(("name", "fits"), [("linear", True), ("mlp", True), ("cnn", False), ("resnet", False)])
def test_which_of_our_models_fit(name: str, fits: bool) -> None:
    assert DenseStack.fits(models.build(name, num_classes=10, seed=0)) is fits


def test_what_is_split_is_joined_again() -> None:
    stack = DenseStack(models.build("mlp", num_classes=10, seed=0), batch_size=4)
    values = torch.randn_like(stack.parameter)
    assert torch.equal(stack.joined(stack.split(values)), values)
    assert stack.joined(stack.split(torch.tensor(7.0))) == 7
    with pytest.raises(ValueError, match="expected 6 parameters"):
        stack.joined(stack.split(values)[:2])
