"""How long the queue may get, who is next whatever the clock says, who holds a place, and disks that lack what is asked."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mnistcore import config, processes
from mnistcore.__main__ import app
from mnistcore.errors import TrainingError, TrainingStoppedError
from mnistcore.jobs import job_files, jobs, locks, turns
from mnistcore.jobs.listing import list_jobs, listing
from mnistcore.jobs.records import Status
from mnistcore.jobs.stopping import StopAfterHours
from mnistcore.runs import accounts, open_runs, plain_files
from mnistcore.training.resume_points import ResumePoints
from scripts.toys import toy_content
from tests.here import here, store_here
from tests.observing import Listening
from tests.trainings import make_up, recipe, toy_point
from ui.core_words import in_japanese

RUN = config.run_id(recipe())


def status_of(run_id: str) -> Status:
    status = job_files.read_status(here().jobs / run_id)
    assert status is not None
    return status


def change_status(run_id: str, **changes: Any) -> None:
    job_files.atomic.replace_file(
        here().jobs / run_id / "status.json",
        status_of(run_id).model_copy(update=changes).model_dump_json().encode(),
        sync=False,
    )


def make_waiting(count: int) -> list[str]:
    """Trainings that wait for this computer's CPU, in this very process, in the order of their coming."""
    made = [make_up(recipe(seed=seed), state="waiting", lives=True) for seed in range(1, count + 1)]
    for place, run_id in enumerate(made):
        change_status(run_id, site=jobs.site("cpu"), ticket=float(place))
    return made


@contextmanager
def locking(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that is no training and holds a lock, until it is killed."""
    code = (
        f"import fcntl, os\nfile = os.open({str(path)!r}, os.O_RDWR | os.O_CREAT)\nfcntl.flock(file, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\ninput()"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.fixture
def held() -> Iterator[Path]:
    """The one place on the CPU, taken by a process that is no training."""
    here().jobs.mkdir(parents=True)
    (path,) = turns._places(here(), "cpu", jobs.site("cpu"))
    with locking(path):
        yield path


# --- how many may wait --------------------------------------------------------------------------------------------


def test_nine_trainings_wait_for_nobody_more() -> None:
    make_waiting(turns.MAX_WAITING + 1)
    for start in (jobs.start, jobs.run):
        with pytest.raises(TrainingError, match=r"queue for cpu is full: expected at most 8 training runs") as raised:
            start(here(), recipe(seed=99), device="cpu")
        assert "待てるのは 8 件まで" in (in_japanese(str(raised.value)) or "")
    assert not (here().jobs / config.run_id(recipe(seed=99))).exists()
    result = CliRunner().invoke(
        app, ["train", "--dataset", "digits", "--model", "linear", "--seed", "99", "--device", "cpu"]
    )
    assert result.exit_code == 1
    assert "at most 8 training runs waiting" in " ".join(result.stderr.split())


def test_another_device_has_a_queue_of_its_own() -> None:
    for run_id in make_waiting(turns.MAX_WAITING + 1):
        change_status(run_id, site="elsewhere")
    assert jobs.run(here(), recipe(seed=99), device="cpu").run.status == "complete"


def test_one_that_waits_already_is_watched_though_there_is_no_room() -> None:
    first, *_ = make_waiting(turns.MAX_WAITING + 1)
    assert jobs.start(here(), recipe(seed=1), device="cpu").run_id == first


# --- who is next --------------------------------------------------------------------------------------------------


def test_a_clock_that_was_put_back_by_a_day_changes_no_order() -> None:
    first, second = make_waiting(2)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="microseconds")
    change_status(first, queued=tomorrow, updated=tomorrow)
    assert [(job.run_id, job.place) for job in list_jobs(here())] == [(first, 1), (second, 2)]


def test_who_was_suspended_before_the_clock_was_put_back_lets_the_others_pass() -> None:
    (asleep,) = make_waiting(1)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="microseconds")
    change_status(asleep, queued=tomorrow, updated=tomorrow)
    began = time.monotonic()
    assert jobs.run(here(), recipe(seed=9), device="cpu").run.status == "complete"
    assert time.monotonic() - began < 20


def test_a_status_of_before_says_nothing_of_tickets() -> None:
    first, second = make_waiting(2)
    for run_id, seconds in ((first, 5), (second, 3)):
        queued = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="microseconds")
        change_status(run_id, ticket=None, queued=queued)
    assert [job.run_id for job in list_jobs(here())] == [first, second]


def test_a_ticket_is_higher_than_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    from mnistcore.jobs import records

    one = records.ticket()
    monkeypatch.setattr(records, "datetime", None)  # no clock is asked
    assert records.ticket() >= one > 0


# --- who holds a place --------------------------------------------------------------------------------------------


def wait_a_while() -> list[str]:
    """What one that waits is told until it is stopped."""
    told: list[str] = []
    until = time.monotonic() + 60
    listening = Listening(on_warning=told.append, should_stop=lambda: bool(told) or time.monotonic() > until)
    with pytest.raises(TrainingStoppedError, match="while it waited"):
        jobs.run(here(), recipe(), device="cpu", observer=listening)
    return told


def test_who_holds_a_place_without_training_is_named(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "QUEUE_SECONDS", 0.1)
    pid = locks.Lock.holder(held)
    (told,) = wait_a_while()
    assert f"held by process {pid} of the account {accounts.name_of(os.geteuid())}: expected a training run" in told
    (job,) = list_jobs(here())
    assert job.warnings == (told,)


def test_who_cannot_be_seen_is_said_to_be_so(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "QUEUE_SECONDS", 0.1)
    monkeypatch.setattr(locks.Lock, "holder", staticmethod(lambda _: None))
    (told,) = wait_a_while()
    assert "held by a process that cannot be seen from here" in told


def test_who_waits_for_a_training_looks_at_the_others_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "QUEUE_SECONDS", 0.05)
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.01)
    change_status(make_up(recipe(seed=1), state="training", lives=True), site=jobs.site("cpu"))
    looks: list[object] = []
    monkeypatch.setattr(turns, "list_jobs", lambda workspace: (looks.append(workspace), list_jobs(workspace))[1])
    asked = iter(range(100))
    (path,) = turns._places(here(), "cpu", jobs.site("cpu"))
    place = locks.Lock(path)
    assert place.acquire()
    with place, pytest.raises(TrainingStoppedError):
        jobs.run(here(), recipe(), device="cpu", observer=Listening(should_stop=lambda: next(asked) == 99))
    assert 1 <= len(looks) <= 3  # the list is tidied, too


def test_a_lock_that_is_stale_for_a_moment_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    flock, failing = fcntl.flock, [True]

    def stale(descriptor: int, how: int) -> None:
        if failing.pop() if failing else False:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        flock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", stale)
    lock = locks.Lock(tmp_path / "lock")
    assert lock.acquire()
    with lock:
        assert lock.works
        assert locks.Lock.is_held(tmp_path / "lock")


def test_only_its_owner_may_hold_a_lock() -> None:
    jobs.run(here(), recipe(), device="cpu")
    (place,) = turns._places(here(), "cpu", jobs.site("cpu"))
    folder = here().jobs / RUN
    assert [path.stat().st_mode & 0o777 for path in (here().jobs, place, folder / "lock")] == [0o700, 0o600, 0o600]


# --- how long one may train ---------------------------------------------------------------------------------------


def test_a_training_ends_itself_after_so_many_hours_and_can_be_resumed() -> None:
    limited = replace(here(), max_hours=1e-7)
    told: list[str] = []
    with pytest.raises(TrainingStoppedError):
        jobs.run(limited, recipe(epochs=30), device="cpu", observer=Listening(on_warning=told.append))
    (job,) = list_jobs(here())
    assert job.state == "interrupted"
    (warning,) = [text for text in job.warnings if "MNISTCORE_MAX_HOURS" in text]
    assert "the longest that a training run may take here" in warning
    assert told == [warning]
    assert jobs.run_again(here(), job.run_id).run.status == "complete"


def test_the_hours_begin_with_the_training_not_with_its_waiting() -> None:
    limit = StopAfterHours(0.0, lambda text: None)
    assert not limit.should_stop()
    limit.begin()
    assert limit.should_stop()
    assert not StopAfterHours(None, lambda text: None).should_stop()


# --- many that have ended -----------------------------------------------------------------------------------------


def test_what_has_ended_is_read_once_and_again_when_it_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = make_up(recipe(), state="complete")
    folder = here().jobs / run_id
    for path in (*folder.iterdir(), folder):
        os.utime(path, (1e9, 1e9))
    assert listing(here()).jobs[0].state == "complete"
    read: list[Path] = []
    load = job_files._load_status
    monkeypatch.setattr(job_files, "_load_status", lambda folder: (read.append(folder), load(folder))[1])
    assert listing(here()).jobs[0].state == "complete"
    assert read == []
    change_status(run_id, state="failed")
    assert listing(here()).jobs[0].state == "failed"
    (folder / "status.json").write_bytes((folder / "status.json").read_bytes().replace(b"failed", b"complete"))
    assert listing(here()).jobs[0].state == "complete"
    (folder / "resume").mkdir()
    change_status(run_id, state="interrupted")
    assert listing(here()).jobs[0].resumable is False
    for path in (*folder.iterdir(), folder):
        os.utime(path, (1e9, 1e9))
    assert listing(here()).jobs[0].resumable is False
    (folder / "resume" / "resume.json").touch()
    assert listing(here()).jobs[0].resumable is True
    jobs.forget(here(), run_id)
    assert listing(here()).jobs == ()
    assert not [folder for folder in job_files._ended if folder.parent == here().jobs]


# --- disks that lack something ------------------------------------------------------------------------------------


def no_locks(*_: object) -> None:
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


def test_a_disk_without_locks_is_said_and_who_trains_is_told_from_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", no_locks)
    told: list[str] = []
    result = jobs.run(here(), recipe(), device="cpu", observer=Listening(on_warning=told.append))
    assert result.run.status == "complete"
    assert [text for text in told if "has no locks" in text]
    other = make_up(recipe(seed=7), state="training", lives=True)
    change_status(other, site=jobs.site("cpu"))
    waits: list[object] = []

    def ends(job: object) -> None:
        waits.append(job)
        change_status(other, state="complete")

    assert jobs.run(here(), recipe(seed=8), device="cpu", on_wait=ends).run.status == "complete"
    assert waits


def test_a_file_that_was_replaced_on_its_server_is_read_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"data")
    run = store_here().save(toy_content())
    failing = [True]
    open_file = plain_files.open_file

    def stale(*arguments: Any, **options: Any) -> Any:
        if failing.pop() if failing else False:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return open_file(*arguments, **options)

    monkeypatch.setattr(plain_files, "open_file", stale)
    assert plain_files.read_file(tmp_path / "file") == b"data"
    failing.append(True)
    assert store_here().manifest(run.run_id) == run
    failing.append(True)
    assert store_here().predictions(run, "test") is not None
    make_up(recipe(), state="complete")
    failing.append(True)
    assert listing(here()).problems == ()
    failing.extend([True] * 2 * open_runs.ATTEMPTS)
    assert "Stale" in str(listing(here()).problems) or "stale" in str(listing(here()).problems)


def test_what_a_file_server_keeps_of_removed_files_hinders_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over NFS a file that somebody has open stays as .nfs..., and its folder cannot be removed."""
    jobs.run(here(), recipe(), device="cpu")
    folder = here().jobs / RUN
    points = ResumePoints(folder / "resume")
    points.save(toy_point())
    kept = folder / "resume" / ".nfs0000000000000001"
    kept.touch()
    points.save(toy_point(values=1))
    assert kept.exists()
    points.drop()
    assert not points.exists()
    points.save(toy_point())
    rmdir, unlink = os.rmdir, os.unlink

    def busy(call: Callable[..., None]) -> Callable[..., None]:
        def refused(path: Any, *arguments: Any, **options: Any) -> None:
            if str(path).endswith((".nfs0000000000000001", "resume")):
                raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(path))
            call(path, *arguments, **options)

        return refused

    with monkeypatch.context() as patch:
        patch.setattr(os, "rmdir", busy(rmdir))
        patch.setattr(os, "unlink", busy(unlink))
        jobs.forget(here(), RUN)
        assert list_jobs(here()) == ()
        assert jobs.run(here(), recipe(), device="cpu", force=True).run.status == "complete"
    assert [job.run_id for job in list_jobs(here())] == [RUN]
    assert listing(here()).problems == ()


# --- only who trains is killed ------------------------------------------------------------------------------------


def test_only_who_holds_the_lock_of_a_training_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        run_id = make_up(recipe(), state="training")
        change_status(run_id, process=processes.process(bystander.pid))
        lock = here().jobs / run_id / "lock"
        assert jobs.kill(here(), run_id) is False  # there is no lock
        lock.touch()
        assert jobs.kill(here(), run_id) is False  # nobody has it
        held = locks.Lock(lock)
        assert held.acquire()
        with held:
            assert jobs.kill(here(), run_id) is False  # somebody else has it
        assert bystander.poll() is None
        bystander.kill()


@pytest.mark.parametrize("holds", [True, False])
def test_a_process_that_has_only_opened_a_lock_is_not_the_one(holds: bool) -> None:
    run_id = make_up(recipe(), state="training")
    lock = here().jobs / run_id / "lock"
    code = f"import fcntl, os\nfile = os.open({str(lock)!r}, os.O_RDWR | os.O_CREAT)\n"
    code += "fcntl.flock(file, fcntl.LOCK_EX)\n" if holds else ""
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}print('open', flush=True)\ninput()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        change_status(run_id, process=processes.process(process.pid))
        assert jobs.kill(here(), run_id) is holds
        process.kill()
        assert process.wait(10) == -signal.SIGKILL


def test_a_lock_with_another_name_proves_nothing() -> None:
    run_id = make_up(recipe(), state="training")
    lock = here().jobs / run_id / "lock"
    with locking(lock) as process:
        os.link(lock, here().artifacts / "another name")
        change_status(run_id, process=processes.process(process.pid))
        assert jobs.kill(here(), run_id) is False
        assert process.poll() is None
