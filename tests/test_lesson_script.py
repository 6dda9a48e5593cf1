"""The 30-minute lesson of docs/lesson.md: every link opens, and what is pointed at stands on a projector's screen."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mnistcore.runs.store import Store
from scripts.project import ROOT
from scripts.serving import serving
from tests.browser import turn, visit
from tests.runs import shown_content

PROJECTOR = {"width": 1280, "height": 720}
HERE = "http://localhost:8501/"
SCRIPTS = {"ja": ROOT / "docs" / "lesson.ja.md", "en": ROOT / "docs" / "lesson.md"}
BOARD = (".classes", ".formula", ".sentence")
# What the script points at, by the link beside it: selectors, each of which is on the screen without scrolling.
POINTED_AT = {
    "overview": ('.card:has-text("%")',),
    "confusion_matrix?cell=4-9&present=1": ('[data-sel="4-9"]',),
    "confusion_matrix?cell=4-all&present=1": ('[data-sel="4-all"]', '[data-sel="4-9"]'),
    "confusion_matrix?cell=all-9&present=1": ('[data-sel="all-9"]', '[data-sel="4-9"]'),
    "class_by_class?class=4&answer=hidden&present=1": ('[data-cell="9-9"]', "[data-tile=fn].unknown", ".hide"),
    "class_by_class?class=4&region=fn&present=1": (*BOARD, "[data-tile=fn]", '[data-cell="4-9"]', ".image >> nth=0"),
    "class_by_class?class=4&region=fp&present=1": (*BOARD, "[data-tile=fp]", '[data-cell="9-4"]', ".image >> nth=0"),
    "class_by_class?class=4&region=tn.wrong&present=1": (*BOARD, "[data-tile=tn]", ".filter", ".image >> nth=0"),
    "class_by_class?class=4&metric=recall&region=tp.fn&present=1": (*BOARD, '.total[data-part="4-all"].below'),
    "class_by_class?class=4&metric=precision&region=tp.fp&present=1": (*BOARD, '.total[data-part="all-4"].below'),
    "class_by_class?class=4&view=threshold&metric=precision&present=1": (
        *BOARD,
        ".slider",
        "[data-tile=fp]",
        ".dot >> nth=1",
    ),
    "class_by_class?class=4&metric=f1&region=tp&present=1": BOARD,
    "class_by_class?class=4&metric=accuracy&region=tn.wrong&present=1": (*BOARD, ".sum.whole.below"),
    "quiz?seed=7": ("h1",),
    "class_by_class?class=4&view=flow&present=1": (*BOARD, ".node.leaf >> nth=3"),
    "lessons": ("h1",),
}


def links(language: str) -> list[str]:
    return re.findall(re.escape(f"]({HERE}") + r"([^)]+)\)", SCRIPTS[language].read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    artifacts: Path = tmp_path_factory.mktemp("lesson-artifacts")
    Store(artifacts / "runs").save(shown_content(mistakes=0.4))
    with serving(artifacts=artifacts) as served:
        yield served.url


def test_both_scripts_open_the_same_in_the_same_order() -> None:
    assert links("ja") == links("en")
    assert set(links("ja")) == set(POINTED_AT)


def test_what_the_script_points_at_is_on_the_screen(server: str, page: Page) -> None:
    """Each link is opened in the one language, and leads to the same in the other, whose lines break elsewhere."""
    page.set_viewport_size(PROJECTOR)  # type: ignore[arg-type]
    for link in links("ja"):
        for language, go in (("ja", visit), ("en", turn)):
            go(page, f"{server}/{link}{'&' if '?' in link else '?'}lang={language}")
            for selector in POINTED_AT[link]:
                place = f"{link}, {language}: {selector}"
                found = page.locator(selector).first
                expect(found, place).to_be_visible()
                box = found.bounding_box()
                assert box is not None
                inside = (
                    box["y"] >= 0
                    and box["y"] + box["height"] <= 721
                    and box["x"] >= 0
                    and box["x"] + box["width"] <= 1281
                )
                assert inside, f"{place} is at {box}"
