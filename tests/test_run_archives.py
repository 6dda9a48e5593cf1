"""Run archives: what was exported comes back byte for byte; a zip that is anything else is refused in words."""

import io
import json
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mnistcore.__main__ import app
from mnistcore.errors import InputError, RunNotFoundError
from mnistcore.imports import formats, keeping, matrices, recording, run_archives
from mnistcore.imports.given import Labelled
from mnistcore.imports.recorder import Recorder
from mnistcore.runs.manifest import Imported
from mnistcore.runs.store import Store
from scripts.toys import toy_content
from tests.runs import agree

LABELS = np.arange(40) % 3


def trained(store: Store) -> str:
    return store.save(toy_content()).run_id


def recorded(store: Store) -> str:
    images = np.arange(40 * 6 * 5 * 3, dtype=np.uint32).reshape(40, 6, 5, 3).astype(np.uint8)
    scores = np.random.default_rng(1).dirichlet(np.ones(3), 40)
    return recording.record_predictions(LABELS, probabilities=scores, images=images, name="colours", store=store).run_id


def imported(store: Store) -> str:
    found = recording.understood(LABELS, np.roll(LABELS, 1))
    kept = recording.keep_imported(found, file="a.csv", kind="csv", read_as=("cp932",), name="<b>a</b>", store=store)
    return kept.run_id


def looped(store: Store) -> str:
    """Recorded over its epochs, with what its own loop has said of each."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    torch.manual_seed(0)
    loader = DataLoader(TensorDataset(torch.rand(40, 1, 6, 6), torch.from_numpy(LABELS)), batch_size=16)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(36, 3))
    with Recorder("loop", store=store) as recorder:
        recorder.epoch(model, loader, train_loss=1.5)
        recorder.epoch(model, loader, train_loss=1.25)
    return recorder.close().run_id


def model(store: Store) -> str:
    """Imported from a checkpoint, with its weights."""
    known = Labelled(("a", "b", "c"), LABELS, np.roll(LABELS, 2))
    weights = {"0.weight": np.arange(6, dtype=np.float32).reshape(2, 3)}
    origin = Imported(file="a.pt", format="torch", model="Net")
    kept = keeping.keep(known, [], None, origin=origin, name="net", store=store, weights=weights)
    assert np.array_equal(store.weights(kept.manifest)["0.weight"], weights["0.weight"])
    return kept.run_id


MAKERS: dict[str, Callable[[Store], str]] = {
    "trained": trained,
    "recorded": recorded,
    "imported": imported,
    "looped": looped,
    "model": model,
}


def everything(store: Store, run_id: str) -> dict[str, bytes]:
    folder = store.root / run_id
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def elsewhere(tmp_path: Path) -> Store:
    return Store(tmp_path / "elsewhere" / "runs")


@pytest.mark.parametrize("kind", MAKERS)
def test_a_run_comes_back_byte_for_byte(kind: str, store: Store, elsewhere: Store, tmp_path: Path) -> None:
    run_id = MAKERS[kind](store)
    path = run_archives.export(store, run_id, tmp_path)
    assert path.name == f"{run_id}.zip"
    kept = run_archives.keep(path, elsewhere)
    assert (kept.is_new, kept.manifest) == (True, store.manifest(run_id))
    assert everything(elsewhere, run_id) == everything(store, run_id)
    assert elsewhere.listing().runs == store.listing().runs
    assert not run_archives.keep(path, elsewhere).is_new
    assert run_archives.look(path) == kept.manifest
    assert run_archives.packed(elsewhere, run_id) == path.read_bytes(), "exported again, it is the same file"


def test_a_run_of_the_first_release_comes_back(first_runs: Store, elsewhere: Store, tmp_path: Path) -> None:
    (run,) = first_runs.listing().runs
    run_archives.keep(run_archives.export(first_runs, run.run_id, tmp_path / "first.zip"), elsewhere)
    assert everything(elsewhere, run.run_id) == everything(first_runs, run.run_id)


def test_a_zip_holds_no_path_of_this_machine(store: Store, tmp_path: Path) -> None:
    run_id = trained(store)
    with zipfile.ZipFile(run_archives.export(store, run_id, tmp_path)) as archive:
        assert archive.namelist()[0] == f"{run_id}/run.json"
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert all(name.startswith(f"{run_id}/") and ".." not in name for name in archive.namelist())
        assert str(store.root).encode() not in archive.read(f"{run_id}/run.json")


def test_a_folder_that_somebody_has_zipped_is_a_run_too(store: Store, elsewhere: Store, tmp_path: Path) -> None:
    run_id = recorded(store)
    with zipfile.ZipFile(tmp_path / "by hand.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((store.root / run_id).rglob("*")):
            archive.write(path, path.relative_to(store.root))
        archive.writestr("__MACOSX/._run.json", b"")
        archive.writestr(f"{run_id}/.DS_Store", b"")
    run_archives.keep(tmp_path / "by hand.zip", elsewhere)
    assert everything(elsewhere, run_id) == everything(store, run_id)


def test_another_file_in_its_place_is_not_overwritten(store: Store, tmp_path: Path) -> None:
    run_id = trained(store)
    target = run_archives.export(store, run_id, tmp_path / "run.zip")
    assert run_archives.export(store, run_id, target) == target
    target.write_bytes(b"my thesis")
    with pytest.raises(InputError, match="there already"):
        run_archives.export(store, run_id, target)
    assert target.read_bytes() == b"my thesis"
    with pytest.raises(InputError, match="--to"):
        run_archives.export(store, run_id, tmp_path / "no folder" / "run.zip")
    with pytest.raises(RunNotFoundError):
        run_archives.export(store, "mnist-mlp-00000000", tmp_path)


def test_other_content_under_the_same_id_is_refused(store: Store, elsewhere: Store, tmp_path: Path) -> None:
    run_id = trained(store)
    path = run_archives.export(store, run_id, tmp_path)
    elsewhere.save(toy_content())  # made at another moment
    before = everything(elsewhere, run_id)
    with pytest.raises(InputError, match=f"delete {run_id}"):
        run_archives.keep(path, elsewhere)
    assert everything(elsewhere, run_id) == before
    (elsewhere.root / run_id / "run.json").unlink()  # what is damaged is kept beside it
    assert run_archives.keep(path, elsewhere).is_new
    assert sorted(each.name for each in elsewhere.root.iterdir()) == [run_id, f"{run_id}.damaged-1"]


# ---------------------------------------------------------------- hostile archives

Files = dict[str, bytes]


def changed(files: Files, change: Callable[[dict], object]) -> Files:
    manifest = json.loads(files["run.json"])
    change(manifest)
    return files | {"run.json": json.dumps(manifest).encode()}


def other_labels(files: Files) -> Files:
    """A file of predictions that fits its checksum and size, and holds something else."""
    name = "predictions/test.safetensors"
    data = files[name].replace(b'"labels"', b'"labelz"')
    assert data != files[name]
    return changed(files | {name: data}, lambda manifest: agree(manifest, name, data))


HOSTILE: dict[str, tuple[Callable[[Files], Files], str]] = {
    "a name that leads out": (lambda files: files | {"../../evil.json": b"{}"}, "evil"),
    "a name of another kind": (lambda files: files | {"run.py": b"print()"}, "run.py"),
    "a file too many": (lambda files: files | {"more.json": b"{}"}, "more.json"),
    "a file too few": (lambda files: {name: files[name] for name in files if name != "history.json"}, "history.json"),
    "no manifest": (lambda files: {name: files[name] for name in files if name != "run.json"}, "run.json"),
    "no JSON": (lambda files: files | {"run.json": b"{"}, "run.json"),
    "a longer file": (lambda files: files | {"history.json": files["history.json"] + b" "}, "history.json: expected"),
    "other bytes": (lambda files: files | {"history.json": files["history.json"].replace(b"1", b"2")}, "SHA-256"),
    "other arrays that fit": (other_labels, "labels"),
    "another id": (lambda files: changed(files, lambda run: run.update(run_id="a-b-00000000")), "a-b-00000000"),
    "an accuracy that it has not": (lambda files: changed(files, lambda run: run.update(accuracy=0.9876)), "0.9876"),
    "a title without end": (lambda files: changed(files, lambda run: run.update(title="a" * 2000)), "at most 200"),
    "a class twice": (
        lambda files: changed(
            files, lambda run: run["dataset"]["classes"].__setitem__(0, run["dataset"]["classes"][1])
        ),
        "each class once",
    ),
    "brackets without end": (lambda files: files | {"run.json": b"[" * 10**6}, "run.json"),
    "a later version": (lambda files: changed(files, lambda run: run.update(schema_version=9)), "newer version"),
    "a huge manifest": (lambda files: files | {"run.json": b" " * (16 * 2**20 + 1)}, "at most"),
}


def zipped(files: Files, run_id: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"{run_id}/{name}", data)
    return target.getvalue()


def refused(data: bytes, where: Path, store: Store) -> str:
    """What is said of a zip that is not taken in; nothing is left of it."""
    path = where / "hostile.zip"
    path.write_bytes(data)
    with pytest.raises(InputError) as raised:
        run_archives.keep(path, store)
    assert not store.root.exists() or not list(store.root.iterdir())
    assert sorted(each.name for each in where.iterdir() if "evil" in each.name) == []
    return str(raised.value)


@pytest.mark.parametrize("case", HOSTILE)
def test_a_zip_that_is_no_run_is_refused(case: str, store: Store, elsewhere: Store, tmp_path: Path) -> None:
    run_id = trained(store)
    change, told = HOSTILE[case]
    assert told in refused(zipped(change(store.files(run_id)), run_id), tmp_path, elsewhere)


def test_a_matrix_of_more_images_than_it_says_is_refused(store: Store, elsewhere: Store, tmp_path: Path) -> None:
    given = matrices.read_matrix("5 1\n0 4")
    done = matrices.keep_matrix(given, truth="rows", file="m.csv", kind="csv", name="m", store=store)
    files = changed(store.files(done.run_id), lambda run: run["dataset"]["sizes"].update(test=11))
    told = refused(zipped(files, done.run_id), tmp_path, elsewhere)
    assert "counts of 11 images, got 10" in told


def test_every_broken_zip_is_refused_in_words(store: Store, tmp_path: Path) -> None:
    whole, random = zipped(store.files(trained(store)), "x"), np.random.default_rng(2)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(3):
            data[int(random.integers(len(data) - 400, len(data)))] = int(random.integers(256))
        (tmp_path / "a.zip").write_bytes(data)
        for read in (formats.kind_of, run_archives.look):
            with suppress(InputError):
                read(tmp_path / "a.zip")


def test_links_twins_bombs_and_passwords_are_refused(store: Store, elsewhere: Store, tmp_path: Path) -> None:
    run_id = trained(store)
    whole = zipped(store.files(run_id), run_id)

    def with_entry(entry: zipfile.ZipInfo, data: bytes) -> bytes:
        target = io.BytesIO(whole)
        with warnings.catch_warnings(), zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
            warnings.simplefilter("ignore")  # of the same name twice
            archive.writestr(entry, data)
        return target.getvalue()

    link = zipfile.ZipInfo(f"{run_id}/weights-00000000.safetensors")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    assert "symbolic link" in refused(with_entry(link, b"/etc/passwd"), tmp_path, elsewhere)
    assert "twice" in refused(with_entry(zipfile.ZipInfo(f"{run_id}/run.json"), b"{}"), tmp_path, elsewhere)
    other = zipfile.ZipInfo("other-run-00000000/run.json")
    assert "twice" in refused(with_entry(other, b"{}"), tmp_path, elsewhere)
    bomb = zipfile.ZipInfo(f"{run_id}/more.json")
    bomb.compress_type = zipfile.ZIP_DEFLATED
    assert "not opened" in refused(with_entry(bomb, bytes(100 * 2**20)), tmp_path, elsewhere)
    locked = bytearray(whole)
    places = [place for place in range(len(locked)) if locked[place : place + 4] == b"PK\x01\x02"]
    for place in places:
        locked[place + 8] |= 1
    assert "password" in refused(bytes(locked), tmp_path, elsewhere)
    # A file that says that it is short, and is not.
    lying = bytearray(whole)
    struct.pack_into("<I", lying, places[-1] + 24, 10)
    assert "bytes" in refused(bytes(lying), tmp_path, elsewhere)
    assert "whole zip" in refused(whole[:-30], tmp_path, elsewhere)
    assert "whole zip" in refused(b"", tmp_path, elsewhere)
    with pytest.raises(InputError, match="can be read"):
        run_archives.look(tmp_path / "none.zip")


def test_export_and_import_by_command(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = imported(store)
    before = everything(store, run_id)
    monkeypatch.chdir(tmp_path)
    command = CliRunner().invoke
    assert command(app, ["export", run_id]).exit_code == 0
    written = json.loads(command(app, ["export", run_id, "--to", "again.zip", "--json"]).stdout)
    assert Path(written["file"]).read_bytes() == Path(f"{run_id}.zip").read_bytes()
    assert written["size_bytes"] == Path("again.zip").stat().st_size
    assert "here already" in command(app, ["import", "again.zip"]).stdout
    store.delete(run_id)
    looked = json.loads(command(app, ["import", "again.zip", "--look", "--json"]).stdout)
    assert (looked["run_id"], looked["is_new"], store.listing().runs) == (run_id, None, ())
    done = command(app, ["import", "again.zip"])
    assert (done.exit_code, "kept" in done.stdout) == (0, True), done.output
    assert everything(store, run_id) == before
    assert command(app, ["export", "mnist-mlp-00000000"]).exit_code == 1
