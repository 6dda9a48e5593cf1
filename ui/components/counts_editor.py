"""Owns the part in which the reader sets the four counts: checks what it is given, mounts it, reads what was set."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from mnistcore.metrics import OUTCOMES
from ui.components import mount, trigger_value
from ui.components.metric_table import MetricRow, definitions

Counts = tuple[int, ...]  # one for each of OUTCOMES, in their order
LONGEST = 9  # digits of a count, as in counts_editor.js


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorWords:
    """The words of the part, in the reader's language; templates name what is filled in in braces."""

    presets: str  # names the buttons
    predicted_yes: str
    predicted_no: str
    truth_yes: str
    truth_no: str
    total: str
    outcomes: Mapping[str, str]
    lock: str
    lock_label: str  # {outcome}
    table: str  # names the metrics


@dataclass(frozen=True, slots=True)
class Preset:
    """Counts to start from."""

    label: str
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorView:
    """Everything that the part draws except the counts, so that the browser can tell them from new words."""

    presets: Sequence[Preset]
    metrics: Sequence[MetricRow]
    words: EditorWords

    def as_json(self) -> dict[str, object]:
        """What counts_editor.js reads."""
        return {
            "presets": [asdict(preset) for preset in self.presets],
            "metrics": [asdict(row) for row in self.metrics],
            "definitions": definitions(),
            "words": asdict(self.words),
        }


def counts_editor(*, key: str, view: EditorView, counts: Counts, on_counts: Callable[[], None]) -> None:
    """Draws the 2 x 2 with its metrics; when the reader lets go of a count, ``on_counts`` is called.

    Args:
        key: what Streamlit knows this part by; unique on the page.
        view: what is drawn.
        counts: those to show.
        on_counts: called before the page is drawn again; in it ``edited_counts(key)`` tells them.
    """
    data = {"view": view.as_json(), "counts": [int(count) for count in counts]}
    mount("counts_editor", key=key, data=data, on={"counts": on_counts})


def edited_counts(key: str) -> Counts | None:
    """The counts just set in the part under ``key``; for use inside ``on_counts``."""
    text = trigger_value(key, "counts")
    return None if text is None else read_counts(text)


def read_counts(text: str) -> Counts | None:
    """Counts from their text, as a URL has it; None where it is none.

    >>> read_counts("939.43.9.9009"), read_counts("1.2.3"), read_counts("1.2.3.-4")
    ((939, 43, 9, 9009), None, None)
    """
    parts = text.split(".")
    fits = len(parts) == len(OUTCOMES) and all(p.isascii() and p.isdigit() and len(p) <= LONGEST for p in parts)
    return tuple(map(int, parts)) if fits else None


def write_counts(counts: Sequence[int]) -> str:
    """The text that `read_counts` reads.

    >>> write_counts((939, 43, 9, 9009))
    '939.43.9.9009'
    """
    return ".".join(str(int(count)) for count in counts)
