"""Owns what one epoch of a training reports, here or in somebody's own loop, and its form as JSON; imports no torch."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Annotated, Final, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

from mnistcore.errors import InputError

MOST_EPOCHS: Final = 1000

# What is read is computed with: sums of these, divisions by them and what is drawn of them stay finite.
Share = Annotated[float, Field(ge=0, le=1)]
LARGEST_LOSS: Final = 1e40  # float32 ends at 3.4e38
Loss = Annotated[float, Field(ge=-LARGEST_LOSS, le=LARGEST_LOSS)]
Seconds = Annotated[float, Field(ge=0, le=1e10)]  # three centuries


@with_config(ConfigDict(extra="forbid", allow_inf_nan=False))
@dataclasses.dataclass(frozen=True, slots=True)
class EpochReport:
    """What was measured at the end of one epoch."""

    epoch: Annotated[int, Field(ge=1, le=MOST_EPOCHS)]  # from 1
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
class RecordedEpoch:
    """What somebody's own loop has said of one epoch; None where it has said nothing.

    How good the model was on the test images is not part of it: that follows from the predictions that are kept.
    """

    epoch: Annotated[int, Field(ge=1, le=MOST_EPOCHS)]  # from 1
    train_loss: Loss | None = None  # mean over the images of the epoch
    train_accuracy: Share | None = None  # 0 to 1, likewise


@with_config(ConfigDict(extra="forbid", allow_inf_nan=False))
@dataclasses.dataclass(frozen=True, slots=True)
class CurvePoint:
    """What was measured over the last steps of a training under way."""

    step: Annotated[int, Field(ge=1, le=2**53)]  # of the whole training, from 1: the last of those steps
    loss: Loss  # mean over them
    accuracy: Share  # 0 to 1, over their images


_Epoch = TypeVar("_Epoch", EpochReport, RecordedEpoch)
_REPORTS = TypeAdapter(tuple[EpochReport, ...])
_RECORDED = TypeAdapter(tuple[RecordedEpoch, ...])


def to_json(history: Sequence[EpochReport] | Sequence[RecordedEpoch]) -> bytes:
    """The reports as a JSON array with one object per epoch.

    Raises:
        InputError: the epochs are not 1, 2, 3, ... or a field is not a finite number.
    """
    data = json.dumps([dataclasses.asdict(report) for report in history], indent=1).encode()
    if any(isinstance(report, RecordedEpoch) for report in history):
        recorded_from_json(data)
    else:
        from_json(data)
    return data


def from_json(data: bytes) -> tuple[EpochReport, ...]:
    """What `to_json` wrote of a training.

    Raises:
        InputError: it is not such an array; the message names what is wrong.
    """
    return _read(data, _REPORTS)


def recorded_from_json(data: bytes) -> tuple[RecordedEpoch, ...]:
    """What `to_json` wrote of somebody's own loop; raises the same as `from_json`."""
    return _read(data, _RECORDED)


def _read(data: bytes, of_kind: TypeAdapter[tuple[_Epoch, ...]]) -> tuple[_Epoch, ...]:
    try:
        history = of_kind.validate_json(data, strict=True)
    except ValidationError as error:
        raise InputError(f"history: expected a list with one record per epoch; {_first_fault(error)}") from error
    epochs = [report.epoch for report in history]
    if epochs != list(range(1, len(history) + 1)):
        raise InputError(f"history: expected the epochs 1, 2, 3, ... in this order, got {epochs}")
    return history


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, fault['loc'])) or 'the text'}: {fault['msg']}"
