"""Measures how pages arrive: seconds from a server's start, or a session's, to a complete matrix page; and bytes."""

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

from benchmarks.browser import chromium, visitor
from benchmarks.machine import timing
from benchmarks.results import Figure, timed_figure
from benchmarks.subject import Subject
from mnistcore.workspace import Workspace
from scripts.serving import serving

PAGES = ("overview", "confusion_matrix", "class_by_class", "misclassified")
WITH_CHART = ("overview",)  # Plotly's script alone is larger than all that other pages may take
MOST_KB = 3500
LARGEST = 8  # as many of the biggest files are named


def measure_start(subject: Subject, *, n: int) -> list[Figure]:
    """A fresh server each time; its first visitor has an empty browser, as has the next, who comes back."""
    first: list[float] = []
    further: list[float] = []
    again: list[float] = []
    path = subject.path("confusion_matrix")
    with chromium() as browser:
        for _ in range(n):
            page = visitor(browser).new_page()  # the browser is open before somebody starts the server
            began = time.time()
            with serving(artifacts=subject.root, data=Workspace.from_environment().data) as served:
                first.append(open_matrix(page, served.url + path) - began)
                page.context.close()
                page = visitor(browser).new_page()
                for found in (further, again):
                    began = time.time()
                    found.append(open_matrix(page, served.url + path) - began)
                    page.goto("about:blank")
                page.context.close()
    load = round(os.getloadavg()[0], 1)
    return [
        timed_figure(what, timing(found), most_median=most, more={"load": load})
        for what, found, most in (
            ("server start to the first complete matrix page", first, 4500),
            ("further session, empty browser cache", further, 2000),
            ("further session, warm browser cache", again, 2000),
        )
    ]


def open_matrix(page: Page, url: str) -> float:
    """Opens a matrix page; the time of day, in seconds, at which it was complete."""
    page.goto(url, wait_until="commit")
    return float(page.evaluate("bench.completeMatrix()"))


def measure_bytes(subject: Subject) -> list[Figure]:
    """What each page takes over the wire, compressed as sent: files and the messages of the script's run."""
    figures = []
    with serving(artifacts=subject.root, data=Workspace.from_environment().data) as served, chromium() as browser:
        for name in PAGES:
            page = visitor(browser).new_page()
            wire = Wire(page)
            wire.settle(partial(page.goto, served.url + subject.path(name)))
            files, messages = dict(wire.files), wire.messages
            wire.settle(page.reload)
            largest = sorted(files.items(), key=lambda item: -item[1])[:LARGEST]
            first = (sum(files.values()) + messages) / 1000
            limited = name not in WITH_CHART
            figures.append(
                Figure(
                    what=name.replace("_", " ") + ("" if limited else " (has a chart)"),
                    unit="kB",
                    required=f"first visit ≤ {MOST_KB:,}" if limited else "",
                    missed=("first_visit",) if limited and first > MOST_KB else (),
                    more={
                        "first_visit": round(first),
                        "of it messages": round(messages / 1000),
                        "reload": round((sum(wire.files.values()) + wire.messages) / 1000),
                        "largest": ", ".join(f"{Path(file).name or '/'} {size / 1000:,.0f}" for file, size in largest),
                    },
                )
            )
            page.context.close()
    return figures


class Wire:
    """Counts what a page takes, as the browser's own network panel does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.files: dict[str, int] = {}
        self.messages = 0
        self._names: dict[str, str] = {}
        panel = page.context.new_cdp_session(page)
        panel.on("Network.requestWillBeSent", self._asked)
        panel.on("Network.loadingFinished", self._loaded)
        panel.on("Network.webSocketFrameReceived", self._message)
        panel.send("Network.enable")

    def settle(self, action: Callable[[], object]) -> None:
        """Counts anew what ``action`` loads, until the page stands and nothing came for two seconds."""
        self.files, self.messages = {}, 0
        action()
        seen = -1
        while seen != (seen := sum(self.files.values()) + self.messages):
            self.page.evaluate("bench.idle()")
            self.page.wait_for_timeout(2000)

    def _asked(self, event: dict[str, Any]) -> None:
        self._names[event["requestId"]] = urlsplit(event["request"]["url"]).path

    def _loaded(self, event: dict[str, Any]) -> None:
        name = self._names.get(event["requestId"], "?")
        self.files[name] = self.files.get(name, 0) + int(event["encodedDataLength"])

    def _message(self, event: dict[str, Any]) -> None:
        self.messages += len(event["response"]["payloadData"]) * 3 // 4  # base64
