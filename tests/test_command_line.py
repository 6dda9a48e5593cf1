"""Owns the tests of mnistcore.__main__: help, exit codes, one JSON document, Ctrl-C in a real process."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from mnistcore import data
from mnistcore.__main__ import app
from mnistcore.config import MAX_SEED, PRESETS, make_config, run_id
from mnistcore.data import DATASETS
from mnistcore.errors import DataUnavailableError
from mnistcore.models import MODELS
from mnistcore.store import Store
from tests.toys import toy_config, toy_content

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("train", "starter", "list", "show", "evaluate", "delete", "datasets", "devices")


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
    return Store.default().save(toy_content()).run_id


@pytest.fixture
def no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNISTCORE_DATA", str(tmp_path / "no-data"))


# --- help ---------------------------------------------------------------------------------------------------------


def parameters() -> Iterator[tuple[str, Any]]:
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        for parameter in command.params:
            yield name, parameter


def test_there_are_the_commands_that_the_documents_name() -> None:
    assert tuple(typer.main.get_command(app).commands) == COMMANDS  # type: ignore[attr-defined]


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
    assert "was there already" in call(*arguments).stdout


def test_every_option_of_train_reaches_the_configuration() -> None:
    options = {"--seed": 7, "--epochs": 1, "--batch-size": 300, "--learning-rate": 0.02}
    words = [str(word) for pair in options.items() for word in pair]
    run = document("train", "--dataset", "digits", "--model", "linear", "--preset", "best", *words)
    config = Store.default().manifest(run["run_id"]).config
    assert (config.seed, config.epochs, config.batch_size, config.learning_rate) == (7, 1, 300, 0.02)
    assert config.augmentation == "affine"


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
        (("--device", "abacus"), ("auto", "cpu")),
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

    monkeypatch.setattr(data, "prepare", prepare)
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
    run = Store.default().manifest(wanted)
    assert run.status == "interrupted"
    assert len(Store.default().history(wanted)) == run.epochs_kept[-1] >= 2
    assert f"kept: {wanted}, {run.epochs_kept[-1]} of 1000 epochs, interrupted" in messages
    assert "Traceback" not in messages


# --- starter ------------------------------------------------------------------------------------------------------


def test_starter_answers_with_a_list(no_data: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def prepare(name: str, **options: object) -> None:
        raise DataUnavailableError("no network")

    monkeypatch.setattr(data, "prepare", prepare)
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
    damaged = Store.default().save(toy_content(seed=1)).run_id
    (Store.default().root / damaged / "run.json").write_text("{")
    (Store.default().root / "notes.txt").write_text("not ours")
    found = {run["run_id"]: run for run in document("list")}
    assert set(found) == {stored, damaged, "notes.txt"}
    assert (found[stored]["status"], found[stored]["epoch"]) == ("complete", 2)
    assert (found[damaged]["status"], found[damaged]["reason"]) == ("problem", "damaged_manifest")
    assert found["notes.txt"]["detail"]
    shown = call("list")
    assert shown.exit_code == 0
    assert stored in shown.stdout
    assert f"cannot be used: {damaged} (damaged_manifest)" in shown.stderr


def test_list_is_quick_and_imports_no_torch(stored: str) -> None:
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
    predictions = Store.default().predictions(stored, "validation", epoch=1)
    found = document("evaluate", stored, "--split", "validation", "--epoch", "1")
    assert (found["run_id"], found["split"], found["epoch"]) == (stored, "validation", 1)
    matrix = found["matrix"]
    for truth in range(10):
        assert sum(matrix[truth]) == (predictions.labels == truth).sum()
    assert sum(matrix[number][number] for number in range(10)) == found["summary"]["correct"]
    assert found["accuracy"] == found["summary"]["accuracy"] == predictions.accuracy
    assert document("evaluate", stored)["epoch"] == 2
    shown = call("evaluate", stored)
    assert "truth" in shown.stdout
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
    assert Store.default().listing().runs == ()


@pytest.mark.parametrize("name", ["nonsense", "../runs", "digits-mlp-00000000"])
def test_delete_asks_about_nothing_that_is_not_there(stored: str, name: str) -> None:
    result = call("delete", name, answer="y\n")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: no run")


def test_show_names_a_file_that_is_damaged(stored: str) -> None:
    weights = Store.default().root / stored / "weights.safetensors"
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
    (Store.default().root / stored / "run.json").unlink()
    assert call("delete", stored, "--yes").exit_code == 0
    assert document("list") == []


# --- datasets, devices --------------------------------------------------------------------------------------------


def test_datasets_says_what_is_here(no_data: None) -> None:
    found = {one["name"]: one for one in document("datasets")}
    assert set(found) == set(DATASETS)
    assert found["digits"]["available"]
    assert not found["mnist"]["available"]
    assert "kmnist" in call("datasets").stdout


def test_datasets_fetches(no_data: None, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []
    monkeypatch.setattr(data, "prepare", lambda name, **options: fetched.append(name))
    document("datasets", "--fetch", "kmnist")
    assert fetched == ["kmnist"]


def test_fetching_what_is_not_known_is_2() -> None:
    result = call("datasets", "--fetch", "letters")
    assert result.exit_code == 2
    assert "fashion-mnist" in result.stderr


def test_devices_names_the_cpu() -> None:
    assert document("devices")[-1]["name"] == "cpu"
    assert "cpu" in call("devices").stdout


# --- real processes -----------------------------------------------------------------------------------------------


def test_a_cached_run_answers_quickly_and_imports_no_torch(artifacts: Path) -> None:
    Store.default().save(toy_content(config=toy_config(epochs=5)))
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
