"""Who gets in: the token in a real browser, foreign pages against a real server, and the ways on which people come."""

import json
import os
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from mnistcore.jobs import jobs
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace
from scripts.places import Place
from scripts.project import ROOT
from scripts.serving import Server, serving
from server.access import Access, Tokens
from tests.browser import settle, visit
from tests.runs import shown_content
from tests.ways_in import jupyter, process, ssh_forward, wait_until

CLASS = ("--read-only",)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    artifacts = tmp_path_factory.mktemp("access-artifacts")
    Store(artifacts / "runs").save(shown_content(seed=1))
    return artifacts


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    """A dashboard as `make run READ_ONLY=1` starts it: with its tokens."""
    with serving(artifacts=folder, options=CLASS) as served:
        yield served


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that has never been here."""
    opened = browser.new_context(locale="en-US", reduced_motion="reduce")
    yield opened
    for page in opened.pages:
        page.goto("about:blank")
    opened.close()


def token(folder: Path, kind: str = "owner") -> str:
    kept = folder.resolve() / "server" / f"tokens-{os.geteuid()}.json"
    return str(json.loads(kept.read_text())[kind])


def local(server: Server) -> str:
    return f"http://localhost:{server.port}"


def is_dashboard(page: Page) -> None:
    settle(page)
    assert "token" not in page.url
    expect(page.get_by_test_id("stSidebar")).to_be_attached()


def test_a_token_is_pasted_once(folder: Path, context: BrowserContext, browser: Browser) -> None:
    with serving(artifacts=folder, options=()) as first:
        port = first.port
        page = context.new_page()
        assert (answer := page.goto(f"{local(first)}/confusion_matrix?cell=4-9&lang=ja")) and answer.status == 403
        expect(page.get_by_role("heading", name="This dashboard opens with a token")).to_be_visible()
        page.get_by_role("textbox").fill("not this one")
        page.get_by_role("button").click()
        expect(page.get_by_role("alert")).to_contain_text("not a token of this dashboard")
        page.get_by_role("textbox").fill(token(folder))
        page.get_by_role("button").click()
        is_dashboard(page)
        assert "cell=4-9" in page.url and "lang=ja" in page.url
        told = "() => [document.referrer, document.cookie, ...performance.getEntries().map(entry => entry.name)].join()"
        assert "token=" not in page.evaluate(told) and token(folder) not in page.evaluate(told)
        (kept,) = [one for one in context.cookies() if one["value"] == token(folder)]
        assert kept["httpOnly"] and kept["sameSite"] == "Strict" and kept["path"] == "/"
        assert kept["expires"] > time.time() + 300 * 24 * 3600
    with serving(artifacts=folder, options=(), port=port) as again:  # after a restart it is still known
        visit(page, local(again))
        other = browser.new_context()
        try:  # a link passed on has no token in it
            answer = other.new_page().goto(page.url)
            assert answer is not None and answer.status == 403
        finally:
            other.close()


def test_the_link_of_a_start_opens_it(folder: Path, server: Server, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{local(server)}/?token={token(folder)}")
    is_dashboard(page)


def foreign(tmp_path: Path, html: str) -> ThreadingHTTPServer:
    (tmp_path / "page.html").write_text(html)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    other = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path))
    Thread(target=other.serve_forever, daemon=True).start()
    return other


def test_a_link_on_a_page_of_another_site_opens_for_who_has_the_token(
    folder: Path, server: Server, context: BrowserContext, tmp_path: Path
) -> None:
    page = context.new_page()
    page.goto(f"{local(server)}/?token={token(folder)}")
    is_dashboard(page)
    other = foreign(tmp_path, f'<a href="{local(server)}/overview?lang=en">look at this</a>')
    try:
        page.goto(f"http://127.0.0.1:{other.server_port}/page.html")
        page.get_by_text("look at this").click()
        page.wait_for_selector("h1")
        is_dashboard(page)
        assert "/overview" in page.url
    finally:
        other.shutdown()
        other.server_close()


def test_a_foreign_page_cannot_frame_it(folder: Path, context: BrowserContext, tmp_path: Path) -> None:
    """Not even without tokens, and not as another port of the same host, to which a browser sends the cookies."""
    with serving(artifacts=folder) as open_one:
        for host in ("localhost", "127.0.0.1"):
            page = context.new_page()
            complaints: list[str] = []
            page.on("console", lambda message, to=complaints: to.append(message.text))
            other = foreign(
                tmp_path, f'<iframe src="http://{host}:{open_one.port}/training" width=900 height=700></iframe>'
            )
            try:
                page.goto(f"http://localhost:{other.server_port}/page.html")
                wait_until(
                    lambda page=page, to=complaints: (
                        page.wait_for_timeout(100) or any("frame-ancestors" in one for one in to)
                    )
                )
                assert all(
                    "chrome-error" in frame.url or frame.url in ("", "about:blank") or frame is page.main_frame
                    for frame in page.frames
                )
            finally:
                other.shutdown()
                other.server_close()
    assert jobs.list_jobs(Workspace(folder, folder / "data")) == ()


def refused(server: Server, origin: str, *, host: str = "localhost", cookie: str = "") -> float:
    """Seconds until a WebSocket is refused."""
    address = f"ws://{host}:{server.port}/_stcore/stream"
    headers = {"Cookie": cookie} if cookie else {}
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        began = time.perf_counter()
        with pytest.raises(InvalidStatus) as caught:
            connect(address, sock=connection, origin=origin, additional_headers=headers, proxy=None)  # type: ignore[arg-type]
    assert caught.value.response.status_code == 403
    return time.perf_counter() - began


def test_foreign_sockets_are_refused_at_once_and_own_ones_opened(folder: Path, server: Server) -> None:
    name = Access(Tokens(token(folder), token(folder, "viewer")), False, True).cookie
    cookie = f"{name}={token(folder)}"
    origins = [
        "http://evil.example",
        "null",
        f"https://localhost:{server.port}",
        "http://localhost",
        f"http://127.0.0.1:{server.port}",
    ]
    taken = [refused(server, origin, cookie=cookie) for origin in origins * 10]
    taken += [refused(server, f"http://evil.example:{server.port}", host="evil.example", cookie=cookie)]
    taken += [refused(server, f"http://localhost:{server.port}")]  # its own page, but no token
    assert statistics.median(taken) < 0.1  # looked up, each took two seconds
    for origin in (f"http://localhost:{server.port}", None):
        with connect(
            f"ws://localhost:{server.port}/_stcore/stream", origin=origin, additional_headers={"Cookie": cookie},  # type: ignore[arg-type]
            subprotocols=["streamlit"], proxy=None,  # type: ignore[list-item]
        ):  # fmt: skip
            pass


def test_the_class_looks_and_the_owner_acts(folder: Path, server: Server, browser: Browser) -> None:
    for kind, may in (("viewer", False), ("owner", True)):
        context = browser.new_context(locale="en-US", reduced_motion="reduce")
        try:
            page = context.new_page()
            page.goto(f"{local(server)}/training?lang=en&token={token(folder, kind)}")
            is_dashboard(page)
            start = page.get_by_test_id("stMain").get_by_role("button", name="Start training")
            expect(start).to_be_enabled() if may else expect(start).to_be_disabled()
            expect(page.get_by_text("You are here as a viewer")).to_have_count(0 if may else 1)
            page.goto("about:blank")
        finally:
            context.close()


# --- the ways -----------------------------------------------------------------------------------------------------------


@pytest.mark.needs_sshd
def test_through_a_real_ssh_on_another_port(
    folder: Path, server: Server, context: BrowserContext, tmp_path: Path
) -> None:
    with ssh_forward(tmp_path, f"127.0.0.1:{server.port}") as port:
        page = context.new_page()
        page.goto(f"http://localhost:{port}/class_by_class?token={token(folder)}")
        is_dashboard(page)
        page.goto("about:blank")


@pytest.mark.needs_sshd
def test_through_a_real_ssh_to_a_socket(folder: Path, context: BrowserContext, tmp_path: Path) -> None:
    place = Place("8501", str(tmp_path / "only-mine" / "socket"))
    place.make_room()
    (tmp_path / "ssh").mkdir()
    command = [sys.executable, str(ROOT / "server"), *place.options]
    with process(command, cwd=ROOT, env=os.environ | {"MNISTCORE_ARTIFACTS": str(folder)}):
        wait_until(place.answers)
        with ssh_forward(tmp_path / "ssh", place.path) as port:
            page = context.new_page()
            page.goto(f"http://localhost:{port}/?token={token(folder)}")
            is_dashboard(page)
            page.goto("about:blank")


def test_through_jupyters_real_proxy(folder: Path, server: Server, context: BrowserContext, tmp_path: Path) -> None:
    with jupyter(tmp_path) as proxy:
        page = context.new_page()
        # First as Jupyter's own links look: its token is not ours, and is not shown to anybody any further.
        page.goto(f"{proxy}/{server.port}/?token=jupyters")
        expect(page.get_by_role("heading", name="This dashboard opens with a token")).to_be_visible()
        page.get_by_role("textbox").fill(token(folder))
        page.get_by_role("button").click()
        is_dashboard(page)
        assert f"/proxy/{server.port}/" in page.url
        (kept,) = [one for one in context.cookies() if one["value"] == token(folder)]
        assert kept["path"] == f"/proxy/{server.port}"
        page.get_by_test_id("stSidebarNavLink").nth(2).click()
        is_dashboard(page)
        assert f"/proxy/{server.port}/" in page.url
        page.goto("about:blank")
