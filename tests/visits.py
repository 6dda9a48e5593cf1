"""Owns visits to the pages without a browser: opening one, and what its reader sees."""

import json
import re
from html import unescape
from typing import Any

from streamlit.testing.v1 import AppTest

from scripts.project import ROOT
from ui.navigation import PAGES
from ui.texts import render

CHECKPOINT_PAGES = tuple(name for name, page in PAGES.items() if page.needs_checkpoint)
LANGUAGES = ("ja", "en")
TEXT_ELEMENTS = ("title", "header", "caption", "markdown", "info", "warning", "error", "success", "alert", "code")
FAULTS = {render(f"problem.fault.{part}", language) for part in ("page", "fragment") for language in LANGUAGES}
SECONDS = 60  # far more than a page takes, for a machine that is busy with something else


def open_page(name: str, **address: object) -> AppTest:
    """A new visitor whose first request is this page, with these parameters in the address."""
    page = AppTest.from_file(ROOT / "dashboard.py", default_timeout=SECONDS)
    page.query_params.update({key: str(value) for key, value in address.items()})
    return page.switch_page(PAGES[name].file).run()


def unescaped(text: str) -> str:
    """What a reader sees of Markdown that means nothing; see `ui.format.markdown`."""
    return re.sub(r"\\([^\w\s])", r"\1", text).replace("\u2060", "")


def words(page: AppTest) -> str:
    """Everything that a reader sees on the page, without HTML's tags; the sidebar is not part of it."""
    texts = []
    for element in page.main:
        if element.type == "html":
            texts.append(re.sub(r"<script.*?</script>|<style.*?</style>", " ", element.proto.body, flags=re.DOTALL))
        elif element.type in TEXT_ELEMENTS:
            texts.append(str(element.value))
    text = re.sub(r"</?button[^>]*>", "", "\n".join(texts))  # a word that explains itself stands inside a sentence
    return unescape(re.sub(r"<[^>]*>", " ", unescaped(text)))


def html(page: AppTest, css_class: str) -> str:
    """The page's own HTML that holds a class."""
    bodies = [element.proto.body for element in page.main if element.type == "html"]
    return next(body for body in bodies if f'class="{css_class}"' in body)


def part(page: AppTest, name: str) -> dict[str, Any]:
    """What the browser part ``name`` is given."""
    given = [element.proto for element in page.main if element.type == "bidi_component"]
    return json.loads(next(proto.json for proto in given if proto.component_name == f"mnist_{name}"))


def whole(page: AppTest) -> None:
    """The page was drawn to its end."""
    assert not page.exception, [error.message for error in page.exception]
    assert len(page.title) == 1
    assert not [error.value for error in page.error if error.value in FAULTS], "an error that nobody expected"


def curve(run_id: str, **address: object) -> dict[tuple[str, str], list[float]]:
    """(line, chart) -> what is drawn of a run's learning curve in English; empty where there is none."""
    page = open_page("overview", lang="en", run=run_id, **address)
    whole(page)
    assert not page.error
    if "Learning curve" not in [header.value for header in page.header]:
        return {}
    figure = next(json.loads(element.proto.spec) for element in page.main if element.type == "plotly_chart")
    charts = {"x": "accuracy", "x2": "loss"}
    return {(trace["name"], charts[trace.get("xaxis", "x")]): trace["y"] for trace in figure["data"]}
