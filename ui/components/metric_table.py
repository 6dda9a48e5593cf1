"""Owns what the parts with a table of metrics are given: its rows, and the definitions to compute them by."""

from dataclasses import dataclass

from mnistcore.metrics import DEFINITIONS


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric of a 2 x 2 table; ``name`` is that of a field of `mnistcore.metrics.BinaryMetrics`."""

    name: str
    title: str
    other: str  # its English name beside a Japanese title; may be empty


def definitions() -> list[dict[str, object]]:
    """Which counts each metric divides by which, as binary_metrics.js reads it."""
    return [{"name": name, "above": dict(each.above), "below": dict(each.below)} for name, each in DEFINITIONS.items()]
