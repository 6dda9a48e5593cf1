"""The architectures: shapes, sizes, seeds, and what each must be exactly."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from mnistcore.errors import InputError, UnknownNameError
from mnistcore.models.layers import ConvBlock, ResidualBlock, ShiftMean
from mnistcore.models.models import MODELS, LayerSummary, Shape, build, count_parameters, layer_summary


def random_state() -> bytes:
    return bytes(torch.random.get_rng_state().tolist())


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("num_classes", [1, 10, 47])
def test_logits_have_a_column_for_each_class(name: str, num_classes: int) -> None:
    model = build(name, num_classes=num_classes, seed=0)
    logits = model(torch.randn(3, 1, 28, 28))
    assert logits.shape == (3, num_classes)
    assert logits.dtype == torch.float32
    assert torch.isfinite(logits).all()


@pytest.mark.parametrize("name", MODELS)
def test_an_empty_and_a_channels_last_batch_pass(name: str) -> None:
    model = build(name, num_classes=10, seed=0).eval()
    images = torch.randn(5, 1, 28, 28)
    with torch.inference_mode():
        assert model(images[:0]).shape == (0, 10)
        expected = model(images)
        found = model.to(memory_format=torch.channels_last)(images.to(memory_format=torch.channels_last))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_the_seed_decides_the_weights(name: str) -> None:
    first, again, other = (build(name, num_classes=10, seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


def test_building_leaves_the_global_generator_as_it_was() -> None:
    before = random_state()
    build("mlp", num_classes=10, seed=5)
    assert random_state() == before


@pytest.mark.parametrize("name", MODELS)
def test_every_weight_learns(name: str) -> None:
    model = build(name, num_classes=10, seed=0)
    model(torch.randn(8, 1, 28, 28)).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.any() for weight in model.parameters())


def test_mlp_is_the_network_of_the_handout() -> None:
    model = build("mlp", num_classes=10, seed=0)
    assert [type(layer) for layer in model.children()] == [
        nn.Flatten,
        nn.Linear,
        nn.ReLU,
        nn.Linear,
        nn.ReLU,
        nn.Linear,
    ]
    assert [tuple(layer.weight.shape) for layer in model.children() if isinstance(layer, nn.Linear)] == [
        (128, 784),
        (64, 128),
        (10, 64),
    ]
    with torch.random.fork_rng(devices=[]):  # torch's own initialisation, in the order of the layers
        torch.manual_seed(0)
        first = nn.Linear(784, 128)
    assert torch.equal(next(model.parameters()), first.weight)


def test_layer_summary_follows_an_image() -> None:
    model = build("mlp", num_classes=10, seed=0)
    assert layer_summary(model) == (
        LayerSummary("Flatten", (784,), 0),
        LayerSummary("Linear", (128,), 784 * 128 + 128),
        LayerSummary("ReLU", (128,), 0),
        LayerSummary("Linear", (64,), 128 * 64 + 64),
        LayerSummary("ReLU", (64,), 0),
        LayerSummary("Linear", (10,), 64 * 10 + 10),
    )


@pytest.mark.parametrize("name", MODELS)
def test_layer_summary_counts_everything_and_changes_nothing(name: str) -> None:
    model = build(name, num_classes=10, seed=0).train()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    layers = layer_summary(model)
    assert sum(layer.parameters for layer in layers) == count_parameters(model)
    assert layers[-1].output == (10,)
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert model.training
    assert not any(layer._forward_hooks for layer in model.modules())


def test_count_parameters_leaves_frozen_ones_out() -> None:
    model = build("linear", num_classes=10, seed=0)
    assert count_parameters(model) == 7850
    next(model.parameters()).requires_grad_(False)
    assert count_parameters(model) == 10


def test_residual_block_keeps_the_shape_and_adds_its_input() -> None:
    block, images = ResidualBlock(4).eval(), torch.rand(2, 4, 8, 8)
    nn.init.zeros_(block.second[0].weight)  # what is added to the input is nothing
    torch.testing.assert_close(block(images), images)


@pytest.mark.parametrize(
    ("kernel_size", "stride", "pool", "rows"), [(3, 1, False, 28), (5, 2, False, 14), (3, 2, True, 7)]
)
def test_conv_block_has_the_stated_shape(kernel_size: int, stride: int, pool: bool, rows: int) -> None:
    block = ConvBlock(1, 3, kernel_size=kernel_size, stride=stride, pool=pool)
    assert block(torch.randn(2, 1, 28, 28)).shape == (2, 3, rows, rows)


def test_a_shift_mean_looks_five_times_when_it_judges_and_once_when_it_learns() -> None:
    seen: list[torch.Tensor] = []

    class Inner(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            seen.append(images)
            return images.flatten(1)

    model = ShiftMean(Inner())
    images = torch.zeros(2, 1, 7, 7)
    images[:, 0, 3, 3] = 1.0
    images[1] += 5.0  # another background: what comes in from outside is what was at the edge
    learning = model.train()(images)
    assert torch.equal(learning, images.flatten(1))
    seen.clear()
    judged = model.eval()(images).view(2, 7, 7)
    found = sorted(tuple(torch.nonzero(image[0, 0]).flatten().tolist()) for image in seen)
    assert found == [(2, 3), (3, 2), (3, 3), (3, 4), (4, 3)]
    assert judged[0].sum() == pytest.approx(1.0)
    assert judged[0, 3, 3] == pytest.approx(0.2)
    assert torch.allclose(judged[1], judged[0] + 5)


def test_refuses_unknown_names_and_no_classes() -> None:
    with pytest.raises(UnknownNameError, match=f"unknown model 'vgg': expected one of {', '.join(MODELS)}"):
        build("vgg", num_classes=10, seed=0)
    with pytest.raises(InputError, match="expected 1 or more, got 0"):
        build("mlp", num_classes=0, seed=0)


def test_the_registry_is_there_without_torch() -> None:
    code = "import sys; from mnistcore.devices import devices; from mnistcore.models import models; sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent.parent, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32), (3, 64, 64), (3, 8, 64), (1, 40, 11), (1, 27, 28)])
def test_every_model_takes_any_shape(name: str, shape: Shape) -> None:
    model = build(name, num_classes=5, seed=0, shape=shape)
    assert model(torch.zeros(2, *shape)).shape == (2, 5)
    assert layer_summary(model, shape)[-1].output == (5,)


def test_images_of_less_than_8_rows_are_refused() -> None:
    with pytest.raises(InputError, match="at least 8 x 8"):
        build("cnn", num_classes=2, seed=0, shape=(1, 7, 28))
