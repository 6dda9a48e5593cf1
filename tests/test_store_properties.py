"""Store: whatever one entry of the folder has in it, reading it raises what is foretold, and the others are listed."""

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mnistcore import config, stored_runs
from mnistcore.errors import InputError, StoreError, printable
from mnistcore.evaluation import evaluation
from mnistcore.runs import open_runs
from mnistcore.runs.manifest import RunManifest
from mnistcore.runs.problems import ProblemReason
from mnistcore.runs.store import Store
from mnistcore.training import estimates, presets
from mnistcore.training.presets import make_config
from scripts.toys import toy_content
from tests.damage import ANYTHING, places, replaced
from tests.runs import agree

SPLITS = ("validation", "test")
FORETOLD = (StoreError, InputError)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two runs: the first is changed, the second is always to be listed."""
    made = Store(tmp_path_factory.mktemp("properties") / "runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        made.save(toy_content())
        made.save(toy_content(seed=1))
    shutil.copytree(made.root, made.root.parent / "whole")
    return made


FIRST, OTHER = (config.run_id(make_config("digits", "mlp", "handout", epochs=2, seed=seed)) for seed in (0, 1))


_changed: set[str] = set()


def put(store: Store, name: str, data: bytes) -> None:
    """A file of the first run as somebody might hand it over: the manifest agrees with it."""
    for changed in _changed:
        shutil.copyfile(store.root.parent / "whole" / FIRST / changed, store.root / FIRST / changed)
    _changed.update({"run.json", name})
    (store.root / FIRST / name).write_bytes(data)
    if name != "run.json":
        manifest = whole(store, "run.json")
        agree(manifest, name, data)
        (store.root / FIRST / "run.json").write_text(json.dumps(manifest))


def whole(store: Store, name: str) -> Any:
    return json.loads((store.root.parent / "whole" / FIRST / name).read_bytes())


def check_everything(store: Store) -> None:
    """Whatever is asked of the first run is answered, or is an error that is foretold; the other one is listed."""
    listing = store.listing()
    listed = {run.run_id: run for run in listing.runs}
    assert OTHER in listed
    assert len(listed) + len(listing.problems) == 2
    for problem in listing.problems:
        for text in (problem.name, problem.detail):
            assert printable(text) == text
            assert len(text) <= 1000
    assert [run.run_id for run in stored_runs.list_runs(store=store)] == list(listed)
    if FIRST in listed:
        compute_with(store, listed[FIRST])
    questions: list[Callable[[], object]] = [
        lambda: store.manifest(FIRST),
        lambda: store.history(FIRST),
        lambda: store.weights(FIRST),
        lambda: store.verify(FIRST),
        *(lambda split=split: store.predictions(FIRST, split) for split in SPLITS),
        *(lambda split=split: store.predictions_by_epoch(FIRST, split) for split in SPLITS),
        lambda: stored_runs.evaluate(FIRST, store=store),
        lambda: stored_runs.load_run(FIRST, store=store),
    ]
    for ask in questions:
        with suppress(*FORETOLD):
            ask()


def compute_with(store: Store, run: RunManifest) -> None:
    """What lists, pages and estimates make of a run that is listed."""
    json.dumps(run.model_dump(mode="json"), ensure_ascii=False, allow_nan=False).encode()
    presets.preset_name(run.trained.config)
    config.run_id(run.trained.config)
    repr(stored_runs.StoredRun(run, store))
    with suppress(*FORETOLD):
        assert run.image_preprocessing.std > 0
    with suppress(*FORETOLD):
        history = store.history(run)
        assert len(history) == run.epochs_kept[-1]
        speed = estimates.measured_speed(run, history)
        estimates.estimate(make_config("digits", "mlp", "quick"), [] if speed is None else [speed])
        json.dumps(sum(report.seconds for report in history), allow_nan=False)
    for split in run.predicted_splits:
        with suppress(*FORETOLD):
            found = store.predictions_by_epoch(run, split)
            assert len(found) == len(run.epochs_kept)
            evaluation.class_history(run.epochs_kept, found, num_classes=len(run.dataset.classes))
            evaluation.evaluate_predictions(found[-1], num_classes=len(run.dataset.classes))


@given(data=st.data())
@settings(max_examples=150, deadline=None, derandomize=True)
@pytest.mark.parametrize("name", ["run.json", "history.json"])
def test_any_value_in_the_place_of_any_other_is_that_runs_trouble_alone(
    store: Store, name: str, data: st.DataObject
) -> None:
    document = whole(store, name)
    path = data.draw(st.sampled_from(list(places(document))))
    put(store, name, json.dumps(replaced(document, path, data.draw(ANYTHING))).encode())
    check_everything(store)


@given(data=st.data())
@settings(max_examples=70, deadline=None, derandomize=True)
@pytest.mark.parametrize(
    "name", ["predictions/test.safetensors", "predictions/validation.safetensors", "weights.safetensors"]
)
def test_any_value_in_the_header_of_a_tensor_file_is_that_runs_trouble_alone(
    store: Store, name: str, data: st.DataObject
) -> None:
    content = (store.root.parent / "whole" / FIRST / name).read_bytes()
    size = int.from_bytes(content[:8], "little")
    header, tensors = json.loads(content[8 : 8 + size]), content[8 + size :]
    path = data.draw(st.sampled_from(list(places(header))))
    changed = json.dumps(replaced(header, path, data.draw(ANYTHING))).encode()
    put(store, name, len(changed).to_bytes(8, "little") + changed + tensors)
    check_everything(store)


@given(content=st.binary(max_size=64), place=st.integers(0, 300), keep=st.integers(0, 3000))
@settings(max_examples=40, deadline=None, derandomize=True)
@pytest.mark.parametrize("name", ["run.json", "history.json", "predictions/test.safetensors", "weights.safetensors"])
def test_any_bytes_in_any_file_are_that_runs_trouble_alone(
    store: Store, name: str, content: bytes, place: int, keep: int
) -> None:
    before = (store.root.parent / "whole" / FIRST / name).read_bytes()
    put(store, name, (before[:place] + content + before[place + len(content) :])[:keep])
    check_everything(store)


@pytest.mark.parametrize("dtype", ["F8_E4M3", "F8_E5M2", "BF16", "BOOL", "U8", "I32", "F64", "C64"])
@pytest.mark.parametrize("tensor", ["labels", "logits"])
def test_a_type_of_numbers_that_is_not_ours_is_damage(store: Store, tensor: str, dtype: str) -> None:
    name = "predictions/test.safetensors"
    content = (store.root.parent / "whole" / FIRST / name).read_bytes()
    size = int.from_bytes(content[:8], "little")
    header, tensors = json.loads(content[8 : 8 + size]), content[8 + size :]
    sizes = {
        "I64": 8,
        "F32": 4,
        "F8_E4M3": 1,
        "F8_E5M2": 1,
        "BF16": 2,
        "BOOL": 1,
        "U8": 1,
        "I32": 4,
        "F64": 8,
        "C64": 8,
    }
    end = 0
    header[tensor]["dtype"] = dtype
    for entry in sorted(
        (entry for entry in header.values() if "dtype" in entry), key=lambda entry: entry["data_offsets"]
    ):
        count = 1
        for length in entry["shape"]:
            count *= length
        begin, end = end, end + count * sizes[entry["dtype"]]
        entry["data_offsets"] = [begin, end]
    changed = json.dumps(header).encode()
    put(store, name, len(changed).to_bytes(8, "little") + changed + (tensors * 3)[:end])
    with pytest.raises(StoreError, match="predictions/test"):
        store.predictions(FIRST, "test")
    check_everything(store)


@given(name=st.binary(min_size=1, max_size=100).filter(lambda name: not set(name) & {0, 47} and name[:1] != b"."))
@example(name="結果 コピー".encode("cp932"))
@example(name="結果".encode("euc_jp"))
@example(name=b"\xff\n\x1b[31m\x7f")
@example(name="学習　結果\u202e".encode())
@settings(max_examples=40, deadline=None, derandomize=True)
@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_a_foreign_entry_of_any_name_is_listed_by_a_name_that_can_be_shown(
    store: Store, kind: str, name: bytes
) -> None:
    path = os.path.join(os.fsencode(store.root), name)
    if os.path.lexists(path):
        return
    if kind == "folder":
        os.mkdir(path)
    elif kind == "file":
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
    else:
        os.symlink(name, path)
    try:
        put(store, "run.json", json.dumps(whole(store, "run.json")).encode())
        listing = store.listing()
        assert {run.run_id for run in listing.runs} == {FIRST, OTHER}
        (problem,) = listing.problems
        assert problem.reason is (ProblemReason.SYMLINK if kind == "link" else ProblemReason.NOT_A_RUN)
        for text in (problem.name, problem.detail):
            assert text
            assert "\n" not in text and "\x1b" not in text and "\u202e" not in text
            json.dumps(text, ensure_ascii=False).encode("utf-8")
    finally:
        os.rmdir(path) if kind == "folder" else os.unlink(path)


def keep_epochs(run: dict[str, Any], epochs: list[int]) -> None:
    for record in run["predictions"].values():
        record["epochs"] = epochs


SAID = {
    "created in year 1 with a zone": lambda run: run.update(created="0001-01-01T00:00:00+14:00"),
    "created at the end of time": lambda run: run.update(created="9999-12-31T23:59:59-14:00"),
    "train is not in sizes": lambda run: run["dataset"]["sizes"].pop("train"),
    "test is not in fingerprints": lambda run: run["dataset"]["fingerprints"].pop("test"),
    "more images than predictions": lambda run: run["dataset"]["sizes"].update(test=10**6),
    "huge number of images": lambda run: run["dataset"]["sizes"].update(train=10**30),
    "negative shape": lambda run: run["origin"]["model"]["layers"][0].update(output=[-1]),
    "huge shape": lambda run: run["origin"]["model"]["layers"][0].update(output=[10**30]),
    "endless training": lambda run: run["origin"].update(seconds=1e300),
    "epochs beyond the configuration": lambda run: keep_epochs(run, [1, 3]),
    "complete before its last epoch": lambda run: keep_epochs(run, [1]),
    "other epochs of each split": lambda run: run["predictions"]["test"].update(epochs=[2]),
    "another data set": lambda run: run["dataset"].update(name="mnist"),
    "another model": lambda run: run["origin"]["model"].update(name="cnn"),
    "accuracy without test images": lambda run: (run["files"].pop("predictions/test"), run["predictions"].pop("test")),
    "no accuracy with test images": lambda run: run.update(accuracy=None),
    "a file that nobody can hold": lambda run: run["files"]["weights"].update(size_bytes=2**40),
    "deviation zero": lambda run: run["origin"].update(
        preprocessing={"mean": 0.1, "std": 0.0, "input_shape": [1, 28, 28]}
    ),
}


@pytest.mark.parametrize("what", SAID)
def test_a_manifest_that_contradicts_itself_is_named_in_words(store: Store, what: str) -> None:
    document = whole(store, "run.json")
    SAID[what](document)
    put(store, "run.json", json.dumps(document).encode())
    (problem,) = store.listing().problems
    assert (problem.name, problem.reason) == (FIRST, ProblemReason.DAMAGED_MANIFEST)
    assert problem.detail.startswith("run.json: ")
    check_everything(store)


@pytest.mark.parametrize("reports", [0, 1, 3])
def test_a_history_of_other_epochs_than_were_kept_is_damage(store: Store, reports: int) -> None:
    history = whole(store, "history.json")
    changed = [{**history[0], "epoch": epoch} for epoch in range(1, reports + 1)]
    put(store, "history.json", json.dumps(changed).encode())
    with pytest.raises(StoreError, match="history.json: expected 2 epochs"):
        store.history(FIRST)
    check_everything(store)


def test_an_error_that_nobody_thought_of_is_that_runs_trouble_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse = open_runs.parse_manifest

    def fail_once(data: bytes) -> RunManifest:
        if json.loads(data)["run_id"] == FIRST:
            raise MemoryError("so much")
        return parse(data)

    put(store, "run.json", json.dumps(whole(store, "run.json")).encode())
    monkeypatch.setattr(open_runs, "parse_manifest", fail_once)
    listing = store.listing()
    assert [run.run_id for run in listing.runs] == [OTHER]
    assert [(one.name, one.reason) for one in listing.problems] == [(FIRST, ProblemReason.UNREADABLE)]
    with pytest.raises(StoreError, match="MemoryError"):
        store.manifest(FIRST)


def test_a_hidden_folder_of_nonsense_keeps_nobody_from_saving(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs")
    run_id = store.save(toy_content()).run_id
    for number, record in enumerate(["[" * 4000, '{"pid": 1e400}', f'{{"pid": {10**400}}}', "\udcff"]):
        wrapper = store.root / f".tmp-{run_id}-1-0000000{number}"
        wrapper.mkdir()
        (wrapper / "writer.json").write_text(record, errors="surrogateescape")
    store.save(toy_content(values=1), replace=True)
    assert [run.run_id for run in store.listing().runs] == [run_id]
