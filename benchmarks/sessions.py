"""Measures thirty sessions at once: from each request to the end of the script's run.

They speak Streamlit's protocol without browsers: thirty of those would measure themselves.
"""

import asyncio
import json
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Page
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from benchmarks.browser import chromium, visitor
from benchmarks.machine import timing
from benchmarks.results import Figure, rounded, timed_figure
from benchmarks.subject import Subject
from mnistcore.workspace import Workspace
from scripts.serving import Server, serving

SESSIONS, SECONDS = 30, 30
MOST_P95 = 200  # milliseconds


@dataclass(frozen=True)
class Recorded:
    """What a real browser sends for a first visit and for a click; sessions play it back."""

    visit: bytes
    click: bytes
    event: str  # name of the trigger
    parameter: str  # the bound input that keeps the clicked value from then on
    values: tuple[str, ...]


def record(subject: Subject, served: Server) -> list[Recorded]:
    """Visits the two pages once in a browser, clicks once on each, and keeps what went to the server."""
    size = len(subject.run.dataset.classes)
    cells = tuple(f"{i}-{j}" for i in range(size) for j in range(size))
    classes = tuple(str(index) for index in range(size))
    recorded = []
    with chromium() as browser:
        for page_name, selector, event, parameter, values in (
            ("confusion_matrix", f'[data-sel="{cells[-1]}"]', "selected", "cell", cells),
            ("class_by_class", f'[role=tab][data-class="{classes[-1]}"]', "class", "class", classes),
        ):
            page = visitor(browser).new_page()
            sent = sent_by(page)
            page.goto(served.url + subject.path(page_name))
            page.evaluate("bench.idle()")
            page.wait_for_timeout(500)
            page.click(selector)
            page.wait_for_timeout(1000)
            page.evaluate("bench.idle()")
            recorded.append(Recorded(sent[0], sent[-1], event, parameter, values))
            page.context.close()
    return recorded


def sent_by(page: Page) -> list[bytes]:
    """What ``page`` sends to the server, filled as it does."""
    sent: list[bytes] = []

    def keep(frame: str | bytes) -> None:
        sent.append(frame if isinstance(frame, bytes) else frame.encode())

    page.on("websocket", lambda wire: wire.on("framesent", keep))
    return sent


def measure_sessions(subject: Subject) -> list[Figure]:
    """Every session clicks once a second; two pages in turn."""
    with serving(artifacts=subject.root, data=Workspace.from_environment().data) as served:
        recorded = record(subject, served)
        seconds, cpu = asyncio.run(play(served, recorded, sessions=SESSIONS, clicks=SECONDS))
    what = f"{SESSIONS} sessions, each a click a second for {SECONDS} s: request to the end of the run"
    cpu_ms, load = rounded(1000 * cpu / len(seconds)), round(os.getloadavg()[0], 1)
    return [timed_figure(what, timing(seconds), most_p95=MOST_P95, more={"cpu_ms": cpu_ms, "load": load})]


async def play(
    served: Server, recorded: Sequence[Recorded], *, sessions: int, clicks: int
) -> tuple[list[float], float]:
    """Seconds of every click of every session, one a second each, and the CPU seconds that the server used for them."""
    ready = asyncio.Barrier(sessions + 1)
    jobs = [
        asyncio.create_task(
            play_session(
                served, recorded[number % len(recorded)], number, ready, share=number / sessions, clicks=clicks
            )
        )
        for number in range(sessions)
    ]
    await ready.wait()
    before = served.cpu_seconds()
    results = await asyncio.gather(*jobs)
    return [seconds for result in results for seconds in result], served.cpu_seconds() - before


async def play_session(
    served: Server, recorded: Recorded, number: int, ready: asyncio.Barrier, *, share: float, clicks: int
) -> list[float]:
    chance = random.Random(number)
    async with wire_to(served) as wire:
        session = Session(wire, known={})
        await session.run(BackMsg.FromString(recorded.visit))
        await ready.wait()
        began = time.perf_counter() + share  # people do not click in step
        seconds, value = [], ""
        for tick in range(clicks):
            await asyncio.sleep(max(0.0, began + tick - time.perf_counter()))
            before, value = value, chance.choice([other for other in recorded.values if other != value])
            message = click_message(recorded, before=before, value=value)
            seconds.append(await session.run(message, shows=(recorded.event, value)))
        return seconds


def wire_to(served: Server) -> connect:
    """What a page of the dashboard opens."""
    return connect(
        f"ws://127.0.0.1:{served.port}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        origin=Origin(served.url),
        max_size=None,
    )


def click_message(recorded: Recorded, *, before: str, value: str) -> BackMsg:
    """The recorded click, as if on ``value`` with ``before`` chosen until now."""
    message: BackMsg = BackMsg.FromString(recorded.click)
    for widget in message.rerun_script.widget_states.widgets:
        if widget.WhichOneof("value") == "json_trigger_value":
            widget.json_trigger_value = json.dumps([{"event": recorded.event, "value": value}])
        elif widget.id.endswith(f"-{recorded.parameter}"):
            widget.string_value = before
    return message


@dataclass
class Session:
    """One visitor's wire."""

    wire: ClientConnection
    known: dict[str, ForwardMsg]  # hash -> a message that need not be sent again, as a browser keeps them

    async def run(self, message: BackMsg, *, shows: tuple[str, str] | None = None) -> float:
        """Sends ``message`` and reads until the script has run; the seconds from the one to the other.

        An answer that does not have the part that ``shows`` the clicked value was no answer, however fast.
        """
        answered = shows is None
        message.rerun_script.ClearField("cached_message_hashes")
        message.rerun_script.cached_message_hashes.extend(self.known)
        began = time.perf_counter()
        await self.wire.send(message.SerializeToString())
        async for frame in self.wire:
            answer = ForwardMsg.FromString(frame if isinstance(frame, bytes) else frame.encode())
            if answer.WhichOneof("type") == "ref_hash":
                answer = self.known[answer.ref_hash]
            kind = answer.WhichOneof("type")
            element = answer.delta.new_element if kind == "delta" else None
            if element and element.WhichOneof("type") == "exception":
                raise SystemExit(f"a page failed: {element.exception.message}")
            if element and element.WhichOneof("type") == "bidi_component" and shows:
                answered = answered or str(json.loads(element.bidi_component.json).get(shows[0])) == shows[1]
            if kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                seconds = time.perf_counter() - began
                if not answered:
                    raise SystemExit(f"the server did not answer a click on {shows}")
                return seconds
            if answer.metadata.cacheable:
                self.known[answer.hash] = answer
        raise SystemExit("the server closed the connection")
