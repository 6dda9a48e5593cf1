"""Atomic: a folder is there wholly or not at all; dead writers' leftovers go, living ones' stay."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnistcore import processes
from mnistcore.runs import atomic
from tests.disk_faults import Faults, Killed, steps_of


def stage(target: Path, text: str) -> None:
    with atomic.staging(target) as staged:
        atomic.write_file(staged.folder / "file", text.encode())
        atomic.publish(staged)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "name-with-dashes"


def abandoned(root: Path, name: str, *, pid: int, started: int | None, machine: str | None) -> Path:
    wrapper = root / f".tmp-{name}-{pid}-0123abcd"
    (wrapper / "new").mkdir(parents=True)
    (wrapper / "writer.json").write_text(json.dumps({"pid": pid, "started": started, "machine": machine}))
    return wrapper


def test_publishes_a_new_folder_and_leaves_nothing_behind(target: Path) -> None:
    stage(target, "one")
    assert (target / "file").read_text() == "one"
    assert os.listdir(target.parent) == [target.name]


def test_writes_more_than_one_write_call_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic, "_disk_write", lambda descriptor, data: os.write(descriptor, data[:3]))
    atomic.write_file(tmp_path / "file", b"0123456789")
    assert (tmp_path / "file").read_bytes() == b"0123456789"


def test_never_writes_over_a_file_or_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("there", "link"):
        with pytest.raises(FileExistsError):
            atomic.write_file(tmp_path / name, b"new")
    assert (tmp_path / "there").read_text() == "kept"
    assert not (tmp_path / "elsewhere").exists()


def test_refuses_an_occupied_place(target: Path) -> None:
    stage(target, "one")
    with pytest.raises(FileExistsError):
        stage(target, "two")
    assert (target / "file").read_text() == "one"
    assert os.listdir(target.parent) == [target.name]


def test_removes_what_a_dead_process_left(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from mnistcore.runs import atomic\n"
        "with atomic.staging(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "run")], check=False, cwd=Path(__file__).parents[1])
    assert len(os.listdir(tmp_path)) == 1
    atomic.remove_stale(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_reused_process_number_is_not_taken_for_the_writer(tmp_path: Path) -> None:
    abandoned(tmp_path, "run", pid=os.getpid(), started=1, machine=processes.this_machine())
    atomic.remove_stale(tmp_path)
    assert os.listdir(tmp_path) == []


def test_leaves_a_living_writer_alone_however_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if processes.this_machine() is not None:
        monkeypatch.setattr(atomic, "UNKNOWN_WRITER_SECONDS", -1.0)
    with atomic.staging(tmp_path / "run") as staged:
        atomic.remove_stale(tmp_path)
        assert staged.folder.is_dir()


@pytest.mark.parametrize("machine", [None, "another boot or container"])
def test_asks_only_for_the_age_where_the_writer_cannot_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str | None
) -> None:
    wrapper = abandoned(tmp_path, "run", pid=2**22 + 1, started=1, machine=machine)
    atomic.remove_stale(tmp_path)
    assert wrapper.exists()
    monkeypatch.setattr(atomic, "UNKNOWN_WRITER_SECONDS", -1.0)
    atomic.remove_stale(tmp_path)
    assert not wrapper.exists()


def test_works_by_age_without_proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_PROC", tmp_path / "none")
    stage(tmp_path / "run", "one")
    with atomic.staging(tmp_path / "run") as staged:
        atomic.remove_stale(tmp_path)
        assert staged.folder.is_dir()


@pytest.mark.parametrize("record", [b"", b"{}", b"[1]", b'{"pid": "x"}', b"\xff"])
def test_a_spoilt_record_counts_as_unknown(tmp_path: Path, record: bytes) -> None:
    wrapper = abandoned(tmp_path, "run", pid=1, started=1, machine=None)
    (wrapper / "writer.json").write_bytes(record)
    atomic.remove_stale(tmp_path)
    assert wrapper.exists()


def test_hidden_names_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / ".gitkeep").touch()
    (tmp_path / ".tmp-not-ours").mkdir()
    atomic.remove_stale(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [".gitkeep", ".tmp-not-ours"]


def test_removes_a_link_but_not_what_it_points_to(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(outside)
    atomic.remove(tmp_path / "root" / "link")
    assert os.listdir(tmp_path / "root") == []
    assert (outside / "file").exists()


def test_what_could_not_be_freed_is_freed_later(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage(target, "one")

    def fail(path: Path) -> None:
        raise OSError(errno.EIO, "injected")

    with monkeypatch.context() as patched:
        patched.setattr(atomic, "_disk_remove", fail)
        atomic.remove(target)
    assert not target.exists()
    assert len(os.listdir(target.parent)) == 1
    atomic.remove_stale(target.parent)
    assert os.listdir(target.parent) == []


# --- a single file ------------------------------------------------------------------------------------------------


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    for text in (b"one", b"two"):
        atomic.replace_file(tmp_path / "file", text)
        assert (tmp_path / "file").read_bytes() == text
        assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, None])
def test_a_fault_at_any_step_leaves_the_old_file_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: Faults, there: bool, code: int | None
) -> None:
    def prepared(name: str) -> Path:
        path = tmp_path / name / "file"
        path.parent.mkdir()
        (path.parent / "other").write_bytes(b"other")
        if there:
            atomic.replace_file(path, b"old")
        return path

    path = prepared("count")
    steps = steps_of(faults, lambda: atomic.replace_file(path, b"new"))
    assert steps == 4  # write, wait, rename, wait
    outcomes = []
    for step in range(steps):
        path = prepared(str(step))
        faults.arm(step, lambda: Killed() if code is None else OSError(code, os.strerror(code)))
        with pytest.raises((OSError, Killed)):
            atomic.replace_file(path, b"new")
        faults.disarm()
        outcomes.append(path.exists() and path.read_bytes() == b"new")
        assert outcomes[-1] or (path.read_bytes() == b"old" if there else not path.exists())
        assert (path.parent / "other").read_bytes() == b"other"
        assert (len(os.listdir(path.parent)) == 1 + path.exists()) or code is None
        atomic.replace_file(path, b"new")
        assert path.read_bytes() == b"new"
        with monkeypatch.context() as patched:
            patched.setattr(atomic, "FILE_SECONDS", -1.0)
            atomic.remove_stale(path.parent)
        assert sorted(os.listdir(path.parent)) == ["file", "other"]
    assert outcomes == [False, False, False, True]


def test_a_file_on_its_way_is_left_alone_while_it_may_be_somebodys(tmp_path: Path) -> None:
    on_its_way = tmp_path / f".tmp-file-{os.getpid()}-0123abcd"
    on_its_way.touch()
    atomic.remove_stale(tmp_path)
    assert on_its_way.exists()
