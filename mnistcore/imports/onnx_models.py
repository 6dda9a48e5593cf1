"""Owns ONNX files: what one says of itself, and its evaluation on a data set as a run; imports no onnxruntime.

A file is run by a process of its own (`sandbox`), with a limit of time and of memory.
"""

import importlib.util
import sys
from pathlib import Path
from typing import Final

from mnistcore.errors import InputError, LibraryError
from mnistcore.imports import evaluating, formats, onnx_files, sandbox
from mnistcore.imports.evaluating import Preparation
from mnistcore.imports.keeping import RecordedRun, checked_title
from mnistcore.imports.onnx_files import OnnxFacts
from mnistcore.imports.sandbox import Limits
from mnistcore.runs.plain_files import read_file
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace

MAX_BYTES: Final = 2**30  # of a file
SECONDS: Final = 600.0  # to evaluate 10,000 images on a CPU
_MEMORY_BYTES = 3 * 2**30  # onnxruntime, the images, and a batch on its way through a network
_COPIES = 6  # of the weights, at most, while it is built


def look(path: Path) -> OnnxFacts:
    """What an ONNX file says of itself; nothing is run, and onnxruntime need not be there.

    Raises:
        InputError: it is none, keeps weights in other files, or needs operators of somebody's own.
    """
    return onnx_files.facts(_read(path))


def keep(
    path: Path,
    *,
    file: str,
    name: str,
    store: Store,
    workspace: Workspace,
    dataset: str = "",
    preparation: Preparation = Preparation(),  # noqa: B008 -- frozen
    seconds: float = SECONDS,
) -> RecordedRun:
    """Evaluate an ONNX file on the test images of a data set, and keep what it says as a run.

    Args:
        path: the file.
        file: what it was called, without a folder.
        name: of the run.
        dataset: its name; MNIST if empty.
        preparation: what is done to the images; as of the data set, if nothing is said.
        seconds: how long it may take.

    Raises:
        LibraryError: onnxruntime is not installed; names the command that installs it.
        InputError: as of `look`; or it does not fit the data set; or it takes too long or too much memory.
        DataError: the data set is not on this machine.
    """
    checked_title(name)
    said = look(path)
    _require_onnxruntime()
    written = (f"file: written by {said.producer}",) if said.producer else ()
    put = evaluating.asked(dataset, preparation, workspace=workspace)
    limits = Limits(seconds=seconds, memory_bytes=_MEMORY_BYTES + _COPIES * path.stat().st_size)
    found = sandbox.ask("onnx_task", {"path": str(path.resolve())} | put.request, put.arrays, limits=limits)
    return evaluating.kept(found, put, file=file, kind="onnx", model="", assumed=written, name=name, store=store)


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
