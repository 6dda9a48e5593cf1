"""docs/architecture.md against the code: its picture of the layers is the contract, and what it names is there."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

from scripts.project import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
OURS = ("mnistcore/", "server/", "ui/", "pages/", "tests/", "docs/", "scripts/", "benchmarks/")
PLACEHOLDER = re.compile(r"[A-Z]{2,}")  # what a recipe leaves to be filled in, as in pages/NAME.py


def layers(contract: str) -> list[set[str]]:
    """The layers of a contract from the top, each as the last parts of its modules' names."""
    (found,) = [each for each in CONTRACTS if each["name"] == contract]
    return [{name.strip().rpartition(".")[2].strip("_") for name in layer.split("|")} for layer in found["layers"]]


def picture_of_layers() -> str:
    (picture,) = [text for text in pictures() if "subgraph mnistcore" in text]
    return picture


def pictures() -> list[str]:
    return re.findall(r"^```mermaid\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def drawn(line: str) -> list[set[str]]:
    """``a --> b & c`` as its rows."""
    return [{name.strip() for name in row.split("&")} for row in line.split("-->")]


def test_the_picture_of_the_layers_is_the_contract() -> None:
    outer, *inner = [drawn(line) for line in picture_of_layers().splitlines() if "-->" in line]
    assert outer == [{"dashboard.py"}, *layers("pages stand on ui, ui on the server's access, that on the core")]
    contract = layers("the packages of the core, in their order")
    assert inner == [[upper, lower] for upper, lower in pairwise(contract)]


def test_a_drawn_row_is_read() -> None:
    assert drawn("    a & b --> c") == [{"a", "b"}, {"c"}]


def named_paths() -> set[str]:
    """Of the whole page; in the pictures the core's own may stand without ``mnistcore/``."""
    words = set(re.findall(r"[\w.*/-]*\w/?", " ".join(re.findall(r"`([^`\n]+)`", PAGE) + pictures())))
    core = {
        f"mnistcore/{word}" for word in words if word.endswith(".py") and (ROOT / "mnistcore" / word).parent.is_dir()
    }
    core -= {f"mnistcore/{word}" for word in words if "/" not in word}
    return {word for word in words | core if word.startswith(OURS) and not PLACEHOLDER.search(word)}


def test_every_path_it_names_is_there() -> None:
    paths = named_paths()
    assert len(paths) > 20
    assert sorted(path for path in paths if not list(ROOT.glob(path.rstrip("/")))) == []


def test_every_path_of_the_decisions_is_there() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "decisions").glob("*.md")]
    paths = {path for text in texts for path in re.findall(r"`([\w./-]+)`", text) if path.startswith(OURS)}
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


def test_every_name_is_where_it_says() -> None:
    """``NAME`` in ``file``: the recipes say so of what is edited."""
    said: list[tuple[Any, ...]] = re.findall(r"`(\w+)` in\s+`([\w./]+)`", PAGE)
    assert said
    missing = [
        f"{name} in {file}"
        for name, file in said
        if not Path(ROOT / file).is_file() or not re.search(rf"\b{name}\b", Path(ROOT / file).read_text("utf-8"))
    ]
    assert missing == []
