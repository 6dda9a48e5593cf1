"""What may be imported where and when: that the linters' rules hold and bite, and what no linter sees.

The layers stand in pyproject.toml, where import-linter reads them, and so does what may be imported inside functions
only, where ruff does. Here is what opening a page imports, by way of which modules; and what a page may not do.
"""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.project import ROOT

OURS = ("mnistcore", "server", "ui", "pages", "scripts", "benchmarks", "tests")
OUTSIDE = {"dashboard": {"ui", "mnistcore"}}  # single files, and what of ours they may import
SLOW = {"torch", "torchvision", "sklearn", "scipy"}  # seconds at import
OPENED = ("mnistcore.__init__", "mnistcore.__main__")  # imported by whoever opens a page or lists runs
SAMPLE_ARRAYS = {"images", "labels", "logits", "predicted", "scores"}  # a page does not walk through them
TOOLS = Path(sys.executable).parent


def project_modules() -> dict[str, str]:
    """Dotted module name -> source, of all that a page may import."""
    folders = ("mnistcore", "server", "ui", "pages")
    files = [ROOT / "dashboard.py", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]
    named = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files}
    return {name: path.read_text(encoding="utf-8") for path, name in named.items()}


MODULES = project_modules()


# --- the linters ----------------------------------------------------------------------------------------------------


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TOOLS / "lint-imports", "--no-cache"], cwd=folder, capture_output=True, text=True)


def test_every_import_keeps_to_the_layers() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


WRONG_IMPORTS = {  # contract -> module, and what it may not import
    "pages stand on ui, ui on the server's access, that on the core": (
        "ui/format.py",
        "def f():\n    from pages import overview",
    ),
    "a page knows no other page": ("pages/overview.py", "from pages import misclassified"),
    "what is served needs no script, benchmark or test, nor the entry point": ("ui/labels.py", "import dashboard"),
    "scripts and benchmarks need no test": ("benchmarks/store.py", "from tests.runs import agree"),
    "the core draws nothing": ("mnistcore/errors.py", "def f():\n    import plotly.graph_objects"),
    "only the core holds torch": ("pages/memory.py", "def f():\n    import torch"),
    "figures are made without Streamlit": ("ui/figures.py", "import streamlit"),
    "no pickle anywhere": ("mnistcore/version.py", "def f():\n    import pickle"),
    "the packages of the core, in their order": ("mnistcore/runs/history.py", "from mnistcore.jobs import jobs"),
}


def test_a_wrong_import_breaks_each_contract(tmp_path: Path) -> None:
    for folder in OURS:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "results"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, code in WRONG_IMPORTS.values():
        with (tmp_path / module).open("a", encoding="utf-8") as source:
            source.write(f"\n{code}\n")
    done = lint_imports(tmp_path)
    told = [line.partition(" BROKEN") for line in done.stdout.splitlines()]
    assert sorted(name for name, broken, _ in told if broken) == sorted(WRONG_IMPORTS), done.stdout + done.stderr
    assert " KEPT" not in done.stdout


@pytest.mark.parametrize(
    ("module", "source", "rule"),
    [
        ("mnistcore/runs/store.py", "import torch", "TID253"),
        ("mnistcore/datasets/digits.py", "from sklearn.datasets import load_digits", "TID253"),
        ("mnistcore/training/trainer.py", "import torch\ndef f(p): return torch.load(p)", "TID251"),
        ("mnistcore/training/trainer.py", "from torch import load", "TID251"),
        ("mnistcore/training/trainer.py", "import torch", None),
        ("mnistcore/metrics/intervals.py", "def f():\n    from scipy.stats import norm", None),
        ("ui/figures.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch", None),
    ],
)
def test_ruff_refuses_what_is_slow_at_import_or_runs_pickle(module: str, source: str, rule: str | None) -> None:
    command = [TOOLS / "ruff", "check", "--no-cache", "--select=TID", "--output-format=concise"]
    done = subprocess.run(
        [*command, f"--stdin-filename={module}", "-"], cwd=ROOT, input=source, capture_output=True, text=True
    )
    assert done.returncode == (rule is not None), done.stdout + done.stderr
    assert (rule or "All checks passed") in done.stdout


# --- what opening a page imports --------------------------------------------------------------------------------------


def imports(module: str, tree: ast.Module) -> Iterator[str]:
    """What importing a module imports; ``from mnistcore.datasets import splits`` counts as ``mnistcore.datasets.splits``.

    What stands inside functions, or under ``TYPE_CHECKING``, is only imported when it is called, or never.
    """
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(module, node)
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("importlib.import_module", "__import__"):
            name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else "<computed>"
            yield str(name)
        waiting += _run_at_import(node)


def _run_at_import(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [*node.decorator_list, node.args]
    if isinstance(node, ast.Lambda):
        return []
    if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
        return list(node.orelse)
    return list(ast.iter_child_nodes(node))


def _absolute(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.split(".")[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def import_graph(modules: dict[str, str]) -> dict[str, set[str]]:
    """Module -> what importing it imports: modules of ours by their full name, libraries by their first name."""
    graph: dict[str, set[str]] = {}
    for module, source in modules.items():
        targets = graph.setdefault(module, set())
        parts = module.split(".")
        targets.update(".".join([*parts[:depth], "__init__"]) for depth in range(1, len(parts)))
        for name in imports(module, ast.parse(source)):
            while name not in modules and f"{name}.__init__" not in modules and "." in name:
                name = name.rpartition(".")[0]
            targets.add(name if name in modules else f"{name}.__init__" if f"{name}.__init__" in modules else name)
        targets.discard(module)
    return graph


def way_to(libraries: set[str], start: str, graph: dict[str, set[str]]) -> list[str]:
    """The chain of imports by which importing ``start`` imports one of the libraries; empty where it does not."""
    waiting: list[list[str]] = [[start]]
    seen = {start}
    while waiting:
        chain = waiting.pop()
        for target in sorted(graph.get(chain[-1], ())):
            if target in libraries:
                return [*chain, target]
            if target not in seen:
                seen.add(target)
                waiting.append([*chain, target])
    return []


def test_opening_a_page_imports_nothing_slow() -> None:
    graph = import_graph(MODULES)
    opened = [name for name in MODULES if name.split(".")[0] in ("dashboard", "pages", "ui") or name in OPENED]
    chains = [" -> ".join(chain) for chain in (way_to(SLOW, name, graph) for name in opened) if chain]
    assert not chains, "importing these takes seconds:\n" + "\n".join(chains)


def test_a_chain_to_torch_is_noticed() -> None:
    modules = {
        "pages.a": "from ui import b",
        "ui.__init__": "",
        "ui.b": "from mnistcore.c import f",
        "mnistcore.__init__": "",
        "mnistcore.c": "import torch",
    }
    assert way_to({"torch"}, "pages.a", import_graph(modules)) == ["pages.a", "ui.b", "mnistcore.c", "torch"]
    for late in (
        "def f():\n    import torch",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch",
        "f = lambda: __import__('torch')",
    ):
        assert way_to({"torch"}, "pages.a", import_graph(modules | {"mnistcore.c": late})) == []
    for at_once in (
        "import importlib\ntorch = importlib.import_module('torch')",
        "class A:\n    import torch.nn",
        "def f(x=__import__('torch')): pass",
    ):
        assert way_to({"torch"}, "pages.a", import_graph(modules | {"mnistcore.c": at_once})), at_once


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_a_single_file_imports_what_it_may(name: str) -> None:
    tree = ast.parse((ROOT / f"{name}.py").read_text(encoding="utf-8"))
    named = {part.split(".")[0] for part in imports(name, tree)}
    assert named & {*OURS, *OUTSIDE} <= OUTSIDE[name]


def hidden(module: str, source: str) -> set[str]:
    """What is slow and imported at import, but not by a statement of the module itself: ruff passes over it."""
    tree = ast.parse(source)
    seen = ast.Module([node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))], [])
    found, told = ({name.split(".")[0] for name in imports(module, part)} for part in (tree, seen))
    return SLOW & (found - told)


def test_nothing_slow_is_imported_where_ruff_does_not_look() -> None:
    assert {module: found for module in MODULES if (found := hidden(module, MODULES[module]))} == {}


def test_an_import_in_a_class_or_a_condition_is_noticed() -> None:
    assert hidden("a", "try:\n    import torch\nexcept ImportError:\n    pass") == {"torch"}
    assert hidden("a", "class A:\n    import scipy.stats") == {"scipy"}
    assert hidden("a", "def f():\n    import torch") == hidden("a", "import torch") == set()


# --- what a page may not do, and nobody ---------------------------------------------------------------------------------


def walks_through_samples(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, (ast.For, ast.comprehension)):
            continue
        for part in ast.walk(node.iter):
            named = part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
            if named in SAMPLE_ARRAYS or named in ("iterrows", "itertuples"):
                yield f"line {part.lineno} walks through {ast.unparse(node.iter)}: a page holds no loop over samples"


@pytest.mark.parametrize("module", sorted(name for name in MODULES if name.startswith("pages.")))
def test_a_page_holds_no_loop_over_samples(module: str) -> None:
    assert list(walks_through_samples(MODULES[module])) == []


def test_a_loop_over_samples_is_noticed() -> None:
    assert list(walks_through_samples("x = [p for p in predictions.labels]"))
    assert list(walks_through_samples("for i in range(len(labels)):\n    pass"))
    assert not list(walks_through_samples("for name in names:\n    st.write(name)"))


def test_numpy_is_never_allowed_to_read_pickle() -> None:
    for module, source in MODULES.items():
        keywords = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.keyword)]
        allowed = [node for node in keywords if node.arg == "allow_pickle" and ast.unparse(node.value) != "False"]
        assert allowed == [], module


@pytest.mark.parametrize("path", sorted((ROOT / "tests").glob("test_*.py")), ids=lambda path: path.stem)
def test_no_test_module_stands_on_another(path: Path) -> None:
    others = re.findall(r"from tests\.(test_\w+) import|import tests\.(test_\w+)", path.read_text(encoding="utf-8"))
    assert {name for pair in others for name in pair if name} <= {path.stem}, "what is shared has a module of its own"
