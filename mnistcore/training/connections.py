"""Owns how the processes of one training exchange tensors: through gloo or NCCL, and what it means where that fails."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mnistcore.devices import devices
from mnistcore.errors import InputError, ProcessLostError
from mnistcore.training.heartbeats import Heartbeats

if TYPE_CHECKING:
    import torch
    from torch import Tensor

STEP_TIMEOUT = timedelta(minutes=10)  # for one exchange between the processes: evaluating and saving take less


class Connection:
    """The processes of one group, connected while they train; torch's default process group."""

    def __init__(self, *, rank: int, size: int) -> None:
        self._rank, self._size = rank, size
        self._device: torch.device | None = None  # where tensors are exchanged, while the processes are connected
        self._heartbeats: Heartbeats | None = None  # meanwhile, with NCCL; gloo itself notices who is gone

    @property
    def device(self) -> "torch.device":
        """Where tensors are exchanged.

        Raises:
            InputError: the processes are not connected.
        """
        if self._device is None:
            raise InputError(
                "expected processes that are connected: train inside Group.training(), after broadcast_work()"
            )
        return self._device

    def open(self, device: "torch.device", store: Any, *, number: int) -> None:
        """Connect the processes; it waits for all of them.

        Args:
            store: torch's key-value store that all of them have.
            number: the same in all of them, and another one for each training.
        """
        import torch
        import torch.distributed as dist
        from torch.distributed.distributed_c10d import PrefixStore

        if device.type == "cuda":
            torch.cuda.set_device(device)
            # Else torch ends the whole process where NCCL finds the other one gone, without a word and nothing kept.
            os.environ.setdefault("TORCH_NCCL_ASYNC_ERROR_HANDLING", "0")
        with exchange():
            dist.init_process_group(
                "nccl" if device.type == "cuda" else "gloo",
                store=PrefixStore(f"training/{number}", store),
                rank=self._rank,
                world_size=self._size,
                timeout=STEP_TIMEOUT,
            )
        self._device = device
        world = dist.group.WORLD
        if device.type == "cuda" and world is not None:
            self._heartbeats = Heartbeats(
                PrefixStore(f"heartbeats/{number}", store.clone()),  # beside whoever waits in the other
                rank=self._rank,
                size=self._size,
                on_loss=world.abort,
            )

    def close(self, *, gave_up: bool) -> None:
        """Disconnect, where the processes are connected.

        Args:
            gave_up: this process leaves in the middle of a training, and the others do not know.
        """
        import torch.distributed as dist
        from torch.distributed import distributed_c10d

        heartbeats, self._heartbeats, self._device = self._heartbeats, None, None
        if heartbeats is not None:
            heartbeats.end(given_up=gave_up)
        if not dist.is_initialized():
            return
        with suppress(RuntimeError):
            if heartbeats is not None and gave_up:
                # Destroying waits for what NCCL has under way, and nobody may answer. The function has no public name.
                distributed_c10d._abort_process_group()
            else:
                dist.destroy_process_group()

    @contextmanager
    def confirmed(self) -> Iterator[None]:
        """See `Group.confirmed`."""
        try:
            yield
        finally:
            # An exchange that was broken off leaves nothing that could be told from an answer. Asked after the reading:
            # whoever breaks off says so before.
            if self._heartbeats is not None and (lost := self._heartbeats.lost()):
                raise process_lost(lost)

    def broadcast(self, tensor: "Tensor") -> "Tensor":
        """Rank 0's values in every process, on the CPU."""
        import torch.distributed as dist

        there = tensor.to(self.device)
        with exchange(), self.confirmed():
            dist.broadcast(there, 0)
            return there.cpu()  # on CUDA it is here that one waits for the others

    def broadcast_into(self, tensor: "Tensor") -> None:
        """Put rank 0's values into every process's tensor."""
        import torch.distributed as dist

        whole = tensor.contiguous()
        with exchange():
            dist.broadcast(whole, 0)
        tensor.copy_(whole)

    def sum(self, tensor: "Tensor") -> "Tensor":
        """The sum over the processes, in the tensor's own place."""
        import torch.distributed as dist

        with exchange():
            dist.all_reduce(tensor)
        return tensor

    def average(self, tensors: "Sequence[Tensor]") -> None:
        """Put the mean over the processes into each tensor."""
        import torch

        # All in one exchange: our networks are small, and each exchange takes its time however little it carries.
        summed = self.sum(torch.cat([tensor.reshape(-1) for tensor in tensors]))
        means = torch.split(summed / self._size, [tensor.numel() for tensor in tensors])
        for tensor, mean in zip(tensors, means, strict=True):
            tensor.copy_(mean.view(tensor.shape))


@contextmanager
def exchange() -> Iterator[None]:
    """Around each exchange with the other processes, and nothing else: what torch raises there is their silence.

    By its place and not by its words: gloo has no error class of its own, and what is trained may say anything. But
    what a GPU had failed at before is told here too, where one waits for it: that is its own error.
    """
    try:
        yield
    except RuntimeError as error:
        if devices.trouble("the device", error) is not None:
            raise
        raise process_lost(error) from error


def process_lost(error: RuntimeError | str) -> ProcessLostError:
    """The error of every process that another one has left alone."""
    return ProcessLostError(
        "another process of this training has ended or does not answer: expected all that torchrun has started. "
        f"Its own message says why; started again, the training resumes from its resume point ({error})"
    )
