"""Owns how predictions lie in a file: which arrays there are of each kind, their sizes, and the way back.

    labels                           int64 (N,), the true classes; not where only counts are known
    logits or probabilities          float32 (E, N, C), kept epochs along the first axis
    predicted                        int64 (E, N), of labels alone
    counts                           int64 (E, C, C), rows true, columns predicted

The files are safetensors: opening one never runs code that came with it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy

from mnistcore.errors import InputError, shortened
from mnistcore.evaluation.predictions import AnyPredictions, Counts, PredictedLabels, Predictions, Probabilities

PredictionKind = Literal["logits", "probabilities", "labels", "counts"]

_MAX_HEADER_BYTES = 2**20  # two names, types and shapes, about 150 bytes
_INT64: dict[str, type[np.generic]] = {"I64": np.int64}
# float16 is read, for a file to which somebody has made it smaller; what is written is as it was computed.
_FLOATS: dict[str, type[np.generic]] = {"F32": np.float32, "F16": np.float16}


@dataclass(frozen=True)
class _Form:
    """What is in the file of one kind."""

    tensor: str
    layer: Callable[[int, int], tuple[int, ...]]  # images, classes -> shape at one epoch
    dtypes: Mapping[str, type[np.generic]]  # safetensors' name -> numpy's; the first is written
    has_labels: bool
    make: Callable[[Any, Any, int], AnyPredictions]  # labels or None, one layer, classes


_FORMS: dict[PredictionKind, _Form] = {
    "logits": _Form(
        "logits",
        lambda images, classes: (images, classes),
        _FLOATS,
        True,
        lambda labels, layer, _: Predictions(labels, layer.astype(np.float32, copy=False)),
    ),
    "probabilities": _Form(
        "probabilities",
        lambda images, classes: (images, classes),
        _FLOATS,
        True,
        lambda labels, layer, _: Probabilities(labels, layer.astype(np.float32, copy=False)),
    ),
    "labels": _Form(
        "predicted",
        lambda images, _: (images,),
        _INT64,
        True,
        lambda labels, layer, classes: PredictedLabels(labels, layer, num_classes=classes),
    ),
    "counts": _Form("counts", lambda _, classes: (classes, classes), _INT64, False, lambda _, layer, __: Counts(layer)),
}


def size_range(kind: PredictionKind, *, epochs: int, images: int, classes: int) -> tuple[int, int]:
    """Between how many bytes such a file has."""
    form = _FORMS[kind]
    numbers = epochs * int(np.prod(form.layer(images, classes), dtype=object))
    labels_bytes = 8 * images if form.has_labels else 0
    sizes = [np.dtype(dtype).itemsize for dtype in form.dtypes.values()]
    return min(sizes) * numbers + labels_bytes, max(sizes) * numbers + labels_bytes + _MAX_HEADER_BYTES


def pack(
    kind: PredictionKind, labels: npt.NDArray[np.int64] | None, layers: npt.NDArray[Any], *, images: int, classes: int
) -> tuple[bytes, AnyPredictions]:
    """The bytes of a file, and the predictions of the last of its epochs.

    Args:
        labels: int64 (N,); None for counts.
        layers: what the kind has, one layer for each kept epoch along the first axis.

    Raises:
        InputError: an array is not what the kind takes.
    """
    form = _FORMS[kind]
    shape = form.layer(images, classes)
    if layers.ndim != 1 + len(shape) or layers.shape[1:] != shape or len(layers) == 0:
        raise InputError(f"{form.tensor}: expected shape (epochs, {_listed(shape)}), got {layers.shape}")
    last = [form.make(labels, layer, classes) for layer in layers][-1]
    # As it was computed: rounding could make two logits equal and change what is predicted.
    written = next(iter(form.dtypes.values()))
    arrays: dict[str, npt.NDArray[Any]] = {form.tensor: layers.astype(written, copy=False)}
    if form.has_labels and labels is not None:
        arrays["labels"] = labels
    return tensor_bytes(arrays), last


def unpack(
    data: bytes, kind: PredictionKind, *, epochs: int, images: int, classes: int, layers: Iterable[int]
) -> tuple[AnyPredictions, ...]:
    """The predictions of some of the kept epochs, by their places along the first axis.

    Raises:
        InputError: an array is missing, or is not what the kind takes.
    """
    form, found = _FORMS[kind], dict(safetensors.deserialize(data))  # type: ignore[no-untyped-call, unused-ignore]
    labels = _array(found, "labels", (images,), _INT64) if form.has_labels else None
    stacked = _array(found, form.tensor, (epochs, *form.layer(images, classes)), form.dtypes)
    return tuple(form.make(labels, stacked[layer], classes) for layer in layers)


def tensor_bytes(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Arrays as safetensors.

    Raises:
        InputError: an array is not of plain numbers.
    """
    # safetensors writes an array's memory as it lies there, so a transposed one would come back scrambled.
    ordered = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    try:
        return safetensors.numpy.save(ordered)
    except (safetensors.SafetensorError, TypeError, ValueError) as error:
        raise InputError(f"expected arrays of plain numbers, got {error}") from error


def _array(
    found: Mapping[str, Mapping[str, Any]], name: str, shape: tuple[int, ...], dtypes: Mapping[str, type[np.generic]]
) -> npt.NDArray[Any]:
    if name not in found:
        raise InputError(
            f"{name}: expected a tensor of that name, got {shortened(', '.join(sorted(found)), 80) or 'none'}"
        )
    tensor = found[name]
    if tensor["dtype"] not in dtypes or tuple(tensor["shape"]) != shape:
        got = f"{tensor['dtype']} of shape {tuple(tensor['shape'])}"
        raise InputError(f"{name}: expected {' or '.join(dtypes)} of shape {shape}, got {got}")
    return np.frombuffer(tensor["data"], dtype=dtypes[tensor["dtype"]]).reshape(shape)


def _listed(shape: tuple[int, ...]) -> str:
    return ", ".join(map(str, shape))
