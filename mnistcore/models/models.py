"""Owns the architectures and ``MODELS``, name -> constructor; imports torch only when one is built.

Every model takes float (N, channels, rows, columns), normalised, of at least 8 x 8, and returns logits, float (N, C).
To add one, write a function that takes the number of classes and the shape of an image, and a line in ``MODELS``. At
1 x 28 x 28 each is the network that it was before there were other shapes.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnistcore.errors import InputError, UnknownNameError
from mnistcore.libraries import importing

if TYPE_CHECKING:
    from torch import nn

Shape = tuple[int, int, int]  # channels, rows, columns

INPUT_SHAPE: Shape = (1, 28, 28)  # of the data sets made like MNIST
SMALLEST_SIDE = 8  # rows or columns
UNPADDED_SIDE = 28  # smaller images are padded: there would be nothing left of 8 x 8
LARGEST_MAP = 8  # rows or columns that go into the last layer; larger ones are halved first


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """One layer as it is run: its kind, the shape of its output for one image, its trainable numbers."""

    name: str
    output: tuple[int, ...]
    parameters: int


def linear(num_classes: int, shape: Shape = INPUT_SHAPE) -> "nn.Module":
    """Softmax regression: one weighted sum of the pixels per class."""
    from torch import nn

    return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), num_classes))


def mlp(num_classes: int, shape: Shape = INPUT_SHAPE) -> "nn.Module":
    """The lab handout's network: two hidden layers of 128 and 64."""
    from torch import nn

    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(math.prod(shape), 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, num_classes),
    )


def cnn(num_classes: int, shape: Shape = INPUT_SHAPE) -> "nn.Module":
    """A small convolutional network, made to be quick on a CPU: the first layer halves the image at once.

    From 28 x 28 on nothing is padded: the margin of the digits is empty, and what is not computed takes no time.
    """
    from mnistcore.models.layers import ConvBlock

    channels, padding = shape[0], min(shape[1:]) < UNPADDED_SIDE
    layers = [  # the sizes are those of 28 x 28
        ConvBlock(channels, 16, kernel_size=5, stride=2, padding=padding),  # 12 x 12
        ConvBlock(16, 32, pool=True, padding=padding),  # 10 x 10, then 5 x 5
        ConvBlock(32, 64, padding=padding),  # 3 x 3
    ]
    return _classifying(layers, num_classes, shape)


def resnet(num_classes: int, shape: Shape = INPUT_SHAPE) -> "nn.Module":
    """A small residual network for the highest accuracy: seven convolutions on the longest way.

    The first layer sees every pixel, and the last one where in the image something was found: both cost little time
    and save mistakes.
    """
    from mnistcore.models.layers import ConvBlock, ResidualBlock, ShiftMean

    channels, padding = shape[0], min(shape[1:]) < UNPADDED_SIDE
    layers = [
        ConvBlock(channels, 24, padding=padding),  # 26 x 26
        ConvBlock(24, 48, stride=2, padding=padding),  # 12 x 12
        ResidualBlock(48),
        ConvBlock(48, 96, pool=True, padding=padding),  # 10 x 10, then 5 x 5
        ResidualBlock(96),
    ]
    return ShiftMean(_classifying(layers, num_classes, shape))


def _classifying(layers: "Sequence[nn.Module]", num_classes: int, shape: Shape) -> "nn.Sequential":
    """Convolutions, then a weighted sum per class of what they found at each place; of large images, at each 2 x 2."""
    from torch import nn

    rows, columns = (_side_after(layers, side) for side in shape[1:])
    down, right = (2 if side > LARGEST_MAP else 1 for side in (rows, columns))
    halving = [nn.AvgPool2d((down, right))] if down * right > 1 else []
    maps = next(layer.out_channels for layer in _sequence(layers[::-1]) if isinstance(layer, nn.Conv2d))
    places = (rows // down) * (columns // right)
    return nn.Sequential(*layers, *halving, nn.Flatten(), nn.Linear(maps * places, num_classes))


def _sequence(layers: "Sequence[nn.Module]") -> "Iterator[nn.Module]":
    """Every layer that is in others, in the order of these."""
    for layer in layers:
        yield from layer.modules()


def _side_after(layers: "Sequence[nn.Module]", side: int) -> int:
    """Rows that are left of so many by convolutions and poolings; columns likewise."""
    from torch import nn

    for layer in _sequence(layers):
        if isinstance(layer, nn.Conv2d):
            border = int(layer.padding[0])
            side = (side + 2 * border - layer.kernel_size[0]) // layer.stride[0] + 1
        elif isinstance(layer, nn.MaxPool2d):
            side //= 2
    return side


MODELS: dict[str, Callable[[int, Shape], "nn.Module"]] = {
    "linear": linear,
    "mlp": mlp,
    "cnn": cnn,
    "resnet": resnet,
}


def build(name: str, *, num_classes: int, seed: int, shape: Shape = INPUT_SHAPE) -> "nn.Module":
    """A new model on the CPU whose initial weights follow from ``seed``.

    torch's global generators are left as they were.

    Args:
        shape: channels, rows and columns of an image.

    Raises:
        UnknownNameError: ``name`` is not in ``MODELS``.
        InputError: ``num_classes`` is less than 1, or the images are too small.
    """
    if name not in MODELS:
        raise UnknownNameError("model", name, MODELS)
    if num_classes < 1:
        raise InputError(f"num_classes: expected 1 or more, got {num_classes}")
    if min(shape[1:]) < SMALLEST_SIDE:
        raise InputError(f"shape: expected at least {SMALLEST_SIDE} x {SMALLEST_SIDE} pixels, got {shape}")
    with importing("torch"):
        import torch

    # The CPU's generator alone, since that is what initialises: torch.manual_seed would reseed the GPUs too.
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        torch.default_generator.manual_seed(seed)
        return MODELS[name](num_classes, shape)


def count_parameters(model: "nn.Module") -> int:
    """How many numbers training adjusts."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def layer_summary(model: "nn.Module", shape: Shape = INPUT_SHAPE) -> tuple[LayerSummary, ...]:
    """Every layer, once, in the order in which an image passes it, found by passing a black image through."""
    import torch

    layers: dict[nn.Module, LayerSummary] = {}

    def note(layer: "nn.Module", _inputs: object, output: "torch.Tensor") -> None:
        layers[layer] = LayerSummary(type(layer).__name__, tuple(output.shape[1:]), count_parameters(layer))

    hooks = [layer.register_forward_hook(note) for layer in model.modules() if not list(layer.children())]
    was_training = model.training
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    try:
        model.eval()  # one image has no batch statistics, and must not change the running ones
        with torch.inference_mode():
            model(torch.zeros((1, *shape), device=device))
    finally:
        model.train(was_training)
        for hook in hooks:
            hook.remove()
    return tuple(layers.values())
