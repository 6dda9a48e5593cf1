"""Owns what `import` does with a file that is no table: a model, or somebody else's run."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mnistcore.commands.app import store, workspace
from mnistcore.console import printing
from mnistcore.console.import_documents import ArchiveFacts, CheckpointFacts, ModelFacts, OnnxFileFacts
from mnistcore.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnistcore.imports.evaluating import Preparation
    from mnistcore.imports.formats import Kind
    from mnistcore.imports.keeping import RecordedRun


@dataclass(frozen=True)
class ModelOptions:
    """What can be said of a model.

    Attributes:
        name: of the run; the file's if empty.
        dataset: that it is evaluated on; MNIST if empty.
        network: FILE.py:Class of a checkpoint, or "".
        mean: of the images that it was trained on, on the scale 0 to 1; None as of the data set.
        std: their deviation, likewise.
        no_normalise: it was trained on pixels of 0 to 1.
    """

    name: str
    dataset: str
    network: str
    mean: float | None
    std: float | None
    no_normalise: bool

    @property
    def preparation(self) -> "Preparation":
        """What is done to the images.

        Raises:
            InputError: the options contradict each other.
        """
        from mnistcore.imports.evaluating import NOT_NORMALISED, Preparation

        if self.no_normalise and (self.mean is not None or self.std is not None):
            raise InputError("--no-normalise: expected without --mean and --std, got both")
        return NOT_NORMALISED if self.no_normalise else Preparation(self.mean, self.std)


def keep_other(kind: "Kind", file: Path, asked: ModelOptions, *, look: bool, as_json: bool) -> None:
    """Show what is in a file that is no table and, if it is not only looked at, keep it as a run.

    Args:
        look: only show what it is.
        as_json: print one document.

    Raises:
        InputError: a network was named for what has none; or as of the module of the kind.
    """
    if asked.network and kind != "checkpoint":
        raise InputError(f"--network: expected with a checkpoint, got {file.name}")
    if asked.network:
        printing.say(f"runs the code of {asked.network.rpartition(':')[0]}")
    if kind == "run":
        _keep_run(file, look=look, as_json=as_json)
    elif not look:
        _print_kept(_keep_model(file, asked), as_json=as_json)
    elif kind == "onnx":
        _show_onnx(file, as_json=as_json)
    else:
        _show_checkpoint(file, asked.network, as_json=as_json)


# ---------------------------------------------------------------- a run


def _keep_run(file: Path, *, look: bool, as_json: bool) -> None:
    """Take in a run that somebody else has exported."""
    from mnistcore.imports import run_archives

    done = None if look else run_archives.keep(file, store())
    manifest = run_archives.look(file) if done is None else done.manifest
    facts = ArchiveFacts(
        run_id=manifest.run_id,
        accuracy=manifest.accuracy,
        origin=manifest.origin.kind,
        is_new=done.is_new if done else None,
    )
    if as_json:
        printing.print_json(facts)
        return
    printing.print_facts(
        {
            "run": facts.run_id,
            "title": manifest.title or printing.ABSENT,
            "accuracy (test)": printing.percent(facts.accuracy),
            "origin": facts.origin,
            "created": printing.moment(manifest.created),
        }
    )
    if done is not None:
        printing.tell("\nkept" if done.is_new else "\nthe same run was here already")


# ---------------------------------------------------------------- a model


def _show_checkpoint(file: Path, network: str, *, as_json: bool) -> None:
    from mnistcore.imports import checkpoints

    found = checkpoints.look(file, network=network)
    facts = CheckpointFacts(
        format=found.format,
        network=found.network,
        matched=found.matched,
        tensors={each: list(shape) for each, shape in found.tensors.items()},
        parameters=found.parameters,
        classes=found.classes,
        assumed=list(found.unwrapped),
    )
    if as_json:
        printing.print_json(facts)
        return
    printing.print_facts(
        {
            "format": facts.format,
            "network": f"{facts.network}, {facts.matched}" if facts.network else "none of ours: --network says which",
            "weights": f"{facts.parameters:,} in {len(facts.tensors)} tensors",
            "classes": printing.plain(facts.classes),
            "assumed": ", ".join(facts.assumed) or "nothing",
        }
    )
    printing.print_table(
        ("tensor", "shape"), [(each, " x ".join(map(str, shape)) or "1") for each, shape in facts.tensors.items()]
    )


def _show_onnx(file: Path, *, as_json: bool) -> None:
    from mnistcore.imports import onnx_models

    found = onnx_models.look(file)
    facts = OnnxFileFacts(
        producer=found.producer,
        opset=found.opset,
        inputs={each: list(shape) for each, shape in found.inputs.items()},
        outputs={each: list(shape) for each, shape in found.outputs.items()},
        operators=list(found.operators),
    )
    if as_json:
        printing.print_json(facts)
        return
    printing.print_facts(
        {
            "format": f"ONNX, opset {facts.opset}" + (f", written by {facts.producer}" if facts.producer else ""),
            "inputs": _shapes(facts.inputs),
            "outputs": _shapes(facts.outputs),
            "operators": ", ".join(facts.operators),
        }
    )


def _shapes(values: "Mapping[str, Sequence[int | None]]") -> str:
    sides = {name: " x ".join("N" if side is None else str(side) for side in shape) for name, shape in values.items()}
    return ", ".join(f"{name} {shape}" for name, shape in sides.items())


def _keep_model(file: Path, asked: ModelOptions) -> "RecordedRun":
    from mnistcore.imports import model_files

    where = workspace()
    return model_files.keep(
        file,
        file=file.name,
        name=asked.name or file.stem,
        dataset=asked.dataset,
        network=asked.network,
        preparation=asked.preparation,
        store=store(where),
        workspace=where,
    )


def _print_kept(done: "RecordedRun", *, as_json: bool) -> None:
    from mnistcore.runs.manifest import Imported

    if not as_json:
        printing.tell(str(done))
        return
    manifest = done.manifest
    printing.print_json(
        ModelFacts(
            run_id=done.run_id,
            accuracy=manifest.accuracy,
            model=manifest.origin.model if isinstance(manifest.origin, Imported) else "",
            dataset=manifest.dataset.name,
            assumed=list(done.assumed),
            is_new=done.is_new,
        )
    )
