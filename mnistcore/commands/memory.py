"""Owns the commands about devices: listing them, what uses their memory, and releasing it."""

from typing import TYPE_CHECKING, Annotated

import typer

from mnistcore.commands.app import FAILED, Json, workspace
from mnistcore.console import printing

if TYPE_CHECKING:
    from mnistcore.memory.memory_use import DeviceUse, MemoryUse, Released

_OUTCOMES = {
    "released": "the model was unloaded",
    "stopped": "the training run has stopped",
    "killed": "the training run did not stop in time and was killed; `resume` resumes it from its last resume point",
    "kept": "not released: it is busy, or belongs to another user; try again",
}


def devices(as_json: Json = False) -> None:
    """List the devices, how much of their memory is in use, and which training runs and loaded models use it."""
    from mnistcore.console.documents import DeviceFacts
    from mnistcore.devices import device_memory
    from mnistcore.memory import memory_use

    where, survey = workspace(), device_memory.survey()
    uses = memory_use.device_uses(where, survey)
    for name in memory_use.list_problems(where):
        printing.say(f"cannot be used: holders/{name}: expected the record of a process that has loaded models")
    if survey.gpu != "found":
        printing.say(f"no GPU is available ({survey.detail})")
    if as_json:
        printing.print_json([DeviceFacts.of(use) for use in uses])
        return
    printing.print_table(
        ("name", "title, and what uses its memory", "memory", "in use"), [row for use in uses for row in _rows(use)]
    )


def release(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN",
            help="Runs to stop training, or whose model to unload; without any, every loaded model is unloaded.",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Unload every loaded model and stop every training run.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Release memory: unload models that are kept for the next prediction, and stop the training runs named.

    A training run stops between two steps and keeps what it has trained; one that has not stopped after ten seconds is
    killed and keeps its last resume point. `resume` resumes either.
    """
    from mnistcore.console.documents import ReleaseFacts
    from mnistcore.memory import memory_use

    where = workspace()
    chosen = memory_use.choose(where, names or (), everything=everything)
    results = memory_use.release(
        where, chosen, on_release=lambda result: printing.say("" if as_json else _released(result))
    )
    gone = [result for result in results if result.outcome != "kept"]
    size_bytes = sum(result.use.size_bytes or 0 for result in gone)
    if as_json:
        printing.print_json(ReleaseFacts.of(results, released_bytes=size_bytes))
    elif results:
        printing.tell(f"released: {printing.size(size_bytes)} from {len(gone)} of {len(results)}")
    else:
        printing.tell("nothing to release: no model is loaded")
    if len(gone) < len(results):
        raise typer.Exit(FAILED)


def _rows(use: "DeviceUse") -> list[tuple[str, str, str, str]]:
    """A device, and below it what uses its memory."""
    device, size = use.device, printing.size
    rows = [(device.name, device.title, size(device.total_bytes), size(device.used_bytes))]
    rows += [
        ("", f"{one.run_id}: {_role(one)}{f' (of {one.account})' if one.account else ''}", "", size(one.size_bytes))
        for one in use.uses
    ]
    return rows + ([("", "others", "", size(use.others_bytes))] if use.uses else [])


def _role(use: "MemoryUse") -> str:
    from mnistcore.memory.memory_use import TrainingUse

    if isinstance(use, TrainingUse):
        doing = "stopping" if use.stopping else use.state
        return f"{doing}, process {use.pid}" if use.pid else str(doing)
    return f"model loaded by process {use.pid}, unloaded in {use.leaves_in_seconds:.0f} s if not used"


def _released(result: "Released") -> str:
    use = result.use
    return f"{use.run_id} ({use.device}, process {use.pid or printing.ABSENT}): {_OUTCOMES[result.outcome]}"
