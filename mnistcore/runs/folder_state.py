"""Owns whether the runs' folder is there, as far as this process can know: a disk may be away for a while."""

import os
from contextlib import suppress
from enum import StrEnum
from pathlib import Path


class FolderState(StrEnum):
    """Whether there is a folder that runs can be in; the values are stable."""

    THERE = "there"
    EMPTY = "empty"  # there are artifacts, but nothing was ever saved: no runs/ in them
    MISSING = "missing"  # there is no artifacts folder: a first start, or a disk that is not mounted
    GONE = "gone"  # this process has seen it, and it is not there any more: nothing is written until it is back


# What folders this process has seen: path -> device and inode. So it is known whether one was there before.
_seen: dict[Path, tuple[int, int] | None] = {}


def folder_state(root: Path) -> FolderState:
    """Whether there is a folder that runs can be in.

    Args:
        root: the runs' folder; the one that it is in is that of the artifacts.
    """
    artifacts = root.parent
    was_there, before = root in _seen, _seen.get(artifacts)  # before the look: others make it meanwhile
    if (there := _identity(root)) is not None:
        _seen[artifacts], _seen[root] = _identity(artifacts), there
        return FolderState.THERE
    now = _identity(artifacts)
    if now is None:
        return FolderState.MISSING if before is None else FolderState.GONE
    # A mount point is there without its disk, too: as another folder, or with nothing in it.
    if was_there and (now != before or _is_empty(artifacts)):
        return FolderState.GONE
    if not was_there:
        _seen[artifacts] = now
    return FolderState.EMPTY


def gone(root: Path) -> str:
    """What to say of `FolderState.GONE`, a sentence without its full stop."""
    return (
        f"the folder {root} is not there any more, but it was: expected the disk that it is on. Mount that "
        "again; to start again without it, make an empty folder of that name"
    )


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of what is there; None where nothing is, or nothing can be said of it."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_empty(path: Path) -> bool:
    with suppress(OSError), os.scandir(path) as entries:
        return next(entries, None) is None
    return False
