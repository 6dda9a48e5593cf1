"""Resume points: what was saved comes back, of this very training only; whatever ends a save leaves one whole point."""

import errno
import hashlib
import json
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnistcore.config import Preprocessing
from mnistcore.errors import ResumePointError
from mnistcore.runs import atomic
from mnistcore.training.resume_points import ResumePoint, ResumePoints
from scripts.toys import toy_config
from tests.damage import ANYTHING, places, replaced
from tests.disk_faults import STEPS, Faults, Killed, steps_of
from tests.forks import fork
from tests.saved import is_point_saved, same
from tests.trainings import FINGERPRINTS, toy_point


@pytest.fixture
def points(tmp_path: Path) -> ResumePoints:
    return ResumePoints(tmp_path / "resume")


# --- saving and reading -------------------------------------------------------------------------------------------


def test_what_was_saved_comes_back(points: ResumePoints) -> None:
    for epoch, values in ((1, 0), (2, 1), (2, 2), (5, 3)):
        points.save(toy_point(epoch=epoch, values=values))
        assert points.exists()
        assert is_point_saved(points, toy_point(epoch=epoch, values=values))
        assert len(os.listdir(points.folder)) == 2 + (epoch - 1)  # resume.json, the state, the logits of each epoch


def test_logits_of_earlier_epochs_are_not_written_again(points: ResumePoints) -> None:
    points.save(toy_point(epoch=2))
    (kept,) = points.folder.glob("logits-1-*")
    before = kept.stat()
    points.save(toy_point(epoch=3, values=1))
    assert kept.stat().st_mtime_ns == before.st_mtime_ns
    assert is_point_saved(points, toy_point(epoch=3, values=1))


def test_logits_of_another_training_of_the_configuration_are_not_taken_over(points: ResumePoints) -> None:
    points.save(toy_point(epoch=3))
    other = toy_point(epoch=3)
    changed = {epoch: {split: array + 7 for split, array in logits.items()} for epoch, logits in other.logits.items()}
    history = tuple(replace(report, train_loss=9.0) for report in other.history)
    retrained = replace(other, fingerprints=FINGERPRINTS | {"train": "2" * 64}, history=history, logits=changed)
    points.save(retrained)
    assert is_point_saved(points, retrained)


def test_nothing_there_is_none(points: ResumePoints) -> None:
    assert points.read(toy_config(), FINGERPRINTS) is None
    assert not points.exists()
    points.drop()
    assert not points.folder.exists()


def test_dropped_is_gone(points: ResumePoints) -> None:
    points.save(toy_point())
    points.drop()
    assert not points.exists()
    assert not points.folder.exists()


def test_another_training_is_refused(points: ResumePoints) -> None:
    point = toy_point()
    points.save(point)
    with pytest.raises(ResumePointError, match="another configuration"):
        points.read(toy_config(epochs=9, seed=1), FINGERPRINTS)
    with pytest.raises(ResumePointError, match="another images"):
        points.read(point.config, FINGERPRINTS | {"train": "2" * 64})
    other = replace(point, config=toy_config(epochs=9, seed=1))
    points.save(other)
    assert is_point_saved(points, other)


# --- damage -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["resume.json", "state-*", "logits-1-*"])
@pytest.mark.parametrize("harm", ["removed", "truncated", "flipped", "emptied"])
def test_damage_is_named_and_the_next_save_mends_it(points: ResumePoints, pattern: str, harm: str) -> None:
    point = toy_point(epoch=3)
    points.save(point)
    (path,) = points.folder.glob(pattern)
    data = bytearray(path.read_bytes())
    if harm == "removed":
        path.unlink()
    elif harm == "flipped":
        data[len(data) // 2] ^= 255
        path.write_bytes(data)
    else:
        path.write_bytes(data[: len(data) // 2] if harm == "truncated" else b"")
    if (pattern, harm) == ("resume.json", "removed"):
        assert points.read(point.config, FINGERPRINTS) is None
    else:
        with pytest.raises(ResumePointError, match="starts at the beginning"):
            points.read(point.config, FINGERPRINTS)
    points.drop()
    points.save(point)
    assert is_point_saved(points, point)


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": 2},
        {"epoch": 0},
        {"step": -1},
        {"state": "../secret.safetensors"},
        {"state": "/etc/passwd"},
        {"state": "state-1234.safetensors"},
        {"history": [{"epoch": 1}]},
        {"logits": {"1": "run.json"}},
        {"extra": 1},
    ],
)
def test_a_manifest_that_says_nonsense_is_refused(points: ResumePoints, change: dict[str, Any]) -> None:
    point = toy_point()
    points.save(point)
    path = points.folder / "resume.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | change))
    with pytest.raises(ResumePointError):
        points.read(point.config, FINGERPRINTS)


# --- faults -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, None])
def test_a_fault_at_any_step_leaves_the_old_or_the_new(
    tmp_path: Path, faults: Faults, there: bool, code: int | None
) -> None:
    old, new, other = toy_point(epoch=2), toy_point(epoch=3, values=1), toy_point()

    def prepared(name: str) -> ResumePoints:
        points = ResumePoints(tmp_path / name / "resume")
        ResumePoints(tmp_path / name / "other").save(other)
        if there:
            points.save(old)
        return points

    points = prepared("count")
    steps = steps_of(faults, lambda: points.save(new))
    assert steps >= 9 - there  # with the first one in the place, one file of logits is there already
    outcomes = []
    for step in range(steps):
        points = prepared(str(step))
        faults.arm(step, lambda: Killed() if code is None else OSError(code, os.strerror(code)))
        with pytest.raises((OSError, Killed)):
            points.save(new)
        faults.disarm()
        outcomes.append(is_point_saved(points, new))
        assert outcomes[-1] or (is_point_saved(points, old) if there else not points.exists())
        assert is_point_saved(ResumePoints(tmp_path / str(step) / "other"), other)
        points.save(new)
        assert is_point_saved(points, new)
        assert len(os.listdir(points.folder)) == 4  # what was left half written is gone
    assert outcomes == sorted(outcomes)
    assert outcomes.count(True) == 1  # the last wait for the disk, after the rename


def test_sigkill_at_any_step_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    old, new = toy_point(epoch=2), toy_point(epoch=3, values=1)
    outcomes = []
    for step in range(100):
        points = ResumePoints(tmp_path / str(step))
        points.save(old)
        process = fork(save_and_die, points, new, step)
        process.join()
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        outcomes.append(is_point_saved(points, new))
        assert outcomes[-1] or is_point_saved(points, old)
        points.save(new)
        assert is_point_saved(points, new)
        assert len(os.listdir(points.folder)) == 4
    assert len(outcomes) >= 8
    assert outcomes == sorted(outcomes)
    assert not outcomes[0]
    assert outcomes[-1]
    assert is_point_saved(points, new)


def save_and_die(points: ResumePoints, point: ResumePoint, step: int) -> None:
    """In a process of its own, which ends before the step of that number."""
    count = 0

    def killing(call: Callable[..., Any]) -> Callable[..., Any]:
        def checked(*arguments: Any) -> Any:
            nonlocal count
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1
            return call(*arguments)

        return checked

    os.fsync = lambda descriptor: None
    for name in STEPS:
        setattr(atomic, name, killing(getattr(atomic, name)))
    points.save(point)


def test_a_folder_that_is_no_folder_is_an_error_of_the_disk(points: ResumePoints) -> None:
    points.folder.write_text("mine")
    with pytest.raises(OSError):
        points.save(toy_point())
    assert not points.exists()
    with pytest.raises(ResumePointError):
        points.read(toy_config(), FINGERPRINTS)


def test_two_that_train_the_same_leave_a_whole_point_or_say_so(points: ResumePoints) -> None:
    """Where file locks do not work: each one's files may be taken away by the other, and nothing else goes wrong."""
    savers = [fork(save_again_and_again, points, values) for values in (1, 2, 3)]
    while any(saver.is_alive() for saver in savers):
        try:
            found = points.read(toy_point().config, FINGERPRINTS)
        except ResumePointError:
            continue
        if found is not None:
            assert is_same_moment(found)
    assert [saver.exitcode for saver in savers] == [0, 0, 0]
    points.save(toy_point())
    assert is_point_saved(points, toy_point())


def is_same_moment(found: ResumePoint) -> bool:
    expected = toy_point(values=found.step - 3)
    return same(found.tensors, expected.tensors) and same(found.weights, expected.weights)


def save_again_and_again(points: ResumePoints, values: int) -> None:
    os.fsync = lambda descriptor: None
    for _ in range(60):
        try:
            points.save(toy_point(values=values))
        except FileNotFoundError:  # taken away by another
            continue


# --- what others may have written ---------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.data())
def test_no_value_in_any_place_is_more_than_an_unusable_point(tmp_path: Path, drawn: st.DataObject) -> None:
    points = ResumePoints(tmp_path / "resume")
    points.drop()
    point = toy_point()
    points.save(point)
    path = points.folder / "resume.json"
    manifest = json.loads(path.read_bytes())
    place = drawn.draw(st.sampled_from(list(places(manifest))))
    path.write_text(json.dumps(replaced(manifest, place, drawn.draw(ANYTHING))))
    assert points.exists()
    with suppress(ResumePointError):
        points.read(point.config, point.fingerprints)
    points.save(point)
    again = points.read(point.config, point.fingerprints)
    assert again is not None
    assert again.step == point.step


def test_what_a_damaged_point_says_of_its_files_is_not_taken_over(points: ResumePoints) -> None:
    point = toy_point()
    points.save(point)
    path = points.folder / "resume.json"
    manifest = json.loads(path.read_bytes())
    assert manifest["logits"]
    path.write_text(json.dumps(manifest | {"files": {}}))
    points.save(point)
    assert is_point_saved(points, point)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/nowhere", path)])
def test_what_is_no_file_is_no_resume_point(tmp_path: Path, make: Callable[[Path], None]) -> None:
    points = ResumePoints(tmp_path / "resume")
    points.folder.mkdir()
    make(points.folder / "resume.json")
    assert not points.exists()
    with pytest.raises(ResumePointError):
        points.read(toy_point().config, {})


def test_types_that_numpy_does_not_know_are_an_unusable_point(points: ResumePoints) -> None:
    point = toy_point()
    points.save(point)
    (state,) = points.folder.glob("state-*")
    content = state.read_bytes().replace(b'"dtype":"U8"', b'"dtype":"I7"')
    state.write_bytes(content)
    manifest = json.loads((points.folder / "resume.json").read_bytes())
    manifest["files"][state.name] = hashlib.sha256(content).hexdigest()
    (points.folder / "resume.json").write_text(json.dumps(manifest))
    with pytest.raises(ResumePointError, match=state.name):
        points.read(point.config, point.fingerprints)


def test_a_point_of_images_that_nobody_says_how_they_were_prepared_is_unusable(points: ResumePoints) -> None:
    letters = toy_config(epochs=9).model_copy(update={"dataset": "letters"})
    points.save(toy_point(config=letters))
    with pytest.raises(ResumePointError, match="prepared"):
        points.read(letters, FINGERPRINTS)
    points.save(toy_point(config=letters, preprocessing=Preprocessing(mean=0.2, std=0.4)))
    found = points.read(letters, FINGERPRINTS)
    assert found is not None
    assert found.preprocessing == Preprocessing(mean=0.2, std=0.4)
