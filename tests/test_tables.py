"""Tables in a terminal: no cell is ever cut, whatever the width; without a terminal an entry is one line."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest

from mnistcore.console import tables
from mnistcore.datasets.registry import DATASETS
from scripts.project import ROOT
from scripts.toys import toy_content
from tests.here import store_here

RUNS = (
    ("run", "preset", "accuracy", "epoch", "status", "seconds", "created (UTC)"),
    [
        ("fashion-mnist-resnet-67c61272", "own", "99.13 %", "1000", "interrupted", "36219.3", "2026-11-25 22:41:21"),
        ("digits-mlp-f45e6886", "handout", "–", "5", "complete", "0.4", "2026-11-25 22:37:32"),
    ],
)


def confusions(classes: list[str]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    counts = np.random.default_rng(0).integers(1000, 10_000, (len(classes), len(classes)))
    rows = [(name, *map(str, row)) for name, row in zip(classes, counts, strict=True)]
    return ("truth \\ predicted", *classes), rows


MATRICES = [
    confusions([getattr(name, language) for name in DATASETS["fashion-mnist"].classes]) for language in ("en", "ja")
]


@pytest.mark.parametrize("table", range(3))
def test_no_cell_is_cut_at_any_width(table: int) -> None:
    header, rows = (RUNS, *MATRICES)[table]
    for width in range(20, 201):
        for matrix in (False, True):
            drawn = tables.draw_table(header, rows, width=width, matrix=matrix)
            for row in rows:
                assert all(cell in drawn for cell in row), (width, row)
            assert all(title in drawn for title in header[1:])


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_lines_fit_wherever_their_longest_piece_does(width: int) -> None:
    entries, *matrices = (
        tables.draw_table(*table, width=width, matrix=table is not RUNS) for table in (RUNS, *MATRICES)
    )
    for drawn in (entries, *matrices):
        assert max(map(tables.cell_width, drawn.splitlines())) <= width


@pytest.mark.parametrize("width", [80, 40])
def test_each_count_stands_below_the_class_it_was_predicted_as(width: int) -> None:
    header, rows = MATRICES[0]
    found = {}
    for band in tables.draw_table(header, rows, width=width, matrix=True).split("\n\n"):
        titles, _, *lines = band.splitlines()
        names = [name for name in header[1:] if name in titles.split()[3:] or f" {name} " in f" {titles} "]
        for line in lines:
            row = next(row for row in rows if line.startswith(f"{row[0]} "))
            for name, cell in zip(names, line[len(row[0]) :].split(), strict=True):
                assert titles.index(f" {name}") == line.index(f" {cell}")
                found[row[0], name] = cell
    assert found == {(row[0], name): cell for row in rows for name, cell in zip(header[1:], row[1:], strict=True)}


def test_without_a_terminal_an_entry_is_one_line() -> None:
    header, rows = MATRICES[0]
    assert len(tables.draw_table(header, rows).splitlines()) == 2 + len(rows)


def test_a_name_neither_breaks_its_line_nor_commands_the_terminal() -> None:
    drawn = tables.draw_table(("class", "count"), [("a\nb\tc\x1b[2Jd\u2028e", "1")])
    assert drawn.splitlines()[-1] == r"a\nb\tc\x1b[2Jd\u2028e  1"


def in_terminal(*arguments: str, columns: int) -> str:
    """What a command shows on standard output in a terminal that is so wide."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, "-m", "mnistcore", *arguments], cwd=ROOT, env=environment, stdout=theirs
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # Linux tells so of a terminal that nobody has open any more
        pass
    finally:
        os.close(ours)
    assert process.wait(60) == 0
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [40, 80])
def test_commands_cut_nothing_in_a_real_terminal(columns: int, artifacts: Path) -> None:
    store = store_here()
    run = store.save(toy_content(num_images=2000, epochs=12, status="interrupted"))
    listed = in_terminal("list", columns=columns)
    for cell in (run.run_id, "interrupted", str(run.epochs_kept[-1]), run.created[:19].replace("T", " ")):
        assert cell in listed
    shown = in_terminal("evaluate", run.run_id, columns=columns)
    labels, predicted = (getattr(store.predictions(run.run_id, "test"), name) for name in ("labels", "predicted"))
    for number in range(10):
        for count in np.bincount(predicted[labels == number], minlength=10):
            assert f" {count}" in shown
    assert "…" not in listed + shown
