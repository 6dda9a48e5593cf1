"""Measures a folder of 10,000 runs and one of 1,000 ended trainings: the first page, and a click once it is known.

    python -m benchmarks.many_runs            # five minutes
    python -m benchmarks.many_runs --save     # for docs/benchmarks.md

Sessions speak Streamlit's protocol without a browser. Times are from the request to the end of the script's run.
"""

import argparse
import asyncio
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from unittest import mock

from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks import reports
from benchmarks.machine import machine, timing
from benchmarks.results import Figure, Result, timed_figure
from benchmarks.sessions import Recorded, Session, play, record, wire_to
from benchmarks.subject import Subject, prepare_subject
from mnistcore import config
from mnistcore.jobs import job_files
from mnistcore.jobs.records import Request, now_utc
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace
from scripts.serving import Server, serving
from scripts.toys import toy_config, toy_content

RUNS, ENDED = 10_000, 1_000
CLICKS = 30
MOST_CLICK, MOST_PAGE = 300, 500  # milliseconds


def fill(here: Workspace) -> None:
    """The runs and the trainings."""
    with mock.patch.object(os, "fsync", return_value=None):  # this is not about the disk
        for seed in range(1, RUNS):
            Store(here.runs).save(toy_content(seed=seed, num_images=2, epochs=1))
        for seed in range(ENDED):
            request = Request(attempt=f"{seed}", config=toy_config(seed=seed), device="cpu", force=False, fresh=False)
            folder = here.jobs / config.run_id(request.config)
            folder.mkdir(parents=True)
            job_files.put_request(folder, request)
            status = job_files.first_status(request, now_utc())
            status.state = "complete"
            job_files.write_status(folder, status)


def measure(subject: Subject) -> list[Figure]:
    """Both folders at once, as they lie beside each other."""
    here = Workspace(subject.root, Workspace.from_environment().data)
    fill(here)
    with serving(artifacts=here.artifacts, data=here.data) as served:
        recorded = record(subject, served)
        figures = []
        for each in recorded:
            seconds, _ = asyncio.run(play(served, [each], sessions=1, clicks=CLICKS))
            found = timing(seconds)
            figures.append(timed_figure(f"{RUNS:,} runs: a click on {each.parameter}", found, most_median=MOST_CLICK))
        training = replace(recorded[0], visit=_visit_of("training", recorded[0]))
        seconds = asyncio.run(visits(served, training, n=CLICKS))
    figures.append(timed_figure(f"{ENDED:,} ended trainings: their page", timing(seconds[1:]), most_median=MOST_PAGE))
    return figures


def _visit_of(page: str, recorded: Recorded) -> bytes:
    message: BackMsg = BackMsg.FromString(recorded.visit)
    message.rerun_script.page_script_hash = ""
    message.rerun_script.page_name = page
    message.rerun_script.query_string = "lang=en"
    return bytes(message.SerializeToString())


async def visits(served: Server, recorded: Recorded, *, n: int) -> list[float]:
    """Seconds of the same page for one visitor after the other; the first one finds what is new."""
    seconds = []
    for _ in range(n + 1):
        async with wire_to(served) as wire:
            seconds.append(await Session(wire, known={}).run(BackMsg.FromString(recorded.visit)))
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure a folder of very many runs and trainings.")
    reports.add_options(parser)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subject = prepare_subject(Path(folder))
        figures = measure(subject)
    result = Result(
        command=f"python -m benchmarks.many_runs, {RUNS:,} runs, {ENDED:,} ended trainings",
        machine=machine("streamlit", "numpy", "pandas"),
        figures=tuple(figures),
    )
    reports.tell(result, "many-runs", reports.TIMES, arguments)


if __name__ == "__main__":
    main()
