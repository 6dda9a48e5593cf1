"""Jobs: trainings that outlive who started them, are found, stopped, killed, queued and gone on with."""

import fcntl
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import pytest

from mnistcore import config, processes
from mnistcore.config import TrainConfig
from mnistcore.datasets import loading
from mnistcore.datasets.splits import SPLITS
from mnistcore.devices import device_memory, devices
from mnistcore.devices.device_memory import DeviceInfo, Survey
from mnistcore.errors import RunNotFoundError, StoreWriteError, TrainingError, TrainingStoppedError
from mnistcore.jobs import jobs, locks, turns
from mnistcore.jobs.jobs import Job
from mnistcore.runs import atomic
from mnistcore.runs.history import CurvePoint
from mnistcore.runs.store import Store
from mnistcore.training import pipeline
from mnistcore.training.observers import Observer
from mnistcore.training.presets import make_config
from mnistcore.training.resume_points import ResumePoints
from mnistcore.workspace import Workspace
from scripts.project import ROOT
from scripts.toys import toy_content, toy_job
from tests.disk_faults import Faults
from tests.forks import fork
from tests.gpus import A, B
from tests.gpus import driver as gpu_files
from tests.here import here, store_here
from tests.observing import Listening
from tests.runs import result_of
from tests.surroundings import BARE, HOSTILE
from tests.trainings import toy_point

SPAWN = jobs._spawn
T = TypeVar("T")

pytestmark = pytest.mark.usefixtures("forked_workers")


def toy(model: str = "slow", *, seed: int = 0, epochs: int = 3) -> TrainConfig:
    """20 steps an epoch, which take half a second; a tenth as long where the model is not ``slow``."""
    return make_config("digits", model, "handout", seed=seed, epochs=epochs)


def start(wanted: TrainConfig, **options: Any) -> Job:
    return jobs.start(here(), wanted, device="cpu", **options)


def until(ask: Callable[[], T], *, seconds: float = 60.0) -> T:
    """What is asked for, once it is there."""
    deadline = time.monotonic() + seconds
    while not (found := ask()):
        assert time.monotonic() < deadline, [*jobs.list_jobs(here())]
        time.sleep(0.01)
    return found


def found(wanted: TrainConfig) -> Job:
    job = jobs.find(here(), config.run_id(wanted))
    assert job is not None
    return job


def ended(wanted: TrainConfig, *, seconds: float = 60.0) -> Job:
    return until(lambda: None if (job := found(wanted)).is_live else job, seconds=seconds)


def after_step(wanted: TrainConfig, step: int) -> Job:
    return until(lambda: job if (job := found(wanted)).steps_done >= step or not job.is_live else None)


@pytest.fixture(autouse=True)
def _nothing_goes_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("mnistcore.jobs.status_writer.STATUS_SECONDS", 0.02)
    yield
    for job in jobs.list_jobs(here()):
        if job.is_live:
            jobs.kill(here(), job.run_id)


def folder_of(wanted: TrainConfig) -> Path:
    return here().jobs / config.run_id(wanted)


def whole(wanted: TrainConfig, folder: Path) -> dict[str, Any]:
    """The same training without any job."""
    process = fork(train_whole, wanted, folder)
    process.join()
    assert process.exitcode == 0
    return result_of(Store(folder), config.run_id(wanted))


def train_whole(wanted: TrainConfig, folder: Path) -> None:
    from mnistcore.training import pipeline

    pipeline.train_run(wanted, store=Store(folder), device="cpu")


# --- a training that goes well ------------------------------------------------------------------------------------


def test_a_training_is_found_while_it_runs_and_when_it_is_done() -> None:
    wanted = toy()
    assert jobs.find(here(), config.run_id(wanted)) is None
    job = start(wanted)
    assert (job.run_id, job.config, job.queue) == (config.run_id(wanted), wanted, "cpu")
    assert job.is_live
    job = after_step(wanted, 25)
    assert job.state == "training"
    assert (job.steps, job.pid is not None, len(job.history)) == (60, True, 1)
    assert job.memory_bytes is not None
    assert job.memory_bytes > 10 * 2**20
    assert job.seconds_left is not None
    assert 0 < job.seconds_left < 60
    assert [each.run_id for each in jobs.list_jobs(here())] == [job.run_id]
    job = ended(wanted)
    assert (job.state, job.steps_done, job.steps, job.pid, job.resumable) == ("complete", 60, 60, None, False)
    assert [report.epoch for report in job.history] == [1, 2, 3]
    assert [point.step for point in job.curve] == [20, 40, 60]
    assert store_here().manifest(job.run_id).status == "complete"
    assert "training slow on digits" in jobs.read_log(here(), job.run_id)
    assert sorted(os.listdir(folder_of(wanted))) == ["lock", "log.txt", "request.json", "status.json"]


def test_who_asks_again_watches_the_one_that_lives() -> None:
    wanted = toy()
    first = start(wanted)
    again = start(wanted)
    assert again.queued == first.queued
    pid = after_step(wanted, 1).pid
    assert start(wanted).pid == pid
    assert ended(wanted).state == "complete"
    assert jobs.read_log(here(), config.run_id(wanted)).count("training slow") == 1


def test_what_is_done_is_not_started_again() -> None:
    wanted = toy("linear")
    start(wanted)
    job = ended(wanted)
    assert start(wanted) == job


def test_a_run_that_is_there_is_given_back_at_once() -> None:
    wanted = toy("linear")
    content = toy_content(config=wanted, epochs=3)
    store_here().save(content)
    result = jobs.run(here(), wanted, device="cpu")
    assert result.cached
    assert not folder_of(wanted).exists()
    start(wanted)
    assert ended(wanted).state == "complete"
    assert store_here().manifest(result.run_id) == result.run


def test_where_who_started_it_is_killed_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real thing: a process of Python's own, and folders named from where the caller stands."""
    wanted = make_config("digits", "linear", "handout", epochs=20)
    code = (
        "import os, sys, time; from mnistcore.training import presets; from mnistcore.jobs import jobs; from tests.here import here\n"
        "jobs.start(here(), presets.make_config('digits', 'linear', 'handout', epochs=20), device='cpu')\n"
        "print('started', flush=True); time.sleep(600)"
    )
    environment = os.environ | {"MNISTCORE_ARTIFACTS": "near/artifacts", "PYTHONPATH": str(ROOT)}
    monkeypatch.setenv("MNISTCORE_ARTIFACTS", str(tmp_path / "near" / "artifacts"))
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "started\n"
        job = found(wanted)
        assert job.is_live
        assert job.pid not in (None, starter.pid)
        assert not locks.Lock(folder_of(wanted) / "lock").acquire()
        starter.kill()
    assert found(wanted).is_live
    job = ended(wanted)
    assert job.state == "complete", jobs.read_log(here(), job.run_id)
    assert store_here().manifest(job.run_id).status == "complete"
    code = (
        f"from mnistcore.jobs import jobs; from tests.here import here; print(jobs.find(here(), {job.run_id!r}).state)"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "complete\n"


@pytest.mark.parametrize("hostile", [False, True])
def test_a_process_that_is_started_trains_wherever_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hostile: bool
) -> None:
    """With the real thing; the environment of `processes.start_python`'s own tests."""
    monkeypatch.setattr(jobs, "_spawn", SPAWN)
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in (HOSTILE if hostile else BARE).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MNISTCORE_ARTIFACTS", "near/artifacts")
    wanted = make_config("digits", "linear", "handout", epochs=1)
    start(wanted)
    job = ended(wanted)
    assert job.state == "complete", jobs.read_log(here(), job.run_id)
    said = until(lambda: log if "accuracy" in (log := jobs.read_log(here(), job.run_id)).splitlines()[-1] else "")
    assert said.splitlines()[0] == f"{job.run_id}: training linear on digits for 1 epoch"
    assert "\x1b" not in said


# --- a training that ends early -----------------------------------------------------------------------------------


def test_a_killed_training_is_interrupted_at_once_and_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    wanted = toy()
    start(wanted)
    job = after_step(wanted, 25)
    assert jobs.kill(here(), job.run_id)
    job = ended(wanted)
    assert (job.state, job.resumable, job.pid, job.failure) == ("interrupted", True, None, None)
    assert not jobs.kill(here(), job.run_id)
    assert [report.epoch for report in job.history] == [1]

    jobs.resume(here(), job.run_id)
    job = after_step(wanted, 41)
    assert job.resumed_after == 20
    assert [report.epoch for report in job.history] == [1, 2]
    assert [point.step for point in job.curve] == [20, 40]
    assert ended(wanted).state == "complete"
    assert result_of(store_here(), job.run_id) == whole(wanted, tmp_path / "whole")
    assert "resumes after step 20 of 60" in jobs.read_log(here(), job.run_id)


def test_stopped_in_the_first_epoch_it_leaves_a_part(tmp_path: Path) -> None:
    wanted = toy()
    start(wanted)
    after_step(wanted, 5)
    jobs.stop(here(), config.run_id(wanted))
    assert found(wanted).stopping or not found(wanted).is_live
    job = ended(wanted)
    assert (job.state, job.resumable, job.stopping) == ("interrupted", True, False)
    store = store_here()
    run = store.manifest(job.run_id)
    assert (run.status, run.epochs_kept) == ("interrupted", (1,))
    (report,) = store.history(job.run_id)
    assert report.share == job.steps_done / 20 or report.share == (job.steps_done + 1) / 20
    assert 0 < report.share < 1
    assert store.predictions(job.run_id, "test").accuracy == run.accuracy

    start(wanted)
    job = ended(wanted)
    assert job.state == "complete"
    assert job.resumed_after == round(report.share * 20)
    assert result_of(store, job.run_id) == whole(wanted, tmp_path / "whole")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_between_two_steps(number: int) -> None:
    wanted = toy()
    start(wanted)
    job = after_step(wanted, 25)
    assert job.pid is not None
    os.kill(job.pid, number)
    job = ended(wanted)
    assert (job.state, job.resumable) == ("interrupted", True)
    assert store_here().manifest(job.run_id).epochs_kept == (1,)


def test_a_request_to_stop_never_stops_the_next_attempt() -> None:
    wanted = toy()
    start(wanted)
    after_step(wanted, 3)
    jobs.stop(here(), config.run_id(wanted))
    ended(wanted)
    jobs.stop(here(), config.run_id(wanted))  # it does not live: nothing happens
    assert not start(wanted).stopping
    assert ended(wanted).state == "complete"


def test_a_number_that_was_given_away_is_not_taken_for_the_training() -> None:
    wanted = toy()
    forge(wanted, state="training", process=asdict(processes.this_process()) | {"started": 1})
    job = found(wanted)
    assert (job.state, job.pid) == ("interrupted", None)
    assert not jobs.kill(here(), job.run_id)
    forge(wanted, state="training", process=asdict(processes.this_process()))
    assert found(wanted).state == "training"  # this one runs, though it holds no lock
    forge(wanted, state="complete")


def forge(wanted: TrainConfig, **status: object) -> None:
    """The files of a training that nobody has started."""
    folder = folder_of(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    request = {"attempt": "a", "config": wanted.model_dump(mode="json"), "device": "cpu", "force": False}
    (folder / "request.json").write_text(json.dumps(request | {"fresh": False}))
    now = "2026-01-01T00:00:00.000000+00:00"
    (folder / "status.json").write_text(
        json.dumps({"attempt": "a", "queue": "cpu", "queued": now, "updated": now} | status)
    )
    (folder / "lock").touch()


def test_one_that_ends_between_two_looks_has_ended_well(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = toy()
    dead = asdict(processes.this_process()) | {"started": 1}
    forge(wanted, state="training", process=dead)
    really = processes.is_running

    def ends(record: processes.ProcessRecord) -> bool | None:
        forge(wanted, state="complete", process=dead)
        return really(record)

    monkeypatch.setattr(processes, "is_running", ends)
    assert found(wanted).state == "complete"


@pytest.mark.parametrize("status", [b"", b"{}", b"\xff", b'{"schema_version": 2}', None])
def test_a_status_that_cannot_be_read_hides_no_training(status: bytes | None) -> None:
    wanted = toy("linear")
    forge(wanted, state="training")
    path = folder_of(wanted) / "status.json"
    if status is None:
        path.unlink()
    else:
        path.write_bytes(status)
    ResumePoints(folder_of(wanted) / "resume").save(toy_point())
    job = found(wanted)
    assert (job.state, job.resumable) == ("interrupted", True)
    assert jobs.list_jobs(here()) == (job,)
    jobs.stop(here(), job.run_id)
    start(wanted)
    assert ended(wanted).state == "complete"
    assert "another configuration" in jobs.read_log(here(), job.run_id)  # the made-up resume point was no use


def test_a_resume_point_of_another_network_is_no_hindrance(tmp_path: Path) -> None:
    """As it is when the network was changed since."""
    wanted = toy("linear")
    fingerprints = {split: loading.load_split("digits", split).fingerprint for split in SPLITS}
    ResumePoints(folder_of(wanted) / "resume").save(toy_point(config=wanted, fingerprints=fingerprints))
    start(wanted)
    job = ended(wanted)
    assert job.state == "complete", jobs.read_log(here(), job.run_id)
    (warning,) = job.warnings
    assert "another linear" in warning
    assert result_of(store_here(), job.run_id) == whole(wanted, tmp_path / "whole")


@pytest.mark.parametrize(("model", "kind", "status"), [("spoilt", "NonFiniteLossError", "diverged"), ("full", "DeviceError", "interrupted")])  # fmt: skip
def test_what_goes_wrong_is_told_keeps_the_last_good_epoch_and_is_over_with_the_process(
    tmp_path: Path, model: str, kind: str, status: str
) -> None:
    wanted = toy(model)
    start(wanted)
    job = ended(wanted)
    assert job.state == "failed"
    assert job.failure is not None
    assert job.failure.kind == kind
    assert {"spoilt": "epoch 2, step 10", "full": "smaller batch size"}[model] in job.failure.message
    assert job.resumable == (model == "full")  # from a loss that is no number nobody goes on
    said = f"error: {job.failure.message}"
    until(lambda: said in jobs.read_log(here(), job.run_id))
    run = store_here().manifest(job.run_id)
    assert (run.status, run.epochs_kept) == (status, (1,))
    first = pid_of(wanted)

    start(wanted)
    job = ended(wanted)
    assert job.state == "complete", jobs.read_log(here(), job.run_id)
    assert pid_of(wanted) != first
    assert result_of(store_here(), job.run_id) == whole(wanted, tmp_path / "whole")


def pid_of(wanted: TrainConfig) -> int:
    return int(json.loads((folder_of(wanted) / "status.json").read_bytes())["process"]["pid"])


# --- a process that never gets so far -----------------------------------------------------------------------------


def really_spawn(workspace: Workspace, run_id: str, lock: int, *, fresh: bool) -> "subprocess.Popen[bytes]":
    with (workspace.jobs / run_id / "log.txt").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-c", "raise SystemExit('no torch here')"], stdout=log, stderr=log, pass_fds=(lock,)
        )


def test_a_process_that_dies_at_its_start_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = toy("linear")
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "_spawn", really_spawn)
        start(wanted)
        job = ended(wanted)
    assert (job.state, job.resumable) == ("interrupted", False)
    assert jobs.read_log(here(), job.run_id) == "no torch here"
    start(wanted)
    assert ended(wanted).state == "complete"


def test_a_process_that_cannot_be_started_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = toy("linear")

    def fail(*arguments: object, **options: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "_spawn", fail)
        with pytest.raises(StoreWriteError, match="temporarily unavailable"):
            start(wanted)
    job = found(wanted)
    assert job.state == "failed"
    assert job.failure is not None
    assert job.failure.kind == "BlockingIOError"
    start(wanted)
    assert ended(wanted).state == "complete"


@pytest.mark.parametrize(("code", "words"), [(30, "read-only"), (28, "disk full"), (5, "Look after the disk")])
def test_a_disk_that_takes_nothing_is_named(faults: Faults, code: int, words: str) -> None:
    wanted = toy("linear")
    faults.arm(0, lambda: OSError(code, os.strerror(code)))
    with pytest.raises(StoreWriteError, match=words):
        start(wanted)
    faults.disarm()
    assert jobs.find(here(), config.run_id(wanted)) is None
    start(wanted)
    assert ended(wanted).state == "complete"


def test_a_file_in_the_place_of_the_folder_is_named(artifacts: Path) -> None:
    artifacts.mkdir()
    (artifacts / "jobs").write_text("mine")
    assert jobs.list_jobs(here()) == ()
    for ask in (lambda: start(toy()), lambda: jobs.run(here(), toy(), device="cpu")):
        with pytest.raises(StoreWriteError, match="not a folder"):
            ask()


def test_on_a_disk_that_others_have_filled_it_is_told_what_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = toy("linear")
    spare = folder_of(wanted) / "spare"
    write = atomic._disk_write

    def full(descriptor: int, data: memoryview) -> int:
        if spare.exists():
            raise OSError(28, os.strerror(28))
        return write(descriptor, data)

    observer = Listening(on_epoch=lambda *_: monkeypatch.setattr(atomic, "_disk_write", full))
    with pytest.raises(StoreWriteError, match="disk full"):
        jobs.run(here(), wanted, device="cpu", observer=observer)
    job = found(wanted)
    assert job.state == "failed"
    assert job.failure is not None
    assert "disk full" in job.failure.message


def test_the_log_says_where_a_training_speaks_that_was_not_started_here() -> None:
    wanted = toy("linear", epochs=1)
    jobs.run(here(), wanted, device="cpu")
    jobs.run(here(), wanted, device="cpu", force=True)
    said = f"process {os.getpid()} trains; it speaks in the terminal or notebook it was started in"
    assert jobs.read_log(here(), config.run_id(wanted)).splitlines() == [said]


# --- the queue ----------------------------------------------------------------------------------------------------


def test_one_after_the_other_on_one_device() -> None:
    first, second, third = (toy(seed=seed, epochs=epochs) for seed, epochs in enumerate((100, 3, 100)))
    start(first)
    after_step(first, 1)
    queued = start(second).queued
    start(third)
    until(lambda: found(second).place == 1 and found(third).place == 2)
    assert found(first).place is None
    jobs.stop(here(), config.run_id(second))
    assert ended(second).state == "interrupted"
    until(lambda: found(third).place == 1)
    start(second)
    until(lambda: found(second).place == 2)
    assert found(second).queued > queued
    assert found(first).is_live
    jobs.stop(here(), config.run_id(first))
    after_step(third, 1)
    assert not found(first).is_live
    assert found(second).place == 1
    jobs.kill(here(), config.run_id(third))  # a place whose owner was killed is free
    after_step(second, 1)
    assert ended(second).state == "complete"


def test_two_at_once_where_a_device_is_said_to_take_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNISTCORE_JOBS_PER_DEVICE", "2")
    first, second = toy(seed=1, epochs=100), toy(seed=2, epochs=100)
    start(first)
    start(second)
    until(lambda: found(first).state == found(second).state == "training")


def test_a_device_of_the_same_name_elsewhere_is_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = toy(seed=1, epochs=100), toy(seed=2), toy("linear", seed=3)
    start(first)
    after_step(first, 1)
    start(second)
    until(lambda: found(second).place == 1)
    monkeypatch.setattr(processes, "this_host", lambda: "another computer")
    assert jobs.run(here(), third, device="cpu").run.status == "complete"
    assert found(first).state == "training"
    assert found(second).place == 1


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A driver's files, as of a machine with two GPUs."""
    driver = gpu_files(tmp_path / "driver", b17=A, b3b=B)
    ask = device_memory.gpu_identities
    monkeypatch.setattr(device_memory, "gpu_identities", lambda: ask(driver))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def seen_as(chosen: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if chosen is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)


def test_a_gpu_is_one_device_under_all_of_its_names(two_gpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "cuda", its number, under a mask by number and by UUID, and in a container that is given only that one."""
    second, first = jobs.site("cuda:1"), jobs.site("cuda:0")
    assert jobs.site("cuda") == first != second
    assert len({first, second, jobs.site("cpu"), jobs.site("mps")}) == 4
    for chosen, name in (("1", "cuda:0"), (B, "cuda"), ("GPU-8f6d", "cuda:0"), ("0,1", "cuda:1"), ("1,0", "cuda:0")):
        seen_as(chosen, monkeypatch)
        assert jobs.site(name) == second, chosen
    monkeypatch.setattr(processes, "this_host", lambda: "another computer")
    assert jobs.site("cuda:0") == second


def test_a_training_on_a_gpu_is_shown_under_this_processes_name_for_it(
    two_gpus: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = toy_job(queue="cuda:0", site=jobs.site("cuda:1"))  # of a process that sees only the second
    assert (job.is_here, job.device_here) == (True, "cuda:1")
    seen_as("0", monkeypatch)
    assert (job.is_here, job.device_here) == (False, None)


@pytest.mark.parametrize(
    ("asked", "taken"), [("auto", "cuda:1"), ("cuda", "cuda:1"), ("cuda:0", "cuda:0"), ("cpu", "cpu")]
)
def test_a_training_queues_for_the_gpu_with_most_free_memory(
    asked: str, taken: str, two_gpus: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpus = (DeviceInfo("cuda:0", "cuda", "A GPU", 80, 79), DeviceInfo("cuda:1", "cuda", "A GPU", 80, 3))
    monkeypatch.setattr(device_memory, "survey", lambda: Survey(gpus, "found", ""))
    monkeypatch.setattr(devices, "_has_driver", lambda: True)
    monkeypatch.setattr(devices, "_torch_is_for_cpus", lambda: False)
    told: list[tuple[str, ...]] = []
    monkeypatch.setattr(devices, "can_use", lambda name: True)

    def train(config_: TrainConfig, *, device: str, observer: Observer, **_: object) -> None:
        observer.on_device(device)
        raise RuntimeError("enough")

    monkeypatch.setattr(pipeline, "train_run", train)
    observer = Listening(on_device=lambda name: told.append((name,)), on_choice=lambda *choice: told.append(choice))
    with pytest.raises(RuntimeError, match="enough"):
        jobs.run(here(), make_config("digits", "mlp", "quick"), device=asked, observer=observer)
    chosen = [(taken, "it has most free memory of 2 GPUs")] if asked in ("auto", "cuda") else []
    assert told == [*chosen, (taken,)]
    (job,) = jobs.list_jobs(here())
    assert (job.queue, job.site) == (taken, jobs.site(taken))


def test_a_gpu_that_others_train_on_is_left_to_them(two_gpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it has most free memory; and with room for two trainings on a device, not before the second one."""
    there = toy_job(queue="cuda:0", site=jobs.site("cuda:1"))  # of a process that sees only the second
    waiting = toy_job("digits-mlp-00000002", site=there.site, state="waiting", place=1)
    ended = toy_job("digits-mlp-00000003", queue="cuda:0", site=jobs.site("cuda:0"), state="complete")
    monkeypatch.setattr(turns, "list_jobs", lambda _: (there, waiting, ended))
    assert turns.busy_gpus(here(), "digits-mlp-99999999") == {"cuda:1"}
    monkeypatch.setenv("MNISTCORE_JOBS_PER_DEVICE", "2")
    assert turns.busy_gpus(here(), "digits-mlp-99999999") == {"cuda:1"}
    assert turns.busy_gpus(here(), waiting.run_id) == set()


def test_only_of_gpus_it_counts_which_ones_a_process_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    gpu, cpu = jobs.site("cuda:0"), jobs.site("cpu")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert jobs.site("cuda:0") != gpu
    assert jobs.site("cpu") == cpu


def test_who_is_suspended_while_it_waits_lets_the_others_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnistcore.jobs.turns.AWAKE_SECONDS", 1.0)
    first, second, third = toy(seed=1, epochs=100), toy(seed=2), toy("linear", seed=3)
    start(first)
    after_step(first, 1)
    start(second)
    waiting = until(lambda: job if (job := found(second)).place == 1 and job.pid else None)
    os.kill(waiting.pid or 0, signal.SIGSTOP)
    try:
        jobs.stop(here(), config.run_id(first))
        assert jobs.run(here(), third, device="cpu").run.status == "complete"
        assert found(second).state == "waiting"
    finally:
        os.kill(waiting.pid or 0, signal.SIGCONT)
    assert ended(second).state == "complete"


# --- in this process ----------------------------------------------------------------------------------------------


def test_who_wants_the_same_here_waits_for_the_other() -> None:
    wanted = toy()
    start(wanted)
    seen: list[Job] = []
    result = jobs.run(here(), wanted, device="cpu", on_wait=seen.append)
    assert result.cached
    assert result.run_id == config.run_id(wanted)
    assert {job.run_id for job in seen} == {result.run_id}
    assert jobs.read_log(here(), result.run_id).count("training slow") == 1


def test_who_waits_for_one_that_is_stopped_is_told() -> None:
    wanted = toy()
    start(wanted)
    after_step(wanted, 3)
    with pytest.raises(TrainingError, match="it was interrupted"):
        jobs.run(here(), wanted, device="cpu", on_wait=lambda job: jobs.stop(here(), job.run_id))


def test_who_asks_for_a_new_one_never_gets_the_old_one_of_one_that_was_stopped() -> None:
    wanted = toy()
    old = store_here().save(toy_content(config=wanted, epochs=3))
    start(wanted, force=True)
    after_step(wanted, 3)
    with pytest.raises(TrainingError):
        jobs.run(here(), wanted, device="cpu", force=True, on_wait=lambda job: jobs.stop(here(), job.run_id))
    assert store_here().manifest(old.run_id) == old
    assert jobs.run(here(), wanted, device="cpu").run == old


def test_a_training_here_is_stopped_as_any_other() -> None:
    wanted = toy("linear", epochs=200)
    observer = Listening(on_epoch=lambda report, _: jobs.stop(here(), config.run_id(wanted)))
    with pytest.raises(TrainingStoppedError):
        jobs.run(here(), wanted, device="cpu", observer=observer)
    assert found(wanted).state == "interrupted"
    assert store_here().manifest(config.run_id(wanted)).status == "interrupted"


# --- a new one in the place of the old one ------------------------------------------------------------------------


def test_a_new_training_that_was_interrupted_goes_on_as_the_new_one(tmp_path: Path) -> None:
    wanted = toy()
    old = store_here().save(toy_content(config=wanted, epochs=3))
    start(wanted, force=True)
    job = after_step(wanted, 25)
    jobs.kill(here(), job.run_id)
    assert ended(wanted).state == "interrupted"
    assert store_here().manifest(old.run_id) == old
    jobs.resume(here(), job.run_id)
    job = ended(wanted)
    assert (job.state, job.resumed_after) == ("complete", 20)
    assert store_here().manifest(old.run_id).created > old.created
    assert result_of(store_here(), old.run_id) == whole(wanted, tmp_path / "whole")


def test_a_new_training_begins_at_the_beginning() -> None:
    wanted = toy()
    start(wanted)
    jobs.kill(here(), after_step(wanted, 25).run_id)
    assert ended(wanted).resumable
    start(wanted, force=True)
    job = after_step(wanted, 1)
    assert job.steps_done < 20
    assert ended(wanted).resumed_after == 0
    assert "resumes" not in jobs.read_log(here(), job.run_id)


def test_a_deleted_run_is_trained_again() -> None:
    wanted = toy("linear")
    start(wanted)
    job = ended(wanted)
    store_here().delete(job.run_id)
    start(wanted)
    assert ended(wanted).state == "complete"
    assert store_here().manifest(job.run_id).status == "complete"
    assert sorted(os.listdir(store_here().root)) == [job.run_id]


# --- what is forgotten --------------------------------------------------------------------------------------------


def test_forgotten_is_gone_and_the_run_stays() -> None:
    wanted = toy()
    start(wanted)
    job = after_step(wanted, 25)
    with pytest.raises(TrainingError, match="stop it first"):
        jobs.forget(here(), job.run_id)
    jobs.stop(here(), job.run_id)
    assert ended(wanted).resumable
    jobs.forget(here(), job.run_id)
    assert jobs.find(here(), job.run_id) is None
    assert jobs.list_jobs(here()) == ()
    assert [name for name in os.listdir(folder_of(wanted).parent) if not name.endswith(".lock")] == []
    assert store_here().manifest(job.run_id).status == "interrupted"
    jobs.forget(here(), job.run_id)
    with pytest.raises(RunNotFoundError):
        jobs.resume(here(), job.run_id)
    with pytest.raises(RunNotFoundError):
        jobs.stop(here(), job.run_id)


def ended_ones(*states: str) -> list[str]:
    """The ids of trainings that have ended in these states, one an hour; "resumable" is an interrupted one's."""
    names = []
    for hour, state in enumerate(states):
        wanted, moment = toy("linear", seed=hour), f"2026-01-01T{hour:02}:00:00.000000+00:00"
        forge(wanted, state=state.replace("resumable", "interrupted"), queued=moment, updated=moment)
        if state == "resumable":
            ResumePoints(folder_of(wanted) / "resume").save(toy_point(config=wanted))
        names.append(config.run_id(wanted))
    return names


def test_of_those_that_have_ended_the_oldest_leave_and_resumable_ones_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnistcore.jobs.removal.MAX_ENDED", 4)
    names = ended_ones("complete", "resumable", "failed", "interrupted", "resumable", "complete")
    lives = toy("linear", seed=50)
    forge(lives, state="training", process=asdict(processes.this_process()))
    (folder_of(toy("linear", seed=51))).mkdir()  # nothing is known of it: it is left alone
    new = toy("linear", seed=52, epochs=1)
    jobs.run(here(), new, device="cpu")
    kept = {job.run_id for job in jobs.list_jobs(here())}
    forge(lives, state="complete")  # it is this very process, which nobody is to kill
    assert kept == {names[1], names[4], names[5], config.run_id(lives), config.run_id(new)}
    assert folder_of(toy("linear", seed=51)).exists()


def test_one_that_has_just_ended_never_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnistcore.jobs.removal.MAX_ENDED", 2)
    names = ended_ones("resumable", "resumable", "resumable")
    new = toy("linear", seed=52, epochs=1)
    jobs.run(here(), new, device="cpu")
    assert {job.run_id for job in jobs.list_jobs(here())} == {names[2], config.run_id(new)}


def test_one_that_failed_before_its_first_epoch_can_be_forgotten() -> None:
    wanted = toy("linear")
    forge(wanted, state="failed", failure={"kind": "DeviceError", "message": "no such device"})
    run_id = found(wanted).run_id
    assert jobs.is_known(here(), run_id)
    jobs.forget(here(), run_id)
    assert not jobs.is_known(here(), run_id)
    assert jobs.list_jobs(here()) == ()
    jobs.forget(here(), run_id)


# --- what cannot be told ------------------------------------------------------------------------------------------


def closed() -> None:
    file = io.StringIO()
    file.close()
    file.write("x")


def no_letter() -> None:
    "–".encode("cp932")


def full() -> None:
    raise OSError(28, os.strerror(28))


def gone() -> None:
    raise BrokenPipeError(32, os.strerror(32))


@pytest.mark.parametrize("fault", [closed, no_letter, full, gone])
def test_what_cannot_be_told_ends_no_training(fault: Callable[[], None]) -> None:
    wanted, told = toy("linear"), set()

    def teller(name: str) -> Callable[..., None]:
        def tell(*_: object) -> None:
            told.add(name)
            fault()

        return tell

    names = ("on_start", "on_step", "on_curve", "on_epoch", "on_warning", "on_saved")
    (folder_of(wanted) / "resume").parent.mkdir(parents=True)
    (folder_of(wanted) / "resume").touch()  # in the way of resume points, which is warned about
    result = jobs.run(here(), wanted, device="cpu", observer=Listening(**{name: teller(name) for name in names}))
    assert told == set(names)
    assert result.run.status == "complete"
    assert found(wanted).state == "complete"


def test_who_waits_and_cannot_tell_waits() -> None:
    wanted = toy()
    start(wanted)
    assert jobs.run(here(), wanted, device="cpu", on_wait=lambda _: closed()).cached


def test_what_an_observer_means_to_raise_still_ends_it() -> None:
    def mistaken(*_: object) -> None:
        raise ValueError("expected another thing")

    with pytest.raises(ValueError, match="another thing"):
        jobs.run(here(), toy("linear"), device="cpu", observer=Listening(on_epoch=mistaken))
    assert found(toy("linear")).state == "failed"


def test_a_message_with_a_name_that_is_not_utf8_is_told() -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no file \udcff")

    with pytest.raises(RuntimeError):
        jobs.run(here(), toy("linear"), device="cpu", observer=Listening(on_epoch=fail))
    job = found(toy("linear"))
    assert job.failure is not None
    assert job.failure.message == "no file \\udcff"


@pytest.mark.parametrize("name", ["", "..", "../../x", "digits-mlp-0000000g", "/etc/passwd"])
def test_names_from_outside_reach_nothing(name: str) -> None:
    assert jobs.find(here(), name) is None
    for ask in (jobs.resume, jobs.stop, jobs.kill, jobs.forget, jobs.read_log, jobs.run_again):
        with pytest.raises(RunNotFoundError):
            ask(here(), name)


# --- locks --------------------------------------------------------------------------------------------------------


def test_those_who_look_keep_nobody_from_taking_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            locks.Lock.is_held(path)

    lookers = [threading.Thread(target=look) for _ in range(4)]
    for looker in lookers:
        looker.start()
    try:
        for _ in range(100):
            lock = locks.Lock(path)
            assert lock.acquire()
            with lock:
                assert locks.Lock.is_held(path)
                assert not locks.Lock(path).acquire()
    finally:
        done.set()
        for looker in lookers:
            looker.join()
    assert not locks.Lock.is_held(path)


def test_the_lock_of_a_folder_that_was_removed_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lock"
    really = fcntl.flock

    def remove_once(descriptor: int, operation: int) -> None:
        monkeypatch.setattr(fcntl, "flock", really)
        path.rename(tmp_path / "removed")
        really(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", remove_once)
    lock = locks.Lock(path)
    assert lock.acquire()
    with lock:
        assert locks.Lock.is_held(path)


def test_a_lock_that_outlives_its_training_is_no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = toy("linear")
    dead = asdict(processes.this_process()) | {"pid": 2**22 + 1}
    forge(wanted, state="training", process=dead)
    monkeypatch.setattr(jobs, "LOCK_SECONDS", 0.2)
    left_behind = locks.Lock(folder_of(wanted) / "lock")
    assert left_behind.acquire()
    with left_behind:
        assert found(wanted).state == "interrupted"
        for ask in (
            start,
            lambda wanted: jobs.run(here(), wanted, device="cpu"),
            lambda wanted: jobs.forget(here(), found(wanted).run_id),
        ):
            with pytest.raises(TrainingError, match="held by a process that does not train"):
                ask(wanted)
    start(wanted)
    assert ended(wanted).state == "complete"


def test_leftovers_of_a_killed_process_go_with_the_next_start(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = toy("linear")
    forge(wanted, state="training")
    for name in ("status.json", "request.json", "stop"):
        (folder_of(wanted) / f".tmp-{name}-{2**22 + 1}-0123abcd").touch()
    (folder_of(wanted) / "resume").mkdir()
    (folder_of(wanted) / "resume" / "state-0123abcd.safetensors").touch()
    (folder_of(wanted) / "spare").touch()
    monkeypatch.setattr(atomic, "FILE_SECONDS", -1.0)
    start(wanted)
    assert ended(wanted).state == "complete"
    assert sorted(os.listdir(folder_of(wanted))) == ["lock", "log.txt", "request.json", "status.json"]


# --- the curve ----------------------------------------------------------------------------------------------------


def test_a_thinned_curve_keeps_its_end_and_its_mean() -> None:
    points = tuple(CurvePoint(step=number, loss=float(number), accuracy=0.5) for number in range(1, 1001))
    curve: tuple[CurvePoint, ...] = ()
    for point in points:
        curve = jobs.thin_curve((*curve, point), limit=10)
        assert len(curve) <= 10
        assert curve[-1].step == point.step
    assert [point.step for point in curve] == sorted(point.step for point in curve)
