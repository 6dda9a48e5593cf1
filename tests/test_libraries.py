"""Libraries that do not load: whatever their import raises is one error of ours that names the cure."""

import subprocess
import sys
from pathlib import Path

import pytest

from mnistcore.errors import InputError, LibraryError
from mnistcore.libraries import importing
from scripts.project import ROOT
from scripts.toys import toy_content
from tests.here import store_here

FAULTS = {
    "RuntimeError": 'raise RuntimeError("operator torchvision::nms does not exist")',
    "AttributeError": "import sys; sys.no_such_thing",
    "OSError": 'raise OSError("libcudart.so.12: cannot open shared object file: No such file or directory")',
    "ImportError": 'raise ImportError("cannot import name x")',
    "KeyError": 'raise KeyError("x")',
    "TypeError": 'raise TypeError("unhashable")',
}


def with_fake(
    package: str, source: str, folder: Path, code: str, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Run code in a process of its own that finds this source in place of a library."""
    fake = folder / "fake" / package
    fake.mkdir(parents=True)
    (fake / "__init__.py").write_text(source, encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(fake.parent)!r}); sys.path.insert(0, {str(ROOT)!r})\n{code}"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False,
        env={"PATH": "", "HOME": str(folder), "MNISTCORE_ARTIFACTS": str(folder / "artifacts"), **environment},
    )  # fmt: skip


STARTER = """
from pathlib import Path
from mnistcore.training import starter
from mnistcore.workspace import Workspace
from tests.observing import Listening
observer = Listening(on_warning=lambda text: print("warning:", text))
starter.ensure_starter(
    Workspace(Path("artifacts"), Path("data")), lambda recipe: print("trains", recipe.dataset), observer=observer
)
"""


@pytest.mark.parametrize("fault", FAULTS)
def test_the_starter_goes_on_with_digits_where_torchvision_does_not_fit(fault: str, tmp_path: Path) -> None:
    done = with_fake("torchvision", FAULTS[fault], tmp_path, STARTER)
    assert (done.returncode, done.stderr) == (0, "")
    warning, *trained = done.stdout.splitlines()
    assert trained == ["trains digits"] * 2
    for words in (
        "torchvision cannot be loaded",
        fault,
        "found torch ",
        "requires torch",
        "--force-reinstall torch torchvision",
    ):
        assert words in warning


def test_a_torchvision_without_its_parts_is_named(tmp_path: Path) -> None:
    done = with_fake("torchvision", "datasets = None", tmp_path, STARTER)
    assert (done.returncode, done.stderr) == (0, "")
    assert "torchvision cannot be loaded (AttributeError" in done.stdout


COMMAND = "from mnistcore.__main__ import app; app({arguments!r})"


@pytest.mark.parametrize("fault", ["OSError", "RuntimeError"])
def test_a_torch_that_does_not_load_is_one_message(fault: str, tmp_path: Path) -> None:
    code = COMMAND.format(arguments=["train", "--dataset", "digits", "--epochs", "1"])
    done = with_fake("torch", FAULTS[fault], tmp_path, code)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith(f"error: torch cannot be loaded ({fault}: ")


@pytest.mark.parametrize("call", ["model()", "predict(numpy.zeros((1, 28, 28), 'uint8'))"])
def test_asking_a_model_without_torch_is_an_error_of_ours(call: str, artifacts: Path, tmp_path: Path) -> None:
    run_id = store_here().save(toy_content()).run_id
    code = (
        "import mnistcore, numpy\nfrom mnistcore.errors import LibraryError\n"
        f"try: mnistcore.load_run({run_id!r}).{call}\nexcept LibraryError as error: print(error)"
    )
    done = with_fake("torch", FAULTS["OSError"], tmp_path, code, MNISTCORE_ARTIFACTS=str(artifacts))
    assert done.stdout.startswith("torch cannot be loaded (OSError: libcudart.so.12"), done.stderr


def test_what_needs_no_torch_works_without_it(artifacts: Path, tmp_path: Path) -> None:
    run_id = store_here().save(toy_content()).run_id
    done = with_fake(
        "torch", FAULTS["OSError"], tmp_path, COMMAND.format(arguments=["list"]), MNISTCORE_ARTIFACTS=str(artifacts)
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert run_id in done.stdout


def test_digits_without_a_pillow_that_loads_say_so(tmp_path: Path) -> None:
    code = COMMAND.format(arguments=["train", "--dataset", "digits"])
    done = with_fake("PIL", 'raise ImportError("libjpeg.so.62: no such file")', tmp_path, code)
    assert done.returncode == 1
    assert "error: pillow cannot be loaded (ImportError: libjpeg.so.62" in done.stderr
    assert "--force-reinstall pillow`" in done.stderr


def test_what_is_not_installed_is_said_to_be_so() -> None:
    with (
        pytest.raises(LibraryError, match=r"ModuleNotFoundError.*found no-such-thing \(not installed\)"),
        importing("no-such-thing"),
    ):
        import no_such_thing  # type: ignore[import-not-found]  # noqa: F401


def test_errors_of_ours_and_ctrl_c_pass() -> None:
    for error in (InputError("mine"), KeyboardInterrupt()):
        with pytest.raises(type(error)), importing("torch"):
            raise error
