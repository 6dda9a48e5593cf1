"""A step of a training on a GPU that is not there: torch's fake tensors know shapes, types and devices, and no numbers.

What would mix devices fails here as it would there. The gradient is left out: autograd's engine asks the driver.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from mnistcore.datasets.splits import Split
from mnistcore.models import models
from mnistcore.training import chance, trainer
from mnistcore.training.presets import make_config

GPU = torch.device("cuda", 0)
SPLIT = Split(np.zeros((24, 28, 28), np.uint8), np.arange(24) % 10)
SCALE = {"mean": 0.1, "std": 0.3}
# Each value of each field once; the steps of one have nothing to do with those of another.
RECIPES = (("none", "adam", 0.0), ("shift", "adamw", 0.9), ("affine", "sgd", 0.0), ("elastic", "adam", 0.9))


def move(model: nn.Module, device: torch.device | None = None, **_: object) -> nn.Module:
    """As Module.to, which cannot move to a fake one."""
    if device is not None:
        for module in model.modules():
            for name, parameter in module.named_parameters(recurse=False):
                setattr(module, name, nn.Parameter(parameter.detach().to(device)))
            for name, buffer in module.named_buffers(recurse=False):
                setattr(module, name, buffer.to(device))
    return model


def leave_out(loss: Tensor) -> None:
    """In the place of the backward pass: what it would need has to be on the GPU."""
    assert loss.device == GPU
    assert loss.requires_grad


@pytest.fixture
def fake_gpu(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """CUDA's answers for a GPU of that compute capability."""

    def pretend(major: int) -> None:
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda *_: (major, 0))
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *_, **__: major >= 8)
        monkeypatch.setattr(torch.cuda, "device", lambda _: nullcontext())
        monkeypatch.setattr(torch.cuda.amp.common, "amp_definitely_not_available", lambda: False)
        monkeypatch.setattr(nn.Module, "to", move)
        monkeypatch.setattr(Tensor, "backward", leave_out)

    return pretend


class Types(TorchDispatchMode):
    """In which type matrices and convolutions are multiplied."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, torch.dtype]] = set()

    def __torch_dispatch__(self, operation, types, arguments=(), named=None):  # type: ignore[no-untyped-def]
        result = operation(*arguments, **(named or {}))
        if (name := operation.overloadpacket.__name__) in ("addmm", "convolution"):
            self.seen.add((name, result.dtype))
        return result


@contextmanager
def faked() -> Iterator[None]:
    with warnings.catch_warnings(), FakeTensorMode(allow_non_fake_inputs=True):
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("major", [7, 8])
@pytest.mark.parametrize("model", ["linear", "mlp", "cnn", "resnet"])
def test_every_recipe_takes_a_step_on_one_device(model: str, major: int, fake_gpu: Callable[[int], None]) -> None:
    fake_gpu(major)
    seen = set()
    for augmentation, optimizer, averaging in RECIPES:
        fields = {"augmentation": augmentation, "optimizer": optimizer, "averaging": averaging}
        recipe = make_config("mnist", model, "quick", batch_size=10, label_smoothing=averaging and 0.1, **fields)
        with faked(), Types() as types:
            made = models.build(model, num_classes=10, seed=0)
            ours = trainer.Trainer(made, SPLIT, SPLIT, recipe, device=GPU, **SCALE)
            order, changes = torch.randperm(len(SPLIT)), ours._batches._pixels.draw(len(SPLIT), torch.Generator())
            for images, labels in ours._batches.of(chance.Chance(order, changes, 0).on(GPU), after=0):
                loss, hits = ours._train_step(images, labels)
                for parameter in made.parameters():  # the next step changes them
                    parameter.grad = torch.zeros_like(parameter)
        assert {tensor.device for tensor in (loss, hits, *made.state_dict().values())} == {GPU}
        assert (loss.dtype, hits.dtype) == (torch.float32, torch.int64)
        seen |= types.seen
    short = torch.bfloat16 if major >= 8 and model in ("cnn", "resnet") else torch.float32
    assert {dtype for _, dtype in seen} == {short}, "dense layers are not worth the casts"
    assert any(name == "convolution" for name, _ in seen) == (model in ("cnn", "resnet"))
