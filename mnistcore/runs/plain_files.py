"""Owns opening what others may have touched: runs, trainings, data sets, photos. Nothing else here opens such a file.

A file is opened by a descriptor that is looked at before anything is read: a pipe or a device in its place would be
waited for for ever, a link would lead out of the folder, and a file may be larger than the memory.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

MAX_JSON_BYTES = 16 * 2**20  # of a record, which a thousand epochs make 400 kB long: more is not read
MAX_BYTES = 2**31  # of a file that is read in one piece


def open_file(path: Path | str, *, folder: int | None = None, links: bool = False) -> BinaryIO:
    """A plain file to read.

    Args:
        folder: an open folder, in which ``path`` is a name.
        links: follow a link in its place, where people may keep the file elsewhere.

    Raises:
        OSError: there is none, or something else is in its place.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if links else os.O_NOFOLLOW)
    descriptor = os.open(path, flags, dir_fd=folder)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "expected a file, got something else", str(path))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_file(path: Path | str, *, max_bytes: int = MAX_BYTES, folder: int | None = None, links: bool = False) -> bytes:
    """All of a plain file; takes the same as `open_file`.

    Raises:
        OSError: as `open_file`, or it is longer than ``max_bytes``.
    """
    try:
        return _read(path, max_bytes, folder, links)
    except OSError as error:
        if error.errno != errno.ESTALE:
            raise
    return _read(path, max_bytes, folder, links)  # replaced on the file server after it was found: now another one


def _read(path: Path | str, max_bytes: int, folder: int | None, links: bool) -> bytes:
    with open_file(path, folder=folder, links=links) as file:
        is_larger = os.fstat(file.fileno()).st_size > max_bytes  # then it need not be read; it may grow meanwhile
        data = b"" if is_larger else file.read(max_bytes + 1)
    if is_larger or len(data) > max_bytes:
        raise OSError(errno.EFBIG, f"expected at most {max_bytes:,} bytes", str(path))
    return data


@contextmanager
def open_folder(path: Path) -> Iterator[int]:
    """A folder, in which files are opened by name whatever becomes of its own name; a link is not followed.

    Raises:
        OSError: there is none, or something else is in its place.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_to_append(path: Path, *, fresh: bool) -> BinaryIO:
    """A plain file to write at its end, made where there is none, in a folder of this account.

    Args:
        fresh: empty it first.

    Raises:
        OSError: something else is in its place, or a file that has another name too, or another owner than its folder.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o644)
    try:
        if not _is_own(os.fstat(descriptor), path):
            raise OSError(errno.EINVAL, "expected a file of this folder's owner, got something else", str(path))
        os.set_blocking(descriptor, True)
        if fresh:
            os.ftruncate(descriptor, 0)
        return os.fdopen(descriptor, "ab")
    except BaseException:
        os.close(descriptor)
        raise


def is_own_file(path: Path) -> bool:
    """Whether a plain file is there that has no other name, and belongs to whom its folder does."""
    return _is_own(os.lstat(path), path)


def _is_own(found: os.stat_result, path: Path) -> bool:
    # Through a second name (a hard link) a file elsewhere would be written to.
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and found.st_uid == os.stat(path.parent).st_uid


def open_to_lock(path: Path, *, make: bool, mode: int = 0o600) -> int:
    """A descriptor to lock, never to read; of a folder too, where one is there.

    Args:
        make: make the file where there is none.
        mode: who may lock it: whoever may read a file can hold its lock. One of this account that says otherwise, as
            earlier versions made them, is changed.

    Raises:
        OSError: it cannot be opened; ELOOP for a link.
    """
    flags = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    while True:
        try:
            descriptor = _open_lock(path, flags)
            break
        except FileNotFoundError:
            if not make:
                raise
        # Not with O_CREAT alone: the system refuses that for another account's file in a folder with the sticky bit.
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | flags, mode)
            break
    found = os.fstat(descriptor)
    if make and stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and stat.S_IMODE(found.st_mode) != mode:
        with suppress(OSError):  # another account's
            os.fchmod(descriptor, mode)
    return descriptor


def _open_lock(path: Path, flags: int) -> int:
    """For writing too where that is allowed: over NFS a lock takes it."""
    try:
        return os.open(path, os.O_RDWR | flags)
    except OSError as error:
        if error.errno not in (errno.EISDIR, errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        return os.open(path, os.O_RDONLY | flags)
