"""run.json: what is written today, what the first versions wrote, and what neither is."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mnistcore.runs.manifest import SCHEMA_VERSION, FileRecord, Imported, PredictionsRecord, Recorded, RunManifest
from mnistcore.runs.manifest_versions import ManifestFault, parse_manifest
from mnistcore.runs.store import Store
from scripts.toys import toy_content
from tests.here import store_here
from tests.runs import FIRST_RUN


@pytest.fixture
def first(first_runs: Store) -> dict[str, Any]:
    """run.json of version 1."""
    found: dict[str, Any] = json.loads((first_runs.root / FIRST_RUN / "run.json").read_text())
    return found


@pytest.fixture
def saved(artifacts: Path) -> RunManifest:
    return store_here().save(toy_content())


def parsed(document: dict[str, Any]) -> RunManifest:
    return parse_manifest(json.dumps(document).encode())


def test_what_is_written_is_read(saved: RunManifest) -> None:
    assert parse_manifest(saved.model_dump_json().encode()) == saved
    assert saved.schema_version == SCHEMA_VERSION
    assert set(saved.files) == {"weights", "history", "predictions/validation", "predictions/test"}
    assert saved.epochs_kept == saved.predictions["test"].epochs == (1, 2)
    assert saved.epochs == 2


def test_the_first_version_is_read_as_what_it_would_be_today(first: dict[str, Any]) -> None:
    assert first["schema_version"] == 1
    run = parsed(first)
    trained = run.trained
    assert trained is not None
    assert (run.run_id, run.status, run.accuracy) == (FIRST_RUN, first["status"], first["accuracy"])
    assert trained.config.model_dump(mode="json") | first["config"] == trained.config.model_dump(mode="json")
    assert trained.environment.mnistcore == "0.2.0"
    assert trained.seconds == first["seconds"]
    assert trained.preprocessing is None
    assert run.image_preprocessing.mean == 0.1549
    assert run.epochs_kept == tuple(first["epochs_kept"])
    assert {record.kind for record in run.predictions.values()} == {"logits"}
    assert {record.name: record.sha256 for record in run.files.values()} == {
        name: record["sha256"] for name, record in first["files"].items()
    }
    assert parse_manifest(run.model_dump_json().encode()) == run, "saved anew, it is of today's version"


def test_a_data_set_and_a_model_that_are_unknown_here_are_read(first: dict[str, Any]) -> None:
    first["dataset"]["name"] = first["config"]["dataset"] = "letters"
    first["model"]["name"] = first["config"]["model"] = "transformer"
    run = parsed(first)
    assert run.dataset.name == "letters"
    assert run.trained is not None
    assert run.trained.model.name == "transformer"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda run: run.update(epochs_kept=[2]), "last epoch of a"),
        (lambda run: run.update(epochs_kept=[]), "epochs_kept"),
        (lambda run: run["files"].pop("weights.safetensors"), "weights"),
        (lambda run: run["files"].update({"secret.json": run["files"]["history.json"]}), "secret.json"),
        (lambda run: run.update(origin={"kind": "trained"}), "origin"),
    ],
)
def test_a_first_version_that_contradicts_itself_is_a_fault(first: dict[str, Any], change: Any, told: str) -> None:
    change(first)
    with pytest.raises(ManifestFault, match=told) as raised:
        parsed(first)
    assert not raised.value.is_newer
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"1", b"\xff", b"{}", b'{"schema_version": "2"}', b"[" * 100_000])
def test_what_is_no_manifest_is_a_fault(data: bytes) -> None:
    with pytest.raises(ManifestFault) as raised:
        parse_manifest(data)
    assert not raised.value.is_newer


def test_a_later_version_is_said_to_be_one() -> None:
    with pytest.raises(ManifestFault, match="newer version: expected schema_version 2, got 3") as raised:
        parse_manifest(b'{"schema_version": 3, "anything": []}')
    assert raised.value.is_newer


@pytest.mark.parametrize(
    "origin",
    [
        Recorded(model="MyNet", framework="torch", notes="homework 3"),
        Imported(file="answers.csv", format="csv", assumed=("labels count from 0",)),
    ],
)
def test_predictions_may_come_from_elsewhere(saved: RunManifest, origin: Recorded | Imported) -> None:
    """Then there are no weights and no history, and nothing is known of splits that were not predicted."""
    test = saved.files["predictions/test"]
    dataset = saved.dataset.model_copy(update={"sizes": {"test": 20}, "fingerprints": {"test": "0" * 64}})
    run = RunManifest(
        **dict(saved)
        | {
            "title": "My own",
            "origin": origin,
            "dataset": dataset,
            "predictions": {"test": PredictionsRecord(kind="logits", epochs=(1, 2))},
            "files": {"predictions/test": test},
        }
    )
    assert parse_manifest(run.model_dump_json().encode()) == run
    assert run.trained is None
    assert (run.epochs, run.predicted_splits) == (2, ("test",))
    with pytest.raises(ValidationError, match="files: expected predictions/test, got"):
        RunManifest(**dict(run) | {"files": dict(saved.files)})


@pytest.mark.parametrize(
    "name",
    [
        "run.json.safetensors",
        "../x.json",
        "/x.json",
        "predictions/../x.json",
        "a/b.json",
        "x",
        "x.pickle",
        "",
        "x.json\n",
    ],
)
def test_a_file_beside_the_manifest_has_a_plain_name(name: str) -> None:
    with pytest.raises(ValidationError):
        FileRecord(name=name, sha256="0" * 64, size_bytes=1)


def test_only_what_was_trained_or_was_a_model_has_weights(saved: RunManifest) -> None:
    files = {role: record for role, record in saved.files.items() if role in ("weights", "predictions/test")}
    document = saved.model_dump(mode="json") | {
        "predictions": {"test": saved.predictions["test"].model_dump(mode="json")}
    }
    document["files"] = {role: record.model_dump(mode="json") for role, record in files.items()}
    brought = parsed(document | {"origin": Imported(file="a.pt", format="torch", model="Net").model_dump(mode="json")})
    assert set(brought.files) == set(files)
    with pytest.raises(ManifestFault, match="files: expected"):
        parsed(document | {"origin": Recorded().model_dump(mode="json")})
    # What was imported before models were has no such field.
    origin = {"kind": "imported", "file": "a.csv", "format": "csv", "assumed": []}
    del document["files"]["weights"]
    assert parsed(document | {"origin": origin}).origin == Imported(file="a.csv", format="csv")


@pytest.mark.parametrize(
    "change",
    [
        lambda run: run["dataset"]["classes"][0].update(en="x" * 201),
        lambda run: run["dataset"].update(classes=[{"ja": str(n), "en": str(n)} for n in range(1001)]),
        lambda run: run["dataset"].update(name="x" * 201),
        lambda run: run.update(title="x" * 201),
        lambda run: run["origin"]["environment"].update(device_name="x" * 201),
        lambda run: run["origin"]["model"]["layers"][0].update(name="x" * 201),
        lambda run: run["predictions"]["test"].update(epochs=list(range(1, 102))),
    ],
)
def test_what_is_longer_than_a_page_could_show_is_a_fault(saved: RunManifest, change: Any) -> None:
    document = saved.model_dump(mode="json")
    parsed(document)
    change(document)
    with pytest.raises(ManifestFault, match="at most"):
        parsed(document)
