"""What a training survives: being killed at any step, a full disk, twenty people who start it at once."""

import errno
import fcntl
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from mnistcore import config
from mnistcore.config import TrainConfig
from mnistcore.errors import StoreWriteError
from mnistcore.jobs import jobs
from mnistcore.runs import atomic
from mnistcore.runs.store import Store
from mnistcore.training import pipeline
from mnistcore.training.observers import Observer, Observers
from mnistcore.training.presets import make_config
from mnistcore.training.resume_points import ResumePoints
from tests.disk_faults import STEPS
from tests.forks import fork, fork_here, pipe
from tests.here import here, store_here
from tests.observing import Listening
from tests.runs import result_of

NEVER = 1e9

pytestmark = pytest.mark.usefixtures("toy_models")


def say(text: str) -> None:
    """For whoever has to find out why a test that draws lots has failed."""
    sys.stdout.write(f"{text}\n")


# --- killed at any step -------------------------------------------------------------------------------------------

RECIPES: dict[str, TrainConfig] = {
    "adam": make_config("digits", "mlp", "handout", epochs=3),
    "averaged": make_config("digits", "mlp", "standard", epochs=3, averaging=0.9, label_smoothing=0.1),
    "sgd": make_config(
        "digits", "linear", "handout", epochs=3, optimizer="sgd", schedule="cosine", augmentation="affine"
    ),
    "sgd without momentum": make_config(
        "digits", "linear", "handout", epochs=3, optimizer="sgd", betas=(0.0, 0.9), weight_decay=0.01
    ),
    "batch norm": make_config("digits", "cnn", "standard", epochs=2, averaging=0.95, seed=3),
    "batch norm, sgd": make_config(
        "digits", "cnn", "handout", epochs=2, batch_size=100, optimizer="sgd", augmentation="affine"
    ),
    "two threads": make_config("digits", "cnn", "best", epochs=2, batch_size=256),
}


def dropout() -> TrainConfig:
    return make_config("digits", "dropout", "standard", epochs=3, augmentation="none", averaging=0.5)


@pytest.mark.parametrize("recipe", [*RECIPES, "dropout"])
def test_killed_at_any_step_and_resumed_it_is_the_run_that_was_never_killed(
    tmp_path: Path, recipe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = dropout() if recipe == "dropout" else RECIPES[recipe]
    monkeypatch.setenv("TOY_THREADS", "2" if recipe == "two threads" else "1")
    run_id = config.run_id(wanted)
    seed = random.SystemRandom().randrange(10**6)
    say(f"seed {seed}")
    chance = random.Random(seed)
    told = heard(train, wanted, tmp_path / "whole", NEVER)
    assert told[0][0] == "step"
    steps = told[-1][2]
    expected = result_of(Store(tmp_path / "whole" / "runs"), run_id)
    assert expected["status"] == "complete"

    resumed = []
    for attempt, step in enumerate(sorted(chance.sample(range(2, steps), 3))):
        # In the middle of an epoch, then wherever chance will have it. Some die while they save.
        resume_seconds = 0.0 if attempt == 0 else chance.choice((0.0, 0.05, NEVER))
        kill = Kill(step, disk_calls=chance.randrange(8))
        told = heard(train, wanted, tmp_path / "killed", resume_seconds, kill)
        say(f"killed {kill}, resume points every {resume_seconds} s; told of {told[-1]}")
        resumed += [done for what, done, _ in told if what == "resume"]
    told = heard(train, wanted, tmp_path / "killed", NEVER)
    resumed += [done for what, done, _ in told if what == "resume"]
    say(f"resumed after steps {resumed}")
    assert len(resumed) == 3
    assert result_of(Store(tmp_path / "killed" / "runs"), run_id) == expected
    assert not (tmp_path / "killed" / "resume").exists()


@dataclass(frozen=True)
class Kill:
    """The moment of a SIGKILL: after a step, and so many changes to the disk after that."""

    step: int
    disk_calls: int


def heard(function: Callable[..., object], *arguments: object) -> list[tuple[str, int, int]]:
    """What a training in a process of its own tells until it has ended, as it should: killed where it is to be."""
    told: list[tuple[str, int, int]] = []
    here, there = pipe()
    process = fork(function, *arguments, there)
    there.close()
    with suppress(EOFError):
        while True:
            told.append(here.recv())
    process.join()
    assert process.exitcode == (-signal.SIGKILL if any(isinstance(one, Kill) for one in arguments) else 0)
    return told


def train(wanted: TrainConfig, folder: Path, resume_seconds: float, *rest: Any) -> None:
    from mnistcore.training import resuming, trainer

    *kill, told = rest
    os.fsync = lambda descriptor: None  # what is written survives a process without it
    trainer.REPORT_SECONDS = 0.0
    resuming.RESUME_SECONDS = resume_seconds

    def step(done: int, steps: int) -> None:
        told.send(("step", done, steps))
        if kill and done >= kill[0].step:  # it may have been left after that step
            die_after(kill.pop().disk_calls)

    observer = Listening(on_step=step, on_resume=lambda done, steps: told.send(("resume", done, steps)))
    pipeline.train_run(
        wanted,
        store=Store(folder / "runs"),
        device="cpu",
        resume=ResumePoints(folder / "resume"),
        observer=observer,
    )


def die_after(disk_calls: int) -> None:
    left = disk_calls

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def checked(*arguments: Any) -> Any:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return call(*arguments)

        return checked

    if disk_calls == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    for name in STEPS:
        setattr(atomic, name, counted(getattr(atomic, name)))


# --- a full disk --------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Artifacts on a disk of 1 MB; calling it makes room. See `limit_disk` for those who may mount none."""
    folder = tmp_path / "disk"
    folder.mkdir()
    monkeypatch.setenv("MNISTCORE_ARTIFACTS", str(folder))
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
    monkeypatch.setenv("TOY_DISK_BYTES", "" if mounted else str(2**20))

    def make_room() -> None:
        monkeypatch.setenv("TOY_DISK_BYTES", "")
        if mounted:
            subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)

    yield make_room
    if mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def limit_disk(folder: Path) -> None:
    """Where nothing may be mounted: a write beyond ``TOY_DISK_BYTES`` in all is refused, as a full disk does it."""
    limit = int(os.environ["TOY_DISK_BYTES"] or 2**40)

    def write(descriptor: int, data: memoryview) -> int:
        used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        if used + len(data) > limit:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(descriptor, data)

    atomic._disk_write = write


# 50 epochs of logits are 1.1 MB: the disk is full after two thirds of them.
FILLING = make_config("digits", "linear", "handout", epochs=50, batch_size=200)


@pytest.mark.parametrize("how", ["mounted", "injected"])
def test_a_full_disk_is_named_keeps_the_last_good_state_and_loses_nothing(
    tmp_path: Path, small_disk: Callable[[], None], how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "injected":
        monkeypatch.setenv("TOY_DISK_BYTES", str(2**20 - 2**16))  # below what a mounted one would take
    run_id = config.run_id(FILLING)
    process = fork(train_until_full)
    process.join()
    assert process.exitcode == 0
    job = jobs.find(here(), run_id)
    assert job is not None
    assert (job.state, job.resumable) == ("failed", True)
    assert job.failure is not None
    assert job.failure.kind == "StoreWriteError"
    assert "disk full" in job.failure.message
    assert any("disk full" in warning for warning in job.warnings)
    assert store_here().listing().runs == ()
    assert store_here().listing().problems == ()

    small_disk()
    told = heard(train_again, run_id)
    assert told[0][0] == "resume"
    assert 0 < told[0][1] < told[0][2]
    monkeypatch.setenv("MNISTCORE_ARTIFACTS", str(tmp_path / "elsewhere"))
    told = heard(train, FILLING, tmp_path / "whole", NEVER)
    whole = Store(tmp_path / "whole" / "runs")
    assert result_of(Store(tmp_path / "disk" / "runs"), run_id) == result_of(whole, run_id)


def train_until_full() -> None:
    limit_disk(here().artifacts)
    with pytest.raises(StoreWriteError, match="disk full"):
        jobs.run(here(), FILLING, device="cpu")


def train_again(run_id: str, told: Connection) -> None:
    limit_disk(here().artifacts)
    jobs.run_again(here(), run_id, observer=Listening(on_resume=lambda done, steps: told.send(("resume", done, steps))))


def test_a_disk_that_is_full_from_the_start_is_found_out_first(small_disk: Callable[[], None]) -> None:
    folder = here().artifacts
    with (folder / "of others").open("wb") as file:
        try:
            while file.write(bytes(4096)) and file.tell() < 2**20:
                file.flush()
        except OSError:
            pass
    process = fork(train_until_full)
    process.join()
    assert process.exitcode == 0
    (folder / "of others").unlink()
    small_disk()
    assert heard(train_and_tell, FILLING)[-1][0] == "done"


def train_and_tell(wanted: TrainConfig, told: Connection) -> None:
    jobs.run(here(), wanted, device="cpu")
    told.send(("done", 0, 0))


# --- twenty at once -----------------------------------------------------------------------------------------------

WANTED = make_config("digits", "linear", "handout", epochs=2)


@pytest.mark.parametrize("locks", [True, False], ids=["locks", "no locks"])
@pytest.mark.parametrize("how", ["run", "start"])
def test_twenty_who_want_the_same_get_one_run(artifacts: Path, how: str, locks: bool) -> None:
    artifacts.mkdir()
    over, life = pipe()
    callers = [fork(ask_for_it, artifacts, how, locks, life) for _ in range(20)]
    life.close()
    (artifacts / "go").touch()
    for caller in callers:
        caller.join(120)
    assert [caller.exitcode for caller in callers] == [0] * 20
    assert over.poll(120), "without locks some may still train what another has finished; two minutes is too long"
    with pytest.raises(EOFError):
        over.recv()
    trainings = len((artifacts / "trainings").read_text())
    assert trainings == 1 if locks else trainings >= 1
    store = store_here()
    listing = store.listing()
    assert [run.run_id for run in listing.runs] == [config.run_id(WANTED)]
    assert listing.problems == ()
    assert [name for name in os.listdir(store.root) if name.startswith(".")] == []
    process = fork(train_alone, artifacts / "alone")
    process.join()
    assert result_of(store, config.run_id(WANTED)) == result_of(Store(artifacts / "alone"), config.run_id(WANTED))


def ask_for_it(artifacts: Path, how: str, locks: bool, life: Connection) -> None:
    """Ask, and wait for the run; ``life`` stays open as long as this process, or one that it has started, lives."""
    os.fsync = lambda descriptor: None
    if not locks:
        fcntl.flock = lambda descriptor, operation: None
    really = pipeline.train_run

    def counting(*arguments: Any, observer: Observer, **options: Any) -> Any:
        def start(wanted: TrainConfig) -> None:
            with (artifacts / "trainings").open("a") as file:
                file.write("1")

        return really(*arguments, observer=Observers(Listening(on_start=start), observer), **options)

    pipeline.train_run = counting
    jobs._spawn = fork_here
    run_id = config.run_id(WANTED)
    while not (artifacts / "go").exists():
        time.sleep(0.001)
    if how == "run":
        assert jobs.run(here(), WANTED, device="cpu").run_id == run_id
    else:
        jobs.start(here(), WANTED, device="cpu")
        while (job := settled(run_id, locks)).is_live:
            time.sleep(0.02)
        assert job.state == "complete", job
    assert store_here().manifest(run_id).status == "complete"


def settled(run_id: str, locks: bool) -> jobs.Job:
    """The training as it is; without locks another start may just have written its request, and no status yet."""
    deadline = time.monotonic() + (0 if locks else 10)
    while True:
        job = jobs.find(here(), run_id)
        if job is not None and (job.is_live or job.state == "complete"):
            return job
        assert time.monotonic() < deadline, job
        time.sleep(0.02)


def train_alone(folder: Path) -> None:
    pipeline.train_run(WANTED, store=Store(folder), device="cpu")
