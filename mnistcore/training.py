"""Owns the training loop, its schedules and augmentations; sees no test image and never imports the store.

The images lie on the device as uint8 once and are picked by index: there is no DataLoader and nothing is done
image by image. Everything random in an epoch derives from the seed and the number of the epoch, so that an
epoch does not depend on how the ones before it came about, and the caller's random numbers go on as if no
training had happened.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mnistcore import devices, inference, models
from mnistcore.config import TrainConfig
from mnistcore.data import Split
from mnistcore.errors import ConfigError, InputError, NonFiniteLossError
from mnistcore.history import EpochReport

# Below so many multiplications a step (`mlp` takes 7 million with batches of 64, 28 with 256) CPU threads wait for each
# other about as long as they work. With batches of 64 an epoch takes 2.4 s in one thread and 2.3 s in two on an idle
# machine, but 4 to 17 s against 22 to 94 s beside eight other programs (torch 2.15, 2 cores, n = 2 to 3).
SINGLE_THREAD_WORK = 16_000_000
CHECK_EVERY = 50  # steps between two looks at the loss: a look makes the host wait for the device
REPORT_SECONDS = 0.05  # at least this long between two calls of on_step
MAX_SHIFT = 2  # pixels; MNIST's digits have a margin of four
MAX_ROTATION = 12.0  # degrees; much more turns a 6 towards a 9
SCALES = (0.88, 1.12)


def train(
    model: nn.Module,
    train: Split,
    validation: Split,
    config: TrainConfig,
    *,
    device: torch.device,
    mean: float,
    std: float,
    on_step: Callable[[int, int], None] | None = None,
) -> Iterator[EpochReport]:
    """Train ``model`` in place, and report after each epoch; leaving the loop is stopping.

    Between two reports the model holds the weights of the epoch reported last. The same configuration and
    initial weights give the same weights on the same machine and device, on the CPU bit for bit. The training
    loss and accuracy are those of the batches as they were learned from (augmented, smoothed labels, weights
    changing under way); the validation loss is the plain cross-entropy.

    Args:
        mean: of the training pixels, on the scale 0 to 1.
        std: their standard deviation, on the same scale.
        on_step: called with the steps done and those of the whole training, at most about 20 times a second.

    Raises:
        ConfigError: a batch is larger than the training set.
        InputError: there are no training or no validation images.
        NonFiniteLossError: the loss became NaN or infinite. The weights are spoilt: who wants those of
            the last report has copied them then.
        DeviceError: the device has no memory left.
    """
    images = len(train.images)
    if images == 0 or len(validation.images) == 0:
        raise InputError(f"expected training and validation images, got {images} and {len(validation.images)}")
    if config.batch_size > images:
        raise ConfigError(f"batch_size: expected at most the {images} training images, got {config.batch_size}")
    with devices.memory_guard(device):
        yield from _Loop(model, train, validation, config, device, mean, std, on_step).epochs()


class _Loop:
    """What stays the same, or goes on, from one epoch to the next."""

    def __init__(
        self,
        model: nn.Module,
        train: Split,
        validation: Split,
        config: TrainConfig,
        device: torch.device,
        mean: float,
        std: float,
        on_step: Callable[[int, int], None] | None,
    ) -> None:
        self._config, self._device, self._mean, self._std = config, device, mean, std
        self._model = model.to(device).to(memory_format=devices.memory_format(device))
        self._optimizer = OPTIMIZERS[config.optimizer](model, config)
        self._factor = SCHEDULES[config.schedule]
        self._pixels = AUGMENTATIONS[config.augmentation](torch.tensor(train.images, device=device))
        self._labels = torch.tensor(train.labels, device=device)
        self._validation = validation
        self._steps = math.ceil(len(train.images) / config.batch_size)  # in one epoch
        self._one_thread = device.type == "cpu" and _multiplications(model) * config.batch_size < SINGLE_THREAD_WORK
        self._ticker = _Ticker(on_step, self._steps * config.epochs)

    def epochs(self) -> Iterator[EpochReport]:
        for epoch in range(1, self._config.epochs + 1):
            yield self._epoch(epoch)

    def _epoch(self, epoch: int) -> EpochReport:
        began = time.perf_counter()
        images, batch_size = len(self._labels), self._config.batch_size
        generator = _epoch_generator(self._config.seed, epoch)
        order = torch.randperm(images, generator=generator).to(self._device)
        changes = self._pixels.draw(images, generator).to(self._device)
        losses = torch.zeros(self._steps, device=self._device)
        correct = torch.zeros((), dtype=torch.int64, device=self._device)
        rate = 0.0
        self._model.train()
        with _own_random_state(self._device, generator), _threads(1 if self._one_thread else torch.get_num_threads()):
            for step in range(self._steps):
                rate = self._set_rate((epoch - 1) * self._steps + step)
                here = slice(step * batch_size, (step + 1) * batch_size)
                loss, hits = self._step(order[here], changes[here])
                losses[step] = loss
                correct += hits
                if (step + 1) % CHECK_EVERY == 0 or step + 1 == self._steps:
                    _require_finite(losses, epoch=epoch, after=step + 1 - CHECK_EVERY, until=step + 1)
                self._ticker.step((epoch - 1) * self._steps + step + 1)
        sizes = np.diff(np.minimum(np.arange(self._steps + 1) * batch_size, images))
        train_loss = float(np.average(losses.cpu().double().numpy(), weights=sizes))
        seconds = time.perf_counter() - began
        validation_loss, validation_accuracy = self._validate()
        if not math.isfinite(validation_loss):  # the last step of the epoch may have been the one that spoilt it
            raise NonFiniteLossError(epoch=epoch, step=self._steps, loss=validation_loss)
        return EpochReport(
            epoch=epoch,
            train_loss=train_loss,
            train_accuracy=int(correct) / images,
            validation_loss=validation_loss,
            validation_accuracy=validation_accuracy,
            learning_rate=rate,
            seconds=time.perf_counter() - began,
            images_per_second=images / seconds,
        )

    def _step(self, indices: Tensor, changes: Tensor) -> tuple[Tensor, Tensor]:
        labels = self._labels.index_select(0, indices)
        batch = inference.normalised(self._pixels.batch(indices, changes), mean=self._mean, std=self._std)
        with devices.autocast(self._device):
            logits = self._model(batch)
        logits = logits.float()
        loss = F.cross_entropy(logits, labels, label_smoothing=self._config.label_smoothing)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        return loss.detach(), (logits.detach().argmax(1) == labels).sum()

    def _set_rate(self, step: int) -> float:
        # The middle of the step: then a training of a single step, too, has a rate above zero.
        rate = self._config.learning_rate * self._factor((step + 0.5) / (self._steps * self._config.epochs))
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        return rate

    def _validate(self) -> tuple[float, float]:
        logits = torch.from_numpy(
            inference.logits(self._model, self._validation.images, device=self._device, mean=self._mean, std=self._std)
        )
        labels = torch.tensor(self._validation.labels)
        loss = F.cross_entropy(logits.double(), labels)
        return float(loss), int((logits.argmax(1) == labels).sum()) / len(labels)


def _multiplications(model: nn.Module) -> int:
    """About how many one image takes: each weight of a layer is used once for each place of the layer's output."""
    return sum(layer.parameters * math.prod(layer.output[1:]) for layer in models.layer_summary(model))


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class _Ticker:
    """Passes steps on, but not so often that showing them would slow the training down."""

    def __init__(self, on_step: Callable[[int, int], None] | None, steps: int) -> None:
        self._on_step, self._steps, self._next = on_step, steps, 0.0

    def step(self, done: int) -> None:
        if self._on_step is None:
            return
        now = time.perf_counter()
        if now >= self._next or done == self._steps:
            self._next = now + REPORT_SECONDS
            self._on_step(done, self._steps)


def _require_finite(losses: Tensor, *, epoch: int, after: int, until: int) -> None:
    first = max(0, after)
    spoilt = torch.nonzero(~torch.isfinite(losses[first:until])).flatten().tolist()
    if spoilt:
        at = first + spoilt[0]
        raise NonFiniteLossError(epoch=epoch, step=at + 1, loss=float(losses[at]))


# --- what is random -----------------------------------------------------------------------------------------


def _epoch_generator(seed: int, epoch: int) -> torch.Generator:
    # On the CPU whatever the device: then every device learns from the same batches in the same order.
    (mixed,) = np.random.SeedSequence((seed, epoch)).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(mixed))


@contextmanager
def _own_random_state(device: torch.device, generator: torch.Generator) -> Iterator[None]:
    """For layers that draw for themselves (dropout): seeded inside, the caller's numbers untouched."""
    seed = int(torch.randint(2**62, (), generator=generator))
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        # Not torch.manual_seed: it would seed every device, and fork_rng puts back only those named.
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield


# --- schedules: how far the training is, 0 to 1 -> share of the learning rate -------------------------------


def _constant(done: float) -> float:
    return 1.0


def _onecycle(done: float) -> float:
    """Smith and Topin's super-convergence (arXiv:1708.07120) in torch's proportions: 30 % up, then down."""
    warm_up, start, end = 0.3, 1 / 25, 1 / 250_000
    if done < warm_up:
        return _between(start, 1.0, done / warm_up)
    return _between(1.0, end, (done - warm_up) / (1 - warm_up))


def _cosine(done: float) -> float:
    """Half a cosine from the full rate to 0 (arXiv:1608.03983, without restarts)."""
    return _between(1.0, 0.0, done)


def _between(first: float, last: float, way: float) -> float:
    return last + (first - last) * (1 + math.cos(math.pi * way)) / 2


SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": _constant,
    "onecycle": _onecycle,
    "cosine": _cosine,
}


# --- optimisers ---------------------------------------------------------------------------------------------
# Fused, one kernel for all weights: an epoch of `mlp` with batches of 64 takes 1.20 s, against 1.63 s with
# foreach and 2.72 s with a loop over the tensors (torch 2.15, 2 cores, n = 1).


def _adam(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    return torch.optim.Adam(
        model.parameters(),
        lr=config.learning_rate,
        betas=config.betas,
        weight_decay=config.weight_decay,
        fused=True,
    )


def _adamw(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        model.parameters(),
        lr=config.learning_rate,
        betas=config.betas,
        weight_decay=config.weight_decay,
        fused=True,
    )


def _sgd(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """Nesterov's momentum where there is one: the first beta, which is Adam's momentum too."""
    momentum = config.betas[0]
    return torch.optim.SGD(
        model.parameters(),
        lr=config.learning_rate,
        momentum=momentum,
        nesterov=momentum > 0,
        weight_decay=config.weight_decay,
        fused=True,
    )


OPTIMIZERS: dict[str, Callable[[nn.Module, TrainConfig], torch.optim.Optimizer]] = {
    "adam": _adam,
    "adamw": _adamw,
    "sgd": _sgd,
}


# --- augmentations ------------------------------------------------------------------------------------------


class Pixels(Protocol):
    """The training images on their device, and one way of changing them from epoch to epoch."""

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """What happens to each of ``count`` images, on the CPU: one row for each."""

    def batch(self, indices: Tensor, changes: Tensor) -> Tensor:
        """The images at ``indices``, changed row by row: a new (B, 1, H, W), 0 to 255, uint8 or float32."""


class _Unchanged:
    def __init__(self, images: Tensor) -> None:
        self._images = images

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        return torch.empty(count, 0)

    def batch(self, indices: Tensor, changes: Tensor) -> Tensor:
        return self._images.index_select(0, indices).unsqueeze(1)


class _Shifted:
    """Up to two whole pixels in each direction, background coming in from outside."""

    def __init__(self, images: Tensor) -> None:
        height, width = images.shape[1:]
        padded = F.pad(images, (MAX_SHIFT,) * 4)
        # A view (N, 5, 5, H, W) of every place the window can stand at: no copy, one indexing per batch.
        self._windows = padded.unfold(1, height, 1).unfold(2, width, 1)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        return torch.randint(2 * MAX_SHIFT + 1, (count, 2), generator=generator)

    def batch(self, indices: Tensor, changes: Tensor) -> Tensor:
        return self._windows[indices, changes[:, 0], changes[:, 1]].unsqueeze(1)


class _Affine:
    """A small turn, a small change of size and a shift at once, interpolated."""

    def __init__(self, images: Tensor) -> None:
        self._images = images

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        spread = torch.rand(4, count, generator=generator)
        angle = (2 * spread[0] - 1) * math.radians(MAX_ROTATION)
        scale = SCALES[0] + (SCALES[1] - SCALES[0]) * spread[1]
        height, width = self._images.shape[1:]
        down = (2 * spread[2] - 1) * 2 * MAX_SHIFT / height  # the grid runs from -1 to 1: 2 / height is one pixel
        right = (2 * spread[3] - 1) * 2 * MAX_SHIFT / width
        cosine, sine = angle.cos() * scale, angle.sin() * scale
        rows = (torch.stack((cosine, -sine, right), 1), torch.stack((sine, cosine, down), 1))
        return torch.stack(rows, 1)  # (N, 2, 3): where in the old image each pixel of the new one comes from

    def batch(self, indices: Tensor, changes: Tensor) -> Tensor:
        images = self._images.index_select(0, indices).unsqueeze(1).float()
        grid = F.affine_grid(changes, list(images.shape), align_corners=False)
        return F.grid_sample(images, grid, padding_mode="zeros", align_corners=False)


AUGMENTATIONS: dict[str, Callable[[Tensor], Pixels]] = {
    "none": _Unchanged,
    "shift": _Shifted,
    "affine": _Affine,
}
