"""Every change of the disk may be the last one, or fail: what is beside it is untouched, and done again it is done."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import mnistcore
from mnistcore import config, processes
from mnistcore.datasets.own import kept
from mnistcore.datasets.splits import SPLITS, Split
from mnistcore.errors import MnistcoreError, RunNotFoundError
from mnistcore.jobs import jobs
from mnistcore.models import held_models
from mnistcore.models.held_models import HeldModel
from mnistcore.runs.manifest import ClassRecord
from mnistcore.runs.store import Store
from mnistcore.training.presets import make_config
from mnistcore.training.resume_points import ResumePoints
from mnistcore.workspace import Workspace
from scripts.toys import toy_content
from tests.disk_changes import DiskChanges
from tests.disk_faults import Killed
from tests.test_resume_points import is_saved as is_point
from tests.test_resume_points import toy_point
from tests.test_store import is_saved, run_id_of

WISH = make_config("digits", "mlp", "handout", epochs=3)
OTHER = make_config("digits", "mlp", "handout", epochs=2)
MODEL = HeldModel(run_id="digits-mlp-00000001", device="cpu", size_bytes=10, last_used=datetime(2026, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Change:
    """Something that changes the disk.

    Attributes:
        prepare: what is there before.
        do: the change; done again after a fault it has to succeed.
        check: what has to hold afterwards.
        holds: what has to hold after a fault, too.
    """

    do: Callable[[Workspace], object]
    check: Callable[[Workspace], None]
    prepare: Callable[[Workspace], object] = lambda _: None
    holds: Callable[[Workspace], None] = lambda _: None
    least: int = 1  # changes of the disk
    raises: type[Exception] = MnistcoreError  # of a fault of the disk


def store(here: Workspace) -> Store:
    return Store(here.runs)


def whole(content: object) -> Callable[[Workspace], None]:
    def check(here: Workspace) -> None:
        assert is_saved(store(here), content)  # type: ignore[arg-type]

    return check


def no_problem(here: Workspace) -> None:
    assert store(here).listing().problems == ()


def delete(here: Workspace) -> None:
    try:
        store(here).delete(run_id_of(toy_content()))
    except RunNotFoundError:
        assert run_id_of(toy_content()) not in os.listdir(here.runs)


def is_deleted(here: Workspace) -> None:
    assert run_id_of(toy_content()) not in os.listdir(here.runs)
    store(here).save(toy_content(), replace=True)
    assert not [name for name in os.listdir(here.runs) if name.startswith(".")], (
        "what was left is freed by the next one"
    )


def adopt(here: Workspace) -> None:
    if run_id_of(toy_content()) not in os.listdir(here.runs):
        files = Store(here.artifacts / "elsewhere").files(run_id_of(toy_content()))
        store(here).adopt(run_id_of(toy_content()), files)


def old_or_new(here: Workspace) -> None:
    points = resume_points(here)
    assert is_point(points, toy_point(epoch=2)) or is_point(points, toy_point(epoch=3, values=1))


def resume_points(here: Workspace) -> ResumePoints:
    return ResumePoints(here.jobs / config.run_id(WISH) / "resume")


def job(here: Workspace) -> jobs.Job | None:
    return jobs.find(here, config.run_id(WISH))


def is_started(here: Workspace) -> None:
    found = job(here)
    assert found is not None and found.config == WISH
    assert jobs.listing(here).problems == ()


def no_job(here: Workspace) -> None:
    assert job(here) is None
    assert not jobs.is_known(here, config.run_id(WISH))


def start(here: Workspace) -> None:
    jobs.start(here, WISH)


def holders(here: Workspace) -> tuple[object, ...]:
    return tuple(held.models for held in held_models.read(here.holders))


def hold(here: Workspace) -> None:
    held_models.write(here.holders, "1234-0a0a0a0a", [MODEL])


def data_set(here: Workspace) -> None:
    images = np.zeros((4, 8, 8), dtype=np.uint8)
    split = Split(images, np.array([0, 1, 0, 1]))
    if isinstance(kept.read_record("mine", root=here.data), kept.KeptRecord):
        return
    record = kept.KeptRecord(
        name="mine", title=ClassRecord(ja="m", en="m"), classes=tuple(ClassRecord(ja=c, en=c) for c in "ab"), height=8, width=8,
        channels=1, polarity="ink", sizes=dict.fromkeys(SPLITS, 4), fingerprints=dict.fromkeys(SPLITS, "0" * 64),
    )  # fmt: skip
    kept.keep(record, dict.fromkeys(SPLITS, split), root=here.data)


def has_data_set(here: Workspace) -> None:
    assert isinstance(kept.read_record("mine", root=here.data), kept.KeptRecord)
    kept.remove("mine", root=here.data)
    data_set(here)
    # What is hidden beside it belongs to this process, which is alive, however dead it was made to look.
    assert [name for name in os.listdir(here.data / kept.FOLDER) if not name.startswith(".")] == ["mine"]


def no_data_set(here: Workspace) -> None:
    assert kept.records(root=here.data) == ()


def remove_data_set(here: Workspace) -> None:
    if kept.records(root=here.data):
        kept.remove("mine", root=here.data)


def record_table(here: Workspace) -> None:
    mnistcore.record_predictions([0, 1, 1], [0, 1, 0], classes=["a", "b"], name="table", store=store(here))


def is_recorded(here: Workspace) -> None:
    (found,) = [run for run in store(here).listing().runs if run.run_id != run_id_of(toy_content(seed=1))]
    store(here).verify(found)


CHANGES: dict[str, Change] = {
    "save a run": Change(lambda here: store(here).save(toy_content(), replace=True), whole(toy_content()), holds=no_problem, least=15),
    "replace a run": Change(
        lambda here: store(here).save(toy_content(values=1), replace=True), whole(toy_content(values=1)),
        prepare=lambda here: store(here).save(toy_content()), holds=no_problem, least=15,
    ),
    "delete a run": Change(delete, is_deleted, prepare=lambda here: store(here).save(toy_content()), holds=no_problem, least=8),
    "take a run from elsewhere": Change(
        adopt, whole(toy_content()), prepare=lambda here: Store(here.artifacts / "elsewhere").save(toy_content()), holds=no_problem, least=15,
    ),
    "record a table": Change(record_table, is_recorded, holds=no_problem, least=10),
    "save a resume point": Change(
        lambda here: resume_points(here).save(toy_point(epoch=3, values=1)),
        lambda here: _assert(is_point(resume_points(here), toy_point(epoch=3, values=1))),
        prepare=lambda here: resume_points(here).save(toy_point(epoch=2)), holds=old_or_new, least=9, raises=OSError,
    ),
    "drop a resume point": Change(
        lambda here: resume_points(here).drop(), lambda here: _assert(not resume_points(here).exists()),
        prepare=lambda here: resume_points(here).save(toy_point(epoch=2)), least=4,
    ),
    "start a training": Change(start, is_started, least=6),
    "start it again": Change(start, is_started, prepare=start, holds=is_started, least=6),
    "stop a training": Change(
        lambda here: jobs.stop(here, config.run_id(WISH)),
        lambda here: _assert((here.jobs / config.run_id(WISH) / "stop").exists()), prepare=start, holds=is_started, least=4,
    ),
    "forget a training": Change(lambda here: jobs.forget(here, config.run_id(WISH)), no_job, prepare=start, least=5),
    "say which models are loaded": Change(hold, lambda here: _assert(holders(here) == ((MODEL,),)), least=3, raises=OSError),
    "say that none is": Change(
        lambda here: held_models.write(here.holders, "1234-0a0a0a0a", []), lambda here: _assert(holders(here) == ()), prepare=hold, raises=OSError,
    ),
    "request a release": Change(
        lambda here: held_models.request_release(here.holders, "1234-0a0a0a0a", MODEL.run_id),
        lambda here: _assert(held_models.release_requests(here.holders, "1234-0a0a0a0a") == {MODEL.run_id}), prepare=hold,
    ),
    "add a data set": Change(data_set, has_data_set, least=12),
    "remove a data set": Change(remove_data_set, no_data_set, prepare=data_set, least=4),
}  # fmt: skip


def _assert(holds: bool) -> None:
    assert holds


@pytest.fixture(autouse=True)
def _no_training(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is started ends at once: this is about what is written before it."""
    with subprocess.Popen([sys.executable, "-S", "-c", ""]) as ended:
        ended.wait()
        monkeypatch.setattr(processes, "start_python", lambda *_, **__: ended)
        yield


def beside(here: Workspace) -> dict[str, bytes]:
    """What lies there that is not the thing that changes, path -> bytes."""
    run = here.runs / run_id_of(toy_content(seed=1))
    own = [*run.rglob("*"), *(here.jobs / config.run_id(OTHER)).rglob("request.json"), here.artifacts / "notes.txt"]
    return {str(path): path.read_bytes() for path in own if path.is_file()}


@pytest.mark.parametrize("fault", ["EIO", "ENOSPC", "EACCES", "ESTALE", "killed"])
@pytest.mark.parametrize("name", CHANGES)
def test_any_change_of_the_disk_may_fail_or_be_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, fault: str
) -> None:
    change, number = CHANGES[name], 0
    changes = DiskChanges(monkeypatch)
    code = getattr(errno, fault, 0)
    while True:
        here = Workspace(tmp_path / str(number), tmp_path / str(number) / "data")
        store(here).save(toy_content(seed=1))
        jobs.start(here, OTHER)
        (here.artifacts / "notes.txt").write_text("somebody's")
        change.prepare(here)
        before = beside(here)
        changes.arm(number, (lambda: OSError(code, os.strerror(code))) if code else Killed)
        error = _error_of(change, here)
        if not changes.disarm():
            assert error is None
            break
        assert isinstance(error, change.raises | Killed | None), (number, error)
        assert before == beside(here), number
        change.holds(here)
        change.do(here)
        change.check(here)
        assert before == beside(here), number
        number += 1
    assert number >= change.least
    change.check(here)
    sys.stdout.write(f"{name}, {fault}: {number} moments\n")


def _error_of(change: Change, here: Workspace) -> BaseException | None:
    try:
        change.do(here)
    except BaseException as error:
        return error
    return None
