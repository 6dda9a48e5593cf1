"""Owns the list of what is in the runs' folder: whole runs, and what else lies there, with the reason."""

import os
from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mnistcore.errors import RunNotFoundError
from mnistcore.runs.disk_advice import reason
from mnistcore.runs.folder_state import FolderState, folder_state, gone
from mnistcore.runs.manifest import RunManifest
from mnistcore.runs.open_runs import INNER_FOLDERS, inspect_run, mark_of
from mnistcore.runs.problems import Problem, ProblemReason, RunFault


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in the runs' folder: the whole runs, newest first, and what else lies there, by name."""

    runs: tuple[RunManifest, ...]
    problems: tuple[Problem, ...]
    folder: FolderState = FolderState.THERE


def list_runs(root: Path) -> Listing:
    """Every whole run of a folder, newest first, and everything else by name; reads only manifests, never raises."""
    runs: list[RunManifest] = []
    problems: list[Problem] = []
    state = folder_state(root)
    if state is FolderState.GONE:
        return Listing((), (Problem.of(root.parent.name, ProblemReason.FOLDER_GONE, gone(root)),), state)
    try:
        names = _names(root)
    except FileNotFoundError:
        return Listing((), (), state)
    except OSError as error:
        detail = f"{root}: expected a folder that can be read, got {reason(error)}"
        return Listing((), (Problem.of(root.name, ProblemReason.UNREADABLE, detail),), state)
    for name in names:
        try:
            runs.append(inspect_run(root, name, lambda run: run.manifest))
        except RunFault as fault:
            problems.append(Problem.of(name, fault.reason, fault.detail))
        except RunNotFoundError:  # deleted since the folder was read
            continue
    runs.sort(key=lambda run: (run.created, run.run_id), reverse=True)
    return Listing(tuple(runs), tuple(problems), state)


def signature(root: Path) -> Hashable:
    """A value that changes whenever `list_runs` could: names, inodes, times and sizes. Opens no file."""
    try:
        names = _names(root)
    except OSError as error:
        return error.errno, folder_state(root)
    return tuple((name, mark_of(f"{root}/{name}"), *_marks_inside(f"{root}/{name}")) for name in names)


def _names(root: Path) -> list[str]:
    with os.scandir(root) as entries:
        return sorted(entry.name for entry in entries if not entry.name.startswith("."))


def _marks_inside(path: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Of the files of a run, and of those in its folder of predictions."""
    for folder in (path, *(f"{path}/{part}" for part in INNER_FOLDERS)):
        with suppress(OSError), os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
            yield from ((name, mark_of(f"{folder}/{name}")) for name in names)
