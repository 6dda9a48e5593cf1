"""Owns the part that thins a class with a slider: checks what it is given and mounts it; it counts in the browser."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from mnistcore.errors import InputError
from mnistcore.metrics import TwoByTwo
from ui.components import mount
from ui.components.metric_table import MetricRow, definitions


@dataclass(frozen=True, slots=True, kw_only=True)
class PrevalenceWords:
    """The words of the part, in the reader's language; templates name what is filled in in braces."""

    slider: str
    told: str  # {kept} {support} {share}
    table: str  # names the table
    model: str  # heads the model's values
    always_no: str  # heads those of answering "not this class" to every image
    stays: str
    from_: str  # {before}
    outcomes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrevalenceView:
    """Everything that the part draws.

    Raises:
        InputError: a class without images, or ``kept`` outside 1 to their number.
    """

    counts: TwoByTwo  # with all images of the class
    kept: int  # images of the class that are kept at first
    thins: bool  # whether there is a slider
    metrics: Sequence[MetricRow]
    words: PrevalenceWords

    def __post_init__(self) -> None:
        if not 1 <= self.kept <= self.counts.positives:
            raise InputError(f"kept: expected 1 to {self.counts.positives}, the images of the class, got {self.kept}")

    def as_json(self) -> dict[str, object]:
        """What prevalence.js reads."""
        words = asdict(self.words)
        words["from"] = words.pop("from_")
        return {
            "counts": asdict(self.counts),
            "kept": self.kept,
            "thins": self.thins,
            "metrics": [asdict(row) for row in self.metrics],
            "definitions": definitions(),
            "words": words,
        }


def prevalence(*, key: str, view: PrevalenceView) -> None:
    """Draws the slider, the counts and the metrics; what follows a drag is computed in the browser.

    Args:
        key: what Streamlit knows this part by; unique on the page.
        view: what is drawn.
    """
    mount("prevalence", key=key, data={"view": view.as_json()}, on={})
