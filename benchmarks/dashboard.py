"""Measures the dashboard as people meet it: a real server, a real Chromium, thirty sessions at once.

    python -m benchmarks.dashboard                    # everything, about four minutes
    python -m benchmarks.dashboard --part click --n 100 --json

click      from the mouse click to the painted answer of the server, one session, timed inside the page
sessions   30 sessions, each a click a second for 30 s: from the request to the end of the script's run
start      from starting the server, and from opening a further session, to the complete matrix page
load       bytes that each page takes the first time and on a reload

The run that is looked at has MNIST's 10,000 test images with their true labels and made-up logits that are
wrong for 1 to 2 % of them. Where MNIST is not on this machine, it is the newest run in the artifacts folder
instead, and the report says so. Nothing is written outside a temporary folder.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.machine import Machine, Timing, machine, timing
from mnistcore.config import artifacts_folder, data_folder, make_config
from mnistcore.datasets import data
from mnistcore.evaluation import selections
from mnistcore.evaluation.evaluation import Evaluation, evaluate_predictions
from mnistcore.runs.manifest import ClassRecord, DatasetRecord, RunManifest
from mnistcore.runs.store import RunContent, Store
from scripts.chromium import OPTIONS, find_chromium
from scripts.serving import Server, serving
from toys import toy_content

PAGES = ("overview", "confusion_matrix", "class_by_class", "misclassified")
WITH_CHART = ("overview",)  # Plotly's script alone is larger than all that other pages may take
IMAGES_ON_A_PAGE = 100
SESSIONS, SECONDS = 30, 30
STARTS = 5
PATIENCE_MS = 30_000


@dataclass(frozen=True)
class Figure:
    """One thing timed, beside what it must not exceed."""

    what: str
    timing: Timing
    allowed_median_seconds: float | None
    allowed_p95_seconds: float | None
    load: float  # the machine's load average when it was measured
    note: str = ""


@dataclass(frozen=True)
class Transfer:
    """What a page takes over the wire, in bytes as sent."""

    page: str
    cold_bytes: int  # files, with an empty browser cache
    cold_messages_bytes: int  # what the script's run sends through the websocket
    warm_bytes: int  # files on a reload
    warm_messages_bytes: int
    allowed_cold_bytes: int | None
    largest: tuple[tuple[str, int], ...]  # the biggest files of the cold load


@dataclass(frozen=True)
class Report:
    """Everything measured, and where."""

    machine: Machine
    subject: str  # the run that was looked at
    figures: tuple[Figure, ...]
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True)
class Subject:
    """The run that is looked at, and its numbers, to tell a right answer from an old one."""

    root: Path  # artifacts folder that the server is given
    run: RunManifest
    evaluation: Evaluation

    def __str__(self) -> str:
        found = self.evaluation
        return f"{self.run.run_id}, {found.total:,} images, {found.mistakes:,} mistakes"

    def images(self, mask: np.ndarray) -> list[str]:
        """The ids that the first page of the gallery shows for ``mask``, in its order."""
        return [str(index) for index in self.evaluation.most_confident_first(mask)[:IMAGES_ON_A_PAGE]]

    def path(self, page: str, **parameters: str) -> str:
        chosen = {"lang": "en", "run": self.run.run_id} | parameters
        return f"/{page}?" + "&".join(f"{name}={value}" for name, value in chosen.items())


# ---------------------------------------------------------------- the run that is looked at


def prepare_subject(folder: Path) -> Subject:
    """A run as large as MNIST's in ``folder``; without MNIST the newest run of the artifacts folder."""
    if data.is_available("mnist"):
        store = Store(folder / "runs")
        store.save(made_up_content())
    else:
        store = Store.default()
        if not store.listing().runs:
            raise SystemExit(
                f"expected MNIST in {data_folder()} (set MNISTCORE_DATA) or a run in {store.root}: train one"
            )
        print("MNIST is not there: the newest run takes its place", file=sys.stderr)
        folder = artifacts_folder()
    run = store.listing().runs[0]
    predictions = store.predictions(run.run_id, "test")
    return Subject(folder, run, evaluate_predictions(predictions, num_classes=len(run.dataset.classes)))


def made_up_content() -> RunContent:
    """MNIST's test labels, and logits that are wrong for 1 to 2 % of them; the rest is a toy's."""
    split, classes = data.load_split("mnist", "test"), data.DATASETS["mnist"].classes
    config = make_config("mnist", "mlp", "handout")
    shape = (config.epochs, len(split.labels), len(classes))
    logits = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    logits[:, np.arange(len(split.labels)), split.labels] += 4.0
    dataset = DatasetRecord(
        name=config.dataset,
        classes=tuple(ClassRecord(ja=name.ja, en=name.en) for name in classes),
        fingerprints=dict.fromkeys(("train", "validation", "test"), split.fingerprint),
        sizes={"train": 55_000, "validation": 5_000, "test": len(split.labels)},
    )
    content = toy_content(config=config)
    return replace(content, dataset=dataset, predictions={"test": (split.labels, logits)})


# ---------------------------------------------------------------- the browser

# Put into each page before its own scripts. A frame is looked at when the browser is about to draw it; once
# everything is there, the time is taken after the frame that follows the decoded pictures: never too early,
# up to one frame (17 ms) too late. Times are the browser's own; a click counts from when the browser got it.
IN_PAGE = """
(() => {
  const main = () => document.querySelector("[data-testid=stMain]");
  const parts = () =>
    [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")].filter((node) => node.shadowRoot);
  const inParts = (selector) => parts().flatMap((node) => [...node.shadowRoot.querySelectorAll(selector)]);
  const text = (selector) => main().querySelector(selector)?.textContent ?? "";
  const sentences = () => [...main().querySelectorAll("[data-testid=stMarkdownContainer]")]
    .map((node) => node.textContent).filter((words) => words.length > 30);
  const idle = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning";
  const gallery = () => inParts("[data-image]");
  const shows = (images) => {
    const tiles = gallery();
    return tiles.length === images.length && tiles.every((tile, i) => tile.dataset.image === images[i]);
  };
  const detail = (image) => image === undefined || text(".detail .quiet").match(/\\d+/)?.[0] === image;
  const afterFrame = () => new Promise((resolve) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now());
    channel.port2.postMessage(0);
  }));
  const until = (condition) => new Promise((resolve, reject) => {
    const patience = performance.now() + PATIENCE_MS;
    const look = () => {
      if (condition()) resolve();
      else if (performance.now() > patience) reject(new Error("the page never showed " + condition));
      else requestAnimationFrame(look);
    };
    look();
  });
  const pictures = async () => {
    const grid = gallery()[0]?.parentElement;
    const address = grid?.style.getPropertyValue("--sprite").match(/url\\("(.*)"\\)/)?.[1];
    if (!address) return;
    const picture = new Image();
    picture.src = address;
    await picture.decode();
  };
  const answers = {
    cell: ({ images, sentence }) => {
      return sentences().some((words) => !sentence.includes(words)) && shows(images) && detail(images[0]);
    },
    flip: ({ images, counts, heading }) => {
      const formulas = text(".formulas").replace(/\\s+/g, " ");
      return counts.every((count) => formulas.includes(count)) && text(".region-heading") !== heading
        && shows(images) && detail(images[0]);
    },
  };
  const optimistic = {
    cell: ({ target }) => inParts(`[data-sel="${target}"]`)[0].getAttribute("aria-selected") === "true",
    flip: ({ target }) => inParts("[data-shown]")[0].dataset.shown.startsWith(`${target}-`),
  };
  window.bench = {
    arm(kind, expected) {
      expected.sentence = sentences();
      expected.heading = text(".region-heading");
      this.result = new Promise((resolve) => addEventListener("click", (event) => {
        const began = event.timeStamp;
        const first = until(() => optimistic[kind](expected)).then(afterFrame);
        const last = until(() => answers[kind](expected)).then(pictures).then(afterFrame);
        resolve(Promise.all([first, last]).then((times) => times.map((time) => (time - began) / 1000)));
      }, { capture: true, once: true }));
    },
    idle: () => until(() => main()?.querySelector("h1") && idle()),
    async completeMatrix() {
      await until(() => main() && idle() && inParts("[data-sel]").length >= 100 && gallery().length
        && text(".detail .quiet") && main().querySelector(".detail img").complete);
      await pictures();
      return (performance.timeOrigin + await afterFrame()) / 1000;
    },
  };
})();
""".replace("PATIENCE_MS", str(PATIENCE_MS))


@contextmanager
def chromium() -> Iterator[Browser]:
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
    context.add_init_script(IN_PAGE)
    return context


# ---------------------------------------------------------------- click


def measure_clicks(subject: Subject, *, n: int) -> list[Figure]:
    """Class flips and cell clicks in one session; the first three of each kind warm up and do not count."""
    found, evaluation = subject.evaluation, subject.evaluation
    size = len(subject.run.dataset.classes)

    def cell(wanted: str) -> dict[str, object]:
        part = selections.parse_selection(wanted, num_classes=size)
        mask = selections.selection_mask(part, found.labels, found.predicted)
        return {"target": wanted, "images": subject.images(mask)}

    def flip(wanted: str, region: str) -> dict[str, object]:
        mask = selections.region_mask(region, int(wanted), found.labels, found.predicted)
        counts = [f"{name.upper()} {getattr(found.counts, name)[int(wanted)]:,}" for name in ("tp", "fp", "fn")]
        return {"target": wanted, "images": subject.images(mask), "counts": counts}

    pairs = [(i, j) for i in range(size) for j in range(size)]
    mistakes = [f"{i}-{j}" for i, j in pairs if i != j and evaluation.matrix[i, j]]
    right = [f"{i}-{i}" for i in range(size) if evaluation.matrix[i, i]]
    classes = [str(index) for index in range(size)]
    kinds: list[tuple[str, str, str, str, list[dict[str, object]]]] = [
        (
            "cell click, a mistake",
            "cell",
            "confusion_matrix",
            '[data-sel="{}"]',
            [cell(one) for one in mistakes],
        ),
        (
            "cell click, the diagonal",
            "cell",
            "confusion_matrix",
            '[data-sel="{}"]',
            [cell(one) for one in right],
        ),
    ]
    for region, name in (("fn", "its misses below"), ("tp", "its right ones below")):
        goals = [flip(one, region) for one in classes]
        kinds.append((f"class flip, {name}", "flip", "class_by_class", '[role=tab][data-class="{}"]', goals))
    figures = []
    with serving(artifacts=subject.root, data=data_folder()) as served, chromium() as browser:
        for what, kind, page_name, selector, goals in kinds:
            page = visitor(browser).new_page()
            region = "tp" if "right ones" in what else "fn"
            page.goto(served.url + subject.path(page_name, region=region))
            page.evaluate("bench.idle()")
            goals = [goal for goal in goals if goal["images"]]
            clicks, cpu = click_around(page, served, kind, selector, goals, n=n)
            images = sorted(len(goal["images"]) for goal in goals)  # type: ignore[arg-type]
            note = f"{images[0]} to {images[-1]} images; the server used {1000 * cpu:.0f} ms of CPU a click"
            for title, seconds, median, p95 in (
                (f"{what}: the server's answer painted", [last for _, last in clicks], 0.1, 0.2),
                (f"{what}: painted at once, before the answer", [first for first, _ in clicks], None, None),
            ):
                figures.append(Figure(title, timing(seconds), median, p95, os.getloadavg()[0], note))
            page.context.close()
    return figures


def click_around(
    page: Page, served: Server, kind: str, selector: str, goals: Sequence[dict[str, Any]], *, n: int
) -> tuple[list[tuple[float, float]], float]:
    """(optimistic, answered) seconds of ``n`` clicks on changing goals, and the server's CPU seconds each."""
    choose, last, clicks, cpu = random.Random(0), None, [], 0.0
    for number in range(-3, n):
        goal = choose.choice([goal for goal in goals if goal is not last])
        last = goal
        page.wait_for_timeout(250)
        page.evaluate("([kind, goal]) => bench.arm(kind, goal)", [kind, goal])
        before = served.cpu_seconds()
        page.click(selector.format(goal["target"]))
        first, answered = page.evaluate("bench.result")
        page.evaluate("bench.idle()")
        if number >= 0:
            clicks.append((first, answered))
            cpu += served.cpu_seconds() - before
    return clicks, cpu / n


# ---------------------------------------------------------------- sessions


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
    """The sessions speak Streamlit's protocol without browsers: thirty of those would measure themselves."""
    with serving(artifacts=subject.root, data=data_folder()) as served:
        recorded = record(subject, served)
        seconds, cpu = asyncio.run(play(served, recorded))
    note = f"{len(seconds):,} clicks in all; the server used {1000 * cpu / len(seconds):.0f} ms of CPU a click"
    what = f"{SESSIONS} sessions, each a click a second for {SECONDS} s: request to end of the run"
    return [Figure(what, timing(seconds), None, 0.2, os.getloadavg()[0], note)]


async def play(served: Server, recorded: Sequence[Recorded]) -> tuple[list[float], float]:
    """Seconds of every click of every session, and the CPU seconds that the server used for them."""
    ready = asyncio.Barrier(SESSIONS + 1)
    jobs = [
        asyncio.create_task(play_session(served, recorded[number % len(recorded)], number, ready))
        for number in range(SESSIONS)
    ]
    await ready.wait()
    before = served.cpu_seconds()
    results = await asyncio.gather(*jobs)
    return [seconds for result in results for seconds in result], served.cpu_seconds() - before


async def play_session(served: Server, recorded: Recorded, number: int, ready: asyncio.Barrier) -> list[float]:
    chance = random.Random(number)
    async with connect(
        f"ws://127.0.0.1:{served.port}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        origin=served.url,  # type: ignore[arg-type]
        max_size=None,
    ) as wire:
        session = Session(wire, known={})
        await session.run(BackMsg.FromString(recorded.visit))
        await ready.wait()
        began = time.perf_counter() + number / SESSIONS  # people do not click in step
        seconds, value = [], ""
        for tick in range(SECONDS):
            await asyncio.sleep(max(0.0, began + tick - time.perf_counter()))
            before, value = value, chance.choice([other for other in recorded.values if other != value])
            message = click_message(recorded, before=before, value=value)
            seconds.append(await session.run(message, shows=(recorded.event, value)))
        return seconds


def click_message(recorded: Recorded, *, before: str, value: str) -> BackMsg:
    """The recorded click, as if on ``value`` with ``before`` chosen until now."""
    message = BackMsg.FromString(recorded.click)
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
            if kind == "script_finished":
                seconds = time.perf_counter() - began
                if not answered:
                    raise SystemExit(f"the server did not answer a click on {shows}")
                return seconds
            if answer.metadata.cacheable:
                self.known[answer.hash] = answer
        raise SystemExit("the server closed the connection")


# ---------------------------------------------------------------- start


def measure_start(subject: Subject, *, n: int) -> list[Figure]:
    """A fresh server each time; its first visitor has an empty browser, as has the next, who comes back."""
    first, further, again = [], [], []
    path = subject.path("confusion_matrix")
    with chromium() as browser:
        for _ in range(n):
            page = visitor(browser).new_page()  # the browser is open before somebody starts the server
            began = time.time()
            with serving(artifacts=subject.root, data=data_folder()) as served:
                first.append(open_matrix(page, served.url + path) - began)
                page.context.close()
                page = visitor(browser).new_page()
                for found in (further, again):
                    began = time.time()
                    found.append(open_matrix(page, served.url + path) - began)
                    page.goto("about:blank")
                page.context.close()
    load = os.getloadavg()[0]
    return [
        Figure("server start to the first complete matrix page", timing(first), 4.5, None, load),
        Figure("further session, empty browser cache, to the same", timing(further), 2.0, None, load),
        Figure("further session, warm browser cache, to the same", timing(again), 2.0, None, load),
    ]


def open_matrix(page: Page, url: str) -> float:
    """Opens a matrix page; the time of day, in seconds, at which it was complete."""
    page.goto(url, wait_until="commit")
    return float(page.evaluate("bench.completeMatrix()"))


# ---------------------------------------------------------------- load


def measure_load(subject: Subject) -> list[Transfer]:
    transfers = []
    with serving(artifacts=subject.root, data=data_folder()) as served, chromium() as browser:
        for name in PAGES:
            page = visitor(browser).new_page()
            wire = Wire(page)
            wire.settle(lambda page=page, name=name: page.goto(served.url + subject.path(name)))
            cold, messages = dict(wire.files), wire.messages
            wire.settle(page.reload)
            largest = sorted(cold.items(), key=lambda item: -item[1])[:8]
            transfers.append(
                Transfer(
                    page=name,
                    cold_bytes=sum(cold.values()),
                    cold_messages_bytes=messages,
                    warm_bytes=sum(wire.files.values()),
                    warm_messages_bytes=wire.messages,
                    allowed_cold_bytes=None if name in WITH_CHART else 3_500_000,
                    largest=tuple(largest),
                )
            )
            page.context.close()
    return transfers


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


# ---------------------------------------------------------------- report


def measure(parts: Sequence[str], *, n: int, starts: int) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        subject = prepare_subject(Path(folder))
        figures: list[Figure] = []
        if "click" in parts:
            figures += measure_clicks(subject, n=n)
        if "sessions" in parts:
            figures += measure_sessions(subject)
        if "start" in parts:
            figures += measure_start(subject, n=starts)
        transfers = measure_load(subject) if "load" in parts else []
        where = machine("streamlit", "numpy", "pandas", "plotly")
        return Report(where, str(subject), tuple(figures), tuple(transfers))


def markdown(report: Report) -> str:
    """The report as docs/benchmarks.md holds it."""
    lines = [str(report.machine), "", f"Looked at: {report.subject}", ""]
    if report.figures:
        lines += [
            "| what | required | n | median ms | p95 ms | load | |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ]
    for one in report.figures:
        allowed = (("median", one.allowed_median_seconds), ("p95", one.allowed_p95_seconds))
        required = ", ".join(f"{name} ≤ {1000 * most:,.0f}" for name, most in allowed if most is not None) or "–"
        found = one.timing
        lines.append(
            f"| {one.what} | {required} | {found.n} | {1000 * found.median_seconds:,.0f} "
            f"| {1000 * found.p95_seconds:,.0f} | {one.load:.1f} | {one.note} |"
        )
    if report.transfers:
        lines += [
            "",
            "| page | required | first load kB | of it messages | reload kB | of it messages |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
    for page in report.transfers:
        most = "–" if page.allowed_cold_bytes is None else f"≤ {page.allowed_cold_bytes / 1000:,.0f}"
        cold, warm = page.cold_bytes + page.cold_messages_bytes, page.warm_bytes + page.warm_messages_bytes
        lines.append(
            f"| {page.page} | {most} | {cold / 1000:,.0f} | {page.cold_messages_bytes / 1000:,.0f} "
            f"| {warm / 1000:,.0f} | {page.warm_messages_bytes / 1000:,.0f} |"
        )
    for page in report.transfers:
        files = ", ".join(f"{Path(name).name or '/'} {size / 1000:,.0f}" for name, size in page.largest)
        lines += ["", f"Biggest files of {page.page}, kB: {files}"]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the dashboard in a real browser and with 30 sessions.")
    parts = ("click", "sessions", "start", "load")
    parser.add_argument("--part", choices=(*parts, "all"), default="all", help="what to measure (default: all)")
    parser.add_argument("--n", type=int, default=60, help="clicks of each kind (default: 60)")
    parser.add_argument("--starts", type=int, default=STARTS, help=f"starts of the server (default: {STARTS})")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of Markdown")
    arguments = parser.parse_args()
    chosen = parts if arguments.part == "all" else (arguments.part,)
    report = measure(chosen, n=arguments.n, starts=arguments.starts)
    print(json.dumps(asdict(report), indent=2) if arguments.json else markdown(report))


if __name__ == "__main__":
    main()
