"""Names that mean something to a browser, in a real Chromium: what is shown is the name itself, and nothing else."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page

from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace
from scripts.addresses import ADDRESS
from scripts.project import ROOT
from tests import hostile
from tests.browser import Dashboard, leave, settle, visit
from tests.hostile import CONTROLS, EVIL, NAMES
from tests.markdown_app import PLACES
from ui.labels import plain
from ui.navigation import PAGES, PARAMETERS

SECONDS = 120

# Of each place, the words in it, and whatever is more than a paragraph of them.
SHOWN = """() => Object.fromEntries([...document.querySelectorAll("[class*='st-key-']")].flatMap(place => {
  const key = [...place.classList].find(name => name.startsWith("st-key-")).slice(7)
  const texts = [...place.querySelectorAll("[data-testid=stMarkdownContainer], [data-testid=stCaptionContainer]")]
  if (!texts.length) return []
  const shown = texts.at(-1)
  const more = [...shown.querySelectorAll("*")].filter(each => !["P", "STRONG", "H2", "DIV", "SPAN"].includes(each.tagName)
    || each.hasAttribute("style") || each.matches("[data-testid=stIconMaterial], .katex"))
  return [[key, [shown.textContent, more.map(each => each.outerHTML), shown.querySelectorAll("p, h2").length]]]
}))"""

# Wherever a document, or a part of one, leads out, runs something of somebody else's, or holds signs that nobody sees.
FOREIGN = """([host, controls]) => {
  const found = [], unseen = new RegExp(controls, "g")
  const look = root => {
    for (const each of root.querySelectorAll("*")) {
      for (const { name, value } of each.attributes) {
        if (/^on/.test(name)) found.push(`${each.tagName} ${name}`)
        if (["href", "src", "srcset", "action", "poster", "content"].includes(name)) {
          let to = null
          try { to = new URL(value.split(" ")[0], location.href) } catch { continue }
          if (to.host.includes(host) || to.protocol === "javascript:") found.push(`${each.tagName} ${name} ${value}`)
        }
        for (const sign of value.match(unseen) ?? []) found.push(`${each.tagName} ${name} ${JSON.stringify(sign)}`)
      }
      for (const node of each.childNodes)
        if (node.nodeType === Node.TEXT_NODE)
          for (const sign of node.data.match(unseen) ?? []) found.push(`${each.tagName} ${JSON.stringify(sign)} ${node.data}`)
      if (each.shadowRoot) look(each.shadowRoot)
    }
  }
  look(document)
  for (const each of document.querySelectorAll("[data-testid=stMain] :is(h1, h2, h3, h4)"))
    if (["heading", "x"].includes(each.textContent.trim())) found.push(each.outerHTML)
  return found
}"""


@contextmanager
def markdown_page() -> Iterator[str]:
    """The address of a server of Streamlit's own that shows `tests.markdown_app`."""
    import socket

    with socket.create_server((ADDRESS, 0)) as listening:
        port = listening.getsockname()[1]
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(ROOT / "tests" / "markdown_app.py")),
        *("--server.port", str(port), "--server.address", ADDRESS, "--server.headless", "true"),
        *("--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"),
    ]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError), urllib.request.urlopen(f"http://{ADDRESS}:{port}/_stcore/health", timeout=5):
                break
            time.sleep(0.1)
        yield f"http://{ADDRESS}:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_every_name_is_itself_wherever_markdown_is_read(page: Page) -> None:
    with markdown_page() as url:
        page.goto(url)
        page.wait_for_selector(f".st-key-segment-{len(NAMES) - 1}", timeout=SECONDS * 1000)
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=SECONDS * 1000)
        page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")
        found = page.evaluate(SHOWN)
        wrong = []
        for number, name in enumerate(NAMES):
            for place in PLACES:
                text, more, paragraphs = found[f"{place}-{number}"]
                expected = f"see {plain(name)} here" if place == "sentence" else plain(name)
                if text.replace("\u2060", "").strip() != expected.strip() or more or paragraphs != 1:
                    wrong.append((place, name, text, more))
        leave(page)
        assert wrong == []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    folder = tmp_path_factory.mktemp("names") / "artifacts"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNISTCORE_ARTIFACTS", str(folder))
        patch.setenv("MNISTCORE_DATA", str(folder / "data"))
        fill(Workspace.from_environment(), folder.parent / "pictures")
        shared = Dashboard(folder)
        yield shared
        shared.end()


def fill(where: Workspace, pictures: Path) -> None:
    store = Store(where.runs)
    worst = [name for name in NAMES if EVIL in name or CONTROLS.search(name)]
    for start in (0, 12):
        hostile.record_named(tuple(worst[start : start + 12]), store=store, name=f"{start} ![x](http://{EVIL}/r.png)")
    hostile.record_named(NAMES, store=store)
    hostile.train_named(NAMES, store=store)
    hostile.damage_named(NAMES, where.runs)
    hostile.damage_named(NAMES, where.jobs)
    hostile.add_named(NAMES[:12], pictures, where)


def foreign(page: Page) -> list[str]:
    # The hidden inputs hold what the address says, letter by letter.
    return [each for each in page.evaluate(FOREIGN, [EVIL, CONTROLS.pattern]) if not re.match(r"INPUT value ", each)]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_link_a_picture_or_an_unseen_sign_of_a_name(page: Page, server: Dashboard, name: str) -> None:
    """Nor does it fetch anything from outside, which the fixture of the page looks after."""
    runs = Store(Path(server.artifacts) / "runs").listing().runs if PAGES[name].needs_checkpoint else ()
    for run in (*(run.run_id for run in runs), ""):
        visit(page, f"{server.url}/{name}?lang=en&run={run}")
        for summary in page.query_selector_all("[data-testid=stMain] details:not([open]) > summary"):
            summary.click()
        settle(page)
        assert foreign(page) == []


def test_no_address_is_more_than_words(page: Page, server: Dashboard) -> None:
    from urllib.parse import urlencode

    for text in (f"http://{EVIL}/a", f"![x](http://{EVIL}/x.png)", f"www.{EVIL}", f"a@{EVIL}", "\u202e\x1b]0;t\x07"):
        said = {parameter.name: text for parameter in PARAMETERS} | {"lang": "en"}
        visit(page, f"{server.url}/confusion_matrix?{urlencode(said)}")
        assert page.locator("[data-testid=stAlert]").count() > 0
        assert foreign(page) == []
