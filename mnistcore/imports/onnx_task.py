"""Owns evaluating an ONNX file with onnxruntime; runs in `sandboxed` only."""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError, shortened
from mnistcore.imports import onnx_files
from mnistcore.imports.outputs import told_apart
from mnistcore.imports.preparing import COMPARED, better_prepared, prepared
from mnistcore.runs.plain_files import read_file

Images = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float32]

_TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
_BATCH = 256
_MOST_THREADS = 8
_MOST_BYTES = 2**31
_LONGEST = 200


def work(request: dict[str, Any], given: Mapping[str, npt.NDArray[Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an ONNX file says of images.

    Args:
        request: "path", "dataset", "classes", "mean", "std", "is_assumed".
        given: "images", uint8 (N, channels, rows, columns), and "labels", int64 (N,).

    Returns:
        Facts, and "scores".
    """
    data = read_file(Path(request["path"]), max_bytes=_MOST_BYTES, links=True)
    onnx_files.facts(data)  # refused before anything is built of it
    answer, note = _asker(data, tuple(given["images"].shape[1:]), request["dataset"])
    mean, std, classes = request["mean"], request["std"], int(request["classes"])
    scored = told_apart(answer(prepared(given["images"], mean, std)))
    if scored.values.shape[1] != classes:
        raise InputError(
            f"file: expected scores for the {classes} classes of {request['dataset']}, got {scored.values.shape[1]}: "
            "--dataset NAME says another data set"
        )
    notes = [note, *scored.assumed]
    if request["is_assumed"]:
        first = given["images"][:COMPARED]

        def other(mean: Sequence[float], std: Sequence[float]) -> Scores:
            return told_apart(answer(prepared(first, mean, std))).values

        notes += better_prepared(scored.values, given["labels"], other)
    return {"kind": scored.kind, "assumed": [each for each in notes if each]}, {"scores": scored.values}


def _asker(data: bytes, shape: tuple[int, ...], dataset: str) -> tuple[Callable[[Images], Scores], str]:
    """What gives the outputs for images, and how they are put to it."""
    session = _session(data)
    inputs, outputs = session.get_inputs(), session.get_outputs()
    for what, found in (("input", inputs), ("output", outputs)):
        if len(found) != 1:
            names = shortened(", ".join(each.name for each in found), 100)
            raise InputError(f"file: expected one {what}, got {len(found)} ({names})")
    if inputs[0].type not in _TYPES:
        raise InputError(f"file: expected an input of {', '.join(_TYPES)}, got {inputs[0].type}")
    arranged, note = _arrangement(list(inputs[0].shape), shape, dataset)
    is_fixed = isinstance(inputs[0].shape[0], int)  # it takes so many images and no others
    size = inputs[0].shape[0] if is_fixed else _BATCH
    if size < 1:
        raise InputError(f"file: expected an input for at least 1 image, got {size}")

    def answer(images: Images) -> Scores:
        rows = []
        for start in range(0, len(images), size):
            batch = images[start : start + size]
            count = len(batch)
            if is_fixed and count < size:
                batch = np.concatenate([batch, np.zeros((size - count, *batch.shape[1:]), dtype=np.float32)])
            values = arranged(batch).astype(_TYPES[inputs[0].type])
            rows.append(_row_each(_run(session, inputs[0].name, values), len(batch))[:count])
        return np.concatenate(rows)

    return answer, note


def _session(data: bytes) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise InputError(f"onnxruntime: expected it to be installed, got: {error}") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(os.cpu_count() or 1, _MOST_THREADS)
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own kinds, which share no parent
        raise InputError(
            f"file: expected an ONNX file that onnxruntime can build, got: {_first_line(error)}"
        ) from error


def _run(session: Any, name: str, values: npt.NDArray[Any]) -> Any:
    try:
        return session.run(None, {name: values})[0]
    except Exception as error:
        raise InputError(
            f"file: expected one that takes images of {values.shape}, but it fails: {_first_line(error)}"
        ) from error


def _row_each(output: Any, count: int) -> Scores:
    if (
        not isinstance(output, np.ndarray)
        or output.dtype.kind != "f"
        or output.shape[:1] != (count,)
        or not output.size
    ):
        got = f"{output.dtype} {output.shape}" if isinstance(output, np.ndarray) else type(output).__name__
        raise InputError(f"file: expected a row of scores for each of {count} images, got {got}")
    rows = output.reshape(count, -1).astype(np.float32)
    if output.ndim > 2 and rows.shape[1] != output.shape[1]:
        raise InputError(f"file: expected an output of shape (N, classes), got {output.shape}")
    return rows


def _arrangement(
    wanted: list[Any], shape: tuple[int, ...], dataset: str
) -> tuple[Callable[[Images], npt.NDArray[Any]], str]:
    """How images (N, channels, rows, columns) become what an input takes; anything that is no number fits."""
    channels, rows, columns = shape
    ways: tuple[tuple[tuple[int, ...], Callable[[Images], npt.NDArray[Any]], str], ...] = (
        (shape, lambda images: images, ""),
        ((rows, columns, channels), lambda images: np.moveaxis(images, 1, -1), "images: given with the colours last"),
        ((rows, columns), lambda images: images[:, 0], "images: given without an axis for the colours"),
        ((math.prod(shape),), lambda images: images.reshape(len(images), -1), "images: given as rows of pixels"),
    )
    for sides, arrange, note in ways:
        if len(sides) == 2 and channels != 1:
            continue
        if len(wanted) == 1 + len(sides) and all(
            not isinstance(want, int) or want == side for want, side in zip(wanted[1:], sides, strict=True)
        ):
            return arrange, note
    expected = ", ".join(f"(N, {', '.join(map(str, sides))})" for sides, _, _ in ways)
    got = ", ".join("N" if not isinstance(want, int) else str(want) for want in wanted)
    raise InputError(
        f"file: expected an input of one of {expected}, as the images of {dataset} are, got ({got}): "
        "--dataset NAME says another data set"
    )


def _first_line(error: Exception) -> str:
    return shortened(" ".join(str(error).split()), _LONGEST)
