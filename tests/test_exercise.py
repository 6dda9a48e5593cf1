"""The exercise's notebooks: made of the same cells in both languages, and run from top to bottom without a network."""

import ast
import base64
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel
from PIL import Image

import mnistcore
from mnistcore.runs.store import Store
from scripts import notebooks
from scripts.exercise import CELLS, LANGUAGES, Code

each_language = pytest.mark.parametrize("language", LANGUAGES)


def read(language: str) -> nbformat.NotebookNode:
    return nbformat.reads(notebooks.path(language).read_text(encoding="utf-8"), as_version=4)


@each_language
def test_the_file_is_what_the_cells_make(language: str) -> None:
    found = notebooks.path(language).read_text(encoding="utf-8")
    assert found == notebooks.content(language), "run python scripts/notebooks.py"


@each_language
def test_it_is_a_whole_notebook_without_outputs(language: str) -> None:
    found = read(language)
    nbformat.validate(found)
    assert [cell.outputs for cell in found.cells if cell.cell_type == "code" and cell.outputs] == []
    pictures = [path for cell in found.cells for path in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", cell.source)]
    assert pictures
    assert [path for path in pictures if not (notebooks.FOLDER / path).is_file()] == []


def without_words(code: str) -> str:
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


@pytest.mark.parametrize("cell", [cell for cell in CELLS if isinstance(cell, Code)], ids=lambda cell: cell.name)
def test_both_languages_run_the_same_code(cell: Code) -> None:
    assert without_words(cell.text("ja")) == without_words(cell.text("en"))


@pytest.fixture(scope="module")
def artifacts_of_kernel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exercise")


@pytest.fixture(scope="module")
def executed(artifacts_of_kernel: Path) -> Iterator[dict[str, nbformat.NotebookNode]]:
    """Both notebooks after a run from top to bottom; in one kernel, as its imports take most of the time."""
    folders = {
        name: str(artifacts_of_kernel / name.lower())
        for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "MNISTCORE_DATA")
    }
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")  # no MNIST, so digits
    settings = folders | nowhere | {"MNISTCORE_ARTIFACTS": str(artifacts_of_kernel)}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        kernel, connection = start_new_kernel(kernel_name="python3", cwd=str(notebooks.FOLDER), env=dict(os.environ))
        try:
            found = {language: read(language) for language in LANGUAGES}
            for notebook in found.values():
                client = nbclient.NotebookClient(notebook, km=kernel, timeout=120)
                client.kc = connection
                client.execute()
            yield found
        finally:
            connection.stop_channels()
            kernel.shutdown_kernel(now=True)


def printed(notebook: nbformat.NotebookNode, name: str) -> str:
    (cell,) = [cell for cell in notebook.cells if cell.id == name]
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


@each_language
def test_it_computes_what_the_dashboard_would(
    language: str, executed: dict[str, nbformat.NotebookNode], artifacts_of_kernel: Path
) -> None:
    notebook = executed[language]
    assert "digits" in printed(notebook, "load").splitlines()[-2]
    losses = [float(loss) for loss in re.findall(r" (\d\.\d{4}) ", printed(notebook, "train"))]
    assert len(losses) == 5
    assert losses == sorted(losses, reverse=True)

    counted = printed(notebook, "count")
    matrix = np.array([int(number) for number in re.findall(r"\d+", counted.rpartition("]")[0])]).reshape(10, 10)
    right = f"{matrix.trace()} / {matrix.sum()} = {mnistcore.metrics.summary(matrix).accuracy:.2%}"
    assert right in counted
    assert right in printed(notebook, "equal")
    assert matrix.trace() > 0.8 * 360
    one = mnistcore.metrics.one_vs_rest(matrix)
    tp, fp, fn, tn = (int(counts[4]) for counts in (one.tp, one.fp, one.fn, one.tn))
    outcomes = printed(notebook, "one_class")
    assert f"TP {tp}   FP {fp}   FN {fn}   TN {tn}   " in outcomes
    assert f"{tp} / {tp + fn} = " in outcomes
    assert f"{tp} / {tp + fp} = " in outcomes

    assert len(printed(notebook, "worst").splitlines()) == 3
    (picture,) = [output.data for cell in notebook.cells if cell.id == "worst" for output in cell.outputs[:1]]
    with Image.open(io.BytesIO(base64.b64decode(picture["image/png"]))) as shown:
        assert shown.size == (3 * 140, 140)

    (run_id,) = re.findall(rf"class_by_class\?run=(\S+)&class=4&lang={language}$", printed(notebook, "store"), re.M)
    run = mnistcore.load_run(run_id, store=Store(artifacts_of_kernel / "runs"))
    assert f"= {run.accuracy:.2%}" in printed(notebook, "store")
