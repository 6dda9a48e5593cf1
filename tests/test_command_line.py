"""Owns the tests of mnistcore.__main__: help, exit codes, one JSON document, Ctrl-C in a real process."""

import io
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from typer.testing import CliRunner

from mnistcore.__main__ import app
from mnistcore.config import MAX_SEED, Augmentation, Optimizer, Schedule, run_id
from mnistcore.console.progress import Display
from mnistcore.datasets import data_files
from mnistcore.datasets.downloads import DownloadProgress
from mnistcore.datasets.registry import DATASETS
from mnistcore.errors import DataUnavailableError, InputError
from mnistcore.jobs import jobs
from mnistcore.memory import memory_use
from mnistcore.models import held_models
from mnistcore.models.models import MODELS
from mnistcore.training.presets import PRESETS, make_config
from mnistcore.workspace import Workspace
from scripts.project import ROOT
from scripts.toys import toy_config, toy_content
from tests.here import here, store_here
from tests.observing import Listening

COMMANDS = (
    "train",
    "resume",
    "stop",
    "jobs",
    "starter",
    "list",
    "show",
    "evaluate",
    "delete",
    "export",
    "import",
    "quiz",
    "grade",
    "datasets",
    "devices",
    "release",
)


def call(*arguments: str, answer: str = "") -> Any:
    return CliRunner().invoke(app, arguments, input=answer)


def document(*arguments: str) -> Any:
    """What a command that goes well prints with --json: json.loads takes one document and nothing beside it."""
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def process(*arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "mnistcore", *arguments], cwd=ROOT, capture_output=True, text=True, **options
    )


@pytest.fixture
def stored(artifacts: Path) -> str:
    return store_here().save(toy_content()).run_id


@pytest.fixture
def no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNISTCORE_DATA", str(tmp_path / "no-data"))


# --- help ---------------------------------------------------------------------------------------------------------


def shown_commands() -> dict[str, Any]:
    """Those that help shows: what a process is started with by another one is nobody's to type."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return {name: command for name, command in commands.items() if not command.hidden}


def parameters() -> Iterator[tuple[str, Any]]:
    for name, command in shown_commands().items():
        for parameter in command.params:
            yield name, parameter


def test_there_are_the_commands_that_the_documents_name() -> None:
    assert tuple(shown_commands()) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    result = call(name, "--help")
    assert result.exit_code == 0
    assert typer.main.get_command(app).commands[name].help  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "parameter"), list(parameters()), ids=lambda value: getattr(value, "name", value))
def test_every_option_has_help(name: str, parameter: Any) -> None:
    assert parameter.help, f"{name}: {parameter.name}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_speaks_json(name: str) -> None:
    assert any(parameter.opts == ["--json"] for command, parameter in parameters() if command == name)


def test_help_names_the_folders_variables() -> None:
    shown = call("--help").output
    assert "MNISTCORE_ARTIFACTS" in shown
    assert "MNISTCORE_DATA" in shown


def test_no_command_shows_the_help() -> None:
    assert "starter" in call().output


# --- train --------------------------------------------------------------------------------------------------------


def test_train_prints_one_object_and_says_the_rest_elsewhere() -> None:
    arguments = ("train", "--dataset", "digits", "--model", "linear", "--preset", "handout", "--epochs", "2")
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    run = json.loads(result.stdout)
    wanted = make_config("digits", "linear", "handout", epochs=2)
    assert (run["run_id"], run["cached"], run["status"], run["epoch"]) == (
        run_id(wanted),
        False,
        "complete",
        2,
    )
    assert 0 < run["accuracy"] <= 1
    assert 0 < run["macro_f1"] <= 1
    assert run["seconds"] > 0
    assert Path(run["path"]).is_dir()
    assert "epoch 2/2" in result.stderr

    again = document(*arguments)
    assert again["cached"]
    assert again["seconds"] == run["seconds"]
    assert {**again, "cached": False, "call_seconds": 0} == {**run, "call_seconds": 0}

    forced = document(*arguments, "--force")
    assert not forced["cached"]
    assert forced["accuracy"] == run["accuracy"]
    assert "already trained" in call(*arguments).stdout


def test_every_option_of_train_reaches_the_configuration() -> None:
    options = {"--seed": 7, "--epochs": 1, "--batch-size": 300, "--learning-rate": 0.02}
    options |= {"--optimizer": "sgd", "--schedule": "cosine", "--augmentation": "shift"}
    options |= {"--weight-decay": 0.003, "--label-smoothing": 0.2, "--averaging": 0.5}
    words = [str(word) for pair in options.items() for word in pair]
    run = document("train", "--dataset", "digits", "--model", "linear", "--preset", "best", *words)
    config = store_here().manifest(run["run_id"]).trained.config
    assert (config.seed, config.epochs, config.batch_size, config.learning_rate) == (7, 1, 300, 0.02)
    assert (config.optimizer, config.schedule, config.augmentation) == ("sgd", "cosine", "shift")
    assert (config.weight_decay, config.label_smoothing, config.averaging) == (0.003, 0.2, 0.5)


def test_the_preset_decides_what_is_not_given() -> None:
    run = document("train", "--dataset", "digits", "--model", "linear", "--preset", "best", "--epochs", "1")
    assert store_here().manifest(run["run_id"]).trained.config == make_config("digits", "linear", "best", epochs=1)


SWEEP = ("train", "--dataset", "digits", "--model", "linear", "--model", "mlp", "--seed", "1", "--seed", "2")


def test_several_are_trained_in_order_and_what_is_there_is_skipped() -> None:
    document("train", "--dataset", "digits", "--model", "mlp", "--seed", "1", "--epochs", "1")
    found = document(*SWEEP, "--epochs", "1")
    assert [(run["model"], run["seed"]) for run in found] == [("linear", 1), ("linear", 2), ("mlp", 1), ("mlp", 2)]
    assert [run["cached"] for run in found] == [False, False, True, False]
    assert all(run["preset"] == "quick" and run["error"] is None for run in found)
    assert len(store_here().listing().runs) == 4

    shown = call(*SWEEP, "--epochs", "1")
    assert shown.exit_code == 0
    assert shown.stdout.count("cached") == 4
    for run in found:
        assert run["run_id"] in shown.stdout
    mean = statistics.mean(run["accuracy"] for run in found[:2])
    for words in ("mean accuracy", "standard deviation", f"{mean:.2%}".replace("%", " %")):
        assert words in shown.stdout


def test_a_sweep_goes_on_after_a_failure_and_says_so_with_1() -> None:
    wrong = ("--optimizer", "sgd", "--learning-rate", "10", "--schedule", "constant", "--epochs", "2")
    result = call(*SWEEP, *wrong, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert len(found) == 4
    failed = [run for run in found if run["status"] == "failed"]
    assert {run["model"] for run in failed} == {"mlp"}
    assert all(run["error"]["kind"] == "NonFiniteLossError" and run["accuracy"] is None for run in failed)
    assert result.stderr.count("failed: the loss became") == len(failed)
    assert call(*SWEEP, *wrong).stdout.count("failed") == len(failed)


def test_ctrl_c_ends_a_sweep_and_keeps_what_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    run, calls = jobs.run, []

    def interrupted(workspace: Workspace, config: Any, **options: Any) -> Any:
        calls.append(config)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return run(workspace, config, **options)

    monkeypatch.setattr(jobs, "run", interrupted)
    result = call(*SWEEP, "--epochs", "1", "--json")
    assert result.exit_code == 130
    assert [(run["model"], run["seed"]) for run in json.loads(result.stdout)] == [("linear", 1), ("linear", 2)]
    assert "finished 2 of 4 configurations" in result.stderr
    assert len(calls) == 3
    assert len(store_here().listing().runs) == 2


def test_a_device_that_is_not_here_ends_a_sweep_at_once() -> None:
    result = call(*SWEEP, "--device", "cuda:99", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (2, [])
    assert result.stderr.count("is not here") == 1


@pytest.mark.parametrize(
    ("arguments", "accepted"),
    [
        (("--dataset", "letters"), tuple(DATASETS)),
        (("--model", "transformer"), tuple(MODELS)),
        (("--preset", "fastest"), tuple(PRESETS)),
        (("--epochs", "0"), ("epochs", "greater than or equal to 1")),
        (("--learning-rate", "-1"), ("learning_rate", "greater than 0")),
        (("--batch-size", "1258"), ("batch_size", "1257")),
        (("--seed", str(2**70)), ("seed", str(MAX_SEED))),
        (("--device", "abacus"), ("--device", "auto", "cpu")),
        (("--device", "cuda:99"), ("cuda:99", "expected one of auto", "cpu")),
        (("--batch-size", "0"), ("batch_size", "greater than or equal to 1")),
        (("--learning-rate", "nan"), ("learning_rate", "finite")),
        (("--seed", "-1"), ("seed", "greater than or equal to 0")),
        (("--seed", "1", "--seed", str(2**70)), ("seed", str(MAX_SEED))),
        (("--optimizer", "lion"), ("optimizer", *get_args(Optimizer))),
        (("--schedule", "steps"), ("schedule", *get_args(Schedule))),
        (("--augmentation", "mirror"), ("augmentation", *get_args(Augmentation))),
        (("--weight-decay", "-0.1"), ("weight_decay", "greater than or equal to 0")),
        (("--label-smoothing", "1"), ("label_smoothing", "less than 1")),
        (("--averaging", "1"), ("averaging", "less than 1")),
        (("--epochs", "many"), ("--epochs",)),
        (("--no-such-option",), ("--no-such-option",)),
    ],
)
def test_wrong_usage_is_2_and_says_what_is_accepted(arguments: tuple[str, ...], accepted: tuple[str, ...]) -> None:
    result = call("train", "--dataset", "digits", *arguments, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    for word in accepted:
        assert word in result.stderr
    assert "Traceback" not in result.stderr


def test_no_data_and_no_network_is_1_and_one_message(no_data: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def prepare(name: str, **options: object) -> None:
        raise DataUnavailableError("could not download; use digits")

    monkeypatch.setattr(data_files, "prepare", prepare)
    result = call("train", "--dataset", "mnist", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[-1] == "error: could not download; use digits"


def test_a_store_that_cannot_be_written_to_is_1(artifacts: Path) -> None:
    artifacts.write_text("a file where a folder should be")
    result = call("train", "--dataset", "digits")
    assert result.exit_code == 1
    assert str(artifacts) in result.stderr


def test_ctrl_c_keeps_what_is_finished(artifacts: Path) -> None:
    words = [
        "train",
        "--dataset",
        "digits",
        "--model",
        "mlp",
        "--preset",
        "handout",
        "--epochs",
        "1000",
        "--json",
    ]
    training = subprocess.Popen(
        [sys.executable, "-m", "mnistcore", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Where the tests themselves run in the background, Ctrl-C is ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert training.stderr is not None
    try:
        for line in training.stderr:
            if "epoch 2/1000" in line:
                break
        time.sleep(0.1)
        training.send_signal(signal.SIGINT)
        output, messages = training.communicate(timeout=60)
    finally:
        training.kill()
    assert training.returncode == 130
    assert output == ""
    wanted = run_id(make_config("digits", "mlp", "handout", epochs=1000))
    run = store_here().manifest(wanted)
    assert run.status == "interrupted"
    assert len(store_here().history(wanted)) == run.epochs_kept[-1] >= 2
    assert f"kept: {wanted}, epoch {run.epochs_kept[-1]} of 1000, interrupted" in messages
    assert "Traceback" not in messages


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [30, 40, 60, 80, 200])
def test_progress_is_never_cut(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "dumb")  # rich writes no colours between the signs
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    with Display() as display:
        display.on_download(DownloadProgress("train-images-idx3-ubyte.gz", 9_834_567, 9_912_422))
        display.on_download(DownloadProgress("t10k-images-idx3-ubyte.gz", 1_234_567, None))
        assert display._bars is not None
        display._bars.console.print(display._bars.get_renderable())
    words = shown.getvalue().split()
    for word in ("train-images-idx3-ubyte.gz", "9834567/9912422", "t10k-images-idx3-ubyte.gz", "1234567"):
        assert word in words
    assert "…" not in shown.getvalue()


# --- starter ------------------------------------------------------------------------------------------------------


def test_starter_answers_with_a_list(no_data: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def prepare(name: str, **options: object) -> None:
        raise DataUnavailableError("no network")

    monkeypatch.setattr(data_files, "prepare", prepare)
    found = document("starter")
    assert [(run["dataset"], run["model"], run["preset"]) for run in found] == [
        ("digits", "mlp", "handout"),
        ("digits", "cnn", "quick"),
    ]
    assert [run["cached"] for run in document("starter")] == [True, True]
    assert call("starter").exit_code == 0
    assert call("starter", "--timeout", "0").exit_code == 2


# --- list, show, evaluate, delete ---------------------------------------------------------------------------------


def test_list_of_nothing_is_an_empty_array(artifacts: Path) -> None:
    assert document("list") == []
    assert "no runs yet" in call("list").stderr


def test_list_shows_runs_and_what_cannot_be_read(stored: str) -> None:
    damaged = store_here().save(toy_content(seed=1)).run_id
    (store_here().root / damaged / "run.json").write_text("{")
    (store_here().root / "notes.txt").write_text("not ours")
    found = {run["run_id"]: run for run in document("list")}
    assert set(found) == {stored, damaged, "notes.txt"}
    assert (found[stored]["status"], found[stored]["epoch"]) == ("complete", 2)
    assert (found[damaged]["status"], found[damaged]["reason"]) == ("problem", "damaged_manifest")
    assert found["notes.txt"]["detail"]
    shown = call("list")
    assert shown.exit_code == 0
    assert stored in shown.stdout
    assert f"cannot be used: {damaged} (damaged_manifest)" in shown.stderr


def test_list_imports_no_torch(stored: str) -> None:
    code = (
        "import sys; from mnistcore.__main__ import app\n"
        "try: app(['list', '--json'])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not {'torch', 'sklearn', 'pandas', 'streamlit'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True)


def test_show_tells_what_is_known(stored: str) -> None:
    found = document("show", stored)
    assert found["config"]["epochs"] == 2
    assert [report["epoch"] for report in found["history"]] == [1, 2]
    assert found["model"]["layers"][0]["name"] == "Linear"
    shown = call("show", stored).stdout
    for word in (stored, "learning_rate", "validation accuracy", "Linear"):
        assert word in shown


def test_evaluate_prints_the_matrix_with_the_truth_in_rows(stored: str) -> None:
    predictions = store_here().predictions(stored, "validation", epoch=1)
    found = document("evaluate", stored, "--split", "validation", "--epoch", "1")
    assert (found["run_id"], found["split"], found["epoch"]) == (stored, "validation", 1)
    matrix = found["matrix"]
    for truth in range(10):
        assert sum(matrix[truth]) == (predictions.labels == truth).sum()
    assert sum(matrix[number][number] for number in range(10)) == found["summary"]["correct"]
    assert found["accuracy"] == found["summary"]["accuracy"] == predictions.accuracy
    assert document("evaluate", stored)["epoch"] == 2
    shown = call("evaluate", stored)
    assert "true \\ predicted" in shown.stdout
    assert "–" in shown.stdout or "1.0000" in shown.stdout or "0." in shown.stdout


@pytest.mark.parametrize("command", ["show", "evaluate"])
def test_an_unknown_run_is_1(command: str, artifacts: Path) -> None:
    result = call(command, "digits-mlp-00000000", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: no run 'digits-mlp-00000000'")


@pytest.mark.parametrize(
    ("options", "accepted"), [(("--epoch", "9"), "1, 2"), (("--split", "train"), "validation and test")]
)
def test_evaluating_what_was_not_kept_is_2(stored: str, options: tuple[str, ...], accepted: str) -> None:
    result = call("evaluate", stored, *options)
    assert result.exit_code == 2
    assert accepted in result.stderr


def test_delete_asks_first(stored: str) -> None:
    for answer in ("n\n", ""):
        result = call("delete", stored, answer=answer)
        assert result.exit_code == 1
        assert "nothing was deleted" in result.stderr
    assert call("delete", stored, answer="y\n").exit_code == 0
    assert store_here().listing().runs == ()


@pytest.mark.parametrize("name", ["nonsense", "../runs", "digits-mlp-00000000"])
def test_delete_asks_about_nothing_that_is_not_there(stored: str, name: str) -> None:
    result = call("delete", name, answer="y\n")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: no run")


def test_show_names_a_file_that_is_damaged(stored: str) -> None:
    weights = store_here().root / stored / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    result = call("show", stored, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "weights.safetensors: expected SHA-256" in result.stderr
    assert "--force" in result.stderr


def test_delete_with_yes_does_not_ask(stored: str) -> None:
    assert document("delete", stored, "--yes") == {"run_id": stored, "deleted": True}
    result = call("delete", stored, "--yes")
    assert result.exit_code == 1


def test_a_damaged_run_can_be_deleted(stored: str) -> None:
    (store_here().root / stored / "run.json").unlink()
    assert call("delete", stored, "--yes").exit_code == 0
    assert document("list") == []


def failed_training() -> str:
    """The id of a training that failed before its first epoch: there is no run of it."""
    with pytest.raises(InputError):
        jobs.run(here(), toy_config(), device="cpu", observer=Listening(on_start=mistaken))
    return run_id(toy_config())


def mistaken(*_: object) -> None:
    raise InputError("on purpose")


def test_a_training_that_left_no_run_can_be_deleted(artifacts: Path) -> None:
    wanted = failed_training()
    assert [job["state"] for job in document("jobs")] == ["failed"]
    assert call("delete", wanted, answer="n\n").exit_code == 1
    assert document("delete", wanted, "--yes") == {"run_id": wanted, "deleted": True}
    assert document("jobs") == []
    assert call("delete", wanted, "--yes").exit_code == 1


def test_a_training_that_cannot_be_read_is_named_and_can_be_deleted(artifacts: Path) -> None:
    wanted = failed_training()
    (artifacts / "jobs" / wanted / "request.json").write_text("{")
    result = call("jobs", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert f"cannot be used: {wanted}: " in result.stderr
    assert call("delete", wanted, "--yes").exit_code == 0
    assert call("jobs").stderr == "no training runs yet: `python -m mnistcore train` starts one\n"


def test_a_training_that_lives_is_not_deleted(artifacts: Path) -> None:
    wanted = failed_training()
    status = artifacts / "jobs" / wanted / "status.json"
    status.write_text(json.dumps(json.loads(status.read_text()) | {"state": "training"}))
    result = call("delete", wanted, "--yes")
    assert result.exit_code == 1
    assert "stop it first" in result.stderr


def test_a_device_elsewhere_is_said_to_be_elsewhere(artifacts: Path) -> None:
    wanted = failed_training()
    assert "elsewhere" not in call("jobs").stdout
    status = artifacts / "jobs" / wanted / "status.json"
    status.write_text(json.dumps(json.loads(status.read_text()) | {"site": "0123abcd"}))
    assert "cpu elsewhere" in call("jobs").stdout


def test_a_record_that_cannot_be_read_is_named(artifacts: Path) -> None:
    (artifacts / "holders").mkdir(parents=True)
    (artifacts / "holders" / "7-0123abcd.json").write_text("{}")
    assert "cannot be used: holders/7-0123abcd.json: " in call("devices").stderr


def test_a_closed_terminal_ends_nothing(artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    file.close()
    monkeypatch.setattr(sys, "stderr", file)
    with Display() as display:
        jobs.run(here(), toy_config(), device="cpu", observer=display, on_wait=display.wait)
    assert store_here().manifest(run_id(toy_config())).status == "complete"


# --- datasets, devices --------------------------------------------------------------------------------------------


def test_datasets_says_what_is_here(no_data: None) -> None:
    found = {one["name"]: one for one in document("datasets")}
    assert set(found) == set(DATASETS)
    assert found["digits"]["available"]
    assert not found["mnist"]["available"]
    assert "kmnist" in call("datasets").stdout


def test_datasets_says_what_is_there_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNISTCORE_DATA", str(tmp_path))
    (tmp_path / "MNIST").mkdir()
    (tmp_path / "MNIST" / "train-images.zip").write_bytes(b"PK\x03\x04")
    (found,) = (one for one in document("datasets") if one["name"] == "mnist")
    assert not found["available"]
    assert "a zip archive: unpack it here" in found["problems"][0]["found"]
    assert [problem["found"] for problem in found["problems"][1:]] == [None] * 3
    assert "cannot be used: mnist, train-images-idx3-ubyte.gz: found " in call("datasets").stderr


def test_datasets_fetches(no_data: None, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []
    monkeypatch.setattr(data_files, "prepare", lambda name, **options: fetched.append(name))
    document("datasets", "--fetch", "kmnist")
    assert fetched == ["kmnist"]


def test_fetching_what_is_not_known_is_2() -> None:
    result = call("datasets", "--fetch", "letters")
    assert result.exit_code == 2
    assert "fashion-mnist" in result.stderr


def test_devices_names_the_cpu() -> None:
    assert document("devices")[-1]["name"] == "cpu"
    assert "cpu" in call("devices").stdout


def test_devices_says_who_holds_what() -> None:
    keep("digits-cnn-0123abcd")
    (holder,) = document("devices")[-1]["holders"]
    assert (holder["kind"], holder["run_id"], holder["size_bytes"]) == ("model", "digits-cnn-0123abcd", 3_000_000)
    shown = call("devices").stdout
    assert f"digits-cnn-0123abcd: model loaded by process {os.getpid()}, unloaded in " in shown
    assert "2.9 MiB" in shown
    assert "others" in shown


def test_devices_without_a_gpu_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no GPU is available (nvidia-smi: not found)" in call("devices").stderr


def test_devices_imports_no_torch() -> None:
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "mnistcore", "devices"], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0
    assert not re.search(r"\| +torch$", result.stderr, re.MULTILINE)


# --- release ------------------------------------------------------------------------------------------------------


def keep(*run_ids: str) -> str:
    """Say that this process keeps models; gives the name of its record."""
    name, used = held_models.new_name(), datetime.now(UTC)
    models = [
        held_models.HeldModel(run_id=each, device="cpu", size_bytes=3_000_000, last_used=used) for each in run_ids
    ]
    held_models.write(here().holders, name, models)
    return name


@contextmanager
def obeying(name: str) -> Iterator[None]:
    """Let go of what the record names as soon as somebody asks, as the process that keeps it does."""
    done = threading.Event()

    def obey() -> None:
        while not done.wait(0.05):
            if held_models.release_requests(here().holders, name):
                held_models.write(here().holders, name, [])

    thread = threading.Thread(target=obey)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_release_of_nothing_is_no_failure(artifacts: Path) -> None:
    assert "nothing to release" in call("release").stdout
    assert document("release") == {"released_bytes": 0, "holders": []}
    assert call("release").exit_code == 0


@pytest.mark.parametrize("arguments", [(), ("digits-cnn-0123abcd",), ("--all",)])
def test_release_says_how_much(arguments: tuple[str, ...]) -> None:
    with obeying(keep("digits-cnn-0123abcd")):
        result = call("release", *arguments)
    assert result.exit_code == 0
    assert result.stdout == "released: 2.9 MiB from 1 of 1\n"
    assert "digits-cnn-0123abcd (cpu, process" in result.stderr


def test_release_prints_one_document() -> None:
    with obeying(keep("digits-cnn-0123abcd", "digits-mlp-0123abcd")):
        found = document("release")
    assert found["released_bytes"] == 6_000_000
    assert [holder["outcome"] for holder in found["holders"]] == ["released", "released"]


def test_what_could_not_be_released_is_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_use.release, "__kwdefaults__", {"patience_seconds": 0.2, "on_release": None})
    keep("digits-cnn-0123abcd")
    result = call("release")
    assert result.exit_code == 1
    assert "not released" in result.stderr
    assert result.stdout == "released: 0.0 MiB from 0 of 1\n"


def test_a_name_that_holds_nothing_is_1(artifacts: Path) -> None:
    result = call("release", "digits-cnn-0123abcd")
    assert result.exit_code == 1
    assert "uses no memory" in result.stderr


def test_names_and_all_together_are_2(artifacts: Path) -> None:
    assert call("release", "digits-cnn-0123abcd", "--all").exit_code == 2


# --- real processes -----------------------------------------------------------------------------------------------


def test_a_cached_run_imports_no_torch(artifacts: Path) -> None:
    store_here().save(toy_content(config=toy_config(epochs=5)))
    code = (
        "import sys; from mnistcore.__main__ import app\n"
        "try: app(['train', '--dataset', 'digits', '--preset', 'handout', '--json'])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
    assert json.loads(done.stdout)["cached"]


def test_as_a_program_it_gives_its_codes_to_the_shell(artifacts: Path) -> None:
    assert json.loads(process("list", "--json").stdout) == []
    wrong = process("train", "--model", "transformer", "--json")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert process("show", "digits-mlp-00000000", env=dict(os.environ)).returncode == 1
