"""What an evaluation shows by itself: predictions in which each finding holds, and some in which it does not."""

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnistcore.evaluation.evaluation import Evaluation, evaluate_predictions
from mnistcore.evaluation.findings import (
    Finding,
    Miscalibrated,
    MissedMost,
    NeverPredicted,
    NoBetterThanOneClass,
    OneWay,
    StoppedImproving,
    find,
    stopped_improving,
)
from mnistcore.evaluation.predictions import AnyPredictions, Counts, PredictedLabels, Predictions
from tests.here import store_here
from tests.runs import as_kind, shown_content
from tests.visits import LANGUAGES, open_page
from ui import state
from ui.findings import tell
from ui.navigation import PAGES, PARAMETERS
from ui.texts import render

EVEN = np.full((3, 3), 5) + np.diag([285] * 3)  # 290 of 300 right in each class, mistakes in all directions


def of_counts(matrix: object) -> Evaluation:
    counts = np.asarray(matrix)
    return evaluate_predictions(Counts(counts), num_classes=len(counts))


def kinds(evaluation: Evaluation) -> list[type[Finding]]:
    return [type(found) for found in find(evaluation)]


def sure(images: int, right: int, confidence: float) -> Evaluation:
    """Two classes, half of the images each; mistakes in both; always as sure."""
    labels = np.arange(images) % 2
    predicted = np.where(np.arange(images) < right, labels, 1 - labels)
    logits = np.eye(2)[predicted] * np.log(confidence / (1 - confidence))
    return evaluate_predictions(Predictions(labels, logits.astype(np.float32)), num_classes=2)


# ---- what the test images show ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "matrix",
    [
        pytest.param(EVEN, id="classes alike"),
        pytest.param(np.zeros((3, 3), int), id="no images"),
        pytest.param([[5]], id="one class"),
        pytest.param([[3, 0], [0, 0]], id="one class occurs"),
        pytest.param(np.diag([50, 50, 50]), id="no mistakes"),
        pytest.param([[5, 0, 0], [1, 4, 0], [0, 2, 3]], id="too few images to say"),
        pytest.param([[20, 0], [0, 980]], id="a rare class is found"),
    ],
)
def test_where_nothing_holds_nothing_is_found(matrix: object) -> None:
    assert find(of_counts(matrix)) == ()


def test_a_class_that_is_missed_most_is_found_with_what_it_is_taken_for() -> None:
    found = find(of_counts([[290, 5, 5], [5, 290, 5], [35, 30, 235]]))
    (missed,) = [each for each in found if isinstance(each, MissedMost)]
    assert (missed.index, missed.missed, missed.support) == (2, 65, 300)
    assert (missed.others_missed, missed.others) == (20, 600)
    assert (missed.mostly, missed.mostly_count) == (0, 35)
    assert missed.p < 1e-6


def test_of_two_classes_as_frequent_neither_is_what_it_is_mostly_taken_for() -> None:
    (missed,) = [
        each for each in find(of_counts([[290, 5, 5], [5, 290, 5], [32, 32, 236]])) if isinstance(each, MissedMost)
    ]
    assert missed.mostly is None


def test_two_classes_confused_one_way_are_found() -> None:
    matrix = EVEN.copy()
    matrix[0] = [275, 5, 20]
    matrix[2, 0], matrix[2, 2] = 0, 295
    (one_way,) = [each for each in find(of_counts(matrix)) if isinstance(each, OneWay)]
    assert (one_way.true, one_way.predicted, one_way.count, one_way.back) == (0, 2, 20, 0)
    assert (one_way.support, one_way.back_support, one_way.compared) == (300, 300, 3)


def test_a_class_with_more_images_is_not_confused_more_for_that() -> None:
    assert OneWay not in kinds(of_counts([[2_900, 100], [10, 290]])), "100 against 10, but 3.3 % both"


def test_a_class_that_is_never_predicted_is_found_and_not_missed_as_well() -> None:
    found = find(of_counts([[90, 10, 0], [10, 90, 0], [50, 50, 0]]))
    assert [type(each) for each in found] == [NeverPredicted]
    (never,) = found
    assert (never.indices, never.support, never.largest, never.total) == ((2,), 100, 100, 300)
    assert never.high < 100 / 300


def test_several_classes_are_never_predicted_the_largest_first() -> None:
    (never,) = [
        each for each in find(of_counts([[90, 0, 0], [40, 0, 0], [60, 0, 0]])) if isinstance(each, NeverPredicted)
    ]
    assert (never.indices, never.support) == ((2, 1), 100)


def test_that_a_rare_class_was_not_predicted_may_be_chance() -> None:
    assert NeverPredicted not in kinds(of_counts([[500, 0], [3, 0]]))


@pytest.mark.parametrize(
    ("matrix", "worse"), [([[150, 20], [10, 40]], None), ([[150, 0], [50, 0]], False), ([[30, 120], [25, 25]], True)]
)
def test_a_model_no_better_than_one_class_always(matrix: list, worse: bool | None) -> None:
    found = find(of_counts(matrix))
    blind = [each.worse for each in found if isinstance(each, NoBetterThanOneClass)]
    assert blind == ([] if worse is None else [worse])
    if blind:
        assert {type(each) for each in found} <= {NoBetterThanOneClass, NeverPredicted}, "the rest says nothing then"


@pytest.mark.parametrize(
    ("confidence", "surer"),
    [(0.99, True), (0.6, False), (0.9, None), (0.91, None)],
    ids=["sure", "unsure", "right", "near"],
)
def test_confidence_is_compared_with_the_accuracy(confidence: float, surer: bool | None) -> None:
    found = [each.surer for each in find(sure(1000, 900, confidence)) if isinstance(each, Miscalibrated)]
    assert found == ([] if surer is None else [surer])


def test_a_small_gap_is_not_worth_a_sentence() -> None:
    assert Miscalibrated not in kinds(sure(200_000, 180_000, 0.904)), "outside the interval, but half a point at most"


def test_without_probabilities_nothing_is_said_of_confidence() -> None:
    labels = np.arange(200) % 2
    evaluation = evaluate_predictions(
        PredictedLabels(labels, np.where(np.arange(200) < 20, 1 - labels, labels), num_classes=2), num_classes=2
    )
    assert Miscalibrated not in kinds(evaluation)


def test_chance_is_hardly_ever_a_finding() -> None:
    rng = np.random.default_rng(0)
    shares = (EVEN / EVEN.sum()).ravel()
    found = [find(of_counts(rng.multinomial(900, shares).reshape(3, 3))) for _ in range(200)]
    assert sum(map(bool, found)) <= 200 * 2 * 0.05 + 8, "two kinds of findings, each at most one time in twenty"


def test_many_classes_are_compared_in_time() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.integers(0, 10, (47, 47)) + np.diag(np.full(47, 300))
    matrix[3, 5] = 150
    found = find(of_counts(matrix))
    assert [(each.true, each.predicted) for each in found if isinstance(each, OneWay)] == [(3, 5)]


# ---- what the validation images show ---------------------------------------------------------------------------


def epochs_of(*margins: float, noise: float = 0.3, images: int = 400) -> list[AnyPredictions]:
    """An epoch for each margin by which the true class, a third of the time another one, stands out."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, images)
    called = np.where(rng.random(images) < 1 / 3, (labels + 1) % 3, labels)
    return [
        Predictions(labels, (np.eye(3)[called] * margin + rng.normal(0, noise, (images, 3))).astype(np.float32))
        for margin in margins
    ]


def test_a_validation_loss_that_rises_again_is_found() -> None:
    found = stopped_improving([1, 2, 4, 5], epochs_of(0.5, 1.3, 3.0, 5.0))
    assert isinstance(found, StoppedImproving)
    assert (found.best, found.last, found.total, found.compared) == (2, 5, 400, 3)
    assert 0 < found.low < found.last_loss - found.best_loss < found.high


@pytest.mark.parametrize(
    "validation",
    [
        pytest.param(epochs_of(0.2, 0.6, 1.2), id="still falling"),
        pytest.param(epochs_of(1.3, 1.3, 1.3), id="only noise"),
        pytest.param(epochs_of(1.3), id="one epoch"),
        pytest.param([], id="none"),
        pytest.param(epochs_of(1.3, 5.0, images=0), id="no images"),
        pytest.param([PredictedLabels(np.array([0, 1]), np.array([0, 1]), num_classes=2)] * 2, id="no probabilities"),
        pytest.param([Counts(np.eye(2, dtype=np.int64))] * 2, id="only counts"),
    ],
)
def test_otherwise_the_validation_loss_is_no_finding(validation: list[AnyPredictions]) -> None:
    assert stopped_improving(range(1, len(validation) + 1), validation) is None


# ---- what is told ------------------------------------------------------------------------------------------------

EXAMPLES: tuple[Finding, ...] = (
    NoBetterThanOneClass(1, support=1135, correct=1130, total=10_000, only_model=900, only_always=905, p=0.93),
    NoBetterThanOneClass(1, support=1135, correct=900, total=10_000, only_model=800, only_always=1035, p=0.00001),
    NeverPredicted(indices=(0,), support=980, largest=980, total=10_000, high=0.0008, compared=10),
    NeverPredicted(indices=(0, 1, 2, 1, 2, 1), support=5000, largest=980, total=10_000, high=0.0008, compared=10),
    MissedMost(
        2, missed=43, support=974, others_missed=217, others=9026, mostly=0, mostly_count=11, p=0.006, compared=10
    ),
    MissedMost(
        2, missed=43, support=974, others_missed=217, others=9026, mostly=None, mostly_count=11, p=0.006, compared=10
    ),
    OneWay(2, 1, count=15, support=1010, back=0, back_support=1032, p=0.0001, compared=45),
    Miscalibrated(confidence=0.981, correct=9740, total=10_000, low=0.971, high=0.977),
    Miscalibrated(confidence=0.881, correct=9740, total=10_000, low=0.971, high=0.977),
    StoppedImproving(3, 9, best_loss=0.0812, last_loss=0.1204, low=0.02, high=0.05, total=5000, compared=8),
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("found", EXAMPLES, ids=lambda found: type(found).__name__)
def test_each_finding_has_words_and_a_way(found: Finding, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "language", lambda: language)
    told = tell(found, ["T-shirt", "b", "c"])
    assert "{" not in told.sentence + told.test + told.way
    assert re.search(r"\d", told.sentence + told.test)
    assert told.page in PAGES
    assert set(told.view) <= {parameter.name for parameter in PARAMETERS}
    if language == "en":
        assert not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", told.sentence + told.test + told.way)


def findings_on(page: AppTest) -> list[str]:
    lists = [element.proto.body for element in page.get("html") if 'class="findings"' in element.proto.body]
    return re.findall(r"<li>.*?</li>", "".join(lists))


@pytest.mark.usefixtures("no_cached_pages")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overview_lists_them_with_links_that_keep_the_checkpoint(language: str) -> None:
    content = shown_content(never=3)
    run = store_here().save(content)
    items = findings_on(open_page("overview", lang=language))
    assert 1 <= len(items) <= 5
    name = getattr(content.dataset.classes[3], language)
    assert name in items[0]
    for item in items:
        (address,) = re.findall(r'href="([^"]+)"', item)
        link = urlsplit(address.replace("&amp;", "&"))
        chosen = {key: value for key, (value,) in parse_qs(link.query).items()}
        assert chosen["lang"] == language
        assert chosen["run"] == run.run_id
        page = open_page(link.path, **chosen)
        assert not page.exception
        assert not page.warning, "a link that says what there is"


@pytest.mark.usefixtures("no_cached_pages")
def test_where_nothing_stands_out_the_overview_has_no_heading_for_it() -> None:
    store_here().save(as_kind(shown_content(mistakes=0.0), "counts"))
    page = open_page("overview", lang="en")
    assert not page.exception
    assert findings_on(page) == []
    assert render("findings.title", "en") not in [heading.value for heading in page.header]
