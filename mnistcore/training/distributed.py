"""Owns training in several processes at once, as the training sees it: the group, its work, and the group of one.

torchrun starts the processes, ranks 0 to N - 1, each with the same command. Rank 0 is the training: it waits for its
turn, has the data, evaluates, saves, shows how far it is, and is asked to stop. The others are its workers: each gets
the training images and the place to resume from, and trains on its share of every batch. The gradient is that of the
whole batch: N processes train what one would, but for the rounding, for layers that draw for themselves (dropout), and
for batch normalisation. On CUDA its statistics are of the whole batch, on the CPU of each process's share, and rank 0's
are kept.

What is stored and what is read is as for one process. In the queue a training takes the place of rank 0's device.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from mnistcore.devices import devices

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class Work:
    """What a worker has to know of a training: facts that JSON can hold, and arrays by name."""

    facts: Mapping[str, Any]
    arrays: Mapping[str, npt.NDArray[Any]]


class Group:
    """Processes that train together. This one has a single process, for which there is nothing to be done."""

    rank = 0
    size = 1

    def __enter__(self) -> "Group":
        return self

    def __exit__(self, *_: object) -> None:
        return

    def work(self, train: "Callable[[Work, torch.device], None]") -> None:
        """As a worker, do this process's share of each training that rank 0 begins, until rank 0 is at its end.

        Raises:
            ProcessLostError: rank 0 ended without a word.
        """

    def pick_device(self, name: str, *, on_warning: Callable[[str], None] | None = None) -> "torch.device":
        """This process's device; see `devices.pick_device`.

        Raises:
            InputError: one GPU was named, for several processes.
            DeviceError: it is not here.
        """
        return devices.pick_device(name, on_warning=on_warning)

    @contextmanager
    def training(self) -> Iterator[None]:
        """One training in which the processes are connected; all that exchanges anything happens inside.

        Raises:
            ProcessLostError: another process has ended; on the CPU also if it has not answered for 10 minutes.
        """
        yield

    def broadcast_work(self, work: Callable[[], Work], device: "torch.device") -> None:
        """Connect to the workers, and send them what they need to train."""

    def prepared(self, model: "nn.Module") -> "nn.Module":
        """The model as it is to be trained, its parameters the same objects."""
        return model

    def broadcast_weights(self, model: "nn.Module") -> None:
        """Give every process the weights of rank 0, with which they begin."""

    def share_gradients(self, parameters: "Sequence[nn.Parameter]") -> None:
        """Put the mean over the processes in the place of each gradient, between the backward pass and the step."""

    def share(self, first: int, end: int) -> slice:
        """Which images of a batch, ``first`` to before ``end`` in the epoch's order, this process trains on."""
        return slice(first, end)

    def scaled(self, loss: "Tensor") -> "Tensor":
        """The mean loss of the share, made such that the gradients' mean over the processes is the whole batch's."""
        return loss

    @contextmanager
    def confirmed(self) -> Iterator[None]:
        """Around what is read from the device to be kept or evaluated: none of it may be left by a broken exchange.

        Raises:
            ProcessLostError: it may be, for another process has ended.
        """
        yield

    def summed(self, loss: "Tensor", hits: "Tensor") -> "tuple[Tensor, Tensor]":
        """The mean loss of the whole batch and how many of its images were predicted right, from the share's."""
        return loss, hits

    def barrier(self, done: int, steps: int, tell: Callable[[int], None]) -> None:
        """Between two steps: rank 0 tells how far it is, and what that raises ends the training of all processes."""
        tell(done)

    @contextmanager
    def on_rank_0(self, done: int) -> Iterator[None]:
        """What rank 0 does by itself after a step; the workers wait, and end with it if it ends here.

        Raises:
            TrainingStoppedError: in a worker, if rank 0 ends the training.
        """
        yield


ALONE = Group()


def started_group() -> Group:
    """The processes that torchrun has started this one with; by itself it is `ALONE`. Reads the environment."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if "TORCHELASTIC_RUN_ID" not in os.environ or size <= 1:
        return ALONE
    from mnistcore.training.torchrun_group import TorchrunGroup

    return TorchrunGroup(rank=int(os.environ["RANK"]), size=size, local_rank=int(os.environ["LOCAL_RANK"]))
