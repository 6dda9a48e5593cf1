"""Owns faults of the disk for tests: any single call of mnistcore.runs.atomic into the operating system fails."""

import errno
import os
from collections.abc import Callable
from typing import Any

import pytest

from mnistcore.runs import atomic

STEPS = ("_disk_mkdir", "_disk_write", "_disk_fsync", "_disk_rename", "_disk_remove")


class Killed(BaseException):
    """The process is gone: nothing that comes after it reaches the disk."""


class Faults:
    """Counts what reaches the disk, and makes the step with a given number fail, or be the last one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count, self.fail_at, self.fault = 0, -1, lambda: OSError(errno.EIO, "injected")
        for name in STEPS:
            monkeypatch.setattr(atomic, name, self._wrapped(getattr(atomic, name)))

    def arm(self, fail_at: int, fault: Callable[[], BaseException]) -> None:
        self.count, self.fail_at, self.fault = 0, fail_at, fault

    def disarm(self) -> int:
        count, self.count, self.fail_at = self.count, 0, -1
        return count

    def _wrapped(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def checked(*arguments: Any) -> Any:
            self.count += 1
            fault = self.fault()
            dead = isinstance(fault, Killed) and 0 <= self.fail_at < self.count
            if dead or self.count - 1 == self.fail_at:
                if step.__name__ == "_disk_write":  # half of it gets there
                    os.write(arguments[0], arguments[1][: len(arguments[1]) // 2])
                raise fault
            return step(*arguments)

        return checked


def steps_of(faults: Faults, action: Callable[[], object]) -> int:
    """How many steps an action takes."""
    faults.arm(-1, lambda: OSError())
    action()
    return faults.disarm()
