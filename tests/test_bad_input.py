"""Bad labels, scores and tables, each handed over as arrays and as a file: refused in one line, nothing is kept."""

import io
import json
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import mnistcore
from mnistcore.__main__ import app
from mnistcore.datasets import npy_files
from mnistcore.errors import InputError
from mnistcore.imports import given, matrices, tables
from tests.here import store_here
from tests.visits import CHECKPOINT_PAGES, open_page, part, whole, words

LABELS = np.array([0, 1, 2, 1])
P = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.2, 0.7, 0.1]])


def changed(row: int, values: list[float]) -> np.ndarray:
    scores = P.copy()
    scores[row] = values
    return scores


def refused_by_command(path: Path, *options: str) -> str:
    """The one line that `mnistcore import` says on standard error; nothing was kept."""
    result = CliRunner().invoke(app, ["import", str(path), *options])
    assert result.exit_code in (1, 2), result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert not store_here().listing().runs
    return " ".join(result.stderr.split())


def kept_by_command(path: Path, *options: str) -> str:
    result = CliRunner().invoke(app, ["import", str(path), *options])
    assert result.exit_code == 0, result.output
    return result.stdout


SCORES_THAT_CANNOT_BE = {
    "NaN": (changed(2, [np.nan, 0.5, 0.5]), ("row 2",)),
    "infinite": (changed(2, [np.inf, 0.5, 0.5]), ("row 2",)),
    "negative": (changed(1, [-0.1, 0.9, 0.2]), ("-0.1 to 0.9", "row 1")),
    "above 1": (changed(1, [0.0, 1.5, 0.0]), ("0 to 1.5", "row 1")),
    "sum of a row": (changed(3, [0.2, 0.7, 0.3]), ("the sum 1.2", "row 3")),
}


@pytest.mark.parametrize("name", SCORES_THAT_CANNOT_BE)
def test_scores_that_cannot_be_are_refused_with_their_row(name: str, tmp_path: Path) -> None:
    scores, told = SCORES_THAT_CANNOT_BE[name]
    with pytest.raises(InputError) as raised:
        mnistcore.record_predictions(LABELS, probabilities=scores)
    for words_ in told:
        assert words_ in str(raised.value)
    assert not store_here().listing().runs
    frame = pd.DataFrame({"label": LABELS, "p_0": scores[:, 0], "p_1": scores[:, 1], "p_2": scores[:, 2]})
    frame.to_csv(tmp_path / "bad.csv", index=False)
    assert told[-1] in refused_by_command(tmp_path / "bad.csv")


def test_rounded_probabilities_are_taken() -> None:
    third = np.full((3, 3), 0.33)
    many = np.full((2, 47), 0.02)  # 0.0213 rounded
    many[:, 3] = 0.09
    found = mnistcore.record_predictions([3, 3], probabilities=many, name="many")
    assert (found.numbers.correct, "each row divided by its sum" in repr(found)) == (2, True)
    assert (
        mnistcore.record_predictions([0, 1, 2], probabilities=third).manifest.predictions["test"].kind
        == "probabilities"
    )


LABELS_THAT_CANNOT_BE: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "unequal lengths": ({"labels": [0, 1, 2], "probabilities": P}, "a row for each of 3 labels, got 4", None),
    "unequal predictions": (
        {"labels": [0, 1, 2], "predicted": [0, 1]},
        "as many as labels, 3, got 2",
        "label,prediction\n0,0\n1,1\n2\n",
    ),
    "too many cells in a row": (
        {"labels": [[0], [1, 2]], "predicted": [0, 1]},
        "labels: expected",
        "label,prediction\n0,0\n1,1,1\n",
    ),
    "unknown label": (
        {"labels": ["cat", "cow"], "predicted": ["cat", "dog"], "classes": ["cat", "dog"]},
        "expected one of cat, dog, got 'cow' in row 1",
        "label,p_cat,p_dog\ncat,0.9,0.1\ncow,0.5,0.5\n",
    ),
    "unknown prediction": (
        {"labels": ["cat", "dog"], "predicted": ["cat", "cow"], "classes": ["cat", "dog"]},
        "expected one of cat, dog, got 'cow' in row 1",
        "label,prediction,p_cat,p_dog\ncat,cat,0.9,0.1\ndog,cow,0.2,0.8\n",
    ),
    "a number that is no class": (
        {"labels": [0, 3], "probabilities": P[:2]},
        "numbers from 0 to 2, got 3 in row 1",
        "label,p_0,p_1,p_2\n0,1,0,0\n3,0,1,0\n",
    ),
    "another class than the highest score": (
        {"labels": [0, 1], "predicted": [0, 2], "probabilities": P[:2]},
        "got '2' in row 1 (1 of 2 rows)",
        "label,prediction,p_0,p_1,p_2\n0,0,0.7,0.2,0.1\n1,2,0.1,0.8,0.1\n",
    ),
    "a missing label": (
        {"labels": [0.0, np.nan], "predicted": [0, 1]},
        "got nan in row 1",
        "label,prediction\n0,0\n,1\n",
    ),
    "1,001 classes": (
        {"labels": np.arange(1001), "predicted": np.arange(1001)},
        "2 to 1000, got 1001",
        "label,prediction\n" + "".join(f"{n},{n}\n" for n in range(1001)),
    ),
    "1,001 columns": (
        {"labels": np.arange(1001), "logits": np.eye(1001)},
        "2 to 1000 columns, got shape (1001, 1001)",
        "label," + ",".join(f"p_{n}" for n in range(1001)) + "\n0," + ",".join(["1"] + ["0"] * 1000) + "\n",
    ),
    "empty": ({"labels": [], "predicted": []}, "got nothing", ""),
    "a heading alone": (
        {"labels": np.zeros(0, int), "probabilities": np.zeros((0, 3))},
        "got nothing",
        "label,p_0,p_1\n",
    ),
}


@pytest.mark.parametrize("name", LABELS_THAT_CANNOT_BE)
def test_labels_that_cannot_be_are_refused_in_a_line(name: str, tmp_path: Path) -> None:
    arguments, told, file = LABELS_THAT_CANNOT_BE[name]
    with pytest.raises(InputError, match=re.escape(told)):
        mnistcore.record_predictions(**arguments)
    assert not store_here().listing().runs
    if file is not None:
        (tmp_path / "bad.csv").write_text(file, encoding="utf-8")
        assert "expected" in refused_by_command(tmp_path / "bad.csv")


def test_a_class_that_is_never_seen_is_a_class(tmp_path: Path) -> None:
    done = mnistcore.record_predictions([0, 1, 0], probabilities=P[:3], name="two of three")
    assert done.numbers.matrix.shape == (3, 3)
    (tmp_path / "fine.csv").write_text("label,p_cat,p_dog,p_fox\ncat,0.9,0.1,0\ndog,0.1,0.9,0\n", encoding="utf-8")
    assert "2 of 2 images" in kept_by_command(tmp_path / "fine.csv")
    for run in store_here().listing().runs:
        for page in CHECKPOINT_PAGES:
            opened = open_page(page, lang="en", run=run.run_id)
            whole(opened)
            assert not opened.error


# ---------------------------------------------------------------- too large: refused before it is read


def peak_of(action: Callable[[], object]) -> int:
    """The most bytes that Python and numpy take while something is refused."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="expected at most"):
            action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_of_two_gigabytes_is_not_read(tmp_path: Path) -> None:
    with open(tmp_path / "large.csv", "wb") as file:
        file.truncate(2 * 2**30)  # takes no room
    tracemalloc.start()
    try:
        assert "at most 1,073,741,824 bytes" in refused_by_command(tmp_path / "large.csv")
        assert tracemalloc.get_traced_memory()[1] < 100 * 2**20
    finally:
        tracemalloc.stop()


def test_ten_million_rows_are_not_taken_apart(tmp_path: Path) -> None:
    rows = 10_000_000
    labels = np.zeros(rows, dtype=np.int8)
    assert peak_of(lambda: mnistcore.record_predictions(labels, labels)) < 2**20
    scores = np.broadcast_to(np.float32(0.5), (rows, 2))
    assert peak_of(lambda: mnistcore.record_predictions(labels, probabilities=scores)) < 2**20
    assert peak_of(lambda: tables.read_table(b"0,1\n" * rows, ".csv")) < 200 * 2**20  # most of it the text itself
    assert not store_here().listing().runs


@pytest.mark.parametrize("kind", ["CSV", "matrix", "arrays"])
def test_3000_classes_are_refused_before_they_are_taken_apart(kind: str, tmp_path: Path) -> None:
    rows = "\n".join([",".join(["0"] * 3000)] * 3000)
    heading = f"label,{','.join(f'p_{n}' for n in range(2999))}\n"
    scores = np.broadcast_to(np.float32(1 / 3000), (3000, 3000))
    read: dict[str, Callable[[], object]] = {
        "CSV": lambda: tables.read_table(f"{heading}{rows}".encode(), ".csv"),
        "matrix": lambda: matrices.read_matrix(rows),
        "arrays": lambda: mnistcore.record_predictions(np.zeros(3000, int), probabilities=scores),
    }
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="expected (at most|a row for each image and 2 to 1000)"):
            read[kind]()
        assert tracemalloc.get_traced_memory()[1] < 100 * 2**20
    finally:
        tracemalloc.stop()


def test_a_parquet_file_that_says_too_much_of_itself_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    pd.DataFrame({"label": [0, 1, 0], "prediction": [0, 1, 1]}).to_parquet(file)
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    monkeypatch.setattr(pd, "read_parquet", lambda _: pytest.fail("it was read"))
    with pytest.raises(InputError, match="at most 2 rows, got 3"):
        tables.read_table(file.getvalue(), ".parquet")
    monkeypatch.setattr(tables, "MOST_ROWS", given.MOST_ROWS)
    monkeypatch.setattr(npy_files, "MOST_UNPACKED", 10)
    with pytest.raises(InputError, match="of columns"):
        tables.read_table(file.getvalue(), ".parquet")


# ---------------------------------------------------------------- names

HOSTILE = (
    "=cmd('calc')",
    "<script>alert(1)</script>",
    "**bold** [link](https://example.com)",
    "</td><img src=x onerror=alert(1)>",
)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_names_are_words_and_nothing_else_on_every_page_and_in_every_file(language: str) -> None:
    called = [HOSTILE[number] for number in [0, 1, 2, 3, 1, 2, 3, 0]]
    images = np.random.default_rng(0).integers(0, 256, (8, 6, 6), dtype=np.uint8)
    done = mnistcore.record_predictions(
        [*HOSTILE, *HOSTILE], called, images=images, classes=HOSTILE, name="=<b>n</b> **me**", notes="<i>x</i>"
    )
    assert "<script" not in done._repr_html_()
    assert "<img" not in done._repr_html_()
    assert "<b>n" not in done._repr_html_()
    for name in CHECKPOINT_PAGES:
        page = open_page(name, lang=language, run=done.run_id)
        whole(page)
        assert not page.error
        for element in page.main:
            if element.type == "html":
                assert "<script>alert" not in element.proto.body
                assert "onerror=" not in re.sub(r"&lt;img[^&]*&gt;", "", element.proto.body)
                assert "<i>x" not in element.proto.body
            elif element.type in ("markdown", "caption", "title", "header"):
                assert "](https://example.com)" not in str(element.value).replace("\\]\\(", "")
    assert "<script>alert(1)</script>" in words(
        open_page("confusion_matrix", lang=language, run=done.run_id, cell="1-1")
    )
    drawn = part(open_page("confusion_matrix", lang=language, run=done.run_id), "matrix_grid")
    assert "\"'=cmd('calc')\"" in json.dumps(drawn, ensure_ascii=False).replace('\\"', '"')
