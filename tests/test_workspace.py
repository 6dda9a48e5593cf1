"""Owns the tests of mnistcore.workspace, and that nothing beside it asks the environment for it."""

import ast
from pathlib import Path

import pytest

import mnistcore
from mnistcore.jobs import jobs
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace
from scripts.project import ROOT


def test_the_folders_are_those_of_the_environment() -> None:
    named = Workspace.from_environment({"MNISTCORE_ARTIFACTS": "/a", "MNISTCORE_DATA": "~/data"})
    assert named == Workspace(Path("/a"), Path.home() / "data")
    assert (named.runs, named.jobs, named.holders) == (Path("/a/runs"), Path("/a/jobs"), Path("/a/holders"))


def test_what_is_not_named_lies_beside_the_dashboard() -> None:
    unnamed = Workspace(ROOT / "artifacts", ROOT / "artifacts" / "data")
    assert Workspace.from_environment({}) == unnamed
    assert Workspace.from_environment({"MNISTCORE_ARTIFACTS": "", "MNISTCORE_DATA": ""}) == unnamed
    assert Workspace.from_environment({"MNISTCORE_ARTIFACTS": "/a"}).data == Path("/a/data")


def test_this_process_is_asked_where_no_environment_is_given(artifacts: Path) -> None:
    assert Workspace.from_environment().artifacts == artifacts


@pytest.mark.parametrize(("text", "expected"), [("3", 3), ("0", 1), ("-1", 1), ("many", 1), ("", 1)])
def test_places_of_a_device(text: str, expected: int) -> None:
    assert Workspace.from_environment({"MNISTCORE_JOBS_PER_DEVICE": text}).jobs_per_device == expected


def test_a_child_in_another_folder_gets_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    variables = Workspace(Path("near"), Path("data"), jobs_per_device=2, max_hours=1.5).variables()
    assert Workspace.from_environment(variables) == Workspace(tmp_path / "near", tmp_path / "data", 2, 1.5)
    variables = Workspace(Path("near"), Path("data")).variables()
    assert Workspace.from_environment(variables) == Workspace(tmp_path / "near", tmp_path / "data")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2", 2.0), ("0.5", 0.5), ("0", None), ("-1", None), ("nan", None), ("inf", None), ("", None)],
)
def test_hours_of_a_training(text: str, expected: float | None) -> None:
    assert Workspace.from_environment({"MNISTCORE_MAX_HOURS": text}).max_hours == expected


def test_a_training_into_another_store_leaves_the_usual_folder_alone(artifacts: Path, tmp_path: Path) -> None:
    elsewhere = Store(tmp_path / "elsewhere" / "runs")
    result = mnistcore.train("digits", "linear", "handout", epochs=1, device="cpu", store=elsewhere)
    assert not artifacts.exists()
    assert [run.run_id for run in mnistcore.list_runs(store=elsewhere)] == [result.run_id]
    (job,) = jobs.list_jobs(Workspace.around(elsewhere.root))
    assert (job.run_id, job.state) == (result.run_id, "complete")


def test_a_model_of_another_store_is_told_of_beside_it(artifacts: Path, tmp_path: Path) -> None:
    elsewhere = Store(tmp_path / "elsewhere" / "runs")
    result = mnistcore.train("digits", "linear", "handout", epochs=1, device="cpu", store=elsewhere)
    try:
        mnistcore.load_run(result.run_id, store=elsewhere).predict([[[0] * 28] * 28], device="cpu")
        assert len([*(tmp_path / "elsewhere" / "holders").iterdir()]) == 1
    finally:
        mnistcore.release()
    assert [*(tmp_path / "elsewhere" / "holders").iterdir()] == []
    assert not artifacts.exists()


def test_only_the_workspace_reads_its_variables() -> None:
    readers = set()
    for folder in ("mnistcore", "ui", "pages"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
            if words & {"MNISTCORE_ARTIFACTS", "MNISTCORE_DATA", "MNISTCORE_JOBS_PER_DEVICE", "MNISTCORE_MAX_HOURS"}:
                readers.add(str(path.relative_to(ROOT)))
    assert readers == {"mnistcore/workspace.py"}
