"""Owns how lengths of time and moments in the past are said."""

from datetime import UTC, datetime
from typing import Final

from ui.texts import t

_UNITS: Final = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))
_NOW_SECONDS: Final = 5.0


def duration(seconds: float) -> str:
    """A length of time in words, in the unit that people say it in."""
    whole = max(1, round(seconds))
    minutes, hours = whole // 60, whole // 3600
    if hours:
        return t("time.hours", hours=hours, minutes=minutes % 60)
    if minutes:
        return t("time.minutes", minutes=minutes, seconds=whole % 60)
    return t("time.seconds", seconds=whole)


def ago(moment: str) -> str:
    """How long a moment (UTC, ISO 8601) lies back."""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    if seconds < _NOW_SECONDS:
        return t("time.now")
    length, unit = next((length, unit) for length, unit in _UNITS if seconds >= length)
    return t(f"time.ago.{unit}", count=int(seconds // length))
