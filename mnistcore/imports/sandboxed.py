"""Owns what runs inside the process of `sandbox`: its limits first, then one task, then its answer."""

import importlib
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy.typing as npt
import safetensors.numpy

from mnistcore.errors import MnistcoreError
from mnistcore.imports.sandbox import ANSWER, FOUND, GIVEN, REQUEST
from mnistcore.runs import atomic
from mnistcore.runs.plain_files import read_file
from mnistcore.runs.prediction_files import tensor_bytes

Arrays = dict[str, npt.NDArray[Any]]
Work = Callable[[dict[str, Any], Arrays], tuple[dict[str, Any], Arrays]]


def main(task: str, folder: Path) -> None:
    """Do a task whose request lies in a folder, and write the answer there: facts or an error in words."""
    request = json.loads(read_file(folder / REQUEST))
    _limit(request["limits"])
    try:
        work: Work = importlib.import_module(f"mnistcore.imports.{task}").work
        facts, arrays = work(request, safetensors.numpy.load(read_file(folder / GIVEN)))
    except MnistcoreError as error:
        facts, arrays = {"error": str(error)}, {}
    except MemoryError:
        facts, arrays = {"error": f"file: expected one that fits {_mebibytes(request)} MiB of memory"}, {}
    if arrays or "error" not in facts:
        atomic.write_file(folder / FOUND, tensor_bytes(arrays), sync=False)
    atomic.write_file(folder / ANSWER, json.dumps(facts).encode(), sync=False)


def _mebibytes(request: dict[str, Any]) -> str:
    return f"{int(request['limits']['memory_bytes']) >> 20:,}"


def _limit(limits: dict[str, Any]) -> None:
    """Take no more than this, however the task ends; where the system knows no such limit, it goes without."""
    with suppress(ImportError):
        import resource

        for what, value in (
            ("RLIMIT_DATA", limits["memory_bytes"]),  # RLIMIT_AS counts what torch only maps
            ("RLIMIT_FSIZE", limits["file_bytes"]),
            ("RLIMIT_CORE", 0),
        ):
            with suppress(ValueError, OSError, AttributeError):
                resource.setrlimit(getattr(resource, what), (value, value))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
