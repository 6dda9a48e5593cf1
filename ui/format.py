"""Owns how numbers look on the pages; imports no streamlit."""

import math
import re
from collections.abc import Iterable

from mnistcore.wording import html as html
from ui import labels

LONGEST_QUOTE = 80  # signs of what a link or a field says, in a sentence about it
UNDEFINED = "–"  # what stands where a number is undefined (0/0)
_MARKS = re.compile(r"[\\`*_{}\[\]()#+\-.!|$:~<>&=]")  # each may mean something in Markdown
# Where an address, a mail address, a symbol (:smile:) or an arrow (->) begins that is found in plain text.
_FOUND_LATER = re.compile(r":(?=//|material/|[\w+-]+:)|@|www(?=\.)|(?<!\S)[-<>=~](?=[-=>])", re.IGNORECASE)
_NO_WIDTH = "\u2060"


def count(value: int) -> str:
    """A whole number with thousands separated: 10,000."""
    return f"{value:,}"


def percent(value: float | None, *, digits: int = 1) -> str:
    """A share from 0 to 1 as a percentage; a share that is not 1 is never rounded up to 100 %, nor one to 0 %.

    >>> percent(0.9718), percent(0.99996), percent(1.0), percent(None)
    ('97.2%', '>99.9%', '100%', '–')
    """
    if value is None or value != value:
        return UNDEFINED
    if value in (0.0, 1.0):
        return f"{value:.0%}"
    step = 10.0 ** -(digits + 2)
    if value > 1 - step / 2:
        return f">{1 - step:.{digits}%}"
    if value < step / 2:
        return f"<{step:.{digits}%}"
    return f"{value:.{digits}%}"


def percent_briefly(value: float) -> str:
    """A share as whole percent for the narrow place under a picture; one that is not 1 is never rounded up to 100 %.

    >>> percent_briefly(0.989), percent_briefly(0.998), percent_briefly(1.0), percent_briefly(0.29)
    ('99%', '>99%', '100%', '29%')
    """
    rounded = math.floor(100 * value + 0.5)
    return f"{rounded}%" if rounded < 100 or value == 1 else ">99%"


def percent_points(values: Iterable[float | None]) -> list[float | None]:
    """Shares from 0 to 1 as numbers from 0 to 100, for a column that formats them itself; None stays None."""
    return [None if value is None else 100 * value for value in values]


BAR_STARTS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99)
SHORTEST_BAR = 0.1  # of the whole length: so much of the lowest value is seen


def bar_start(values: Iterable[float | None]) -> float:
    """Where bars of shares may begin so that they differ visibly and none is empty: a round share, 0 where one is low.

    >>> bar_start([0.97, 0.936, None]), bar_start([0.62, 0.99]), bar_start([0.0, 1.0]), bar_start([1.0]), bar_start([])
    (0.9, 0.5, 0.0, 0.99, 0.0)
    """
    lowest = min((value for value in values if value is not None), default=0.0)
    return max(start for start in BAR_STARTS if start == 0 or lowest >= start + SHORTEST_BAR * (1 - start))


def percent_range(low: float | None, high: float | None, *, digits: int = 1) -> str | None:
    """The ends of an interval in percent without the sign, for a narrow column; None where there is none.

    >>> percent_range(0.9507, 1.0), percent_range(0.9996, 0.99999), percent_range(None, None)
    ('95.0–100', '99.9–100', None)
    """
    if low is None or high is None:
        return None
    scale = 10**digits
    # Outwards, so that what is said to be covered is.
    ends = math.floor(100 * scale * low) / scale, math.ceil(100 * scale * high) / scale
    return "–".join(f"{end:.{digits}f}" if 0 < end < 100 else f"{end:.0f}" for end in ends)


def ratio(value: float | None, *, digits: int = 3) -> str:
    """A plain number such as Cohen's kappa."""
    return UNDEFINED if value is None else f"{value:.{digits}f}"


def p_value(value: float) -> str:
    """The result of a test: how probable it is by chance alone.

    >>> p_value(0.0123), p_value(0.00001), p_value(0.3)
    ('p = 0.012', 'p < 0.001', 'p = 0.300')
    """
    return f"p = {value:.3f}" if value >= 0.001 else "p < 0.001"


def size(size_bytes: int | None) -> str:
    """Bytes in the unit that people say them in.

    >>> size(85520809984), size(1_500_000), size(None)
    ('79.6 GiB', '1.4 MiB', '–')
    """
    if size_bytes is None:
        return UNDEFINED
    return f"{size_bytes / 2**30:.1f} GiB" if size_bytes >= 2**30 else f"{size_bytes / 2**20:.1f} MiB"


def cell_share(value: float) -> str:
    """A share in a cell of the matrix, in percent without the sign, as there are a hundred of them side by side.

    >>> cell_share(0.049), cell_share(0.0), cell_share(1.0), cell_share(float("nan"))
    ('4.9', '0', '100', '–')
    """
    if value != value:
        return UNDEFINED
    return f"{100 * value:.0f}" if value in (0.0, 1.0) else f"{100 * value:.1f}"


def markdown(text: str) -> str:
    r"""Text for the inside of Markdown, on one line: it means nothing there, whatever signs it has.

    A backslash is not enough. What the browser makes links, symbols and arrows of, it looks for in the text that is
    left once the backslashes are gone; there a sign of no width goes in between.

    >>> markdown("T-shirt/top"), markdown("a*b"), markdown("10:30")
    ('T\\-shirt/top', 'a\\*b', '10\\:30')
    >>> markdown("http://x.y")
    'http\\:\u2060//x\\.y'
    """
    return _MARKS.sub(r"\\\g<0>", _FOUND_LATER.sub(f"\\g<0>{_NO_WIDTH}", labels.plain(text)))


def listed(parts: Iterable[str], *, language: str) -> str:
    """Several words or phrases in a row.

    >>> listed(["a", "b"], language="en"), listed(["a", "b"], language="ja")
    ('a, b', 'a、b')
    """
    return ("、" if language == "ja" else ", ").join(parts)


def quote(text: str) -> str:
    """As much of what somebody has typed, or a link says, as a sentence repeats, on one line."""
    return labels.plain(text[: 2 * LONGEST_QUOTE])[:LONGEST_QUOTE]
