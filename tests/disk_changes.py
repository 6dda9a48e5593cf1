"""Owns faults of the system calls that change a disk, whoever makes them: mkdir, open, write, rename, unlink and others.

`tests.disk_faults` is about the steps of `mnistcore.runs.atomic`; here also what its callers, pathlib and shutil do.
"""

import builtins
import io
import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.disk_faults import Killed

CHANGES = (
    "mkdir", "write", "fsync", "rename", "replace", "unlink", "remove", "rmdir", "link", "symlink", "truncate",
    "ftruncate", "utime", "chmod", "fchmod", "chown", "mkfifo", "posix_fallocate", "sendfile",
)  # fmt: skip


class DiskChanges:
    """Counts the changes below one folder, and makes that of a given number fail, or be the last one of the process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count, self._at = 0, -1
        self._fault: Callable[[], BaseException] = OSError
        for name in CHANGES:
            monkeypatch.setattr(os, name, self._wrapped(getattr(os, name)))
        monkeypatch.setattr(os, "open", self._wrapped(os.open, changes=_makes))
        opening = self._wrapped(io.open, changes=_writes)
        monkeypatch.setattr(io, "open", opening)
        monkeypatch.setattr(builtins, "open", opening)

    def arm(self, at: int, fault: Callable[[], BaseException]) -> None:
        """From now on count; the change number ``at`` fails."""
        self.count, self._at, self._fault = 0, at, fault

    def disarm(self) -> bool:
        """Let everything through again; gives whether the fault was met."""
        met, self._at = 0 <= self._at < self.count, -1
        return met

    def _wrapped(self, call: Callable[..., Any], changes: Callable[..., bool] = lambda *_, **__: True) -> Any:
        def checked(*arguments: Any, **named: Any) -> Any:
            if self._at < 0 or not changes(*arguments, **named):
                return call(*arguments, **named)
            self.count += 1
            fault = self._fault()
            if self.count - 1 == self._at or (isinstance(fault, Killed) and self.count > self._at):
                raise fault
            return call(*arguments, **named)

        return checked


def _makes(_: object, flags: int, *__: object, **___: object) -> bool:
    return bool(flags & (os.O_CREAT | os.O_TRUNC))


def _writes(file: object, mode: str = "r", *_: object, **__: object) -> bool:
    return not isinstance(file, int) and any(sign in mode for sign in "wax+")
