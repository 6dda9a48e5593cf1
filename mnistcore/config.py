"""Owns what a training is asked to do, its presets, its id, and how its images are prepared; no torch.

A configuration names everything that decides the result on one kind of device. Where it runs (the device, the
folders) is not part of it: that is handed to the functions that run it. A stored one may name a data set or a model
that this version does not have: whether there is one of that name is asked where a training is asked for.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Optimizer = Literal["adam", "adamw", "sgd"]
Schedule = Literal["constant", "onecycle", "cosine"]
Labels = Literal["true", "shuffled"]
Augmentation = Literal["none", "shift", "affine", "elastic"]
# What the pixels show: drawings with a background of 0, which a light page shows dark on light; or photos, shown as
# they are.
Polarity = Literal["ink", "photo"]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=40)]  # a part of a run's id
Pixels = Annotated[int, Field(ge=1, le=4096)]  # along one side of an image

# Fields that the first runs did not have: at their default they are left out of the id, so that it stays what it was.
_ADDED_LATER = ("averaging", "labels")
# Models that are other networks than the first runs had under the same name: those are not answers for them.
_REVISIONS = {"cnn": 2, "resnet": 2}
MAX_SEED = 2**63 - 1  # what torch.Generator.manual_seed takes


class TrainConfig(BaseModel):
    """One training, fully described: the same values give the same weights on the same machine and device.

    Bit for bit on a CPU with as many threads; up to rounding on a GPU.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: Name  # registered, or one of one's own: mnistcore.datasets.catalogue knows it
    model: Name  # a key of mnistcore.models.models.MODELS
    epochs: Annotated[int, Field(ge=1, le=1000)]  # passes over the training images
    batch_size: Annotated[int, Field(ge=1, le=55_000)]  # images per step; the last step of an epoch may have fewer
    optimizer: Optimizer = "adam"
    learning_rate: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]  # the peak, where there is a schedule
    weight_decay: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.0
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = (0.9, 0.999)
    schedule: Schedule = "constant"
    label_smoothing: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.0
    augmentation: Augmentation = "none"
    averaging: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.0  # of the mean, kept by a step; 0: none
    labels: Labels = "true"  # of the training images; shuffled, they say nothing about them: what chance looks like
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 0


class Preprocessing(BaseModel):
    """What is done to images before a model sees them: pixels of 0 to 1, less ``mean``, divided by ``std``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mean: Annotated[float, Field(ge=-1000, le=1000)]  # of the training pixels, on the scale 0 to 1
    std: Annotated[float, Field(gt=1e-6, le=1000)]  # their standard deviation, on the same scale
    input_shape: tuple[Pixels, Pixels, Pixels] = (1, 28, 28)  # channels, rows, columns


# What the first versions did, which did not write it down. For good: their runs have to answer as they always did,
# whatever becomes of the data sets' own numbers.
_FIRST_PREPROCESSING = {
    "mnist": Preprocessing(mean=0.1307, std=0.3081),
    "fashion-mnist": Preprocessing(mean=0.2860, std=0.3530),
    "kmnist": Preprocessing(mean=0.1918, std=0.3483),
    "digits": Preprocessing(mean=0.1549, std=0.3161),
}


def first_preprocessing(dataset: str) -> Preprocessing | None:
    """What the first versions, which did not write it down, did to a data set's images; None where they had no such."""
    return _FIRST_PREPROCESSING.get(dataset)


def describe_validation_error(error: ValidationError) -> str:
    """One line for people: each field, what it takes, what it got."""
    parts = []
    for item in error.errors():
        field = ".".join(str(part) for part in item["loc"]) or "configuration"
        # Our own validators have said what they got.
        got = "" if item["type"] == "value_error" else f", got {item['input']!r}"
        parts.append(f"{field}: {fault_message(item)}{got}")
    return "; ".join(parts)


def fault_message(fault: Mapping[str, Any]) -> str:
    """What one of ``ValidationError.errors()`` says, without pydantic's "Value error, " before our own words."""
    raised = fault.get("ctx", {}).get("error")
    return str(raised) if fault["type"] == "value_error" and raised is not None else str(fault["msg"])


def run_id(config: TrainConfig) -> str:
    """``dataset-model-<8 hex digits>``: the digits are the start of the SHA-256 of the configuration as sorted JSON.

    The same configuration always has the same id, so that an id found on disk is a training already done.
    """
    return _run_id(config, _REVISIONS.get(config.model, 1))


def run_ids(config: TrainConfig) -> tuple[str, ...]:
    """The ids that runs of a configuration have had, today's first: a network may have been another one before."""
    return tuple(_run_id(config, revision) for revision in range(_REVISIONS.get(config.model, 1), 0, -1))


def _run_id(config: TrainConfig, revision: int) -> str:
    fields = config.model_dump(mode="json")
    for name in _ADDED_LATER:
        if fields[name] == TrainConfig.model_fields[name].default:
            del fields[name]
    if revision > 1:
        fields["revision"] = revision
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return f"{config.dataset}-{config.model}-{hashlib.sha256(canonical.encode()).hexdigest()[:8]}"
