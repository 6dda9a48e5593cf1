"""Owns the training loop, its schedules and augmentations; sees no test image and never imports the store.

The images lie on the device as uint8 once and are picked by index: there is no DataLoader and nothing is done
image by image. Everything random in an epoch derives from the seed and the number of the epoch, so that an
epoch does not depend on how the ones before it came about, and the caller's random numbers go on as if no
training had happened.
"""

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from mnistcore.config import TrainConfig
from mnistcore.datasets.data import Split
from mnistcore.devices import devices
from mnistcore.errors import ConfigError, InputError, NonFiniteLossError
from mnistcore.models import inference, models
from mnistcore.runs.history import CurvePoint, EpochReport
from mnistcore.training import distributed
from mnistcore.training.augmentations import AUGMENTATIONS
from mnistcore.training.averaging import Average
from mnistcore.training.chance import Chance, Drawn, draw_chance, own_random_state
from mnistcore.training.dense import DenseStack
from mnistcore.training.distributed import Group
from mnistcore.training.losses import CrossEntropy
from mnistcore.training.optimizers import OPTIMIZERS
from mnistcore.training.schedules import SCHEDULES

# Below so many multiplications a step, CPU threads wait for each other about as long as they work: `mlp` takes 7
# million with batches of 64. `cnn` takes 174 million with batches of 256: an epoch takes 3.4 s in one thread, and in
# two 2.7 s on idle cores, 5 s and more beside other programs (torch 2.15, 2 cores, n = 2).
SINGLE_THREAD_WORK = 100_000_000
GATHERED_IMAGES = 4096  # about so many are fetched and changed at once, for several steps
CHECK_EVERY = 50  # steps between two looks at the loss: a look makes the host wait for the device
REPORT_SECONDS = 0.05  # at least this long between two calls of on_step


@dataclass(frozen=True, eq=False)
class TrainingState:
    """Where a training stands between two steps: all it takes to go on as if it had never been left.

    The order of the images, their augmentation and the learning rate are not in it: they follow from the
    configuration and the place.
    """

    epoch: int  # the one under way, from 1; one more than there are where all are done
    step: int  # steps done in it
    correct: int  # images of these steps that were called right
    seconds: float  # wall time of these steps
    # "model/<name>", "optimizer/<parameter>/<name>", "average/<name>", "losses" float32 (step,), and the generators
    # of layers that draw for themselves, "random" and "random-device", uint8.
    tensors: Mapping[str, NDArray[Any]]


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
    """Train ``model`` in place, and report after each epoch; leaving the loop is stopping. See `Training`."""
    yield from Training(model, train, validation, config, device=device, mean=mean, std=std, on_step=on_step).epochs()


def check_state(state: TrainingState, model: nn.Module, config: TrainConfig, *, images: int) -> None:
    """Find out before a training begins whether it can go on from a state.

    Args:
        model: new, as the training will be given it.
        images: how many there are to train on.

    Raises:
        InputError: the state is of another network, optimiser or place; the message says which.
    """
    steps = math.ceil(images / config.batch_size)
    weights = model.state_dict()
    optimizer = OPTIMIZERS[config.optimizer](list(model.parameters()), config)
    average = Average(model, config.averaging).tensors if config.averaging else {}
    remembered = {
        f"{number}/{name}": tensor for number, part in enumerate(optimizer.state) for name, tensor in part.items()
    }
    place = {"losses": torch.zeros(min(state.step, steps))} | ({"random": torch.get_rng_state()} if state.step else {})
    found = {name: (array.shape, str(array.dtype)) for name, array in state.tensors.items() if name != "random-device"}
    for start, tensors, expected in (
        ("model/", weights, f"the weights of {config.model} as this version has it, got another {config.model}"),
        ("optimizer/", remembered, f"what {config.optimizer} remembers of its parameters, got another optimiser's"),
        ("average/", average, "the mean of these weights, got another one"),
        ("", place, f"losses and random numbers after {state.step} steps, got others"),
    ):
        forms = {f"{start}{name}": (tuple(one.shape), str(_array(one).dtype)) for name, one in tensors.items()}
        if forms != {name: found.pop(name) for name in list(found) if name.startswith(start)}:
            raise InputError(f"expected {expected}")
    first = 1 <= state.epoch <= config.epochs and 0 <= state.step <= steps
    if not first and (state.epoch, state.step) != (config.epochs + 1, 0):
        raise InputError(
            f"expected a place in {config.epochs} epochs of {steps} steps, got {state.epoch}, {state.step}"
        )
    if not 0 <= state.correct <= min(images, state.step * config.batch_size):
        raise InputError(f"expected at most as many right answers as images in {state.step} steps, got {state.correct}")


class Training:
    """One training of one model, which can be left between any two steps and gone on with in another process.

    The same configuration and initial weights give the same weights on the same machine and device, whether it was left
    in between or not: on the CPU bit for bit, on a GPU up to rounding, as CUDA adds in any order. The training loss and
    accuracy are those of the batches as they were learned from (augmented, smoothed labels, weights changing under
    way); the validation loss is the plain cross-entropy.

    Args:
        model: trained in place. Between two reports it holds the weights of the epoch reported last.
        mean: of the training pixels, on the scale 0 to 1.
        std: their standard deviation, on the same scale.
        state: where to go on, as `state` gave it for the same configuration and images; None: at the beginning.
        on_step: called between two steps with the steps done and those of the whole training, at most about 20
            times a second. What it raises ends the training; it may call `state` and `report_so_far`.
        on_curve: called every `CHECK_EVERY` steps with the loss and the accuracy over them.
        on_judge: called several times while the validation images are judged. What it raises ends the training; it may
            call `state`, from which another training begins by judging them again.
        group: the processes that train together. Only rank 0 calls anything, and the others call `follow`.

    Raises:
        ConfigError: a batch is larger than the training set.
        InputError: there are no training or no validation images, or the state is another training's.
        NonFiniteLossError: the loss became NaN or infinite. The weights are spoilt: who wants those of
            the last report has copied them then.
        DeviceError: the device has no memory left.
    """

    def __init__(
        self,
        model: nn.Module,
        train: Split,
        validation: Split,
        config: TrainConfig,
        *,
        device: torch.device,
        mean: float,
        std: float,
        state: TrainingState | None = None,
        on_step: Callable[[int, int], None] | None = None,
        on_curve: Callable[[CurvePoint], None] | None = None,
        on_judge: Callable[[], None] | None = None,
        group: Group = distributed.ALONE,
    ) -> None:
        images = len(train.images)
        if images == 0 or len(validation.images) == 0:
            raise InputError(f"expected training and validation images, got {images} and {len(validation.images)}")
        if config.batch_size > images:
            raise ConfigError(f"batch_size: expected at most the {images} training images, got {config.batch_size}")
        self._config, self._device, self._mean, self._std = config, device, mean, std
        self._validation, self._group = validation, group
        self.validation_logits: NDArray[np.float32] | None = None  # (N, C), of the epoch reported last
        self._steps = math.ceil(images / config.batch_size)  # in one epoch
        self._factor = SCHEDULES[config.schedule]
        self._ticker = _Ticker(on_step, self._steps * config.epochs)
        self._on_curve, self._on_judge = on_curve, on_judge
        self._epoch, self._step, self._earlier_seconds = 1, 0, 0.0
        self._began = time.perf_counter()
        self._random: tuple[Tensor, Tensor | None] | None = None  # to be put back when the epoch is gone on with
        with devices.memory_guard(device):
            self._model = group.prepared(model.to(device).to(memory_format=devices.memory_format(device)))
            alone = group is distributed.ALONE and DenseStack.fits(self._model)
            self._dense = DenseStack(self._model, batch_size=config.batch_size) if alone else None
            self._parameters = [self._dense.parameter] if self._dense else list(self._model.parameters())
            self._optimizer = OPTIMIZERS[config.optimizer](self._parameters, config)
            self._average = Average(model, config.averaging) if config.averaging else None
            self._pixels = AUGMENTATIONS[config.augmentation](torch.tensor(train.images, device=device))
            self._labels = torch.tensor(train.labels, device=device)
            self._losses = torch.zeros(self._steps, device=device)
            self._correct = torch.zeros((), dtype=torch.int64, device=device)
            if state is not None:
                self._go_on_from(state)
            group.align(self._model)
            work = _multiplications(model) * config.batch_size
        # Convolutions gain from a shorter number type. Dense layers as small as ours do not: the casts cost more.
        convolves = any(isinstance(layer, nn.Conv2d) for layer in model.modules())
        self._autocast = devices.autocast(device) if convolves else nullcontext()
        self._loss = CrossEntropy(config.label_smoothing)
        self._one_thread = device.type == "cpu" and work < SINGLE_THREAD_WORK

    @property
    def steps(self) -> int:
        """How many there are in the whole training."""
        return self._steps * self._config.epochs

    @property
    def steps_done(self) -> int:
        """How many of them are done."""
        return (self._epoch - 1) * self._steps + self._step

    def epochs(self) -> Generator[EpochReport]:
        """Train, and report after each epoch; leaving the loop is stopping."""
        with devices.memory_guard(self._device), self._drawn() as drawn:
            while self._epoch <= self._config.epochs:
                self._learn(drawn.of(self._epoch))
                with self._group.judging(self.steps_done), self.judged():
                    report = self.report_so_far()
                    self._begin_epoch(self._epoch + 1)
                    yield report

    def follow(self) -> None:
        """Train along with rank 0 until the last epoch is done, or rank 0 ends the training."""
        with devices.memory_guard(self._device), self._drawn() as drawn:
            while self._epoch <= self._config.epochs:
                self._learn(drawn.of(self._epoch))
                with self._group.judging(self.steps_done):
                    self._begin_epoch(self._epoch + 1)

    @contextmanager
    def judged(self) -> Iterator[None]:
        """Inside, the model holds the weights that are judged and kept: averaged ones, where the recipe averages."""
        if self._average is None:
            yield
            return
        with self._average.shown():
            yield

    def report_so_far(self) -> EpochReport:
        """The report of the epoch under way as if it ended here; to be asked for in ``on_step``, inside `judged`."""
        with self._group.confirmed():
            return self._report()

    def _report(self) -> EpochReport:
        images = min(self._step * self._config.batch_size, len(self._labels))
        sizes = np.diff(np.minimum(np.arange(self._step + 1) * self._config.batch_size, images))
        train_loss = float(np.average(self._losses[: self._step].cpu().double().numpy(), weights=sizes))
        seconds = self._seconds()
        validation_loss, validation_accuracy = self._validate()
        if not math.isfinite(validation_loss):  # the last step of the epoch may have been the one that spoilt it
            raise NonFiniteLossError(epoch=self._epoch, step=self._step, loss=validation_loss)
        return EpochReport(
            epoch=self._epoch,
            train_loss=train_loss,
            train_accuracy=int(self._correct) / images,
            validation_loss=validation_loss,
            validation_accuracy=validation_accuracy,
            learning_rate=self._rate(self.steps_done - 1),
            seconds=self._seconds(),
            images_per_second=images / seconds,
            share=self._step / self._steps,
        )

    def state(self) -> TrainingState:
        """Where the training stands; to be asked for in ``on_step`` or between two reports.

        Raises:
            NonFiniteLossError: it stands where nobody can go on.
            ProcessLostError: another process of the group has ended, and the last steps with it.
        """
        with self._group.confirmed():
            return self._state()

    def _state(self) -> TrainingState:
        _require_finite(self._losses, epoch=self._epoch, after=0, until=self._step)
        weights = self._model.state_dict() | (self._average.hidden if self._average else {})
        tensors = {f"model/{name}": tensor for name, tensor in weights.items()}
        for number, values in self._optimizer_state().items():
            tensors |= {f"optimizer/{number}/{name}": value for name, value in values.items()}
        if self._average:
            tensors |= {f"average/{name}": tensor for name, tensor in self._average.tensors.items()}
        tensors["losses"] = self._losses[: self._step]
        if self._step:
            tensors["random"] = torch.get_rng_state()
            if self._device.type == "cuda":
                tensors["random-device"] = torch.cuda.get_rng_state(self._device)
        return TrainingState(
            epoch=self._epoch,
            step=self._step,
            correct=int(self._correct),
            seconds=self._seconds() if self._step else 0.0,
            tensors={name: _array(tensor) for name, tensor in tensors.items()},
        )

    def _go_on_from(self, state: TrainingState) -> None:
        tensors = {name: torch.tensor(array) for name, array in state.tensors.items()}
        try:
            self._model.load_state_dict(_below("model/", tensors))
            if self._average:
                self._average.load(_below("average/", tensors))
            kept: dict[int, dict[str, Tensor]] = {}
            for name, tensor in _below("optimizer/", tensors).items():
                number, _, key = name.partition("/")
                kept.setdefault(int(number), {})[key] = tensor
            self._load_optimizer_state(kept)
            self._losses[: state.step] = tensors["losses"].to(self._device)
            if "random" in tensors:
                self._random = tensors["random"], tensors.get("random-device")
        except (RuntimeError, LookupError, ValueError) as error:
            raise InputError(
                f"state: expected that of a training of {self._config.model}, got another: {error}"
            ) from error
        self._epoch, self._step, self._earlier_seconds = state.epoch, state.step, state.seconds
        self._correct.fill_(state.correct)

    def _optimizer_state(self) -> dict[int, Mapping[str, Tensor]]:
        """What the optimiser remembers of each of the model's parameters, in their order."""
        state = self._optimizer.state
        if self._dense is None:
            return dict(enumerate(state))
        parts = {name: self._dense.split(value) for name, value in state[0].items()}
        return {number: {name: part[number] for name, part in parts.items()} for number in range(self._dense.count)}

    def _load_optimizer_state(self, state: dict[int, dict[str, Tensor]]) -> None:
        count = len(self._parameters) if self._dense is None else self._dense.count
        if any(number >= count for number in state):
            raise ValueError(f"expected the state of {count} parameters")
        parts = [state.get(number, {}) for number in range(count)]
        if self._dense is not None:
            parts = [{name: self._dense.joined([part[name] for part in parts]) for name in parts[0]}]
        self._optimizer.load(parts)

    def _begin_epoch(self, epoch: int) -> None:
        self._epoch, self._step, self._earlier_seconds = epoch, 0, 0.0
        self._losses.zero_()
        self._correct.zero_()

    def _seconds(self) -> float:
        return self._earlier_seconds + time.perf_counter() - self._began

    def _drawn(self) -> "Drawn":
        seed, images, pixels = self._config.seed, len(self._labels), self._pixels
        return Drawn(lambda epoch: draw_chance(seed, epoch, images, pixels), self._config.epochs, self._device)

    def _learn(self, chance: "Chance") -> None:
        """The steps of the epoch under way that are not done yet."""
        self._began = time.perf_counter()
        order, changes = chance.order.to(self._device), chance.changes.to(self._device)
        checked, right = self._step, int(self._correct)
        self._model.train()
        with (
            own_random_state(self._device, chance.seed + self._group.rank),  # each share draws its own
            _threads(1 if self._one_thread else torch.get_num_threads()),
        ):
            self._put_random_back()
            for batch, labels in self._batches(order, changes):
                loss, hits = self._learn_batch(batch, labels)
                self._losses[self._step] = loss
                self._correct += hits
                self._step += 1
                if self._step % CHECK_EVERY == 0 or self._step == self._steps:
                    with self._group.confirmed():
                        _require_finite(self._losses, epoch=self._epoch, after=checked, until=self._step)
                    right = self._draw_curve(checked, right)
                    checked = self._step
                self._group.meet(self.steps_done, self.steps, self._ticker.step)

    def _batches(self, order: Tensor, changes: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """The images, normalised, and the labels of each step that the epoch under way has left."""
        images, batch_size = len(order), self._config.batch_size
        steps = max(1, GATHERED_IMAGES // batch_size) if self._group.size == 1 else 1  # that are fetched together
        done = self._step % steps  # of the first ones, which are all changed again: fewer at once may round otherwise
        for first in range((self._step - done) * batch_size, images, steps * batch_size):
            here = self._group.share(first, min(first + steps * batch_size, images))
            pixels = self._pixels.batch(order[here], changes[here])
            batches = torch.split(inference.normalised(pixels, mean=self._mean, std=self._std), batch_size)
            labels = torch.split(self._labels.index_select(0, order[here]), batch_size)
            yield from zip(batches[done:], labels[done:], strict=True)
            done = 0

    def _draw_curve(self, after: int, right: int) -> int:
        """Tells of the steps since ``after``, when ``right`` images were called right; gives how many are now."""
        now, batch_size = int(self._correct), self._config.batch_size
        if self._on_curve is not None and self._step > after:
            images = min(self._step * batch_size, len(self._labels)) - after * batch_size
            loss = float(self._losses[after : self._step].double().mean())  # of numbers that are finite, it is finite
            self._on_curve(CurvePoint(step=self.steps_done, loss=loss, accuracy=(now - right) / images))
        return now

    def _learn_batch(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        if self._dense is not None:
            loss, logits = self._dense.learn(images, labels, label_smoothing=self._config.label_smoothing)
        else:
            with self._autocast:
                logits = self._model(images)
            logits = logits.float()
            loss = self._loss(logits, labels)
            self._optimizer.forget_gradients()
            self._group.scaled(loss).backward()  # type: ignore[no-untyped-call]
            self._group.share_gradients(self._parameters)
        self._optimizer.step(self._rate(self.steps_done))
        if self._average is not None:
            self._average.update(self.steps_done)
        return self._group.summed(loss.detach(), (logits.detach().argmax(1) == labels).sum())

    def _rate(self, step: int) -> float:
        # The middle of the step: then a training of a single step, too, has a rate above zero.
        return self._config.learning_rate * self._factor((step + 0.5) / self.steps)

    def _validate(self) -> tuple[float, float]:
        self.validation_logits = inference.logits(
            self._model,
            self._validation.images,
            device=self._device,
            mean=self._mean,
            std=self._std,
            on_batch=self._on_judge,
        )
        logits, labels = torch.from_numpy(self.validation_logits), torch.tensor(self._validation.labels)
        loss = F.cross_entropy(logits.double(), labels)
        return float(loss), int((logits.argmax(1) == labels).sum()) / len(labels)

    def _put_random_back(self) -> None:
        if self._random is None:
            return
        host, device = self._random
        torch.set_rng_state(host)
        if device is not None and self._device.type == "cuda":
            torch.cuda.set_rng_state(device, self._device)
        self._random = None


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _array(tensor: Tensor) -> NDArray[Any]:
    array: NDArray[Any] = tensor.detach().clone(memory_format=torch.contiguous_format).cpu().numpy()
    return array


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
