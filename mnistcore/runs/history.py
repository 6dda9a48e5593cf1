"""Owns what one epoch of a training reports, and its form as JSON; imports no torch."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

from mnistcore.errors import InputError

# What is read is computed with: sums of these, divisions by them and what is drawn of them stay finite.
Share = Annotated[float, Field(ge=0, le=1)]
Loss = Annotated[float, Field(ge=-1e40, le=1e40)]  # float32 ends at 3.4e38
Seconds = Annotated[float, Field(ge=0, le=1e10)]  # three centuries


@with_config(ConfigDict(extra="forbid", allow_inf_nan=False))
@dataclasses.dataclass(frozen=True, slots=True)
class EpochReport:
    """What was measured at the end of one epoch."""

    epoch: Annotated[int, Field(ge=1, le=1000)]  # from 1
    train_loss: Loss  # mean over the images of the epoch, while the weights were moving
    train_accuracy: Share  # 0 to 1, likewise
    validation_loss: Loss  # mean, with the weights as they stood at the end of the epoch
    validation_accuracy: Share  # 0 to 1, likewise
    learning_rate: Annotated[float, Field(ge=0, le=1000)]  # that of the last step
    seconds: Seconds  # wall time of the epoch, the validation included
    images_per_second: Annotated[float, Field(ge=0, le=1e12)]  # training images
    share: Share = 1.0  # of the epoch that was trained on; below 1 only for the first, stopped in the middle


@with_config(ConfigDict(extra="forbid", allow_inf_nan=False))
@dataclasses.dataclass(frozen=True, slots=True)
class CurvePoint:
    """What was measured over the last steps of a training under way."""

    step: Annotated[int, Field(ge=1, le=2**53)]  # of the whole training, from 1: the last of those steps
    loss: Loss  # mean over them
    accuracy: Share  # 0 to 1, over their images


_REPORTS = TypeAdapter(tuple[EpochReport, ...])


def to_json(history: Sequence[EpochReport]) -> bytes:
    """The reports as a JSON array with one object per epoch.

    Raises:
        InputError: the epochs are not 1, 2, 3, ... or a field is not a finite number.
    """
    data = json.dumps([dataclasses.asdict(report) for report in history], indent=1).encode()
    from_json(data)
    return data


def from_json(data: bytes) -> tuple[EpochReport, ...]:
    """What `to_json` wrote.

    Raises:
        InputError: it is not such an array; the message names what is wrong.
    """
    try:
        history = _REPORTS.validate_json(data, strict=True)
    except ValidationError as error:
        raise InputError(f"history: expected a list with one record per epoch; {_first_fault(error)}") from error
    epochs = [report.epoch for report in history]
    if epochs != list(range(1, len(history) + 1)):
        raise InputError(f"history: expected the epochs 1, 2, 3, ... in this order, got {epochs}")
    return history


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, fault['loc'])) or 'the text'}: {fault['msg']}"
