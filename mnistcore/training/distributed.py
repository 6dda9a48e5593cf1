"""Owns training in several processes at once: who they are, what each does, how they end together; imports torch late.

torchrun starts the processes, ranks 0 to N - 1, each with the same command. Rank 0 is the training: it waits for its
turn, has the data, judges, saves, shows how far it is, and is asked to stop. The others follow: each gets the training
images and the place to go on from, and learns from its share of every batch. The gradient is that of the whole batch:
N processes learn what one would, but for the rounding, for layers that draw for themselves (dropout), and for batch
normalisation. On CUDA its statistics are of the whole batch, on the CPU of each process's share, and rank 0's are kept.

What is stored and what is read is as for one process. In the queue a training takes the place of rank 0's device.
"""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from mnistcore.devices import devices
from mnistcore.errors import (
    DeviceError,
    InputError,
    NonFiniteLossError,
    ProcessLostError,
    TrainingStoppedError,
)
from mnistcore.libraries import importing
from mnistcore.training.heartbeats import Heartbeats

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

STEP_TIMEOUT = timedelta(minutes=10)  # for one exchange between the processes: judging and saving take less
MEETING_SECONDS = 0.25  # about so often rank 0 shows how far it is, and says whether to go on
MAX_STEPS_APART = 50
GOODBYE_SECONDS = 15.0  # so long after the connection broke rank 0 may still say that it is at its end
TERMINATED_SECONDS = 2.0  # where torchrun wants an end as well
_POLL_SECONDS = 0.1


@dataclass(frozen=True, eq=False)
class Work:
    """What a follower has to know of a training: facts that JSON can hold, and arrays by name."""

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

    def follow(self, learn: "Callable[[Work, torch.device], None]") -> None:
        """Do this process's share of each training that rank 0 takes up, until rank 0 is at its end.

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
            ProcessLostError: another process has ended; on the CPU also if it has not answered for `STEP_TIMEOUT`.
        """
        yield

    def hand_out(self, work: Callable[[], Work], device: "torch.device") -> None:
        """Give the followers what they need to train along."""

    def prepared(self, model: "nn.Module") -> "nn.Module":
        """The model as it is to be trained, its parameters the same objects."""
        return model

    def align(self, model: "nn.Module") -> None:
        """Give every process the weights of rank 0, with which they begin."""

    def share_gradients(self, parameters: "Sequence[nn.Parameter]") -> None:
        """Put the mean over the processes in the place of each gradient, between the backward pass and the step."""

    def share(self, first: int, end: int) -> slice:
        """Which images of a batch, ``first`` to before ``end`` in the epoch's order, this process learns from."""
        return slice(first, end)

    def scaled(self, loss: "Tensor") -> "Tensor":
        """The mean loss of the share, made such that the gradients' mean over the processes is the whole batch's."""
        return loss

    @contextmanager
    def confirmed(self) -> Iterator[None]:
        """Around what is read from the device to be kept or judged: none of it may be what a broken exchange left.

        Raises:
            ProcessLostError: it may be, for another process has ended.
        """
        yield

    def summed(self, loss: "Tensor", hits: "Tensor") -> "tuple[Tensor, Tensor]":
        """The mean loss of the whole batch and the number of its images that were called right, from the share's."""
        return loss, hits

    def meet(self, done: int, steps: int, tell: Callable[[int], None]) -> None:
        """Between two steps: rank 0 tells how far it is, and what that raises ends the training of all processes."""
        tell(done)

    @contextmanager
    def judging(self, done: int) -> Iterator[None]:
        """What rank 0 does by itself after a step; the others wait, and end with it if it ends here.

        Raises:
            TrainingStoppedError: in a follower, if rank 0 does not go on.
        """
        yield


ALONE = Group()


def started_group() -> Group:
    """The processes that torchrun has started this one with; by itself it is `ALONE`."""
    if "TORCHELASTIC_RUN_ID" in os.environ and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        return _TorchrunGroup()
    return ALONE


class _TorchrunGroup(Group):
    """Orders go through torchrun's key-value store, where waiting may last; tensors through gloo or NCCL."""

    def __init__(self) -> None:
        self.rank, self.size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        self._local_rank = int(os.environ["LOCAL_RANK"])
        self._orders = 0  # read or given so far
        self._store: Any = None
        self._device: torch.device | None = None  # where tensors are exchanged, while the processes are connected
        self._heartbeats: Heartbeats | None = None  # meanwhile, with NCCL; gloo itself notices who is gone
        self._weight = 1.0  # of the share in the batch
        self._next, self._apart, self._last = 0, 1, (0, 0.0)  # meetings: steps done at the next, steps and time between
        self._signals: dict[int, Any] = {}
        self._terminated = False  # torchrun wants an end

    def __enter__(self) -> Group:
        with importing("torch"):
            from torch.distributed.rendezvous import rendezvous

        with _exchange():
            self._store, _, _ = next(rendezvous("env://", timeout=STEP_TIMEOUT))
        if self.rank and threading.current_thread() is threading.main_thread():
            # Ctrl-C and torchrun's SIGTERM reach every process: what becomes of the training is rank 0's to decide.
            # Where that is gone, SIGTERM says that it will not come back.
            self._signals[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
            self._signals[signal.SIGTERM] = signal.signal(signal.SIGTERM, self._terminate)
        return self

    def _terminate(self, *_: object) -> None:
        self._terminated = True

    def __exit__(self, *_: object) -> None:
        if self.rank == 0:
            with suppress(RuntimeError, ProcessLostError):
                self._give_order({"end": True})
        for number, handler in self._signals.items():
            signal.signal(number, handler)

    def follow(self, learn: "Callable[[Work, torch.device], None]") -> None:
        lost: ProcessLostError | None = None
        while (order := self._next_order(lost)) is not None:
            lost = None
            try:
                device = self.pick_device(order["device"])
                with self.training(), devices.memory_guard(device):
                    self._connect(device)
                    learn(Work(order["facts"], self._received(order["size_bytes"])), device)
            except ProcessLostError as error:
                lost = error  # rank 0 may have stopped in the middle of a step, and go on to another training
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

        gives_up = True
        try:
            yield
            gives_up = False
        except (TrainingStoppedError, NonFiniteLossError):  # in every process, after the same step
            gives_up = False
            raise
        except dist.DistError as error:  # of an exchange inside a layer: batch normalisation on CUDA
            raise _lost(error) from error
        finally:
            self._disconnect(gives_up=gives_up)

    def _disconnect(self, *, gives_up: bool) -> None:
        import torch.distributed as dist
        from torch.distributed import distributed_c10d

        heartbeats, self._heartbeats, self._device = self._heartbeats, None, None
        if heartbeats is not None:
            heartbeats.end(given_up=gives_up)
        if not dist.is_initialized():
            return
        with suppress(RuntimeError):
            if heartbeats is not None and gives_up:
                # Destroying waits for what NCCL has under way, and nobody may answer. The function has no public name.
                distributed_c10d._abort_process_group()
            else:
                dist.destroy_process_group()

    @contextmanager
    def confirmed(self) -> Iterator[None]:
        try:
            yield
        finally:
            # An exchange that was broken off leaves nothing that could be told from an answer. Asked after the reading:
            # whoever breaks off says so before.
            if self._heartbeats is not None and (lost := self._heartbeats.lost()):
                raise _lost(lost)

    def hand_out(self, work: Callable[[], Work], device: "torch.device") -> None:
        if self.rank:
            return
        import safetensors.numpy
        import torch

        made = work()
        data = bytearray(safetensors.numpy.save(dict(made.arrays)))
        self._give_order({"facts": made.facts, "device": device.type, "size_bytes": len(data)})
        self._connect(device)
        self._broadcast(torch.frombuffer(data, dtype=torch.uint8))

    def prepared(self, model: "nn.Module") -> "nn.Module":
        from torch import nn

        if self._exchange_device().type != "cuda":
            return model
        converted: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
        return converted

    def align(self, model: "nn.Module") -> None:
        import torch.distributed as dist

        for tensor in model.state_dict().values():
            whole = tensor.contiguous()
            with _exchange():
                dist.broadcast(whole, 0)
            tensor.copy_(whole)

    def share_gradients(self, parameters: "Sequence[nn.Parameter]") -> None:
        import torch
        import torch.distributed as dist

        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        # All in one exchange: our networks are small, and each exchange takes its time however little it carries.
        summed = torch.cat([gradient.reshape(-1) for gradient in gradients])
        with _exchange():
            dist.all_reduce(summed)
        means = torch.split(summed / self.size, [gradient.numel() for gradient in gradients])
        for gradient, mean in zip(gradients, means, strict=True):
            gradient.copy_(mean.view(gradient.shape))

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
        import torch.distributed as dist

        counted = hits if self._weight else torch.zeros_like(hits)
        both = torch.stack((loss.double() * self._weight, counted.double()))
        with _exchange():
            dist.all_reduce(both)
        return both[0].float(), both[1].long()

    def meet(self, done: int, steps: int, tell: Callable[[int], None]) -> None:
        if done < self._next and done < steps:
            return
        with self.judging(done):
            if self.rank == 0:
                tell(done)

    @contextmanager
    def judging(self, done: int) -> Iterator[None]:
        import torch

        if self.rank:
            yield
            goes_on, self._next = self._broadcast(torch.zeros(2, dtype=torch.int64)).tolist()
            if not goes_on:
                raise TrainingStoppedError("rank 0 has ended this training")
            return
        try:
            yield
        except BaseException:  # the end of the generator that trains, too
            with suppress(RuntimeError, ProcessLostError):
                self._broadcast(torch.zeros(2, dtype=torch.int64))
            raise
        if done >= self._next:  # the end of an epoch puts no meeting off: epochs may be shorter than that
            self._next = done + self._steps_apart(done)
        self._broadcast(torch.tensor((1, self._next)))

    def _steps_apart(self, done: int) -> int:
        (before, moment), now = self._last, time.monotonic()
        if before < done and moment:
            self._apart = int(max(1, min(MAX_STEPS_APART, (done - before) * MEETING_SECONDS / (now - moment))))
        self._last = done, now
        return self._apart

    def _give_order(self, order: Mapping[str, Any]) -> None:
        with _exchange():
            self._store.set(f"order/{self._orders}", json.dumps(order))
        self._orders += 1

    def _next_order(self, lost: ProcessLostError | None) -> Mapping[str, Any] | None:
        """Waits for it without an end, for rank 0 may wait for its turn for hours; but not where it was lost."""
        key = f"order/{self._orders}"
        began = time.monotonic()
        with _exchange():
            while not self._store.check([key]):
                patience = TERMINATED_SECONDS if self._terminated else GOODBYE_SECONDS
                if lost is not None and time.monotonic() - began > patience:
                    raise lost
                time.sleep(_POLL_SECONDS)
            order: dict[str, Any] = json.loads(self._store.get(key))
        self._orders += 1
        return None if "end" in order else order

    def _connect(self, device: "torch.device") -> None:
        import torch
        import torch.distributed as dist
        from torch.distributed.distributed_c10d import PrefixStore

        if device.type == "cuda":
            torch.cuda.set_device(device)
            # Else torch ends the whole process where NCCL finds the other one gone, without a word and nothing kept.
            os.environ.setdefault("TORCH_NCCL_ASYNC_ERROR_HANDLING", "0")
        with _exchange():
            dist.init_process_group(
                "nccl" if device.type == "cuda" else "gloo",
                store=PrefixStore(f"training/{self._orders}", self._store),
                rank=self.rank,
                world_size=self.size,
                timeout=STEP_TIMEOUT,
            )
        self._device, self._next, self._apart, self._last = device, 0, 1, (0, 0.0)
        world = dist.group.WORLD
        if device.type == "cuda" and world is not None:
            self._heartbeats = Heartbeats(
                PrefixStore(f"heartbeats/{self._orders}", self._store.clone()),  # beside whoever waits in the other
                rank=self.rank,
                size=self.size,
                on_loss=world.abort,
            )

    def _received(self, size_bytes: int) -> dict[str, npt.NDArray[Any]]:
        import safetensors.numpy
        import torch

        data = self._broadcast(torch.empty(size_bytes, dtype=torch.uint8))
        return safetensors.numpy.load(data.numpy().tobytes())

    def _broadcast(self, tensor: "Tensor") -> "Tensor":
        """Rank 0's values in every process, on the CPU."""
        import torch.distributed as dist

        there = tensor.to(self._exchange_device())
        with _exchange(), self.confirmed():
            dist.broadcast(there, 0)
            return there.cpu()  # on CUDA it is here that one waits for the others

    def _exchange_device(self) -> "torch.device":
        if self._device is None:
            raise InputError("expected processes that are connected: train inside Group.training(), after hand_out()")
        return self._device


@contextmanager
def _exchange() -> Iterator[None]:
    """Around each exchange with the other processes, and nothing else: what torch raises there is their silence.

    By its place and not by its words: gloo has no error class of its own, and what is trained may say anything. But
    what a GPU had failed at before is told here too, where one waits for it: that is its own error.
    """
    try:
        yield
    except RuntimeError as error:
        if devices.trouble("the device", error) is not None:
            raise
        raise _lost(error) from error


def _lost(error: RuntimeError | str) -> ProcessLostError:
    return ProcessLostError(
        "another process of this training has ended or does not answer: expected all that torchrun has started. "
        f"Its own message says why; started again, the training goes on from its resume point ({error})"
    )
