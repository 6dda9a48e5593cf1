"""Owns what a trained run is made of: the facts that are known before its training, and what is stored of it after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mnistcore.config import Preprocessing, TrainConfig
from mnistcore.datasets.registry import DATASETS, Dataset
from mnistcore.datasets.scale import training_scale
from mnistcore.datasets.splits import Split
from mnistcore.devices import devices
from mnistcore.models import models
from mnistcore.models.weights import Weights
from mnistcore.runs.content import RunContent
from mnistcore.runs.history import EpochReport
from mnistcore.runs.manifest import (
    PREDICTED_SPLITS,
    ClassRecord,
    DatasetRecord,
    EnvironmentRecord,
    LayerRecord,
    ModelRecord,
    Status,
    Trained,
)
from mnistcore.version import __version__

if TYPE_CHECKING:
    import torch

Logits = Mapping[str, npt.NDArray[np.float32]]  # split -> (N, C)


@dataclass(frozen=True, eq=False)
class Finished:
    """The finished epochs. One object for both: an interruption never mixes one epoch's report with another's weights.

    Args:
        history: their reports. A first epoch that was stopped in the middle counts as one, with its share.
        weights: as they were evaluated after the last of them.
    """

    history: tuple[EpochReport, ...] = ()
    weights: Weights = field(default_factory=dict)

    @property
    def epochs(self) -> int:
        """How many there are."""
        return len(self.history)

    @property
    def share(self) -> float:
        """How many epochs were trained: a part of the first one counts as the part that it is."""
        return sum(report.share for report in self.history)

    def followed_by(self, report: EpochReport, weights: Weights) -> "Finished":
        """These and one more."""
        return Finished((*self.history, report), weights)


@dataclass(frozen=True, eq=False)
class RunFacts:
    """What is known of a run before it is trained."""

    config: TrainConfig
    dataset: DatasetRecord
    model: ModelRecord
    environment: EnvironmentRecord
    preprocessing: Preprocessing

    def content(
        self, status: Status, finished: Finished, logits: Mapping[int, Logits], splits: Mapping[str, Split]
    ) -> RunContent:
        """What is stored of the finished epochs.

        Args:
            finished: at least one epoch.
            logits: epoch -> the logits of each predicted split; the last finished epoch is among them.
        """
        epochs = tuple(sorted(epoch for epoch in logits if epoch <= finished.epochs))
        return RunContent(
            status=status,
            dataset=self.dataset,
            origin=Trained(
                config=self.config,
                model=self.model,
                environment=self.environment,
                seconds=sum(report.seconds for report in finished.history),
                preprocessing=self.preprocessing,
            ),
            history=finished.history,
            epochs_kept=epochs,
            predictions={
                split: (splits[split].labels, np.stack([logits[epoch][split] for epoch in epochs]))
                for split in PREDICTED_SPLITS
            },
            weights=finished.weights,
        )


def fingerprints(splits: Mapping[str, Split]) -> dict[str, str]:
    """Split -> SHA-256 of its images and labels."""
    return {name: split.fingerprint for name, split in splits.items()}


def dataset_record(dataset: Dataset, splits: Mapping[str, Split]) -> DatasetRecord:
    """The data set as the run states it; with its title where that would be lost with the data set."""
    own = dataset.name not in DATASETS
    return DatasetRecord(
        name=dataset.name,
        title=ClassRecord(ja=dataset.title.ja, en=dataset.title.en) if own else None,
        classes=tuple(ClassRecord(ja=one.ja, en=one.en) for one in dataset.classes),
        fingerprints=fingerprints(splits),
        sizes={split: len(images) for split, images in splits.items()},
        polarity=dataset.polarity,
    )


def model_record(name: str, model: "torch.nn.Module", shape: models.Shape) -> ModelRecord:
    """The network as the run states it, for images of that shape."""
    return ModelRecord(
        name=name,
        parameters=models.count_parameters(model),
        layers=tuple(
            LayerRecord(name=layer.name, output=layer.output, parameters=layer.parameters)
            for layer in models.layer_summary(model, shape)
        ),
    )


def environment_record(device: "torch.device", *, processes: int) -> EnvironmentRecord:
    """Where the run is trained. Before the training: a device that fails is asked nothing any more."""
    return EnvironmentRecord.model_validate(
        {**devices.environment(device), "mnistcore": __version__, "processes": processes}
    )


def new_preprocessing(dataset: Dataset, train: Split) -> Preprocessing:
    """What a training that begins now does to a data set's images: one mean and deviation, for all colours together."""
    mean, std = training_scale(dataset, train)
    return Preprocessing(mean=mean, std=std, input_shape=dataset.input_shape)
