"""What others may put into the folders of the trainings and of the kept models: it is named, and hinders nobody."""

import json
import math
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnistcore import config, processes
from mnistcore.config import TrainConfig
from mnistcore.console.documents import DeviceFacts, JobFacts
from mnistcore.datasets.registry import DATASETS
from mnistcore.devices.device_memory import DeviceInfo, Survey
from mnistcore.errors import RunDamagedError
from mnistcore.jobs import job_files, jobs
from mnistcore.jobs.jobs import Job
from mnistcore.memory import memory_use
from mnistcore.models import held_models
from mnistcore.models.held_models import HeldModel
from mnistcore.training.presets import make_config
from scripts.toys import toy_report
from tests.damage import ANYTHING, places, replaced
from tests.here import here

WANTED = make_config("digits", "mlp", "handout", epochs=3)
OTHER = make_config("digits", "linear", "quick")
SURVEY = Survey((DeviceInfo("cpu", "cpu", "A CPU", 2**34, 2**30),), "none", "")


class _Child:
    pid = os.getpid()

    def poll(self) -> int | None:
        return None


@pytest.fixture(autouse=True)
def _nobody_trains(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that is started does nothing; and what waits for a pipe fails, rather than waiting for ever."""
    monkeypatch.setattr(jobs, "_spawn", lambda *_, **__: _Child())

    def late(*_: object) -> None:
        raise TimeoutError("it waits")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(100)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def folder_of(wanted: TrainConfig) -> Path:
    return here().jobs / config.run_id(wanted)


def good_request() -> dict[str, Any]:
    request = {"schema_version": 1, "attempt": "a", "config": WANTED.model_dump(mode="json"), "device": "cpu"}
    return request | {"force": False, "fresh": False}


def good_status() -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {
        "schema_version": 1,
        "attempt": "a",
        "state": "training",
        "queue": "cpu",
        "site": jobs.site("cpu"),
        "queued": now,
        "updated": now,
        "starter": asdict(processes.this_process()),
        "process": asdict(processes.this_process()),
        "steps_done": 25,
        "steps": 60,
        "resumed_after": 0,
        "seconds": 2.5,
        "memory_bytes": 2**20,
        "history": [asdict(toy_report(1))],
        "curve": [{"step": 20, "loss": 1.0, "accuracy": 0.5}],
        "warnings": ["a warning"],
        "failure": {"kind": "OSError", "message": "words"},
    }


def good_record() -> dict[str, Any]:
    model = HeldModel(run_id="digits-cnn-0123abcd", device="cpu", size_bytes=100, last_used=datetime.now(UTC))
    record = {"schema_version": 1, "process": asdict(processes.this_process())}
    return record | {"models": [model.model_dump(mode="json")]}


FILES: dict[str, Callable[[], dict[str, Any]]] = {
    "request.json": good_request,
    "status.json": good_status,
    "record": good_record,
}


def write(files: dict[str, Any]) -> None:
    folder, records = folder_of(WANTED), here().holders
    for each in (folder, records):
        each.mkdir(parents=True, exist_ok=True)
    for name in ("request.json", "status.json"):
        (folder / name).write_text(json.dumps(files[name]))
    (records / f"{os.getpid()}-0123abcd.json").write_text(json.dumps(files["record"]))


def everything_works() -> list[Job]:
    """Lists, finds, shows, and starts another training; gives the trainings that are listed."""
    shutil.rmtree(folder_of(OTHER), ignore_errors=True)
    listing = jobs.listing(here())
    for job in listing.jobs:
        assert job.share is None or 0 <= job.share <= 1
        assert datetime.fromisoformat(job.updated).tzinfo is not None
        json.dumps(JobFacts.of(job).model_dump(mode="json"), allow_nan=False).encode()
        assert job.is_here in (True, False)
        for number in (job.seconds_left, job.images_per_second, job.steps_per_second):
            assert number is None or math.isfinite(number)
    for problem in listing.problems:
        assert f"{problem.name}{problem.detail}".isprintable()
    named = {job.run_id for job in listing.jobs} | {problem.name for problem in listing.problems}
    assert config.run_id(WANTED) in named
    jobs.find(here(), config.run_id(WANTED))
    assert jobs.start(here(), OTHER, device="cpu").is_live
    uses = memory_use.device_uses(here(), SURVEY)
    json.dumps([DeviceFacts.of(use).model_dump(mode="json") for use in uses], allow_nan=False).encode()
    held_models.problems(here().holders)
    return list(listing.jobs)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.data())
def test_no_value_in_any_place_hinders_the_others(drawn: st.DataObject) -> None:
    files = {name: make() for name, make in FILES.items()}
    name = drawn.draw(st.sampled_from(sorted(files)))
    place = drawn.draw(st.sampled_from(list(places(files[name]))))
    files[name] = replaced(files[name], place, drawn.draw(ANYTHING))
    write(files)
    everything_works()


def test_what_is_good_is_read_whole() -> None:
    write({name: make() for name, make in FILES.items()})
    (job,) = everything_works()
    assert (job.state, job.steps_done, job.seconds, len(job.history), job.pid) == ("training", 25, 2.5, 1, os.getpid())
    assert jobs.listing(here()).problems == ()
    assert held_models.problems(here().holders) == ()
    assert isinstance(
        [one for use in memory_use.device_uses(here(), SURVEY) for one in use.uses][-1], memory_use.ModelUse
    )


@pytest.mark.parametrize(
    "broken",
    [
        {"updated": "2026-01-01T00:00:00"}, {"queued": "0001-01-01T00:00:00+14:00"}, {"steps_done": -1}, {"steps_done": 61},
        {"seconds": math.nan}, {"steps": 0}, {"steps": 10**400}, {"memory_bytes": -1}, {"resumed_after": 26},
        {"process": {"machine": None, "pid": -1, "started": None}}, {"curve": [{"step": 20, "loss": 1, "accuracy": 2}]},
        {"curve": [{"step": step, "loss": 1.0, "accuracy": 0.5} for step in (20, 10)]}, {"queue": "x" * 3000},
        {"history": [asdict(toy_report(epoch)) for epoch in (2, 1)]}, {"history": [asdict(toy_report(4))]},
        {"history": [asdict(toy_report(1)) | {"validation_accuracy": 1.5}]}, {"state": "unheard of"}, {"more": 1},
    ],
)  # fmt: skip
def test_a_status_that_cannot_be_is_named_and_the_training_stays(broken: dict[str, Any]) -> None:
    write({name: make() for name, make in FILES.items()} | {"status.json": good_status() | broken})
    (job,) = everything_works()
    assert (job.state, job.steps_done, job.config) == ("interrupted", 0, WANTED)
    (problem,) = jobs.listing(here()).problems
    assert problem.name == job.run_id
    assert problem.detail.startswith("status.json: ")
    jobs.forget(here(), job.run_id)
    assert jobs.listing(here()).problems == ()


@pytest.mark.parametrize(
    "broken",
    [
        {"config": make_config("digits", "mlp", "handout", epochs=4).model_dump(mode="json")}, {"config": {}}, {"attempt": ""},
        {"device": "\n"}, {"schema_version": 2}, {"force": 1},
    ],
)  # fmt: skip
def test_a_request_that_cannot_be_is_named_and_can_be_removed(broken: dict[str, Any]) -> None:
    write({name: make() for name, make in FILES.items()} | {"request.json": good_request() | broken})
    run_id = config.run_id(WANTED)
    assert everything_works() == []
    assert jobs.find(here(), run_id) is None
    with pytest.raises(RunDamagedError, match=f"request.json: .*delete {run_id}"):
        jobs.resume(here(), run_id)
    assert jobs.is_known(here(), run_id)
    jobs.forget(here(), run_id)
    assert not jobs.is_known(here(), run_id)


def test_a_training_of_a_data_set_that_is_gone_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    write({name: make() for name, make in FILES.items()})
    job = jobs.find(here(), config.run_id(WANTED))
    assert job is not None
    assert job.images_per_second is not None
    monkeypatch.delitem(DATASETS, "mnist")
    unknown = job.config.model_copy(update={"dataset": "letters", "model": "transformer"})
    elsewhere = Job(**{name: getattr(job, name) for name in Job.__slots__} | {"config": unknown})
    assert elsewhere.images_per_second is None
    assert elsewhere.seconds_left is not None


@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "missing"])
@pytest.mark.parametrize("name", ["request.json", "status.json", "stop", "log.txt", "lock", "spare", "resume"])
def test_what_is_no_file_is_neither_waited_for_nor_in_the_way(name: str, kind: str) -> None:
    write({each: make() for each, make in FILES.items()} | {"status.json": good_status() | {"state": "interrupted"}})
    path = folder_of(WANTED) / name
    path.unlink(missing_ok=True)
    put(path, kind)
    everything_works()
    jobs.read_log(here(), config.run_id(WANTED))
    assert jobs.start(here(), WANTED, device="cpu", force=True).is_live
    assert jobs.read_log(here(), config.run_id(WANTED)) == ""
    assert not os.path.lexists(path.parent.parent / "elsewhere")  # where the link leads: nothing was made there


@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_what_is_no_record_is_neither_waited_for_nor_in_the_way(kind: str) -> None:
    write({name: make() for name, make in FILES.items()})
    put(here().holders / "7-0123abcd.json", kind)
    everything_works()
    assert held_models.problems(here().holders) == ("7-0123abcd.json",)
    assert len(held_models.read(here().holders)) == 1


def put(path: Path, kind: str) -> None:
    {
        "pipe": os.mkfifo,
        "folder": os.mkdir,
        "link": lambda path: os.symlink(path.parent.parent / "elsewhere", path),
        "missing": lambda path: None,
    }[kind](path)


def test_names_that_nobody_can_have_given_are_named() -> None:
    write({name: make() for name, make in FILES.items()})
    for folder in ("jobs", "holders"):
        root = os.fsencode(here().artifacts / folder)
        os.mkdir(root + "/テスト".encode("cp932"))
        os.mkdir(root + "/テスト.json".encode("cp932"))
        os.mkdir(root + b"/two\nlines\x1b[31m")
    os.mkfifo(here().jobs / "digits-mlp-00000000")
    assert len(everything_works()) == 1
    names = [problem.name for problem in jobs.listing(here()).problems]
    assert len(names) == 4
    assert "digits-mlp-00000000" in names
    assert "two\\nlines\\x1b[31m" in names
    "\n".join((*names, *held_models.problems(here().holders))).encode()


def test_one_entry_that_fails_in_any_way_is_one_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    write({name: make() for name, make in FILES.items()})
    really = job_files.look_at

    def look(folder: Path) -> Any:
        if folder == folder_of(WANTED):
            raise RecursionError("too deep")
        return really(folder)

    monkeypatch.setattr("mnistcore.jobs.listing.look_at", look)
    jobs.start(here(), OTHER, device="cpu")
    assert [job.config for job in jobs.list_jobs(here())] == [OTHER]
    assert [problem.detail for problem in jobs.listing(here()).problems] == ["too deep"]
