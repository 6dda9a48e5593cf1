"""Owns opening a run's folder and what is in it, by descriptor: no link is followed, and every byte is proved.

A run that is replaced while it is read is read again: what comes out of it always belongs together.
"""

import errno
import hashlib
import itertools
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from mnistcore import config
from mnistcore.errors import (
    InputError,
    MnistcoreError,
    RunDamagedError,
    RunNotFoundError,
    RunReplacedError,
    shortened,
)
from mnistcore.runs import plain_files
from mnistcore.runs.disk_advice import reason
from mnistcore.runs.manifest import MAX_ID_LENGTH, RUN_ID, RunManifest, is_run_id
from mnistcore.runs.manifest_versions import ManifestFault, parse_manifest
from mnistcore.runs.problems import LONGEST_DETAIL, ProblemReason, RunFault

MANIFEST = "run.json"
INNER_FOLDERS = ("predictions", "images")  # of a run
ATTEMPTS = 100  # each one means that a writer replaced the run in the moment before

_OWN_NAMES = {MANIFEST, "weights.safetensors", "history.json", *INNER_FOLDERS}
_SET_ASIDE = re.compile(RUN_ID + r"\.damaged-[1-9][0-9]{0,3}")

RunRef = str | RunManifest  # a run's id, or the very run that its manifest is of
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run whose folder is open, and its manifest, which fits the files in it."""

    folder: int  # descriptor
    manifest: RunManifest

    @contextmanager
    def file(self, role: str) -> Iterator[bytes]:
        """What is in a file beside the manifest, once it has proved to be what was written; its faults are named.

        Read once, and never mapped into memory: somebody may copy over the file or cut it at any time, and what is
        used is what was verified.

        Raises:
            InputError: the run has no file of that role.
            RunFault: the file is not the one that the manifest names, or holds something else than its role says.
        """
        if role not in self.manifest.files:
            raise InputError(f"run {self.manifest.run_id} has no {role}: expected one that was trained here")
        record = self.manifest.files[role]
        name = record.name
        with _opened_file(self.folder, name) as file:
            data = file.read(record.size_bytes + 1)
        if len(data) != record.size_bytes:
            raise RunFault(ProblemReason.WRONG_SIZE, f"{name}: expected {record.size_bytes} bytes, got {len(data)}")
        digest = hashlib.sha256(data).hexdigest()
        if digest != record.sha256:
            raise RunFault(ProblemReason.DAMAGED_FILE, f"{name}: expected SHA-256 {record.sha256}, got {digest}")
        try:
            yield data
        except Exception as error:  # a file may hold anything, types and shapes that numpy does not know among them
            what = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
            raise RunFault(ProblemReason.DAMAGED_FILE, f"{name}: {what}") from error


def read_run(root: Path, run: RunRef, read: Callable[[OpenRun], T]) -> T:
    """What ``read`` takes out of a run.

    Args:
        root: the runs' folder.
        run: its id, or its manifest: then what is read belongs to that very run, or is an error.

    Raises:
        RunReplacedError: a manifest was given, and the run that is there now is another one.
        RunNotFoundError: no run of that name, or a name that no run can have.
        RunDamagedError: it is there but not whole, not ours, or not readable by this version.
    """
    run_id = run.run_id if isinstance(run, RunManifest) else run
    if not is_run_id(run_id):
        raise not_found(root, run_id)

    def read_that_one(found: OpenRun) -> T:
        if isinstance(run, RunManifest) and found.manifest != run:
            raise RunReplacedError(
                f"run {run_id} in {root} was replaced since its manifest was read: expected the one of "
                f"{run.created}, got the one of {found.manifest.created}. Load it again"
            )
        _check_id(found.manifest)
        return read(found)

    try:
        return inspect_run(root, run_id, read_that_one)
    except RunFault as fault:
        raise RunDamagedError(
            f"run {run_id} in {root} cannot be used: {shortened(fault.detail, LONGEST_DETAIL)}. "
            "Nothing was changed; "
            "the other runs still work, and training the same configuration again with --force makes a new one"
        ) from fault


def _check_id(manifest: RunManifest) -> None:
    """A training is known by its id as one that is done: it has to be the one of its configuration."""
    if manifest.trained is not None and manifest.run_id not in (known := config.run_ids(manifest.trained.config)):
        detail = f"{MANIFEST}: expected the id of its configuration, {known[0]}, got {manifest.run_id}"
        raise RunFault(ProblemReason.DAMAGED_MANIFEST, detail)


def inspect_run(root: Path, name: str, read: Callable[[OpenRun], T], *, called: str | None = None) -> T:
    """As `read_run`, for whatever is in the runs' folder under a name.

    Args:
        called: the id that the run in it has to have, where it is not the name.

    Raises:
        RunNotFoundError: nothing does.
        RunFault: it is not a whole run.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            path = place(root, name)
            with _opened_folder(path) as folder:
                mark = mark_of(MANIFEST, folder)
                try:
                    return read(OpenRun(folder, _read_manifest(folder, called or name)))
                except RunFault:
                    # Files of an old manifest go as soon as the new one is there; those of a deleted run, too.
                    if _is_still_there(path, folder) and mark_of(MANIFEST, folder) == mark:
                        raise
        except FileNotFoundError:  # deleted since we looked
            continue
        except OSError as error:
            if error.errno == errno.ESTALE and attempt < ATTEMPTS:  # replaced on the file server
                continue
            raise RunFault(ProblemReason.UNREADABLE, reason(error)) from error
        except (MnistcoreError, RunFault):
            raise
        except Exception as error:  # whatever one run has in it, it is that run's fault and not the others'
            raise RunFault(ProblemReason.UNREADABLE, f"{type(error).__name__}: {error}") from error
    raise not_found(root, name)


def place(root: Path, name: str) -> Path:
    """The path of what is there under a name.

    Raises:
        RunNotFoundError: nothing does.
        OSError: the folder cannot be looked into.
    """
    path = root / name
    try:
        path.lstat()
    except FileNotFoundError:
        raise not_found(root, name) from None
    return path


def not_found(root: Path, run_id: str) -> RunNotFoundError:
    """The error that says that there is no such run."""
    return RunNotFoundError(
        f"no run {run_id[:MAX_ID_LENGTH]!r} in {root}: expected the name of one that is there, "
        "like mnist-mlp-1a2b3c4d. `python -m mnistcore list` shows them"
    )


def is_set_aside(name: str) -> bool:
    """Whether a folder is called as what was in the way of a new run, and was kept."""
    return _SET_ASIDE.fullmatch(name) is not None


def mark_of(path: str, folder: int | None = None) -> tuple[int, ...]:
    """What changes whenever a file or folder does; the error's number where it cannot be looked at."""
    try:
        found = os.stat(path, dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        return (error.errno or 0,)
    return found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@contextmanager
def _opened_folder(path: Path) -> Iterator[int]:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise RunFault(ProblemReason.SYMLINK, "expected a folder, got a symbolic link, which is not followed")
    if not stat.S_ISDIR(mode):
        raise RunFault(ProblemReason.NOT_A_RUN, "expected a folder with a run in it, got something else")
    with plain_files.open_folder(path) as descriptor:
        yield descriptor


def _is_still_there(path: Path, folder: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(folder))
    except FileNotFoundError:
        return False


def _size_of(folder: int, name: str) -> int:
    """The size of a plain file in an open folder; links on the way to it are refused."""
    for part in itertools.accumulate(name.split("/"), "{}/{}".format):
        try:
            found = os.stat(part, dir_fd=folder, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            raise RunFault(ProblemReason.MISSING_FILE, f"{name}: expected a file, got none") from None
        except OSError as error:
            if error.errno == errno.ESTALE:
                raise
            raise RunFault(ProblemReason.UNREADABLE, f"{part}: {reason(error)}") from error
        if stat.S_ISLNK(found.st_mode):
            raise RunFault(ProblemReason.SYMLINK, f"{part}: got a symbolic link, which is not followed")
    if not stat.S_ISREG(found.st_mode):
        raise RunFault(ProblemReason.MISSING_FILE, f"{name}: expected a plain file, got something else")
    return found.st_size


@contextmanager
def _opened_file(folder: int, name: str) -> Iterator[BinaryIO]:
    _size_of(folder, name)
    try:
        file = plain_files.open_file(name, folder=folder)
    except OSError as error:
        if error.errno == errno.ESTALE:  # `inspect_run` looks again
            raise
        why = ProblemReason.MISSING_FILE if error.errno == errno.ENOENT else ProblemReason.UNREADABLE
        raise RunFault(why, f"{name}: {reason(error)}") from error
    with file:
        try:
            yield file
        except OSError as error:
            if error.errno == errno.ESTALE:
                raise
            raise RunFault(ProblemReason.UNREADABLE, f"{name}: {reason(error)}") from error


def _read_manifest(folder: int, name: str) -> RunManifest:
    try:
        size_bytes = _size_of(folder, MANIFEST)
    except RunFault as fault:
        if fault.reason is ProblemReason.MISSING_FILE:
            raise _without_manifest(folder, name) from None
        raise
    if size_bytes > plain_files.MAX_JSON_BYTES:
        detail = f"{MANIFEST}: expected at most {plain_files.MAX_JSON_BYTES} bytes, got {size_bytes}"
        raise RunFault(ProblemReason.DAMAGED_MANIFEST, detail)
    with _opened_file(folder, MANIFEST) as file:
        manifest = _parsed_manifest(file.read(plain_files.MAX_JSON_BYTES))
    if manifest.run_id != name:
        detail = f"the folder is called {name}, but the run in it {manifest.run_id}: rename the folder to use it"
        raise RunFault(ProblemReason.NAME_MISMATCH, detail)
    for record in manifest.files.values():
        size_bytes = _size_of(folder, record.name)
        if size_bytes != record.size_bytes:
            detail = f"{record.name}: expected {record.size_bytes} bytes, got {size_bytes}"
            raise RunFault(ProblemReason.WRONG_SIZE, detail)
    return manifest


def _without_manifest(folder: int, name: str) -> RunFault:
    looks_like_one = is_run_id(name) or is_set_aside(name) or set(os.listdir(folder)) & _OWN_NAMES
    if looks_like_one:
        return RunFault(ProblemReason.HALF_WRITTEN, f"{MANIFEST} is missing, which is written last")
    return RunFault(ProblemReason.NOT_A_RUN, f"a folder without {MANIFEST}")


def _parsed_manifest(data: bytes) -> RunManifest:
    try:
        return parse_manifest(data)
    except ManifestFault as fault:
        if fault.is_newer:
            raise RunFault(ProblemReason.NEWER_SCHEMA, str(fault)) from fault
        raise RunFault(ProblemReason.DAMAGED_MANIFEST, f"{MANIFEST}: {fault}") from fault
