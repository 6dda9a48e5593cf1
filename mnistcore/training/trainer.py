"""Owns the training loop: epochs, steps, reports, and where it stands; sees no test image and never imports the store.

The images lie on the device as uint8 once and are picked by index: there is no DataLoader and nothing is done
image by image. Everything random in an epoch derives from the seed and the number of the epoch, so that an
epoch does not depend on how the ones before it came about, and the caller's random numbers continue as if no
training had happened.
"""

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from mnistcore.config import TrainConfig
from mnistcore.datasets.splits import Split
from mnistcore.devices import devices
from mnistcore.errors import ConfigError, InputError, NonFiniteLossError
from mnistcore.models import inference, models
from mnistcore.runs.history import CurvePoint, EpochReport
from mnistcore.training import chance, distributed, learners, training_state
from mnistcore.training.averaging import Average
from mnistcore.training.batches import Batches
from mnistcore.training.chance import Chance, Drawn
from mnistcore.training.distributed import Group
from mnistcore.training.epoch_progress import EpochProgress
from mnistcore.training.schedules import SCHEDULES
from mnistcore.training.training_state import TrainingState

# Below so many multiplications a step, CPU threads wait for each other about as long as they work: `mlp` takes 7
# million with batches of 64. `cnn` takes 174 million with batches of 256: an epoch takes 3.4 s in one thread, and in
# two 2.7 s on idle cores, 5 s and more beside other programs (torch 2.15, 2 cores, n = 2).
SINGLE_THREAD_WORK = 100_000_000
CHECK_EVERY = 50  # steps between two checks of the loss: a check makes the host wait for the device
REPORT_SECONDS = 0.05  # at least this long between two calls of on_step


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
    """Train ``model`` in place, and report after each epoch; leaving the loop stops the training. See `Trainer`."""
    yield from Trainer(model, train, validation, config, device=device, mean=mean, std=std, on_step=on_step).epochs()


class Trainer:
    """Trains one model; can be left between any two steps and resumed in another process.

    The same configuration and initial weights give the same weights on the same machine and device, whether it was left
    in between or not: on the CPU bit for bit, on a GPU up to rounding, as CUDA adds in any order. The training loss and
    accuracy are those of the batches as they were trained on (augmented, smoothed labels, weights changing under way);
    the validation loss is the plain cross-entropy.

    Args:
        model: trained in place. Between two reports it holds the weights of the epoch reported last.
        mean: of the training pixels, on the scale 0 to 1.
        std: their standard deviation, on the same scale.
        state: where to resume, as `state` gave it for the same configuration and images; None: at the beginning.
        on_step: called between two steps with the steps done and those of the whole training, at most about 20
            times a second. What it raises ends the training; it may call `state` and `report_so_far`.
        on_curve: called every `CHECK_EVERY` steps with the loss and the accuracy over them.
        on_evaluate: called several times while the validation images are evaluated. What it raises ends the training;
            it may call `state`, from which another training begins by evaluating them again.
        group: the processes that train together. Only rank 0 calls anything; the others call `train_as_worker`.

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
        on_evaluate: Callable[[], None] | None = None,
        group: Group = distributed.ALONE,
    ) -> None:
        _check_images(train, validation, config)
        self._config, self._device, self._group, self._on_curve = config, device, group, on_curve
        self._schedule = SCHEDULES[config.schedule]
        self._random: Mapping[str, Tensor] = {}  # to be restored when an epoch is resumed
        with devices.memory_guard(device):
            self._model = group.prepared(model.to(device).to(memory_format=devices.memory_format(device)))
            self._learner = learners.make_learner(self._model, config, device=device, group=group)
            self._average = Average(model, config.averaging) if config.averaging else None
            self._batches = Batches(train, config, device=device, mean=mean, std=std, group=group)
            self._progress = EpochProgress(len(train), config.batch_size, device=device)
            if state is not None:
                self._resume_from(state)
            group.broadcast_weights(self._model)
            one_thread = (
                device.type == "cpu"
                and _multiplications(model, train.input_shape) * config.batch_size < SINGLE_THREAD_WORK
            )
        self._threads = _single_thread if one_thread else nullcontext
        self._validation = _Validation(self._model, validation, device, mean, std, on_evaluate)
        self._ticker = _Ticker(on_step, self.steps)

    @property
    def steps(self) -> int:
        """How many there are in the whole training."""
        return self._progress.steps * self._config.epochs

    @property
    def steps_done(self) -> int:
        """How many of them are done."""
        return self._progress.steps_done

    @property
    def validation_logits(self) -> NDArray[np.float32] | None:
        """Float32 (N, C), of the epoch reported last; None before the first report."""
        return self._validation.logits

    def epochs(self) -> Generator[EpochReport]:
        """Train, and report after each epoch; leaving the loop stops the training."""
        with devices.memory_guard(self._device), self._drawn() as drawn:
            while self._progress.epoch <= self._config.epochs:
                self._train_epoch(drawn.of(self._progress.epoch))
                with self._group.on_rank_0(self.steps_done), self.evaluated_weights():
                    report = self.report_so_far()
                    self._progress.begin(self._progress.epoch + 1)
                    yield report

    def train_as_worker(self) -> None:
        """Train with rank 0 until the last epoch is done, or rank 0 ends the training."""
        with devices.memory_guard(self._device), self._drawn() as drawn:
            while self._progress.epoch <= self._config.epochs:
                self._train_epoch(drawn.of(self._progress.epoch))
                with self._group.on_rank_0(self.steps_done):
                    self._progress.begin(self._progress.epoch + 1)

    def evaluated_weights(self) -> AbstractContextManager[None]:
        """Inside, the model holds the weights that are evaluated and kept: averaged ones, where the recipe averages."""
        return nullcontext() if self._average is None else self._average.shown()

    def report_so_far(self) -> EpochReport:
        """The report of the epoch under way as if it ended here; for ``on_step``, inside `evaluated_weights`."""
        with self._group.confirmed():
            progress = self._progress
            train_loss = progress.train_loss()
            seconds = progress.seconds  # after the loss, for which one waits for the device
            validation_loss, validation_accuracy = self._validation.evaluate()
            if not math.isfinite(validation_loss):  # the last step of the epoch may have been the one that spoilt it
                raise NonFiniteLossError(epoch=progress.epoch, step=progress.step, loss=validation_loss)
            return EpochReport(
                epoch=progress.epoch,
                train_loss=train_loss,
                train_accuracy=progress.correct / progress.images,
                validation_loss=validation_loss,
                validation_accuracy=validation_accuracy,
                learning_rate=self._rate(self.steps_done - 1),
                seconds=progress.seconds,
                images_per_second=progress.images / seconds,
                share=progress.step / progress.steps,
            )

    def state(self) -> TrainingState:
        """Where the training stands; for ``on_step``, or between two reports.

        Raises:
            NonFiniteLossError: it stands where nothing can resume.
            ProcessLostError: another process of the group has ended, and the last steps with it.
        """
        with self._group.confirmed():
            return training_state.state_of(self._progress, self._model, self._learner, self._average, self._device)

    def _resume_from(self, state: TrainingState) -> None:
        training_state.restore(state, self._progress, self._model, self._learner, self._average)
        self._random = training_state.random_numbers(state)

    def _drawn(self) -> Drawn:
        seed, batches = self._config.seed, self._batches
        return Drawn(lambda epoch: batches.draw(seed, epoch), self._config.epochs, self._device)

    def _train_epoch(self, drawn: Chance) -> None:
        """The steps of the epoch under way that are not done yet."""
        progress, steps = self._progress, self.steps
        progress.start_clock()
        drawn = drawn.on(self._device)
        random, self._random = self._random, {}
        self._model.train()
        with (
            chance.own_random_state(self._device, drawn.seed + self._group.rank, restored=random),  # each share its own
            self._threads(),
        ):
            for images, labels in self._batches.of(drawn, after=progress.step):
                progress.add(*self._train_step(images, labels))
                if progress.step % CHECK_EVERY == 0 or progress.step == progress.steps:
                    self._check_loss()
                self._group.barrier(progress.steps_done, steps, self._ticker.step)

    def _train_step(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """The mean loss of the batch, and how many of its images were predicted right."""
        done = self.steps_done
        loss, logits = self._learner.step(images, labels, self._rate(done))
        if self._average is not None:
            self._average.update(done)
        return self._group.summed(loss, (logits.argmax(1) == labels).sum())

    def _check_loss(self) -> None:
        with self._group.confirmed():
            self._progress.require_finite()
        point = self._progress.take_curve_point()
        if self._on_curve is not None:
            self._on_curve(point)

    def _rate(self, step: int) -> float:
        # The middle of the step: then a training of a single step, too, has a rate above zero.
        return self._config.learning_rate * self._schedule((step + 0.5) / self.steps)


class _Validation:
    """The validation images, and the logits that the model gave them last."""

    def __init__(
        self,
        model: nn.Module,
        split: Split,
        device: torch.device,
        mean: float,
        std: float,
        on_batch: Callable[[], None] | None,
    ) -> None:
        self._model, self._split, self._device, self._mean, self._std = model, split, device, mean, std
        self._on_batch = on_batch
        self.logits: NDArray[np.float32] | None = None

    def evaluate(self) -> tuple[float, float]:
        """The loss and the accuracy of the weights that the model holds."""
        self.logits = inference.logits(
            self._model,
            self._split.images,
            device=self._device,
            mean=self._mean,
            std=self._std,
            on_batch=self._on_batch,
        )
        logits, labels = torch.from_numpy(self.logits), torch.tensor(self._split.labels)
        loss = F.cross_entropy(logits.double(), labels)
        return float(loss), int((logits.argmax(1) == labels).sum()) / len(labels)


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


def _check_images(train: Split, validation: Split, config: TrainConfig) -> None:
    images = len(train.images)
    if images == 0 or len(validation.images) == 0:
        raise InputError(f"expected training and validation images, got {images} and {len(validation.images)}")
    if config.batch_size > images:
        raise ConfigError(f"batch_size: expected at most the {images} training images, got {config.batch_size}")


def _multiplications(model: nn.Module, shape: models.Shape) -> int:
    """About how many one image takes: each weight of a layer is used once for each place of the layer's output."""
    return sum(layer.parameters * math.prod(layer.output[1:]) for layer in models.layer_summary(model, shape))


@contextmanager
def _single_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
