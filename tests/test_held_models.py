"""The records of kept models: who is alive, who is not, and what is asked of whom."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mnistcore import processes
from mnistcore.errors import StoreWriteError
from mnistcore.models import held_models
from mnistcore.models.held_models import HeldModel
from tests.here import here

RUN = "digits-mlp-0123abcd"


def model(*, run_id: str = RUN, seconds_ago: float = 0.0) -> HeldModel:
    used = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return HeldModel(run_id=run_id, device="cpu", size_bytes=1000, last_used=used)


def change(path: Path, **process: object) -> None:
    """Make the record one of another process."""
    record = json.loads(path.read_text(encoding="utf-8"))
    record["process"] |= process
    path.write_text(json.dumps(record), encoding="utf-8")


@pytest.fixture
def path(artifacts: Path) -> Path:
    """The record of this process with one model."""
    name = held_models.new_name()
    held_models.write(here().holders, name, [model()])
    return artifacts / "holders" / f"{name}.json"


def test_nothing_is_held_where_nobody_wrote(artifacts: Path) -> None:
    assert held_models.read(here().holders) == ()
    assert not artifacts.exists()


def test_a_record_is_read_back(path: Path) -> None:
    (process,) = held_models.read(here().holders)
    assert (process.name, process.pid) == (path.stem, os.getpid())
    assert [(held.run_id, held.device, held.size_bytes) for held in process.models] == [(RUN, "cpu", 1000)]


def test_the_time_that_a_model_has_left() -> None:
    held = model(seconds_ago=100)
    assert held.idle_seconds == pytest.approx(100, abs=5)
    assert held.leaves_in_seconds == pytest.approx(held_models.IDLE_SECONDS - 100, abs=5)
    assert model(seconds_ago=10_000).leaves_in_seconds == 0


def test_nothing_is_left_of_an_empty_record(path: Path) -> None:
    held_models.request_release(here().holders, path.stem, RUN)
    held_models.write(here().holders, path.stem, [])
    assert list(path.parent.iterdir()) == []
    held_models.write(here().holders, path.stem, [])  # nor is there anything to remove


def test_what_a_dead_process_left_is_removed(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    change(path, pid=process.pid)
    held_models.request_release(here().holders, path.stem, RUN)
    assert held_models.read(here().holders) == ()
    assert list(path.parent.iterdir()) == []


def test_a_process_that_only_has_the_number_is_another_one(path: Path) -> None:
    change(path, started=1)
    assert held_models.read(here().holders) == ()
    assert not path.exists()


def test_another_machines_record_is_left_alone_for_an_hour(path: Path) -> None:
    change(path, machine="another boot")
    assert held_models.read(here().holders) == (), "its models lie in that machine's memory"
    assert path.exists()
    old = path.stat().st_mtime - held_models.UNKNOWN_PROCESS_SECONDS - 1
    os.utime(path, (old, old))
    assert held_models.read(here().holders) == ()
    assert not path.exists()


def test_on_a_system_that_does_not_tell_a_record_counts_until_it_is_old(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "this_machine", lambda: None)
    change(path, machine=None, started=None)
    assert [process.name for process in held_models.read(here().holders)] == [path.stem]


@pytest.mark.parametrize("text", ["", "{", '{"schema_version": 2}', "[]"])
def test_what_cannot_be_read_is_left_alone(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8")
    (path.parent / "notes.json").write_text("{}", encoding="utf-8")
    assert held_models.read(here().holders) == ()
    assert path.exists()


def test_a_request_is_seen_and_answered(path: Path) -> None:
    assert held_models.release_requests(here().holders, path.stem) == frozenset()
    held_models.request_release(here().holders, path.stem, RUN)
    held_models.request_release(here().holders, path.stem, RUN)
    held_models.request_release(here().holders, path.stem, "digits-cnn-89abcdef")
    assert held_models.release_requests(here().holders, path.stem) == {RUN, "digits-cnn-89abcdef"}
    held_models.withdraw_request(here().holders, path.stem, RUN)
    held_models.withdraw_request(here().holders, path.stem, RUN)
    assert held_models.release_requests(here().holders, path.stem) == {"digits-cnn-89abcdef"}


def test_a_request_that_cannot_be_written_says_so(artifacts: Path) -> None:
    artifacts.mkdir()
    (artifacts / "holders").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreWriteError, match="cannot write to"):
        held_models.request_release(here().holders, "1-00000000", RUN)
