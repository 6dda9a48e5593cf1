"""Processes: which one it is, and whether it is that very one that runs."""

import json
import os
import platform
import re
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import psutil
import pytest

from mnistcore import processes
from mnistcore.processes import ProcessRecord
from tests.surroundings import BARE, HOSTILE


def test_a_record_survives_json() -> None:
    here = processes.this_process()
    assert here.pid == os.getpid()
    assert processes.parse_record(json.loads(json.dumps(asdict(here)))) == here


@pytest.mark.parametrize(
    "data", [None, [], "1", {}, {"pid": "1"}, {"pid": 1, "machine": 1, "started": 1}, {"pid": 1, "started": "x"}]
)
def test_what_is_no_record_is_none(data: object) -> None:
    assert processes.parse_record(data) is None


def test_only_the_very_process_runs() -> None:
    here = processes.this_process()
    assert processes.is_running(here) is True
    assert here.started is not None
    assert processes.is_running(replace(here, started=here.started - 1)) is False  # its number is taken again
    assert processes.is_running(replace(here, started=None)) is False
    assert processes.is_running(replace(here, pid=2**22 + 1)) is False


def test_nothing_is_known_of_another_machine() -> None:
    here = processes.this_process()
    assert processes.is_running(replace(here, machine="another boot or container")) is None
    assert processes.is_running(replace(here, machine=None)) is None


@pytest.fixture
def proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A /proc of the test's own, which is not there yet."""
    folder = tmp_path / "proc"
    monkeypatch.setattr(processes, "_PROC", folder)
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(folder))
    return folder


def test_nothing_is_known_without_proc(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    here = processes.this_process()
    request.getfixturevalue("proc")
    assert processes.this_process() == ProcessRecord(machine=None, pid=os.getpid(), started=None)
    assert processes.is_running(here) is None
    assert processes.memory_bytes(os.getpid()) is None


def test_a_zombie_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        record = processes.process(child.pid)
        assert processes.is_running(record) is True
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, and not taken away yet
        assert processes.is_running(record) is False
    assert processes.is_running(record) is False


def test_a_clock_that_is_set_changes_no_record(proc: Path) -> None:
    """What psutil calls the time of a start moves with the clock; what a record holds is the kernel's own number."""
    for name in ("sys/kernel/random", "self/ns", "7"):
        (proc / name).mkdir(parents=True)
    (proc / "sys/kernel/random/boot_id").write_text("boot\n")
    (proc / "self/ns/pid").symlink_to("pid:[1]")
    fields = ["7", "(a (b) c)", "S", *["0"] * 18, "123457", *["0"] * 30]
    (proc / "7/stat").write_text(" ".join(fields))
    (proc / "7/status").write_text("State: S (sleeping)\nVmRSS: 5 kB\n")
    for boot in (1_700_000_000, 1_700_003_600):
        (proc / "stat").write_text(f"cpu  0 0 0 0\nbtime {boot}\n")
        assert processes.process(7).started == 123457


def test_only_the_very_process_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        record = processes.process(child.pid)
        assert record.started is not None
        for other in (replace(record, started=record.started - 1), replace(record, machine="another")):
            assert processes.kill(other, is_meant=lambda _: True) is False
        assert processes.is_running(record) is True
        assert processes.kill(record, is_meant=lambda _: False) is False
        assert processes.is_running(record) is True
        assert processes.kill(record, is_meant=lambda _: True) is True
        assert child.wait(10) == -signal.SIGKILL
    assert processes.kill(record, is_meant=lambda _: True) is False


def test_memory_is_what_the_kernel_says() -> None:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    said = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024  # type: ignore[index]
    assert processes.memory_bytes(os.getpid()) == pytest.approx(said, rel=0.1)
    assert processes.memory_bytes(2**22 + 1) is None


def test_on_a_mac_a_start_is_told_in_milliseconds(monkeypatch: pytest.MonkeyPatch, proc: Path) -> None:
    class Mac:
        def __init__(self, pid: int) -> None:
            if pid != 7:
                raise psutil.NoSuchProcess(pid)

        def status(self) -> str:
            return psutil.STATUS_RUNNING

        def create_time(self) -> float:
            return 1_700_000_000.123456

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(psutil, "Process", Mac)
    record = processes.process(7)
    assert record == ProcessRecord(machine=platform.node(), pid=7, started=1_700_000_000_123)
    assert processes.is_running(record) is True
    assert processes.is_running(replace(record, started=1)) is False


def test_a_hidden_process_may_run(proc: Path) -> None:
    record = ProcessRecord(machine="", pid=os.getpid(), started=1)
    (proc / "sys/kernel/random").mkdir(parents=True)
    (proc / "self/ns").mkdir(parents=True)
    (proc / "sys/kernel/random/boot_id").write_text("boot\n")
    (proc / "self/ns/pid").symlink_to("pid:[1]")  # a /proc that shows no process
    assert processes.is_running(replace(record, machine="boot pid:[1]")) is None
    assert processes.is_running(replace(record, machine="boot pid:[1]", pid=2**22 + 1)) is False


def test_a_process_that_may_not_be_looked_at_may_run(monkeypatch: pytest.MonkeyPatch) -> None:
    here = processes.this_process()

    def refuse(self: psutil.Process) -> str:
        raise psutil.AccessDenied(self.pid)

    monkeypatch.setattr(psutil.Process, "status", refuse)
    assert processes.is_running(here) is None
    assert processes.is_running(replace(here, pid=2**22 + 1)) is False


# --- a process of ours ------------------------------------------------------------------------------------------


@pytest.fixture(params=[BARE, HOSTILE], ids=["bare", "hostile"])
def caller(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Whoever starts a process: its environment, and the folder that it stands in, which has a `mnistcore` too."""
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in request.param.items():
        monkeypatch.setenv(name, value)
    if "PYTHONWARNINGS" in request.param:
        monkeypatch.setenv("PYTHONPATH", f"near{os.pathsep}")
    (tmp_path / "mnistcore").mkdir()
    (tmp_path / "mnistcore" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "mnistcore.py").write_text("raise SystemExit('the wrong one')")
    (tmp_path / "near" / "theirs.py").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said_by(code: str) -> str:
    with processes.start_python(["-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
        assert child.stdout is not None
        said = child.stdout.read()
    assert child.returncode == 0, said
    return said.decode()


def test_a_child_speaks_utf8_in_any_environment(caller: Path) -> None:
    assert said_by("print('– 日本語 \\udcff')") == "– 日本語 \\udcff\n"
    assert said_by("import sys; print(sys.stderr.encoding, sys.flags.optimize, sys.warnoptions)") == "utf-8 0 []\n"
    assert said_by("import warnings; warnings.warn('x'); input").count("Error") == 0


def test_a_child_tells_at_once_and_is_asked_nothing(caller: Path) -> None:
    """Its lines are there while it still runs: it ends only when the pipe that it waits at is closed."""
    here, there = os.pipe()
    code = f"import os, sys; print('begun'); os.read({here}, 1); print(sys.stdin.read() == '')"
    with processes.start_python(["-c", code], stdout=subprocess.PIPE, pass_fds=(here,)) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"begun\n"
        os.close(there)
        assert child.stdout.read() == b"True\n"
    os.close(here)


def test_a_child_finds_this_very_package(caller: Path) -> None:
    assert said_by("import mnistcore; print(mnistcore.__file__)") == f"{Path(processes.__file__).parent}/__init__.py\n"
    if "PYTHONPATH" in os.environ:
        assert said_by("import theirs; print(theirs.__file__)") == f"{caller}/near/theirs.py\n"


def test_a_child_prints_no_colours_and_knows_no_width(caller: Path) -> None:
    table = "from rich.console import Console; Console().print('[red]' + 'word ' * 12)"
    assert said_by(table) == "word " * 12 + "\n"


def test_what_is_given_goes_before_what_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_VALUE", "theirs")
    monkeypatch.setenv("TOY_OTHER", "kept")
    code = "import os; print(os.environ['TOY_VALUE'], os.environ['TOY_OTHER'])"
    with processes.start_python(["-c", code], variables={"TOY_VALUE": "ours"}, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.read() == b"ours kept\n"


@pytest.mark.parametrize("pid", [0, -1, 2**31, 10**30])
def test_what_is_no_process_number_is_no_record(pid: int) -> None:
    with pytest.raises(ValueError, match="expected the number of a process"):
        ProcessRecord(machine=None, pid=pid, started=None)
    assert processes.parse_record({"machine": None, "pid": pid, "started": None}) is None


def test_memory_is_what_is_resident() -> None:
    held = processes.memory_bytes(os.getpid())
    assert held is not None
    assert held > 10 * 2**20
    assert processes.memory_bytes(2**22 + 1) is None
