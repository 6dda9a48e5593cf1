"""Owns `artifacts/holders/`: which process keeps which models loaded, and requests to release one; imports no torch.

    <pid>-<random>.json               a process and its models; gone when it keeps none
    <pid>-<random>.<run_id>.release   a request to that process to release that model

A record is its process's word. What a dead process has left is ignored, and removed by whoever comes by, of the same
account. Another account's models are shown; only its own requests are followed.
"""

import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from mnistcore import processes
from mnistcore.errors import StoreWriteError
from mnistcore.processes import ProcessRecord
from mnistcore.runs import accounts, atomic, plain_files

IDLE_SECONDS = 300.0  # a model that was not used for so long leaves its device by itself
# A record changes whenever a model is used, and a model that is not used leaves: an older one, of a process that
# cannot be looked up, is left over.
UNKNOWN_PROCESS_SECONDS = 3600.0

_MAX_JSON_BYTES = 2**20  # a record of a few models has 1 kB
_RECORD = re.compile(r"[0-9]+-[0-9a-f]{8}\.json")
_REQUEST = re.compile(r"[0-9]+-[0-9a-f]{8}\.[a-z0-9_-]{1,100}\.release")


class HeldModel(BaseModel):
    """One model on one device."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: Annotated[str, Field(max_length=100, pattern=r"^[a-z0-9_-]+$")]  # becomes part of a path
    device: Annotated[str, Field(max_length=100, pattern=r"^[ -~]*$")]
    size_bytes: Annotated[int, Field(ge=0, le=2**53)]  # its weights
    last_used: AwareDatetime  # UTC

    @property
    def idle_seconds(self) -> float:
        """Since it last predicted something."""
        return max(0.0, (datetime.now(UTC) - self.last_used).total_seconds())

    @property
    def leaves_in_seconds(self) -> float:
        """Until it leaves its device, if nobody uses it meanwhile."""
        return max(0.0, IDLE_SECONDS - self.idle_seconds)


@dataclass(frozen=True, slots=True)
class ModelProcess:
    """A process of ours that keeps models loaded."""

    name: str  # of its record
    pid: int
    models: tuple[HeldModel, ...]
    account: str | None = None  # that it belongs to; None where that is this one


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    process: ProcessRecord
    models: tuple[HeldModel, ...]


def new_name() -> str:
    """A name for this process's record."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


def write(folder: Path, name: str, models: Iterable[HeldModel]) -> None:
    """Say what this process keeps; nothing is left of a record without models.

    Raises:
        OSError: the folder cannot be written to.
    """
    held, path = tuple(models), folder / f"{name}.json"
    if held:
        accounts.make_folder(folder, closed=True)
        record = _Record(process=processes.this_process(), models=held)
        atomic.replace_file(path, record.model_dump_json().encode(), sync=False)
    else:
        path.unlink(missing_ok=True)
        _drop_requests(folder, name)


def read(folder: Path) -> tuple[ModelProcess, ...]:
    """Every living process of this machine that keeps models, in the order of their numbers."""
    found = []
    for path in _files(folder, "*.json"):
        if _RECORD.fullmatch(path.name) and (record := _read(path)) is not None:
            with suppress(OSError):  # whatever is wrong with one record, the others are read
                found += _held(path, record)
    with suppress(OSError):
        atomic.remove_stale(folder)
    return tuple(sorted(found, key=lambda process: (process.pid, process.name)))


def problems(folder: Path) -> tuple[str, ...]:
    """The names of the records that cannot be used, what cannot be printed written out; they are left alone."""
    names = [path.name for path in _files(folder, "*.json") if not _RECORD.fullmatch(path.name) or _read(path) is None]
    return tuple(
        "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in name)
        for name in sorted(names)
    )


def request_release(folder: Path, record: str, run_id: str) -> None:
    """Request the process of that record to release a model; it does so within a second, once it has answered.

    Raises:
        StoreWriteError: the request cannot be written down, or the process is another account's.
    """
    path = folder / f"{record}.{run_id}.release"
    if not _REQUEST.fullmatch(path.name):
        raise StoreWriteError(f"expected the name of a record and the id of a run, got {path.name[:200]!r}")
    if (account := accounts.owner(folder / f"{record}.json")) is not None:
        raise StoreWriteError(
            f"the model {run_id} is loaded by a process of the account {account}: expected one of this account. "
            f"Ask {account} to release it"
        )
    with _writing(folder), suppress(FileExistsError):  # it was requested before
        atomic.write_file(path, b"", sync=False)


def release_requests(folder: Path, record: str) -> frozenset[str]:
    """The ids of the models that the process of that record is requested to release."""
    paths = _requests(folder, record)
    return frozenset(
        path.name.removeprefix(f"{record}.").removesuffix(".release") for path in paths if accounts.owner(path) is None
    )


def withdraw_request(folder: Path, record: str, run_id: str) -> None:
    """Remove a request that was followed."""
    path = folder / f"{record}.{run_id}.release"
    if _REQUEST.fullmatch(path.name):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _files(folder: Path, pattern: str) -> list[Path]:
    with suppress(OSError):
        return list(folder.glob(pattern))
    return []


def _requests(folder: Path, record: str) -> list[Path]:
    return [path for path in _files(folder, f"{record}.*.release") if _REQUEST.fullmatch(path.name)]


def _drop_requests(folder: Path, record: str) -> None:
    for path in _requests(folder, record):
        with suppress(OSError):
            path.unlink()


def _read(path: Path) -> _Record | None:
    try:
        data = plain_files.read_file(path, max_bytes=_MAX_JSON_BYTES)
        return _Record.model_validate_json(data, strict=True)
    except (OSError, ValidationError):  # just gone, or of another version
        return None


def _held(path: Path, record: _Record) -> list[ModelProcess]:
    """The process of a record, where it lives and is one of this machine's; a dead one's record is removed."""
    account = accounts.owner(path)
    if _is_left_over(record, path):
        if account is None:
            path.unlink()
            _drop_requests(path.parent, path.stem)
        return []
    if record.process.machine != processes.this_machine():
        return []
    return [ModelProcess(path.stem, record.process.pid, record.models, account)]


def _is_left_over(record: _Record, path: Path) -> bool:
    running = processes.is_running(record.process)
    if running is not None:
        return not running
    with suppress(OSError):
        return time.time() - path.stat().st_mtime > UNKNOWN_PROCESS_SECONDS
    return False


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreWriteError(f"cannot write to {folder}: {error.strerror or error}") from error
