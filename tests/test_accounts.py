"""Two accounts and one folder: what a hostile one plants harms nobody, and two honest ones get on or are told why not."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnistcore import config, processes
from mnistcore.config import TrainConfig
from mnistcore.datasets.catalogue import all_datasets
from mnistcore.errors import MnistcoreError
from mnistcore.jobs import jobs
from mnistcore.jobs.records import Request, Status, now_utc
from mnistcore.memory import memory_use
from mnistcore.training.presets import make_config
from mnistcore.workspace import Workspace
from tests.users import ALICE, BOB, LAB, as_account, shared_folder

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
