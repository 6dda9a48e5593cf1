"""Owns the way from a model and images to logits as numpy; must not import the store or the pipeline."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mnistcore.errors import InputError


def logits(
    model: nn.Module,
    images: NDArray[np.uint8],
    *,
    device: torch.device,
    mean: float,
    std: float,
    batch_size: int = 512,  # of `resnet` on a CPU 2048 take 1.6 times as long an image: they leave its cache
    on_batch: Callable[[], None] | None = None,
) -> NDArray[np.float32]:
    """What the model answers for each image, before any softmax.

    The model is moved to ``device``, asked in evaluation mode and in float32, and left in the mode that it
    was in: the same weights and images give the same numbers every time.

    Args:
        model: takes float32 (N, 1, H, W), normalised, or (N, 3, H, W) of colour images, and returns (N, C).
        images: uint8 (N, H, W) or (N, H, W, 3).
        mean: of the training pixels, on the scale 0 to 1.
        std: their standard deviation, on the same scale.
        on_batch: called before each ``batch_size`` images. What it raises goes on up, the model's mode put back.

    Returns:
        float32 (N, C): rows are images in the order given, columns are classes.

    Raises:
        InputError: ``images`` is not as stated above, or is empty, or ``batch_size`` is below 1.
    """
    if images.dtype != np.uint8 or not (images.ndim == 3 or images.shape[3:] == (3,)) or len(images) == 0:
        raise InputError(
            "images: expected uint8 (N, H, W) or (N, H, W, 3) with at least one image, got "
            f"{images.dtype} {images.shape}"
        )
    if batch_size < 1:
        raise InputError(f"batch_size: expected at least 1, got {batch_size}")
    model.to(device)
    answers = []
    with torch.inference_mode(), _evaluating(model), _whole_float32():
        for start in range(0, len(images), batch_size):
            if on_batch is not None:
                on_batch()
            batch = channels_first(torch.tensor(images[start : start + batch_size], device=device))
            answers.append(model(normalised(batch, mean=mean, std=std)).float())
        answer: NDArray[np.float32] = torch.cat(answers).cpu().numpy()
    return answer


def channels_first(images: Tensor) -> Tensor:
    """Images (N, H, W) or (N, H, W, 3) as a network takes them: (N, 1, H, W) or (N, 3, H, W), in one piece."""
    return images.unsqueeze(1) if images.ndim == 3 else images.permute(0, 3, 1, 2).contiguous()


def normalised(pixels: Tensor, *, mean: float, std: float) -> Tensor:
    """Pixels of 0 to 255, uint8 or float32, brought to mean 0 and deviation 1; float32 is overwritten."""
    return pixels.float().mul_(1 / (255 * std)).sub_(mean / std)


@contextmanager
def _whole_float32() -> Iterator[None]:
    """Inside, float32 is float32: an NVIDIA GPU would round what it multiplies in convolutions to 10 bits (TF32)."""
    convolutions = torch.backends.cudnn.conv  # type: ignore[attr-defined]
    before = convolutions.fp32_precision
    convolutions.fp32_precision = "ieee"
    try:
        yield
    finally:
        convolutions.fp32_precision = before


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    # Each module keeps its own mode: a model may have been handed over with some of its layers frozen.
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
