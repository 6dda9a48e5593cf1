"""The lessons: the list, the guess in the URL, and each lesson before and after it, for runs of every kind."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import f1_score

from mnistcore import metrics
from mnistcore.datasets import label_votes
from mnistcore.evaluation.evaluation import evaluate_predictions
from mnistcore.evaluation.hard_images import hard_images
from mnistcore.evaluation.predictions import Predictions
from mnistcore.runs.content import RunContent
from mnistcore.runs.manifest import ClassRecord
from mnistcore.training.presets import make_config
from scripts.toys import toy_content
from tests.here import store_here
from tests.runs import as_kind, numbers, shown_content
from tests.visits import LANGUAGES, html, open_page, part, unescaped, whole, words
from ui import cache
from ui.checkpoint import first_run
from ui.lessons.catalogue import LESSONS
from ui.lessons.lesson import Question
from ui.lessons.options import counts_around
from ui.texts import render

pytestmark = pytest.mark.usefixtures("no_cached_pages")


def counts_only(counts: list[list[int]], *, long_names: bool = False) -> RunContent:
    """A run of which only these counts are known."""
    content = toy_content(num_classes=len(counts))
    sizes = dict.fromkeys(("train", "validation", "test"), int(np.sum(counts)))
    changes: dict[str, Any] = {"sizes": sizes}
    if long_names:
        names = [
            ClassRecord(ja=f"とても長い名前のクラス {i}", en=f"A class with a long name {i}")
            for i in range(len(counts))
        ]
        changes["classes"] = tuple(names)
    matrices = np.array([counts] * len(content.epochs_kept))
    return replace(
        content,
        dataset=content.dataset.model_copy(update=changes),
        predictions=dict.fromkeys(content.predictions, (None, matrices)),
        kinds=dict.fromkeys(content.predictions, "counts"),
    )


# ---------------------------------------------------------------- the list and the way through it


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_lesson_stands_on_the_list_with_its_line(language: str) -> None:
    store_here().save(shown_content())
    page = open_page("lessons", lang=language)
    whole(page)
    for name in LESSONS:
        assert render(f"lesson_{name}.title", language) in unescaped(page.button(key=f"open_{name}").label)


def test_a_card_opens_its_lesson_and_the_list_is_a_click_away() -> None:
    store_here().save(shown_content())
    page = open_page("lessons", lang="en")
    page.button(key="open_misleading").click().run()
    assert page.query_params["lesson"] == "misleading"
    page.button(key="lesson_list").click().run()
    assert "lesson" not in page.query_params
    assert page.button(key="open_misleading")


def test_a_lesson_that_is_not_there_is_told_and_the_list_shown() -> None:
    store_here().save(shown_content())
    page = open_page("lessons", lang="en", lesson="astrology")
    assert "There is no lesson “astrology”" in page.warning[0].value.replace("\\", "")
    assert page.button(key="open_misleading")


# ---------------------------------------------------------------- the guess


def test_a_guess_shows_the_answer_and_stands_in_the_url() -> None:
    store_here().save(shown_content())
    page = open_page("lessons", lang="en", lesson="misleading")
    assert "In fact" not in words(page)
    first = next(button for button in page.main.button if (button.key or "").startswith("answer_"))
    first.click().run()
    assert page.query_params["guess"] == str(first.key).removeprefix("answer_")
    assert "In fact" in words(page)
    page.button(key="lesson_again").click().run()
    assert "guess" not in page.query_params
    assert "In fact" not in words(page)


def test_another_lesson_begins_without_the_guess() -> None:
    store_here().save(shown_content())
    page = open_page("lessons", lang="en", lesson="misleading")
    next(button for button in page.main.button if (button.key or "").startswith("answer_")).click().run()
    page.button(key="lesson_list").click().run()
    assert "guess" not in page.query_params


def test_a_guess_that_is_no_option_is_told() -> None:
    store_here().save(shown_content())
    page = open_page("lessons", lang="en", lesson="misleading", guess="many")
    assert "not among the options" in page.warning[0].value
    assert "In fact" not in words(page)


def test_a_question_whose_right_option_is_missing_is_refused() -> None:
    given: dict[str, Any] = {"text": "?", "draw": lambda guess: None, "why": ""}
    with pytest.raises(ValueError, match="the right ones among them"):
        Question(options={"1": "one"}, right=("2",), **given)
    with pytest.raises(ValueError, match="without a point"):
        Question(options={"1.5": "one and a half"}, right=("1.5",), **given)


@pytest.mark.parametrize("most", [0, 1, 2, 10, 1000])
def test_counts_to_choose_from_hold_the_right_one(most: int) -> None:
    for right in range(min(most, 40) + 1):
        options = counts_around(right, most=most, tempting=(most // 50,))
        assert options == sorted(set(options))
        assert right in options
        assert 0 <= options[0] <= options[-1] <= most
        assert len(options) == min(4, most + 1)


# ---------------------------------------------------------------- every lesson, for runs of every kind


def any_guess(page: Any) -> str | None:
    """An option that is offered; None where there are no buttons."""
    keys = [str(button.key) for button in page.main.button if (button.key or "").startswith("answer_")]
    return keys[0].removeprefix("answer_") if keys else None


KINDS: dict[str, Callable[[], RunContent]] = {
    "everything": shown_content,
    "no scores": lambda: as_kind(shown_content(), "labels"),
    "counts only": lambda: as_kind(shown_content(), "counts"),
    "no images": lambda: toy_content(num_classes=3),
    "no mistakes": lambda: counts_only([[5, 0], [0, 5]]),
    "two classes": lambda: counts_only([[50, 9], [4, 80]]),
    "one class without images": lambda: counts_only([[0, 0, 0], [1, 3, 0], [0, 2, 5]]),
    "never predicted": lambda: shown_content(never=7),
    "47 classes with long names": lambda: counts_only(
        (np.eye(47, dtype=int) * 30 + np.eye(47, k=1, dtype=int)).tolist(), long_names=True
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_lesson_is_drawn_or_says_why_not(kind: str) -> None:
    store_here().save(KINDS[kind]())
    page = open_page("lessons", lang="en")
    whole(page)
    for name in LESSONS:
        page.query_params["lesson"] = name
        page.button(key=f"open_{name}").click().run()
        whole(page)
        assert not page.warning
        while (guess := any_guess(page)) is not None:  # each part of the question
            page.button(key=f"answer_{guess}").click().run()
            whole(page)
        page.button(key="lesson_list").click().run()


# ---------------------------------------------------------------- single lessons


def test_one_image_of_the_most_confused_pair_is_asked_and_six_are_put_in_their_place() -> None:
    content = shown_content()
    store_here().save(content)
    labels, logits = content.predictions["test"]
    pairs = Counter(
        pair for pair in zip(labels.tolist(), logits[-1].argmax(axis=1).tolist(), strict=True) if len({*pair}) == 2
    )
    page = open_page("lessons", lang="en", lesson="axes")
    truth, called = map(int, re.findall(r"<b>(\d+)</b>", html(page, "asked")))
    assert pairs[truth, called] == max(pairs.values())
    page.button(key="answer_row").click().run()
    asked = []
    while (guess := any_guess(page)) is not None:
        picture = html(page, "asked")
        true_class, called = (int(name) for name in re.findall(r"<b>(\d+)</b>", picture))
        outcome = ("t" if (true_class == truth) == (called == truth) else "f") + ("p" if called == truth else "n")
        asked.append(outcome)
        assert guess in metrics.OUTCOMES
        page.button(key=f"answer_{outcome}").click().run()
    assert len(asked) == 6
    assert set(asked) == set(metrics.OUTCOMES)
    assert "7 of 7" in html(page, "verdict")
    assert html(page, "placed").count('class="hit"') == 6


def test_the_denominators_are_those_of_the_class_where_they_differ_most() -> None:
    store_here().save(
        counts_only([[6, 4, 0], [0, 90, 0], [1, 0, 99]])
    )  # rows have 10, 90, 100 images, columns 7, 94, 99
    page = open_page("lessons", lang="en", lesson="denominators", guess="1-all.all-1")
    assert "2 of 2" in html(page, "verdict")
    assert "90" in words(page)
    assert "94" in words(page)
    page = open_page("lessons", lang="en", lesson="denominators", guess="all-1.1-all")
    assert "0 of 2" in html(page, "verdict")


def test_the_parts_of_an_average_add_up_to_it() -> None:
    counts = [[6, 4, 0], [0, 90, 0], [1, 0, 99]]
    store_here().save(counts_only(counts))
    page = open_page("lessons", lang="en", lesson="averages", guess="micro")
    truth, predicted = np.repeat(np.indices((3, 3)).reshape(2, 9), np.ravel(counts), axis=1)
    body = html(page, "averages")
    for name, bar in zip(("macro", "weighted", "micro"), re.findall(r"<section>.*?</section>", body), strict=True):
        ours = f1_score(truth, predicted, average=name)
        parts = [float(width) for width in re.findall(r"width:([\d.]+)%", bar)]
        assert sum(parts) == pytest.approx(100 * ours, abs=0.001)
        assert f"{100 * ours:.2f}%" in bar
    assert f"{195 / 200:.2%}" in body  # micro F1 is the accuracy


def test_the_sure_mistakes_are_counted_and_the_calibration_error_is_that_of_its_definition() -> None:
    content = shown_content()
    store_here().save(content)
    labels, logits = (part.astype(float) for part in content.predictions["test"])
    scores = softmax(logits[-1], axis=1)
    confidence, wrong = scores.max(axis=1), scores.argmax(axis=1) != labels
    sure = confidence >= 0.9
    page = open_page("lessons", lang="en", lesson="confidence", guess=str(int((wrong & sure).sum())))
    assert "Right" in html(page, "verdict")
    bins = np.minimum((confidence * 10).astype(int), 9)
    error = sum(
        (bins == each).mean() * abs((~wrong)[bins == each].mean() - confidence[bins == each].mean())
        for each in np.unique(bins)
    )
    assert f"{error:.2%}" in words(page)


def test_the_labels_that_people_would_change_are_counted_anew() -> None:
    random, votes = np.random.default_rng(3), label_votes.label_votes()
    labels = random.integers(0, 10, label_votes.SIZE)
    labels[[vote.index for vote in votes]] = [vote.given for vote in votes]
    called = np.where(random.random(len(labels)) < 0.05, (labels + 1) % 10, labels)
    for vote in votes[::2]:
        called[vote.index] = vote.suggested
    content = toy_content(config=make_config("mnist", "mlp", "handout", epochs=1), num_classes=10)
    logits = 5 * np.eye(10, dtype=np.float32)[called][None]
    sizes = content.dataset.sizes | {"test": len(labels)}
    store_here().save(
        replace(
            content,
            dataset=content.dataset.model_copy(update={"name": "mnist", "sizes": sizes}),
            predictions=content.predictions | {"test": (labels, logits)},
        )
    )
    judged, undecided = labels.copy(), []
    for vote in votes:
        if 2 * vote.for_suggested > vote.raters:
            judged[vote.index] = vote.suggested
        elif 2 * vote.for_given <= vote.raters:
            undecided.append(vote.index)
    after = int(np.delete(judged != called, undecided).sum())
    before = int((labels != called).sum())
    assert after != before
    page = open_page("lessons", lang="en", lesson="doubtful_labels", guess=str(after))
    assert "Right" in html(page, "verdict")
    assert f"{after} of {len(labels) - len(undecided):,}" in html(page, "numbers").replace("<b>", "").replace(
        "</b>", ""
    )
    page = open_page("lessons", lang="en", lesson="doubtful_labels", guess=str(after), labels="given")
    assert f"{before} of {len(labels):,}" in html(page, "numbers").replace("<b>", "").replace("</b>", "")


def test_the_misses_of_the_class_that_is_flattered_most_are_asked() -> None:
    store_here().save(counts_only([[6, 4, 0], [0, 90, 0], [1, 0, 99]]))
    page = open_page("lessons", lang="en", lesson="misleading", guess="4")
    assert "Right" in html(page, "verdict")
    assert "Recall is **60" in words(page).replace("\\", "")
    assert "4 of 10" in words(page).replace("*", "")


def test_the_metric_that_falls_most_with_a_rare_class_is_right() -> None:
    store_here().save(counts_only([[180, 20], [30, 770]]))
    page = open_page("lessons", lang="en", lesson="accuracy_trap")
    view = part(page, "prevalence")["view"]
    assert (view["thins"], view["kept"]) == (False, 200)
    page.button(key="answer_precision").click().run()
    assert "Right" in html(page, "verdict")
    # Two of 200 are left: 1.8 true positives beside 30 false ones.
    assert "Precision: 85.7% → 5.7%" in words(page).replace("*", "")
    view = part(page, "prevalence")["view"]
    assert (view["thins"], view["kept"]) == (True, 2)


def test_counts_of_the_url_are_set_and_a_matrix_can_be_pasted() -> None:
    store_here().save(counts_only([[180, 20], [30, 770]]))
    page = open_page("lessons", lang="en", lesson="own_counts", guess="0", counts="20.80.1.899")
    assert part(page, "counts_editor")["counts"] == [20, 80, 1, 899]
    page.text_area(key="own_matrix").set_value("cat\tdog\n5\t1\n2\t4").run()
    assert part(page, "counts_editor")["counts"] == [5, 1, 2, 4]
    assert page.query_params["matrix"] == "5 1/2 4"
    page.text_area(key="own_matrix").set_value("5 1 2").run()
    assert "1 row and 3 columns" in page.warning[0].value
    assert part(page, "counts_editor")["counts"] == [5, 1, 2, 4]


def test_counts_that_are_none_are_told() -> None:
    store_here().save(counts_only([[180, 20], [30, 770]]))
    page = open_page("lessons", lang="en", lesson="own_counts", guess="0", counts="1.2.3")
    assert "Expected are the counts of TP, FN, FP and TN" in page.warning[0].value
    assert part(page, "counts_editor")["counts"] == [0, 10, 0, 990]


def test_the_film_holds_every_epoch_and_stands_at_the_chosen_one() -> None:
    content = shown_content(epochs=3)
    store_here().save(content)
    page = open_page("lessons", lang="en", lesson="epochs", epoch="2")
    assert [frame["epoch"] for frame in part(page, "epoch_film")["view"]["frames"]] == [1]
    labels, logits = content.predictions["test"]
    right = logits.argmax(axis=2) == labels
    forgotten = int((right[0] & ~right[2]).sum())
    page.button(key=f"answer_{forgotten}").click().run()
    assert "Right" in html(page, "verdict")
    shown = part(page, "epoch_film")
    assert shown["selected"] == 2
    assert [frame["epoch"] for frame in shown["view"]["frames"]] == [1, 2, 3]
    assert shown["view"]["frames"][2]["learned"]["count"] == int((~right[1] & right[2]).sum())
    assert shown["view"]["frames"][2]["correct"] == int(right[2].sum())


def test_a_quarter_of_the_images_makes_the_interval_twice_as_wide() -> None:
    store_here().save(counts_only([[450, 50], [40, 460]]))
    page = open_page("lessons", lang="en", lesson="scatter")
    page.button(key="answer_double").click().run()
    assert "Right" in html(page, "verdict")
    assert "a factor of 2.0" in words(page).replace("*", "")
    page.button(key="scatter_dice").click().run()
    assert page.query_params["dice"] == "1"
    first = words(page)
    assert "This time:" in first
    assert "of 250" in first


def test_the_reader_stands_beside_the_model_and_on_the_board_of_the_class() -> None:
    content = shown_content()
    store_here().save(content)
    page = open_page("lessons", lang="en", lesson="you")
    view = part(page, "labelling")["view"]
    assert (view["count"], view["offered"][0][4]) == (20, {"index": 4, "name": "4", "key": "4"})
    seen = evaluate_predictions(Predictions(*numbers(content).values()), num_classes=10).per_image
    assert seen is not None
    asked = hard_images(seen, 20)
    truth = [str(label) for label in seen.labels[asked]]
    mine = [*truth[:19], str((int(truth[19]) + 1) % 10)]  # the last one wrong
    page = open_page("lessons", lang="en", lesson="you", guess=".".join(mine))
    whole(page)
    assert "19 of 20 (accuracy 95.0%" in words(page)
    model = int((seen.predicted[asked] == seen.labels[asked]).sum())
    assert f"{model} of 20" in words(page)
    page.button(key="class_open").click().run()
    page.button(key="class_hand_in").click().run()
    assert "People: 1. Together 19 of 20" in words(page)
    page.button(key="class_end").click().run()
    assert page.button(key="class_open")


def chance_content() -> RunContent:
    """The same network as `shown_content`, as if trained on shuffled labels."""
    content = shown_content(seed=5, mistakes=0.9, epochs=1)
    config = make_config("digits", "mlp", "handout", seed=0, epochs=1, labels="shuffled")
    return replace(content, origin=content.origin.model_copy(update={"config": config}))


def test_chance_is_shown_once_it_was_trained_and_until_then_a_button() -> None:
    store_here().save(shown_content())
    page = open_page("lessons", lang="en", lesson="chance")
    assert "mlp" in page.button(key="chance_train").label
    store_here().save(chance_content())
    cache.forget_runs()  # what was listed less than half a second ago
    page = open_page("lessons", lang="en", lesson="chance")
    assert "shuffled" in words(page)
    page.button(key="answer_1000").click().run()  # a tenth, of ten classes
    assert "Right" in html(page, "verdict")
    assert words(page).count("Rows: true class") == 2  # the hard matrix and the soft one


def test_a_run_on_shuffled_labels_is_not_what_is_shown_first() -> None:
    store = store_here()
    blind = store.save(chance_content())
    assert first_run(store.listing().runs).run_id == blind.run_id
    shown = store.save(shown_content())
    assert first_run(store.listing().runs).run_id == shown.run_id
    assert first_run((blind, shown)).run_id == shown.run_id
