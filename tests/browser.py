"""Owns how the browser tests look at the dashboard: a tab of Chromium, when a page is whole, a forwarded port."""

import re
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page

from scripts.serving import Server, serving

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE_SECONDS = 180  # for a machine that is busy with something else
# Streamlit looks for its server under the page's path first, and Chromium reports that as an error of the page.
PROBE = re.compile(r"/_stcore/(health|host-config)$")


@contextmanager
def forward(port: int) -> Iterator[int]:
    """Another local port that leads to ``port``, as ``ssh -L`` makes one; gives its number."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def accept() -> None:
        while not stopped.is_set():
            if select.select([listener], [], [], 0.1)[0]:
                near = listener.accept()[0]
                far = socket.create_connection(("127.0.0.1", port))
                threading.Thread(target=pump, args=(near, far), daemon=True).start()

    def pump(near: socket.socket, far: socket.socket) -> None:
        with near, far:
            while not stopped.is_set():
                for ready in select.select([near, far], [], [], 0.1)[0]:
                    try:
                        chunk = ready.recv(65536)
                        if not chunk:
                            return
                        (far if ready is near else near).sendall(chunk)
                    except OSError:
                        return

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        stopped.set()
        thread.join(timeout=5)
        listener.close()


class Dashboard:
    """A server that tests share, as its first page takes ten seconds; it can be started again at the same address."""

    def __init__(self, artifacts: Path) -> None:
        self.artifacts, self._ends = artifacts, ExitStack()
        self.server: Server = self._ends.enter_context(serving(artifacts=artifacts))

    @property
    def url(self) -> str:
        return self.server.url

    def start_again(self) -> None:
        self._ends.close()
        self.server = self._ends.enter_context(serving(artifacts=self.artifacts, port=self.server.port))

    def end(self) -> None:
        self._ends.close()


class Tab:
    """A page that one test after the other uses: with all that is loaded already, an address opens twice as fast.

    What moves on a page is painted sixty times a second, which takes a processor where there is no GPU: here nothing
    moves.
    """

    def __init__(self, browser: Browser) -> None:
        self._context = browser.new_context(locale="en-US", viewport=DESK, reduced_motion="reduce")  # type: ignore[arg-type]
        self.page = self._context.new_page()
        self._complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self._complaints.append(f"page: {error}"))
        self.page.on("request", lambda request: self._look(request.url))

    def _note(self, message: ConsoleMessage) -> None:
        where = message.location["url"]
        if message.type == "error" and not ("404" in message.text and PROBE.search(where)):
            self._complaints.append(f"console: {message.text} ({where})")

    def _look(self, url: str) -> None:
        if urlsplit(url).hostname != "127.0.0.1" and not url.startswith(("data:", "blob:", "about:", "file:")):
            self._complaints.append(f"request to {url}")

    def finish(self) -> list[str]:
        """Leave what is shown; gives errors on the console and requests that left the machine, since the last time."""
        leave(self.page)
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self.page.set_viewport_size(DESK)  # type: ignore[arg-type]
        complaints, self._complaints[:] = self._complaints.copy(), []
        return complaints

    def close(self) -> None:
        self._context.close()


def leave(page: Page) -> None:
    """Go elsewhere before the server ends, which a page complains about."""
    page.goto("about:blank")


def chosen(page: Page, name: str) -> str | None:
    """What the address says under ``name``."""
    return parse_qs(urlsplit(page.url).query).get(name, [None])[0]


def wait_for(page: Page, name: str, value: str | None) -> None:
    """Wait until the address says ``value`` under ``name``, and the page shows it."""
    page.wait_for_function(
        "([name, value]) => new URL(location.href).searchParams.get(name) === value", arg=[name, value]
    )
    settle(page)


def settle(page: Page) -> None:
    """Wait until the script has run and the page shows what it drew."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=30_000)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stMain] h1') && !document.querySelector('[data-testid=stSkeleton]')"
    )
    # What the address lacks comes into it last, after all that a page draws.
    page.wait_for_function("() => new URL(location.href).searchParams.get('lang')")


def visit(page: Page, address: str) -> None:
    """Open an address and wait for the whole page."""
    page.goto(address)
    settle(page)


def turn(page: Page, address: str) -> None:
    """Go to an address in another language as the way back in the history does: all is loaded already.

    Half of a visit; the session goes on, and what it has chosen is what the address says.
    """
    page.evaluate(
        "address => { history.pushState({}, '', address); dispatchEvent(new PopStateEvent('popstate', { state: {} })) }",
        address,
    )
    language = parse_qs(urlsplit(address).query)["lang"][0]
    page.wait_for_function("language => document.documentElement.lang === language", arg=language)
    settle(page)


def width(page: Page) -> int:
    """How wide a page is, in pixels: on a screen that is narrower it scrolls sideways."""
    return int(page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth"))
