"""Printing in every encoding: a sign that it lacks is replaced, and nothing ever fails because of it."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnistcore.console import streams
from mnistcore.datasets.registry import DATASETS
from scripts.project import ROOT
from scripts.toys import toy_content
from tests.here import store_here

ENCODINGS = ("ascii", "latin-1", "cp1252", "euc_jp", "cp932", "shift_jis", "iso2022_jp", "koi8_r", "utf-8", "utf-16")


def printed(text: str, encoding: str) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    streams.tolerate(stream)
    stream.write(text)
    stream.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_everything_that_we_print_comes_out(encoding: str) -> None:
    words = " ".join(name for dataset in DATASETS.values() for name in (dataset.title.ja, dataset.title.en))
    for text in ("–", "10…", "5 × 5 → ’x’", words, "数字 é ½ 😀 ﷽", "a\udc83\udcff.png", "\ud800", ""):
        assert printed(text, encoding) or not text
    assert printed("run 1, 97.5 %, complete", encoding) == "run 1, 97.5 %, complete"


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("steps 3 of –", "ascii", "steps 3 of -"),
        ("steps 3 of –", "euc_jp", "steps 3 of -"),
        ("3 of –", "cp932", "3 of -"),
        ("12…", "latin-1", "12..."),
        ("28 × 28", "ascii", "28 x 28"),
        ("28 × 28", "latin-1", "28 × 28"),
        ("数字 3", "ascii", "?? 3"),
        ("数字 3", "euc_jp", "数字 3"),
        ("café", "ascii", "cafe"),
        ("a\udc83", "utf-8", "a\\x83"),
        ("数字 – é", "utf-8", "数字 – é"),
    ],
)
def test_a_likeness_is_printed_where_there_is_one(text: str, encoding: str, shown: str) -> None:
    assert printed(text, encoding) == shown


def test_a_stream_that_is_none_or_has_no_encoding_is_left() -> None:
    streams.tolerate(None, io.StringIO())


def process(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "mnistcore", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
    )


@pytest.fixture
def stored(artifacts: Path) -> str:
    """A run whose metrics are not all defined, beside one whose name is no text."""
    store = store_here()
    run_id = store.save(toy_content(num_images=3)).run_id
    (Path(os.fsdecode(os.fsencode(store.root) + b"/\x83\x65\x83\x58"))).mkdir()
    return run_id


PLAIN_C = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "euc_jp"}, {"PYTHONIOENCODING": "cp932:strict"}, {"PYTHONIOENCODING": "ascii"}, PLAIN_C],
    ids=["euc_jp", "cp932", "ascii", "C"],
)
def test_commands_print_in_a_terminal_of_another_time(environment: dict[str, str], stored: str) -> None:
    for command in (("evaluate", stored), ("list", "--nonsense"), ("list",)):
        done = process(*command, **environment)
        assert done.returncode == (2 if "--nonsense" in command else 0), done.stderr
        assert b"Traceback" not in done.stderr
    assert b"\\x83e\\x83X" in done.stderr


def test_json_keeps_its_text_in_ascii(artifacts: Path) -> None:
    found = json.loads(process("datasets", "--json", PYTHONIOENCODING="ascii").stdout.decode("ascii"))
    assert {one["title"]["ja"] for one in found} == {dataset.title.ja for dataset in DATASETS.values()}


def test_the_table_of_trainings_comes_out_where_the_dash_is_missing(artifacts: Path) -> None:
    code = (
        "from mnistcore.jobs import jobs\nfrom mnistcore.__main__ import app\nfrom scripts.toys import toy_job\n"
        "jobs.listing = lambda _: jobs.Listing((toy_job(steps=0, memory_bytes=None),), ())\n"
        "app(['jobs'])"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "euc_jp", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"10 of -" in done.stdout
