"""Owns which logits a run keeps, and how they come about: of each kept epoch and split, on the device or the CPU."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnistcore.datasets.splits import Split
from mnistcore.devices import devices
from mnistcore.errors import DeviceError
from mnistcore.models import inference, models
from mnistcore.models.weights import Weights, copied_weights, load_weights
from mnistcore.runs.kept_epochs import thin_epochs
from mnistcore.runs.manifest import PREDICTED_SPLITS
from mnistcore.training.run_content import Logits, RunFacts


class KeptLogits:
    """The logits of a training's kept epochs so far.

    Args:
        model: the one that is trained.
        on_warning: told where the device fails and the CPU takes its place.
    """

    def __init__(
        self,
        facts: RunFacts,
        splits: Mapping[str, Split],
        model: nn.Module,
        device: torch.device,
        *,
        on_warning: Callable[[str], None],
    ) -> None:
        self._config, self._preprocessing, self._on_warning = facts.config, facts.preprocessing, on_warning
        self._num_classes = len(facts.dataset.classes)
        self._splits, self._model, self._device = splits, model, device
        self._wanted = frozenset(thin_epochs(facts.config.epochs))
        self.by_epoch: dict[int, Logits] = {}

    def lacks(self, epoch: int) -> bool:
        """Whether the run keeps the logits of this epoch, and they are not there."""
        return epoch in self._wanted and epoch not in self.by_epoch

    def add(
        self,
        epoch: int,
        *,
        validation: NDArray[np.float32] | None,
        on_batch: Callable[[], None] | None = None,
    ) -> None:
        """Evaluate the weights that the model holds.

        Args:
            validation: the logits of the validation images, where they are known.
            on_batch: called several times meanwhile; what it raises leaves the epoch out.
        """
        self.by_epoch[epoch] = {
            "validation": self._infer("validation") if validation is None else validation,
            "test": self._infer("test", on_batch=on_batch),
        }

    def add_weights(self, epoch: int, weights: Weights) -> None:
        """Evaluate other weights; the model holds its own again after it."""
        now = copied_weights(self._model)
        load_weights(self._model, weights)
        self.by_epoch[epoch] = self._infer_all(self._model, self._device)
        load_weights(self._model, now)

    def add_last_weights(self, epoch: int, weights: Weights) -> None:
        """Evaluate weights after the training has ended, on the CPU where its end was that the device fails."""
        try:
            with devices.memory_guard(self._device):
                load_weights(self._model, weights)
                self.by_epoch[epoch] = self._infer_all(self._model, self._device)
                return
        except DeviceError as error:
            self._on_warning(f"{error}. What is finished is evaluated on the CPU")
        config, shape = self._config, self._preprocessing.input_shape
        model = models.build(config.model, num_classes=self._num_classes, seed=config.seed, shape=shape)
        load_weights(model, weights)
        self.by_epoch[epoch] = self._infer_all(model, devices.pick_device("cpu"))

    def _infer_all(self, model: nn.Module, device: torch.device) -> Logits:
        return {split: self._infer(split, model=model, device=device) for split in PREDICTED_SPLITS}

    def _infer(
        self,
        split: str,
        *,
        model: nn.Module | None = None,
        device: torch.device | None = None,
        on_batch: Callable[[], None] | None = None,
    ) -> NDArray[np.float32]:
        return inference.logits(
            model or self._model,
            self._splits[split].images,
            device=device or self._device,
            mean=self._preprocessing.mean,
            std=self._preprocessing.std,
            on_batch=on_batch,
        )
