"""Two accounts and one folder: what a hostile one plants harms nobody, and two honest ones get on or are told why not."""

import errno
import fcntl
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mnistcore import config, processes
from mnistcore.config import TrainConfig
from mnistcore.datasets.catalogue import all_datasets
from mnistcore.errors import MnistcoreError
from mnistcore.jobs import job_files, jobs, turns
from mnistcore.jobs.records import Request, Status, now_utc
from mnistcore.memory import memory_use
from mnistcore.models import held_models
from mnistcore.runs.store import Store
from mnistcore.training.presets import make_config
from mnistcore.workspace import Workspace
from tests.forks import fork
from tests.observing import Listening
from tests.users import ALICE, BOB, LAB, as_account, become, shared_folder

pytestmark = pytest.mark.needs_accounts

SECRET = "the private key"  # noqa: S105 - made up


def recipe(seed: int = 0) -> TrainConfig:
    """A training of a second."""
    return make_config("digits", "linear", "handout", seed=seed, epochs=1)


def there(artifacts: Path) -> Workspace:
    return Workspace.around(artifacts / "runs")


def attempted(attempt: Callable[[], object]) -> str:
    """What is said; an error that is not one of ours fails the test."""
    try:
        return str(attempt())
    except MnistcoreError as error:
        return f"{type(error).__name__}: {error}"


# --- what a hostile account plants ----------------------------------------------------------------------------------


def forged(config_: TrainConfig, **status: Any) -> tuple[str, str]:
    """request.json and status.json of a training that never was."""
    request = Request(attempt="1", config=config_, device="cpu", force=False, fresh=False)
    said = {"attempt": "1", "state": "interrupted", "queue": "cpu", "queued": now_utc(), "updated": now_utc()} | status
    return request.model_dump_json(), Status(**said).model_dump_json()


def write_job(folder: Path, config_: TrainConfig, **status: Any) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in zip(("request.json", "status.json"), forged(config_, **status), strict=True):
        (folder / name).write_text(text, encoding="utf-8")


def replace_by_link(path: Path, target: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def replace_by_pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


# What is planted in the folder of a training, given that folder and one of the victim's own, full of files.
INSIDE: dict[str, Callable[[Path, Path], None]] = {
    "resume is a link to a folder": lambda job, prey: replace_by_link(job / "resume", prey),
    "resume is a link to files that are called as its own": lambda job, prey: replace_by_link(
        job / "resume", prey / "like"
    ),
    "resume is a pipe": lambda job, prey: replace_by_pipe(job / "resume"),
    "the log is a link to a key": lambda job, prey: replace_by_link(job / "log.txt", prey / "key"),
    "the log is a link to a dot file": lambda job, prey: replace_by_link(job / "log.txt", prey / ".bashrc"),
    "the log is a link to no file": lambda job, prey: replace_by_link(job / "log.txt", prey / "new"),
    "the log is a pipe": lambda job, prey: replace_by_pipe(job / "log.txt"),
    "the status is a link": lambda job, prey: replace_by_link(job / "status.json", prey / "key"),
    "the status is a pipe": lambda job, prey: replace_by_pipe(job / "status.json"),
    "the request is a link": lambda job, prey: replace_by_link(job / "request.json", prey / "key"),
    "the request is a pipe": lambda job, prey: replace_by_pipe(job / "request.json"),
    "stop is a link": lambda job, prey: replace_by_link(job / "stop", prey / "key"),
    "stop is a pipe": lambda job, prey: replace_by_pipe(job / "stop"),
    "spare is a link": lambda job, prey: replace_by_link(job / "spare", prey / "key"),
    "the lock is a link": lambda job, prey: replace_by_link(job / "lock", prey / "key"),
    "the lock is a pipe": lambda job, prey: replace_by_pipe(job / "lock"),
    "a temporary file is a link": lambda job, prey: replace_by_link(job / ".tmp-status.json-1-00000000", prey / "key"),
    "something removed is a link": lambda job, prey: replace_by_link(job / ".del-status.json-00000000", prey),
    "nothing but the job": lambda job, prey: None,
}
# What is planted in the place of such a folder.
INSTEAD: dict[str, Callable[[Path, Path], None]] = {
    "a link to a folder": lambda job, prey: job.symlink_to(prey),
    "a link to nothing": lambda job, prey: job.symlink_to(prey / "new"),
    "a pipe": lambda job, prey: os.mkfifo(job),
    "a file": lambda job, prey: job.touch(),
}
# What is planted beside the records of models, and beside the trainings.
HOLDERS = ["/../../..", "../../prey/new", "a/../../prey", "x\n", "..", ""]


def prey_of(artifacts: Path) -> Path:
    return artifacts.parent / "prey"


def make_prey(folder: Path) -> None:
    (folder / "like").mkdir(parents=True)
    (folder / "key").write_text(SECRET, encoding="utf-8")
    (folder / ".bashrc").write_text("alias", encoding="utf-8")
    for name in ("resume.json", "state-00000000.safetensors", "logits-1-00000000.safetensors", "lock", "status.json"):
        (folder / "like" / name).write_text(name, encoding="utf-8")
        (folder / name).write_text(name, encoding="utf-8")


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8") if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }


def plant_inside(artifacts: Path) -> None:
    """As the hostile account: each of these in the folder of another training, where there may be one."""
    for number, inside in enumerate(INSIDE.values()):
        folder = there(artifacts).jobs / config.run_id(recipe(number))
        if not folder.exists():
            write_job(folder, recipe(number))
        inside(folder, prey_of(artifacts))


def plant_all(artifacts: Path) -> None:
    """As the hostile account: trainings of its own that are traps, and the rest beside them."""
    made = there(artifacts)
    plant_inside(artifacts)
    for number, instead in enumerate(INSTEAD.values(), start=len(INSIDE)):
        instead(made.jobs / config.run_id(recipe(number)), prey_of(artifacts))
    replace_by_pipe(made.jobs / "pipe")
    for number, run_id in enumerate(HOLDERS):
        process = {"machine": processes.this_machine(), "pid": os.getppid(), "started": None}
        model = {"run_id": run_id, "device": "cpu", "size_bytes": 1, "last_used": now_utc()}
        record = {"process": process, "models": [model]}
        (made.holders / f"1-{number:08d}.json").write_text(json.dumps(record), encoding="utf-8")
    replace_by_pipe(made.holders / "1-00000100.json")
    replace_by_link(made.holders / "1-00000101.json", prey_of(artifacts) / "key")
    replace_by_pipe(made.holders / "2-00000000.digits-mlp.release")
    replace_by_pipe(artifacts / "pipe")
    replace_by_link(made.runs / ".del-runs-00000000", prey_of(artifacts))
    replace_by_link(made.runs / ".tmp-run-1-00000000", prey_of(artifacts))


def make_own_jobs(artifacts: Path, mode: int) -> None:
    """What the victim has trained before, in folders that the umask left open to the group."""
    made = there(artifacts)
    for folder in (made.jobs, made.holders, made.runs, made.data):
        folder.mkdir(exist_ok=True)
        os.chown(folder, -1, LAB)
        folder.chmod(mode)
    for number in range(len(INSIDE)):
        folder = made.jobs / config.run_id(recipe(number))
        write_job(folder, recipe(number))
        os.chown(folder, -1, LAB)
        folder.chmod(0o775)


def meet(artifacts: Path, count: int) -> list[str]:
    """Everything that the victim's pages and commands do with trainings; gives what is said."""
    made = there(artifacts)
    said = [str(jobs.listing(made)), str(memory_use.list_uses(made)), str(memory_use.list_problems(made))]
    said += [attempted(lambda use=use: memory_use.request_release(made, use)) for use in memory_use.list_uses(made)]
    said += [str(sorted(all_datasets(root=made.data)))]
    for number in range(count):
        run_id = config.run_id(recipe(number))
        for attempt in (
            lambda run_id=run_id: jobs.find(made, run_id),
            lambda run_id=run_id: jobs.read_log(made, run_id),
            lambda run_id=run_id: jobs.kill(made, run_id),
            lambda run_id=run_id: jobs.stop(made, run_id),
            lambda number=number: jobs.run(made, recipe(number), device="cpu", force=True),
            lambda run_id=run_id: jobs.run_again(made, run_id),
            lambda run_id=run_id: jobs.read_log(made, run_id),
            lambda run_id=run_id: jobs.forget(made, run_id),
        ):
            said.append(attempted(attempt))
    said += [str(jobs.listing(made)), str(memory_use.list_uses(made))]
    return said


@pytest.mark.parametrize("mode", [0o3770, 0o2770])
def test_what_another_account_plants_in_the_place_of_trainings_harms_nobody(mode: int) -> None:
    with shared_folder(mode) as artifacts:
        as_account(ALICE, make_prey, artifacts / "prey")
        os.rename(artifacts / "prey", prey_of(artifacts))
        before = contents(prey_of(artifacts))
        as_account(ALICE, make_own_jobs, artifacts, mode)
        made = there(artifacts)
        for folder in list(made.jobs.iterdir()):
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
        as_account(BOB, plant_all, artifacts)
        theirs = contents_of_links(made.jobs)
        said = as_account(ALICE, meet, artifacts, len(INSIDE) + len(INSTEAD))
        assert contents(prey_of(artifacts)) == before
        assert contents_of_links(made.jobs) == theirs, "what is another account's is left as it was"
        assert not [line for line in said if SECRET in line]
        refusals = [line for line in said if "another account's" in line or "of the account" in line]
        assert len(refusals) >= len(INSIDE)
        assert not (artifacts.parent / "new").exists()


def contents_of_links(folder: Path) -> dict[str, object]:
    """What lies there, links and pipes as such; but for what this version makes among them."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_ino, path.lstat().st_mode, path.lstat().st_size)
        for path in sorted(folder.rglob("*"))
        if not path.name.startswith(".device-") and path.lstat().st_uid == BOB
    }


@pytest.mark.parametrize("mode", [0o3770, 0o2770])
def test_what_another_account_plants_in_open_folders_of_ones_own_harms_nobody(mode: int) -> None:
    with shared_folder(mode) as artifacts:
        as_account(ALICE, make_prey, artifacts / "prey")
        os.rename(artifacts / "prey", prey_of(artifacts))
        before = contents(prey_of(artifacts))
        as_account(ALICE, make_own_jobs, artifacts, mode)
        as_account(BOB, plant_inside, artifacts)
        said = as_account(ALICE, meet, artifacts, len(INSIDE))
        assert contents(prey_of(artifacts)) == before
        assert not [line for line in said if SECRET in line]
        trained = [line for line in said if line.startswith("TrainResult")]
        assert len(trained) >= len(INSIDE), said


def test_a_second_name_of_a_file_is_not_written_to() -> None:
    with shared_folder(0o3770) as artifacts:
        as_account(ALICE, make_prey, artifacts / "prey")
        os.rename(artifacts / "prey", prey_of(artifacts))
        before = contents(prey_of(artifacts))
        as_account(ALICE, make_own_jobs, artifacts, 0o3770)
        for number, name in enumerate(("log.txt", "lock", "status.json", "request.json", "stop", "spare")):
            path = there(artifacts).jobs / config.run_id(recipe(number)) / name
            path.unlink(missing_ok=True)
            os.link(prey_of(artifacts) / "key", path)
        modes = (prey_of(artifacts) / "key").stat().st_mode
        said = as_account(ALICE, meet, artifacts, 6)
        assert contents(prey_of(artifacts)) == before
        assert (prey_of(artifacts) / "key").stat().st_mode == modes
        assert len([line for line in said if line.startswith("TrainResult")]) >= 6


def test_a_pipe_or_a_link_in_the_place_of_a_whole_folder_is_an_error_in_words() -> None:
    for name in ("jobs", "holders", "runs"):
        for make in (os.mkfifo, lambda path: os.symlink("/etc", path), lambda path: path.touch()):
            with shared_folder(0o3770) as artifacts:
                make(artifacts / name)
                said = as_account(ALICE, meet, artifacts, 1)
                assert [line for line in said if line.startswith("StoreWriteError")] or name == "holders", said


# --- what one account may do to another ---------------------------------------------------------------------------


def hold_forever(path: Path, sender_done: Path, make: bool) -> None:
    descriptor = os.open(path, os.O_RDONLY if not make else os.O_RDWR | os.O_CREAT, 0o666)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    sender_done.touch()
    time.sleep(60)


def train(artifacts: Path, seed: int, **options: Any) -> str:
    return attempted(lambda: jobs.run(there(artifacts), recipe(seed), device="cpu", **options))


def place_of(artifacts: Path) -> Path:
    (found,) = there(artifacts).jobs.glob(".device-*.lock")
    return found


def may_open(path: Path) -> str:
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "opened"


@pytest.mark.parametrize(("mode", "found"), [(0o755, "EACCES"), (0o700, "EACCES"), (0o3770, "opened")])
def test_a_lock_is_held_only_by_who_may_write_to_the_folder(mode: int, found: str) -> None:
    with shared_folder(mode) as artifacts:
        assert as_account(ALICE, train, artifacts, 1).startswith("TrainResult")
        assert as_account(BOB, may_open, place_of(artifacts)) == found
        assert as_account(BOB, may_open, there(artifacts).jobs / config.run_id(recipe(1)) / "lock") == "EACCES"


def test_the_locks_of_an_earlier_version_are_closed() -> None:
    with shared_folder(0o755) as artifacts:
        assert as_account(ALICE, train, artifacts, 1).startswith("TrainResult")
        there(artifacts).jobs.chmod(0o755)
        place_of(artifacts).chmod(0o644)
        (there(artifacts).jobs / config.run_id(recipe(1)) / "lock").chmod(0o644)
        assert as_account(ALICE, train_anew, artifacts, 1).startswith("TrainResult")
        assert as_account(BOB, may_open, place_of(artifacts)) == "EACCES"
        modes = [path.stat().st_mode & 0o777 for path in (there(artifacts).jobs, place_of(artifacts))]
        assert modes == [0o700, 0o600]


def test_a_folder_that_is_made_here_is_closed(artifacts: Path) -> None:
    Store(artifacts / "runs").check_writable()
    assert artifacts.stat().st_mode & 0o777 == 0o700


def test_the_folder_of_a_clone_is_closed_at_its_first_use_and_never_again(artifacts: Path) -> None:
    artifacts.mkdir(mode=0o755)
    (artifacts / ".gitkeep").touch()
    Store(artifacts / "runs").check_writable()
    assert artifacts.stat().st_mode & 0o777 == 0o700
    artifacts.chmod(0o755)  # its owner lets others read
    Store(artifacts / "runs").check_writable()
    assert artifacts.stat().st_mode & 0o777 == 0o755


def wait_to_be_told(artifacts: Path) -> list[str]:
    turns.QUEUE_SECONDS = 0.1
    told: list[str] = []
    listening = Listening(on_warning=told.append, should_stop=lambda: bool(told))
    attempted(lambda: jobs.run(there(artifacts), recipe(3), device="cpu", observer=listening))
    return told


def test_who_of_another_account_holds_a_place_is_named() -> None:
    with shared_folder(0o3770) as artifacts:
        assert as_account(ALICE, train, artifacts, 1).startswith("TrainResult")
        ready = artifacts / "ready"
        holder = fork(become, BOB, hold_forever, place_of(artifacts), ready, False)
        while not ready.exists():
            time.sleep(0.01)
        (told,) = as_account(ALICE, wait_to_be_told, artifacts)
        holder.kill()
        holder.join()
        assert f"held by process {holder.pid} of the account {BOB}: expected a training run" in told


def sleep_and_hold(artifacts: Path, seed: int, ready: Path) -> None:
    """A training of this account that does not answer."""
    folder = there(artifacts).jobs / config.run_id(recipe(seed))
    lock = job_files.take_lock(there(artifacts), folder.name)
    assert lock is not None
    request, status = forged(recipe(seed), state="training", process=processes.this_process())
    (folder / "request.json").write_text(request, encoding="utf-8")
    (folder / "status.json").write_text(status, encoding="utf-8")
    ready.touch()
    time.sleep(60)


def kill(artifacts: Path, seed: int) -> str:
    return attempted(lambda: jobs.kill(there(artifacts), config.run_id(recipe(seed))))


def use_everything(artifacts: Path) -> list[str]:
    """What another account's training and model look like, and what becomes of ending and releasing them."""
    made = there(artifacts)
    uses = memory_use.list_uses(made)
    said = [str(use.account) for use in uses]
    said += [str(memory_use.choose(made, (), everything=True))]
    said += [attempted(lambda use=use: memory_use.request_release(made, use)) for use in uses]
    return said


def hold_model(artifacts: Path, ready: Path) -> None:
    model = held_models.HeldModel(run_id="digits-mlp-0123abcd", device="cpu", size_bytes=1, last_used=datetime.now(UTC))
    held_models.write(there(artifacts).holders, held_models.new_name(), [model])
    ready.touch()
    time.sleep(60)


def test_a_training_and_a_model_of_another_account_are_shown_and_not_ended() -> None:
    with shared_folder(0o3770) as artifacts:
        ready = [artifacts / f"ready-{number}" for number in range(2)]
        processes_ = [
            fork(become, ALICE, sleep_and_hold, artifacts, 1, ready[0]),
            fork(become, ALICE, hold_model, artifacts, ready[1]),
        ]
        while not all(path.exists() for path in ready):
            time.sleep(0.01)
        *owners, everything, training, model = as_account(BOB, use_everything, artifacts)
        assert owners == [str(ALICE), str(ALICE)]
        assert everything == "()"
        assert f"of the account {ALICE}, who alone may change it" in training
        assert f"a process of the account {ALICE}: expected one of this account" in model
        assert as_account(BOB, kill, artifacts, 1) == "False"
        assert all(process.is_alive() for process in processes_)
        assert as_account(ALICE, kill, artifacts, 1) == "True"
        processes_[0].join()
        processes_[1].kill()
        processes_[1].join()


def forge_status(artifacts: Path, pid: int) -> None:
    write_job(
        there(artifacts).jobs / config.run_id(recipe(5)), recipe(5), state="training", process=processes.process(pid)
    )


def nap(ready: Path) -> None:
    ready.touch()
    time.sleep(60)


def test_a_forged_status_has_nobody_killed() -> None:
    with shared_folder(0o3770) as artifacts:
        assert as_account(ALICE, train, artifacts, 1).startswith("TrainResult")
        notebook = fork(become, ALICE, nap, artifacts / "ready")
        while not (artifacts / "ready").exists():
            time.sleep(0.01)
        assert notebook.pid is not None
        as_account(BOB, forge_status, artifacts, notebook.pid)
        assert as_account(ALICE, kill, artifacts, 5) == "False"
        assert any("who alone may change it" in line for line in as_account(ALICE, use_everything, artifacts))
        assert notebook.is_alive()
        notebook.kill()
        notebook.join()


# --- two honest accounts ------------------------------------------------------------------------------------------


def delete_run(artifacts: Path, seed: int) -> str:
    return attempted(lambda: Store(there(artifacts).runs).delete(config.run_id(recipe(seed))))


def forget(artifacts: Path, seed: int) -> str:
    return attempted(lambda: jobs.forget(there(artifacts), config.run_id(recipe(seed))))


def look(artifacts: Path) -> tuple[list[str], list[str], list[str]]:
    """Runs that can be read whole, trainings, and what cannot be used."""
    made = there(artifacts)
    store, found = Store(made.runs), jobs.listing(made)
    runs = store.listing()
    for run in runs.runs:
        store.verify(run)
    problems = [str(problem) for problem in (*runs.problems, *found.problems)]
    return sorted(run.run_id for run in runs.runs), sorted(job.run_id for job in found.jobs), problems


@pytest.mark.parametrize("umask", [0o022, 0o002])
@pytest.mark.parametrize("mode", [0o3770, 0o2770, 0o3775])
def test_two_accounts_share_a_folder_that_the_group_may_write_to(mode: int, umask: int) -> None:
    with shared_folder(mode) as artifacts:
        first, second, third = (config.run_id(recipe(seed)) for seed in (1, 2, 3))
        assert as_account(ALICE, train, artifacts, 1, umask=umask).startswith(f"TrainResult({first}")
        assert as_account(BOB, train, artifacts, 2, umask=umask).startswith(f"TrainResult({second}")
        assert as_account(ALICE, train, artifacts, 3, umask=umask).startswith(f"TrainResult({third}")
        for account in (ALICE, BOB):
            assert as_account(account, look, artifacts, umask=umask) == (
                sorted((first, second, third)),
                sorted((first, second, third)),
                [],
            )
        assert as_account(BOB, train, artifacts, 1, umask=umask).startswith(f"TrainResult({first}")  # what is there
        for said in (
            as_account(BOB, forget, artifacts, 1, umask=umask),
            as_account(BOB, delete_run, artifacts, 1, umask=umask),
            as_account(BOB, train_anew, artifacts, 1, umask=umask),
        ):
            assert said.startswith("StoreWriteError"), said
            assert f"of the account {ALICE}, who alone may change it. Ask {ALICE}, or set MNISTCORE_ARTIFACTS" in said
        assert as_account(BOB, forget, artifacts, 2, umask=umask) == "None"
        assert as_account(BOB, delete_run, artifacts, 2, umask=umask) == "None"
        assert as_account(ALICE, look, artifacts, umask=umask) == (sorted((first, third)), sorted((first, third)), [])
        assert [path.name for path in artifacts.rglob(".del-*")] == []


def train_anew(artifacts: Path, seed: int) -> str:
    return train(artifacts, seed, force=True)


def make_jobs_by_hand(artifacts: Path) -> None:
    for name in ("jobs", "runs", "holders"):
        (artifacts / name).mkdir()
        (artifacts / name).chmod(0o2770)


@pytest.mark.parametrize("umask", [0o022, 0o002])
def test_a_shared_folder_without_the_sticky_bit_gets_it_or_is_refused_with_the_cure(umask: int) -> None:
    with shared_folder(0o2770) as artifacts:
        as_account(ALICE, make_jobs_by_hand, artifacts, umask=umask)
        said = as_account(BOB, train, artifacts, 1, umask=umask)
        assert "StoreWriteError" in said
        assert "`chmod +t`" in said
        assert as_account(ALICE, train, artifacts, 1, umask=umask).startswith("TrainResult")
        assert as_account(BOB, train, artifacts, 2, umask=umask).startswith("TrainResult")


@pytest.mark.parametrize("umask", [0o022, 0o002])
def test_a_folder_for_reading_is_read_and_nothing_can_be_added(umask: int) -> None:
    with shared_folder(0o755) as artifacts:
        assert as_account(ALICE, train, artifacts, 1, umask=umask).startswith("TrainResult")
        artifacts.chmod(0o755)  # what its first use has closed
        runs, trainings, problems = as_account(BOB, look, artifacts, umask=umask)
        assert (runs, trainings) == ([config.run_id(recipe(1))], [])
        assert "Permission denied" in problems[0]  # the trainings are their owner's
        said = as_account(BOB, train, artifacts, 2, umask=umask)
        assert "StoreWriteError" in said
        assert "set MNISTCORE_ARTIFACTS to another folder" in said
