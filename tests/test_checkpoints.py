"""Checkpoints: what others have saved is found, evaluated and kept; what runs code is not opened."""

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn
from typer.testing import CliRunner

from mnistcore.__main__ import app
from mnistcore.datasets.loading import load_split
from mnistcore.errors import DataUnavailableError, InputError, UnknownNameError
from mnistcore.imports import checkpoint_task, checkpoints, model_files, networks, sandbox
from mnistcore.imports.evaluating import NOT_NORMALISED, Preparation
from mnistcore.imports.sandbox import Limits
from mnistcore.models import models
from mnistcore.runs.store import Store
from tests.here import here, store_here

SHAPES = [[1, 28, 28]]

# Of the shape of the MNIST example in PyTorch's own repository of examples: a script that trains when it is run.
SCRIPT = """
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.dropout = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        x = self.dropout(F.relu(self.fc1(x.flatten(1))))
        return F.log_softmax(self.fc2(x), dim=1)


class Wide(nn.Module):
    def __init__(self, width):
        super().__init__()


def nothing():
    pass


def main():
    raise SystemExit("it trains")


if __name__ == "__main__":
    main()
"""


def handout() -> nn.Module:
    """As the lab's handout has it: images are rows of pixels."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))


def saved(value: Any, path: Path) -> Path:
    torch.save(value, path)  # noqa: TID251 -- somebody else's file
    return path


def looked(path: Path, network: str = "") -> dict[str, Any]:
    """What the task says, in this very process: torch is here already."""
    return checkpoint_task.work({"path": str(path), "shapes": SHAPES, "network": network}, {})[0]


def evaluated(path: Path, **said: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    split = load_split("digits", "test")
    request = {"path": str(path), "shapes": SHAPES, "network": "", "dataset": "digits", "classes": 10}
    request |= {"mean": [0.5], "std": [0.5], "is_assumed": False} | said
    return checkpoint_task.work(request, {"images": split.images[:60, None], "labels": split.labels[:60]})


def weights() -> dict[str, torch.Tensor]:
    return dict(handout().state_dict())


WRAPPED: dict[str, tuple[Callable[[], Any], list[str]]] = {
    "as it is": (weights, []),
    "parallel": (lambda: {f"module.{name}": each for name, each in weights().items()}, ["the prefix module."]),
    "compiled": (lambda: {f"_orig_mod.{name}": each for name, each in weights().items()}, ["the prefix _orig_mod."]),
    "both": (lambda: {f"module._orig_mod.{name}": each for name, each in weights().items()}, ["_orig_mod."]),
    "with its optimiser": (
        lambda: {"epoch": 3, "model_state_dict": weights(), "optimizer_state_dict": {"lr": 0.1}, "loss": 0.5},
        ["under 'model_state_dict'"],
    ),
    "under model": (lambda: {"model": weights(), "epoch": 3}, ["under 'model'"]),
    "under net": (lambda: {"net": weights(), "acc": 90.5}, ["under 'net'"]),
    "lightning": (
        lambda: {
            "epoch": 1,
            "pytorch-lightning_version": "2.5.0",
            "state_dict": {f"net.{name}": each for name, each in weights().items()},
            "optimizer_states": [],
        },
        ["under 'state_dict'", "the prefix net."],
    ),
    "with what is no weight": (
        lambda: {"criterion.weight": torch.ones(10), **{f"model.{name}": each for name, each in weights().items()}},
        ["without criterion.weight"],
    ),
    "in half precision": (lambda: {name: each.half() for name, each in weights().items()}, []),
}


@pytest.mark.parametrize("case", WRAPPED)
def test_what_is_around_the_weights_is_unwrapped_and_said(case: str, tmp_path: Path) -> None:
    make, told = WRAPPED[case]
    facts = looked(saved(make(), tmp_path / "a.pt"))
    assert (facts["network"], facts["classes"], facts["shape"]) == ("mlp", 10, [1, 28, 28])
    assert facts["matched"] == "by the shapes of its weights, in their order"
    assert all(any(each in note for note in facts["unwrapped"]) for each in told), facts["unwrapped"]
    assert bool(facts["unwrapped"]) == bool(told)


@pytest.mark.parametrize("name", models.MODELS)
@pytest.mark.parametrize("suffix", ["pt", "safetensors"])
def test_each_of_our_networks_is_found_by_its_shapes(name: str, suffix: str, tmp_path: Path) -> None:
    state = models.build(name, num_classes=7, seed=1).state_dict()
    renamed = {f"layer{place}.{each}": state[each] for place, each in enumerate(state)}
    for names, matched in ((dict(state), "by names and shapes"), (renamed, "in their order")):
        path = tmp_path / f"{len(matched)}.{suffix}"
        safetensors.torch.save_file(names, path) if suffix == "safetensors" else saved(names, path)
        facts = looked(path)
        assert (facts["network"], facts["classes"]) == (name, 7)
        assert matched in facts["matched"]
        assert facts["format"] == ("torch" if suffix == "pt" else "safetensors")


def test_many_layers_of_other_networks_are_looked_at_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    build = checkpoint_task._built
    monkeypatch.setattr(checkpoint_task, "_built", lambda name, *more: built.append(name) or build(name, *more))
    checkpoint_task._count.cache_clear()
    assert checkpoint_task._ours({str(size): torch.zeros(size) for size in range(2, 900)}, [(1, 28, 28)]) is None
    assert len(built) <= len(models.MODELS)


def test_other_shapes_are_none_of_ours_and_say_so(tmp_path: Path) -> None:
    path = saved({"a": torch.zeros(3, 2), "b": torch.zeros(3)}, tmp_path / "a.pth")
    facts = looked(path)
    assert (facts["network"], facts["tensors"]) == ("", {"a": [3, 2], "b": [3]})
    with pytest.raises(InputError, match=r"a 3x2, b 3.*--network FILE.py:Class"):
        evaluated(path)


def test_a_network_says_the_same_as_its_checkpoint(tmp_path: Path) -> None:
    split = load_split("digits", "test")
    pixels = (torch.from_numpy(split.images[:60]).float().flatten(1) / 255 - 0.5) / 0.5
    facts, arrays = evaluated(saved(weights(), tmp_path / "a.pt"))
    with torch.no_grad():
        expected = handout()(pixels).numpy()
    assert np.allclose(arrays["scores"], expected, atol=1e-5)
    assert (facts["kind"], facts["assumed"]) == ("logits", ["model: its outputs are taken as logits"])
    assert {name for name in arrays if name != "scores"} == {
        f"weights/{n}.{p}" for n in (1, 3, 5) for p in ("weight", "bias")
    }


def test_a_network_for_other_images_or_classes_is_told(tmp_path: Path) -> None:
    colour = models.build("mlp", num_classes=10, seed=0, shape=(3, 32, 32)).state_dict()
    with pytest.raises(InputError, match="images of 3 x 32 x 32.*of digits are 1 x 28 x 28"):
        evaluated(saved(dict(colour), tmp_path / "a.pt"), shapes=[[1, 28, 28], [3, 32, 32]])
    seven = models.build("mlp", num_classes=7, seed=0).state_dict()
    with pytest.raises(InputError, match="10 classes of digits, got 7"):
        evaluated(saved(dict(seven), tmp_path / "b.pt"))


def test_another_preparation_that_is_clearly_better_is_named(tmp_path: Path) -> None:
    """A network that sees how bright an image is, and was trained on pixels of 0 to 1."""
    split = load_split("digits", "test")
    path = saved(weights(), tmp_path / "a.pt")
    with torch.no_grad():
        called = handout()(torch.from_numpy(split.images[:60]).float().flatten(1) / 255).argmax(dim=1).numpy()
    request = {"path": str(path), "shapes": SHAPES, "network": "", "dataset": "digits", "classes": 10}
    given = {"images": split.images[:60, None], "labels": called}
    for is_assumed in (True, False):
        said = {"mean": [2.0], "std": [0.5], "is_assumed": is_assumed}
        notes = checkpoint_task.work(request | said, given)[0]["assumed"]
        assert any("100.0% with --no-normalise" in note for note in notes) == is_assumed


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "main.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


@pytest.fixture
def _no_traces() -> Any:
    path, argv = list(sys.path), list(sys.argv)
    yield
    sys.path[:], sys.argv[:] = path, argv
    sys.modules.pop("main", None)


@pytest.mark.usefixtures("_no_traces")
def test_a_network_that_is_named_has_to_fit_and_errors_say_why(script: Path, tmp_path: Path) -> None:
    net = networks.made(f"{script}:Net")
    whole = dict(net.state_dict())
    path = saved({f"module.{name}": each for name, each in whole.items()}, tmp_path / "mnist_cnn.pt")
    facts, arrays = evaluated(path, network=f"{script}:Net", dataset="mnist")
    assert (facts["network"], arrays["scores"].shape) == ("Net", (60, 10))
    assert facts["assumed"] == ["model: its outputs are taken as log-probabilities"]

    def told(state: dict[str, torch.Tensor], network: str = "Net", **said: Any) -> str:
        with pytest.raises(InputError) as raised:
            evaluated(saved(state, tmp_path / "other.pt"), network=f"{script}:{network}", **said)
        return str(raised.value)

    assert "the file has no fc2.bias" in told({name: whole[name] for name in whole if name != "fc2.bias"})
    assert "the network has no more" in told(whole | {"more": torch.zeros(1)})
    assert "fc2.weight: expected (10, 128), got (47, 128)" in told(whole | {"fc2.weight": torch.zeros(47, 128)})
    assert "one of Net, Wide, got 'Other'" in told(whole, "Other")
    assert "without arguments" in told(whole, "Wide")
    assert "torch.nn.Module, got NoneType" in told(whole, "nothing")
    assert "the 47 classes of emnist, got 10" in told(whole, classes=47, dataset="emnist")


SCRIPTS = {
    "raise SystemExit(3)": "SystemExit: 3",
    "import no_such_library": "no_such_library",
    "class Net(": "SyntaxError",
    "while True: pass": "below `if __name__",
    "try:\n    while True: pass\nexcept Exception: pass": "below `if __name__",
    "def Net():\n    while True: pass": "expected Net() to only define the network",
}


@pytest.mark.usefixtures("_no_traces")
@pytest.mark.parametrize("text", SCRIPTS)
def test_a_file_that_does_more_than_define_is_told(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "SECONDS", 0.2)
    (tmp_path / "main.py").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        networks.made(f"{tmp_path / 'main.py'}:Net")
    assert SCRIPTS[text] in str(raised.value)


def test_a_network_that_ends_the_process_is_told() -> None:
    class Leaving(torch.nn.Module):
        def forward(self, _: torch.Tensor) -> torch.Tensor:
            raise SystemExit(0)

    with pytest.raises(InputError, match="SystemExit: 0"):
        checkpoint_task._takes_flat(Leaving(), torch.zeros(2, 1, 28, 28))


class Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return open, (str(self.path), "w")


def sparse_by_rows(_: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it may change
        return {"a": torch.eye(2).to_sparse_csr()}


BAD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a whole module": (lambda _: handout(), "torch.nn.modules"),
    "code": (lambda path: {"state_dict": weights(), "more": Trap(path / "sprung")}, "numpy.savez"),
    "code alone": (lambda path: Trap(path / "sprung"), "would run code"),
    "no dict": (lambda _: torch.zeros(3), "got Tensor"),
    "no tensors": (lambda _: {"epoch": 3, "lr": 0.1}, "got epoch, lr"),
    "nothing": (lambda _: {}, "got nothing"),
    "NaN": (lambda _: {"a": torch.tensor([1.0, float("nan")])}, "NaN or infinity in a"),
    "complex numbers": (lambda _: {"a": torch.zeros(2, dtype=torch.complex64)}, "plain tensors"),
    "sparse": (lambda _: {"a": torch.eye(2).to_sparse()}, "plain tensors"),
    "sparse by rows": (sparse_by_rows, "plain tensors"),
    "without numbers": (lambda _: {"a": torch.ones(2, device="meta")}, "plain tensors, got one without numbers"),
    "one number, said to be many": (lambda _: {"a": torch.zeros(1).expand(10**12)}, "1,000,000,000,000"),
    "whole numbers": (
        lambda _: {
            name: tensor.to(torch.int8)
            for name, tensor in models.build("linear", num_classes=10, seed=0).state_dict().items()
        },
        "expected weights as floats, got torch.int8",
    ),
}


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("case", BAD)
def test_what_is_no_weights_alone_is_refused(case: str, old: bool, tmp_path: Path) -> None:
    make, told = BAD[case]
    path = tmp_path / "a.pt"
    torch.save(make(tmp_path), path, _use_new_zipfile_serialization=not old)  # noqa: TID251 -- somebody else's file
    with pytest.raises(InputError) as raised:
        looked(path)
    assert told in str(raised.value)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("data", [b"", b"\x40\0\0\0\0\0\0\0{", b"x" * 100, b"\xff\xff\xff\xff\xff\xff\xff\x7f{}"])
def test_bytes_that_are_no_checkpoint_are_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(data)
    with pytest.raises(InputError, match="file: expected"):
        looked(path)


# ---------------------------------------------------------------- in a process of its own


def test_the_example_of_torch_becomes_a_run_by_command(script: Path, tmp_path: Path, store: Store) -> None:
    """Its network, its file, log-softmax, by --network; on digits, which are here, with the images of that data set."""
    torch.manual_seed(1)
    namespace: dict[str, Any] = {"__name__": "example"}
    exec(SCRIPT, namespace)
    net = namespace["Net"]()
    path = saved(net.state_dict(), tmp_path / "mnist_cnn.pt")
    arguments = ["import", str(path), "--network", f"{script}:Net", "--dataset", "digits", "--json"]
    arguments += ["--mean", "0.1307", "--std", "0.3081"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert f"runs the code of {script}" in done.stderr
    facts = json.loads(done.stdout)
    assert (facts["model"], facts["dataset"], facts["is_new"]) == ("Net", "digits", True)
    assert "model: its outputs are taken as log-probabilities" in facts["assumed"]
    assert "images: normalised with mean 0.1307 and deviation 0.3081" in facts["assumed"]
    (run,) = store.listing().runs
    split = load_split("digits", "test")
    with torch.no_grad():
        net.eval()
        expected = net((torch.from_numpy(split.images[:, None]).float() / 255 - 0.1307) / 0.3081).numpy()
    found = store.predictions(run, "test")
    assert np.allclose(found.logits, expected, atol=1e-4)
    assert np.array_equal(found.labels, split.labels)
    assert run.dataset.fingerprints["test"] == split.fingerprint
    assert set(run.files) == {"weights", "predictions/test"}, "its images are those of the data set"
    kept = store.weights(run)
    assert all(np.array_equal(kept[name], each.numpy()) for name, each in net.state_dict().items())
    assert (run.origin.kind, run.origin.file, run.origin.format) == ("imported", "mnist_cnn.pt", "torch")


def test_a_checkpoint_of_ours_is_looked_at_and_kept_by_command(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "weights.safetensors"
    safetensors.torch.save_file(dict(models.build("linear", num_classes=10, seed=3).state_dict()), path)
    command = CliRunner().invoke
    looked = json.loads(command(app, ["import", str(path), "--look", "--json"]).stdout)
    assert (looked["network"], looked["classes"], looked["parameters"]) == ("linear", 10, 7850)
    done = command(app, ["import", str(path), "--dataset", "digits", "--name", "mine", "--no-normalise"])
    assert done.exit_code == 0, done.output
    assert "not normalised" in done.stdout
    (run,) = store.listing().runs
    assert (run.title, run.origin.model) == ("mine", "linear")


def test_what_cannot_be_asked_is_told_before_anything_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNISTCORE_DATA", str(tmp_path / "none"))
    path = saved(weights(), tmp_path / "a.pt")

    def keep(**said: Any) -> None:
        model_files.keep(path, **{"file": "a.pt", "name": "a", "store": store_here(), "workspace": here()} | said)

    with pytest.raises(DataUnavailableError, match="--fetch mnist"):
        keep()
    with pytest.raises(UnknownNameError):
        keep(dataset="nothing")
    with pytest.raises(InputError, match="FILE.py:Class"):
        keep(network="nowhere.py:Net")
    with pytest.raises(InputError, match="name: expected"):
        keep(name="")
    with pytest.raises(InputError, match="expected both"):
        Preparation(mean=0.1)
    with pytest.raises(InputError, match="deviation above 0"):
        Preparation(mean=0.1, std=0.0)
    assert Preparation(0.0, 1.0) == NOT_NORMALISED
    monkeypatch.setattr(checkpoints, "MAX_BYTES", 1000)
    with pytest.raises(InputError, match="at most"):
        checkpoints.look(path)
    result = CliRunner().invoke(app, ["import", str(path), "--no-normalise", "--mean", "1", "--std", "1"])
    assert (result.exit_code, "expected without --mean" in result.stderr) == (2, True)
    assert not store_here().listing().runs


def test_a_process_that_opens_a_file_knows_no_secret_and_ends_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "secret")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    task = tmp_path / "sitecustomize.py"
    task.write_text(
        f"import json, os, sys, time, subprocess\n"
        f"if 'mnistcore.imports.sandboxed' in sys.orig_argv:\n"
        f"    open({str(tmp_path / 'seen.json')!r}, 'w').write(json.dumps(dict(os.environ)))\n"
        f"    child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        f"    open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))\n"
        f"    time.sleep(60)\n",
        encoding="utf-8",
    )
    started = time.monotonic()
    with pytest.raises(InputError, match="in 3 seconds"):
        sandbox.ask("checkpoint_task", {}, limits=Limits(seconds=3, memory_bytes=2**32))
    assert time.monotonic() - started < 20
    seen = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))
    assert "secret" not in seen.values()
    assert seen["HOME"] == seen["TMPDIR"]
    assert not Path(seen["HOME"]).exists(), "its folder is gone with it"
    child = int((tmp_path / "child").read_text(encoding="utf-8"))
    while Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_bytes():
        assert time.monotonic() - started < 20, "what it has started goes on"
        time.sleep(0.05)


def test_a_process_that_takes_too_much_memory_ends_in_words(tmp_path: Path) -> None:
    path = saved({"a": torch.zeros(1)}, tmp_path / "a.pt")
    request = {"path": str(path), "shapes": [], "network": ""}
    with pytest.raises(InputError, match="MiB of memory"):
        sandbox.ask("checkpoint_task", request, limits=Limits(seconds=120, memory_bytes=50 * 2**20))
