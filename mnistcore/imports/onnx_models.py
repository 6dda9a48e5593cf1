"""Owns ONNX files: what one says of itself, and how it is evaluated; imports no onnxruntime.

A file is run by a process of its own (`sandbox`), with a limit of time and of memory.
"""

import importlib.util
import sys
from pathlib import Path
from typing import Final

from mnistcore.errors import InputError, LibraryError
from mnistcore.imports import formats, onnx_files
from mnistcore.imports.evaluating import ModelTask, ModelTold
from mnistcore.imports.onnx_files import OnnxFacts
from mnistcore.runs.plain_files import read_file

MAX_BYTES: Final = 2**30  # of a file
_MEMORY_BYTES = 3 * 2**30  # onnxruntime, the images, and a batch on its way through a network
_COPIES = 6  # of the weights, at most, while it is built


def look(path: Path) -> OnnxFacts:
    """What an ONNX file says of itself; nothing is run, and onnxruntime need not be there.

    Raises:
        InputError: it is none, keeps weights in other files, or needs operators of somebody's own.
    """
    return onnx_files.facts(_read(path))


def task(path: Path) -> ModelTask:
    """How an ONNX file is evaluated.

    Raises:
        LibraryError: onnxruntime is not installed; names the command that installs it.
        InputError: as of `look`.
    """
    said = look(path)
    _require_onnxruntime()
    written = (f"file: written by {said.producer}",) if said.producer else ()
    memory_bytes = _MEMORY_BYTES + _COPIES * path.stat().st_size
    return ModelTask("onnx_task", {"path": str(path.resolve())}, memory_bytes, lambda _: ModelTold("onnx", "", written))


def _require_onnxruntime() -> None:
    if importlib.util.find_spec("onnxruntime") is None:
        raise LibraryError(
            "an ONNX file needs onnxruntime, which is not installed: "
            f'`{sys.executable} -m pip install "onnxruntime>=1.20,<2"` installs it'
        )


def _read(path: Path) -> bytes:
    if formats.kind_of(path) != "onnx":
        raise InputError(f"file: expected an ONNX file, got {path.name}")
    try:
        return read_file(path, max_bytes=MAX_BYTES, links=True)
    except OSError as error:
        raise InputError(f"file: expected at most {MAX_BYTES >> 20:,} MiB, got {path}: {error.strerror}") from error
