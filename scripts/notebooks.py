"""Owns notebooks/: the exercise as a Jupyter notebook in each language, without outputs, made of the same cells.

python scripts/notebooks.py
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file, Python looks in scripts/ only

from scripts.exercise import CELLS, LANGUAGES, Code
from scripts.project import ROOT

FOLDER = ROOT / "notebooks"
KERNEL = "dashboard"  # what docs/exercise.md registers


def main() -> int:
    for language in LANGUAGES:
        path(language).write_text(content(language), encoding="utf-8")
        print(path(language).relative_to(ROOT))
    return 0


def path(language: str) -> Path:
    return FOLDER / f"exercise.{language}.ipynb"


def content(language: str) -> str:
    """The file, as Jupyter itself would write it."""
    cells = []
    for cell in CELLS:
        lines = cell.text(language).splitlines(keepends=True)
        kind = {"cell_type": "code", "execution_count": None} if isinstance(cell, Code) else {"cell_type": "markdown"}
        outputs: dict[str, object] = {"outputs": []} if isinstance(cell, Code) else {}
        cells.append({**kind, "id": cell.name, "metadata": {}, **outputs, "source": lines})
    metadata = {
        "kernelspec": {"display_name": KERNEL, "language": "python", "name": KERNEL},
        "language_info": {"name": "python"},
    }
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main())
