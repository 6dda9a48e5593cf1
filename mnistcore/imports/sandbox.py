"""Owns a process that opens what may be hostile: what it is given, how much it may take, and what comes back.

It gets a private folder and a few harmless variables of the environment, nothing that could be a secret; it ends when
its time is up, with all that it has started. What comes back is JSON and safetensors, and is looked at like any file.
"""

import json
import os
import signal
import site
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy.typing as npt
import safetensors
import safetensors.numpy

from mnistcore.errors import InputError, shortened
from mnistcore.processes import child_environment
from mnistcore.runs import atomic
from mnistcore.runs.plain_files import MAX_JSON_BYTES, read_file
from mnistcore.runs.prediction_files import tensor_bytes

REQUEST, GIVEN, ANSWER, FOUND = "request.json", "given.safetensors", "answer.json", "found.safetensors"
Task = Literal["checkpoint_task", "onnx_task"]

_ROOT: Final = Path(__file__).resolve().parents[2]  # where `import mnistcore` finds this very package
_HARMLESS = {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV"}
_MOST_THREADS = 8
_LONGEST = 300  # signs of what the process has said last


@dataclass(frozen=True)
class Limits:
    """What a process may take.

    Attributes:
        seconds: until it is ended.
        memory_bytes: of its own memory; where the system can limit that.
        file_bytes: of any file that it writes.
    """

    seconds: float
    memory_bytes: int
    file_bytes: int = 2**32


@dataclass(frozen=True, eq=False)
class Found:
    """What has come back: facts, and arrays by their names."""

    facts: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]


def ask(
    task: Task, request: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]] | None = None, *, limits: Limits
) -> Found:
    """Have a task done in a process of its own.

    Args:
        task: the module beside this one that does it.
        request: what JSON can say.
        arrays: what it works on.

    Raises:
        InputError: it says so, takes longer than it may, or ends in another way; the message is about the file.
    """
    with tempfile.TemporaryDirectory(prefix="mnistcore-") as name, tempfile.TemporaryFile() as said:
        folder = Path(name)
        text = json.dumps({**request, "limits": vars(limits)})
        atomic.write_file(folder / REQUEST, text.encode(), sync=False)
        atomic.write_file(folder / GIVEN, tensor_bytes(arrays or {}), sync=False)
        process = subprocess.Popen(
            [sys.executable, "-m", "mnistcore.imports.sandboxed", task, name],
            cwd=_ROOT,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout=limits.seconds)
        except subprocess.TimeoutExpired as error:
            raise InputError(
                f"file: expected one that is opened and evaluated in {limits.seconds:g} seconds, got one that takes "
                "longer: it was stopped"
            ) from error
        finally:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if code != 0:
            said.seek(max(0, said.seek(0, os.SEEK_END) - 4096))
            raise _ended(code, said.read().decode(errors="replace"), limits)
        return _found(folder)


def _environment(folder: Path) -> dict[str, str]:
    """What is left of this process's environment: where programs and packages are, and the language."""
    everything = child_environment()
    kept = {name: value for name, value in everything.items() if name in _HARMLESS or name.startswith("PYTHON")}
    threads = str(min(os.cpu_count() or 1, _MOST_THREADS))
    return {
        # Before HOME: packages of this user's own are found below it.
        "PYTHONUSERBASE": site.getuserbase(),
        **kept,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "CUDA_VISIBLE_DEVICES": "",
        "OMP_NUM_THREADS": threads,
        "NO_COLOR": "1",
    }


def _ended(code: int, said: str, limits: Limits) -> InputError:
    last = shortened((said.strip().splitlines() or ["it said nothing"])[-1], _LONGEST)
    how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    return InputError(
        f"file: expected one that can be opened with {limits.memory_bytes >> 20:,} MiB of memory, but the process that "
        f"opens it {how}: {last}"
    )


def _found(folder: Path) -> Found:
    try:
        facts = json.loads(read_file(folder / ANSWER, max_bytes=MAX_JSON_BYTES))
        if "error" in facts:
            raise InputError(str(facts["error"]))
        return Found(facts, safetensors.numpy.load(read_file(folder / FOUND)))
    except (OSError, ValueError, TypeError, KeyError, safetensors.SafetensorError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"file: expected an answer of the process that opens it, got {error}") from error
