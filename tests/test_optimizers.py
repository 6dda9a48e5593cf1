"""mnistcore.training.optimizers: torch.optim's classes are the oracle, bit for bit."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from mnistcore.config import TrainConfig
from mnistcore.training import optimizers
from mnistcore.training.presets import make_config

SHAPES = ((5, 3), (7,), (2, 3, 3, 3))
THEIRS: dict[str, Callable[[list[nn.Parameter]], torch.optim.Optimizer]] = {
    "adam": lambda parameters: torch.optim.Adam(parameters, betas=(0.8, 0.95), weight_decay=0.02, fused=True),
    "adamw": lambda parameters: torch.optim.AdamW(parameters, betas=(0.8, 0.95), weight_decay=0.02, fused=True),
    "sgd": lambda parameters: torch.optim.SGD(parameters, momentum=0.8, nesterov=True, weight_decay=0.02, fused=True),
}


def config_of(name: str, **fields: object) -> TrainConfig:
    return make_config("digits", "linear", "handout", optimizer=name, **{"betas": (0.8, 0.95), **fields})


def parameters_of(seed: int = 0) -> list[nn.Parameter]:
    generator = torch.Generator().manual_seed(seed)
    return [nn.Parameter(torch.randn(shape, generator=generator)) for shape in SHAPES]


def give_gradients(parameters: list[nn.Parameter], step: int) -> None:
    generator = torch.Generator().manual_seed(1000 + step)
    for parameter in parameters:
        parameter.grad = torch.randn(parameter.shape, generator=generator)


def values(tensors: list[nn.Parameter]) -> list[list[float]]:
    return [tensor.detach().flatten().tolist() for tensor in tensors]


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_steps_are_those_of_torch(name: str) -> None:
    ours, theirs = parameters_of(), parameters_of()
    optimizer = optimizers.OPTIMIZERS[name](ours, config_of(name, weight_decay=0.02))
    reference = THEIRS[name](theirs)
    for step in range(6):
        rate = 0.1 / (step + 1)
        reference.param_groups[0]["lr"] = rate
        give_gradients(ours, step)
        give_gradients(theirs, step)
        optimizer.step(rate)
        reference.step()
        assert values(ours) == values(theirs)
    for number, parameter in enumerate(theirs):
        kept = {name: value for name, value in reference.state[parameter].items() if isinstance(value, Tensor)}
        assert {name: value.tolist() for name, value in optimizer.state[number].items()} == {
            name: value.tolist() for name, value in kept.items()
        }


def test_without_momentum_sgd_is_the_gradient_alone() -> None:
    (parameter,) = parameters_of()[:1]
    before = parameter.detach().clone()
    optimizer = optimizers.OPTIMIZERS["sgd"]([parameter], config_of("sgd", betas=(0.0, 0.9)))
    parameter.grad = torch.ones_like(parameter)
    optimizer.step(0.5)
    assert torch.equal(parameter, before - 0.5)
    assert optimizer.state == [{}]


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_what_one_has_remembered_another_goes_on_from(name: str) -> None:
    ours = parameters_of()
    optimizer = optimizers.OPTIMIZERS[name](ours, config_of(name))
    for step in range(3):
        give_gradients(ours, step)
        optimizer.step(0.1)
    others = [nn.Parameter(parameter.detach().clone()) for parameter in ours]
    # Another layout in memory: values go by their place in the tensor, not in memory.
    others[2].data = others[2].data.to(memory_format=torch.channels_last)
    other = optimizers.OPTIMIZERS[name](others, config_of(name))
    other.load(optimizer.state)
    for parameters, one in ((ours, optimizer), (others, other)):
        give_gradients(parameters, 3)
        parameters[2].grad = torch.empty_like(parameters[2]).copy_(parameters[2].grad)  # type: ignore[arg-type]
        one.step(0.1)
    assert values(ours) == values(others)


def test_the_state_of_another_optimizer_or_of_other_parameters_is_refused() -> None:
    optimizer = optimizers.OPTIMIZERS["adam"](parameters_of(), config_of("adam"))
    for other in (
        optimizers.OPTIMIZERS["sgd"](parameters_of(), config_of("sgd")),
        optimizers.OPTIMIZERS["adam"](parameters_of()[:2], config_of("adam")),
        optimizers.OPTIMIZERS["adam"]([nn.Parameter(torch.zeros(5, 3, 1))] * 3, config_of("adam")),
    ):
        with pytest.raises(ValueError, match="expected the state of the same optimiser"):
            optimizer.load(other.state)


def test_gradients_are_forgotten() -> None:
    parameters = parameters_of()
    give_gradients(parameters, 0)
    optimizers.OPTIMIZERS["adam"](parameters, config_of("adam")).forget_gradients()
    assert all(parameter.grad is None for parameter in parameters)


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_a_parameter_without_a_gradient_stays_as_it_is(name: str) -> None:
    """As of a layer that is frozen, or has no part in the answer."""
    parameters = parameters_of()
    before = values(parameters)
    optimizer = optimizers.OPTIMIZERS[name](parameters, config_of(name))
    for step in range(2):
        give_gradients(parameters, step)
        parameters[1].grad = None
        optimizer.step(0.1)
    after = values(parameters)
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True, False]


def test_a_training_loads_no_compiler() -> None:
    """torch.optim's classes load it with the first of them, which takes a second."""
    code = (
        "import os, sys, tempfile; os.environ['MNISTCORE_ARTIFACTS'] = tempfile.mkdtemp()\n"
        "from mnistcore.training import pipeline, presets\nfrom tests.here import store_here\n"
        "for model in ('linear', 'cnn'):\n"
        "    pipeline.train_run(presets.make_config('digits', model, 'standard', epochs=1), store=store_here(), device='cpu')\n"
        "assert 'torch' in sys.modules and 'torch._dynamo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parent.parent, timeout=120)
