"""Owns whose a file is, and the folders among the artifacts: closed to others, unless a group may write there.

A folder is shared by its owner's own hand: `chgrp GROUP artifacts` and `chmod 3770 artifacts`. What is made in it
follows that. In a folder with the sticky bit (the leading 1 of 3) nobody can rename or remove what is somebody else's.
"""

import errno
import os
import secrets
import stat
from contextlib import suppress
from functools import cache
from pathlib import Path

_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_BEFORE_FIRST_USE = {".gitkeep", "data"}  # what a folder of artifacts has in it that nothing was made in yet


class OthersError(PermissionError):
    """Something belongs to another account, and is not changed.

    Args:
        found: the number of that account.
        path: what belongs to it.
    """

    def __init__(self, found: int, path: Path) -> None:
        super().__init__(errno.EPERM, f"it belongs to the account {name_of(found)}", str(path))
        self.account = name_of(found)


class UnprotectedError(PermissionError):
    """Others may rename and remove in a folder what belongs to this account."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.EPERM, "others may rename what is in it", str(path))


def name_of(uid: int) -> str:
    """What an account is called here; its number where it has no name."""
    import pwd  # late: not on every system

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def owner(path: Path) -> str | None:
    """The name of the other account that something belongs to; None where it is this one's, or nothing is there."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return None if _is_ours(found, path) else name_of(found.st_uid)


def require_ours(path: Path) -> None:
    """Find out whether something belongs to this account before it is changed.

    Raises:
        OthersError: it does not.
        FileNotFoundError: nothing is there.
    """
    found = os.lstat(path)
    if not _is_ours(found, path):
        raise OthersError(found.st_uid, path)


def own_folder(path: Path) -> None:
    """A folder of this account that nobody else may write to, made where nothing is.

    Raises:
        OthersError: it belongs to another account.
        NotADirectoryError: a link or something else is in its place.
        OSError: it cannot be made.
    """
    with suppress(FileExistsError):
        os.mkdir(path, 0o755)
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    require_ours(path)
    if found.st_mode & _OTHERS_MAY_WRITE:
        with suppress(OSError):  # a file system without permissions
            os.chmod(path, stat.S_IMODE(found.st_mode) & ~_OTHERS_MAY_WRITE)


def make_folder(path: Path, *, closed: bool) -> None:
    """A folder among the artifacts, shared as these are; both are made where they are not there.

    Args:
        closed: nobody else may look into it, where the artifacts are not shared; else as the umask says.

    Raises:
        UnprotectedError: it is another account's, is shared, and has no sticky bit.
        OSError: it cannot be made.
    """
    artifacts = path.parent
    if not artifacts.is_dir():
        with suppress(FileExistsError):
            artifacts.mkdir(mode=0o700, parents=True)
    elif not is_shared(artifacts) and _is_unused(artifacts) and owner(artifacts) is None:
        _set_mode(artifacts, 0o700)
    if is_shared(artifacts):
        _protect(artifacts)
    with suppress(FileExistsError):
        os.mkdir(path, 0o700 if closed else 0o777)
    found, around = os.lstat(path), os.stat(artifacts)
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    if not (_OTHERS_MAY_WRITE & (found.st_mode | around.st_mode)):
        if closed and _is_ours(found, path):
            _set_mode(path, 0o700)
        return
    if _is_ours(found, path) and _OTHERS_MAY_WRITE & around.st_mode:
        with suppress(OSError):
            os.chown(path, -1, around.st_gid)
        _set_mode(path, stat.S_ISGID | stat.S_ISVTX | (around.st_mode & 0o777) | 0o700)
    else:
        _protect(path)


def is_shared(path: Path) -> bool:
    """Whether more accounts than its owner's may make something in a folder."""
    with suppress(OSError):
        return bool(os.stat(path).st_mode & _OTHERS_MAY_WRITE)
    return False


def _is_unused(artifacts: Path) -> bool:
    with suppress(OSError):
        return set(os.listdir(artifacts)) <= _BEFORE_FIRST_USE
    return False


def _protect(folder: Path) -> None:
    mode = stat.S_IMODE(os.stat(folder).st_mode)
    if mode & stat.S_ISVTX:
        return
    try:
        os.chmod(folder, mode | stat.S_ISVTX)
    except OSError as error:
        if owner(folder) is not None:
            raise UnprotectedError(folder) from error


def _set_mode(path: Path, mode: int) -> None:
    with suppress(OSError):  # a file system without permissions
        if stat.S_IMODE(os.stat(path).st_mode) != mode:
            os.chmod(path, mode)


def _is_ours(found: os.stat_result, path: Path) -> bool:
    account = os.geteuid()
    return found.st_uid in (account, _number_here(account, found.st_dev, path.parent))


@cache
def _number_here(account: int, _device: int, folder: Path) -> int:
    """The number that a file system gives to what this account makes: some give one of their own, as NFS to root."""
    path = folder / f".tmp-account-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return account
    try:
        return os.fstat(descriptor).st_uid
    finally:
        os.close(descriptor)
        with suppress(OSError):
            os.unlink(path)
