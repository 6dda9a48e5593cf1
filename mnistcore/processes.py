"""Owns who a process is, whether it still runs, and how a Python process of ours is started; imports nothing of ours.

A process number alone says little: it is given to another process once its owner has ended, and means something only
until the next boot and inside one container. So a record holds the machine and the moment of the start too.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PROC = Path("/proc")
_ROOT = Path(__file__).resolve().parent.parent  # where `import mnistcore` finds this very package
_MAX_PID = 2**31 - 1  # what the system's pid_t can hold

# Of Python's own variables only those that say where its packages are; the rest changes how it behaves and speaks.
_PYTHON_PLACES = {"PYTHONHOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"}
# About the terminal of whoever starts a process that writes into a file or pipe.
_TERMINAL = {"COLUMNS", "LINES", "FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """One process, told from every other one that has or had its number."""

    machine: str | None  # boot and container; None where the system does not tell
    pid: int
    started: int | None  # clock ticks after the boot; None where the system does not tell

    def __post_init__(self) -> None:
        if not 1 <= self.pid <= _MAX_PID:  # kill() takes 0 and below for whole groups of processes
            raise ValueError(f"pid: expected the number of a process, got {self.pid}")


def start_python(
    arguments: list[str], *, variables: Mapping[str, str] | None = None, **streams: Any
) -> "subprocess.Popen[bytes]":
    """Start a Python process that behaves and speaks alike wherever it is started from.

    It writes UTF-8 at once instead of keeping it back, in no colours, finds this very package from any folder, and is
    asked nothing. Of the caller's environment it gets what is left: proxies, GPUs, threads.

    Args:
        arguments: of Python itself, for example ``["-m", "mnistcore", "list"]``.
        variables: of the environment, in place of the caller's; a path has to be an absolute one.
        streams: further arguments of `subprocess.Popen`, such as where it writes.
    """
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=_ROOT,
        env=child_environment() | dict(variables or {}),
        stdin=subprocess.DEVNULL,
        **streams,
    )


def child_environment() -> dict[str, str]:
    """The environment of `start_python`: this process's, without what would make a child of ours another one."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _TERMINAL and (name in _PYTHON_PLACES or not name.startswith("PYTHON"))
    }
    # A relative folder means the one that this process stands in.
    folders = [os.path.abspath(name) for name in os.environ.get("PYTHONPATH", "").split(os.pathsep) if name]
    return kept | {
        "PYTHONPATH": os.pathsep.join([str(_ROOT), *folders]),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }


def this_process() -> ProcessRecord:
    """The record of the process that asks."""
    return process(os.getpid())


def process(pid: int) -> ProcessRecord:
    """The record of a process that runs here."""
    return ProcessRecord(machine=this_machine(), pid=pid, started=_started(pid))


def parse_record(data: object) -> ProcessRecord | None:
    """What JSON made of a record; None where it is none."""
    if not isinstance(data, dict):
        return None
    machine, pid, started = data.get("machine"), data.get("pid"), data.get("started")
    if isinstance(pid, int) and isinstance(machine, str | None) and isinstance(started, int | None):
        with suppress(ValueError):
            return ProcessRecord(machine=machine, pid=pid, started=started)
    return None


def is_running(record: ProcessRecord) -> bool | None:
    """Whether that very process runs; None where it cannot be told, as for one of another machine."""
    here = this_machine()
    if here is None or record.machine != here:
        return None
    started = _started(record.pid)
    if started is not None:
        return started == record.started
    return None if _exists(record.pid) else False


def memory_bytes(pid: int) -> int | None:
    """What a process holds of the machine's memory (its resident set); None where it cannot be told."""
    with suppress(OSError, ValueError, IndexError):
        for line in (_PROC / str(pid) / "status").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return None


def this_machine() -> str | None:
    """The boot and the container that process numbers belong to; None without ``/proc``."""
    with suppress(OSError):
        return f"{_boot()} {os.readlink(_PROC / 'self/ns/pid')}"
    return None


def this_host() -> str:
    """The computer, whatever the container, until its next boot; its name where the system does not tell."""
    with suppress(OSError):
        return _boot()
    return platform.node()


def _boot() -> str:
    return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _started(pid: int) -> int | None:
    """When a process started, in clock ticks after the boot; None where it does not run (any more)."""
    with suppress(OSError, ValueError, IndexError):
        # The command's name is in brackets and may contain anything; the fields after it are numbered from 3.
        fields = (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
        return None if fields[0] in (b"Z", b"X") else int(fields[22 - 3])
    return None


def _exists(pid: int) -> bool:
    # A zombie has ended, though its number is still taken. A hardened /proc hides other people's processes; a signal
    # that is not sent finds them all the same.
    with suppress(OSError, IndexError):
        return (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
