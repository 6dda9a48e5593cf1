"""Every page, run by Streamlit's own AppTest: both languages, all numbers against scikit-learn, and every trouble."""

import base64
import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
import streamlit as st
from scipy.special import softmax
from scipy.stats import binomtest
from sklearn import metrics as oracle
from streamlit.runtime.scriptrunner import RerunData, RerunException, get_script_run_ctx
from streamlit.testing.v1 import AppTest

import mnistcore
from mnistcore.datasets.registry import DATASETS
from mnistcore.evaluation.groups import GROUPS
from mnistcore.runs.content import RunContent
from mnistcore.runs.manifest import ClassRecord, ImagesRecord, RunManifest
from mnistcore.runs.prediction_files import PredictionKind
from scripts.project import ROOT
from scripts.toys import toy_content
from tests import mnist
from tests.here import store_here
from tests.runs import as_kind, numbers, shown_content
from tests.visits import CHECKPOINT_PAGES, LANGUAGES, SECONDS, html, open_page, part, unescaped, whole, words
from ui.navigation import EVERYWHERE, PAGES, PARAMETERS
from ui.texts import TEXTS, render

UNDEFINED = "–"


pytestmark = pytest.mark.usefixtures("no_cached_pages")


def save(content: RunContent) -> RunManifest:
    return store_here().save(content)


COUNT, TEXT, INTENSITY = range(3)  # what a cell of the matrix holds, in this order


def of_cells(view: dict[str, Any], place: int) -> list[list[Any]]:
    """One thing of each cell of a matrix that the browser is given."""
    return [[cell[place] for cell in row] for row in view["cells"]]


def tile_ids(gallery: dict[str, Any]) -> list[str]:
    """Which images a gallery shows, in order."""
    return [tile["id"] for tile in gallery["tiles"]]


def share(value: float, *, digits: int = 1) -> str:
    """A share as the pages write it; not with ui/format.py, which is what is tested."""
    if np.isnan(value):
        return UNDEFINED
    return f"{value:.0%}" if value in (0, 1) else f"{value:.{digits}%}"


# ---------------------------------------------------------------- both languages


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CHECKPOINT_PAGES)
def test_a_page_is_drawn_in_the_language_of_the_address(name: str, language: str) -> None:
    save(shown_content())
    page = open_page(name, lang=language)
    whole(page)
    assert page.title[0].value == render(f"{name}.title", language)
    assert [picker.label for picker in page.sidebar.selectbox] == [
        render(f"sidebar.{label}", language) for label in ("dataset", "run")
    ]
    assert [slider.label for slider in page.sidebar.select_slider] == [render("sidebar.epoch", language)]
    if language == "en":
        assert not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", words(page))
    assert not page.warning
    assert not page.error


@pytest.mark.parametrize(
    ("locale", "language"),
    [("ja-JP", "ja"), ("ja", "ja"), ("en-US", "en"), ("de-DE", "en"), (None, "ja")],
)
def test_the_first_visit_is_in_the_browsers_language(locale: str | None, language: str) -> None:
    save(shown_content())
    page = AppTest.from_file(ROOT / "dashboard.py", default_timeout=SECONDS)
    page.context["locale"] = locale
    page.run()
    assert page.title[0].value == render("overview.title", language)


def test_the_language_can_be_switched_and_stays_on_the_next_page() -> None:
    save(shown_content())
    page = open_page("overview", lang="ja")
    page.button_group(key="pick_lang").set_value("en").run()
    whole(page)
    assert page.title[0].value == "Overview"
    page.switch_page(PAGES["confusion_matrix"].file).run()
    assert page.title[0].value == "Confusion matrix"
    assert page.query_params["lang"] == "en"


# ---------------------------------------------------------------- choosing a checkpoint


def test_the_newest_run_and_its_last_epoch_are_shown_first() -> None:
    save(shown_content(seed=1))
    newest = save(shown_content(seed=2))
    page = open_page("overview", lang="en")
    assert page.selectbox(key="pick_run").value == newest.run_id
    assert page.select_slider(key="pick_epoch").value == 3
    assert "epoch 3 of 3" in words(page)


def test_run_and_epoch_are_picked_and_stay_on_every_page() -> None:
    other = save(shown_content(seed=1))
    save(shown_content(seed=2))
    page = open_page("overview", lang="en")
    page.selectbox(key="pick_run").set_value(other.run_id).run()
    page.select_slider(key="pick_epoch").set_value(2).run()
    for name in CHECKPOINT_PAGES:
        page.switch_page(PAGES[name].file).run()
        whole(page)
        assert "seed 1" in words(page)
        assert "epoch 2 of 3" in words(page)
        assert page.query_params["run"] == other.run_id
        assert page.query_params["epoch"] == "2"


def test_a_data_set_is_picked() -> None:
    mnist = toy_content(config=replace_dataset("mnist"))
    save(mnist)
    save(shown_content())
    page = open_page("overview", lang="en")
    assert page.selectbox(key="pick_dataset").value == "digits"
    page.selectbox(key="pick_dataset").set_value("mnist").run()
    whole(page)
    assert page.selectbox(key="pick_dataset").value == "mnist"
    assert page.selectbox(key="pick_run").options == ["mlp · handout, 2 epochs · seed 0"]


def replace_dataset(name: str) -> Any:
    from scripts.toys import toy_config

    return toy_config(dataset=name)


# ---------------------------------------------------------------- what the address cannot be given

BAD_ADDRESSES = [
    *((name, "run", "mnist-mlp-00000000") for name in CHECKPOINT_PAGES),
    *((name, "epoch", "99") for name in CHECKPOINT_PAGES),
    ("overview", "epoch", "-1"),
    ("overview", "run", "../../etc/passwd"),
    ("confusion_matrix", "cell", "47-3"),
    ("confusion_matrix", "cell", "3-10"),
    ("confusion_matrix", "cell", "all-all"),
    ("confusion_matrix", "cell", "nonsense"),
    ("confusion_matrix", "show", "nonsense"),
    ("confusion_matrix", "scale", "nonsense"),
    ("confusion_matrix", "diagonal", "nonsense"),
    ("confusion_matrix", "axes", "nonsense"),
    ("confusion_matrix", "image", "99999"),
    ("class_by_class", "class", "47"),
    ("class_by_class", "class", "-1"),
    ("class_by_class", "class", "four"),
    ("class_by_class", "region", "nonsense"),
    ("class_by_class", "image", "99999"),
    ("misclassified", "truth", "47"),
    ("misclassified", "predicted", "47"),
    ("misclassified", "sort", "nonsense"),
    ("misclassified", "size", "7"),
    ("class_by_class", "size", "7"),
    ("misclassified", "page", "99"),
    ("misclassified", "page", "abc"),
    ("confusion_matrix", "page", "99"),
    ("misclassified", "confidence", "nonsense"),
    ("misclassified", "confidence", "90-10"),
    ("misclassified", "confidence", "50-200"),
    ("misclassified", "image", "99999"),
    ("misclassified", "image", "seven"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "parameter", "value"), BAD_ADDRESSES)
def test_what_the_address_cannot_be_given_is_said_in_words(
    name: str, parameter: str, value: str, language: str
) -> None:
    save(shown_content())
    page = open_page(name, lang=language, **{parameter: value})
    whole(page)
    (warning,) = page.warning
    assert value.replace("-", "") in re.sub(r"[\\-]", "", warning.value)
    assert bool(re.search(r"[\u3040-\u30ff]", warning.value)) == (language == "ja")
    usual = open_page(name, lang=language)
    assert element_types(page, but="alert") == element_types(usual, but="alert"), "the rest of the page is there"


@pytest.mark.parametrize("name", PAGES)
def test_a_language_that_there_is_none_of_is_said_in_words(name: str) -> None:
    save(shown_content())
    page = open_page(name, lang="xx")
    whole(page)
    (warning,) = page.warning
    assert "xx" in warning.value


def test_an_impossible_page_size_is_answered_with_the_usual_one() -> None:
    save(shown_content())
    page = open_page("misclassified", lang="en", size=7)
    assert page.selectbox(key="pick_size").value == "100"
    assert "Showing 100" in page.warning[0].value
    for name in ("confusion_matrix", "class_by_class"):
        page = open_page(name, lang="en", size=7, cell="everything", region="tn")
        assert len(part(page, "image_grid")["view"]["tiles"]) == 100


def test_a_list_that_a_click_made_shorter_than_the_page_is_no_fault_of_a_link() -> None:
    save(shown_content(mistakes=0.8))
    page = open_page("misclassified", lang="en", size=50, page=2)
    assert not page.warning
    page.selectbox(key="pick_truth").set_value("3").run()
    whole(page)
    assert not page.warning
    assert part(page, "image_grid")["view"]["tiles"]


def element_types(page: AppTest, *, but: str) -> list[str]:
    """What the page is made of, without the warnings and the button under them that takes them away."""
    return [
        element.type
        for element in page.main
        if element.type not in (but, "warning") and getattr(element, "key", None) != "dismiss"
    ]


@pytest.mark.parametrize(
    ("name", "parameter"), [("misclassified", "page"), ("misclassified", "image"), ("class_by_class", "class")]
)
@pytest.mark.parametrize("value", ["9" * 5000, "0" * 12 + "1", "1e3", "٣", "0x10", " ", "-0"])
def test_odd_numbers_in_the_address_break_nothing(name: str, parameter: str, value: str) -> None:
    save(shown_content())
    whole(open_page(name, lang="en", **{parameter: value}))


@pytest.mark.parametrize(
    ("name", "parameter"),
    [("overview", "run"), ("overview", "epoch"), ("confusion_matrix", "cell"), ("misclassified", "image"),
     ("misclassified", "confidence"), ("class_by_class", "region")],
)  # fmt: skip
def test_text_of_the_address_is_shown_as_text(name: str, parameter: str) -> None:
    # As Markdown, a link that somebody is sent would make the browser fetch a picture from elsewhere.
    save(shown_content())
    page = open_page(name, lang="en", **{parameter: "![x](http://example.org/x.png)"})
    whole(page)
    assert "![x](http" not in page.warning[0].value


# ---------------------------------------------------------------- no run, damaged runs, deleted runs


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CHECKPOINT_PAGES)
def test_without_a_checkpoint_a_page_says_what_to_do(name: str, language: str) -> None:
    page = open_page(name, lang=language)
    whole(page)
    assert page.title[0].value == render(f"{name}.title", language)
    assert page.info[0].value == render("welcome.body", language)
    assert page.button(key="train_starter").label == render("welcome.start", language)
    assert "python -m mnistcore starter" in page.code[0].value


def test_a_run_that_is_made_while_the_welcome_page_is_open_is_shown() -> None:
    page = open_page("overview", lang="en")
    save(shown_content())
    st.cache_resource.clear()  # the folder is looked at twice a second
    page.run()
    whole(page)
    assert not page.info
    assert "Accuracy" in words(page)


@pytest.mark.parametrize("name", CHECKPOINT_PAGES)
def test_a_run_deleted_while_it_is_looked_at(name: str) -> None:
    stays, goes = save(shown_content(seed=1)), save(shown_content(seed=2))
    page = open_page(name, lang="en", run=goes.run_id)
    store_here().delete(goes.run_id)
    page.select_slider(key="pick_epoch").set_value(1).run()  # at once: the list of runs may still name it
    whole(page)
    assert page.error or page.warning
    st.cache_resource.clear()
    page.run()
    whole(page)
    assert goes.run_id in re.sub(r"\\", "", page.warning[0].value)
    assert page.selectbox(key="pick_run").value == stays.run_id
    assert "seed 1" in words(page)


@pytest.mark.parametrize("name", CHECKPOINT_PAGES)
def test_the_last_run_deleted_leads_to_the_welcome_page(name: str) -> None:
    run = save(shown_content())
    page = open_page(name, lang="en")
    store_here().delete(run.run_id)
    st.cache_resource.clear()
    page.run()
    whole(page)
    assert page.button(key="train_starter").label


def overwrite(path: Path) -> None:
    """Another content of the same size."""
    data = bytearray(path.read_bytes())
    data[-8:] = bytes(byte ^ 0xFF for byte in data[-8:])
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-8])


def garble(path: Path) -> None:
    path.write_text("{ this is no manifest", encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CHECKPOINT_PAGES)
def test_damaged_predictions_are_named_and_other_runs_work(name: str, language: str, artifacts: Path) -> None:
    good, bad = save(shown_content(seed=1)), save(shown_content(seed=2))
    damaged = artifacts / "runs" / bad.run_id / "predictions" / "test.safetensors"
    overwrite(damaged)
    before = damaged.read_bytes()
    page = open_page(name, lang=language, run=bad.run_id)
    whole(page)
    assert bad.run_id in page.error[0].value
    assert "--force" in page.error[0].value
    assert "test.safetensors" in page.code[0].value
    assert damaged.read_bytes() == before, "left as it was"
    page.selectbox(key="pick_run").set_value(good.run_id).run()
    whole(page)
    assert not page.error
    assert "seed 1" in words(page) or "シード 1" in words(page)


@pytest.mark.parametrize(
    ("file", "damage", "reason"),
    [
        ("predictions/test.safetensors", cut, "wrong_size"),
        ("weights.safetensors", cut, "wrong_size"),
        ("weights.safetensors", Path.unlink, "missing_file"),
        ("run.json", garble, "damaged_manifest"),
        ("run.json", Path.unlink, "half_written"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_that_cannot_be_used_is_named_with_the_reason(
    file: str, damage: Callable[[Path], None], reason: str, language: str, artifacts: Path
) -> None:
    good, bad = save(shown_content(seed=1)), save(shown_content(seed=2))
    damage(artifacts / "runs" / bad.run_id / file)
    page = open_page("overview", lang=language, run=bad.run_id)
    whole(page)
    assert page.selectbox(key="pick_run").value == good.run_id
    warning = re.sub(r"\\", "", page.warning[0].value)
    assert bad.run_id in warning
    assert render(f"problem.run.{reason}", language).removesuffix(".") in warning, "not: deleted, or on another server"
    (entry,) = page.sidebar.expander[0].caption
    assert bad.run_id in re.sub(r"\\", "", entry.value)
    assert render(f"problem.run.{reason}", language) in entry.value


def test_where_only_unusable_runs_are_they_are_named_on_the_welcome_page(artifacts: Path) -> None:
    bad = save(shown_content())
    garble(artifacts / "runs" / bad.run_id / "run.json")
    page = open_page("overview", lang="en")
    whole(page)
    assert page.button(key="train_starter").label
    named = [caption.value for expander in page.expander for caption in expander.caption]
    assert any(bad.run_id in re.sub(r"\\", "", caption) for caption in named)


def test_damaged_weights_of_the_right_size_matter_to_no_page(artifacts: Path) -> None:
    run = save(shown_content())
    overwrite(artifacts / "runs" / run.run_id / "weights.safetensors")
    for name in CHECKPOINT_PAGES:
        page = open_page(name, lang="en")
        whole(page)
        assert not page.error


def test_a_damaged_history_costs_the_curve_only(artifacts: Path) -> None:
    run = save(shown_content())
    usual = open_page("overview", lang="en")
    assert chart(usual) is not None
    overwrite(artifacts / "runs" / run.run_id / "history.json")
    st.cache_resource.clear()
    page = open_page("overview", lang="en")
    whole(page)
    assert page.error[0].value == render("problem.damaged_history", "en")
    assert chart(page) is None
    assert page.dataframe[0].value.equals(usual.dataframe[0].value)


def broken_off(page: AppTest, **chosen: str) -> None:
    """As if these were chosen, and the run that shows it was broken off before the browser had heard of it."""
    page.session_state["_unseen"] = chosen


def test_a_choice_whose_run_another_click_has_broken_off_is_kept() -> None:
    save(shown_content(epochs=3))
    page = open_page("confusion_matrix", lang="en")
    broken_off(page, epoch="1")
    page.button(key="present_enter").click().run()
    assert (page.query_params["epoch"], page.query_params["present"]) == ("1", "1")


def test_the_way_back_from_a_choice_whose_run_is_not_at_its_end_counts() -> None:
    save(shown_content(epochs=3))
    page = open_page("confusion_matrix", lang="en")
    broken_off(page, epoch="1")
    page.run()  # no click: the browser's history, or a new address
    assert "epoch" not in page.query_params
    assert "epoch 3 of 3" in words(page)


def charts(page: AppTest) -> list[dict[str, Any]]:
    """Every chart of the page in its order; on the overview the learning curve, then two of what was learned when."""
    return [json.loads(element.proto.spec) for element in page.get("plotly_chart")]


def chart(page: AppTest) -> dict[str, Any] | None:
    """The learning curve: the chart of two axes."""
    return next((spec for spec in charts(page) if "xaxis2" in spec["layout"]), None)


@pytest.mark.parametrize("name", ["overview", "confusion_matrix", "class_by_class", "misclassified"])  # with images
def test_where_the_images_are_missing_the_numbers_still_stand(name: str) -> None:
    save(toy_content(num_images=40))  # its fingerprint belongs to no images
    page = open_page(name, lang="en")
    whole(page)
    assert page.info[0].value == render("problem.no_images", "en")
    assert "fingerprint" in page.code[0].value
    assert DATASETS["digits"].source not in words(page)


@pytest.mark.parametrize("status", ["interrupted", "diverged"])
def test_an_unfinished_run_is_shown_as_such(status: str) -> None:
    save(replace(toy_content(status="interrupted", epochs=3), status=status))
    page = open_page("overview", lang="en")
    whole(page)
    assert "unfinished" in words(page)
    assert page.select_slider(key="pick_epoch").options == ["1 of 3", "2 of 3"]


def test_a_single_epoch_is_said_and_not_chosen() -> None:
    save(shown_content(epochs=1))
    page = open_page("overview", lang="en")
    whole(page)
    assert not page.sidebar.select_slider
    assert "Epoch 1 of 1" in [caption.value for caption in page.sidebar.caption]
    assert len(charts(page)) == 1, "nothing to compare it with"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_part_of_the_first_epoch_is_said_in_words(language: str) -> None:
    content = toy_content(status="interrupted", epochs=2)
    save(replace(content, history=(replace(content.history[0], share=0.25),)))
    page = open_page("overview", lang=language)
    whole(page)
    assert render("overview.curve.partial", language, share="25.0%") in [info.value for info in page.info]


# ---------------------------------------------------------------- every number, recomputed


@dataclass(frozen=True)
class Expected:
    """What scikit-learn, scipy and numpy say about the logits that were stored."""

    labels: np.ndarray
    predicted: np.ndarray
    scores: np.ndarray

    @property
    def classes(self) -> range:
        return range(self.scores.shape[1])

    @property
    def matrix(self) -> np.ndarray:
        return oracle.confusion_matrix(self.labels, self.predicted, labels=list(self.classes))

    @property
    def confidence(self) -> np.ndarray:
        return self.scores.max(axis=1)

    def per_class(self, metric: Callable[..., Any]) -> np.ndarray:
        """NaN where undefined."""
        return metric(self.labels, self.predicted, labels=list(self.classes), average=None, zero_division=np.nan)

    def most_confident_first(self, mask: np.ndarray) -> list[int]:
        return sorted(np.flatnonzero(mask).tolist(), key=lambda index: (-self.confidence[index], index))


def expected(content: RunContent, epoch: int | None = None) -> Expected:
    made = numbers(content, epoch)
    logits = made["logits"]
    return Expected(made["labels"], logits.argmax(axis=1), softmax(logits.astype(np.float64), axis=1))


CONTENTS: dict[str, Callable[[], RunContent]] = {
    "ordinary": shown_content,
    "bad": lambda: shown_content(mistakes=0.8),
    "never predicted": lambda: shown_content(never=3),
    "perfect": lambda: shown_content(mistakes=0.0),
    "random": lambda: toy_content(num_images=200),
    "absent classes": lambda: toy_content(num_images=6),
    "one image": lambda: toy_content(num_images=1),
}
contents = pytest.mark.parametrize("content", [make() for make in CONTENTS.values()], ids=list(CONTENTS))


@contents
@pytest.mark.parametrize("epoch", [None, 1])
def test_every_number_on_the_overview(content: RunContent, epoch: int | None) -> None:
    save(content)
    page = open_page("overview", lang="en", **({} if epoch is None else {"epoch": epoch}))
    whole(page)
    true = expected(content, epoch)
    right, total = int((true.labels == true.predicted).sum()), len(true.labels)
    f1 = true.per_class(oracle.f1_score)
    values = re.findall(r'class="value">([^<]*)<', html(page, "cards"))
    text = words(page)

    accuracy = share(oracle.accuracy_score(true.labels, true.predicted), digits=2)
    kappa = kappa_of(true)
    assert [unescape(value) for value in values] == [
        accuracy,
        share(float(np.nanmean(f1)) if not np.isnan(f1).all() else np.nan, digits=2),
        f"{total - right:,}",
        UNDEFINED if np.isnan(kappa) else f"{kappa:.3f}",
    ]
    interval = binomtest(right, total).proportion_ci(method="wilson")
    low, high = (share(bound, digits=2) for bound in (interval.low, interval.high))
    several = "images" if total != 1 else "image"
    assert re.findall("<small>(.*?)</small>", html(page, "cards")) == [
        f"= {right:,} / {total:,}",
        f"of {total:,} ({share(1 - right / total, digits=2)})",
    ]
    assert f"95% confidence interval {low} to {high}" in text
    assert re.search(rf"The accuracy of {accuracy} is an estimate from (these|this) {total:,} test {several}\.", text)
    assert f"the 95% confidence interval is {low} to {high}" in text
    left_out = int(np.isnan(f1).sum())
    assert bool(re.search(rf"without the {left_out} class(es)? where it is undefined", text)) == (left_out > 0)
    mcc = matthews_of(true)
    assert f"Matthews correlation coefficient (MCC): {UNDEFINED if np.isnan(mcc) else f'{mcc:.3f}'}" in text
    by_chance = float(true.matrix.sum(axis=0) @ true.matrix.sum(axis=1)) / total**2
    assert f"beyond chance ({share(by_chance)})" in text
    wrong = true.matrix.copy()
    np.fill_diagonal(wrong, 0)
    if wrong.any():
        truth, called = np.unravel_index(wrong.argmax(), wrong.shape)
        most = f"{wrong.max():,} image" if wrong.max() == 1 else f"{wrong.max():,} images"
        assert re.search(rf"“(digit )?{truth}” predicted as “(digit )?{called}” \({most}\)", text)
    else:
        assert render("overview.mistakes.none", "en") in text

    table = page.dataframe[0].value
    assert table["class"].tolist() == [name.en for name in content.dataset.classes]
    assert table["support"].tolist() == np.bincount(true.labels, minlength=len(true.classes)).tolist()
    for column, metric in (
        ("precision", oracle.precision_score),
        ("recall", oracle.recall_score),
        ("f1", oracle.f1_score),
    ):
        shown = table[column].to_numpy(dtype=float, na_value=np.nan)
        np.testing.assert_allclose(shown, 100 * true.per_class(metric), rtol=1e-12, err_msg=column)
        for value, between in zip(shown, table[f"{column}_interval"], strict=True):
            if np.isnan(value):
                assert not isinstance(between, str), "nothing is known of what is undefined"
            else:
                low, high = map(float, between.split("–"))
                assert low <= value <= high, column


def kappa_of(true: Expected) -> float:
    """NaN where scikit-learn has none: one class only, on both sides."""
    if len({*true.labels.tolist(), *true.predicted.tolist()}) == 1:
        return np.nan
    return float(oracle.cohen_kappa_score(true.labels, true.predicted))


def matthews_of(true: Expected) -> float:
    """NaN for 0/0, which scikit-learn calls 0: one class only, on either side."""
    if len(set(true.labels.tolist())) == 1 or len(set(true.predicted.tolist())) == 1:
        return np.nan
    return float(oracle.matthews_corrcoef(true.labels, true.predicted))


@contents
@pytest.mark.parametrize("show", ["count", "row", "column"])
def test_every_number_on_the_confusion_matrix(content: RunContent, show: str) -> None:
    save(content)
    page = open_page("confusion_matrix", lang="en", show=show)
    whole(page)
    true, view = expected(content), part(page, "matrix_grid")["view"]
    matrix = true.matrix
    assert of_cells(view, COUNT) == matrix.tolist()
    assert [each["row_total"] for each in view["classes"]] == [f"{count:,}" for count in matrix.sum(axis=1)]
    assert [each["column_total"] for each in view["classes"]] == [f"{count:,}" for count in matrix.sum(axis=0)]
    assert view["grand_total"] == f"{len(true.labels):,}"
    if show == "count":
        assert of_cells(view, TEXT) == [[f"{count:,}" for count in row] for row in matrix.tolist()]
        return
    normalised = oracle.confusion_matrix(
        true.labels, true.predicted, labels=list(true.classes), normalize={"row": "true", "column": "pred"}[show]
    )
    axis = {"row": 1, "column": 0}[show]
    undefined = np.broadcast_to(matrix.sum(axis=axis, keepdims=True) == 0, matrix.shape)
    assert of_cells(view, TEXT) == [
        [UNDEFINED if gone else share(value).removesuffix("%") for value, gone in zip(row, blank, strict=True)]
        for row, blank in zip(normalised, undefined, strict=True)
    ]


SELECTIONS = {
    "4-9": lambda true: (true.labels == 4) & (true.predicted == 9),
    "2-4": lambda true: (true.labels == 2) & (true.predicted == 4),
    "5-5": lambda true: (true.labels == 5) & (true.predicted == 5),
    "4-all": lambda true: true.labels == 4,
    "all-9": lambda true: true.predicted == 9,
    "all-3": lambda true: true.predicted == 3,
    "diagonal": lambda true: true.labels == true.predicted,
    "errors": lambda true: true.labels != true.predicted,
    "everything": lambda true: np.ones(len(true.labels), dtype=bool),
}


@pytest.mark.parametrize("cell", SELECTIONS)
@pytest.mark.parametrize("kind", ["ordinary", "bad", "never predicted", "perfect"])
def test_a_selection_shows_its_images_and_says_what_they_are(kind: str, cell: str) -> None:
    content = CONTENTS[kind]()
    save(content)
    page = open_page("confusion_matrix", lang="en", cell=cell, size=200)
    whole(page)
    assert not page.warning
    true = expected(content)
    mask = SELECTIONS[cell](true)
    assert part(page, "matrix_grid")["selected"] == cell
    gallery = part(page, "image_grid")["view"]
    assert [int(index) for index in tile_ids(gallery)] == true.most_confident_first(mask)[:200]
    for tile in gallery["tiles"][:1]:
        index = int(tile["id"])
        assert f"Image {index}: true class {true.labels[index]}, predicted {true.predicted[index]}" in tile["label"]

    sentence = next(text.value for text in page.markdown if "**" in text.value and "image" in text.value)
    numbers_in_sentence = re.findall(r"[\d,.]+%|–|\d[\d,]*", sentence)
    assert f"{mask.sum():,}" in numbers_in_sentence
    recall, precision = (true.per_class(metric) for metric in (oracle.recall_score, oracle.precision_score))
    if cell == "4-all":
        assert numbers_in_sentence[-1] == share(recall[4])
    elif cell in ("all-9", "all-3"):
        assert numbers_in_sentence[-1] == share(precision[int(cell[-1])])
    elif cell == "diagonal":
        assert share(oracle.accuracy_score(true.labels, true.predicted), digits=2) in numbers_in_sentence
    elif cell == "5-5":
        assert {share(recall[5]), share(precision[5])} <= set(numbers_in_sentence)
    elif cell in ("4-9", "2-4"):
        truth = int(cell.split("-")[0])
        of_truth = mask.sum() / (true.labels == truth).sum()
        assert share(of_truth) in numbers_in_sentence


def test_the_most_confused_pairs_lead_into_the_matrix() -> None:
    content = shown_content(mistakes=0.3)
    save(content)
    page = open_page("confusion_matrix", lang="en")
    matrix = expected(content).matrix.copy()
    np.fill_diagonal(matrix, 0)
    pairs = page.button_group(key="pick_pair")
    options = [unescaped(option) for option in pairs.options]
    assert options[-1] == f"All misclassified ({matrix.sum()})"
    shown = [re.fullmatch(r"(\d) predicted as (\d) \((\d+)\)", option).groups() for option in options[:-1]]
    assert [int(count) for _, _, count in shown] == sorted(matrix.ravel(), reverse=True)[:5]
    assert all(matrix[int(truth), int(called)] == int(count) for truth, called, count in shown)
    truth, called, _ = shown[2]
    pairs.set_value(f"{truth}-{called}").run()
    whole(page)
    assert page.query_params["cell"] == f"{truth}-{called}"
    assert part(page, "matrix_grid")["selected"] == f"{truth}-{called}"
    page.button_group(key="pick_pair").set_value("errors").run()
    assert page.query_params["cell"] == "errors"
    true = expected(content)
    assert listed(page) == true.most_confident_first(true.labels != true.predicted)[:100]


def test_colours_and_axes_follow_the_controls() -> None:
    content = shown_content()
    save(content)
    matrix = expected(content).matrix

    def view(**address: str) -> dict[str, Any]:
        return part(open_page("confusion_matrix", lang="en", **address), "matrix_grid")["view"]

    linear = np.array(of_cells(view(scale="linear"), INTENSITY), dtype=float)
    np.testing.assert_allclose(linear, matrix / matrix.max(), atol=1e-4)
    root = np.array(of_cells(view(), INTENSITY), dtype=float)
    np.testing.assert_allclose(root, np.sqrt(matrix / matrix.max()), atol=1e-4)
    hidden = np.array(of_cells(view(diagonal="hidden", scale="linear"), INTENSITY), dtype=float)
    off = matrix.copy()
    np.fill_diagonal(off, 0)
    assert np.isnan(np.diag(hidden)).all()
    np.testing.assert_allclose(np.nan_to_num(hidden), off / off.max(), atol=1e-4)
    assert view(axes="columns")["swapped"] is True
    assert view()["swapped"] is False
    assert of_cells(view(axes="columns"), COUNT) == matrix.tolist()


@contents
def test_every_number_on_class_by_class(content: RunContent) -> None:
    """What the board counts from, and the sentences around it; what it shows of that, test_classroom looks at."""
    save(content)
    true = expected(content)
    page = open_page("class_by_class", lang="en")
    overall = share(oracle.accuracy_score(true.labels, true.predicted), digits=2)
    mean = np.mean([oracle.accuracy_score(true.labels == each, true.predicted == each) for each in true.classes])
    for positive in true.classes:
        page.text_input(key="class").set_value(str(positive)).run()
        whole(page)
        board = part(page, "class_board")
        assert board["class"] == positive
        view = board["view"]
        assert view["cells"] == true.matrix.tolist()
        assert (view["overall"], view["mean"]) == (overall, share(mean, digits=2))
        truth, called = true.labels == positive, true.predicted == positive
        ((tn, fp), (_, _)) = oracle.confusion_matrix(truth, called, labels=[False, True])
        elsewhere = (~truth & ~called & (true.labels != true.predicted)).sum()
        dominated = tn / len(true.labels) > 0.5
        note = re.sub(r"<[^>]*>", " ", html(page, "note")) if elsewhere or dominated else ""
        assert ("is not the overall accuracy" in words(page)) == (elsewhere > 0)
        if elsewhere:
            assert f", {share(oracle.accuracy_score(truth, called), digits=2)}, is not the overall" in note
            assert f"the overall accuracy of {overall}: it only" in note
            assert re.search(rf"so {elsewhere:,} of the {tn:,} true negatives? counts? as right", note)
        assert ("always predicting" in words(page)) == dominated
        if dominated:
            own, part_of_all = f"Only {truth.sum():,} of the {len(true.labels):,}", share(truth.mean(), digits=2)
            assert re.search(rf"{own} images? \({re.escape(part_of_all)}\)", note)
            assert f"one-vs-rest accuracy of {share((tn + fp) / len(true.labels), digits=2)}." in note


PART_MASKS = {
    "tp": lambda truth, called: (truth == 4) & (called == 4),
    "fp": lambda truth, called: (truth != 4) & (called == 4),
    "fn": lambda truth, called: (truth == 4) & (called != 4),
    "tn": lambda truth, called: (truth != 4) & (called != 4),
    "tn.wrong": lambda truth, called: (truth != 4) & (called != 4) & (truth != called),
    "tp.fn": lambda truth, called: truth == 4,
    "tp.fp": lambda truth, called: called == 4,
    "fp.tn": lambda truth, called: truth != 4,
    "fn.tn": lambda truth, called: called != 4,
    "tp.tn": lambda truth, called: (truth == 4) == (called == 4),
    "tp.fn.fp": lambda truth, called: (truth == 4) | (called == 4),
    "tp.fn.fp.tn": lambda truth, called: truth >= 0,
    "4-all": lambda truth, called: truth == 4,
    "all-9": lambda truth, called: called == 9,
    "4-9": lambda truth, called: (truth == 4) & (called == 9),
    "7-7": lambda truth, called: (truth == 7) & (called == 7),
}


def test_a_part_of_the_board_shows_its_images() -> None:
    content = shown_content(mistakes=0.2)
    save(content)
    true = expected(content)
    assert set(GROUPS) <= set(PART_MASKS)
    page = open_page("class_by_class", lang="en", size=200, **{"class": 4})
    for name, select in PART_MASKS.items():
        group, cell = (name, "") if name in GROUPS else ("", name)
        page.text_input(key="region").set_value(group)
        page.text_input(key="cell").set_value(cell).run()
        whole(page)
        mask = select(true.labels, true.predicted)
        ranked = [str(index) for index in true.most_confident_first(mask)]
        assert tile_ids(part(page, "image_grid")["view"]) == ranked[:200], name
        board = part(page, "class_board")
        assert (board["class"], board["part"]) == (4, name)
        assert [tile["id"] for tile in board["strip"]["tiles"]] == ranked[:12]
        assert board["strip"]["for"] == f"4|{name}"
        assert re.search(rf"(?<!\d){mask.sum():,} ", page.header[0].value), name


@pytest.mark.parametrize(
    ("asked", "positive", "shown"),
    [
        ({}, 0, "fn"),
        ({"cell": "4-all"}, 4, "4-all"),
        ({"cell": "all-9"}, 9, "all-9"),
        ({"cell": "4-9"}, 4, "4-9"),
        ({"cell": "diagonal"}, 0, "fn"),
        ({"cell": "4-9", "class": "9"}, 9, "4-9"),
        ({"cell": "4-9", "region": "tn.wrong"}, 4, "tn.wrong"),
    ],
)
def test_the_board_begins_with_what_the_matrix_was_about(asked: dict[str, str], positive: int, shown: str) -> None:
    save(shown_content(mistakes=0.2))
    board = part(open_page("class_by_class", lang="en", **asked), "class_board")
    assert (board["class"], board["part"]) == (positive, shown)


def test_what_is_chosen_in_one_matrix_is_chosen_in_the_other() -> None:
    save(shown_content(mistakes=0.2))
    page = open_page("confusion_matrix", lang="en", axes="columns", cell="4-all", region="tp")
    assert part(page, "matrix_grid")["view"]["swapped"]
    pairs = page.button_group(key="pick_pair")
    pair = "-".join(re.findall(r"\d", pairs.options[1])[:2])
    pairs.set_value(pair).run()
    page.switch_page(PAGES["class_by_class"].file).run()
    whole(page)
    board = part(page, "class_board")
    assert board["view"]["swapped"]
    assert (str(board["class"]), board["part"]) == (pair.split("-")[0], pair), "a new cell ends the old region"


def test_the_answers_of_the_board_can_be_hidden_by_a_link() -> None:
    save(shown_content())
    board = part(open_page("class_by_class", lang="en", answer="hidden", metric="precision"), "class_board")
    assert (board["hidden"], board["metric"]) == (True, "precision")
    assert not board["view"]["present"]
    board = part(open_page("class_by_class", lang="en", present="1"), "class_board")
    assert (board["hidden"], board["metric"], board["view"]["present"]) == (False, "recall", True)


def test_the_probabilities_of_a_class_are_those_of_every_image() -> None:
    content = shown_content()
    save(content)
    true = expected(content)
    told = part(open_page("class_by_class", lang="en", view="threshold", **{"class": 7}), "class_board")["scores"]
    edges = np.linspace(0, 1, len(told["bins"]["positives"]) + 1)
    for side, mask in (("positives", true.labels == 7), ("negatives", true.labels != 7)):
        column = true.scores[mask, 7]
        assert np.frombuffer(base64.b64decode(told[side]), dtype="<f8").tolist() == np.sort(column).tolist()
        assert told["bins"][side] == np.histogram(column, bins=edges)[0].tolist()
    for image in told["images"]:
        index = int(image["id"])
        assert image["score"] == true.scores[index, 7]
        assert (image["positive"], image["as_class"]) == (true.labels[index] == 7, true.scores[index].argmax() == 7)


def test_a_threshold_decides_which_images_are_below_the_board() -> None:
    content = shown_content()
    save(content)
    true = expected(content)
    page = open_page("class_by_class", lang="en", view="threshold", threshold="0.9", region="fn", **{"class": 7})
    missed = ((true.labels == 7) & (true.scores[:, 7] < 0.9)).sum()
    assert render("region.fn.heading", "en", name="7", count=missed) in [heading.value for heading in page.header]


def test_the_flow_has_images_of_each_outcome() -> None:
    save(shown_content())
    told = part(open_page("class_by_class", lang="en", view="flow", way="predicted", **{"class": 3}), "class_board")
    assert (told["view_shown"], told["way"], told["samples"]["for"]) == ("flow", "predicted", 3)
    assert len(told["samples"]["places"]["tp"]) == 3


@pytest.mark.parametrize(
    ("content", "start"),
    [
        (partial(shown_content, mistakes=0.0), 99),
        (partial(shown_content, mistakes=0.03), 80),
        (partial(shown_content, mistakes=0.3), 50),
        (partial(shown_content, never=3), 0),
        (partial(toy_content, num_classes=2, num_images=40), None),
        (partial(toy_content, num_classes=47, num_images=200), 0),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bars_of_the_classes_share_one_start_and_say_so(
    content: Callable[[], RunContent], start: int | None, language: str
) -> None:
    save(content())
    page = open_page("overview", lang=language)
    table = page.dataframe[0]
    columns = json.loads(table.proto.columns)
    starts = {columns[rate]["type_config"]["min_value"] for rate in ("precision", "recall", "f1")}
    assert len(starts) == 1
    (found,) = starts
    assert start in (None, found)
    assert found == 0 or table.value[["precision", "recall", "f1"]].min(axis=None) > found, "no bar is empty"
    key = "overview.classes.bars" if found else "overview.classes.bars.whole"
    assert render(key, language, start=f"{found:.0f}%") in words(page)


def test_a_class_that_was_never_predicted_is_explained() -> None:
    save(shown_content(never=3))
    page = open_page("class_by_class", lang="en", **{"class": 3})
    whole(page)
    assert sum(row[3] for row in part(page, "class_board")["view"]["cells"]) == 0
    table = open_page("overview", lang="en").dataframe[0].value
    assert np.isnan(table["precision"].to_numpy(dtype=float, na_value=np.nan)[3])
    page = open_page("confusion_matrix", lang="en", cell="all-3")
    whole(page)
    assert UNDEFINED in words(page), "a column of no images has no precision"


# ---------------------------------------------------------------- misclassified

RANKS: dict[str, Callable[[Expected, int], float]] = {
    "confidence": lambda true, i: -true.confidence[i],
    "margin": lambda true, i: -(true.confidence[i] - true.scores[i, true.labels[i]]),
    "loss": lambda true, i: true.scores[i, true.labels[i]],
    "index": lambda true, i: i,
}


@pytest.mark.parametrize("sort", RANKS)
def test_mistakes_are_listed_in_the_order_that_is_asked_for(sort: str) -> None:
    content = shown_content(mistakes=0.3)
    save(content)
    page = open_page("misclassified", lang="en", sort=sort, size=200)
    whole(page)
    true = expected(content)
    wrong = np.flatnonzero(true.labels != true.predicted).tolist()
    shown = [int(index) for index in tile_ids(part(page, "image_grid")["view"])]
    assert shown == sorted(wrong, key=lambda index: (RANKS[sort](true, index), index))
    share_of_all = share(len(wrong) / len(true.labels), digits=2)
    said = f"**{len(wrong)}** of {len(wrong)} misclassified images fit the filters ({share_of_all} of all"
    assert f"{said} {len(true.labels)}" in words(page)


def test_mistakes_are_filtered() -> None:
    content = shown_content(mistakes=0.5)
    save(content)
    true = expected(content)
    wrong = true.labels != true.predicted
    page = open_page("misclassified", lang="en", size=200)
    page.selectbox(key="pick_truth").set_value("4").run()
    assert listed(page) == true.most_confident_first(wrong & (true.labels == 4))
    page.selectbox(key="pick_predicted").set_value("5").run()
    both = wrong & (true.labels == 4) & (true.predicted == 5)
    assert listed(page) == true.most_confident_first(both)
    page.slider(key="pick_confidence").set_value((60, 95)).run()
    inside = (true.confidence >= 0.6) & (true.confidence <= 0.95)
    assert listed(page) == true.most_confident_first(both & inside)
    assert page.query_params["confidence"] == "60-95"
    page.selectbox(key="pick_predicted").set_value("4").run()  # a 4 that was called 4 is no mistake
    whole(page)
    assert page.info[0].value == render("misclassified.nothing_left", "en")


def listed(page: AppTest) -> list[int]:
    whole(page)
    return [int(index) for index in tile_ids(part(page, "image_grid")["view"])]


def test_mistakes_are_paged() -> None:
    content = shown_content(mistakes=0.5)
    save(content)
    true = expected(content)
    order = true.most_confident_first(true.labels != true.predicted)
    assert len(order) > 150
    assert listed(open_page("misclassified", lang="en")) == order[:100]
    assert listed(open_page("misclassified", lang="en", page=2)) == order[100:200]
    assert listed(open_page("misclassified", lang="en", size=50, page=3)) == order[100:150]
    last = -(-len(order) // 50)
    assert listed(open_page("misclassified", lang="en", size=50, page=999)) == order[(last - 1) * 50 :]


def test_an_image_in_the_address_is_shown_with_all_its_probabilities() -> None:
    content = shown_content()
    save(content)
    true = expected(content)
    order = true.most_confident_first(true.labels != true.predicted)
    index = order[3]
    page = open_page("misclassified", lang="en", image=index)
    whole(page)
    assert part(page, "image_grid")["selected"] == str(index)
    assert f"Test image number {index}" in words(page)
    assert DATASETS["digits"].source in words(page)
    drawn = html(page, "bars").split('class="bars"')[1]
    bars = re.findall(r"<b>(\d)</b>.*?<span>(.*?)</span>", drawn)
    assert [name for name, _ in bars] == [str(number) for number in range(10)]
    for (_, shown), score in zip(bars, true.scores[index], strict=True):
        number = float(unescape(shown).strip("<>%")) / 100
        assert abs(number - score) <= 0.0005 + 1e-9 or shown.startswith(("&lt;", "&gt;"))
    page.button(key="next").click().run()
    assert page.query_params["image"] == str(order[4])
    page.button(key="previous").click().run()
    page.button(key="previous").click().run()
    assert page.query_params["image"] == str(order[2])
    assert part(page, "image_grid")["selected"] == str(order[2])


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_misclassified_is_a_page_too(language: str) -> None:
    content = shown_content(mistakes=0.0)
    save(content)
    page = open_page("misclassified", lang=language)
    whole(page)
    assert not page.error
    assert not page.warning
    interval = binomtest(360, 360).proportion_ci(method="wilson")
    low = share(interval.low, digits=2)
    assert page.success[0].value == render("misclassified.none", language, total="360", low=low, high="100%")
    page = open_page("confusion_matrix", lang=language)
    whole(page)
    assert part(page, "matrix_grid")["selected"] == "diagonal"
    assert render("confusion_matrix.no_pairs", language) in words(page)


def test_the_recall_of_each_class_at_each_epoch() -> None:
    content = shown_content(never=3)
    save(content)
    page = open_page("overview", lang="en", epoch=2)
    _, lines, cells = charts(page)
    for column, epoch in enumerate(content.epochs_kept):
        given = numbers(content, epoch)
        recall = oracle.recall_score(given["labels"], given["logits"].argmax(1), average=None, zero_division=np.nan)
        assert [line["y"][column] for line in lines["data"]] == pytest.approx(recall.tolist())
        assert [row[column] for row in cells["data"][0]["text"]] == [
            f"{100 * x:.0f}" if x in (0, 1) else f"{100 * x:.1f}" for x in recall
        ]
    marked = [spec["layout"]["shapes"][0]["x0"] for spec in (lines, cells)]
    assert marked == [2, 0.5], "the epoch that is shown: its number, and the left of the second cell"


# ---------------------------------------------------------------- runs, classes and data sets of one name


def test_two_runs_that_differ_in_their_epochs_are_told_apart_and_stay_chosen() -> None:
    older = save(shown_content(epochs=2))
    newer = save(shown_content(epochs=3))
    page = open_page("confusion_matrix", lang="en", run=newer.run_id)
    assert page.selectbox(key="pick_run").options == [
        "mlp · handout, 3 epochs · seed 0",
        "mlp · handout, 2 epochs · seed 0",
    ]
    page.button_group(key="pick_diagonal").set_value("hidden").run()
    whole(page)
    assert page.query_params["run"] == newer.run_id, "a click elsewhere chooses no other run"
    assert "handout, 3 epochs" in words(page)
    for chosen in (older, newer):
        page.selectbox(key="pick_run").set_value(chosen.run_id).run()
        page.button_group(key="pick_diagonal").set_value("shown").run()
        assert page.query_params["run"] == chosen.run_id
        assert f"{chosen.epochs} epochs · seed 0" in words(page)


def test_runs_of_one_recipe_are_told_apart_by_when_they_were_made(artifacts: Path) -> None:
    save(shown_content(seed=1))
    other = save(shown_content(seed=2))
    renamed = "digits-mlp-0123abcd"  # another revision of the model: the same words, another id
    folder = artifacts / "runs" / other.run_id
    manifest = json.loads((folder / "run.json").read_text())
    manifest |= {"run_id": renamed, "created": "2026-01-02T03:04:05.000000+00:00"}
    manifest["origin"]["config"]["seed"] = 1
    (folder / "run.json").write_text(json.dumps(manifest))
    folder.rename(folder.with_name(renamed))
    st.cache_resource.clear()
    page = open_page("overview", lang="en", run=renamed)
    options = page.selectbox(key="pick_run").options
    assert len(set(options)) == 2
    assert "mlp · handout, 3 epochs · seed 1 (made 2026-01-02 03:04:05 UTC)" in options
    page.select_slider(key="pick_epoch").set_value(1).run()
    assert page.query_params["run"] == renamed
    assert "2026-01-02" in words(page), "the page says which of them it shows"


def named(names: list[str]) -> RunContent:
    """A run whose classes have these names in both languages."""
    content = shown_content(mistakes=0.4)
    classes = tuple(replace_name(record, name) for record, name in zip(content.dataset.classes, names, strict=True))
    return replace(content, dataset=content.dataset.model_copy(update={"classes": classes}))


def replace_name(record: Any, name: str) -> Any:
    return record.model_copy(update={"ja": name, "en": name})


def test_ten_classes_of_one_name_can_each_be_chosen() -> None:
    content = named(["cat"] * 10)
    save(content)
    true = expected(content)
    wrong = true.labels != true.predicted
    page = open_page("misclassified", lang="en", size=200)
    for index in (0, 4, 9):
        page.selectbox(key="pick_truth").set_value(str(index)).run()
        assert page.query_params["truth"] == str(index) or index == 9
        assert listed(page) == true.most_confident_first(wrong & (true.labels == index))[:200]
        page.selectbox(key="pick_sort").set_value("index").run()
        page.selectbox(key="pick_sort").set_value("confidence").run()
        assert page.query_params["truth"] == str(index), "a click elsewhere chooses no other class"
    page = open_page("confusion_matrix", lang="en")
    pairs = page.button_group(key="pick_pair")
    assert len(set(pairs.options)) == 6
    names = [each["name"] for each in part(page, "matrix_grid")["view"]["classes"]]
    assert len(set(names)) == 10
    table = open_page("overview", lang="en").dataframe[0].value
    assert table["class"].tolist() == names
    _, lines, cells = charts(open_page("overview", lang="en"))
    assert len({line["name"] for line in lines["data"]}) == 10
    assert len(set(cells["data"][0]["y"])) == 10, "plotly draws rows of one name over each other"


ODD_NAMES = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "a\rb", "a\x00b\x1b[31m", "w" * 200, "![x](http://example.org/x.png)",
    "</script><b>",
]  # fmt: skip


@pytest.mark.parametrize("name", CHECKPOINT_PAGES)
def test_odd_class_names_break_no_page(name: str) -> None:
    save(named(ODD_NAMES))
    page = open_page(name, lang="en", **{"class": 8, "cell": "8-9"})
    whole(page)
    assert not page.error
    for element in (*page.markdown, *page.caption, *page.subheader):
        assert "![x](http" not in element.value, "no page fetches a picture from elsewhere"
        assert len(element.value) < 2000
    assert "<b>" not in "".join(
        html.proto.body for html in page.main if html.type == "html" and "</script><b>" in html.proto.body
    )


def test_odd_class_names_are_neutral_in_the_matrix_file() -> None:
    save(named(ODD_NAMES))
    view = part(open_page("confusion_matrix", lang="en"), "matrix_grid")["view"]
    rows = list(csv.reader(io.StringIO(view["csv"].removeprefix("\ufeff"))))
    assert [len(row) for row in rows] == [11] * 11
    assert rows[0][1:] == [row[0] for row in rows[1:]]
    assert [name[:6] for name in rows[0][1:5]] == ["'=1+1", "'+1", "'-1", "'@SUM("]
    assert rows[0][8] == "w" * 200, "whole in the file"
    assert [[int(count) for count in row[1:]] for row in rows[1:]] == of_cells(view, COUNT)


# ---------------------------------------------------------------- what was chosen before, and what a link got wrong


def small(**changes: Any) -> RunContent:
    """A run on another data set, with four classes, one epoch and few images."""
    from scripts.toys import toy_config

    return toy_content(config=toy_config(dataset="mnist", epochs=1), epochs=1, num_classes=4, num_images=30, **changes)


LEFT_OVER = [  # page, a parameter, and a value that is right for ten classes, three epochs and 360 images only
    ("overview", "epoch", "2"),
    ("confusion_matrix", "epoch", "2"),
    ("confusion_matrix", "cell", "9-8"),
    ("confusion_matrix", "image", "359"),
    ("class_by_class", "class", "7"),
    ("class_by_class", "image", "359"),
    ("misclassified", "truth", "9"),
    ("misclassified", "predicted", "8"),
    ("misclassified", "page", "3"),
]


@pytest.mark.parametrize(("name", "parameter", "value"), LEFT_OVER)
def test_a_choice_that_another_run_does_not_have_gives_way(name: str, parameter: str, value: str) -> None:
    poor, rich = save(small()), save(shown_content(mistakes=0.8))
    page = open_page(name, lang="en", run=rich.run_id, size=50, **{parameter: value})
    assert not page.warning
    page.selectbox(key="pick_dataset").set_value("mnist").run()
    whole(page)
    assert page.query_params["run"] == poor.run_id
    assert not page.warning, [warning.value for warning in page.warning]
    page.run()
    assert not page.warning
    assert page.query_params.get(parameter, "") != value, "a link that is passed on does not have it either"
    for language in LANGUAGES:
        page.button_group(key="pick_lang").set_value(language).run()
        assert not page.warning
    page.text_input(key=parameter).set_value(value).run()  # the browser's Back brings it once more
    whole(page)
    assert not page.warning
    for other in CHECKPOINT_PAGES:
        page.switch_page(PAGES[other].file).run()
        whole(page)
        assert not page.warning


@pytest.mark.parametrize("name", CHECKPOINT_PAGES)
def test_a_link_with_mistakes_is_told_until_something_is_chosen(name: str) -> None:
    good = save(shown_content())
    page = open_page(name, lang="en", epoch="99", image="99999", run="nobody")
    told = len(page.warning)
    assert told >= 2
    page.button_group(key="pick_lang").set_value("ja").run()
    assert len(page.warning) == told, "in the other language, too"
    page.select_slider(key="pick_epoch").set_value(1).run()
    whole(page)
    assert not page.warning
    page.run()  # what this page does not show is gone from the next run on
    assert page.query_params["epoch"] == "1"
    assert page.query_params["run"] == good.run_id
    assert "image" not in page.query_params


def test_a_link_with_mistakes_can_be_dismissed() -> None:
    save(small())
    page = open_page("confusion_matrix", lang="en", epoch="7", cell="9-9", page="40")
    assert len(page.warning) == 3
    page.button(key="dismiss").click().run()
    whole(page)
    assert not page.warning
    assert [button.key for button in page.button if button.key == "dismiss"] == []
    assert not {"epoch", "cell", "page"} & set(page.query_params)
    page.text_input(key="epoch").set_value("7").run()  # Back
    assert not page.warning


def test_a_right_value_stays_when_another_run_has_it_too() -> None:
    other, first = save(shown_content(seed=1)), save(shown_content(seed=2))
    page = open_page("confusion_matrix", lang="en", run=first.run_id, epoch=2, cell="3-3")
    page.selectbox(key="pick_run").set_value(other.run_id).run()
    assert (page.query_params["epoch"], page.query_params["cell"]) == ("2", "3-3")


# ---------------------------------------------------------------- a server that was started again

FIRST_CHOICES = [
    ("confusion_matrix", "button_group", "pick_diagonal", "hidden", {"diagonal": "hidden"}),
    ("confusion_matrix", "button_group", "pick_pair", "errors", {"cell": "errors"}),
    ("confusion_matrix", "button_group", "pick_lang", "ja", {"lang": "ja"}),
    ("overview", "select_slider", "pick_epoch", 1, {"epoch": "1"}),
    ("misclassified", "selectbox", "pick_truth", "4", {"truth": "4"}),
    ("misclassified", "slider", "pick_confidence", (20, 90), {"confidence": "20-90"}),
    ("misclassified", "selectbox", "pick_run", "other", {"run": "other"}),
    ("training", "selectbox", "training_preset", "handout", {"form": "dataset=digits,model=mlp,preset=handout"}),
    ("training", "text_input", "training_seed", "7", None),
    ("misclassified", "button", "next", None, None),
]


def check_followed(page: AppTest, address: dict[str, str], asked: dict[str, str] | None, other: str) -> None:
    """The address has changed to what was ``asked``, somehow where that is None; and it stays so."""
    whole(page)
    for _ in range(2):
        if asked is None:
            assert dict(page.query_params) != address
        for parameter, wanted in (asked or {}).items():
            assert page.query_params[parameter] == (other if wanted == "other" else wanted)
        page.run()
        whole(page)
        assert not page.error


@pytest.mark.parametrize(("name", "kind", "key", "value", "asked"), FIRST_CHOICES)
def test_a_session_that_begins_with_a_choice_of_an_open_page_follows_it(
    name: str, kind: str, key: str, value: Any, asked: dict[str, str] | None
) -> None:
    other, newest = (save(shown_content(seed=seed)).run_id for seed in (1, 2))
    address = {"lang": "en", "run": newest, "form": "dataset=digits,model=mlp,preset=quick", "epoch": "2"}
    before = open_page(name, **address)
    control = getattr(before, kind)(key=key)
    _ = control.click() if kind == "button" else control.set_value(other if value == "other" else value)
    after = AppTest.from_file(ROOT / "dashboard.py", default_timeout=SECONDS)  # the server knows of no such session
    after.query_params.update(address)
    after.switch_page(PAGES[name].file)
    after._run(before._tree.get_widget_states())  # and is sent the open page with what was chosen on it
    check_followed(after, address, asked, other)


@pytest.mark.parametrize("drawn", [0, 1, -1], ids=["none", "one", "all but one"])
@pytest.mark.parametrize(("name", "kind", "key", "value", "asked"), FIRST_CHOICES)
def test_a_choice_that_comes_while_a_session_begins_counts(
    name: str,
    kind: str,
    key: str,
    value: Any,
    asked: dict[str, str] | None,
    drawn: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first run is broken off when its controls are there already, but of the inputs only some, and begun anew."""
    other, newest = (save(shown_content(seed=seed)).run_id for seed in (1, 2))
    address = {
        "lang": "en",
        "run": newest,
        "form": "dataset=digits,model=mlp,preset=quick",
        "epoch": "2",
        "cell": "4-9",
    }
    before = open_page(name, **address)
    quiet = before._tree.get_widget_states()
    control = getattr(before, kind)(key=key)
    _ = control.click() if kind == "button" else control.set_value(other if value == "other" else value)
    choice = before._tree.get_widget_states()
    draw = st.text_input
    names = {parameter.name for parameter in PARAMETERS}
    drawn %= sum(widget.label in names for widget in before.text_input)
    inputs: list[str] = []

    def broken_off(label: str, **more: Any) -> str:
        if label in names and len(inputs) <= drawn:
            inputs.append(label)
            if len(inputs) > drawn:
                asked_again = RerunData(
                    query_string=urlencode(address),
                    widget_states=choice,
                    page_script_hash=get_script_run_ctx().page_script_hash,
                )
                raise RerunException(asked_again)
        return draw(label, **more)

    after = AppTest.from_file(ROOT / "dashboard.py", default_timeout=SECONDS)
    after.query_params.update(address)
    after.switch_page(PAGES[name].file)
    monkeypatch.setattr(st, "text_input", broken_off)
    after._run(quiet)
    assert len(inputs) == drawn + 1
    check_followed(after, address, asked, other)


def test_a_page_binds_what_it_reads_and_keeps_what_the_url_says_for_others() -> None:
    save(shown_content())
    page = open_page("overview", lang="en", cell="4-9", sort="truth")

    def bound() -> set[str]:
        return {widget.label for widget in page.text_input} & {parameter.name for parameter in PARAMETERS}

    assert bound() == {*(parameter.name for parameter in EVERYWHERE), "class", "cell", "sort"}
    page.switch_page(PAGES["confusion_matrix"].file).run()
    whole(page)
    assert {"cell", "sort", "page", "image", "scale"} <= bound() and "seed" not in bound()
    assert page.query_params["cell"] == "4-9"
    page.switch_page(PAGES["training"].file).run()
    assert "scale" in bound(), "what counted once, counts until the session ends"


# ---------------------------------------------------------------- the folder is gone


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_folder_that_is_gone_is_said_on_every_page(name: str, language: str, artifacts: Path) -> None:
    save(shown_content())
    page = open_page(name, lang=language)
    assert not page.error
    artifacts.rename(artifacts.with_name("elsewhere"))
    st.cache_resource.clear()
    artifacts.with_name("elsewhere").rename(artifacts)
    page.run()
    artifacts.rename(artifacts.with_name("elsewhere"))
    forget_listing()
    page.run()
    whole(page)
    assert str(artifacts / "runs") in re.sub(r"\\", "", page.error[0].value)
    assert bool(re.search(r"[\u3040-\u30ff]", page.error[0].value)) == (language == "ja")
    started = {"train_starter", "training_start"} & {button.key for button in page.button}
    assert not started, "nothing offers to train into a folder that is not there"
    artifacts.with_name("elsewhere").rename(artifacts)
    forget_listing()
    page.run()
    whole(page)
    assert not page.error


def forget_listing() -> None:
    """The folder is looked at twice a second."""
    from ui import cache

    cache.forget_runs()
    cache.forget_jobs()


# ---------------------------------------------------------------- what a page costs


def test_viewing_every_page_in_a_fresh_process_loads_no_torch() -> None:
    content = shown_content()
    save(content)
    program = f"""
import sys
from streamlit.testing.v1 import AppTest
for page in {[info.file for info in PAGES.values()]!r}:
    shown = AppTest.from_file({str(ROOT / "dashboard.py")!r}, default_timeout={SECONDS}).switch_page(page).run()
    assert not shown.exception, shown.exception
    assert len(shown.title) == 1 and not shown.error, page
print(sorted({{name.split(".")[0] for name in sys.modules}} & {{"torch", "torchvision", "sklearn", "scipy"}}))
"""
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=4 * SECONDS
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_and_buttons_are_in_the_language_of_the_page(language: str) -> None:
    save(shown_content())
    ours = {pair[LANGUAGES.index(language)] for pair in TEXTS.values()}
    other = {pair[1 - LANGUAGES.index(language)] for pair in TEXTS.values()} - ours
    kinds = ("selectbox", "select_slider", "slider", "button_group", "button")
    seen = set()
    for name in PAGES:
        page = open_page(name, lang=language)
        # The language picker names each language in itself, and the address' inputs are never seen.
        seen |= {unescaped(widget.label) for kind in kinds for widget in getattr(page, kind)}
    assert len(seen) >= 20, "fewer labels than the pages have: some kind was not looked at"
    assert seen <= ours
    assert not seen & other


# ---------------------------------------------------------------- results of which less was stored


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["probabilities", "labels", "counts"])
@pytest.mark.parametrize("name", ["overview", "confusion_matrix", "class_by_class", "misclassified"])
def test_what_was_not_stored_is_left_out_with_a_sentence(name: str, kind: PredictionKind, language: str) -> None:
    content = shown_content()
    labels, logits = content.predictions["test"]
    save(as_kind(content, kind))
    page = open_page(name, lang=language)
    assert not page.exception
    assert not page.warning, "nobody has asked for what is not there"
    said = words(page)
    counts_only, no_scores = (render(f"problem.{what}", language) for what in ("counts_only", "no_scores"))
    assert (counts_only in said) == (kind == "counts" and name != "overview")
    assert (no_scores in said) == (kind == "labels" and name != "overview")
    wrong = int((labels != logits[-1].argmax(axis=1)).sum())
    if name == "overview":
        assert render("overview.mistakes.value", language, count=str(wrong)) in said
    if name == "misclassified" and kind == "labels":
        assert listed(page) == np.flatnonzero(labels != logits[-1].argmax(axis=1)).tolist()[:100]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["overview", "confusion_matrix", "class_by_class", "misclassified"])
def test_images_that_a_run_carries_are_shown(name: str, language: str) -> None:
    """Of a data set that nobody here knows, with a title of its own."""
    content = shown_content()
    pixels = np.random.default_rng(0).integers(0, 256, (content.dataset.sizes["test"], 20, 24), np.uint8)
    titled = ClassRecord(ja="木の葉", en="Leaves")
    dataset = content.dataset.model_copy(
        update={
            "images": ImagesRecord(height=20, width=24),
            "title": titled,
            "fingerprints": dict.fromkeys(content.dataset.fingerprints, "1" * 64),
        }
    )
    save(replace(content, dataset=dataset, images={"test": pixels}))
    page = open_page(name, lang=language)
    assert not page.exception
    assert getattr(titled, language) in words(page)
    assert render("problem.no_images", language) not in words(page)
    assert DATASETS[content.dataset.name].source not in words(page)


def test_of_ten_thousand_images_a_hundred_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "data"
    mnist.write(root)
    monkeypatch.setitem(DATASETS, "mnist", DATASETS["mnist"])  # put back afterwards
    mnist.register(root)
    monkeypatch.setenv("MNISTCORE_DATA", str(root))
    save(shown_content(dataset="mnist", root=root, mistakes=0.02))
    page = open_page("confusion_matrix", lang="en", cell="everything")
    whole(page)
    assert "All **10,000 test images**" in words(page)
    assert len(part(page, "image_grid")["view"]["tiles"]) == 100


# ---------------------------------------------------------------- what was recorded elsewhere


def recorded(*, classes: int = 3, count: int = 40, name: str = "svm", **more: Any) -> RunManifest:
    """A run of somebody's own predictions: every fifth is wrong."""
    labels = np.arange(count) % classes
    predicted = np.where(np.arange(count) % 5 == 0, (labels + 1) % classes, labels)
    scores = np.full((count, classes), 0.1 / classes)
    scores[np.arange(count), predicted] += 0.9
    given = {"probabilities": scores} if more.pop("has_scores", True) else {"predicted": predicted}
    return mnistcore.record_predictions(labels, **given, name=name, store=store_here(), **more).manifest


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CHECKPOINT_PAGES)
@pytest.mark.parametrize("has_scores", [True, False])
def test_a_recorded_run_without_images_is_on_every_page(name: str, language: str, has_scores: bool) -> None:
    recorded(has_scores=has_scores)
    whole(open_page(name, lang=language))


def test_without_images_the_misclassified_are_a_list_with_pages() -> None:
    recorded(count=400, classes=4)
    page = open_page("misclassified", lang="en", size="50", page="2")
    (shown,) = page.dataframe
    assert list(shown.value["index"]) == list(range(250, 400, 5)) == list(shown.value.index * 5 + 250)
    first = shown.value.iloc[0]
    assert (first["truth"], first["predicted"], round(first["confidence"], 3)) == ("2", "3", 92.5)
    assert render("gallery.none_known", "en") in words(page)
    assert not page.info


def test_without_scores_the_list_says_so() -> None:
    recorded(has_scores=False)
    page = open_page("misclassified", lang="en")
    assert "confidence" not in page.dataframe[0].value
    assert render("problem.no_scores", "en") in words(page)


@pytest.mark.parametrize("shape", [(6, 4, 3), (4, 6, 3), (4, 6)])
def test_pictures_of_any_shape_are_on_every_page(shape: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, *shape), dtype=np.uint8)
    recorded(images=images)
    for name in ("overview", "class_by_class"):
        whole(open_page(name, lang="en"))
    assert html(open_page("misclassified", lang="en"), "photo")  # grey noise up to the rim is no drawing
