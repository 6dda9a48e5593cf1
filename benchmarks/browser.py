"""Owns the Chromium that the benchmarks of the pages look through, with the clock that stands in each page."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from scripts.chromium import OPTIONS, find_chromium

IN_PAGE = Path(__file__).with_name("in_page.js")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine, without a window."""
    path = find_chromium()
    if path is None:
        raise SystemExit("expected a Chromium, found none: install it, or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


def visitor(browser: Browser) -> BrowserContext:
    """A browser that was never here: no cache, no cookies."""
    context = browser.new_context(viewport={"width": 1600, "height": 1000}, locale="en-US")
    context.add_init_script(path=IN_PAGE)
    return context
