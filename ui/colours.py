"""Owns every colour that means something, once: the outcomes, the categories, the scale; imports no streamlit.

The style sheets get them as custom properties, which reach into the browser parts too; the browser parts' scripts get
the scale; figures import what they draw with. The theme's own colours stand in .streamlit/config.toml, which
cannot import: what stands in both is compared by a test.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Filled(NamedTuple):
    """An area and the text on it, as ``#rrggbb``; the same in the light and in the dark."""

    fill: str
    ink: str


class Themed(NamedTuple):
    """A colour that differs between the light and the dark page."""

    light: str
    dark: str


WHITE: Final = "#ffffff"

# Told apart with every common colour vision, by hue and by lightness; each is named in words beside it, too.
OUTCOMES: Final[Mapping[str, Filled]] = MappingProxyType(
    {
        "tp": Filled("#0b7a75", WHITE),
        "fp": Filled("#d99a00", "#1d1300"),
        "fn": Filled("#c04c34", WHITE),
        "tn": Filled("#8a93a6", "#0d1219"),
    }
)
# Okabe and Ito's palette for categories (2008), without black and its pale yellow.
CATEGORIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "blue": "#0072b2",
        "vermilion": "#d55e00",
        "green": "#009e73",
        "pink": "#cc79a7",
        "orange": "#e69f00",
        "sky": "#56b4e9",
    }
)
# Cividis (Nunez, Anderton & Renslow 2018, doi:10.1371/journal.pone.0199239), ten even steps, the palest first:
# it looks the same with and without colour-blindness, and its lightness only ever falls.
CIVIDIS: Final = (
    "#fee838", "#e1cc55", "#c3b369", "#a69d75", "#8a8779", "#707173", "#575d6d", "#3b496c", "#123570", "#00224e",
)  # fmt: skip
# A training's states, with white on them.
STATES: Final[Mapping[str, Filled]] = MappingProxyType(
    {
        "waiting": Filled("#5a6478", WHITE),
        "live": Filled(CATEGORIES["blue"], WHITE),
        "complete": OUTCOMES["tp"],
        "interrupted": Filled("#9a6700", WHITE),
        "failed": OUTCOMES["fn"],
    }
)
# Text and lines on the page itself.
SIGNS: Final[Mapping[str, Themed]] = MappingProxyType(
    {
        "right": Themed(OUTCOMES["tp"].fill, "#3fbdb3"),
        "wrong": Themed("#b3402a", "#f08a73"),
        "fault": Themed("#a3261a", "#ff9d8f"),
        "ring": Themed("#c8420a", "#ff9a57"),  # around what was chosen
        "ring-ink": Themed(WHITE, "#1b0d03"),  # on that colour
    }
)
# What the theme says too, for where Streamlit does not pass it on.
BACKGROUND: Final = Themed(WHITE, "#10141c")
LINK: Final = Themed("#17356b", "#9dbcf5")
PAPER: Final = Themed(WHITE, "#141518")  # what digits lie on
NEUTRAL: Final = OUTCOMES["tn"].fill  # what is neither of two things that are compared
NOTE: Final = "#e0b450"  # around what is worth a second look
SHADE: Final = "#808a9b"  # edges and empty bars, mostly transparent
GUIDE: Final = "#7a8496"  # a line that marks a place in a chart
# A picture of the matrix that is saved stands on paper, whatever the theme.
PICTURE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "page": WHITE,
        "text": "#1c2430",
        "quiet": "#4a5567",  # axes and totals
        "faint": "#5b6676",  # in cells without a colour of their own
        "empty": "#f1f3f6",  # the ground of those cells
        "hatch": "#cfd5de",  # on cells that are hidden or undefined
    }
)
BLACK_OR_WHITE: Final = 0.179  # the luminance on which both stand out equally, 4.58 to 1


def style_sheet() -> str:
    """The colours as custom properties of the document: ``--tp`` and ``--tp-ink``, ``--blue``, ``--ring``, ..."""
    filled = {**OUTCOMES, **{f"state-{name}": pair for name, pair in STATES.items()}}
    themed = {**SIGNS, "background": BACKGROUND, "link": LINK, "paper": PAPER}
    properties = {
        **{name: pair.fill for name, pair in filled.items()},
        **{f"{name}-ink": pair.ink for name, pair in filled.items()},
        **CATEGORIES,
        **{name: f"light-dark({light}, {dark})" for name, (light, dark) in themed.items()},
        "neutral": NEUTRAL,
        "note": NOTE,
        "shade": SHADE,
    }
    return ":root {" + " ".join(f"--{name}: {value};" for name, value in properties.items()) + "}"


def script() -> str:
    """What the browser parts calculate with, as a module of JavaScript.

    ``CIVIDIS``: red, green and blue of each step, from low to high; ``PAGE``: those of the light and the dark page;
    ``BLACK_OR_WHITE``; ``PICTURE``.
    """
    values = {
        "CIVIDIS": [_channels(colour) for colour in reversed(CIVIDIS)],
        "PAGE": {theme: _channels(colour) for theme, colour in BACKGROUND._asdict().items()},
        "BLACK_OR_WHITE": BLACK_OR_WHITE,
        "PICTURE": dict(PICTURE),
    }
    return "".join(f"export const {name} = {json.dumps(value)};\n" for name, value in values.items())


def scale_colour(share: float) -> str:
    """The colour of the scale at ``share``, from 0 (the palest) to 1.

    >>> scale_colour(0), scale_colour(1), scale_colour(0.5)
    ('#fee838', '#00224e', '#7d7c76')
    """
    place = min(max(share, 0.0), 1.0) * (len(CIVIDIS) - 1)
    low = min(int(place), len(CIVIDIS) - 2)
    pairs = zip(_channels(CIVIDIS[low]), _channels(CIVIDIS[low + 1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * (place - low)):02x}" for a, b in pairs)


def ink(colour: str) -> str:
    """Black or white, whichever stands out more on ``colour``.

    >>> ink("#fee838"), ink("#00224e")
    ('#000000', '#ffffff')
    """
    return "#000000" if luminance(colour) > BLACK_OR_WHITE else WHITE


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, 0 to 1 (WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    shares = (channel / 255 for channel in _channels(colour))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
