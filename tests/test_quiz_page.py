"""The quiz page and predicting in front of a view, run by Streamlit's own AppTest."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnistcore import stored_runs
from mnistcore.quiz.asked import in_words
from mnistcore.quiz.kinds import ask
from mnistcore.quiz.questions import Question
from mnistcore.runs.content import RunContent
from tests.here import store_here
from tests.runs import as_kind, numbers, shown_content
from tests.visits import open_page, whole, words
from ui.quiz import COUNT
from ui.texts import render

pytestmark = pytest.mark.usefixtures("no_cached_pages")

NAMES = [str(digit) for digit in range(10)]


def questions(seed: int = 7) -> tuple[Question, ...]:
    run = store_here().save(shown_content()).run_id
    return ask(stored_runs.evaluate(run, store=store_here()).numbers, seed=seed, count=COUNT)


def give(page: AppTest, question: Question, answer: str) -> None:
    if question.unit:
        page.text_input(key="quiz_text").set_value(answer).run()
    else:
        page.button(key=f"quiz_{answer}").click().run()
    whole(page)


def another(question: Question) -> str:
    """An answer that is not the right one."""
    return "1234" if question.unit else next(option for option in question.options if option != question.answer)


def test_ten_questions_are_answered_explained_and_counted() -> None:
    asked = questions()
    page = open_page("quiz", lang="en", seed=7)
    for number, question in enumerate(asked):
        told = in_words(question, "en", NAMES)
        assert told.prompt in words(page)
        assert told.reason not in words(page)
        give(page, question, question.answer if number < 6 else another(question))
        assert told.reason in words(page)
        assert page.query_params["given"].startswith(question.answer if number < 6 else another(question))
        page.button(key="quiz_next").click().run()
    whole(page)
    assert page.query_params["question"] == "score"
    assert "6 of 10 right." in words(page)
    page.button(key="quiz_review").click().run()
    assert in_words(asked[0], "en", NAMES).reason in words(page), "what was answered stays answered"
    page.switch_page("pages/quiz.py").run()
    page.button(key="quiz_next").click().run()
    whole(page)


def test_a_link_shows_an_answer_and_counts_nothing() -> None:
    question = questions()[0]
    first = open_page("quiz", lang="en", seed=7)
    give(first, question, question.answer)
    linked = open_page("quiz", lang="en", seed=7, given=first.query_params["given"])
    whole(linked)
    assert not linked.warning
    assert in_words(question, "en", NAMES).reason in words(linked)
    score = open_page("quiz", lang="en", seed=7, question="score")
    assert "0 of 10 right." in words(score)
    other = open_page("quiz", lang="en", seed=8, given=first.query_params["given"])
    assert len(other.warning) == 1, "an answer to another question is none to this one"
    assert other.button(key="quiz_next")


def test_what_is_no_number_is_said_and_asked_again() -> None:
    asked = questions()
    place = next(number for number, question in enumerate(asked) if question.unit)
    page = open_page("quiz", lang="en", seed=7, question=place + 1)
    page.text_input(key="quiz_text").set_value("many").run()
    whole(page)
    assert "cannot be read as a number" in page.warning[0].value
    assert "given" not in page.query_params or not page.query_params["given"]


def test_other_questions_have_the_next_number() -> None:
    questions()
    page = open_page("quiz", lang="en", seed=7, question="score")
    page.button(key="quiz_more").click().run()
    whole(page)
    assert page.query_params["seed"] == "8"
    assert "Question 1 of 10" in words(page)
    page = open_page("quiz", lang="en", seed="x", question="99")
    assert len(page.warning) == 2


def nothing_seen(content: RunContent) -> RunContent:
    """The same run, evaluated on no image."""
    labels, logits = content.predictions["test"]
    empty = {**content.predictions, "test": (labels[:0], logits[:, :0])}
    sizes = {**content.dataset.sizes, "test": 0}
    return replace(content, predictions=empty, dataset=replace_sizes(content, sizes))


def replace_sizes(content: RunContent, sizes: dict[str, int]) -> object:
    return content.dataset.model_copy(update={"sizes": sizes})


@pytest.mark.parametrize("kind", ["labels", "counts", "no images"])
def test_a_run_of_which_less_is_known_is_asked_about_less(kind: str) -> None:
    content = shown_content()
    store_here().save(nothing_seen(content) if kind == "no images" else as_kind(content, kind))
    for number in (*range(1, 10), "score"):
        page = open_page("quiz", lang="ja", seed=3, question=number)
        whole(page)
        if kind == "no images":
            assert render("quiz.nothing", "ja") in words(page)
            break


# ---------------------------------------------------------------- predicting first


@pytest.mark.parametrize(
    ("name", "shown"),
    [("overview", "Macro F1"), ("class_by_class", "FN"), ("misclassified", "fit the filters")],
)
def test_a_view_is_covered_until_a_number_is_guessed(name: str, shown: str) -> None:
    content = shown_content()
    store_here().save(content)
    labels, logits = numbers(content).values()
    predicted, top = logits.argmax(axis=1), np.exp(logits - logits.max(axis=1, keepdims=True))
    right, confident = labels == predicted, 1 / top.sum(axis=1) >= 0.9
    actual = {
        "overview": f"{right.mean():.2%} ({right.sum():,} of {len(labels):,})",
        "class_by_class": f"{right[labels == 3].mean():.2%} ({right[labels == 3].sum()} of {(labels == 3).sum()})",
        "misclassified": f"{(~right & confident).sum()} (of {(~right).sum()} misclassified)",
    }[name]
    page = open_page(name, lang="en", predict=1, **({"class": 3} if name == "class_by_class" else {}))
    whole(page)
    assert shown not in words(page)
    assert actual not in words(page)
    page.text_input(key="prediction_text").set_value("50").run()
    whole(page)
    assert actual in words(page)
    if name != "class_by_class":  # whose board is a part of the browser's
        assert shown in words(page)
    page.button(key="prediction_again").click().run()
    assert actual not in words(page)
    page.button(key="prediction_skip").click().run()
    whole(page)
    assert "predict" not in page.query_params or not page.query_params["predict"]


def test_the_matrix_is_covered_until_a_pair_is_guessed() -> None:
    content = shown_content()
    store_here().save(content)
    labels, logits = numbers(content).values()
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (labels, logits.argmax(axis=1)), 1)
    np.fill_diagonal(matrix, 0)
    page = open_page("confusion_matrix", lang="en", predict=1)
    options = [button for button in page.button if str(button.key).startswith("predict_")]
    assert len(options) == 6
    assert "Cells show" not in [group.label for group in page.button_group]
    options[0].click().run()
    whole(page)
    assert f"({matrix.max()} images)" in words(page)


def test_the_switch_turns_it_on_and_other_pages_are_not_covered() -> None:
    store_here().save(shown_content())
    page = open_page("overview", lang="en")
    page.sidebar.toggle(key="predict_switch").set_value(True).run()
    whole(page)
    assert page.query_params["predict"] == "1"
    assert page.text_input(key="prediction_text")
    page.switch_page("pages/quiz.py").run()
    whole(page)
    assert "Question 1 of 10" in words(page)
    assert not page.sidebar.toggle


@pytest.mark.parametrize(
    ("name", "kind"), [("misclassified", "labels"), ("misclassified", "counts"), ("overview", "none")]
)
def test_where_there_is_nothing_to_predict_the_view_says_so(name: str, kind: str) -> None:
    content = shown_content()
    store_here().save(nothing_seen(content) if kind == "none" else as_kind(content, kind))
    page = open_page(name, lang="en", predict=1)
    whole(page)
    assert render(f"prediction.nothing.{name}", "en") in words(page)
