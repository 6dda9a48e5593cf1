"""Owns what a command prints: results on standard output, messages on standard error; numbers and tables as text.

Names come from files that anybody may write, and a terminal obeys some signs: each of these is written out.
"""

import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from mnistcore.console import streams, tables
from mnistcore.errors import printable
from mnistcore.runs.problems import MOST_SHOWN

if TYPE_CHECKING:
    from pydantic import BaseModel

ABSENT = "–"  # stands for a value that does not exist
_NOT_ASCII = re.compile(r"[^\n -~]+")


def say(text: str) -> None:
    """Print a message on standard error.

    A closed terminal, or a log on a full disk, raises nothing: it is no reason to end the work.
    """
    with suppress(OSError, ValueError):
        if text:
            print(harmless(text), file=sys.stderr, flush=True)


def say_some(texts: Sequence[str]) -> None:
    """Print the first `MOST_SHOWN` messages on standard error, and how many more there are."""
    for text in texts[:MOST_SHOWN]:
        say(text)
    if (more := len(texts) - MOST_SHOWN) > 0:
        say(f"and {more:,} more; --json names all")


def tell(text: str) -> None:
    """Print a result in words on standard output."""
    print(harmless(text))


def harmless(text: str) -> str:
    r"""A text that commands no terminal and turns no line around.

    >>> print(harmless("\x1b]0;mine\x07"))
    \x1b]0;mine\x07
    """
    return printable(text, keep="\n\t")


def is_terminal() -> bool:
    """Whether standard error is a terminal."""
    with suppress(OSError, ValueError):  # closed
        return sys.stderr.isatty()
    return False


def print_json(document: "BaseModel | Sequence[BaseModel]") -> None:
    """Print one document on standard output.

    Args:
        document: of `mnistcore.console.documents`; several become one array.
    """
    plain = (
        [each.model_dump(mode="json") for each in document]
        if isinstance(document, Sequence)
        else document.model_dump(mode="json")
    )
    # allow_nan=False: NaN is not JSON, and nothing that is undefined may come out as a number.
    text = json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False)
    # A character that the encoding lacks is escaped, not replaced: whoever reads the document gets it back.
    if not streams.can_print(text, sys.stdout):
        text = json.dumps(plain, indent=2, allow_nan=False)
    print(_NOT_ASCII.sub(_written_out, text))


def _written_out(signs: re.Match[str]) -> str:
    """Signs of a document, each as JSON has it where no screen shows it, or where it would turn the line around."""
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in signs.group())


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str = "", matrix: bool = False) -> None:
    """Print a table on standard output, as wide as the terminal.

    Args:
        header: a title for each column.
        rows: as many cells each.
        empty: the message where there are no rows.
        matrix: whether rows and columns are alike; see `tables.draw_table`.
    """
    if not rows:
        say(empty)
        return
    # Where it is no terminal every row is one line, for grep and the like.
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print(f"\n{tables.draw_table(header, rows, width=width, matrix=matrix)}\n")


def print_facts(facts: Mapping[str, str], *, title: str = "") -> None:
    """Print names and their values on standard output, a line each."""
    if title:
        print(f"\n{printable(title)}")
    widest = max(map(len, facts))
    for name, value in facts.items():
        print(f"  {name:{widest}}  {printable(value)}")


def percent(share: float | None) -> str:
    """Write a share of 0 to 1 in percent.

    >>> percent(0.975), percent(None)
    ('97.50 %', '–')
    """
    return ABSENT if share is None else f"{share:.2%}".replace("%", " %")


def plain(value: object) -> str:
    """Write a number with at most four decimals.

    >>> plain(0.12345), plain(360), plain(None)
    ('0.1235', '360', '–')
    """
    return ABSENT if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)


def size(size_bytes: int | None) -> str:
    """Write a size in the unit that suits it.

    >>> size(3_000_000), size(80 * 2**30), size(None)
    ('2.9 MiB', '80.0 GiB', '–')
    """
    if size_bytes is None:
        return ABSENT
    return f"{size_bytes / 2**30:.1f} GiB" if size_bytes >= 2**30 else f"{size_bytes / 2**20:.1f} MiB"


def moment(utc: str) -> str:
    """Write a moment in UTC, ISO 8601, to the second.

    >>> moment("2026-11-25T22:41:21.123456+00:00")
    '2026-11-25 22:41:21'
    """
    return utc[:19].replace("T", " ")
