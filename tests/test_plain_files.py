"""What others may have touched is opened in one way: plain files, by descriptor, up to a size; and nowhere else."""

import ast
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mnistcore.runs import plain_files
from scripts.project import ROOT

OPENING = {"open", "fdopen", "read_text", "read_bytes", "loadtxt", "fromfile", "memmap", "safe_open", "load_file"}
# Module -> what it opens itself, which nobody else can have put there.
OWN = {
    "mnistcore/runs/plain_files.py": OPENING,
    "mnistcore/runs/atomic.py": {"open"},  # new files and folders, to write and to sync
    "mnistcore/runs/accounts.py": {"open"},  # a new file
    "mnistcore/datasets/downloads.py": {"open"},  # likewise
    "mnistcore/processes.py": {"read_text", "read_bytes"},  # the kernel's
    "mnistcore/devices/devices.py": {"read_text"},  # the kernel's
    "mnistcore/devices/device_memory.py": {"read_text", "open"},  # the kernel's, the driver's
    "mnistcore/training/torchrun_group.py": {"open"},  # a connection
    "mnistcore/imports/run_archives.py": {"open"},  # what is in a zip that was opened
    "mnistcore/datasets/idx_files.py": {"open"},  # gzip, of bytes
    "mnistcore/datasets/npy_files.py": {"open"},  # likewise
    "mnistcore/datasets/own/arrays.py": {"open"},  # gzip, of bytes
    "mnistcore/datasets/own/entries.py": {"open"},  # likewise
    "mnistcore/datasets/own/pictures.py": {"open"},  # a picture, of bytes
    "mnistcore/datasets/photos.py": {"open"},  # a picture, of bytes
    "mnistcore/datasets/digits.py": {"loadtxt"},  # scikit-learn's
    "ui/components/source.py": {"read_text"},  # its own
    "mnistcore/datasets/label_votes.py": {"read_text"},  # its own
    "mnistcore/quiz/worksheet.py": {"read_text"},  # its own
    "ui/style.py": {"read_text"},  # its own
}


def test_nothing_else_opens_a_file() -> None:
    found: dict[str, set[str]] = {}
    for folder in ("mnistcore", "server", "ui", "pages"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = ast.unparse(node.func).rpartition(".")[2]
                    if name in OPENING:
                        found.setdefault(str(path.relative_to(ROOT)), set()).add(name)
    assert {path: names - OWN.get(path, set()) for path, names in found.items() if names - OWN.get(path, set())} == {}
    assert set(OWN) - {"mnistcore/runs/plain_files.py"} <= set(found), "what opens nothing any more is not listed"


OTHERS: dict[str, Callable[[Path], object]] = {
    "a folder": os.mkdir,
    "a pipe": os.mkfifo,
    "a link": lambda path: os.symlink("/etc/hostname", path),
    "a link to nothing": lambda path: os.symlink("/nowhere", path),
    "nothing": lambda path: None,
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_is_no_plain_file_is_an_error_and_is_not_waited_for(other: str, tmp_path: Path) -> None:
    OTHERS[other](tmp_path / "file")
    with pytest.raises(OSError, match=r"file|directory|symbolic"):
        plain_files.read_file(tmp_path / "file")
    with plain_files.open_folder(tmp_path) as folder, pytest.raises(OSError, match=r"file|directory|symbolic"):
        plain_files.open_file("file", folder=folder)


def test_a_link_is_followed_where_people_may_keep_the_file_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"data")
    (tmp_path / "link").symlink_to("there")
    assert plain_files.read_file(tmp_path / "link", links=True) == b"data"
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to pipe").symlink_to("pipe")
    with pytest.raises(OSError, match="expected a file"):
        plain_files.read_file(tmp_path / "to pipe", links=True)


def test_more_than_the_limit_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert plain_files.read_file(path, max_bytes=5) == b"12345"
    with pytest.raises(OSError, match="at most 4 bytes"):
        plain_files.read_file(path, max_bytes=4)


def test_a_folder_stays_the_one_that_was_opened(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "file").write_bytes(b"old")
    with plain_files.open_folder(tmp_path / "run") as folder:
        (tmp_path / "run").rename(tmp_path / "moved")
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "file").write_bytes(b"new")
        assert plain_files.read_file("file", folder=folder) == b"old"
    (tmp_path / "link").symlink_to("run")
    with pytest.raises(OSError), plain_files.open_folder(tmp_path / "link"):
        pass


def test_a_lock_is_made_where_there_is_none_and_may_be_a_folder(tmp_path: Path) -> None:
    for name in ("file", "folder"):
        if name == "folder":
            (tmp_path / name).mkdir()
        os.close(plain_files.open_to_lock(tmp_path / name, make=True))
        os.close(plain_files.open_to_lock(tmp_path / name, make=False))
    with pytest.raises(FileNotFoundError):
        plain_files.open_to_lock(tmp_path / "none", make=False)
    (tmp_path / "link").symlink_to("file")
    with pytest.raises(OSError, match="symbolic"):
        plain_files.open_to_lock(tmp_path / "link", make=True)
