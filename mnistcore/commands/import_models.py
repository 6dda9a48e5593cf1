"""Owns what `import` does with a file that is no table: a model, or somebody else's run."""

from pathlib import Path
from typing import TYPE_CHECKING

from mnistcore.commands.app import store, workspace
from mnistcore.console import printing
from mnistcore.console.import_documents import ArchiveFacts, CheckpointFacts, ModelFacts
from mnistcore.errors import InputError

if TYPE_CHECKING:
    from mnistcore.imports.evaluating import Preparation
    from mnistcore.imports.keeping import RecordedRun


def keep_run(file: Path, *, look: bool, as_json: bool) -> None:
    """Take in a run that somebody else has exported.

    Args:
        file: the zip.
        look: only show what it is.
        as_json: print one document.
    """
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
        print("\nkept" if done.is_new else "\nthe same run was here already")


def preparation(mean: float | None, std: float | None, *, no_normalise: bool) -> "Preparation":
    """What the options say of the images that a model is given.

    Raises:
        InputError: they contradict each other.
    """
    from mnistcore.imports.evaluating import NOT_NORMALISED, Preparation

    if no_normalise and not mean is std is None:
        raise InputError("--no-normalise: expected without --mean and --std, got both")
    return NOT_NORMALISED if no_normalise else Preparation(mean, std)


def keep_checkpoint(
    file: Path, *, name: str, dataset: str, network: str, prepared: "Preparation", look: bool, as_json: bool
) -> None:
    """Show what is in a checkpoint or, if it is not only looked at, evaluate and keep it.

    Args:
        name: of the run; the file's if empty.
        network: FILE.py:Class, or "".
        look: only show what it is.
        as_json: print one document.
    """
    from mnistcore.imports import checkpoints

    if network:
        printing.say(f"runs the code of {network.rpartition(':')[0]}")
    if look:
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
                "network": f"{facts.network}, {facts.matched}"
                if facts.network
                else "none of ours: --network says which",
                "weights": f"{facts.parameters:,} in {len(facts.tensors)} tensors",
                "classes": printing.plain(facts.classes),
                "assumed": ", ".join(facts.assumed) or "nothing",
            }
        )
        printing.print_table(
            ("tensor", "shape"), [(each, " x ".join(map(str, shape)) or "1") for each, shape in facts.tensors.items()]
        )
        return
    where = workspace()
    _print_kept(
        checkpoints.keep(
            file,
            file=file.name,
            name=name or file.stem,
            dataset=dataset,
            network=network,
            preparation=prepared,
            store=store(where),
            workspace=where,
        ),
        as_json=as_json,
    )


def _print_kept(done: "RecordedRun", *, as_json: bool) -> None:
    from mnistcore.runs.manifest import Imported

    if as_json:
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
    else:
        print(done)
