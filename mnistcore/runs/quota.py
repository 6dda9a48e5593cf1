"""Owns how much of a disk may be used for what is made here, and how much is: MNISTCORE_QUOTA_GB."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mnistcore.errors import StoreWriteError
from mnistcore.workspace import Workspace

NEARLY_FULL: Final = 0.9  # of the quota: from here on it is warned of


@dataclass(frozen=True, slots=True)
class DiskUse:
    """How many bytes the artifacts take, and how many they may."""

    used_bytes: int
    quota_bytes: int

    @property
    def share(self) -> float:
        """Of the quota that is used, from 0."""
        return self.used_bytes / self.quota_bytes

    @property
    def is_nearly_full(self) -> bool:
        """Whether people should be told."""
        return self.share >= NEARLY_FULL


def disk_use(workspace: Workspace) -> DiskUse | None:
    """How much of its quota a workspace uses; None without one. Looks at every file."""
    if workspace.quota_bytes is None:
        return None
    return DiskUse(sum(_sizes(str(workspace.artifacts))), workspace.quota_bytes)


def require_room(size_bytes: int, folder: Path) -> None:
    """Find out before something is made whether the quota of this process's workspace has room for it.

    Args:
        size_bytes: how large it will be, about.
        folder: where it goes; what goes elsewhere than into the artifacts is not counted.

    Raises:
        StoreWriteError: it has none; the disk has not been touched.
    """
    workspace = Workspace.from_environment()
    artifacts = Path(os.path.abspath(workspace.artifacts))
    if workspace.quota_bytes is None or not Path(os.path.abspath(folder)).is_relative_to(artifacts):
        return
    use = disk_use(workspace)
    if use is not None and use.used_bytes + size_bytes > use.quota_bytes:
        raise StoreWriteError(
            f"the quota of {workspace.artifacts} is used up: expected room for {_told(size_bytes)}, got "
            f"{_told(use.used_bytes)} used of {_told(use.quota_bytes)}. Delete runs that nobody needs "
            "(`python -m mnistcore delete RUN`), or raise MNISTCORE_QUOTA_GB"
        )


def _told(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.2f} GiB" if size_bytes >= 2**30 else f"{size_bytes / 2**20:.1f} MiB"


def _sizes(folder: str) -> Iterator[int]:
    """Of all plain files below a folder; links are not followed, and what cannot be looked at takes nothing."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode):
                    yield from _sizes(entry.path)
                elif stat.S_ISREG(found.st_mode):
                    yield found.st_size
