"""Owns the epoch under way: its steps so far, their losses, the images predicted right, the time that it took."""

import math
import time

import numpy as np
import torch
from torch import Tensor

from mnistcore.errors import NonFiniteLossError
from mnistcore.runs.history import CurvePoint


class EpochProgress:
    """How far the epoch under way is. Losses and counts stay on the device until they are read.

    Args:
        images: training images in an epoch.
    """

    def __init__(self, images: int, batch_size: int, *, device: torch.device) -> None:
        self.steps = math.ceil(images / batch_size)  # in one epoch
        self.epoch, self.step = 1, 0  # the epoch's number from 1, and the steps done in it
        self._epoch_images, self._batch_size = images, batch_size
        self._losses = torch.zeros(self.steps, device=device)
        self._correct = torch.zeros((), dtype=torch.int64, device=device)
        self._checked, self._checked_correct = 0, 0  # at the last check of the loss: steps, and images predicted right
        self._earlier_seconds, self._began = 0.0, time.perf_counter()

    def begin(self, epoch: int) -> None:
        """Start from nothing, at an epoch's beginning."""
        self.epoch, self.step, self._earlier_seconds = epoch, 0, 0.0
        self._losses.zero_()
        self._correct.zero_()

    def resume(self, epoch: int, *, losses: Tensor, correct: int, seconds: float) -> None:
        """Start where an epoch was left.

        Args:
            losses: float32 (step,), of each step that is done.
        """
        self.epoch, self.step, self._earlier_seconds = epoch, len(losses), seconds
        self._losses[: self.step] = losses.to(self._losses.device)
        self._correct.fill_(correct)

    def start_clock(self) -> None:
        """Before the first step that this process does of the epoch."""
        self._began = time.perf_counter()
        self._checked, self._checked_correct = self.step, self.correct

    def add(self, loss: Tensor, hits: Tensor) -> None:
        """Take in one step: its mean loss, and how many of its images were predicted right."""
        self._losses[self.step] = loss
        self._correct += hits
        self.step += 1

    @property
    def steps_done(self) -> int:
        """Of the whole training."""
        return (self.epoch - 1) * self.steps + self.step

    @property
    def images(self) -> int:
        """Trained on in the epoch so far."""
        return min(self.step * self._batch_size, self._epoch_images)

    @property
    def correct(self) -> int:
        """Images predicted right so far, each when it was trained on."""
        return int(self._correct)

    @property
    def seconds(self) -> float:
        """Wall time of the epoch, until now."""
        return self._earlier_seconds + time.perf_counter() - self._began

    @property
    def losses(self) -> Tensor:
        """float32 (step,): of each step so far."""
        return self._losses[: self.step]

    def train_loss(self) -> float:
        """The mean over the images so far."""
        sizes = np.diff(np.minimum(np.arange(self.step + 1) * self._batch_size, self.images))
        return float(np.average(self.losses.cpu().double().numpy(), weights=sizes))

    def require_finite(self, *, after: int | None = None) -> None:
        """Check the losses of the steps after ``after``, those since the last check if None.

        Raises:
            NonFiniteLossError: one of them is NaN or infinite; it says which.
        """
        first = self._checked if after is None else after
        spoilt = torch.nonzero(~torch.isfinite(self._losses[first : self.step])).flatten().tolist()
        if spoilt:
            at = first + spoilt[0]
            raise NonFiniteLossError(epoch=self.epoch, step=at + 1, loss=float(self._losses[at]))

    def take_curve_point(self) -> CurvePoint:
        """The loss and the accuracy over the steps since the last check, whose losses are finite."""
        correct, before = self.correct, self._checked
        loss = float(self._losses[before : self.step].double().mean())
        accuracy = (correct - self._checked_correct) / (self.images - before * self._batch_size)
        self._checked, self._checked_correct = self.step, correct
        return CurvePoint(step=self.steps_done, loss=loss, accuracy=accuracy)
