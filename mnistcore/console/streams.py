"""Owns that printing never fails: what a terminal's encoding lacks is replaced by what it has; imports nothing of ours.

Terminals in Japan still speak EUC-JP or CP932, a bare container plain ASCII; none of them has every sign that we print,
and a name on disk need not be text at all.
"""

import codecs
import io
import unicodedata
from typing import TextIO

_HANDLER = "mnistcore-substitute"
_SUBSTITUTES = {
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "…": "...", "‘": "'", "’": "'", "“": '"', "”": '"', "×": "x",
    "·": "-", "•": "-", "→": "->", "←": "<-", "≥": ">=", "≤": "<=", "±": "+-", "─": "-", "━": "-", "│": "|", "╸": "-",
    "╺": "-", "、": ",", "。": ".", "「": '"', "」": '"', "・": "-", "✓": "+", "✗": "x",
}  # fmt: skip


def tolerate(*streams: TextIO | None) -> None:
    """From now on these streams take every text: a sign that their encoding lacks is replaced by a likeness or ``?``.

    Args:
        streams: such as ``sys.stdout``; what is no text stream with an encoding is left as it is.
    """
    codecs.register_error(_HANDLER, _replaced)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def substitute(sign: str) -> str:
    r"""What is printed in place of a sign, in ASCII.

    >>> [substitute(sign) for sign in ("–", "é", "Ａ", "数", chr(0xDC83))]
    ['-', 'e', 'A', '?', '\\x83']
    """
    if sign in _SUBSTITUTES:
        return _SUBSTITUTES[sign]
    if "\udc80" <= sign <= "\udcff":  # a byte of a file's name that is no text
        return f"\\x{ord(sign) - 0xDC00:02x}"
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode("ascii")
    return plain or ("" if unicodedata.combining(sign) else "?")


def can_print(text: str, stream: TextIO) -> bool:
    """Whether a stream's encoding has every sign of a text."""
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(substitute, error.object[error.start : error.end])), error.end
