"""Owns locks of files that another process may hold, hand on, or leave behind when it dies."""

import errno
import fcntl
import os
import random
import re
import time
from contextlib import suppress
from pathlib import Path

from mnistcore.runs import plain_files

LOCK_SECONDS = 5.0  # so long a lock may be held by somebody who does not say what for
_PROC = Path("/proc")
_LOOKS = 100  # at a lock that others look at, too, before it counts as held


class Lock:
    """A file that one process at a time holds; the system lets go of it when that process ends, however it ends.

    Args:
        mode: who may open the file, and so hold it.
        descriptor: of the file, where it is held already.
    """

    def __init__(self, path: Path, *, mode: int = 0o600, descriptor: int = -1) -> None:
        self._path, self._mode, self.descriptor = path, mode, descriptor
        self.works = True  # False where it was acquired on a disk that has no locks
        if descriptor >= 0:
            os.set_inheritable(descriptor, False)

    def acquire(self) -> bool:
        """Take it, if nobody has it."""
        while True:
            descriptor = self._open()
            taken = self._take(descriptor)
            if taken and not self._is_in_place(descriptor):  # removed with its folder: the next one is another file
                os.close(descriptor)
                continue
            if taken:
                self.descriptor = descriptor
            else:
                os.close(descriptor)
            return taken

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)  # a process that was handed it keeps holding it
        self.descriptor = -1

    def _open(self) -> int:
        while True:
            try:
                return plain_files.open_to_lock(self._path, make=True, mode=self._mode)
            except OSError as error:
                if error.errno != errno.ELOOP:
                    raise
                with suppress(FileNotFoundError):  # a link is no lock of ours, and leads out of the folder
                    self._path.unlink()

    def _is_in_place(self, descriptor: int) -> bool:
        with suppress(OSError):
            return os.path.samestat(os.fstat(descriptor), os.stat(self._path))
        return False

    def _take(self, descriptor: int) -> bool:
        for _ in range(_LOOKS):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                pass
            except OSError as error:
                if error.errno != errno.ESTALE:  # a file system without locks
                    self.works = False
                    return True
            # `is_held` shares it for a moment with others who look. An owner shares it with nobody.
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            time.sleep(random.uniform(0, 0.004))
        return False

    @staticmethod
    def is_held(path: Path) -> bool:
        """Whether somebody has it now."""
        try:
            descriptor = plain_files.open_to_lock(path, make=False)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return False

    @staticmethod
    def holder(path: Path) -> int | None:
        """The number of the process that took it, as far as the system tells (Linux); None where it does not."""
        with suppress(OSError):
            lock = os.stat(path, follow_symlinks=False)
            file = f"{os.major(lock.st_dev):02x}:{os.minor(lock.st_dev):02x}:{lock.st_ino}"
            told = plain_files.read_file(_PROC / "locks").decode("ascii", "replace")
            found = re.search(rf"^\d+: (?:FLOCK|POSIX) +ADVISORY +WRITE ([1-9]\d*) {file} ", told, re.MULTILINE)
            return int(found[1]) if found else None
        return None

    @staticmethod
    def is_held_by(path: Path, pid: int) -> bool:
        """Whether that very process holds it, as far as the system shows descriptors: only those of this account."""
        try:
            descriptor = plain_files.open_to_lock(path, make=False)
        except OSError:
            return False
        try:
            return _has_locked(pid, descriptor)
        except OSError:  # ended
            return False
        finally:
            os.close(descriptor)


def _has_locked(pid: int, descriptor: int) -> bool:
    lock = os.fstat(descriptor)
    if lock.st_nlink != 1:  # with another name, too, it may be anybody's
        return False
    if not _PROC.is_dir():  # macOS
        import psutil

        with suppress(psutil.Error):
            return any(os.path.samestat(os.stat(each.path), lock) for each in psutil.Process(pid).open_files())
        return False
    for name in os.listdir(_PROC / str(pid) / "fd"):
        with suppress(OSError):  # just closed
            if os.path.samestat(os.stat(_PROC / str(pid) / "fd" / name), lock):
                told = plain_files.read_file(_PROC / str(pid) / "fdinfo" / name).decode("ascii", "replace")
                if re.search(r"^lock:.* WRITE ", told, re.MULTILINE) or not _is_told(descriptor):
                    return True
    return False


def _is_told(descriptor: int) -> bool:
    """Whether the system tells which process has locked a file: gVisor never does, and some disks have no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    except OSError:
        return False
    return (_PROC / "locks").exists()
