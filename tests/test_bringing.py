"""The page on which a file from elsewhere becomes a run: what is recognised, put right, kept, and refused."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save
from streamlit.testing.v1 import AppTest

from mnistcore.imports import run_archives
from tests import onnx_toys
from tests.here import store_here
from tests.runs import shown_content
from tests.visits import LANGUAGES, open_page, whole, words
from ui.texts import render

pytestmark = [pytest.mark.usefixtures("no_cached_pages", "artifacts")]

TABLE = "id,truth,p_cat,p_dog\n7,cat,0.9,0.1\n8,dog,0.4,0.6\n9,dog,0.7,0.3\n"
MATRIX = ",cat,dog\ncat,5,1\ndog,0,4\n"


def visit(language: str = "en") -> AppTest:
    page = open_page("bring_your_own", lang=language)
    whole(page)
    return page


def bring(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    page.file_uploader(key="bring_upload").set_value([(name, data, "text/plain") for name, data in files]).run()
    whole(page)
    return page


def press_keep(page: AppTest) -> AppTest:
    page.button(key="bring_keep").click().run()
    whole(page)
    return page


def control(kind: str, page: AppTest, question: str) -> object:
    """The control of a question, whose key names what was brought too."""
    return next(each for each in page.get(kind) if each.key and each.key.startswith(f"bring_{question}_"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_is_recognised_previewed_and_kept(language: str) -> None:
    page = bring(visit(language), ("pets.csv", TABLE.encode()))
    assert "66.67%" in words(page) and "= 2 / 3" in words(page)
    assert not store_here().listing().runs
    press_keep(page)
    (run,) = store_here().listing().runs
    assert run.title == "pets"
    assert page.query_params["run"] == run.run_id
    assert render("bring_your_own.kept", language, name="pets") in words(page)
    press_keep(page)
    assert len(store_here().listing().runs) == 1
    assert render("bring_your_own.kept.again", language, name="pets") in words(page)


def test_a_wrong_guess_is_put_right() -> None:
    page = bring(visit(), ("x.csv", b"a,b,c\n1,2,0\n2,2,0\n1,1,0\n"))
    control("button_group", page, "is").set_value("table").run()  # type: ignore[attr-defined]
    assert render("bring_your_own.not_guessed", "en") in words(page)
    control("selectbox", page, "predicted").set_value("b").run()  # type: ignore[attr-defined]
    whole(page)
    assert "= 2 / 3" in words(page)
    page.text_input(key=control("text_input", page, "name").key).set_value("mine").run()  # type: ignore[attr-defined]
    press_keep(page)
    assert [run.title for run in store_here().listing().runs] == ["mine"]


def test_logits_can_be_said_to_be_some() -> None:
    page = bring(visit(), ("x.csv", b"label,p_0,p_1\n0,2.5,-1\n1,-3,4\n"))
    assert render("bring_your_own.refused", "en") in words(page)
    control("button_group", page, "kind").set_value("logits").run()  # type: ignore[attr-defined]
    whole(page)
    assert "= 2 / 2" in words(page)


def test_numbers_get_the_names_that_are_given() -> None:
    page = bring(visit(), ("x.csv", b"label,pred\n0,0\n1,0\n1,1\n"))
    control("text_area", page, "classes").set_value("cat\ndog\n").run()  # type: ignore[attr-defined]
    press_keep(page)
    (run,) = store_here().listing().runs
    assert [each.en for each in run.dataset.classes] == ["cat", "dog"]


@pytest.mark.parametrize(("axis", "counts"), [("rows", [[5, 1], [0, 4]]), ("columns", [[5, 0], [1, 4]])])
def test_a_matrix_asks_which_axis_is_the_truth(axis: str, counts: list[list[int]]) -> None:
    page = bring(visit(), ("paper.csv", MATRIX.encode()))
    assert not [button for button in page.button if button.key == "bring_keep"]
    control("button_group", page, "axis").set_value(axis).run()  # type: ignore[attr-defined]
    press_keep(page)
    (run,) = store_here().listing().runs
    assert store_here().predictions(run, "test").counts.tolist() == counts  # type: ignore[union-attr]


def test_a_pasted_matrix_is_kept() -> None:
    page = open_page("bring_your_own", lang="en", bring="paste")
    page.text_area(key="bring_pasted").set_value("5 1\n0 4").run()
    control("button_group", page, "axis").set_value("rows").run()  # type: ignore[attr-defined]
    press_keep(page)
    assert [run.accuracy for run in store_here().listing().runs] == [0.9]


def test_two_arrays_are_one_table(tmp_path: Path) -> None:
    for name, array in (("labels", np.array([0, 1, 1])), ("predictions", np.array([0, 1, 0]))):
        np.save(tmp_path / f"{name}.npy", array)
    page = bring(visit(), *((path.name, path.read_bytes()) for path in sorted(tmp_path.glob("*.npy"))))
    assert "= 2 / 3" in words(page)


in_japanese_of = {
    "row 1": "1 行目",
    "empty": "空です",
    "submission": "提出用",
    "whole zip": "壊れています",
    "pickle": "pickle",
    "expected a zip": "zip として読めません",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("x.csv", b"label,p_0,p_1\n0,0.9,0.1\n1,0.9,0.4\n", "row 1"),
        ("x.csv", b"", "empty"),
        ("x.csv", b"id,label\n1,2\n", "submission"),
        ("x.npz", b"PK\3\4no", "whole zip"),
        ("x.pkl", b"\x80\4", "pickle"),
        ("x.zip", b"no zip", "expected a zip"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_kept(language: str, name: str, data: bytes, told: str) -> None:
    page = bring(visit(language), (name, data))
    shown = told if language == "en" else in_japanese_of[told]
    assert shown in words(page)
    assert not store_here().listing().runs
    assert not [button for button in page.button if button.key == "bring_keep"] or "submission" in told
    bring(page, ("good.csv", TABLE.encode()))  # the page goes on
    assert "= 2 / 3" in words(page)


def test_names_are_no_markup() -> None:
    page = bring(visit(), ("x.csv", b"label,pred\n<img src=x>,<img src=x>\n![a](http://b),<img src=x>\n"))
    assert not any("<img src=x>" in element.proto.body for element in page.main if element.type == "html")
    press_keep(page)
    whole(page)


def test_somebodys_run_is_taken_in(artifacts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store_here().save(shown_content())
    data = run_archives.packed(store_here(), run.run_id)
    monkeypatch.setenv("MNISTCORE_ARTIFACTS", str(tmp_path / "elsewhere"))
    page = press_keep(bring(visit(), ("theirs.zip", data)))
    assert [each.run_id for each in store_here().listing().runs] == [run.run_id]
    assert "Kept as" in words(page)


@pytest.mark.parametrize(
    ("kind", "language"), [("net.safetensors", "en"), ("net.onnx", "ja"), ("other.safetensors", "ja")]
)
def test_a_model_is_recognised(kind: str, language: str) -> None:
    if kind == "net.onnx":
        data = onnx_toys.classifier(np.zeros((784, 10), np.float32), sides=("N", 1, 28, 28))
    else:
        sides = (10, 784) if kind == "net.safetensors" else (10, 3)
        data = save({"1.weight": np.zeros(sides, np.float32), "1.bias": np.zeros(10, np.float32)})
    page = bring(visit(language), (kind, data))
    is_known = kind != "other.safetensors"
    assert [button.key for button in page.button if button.key == "bring_keep"] == ["bring_keep"] * is_known
    assert (render("bring_your_own.model.unknown", language) in words(page)) != is_known


def test_one_column_of_the_second_class_is_taken_as_by_the_command() -> None:
    page = bring(visit(), ("a.csv", b"label,p_1\n0,0.1\n1,0.9\n1,0.2\n0,0.3\n"))
    assert "75.00" in words(page)
