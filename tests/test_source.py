"""ui.components.source: each part's files become one script and one style sheet, and what they name is there."""

import json
import re
from collections import Counter

import pytest

from ui import colours
from ui.components import source
from ui.components.source import FOLDER, VALUES

SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.js"))}
PARTS = tuple(
    name.removesuffix(".js") for name, text in SCRIPTS.items() if "export default" in text
)  # what Streamlit calls
DECLARED = re.compile(r"^(?:export )?(?:async )?(?:const|let|class|function) (\w+)", re.MULTILINE)


def imported(text: str) -> dict[str, list[str]]:
    """File -> the names that a script takes from it."""
    found = re.findall(r'^import \{([^}]*)\} from "\./(\w+\.js)";$', text, re.MULTILINE)
    return {file: [name.strip() for name in names.split(",") if name.strip()] for names, file in found}


def exported(text: str) -> list[str]:
    return re.findall(r"^export (?:async )?(?:const|class|function) (\w+)", text, re.MULTILINE)


@pytest.mark.parametrize("name", PARTS)
def test_a_script_is_one_module_that_imports_nothing(name: str) -> None:
    script = source.script(name)
    assert not re.search(r"^\s*import\b|^export (?!default)", script, re.MULTILINE)
    assert len(re.findall(r"^export default function ", script, re.MULTILINE)) == 1


@pytest.mark.parametrize("name", PARTS)
def test_no_name_is_declared_twice_in_a_script(name: str) -> None:
    assert [name for name, times in Counter(DECLARED.findall(source.script(name))).items() if times > 1] == []


@pytest.mark.parametrize("name", PARTS)
def test_a_style_sheet_holds_its_imports_once_and_in_front(name: str) -> None:
    sheet, own = source.style_sheet(name), (FOLDER / f"{name}.css").read_text(encoding="utf-8")
    assert "@import" not in sheet
    assert sheet.endswith(re.sub(r'^@import ".*";\n', "", own, flags=re.MULTILINE))
    assert sheet.count("outline: 0 none var(--st-background-color)") == bool(own)


def test_what_two_files_need_stands_once_before_both() -> None:
    files = source.files_of("matrix_grid")
    assert len(files) == len(set(files))
    for file in files:
        text = SCRIPTS.get(file, colours.script())
        assert all(files.index(needed) < files.index(file) for needed in imported(text)), file


@pytest.mark.parametrize("file", SCRIPTS)
def test_what_a_script_imports_is_exported_and_used(file: str) -> None:
    text = SCRIPTS[file]
    body = re.sub(r"^import [^;]*;\n", "", text, flags=re.MULTILINE)
    for other, names in imported(text).items():
        assert set(names) <= set(exported(SCRIPTS[other] if other != VALUES else colours.script())), other
        assert [name for name in names if not re.search(rf"\b{name}\b", body)] == []


def test_every_export_is_imported() -> None:
    taken = {(file, name) for text in SCRIPTS.values() for file, names in imported(text).items() for name in names}
    given = {(file, name) for file, text in SCRIPTS.items() for name in exported(text)}
    given |= {(VALUES, name) for name in exported(colours.script())}
    assert given == taken


def test_every_file_belongs_to_a_part() -> None:
    assert {file for name in PARTS for file in source.files_of(name)} == set(SCRIPTS) | {VALUES}
    assert {path.stem for path in FOLDER.glob("*.css")} >= set(PARTS)


def test_the_browser_gets_the_values_of_the_colours() -> None:
    values = dict(re.findall(r"^export const (\w+) = (.*);$", colours.script(), re.MULTILINE))
    steps = json.loads(values["CIVIDIS"])
    assert ["#" + "".join(f"{channel:02x}" for channel in step) for step in steps] == list(colours.CIVIDIS[::-1])
    assert json.loads(values["PICTURE"]) == dict(colours.PICTURE)
    assert json.loads(values["BLACK_OR_WHITE"]) == colours.BLACK_OR_WHITE
