"""Owns being somebody else: root may do anything, so what ordinary users are refused is tried as one of them."""

import ctypes
import importlib
import os
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar, cast

from tests.forks import fork, pipe

NOBODY = 65534
PATIENCE_SECONDS = 120.0
LATE = ("encodings.ascii", "encodings.latin_1", "encodings.unicode_escape", "psutil", "pwd", "mnistcore.jobs.jobs")
T = TypeVar("T")


@contextmanager
def ordinary_user() -> Iterator[Path]:
    """A folder of an ordinary user, and this process as that user: nobody, where root runs the tests."""
    folder = Path(tempfile.mkdtemp())  # pytest's own folders are closed to nobody
    groups, group = os.getgroups(), os.getegid()
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.chown(folder, NOBODY, NOBODY)
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, group)
            os.setresuid(NOBODY, NOBODY, 0)  # the saved one stays, as the way back
        try:
            yield folder
        finally:
            if is_root:
                os.setresuid(0, 0, 0)
                os.setresgid(group, group, group)
                os.setgroups(groups)
    finally:
        for path in (folder, *folder.rglob("*")):
            if path.is_dir():
                path.chmod(0o700)
        shutil.rmtree(folder)


# Two accounts that nobody has, and the group that both are in. 0.2.0 was tried with the same.
ALICE, BOB, LAB = 61001, 61002, 61003


@contextmanager
def shared_folder(mode: int, *, owner: int = ALICE) -> Iterator[Path]:
    """A folder of one account that the group may use as ``mode`` says, where every account can come to; root only."""
    base = Path(tempfile.mkdtemp())
    base.chmod(0o755)
    folder = base / "artifacts"
    folder.mkdir()
    os.chown(folder, owner, LAB)
    folder.chmod(mode)
    try:
        yield folder
    finally:
        shutil.rmtree(base)


def as_account(uid: int, function: Callable[..., T], *arguments: object, umask: int = 0o022) -> T:
    """What a function of a test module gives in a process of another account, which cannot come back.

    What `setpriv --reuid --regid --groups` does, by the same calls, in a process that has Python loaded: root's own
    Python may lie where nobody else may look.
    """
    receiver, sender = pipe()
    process = fork(_as_account, sender, uid, umask, function, arguments)
    sender.close()
    try:
        if not receiver.poll(PATIENCE_SECONDS):
            process.kill()
            raise AssertionError(f"{function.__name__} hangs")
        kind, value = receiver.recv()
    except EOFError:
        raise AssertionError(f"{function.__name__} has ended") from None
    finally:
        receiver.close()
        process.join()
    assert kind == "gives", value
    return cast(T, value)


def become(uid: int, function: Callable[..., object], *arguments: object) -> None:
    """Call a function as another account; for `fork`."""
    _become(uid)
    function(*arguments)


def _as_account(
    sender: Connection, uid: int, umask: int, function: Callable[..., object], arguments: tuple[object, ...]
) -> None:
    _become(uid)
    os.umask(umask)
    try:
        sender.send(("gives", function(*arguments)))
    except BaseException:
        sender.send(("fails", traceback.format_exc()))


def _become(uid: int) -> None:
    for name in LATE:  # what is imported late cannot be found any more where only root may look
        importlib.import_module(name)
    os.setgroups([LAB])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    ctypes.CDLL(None).prctl(4, 1)  # PR_SET_DUMPABLE: shown to its account, as a process that this has started itself
