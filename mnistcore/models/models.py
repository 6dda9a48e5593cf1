"""Owns the architectures and ``MODELS``, name -> constructor; imports torch only when one is built.

Every model takes float (N, 1, 28, 28), normalised, and returns logits, float (N, C). To add one, write a
function that takes the number of classes, and a line in ``MODELS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnistcore.errors import InputError, UnknownNameError
from mnistcore.libraries import importing

if TYPE_CHECKING:
    from torch import nn

PIXELS = 28 * 28
INPUT_SHAPE = (1, 28, 28)  # channels, rows, columns


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """One layer as it is run: its kind, the shape of its output for one image, its trainable numbers."""

    name: str
    output: tuple[int, ...]
    parameters: int


def linear(num_classes: int) -> "nn.Module":
    """Softmax regression: one weighted sum of the pixels per class."""
    from torch import nn

    return nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, num_classes))


def mlp(num_classes: int) -> "nn.Module":
    """The lab handout's network: two hidden layers of 128 and 64."""
    from torch import nn

    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(PIXELS, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, num_classes),
    )


def cnn(num_classes: int) -> "nn.Module":
    """A small convolutional network, made to be quick on a CPU: the first layer halves the image at once.

    Nothing is padded: the margin of the digits is empty, and what is not computed takes no time.
    """
    from torch import nn

    from mnistcore.models.layers import ConvBlock

    return nn.Sequential(
        ConvBlock(1, 16, kernel_size=5, stride=2, padding=False),  # 12 x 12
        ConvBlock(16, 32, pool=True, padding=False),  # 10 x 10, then 5 x 5
        ConvBlock(32, 64, padding=False),  # 3 x 3
        nn.Flatten(),
        nn.Linear(64 * 3 * 3, num_classes),
    )


def resnet(num_classes: int) -> "nn.Module":
    """A small residual network for the highest accuracy: seven convolutions on the longest way.

    The first layer sees every pixel, and the last one where in the image something was found: both cost little time
    and save mistakes.
    """
    from torch import nn

    from mnistcore.models.layers import ConvBlock, ResidualBlock, ShiftMean

    return ShiftMean(
        nn.Sequential(
            ConvBlock(1, 24, padding=False),  # 26 x 26
            ConvBlock(24, 48, stride=2, padding=False),  # 12 x 12
            ResidualBlock(48),
            ConvBlock(48, 96, pool=True, padding=False),  # 10 x 10, then 5 x 5
            ResidualBlock(96),
            nn.Flatten(),
            nn.Linear(96 * 5 * 5, num_classes),
        )
    )


MODELS: dict[str, Callable[[int], "nn.Module"]] = {
    "linear": linear,
    "mlp": mlp,
    "cnn": cnn,
    "resnet": resnet,
}


def build(name: str, *, num_classes: int, seed: int) -> "nn.Module":
    """A new model on the CPU whose initial weights follow from ``seed``.

    torch's global generators are left as they were.

    Raises:
        UnknownNameError: ``name`` is not in ``MODELS``.
        InputError: ``num_classes`` is less than 1.
    """
    if name not in MODELS:
        raise UnknownNameError("model", name, MODELS)
    if num_classes < 1:
        raise InputError(f"num_classes: expected 1 or more, got {num_classes}")
    with importing("torch"):
        import torch

    # The CPU's generator alone, since that is what initialises: torch.manual_seed would reseed the GPUs too.
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        torch.default_generator.manual_seed(seed)
        return MODELS[name](num_classes)


def count_parameters(model: "nn.Module") -> int:
    """How many numbers training adjusts."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def layer_summary(model: "nn.Module") -> tuple[LayerSummary, ...]:
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
            model(torch.zeros((1, *INPUT_SHAPE), device=device))
    finally:
        model.train(was_training)
        for hook in hooks:
            hook.remove()
    return tuple(layers.values())
