"""Owns the tests of mnistcore.training.losses: against torch's own loss."""

import pytest
import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from mnistcore.training import losses


class Kernels(TorchDispatchMode):
    """How many operations compute something: views and empty tensors start no kernel."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, operation, types, arguments=(), named=None):  # type: ignore[no-untyped-def]
        free = ("view", "expand", "detach", "alias", "reshape", "empty", "ones_like")
        self.count += not operation.overloadpacket.__name__.strip("_").startswith(free)
        return operation(*arguments, **(named or {}))


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
@pytest.mark.parametrize("count", [1, 64])
def test_the_loss_is_torchs_in_fewer_kernels(smoothing: float, count: int) -> None:
    generator = torch.Generator().manual_seed(count)
    labels = torch.randint(10, (count,), generator=generator)
    ours = (5 * torch.randn(count, 10, generator=generator)).requires_grad_()
    torchs = ours.detach().clone().requires_grad_()
    loss = losses.CrossEntropy(smoothing)
    loss(ours, labels)  # what is made once
    with Kernels() as kernels:
        value = loss(ours, labels)
        value.backward()
    with Kernels() as torchs_kernels:
        expected = F.cross_entropy(torchs, labels, label_smoothing=smoothing)
        expected.backward()
    torch.testing.assert_close(value, expected)
    torch.testing.assert_close(ours.grad, torchs.grad)
    assert kernels.count <= (torchs_kernels.count / 2 if smoothing else torchs_kernels.count)
