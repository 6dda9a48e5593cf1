"""Owns the tests of what a notebook sees: `import mnistcore`."""

import subprocess
import sys

import pytest

import mnistcore
from mnistcore.errors import UnknownNameError
from scripts.project import ROOT


def test_importing_it_imports_nothing_heavy() -> None:
    code = (
        "import sys, mnistcore\n"
        "heavy = {'torch', 'sklearn', 'pandas', 'scipy', 'numpy', 'pydantic', 'streamlit'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "matrix = mnistcore.metrics.confusion_matrix([0, 1], [0, 1], num_classes=2)\n"
        "assert matrix.tolist() == [[1, 0], [0, 1]]\n"
        "assert mnistcore.list_runs() == ()\n"
        "assert 'torch' not in sys.modules and 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_train_evaluate_load_list() -> None:
    result = mnistcore.train("digits", "linear", "handout", epochs=2)
    assert repr(result).startswith(f"TrainResult({result.run_id}: accuracy ")
    assert mnistcore.train(dataset="digits", model="linear", preset="handout", seed=0, epochs=2).cached
    found = mnistcore.evaluate(result.run_id)
    assert found.matrix.sum() == 360
    assert found.summary.accuracy == result.accuracy
    assert mnistcore.evaluate(result.run_id, split="validation", epoch=1).matrix.sum() == 180
    run = mnistcore.load_run(result.run_id)
    assert run.predictions("test").accuracy == result.accuracy
    assert [report.epoch for report in run.history()] == [1, 2]
    assert not run.model().training
    assert mnistcore.list_runs() == (run,)


def test_the_default_needs_no_network() -> None:
    with pytest.raises(UnknownNameError, match="quick"):
        mnistcore.train(preset="fastest")


def test_every_public_name_is_there_and_described() -> None:
    for name in mnistcore.__all__:
        assert name in dir(mnistcore)
        assert getattr(mnistcore, name).__doc__


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        mnistcore.no_such_name  # noqa: B018
