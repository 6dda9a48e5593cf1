"""ONNX files: what one says of images is kept; one that needs code, other files or for ever is refused in words."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from mnistcore import metrics
from mnistcore.__main__ import app
from mnistcore.datasets.loading import load_split
from mnistcore.errors import InputError, LibraryError
from mnistcore.imports import model_files, onnx_files, onnx_models, onnx_task
from mnistcore.runs.store import Store
from tests import onnx_toys as toys
from tests.here import here, store_here

IMAGES = ("N", 1, 28, 28)
WEIGHTS = np.random.default_rng(5).normal(size=(784, 10)).astype(np.float32)


def asked(data: bytes, path: Path, count: int = 30, **said: Any) -> tuple[dict[str, Any], np.ndarray]:
    """What the task says, in this very process."""
    path.write_bytes(data)
    split = load_split("digits", "test")
    request = {"path": str(path), "dataset": "digits", "classes": 10, "mean": [0.5], "std": [0.5], "is_assumed": False}
    given = {"images": split.images[:count, None], "labels": split.labels[:count]}
    facts, arrays = onnx_task.work(request | said, given)
    return facts, arrays["scores"]


def expected(count: int = 30) -> np.ndarray:
    pixels = load_split("digits", "test").images[:count].reshape(count, -1).astype(np.float32)
    return (pixels / 255 - 0.5) / 0.5 @ WEIGHTS


ARRANGED = {
    "with an axis for the colour": (IMAGES, ""),
    "with the colour last": (("N", 28, 28, 1), "the colours last"),
    "without one": (("N", 28, 28), "without an axis"),
    "as rows": (("N", 784), "rows of pixels"),
    "of any size": (("a", "b", "c", "d"), ""),
    "seven at a time": ((7, 1, 28, 28), ""),
    "one at a time": ((1, 784), "rows of pixels"),
}


@pytest.mark.parametrize("case", ARRANGED)
def test_images_are_given_as_the_input_takes_them(case: str, tmp_path: Path) -> None:
    sides, told = ARRANGED[case]
    facts, scores = asked(toys.classifier(WEIGHTS, sides=sides), tmp_path / "a.onnx")
    assert np.allclose(scores, expected(), atol=1e-3)
    assert facts["kind"] == "logits"
    assert any(told in note for note in facts["assumed"]) if told else len(facts["assumed"]) == 1


@pytest.mark.parametrize(
    ("last", "kind", "told"), [("LogSoftmax", "logits", "log-"), ("Softmax", "probabilities", "1")]
)
def test_what_an_output_is_is_told_apart(last: str, kind: str, told: str, tmp_path: Path) -> None:
    facts, scores = asked(toys.classifier(WEIGHTS / 100, sides=IMAGES, last=last), tmp_path / "a.onnx")
    assert (facts["kind"], told in facts["assumed"][0]) == (kind, True)
    whole = metrics.softmax(expected() / 100)
    assert np.allclose(scores if kind == "probabilities" else np.exp(scores), whole, atol=1e-5)


def test_double_precision_is_taken(tmp_path: Path) -> None:
    _, scores = asked(toys.classifier(WEIGHTS, sides=IMAGES, dtype="float64"), tmp_path / "a.onnx")
    assert np.allclose(scores, expected(), atol=1e-3)


def test_another_preparation_that_is_clearly_better_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    data = toys.classifier(WEIGHTS, sides=IMAGES)
    _, raw = asked(data, path, mean=[0.0], std=[1.0])
    split = load_split("digits", "test")
    request = {"path": str(path), "dataset": "digits", "classes": 10, "mean": [2.0], "std": [0.5], "is_assumed": True}
    facts, _ = onnx_task.work(request, {"images": split.images[:30, None], "labels": raw.argmax(axis=1)})
    assert "100.0% with --no-normalise" in facts["assumed"][-1]


def of_graph(nodes: list[bytes], **more: Any) -> bytes:
    return toys.model(toys.graph(nodes, [toys.value("x", IMAGES)], [toys.value("y", ("N", 10))], **more))


def with_external() -> bytes:
    return of_graph([toys.node("MatMul", ["x", "w"], ["y"])], weights=[toys.external("w")])


def with_external_inside() -> bytes:
    """In a graph of a node of a graph."""
    inner = toys.graph([], [], [], [toys.external("hidden")])
    outer = toys.graph([toys.node("If", ["c"], ["y"], then_branch=inner)], [], [])
    return of_graph([toys.node("Loop", ["x"], ["y"], body=outer)])


def nested(depth: int) -> bytes:
    inner = toys.graph([], [], [])
    for _ in range(depth):
        inner = toys.graph([toys.node("If", ["c"], ["y"], then_branch=inner)], [], [])
    return toys.model(inner)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "weights elsewhere": (with_external, "external_data=False"),
    "weights elsewhere, hidden": (with_external_inside, "got hidden in another"),
    "an operator of somebody's": (
        lambda: of_graph([toys.node("Run", ["x"], ["y"], domain="my.ops")]),
        "got Run of my.ops",
    ),
    "graphs in graphs": (lambda: nested(30), "at most 20 graphs"),
    "graphs without end": (lambda: nested(400), "at most 20 graphs"),
    "a file of nothing but small fields": (lambda: b"\x08\x01" * (onnx_files.MOST_FIELDS + 1), "fields, got more"),
    "no graph": (lambda: toys.number(1, 8), "a network in it"),
    "nothing": (lambda: b"", "a network in it"),
    "other bytes": (lambda: b"\x08\x08\x3a\xff\xff\xff\xff\x0f", "ends too early"),
    "text": (lambda: b"label,prediction\n", "cannot be read"),
    "a number without end": (lambda: b"\xff" * 40, "too long"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_refused_before_anything_runs(case: str, tmp_path: Path) -> None:
    make, told = REFUSED[case]
    path = tmp_path / "a.onnx"
    path.write_bytes(make())
    with pytest.raises(InputError) as raised:
        onnx_models.look(path)
    assert told in str(raised.value)
    with pytest.raises(InputError):
        asked(make(), path)


def test_functions_of_the_file_itself_are_operators_of_onnx() -> None:
    """As torch's exporter writes them."""
    inside = (
        toys.message(1, "Twice") + toys.message(7, toys.node("Add", ["a", "a"], ["b"])) + toys.message(10, "my.ops")
    )
    whole = toys.graph([toys.node("Twice", ["x"], ["y"], domain="my.ops")], [toys.value("x", IMAGES)], [])
    found = onnx_files.facts(toys.model(whole, functions=[inside], domains={"my.ops": 1}))
    assert (found.operators, found.opset, found.producer) == (("Add", "Twice"), 17, "toys")


def two(what: str) -> bytes:
    inputs = [toys.value("x", IMAGES), *([toys.value("z", IMAGES)] if what == "inputs" else [])]
    outputs = [toys.value("y", ("N", 784)), *([toys.value("u", ("N", 784))] if what == "outputs" else [])]
    nodes = [
        toys.node("Flatten", ["x"], ["y"], axis=1),
        toys.node("Flatten", ["z" if what == "inputs" else "x"], ["u"]),
    ]
    return toys.model(toys.graph(nodes, inputs, outputs))


UNFIT: dict[str, tuple[Callable[[], bytes], str]] = {
    "two inputs": (lambda: two("inputs"), "one input, got 2"),
    "two outputs": (lambda: two("outputs"), "one output, got 2"),
    "other images": (lambda: toys.classifier(np.ones((3072, 10)), sides=("N", 3, 32, 32)), "got (N, 3, 32, 32)"),
    "other classes": (lambda: toys.classifier(WEIGHTS[:, :7], sides=IMAGES), "10 classes of digits, got 7"),
    "what it cannot multiply": (lambda: toys.classifier(WEIGHTS[:5], sides=IMAGES), "file: expected"),
    "an operator that is none": (lambda: of_graph([toys.node("Nothing", ["x"], ["y"])]), "can build"),
    "whole numbers": (
        lambda: toys.model(
            toys.graph(
                [toys.node("Identity", ["x"], ["y"])],
                [toys.value("x", IMAGES, "int64")],
                [toys.value("y", IMAGES, "int64")],
            )
        ),
        "got tensor(int64)",
    ),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_does_not_fit_the_images_is_told(case: str, tmp_path: Path) -> None:
    make, told = UNFIT[case]
    with pytest.raises(InputError) as raised:
        asked(make(), tmp_path / "a.onnx")
    assert told in str(raised.value)


def test_a_file_becomes_a_run_by_command(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "my net.onnx"
    path.write_bytes(toys.classifier(WEIGHTS, sides=IMAGES, last="LogSoftmax"))
    command = CliRunner().invoke
    looked = json.loads(command(app, ["import", str(path), "--look", "--json"]).stdout)
    assert (looked["inputs"], looked["outputs"]) == ({"x": [None, 1, 28, 28]}, {"y": [None, 10]})
    assert looked["operators"] == ["Flatten", "LogSoftmax", "MatMul"]
    assert "x N x 1 x 28 x 28" in command(app, ["import", str(path), "--look"]).stdout
    done = command(app, ["import", str(path), "--dataset", "digits", "--json"])
    assert done.exit_code == 0, done.output
    (run,) = store.listing().runs
    assert (run.title, run.origin.kind, run.origin.format) == ("my net", "imported", "onnx")
    assert "images: normalised with mean 0.1549 and deviation 0.3161, as of digits" in run.origin.assumed
    split = load_split("digits", "test")
    pixels = (split.images.reshape(len(split), -1).astype(np.float32) / 255 - 0.1549) / 0.3161
    assert np.array_equal(store.predictions(run, "test").logits.argmax(axis=1), (pixels @ WEIGHTS).argmax(axis=1))
    assert run.dataset.fingerprints["test"] == split.fingerprint


def test_a_file_that_loops_is_ended_in_words(tmp_path: Path) -> None:
    path = tmp_path / "loop.onnx"
    with pytest.raises(InputError, match="10 classes of digits, got 784"):  # of few turns it comes to an end
        asked(toys.looping(3), path)
    path.write_bytes(toys.looping(2**62))
    assert onnx_models.look(path).operators == ("Add", "Flatten", "Identity", "Loop")
    with pytest.raises(InputError, match="4 seconds, got one that takes longer: it was stopped"):
        model_files.keep(
            path, file="loop.onnx", name="loop", dataset="digits", store=store_here(), workspace=here(), seconds=4
        )
    assert not store_here().listing().runs


def test_without_onnxruntime_the_command_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(toys.classifier(WEIGHTS, sides=IMAGES))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(LibraryError, match="-m pip install"):
        model_files.keep(path, file="a.onnx", name="a", dataset="digits", store=store_here(), workspace=here())
    monkeypatch.setattr(onnx_models, "MAX_BYTES", 10)
    with pytest.raises(InputError, match="at most"):
        onnx_models.look(path)
    (tmp_path / "a.csv").write_text("label,pred\n1,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="expected an ONNX file"):
        onnx_models.look(tmp_path / "a.csv")
