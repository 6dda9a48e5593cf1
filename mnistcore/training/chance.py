"""Owns what is random in an epoch: all of it follows from the seed and the number of the epoch."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mnistcore.training.augmentations import Pixels

RANDOM_STATES = ("random", "random-device")  # names of the generators' states: the CPU's and the CUDA device's


@dataclass(frozen=True, eq=False)
class Chance:
    """What is random in one epoch. Drawn on the CPU: then every device trains on the same batches."""

    order: Tensor  # int64 (N,): of the images
    changes: Tensor  # (N, ...): what happens to the images in this order
    seed: int  # of layers that draw for themselves (dropout)

    def on(self, device: torch.device) -> "Chance":
        """The same, on a device."""
        return Chance(self.order.to(device), self.changes.to(device), self.seed)


def draw_chance(seed: int, epoch: int, images: int, pixels: "Pixels") -> Chance:
    """What is random in one epoch: the same for the same seed and epoch, whatever was drawn before."""
    (mixed,) = np.random.SeedSequence((seed, epoch)).generate_state(1, np.uint64)
    generator = torch.Generator().manual_seed(int(mixed))
    order, changes = torch.randperm(images, generator=generator), pixels.draw(images, generator)
    return Chance(order, changes, int(torch.randint(2**62, (), generator=generator)))


class Drawn:
    """Draws for one epoch after the other; for a GPU the next one while it computes, which takes up to 50 ms."""

    def __init__(self, draw: Callable[[int], Chance], epochs: int, device: torch.device) -> None:
        self._draw, self._epochs = draw, epochs
        self._ahead = device.type != "cpu"  # which has no time to spare
        self._thread = ThreadPoolExecutor(1, "mnistcore-draw")
        self._next: tuple[int, Future[Chance]] | None = None

    def __enter__(self) -> "Drawn":
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def of(self, epoch: int) -> Chance:
        """What was drawn for an epoch; each is asked for once, in their order."""
        ready, self._next = self._next, None
        chance = ready[1].result() if ready is not None and ready[0] == epoch else self._draw(epoch)
        if self._ahead and epoch < self._epochs:
            self._next = epoch + 1, self._thread.submit(self._draw, epoch + 1)
        return chance


@contextmanager
def own_random_state(device: torch.device, seed: int, *, restored: Mapping[str, Tensor]) -> Iterator[None]:
    """For layers that draw for themselves: seeded inside, the caller's random numbers untouched.

    Args:
        restored: what `random_state` gave in the middle of an epoch that is resumed; else nothing.
    """
    cuda = device.type == "cuda"
    with torch.random.fork_rng(devices=[device] if cuda else []):
        # Not torch.manual_seed: it would seed every device, and fork_rng puts back only those named.
        torch.default_generator.manual_seed(seed)
        if cuda:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        host, on_device = RANDOM_STATES
        if host in restored:
            torch.set_rng_state(restored[host])
        if on_device in restored and cuda:
            torch.cuda.set_rng_state(restored[on_device], device)
        yield


def random_state(device: torch.device) -> dict[str, Tensor]:
    """The generators as they are now, uint8, by the names of `RANDOM_STATES`."""
    host, on_device = RANDOM_STATES
    states = {host: torch.get_rng_state()}
    if device.type == "cuda":
        states[on_device] = torch.cuda.get_rng_state(device)
    return states
