"""Owns being somebody else: root may do anything, so what ordinary users are refused is tried as one of them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


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
