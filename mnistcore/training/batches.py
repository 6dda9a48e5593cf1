"""Owns the training images on their device, and the batches of an epoch: picked by index, augmented, normalised."""

from collections.abc import Iterator

import torch
from torch import Tensor

from mnistcore.config import TrainConfig
from mnistcore.datasets.splits import Split
from mnistcore.models import inference
from mnistcore.training.augmentations import AUGMENTATIONS
from mnistcore.training.chance import Chance, draw_chance
from mnistcore.training.distributed import Group

GATHERED_IMAGES = 4096  # about so many are fetched and augmented at once, for several steps


class Batches:
    """The training images, uint8 on the device, and what one process of a group trains on of them.

    Args:
        mean: of the training pixels, on the scale 0 to 1.
        std: their standard deviation, on the same scale.
    """

    def __init__(
        self, train: Split, config: TrainConfig, *, device: torch.device, mean: float, std: float, group: Group
    ) -> None:
        images = inference.channels_first(torch.tensor(train.images, device=device))
        self._pixels = AUGMENTATIONS[config.augmentation](images)
        self._labels = torch.tensor(train.labels, device=device)
        self._batch_size, self._mean, self._std, self._group = config.batch_size, mean, std, group

    def draw(self, seed: int, epoch: int) -> Chance:
        """All that is random in one epoch."""
        return draw_chance(seed, epoch, len(self._labels), self._pixels)

    def of(self, drawn: Chance, *, after: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches that an epoch has left after so many steps.

        Args:
            drawn: the epoch's, on the device.

        Yields:
            float32 (B, C, H, W), normalised, and int64 (B,), their labels.
        """
        images, batch_size = len(self._labels), self._batch_size
        steps = max(1, GATHERED_IMAGES // batch_size) if self._group.size == 1 else 1  # that are fetched together
        done = after % steps  # of the first ones, which are all augmented again: fewer at once may round otherwise
        for first in range((after - done) * batch_size, images, steps * batch_size):
            here = self._group.share(first, min(first + steps * batch_size, images))
            pixels = self._pixels.batch(drawn.order[here], drawn.changes[here])
            batches = torch.split(inference.normalised(pixels, mean=self._mean, std=self._std), batch_size)
            labels = torch.split(self._labels.index_select(0, drawn.order[here]), batch_size)
            yield from zip(batches[done:], labels[done:], strict=True)
            done = 0
