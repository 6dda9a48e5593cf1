"""Owns the tests of mnistcore.models.inference."""

import numpy as np
import pytest
import torch
from torch import nn

from mnistcore.errors import InputError
from mnistcore.models import inference

CPU = torch.device("cpu")


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (37, 28, 28), dtype=np.uint8)


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Dropout(0.5), nn.LazyLinear(3))


def test_logits_are_those_of_the_model_on_normalised_pixels(images: np.ndarray) -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 3))
    found = inference.logits(model, images, device=CPU, mean=0.25, std=0.5)
    pixels = (images.reshape(37, 784) / 255 - 0.25) / 0.5
    weight, bias = (parameter.detach().numpy().astype(np.float64) for parameter in model[1].parameters())
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, pixels @ weight.T + bias, rtol=1e-4, atol=1e-5)


def test_nothing_depends_on_the_batches_or_the_mode(images: np.ndarray, model: nn.Module) -> None:
    whole = inference.logits(model.train(), images, device=CPU, mean=0.1, std=0.3)
    again = inference.logits(model.eval(), images, device=CPU, mean=0.1, std=0.3)
    pieces = inference.logits(model, images, device=CPU, mean=0.1, std=0.3, batch_size=5)
    np.testing.assert_array_equal(whole, again)
    np.testing.assert_allclose(whole, pieces, rtol=1e-5, atol=1e-5)


def test_every_module_keeps_its_mode_and_its_statistics(images: np.ndarray, model: nn.Module) -> None:
    inference.logits(model, images, device=CPU, mean=0.1, std=0.3)
    model.train()
    model[1].eval()  # a frozen layer
    statistics = model[1].running_mean.clone()
    before = [module.training for module in model.modules()]
    inference.logits(model, images, device=CPU, mean=0.1, std=0.3)
    assert [module.training for module in model.modules()] == before
    assert torch.equal(model[1].running_mean, statistics)


def test_the_mode_comes_back_after_an_error(images: np.ndarray) -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(5, 3))
    with pytest.raises(RuntimeError):
        inference.logits(model, images, device=CPU, mean=0.1, std=0.3)
    assert model.training


def test_images_that_may_not_be_written_to_are_read_and_left(images: np.ndarray) -> None:
    copy = images.copy()
    images.flags.writeable = False
    inference.logits(nn.Sequential(nn.Flatten(), nn.Linear(784, 3)), images, device=CPU, mean=0.1, std=0.3)
    np.testing.assert_array_equal(images, copy)


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 28, 28)), np.zeros((2, 1, 28, 28), np.uint8), np.zeros((0, 28, 28), np.uint8)]
)
def test_other_images_are_refused(wrong: np.ndarray) -> None:
    with pytest.raises(InputError, match="images: expected uint8"):
        inference.logits(nn.Flatten(), wrong, device=CPU, mean=0.1, std=0.3)


def test_a_batch_of_none_is_refused(images: np.ndarray) -> None:
    with pytest.raises(InputError, match="batch_size"):
        inference.logits(nn.Flatten(), images, device=CPU, mean=0.1, std=0.3, batch_size=0)


def test_convolutions_compute_in_whole_float32() -> None:
    """On an NVIDIA GPU they would not, unless told so."""
    said: list[str] = []

    class Asked(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            said.append(torch.backends.cudnn.conv.fp32_precision)
            return images.flatten(1)[:, :3]

    before = torch.backends.cudnn.conv.fp32_precision
    inference.logits(Asked(), np.zeros((2, 28, 28), np.uint8), device=torch.device("cpu"), mean=0.1, std=0.3)
    assert said == ["ieee"]
    assert torch.backends.cudnn.conv.fp32_precision == before
