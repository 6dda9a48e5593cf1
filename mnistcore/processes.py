"""Owns who a process is, whether it still runs, its end, and how a Python process of ours is started.

Imports nothing of ours. A process number alone says little: it is given to another process once its owner has ended,
and means something only until the next boot and inside one container. So a record holds the machine and the moment of
the start too.
"""

import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psutil

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
    started: int | None  # clock ticks after the boot, on macOS ms after 1970; None where the system does not tell

    def __post_init__(self) -> None:
        if not 1 <= self.pid <= _MAX_PID:  # kill() takes 0 and below for whole groups of processes
            raise ValueError(f"pid: expected the number of a process, got {self.pid}")


def start_python(
    arguments: list[str], *, variables: Mapping[str, str] | None = None, **streams: Any
) -> "subprocess.Popen[bytes]":
    """Start a Python process that behaves and speaks alike wherever it is started from.

    It writes UTF-8 at once instead of keeping it back, in no colours, finds this very package from any folder, and
    reads no input. Of the caller's environment it gets what is left: proxies, GPUs, threads.

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
    # A relative folder is relative to this process's own.
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
    """The record of the calling process."""
    return process(os.getpid())


def process(pid: int) -> ProcessRecord:
    """The record of a process that runs here; of one that cannot be told later, where psutil is not there."""
    if not _has_psutil():
        return ProcessRecord(machine=None, pid=pid, started=None)
    found = _process(pid) if this_machine() else None
    return ProcessRecord(machine=this_machine(), pid=pid, started=None if found is None else _started(found))


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
    if here is None or record.machine != here or not _has_psutil():
        return None
    found = _process(record.pid)
    if found is None:
        return False if _has_ended(record.pid) else None
    return _started(found) == record.started


def kill(record: ProcessRecord, *, is_meant: Callable[[int], bool]) -> bool:
    """End a process of this account at once, where it is provably the one that is meant.

    Args:
        is_meant: asked with its number, which nobody else can get meanwhile (on Linux), before it is ended.

    Returns:
        Whether there was such a process. Any other one is left alone, whatever the record says.
    """
    import psutil

    if not hasattr(os, "pidfd_open"):  # not Linux
        found = _process(record.pid) if is_running(record) else None
        with suppress(psutil.Error, OSError):  # just ended, or another user's
            if found is not None and found.uids().real == os.getuid() and is_meant(record.pid):
                found.kill()  # psutil looks once more whether the number has been given to another one meanwhile
                return True
        return False
    with suppress(OSError):  # ended, or another user's
        handle = os.pidfd_open(record.pid)
        try:
            if is_running(record) and os.stat(_PROC / str(record.pid)).st_uid == os.geteuid() and is_meant(record.pid):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                return True
        finally:
            os.close(handle)
    return False


def account_of(pid: int) -> int | None:
    """The number of the account that a process belongs to; None where it cannot be seen."""
    import psutil

    with suppress(psutil.Error, OSError):
        return int(psutil.Process(pid).uids().real)
    return None


def memory_bytes(pid: int) -> int | None:
    """What a process holds of the machine's memory (its resident set); None where it cannot be told."""
    import psutil

    with suppress(psutil.Error, OSError):
        return int(psutil.Process(pid).memory_info().rss)
    return None


def this_machine() -> str | None:
    """What process numbers belong to: the boot and the container, on macOS the computer; None where that is unknown."""
    with suppress(OSError):
        return f"{_boot()} {os.readlink(_PROC / 'self/ns/pid')}"
    return platform.node() if sys.platform == "darwin" else None


def this_host() -> str:
    """The computer, whatever the container, until its next boot; its name where the system does not tell."""
    with suppress(OSError):
        return _boot()
    return platform.node()


def _boot() -> str:
    return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


@cache
def _has_psutil() -> bool:
    """Whether processes can be looked at: not in another environment, in which predictions are recorded only."""
    try:
        import psutil  # noqa: F401 - whether it is there is the question
    except ImportError:
        return False
    return True


def _process(pid: int) -> "psutil.Process | None":
    """A process that runs and is shown to this user, else None: a zombie has ended, though its number is taken."""
    # Late, as everywhere here: it takes 0.03 s to import, and every page and command imports this module.
    import psutil

    with suppress(psutil.Error, OSError):  # the last where there is no /proc
        found = psutil.Process(pid)
        if found.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return found
    return None


def _started(found: "psutil.Process") -> int | None:
    """When a process started, as records hold it; None where it has ended meanwhile."""
    import psutil

    with suppress(psutil.Error, OSError):
        if sys.platform == "linux":
            # psutil adds the time of the boot, which follows every correction of the clock: a process would be another
            # one after it. Without it, it is the number that the kernel gives, and that records have always held.
            since_boot: float = found.create_time() - psutil.boot_time()
            return round(since_boot * os.sysconf("SC_CLK_TCK"))
        since_1970: float = found.create_time()
        return round(since_1970 * 1000)
    return None


def _has_ended(pid: int) -> bool:
    """Whether there is no such process, shown or not: a hardened /proc hides other people's.

    psutil.pid_exists (7.2) takes a hidden one for none, as it looks into /proc too. A signal that is not sent finds it.
    """
    import psutil

    with suppress(psutil.Error, OSError):
        return str(psutil.Process(pid).status()) in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False
