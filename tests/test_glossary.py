"""ui.glossary and its page: what the terms say, the numbers in the tables, and one sheet of paper."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sklearn import metrics as oracle
from streamlit.testing.v1 import AppTest

from mnistcore.metrics.definitions import OUTCOMES
from mnistcore.runs.content import RunContent
from mnistcore.runs.store import Store
from scripts.serving import serving
from tests.browser import visit
from tests.here import store_here
from tests.runs import numbers, shown_content
from tests.visits import LANGUAGES, html, open_page, part, whole, words
from ui import glossary
from ui.texts import TEXTS

pytestmark = pytest.mark.usefixtures("no_cached_pages")


def rows(page: AppTest) -> dict[str, list[str]]:
    """Term -> the cells of its row in one of the tables, as they are read."""
    found = re.findall(r'<tr id="term-(\w+)">(.*?)</tr>', html(page, "glossary"))
    return {
        name: [unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall("<td>(.*?)</td>", row)]
        for name, row in found
    }


def test_a_term_has_a_name_and_a_meaning_once() -> None:
    assert len(set(glossary.TERMS)) == len(glossary.TERMS) > 40
    meanings = [TEXTS[f"glossary.{name}.text"] for name in glossary.TERMS]
    assert len(set(meanings)) == len(meanings)


def test_a_text_marks_each_term_where_it_first_stands() -> None:
    marked = glossary.marked("<b> 再現率と信頼区間。再現率", "interval", "recall", "kappa")
    assert marked.startswith("&lt;b&gt; <button")
    assert re.findall(r'data-term="(\w+)">([^<]*)<', marked) == [("recall", "再現率"), ("interval", "信頼区間")]
    assert re.sub(r"</?button[^>]*>", "", marked) == "&lt;b&gt; 再現率と信頼区間。再現率"


def test_formulas_name_what_is_divided_by_what() -> None:
    assert glossary.formula("accuracy") == "(TP + TN) / (TP + FN + FP + TN)"
    assert glossary.formula("specificity") == "TN / (TN + FP)"


@pytest.fixture
def stored() -> RunContent:
    content = shown_content(mistakes=0.3)
    store_here().save(content)
    return content


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_hold_the_numbers_of_the_chosen_class(language: str, stored: RunContent) -> None:
    page = open_page("glossary", lang=language, **{"class": 4})
    whole(page)
    found, made = rows(page), numbers(stored)
    labels, classes = made["labels"], made["logits"].argmax(axis=1)
    true, predicted = labels == 4, classes == 4
    tn, fp, fn, tp = oracle.confusion_matrix(true, predicted).ravel().tolist()
    counts = [re.sub(r"\D", "", found[name][-1]) for name in OUTCOMES]
    assert counts == [str(count) for count in (tp, fn, fp, tn)]
    assert found["recall"][-1] == f"{tp}\u00a0/\u00a0{tp + fn}=\u00a0{tp / (tp + fn):.2%}"
    assert found["f1"][-1] == f"{2 * tp}\u00a0/\u00a0{2 * tp + fp + fn}=\u00a0{oracle.f1_score(true, predicted):.2%}"
    assert found["overall"][-1].endswith(f"{oracle.accuracy_score(labels, classes):.2%}")
    assert set(re.findall(r'id="term-(\w+)"', html(page, "glossary"))) == set(glossary.TERMS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_checkpoint_the_words_are_there(language: str) -> None:
    page = open_page("glossary", lang=language)
    whole(page)
    assert list(rows(page)) == [*OUTCOMES, *glossary.METRICS]
    assert not page.selectbox
    assert not page.error


def test_every_page_can_explain_every_term(stored: RunContent) -> None:
    page = open_page("overview", lang="en")
    bodies = [element.proto.body for element in page.main if element.type in ("html", "markdown")]
    marked = set(re.findall(r'data-term="(\w+)"', "\n".join(bodies)))
    given = part(page, "terms")["view"]["terms"]
    assert set(given) == set(glossary.TERMS)
    assert {"overall", "macro", "kappa", "interval", "validation", "seed"} <= marked <= set(given)
    assert given["kappa"]["title"] == "Cohen’s kappa"
    assert "Recall" in words(page)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    artifacts: Path = tmp_path_factory.mktemp("glossary-artifacts")
    Store(artifacts / "runs").save(shown_content(mistakes=0.3))
    with serving(artifacts=artifacts) as running:
        yield running.url


def test_a_word_explains_itself_and_the_glossary_fits_on_a_sheet(server: str, page: Page) -> None:
    visit(page, f"{server}/confusion_matrix?lang=en&cell=4-9")
    note = page.locator(".term-note")
    word = page.locator('[data-term="true_class"]')
    word.hover()
    expect(note).to_contain_text("labelled with")
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    word.click()
    page.mouse.move(600, 850)
    expect(note).to_be_visible()
    note.get_by_role("link").click()
    expect(page.locator("#term-true_class.sought")).to_be_in_viewport()
    for language, scheme in (("ja", "dark"), ("en", "light")):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        visit(page, f"{server}/glossary?lang={language}&class=4")
        page.locator(".glossary").wait_for()
        sheet = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type /Page\b", sheet)) == 1, language
