"""Many classes: their order, which of them are shown, and every page with a hundred and a thousand of them."""

import base64
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as oracle

import mnistcore
from mnistcore import metrics
from mnistcore.errors import InputError
from mnistcore.evaluation.evaluation import evaluate_predictions
from mnistcore.evaluation.findings import OneWay, find
from mnistcore.evaluation.hard_images import hard_images
from mnistcore.evaluation.predictions import Counts
from mnistcore.evaluation.selections import parse_selection, selection_options
from mnistcore.runs.manifest import RunManifest
from tests.here import store_here
from tests.visits import CHECKPOINT_PAGES, html, open_page, part, whole, words
from ui.neighbourhood import Neighbourhood
from ui.texts import render

pytestmark = pytest.mark.usefixtures("no_cached_pages")


def blocks(size: int, group: int, seed: int = 0) -> np.ndarray:
    """A matrix in which the classes of a group are confused with one another, and the groups are scattered."""
    random = np.random.default_rng(seed)
    groups = random.permutation(size) // group
    matrix = np.where(groups[:, None] == groups, 10, 0)
    np.fill_diagonal(matrix, 50)
    return matrix


# ---------------------------------------------------------------- pure functions


@pytest.mark.parametrize("by", metrics.ORDERS)
@pytest.mark.parametrize("size", [1, 2, 3, 60])
def test_an_order_has_each_class_once(by: str, size: int) -> None:
    order = metrics.class_order(blocks(size, 3), by=by)
    assert sorted(order.tolist()) == list(range(size))


def test_similar_classes_stand_side_by_side() -> None:
    matrix = blocks(60, 5)
    order = metrics.class_order(matrix, by="similarity")
    sorted_ = matrix[np.ix_(order, order)]
    assert all((sorted_[at : at + 5, at : at + 5] > 0).all() for at in range(0, 60, 5))


def test_classes_are_ordered_by_images_and_by_both_kinds_of_mistakes() -> None:
    random = np.random.default_rng(1)
    matrix = random.integers(0, 9, (40, 40))
    order = metrics.class_order(matrix, by="support")
    assert (np.diff(matrix.sum(axis=1)[order]) <= 0).all()
    mistakes = matrix.sum(axis=0) + matrix.sum(axis=1) - 2 * matrix.diagonal()
    assert (np.diff(mistakes[metrics.class_order(matrix, by="mistakes")]) <= 0).all()
    assert metrics.class_order(matrix, by="given").tolist() == list(range(40))


def test_classes_without_images_have_a_place_in_every_order() -> None:
    matrix = np.zeros((8, 8), dtype=np.int64)
    for by in metrics.ORDERS:
        assert sorted(metrics.class_order(matrix, by=by).tolist()) == list(range(8))


def test_folding_is_counting_again_with_fewer_classes() -> None:
    random = np.random.default_rng(2)
    labels, predicted = random.integers(0, 30, (2, 2000))
    kept = [7, 3, 21]
    place = np.full(30, len(kept))
    place[kept] = range(len(kept))
    matrix = metrics.confusion_matrix(labels, predicted, num_classes=30)
    expected = oracle.confusion_matrix(place[labels], place[predicted], labels=range(4))
    np.testing.assert_array_equal(metrics.folded(matrix, kept), expected)
    everything = random.permutation(30)
    np.testing.assert_array_equal(metrics.folded(matrix, everything), matrix[np.ix_(everything, everything)])


@pytest.mark.parametrize("classes", [[], [1, 1], [-1], [3]])
def test_a_class_that_is_not_there_is_not_folded(classes: list[int]) -> None:
    with pytest.raises(InputError, match="classes: expected some of 0 to 2, each once"):
        metrics.folded(np.eye(3, dtype=np.int64), classes)


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(InputError, match="by: expected one of 'given', 'support', 'mistakes', 'similarity', got 'abc'"):
        metrics.class_order([[1]], by="abc")


def test_the_largest_confusions_are_those_of_the_whole_matrix() -> None:
    matrix = np.random.default_rng(3).integers(0, 50, (25, 25))
    off = matrix - np.diag(matrix.diagonal())
    found = metrics.most_confused(matrix, limit=20)
    assert [pair.count for pair in found] == sorted(off.ravel().tolist(), reverse=True)[:20]
    assert all(off[pair.true, pair.predicted] == pair.count for pair in found)


def test_selections_of_a_thousand_classes_are_read_one_by_one() -> None:
    assert len(selection_options(1000)) == 3 + 2 * 1000 + 1000**2
    for text in ("999-0", "all-999", "12-all"):
        assert str(parse_selection(text, num_classes=1000)) == text
    for text in ("1000-0", "01-2", "all-all", "\u0661-2", "1-2 ", "-1-2"):
        with pytest.raises(InputError, match="selection: expected"):
            parse_selection(text, num_classes=1000)


# ---------------------------------------------------------------- pages

NAMES = [f"kind {place:03d}" for place in range(100)]


def recorded(
    classes: int = 100, count: int = 500, *, scores: bool = True, images: bool = False
) -> tuple[RunManifest, np.ndarray]:
    """A run in which classes of a block of five are confused, and its matrix."""
    random = np.random.default_rng(classes)
    labels = np.concatenate([np.arange(classes), random.integers(0, classes, count - classes)])
    wrong = labels // 5 * 5 + random.integers(0, 5, count)
    predicted = np.where(random.random(count) < 0.3, wrong, labels)
    given: dict[str, Any] = {"predicted": predicted}
    if scores:
        values = np.full((count, classes), 0.2 / (classes - 1))
        values[np.arange(count), predicted] = 0.8
        given = {"probabilities": values}
    if images:
        given["images"] = random.integers(0, 256, (count, 8, 8)).astype(np.uint8)
    names = NAMES if classes == 100 else None
    run = mnistcore.record_predictions(labels, **given, classes=names, name="many", store=store_here())
    return run.manifest, oracle.confusion_matrix(labels, predicted, labels=range(classes))


def drawn(view: dict[str, Any]) -> np.ndarray:
    """The matrix that the map is given."""
    truths, predicted = (np.frombuffer(base64.b64decode(view[name]), "<u2") for name in ("truths", "predicted"))
    matrix = np.zeros((len(view["classes"]),) * 2)
    matrix[truths, predicted] = np.frombuffer(base64.b64decode(view["counts"]), "<f8")
    return matrix


@pytest.mark.parametrize("name", CHECKPOINT_PAGES)
@pytest.mark.parametrize("scores", [True, False])
def test_every_page_shows_a_hundred_classes(name: str, scores: bool) -> None:
    recorded(scores=scores)
    whole(open_page(name, lang="ja"))


@pytest.mark.parametrize("order", metrics.ORDERS)
def test_the_map_has_every_count_in_every_order(order: str) -> None:
    _, matrix = recorded()
    page = open_page("confusion_matrix", lang="en", order=order, show="both")
    whole(page)
    view = part(page, "matrix_map")["view"]
    places = [each["index"] for each in view["classes"]]
    assert places == metrics.class_order(matrix, by=order).tolist()
    np.testing.assert_array_equal(drawn(view), matrix[np.ix_(places, places)])


def test_the_rest_is_folded_and_the_class_that_is_sought_stays() -> None:
    _, matrix = recorded()
    few = metrics.class_order(matrix, by="mistakes")
    page = open_page("confusion_matrix", lang="en", top="20", find=str(few[-1]))
    given = part(page, "matrix_map")
    places = [each["index"] for each in given["view"]["classes"]]
    assert given["sought"] == few[-1]
    assert set(few[:20].tolist()) | {few[-1]} <= set(places)
    assert places[-1] is None
    np.testing.assert_array_equal(drawn(given["view"]), metrics.folded(matrix, places[:-1]))
    assert drawn(given["view"]).sum() == 500
    assert "together as “others”" in words(page)


def test_the_controls_of_many_classes_write_the_address() -> None:
    recorded()
    page = open_page("confusion_matrix", lang="en")
    page.selectbox(key="pick_order").set_value("similarity").run()
    page.selectbox(key="pick_find").set_value("42").run()
    page.selectbox(key="pick_top").set_value("50").run()
    address = {name: page.query_params[name] for name in ("order", "find", "top")}
    assert address == {"order": "similarity", "find": "42", "top": "50"}
    assert part(page, "matrix_map")["sought"] == 42


def test_the_largest_confusions_are_a_table_too() -> None:
    _, matrix = recorded()
    (worst, *_) = metrics.most_confused(matrix)
    table = html(open_page("confusion_matrix", lang="en"), "plain")
    assert f"<td>{NAMES[worst.true]}</td><td>{NAMES[worst.predicted]}</td><td>{worst.count}</td>" in table


def test_a_zoom_that_a_link_cannot_mean_is_explained() -> None:
    recorded()
    page = open_page("confusion_matrix", lang="en", zoom="900")
    assert part(page, "matrix_map")["zoom"] == "fit"
    assert len(page.warning) == 1


def test_a_thousand_classes_begin_with_the_fifty_that_matter() -> None:
    recorded(1000, 2000, scores=False)
    page = open_page("confusion_matrix", lang="ja")
    whole(page)
    view = part(page, "matrix_map")["view"]
    assert 50 <= len(view["classes"]) - 1 <= 60
    assert drawn(view).sum() == 2000
    assert render("many.others", "ja") in [each["name"] for each in view["classes"]]
    for name in ("overview", "class_by_class", "misclassified", "lessons"):
        whole(open_page(name, lang="ja"))
    lesson = open_page("lessons", lang="en", lesson="denominators")
    assert render("lessons.needs.fewer_classes", "en", most="100") in words(lesson)


def test_the_board_has_a_class_and_those_it_is_confused_with() -> None:
    _, matrix = recorded()
    page = open_page("class_by_class", lang="en", **{"class": "42", "region": "fn"})
    given = part(page, "class_board")
    near = metrics.most_confused_with(matrix, 42, limit=8).tolist()
    view = given["view"]
    assert [each["name"] for each in view["classes"]] == [NAMES[42], *(NAMES[index] for index in near), "others"]
    np.testing.assert_array_equal(view["cells"], metrics.folded(matrix, [42, *near]))
    counts = metrics.one_vs_rest(matrix)
    cells = np.array(view["cells"])
    assert (cells[0, 0], cells[0].sum(), cells[:, 0].sum()) == (counts.tp[42], counts.support[42], counts.called[42])
    assert view["wrong"][0] == metrics.misclassified_true_negatives(matrix)[42]
    assert (given["class"], view["class_count"], given["part"]) == (0, 100, "fn")
    page.selectbox(key="pick_class").set_value(7).run()
    assert page.query_params["class"] == "7"


def test_a_cell_of_the_address_is_on_the_board() -> None:
    _, matrix = recorded()
    page = open_page("class_by_class", lang="en", **{"class": "42", "cell": "42-90"})
    given = part(page, "class_board")
    truth, predicted = map(int, given["part"].split("-"))
    names = [each["name"] for each in given["view"]["classes"]]
    assert (names[truth], names[predicted]) == (NAMES[42], NAMES[90])
    assert given["view"]["cells"][truth][predicted] == matrix[42, 90]


def test_what_is_chosen_of_the_others_means_the_whole_line() -> None:
    near = Neighbourhood((42, 5), has_others=True)
    texts = ["0-1", "1-all", "2-0", "0-2", "2-2", "all-2", "tp.fn"]
    assert [near.as_classes(text) for text in texts] == ["42-5", "5-all", "all-42", "42-all", "tn", "tn", "tp.fn"]
    assert near.as_places(parse_selection("5-77", num_classes=100)) == "1-2"


def test_the_most_confused_with_a_class_count_both_ways() -> None:
    matrix = np.random.default_rng(5).integers(0, 9, (30, 30))
    both = matrix[4] + matrix[:, 4]
    found = metrics.most_confused_with(matrix, 4, limit=30)
    assert 4 not in found
    assert both[found].tolist() == sorted(np.delete(both, 4)[np.delete(both, 4) > 0].tolist(), reverse=True)


def test_the_one_way_pair_is_found_without_testing_each() -> None:
    """The bound leaves out no pair that Fisher's test would let through."""
    random = np.random.default_rng(6)
    matrix = random.poisson(3, (40, 40)) + np.diag(random.integers(50, 200, 40))
    matrix[3, 9], matrix[9, 3] = 40, 1
    evaluation = evaluate_predictions(Counts(matrix), num_classes=40)
    compared = 40 * 39 // 2
    found = next(each for each in find(evaluation) if isinstance(each, OneWay))
    support = matrix.sum(axis=1)
    exact = {
        (i, j): metrics.fisher_exact(matrix[i, j], support[i], matrix[j, i], support[j])
        for i in range(40)
        for j in range(i + 1, 40)
    }
    best = min(exact, key=lambda pair: exact[pair])
    assert {found.true, found.predicted} == set(best) == {3, 9}
    assert found.p == pytest.approx(exact[best] * compared)


@pytest.mark.parametrize("scores", [True, False])
def test_of_many_classes_the_reader_is_offered_the_true_one_and_likely_ones(scores: bool) -> None:
    run, matrix = recorded(scores=scores, images=True)
    page = open_page("lessons", lang="en", lesson="you")
    whole(page)
    assert "You choose among 10 of 100 classes" in words(page)
    seen = evaluate_predictions(store_here().predictions(run, "test"), num_classes=100).per_image
    assert seen is not None
    offered = part(page, "labelling")["view"]["offered"]
    for image, buttons in zip(hard_images(seen, 20), offered, strict=True):
        classes = [button["index"] for button in buttons]
        assert classes == sorted(set(classes))
        assert [button["key"] for button in buttons] == list("0123456789")
        assert {int(seen.labels[image]), int(seen.predicted[image])} <= set(classes)
        confused = matrix[seen.labels[image]] + matrix[:, seen.labels[image]]
        assert scores or np.argsort(-confused)[1] in classes
