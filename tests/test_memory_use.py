"""Which processes use how much of which device, and having it released: with trainings and processes that are real, and some drawn."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mnistcore.devices.device_memory import DeviceInfo, Survey
from mnistcore.errors import InputError, RunNotFoundError
from mnistcore.jobs import jobs
from mnistcore.jobs.jobs import Job
from mnistcore.memory import memory_use
from mnistcore.memory.memory_use import DeviceUse, ModelUse, Released, TrainingUse
from mnistcore.models import held_models
from mnistcore.models.held_models import HeldModel
from mnistcore.training import presets
from scripts.toys import toy_job
from tests.here import here

SECONDS = 60.0  # far more than anything here takes
GPU = DeviceInfo("cuda:0", "cuda", "A GPU", 1000, 700)
CPU = DeviceInfo("cpu", "cpu", "A CPU", 2000, 500)
TRAINING = TrainingUse(run_id="digits-mlp-00000001", device="cuda:0", size_bytes=200, pid=7, state="training")
MODEL = ModelUse("digits-mlp-00000002", "cuda:0", 50, pid=8, idle_seconds=1, leaves_in_seconds=9, record="8-00000000")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """What `jobs.list_jobs` gives, to be filled."""
    found: list[Job] = []
    monkeypatch.setattr(jobs, "list_jobs", lambda _: tuple(found))
    return found


def keep(*run_ids: str, device: str = "cpu") -> str:
    """Say that this process keeps models; gives the name of its record."""
    name = held_models.new_name()
    used = datetime.now(UTC)
    held_models.write(
        here().holders, name, [HeldModel(run_id=each, device=device, size_bytes=50, last_used=used) for each in run_ids]
    )
    return name


def wait(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


# ---------------------------------------------------------------- who holds what


def test_trainings_that_live_and_kept_models_hold_memory(drawn: list[Job]) -> None:
    drawn += [
        toy_job(),
        toy_job("digits-mlp-00000002", state="waiting", place=1, memory_bytes=0, pid=9),
        toy_job("digits-mlp-00000003", state="interrupted", pid=None, memory_bytes=None),
    ]
    record = keep("digits-cnn-00000004")
    training, waiting, model = memory_use.list_uses(here())
    assert training == TRAINING
    assert isinstance(waiting, TrainingUse) and isinstance(model, ModelUse)
    assert (waiting.state, waiting.size_bytes) == ("waiting", 0)
    assert (model.run_id, model.record, model.pid) == ("digits-cnn-00000004", record, os.getpid())
    assert model.idle_seconds < 10
    assert model.leaves_in_seconds > held_models.IDLE_SECONDS - 10


def test_each_device_has_its_uses(drawn: list[Job]) -> None:
    drawn += [toy_job(), toy_job("digits-mlp-00000002", queue="cpu"), toy_job("digits-mlp-00000003", queue="cuda:1")]
    uses = memory_use.device_uses(here(), Survey((GPU, CPU), "found", ""))
    assert [(use.device.name, [one.run_id[-1] for one in use.uses]) for use in uses] == [
        ("cuda:1", ["3"]),  # held, though nobody knows the device
        ("cuda:0", ["1"]),
        ("cpu", ["2"]),
    ]
    assert uses[0].device.total_bytes is None
    assert uses[0].parts == ()
    assert uses[0].others_bytes is uses[0].used_share is None


def test_a_device_of_the_same_name_elsewhere_is_not_this_one(drawn: list[Job]) -> None:
    this_one, elsewhere = jobs.site("cuda:0"), "0123abcd"
    drawn += [toy_job(site=this_one), toy_job("digits-mlp-00000002", site=elsewhere), toy_job("digits-mlp-00000003")]
    (gpu, cpu) = memory_use.device_uses(here(), Survey((GPU, CPU), "found", ""))
    assert [one.run_id[-1] for one in gpu.uses] == ["1", "3"]
    assert cpu.uses == ()
    assert gpu.others_bytes == 700 - 2 * 200
    assert [use.is_here for use in memory_use.choose(here(), (), everything=True)] == [True, False, True]
    drawn[:] = [toy_job(queue="cuda:7", site=elsewhere)]
    assert [use.device.name for use in memory_use.device_uses(here(), Survey((GPU, CPU), "found", ""))] == [
        "cuda:0",
        "cpu",
    ]


def test_the_devices_are_asked_after_where_nobody_did(drawn: list[Job]) -> None:
    assert memory_use.device_uses(here())[-1].device.name == "cpu"


def test_what_nobody_of_ours_holds_is_others() -> None:
    use = DeviceUse(GPU, (TRAINING, MODEL))
    assert use.others_bytes == 450
    assert use.used_share == 0.7
    assert [(part.kind, part.size_bytes, part.share) for part in use.parts] == [
        ("training", 200, 0.2), ("model", 50, 0.05), ("others", 450, 0.45),
    ]  # fmt: skip


def test_parts_of_nothing_are_left_out() -> None:
    assert [part.kind for part in DeviceUse(GPU, ()).parts] == ["others"]
    assert DeviceUse(replace(GPU, used_bytes=0), ()).parts == ()


def test_use_that_is_not_known_is_not_made_up() -> None:
    use = DeviceUse(replace(GPU, used_bytes=None), (TRAINING,))
    assert use.others_bytes is use.used_share is None
    assert [(part.kind, part.share) for part in use.parts] == [("training", 0.2)]


def test_what_was_read_at_two_moments_never_fills_more_than_the_device() -> None:
    use = DeviceUse(replace(GPU, used_bytes=100), (replace(TRAINING, size_bytes=900), replace(MODEL, size_bytes=300)))
    assert use.others_bytes == 0
    assert sum(part.share for part in use.parts) <= 1


# ---------------------------------------------------------------- choosing


def test_without_names_the_models_are_meant(drawn: list[Job]) -> None:
    drawn.append(toy_job())
    keep("digits-cnn-00000004", "digits-mlp-00000001")
    assert [type(use) for use in memory_use.choose(here(), ())] == [ModelUse, ModelUse]
    assert [type(use) for use in memory_use.choose(here(), (), everything=True)] == [TrainingUse, ModelUse, ModelUse]
    assert [type(use) for use in memory_use.choose(here(), ["digits-mlp-00000001"])] == [TrainingUse, ModelUse]


def test_a_name_that_holds_nothing_is_said_with_those_that_do(drawn: list[Job]) -> None:
    drawn.append(toy_job())
    with pytest.raises(RunNotFoundError, match="digits-mlp-99999999 uses no memory.*digits-mlp-00000001"):
        memory_use.choose(here(), ["digits-mlp-00000001", "digits-mlp-99999999"])
    drawn.clear()
    with pytest.raises(RunNotFoundError, match="now that is none"):
        memory_use.choose(here(), ["digits-mlp-00000001"])


def test_names_and_everything_cannot_both_be_meant(drawn: list[Job]) -> None:
    with pytest.raises(InputError, match="got both"):
        memory_use.choose(here(), ["digits-mlp-00000001"], everything=True)


# ---------------------------------------------------------------- giving back


@pytest.fixture
def training(artifacts: Path) -> Iterator[Job]:
    """A real training, in its own process, past its first step; it would take hours."""
    wanted = presets.make_config("digits", "mlp", "handout", epochs=1000, batch_size=4)
    started = jobs.start(here(), wanted, device="cpu")
    wait(lambda: (found := jobs.find(here(), started.run_id)) is not None and found.steps_done > 0)
    found = jobs.find(here(), started.run_id)
    assert found is not None
    yield found
    jobs.kill(here(), started.run_id)


def test_a_training_ends_and_keeps_what_it_has(training: Job) -> None:
    (use,) = memory_use.choose(here(), [training.run_id])
    assert (use.device, use.pid) == ("cpu", training.pid)
    assert use.size_bytes is None or use.size_bytes > 2**20
    told: list[Released] = []
    (result,) = memory_use.release(here(), [use], patience_seconds=SECONDS, on_release=told.append)
    assert told == [result]
    assert result.outcome == "stopped"
    ended = jobs.find(here(), training.run_id)
    assert ended is not None
    assert ended.state == "interrupted"
    assert ended.resumable
    assert memory_use.list_uses(here()) == ()


def test_a_training_that_does_not_answer_is_killed(training: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "stop", lambda *_: None)  # as if it never looked
    (result,) = memory_use.release(here(), memory_use.choose(here(), [training.run_id]), patience_seconds=0.3)
    assert result.outcome == "killed"
    ended = jobs.find(here(), training.run_id)
    assert ended is not None
    assert ended.state == "interrupted"


def test_another_users_training_stays(training: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(process: int, number: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(jobs, "stop", lambda *_: None)
    monkeypatch.setattr(memory_use, "_KILL_SECONDS", 0.3)
    chosen = memory_use.choose(here(), [training.run_id])
    with monkeypatch.context() as patch:
        patch.setattr(signal, "pidfd_send_signal", forbidden)
        (result,) = memory_use.release(here(), chosen, patience_seconds=0.2)
    assert result.outcome == "kept"
    assert not memory_use.kill(here(), replace(TRAINING, run_id="digits-mlp-99999999"))


def test_a_model_whose_process_is_busy_is_said_to_stay(drawn: list[Job]) -> None:
    keep("digits-cnn-00000004")  # by this process, which does not look
    (result,) = memory_use.release(here(), memory_use.choose(here(), ()), patience_seconds=0.3)
    assert result.outcome == "kept"
    held_models.write(here().holders, result.use.record, [])
    assert memory_use.choose(here(), ()) == ()


def test_nothing_takes_no_time(drawn: list[Job]) -> None:
    assert memory_use.release(here(), ()) == ()
