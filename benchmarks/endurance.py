"""Measures what a class does to the server in a whole lesson: many sessions for minutes while a model is trained.

    python -m benchmarks.endurance                 # 30 sessions for 10 minutes, 100 that stay, a restart
    python -m benchmarks.endurance --minutes 1
    python -m benchmarks.endurance --save          # for docs/benchmarks.md

clicks     each session a click a second, while another process trains: from the request to the end of the script's run
memory     of the server, after the last click beside after the first ones
stay       further sessions that only stay open: what each of them holds
restart    the server is killed and started again: every session comes back with the view that it had
"""

import argparse
import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks import reports
from benchmarks.machine import machine, timing
from benchmarks.results import Figure, Result, rounded, timed_figure
from benchmarks.sessions import MOST_P95, SESSIONS, Recorded, Session, play, record, wire_to
from benchmarks.subject import Subject, prepare_subject
from mnistcore.jobs import jobs
from mnistcore.training.presets import make_config
from mnistcore.workspace import Workspace
from scripts.serving import Server, serving

STAYING = 100
MOST_GROWTH = 10  # percent
WARM_UP_SECONDS = 30  # in which caches fill
LOOK_SECONDS = 2.0
BACK_SECONDS = 60  # the longest that a session may take to come back


@dataclass
class Memory:
    """What the server holds, looked at again and again."""

    process: psutil.Process
    bytes_held: list[int]

    @contextmanager
    def watched(self) -> Iterator[None]:
        ended = threading.Event()

        def look() -> None:
            while not ended.wait(LOOK_SECONDS):
                self.bytes_held.append(self.process.memory_info().rss)

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def growth_percent(self) -> float:
        """From the end of the warm-up to the end."""
        first = min(len(self.bytes_held) - 1, int(WARM_UP_SECONDS / LOOK_SECONDS))
        return 100 * (self.bytes_held[-1] / self.bytes_held[first] - 1)


@contextmanager
def training(here: Workspace, dataset: str) -> Iterator[None]:
    """A training that goes on for longer than anybody measures, in a process of its own."""
    job = jobs.start(here, make_config(dataset, "cnn", "best", epochs=1000), device="cpu")
    try:
        yield
        found = jobs.find(here, job.run_id)
        if found is None or not found.is_live or not found.steps_done:
            raise SystemExit(f"expected a training that goes on, got one that is {found.state if found else 'gone'}")
    finally:
        jobs.stop(here, job.run_id)
        while (found := jobs.find(here, job.run_id)) is not None and found.is_live:
            time.sleep(0.2)
    if found is None or not found.resumable:
        raise SystemExit("expected a training that can be resumed afterwards, got none")


def measure(subject: Subject, *, minutes: float) -> list[Figure]:
    """Everything, one after the other."""
    here = Workspace(subject.root, Workspace.from_environment().data)
    clicks = max(1, round(60 * minutes))
    with serving(artifacts=here.artifacts, data=here.data) as served:
        recorded = record(subject, served)
        memory = Memory(psutil.Process(served.process.pid), [])
        with training(here, subject.run.dataset.name), memory.watched():
            seconds, cpu = asyncio.run(play(served, recorded, sessions=SESSIONS, clicks=clicks))
        more = {"cpu_ms": rounded(1000 * cpu / len(seconds)), "growth_percent": rounded(memory.growth_percent())}
        what = f"{SESSIONS} sessions, each a click a second for {minutes:g} min, beside a training"
        figures = [timed_figure(what, timing(seconds), most_p95=MOST_P95, more=more)]
        if memory.growth_percent() > MOST_GROWTH:
            raise SystemExit(f"expected at most {MOST_GROWTH} % more memory, got {memory.growth_percent():.1f} %")
        figures.append(asyncio.run(stay(served, recorded, memory.process)))
        port = served.port
        views = [_view(recorded[number % len(recorded)], number) for number in range(SESSIONS)]
        asyncio.run(come_back(served, views))
        served.process.kill()
    with serving(artifacts=here.artifacts, data=here.data, port=port) as again:
        figures.append(asyncio.run(come_back(again, views)))
    return figures


def _view(recorded: Recorded, number: int) -> tuple[Recorded, str]:
    return recorded, recorded.values[7 * number % len(recorded.values)]


async def stay(served: Server, recorded: Sequence[Recorded], process: psutil.Process) -> Figure:
    """How long a click takes somebody while a hundred others have the page open, and what each of those holds."""
    before = process.memory_info().rss
    wires = [wire_to(served) for _ in range(STAYING)]
    open_ones = []
    for wire in wires:
        session = Session(await wire, known={})
        await session.run(BackMsg.FromString(recorded[0].visit))
        open_ones.append(session)
    held = (process.memory_info().rss - before) / STAYING / 2**20
    seconds, _ = await play(served, recorded, sessions=1, clicks=30)
    for session in open_ones:
        await session.wire.close()
    what = f"one session, a click a second, while {STAYING} others stay open"
    return timed_figure(what, timing(seconds), most_p95=MOST_P95, more={"mib_each": rounded(held)})


async def come_back(served: Server, views: Sequence[tuple[Recorded, str]]) -> Figure:
    """All at once, as their browsers do: each asks for the view of its address, and gets it."""

    async def one(recorded: Recorded, value: str) -> float:
        began = time.perf_counter()
        async with wire_to(served) as wire:
            message: BackMsg = BackMsg.FromString(recorded.visit)
            address = {name: values[0] for name, values in parse_qs(message.rerun_script.query_string).items()}
            address[recorded.parameter] = value
            message.rerun_script.query_string = "&".join(f"{name}={text}" for name, text in address.items())
            del message.rerun_script.widget_states.widgets[:]
            await Session(wire, known={}).run(message, shows=(recorded.event, value))
        return time.perf_counter() - began

    seconds = await asyncio.gather(*(one(recorded, value) for recorded, value in views))
    what = f"{len(views)} sessions come back at once after the server was killed and started again, each to its view"
    return timed_figure(what, timing(list(seconds)), most_p95=1000 * BACK_SECONDS)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what a class does to the server in a whole lesson.")
    parser.add_argument("--minutes", type=float, default=10, help="of clicks (default: 10)")
    reports.add_options(parser)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subject = prepare_subject(Path(folder))
        figures = measure(subject, minutes=arguments.minutes)
    result = Result(
        command=f"python -m benchmarks.endurance --minutes {arguments.minutes:g}, on {subject}",
        machine=machine("streamlit", "numpy", "pandas", "plotly"),
        figures=tuple(figures),
    )
    reports.tell(result, "endurance", reports.TIMES, arguments)


if __name__ == "__main__":
    main()
