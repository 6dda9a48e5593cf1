"""The folder as an installed package: `import mnistcore` and the command in any other folder, and README's own scripts."""

import os
import struct
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from packaging.requirements import Requirement

import mnistcore
from mnistcore.datasets.loading import load_splits
from mnistcore.workspace import Workspace
from scripts import environment
from scripts.project import ROOT
from tests.documents import blocks, text
from tests.here import store_here
from tests.visits import CHECKPOINT_PAGES, curve, open_page, whole, words

# What this Python's packages are, lent to the environment below; what is installed into it alone lies in front.
LENT = [folder for folder in sys.path if Path(folder).name in ("site-packages", "dist-packages")]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that this folder was installed for as make run does it."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    venv.create(folder, symlinks=True, with_pip=False)
    (site,) = folder.glob("lib/python3.*/site-packages")
    (site / "lent.pth").write_text("\n".join(LENT) + "\n", encoding="utf-8")
    environment._install_project(folder)
    return folder / "bin" / "python"


def elsewhere(command: list[object], folder: Path) -> str:
    """What a command prints that is run in another folder, in an environment that says where results go and no more."""
    kept = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "MNISTCORE_ARTIFACTS": os.environ["MNISTCORE_ARTIFACTS"],
        "CUDA_VISIBLE_DEVICES": "",
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(list(map(str, command)), cwd=folder, env=kept, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_core_alone_can_be_imported_anywhere_and_its_command_is_there(python: Path, tmp_path: Path) -> None:
    code = (
        "import importlib.util, mnistcore\n"
        "print(mnistcore.__file__, [importlib.util.find_spec(name) for name in ('ui', 'pages', 'scripts', 'dashboard')])"
    )
    expected = f"{ROOT / 'mnistcore' / '__init__.py'} [None, None, None, None]"
    assert elsewhere([python, "-c", code], tmp_path).strip() == expected
    mnistcore.record_predictions(["cat", "dog"], ["cat", "dog"], name="seen from elsewhere")
    by_name, as_module = (
        elsewhere([*command, "list", "--json"], tmp_path)
        for command in ([python.parent / "mnistcore"], [python, "-m", "mnistcore"])
    )
    assert by_name == as_module
    assert "seen-from-elsewhere-" in by_name
    assert Workspace.from_environment({}).artifacts == ROOT / "artifacts"


def write_idx(folder: Path) -> None:
    """Handwritten digits in the four files of MNIST, as torchvision unpacks them: few, and in another order."""
    splits = load_splits("digits", ("train", "test"))
    folder.mkdir(parents=True)
    for name, split in (("train", splits["train"]), ("t10k", splits["test"])):
        order = np.random.default_rng(0).permutation(len(split))[:900]
        for kind, values in (
            ("labels-idx1", split.labels[order].astype(np.uint8)),
            ("images-idx3", split.images[order]),
        ):
            head = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
            (folder / f"{name}-{kind}-ubyte").write_bytes(head + values.tobytes())


def test_the_handouts_script_of_the_readme_is_seen_with_images_curves_and_epochs(python: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a student's folder"
    folder.mkdir()
    write_idx(folder / "data" / "MNIST" / "raw")
    (folder / "train.py").write_text(blocks(text("en"), "python")[0], encoding="utf-8")
    told = elsewhere([python, "train.py"], folder).splitlines()
    (run,) = store_here().listing().runs
    losses = [float(line.split()[1]) for line in told[:5]]
    assert (run.title, run.epochs_kept, run.dataset.sizes) == ("my first net", (1, 2, 3, 4, 5), {"test": 360})
    assert run.accuracy is not None
    assert run.accuracy > 0.8, "it has learned something"
    assert told[5].startswith("my first net: accuracy ")
    assert run.run_id in told[6]
    assert [record.en for record in run.dataset.classes][:2] == ["0 - zero", "1 - one"]
    shown = curve(run.run_id, epoch=2)
    assert shown["training data", "loss"] == pytest.approx(losses)
    assert {len(values) for values in shown.values()} == {5}
    assert shown["test data", "accuracy"][-1] == pytest.approx(run.accuracy)
    images = store_here().images(run, "test")
    order = np.random.default_rng(0).permutation(360)
    assert (images == load_splits("digits", ("test",))["test"].images[order]).all()
    for name in CHECKPOINT_PAGES:
        page = open_page(name, lang="ja", run=run.run_id, epoch=2)
        whole(page)
        assert not page.error


def test_the_scikit_learn_script_of_the_readme_is_seen_with_its_names(python: Path, tmp_path: Path) -> None:
    (tmp_path / "classify.py").write_text(blocks(text("en"), "python")[1], encoding="utf-8")
    told = elsewhere([python, "classify.py"], tmp_path)
    (run,) = store_here().listing().runs
    assert f"450 images\n  {run.run_id}" in told
    assert [record.en for record in run.dataset.classes][-2:] == ["eight", "nine"]
    assert run.accuracy is not None
    assert run.accuracy > 0.95
    assert store_here().images(run, "test").shape == (450, 8, 8)
    page = open_page("overview", lang="en", run=run.run_id)
    whole(page)
    assert not page.error
    assert "seven" in words(page)


ALONE = """
import importlib.abc, sys

ALLOWED = {"mnistcore", "numpy", "safetensors", "pydantic", "pydantic_core", "annotated_types", "typing_extensions"}
ALLOWED |= {"typing_inspection", *sys.stdlib_module_names}  # what pydantic brings, and Python

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in ALLOWED and not top.startswith(("_sysconfigdata", "__editable__")):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
for name in ("torch", "pandas", "sklearn", "scipy", "typer", "rich", "psutil", "pooch", "PIL", "streamlit", "plotly"):
    try:
        __import__(name)
    except ModuleNotFoundError:
        continue
    sys.exit(f"{name} is there")

import numpy
import mnistcore

images = numpy.zeros((4, 6, 6), dtype=numpy.uint8)
probabilities = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]
done = mnistcore.record_predictions(list("abab"), probabilities=probabilities, images=images, name="alone")
mnistcore.record_predictions(numpy.arange(360) % 10, numpy.zeros(360, int), images=numpy.zeros((360, 28, 28)), name="more")
for shown in (done, mnistcore.load_run(done.run_id), mnistcore.evaluate(done.run_id)):
    assert "4 of 4" in shown._repr_html_()
print(done)
"""


def test_numpy_safetensors_and_pydantic_are_enough_to_record_predictions(python: Path, tmp_path: Path) -> None:
    assert "4 of 4 images" in elsewhere([python, "-c", ALONE], tmp_path)
    assert [run.title for run in store_here().listing().runs] == ["more", "alone"]
    assert not [path for path in store_here().root.iterdir() if path.name.startswith(".")]


def test_only_what_has_changed_is_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "venv").mkdir()
    done: list[str] = []
    monkeypatch.setattr(environment, "_version", lambda _: "3.11.7")
    monkeypatch.setattr(environment, "_install", lambda *_, **__: done.append("requirements"))
    monkeypatch.setattr(environment, "_install_project", lambda *_: done.append("project"))
    asked = SimpleNamespace(requirements=ROOT / "requirements.txt", system_torch="", torch_index="", python="")
    for _ in range(2):
        environment._prepare(tmp_path / "venv", asked)
    assert done == ["requirements", "project"]
    monkeypatch.setattr(environment, "ROOT", tmp_path)  # the folder was moved, say
    (tmp_path / "mnistcore").mkdir()
    for name in ("pyproject.toml", "mnistcore/version.py"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    environment._prepare(tmp_path / "venv", asked)
    assert done == ["requirements", "project", "project"]


def test_a_folder_that_cannot_be_written_to_still_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment.os, "access", lambda *_: False)
    monkeypatch.setattr(environment, "_run_pip", lambda _: pytest.fail("pip was started"))
    environment._install_project(tmp_path)
    assert "works in this folder only" in capsys.readouterr().out


def test_the_package_says_what_it_needs_in_one_list() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["tool"]["setuptools"]["dynamic"]["dependencies"] == {"file": ["requirements.txt"]}
    (needed,) = map(Requirement, settings["build-system"]["requires"])
    (named,) = (line for line in environment.requirement_lines(ROOT / "requirements.txt") if "setuptools" in line)
    assert Requirement(named).specifier == needed.specifier, "make run builds with what requirements.txt brings"
    (onnx,) = map(Requirement, settings["project"]["optional-dependencies"]["onnx"])
    assert onnx.specifier.contains("1.32.0")
