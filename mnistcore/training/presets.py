"""Owns the presets: a recipe for each data set and model, a configuration made of one, and the name of a recipe.

Which data sets and models there are is asked here, where a training is requested. Imports no torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mnistcore import config
from mnistcore.config import TrainConfig
from mnistcore.datasets.catalogue import all_datasets, find_dataset
from mnistcore.datasets.registry import DATASETS, Dataset
from mnistcore.errors import ConfigError, UnknownNameError
from mnistcore.models.models import MODELS


def require_known(dataset: str, model: str, *, root: Path | None = None) -> Dataset:
    """Find out whether there are such a data set and such a model here; what is known of the data set.

    Args:
        root: the data folder; that of the environment's `Workspace` if None.

    Raises:
        UnknownNameError: there are not; names those that there are.
        DataDamagedError: the data set is one's own, and what is kept of it cannot be read.
    """
    if not isinstance(dataset, str):
        raise UnknownNameError("data set", dataset, all_datasets(root=root))
    found = find_dataset(dataset, root=root)
    _known("model", model, MODELS)
    return found


def _known(kind: str, name: str, registry: Mapping[str, object]) -> str:
    if not isinstance(name, str) or name not in registry:
        raise UnknownNameError(kind, name, registry)
    return name


# The lab handout's recipe: 5 epochs, batch 64, Adam at 0.001, nothing else.
_HANDOUT: dict[str, Any] = {"epochs": 5, "batch_size": 64, "optimizer": "adam", "learning_rate": 0.001}

_QUICK: dict[str, Any] = {
    "epochs": 1,
    "batch_size": 256,
    "optimizer": "adamw",
    "learning_rate": 0.01,
    "betas": (0.9, 0.99),
    "weight_decay": 0.01,
    "schedule": "onecycle",
    "label_smoothing": 0.1,
}

# The mean is over about the last 200 steps, an epoch of MNIST: it steadies the epochs on the way.
_STANDARD: dict[str, Any] = _QUICK | {
    "epochs": 30,
    "augmentation": "affine",
    "averaging": 0.995,
}

_BEST: dict[str, Any] = _STANDARD | {"augmentation": "elastic"}

PRESETS: dict[str, dict[str, Any]] = {
    "handout": _HANDOUT,
    "quick": _QUICK,
    "standard": _STANDARD,
    "best": _BEST,
}

# Of few training images, such as the 1,257 of digits, as many passes as of 55,000 would be a handful of steps.
_FEW: dict[str, dict[str, Any]] = {
    "quick": {"epochs": 6, "batch_size": 64},
    "standard": {"epochs": 20, "batch_size": 64},
    "best": {"epochs": 60, "batch_size": 64},
}
_VERY_FEW: dict[str, dict[str, Any]] = {
    "handout": {"epochs": 20, "batch_size": 16},
    "quick": {"epochs": 20, "batch_size": 16},
    "standard": {"epochs": 40, "batch_size": 16},
    "best": {"epochs": 80, "batch_size": 16},
}
_LIMITS = ((640, _VERY_FEW), (10_000, _FEW))  # below so many training images

_DEFAULTS = {name: field.default for name, field in TrainConfig.model_fields.items() if not field.is_required()}


def _for_size(train_size: int) -> dict[str, dict[str, Any]]:
    """What differs from the presets for so many training images."""
    return next((recipes for limit, recipes in _LIMITS if train_size < limit), {})


def make_config(
    dataset: str, model: str, preset: str, *, seed: int = 0, root: Path | None = None, **overrides: Any
) -> TrainConfig:
    """A preset's recipe for one data set and model, with single fields replaced by ``overrides``.

    Args:
        root: the data folder, as `require_known` takes it.

    Raises:
        UnknownNameError: the data set, model or preset is in no registry.
        ConfigError: a field has a value outside its range; the message names the field and what it takes.
    """
    size = require_known(dataset, model, root=root).train_size
    recipe = PRESETS[_known("preset", preset, PRESETS)] | _for_size(size).get(preset, {})
    recipe["batch_size"] = min(recipe["batch_size"], size)
    try:
        return TrainConfig.model_validate(recipe | overrides | {"dataset": dataset, "model": model, "seed": seed})
    except ValidationError as error:
        raise ConfigError(config.describe_validation_error(error)) from error


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a training is told from others of its model: the preset that it is nearest to, and what differs from it.

    >>> print(recipe(make_config("digits", "mlp", "handout", epochs=3)))
    handout, epochs=3
    """

    preset: str  # a key of PRESETS
    changed: Mapping[str, Any]  # field -> its value; empty where the recipe is the preset's own

    def __str__(self) -> str:
        return ", ".join((self.preset, *(f"{field}={value}" for field, value in self.changed.items())))


def _specials(dataset: str) -> tuple[dict[str, dict[str, Any]], ...]:
    """What may differ from the presets for a data set; one that is not registered may be gone, and be of any size."""
    known = DATASETS.get(dataset)
    return ({}, _FEW, _VERY_FEW) if known is None else (_for_size(known.train_size),)


@lru_cache(maxsize=4096)  # a page names every run in its picker each time it is drawn
def recipe(config: TrainConfig) -> Recipe:
    """The preset of which the fewest fields differ, with those that do; data set, model and seed are no part of it.

    Also of a configuration whose data set or model is in no registry any more.
    """
    values = config.model_dump(exclude={"dataset", "model", "seed"})
    candidates = []
    for name, preset in PRESETS.items():
        for special in _specials(config.dataset):
            usual = _DEFAULTS | preset | special.get(name, {})
            candidates.append(Recipe(name, {field: value for field, value in values.items() if value != usual[field]}))
    return min(candidates, key=lambda candidate: len(candidate.changed))


def preset_name(config: TrainConfig) -> str | None:
    """The preset whose recipe this configuration is, whatever its data set, model and seed; None where none is."""
    found = recipe(config)
    return None if found.changed else found.preset
