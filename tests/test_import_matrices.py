"""A confusion matrix alone, and arrays as files: what is read of them, and what is refused in words."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mnistcore.__main__ import app
from mnistcore.datasets import npy_files
from mnistcore.errors import InputError
from mnistcore.imports import columns as columns_of
from mnistcore.imports import matrices, tables
from tests.here import store_here
from tests.visits import open_page, words

COUNTS = [[5, 1], [0, 4]]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("5,1\n0,4\n", ("0", "1")),
        (",cat,dog\ncat,5,1\ndog,0,4\n", ("cat", "dog")),
        ("true;cat;dog;sum\r\ncat;5;1;6\r\ndog;0;4;4\r\nsum;5;5;10\r\n", ("cat", "dog")),
        ('"","T-shirt/top","a, b"\n"T-shirt/top",5,1\n"a, b",0,4\n', ("T-shirt/top", "a, b")),
        ("\t猫\t犬\n猫\t5\t1\n犬\t0\t4", ("猫", "犬")),
        (",0,1\n0,5,1\n1,0,4\n", ("0", "1")),
        (",dog,cat\ncat,1,5\ndog,4,0\n", ("cat", "dog")),
        ("[[5, 1], [0, 4]]", ("0", "1")),
        ("cat dog\n5 1\n0 4", ("cat", "dog")),
        ("5.000e+00,1.000e+00\n0.0e+00,4.0e+00\n", ("0", "1")),
    ],
)
def test_a_matrix_is_read_with_its_names(text: str, names: tuple[str, ...]) -> None:
    given = matrices.read_matrix(text)
    assert (given.counts.tolist(), given.names) == (COUNTS, names)
    assert matrices.is_matrix(text.encode(), ".csv")


@pytest.mark.parametrize(
    "text",
    [
        "label,pred\n0,1\n1,1\n",
        "0,1\n1,0\n",
        "label,p_0,p_1\n0,0.5,0.5\n",
        "cat,dog\ndog,dog\n",
        "id,y_true,y_pred\n1,2,2\n2,1,1\n3,2,1\n",
        "",
    ],
)
def test_predictions_are_not_taken_for_a_matrix(text: str) -> None:
    assert not matrices.is_matrix(text.encode(), ".csv")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("5,1\n0,-4\n", "got '-4'"),
        ("0.9,0.1\n0.2,0.8\n", "whole counts"),
        ("5,1,2\n0,4,3\n", "got 2 x 3"),
        (",cat,dog\ncat,0.9,0.1\ndog,0.25,0.75\n", "shares"),
        (",cat,cat\ncat,5,1\ncat,0,4\n", "got 'cat' twice"),
        ("\n".join([",".join(["1"] * 1001)] * 1001), "at most 1000 classes"),
    ],
)
def test_what_is_no_matrix_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        matrices.read_matrix(text)


def import_(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["import", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_command_asks_which_axis_is_the_truth(artifacts: Path, tmp_path: Path) -> None:
    file = tmp_path / "paper.csv"
    file.write_text(",cat,dog\ncat,5,1\ndog,0,4\n", encoding="utf-8")
    code, told = import_(file)
    assert code != 0 and "--truth: expected rows or columns" in told and not store_here().listing().runs
    code, told = import_(file, "--truth", "columns", "--json")
    assert code == 0, told
    (run,) = store_here().listing().runs
    assert json.loads(told)["run_id"] == run.run_id
    assert store_here().predictions(run, "test").counts.tolist() == [[5, 0], [1, 4]]  # type: ignore[union-attr]


def test_the_same_matrix_is_the_same_run(artifacts: Path) -> None:
    given = matrices.read_matrix("5 1\n0 4")
    first, again = (
        matrices.keep_matrix(given, truth="rows", file="m.csv", kind="csv", name="m", store=store_here())
        for _ in range(2)
    )
    other = matrices.keep_matrix(given, truth="columns", file="m.csv", kind="csv", name="m", store=store_here())
    assert (first.is_new, again.is_new, other.is_new) == (True, False, True)
    assert first.run_id == again.run_id != other.run_id


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize("order", [("labels", "p"), ("p", "labels")])
def test_two_arrays_are_labels_and_scores_in_either_order(
    artifacts: Path, tmp_path: Path, order: tuple[str, str]
) -> None:
    given = {"labels": np.array([0, 1, 1]), "p": np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])}
    for name, array in given.items():
        (tmp_path / f"{name}.npy").write_bytes(npy(array))
    code, told = import_(*(tmp_path / f"{name}.npy" for name in order), "--json")
    assert code == 0, told
    assert json.loads(told)["accuracy"] == pytest.approx(2 / 3)


def test_arrays_that_say_nothing_are_told_apart_by_their_shapes() -> None:
    table = tables.array_table({"arr_0": np.array([[0.9, 0.1], [0.2, 0.8]]), "arr_1": np.array([0, 1])})
    columns = columns_of.guess_columns(table)
    assert (columns.truth, columns.scores) == ("arr_1", ("arr_0_0", "arr_0_1"))


def test_an_archive_brings_its_images(artifacts: Path, tmp_path: Path) -> None:
    images = np.arange(3 * 8 * 6, dtype=np.uint8).reshape(3, 8, 6)
    file = tmp_path / "x.npz"
    np.savez(file, y_true=[0, 1, 1], y_pred=[0, 1, 0], images=images)
    code, told = import_(file)
    assert code == 0, told
    (run,) = store_here().listing().runs
    assert np.array_equal(store_here().images(run, "test"), images)


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="same length, got labels 2, p 3"):
        tables.array_table({"labels": np.zeros(2, int), "p": np.zeros((3, 2))})


def test_an_array_of_objects_runs_nothing() -> None:
    file = io.BytesIO()
    np.save(file, np.array(["cat", None], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="Python objects"):
        npy_files.of_npy(file.getvalue())


def test_an_archive_that_unpacks_to_too_much_is_refused_before(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.npy", b"\0" * 2**20)
    monkeypatch.setattr(npy_files, "MOST_UNPACKED", 2**19)
    monkeypatch.setattr(npy_files, "of_npy", lambda data, name: pytest.fail("it was unpacked"))
    with pytest.raises(InputError, match="of arrays"):
        npy_files.of_npz(file.getvalue())


@pytest.mark.parametrize("data", [b"", b"\x93NUMPY", npy(np.arange(9))[:-8], b"PK\3\4nothing"])
def test_bytes_that_are_no_array_are_refused(data: bytes) -> None:
    for read in (npy_files.of_npy, npy_files.of_npz):
        with pytest.raises(InputError, match="file: expected"):
            read(data)


def test_the_overview_says_that_it_is_a_matrix(artifacts: Path) -> None:
    given = matrices.read_matrix("5 1\n0 4")
    done = matrices.keep_matrix(given, truth="rows", file="m.csv", kind="csv", name="m", store=store_here())
    page = open_page("overview", run=done.run_id, lang="en")
    assert "A confusion matrix that was read from the file m.csv." in words(page)
