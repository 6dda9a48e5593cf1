"""Owns what a worker process is sent of a training, and what it does with it: train with rank 0, and store nothing."""

from typing import Any

import numpy.typing as npt
import torch

from mnistcore.config import Preprocessing, TrainConfig
from mnistcore.datasets.splits import Split
from mnistcore.models import models
from mnistcore.training.chance import RANDOM_STATES
from mnistcore.training.distributed import Group, Work
from mnistcore.training.run_content import RunFacts
from mnistcore.training.trainer import Trainer
from mnistcore.training.training_state import TrainingState

_STATE = "state/"  # before the name of a tensor of the training's state


def work_order(run: RunFacts, train: Split, state: TrainingState | None) -> Work:
    """What a worker needs: the images, and where to resume. What its layers draw is its own."""
    facts: dict[str, Any] = {
        "config": run.config.model_dump(mode="json"),
        "preprocessing": run.preprocessing.model_dump(mode="json"),
        "classes": len(run.dataset.classes),
        "state": None,
    }
    arrays: dict[str, npt.NDArray[Any]] = {"images": train.images, "labels": train.labels}
    if state is not None:
        facts["state"] = {
            "epoch": state.epoch,
            "step": state.step,
            "correct": state.correct,
            "seconds": state.seconds,
        }
        arrays |= {f"{_STATE}{name}": tensor for name, tensor in state.tensors.items() if name not in RANDOM_STATES}
    return Work(facts, arrays)


def train_with_rank_0(work: Work, device: torch.device, group: Group) -> None:
    """Do this process's share of a training, until rank 0 is at its end."""
    config = TrainConfig.model_validate(work.facts["config"])
    preprocessing = Preprocessing.model_validate(work.facts["preprocessing"])
    state = None
    if work.facts["state"] is not None:
        tensors = {name.removeprefix(_STATE): array for name, array in work.arrays.items() if name.startswith(_STATE)}
        state = TrainingState(**work.facts["state"], tensors=tensors)
    train = Split(work.arrays["images"], work.arrays["labels"])
    Trainer(
        models.build(
            config.model, num_classes=work.facts["classes"], seed=config.seed, shape=preprocessing.input_shape
        ),
        train,
        train,  # it is rank 0 that evaluates
        config,
        device=device,
        mean=preprocessing.mean,
        std=preprocessing.std,
        state=state,
        group=group,
    ).train_as_worker()
