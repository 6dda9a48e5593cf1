"""Owns checkpoints of torch and safetensors: what is in one, and how it is evaluated; imports no torch.

A file is opened by a process of its own (`sandbox`), and becomes safetensors there; nothing that is in it is run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mnistcore.datasets.catalogue import all_datasets
from mnistcore.errors import InputError, printable, shortened
from mnistcore.imports import formats, sandbox
from mnistcore.imports.evaluating import ModelTask, ModelTold
from mnistcore.imports.sandbox import Limits

MAX_BYTES: Final = 2**30  # of a file
LOOKING_SECONDS: Final = 120.0
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
    asked = task(path, network=network)
    limits = Limits(seconds=LOOKING_SECONDS, memory_bytes=asked.memory_bytes)
    return _facts(sandbox.ask(asked.name, asked.request, limits=limits).facts)


def task(path: Path, *, network: str = "") -> ModelTask:
    """How a checkpoint is evaluated; takes and raises the same as `look`."""
    return ModelTask("checkpoint_task", _request(path, network), _memory_bytes(path), _told)


def _told(told: Mapping[str, Any]) -> ModelTold:
    facts = _facts(told)
    matched = f"network: {facts.network}, found {facts.matched}"
    return ModelTold(facts.format, facts.network, (*facts.unwrapped, matched))


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


def _memory_bytes(path: Path) -> int:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise InputError(f"file: expected at most {MAX_BYTES >> 20:,} MiB, got {size >> 20:,} MiB")
    return _MEMORY_BYTES + _COPIES * size


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
