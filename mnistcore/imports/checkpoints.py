"""Owns checkpoints of torch and safetensors: what is in one, and its evaluation as a run; imports no torch.

A file is opened by a process of its own (`sandbox`), and becomes safetensors there; nothing that is in it is run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mnistcore.datasets.catalogue import all_datasets
from mnistcore.errors import InputError, printable, shortened
from mnistcore.imports import evaluating, formats, sandbox
from mnistcore.imports.evaluating import Preparation
from mnistcore.imports.keeping import RecordedRun, checked_title
from mnistcore.imports.sandbox import Limits
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace

MAX_BYTES: Final = 2**30  # of a file
LOOKING_SECONDS: Final = 120.0
SECONDS: Final = 600.0  # to evaluate 10,000 images on a CPU
_MEMORY_BYTES = 4 * 2**30  # torch, and the images of a batch on their way through a network
_COPIES = 6  # of the weights, at most, while they are opened and loaded
_LONGEST = 200


@dataclass(frozen=True)
class CheckpointFacts:
    """What is in a checkpoint.

    Attributes:
        format: "safetensors" or "torch".
        tensors: name -> shape, in the order of the file.
        unwrapped: what was around the weights.
        network: which of our networks it is, or the class that was named; "" where it is neither.
        matched: by what it was found; "" where it was not.
        shape: channels, rows and columns of its images, where they are known.
        classes: how many it tells apart, where that is known.
    """

    format: str
    tensors: Mapping[str, tuple[int, ...]]
    unwrapped: tuple[str, ...]
    network: str
    matched: str
    shape: tuple[int, ...] | None
    classes: int | None

    @property
    def parameters(self) -> int:
        """How many numbers there are."""
        sizes = []
        for shape in self.tensors.values():
            size = 1
            for side in shape:
                size *= side
            sizes.append(size)
        return sum(sizes)


def look(path: Path, *, network: str = "") -> CheckpointFacts:
    """What is in a checkpoint.

    Args:
        path: the file.
        network: FILE.py:Class of the network that it belongs to, whose code is run; "" for one of ours.

    Raises:
        InputError: it is none, or cannot be opened; says why.
    """
    return _facts(sandbox.ask("checkpoint_task", _request(path, network), limits=_limits(path, LOOKING_SECONDS)).facts)


def keep(
    path: Path,
    *,
    file: str,
    name: str,
    store: Store,
    workspace: Workspace,
    dataset: str = "",
    network: str = "",
    preparation: Preparation = Preparation(),  # noqa: B008 -- frozen
    seconds: float = SECONDS,
) -> RecordedRun:
    """Evaluate a checkpoint on the test images of a data set, and keep it as a run with its weights.

    Args:
        path: the file.
        file: what it was called, without a folder.
        name: of the run.
        dataset: its name; MNIST if empty.
        network: as of `look`.
        preparation: what is done to the images; as of the data set, if nothing is said.
        seconds: how long it may take.

    Raises:
        InputError: as of `look`; or it does not fit the data set; or it is none of our networks, and none was named.
        DataError: the data set is not on this machine.
    """
    checked_title(name)
    request = _request(path, network)
    put = evaluating.asked(dataset, preparation, workspace=workspace)
    # Networks of other shapes may have the same weights: 1 x 28 x 28 and 1 x 16 x 49.
    request["shapes"] = [put.shape, *(shape for shape in request["shapes"] if shape != put.shape)]
    found = sandbox.ask("checkpoint_task", request | put.request, put.arrays, limits=_limits(path, seconds))
    facts = _facts(found.facts)
    matched = f"network: {facts.network}, found {facts.matched}"
    return evaluating.kept(
        found,
        put,
        file=file,
        kind=facts.format,
        model=facts.network,
        assumed=(*facts.unwrapped, matched),
        name=name,
        store=store,
        weights={
            each.removeprefix("weights/"): array for each, array in found.arrays.items() if each.startswith("weights/")
        },
    )


def _request(path: Path, network: str) -> dict[str, Any]:
    if formats.kind_of(path) != "checkpoint":
        raise InputError(f"file: expected a checkpoint, got {path.name}")
    if network:
        file, _, name = network.rpartition(":")
        if not Path(file).is_file() or Path(file).suffix != ".py" or not name.isidentifier():
            raise InputError(f"--network: expected FILE.py:Class of a file that is there, got {network!r}")
        network = f"{Path(file).resolve()}:{name}"
    shapes = sorted({dataset.input_shape for dataset in all_datasets().values()})
    return {"path": str(path.resolve()), "network": network, "shapes": shapes}


def _limits(path: Path, seconds: float) -> Limits:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise InputError(f"file: expected at most {MAX_BYTES >> 20:,} MiB, got {size >> 20:,} MiB")
    return Limits(seconds=seconds, memory_bytes=_MEMORY_BYTES + _COPIES * size)


def _facts(told: Mapping[str, Any]) -> CheckpointFacts:
    def text(value: object) -> str:
        return printable(shortened(str(value), _LONGEST))

    return CheckpointFacts(
        format=text(told["format"]),
        tensors={text(name): tuple(map(int, shape)) for name, shape in told["tensors"].items()},
        unwrapped=tuple(map(text, told["unwrapped"])),
        network=text(told["network"]),
        matched=text(told["matched"]),
        shape=tuple(map(int, told["shape"])) if told["shape"] else None,
        classes=int(told["classes"]) if told["classes"] else None,
    )
