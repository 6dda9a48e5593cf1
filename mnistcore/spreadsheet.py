"""Owns how a table becomes a CSV file that spreadsheet programs open as what it is; imports nothing of ours."""

import csv
import io
from collections.abc import Iterable, Sequence

# A text that begins with one of these is a formula to a spreadsheet program: OWASP, "CSV Injection". The wide forms are
# for programs that read them as the narrow ones, as Japanese ones do.
_NARROW = "=+-@"
_WIDE = [chr(ord(sign) + 0xFEE0) for sign in _NARROW]
_FORMULA = (*_NARROW, *_WIDE, "\t", "\r", "\n")


def cell(text: str) -> str:
    """A text as no spreadsheet program takes for a formula: with an apostrophe in front where it looks like one.

    >>> cell("=1+1"), cell("cat")
    ("'=1+1", 'cat')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[str | int | float]]) -> bytes:
    r"""The table in UTF-8. Every text is quoted, and one that looks like a formula has an apostrophe in front.

    >>> csv_bytes(("class", "images"), [("=1+1", 3)]).decode("utf-8-sig").splitlines()
    ['"class","images"', '"\'=1+1",3']
    """
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([cell(name) for name in head])
    writer.writerows([cell(value) if isinstance(value, str) else value for value in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")  # the mark in front tells spreadsheet programs that it is UTF-8
