"""Processes: which one it is, and whether it is that very one that runs."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from mnistcore import processes
from mnistcore.processes import ProcessRecord


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


def test_nothing_is_known_without_proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = processes.this_process()
    monkeypatch.setattr(processes, "_PROC", tmp_path / "none")
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


def test_a_hidden_process_may_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = processes.this_process()
    (tmp_path / "sys/kernel/random").mkdir(parents=True)
    (tmp_path / "self/ns").mkdir(parents=True)
    (tmp_path / "sys/kernel/random/boot_id").write_text("boot\n")
    (tmp_path / "self/ns/pid").symlink_to("pid:[1]")
    monkeypatch.setattr(processes, "_PROC", tmp_path)  # a /proc that shows no process
    assert processes.is_running(replace(record, machine="boot pid:[1]")) is None
    assert processes.is_running(replace(record, machine="boot pid:[1]", pid=2**22 + 1)) is False


def test_memory_is_what_is_resident() -> None:
    held = processes.memory_bytes(os.getpid())
    assert held is not None
    assert held > 10 * 2**20
    assert processes.memory_bytes(2**22 + 1) is None
