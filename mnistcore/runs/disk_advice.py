"""Owns the words for what a disk refuses: expected, got, and what to do; knows no run."""

import errno


def reason(error: OSError) -> str:
    """What the system says of a failed call, with the file that it is about where it names one."""
    return f"{error.strerror or error} ({error.filename})" if error.filename else f"{error.strerror or error}"


def disk_advice(error: OSError) -> str:
    """Expected, got, and what to do: for the ways in which a folder refuses to be written to."""
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
