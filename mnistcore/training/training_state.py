"""Owns where a training stands between two steps: all it takes to resume, by which names, and whether it fits."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mnistcore.config import TrainConfig
from mnistcore.errors import InputError
from mnistcore.training.averaging import Average
from mnistcore.training.chance import RANDOM_STATES, random_state
from mnistcore.training.epoch_progress import EpochProgress
from mnistcore.training.learners import Learner
from mnistcore.training.optimizers import OPTIMIZERS
from mnistcore.wording import plural

_MODEL, _OPTIMIZER, _AVERAGE = "model/", "optimizer/", "average/"  # before the names of their tensors


@dataclass(frozen=True, eq=False)
class TrainingState:
    """Where a training stands between two steps: all it takes to resume as if it had never been left.

    The order of the images, their augmentation and the learning rate are not in it: they follow from the
    configuration and the place.
    """

    epoch: int  # the one under way, from 1; one more than there are where all are done
    step: int  # steps done in it
    correct: int  # images of these steps that were predicted right
    seconds: float  # wall time of these steps
    # "model/<name>", "optimizer/<parameter>/<name>", "average/<name>", "losses" float32 (step,), and the generators
    # of layers that draw for themselves, "random" and "random-device", uint8.
    tensors: Mapping[str, NDArray[Any]]


def state_of(
    progress: EpochProgress, model: nn.Module, learner: Learner, average: Average | None, device: torch.device
) -> TrainingState:
    """Where a training stands, as copies.

    Raises:
        NonFiniteLossError: it stands where nothing can resume.
    """
    progress.require_finite(after=0)
    weights = model.state_dict() | (average.hidden if average else {})
    tensors = {f"{_MODEL}{name}": tensor for name, tensor in weights.items()}
    for number, values in learner.optimizer_state().items():
        tensors |= {f"{_OPTIMIZER}{number}/{name}": value for name, value in values.items()}
    if average:
        tensors |= {f"{_AVERAGE}{name}": tensor for name, tensor in average.tensors.items()}
    tensors["losses"] = progress.losses
    if progress.step:
        tensors |= random_state(device)
    return TrainingState(
        epoch=progress.epoch,
        step=progress.step,
        correct=progress.correct,
        seconds=progress.seconds if progress.step else 0.0,
        tensors={name: _array(tensor) for name, tensor in tensors.items()},
    )


def restore(
    state: TrainingState, progress: EpochProgress, model: nn.Module, learner: Learner, average: Average | None
) -> None:
    """Put everything but the random numbers back.

    Raises:
        InputError: they are of another network or optimiser.
    """
    tensors = {name: torch.tensor(array) for name, array in state.tensors.items()}
    try:
        _load(tensors, model, learner, average)
        progress.resume(state.epoch, losses=tensors["losses"], correct=state.correct, seconds=state.seconds)
    except (RuntimeError, LookupError, ValueError) as error:
        raise InputError(f"state: expected that of a training of this model, got another: {error}") from error


def _load(tensors: Mapping[str, Tensor], model: nn.Module, learner: Learner, average: Average | None) -> None:
    model.load_state_dict(_below(_MODEL, tensors))
    if average:
        average.load(_below(_AVERAGE, tensors))
    remembered: dict[int, dict[str, Tensor]] = {}
    for name, tensor in _below(_OPTIMIZER, tensors).items():
        number, _, key = name.partition("/")
        remembered.setdefault(int(number), {})[key] = tensor
    learner.load_optimizer_state(remembered)


def random_numbers(state: TrainingState) -> dict[str, Tensor]:
    """What `own_random_state` is to restore; nothing where an epoch begins."""
    return {name: torch.tensor(state.tensors[name]) for name in RANDOM_STATES if name in state.tensors}


def check_state(state: TrainingState, model: nn.Module, config: TrainConfig, *, images: int) -> None:
    """Find out before a training begins whether it can resume from a state.

    Args:
        model: new, as the training will be given it.
        images: how many there are to train on.

    Raises:
        InputError: the state is of another network, optimiser or place; the message says which.
    """
    steps = math.ceil(images / config.batch_size)
    _check_tensors(state, model, config, steps)
    first = 1 <= state.epoch <= config.epochs and 0 <= state.step <= steps
    if not first and (state.epoch, state.step) != (config.epochs + 1, 0):
        raise InputError(
            f"expected a place in {plural(config.epochs, 'epoch')} of {plural(steps, 'step')}, "
            f"got {state.epoch}, {state.step}"
        )
    if not 0 <= state.correct <= min(images, state.step * config.batch_size):
        raise InputError(
            f"expected at most as many right predictions as images in {plural(state.step, 'step')}, got {state.correct}"
        )


def _check_tensors(state: TrainingState, model: nn.Module, config: TrainConfig, steps: int) -> None:
    optimizer = OPTIMIZERS[config.optimizer](list(model.parameters()), config)
    remembered = {
        f"{number}/{name}": tensor for number, part in enumerate(optimizer.state) for name, tensor in part.items()
    }
    average = Average(model, config.averaging).tensors if config.averaging else {}
    place = {"losses": torch.zeros(min(state.step, steps))} | (
        {RANDOM_STATES[0]: torch.get_rng_state()} if state.step else {}
    )
    found = {name: (array.shape, str(array.dtype)) for name, array in state.tensors.items() if name != RANDOM_STATES[1]}
    for start, tensors, expected in (
        (
            _MODEL,
            model.state_dict(),
            f"the weights of {config.model} as this version has it, got another {config.model}",
        ),
        (_OPTIMIZER, remembered, f"what {config.optimizer} remembers of its parameters, got another optimiser's"),
        (_AVERAGE, average, "the mean of these weights, got another one"),
        ("", place, f"losses and random numbers after {plural(state.step, 'step')}, got others"),
    ):
        forms = {f"{start}{name}": (tuple(one.shape), str(_array(one).dtype)) for name, one in tensors.items()}
        if forms != {name: found.pop(name) for name in list(found) if name.startswith(start)}:
            raise InputError(f"expected {expected}")


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _array(tensor: Tensor) -> NDArray[Any]:
    array: NDArray[Any] = tensor.detach().clone(memory_format=torch.contiguous_format).cpu().numpy()
    return array
