"""The arrows of the architecture: dashboard -> pages -> ui -> mnistcore, and which library is loaded where and when.

The order of the core's packages stands in pyproject.toml, where import-linter reads it. Here two kinds of import are
told apart. *At import*: it runs when the module is imported, so its cost and its dependencies are everyone's. *Late*:
inside a function or under ``TYPE_CHECKING``, so only a caller pays.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.project import ROOT

_TORCH = {
    "models.inference",
    "models.layers",
    "training.augmentations",
    "training.averaging",
    "training.chance",
    "training.dense",
    "training.losses",
    "training.optimizers",
    "training.training",
}

OUTER = {"dashboard": {"ui", "mnistcore"}, "pages": {"ui", "mnistcore"}, "ui": {"ui", "mnistcore"}}
OURS = {"dashboard", "pages", "ui", "mnistcore"}

PAGE_LIBRARIES = {"streamlit", "plotly", "altair"}  # never in the core
TORCH_LIBRARIES = {"torch", "torchvision"}  # at import only in the modules of _TORCH
SLOW_LIBRARIES = {"sklearn", "scipy"}  # seconds at import, so late everywhere
UNSAFE_LIBRARIES = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
UNSAFE_CALLS = {"torch.load", "torch.save", "pandas.read_pickle", "pd.read_pickle"}
SAMPLE_ARRAYS = {"images", "labels", "logits", "predicted", "scores"}  # a page does not walk through them

# Modules that load torch, or that would run the other way: inside a function only.
_LATE = {"mnistcore.models.models": {"mnistcore.models.layers.ConvBlock", "mnistcore.models.layers.ResidualBlock"}}

# Single modules that own one idea and stay clear of a library.
WITHOUT = {"ui.figures": {"streamlit"}, "mnistcore.__init__": TORCH_LIBRARIES}


@dataclass(frozen=True)
class Import:
    """One import: the dotted name of what is imported, and whether it runs only later."""

    name: str
    late: bool
    line: int


def project_modules() -> dict[str, str]:
    """Dotted module name -> source, of all that the arrows are about."""
    files = [
        ROOT / "dashboard.py",
        *(path for folder in ("mnistcore", "ui", "pages") for path in (ROOT / folder).rglob("*.py")),
    ]
    named = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files if path.is_file()}
    return {name: path.read_text(encoding="utf-8") for path, name in named.items()}


def read_imports(module: str, tree: ast.Module) -> list[Import]:
    """Every import of a module; ``from mnistcore.datasets import data`` counts as ``mnistcore.datasets.data``."""
    found: list[Import] = []

    def visit(node: ast.AST, late: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, late, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(module, node)
            names = [base] if base.split(".")[0] not in OURS else [f"{base}.{alias.name}" for alias in node.names]
            found.extend(Import(name, late, node.lineno) for name in names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "importlib.import_module",
            "import_module",
            "__import__",
        ):
            name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else "<computed>"
            found.append(Import(str(name), late, node.lineno))
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for child in node.body:
                visit(child, True)
            for child in node.orelse:
                visit(child, late)
            return
        inside = late or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for child in ast.iter_child_nodes(node):
            visit(child, inside)

    visit(tree, False)
    return found


def _absolute(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.split(".")[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def violations(module: str, source: str) -> list[str]:
    """What one module does against the arrows, as sentences; empty where it keeps to them."""
    tree = ast.parse(source)
    imports = read_imports(module, tree)
    problems = [
        *_core_problems(module, imports),
        *_outer_problems(module, imports),
        *_library_problems(module, imports),
    ]
    problems += _unsafe_calls(tree)
    if module.startswith("pages."):
        problems += _walks_through_samples(tree)
    return [f"{module}: {problem}" for problem in problems]


def _core_problems(module: str, imports: list[Import]) -> Iterator[str]:
    for item in imports if module.split(".")[0] == "mnistcore" else ():
        if (package := item.name.split(".")[0]) in OURS - {"mnistcore"}:
            yield f"line {item.line} imports {item.name}: the core knows nothing of {package}"
        elif item.name in _LATE.get(module, ()) and not item.late:
            yield f"line {item.line} imports {item.name} at import: {module} may do so inside a function only"


def _outer_problems(module: str, imports: list[Import]) -> Iterator[str]:
    package = module.split(".")[0]
    for item in imports:
        target = item.name.split(".")[0]
        if package in OUTER and target in OURS - OUTER[package]:
            yield f"line {item.line} imports {item.name}: {package} may import {', '.join(sorted(OUTER[package]))}"


def _library_problems(module: str, imports: list[Import]) -> Iterator[str]:
    package, _, own = module.partition(".")
    for item in imports:
        library = item.name.split(".")[0]
        if library in UNSAFE_LIBRARIES:
            yield f"line {item.line} imports {library}: no pickle anywhere, JSON and safetensors only"
        if library in WITHOUT.get(module, ()):
            yield f"line {item.line} imports {library}: this module stays without it"
        if package == "mnistcore" and library in PAGE_LIBRARIES:
            yield f"line {item.line} imports {library}: the core draws nothing"
        if package != "mnistcore" and library in TORCH_LIBRARIES:
            yield f"line {item.line} imports {library}: only the core holds torch"
        elif library in TORCH_LIBRARIES and not item.late and own not in _TORCH:
            yield f"line {item.line} imports {library} at import: allowed in {', '.join(sorted(_TORCH))}; import it inside a function"
        if library in SLOW_LIBRARIES and not item.late:
            yield f"line {item.line} imports {library} at import: it takes seconds, so inside a function"


def _unsafe_calls(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in UNSAFE_CALLS:
            yield f"line {node.lineno} uses {ast.unparse(node)}: it runs or writes pickle"
        if (
            isinstance(node, ast.ImportFrom)
            and node.module == "torch"
            and {"load", "save"} & {a.name for a in node.names}
        ):
            yield f"line {node.lineno} imports torch.load or torch.save: they run or write pickle"
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
            yield f"line {node.value.lineno} allows pickle"


def _walks_through_samples(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, (ast.For, ast.comprehension)):
            continue
        for part in ast.walk(node.iter):
            named = part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
            if named in SAMPLE_ARRAYS or named in ("iterrows", "itertuples"):
                yield f"line {part.lineno} walks through {ast.unparse(node.iter)}: a page holds no loop over samples"


def reaches_torch(start: str, graph: dict[str, set[str]]) -> list[str]:
    """The chain of imports by which importing ``start`` imports torch; empty where it does not."""
    waiting: list[list[str]] = [[start]]
    seen = {start}
    while waiting:
        chain = waiting.pop()
        for target in sorted(graph.get(chain[-1], ())):
            if target in TORCH_LIBRARIES:
                return [*chain, target]
            if target not in seen:
                seen.add(target)
                waiting.append([*chain, target])
    return []


def import_graph(modules: dict[str, str]) -> dict[str, set[str]]:
    """Module -> what importing it imports: modules of ours by their full name, libraries by their first name."""
    graph: dict[str, set[str]] = {}
    for module, source in modules.items():
        targets = graph.setdefault(module, set())
        parts = module.split(".")
        targets.update(".".join([*parts[:depth], "__init__"]) for depth in range(1, len(parts)))
        for item in read_imports(module, ast.parse(source)):
            if item.late:
                continue
            name = item.name
            while name not in modules and f"{name}.__init__" not in modules and "." in name:
                name = name.rpartition(".")[0]
            targets.add(name if name in modules else f"{name}.__init__" if f"{name}.__init__" in modules else name)
        targets.discard(module)
    return graph


MODULES = project_modules()


@pytest.mark.parametrize("module", sorted(MODULES))
def test_module_keeps_to_the_arrows(module: str) -> None:
    problems = violations(module, MODULES[module])
    assert not problems, "\n".join(problems)


def test_opening_a_page_imports_no_torch() -> None:
    graph = import_graph(MODULES)
    free = [
        name
        for name in MODULES
        if name.split(".")[0] in OUTER or name in ("mnistcore.__init__", "mnistcore.__main__", "mnistcore.runs.store")
    ]
    chains = [" -> ".join(chain) for chain in (reaches_torch(name, graph) for name in free) if chain]
    assert not chains, "importing these imports torch:\n" + "\n".join(chains)


def test_the_rules_name_modules_that_are_there() -> None:
    assert {f"mnistcore.{name}" for name in _TORCH} | set(WITHOUT) | set(_LATE) <= set(MODULES)


def test_the_packages_of_the_core_keep_to_their_order() -> None:
    """As pyproject.toml draws it; import-linter reads every import, late ones included."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "source", "words"),
    [
        ("mnistcore.runs.store", "from ui.texts import t", "knows nothing of ui"),
        ("mnistcore.runs.store", "import streamlit as st", "draws nothing"),
        ("mnistcore.runs.store", "def f():\n    import plotly.graph_objects", "draws nothing"),
        ("mnistcore.runs.store", "import torch", "inside a function"),
        ("mnistcore.runs.store", "try:\n    import torch\nexcept ImportError:\n    pass", "inside a function"),
        ("mnistcore.runs.store", "class A:\n    import torch.nn", "inside a function"),
        ("mnistcore.runs.store", "import importlib\ntorch = importlib.import_module('torch')", "inside a function"),
        ("mnistcore.runs.store", "import pickle", "no pickle"),
        ("mnistcore.runs.store", "import numpy as np\nnp.load('x', allow_pickle=True)", "allows pickle"),
        ("mnistcore.training.training", "import torch\ndef f(p): return torch.load(p)", "torch.load"),
        ("mnistcore.training.training", "from torch import load", "torch.load"),
        ("mnistcore.models.models", "from mnistcore.models.layers import ConvBlock", "inside a function only"),
        ("mnistcore.datasets.data", "from sklearn.datasets import load_digits", "takes seconds"),
        ("ui.widgets", "import pages.overview", "ui may import"),
        ("ui.widgets", "from dashboard import x", "ui may import"),
        ("ui.widgets", "def f():\n    import torch", "only the core"),
        ("ui.figures", "import streamlit", "stays without it"),
        ("pages.overview", "from pages import misclassified", "pages may import"),
        ("pages.overview", "def f():\n    import torch", "only the core"),
        ("pages.overview", "x = [p for p in predictions.labels]", "no loop over samples"),
        ("pages.overview", "for i in range(len(labels)):\n    pass", "no loop over samples"),
        ("dashboard", "from pages import overview", "dashboard may import"),
    ],
)  # fmt: skip
def test_a_wrong_arrow_is_noticed(module: str, source: str, words: str) -> None:
    assert any(words in problem for problem in violations(module, source)), violations(module, source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("mnistcore.metrics", "import numpy as np\nfrom mnistcore.errors import InputError"),
        ("mnistcore.metrics", "def f():\n    from scipy.stats import norm"),
        ("mnistcore.models.models", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch"),
        ("mnistcore.config", "def f():\n    from mnistcore.datasets.data import DATASETS"),
        ("mnistcore.training.training", "import torch\nfrom torch import nn\nfrom mnistcore.devices import devices"),
        ("mnistcore.runs.store", "from mnistcore import __version__"),
        ("ui.widgets", "import streamlit as st\nfrom ui import cache\nfrom mnistcore.runs.store import Store"),
        (
            "pages.overview",
            "import streamlit as st\nfrom ui.texts import t\nfor name in names:\n    st.write(name)",
        ),
        ("dashboard", "import streamlit as st\nfrom ui import state"),
    ],
)
def test_a_right_arrow_passes(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_a_chain_to_torch_is_noticed() -> None:
    modules = {
        "pages.a": "from ui import b",
        "ui.__init__": "",
        "ui.b": "from mnistcore.c import f",
        "mnistcore.__init__": "",
        "mnistcore.c": "import torch",
    }
    assert reaches_torch("pages.a", import_graph(modules)) == ["pages.a", "ui.b", "mnistcore.c", "torch"]
    modules["mnistcore.c"] = "def f():\n    import torch"
    assert reaches_torch("pages.a", import_graph(modules)) == []
