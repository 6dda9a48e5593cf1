"""Owns putting folders and files on disk wholly or not at all; knows nothing of what is in them.

A folder is filled in a hidden wrapper beside its target and then renamed into place:

    .tmp-<name>-<pid>-<random>/writer.json   who is writing: decides whether the wrapper is a dead one's
    .tmp-<name>-<pid>-<random>/new/          what is to become the target

Whatever goes wrong is an OSError. The functions named ``_disk_...`` are all that ever changes the disk, one
call into the operating system each, so that a test can make any of them fail.
"""

import errno
import json
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from mnistcore import processes
from mnistcore.processes import ProcessRecord
from mnistcore.runs import accounts, plain_files

PREFIX = ".tmp-"
REMOVED_PREFIX = ".del-"  # on its way out: nobody needs it any more, whoever comes by may free its space
# How long a wrapper is left alone when nothing can be known of its writer: it has no record yet, or was made on
# another machine or in another container. Writing takes seconds, as nothing is computed meanwhile.
UNKNOWN_WRITER_SECONDS = 3600.0
FILE_SECONDS = 60.0  # likewise a single file on its way, which has no room for a record and is small

_WRAPPER = re.compile(r"\.tmp-(?P<name>.+)-(?P<pid>[0-9]+)-(?P<random>[0-9a-f]{8})")
_REMOVED = re.compile(r"\.del-.+-[0-9a-f]{8}")
_OCCUPIED = {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR}  # what rename says of a folder onto something


@dataclass(frozen=True, slots=True)
class Staging:
    """A folder on its way to ``target``."""

    wrapper: Path
    target: Path

    @property
    def folder(self) -> Path:
        """Where to write what is to become the target."""
        return self.wrapper / "new"


@contextmanager
def staging(target: Path) -> Iterator[Staging]:
    """A hidden folder beside ``target`` to write into; gone afterwards, published or not."""
    staged = Staging(target.parent / f"{PREFIX}{target.name}-{os.getpid()}-{secrets.token_hex(4)}", target)
    try:
        _disk_mkdir(staged.wrapper)
        write_file(staged.wrapper / "writer.json", json.dumps(asdict(processes.this_process())).encode())
        _disk_mkdir(staged.folder)
        yield staged
    finally:
        # What cannot be removed now is removed by the next `remove_stale`, and never hides an error.
        with suppress(OSError):
            _disk_remove(staged.wrapper)


def make_folder(path: Path) -> None:
    """Make a folder, which must not be there yet."""
    _disk_mkdir(path)


def write_file(path: Path, data: bytes, *, sync: bool = True, mode: int = 0o644) -> None:
    """Write a new file and wait until it is on disk; its name is there for good after `sync_folder`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[_disk_write(descriptor, rest) :]
        if sync:
            _disk_fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Put a file in its place in one step, over the one that was there; after an error it is that one or the new one.

    Args:
        sync: wait until it is on disk. Without it a reader still sees the old or the new file, never a mixture, but
            after a power cut it may be gone.
    """
    new = path.with_name(f"{PREFIX}{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        write_file(new, data, sync=sync)
        _disk_rename(new, path)
    except OSError:
        with suppress(OSError):
            _disk_remove(new)
        raise
    if sync:
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _disk_fsync(descriptor)
    finally:
        os.close(descriptor)


def publish(staged: Staging) -> None:
    """Put the staged folder in its place in one step; after an error nothing is there.

    Raises:
        FileExistsError: something is there already.
    """
    new, target = staged.folder, staged.target
    try:
        _disk_rename(new, target)
    except OSError as error:
        if error.errno in _OCCUPIED:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        raise
    try:
        sync_folder(target.parent)
    except OSError:
        with suppress(OSError):
            _disk_rename(target, new)
        raise


def move(path: Path, *, to: Path) -> None:
    """Rename inside one folder and wait until that is on disk; after an error it is where it was."""
    _disk_rename(path, to)
    try:
        sync_folder(path.parent)
    except OSError:
        with suppress(OSError):
            _disk_rename(to, path)
        raise


def remove(path: Path) -> None:
    """Take a folder, file or link away in one step, then free its space; links are not followed.

    What cannot be freed now is hidden already, and is freed by the next `remove_stale`.

    Raises:
        OthersError: it is a folder of another account.
        OSError: it cannot be taken away.
    """
    if os.geteuid() != 0 and stat.S_ISDIR(os.lstat(path).st_mode):  # root looks after everybody's
        accounts.require_ours(path)
    hidden = path.parent / f"{REMOVED_PREFIX}{path.name}-{secrets.token_hex(4)}"
    move(path, to=hidden)
    with suppress(OSError):
        _disk_remove(hidden)


def remove_stale(root: Path) -> None:
    """Remove what dead writers of this account left in ``root``; what a living one is working on stays."""
    with os.scandir(root) as entries:
        hidden = [Path(entry.path) for entry in entries if entry.name.startswith((PREFIX, REMOVED_PREFIX))]
    for path in hidden:
        with suppress(Exception):  # whatever one of them has in it, the others are looked at
            left = _REMOVED.fullmatch(path.name) or (_WRAPPER.fullmatch(path.name) and _is_abandoned(path))
            if left and accounts.owner(path) is None:
                _disk_remove(path)


def _is_abandoned(wrapper: Path) -> bool:
    writer = _writer_of(wrapper)
    running = None if writer is None else processes.is_running(writer)
    if running is not None:
        return not running
    found = os.lstat(wrapper)
    limit = UNKNOWN_WRITER_SECONDS if stat.S_ISDIR(found.st_mode) else FILE_SECONDS
    return time.time() - found.st_ctime > limit


def _writer_of(wrapper: Path) -> ProcessRecord | None:
    with suppress(OSError, ValueError):
        return processes.parse_record(json.loads(plain_files.read_file(wrapper / "writer.json", max_bytes=4096)))
    return None


def _disk_mkdir(path: Path) -> None:
    path.mkdir(mode=0o755)  # never more than its owner's to write to, whatever the umask


def _disk_write(descriptor: int, data: memoryview) -> int:
    return os.write(descriptor, data)


def _disk_fsync(descriptor: int) -> None:
    os.fsync(descriptor)


def _disk_rename(source: Path, target: Path) -> None:
    os.rename(source, target)


def _disk_remove(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        path.unlink()
    else:
        shutil.rmtree(path)
