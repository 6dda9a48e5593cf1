"""Owns the list of what is in the runs' folder: whole runs, and what else lies there, with the reason.

Whoever looks again and again keeps a `Watch`: it reads what has changed, and does not look at all files every time.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from mnistcore.errors import RunNotFoundError
from mnistcore.runs.disk_advice import reason
from mnistcore.runs.folder_state import FolderState, folder_state, gone
from mnistcore.runs.manifest import RunManifest
from mnistcore.runs.open_runs import INNER_FOLDERS, MANIFEST, inspect_run, mark_of
from mnistcore.runs.problems import Problem, ProblemReason, RunFault

LOOKED_INTO: Final = 200  # runs whose files are all looked at with one look; those of the others with the next ones

Mark = tuple[object, ...]  # changes whenever what it is of does


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in the runs' folder: the whole runs, newest first, and what else lies there, by name."""

    runs: tuple[RunManifest, ...]
    problems: tuple[Problem, ...]
    folder: FolderState = FolderState.THERE

    def __hash__(self) -> int:
        """At once, however many runs there are: what is made of a listing is kept under it."""
        return hash((len(self.runs), len(self.problems), self.folder, *(run.run_id for run in self.runs[:1])))


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is known of a name in the folder."""

    manifest: Mark  # it is replaced with the run
    files: Mark  # of the folder and everything in it
    found: RunManifest | Problem


class Watch:
    """The runs of a folder as they are, with each look; threads may share it.

    A run that comes, goes or is replaced is seen with the next look. That a file of a run was damaged is seen with the
    next look of up to `LOOKED_INTO` runs, and later of more. Where nothing has changed, the listing is the same object.

    Args:
        root: the runs' folder.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._lock = root, Lock()
        self._known: dict[str, _Entry] = {}
        self._listing = Listing((), ())
        self._next = 0  # the name from which on files are looked at with the next look

    def look(self) -> Listing:
        """What is there now, as `list_runs` says it; never raises."""
        with self._lock:
            now = self._now()
            self._listing = self._listing if now == self._listing else now
            return self._listing

    def _now(self) -> Listing:
        root, state = self._root, folder_state(self._root)
        try:
            if state is FolderState.GONE:
                self._known = {}
                return Listing((), (Problem.of(root.parent.name, ProblemReason.FOLDER_GONE, gone(root)),), state)
            names = sorted(name for name in os.listdir(root) if not name.startswith("."))
        except FileNotFoundError:
            self._known = {}
            return Listing((), (), state)
        except OSError as error:
            self._known = {}
            detail = f"{root}: expected a folder that can be read, got {reason(error)}"
            return Listing((), (Problem.of(root.name, ProblemReason.UNREADABLE, detail),), state)
        before, self._known = self._known, {}
        looked_into, is_new = self._looked_into(names), False
        for name in names:
            manifest = mark_of(f"{root}/{name}/{MANIFEST}")
            known = before.get(name)
            if known is not None and known.manifest == manifest and name not in looked_into:
                self._known[name] = known
                continue
            files = tuple(_marks_inside(f"{root}/{name}"))
            if known is not None and (known.manifest, known.files) == (manifest, files):
                self._known[name] = known
            elif (found := _found(root, name)) is not None:
                self._known[name], is_new = _Entry(manifest, files, found), True
        if not is_new and len(self._known) == len(before):
            return self._listing if before else Listing((), (), state)
        found_here = [entry.found for entry in self._known.values()]
        runs = [found for found in found_here if isinstance(found, RunManifest)]
        runs.sort(key=lambda run: (run.created, run.run_id), reverse=True)
        return Listing(tuple(runs), tuple(found for found in found_here if isinstance(found, Problem)), state)

    def _looked_into(self, names: list[str]) -> set[str]:
        """The next names in turn."""
        start = self._next if self._next < len(names) else 0
        self._next = start + LOOKED_INTO
        return set(itertools.islice(itertools.cycle(names), start, start + min(LOOKED_INTO, len(names))))


def list_runs(root: Path) -> Listing:
    """Every whole run of a folder, newest first, and everything else by name; reads only manifests, never raises."""
    return Watch(root).look()


def _found(root: Path, name: str) -> RunManifest | Problem | None:
    """What is there under a name; None where it was deleted since the folder was read."""
    try:
        return inspect_run(root, name, lambda run: run.manifest)
    except RunFault as fault:
        return Problem.of(name, fault.reason, fault.detail)
    except RunNotFoundError:
        return None


def _marks_inside(path: str) -> Iterator[Mark]:
    """Of a folder, the files of a run in it, and those in its folders of predictions and images."""
    yield mark_of(path)
    for folder in (path, *(f"{path}/{part}" for part in INNER_FOLDERS)):
        with suppress(OSError), os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
            yield from ((name, mark_of(f"{folder}/{name}")) for name in names)
