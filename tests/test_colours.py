"""ui.colours: text on every colour can be read, and no other file says what a colour is."""

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from scripts.project import ROOT
from tests.contrast import contrast
from ui import colours
from ui.components import source

UI = ROOT / "ui"
READABLE = 4.5  # WCAG 2.1 AA
MODES = ("light", "dark")
# A colour as a value: #rgb to #rrggbbaa, or a function of numbers.
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(\s*[\d.]", re.IGNORECASE)
STYLE_SHEETS = sorted(UI.rglob("*.css"))
SQUARES = ("matrix_grid", "class_board")  # the parts that draw the square of a confusion matrix


def theme() -> dict[str, Any]:
    return dict(tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"])


def properties(text: str) -> list[str]:
    """The custom properties that a style sheet gives a value."""
    return re.findall(r"(?<![\w-])--([\w-]+)\s*:", text)


@pytest.mark.parametrize("name", colours.OUTCOMES)
def test_text_on_an_outcome_can_be_read(name: str) -> None:
    assert contrast(*colours.OUTCOMES[name]) >= READABLE


@pytest.mark.parametrize("name", colours.STATES)
def test_text_on_a_state_can_be_read(name: str) -> None:
    assert contrast(*colours.STATES[name]) >= READABLE


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", sorted(set(colours.SIGNS) - {"ring-ink"}))
def test_a_sign_can_be_read_on_the_page(name: str, mode: str) -> None:
    assert contrast(getattr(colours.SIGNS[name], mode), theme()[mode]["backgroundColor"]) >= READABLE


@pytest.mark.parametrize("mode", MODES)
def test_text_on_what_was_chosen_can_be_read(mode: str) -> None:
    assert contrast(getattr(colours.SIGNS["ring-ink"], mode), getattr(colours.SIGNS["ring"], mode)) >= READABLE


def test_text_on_the_whole_scale_can_be_read() -> None:
    shares = [step / 500 for step in range(501)]
    assert min(contrast(colours.ink(colour), colour) for colour in map(colours.scale_colour, shares)) >= READABLE


def test_the_scale_only_ever_darkens() -> None:
    lightness = [colours.luminance(colour) for colour in colours.CIVIDIS]
    assert lightness == sorted(lightness, reverse=True)


def test_the_theme_has_the_same_colours() -> None:
    assert tuple(theme()["light"]["chartSequentialColors"]) == colours.CIVIDIS
    assert tuple(theme()["dark"]["chartSequentialColors"]) == colours.CIVIDIS[::-1]
    assert colours.PICTURE["text"] == theme()["light"]["textColor"]
    assert colours.PICTURE["page"] == theme()["light"]["backgroundColor"]
    for mode in MODES:
        assert getattr(colours.BACKGROUND, mode) == theme()[mode]["backgroundColor"]
        assert getattr(colours.LINK, mode) == theme()[mode]["linkColor"]
        shown = {colour.lower() for colour in theme()[mode]["chartCategoricalColors"]}
        assert set(colours.CATEGORIES.values()) <= shown


@pytest.mark.parametrize("mode", MODES)
def test_the_primary_button_can_be_read(mode: str) -> None:
    """Streamlit writes white on it; the style sheet gives one colour for the light and one for the dark."""
    rule = r"stBaseButton-primary[^{]*\{[^}]*?(?<![-\w])color: var\(--background\)"
    assert re.search(rule, (UI / "style.css").read_text(encoding="utf-8"))
    assert contrast(getattr(colours.BACKGROUND, mode), theme()[mode]["primaryColor"]) >= READABLE


def test_what_stays_in_sight_on_a_phone_has_the_pages_colour() -> None:
    rule = r"position: sticky[^}]*background: var\(--background\)"
    assert re.search(rule, (UI / "style.css").read_text(encoding="utf-8"))


def test_no_colour_is_written_twice() -> None:
    tree = ast.parse(Path(colours.__file__).read_text(encoding="utf-8"))
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    written = Counter(value for value in constants if isinstance(value, str) and COLOUR.fullmatch(value))
    assert len(written) > 30
    assert {colour for colour, times in written.items() if times > 1} == set()


def test_no_other_file_says_what_a_colour_is() -> None:
    own = set(properties(colours.style_sheet()))
    steps = [step.replace(" ", "") for step in re.findall(r"\[(\d+, \d+, \d+)\]", colours.script().partition("\n")[0])]
    assert len(steps) == len(colours.CIVIDIS)
    for path in sorted(path for path in UI.rglob("*") if path.suffix in (".css", ".js", ".py")):
        if path.name == "colours.py":
            continue
        text = path.read_text(encoding="utf-8")
        assert COLOUR.findall(text) == [], path
        assert set(properties(text)) & own == set() or path.suffix == ".py", path
        assert [step for step in steps if step in re.sub(r"\s", "", text)] == [], path


@pytest.mark.parametrize("path", STYLE_SHEETS, ids=lambda path: path.name)
def test_every_custom_property_that_is_used_has_a_value(path: Path) -> None:
    scripts = "".join(script.read_text(encoding="utf-8") for script in UI.rglob("*.js"))
    modules = "".join(module.read_text(encoding="utf-8") for module in UI.rglob("*.py"))
    text = source.style_sheet(path.stem) if path.parent == source.FOLDER else path.read_text(encoding="utf-8")
    known = {*properties(text), *properties(colours.style_sheet())}
    if path.parent != source.FOLDER:  # pages have the style sheet of all pages, too
        known |= set(properties((UI / "style.css").read_text(encoding="utf-8")))
    known |= {*re.findall(r'setProperty\("--([\w-]+)"', scripts), *re.findall(r"--([\w-]+): ?\{", modules)}
    if path.name == "square_grid.css":  # what a part says of its square
        known |= set.intersection(*(set(properties(source.style_sheet(part))) for part in SQUARES))
    used = {name for name in re.findall(r"var\(--([\w-]+)", text) if not name.startswith("st-")}
    assert used - known == set()
