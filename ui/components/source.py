r"""Owns how a part's script and style sheet are put together from their files; imports no streamlit.

The browser gets one script and one style sheet for each part, so there is nothing to build and nothing more to load.
The files are what an editor knows: `import { name } from "./other.js";` and `@import "other.css";`, each at the
beginning of a line. What a file names stands in front of it, once; `values.js` is made by ui.colours.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

from ui import colours

FOLDER: Final = Path(__file__).parent
VALUES: Final = "values.js"
_SCRIPT_IMPORT: Final = re.compile(r'^import \{[^}]*\} from "\./(\w+\.js)";\n', re.MULTILINE)
_STYLE_IMPORT: Final = re.compile(r'^@import "(\w+\.css)";\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?!default )", re.MULTILINE)  # the default is what Streamlit calls


@cache
def script(name: str) -> str:
    """The whole script of the part ``name``: one module, which imports nothing."""
    return _EXPORT.sub("", _whole(f"{name}.js", _SCRIPT_IMPORT))


@cache
def style_sheet(name: str) -> str:
    """The whole style sheet of the part ``name``; its own rules come last, and win."""
    return _whole(f"{name}.css", _STYLE_IMPORT)


def files_of(name: str) -> list[str]:
    """The files that the script of the part ``name`` is made of, in their order; its own is the last."""
    return list(_texts(f"{name}.js", _SCRIPT_IMPORT))


def _whole(file: str, statement: re.Pattern[str]) -> str:
    return "\n".join(_texts(file, statement).values())


def _texts(file: str, statement: re.Pattern[str]) -> dict[str, str]:
    """File -> its text without its imports, for ``file`` and all that it needs; each behind what it needs itself."""
    texts: dict[str, str] = {}

    def add(file: str) -> None:
        if file in texts:
            return
        text = _read(file)
        for needed in statement.findall(text):
            add(needed)
        texts[file] = statement.sub("", text)

    add(file)
    return texts


def _read(file: str) -> str:
    return colours.script() if file == VALUES else (FOLDER / file).read_text(encoding="utf-8")
