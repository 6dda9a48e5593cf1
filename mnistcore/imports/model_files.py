"""Owns keeping what a model in a file says of a data set's test images as a run; imports no torch, no onnxruntime."""

from pathlib import Path
from typing import Final

from mnistcore.imports import checkpoints, evaluating, formats, onnx_models, sandbox
from mnistcore.imports.evaluating import Preparation
from mnistcore.imports.keeping import RecordedRun, checked_title
from mnistcore.imports.sandbox import Limits
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace

SECONDS: Final = 600.0  # to evaluate 10,000 images on a CPU
_WEIGHTS = "weights/"


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
    """Evaluate a checkpoint or an ONNX file on the test images of a data set, and keep what it says as a run.

    Args:
        path: the file.
        file: what it was called, without a folder.
        name: of the run.
        dataset: its name; MNIST if empty.
        network: of a checkpoint, as of `checkpoints.look`.
        preparation: what is done to the images; as of the data set, if nothing is said.
        seconds: how long it may take.

    Raises:
        InputError: as of `look` of either; or it does not fit the data set; or it takes too long or too much memory; or
            it is none of our networks, and none was named.
        LibraryError: onnxruntime is not installed; names the command that installs it.
        DataError: the data set is not on this machine.
    """
    checked_title(name)
    kind = formats.kind_of(path)
    task = onnx_models.task(path) if kind == "onnx" else checkpoints.task(path, network=network)
    put = evaluating.asked(dataset, preparation, workspace=workspace)
    limits = Limits(seconds=seconds, memory_bytes=task.memory_bytes)
    found = sandbox.ask(task.name, task.request | put.request, put.arrays, limits=limits)
    told = task.told(found.facts)
    return evaluating.kept(
        found,
        put,
        file=file,
        kind=told.format,
        model=told.network,
        assumed=told.assumed,
        name=name,
        store=store,
        weights={
            each.removeprefix(_WEIGHTS): array for each, array in found.arrays.items() if each.startswith(_WEIGHTS)
        },
    )
