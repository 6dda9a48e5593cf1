"""Owns the mean of the weights over the steps, which is evaluated and kept in their place."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """The mean of the weights over the steps, the latest counting most: it is evaluated and kept in their place.

    After step n (from 1) it is k times the mean before and 1 - k times the weights, with
    k = min(keep, (1 + n) / (10 + n)): the beginning, when the weights move fast, is soon forgotten. Source of the
    idea: Polyak and Juditsky 1992; of the growing k: tf.train.ExponentialMovingAverage.
    """

    def __init__(self, model: nn.Module, keep: float) -> None:
        self._keep = keep
        self._live = {name: tensor for name, tensor in model.state_dict().items() if tensor.is_floating_point()}
        self.tensors = {name: tensor.clone() for name, tensor in self._live.items()}
        self.hidden: dict[str, Tensor] = {}  # the weights themselves, while the model holds their mean

    def update(self, steps_done: int) -> None:
        """Take in the weights as they are after ``steps_done`` steps and one."""
        keep = min(self._keep, (2 + steps_done) / (11 + steps_done))
        torch._foreach_lerp_(list(self.tensors.values()), list(self._live.values()), 1 - keep)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Inside, the model holds the mean."""
        self.hidden = {name: tensor.clone() for name, tensor in self._live.items()}
        _copy(self.tensors, to=self._live)
        try:
            yield
        finally:
            _copy(self.hidden, to=self._live)
            self.hidden = {}

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Take a mean from elsewhere; raises KeyError where it is another model's."""
        _copy({name: tensors[name] for name in self.tensors}, to=self.tensors)


def _copy(source: Mapping[str, Tensor], *, to: Mapping[str, Tensor]) -> None:
    for name, tensor in to.items():
        tensor.copy_(source[name])
