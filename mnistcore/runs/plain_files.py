"""Owns opening what others may have touched: runs, trainings, data sets, photos. Nothing else here opens such a file.

A file is opened by a descriptor that is looked at before anything is read: a pipe or a device in its place would be
waited for for ever, a link would lead out of the folder, and a file may be larger than the memory.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
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


def open_to_lock(path: Path, *, make: bool) -> int:
    """A descriptor to lock, never to read; of a folder too, where one is there.

    Args:
        make: make the file where there is none.

    Raises:
        OSError: it cannot be opened; ELOOP for a link.
    """
    flags = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    if not make:
        return os.open(path, os.O_RDONLY | flags)
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o666)
    except IsADirectoryError:
        return os.open(path, os.O_RDONLY | flags)
