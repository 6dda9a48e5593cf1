"""Owns the words for what a disk refuses: expected, got, and what to do; knows no run."""

import errno

from mnistcore.runs.accounts import OthersError, UnprotectedError


def reason(error: OSError) -> str:
    """What the system says of a failed call, with the file that it is about where it names one."""
    return f"{error.strerror or error} ({error.filename})" if error.filename else f"{error.strerror or error}"


def disk_advice(error: OSError) -> str:
    """Expected, got, and what to do: for the ways in which a folder refuses to be written to."""
    if isinstance(error, OthersError):
        return (
            f"another account's: expected what belongs to this one, got {error.filename} of the account "
            f"{error.account}, who alone may change it. Ask {error.account}, or set MNISTCORE_ARTIFACTS to a folder of "
            "your own"
        )
    if isinstance(error, UnprotectedError):
        return (
            f"not protected: expected a shared folder with the sticky bit, got {error.filename} without it, where "
            "others may rename what is yours. Ask whoever it belongs to for `chmod +t` on it, or set "
            "MNISTCORE_ARTIFACTS to a folder of your own"
        )
    found = reason(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"disk full: expected free space, got {found}. Free some, deleting runs helps, and try again"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return (
            f"read-only: expected a folder that this user may write to, got {found}. Change its permissions, "
            "or set MNISTCORE_ARTIFACTS to another folder"
        )
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return (
            f"not a folder: expected one, or nothing in its place, got {found}. Move what is there away, "
            "or set MNISTCORE_ARTIFACTS to another folder"
        )
    return f"expected a disk that takes files, got {found}. Look after the disk, and try again"
