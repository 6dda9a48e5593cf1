"""Store: what was saved comes back; what is damaged is named; a save that dies leaves the old or the new run."""

import errno
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from mnistcore import processes
from mnistcore.errors import InputError, RunDamagedError, RunNotFoundError, StoreWriteError
from mnistcore.runs import atomic, folder_state, listing
from mnistcore.runs.content import RunContent
from mnistcore.runs.folder_state import FolderState
from mnistcore.runs.kept_epochs import thin_epochs
from mnistcore.runs.listing import Listing, Watch
from mnistcore.runs.manifest import ClassRecord, ImagesRecord, RunManifest
from mnistcore.runs.problems import ProblemReason
from mnistcore.runs.store import Store
from mnistcore.runs.writing import LEFT_OVER_SECONDS
from scripts.toys import toy_content, toy_report
from tests.disk_faults import STEPS, Faults, Killed, steps_of
from tests.runs import agree
from tests.users import ordinary_user

FILES = ("run.json", "weights.safetensors", "history.json", "predictions/validation.safetensors")
FILES += ("predictions/test.safetensors",)
REPOSITORY = Path(__file__).parents[1]


@pytest.fixture
def run(store: Store) -> RunManifest:
    return store.save(toy_content())


def open_everything(store: Store, run_id: str) -> RunManifest:
    manifest = store.manifest(run_id)
    store.weights(run_id)
    store.history(run_id)
    for split in ("validation", "test"):
        store.predictions(run_id, split)
    return manifest


def is_saved(store: Store, content: RunContent) -> bool:
    """Whether exactly this content is what the store gives back."""
    manifest = open_everything(store, run_id_of(content))
    weights = store.weights(manifest.run_id)
    return (
        weights.keys() == content.weights.keys()
        and all(np.array_equal(weights[name], array) for name, array in content.weights.items())
        and all(
            np.array_equal(store.predictions(manifest.run_id, split, epoch=epoch).logits, logits[layer])
            and np.array_equal(store.predictions(manifest.run_id, split, epoch=epoch).labels, labels)
            for split, (labels, logits) in content.predictions.items()
            for layer, epoch in enumerate(content.epochs_kept)
        )
        and store.history(manifest.run_id) == content.history
        and manifest.origin == content.origin
    )


def run_id_of(content: RunContent) -> str:
    from mnistcore.config import run_id

    return run_id(content.origin.config)


def reasons(store: Store) -> dict[str, ProblemReason]:
    return {problem.name: problem.reason for problem in store.listing().problems}


def rewrite_manifest(store: Store, run_id: str, change: Callable[[dict[str, Any]], object]) -> None:
    path = store.root / run_id / "run.json"
    content = json.loads(path.read_bytes())
    change(content)
    path.write_text(json.dumps(content))


# ---- saving and reading --------------------------------------------------------------------------


def test_what_was_saved_comes_back(store: Store) -> None:
    content = toy_content()
    manifest = store.save(content)
    assert is_saved(store, content)
    assert store.manifest(manifest.run_id) == manifest == store.listing().runs[0]
    assert manifest.dataset == content.dataset
    assert manifest.origin == content.origin
    assert manifest.epochs_kept == content.epochs_kept
    assert os.listdir(store.root) == [manifest.run_id]


def test_what_was_saved_is_really_on_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}").replace("/new", "").rpartition("/")[2])
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    run_id = store.save(toy_content()).run_id
    assert is_saved(store, toy_content())
    wrapper = next(name for name in synced if name.startswith(".tmp-"))
    assert synced == [
        "writer.json",
        "weights.safetensors",
        "history.json",
        "validation.safetensors",
        "test.safetensors",
        "predictions",
        "run.json",
        wrapper,
        "runs",
    ]
    assert run_id in wrapper


def test_accuracy_is_that_of_the_test_images_at_the_last_epoch(store: Store) -> None:
    content = toy_content()
    manifest = store.save(content)
    labels, logits = content.predictions["test"]
    assert manifest.accuracy == np.mean(logits[-1].argmax(axis=1) == labels)
    assert store.predictions(manifest.run_id, "test").accuracy == manifest.accuracy


def test_arrays_in_any_memory_order_come_back_as_they_were(store: Store) -> None:
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    weights = {"turned": matrix.T, "strided": matrix[:, ::2], "scalar": np.array(3), "empty": matrix[:0]}
    run_id = store.save(changed(toy_content(), weights=weights)).run_id
    for name, array in store.weights(run_id).items():
        np.testing.assert_array_equal(array, weights[name], strict=True)


def test_half_precision_logits_on_disk_are_read(store: Store, run: RunManifest) -> None:
    content = toy_content()
    labels, logits = content.predictions["test"]
    data = safetensors.numpy.save({"labels": labels, "logits": logits.astype(np.float16)})
    put_file(store, run.run_id, "predictions/test.safetensors", data)
    seen = store.predictions(run.run_id, "test")
    np.testing.assert_array_equal(seen.logits, logits[-1].astype(np.float16).astype(np.float32), strict=True)


def test_a_stopped_training_is_a_run_too(store: Store) -> None:
    content = toy_content(status="interrupted", epochs=5)
    manifest = store.save(content)
    assert manifest.status == "interrupted"
    assert manifest.epochs_kept == (1, 2, 3, 4)
    assert is_saved(store, content)


def test_no_test_images_no_accuracy(store: Store) -> None:
    content = toy_content()
    manifest = store.save(changed(content, predictions={"validation": content.predictions["validation"]}))
    assert manifest.accuracy is None
    with pytest.raises(InputError, match="kept validation, got 'test'"):
        store.predictions(manifest.run_id, "test")


def test_unknown_epoch_or_split_names_those_kept(store: Store, run: RunManifest) -> None:
    for epoch in (0, 3, -1):
        with pytest.raises(InputError, match=rf"kept 1, 2, got {epoch}"):
            store.predictions(run.run_id, "test", epoch=epoch)
    for split in ("train", "../test", ""):
        with pytest.raises(InputError, match="kept validation and test"):
            store.predictions(run.run_id, split)


def test_a_run_that_is_there_is_not_replaced_unasked(store: Store, run: RunManifest) -> None:
    with pytest.raises(StoreWriteError, match="already"):
        store.save(toy_content(values=1))
    assert is_saved(store, toy_content())
    store.save(toy_content(values=1), replace=True)
    assert is_saved(store, toy_content(values=1))
    assert os.listdir(store.root) == [run.run_id]


CUT_WHILE_READ = """
import sys
from pathlib import Path
from mnistcore.errors import RunDamagedError
from mnistcore.runs.store import Store

store, run_id, outcomes = Store(Path(sys.argv[1])), sys.argv[2], set()
while not (store.root.parent / "over").exists():
    try:
        store.predictions(run_id, "test", epoch=1)
        store.predictions_by_epoch(run_id, "validation")
        store.weights(run_id)
        outcomes.add("whole")
    except RunDamagedError:
        outcomes.add("damaged")
    (store.root.parent / "reading").touch()
assert "whole" in outcomes
"""


def test_files_cut_while_they_are_read_do_not_end_the_reader(store: Store) -> None:
    run_id = store.save(toy_content(num_images=20_000)).run_id
    paths = [store.root / run_id / name for name in FILES if name.endswith(".safetensors")]
    whole = {path: path.read_bytes() for path in paths}
    reader = subprocess.Popen([sys.executable, "-c", CUT_WHILE_READ, str(store.root), run_id], cwd=REPOSITORY)
    try:
        deadline = time.monotonic() + 60
        while not (store.root.parent / "reading").exists() and reader.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        for _ in range(100):
            for path, data in whole.items():
                with path.open("r+b") as file:
                    file.truncate(len(data) // 2)
                    time.sleep(0.002)
                    file.truncate(0)
                    file.write(data)
        (store.root.parent / "over").touch()
        assert reader.wait(60) == 0
    finally:
        reader.kill()
        reader.wait()


@pytest.mark.parametrize("name", ["predictions/test.safetensors", "predictions/validation.safetensors"])
def test_a_file_cut_between_its_check_and_its_use_is_whole_or_damaged(
    store: Store, run: RunManifest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = store.root / run.run_id / name
    content, whole = toy_content(), path.read_bytes()
    for function in ("sha256", "file_digest"):
        really = getattr(hashlib, function)

        def cut_after(*arguments: Any, really: Any = really) -> Any:
            found = really(*arguments)
            if arguments and arguments[0] == whole and path.exists():
                os.truncate(path, 0)
            return found

        monkeypatch.setattr(hashlib, function, cut_after)
    split = "test" if "test" in name else "validation"
    np.testing.assert_array_equal(store.predictions(run.run_id, split).logits, content.predictions[split][1][-1])


def test_of_two_writers_at_once_one_wins(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = atomic.publish

    def be_late(staged: atomic.Staging) -> None:
        monkeypatch.setattr(atomic, "publish", publish)
        store.save(toy_content())
        publish(staged)

    monkeypatch.setattr(atomic, "publish", be_late)
    with pytest.raises(StoreWriteError, match="already"):
        store.save(toy_content(values=1))
    assert is_saved(store, toy_content())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"epochs_kept": ()}, "epochs_kept"),
        ({"epochs_kept": (2, 1)}, "epochs_kept"),
        ({"epochs_kept": (1,)}, "end with 2"),
        ({"history": (toy_report(1),), "epochs_kept": (1,)}, "complete run"),
        ({"history": (toy_report(1), toy_report(3))}, "epochs 1, 2, 3"),
        ({"history": (toy_report(1), changed(toy_report(2), train_loss=float("nan")))}, "1.train_loss"),
        ({"predictions": {}}, "predictions"),
        ({"predictions": {"train": toy_content().predictions["test"]}}, "predictions"),
        ({"predictions": {"test": (np.zeros(20, np.int64), np.zeros((2, 20, 9), np.float32))}}, "shape"),
        ({"predictions": {"test": (np.zeros(20, np.int64), np.zeros((1, 20, 10), np.float32))}}, "shape"),
        (
            {"predictions": {"test": (np.zeros(20, np.int32), np.zeros((2, 20, 10), np.float32))}},
            "test labels",
        ),
        ({"predictions": {"test": (np.full(20, 10), np.zeros((2, 20, 10), np.float32))}}, "test labels"),
        (
            {"predictions": {"test": (np.zeros(20, np.int64), np.full((2, 20, 10), np.inf, np.float32))}},
            "finite",
        ),
        ({"weights": {"w": np.array([object()])}}, "plain numbers"),
        ({"dataset": toy_content().dataset.model_copy(update={"name": "mnist"})}, "dataset"),
        ({"origin": toy_content().origin.model_copy(update={"seconds": -1.0})}, "seconds"),
    ],
)
def test_contradictory_content_is_refused_before_the_disk_is_touched(
    store: Store, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        store.save(changed(toy_content(), **fields))
    assert not store.root.exists()


def test_thinned_epochs() -> None:
    assert thin_epochs(0) == ()
    assert thin_epochs(1) == (1,)
    assert thin_epochs(50) == tuple(range(1, 51))
    for epochs in (51, 99, 1000):
        kept = thin_epochs(epochs)
        assert len(set(kept)) == 50
        assert kept[0] == 1
        assert kept[-1] == epochs
        assert list(kept) == sorted(kept)
    with pytest.raises(InputError, match="limit"):
        thin_epochs(2, limit=1)


OUTSIDE_NAMES = [
    "",
    ".",
    "..",
    "../mnist-mlp-00000000",
    "/etc/passwd",
    "mnist-mlp-00000000/..",
    "mnist-mlp-00000000\n",
]
OUTSIDE_NAMES += ["MNIST-mlp-00000000", "mnist-mlp-0000000g", "mnist\0-00000000", "a-" * 60 + "00000000"]
OUTSIDE_NAMES += [
    ".tmp-mnist-mlp-00000000-1-01234567",
    "数-mlp-00000000",
    "mnist-mlp-١٢٣٤٥٦٧٨",
    "mnist-mlp-12345678",
]


@pytest.mark.parametrize("name", OUTSIDE_NAMES)
def test_names_from_outside_are_not_found(store: Store, run: RunManifest, name: str) -> None:
    for ask in (
        store.manifest,
        store.weights,
        store.history,
        store.delete,
        lambda n: store.predictions(n, "test"),
    ):
        with pytest.raises(RunNotFoundError, match="expected"):
            ask(name)
    assert is_saved(store, toy_content())


def test_importing_and_reading_leaves_torch_out(store: Store, run: RunManifest) -> None:
    code = (
        "import sys; from pathlib import Path; from mnistcore.runs.store import Store\n"
        "store = Store(Path(sys.argv[1])); [run] = store.listing().runs\n"
        "store.predictions(run.run_id, 'test'); store.weights(run.run_id); store.history(run.run_id)\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(store.root)], check=True, cwd=REPOSITORY)


# ---- listing -------------------------------------------------------------------------------------


def test_no_folder_is_no_runs(store: Store) -> None:
    assert store.listing().runs == ()
    assert store.listing().problems == ()
    assert not store.root.exists()


@pytest.mark.parametrize("left", ["nothing", "an empty mount point", "another folder"])
def test_a_folder_that_was_there_is_called_gone_and_nothing_is_written(
    store: Store, run: RunManifest, left: str
) -> None:
    artifacts, elsewhere = store.root.parent, store.root.parent.with_name("disk")
    assert store.listing().folder is FolderState.THERE
    watch = Watch(store.root)
    assert watch.look() == store.listing()
    artifacts.rename(elsewhere)
    if left != "nothing":
        artifacts.mkdir()
    if left == "another folder":
        (artifacts / "data").mkdir()
    there = store.listing()
    assert (there.folder, there.runs) == (FolderState.GONE, ())
    assert [problem.reason for problem in there.problems] == [ProblemReason.FOLDER_GONE]
    assert watch.look() == there
    for write in (lambda: store.save(toy_content(seed=1)), store.check_writable):
        with pytest.raises(StoreWriteError, match="not there any more.*Mount"):
            write()
    assert not store.root.exists()
    shutil.rmtree(artifacts, ignore_errors=True)
    elsewhere.rename(artifacts)
    assert store.listing().folder is FolderState.THERE
    assert is_saved(store, toy_content())


def test_who_wants_to_begin_anew_gets_an_empty_folder(store: Store, run: RunManifest) -> None:
    shutil.rmtree(store.root.parent)
    assert store.listing().folder is FolderState.GONE
    store.make_folder()
    assert store.listing() == Listing((), (), FolderState.THERE)
    store.save(toy_content())


def test_runs_that_were_removed_by_hand_are_not_called_gone(store: Store, run: RunManifest) -> None:
    (store.root.parent / "jobs").mkdir()
    shutil.rmtree(store.root)
    assert store.listing() == Listing((), (), FolderState.EMPTY)
    store.save(toy_content())


def test_a_first_start_is_told_apart_from_nothing_trained_yet(store: Store) -> None:
    assert store.listing() == Listing((), (), FolderState.MISSING)
    store.root.parent.mkdir()
    assert store.listing() == Listing((), (), FolderState.EMPTY)
    store.root.parent.rmdir()
    assert store.listing().folder is FolderState.GONE
    store.root.parent.mkdir()
    store.save(toy_content())
    assert store.listing().folder is FolderState.THERE


def test_a_first_run_that_another_saves_meanwhile_is_not_called_gone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is made between two looks at the disk, by another thread of this process."""
    look = folder_state._identity

    def slow(path: Path) -> tuple[int, int] | None:
        if path == store.root.parent:
            monkeypatch.setattr(folder_state, "_identity", look)
            store.save(toy_content(seed=1))
        return look(path)

    monkeypatch.setattr(folder_state, "_identity", slow)
    store.require_folder()
    assert store.listing().folder is FolderState.THERE


def test_newest_first(store: Store) -> None:
    saved = [store.save(toy_content(seed=seed)).run_id for seed in range(4)]
    assert [run.run_id for run in store.listing().runs] == saved[::-1]


def opened_from_now(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what is opened, in that order; grows as it happens."""
    opened: list[str] = []
    really_open = os.open

    def note(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        opened.append(Path(path).name)
        return really_open(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", note)
    return opened


def test_a_listing_reads_manifests_only(store: Store, run: RunManifest, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = opened_from_now(monkeypatch)
    assert len(store.listing().runs) == 1
    assert opened == [run.run_id, "run.json"]


def test_two_hundred_runs_are_listed_with_one_look_at_each_manifest(
    store: Store, run: RunManifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 200):
        run_id = f"digits-mlp-{number:08x}"
        shutil.copytree(store.root / run.run_id, store.root / run_id)
        rewrite_manifest(store, run_id, lambda content, run_id=run_id: content.update(run_id=run_id))
    opened = opened_from_now(monkeypatch)
    assert len(store.listing().runs) == 200
    # What it costs are the files that are opened: how long that takes depends on the machine, how many does not.
    assert sorted(opened) == sorted([*os.listdir(store.root), *["run.json"] * 200])


def file_of(store: Store, run_id: str, role: str) -> Path:
    manifest = json.loads((store.root / run_id / "run.json").read_text())
    return store.root / run_id / manifest["files"][role]["name"]


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_run_that_was_replaced_leaves_no_file_behind(store: Store, run: RunManifest) -> None:
    folder = store.root / run.run_id
    for values in (1, 2):
        new = store.save(toy_content(values=values), replace=True)
        assert files_in(folder) == {"run.json", *(record.name for record in new.files.values())}
        assert new == store.manifest(run.run_id)
        store.verify(new)


def test_what_a_dead_writer_left_in_a_run_goes_and_what_a_living_one_writes_stays(
    store: Store, run: RunManifest
) -> None:
    folder, long_ago = store.root / run.run_id, time.time() - 2 * LEFT_OVER_SECONDS
    left = ("weights-0123abcd.safetensors", "predictions/test-0123abcd.safetensors", ".tmp-run.json-7-0123abcd")
    young, foreign = "weights-4567cdef.safetensors", "notes.txt"
    for name in (*left, young, foreign):
        (folder / name).write_text("")
    for name in (*left, foreign):
        os.utime(folder / name, (long_ago, long_ago))
    new = store.save(toy_content(values=1), replace=True)
    assert files_in(folder) == {"run.json", young, foreign, *(record.name for record in new.files.values())}


def test_a_watch_sees_whatever_changes(store: Store, run: RunManifest) -> None:
    watch = Watch(store.root)
    seen = watch.look()
    assert watch.look() is seen
    steps: list[Callable[[], object]] = [
        lambda: store.save(toy_content(seed=1)),
        lambda: store.save(toy_content(values=1), replace=True),
        lambda: os.truncate(file_of(store, run.run_id, "weights"), 3),
        lambda: file_of(store, run.run_id, "predictions/test").unlink(),
        lambda: (store.root / run.run_id / "run.json").write_text("{}"),
        lambda: (store.root / "foreign").touch(),
        lambda: store.delete(run.run_id),
    ]
    for step in steps:
        step()
        seen = watch.look()
        assert seen == store.listing()
        assert watch.look() is seen, "and reads nothing twice"


def test_of_many_runs_a_watch_looks_into_some_and_reads_what_has_changed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [store.save(toy_content(seed=seed)) for seed in range(6)]
    monkeypatch.setattr(listing, "LOOKED_INTO", 2)
    read: list[str] = []
    inspect = listing.inspect_run
    monkeypatch.setattr(
        listing, "inspect_run", lambda root, name, *more: read.append(name) or inspect(root, name, *more)
    )
    watch = Watch(store.root)
    seen = watch.look()
    assert sorted(read) == sorted(run.run_id for run in runs)
    read.clear()
    assert all(watch.look() is seen for _ in range(6))
    assert read == []
    new = store.save(toy_content(seed=0, values=1), replace=True)
    assert new in watch.look().runs
    assert read == [new.run_id]
    os.truncate(file_of(store, runs[3].run_id, "weights"), 3)
    looks = [watch.look() for _ in range(3)]
    assert [problem.name for problem in looks[-1].problems] == [runs[3].run_id], "it is its turn within three looks"
    assert read == [new.run_id, runs[3].run_id]


# ---- images of its own -----------------------------------------------------------------------------


@pytest.mark.parametrize("colours", [(), (3,)])
def test_a_run_may_carry_its_images(store: Store, colours: tuple[int, ...]) -> None:
    content = toy_content()
    pixels = np.random.default_rng(0).integers(0, 256, (20, 9, 7, *colours), np.uint8)
    shape = ImagesRecord(height=9, width=7, channels=colours[0] if colours else 1)
    dataset = content.dataset.model_copy(update={"images": shape, "title": ClassRecord(ja="葉", en="Leaves")})
    run = store.save(changed(content, dataset=dataset, images={"test": pixels}))
    assert run.carried_splits == ("test",)
    np.testing.assert_array_equal(store.images(run, "test"), pixels)
    store.verify(run)
    with pytest.raises(InputError, match="carries no validation images"):
        store.images(run, "validation")
    again = store.save(changed(content, dataset=dataset, images={"test": 255 - pixels}), replace=True)
    np.testing.assert_array_equal(store.images(again, "test"), 255 - pixels)
    assert files_in(store.root / run.run_id) == {"run.json", *(record.name for record in again.files.values())}
    put_file(store, run.run_id, again.files["images/test"].name, safetensors.numpy.save({"images": pixels[:, :8]}))
    with pytest.raises(RunDamagedError, match="images/test"):
        store.images(run.run_id, "test")


def test_images_that_are_not_described_are_refused(store: Store) -> None:
    with pytest.raises(InputError, match="files: expected"):
        store.save(changed(toy_content(), images={"test": np.zeros((20, 9, 7), np.uint8)}))
    with pytest.raises(InputError, match="carries no test images"):
        store.images(store.save(toy_content()), "test")


# ---- damage --------------------------------------------------------------------------------------


def put_file(store: Store, run_id: str, name: str, data: bytes) -> None:
    """A file beside the manifest as a classmate might hand it over: the manifest agrees with it."""
    (store.root / run_id / name).write_bytes(data)
    rewrite_manifest(store, run_id, lambda content: agree(content, name, data))


def test_each_truncated_file_is_found_by_the_listing(store: Store) -> None:
    healthy = store.save(toy_content(seed=99)).run_id
    for seed, name in enumerate(FILES):
        run_id = store.save(toy_content(seed=seed)).run_id
        path = store.root / run_id / name
        os.truncate(path, path.stat().st_size - 1)
        expected = ProblemReason.DAMAGED_MANIFEST if name == "run.json" else ProblemReason.WRONG_SIZE
        assert reasons(store)[run_id] is expected
        with pytest.raises(RunDamagedError, match=name):
            store.manifest(run_id)
    assert [run.run_id for run in store.listing().runs] == [healthy]


def test_each_missing_file_is_found_by_the_listing(store: Store) -> None:
    for seed, name in enumerate(FILES):
        run_id = store.save(toy_content(seed=seed)).run_id
        (store.root / run_id / name).unlink()
        expected = ProblemReason.HALF_WRITTEN if name == "run.json" else ProblemReason.MISSING_FILE
        assert reasons(store)[run_id] is expected
        with pytest.raises(RunDamagedError, match=name):
            store.weights(run_id)


@pytest.mark.parametrize("name", FILES[1:])
@pytest.mark.parametrize("place", [0, 9, -1])
def test_a_flipped_bit_is_found_when_the_file_is_read(store: Store, run: RunManifest, name: str, place: int) -> None:
    path = store.root / run.run_id / name
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    read: dict[str, Callable[[], object]] = {
        "weights.safetensors": lambda: store.weights(run.run_id),
        "history.json": lambda: store.history(run.run_id),
        "predictions/validation.safetensors": lambda: store.predictions(run.run_id, "validation"),
        "predictions/test.safetensors": lambda: store.predictions(run.run_id, "test"),
    }
    for other, ask in read.items():
        if other == name:
            with pytest.raises(RunDamagedError, match=f"{name}: expected SHA-256.* with --force"):
                ask()
        else:
            ask()
    with pytest.raises(RunDamagedError, match=f"{name}: expected SHA-256"):
        store.verify(run.run_id)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("weights.safetensors", b""),
        ("weights.safetensors", b"\x80\x04N."),
        ("weights.safetensors", b"\xff" * 8 + b"{}"),
        ("history.json", b"[" * 100_000),
        ("history.json", b"[]x"),
        ("history.json", b'[{"epoch": 1}]'),
        ("predictions/test.safetensors", b"{}"),
        ("predictions/test.safetensors", safetensors.numpy.save({"labels": np.zeros(20, np.int64)})),
        *(
            ("predictions/test.safetensors", safetensors.numpy.save({"labels": labels, "logits": logits}))
            for labels, logits in (
                (np.zeros(20, np.int64), np.zeros((2, 20, 11), np.float32)),
                (np.zeros(20, np.int64), np.zeros((3, 20, 10), np.float32)),
                (np.zeros(20, np.int64), np.zeros((2, 20, 10), np.float64)),
                (np.zeros(20, np.int64), np.full((2, 20, 10), np.nan, np.float32)),
                (np.full(20, 10), np.zeros((2, 20, 10), np.float32)),
                (np.zeros(20, np.int32), np.zeros((2, 20, 10), np.float32)),
                (np.zeros(19, np.int64), np.zeros((2, 20, 10), np.float32)),
            )
        ),
    ],
)
def test_a_file_that_agrees_with_its_digest_but_holds_nonsense(
    store: Store, run: RunManifest, name: str, data: bytes
) -> None:
    put_file(store, run.run_id, name, data)
    with pytest.raises(RunDamagedError, match=name):
        open_everything(store, run.run_id)


GARBAGE = [b"", b"null", b"[]", b"garbage", b"\xff\xfe", b"[" * 100_000, b"1" * 10_000]
GARBAGE += [b'{"schema_version": %s}' % version for version in (b"1", b'"2"', b"true", b"0")]


@pytest.mark.parametrize("data", GARBAGE)
def test_garbage_in_a_manifest(store: Store, run: RunManifest, data: bytes) -> None:
    (store.root / run.run_id / "run.json").write_bytes(data)
    [problem] = store.listing().problems
    assert problem.reason is ProblemReason.DAMAGED_MANIFEST
    assert "\n" not in problem.detail
    with pytest.raises(RunDamagedError, match=r"run\.json"):
        store.manifest(run.run_id)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(extra=1),
        lambda content: content.update(status="done"),
        lambda content: content.update(accuracy=1.5),
        lambda content: content.update(accuracy="0.5"),
        lambda content: content.update(created="yesterday"),
        lambda content: content.update(created="2026-01-01T00:00:00"),
        lambda content: content["predictions"]["test"].update(epochs=[2, 1]),
        lambda content: content["predictions"]["test"].update(kind="guesses"),
        lambda content: content.update(predictions={}),
        lambda content: content["predictions"].pop("test"),
        lambda content: content["origin"].update(kind="dreamt"),
        lambda content: content.update(run_id="../x"),
        lambda content: content["origin"]["config"].update(epochs=0),
        lambda content: content["origin"]["config"].update(model="unheard of"),
        lambda content: content["files"].pop("weights"),
        lambda content: content["files"].update(secret={"name": "x.json", "sha256": "0" * 64, "size_bytes": 1}),
        lambda content: content["files"]["history"].update(name="../../secret"),
        lambda content: content["files"]["history"].update(name="run.json"),
        lambda content: content["files"]["history"].update(name="weights.safetensors"),
        lambda content: content["files"]["history"].update(sha256="short"),
        lambda content: content["dataset"].update(classes=[]),
    ],
)
def test_a_manifest_with_one_wrong_field(store: Store, run: RunManifest, change: Any) -> None:
    rewrite_manifest(store, run.run_id, change)
    assert reasons(store) == {run.run_id: ProblemReason.DAMAGED_MANIFEST}


def test_a_newer_version_is_not_called_damaged(store: Store, run: RunManifest) -> None:
    for content in ({"schema_version": 3, "nothing": "we know"}, {"schema_version": 10**30}):
        (store.root / run.run_id / "run.json").write_text(json.dumps(content))
        assert reasons(store) == {run.run_id: ProblemReason.NEWER_SCHEMA}
    with pytest.raises(RunDamagedError, match="newer version"):
        store.manifest(run.run_id)


def test_foreign_things_are_named_and_left_alone(store: Store, run: RunManifest) -> None:
    outside = store.root.parent / "outside"
    shutil.copytree(store.root / run.run_id, outside)
    (store.root / "notes.txt").write_text("mine")
    (store.root / "folder").mkdir()
    (store.root / "mnist-mlp-00000001").mkdir()
    (store.root / "mnist-mlp-00000002").symlink_to(outside)
    (store.root / "mnist-mlp-00000003").symlink_to(store.root / run.run_id)
    (store.root / "mnist-mlp-00000004").symlink_to(store.root / "nowhere")
    shutil.copytree(outside, store.root / "mnist-mlp-00000005")
    (store.root / ".gitkeep").touch()
    os.mkfifo(store.root / "pipe")
    before = sorted(path.name for path in store.root.rglob("*"))
    assert reasons(store) == {
        "notes.txt": ProblemReason.NOT_A_RUN,
        "folder": ProblemReason.NOT_A_RUN,
        "pipe": ProblemReason.NOT_A_RUN,
        "mnist-mlp-00000001": ProblemReason.HALF_WRITTEN,
        "mnist-mlp-00000002": ProblemReason.SYMLINK,
        "mnist-mlp-00000003": ProblemReason.SYMLINK,
        "mnist-mlp-00000004": ProblemReason.SYMLINK,
        "mnist-mlp-00000005": ProblemReason.NAME_MISMATCH,
    }
    for number in range(1, 6):
        with pytest.raises(RunDamagedError):
            store.manifest(f"mnist-mlp-0000000{number}")
    assert [found.run_id for found in store.listing().runs] == [run.run_id]
    store.save(toy_content(seed=1))
    store.delete(store.listing().runs[0].run_id)
    assert sorted(path.name for path in store.root.rglob("*")) == before


@pytest.mark.parametrize("name", [*FILES, "predictions"])
@pytest.mark.parametrize("inside", [True, False])
def test_links_in_the_place_of_a_file_are_refused(
    store: Store, run: RunManifest, tmp_path: Path, name: str, inside: bool
) -> None:
    path = store.root / run.run_id / name
    moved = path.with_name("moved") if inside else tmp_path / "moved"
    path.rename(moved)
    path.symlink_to(moved)
    assert reasons(store) == {run.run_id: ProblemReason.SYMLINK}
    with pytest.raises(RunDamagedError, match="symbolic link"):
        open_everything(store, run.run_id)


@pytest.mark.parametrize("name", FILES)
def test_pipes_in_the_place_of_a_file_do_not_block(store: Store, run: RunManifest, name: str) -> None:
    path = store.root / run.run_id / name
    path.unlink()
    os.mkfifo(path)
    assert run.run_id in reasons(store)
    with pytest.raises(RunDamagedError, match=name):
        open_everything(store, run.run_id)


def test_an_endless_manifest_is_not_read(store: Store, run: RunManifest) -> None:
    os.truncate(store.root / run.run_id / "run.json", 10 * 2**30)  # a hole: takes no space
    assert reasons(store) == {run.run_id: ProblemReason.DAMAGED_MANIFEST}


def test_a_file_in_place_of_the_folder(store: Store) -> None:
    store.root.parent.mkdir()
    store.root.write_text("mine")
    assert reasons(store) == {"runs": ProblemReason.UNREADABLE}
    with pytest.raises(StoreWriteError, match="not a folder"):
        store.save(toy_content())
    with pytest.raises(StoreWriteError, match="not a folder"):
        store.check_writable()
    with pytest.raises(RunDamagedError):
        store.manifest("mnist-mlp-00000000")
    assert store.root.read_text() == "mine"


def test_what_cannot_be_read_is_kept_aside_by_a_new_run(store: Store, run: RunManifest) -> None:
    for number in (1, 2):
        path = store.root / run.run_id / "run.json"
        path.write_text(f"garbage {number}")
        store.save(toy_content(values=number), replace=number == 2)
        assert is_saved(store, toy_content(values=number))
        aside = store.root / f"{run.run_id}.damaged-{number}"
        assert (aside / "run.json").read_text() == f"garbage {number}"
    assert reasons(store) == {aside.with_suffix(f".damaged-{n}").name: ProblemReason.DAMAGED_MANIFEST for n in (1, 2)}
    store.delete(aside.name)
    assert not aside.exists()
    assert is_saved(store, toy_content(values=2))


def test_permissions() -> None:
    with ordinary_user() as folder:
        store = Store(folder / "runs")
        run = store.save(toy_content())
        store.root.chmod(stat.S_IRUSR | stat.S_IXUSR)
        for ask in (
            lambda: store.save(toy_content(seed=1)),
            lambda: store.delete(run.run_id),
            store.check_writable,
        ):
            with pytest.raises(StoreWriteError, match="read-only"):
                ask()
        assert is_saved(store, toy_content())
        store.root.chmod(stat.S_IRWXU)
        (store.root / run.run_id).chmod(0)
        assert reasons(store) == {run.run_id: ProblemReason.UNREADABLE}


# ---- deleting ------------------------------------------------------------------------------------


def test_delete(store: Store, run: RunManifest) -> None:
    other = store.save(toy_content(seed=1)).run_id
    store.delete(run.run_id)
    assert os.listdir(store.root) == [other]
    with pytest.raises(RunNotFoundError):
        store.delete(run.run_id)
    with pytest.raises(RunNotFoundError):
        store.manifest(run.run_id)


def test_what_is_not_there_is_said_before_anybody_is_asked(store: Store, run: RunManifest) -> None:
    store.check_there(run.run_id)
    (store.root / "notes").mkdir()
    for name in ("notes", "../runs", "", "mnist-mlp-00000000", f"{run.run_id}.damaged-1"):
        with pytest.raises(RunNotFoundError):
            store.check_there(name)
    (store.root / f"{run.run_id}.damaged-1").mkdir()
    store.check_there(f"{run.run_id}.damaged-1")


def test_delete_takes_a_link_but_not_what_it_points_to(store: Store, run: RunManifest) -> None:
    (store.root / "mnist-mlp-00000002").symlink_to(store.root / run.run_id)
    (store.root / run.run_id / "predictions" / "outside").symlink_to(store.root.parent)
    store.delete("mnist-mlp-00000002")
    assert is_saved(store, toy_content())
    store.delete(run.run_id)
    assert store.root.parent.is_dir()
    assert os.listdir(store.root) == []


@pytest.mark.parametrize("foreign", [True, False], ids=["writer unknown", "writer dead"])
def test_deleted_is_deleted_wherever_a_replacement_died_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, foreign: bool
) -> None:
    faults = Faults(monkeypatch)

    def prepared(name: str) -> Store:
        store = Store(tmp_path / name)
        store.save(toy_content())
        return store

    store = prepared("count")
    for step in range(steps_of(faults, lambda store=store: store.save(toy_content(values=1), replace=True))):
        store = prepared(str(step))
        faults.arm(step, Killed)
        with suppress(Killed):
            store.save(toy_content(values=1), replace=True)
        faults.disarm()
        for record in store.root.glob(".tmp-*/writer.json"):
            record.write_text(
                "{}" if foreign else json.dumps({"pid": 2**22 + 1, "started": 1, "machine": processes.this_machine()})
            )
        store.delete(run_id_of(toy_content()))
        assert store.listing() == Listing((), ())
        store.save(toy_content(seed=1))  # who writes next, tidies up
        assert [run.run_id for run in store.listing().runs] == [run_id_of(toy_content(seed=1))]
        with pytest.raises(RunNotFoundError):
            store.delete(run_id_of(toy_content()))


@pytest.mark.parametrize("fails", [None, "rename", "fsync"])
def test_deleted_while_it_is_replaced_the_old_run_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str | None
) -> None:
    run_id, rename, fsync = run_id_of(toy_content()), atomic._disk_rename, atomic._disk_fsync
    outcomes = set()
    for moment in range(1, 4):
        store = Store(tmp_path / f"{moment}")
        store.save(toy_content())
        writer = _InterruptedWriter(store, run_id, moment, fails, rename, fsync)
        monkeypatch.setattr(atomic, "_disk_rename", writer.rename)
        monkeypatch.setattr(atomic, "_disk_fsync", writer.fsync)
        with suppress(StoreWriteError):
            store.save(toy_content(values=1), replace=True)
        monkeypatch.setattr(atomic, "_disk_rename", rename)
        monkeypatch.setattr(atomic, "_disk_fsync", fsync)
        found = store.listing()
        assert found.problems == ()
        if found.runs:
            assert is_saved(store, toy_content(values=1)) or not writer.deleted
        outcomes.add((writer.deleted, bool(found.runs)))
        store.save(toy_content(seed=1))
        assert store.listing().runs[1:] == found.runs
    assert (True, fails is None) in outcomes


class _InterruptedWriter:
    """Between two of a writer's renames somebody deletes the run; the last of the renames, or what follows, fails."""

    def __init__(self, store: Store, run_id: str, moment: int, fails: str | None, rename: Any, fsync: Any) -> None:
        self._store, self._run_id, self._moment, self._fails = store, run_id, moment, fails
        self._rename, self._fsync = rename, fsync
        self._renames, self._deleting, self.deleted = 0, False, False

    def rename(self, source: Path, goal: Path) -> None:
        if not self._deleting:
            self._renames += 1
            if self._renames == self._moment:
                self._deleting = True
                with suppress(RunNotFoundError):
                    self._store.delete(self._run_id)
                    self.deleted = True
                self._deleting = False
            if self._fails == "rename" and self._renames == 2:
                raise OSError(errno.EIO, "injected")
        self._rename(source, goal)

    def fsync(self, descriptor: int) -> None:
        if self._fails == "fsync" and self._renames == 2 and not self._deleting:
            raise OSError(errno.EIO, "injected")
        self._fsync(descriptor)


# ---- faults --------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [pytest.param(False, id="new"), pytest.param(True, id="replaced")])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, None])
def test_a_fault_at_any_step_leaves_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool, code: int | None
) -> None:
    faults = Faults(monkeypatch)
    old, new, other = toy_content(), toy_content(values=1), toy_content(seed=1)

    def prepared(name: str) -> Store:
        store = Store(tmp_path / name)
        store.save(other)
        if there:
            store.save(old)
        return store

    store = prepared("count")
    steps = steps_of(faults, lambda: store.save(new, replace=there))
    assert steps >= 15
    for step in range(steps):
        store = prepared(str(step))
        names = sorted(os.listdir(store.root))
        faults.arm(step, lambda: Killed() if code is None else OSError(code, os.strerror(code)))
        failed: BaseException | None = None
        try:
            store.save(new, replace=there)
        except (StoreWriteError, Killed) as error:
            failed = error
        faults.disarm()
        found = [run.run_id for run in store.listing().runs]
        assert is_saved(store, other)
        assert store.listing().problems == ()
        if run_id_of(new) in found:
            is_new = is_saved(store, new)
            assert is_new or (there and is_saved(store, old))
        else:
            is_new = False
            assert not there
        if failed is None:
            assert is_new
        elif code is not None:
            assert not is_new
            assert sorted(os.listdir(store.root)) == names or step >= steps - 1
            assert {errno.ENOSPC: "disk full", errno.EROFS: "read-only", errno.EIO: "try again"}[code] in str(failed)
        store.save(new, replace=there or is_new)
        assert is_saved(store, new)
        assert is_saved(store, other)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, None])
def test_a_fault_at_any_step_of_a_deletion(tmp_path: Path, faults: Faults, code: int | None) -> None:
    other = toy_content(seed=1)
    for step in range(3):
        store = Store(tmp_path / str(step))
        store.save(other)
        run_id = store.save(toy_content()).run_id
        faults.arm(step, lambda: Killed() if code is None else OSError(code, os.strerror(code)))
        try:
            store.delete(run_id)
        except StoreWriteError:
            assert is_saved(store, toy_content())
        except Killed:
            pass
        faults.disarm()
        assert is_saved(store, other)
        assert store.listing().problems == ()
        if run_id in {run.run_id for run in store.listing().runs}:
            assert is_saved(store, toy_content())
            store.delete(run_id)
        store.save(other, replace=True)
        assert os.listdir(store.root) == [run_id_of(other)]


KILLED_AT_EVERY_STEP = """
import itertools, os, signal, sys
from pathlib import Path
from mnistcore import processes
from mnistcore.runs import atomic
from mnistcore.runs.store import Store
from scripts.toys import toy_content

os.fsync = lambda descriptor: None

def killing(step, number):
    def checked(*arguments):
        if next(count) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*arguments)
    return checked

for number in range(1000):
    store = Store(Path(sys.argv[1]) / str(number))
    store.save(toy_content(seed=1)); store.save(toy_content())
    child = os.fork()
    if child == 0:
        count = itertools.count()
        for name in sys.argv[2:]:
            setattr(atomic, name, killing(getattr(atomic, name), number))
        store.save(toy_content(values=1), replace=True)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        print(number)
        break
"""


def test_sigkill_at_any_step_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED_AT_EVERY_STEP, str(tmp_path), *STEPS]
    steps = int(subprocess.run(command, check=True, cwd=REPOSITORY, capture_output=True, text=True).stdout)
    assert steps >= 15
    outcomes = []
    for number in range(steps + 1):
        store = Store(tmp_path / str(number))
        assert len(store.listing().runs) == 2
        assert store.listing().problems == ()
        assert is_saved(store, toy_content(seed=1))
        outcomes.append(is_saved(store, toy_content(values=1)))
        assert outcomes[-1] or is_saved(store, toy_content())
        store.save(toy_content(values=2), replace=True)
        assert is_saved(store, toy_content(values=2))
        if Path("/proc/self/stat").exists() and number > 1:  # before that the writer had not signed yet
            assert sorted(os.listdir(store.root)) == sorted(run.run_id for run in store.listing().runs)
    assert outcomes == sorted(outcomes)
    assert outcomes[-1]
    assert not outcomes[0]


def test_a_reader_never_notices_a_writer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # the order of renames is at stake, not the disk
    versions = [toy_content(values=values) for values in range(2)]
    run_id = store.save(versions[0]).run_id
    expected = {content.weights["0.bias"].tobytes() for content in versions}
    expected_logits = {content.predictions["test"][1][0].tobytes() for content in versions}
    stopped = threading.Event()
    errors: list[Exception] = []

    def write() -> None:
        try:
            for number in range(500):
                store.save(versions[number % 2], replace=True)
        except Exception as error:
            errors.append(error)
        finally:
            stopped.set()

    writer = threading.Thread(target=write)
    writer.start()
    rounds = 0
    try:
        while not stopped.is_set():
            there = store.listing()
            assert [run.run_id for run in there.runs] == [run_id]
            assert there.problems == ()
            assert store.weights(run_id)["0.bias"].tobytes() in expected
            assert store.predictions(run_id, "test", epoch=1).logits.tobytes() in expected_logits
            assert len(store.history(run_id)) == 2
            rounds += 1
    finally:
        writer.join()
    assert errors == []
    assert rounds > 10


def test_many_writers_of_one_run_leave_one_valid_run(store: Store) -> None:
    contents = [toy_content(values=values) for values in range(8)]
    threads = [threading.Thread(target=store.save, args=(c,), kwargs={"replace": True}) for c in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(is_saved(store, content) for content in contents) == 1
    assert os.listdir(store.root) == [run_id_of(contents[0])]


def test_check_writable_leaves_nothing(store: Store, faults: Faults) -> None:
    store.check_writable()
    assert os.listdir(store.root) == []
    faults.arm(3, lambda: OSError(errno.ENOSPC, "full"))
    with pytest.raises(StoreWriteError, match="disk full"):
        store.check_writable()
    faults.disarm()
    assert os.listdir(store.root) == []
