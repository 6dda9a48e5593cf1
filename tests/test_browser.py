"""The dashboard in a real Chromium against a real server: what people click, type, reload, copy and download."""

import csv
import io
import re
import signal
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

import mnistcore
from mnistcore import metrics
from mnistcore.evaluation.evaluation import Evaluation, evaluate_predictions
from mnistcore.runs.manifest import ClassRecord
from mnistcore.runs.store import Store
from tests.browser import (
    DESK,
    PATIENCE_SECONDS,
    PHONE,
    Dashboard,
    chosen,
    forward,
    leave,
    settle,
    visit,
    wait_for,
    width,
)
from tests.runs import shown_content
from ui import colours, format, navigation
from ui.texts import render

TITLES = {"class_by_class": "Class by class", "misclassified": "Misclassified"}

MANY = 60  # classes of a run that was recorded
LONG, SHORT, ODD = 7, 8, 9  # seeds of runs with three epochs, with one, and with odd class names
ODD_NAMES = ["=1+1", "\tx", "a\x01b", "w" * 200, "<b>&", "cat", "cat", "cat\u202e", "\ufffe", "数字"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifacts folder with runs on digits; the newest are ordinary ones."""
    artifacts = tmp_path_factory.mktemp("browser-artifacts")
    store = Store(artifacts / "runs")
    labels = np.arange(400) % MANY
    predicted = np.where(np.arange(400) % 9, labels, (labels + 1) % MANY)
    names = [f"kind {place}" for place in range(MANY)]
    mnistcore.record_predictions(labels, predicted, classes=names, name="many", store=store)
    store.save(shown_content(seed=LONG, epochs=3))
    store.save(shown_content(seed=SHORT, epochs=1))
    odd = shown_content(seed=ODD, mistakes=0.3)
    classes = tuple(ClassRecord(ja=name, en=name) for name in ODD_NAMES)
    store.save(replace(odd, dataset=odd.dataset.model_copy(update={"classes": classes})))
    store.save(shown_content(seed=1, mistakes=0.3))
    store.save(shown_content(seed=0, mistakes=0.2))
    return artifacts


def id_of(runs: Path, seed: int) -> str:
    return next(
        run.run_id for run in Store(runs / "runs").listing().runs if run.trained and run.trained.config.seed == seed
    )


@pytest.fixture(scope="module")
def shown(runs: Path) -> Evaluation:
    """The numbers of the newest run at its last epoch, which is what a page shows unasked."""
    store = Store(runs / "runs")
    newest = store.listing().runs[0]
    return evaluate_predictions(store.predictions(newest.run_id, "test"), num_classes=10)


@pytest.fixture(scope="module")
def dashboard(runs: Path) -> Iterator[Dashboard]:
    shared = Dashboard(runs)
    yield shared
    shared.end()


@pytest.fixture(scope="module")
def server(dashboard: Dashboard) -> str:
    return dashboard.url


def words(page: Page) -> str:
    """What the page says, once it has said the same for a while: its parts come one after the other."""
    text, since = "", time.monotonic()
    deadline = since + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        now = page.locator('[data-testid="stMain"]').inner_text()
        if now != text:
            text, since = now, time.monotonic()
        elif text and time.monotonic() > since + 0.5:
            return text
        page.wait_for_timeout(100)
    raise AssertionError(f"the page did not come to rest: {text}")


# ---------------------------------------------------------------- cold starts and links


def test_a_deep_link_is_the_first_thing_that_a_server_is_asked(server: str, runs: Path, page: Page) -> None:
    visit(page, f"{server}/class_by_class")
    expect(page.locator("h1")).to_have_text(TITLES["class_by_class"])
    expect(page.get_by_test_id("stSidebar").get_by_text("Checkpoint")).to_be_visible()
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(len(navigation.PAGES))
    marked = page.locator('[data-testid="stSidebarNavLink"][aria-current="page"]')
    expect(marked).to_have_count(1)
    expect(marked).to_have_text(TITLES["class_by_class"])
    assert chosen(page, "run") == Store(runs / "runs").listing().runs[0].run_id
    page.get_by_test_id("stSidebar").get_by_text("日本語").click()  # the first click that the server hears
    wait_for(page, "lang", "ja")
    expect(page.locator("h1")).to_have_text(render("class_by_class.title", "ja"))
    page.wait_for_function("() => document.documentElement.lang === 'ja'")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="混同行列").click()
    expect(page.locator("h1")).to_have_text("混同行列")


VIEWS = (
    "confusion_matrix?cell=all-3&show=row&diagonal=hidden&axes=columns&scale=linear&epoch=1&lang=en",
    "class_by_class?class=7&region=fp&epoch=2&lang=ja",
    "misclassified?truth=4&sort=loss&confidence=10-95&lang=en",
)


def test_a_link_shows_the_same_to_somebody_else_on_a_fresh_server(
    dashboard: Dashboard, browser: Browser, page: Page
) -> None:
    """In the language of the link; what has no language is in that of the browser."""
    seen = {}
    for view in VIEWS:
        visit(page, f"{dashboard.url}/{view}")
        expect(page).to_have_title(render("app.title", chosen(page, "lang")))
        seen[page.url] = words(page)
    leave(page)
    dashboard.start_again()
    with browser.new_context(locale="ja-JP", viewport=DESK, reduced_motion="reduce") as context:
        other = context.new_page()
        visit(other, f"{dashboard.url}/misclassified")
        expect(other.locator("h1")).to_have_text(render("misclassified.title", "ja"))
        other.wait_for_function("() => document.documentElement.lang === 'ja'")
        for link, expected in seen.items():
            visit(other, link)
            assert words(other) == expected, link


def test_what_a_link_cannot_mean_is_explained(server: str, page: Page) -> None:
    visit(page, f"{server}/confusion_matrix?run=nobody&epoch=99&cell=12-3&image=99999")
    expect(page.get_by_test_id("stAlert")).to_have_count(4)
    expect(page.locator("h1")).to_have_text("Confusion matrix")


# ---------------------------------------------------------------- a server that was started again

FIRST_CLICKS = [  # page, what is clicked, and what the address says then; each other control in test_controls
    ("confusion_matrix?lang=en", '[data-sel="3-3"]', "cell", "3-3"),
    ("misclassified?lang=en&sort=index&page=1", ".st-key-next button", "image", None),
]


def test_the_first_click_after_the_server_was_started_again_counts(dashboard: Dashboard, page: Page) -> None:
    tabs = [page.context.new_page() for _ in range(len(FIRST_CLICKS) + 3)]
    for tab, (name, *_) in zip(tabs, FIRST_CLICKS, strict=False):
        visit(tab, f"{dashboard.url}/{name}")
    menu, picker, download = tabs[len(FIRST_CLICKS) :]
    for tab in (menu, picker, download):
        visit(tab, f"{dashboard.url}/misclassified")
    run = chosen(picker, "run")
    dashboard.start_again()
    for tab in tabs:
        tab.wait_for_selector('[data-testid="stApp"][data-test-connection-state="CONNECTED"]', timeout=60_000)
    for tab, (_, what, name, value) in zip(tabs, FIRST_CLICKS, strict=False):
        tab.locator(what).click()
        tab.wait_for_function(
            "([name, value]) => {const now = new URL(location.href).searchParams.get(name);"
            " return value === null ? now : now === value}",
            arg=[name, value],
            timeout=1000 * PATIENCE_SECONDS,
        )
    menu.get_by_test_id("stSidebarNavLink").filter(has_text="Confusion matrix").click()
    expect(menu.locator("h1")).to_have_text("Confusion matrix")
    picker.get_by_test_id("stSidebar").get_by_test_id("stSelectbox").nth(1).click()
    picker.get_by_role("option").nth(1).click()
    picker.wait_for_function("run => new URL(location.href).searchParams.get('run') !== run", arg=run)
    expect(picker.get_by_test_id("stMain")).to_contain_text("seed 1")
    with download.expect_download() as saved:
        download.get_by_role("button", name="CSV").click()
    assert Path(saved.value.path()).read_bytes().startswith(b"\xef\xbb\xbf")
    for tab in tabs:
        tab.close()


# ---------------------------------------------------------------- what was chosen before


def test_back_to_a_choice_that_another_run_does_not_have_warns_of_nothing(server: str, runs: Path, page: Page) -> None:
    long, short = id_of(runs, LONG), id_of(runs, SHORT)
    visit(page, f"{server}/class_by_class?run={long}")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    wait_for(page, "epoch", "2")
    expect(page.get_by_test_id("stMain")).to_contain_text("epoch 2 of 3")
    settle(page)
    page.get_by_test_id("stSidebar").get_by_test_id("stSelectbox").nth(1).click()
    page.get_by_role("option").filter(has_text="1 epoch").click()
    wait_for(page, "run", short)
    wait_for(page, "epoch", None)
    wait_for(page, "lang", "en")  # from the browser, not chosen: it leaves the address with nothing
    expect(page.get_by_test_id("stMain")).to_contain_text("epoch 1 of 1")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    page.go_back()
    wait_for(page, "run", long)
    expect(page.get_by_test_id("stMain")).to_contain_text("epoch 2 of 3")
    page.go_forward()
    wait_for(page, "run", short)
    expect(page.get_by_test_id("stMain")).to_contain_text("epoch 1 of 1")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


# ---------------------------------------------------------------- the matrix


def test_every_part_of_the_matrix_can_be_clicked(server: str, page: Page, shown: Evaluation) -> None:
    visit(page, f"{server}/confusion_matrix")
    parts = {"3-3": shown.matrix[3, 3], "4-all": shown.support[4], "all-9": shown.called[9], "diagonal": shown.correct}
    parts["2-2"] = shown.matrix[2, 2]
    for selection, expected in parts.items():
        page.locator(f'[data-sel="{selection}"]').click()
        wait_for(page, "cell", selection)
        expect(page.get_by_test_id("stMarkdown").filter(has_text=f"{expected:,} images").first).to_be_visible()
        expect(page.locator("[data-image]")).to_have_count(min(100, int(expected)))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for(page, "cell", "3-3")
    assert page.locator('[role="grid"] [tabindex="0"]').count() == 1, "one stop for Tab"


def test_an_outcome_has_the_same_colours_everywhere(server: str, page: Page) -> None:
    """Within the browser parts, which are closed to the page's rules but not to its properties."""
    visit(page, f"{server}/class_by_class?class=7&metric=accuracy")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for name, pair in colours.OUTCOMES.items():
            wanted = [f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})" for colour in pair]
            for place in (f'[data-tile="{name}"]', f".letters .tag.{name}"):
                tag = page.locator(place).first
                for style, colour in zip(("background-color", "color"), wanted, strict=True):
                    expect(tag, f"{name} in the {scheme}").to_have_css(style, colour)


def test_back_and_reload_restore_the_view(server: str, page: Page) -> None:
    visit(page, f"{server}/confusion_matrix")
    page.locator('[data-sel="5-5"]').click()
    wait_for(page, "cell", "5-5")
    page.locator('[data-sel="6-all"]').click()
    wait_for(page, "cell", "6-all")
    page.go_back()
    wait_for(page, "cell", "5-5")
    sentence = page.get_by_text(re.compile(r"images with true class “5” were correctly predicted as “5”"))
    expect(sentence).to_be_visible()
    page.reload()
    settle(page)
    expect(sentence).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Misclassified").click()
    expect(page.locator("h1")).to_have_text("Misclassified")
    settle(page)
    assert chosen(page, "cell") == "5-5", "what was chosen outlives a change of page"


def test_the_stored_matrix_is_shown_and_can_be_downloaded(server: str, page: Page, shown: Evaluation) -> None:
    visit(page, f"{server}/confusion_matrix")
    cells = [f'[data-sel="{truth}-{called}"]' for truth in range(10) for called in range(10)]
    expect(page.locator(cells[-1])).to_be_visible()
    counts = [int(page.locator(cell).inner_text().replace(",", "")) for cell in cells]
    assert np.array_equal(np.reshape(counts, (10, 10)), shown.matrix)
    starts = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<", "csv": b"\xef\xbb\xbf"}
    for kind, start in starts.items():
        with page.expect_download() as download:
            page.locator(f"[data-export={kind}]").click()
        content = Path(download.value.path()).read_bytes()
        assert download.value.suggested_filename.endswith(f"-matrix.{kind}")
        assert content.startswith(start)
        if kind == "svg":
            assert b"Predicted class" in content
        if kind == "csv":
            rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
            saved = np.array([[int(cell) for cell in row[-10:]] for row in rows[-10:]])
            assert np.array_equal(saved, shown.matrix)


def test_many_classes_are_found_enlarged_and_clicked(server: str, runs: Path, page: Page) -> None:
    (run,) = [run.run_id for run in Store(runs / "runs").listing().runs if run.run_id.startswith("many-")]
    visit(page, f"{server}/confusion_matrix?run={run}&lang=en&order=similarity&find=37")
    for strip in (".tops", ".sides"):
        assert page.locator(f"{strip} .head.sought").inner_text() == "kind 37"
    fitting = float(page.locator("[data-cell]").get_attribute("data-cell") or 0)
    for _ in range(3):
        page.locator('[data-zoom="in"]').click()
    zoomed = page.locator("[data-cell]").get_attribute("data-cell") or ""
    assert float(zoomed) > 2 * fitting
    wait_for(page, "zoom", zoomed)
    page.locator(".scroll").evaluate("node => node.scrollTo(node.scrollWidth, node.scrollHeight)")
    page.wait_for_timeout(300)
    heads = [page.locator(f"{strip} .head").last for strip in (".tops", ".sides")]
    heads[1].scroll_into_view_if_needed()
    frame = page.locator(".scroll").bounding_box()
    top, side = (head.bounding_box() for head in heads)
    assert frame and top and side
    assert abs(top["y"] - frame["y"]) < 120 and abs(side["x"] - frame["x"]) < 120, "headings stay at the edges"
    page.mouse.click(top["x"] + top["width"] / 2, side["y"] + side["height"] / 2)
    predicted, truth = ((head.get_attribute("data-sel") or "").replace("all", "").strip("-") for head in heads)
    wait_for(page, "cell", f"{truth}-{predicted}")
    before = page.locator("[data-chosen]").get_attribute("data-chosen")
    page.locator(".scroll").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => new URL(location.href).searchParams.get('cell') !== '{before}'")
    said = page.locator(".said").inner_text()
    assert said.startswith(f"true class kind {truth}, predicted kind "), said


def test_odd_class_names_make_whole_files(server: str, runs: Path, page: Page) -> None:
    visit(page, f"{server}/confusion_matrix?run={id_of(runs, ODD)}")
    files = {}
    for kind in ("png", "svg", "csv"):
        with page.expect_download() as download:
            page.locator(f"[data-export={kind}]").click()
        files[kind] = Path(download.value.path()).read_bytes()
    width, height = Image.open(io.BytesIO(files["png"])).size
    assert 500 < width < 6000
    assert 500 < height < 6000
    root = ElementTree.fromstring(files["svg"])
    assert len({text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}) > 10
    rows = list(csv.reader(io.StringIO(files["csv"].decode("utf-8-sig"), newline="")))
    assert [len(row) for row in rows] == [11] * 11
    assert len(set(rows[0])) == 11


# ---------------------------------------------------------------- class by class


def test_classes_and_regions_can_be_clicked(dashboard: Dashboard, page: Page, shown: Evaluation) -> None:
    visit(page, f"{dashboard.url}/class_by_class")
    for positive, regions in ((1, ("tp", "fp", "fn")), (0, ("tn",))):
        page.locator(f'.tab[data-class="{positive}"]').click()
        expect(page.locator(f'.root[data-shown^="{positive}-"]')).to_be_visible()
        expect(page.locator(f'.cell[data-cell="{positive}-{positive}"]')).to_have_attribute("data-region", "tp")
        for region in regions:
            page.locator(f'[data-tile="{region}"]').click()
            count = int(getattr(shown.counts, region)[positive])
            expect(page.locator(".strip h2")).to_contain_text(f"{count:,} images")  # at once
            expect(page.locator(f".strip .tag.{region}")).to_be_visible()
            expect(page.locator('[data-testid="stMain"] h2').first).to_contain_text(f"{count:,} images")
            settle(page)
    wait_for(page, "region", "tn")
    # Of two clicks that a busy server comes to only later neither is lost.
    for tile, parameter, value in (('[data-tile="fp"]', "region", "fp"), ('.cell[data-cell="2-5"]', "cell", "2-5")):
        other = 2 if chosen(page, "class") == "0" else 0
        dashboard.server.process.send_signal(signal.SIGSTOP)
        try:
            page.locator(f'.tab[data-class="{other}"]').click()
            page.locator(tile).click()
        finally:
            dashboard.server.process.send_signal(signal.SIGCONT)
        wait_for(page, parameter, value)
        wait_for(page, "class", str(other))


def test_what_a_number_on_the_board_counts_is_shown(server: str, page: Page, shown: Evaluation) -> None:
    """A filter, a total of the matrix and of the 2 x 2, a cell, a term and the denominator of a formula."""
    visit(page, f"{server}/class_by_class?class=4&region=tn")
    matrix, wrong = shown.matrix, int(shown.misclassified_negatives[4])
    of_class, called = int(shown.support[4]), int(shown.called[4])
    for what, parameter, value, count in (
        (".filter", "region", "tn.wrong", wrong),
        ('.head.total[data-part="all-4"]', "cell", "all-4", called),
        (".sum.truth-yes", "region", "tp.fn", of_class),
        ('.cell[data-cell="4-9"]', "cell", "4-9", int(matrix[4, 9])),
        ('.term[data-part="tp"]', "region", "tp", int(shown.counts.tp[4])),
        (".formula button.below", "region", "tp.fn", of_class),
    ):
        page.locator(what).first.click()
        wait_for(page, parameter, value)
        for heading in (".strip h2", '[data-testid="stMain"] h2'):
            expect(page.locator(heading).first).to_contain_text(f"{count:,}")
        assert chosen(page, "class") == "4"
    page.locator('[data-metric="precision"]').click()
    wait_for(page, "metric", "precision")
    expect(page.locator(".formula button.below")).to_have_text(f"{called:,}")


def test_classes_flip_from_the_keyboard(server: str, page: Page) -> None:
    visit(page, f"{server}/class_by_class?class=3")
    page.locator('.tab[data-class="3"]').focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, "class", "4")
    settle(page)
    page.keyboard.press("9")
    wait_for(page, "class", "9")
    page.go_back()
    wait_for(page, "class", "4")


# ---------------------------------------------------------------- misclassified


def test_images_are_chosen_by_mouse_and_keyboard(server: str, page: Page) -> None:
    visit(page, f"{server}/misclassified")
    tiles = page.locator("[data-image]")
    second, third = (tiles.nth(at).get_attribute("data-image") for at in (1, 2))
    tiles.nth(1).click()
    wait_for(page, "image", second)
    expect(page.get_by_text(f"Test image number {second}", exact=True)).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    wait_for(page, "image", third)
    expect(page.get_by_text(f"Test image number {third}", exact=True)).to_be_visible()


def test_the_mistakes_can_be_downloaded(server: str, page: Page, shown: Evaluation) -> None:
    visit(page, f"{server}/misclassified?sort=index")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    wrong = np.flatnonzero(shown.labels != shown.predicted)
    assert [int(row["index"]) for row in rows] == wrong.tolist()
    assert [int(row["truth"]) for row in rows] == shown.labels[wrong].tolist()
    assert [float(row["confidence"]) for row in rows] == pytest.approx(shown.confidence[wrong].tolist())


# ---------------------------------------------------------------- forwarding, small screens


def test_a_page_works_through_a_forwarded_port(server: str, page: Page) -> None:
    with forward(int(urlsplit(server).port or 0)) as port:
        visit(page, f"http://127.0.0.1:{port}/misclassified")
        expect(page.locator("h1")).to_have_text(TITLES["misclassified"])
        page.locator("[data-image]").nth(1).click()
        page.wait_for_function("() => new URL(location.href).searchParams.get('image')")


@pytest.mark.parametrize(
    "name", ["confusion_matrix?cell=everything", "class_by_class?region=tn", "misclassified?sort=loss"]
)
def test_a_tap_far_down_a_gallery_shows_the_image_on_a_phone(name: str, server: str, phone: Page) -> None:
    """In Japanese, whose lines break elsewhere; the page scrolls only downwards."""
    phone.emulate_media(reduced_motion="no-preference")  # it may scroll there by and by
    visit(phone, f"{server}/{name}&lang=ja")
    assert width(phone) <= PHONE["width"]
    tile = phone.locator("[data-image]").nth(40)
    tile.scroll_into_view_if_needed()
    tile.click()
    number = render("detail.index", "ja", index=tile.get_attribute("data-image"))
    expect(phone.get_by_text(number, exact=True)).to_be_in_viewport(ratio=1)
    expect(tile).to_be_in_viewport()
    assert width(phone) <= PHONE["width"]


# ---------------------------------------------------------------- lessons


def drag(page: Page, slider: str, to: float) -> None:
    """Move a slider of a part and let go of it."""
    page.locator(slider).evaluate(
        """(node, to) => {
          node.dispatchEvent(new PointerEvent("pointerdown"));
          node.value = to;
          for (const kind of ["input", "change"]) node.dispatchEvent(new Event(kind));
        }""",
        to,
    )


def test_what_a_lesson_computes_while_dragging_is_what_python_computes(
    server: str, page: Page, shown: Evaluation
) -> None:
    visit(page, f"{server}/lessons?lang=en&lesson=accuracy_trap&guess=precision")
    page.wait_for_selector(".told")
    told = page.locator(".told").inner_text()
    support = int(re.findall(r"of ([\d,]+)", told)[0].replace(",", ""))
    positive = metrics.most_diluted(shown.counts, 0.1)
    assert positive is not None
    assert support == shown.support[positive]
    whole = metrics.TwoByTwo(**{name: int(getattr(shown.counts, name)[positive]) for name in metrics.OUTCOMES})
    for value in (0, 60, 130, 200):
        drag(page, ".top .slider", value)
        kept = int(re.findall(r"^([\d,]+) of", page.locator(".told").inner_text())[0].replace(",", ""))
        thinned = metrics.thin_class(whole, kept / support)
        for name in ("accuracy", "recall", "precision", "f1", "balanced_accuracy"):
            row = page.locator(f'[data-metric="{name}"]')
            told = (row.locator(".value b").inner_text(), row.locator(".beside").inner_text())
            ours = (getattr(thinned.metrics, name), getattr(thinned.always_no, name))
            assert told == tuple(format.percent(value) for value in ours), (name, kept)
        correlation = page.locator('[data-metric="matthews_correlation"] .value b').inner_text()
        assert correlation == format.ratio(thinned.metrics.matthews_correlation)
    # Counts for a metric that is dragged: what is locked stays, and what the reader lets go of stands in the URL.
    visit(page, f"{server}/lessons?lang=en&lesson=own_counts&guess=0&counts=20.80.1.899")
    page.click(".tile.tp .lock")
    drag(page, '[data-metric="precision"] .slider', 250)
    wait_for(page, "counts", "20.80.60.899")
    # An epoch that the film is stopped at, and images that are labelled by keys.
    visit(page, f"{server}/lessons?lang=en&lesson=epochs&guess=0&epoch=1")
    page.wait_for_selector(".play")
    drag(page, ".top .slider", 2)
    wait_for(page, "epoch", "3")
    visit(page, f"{server}/lessons?lang=en&lesson=you")
    page.focus(".panel")
    page.keyboard.type("42")
    wait_for(page, "guess", "4.2")
