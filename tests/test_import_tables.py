"""Files of predictions: what is recognised in them, in any of the usual forms, and what is refused in words."""

import io
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnistcore
from mnistcore.datasets import npy_files
from mnistcore.errors import InputError
from mnistcore.imports import columns as columns_of
from mnistcore.imports import formats, headings, matrices, tables
from mnistcore.imports.given import MOST_CLASSES
from mnistcore.imports.recording import keep_imported, understood
from scripts.project import ROOT
from tests.here import store_here
from tests.visits import CHECKPOINT_PAGES, LANGUAGES, open_page, whole, words

TRUTH, CALLED = ["cat", "dog", "dog", "fox"], ["cat", "cat", "dog", "fox"]
MATRIX = [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
P = [[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.05, 0.05, 0.9]]


def kept(data: bytes, suffix: str, columns: columns_of.Columns | None = None, **more: Any) -> Any:
    table = tables.read_table(data, suffix)
    arguments = columns_of.arguments(table, columns or columns_of.guess_columns(table)) | more
    return keep_imported(
        understood(**arguments),
        file=f"x{suffix}",
        kind=suffix[1:],
        read_as=table.read_as,
        name="mine",
        store=store_here(),
    )


def lines(*rows: Any, separator: str = ",") -> str:
    return "".join(separator.join(map(str, row)) + "\n" for row in rows)


@pytest.mark.parametrize(
    "heading",
    [
        ("y_true", "y_pred"),
        ("label", "prediction"),
        ("Target", "Predicted"),
        ("truth", "yhat"),
        ("正解", "予測"),
        ("真値", "予測ラベル"),
        None,
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_labels_and_predictions_in_any_words_and_encoding(
    heading: tuple[str, str] | None, separator: str, encoding: str
) -> None:
    rows = [*([heading] if heading else []), *zip(TRUTH, CALLED, strict=True)]
    done = kept(lines(*rows, separator=separator).encode(encoding), ".csv")
    assert done.numbers.matrix.tolist() == MATRIX
    assert ("no heading" in done.assumed) == (heading is None)


@pytest.mark.parametrize(
    "names", [("p_cat", "p_dog", "p_fox"), ("prob cat", "prob dog", "prob fox"), ("確率_cat", "確率_dog", "確率_fox")]
)
@pytest.mark.parametrize("scale", [1, 100])
def test_probabilities_say_the_classes(names: tuple[str, ...], scale: int) -> None:
    rows = [
        ("id", "label", *names),
        *((place, truth, *(scale * p for p in row)) for place, (truth, row) in enumerate(zip(TRUTH, P, strict=True))),
    ]
    done = kept(lines(*rows).encode(), ".csv")
    assert done.numbers.matrix.tolist() == MATRIX
    assert [each.en for each in done.manifest.dataset.classes] == ["cat", "dog", "fox"]
    assert done.manifest.predictions["test"].kind == "probabilities"
    assert ("probabilities: taken as percent" in done.assumed) == (scale == 100)


def test_numbered_scores_are_put_in_order_and_logits_are_told_apart() -> None:
    labels = [0, 1, 1, 2]
    numbers = np.log(np.array(P))
    rows = [
        ("score_2", "score_0", "score_1", "target"),
        *((row[2], row[0], row[1], label) for row, label in zip(numbers.tolist(), labels, strict=True)),
    ]
    done = kept(lines(*rows).encode(), ".csv")
    assert done.numbers.matrix.tolist() == MATRIX
    assert done.manifest.predictions["test"].kind == "logits"
    from_one = [
        ("label", *(f"p_{n}" for n in range(3))),
        *((label + 1, *row) for label, row in zip(labels, P, strict=True)),
    ]
    assert "labels: 1 is taken as the first class" in kept(lines(*from_one).encode(), ".tsv").assumed


def test_a_table_without_headings_holds_truth_then_prediction_or_scores() -> None:
    with_scores = lines(*((truth, *row) for truth, row in zip([0, 1, 1, 2], P, strict=True)))
    assert kept(with_scores.encode(), ".csv").numbers.matrix.tolist() == MATRIX
    with_both = lines(*((t, p, *row) for t, p, row in zip([0, 1, 1, 2], [0, 0, 1, 2], P, strict=True)))
    assert kept(with_both.encode(), ".csv").numbers.matrix.tolist() == MATRIX


def test_parquet_json_lines_and_numpy_archives() -> None:
    frame = pd.DataFrame(
        {"label": TRUTH}
        | {f"p_{name}": column for name, column in zip(("cat", "dog", "fox"), np.array(P).T, strict=True)}
    )
    parquet, archive = io.BytesIO(), io.BytesIO()
    frame.to_parquet(parquet)
    assert kept(parquet.getvalue(), ".parquet").numbers.matrix.tolist() == MATRIX
    assert kept(frame.to_json(orient="records", lines=True).encode(), ".jsonl").numbers.matrix.tolist() == MATRIX
    np.savez(archive, labels=[0, 1, 1, 2], probabilities=np.array(P))
    assert kept(archive.getvalue(), ".npz").numbers.matrix.tolist() == MATRIX
    assert len(store_here().listing().runs) == 2, "names and numbers; the same predictions are the same run"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty file"),
        ("label,pred\n", "at least one row"),
        ("label,pred\n0\n1,1,1\n", "same number of columns"),
        ("label,pred\n0,0\n,1\n", "got none in row 1"),
        ("id,pred\n1,0\n2,1\n", "without the truth"),
        ("label,p_0,p_1\n0,0.5,0.6\n1,0.5,0.5\n", "the sum 1.1 in row 0"),
        ("label,p_0,p_1\n0,0.5,0.5\n1,-0.1,1.1\n", "in row 1"),
        ("label,p_0,p_1\n0,0.5,0.5\n1,x,0.5\n", "expected numbers"),
        ("label,p_0,p_1\n0,0.5,0.5\n2,0.5,0.5\n", "got 2 in row 1"),
        ("label,pred,p_0,p_1\n0,1,0.9,0.1\n1,1,0.1,0.9\n", "in row 0 (1 of 2 rows)"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_row(text: str, told: str) -> None:
    with pytest.raises(InputError) as raised:
        kept(text.encode(), ".csv")
    assert told in str(raised.value)
    assert not store_here().listing().runs


@pytest.mark.parametrize("suffix", [".pkl", ".joblib", ".h5", ".keras", ".pt2", ".docx", ""])
def test_other_files_are_refused_with_what_to_do_instead(suffix: str) -> None:
    with pytest.raises(InputError, match="numpy.savez"):
        tables.read_table(b"anything", suffix)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\x80\x81\x82\xfe\xff" * 9, b"PK\x03\x04" + b"0" * 90])
def test_bytes_that_are_no_table_are_refused(data: bytes) -> None:
    for suffix in tables.SUFFIXES:
        with pytest.raises(InputError):
            columns_of.guess_columns(tables.read_table(data, suffix))


def test_an_archive_of_objects_runs_nothing(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return open, (str(tmp_path / "sprung"), "w")

    archive = io.BytesIO()
    np.savez(archive, labels=np.array([Trap()], dtype=object))
    with pytest.raises(InputError):
        tables.read_table(archive.getvalue(), ".npz")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_any_kind_are_seen_on_every_page(language: str) -> None:
    names = ["=cmd()", "<b>x</b>", "[a](http://b)"]
    rows = [("label", "pred"), *((f'"{names[a]}"', f'"{names[b]}"') for a, b in ((0, 0), (1, 1), (2, 0), (2, 2)))]
    done = kept(lines(*rows).encode(), ".csv")
    for name in CHECKPOINT_PAGES:
        whole(open_page(name, lang=language, run=done.run_id))
    assert "x.csv" in words(open_page("overview", lang=language, run=done.run_id))


def test_the_command_shows_what_it_recognises_and_keeps_it(artifacts: Path, tmp_path: Path) -> None:
    file = tmp_path / "my results.csv"
    file.write_text(lines(("one", "two", "other"), *zip(TRUTH, CALLED, range(4), strict=True)), encoding="utf-8")

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mnistcore", "import", str(file), *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )

    missing = command()
    assert (missing.returncode, "one, two, other" in missing.stderr) == (2, True)
    shown = command("--truth", "one", "--predicted", "two", "--look", "--json")
    assert json.loads(shown.stdout)["predicted"] == "two"
    assert not store_here().listing().runs
    done = command("--truth", "one", "--predicted", "two")
    assert done.returncode == 0, done.stderr
    assert "3 of 4 images" in done.stdout
    (run,) = store_here().listing().runs
    assert run.title == "my results"
    assert command("--truth", "nothing", "--predicted", "two").returncode == 2


@pytest.mark.parametrize("guide", ["imports.md", "imports.ja.md"])
def test_the_guide_says_what_the_code_does(guide: str) -> None:
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    rows = [
        line.split("|")[2] for line in text.splitlines() if (line.startswith("| ") and "`y_" in line) or "`p_`" in line
    ]
    named = [re.findall(r"`([^`]+)`", row) for row in rows]
    assert [{headings.meaning(name) for name in names} for names in named[:2]] == [{"truth"}, {"predicted"}]
    assert all(headings.meaning(f"{start}cat") == "score" for start in named[2])
    assert all(f"`{ending}`" in text for endings in formats.ENDINGS.values() for ending in endings)
    assert f"{tables.MOST_ROWS:,}" in text and f"{MOST_CLASSES:,}" in text
    assert f"{tables.MAX_BYTES >> 30} GiB" in text and f"{npy_files.MOST_UNPACKED >> 30} GiB" in text
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert f"{config['server']['maxUploadSize']} MB" in text


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf", b"\xff\xfe", "\u3000\n".encode()])
def test_a_file_with_nothing_but_space_or_a_mark_is_empty(data: bytes) -> None:
    with pytest.raises(InputError, match="got an empty file"):
        tables.read_table(data, ".csv")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("label,label ,pred\ncat,dog,cat\n", "expected each heading once, got 'label' twice"),
        ("label,p_cat,p_cat\ncat,0.5,0.5\n", "expected each heading once, got 'p_cat' twice"),
        ("y_true,y_pred\ncat,dog,cat\ndog,cat,dog\n", "expected 2 cells in each row, as in the first, got 3 in row 0"),
        ("label,score_a,score_b\na,90%,10%\nb,10%,90%\n", "score_a: expected numbers, got '90%' in row 0"),
        ("label,pred\n1e300,1e300\n1,1\n", "expected whole numbers or names, got 1e+300 in row 0"),
    ],
)
def test_columns_that_cannot_be_told_apart_are_refused(text: str, told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        kept(text.encode(), ".csv")


@pytest.mark.parametrize(
    ("text", "classes", "matrix"),
    [
        ("label,p_1,p_2,p_3\n1,.8,.1,.1\n2,.1,.8,.1\n", ["1", "2", "3"], [[1, 0, 0], [0, 1, 0], [0, 0, 0]]),
        ("label,p_3,p_7\n3,.8,.2\n7,.1,.9\n", ["3", "7"], [[1, 0], [0, 1]]),
        ("label,p_True,p_False\nTrue,.9,.1\nFalse,.2,.8\n", ["True", "False"], [[1, 0], [0, 1]]),
        ("label,p_1,p_2,p_3\n0,.8,.1,.1\n2,.1,.1,.8\n", ["0", "1", "2"], [[1, 0, 0], [0, 0, 0], [0, 0, 1]]),
        ("label,pred\n007,007\n010,007\n", ["007", "010"], [[1, 0], [1, 0]]),
        ("label,pred\ncat ,cat\ndog,dog \n", ["cat", "dog"], [[1, 0], [0, 1]]),
        ("label,pred,p_max\ncat,cat,.9\ndog,cat,.8\n", ["cat", "dog"], [[1, 0], [1, 0]]),
        ("label,pred\n1,cat,cat\n2,dog,cat\n", ["cat", "dog"], [[1, 0], [1, 0]]),
    ],
)
def test_labels_are_the_classes_that_the_headings_and_cells_say(
    text: str, classes: list[str], matrix: list[list[int]]
) -> None:
    done = kept(text.encode(), ".csv")
    assert [each.en for each in done.manifest.dataset.classes] == classes
    assert done.numbers.matrix.tolist() == matrix


def test_letters_make_a_matrix_and_headed_scores_a_table() -> None:
    letters = [["", *"xyz"], *([a, *(5 if a == b else 1 for b in "xyz")] for a in "xyz")]
    assert matrices.is_matrix(lines(*letters).encode(), ".csv")
    scores = [["label", "p_0", "p_1", "p_2"], [0, 1, 0, 0], [1, 0, 1, 0], [2, 0, 0, 1]]
    assert not matrices.is_matrix(lines(*scores).encode(), ".csv")
    assert not matrices.is_matrix(b",y_true,y_pred\n0,3,2\n1,1,0\n", ".csv")


@pytest.mark.parametrize(
    ("text", "truth", "predicted", "scores"),
    [
        ("y_test,y_pred\n0,1\n1,1\n", "y_test", "y_pred", ()),
        ("番号;正解;予測結果\n1;a;b\n2;b;b\n", "正解", "予測結果", ()),
        ("id,正解,判断\n7,a,b\n8,b,b\n", "正解", "判断", ()),
        ("file,species,pred\nx.png,a,b\ny.png,b,b\nz.png,a,a\n", "species", "pred", ()),
        ("label,cat,dog\ncat,0.9,0.1\ndog,0.2,0.8\n", "label", "", ("cat", "dog")),
    ],
)
def test_the_half_that_is_known_tells_the_other(text: str, truth: str, predicted: str, scores: tuple[str, ...]) -> None:
    columns = columns_of.guess_columns(tables.read_table(text.encode(), ".csv"))
    assert (columns.truth, columns.predicted, columns.scores) == (truth, predicted, scores)


def test_names_that_are_written_differently_are_noticed() -> None:
    done = kept(lines(("label", "pred"), ("setosa", "SETOSA"), ("virginica", "VIRGINICA")).encode(), ".csv")
    assert any("written differently" in note for note in done.assumed)


def test_a_frame_of_probabilities_names_its_columns() -> None:
    frame = pd.DataFrame([[0.1, 0.2, 0.7], [0.8, 0.1, 0.1]], columns=["c", "b", "a"])
    for labels, names in ((["a", "c"], ["c", "b", "a"]), ([2, 0], [0, 1, 2])):
        done = mnistcore.record_predictions(labels, probabilities=frame.set_axis(names, axis=1), name=str(labels))
        assert done.manifest.accuracy == 1
    numbered = mnistcore.record_predictions([3, 1], probabilities=frame.set_axis([1, 2, 3], axis=1), name="numbered")
    assert numbered.manifest.accuracy == 1 and [each.en for each in numbered.manifest.dataset.classes] == [
        "1",
        "2",
        "3",
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_an_encoding_that_does_not_say_itself_is_named_with_the_cure(encoding: str) -> None:
    with pytest.raises(InputError, match=r"got UTF-(16 .*|32.*): save it as UTF-8"):
        tables.read_table("正解,予測\n猫,犬\n犬,犬\n".encode(encoding), ".csv")
