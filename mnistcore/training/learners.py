"""Owns one step of training: images and labels change the model's weights, by autograd or by the dense stack.

`AutogradLearner` is PyTorch's usual loop, for every model. `DenseLearner` does the same for plain stacks of linear
layers on the CPU in less time.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Protocol

import torch
from torch import Tensor, nn

from mnistcore.config import TrainConfig
from mnistcore.devices import devices
from mnistcore.training import distributed
from mnistcore.training.dense import DenseStack
from mnistcore.training.distributed import Group
from mnistcore.training.losses import CrossEntropy
from mnistcore.training.optimizers import OPTIMIZERS
from mnistcore.wording import plural

# Number of a parameter in the model's order -> name -> what the optimiser remembers of it.
OptimizerState = Mapping[int, Mapping[str, Tensor]]


class Learner(Protocol):
    """Trains a model on one batch after the other."""

    def step(self, images: Tensor, labels: Tensor, rate: float) -> tuple[Tensor, Tensor]:
        """Change the weights by the gradient of the mean loss.

        Args:
            images: float32 (B, C, H, W), normalised.
            labels: int64 (B,).
            rate: the learning rate.

        Returns:
            The loss, float32 (), and the logits, float32 (B, C), which the next call may overwrite.
        """

    def optimizer_state(self) -> OptimizerState:
        """What the optimiser remembers of each of the model's parameters; the optimiser's own tensors."""

    def load_optimizer_state(self, state: OptimizerState) -> None:
        """Resume with what the optimiser of another learner, of either kind, has remembered.

        Raises:
            ValueError, LookupError: it is another optimiser's, or of other parameters.
        """


def make_learner(model: nn.Module, config: TrainConfig, *, device: torch.device, group: Group) -> Learner:
    """The quickest learner for a model that lies on its device."""
    if group is distributed.ALONE and DenseStack.fits(model):
        return DenseLearner(model, config)
    return AutogradLearner(model, config, device=device, group=group)


class AutogradLearner:
    """Forward, loss, backward, step; in several processes the gradients' mean is taken between the last two."""

    def __init__(self, model: nn.Module, config: TrainConfig, *, device: torch.device, group: Group) -> None:
        self._model, self._group = model, group
        self._parameters = list(model.parameters())
        self._optimizer = OPTIMIZERS[config.optimizer](self._parameters, config)
        self._loss = CrossEntropy(config.label_smoothing)
        # Convolutions gain from a shorter number type. Dense layers as small as ours do not: the casts cost more.
        convolves = any(isinstance(layer, nn.Conv2d) for layer in model.modules())
        self._autocast = devices.autocast(device) if convolves else nullcontext()

    def step(self, images: Tensor, labels: Tensor, rate: float) -> tuple[Tensor, Tensor]:
        """See `Learner.step`."""
        with self._autocast:
            logits = self._model(images)
        logits = logits.float()
        loss = self._loss(logits, labels)
        self._optimizer.forget_gradients()
        self._group.scaled(loss).backward()  # type: ignore[no-untyped-call]
        self._group.share_gradients(self._parameters)
        self._optimizer.step(rate)
        return loss.detach(), logits.detach()

    def optimizer_state(self) -> OptimizerState:
        """See `Learner.optimizer_state`."""
        return dict(enumerate(self._optimizer.state))

    def load_optimizer_state(self, state: OptimizerState) -> None:
        """See `Learner.load_optimizer_state`."""
        self._optimizer.load(_in_order(state, len(self._parameters)))


class DenseLearner:
    """The same step for a `DenseStack`, whose weights are a single parameter; alone, on the CPU."""

    def __init__(self, model: nn.Module, config: TrainConfig) -> None:
        self._stack = DenseStack(model, batch_size=config.batch_size)
        self._optimizer = OPTIMIZERS[config.optimizer]([self._stack.parameter], config)
        self._label_smoothing = config.label_smoothing

    def step(self, images: Tensor, labels: Tensor, rate: float) -> tuple[Tensor, Tensor]:
        """See `Learner.step`."""
        loss, logits = self._stack.forward_backward(images, labels, label_smoothing=self._label_smoothing)
        self._optimizer.step(rate)
        return loss, logits

    def optimizer_state(self) -> OptimizerState:
        """See `Learner.optimizer_state`."""
        (state,) = self._optimizer.state
        parts = {name: self._stack.split(value) for name, value in state.items()}
        return {number: {name: part[number] for name, part in parts.items()} for number in range(self._stack.count)}

    def load_optimizer_state(self, state: OptimizerState) -> None:
        """See `Learner.load_optimizer_state`."""
        parts = _in_order(state, self._stack.count)
        self._optimizer.load([{name: self._stack.joined([part[name] for part in parts]) for name in parts[0]}])


def _in_order(state: OptimizerState, count: int) -> list[Mapping[str, Tensor]]:
    if any(number >= count for number in state):
        raise ValueError(f"expected the state of {plural(count, 'parameter')}")
    return [state.get(number, {}) for number in range(count)]
