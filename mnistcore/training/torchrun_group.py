"""Owns the group of processes that torchrun has started: orders go through its store, tensors through gloo or NCCL."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from mnistcore.devices import devices
from mnistcore.errors import DeviceError, InputError, NonFiniteLossError, ProcessLostError, TrainingStoppedError
from mnistcore.training.connections import Connection, process_lost
from mnistcore.training.distributed import Group, Work
from mnistcore.training.work_orders import WorkOrders

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

BARRIER_SECONDS = 0.25  # about so often rank 0 shows how far it is, and says whether the training continues
MAX_STEPS_APART = 50


class TorchrunGroup(Group):
    """The processes of one torchrun command.

    Args:
        rank: this process, 0 to ``size`` - 1.
        local_rank: the same, counted on this machine: the number of its GPU.
    """

    def __init__(self, *, rank: int, size: int, local_rank: int) -> None:
        self.rank, self.size, self._local_rank = rank, size, local_rank
        self._orders = WorkOrders()
        self._connection = Connection(rank=rank, size=size)
        self._barriers = _Barriers()
        self._weight = 1.0  # of the share in the batch
        self._signals = _WorkerSignals()

    def __enter__(self) -> Group:
        self._orders.find_store()
        if self.rank:
            self._signals.handle()
        return self

    def __exit__(self, *_: object) -> None:
        if self.rank == 0:
            with suppress(RuntimeError, ProcessLostError):
                self._orders.give_end()
        self._signals.restore()

    def work(self, train: "Callable[[Work, torch.device], None]") -> None:
        lost: ProcessLostError | None = None
        while (order := self._orders.next(lost=lost, is_terminated=lambda: self._signals.is_terminated)) is not None:
            lost = None
            try:
                device = self.pick_device(order["device"])
                with self.training(), devices.memory_guard(device):
                    self._connect(device)
                    train(Work(order["facts"], self._received(order["size_bytes"])), device)
            except ProcessLostError as error:
                lost = error  # rank 0 may have stopped in the middle of a step, and begin another training
            except (TrainingStoppedError, NonFiniteLossError):
                pass  # it is rank 0 that says so

    def pick_device(self, name: str, *, on_warning: Callable[[str], None] | None = None) -> "torch.device":
        if name not in ("auto", "cpu", "cuda"):
            raise InputError(
                f"--device: expected auto, cpu or cuda where several processes train together, got {name!r}: "
                "each process takes a GPU of its own"
            )
        if name == "cpu" or (name == "auto" and not devices.device_names()[0].startswith("cuda")):
            return devices.pick_device(name, on_warning=on_warning)
        try:
            return devices.pick_device(f"cuda:{self._local_rank}")
        except DeviceError as error:
            raise type(error)(f"process {self._local_rank} of this machine needs a GPU of its own: {error}") from error

    @contextmanager
    def training(self) -> Iterator[None]:
        import torch.distributed as dist

        gave_up = True
        try:
            yield
            gave_up = False
        except (TrainingStoppedError, NonFiniteLossError):  # in every process, after the same step
            gave_up = False
            raise
        except dist.DistError as error:  # of an exchange inside a layer: batch normalisation on CUDA
            raise process_lost(error) from error
        finally:
            self._connection.close(gave_up=gave_up)

    @contextmanager
    def confirmed(self) -> Iterator[None]:
        with self._connection.confirmed():
            yield

    def broadcast_work(self, work: Callable[[], Work], device: "torch.device") -> None:
        if self.rank:
            return
        import safetensors.numpy
        import torch

        made = work()
        data = bytearray(safetensors.numpy.save(dict(made.arrays)))
        self._orders.give({"facts": made.facts, "device": device.type, "size_bytes": len(data)})
        self._connect(device)
        self._connection.broadcast(torch.frombuffer(data, dtype=torch.uint8))

    def _received(self, size_bytes: int) -> dict[str, npt.NDArray[Any]]:
        import safetensors.numpy
        import torch

        data = self._connection.broadcast(torch.empty(size_bytes, dtype=torch.uint8))
        return safetensors.numpy.load(data.numpy().tobytes())

    def _connect(self, device: "torch.device") -> None:
        self._connection.open(device, self._orders.store, number=self._orders.count)
        self._barriers = _Barriers()

    def prepared(self, model: "nn.Module") -> "nn.Module":
        from torch import nn

        if self._connection.device.type != "cuda":
            return model
        converted: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
        return converted

    def broadcast_weights(self, model: "nn.Module") -> None:
        for tensor in model.state_dict().values():
            self._connection.broadcast_into(tensor)

    def share_gradients(self, parameters: "Sequence[nn.Parameter]") -> None:
        self._connection.average([parameter.grad for parameter in parameters if parameter.grad is not None])

    def share(self, first: int, end: int) -> slice:
        each, more = divmod(end - first, self.size)
        count = each + (self.rank < more)
        self._weight = count / (end - first)
        begin = first + self.rank * each + min(self.rank, more)
        # A batch with fewer images than there are processes: the others take its first one along, which counts nothing.
        return slice(begin, begin + count) if count else slice(first, first + 1)

    def scaled(self, loss: "Tensor") -> "Tensor":
        return loss * (self._weight * self.size)

    def summed(self, loss: "Tensor", hits: "Tensor") -> "tuple[Tensor, Tensor]":
        import torch

        counted = hits if self._weight else torch.zeros_like(hits)
        both = self._connection.sum(torch.stack((loss.double() * self._weight, counted.double())))
        return both[0].float(), both[1].long()

    def barrier(self, done: int, steps: int, tell: Callable[[int], None]) -> None:
        if done < self._barriers.next and done < steps:
            return
        with self.on_rank_0(done):
            if self.rank == 0:
                tell(done)

    @contextmanager
    def on_rank_0(self, done: int) -> Iterator[None]:
        import torch

        if self.rank:
            yield
            continues, self._barriers.next = self._connection.broadcast(torch.zeros(2, dtype=torch.int64)).tolist()
            if not continues:
                raise TrainingStoppedError("rank 0 has ended this training")
            return
        try:
            yield
        except BaseException:  # the end of the generator that trains, too
            with suppress(RuntimeError, ProcessLostError):
                self._connection.broadcast(torch.zeros(2, dtype=torch.int64))
            raise
        self._barriers.plan(done)
        self._connection.broadcast(torch.tensor((1, self._barriers.next)))


class _WorkerSignals:
    """What a worker makes of Ctrl-C and of torchrun's SIGTERM, which reach every process: nothing but a note.

    What becomes of the training is rank 0's to decide. Where that is gone, SIGTERM says that it will not come back.
    """

    def __init__(self) -> None:
        self.is_terminated = False  # torchrun wants an end
        self._before: dict[int, Any] = {}

    def handle(self) -> None:
        """From now on; only a process's main thread can."""
        if threading.current_thread() is threading.main_thread():
            self._before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
            self._before[signal.SIGTERM] = signal.signal(signal.SIGTERM, self._note)

    def restore(self) -> None:
        """Let those who handled the signals before do so again."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, *_: object) -> None:
        self.is_terminated = True


class _Barriers:
    """After which steps the processes wait for each other; rank 0 plans the next one, and says so at each."""

    def __init__(self) -> None:
        self.next = 0  # so many steps are done then
        self._apart = 1
        self._last = (0, 0.0)  # steps done at the last one, and when that was

    def plan(self, done: int) -> None:
        """After this one. The end of an epoch puts no barrier off: epochs may be shorter than that."""
        if done < self.next:
            return
        (before, moment), now = self._last, time.monotonic()
        if before < done and moment:
            self._apart = int(max(1, min(MAX_STEPS_APART, (done - before) * BARRIER_SECONDS / (now - moment))))
        self._last = done, now
        self.next = done + self._apart
