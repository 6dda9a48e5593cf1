"""Owns `artifacts/runs/`: what a run is on disk, its saving, listing, reading, deleting; imports no torch.

    <run_id>/run.json              the manifest (mnistcore.runs.manifest), written last: then the run is whole
    <run_id>/weights.safetensors   the weights at the end of the last kept epoch
    <run_id>/history.json          one record per epoch
    <run_id>/predictions/<split>.safetensors   labels int64 (N,), logits float32 (E, N, C), E: kept epochs

A run that replaces another one has files of other names, beside the old ones until its manifest, which names them, has
taken the place of the old one in one step.

Nothing here is a pickle: opening a run never runs code that came with it. What cannot be read is named, with
the reason, and left alone. Symbolic links are never followed, neither out of the folder nor inside it.
"""

import errno
import hashlib
import itertools
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy
from pydantic import ValidationError

from mnistcore import config
from mnistcore.errors import (
    InputError,
    MnistcoreError,
    RunDamagedError,
    RunNotFoundError,
    RunReplacedError,
    StoreWriteError,
    printable,
    shortened,
)
from mnistcore.evaluation.predictions import AnyPredictions
from mnistcore.runs import atomic, history, plain_files, prediction_files
from mnistcore.runs.history import EpochReport
from mnistcore.runs.manifest import (
    HISTORY,
    MAX_ID_LENGTH,
    PREDICTED_SPLITS,
    RUN_ID,
    WEIGHTS,
    DatasetRecord,
    FileRecord,
    ManifestFault,
    PredictionsRecord,
    RunManifest,
    Status,
    Trained,
    first_fault,
    images_role,
    is_file_name,
    parse_manifest,
    predictions_role,
)
from mnistcore.runs.prediction_files import PredictionKind, tensor_bytes

_MANIFEST = "run.json"
_INNER = ("predictions", "images")  # folders of a run
_OWN_NAMES = {_MANIFEST, "weights.safetensors", "history.json", *_INNER}
_RUN_ID = re.compile(RUN_ID)
_SET_ASIDE = re.compile(RUN_ID + r"\.damaged-[1-9][0-9]{0,3}")
_LONGEST_DETAIL = 500  # of what is said about a problem: a damaged file may have any text in it
LEFT_OVER_SECONDS = 3600.0  # writing takes seconds
_ATTEMPTS = 100  # each one means that a writer replaced the run in the moment before

T = TypeVar("T")


RunRef = str | RunManifest  # a run's id, or the very run that its manifest is of


@dataclass(frozen=True, slots=True)
class RunContent:
    """What a training hands over to be saved.

    Args:
        history: one report per finished epoch, 1, 2, 3, ...
        epochs_kept: the epochs whose logits are here, ascending; the last one is the last finished epoch.
        predictions: split ("validation", "test") -> labels int64 (N,), and a layer for each kept epoch along the first
            axis: as a rule logits float32 (E, N, C); see `prediction_files` for the other kinds.
        weights: name -> array, as they were at the end of the last kept epoch.
        kinds: split -> what the layers are, where they are no logits.
        images: split -> uint8 (N, H, W) or (N, H, W, 3), where the run has to carry its own.
    """

    status: Status
    dataset: DatasetRecord
    origin: Trained
    history: tuple[EpochReport, ...]
    epochs_kept: tuple[int, ...]
    predictions: Mapping[str, tuple[npt.NDArray[np.int64] | None, npt.NDArray[Any]]]
    weights: Mapping[str, npt.NDArray[Any]]
    kinds: Mapping[str, PredictionKind] = field(default_factory=dict)
    images: Mapping[str, npt.NDArray[np.uint8]] = field(default_factory=dict)

    def kind(self, split: str) -> PredictionKind:
        """What the layers of a split are."""
        return self.kinds.get(split, "logits")


class ProblemReason(StrEnum):
    """Why something in the folder is not shown as a run; the values are stable, pages translate them."""

    NOT_A_RUN = "not_a_run"
    HALF_WRITTEN = "half_written"
    DAMAGED_MANIFEST = "damaged_manifest"
    NEWER_SCHEMA = "newer_schema"
    MISSING_FILE = "missing_file"
    WRONG_SIZE = "wrong_size"
    SYMLINK = "symlink"
    NAME_MISMATCH = "name_mismatch"
    UNREADABLE = "unreadable"
    DAMAGED_FILE = "damaged_file"  # seen when the file is read, not when the runs are listed
    FOLDER_GONE = "folder_gone"  # the runs' folder itself: `FolderState.GONE`


class FolderState(StrEnum):
    """Whether there is a folder that runs can be in; the values are stable."""

    THERE = "there"
    EMPTY = "empty"  # there are artifacts, but nothing was ever saved: no runs/ in them
    MISSING = "missing"  # there is no artifacts folder: a first start, or a disk that is not mounted
    GONE = "gone"  # this process has seen it, and it is not there any more: nothing is written until it is back


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the runs' folder that cannot be shown; it is left alone."""

    name: str  # as it stands in the folder; what no screen can show is written out, see `errors.printable`
    reason: ProblemReason
    detail: str  # one English sentence for people who look after the folder


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in the runs' folder: the whole runs, newest first, and what else lies there, by name."""

    runs: tuple[RunManifest, ...]
    problems: tuple[Problem, ...]
    folder: FolderState = FolderState.THERE


@dataclass(frozen=True, slots=True)
class Store:
    """The runs of one folder. Making one touches nothing; `save` makes the folder."""

    root: Path

    @classmethod
    def default(cls) -> "Store":
        """``runs/`` in ``MNISTCORE_ARTIFACTS``, else in ``artifacts/`` beside dashboard.py."""
        return cls(config.artifacts_folder() / "runs")

    def listing(self) -> Listing:
        """Every whole run, newest first, and everything else by name with the reason; reads only manifests.

        Hidden names are passed over. Never raises: a folder that cannot be read is itself a problem.
        """
        runs: list[RunManifest] = []
        problems: list[Problem] = []
        state = self.folder_state()
        if state is FolderState.GONE:
            return Listing((), (self._problem(self.root.parent.name, ProblemReason.FOLDER_GONE, self._gone()),), state)
        try:
            names = self._names()
        except FileNotFoundError:
            return Listing((), (), state)
        except OSError as error:
            detail = f"{self.root}: expected a folder that can be read, got {_reason(error)}"
            return Listing((), (self._problem(self.root.name, ProblemReason.UNREADABLE, detail),), state)
        for name in names:
            try:
                runs.append(self._read(name, lambda _folder, manifest: manifest))
            except _Trouble as trouble:
                problems.append(self._problem(name, trouble.reason, trouble.detail))
            except RunNotFoundError:  # deleted since the folder was read
                continue
        runs.sort(key=lambda run: (run.created, run.run_id), reverse=True)
        return Listing(tuple(runs), tuple(problems), state)

    @staticmethod
    def _problem(name: str, reason: ProblemReason, detail: str) -> Problem:
        return Problem(printable(name), reason, printable(shortened(detail, _LONGEST_DETAIL)))

    def folder_state(self) -> FolderState:
        """Whether there is a folder that runs can be in, as far as this process can know."""
        artifacts = self.root.parent
        was_there, before = self.root in _seen, _seen.get(artifacts)  # before the look: others make it meanwhile
        if (there := _identity(self.root)) is not None:
            _seen[artifacts], _seen[self.root] = _identity(artifacts), there
            return FolderState.THERE
        now = _identity(artifacts)
        if now is None:
            return FolderState.MISSING if before is None else FolderState.GONE
        # A mount point is there without its disk, too: as another folder, or with nothing in it.
        if was_there and (now != before or _is_empty(artifacts)):
            return FolderState.GONE
        if not was_there:
            _seen[artifacts] = now
        return FolderState.EMPTY

    def make_folder(self) -> None:
        """Make the folder anew, empty: for somebody who was told that it is gone, and wants to begin again.

        Raises:
            StoreWriteError: it cannot be made.
        """
        with self._writing():
            self.root.mkdir(parents=True, exist_ok=True)
        self.folder_state()  # seen from now on

    def require_folder(self) -> None:
        """Find out before anything is written whether the folder is gone: a mount point without its disk stays empty.

        Raises:
            StoreWriteError: `FolderState.GONE`.
        """
        if self.folder_state() is FolderState.GONE:
            raise StoreWriteError(self._gone())

    def _gone(self) -> str:
        return (
            f"the folder {self.root} is not there any more, but it was: expected the disk that it is on. Mount that "
            "again; to begin anew without it, make an empty folder of that name"
        )

    def signature(self) -> Hashable:
        """A value that changes whenever `listing` could: names, inodes, times and sizes. Opens no file."""
        try:
            with os.scandir(self.root) as entries:
                names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
        except OSError as error:
            return error.errno, self.folder_state()
        return tuple((name, _mark(f"{self.root}/{name}"), *_marks_inside(f"{self.root}/{name}")) for name in names)

    def manifest(self, run_id: str) -> RunManifest:
        """The manifest of one run.

        Raises:
            RunNotFoundError: no run of that name, or a name that no run can have.
            RunDamagedError: it is there but not whole, not ours, or not readable by this version.
        """
        return self._read_or_raise(run_id, lambda _folder, manifest: manifest)

    def history(self, run: RunRef) -> tuple[EpochReport, ...]:
        """One report per epoch that was trained.

        Args:
            run: its id, or its manifest: then what is read belongs to that very run, or is an error.

        Raises:
            RunReplacedError: a manifest was given, and the run that is there now is another one.
            RunNotFoundError, RunDamagedError: as `manifest`.
        """

        def read(folder: int, manifest: RunManifest) -> tuple[EpochReport, ...]:
            with _opened_bytes(folder, manifest, HISTORY) as data:
                reports = history.from_json(data)
                if len(reports) != manifest.epochs_kept[-1]:
                    raise InputError(f"expected {manifest.epochs_kept[-1]} epochs, got {len(reports)}")
                return reports

        return self._read_or_raise(run, read)

    def predictions(self, run: RunRef, split: str, *, epoch: int | None = None) -> AnyPredictions:
        """What the model said about one split's images at one epoch; without a number, at the last kept one.

        The file is compared with the manifest's SHA-256.

        Args:
            run: as `history`.

        Raises:
            InputError: the run kept no such split or epoch; the message names those it kept.
            RunNotFoundError, RunDamagedError, RunReplacedError: as `history`.
        """

        def read(folder: int, manifest: RunManifest) -> AnyPredictions:
            role, layer = _kept_split(manifest, split), _kept_epoch(manifest, split, epoch)
            with _opened_bytes(folder, manifest, role) as data:
                (found,) = _unpacked(data, manifest, split=split, layers=[layer])
                return found

        return self._read_or_raise(run, read)

    def predictions_by_epoch(self, run: RunRef, split: str) -> tuple[AnyPredictions, ...]:
        """What the model said about one split's images at each kept epoch, in their order, read in one go.

        Args:
            run: as `history`.

        Raises:
            InputError: the run kept no such split.
            RunNotFoundError, RunDamagedError, RunReplacedError: as `history`.
        """

        def read(folder: int, manifest: RunManifest) -> tuple[AnyPredictions, ...]:
            with _opened_bytes(folder, manifest, _kept_split(manifest, split)) as data:
                return _unpacked(data, manifest, split=split, layers=range(len(manifest.predictions[split].epochs)))

        return self._read_or_raise(run, read)

    def weights(self, run: RunRef) -> dict[str, npt.NDArray[Any]]:
        """The weights at the end of the last kept epoch, name -> array; takes and raises the same as `history`."""

        def read(folder: int, manifest: RunManifest) -> dict[str, npt.NDArray[Any]]:
            with _opened_bytes(folder, manifest, WEIGHTS) as data:
                return safetensors.numpy.load(data)

        return self._read_or_raise(run, read)

    def images(self, run: RunRef, split: str) -> npt.NDArray[np.uint8]:
        """The images that the run carries of one split, uint8 (N, H, W) or (N, H, W, 3).

        Args:
            run: as `history`.

        Raises:
            InputError: it carries none of that split.
            RunNotFoundError, RunDamagedError, RunReplacedError: as `history`.
        """

        def read(folder: int, manifest: RunManifest) -> npt.NDArray[np.uint8]:
            own = manifest.dataset.images
            if own is None or split not in manifest.carried_splits:
                raise InputError(f"split: run {manifest.run_id} carries no {split} images")
            with _opened_bytes(folder, manifest, images_role(split)) as data:
                found: npt.NDArray[np.uint8] = safetensors.numpy.load(data)["images"]
                colours = () if own.channels == 1 else (own.channels,)
                shape = (manifest.dataset.sizes[split], own.height, own.width, *colours)
                if found.dtype != np.uint8 or found.shape != shape:
                    raise InputError(f"images: expected uint8 of shape {shape}, got {found.dtype} {found.shape}")
                return found

        return self._read_or_raise(run, read)

    def verify(self, run: RunRef) -> None:
        """Compare every file of a run with its checksum in the manifest; takes the same as `history`.

        Raises:
            RunNotFoundError, RunDamagedError, RunReplacedError: as `history`; the message names the first file that
                is another one.
        """

        def read(folder: int, manifest: RunManifest) -> None:
            for role in manifest.files:
                with _opened_bytes(folder, manifest, role):
                    pass  # its checksum is right

        self._read_or_raise(run, read)

    def save(self, content: RunContent, *, replace: bool = False) -> RunManifest:
        """Put a run on disk, wholly or not at all, and return its manifest.

        What stands in its place but is no whole run is kept, with ``.damaged-1`` behind its name.

        Args:
            replace: a whole run of the same id is replaced, in one step; without it that is an error.

        Raises:
            InputError: the content contradicts itself; the disk has not been touched.
            StoreWriteError: the folder cannot be written to, or has the run already; nothing has changed.
        """
        manifest, files = _packed(content)
        self.require_folder()
        self.make_folder()
        with self._writing():
            atomic.remove_stale(self.root)
            for _ in range(_ATTEMPTS):
                is_whole = self._is_whole(manifest.run_id)
                if is_whole and not replace:
                    raise self._there_already(manifest.run_id)
                with suppress(FileExistsError, FileNotFoundError):  # another writer was faster, or it was deleted
                    return self._replace(manifest, files) if is_whole else self._put(manifest, files)
            raise OSError(errno.EBUSY, "others write and delete it all the time", str(self.root / manifest.run_id))

    def _put(self, manifest: RunManifest, files: Mapping[str, bytes]) -> RunManifest:
        """A run where there is none, or none that is whole.

        Raises:
            FileExistsError: another writer has put one there meanwhile.
        """
        target = self.root / manifest.run_id
        with atomic.staging(target) as staged:
            _write_files(staged.folder, manifest, files)
            atomic.write_file(staged.folder / _MANIFEST, _as_json(manifest))
            atomic.sync_folder(staged.folder)
            if self._is_whole(manifest.run_id) is False:
                atomic.move(target, to=self._free_name(manifest.run_id))
            atomic.publish(staged)
        return manifest

    def _replace(self, manifest: RunManifest, files: Mapping[str, bytes]) -> RunManifest:
        """A run in the place of a whole one: its files beside those of the old one, then the manifest in one step.

        Raises:
            FileNotFoundError: the run was deleted meanwhile.
        """
        folder, mark = self.root / manifest.run_id, secrets.token_hex(4)
        old = plain_files.read_file(folder / _MANIFEST, max_bytes=plain_files.MAX_JSON_BYTES)
        new = manifest.model_copy(
            update={"files": {role: _marked(record, mark) for role, record in manifest.files.items()}}
        )
        names = {record.name for record in new.files.values()}
        try:
            _write_files(folder, new, files)
            atomic.sync_folder(folder)
            atomic.replace_file(folder / _MANIFEST, _as_json(new))
        except BaseException:
            with suppress(OSError):  # the last wait for the disk failed, after the manifest was replaced
                if plain_files.read_file(folder / _MANIFEST, max_bytes=plain_files.MAX_JSON_BYTES) != old:
                    atomic.replace_file(folder / _MANIFEST, old, sync=False)
                _remove_files(folder, names)
            raise
        with suppress(ManifestFault):  # what it named is what nobody reads any more
            _remove_files(folder, {record.name for record in parse_manifest(old).files.values()} - names)
        _remove_left_over(folder, names)
        if not self._is_whole(manifest.run_id):  # it was deleted, and another one is there now, whose manifest is ours
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
        return new

    def check_writable(self) -> None:
        """Find out before a long training whether `save` has a chance, by writing a little and removing it.

        Raises:
            StoreWriteError: as `save`.
        """
        self.require_folder()
        self.make_folder()
        with self._writing(), atomic.staging(self.root / "check") as staged:
            atomic.write_file(staged.folder / "check", bytes(4096))

    def check_there(self, run_id: str) -> None:
        """Find out before somebody is asked whether `delete` has anything to remove.

        Raises:
            RunNotFoundError: no such run.
            StoreWriteError: the folder cannot even be looked into.
        """
        if not (is_run_id(run_id) or _SET_ASIDE.fullmatch(run_id)):
            raise self._not_found(run_id)
        with self._writing():
            self._place(run_id)

    def delete(self, run_id: str) -> None:
        """Remove a run, damaged or not, or what `save` has kept as ``.damaged-...``; follows no link.

        Raises:
            RunNotFoundError: no such run.
            StoreWriteError: the folder cannot be written to; the run is still there.
        """
        self.check_there(run_id)
        with self._writing():
            for _ in range(_ATTEMPTS):
                self._place(run_id)
                try:
                    return atomic.remove(self.root / run_id)
                except FileNotFoundError:  # a writer is replacing it, or somebody else deleted it: look again
                    continue
        raise self._not_found(run_id)

    def _names(self) -> list[str]:
        with os.scandir(self.root) as entries:
            return sorted(entry.name for entry in entries if not entry.name.startswith("."))

    def _read_or_raise(self, run: RunRef, read: Callable[[int, RunManifest], T]) -> T:
        run_id = run.run_id if isinstance(run, RunManifest) else run
        if not is_run_id(run_id):
            raise self._not_found(run_id)

        def read_that_one(folder: int, manifest: RunManifest) -> T:
            if isinstance(run, RunManifest) and manifest != run:
                raise RunReplacedError(
                    f"run {run_id} in {self.root} was replaced since its manifest was read: expected the one of "
                    f"{run.created}, got the one of {manifest.created}. Load it again"
                )
            return read(folder, manifest)

        try:
            return self._read(run_id, read_that_one)
        except _Trouble as trouble:
            raise RunDamagedError(
                f"run {run_id} in {self.root} cannot be used: {shortened(trouble.detail, _LONGEST_DETAIL)}. "
                "Nothing was changed; "
                "the other runs still work, and training the same configuration again with --force makes a new one"
            ) from trouble

    def _read(self, name: str, read: Callable[[int, RunManifest], T]) -> T:
        """Read one run through one open folder: what comes out belongs together, whatever a writer does."""
        for _ in range(_ATTEMPTS):
            try:
                path = self._place(name)
                with _opened_folder(path) as folder:
                    mark = _mark(_MANIFEST, folder)
                    try:
                        return read(folder, _read_manifest(folder, name))
                    except _Trouble:
                        # Files of an old manifest go as soon as the new one stands; those of a deleted run, too.
                        if _is_still_there(path, folder) and _mark(_MANIFEST, folder) == mark:
                            raise
            except FileNotFoundError:  # deleted since we looked
                continue
            except OSError as error:
                raise _Trouble(ProblemReason.UNREADABLE, _reason(error)) from error
            except (MnistcoreError, _Trouble):
                raise
            except Exception as error:  # whatever one run has in it, it is that run's trouble and not the others'
                raise _Trouble(ProblemReason.UNREADABLE, f"{type(error).__name__}: {error}") from error
        raise self._not_found(name)

    def _place(self, name: str) -> Path:
        path = self.root / name
        try:
            path.lstat()
        except FileNotFoundError:
            raise self._not_found(name) from None
        return path

    def _is_whole(self, run_id: str) -> bool | None:
        """None where nothing stands there."""
        try:
            self._read(run_id, lambda _folder, _manifest: None)
        except RunNotFoundError:
            return None
        except _Trouble as trouble:
            if trouble.reason is ProblemReason.UNREADABLE:  # it may be whole, and readable tomorrow
                raise StoreWriteError(
                    f"run {run_id} is in {self.root} already but cannot be read: {trouble.detail}. "
                    "Make it readable, or move it away"
                ) from trouble
            return False
        return True

    def _free_name(self, run_id: str) -> Path:
        numbered = (self.root / f"{run_id}.damaged-{number}" for number in itertools.count(1))
        return next(path for path in numbered if not os.path.lexists(path))

    def _there_already(self, run_id: str) -> StoreWriteError:
        return StoreWriteError(
            f"run {run_id} is in {self.root} already: expected a new one. Ask for it to be "
            "replaced (--force), or change the configuration, for example its seed"
        )

    def _not_found(self, run_id: str) -> RunNotFoundError:
        return RunNotFoundError(
            f"no run {run_id[:MAX_ID_LENGTH]!r} in {self.root}: expected the name of one that is there, "
            "like mnist-mlp-1a2b3c4d. `python -m mnistcore list` shows them"
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreWriteError(f"cannot write to {self.root}: {disk_advice(error)}") from error


def thin_epochs(epochs: int, *, limit: int = 50) -> tuple[int, ...]:
    """Which of the epochs 1 .. ``epochs`` keep their logits: all up to ``limit``, else so many, evenly.

    The first and the last are always among them.

    >>> thin_epochs(3)
    (1, 2, 3)
    >>> thin_epochs(100, limit=4)
    (1, 34, 67, 100)
    """
    if epochs <= limit:
        return tuple(range(1, epochs + 1))
    if limit < 2:
        raise InputError(f"limit: expected 2 or more, as the first and the last epoch are kept, got {limit}")
    return tuple(1 + round(step * (epochs - 1) / (limit - 1)) for step in range(limit))


# What folders this process has seen: path -> device and inode. So it is known whether one was there before.
_seen: dict[Path, tuple[int, int] | None] = {}


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of what is there; None where nothing is, or nothing can be said of it."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_empty(path: Path) -> bool:
    with suppress(OSError), os.scandir(path) as entries:
        return next(entries, None) is None
    return False


class _Trouble(Exception):
    """Something in the folder cannot be used: a `Problem` in a list, else a `RunDamagedError`."""

    def __init__(self, reason: ProblemReason, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(detail)


def is_run_id(text: str) -> bool:
    """Whether a run can be called so: data set, model and eight hexadecimal digits."""
    return len(text) <= MAX_ID_LENGTH and _RUN_ID.fullmatch(text) is not None


def _kept_split(manifest: RunManifest, split: str) -> str:
    if split not in manifest.predictions:
        kept = " and ".join(manifest.predicted_splits)
        raise InputError(f"split: run {manifest.run_id} kept {kept}, got {split!r}")
    return predictions_role(split)


def _kept_epoch(manifest: RunManifest, split: str, epoch: int | None) -> int:
    """The place of an epoch among those that are kept."""
    kept = manifest.predictions[split].epochs
    if epoch is None:
        return len(kept) - 1
    if epoch not in kept:
        raise InputError(f"epoch: run {manifest.run_id} kept {', '.join(map(str, kept))}, got {epoch!r}")
    return kept.index(epoch)


# ---- reading ------------------------------------------------------------


@contextmanager
def _opened_folder(path: Path) -> Iterator[int]:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise _Trouble(ProblemReason.SYMLINK, "expected a folder, got a symbolic link, which is not followed")
    if not stat.S_ISDIR(mode):
        raise _Trouble(ProblemReason.NOT_A_RUN, "expected a folder with a run in it, got something else")
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
            raise _Trouble(ProblemReason.MISSING_FILE, f"{name}: expected a file, got none") from None
        except OSError as error:
            raise _Trouble(ProblemReason.UNREADABLE, f"{part}: {_reason(error)}") from error
        if stat.S_ISLNK(found.st_mode):
            raise _Trouble(ProblemReason.SYMLINK, f"{part}: got a symbolic link, which is not followed")
    if not stat.S_ISREG(found.st_mode):
        raise _Trouble(ProblemReason.MISSING_FILE, f"{name}: expected a plain file, got something else")
    return found.st_size


@contextmanager
def _opened_file(folder: int, name: str) -> Iterator[BinaryIO]:
    _size_of(folder, name)
    try:
        file = plain_files.open_file(name, folder=folder)
    except OSError as error:
        reason = ProblemReason.MISSING_FILE if error.errno == errno.ENOENT else ProblemReason.UNREADABLE
        raise _Trouble(reason, f"{name}: {_reason(error)}") from error
    with file:
        try:
            yield file
        except OSError as error:
            raise _Trouble(ProblemReason.UNREADABLE, f"{name}: {_reason(error)}") from error


def _read_manifest(folder: int, name: str) -> RunManifest:
    try:
        size_bytes = _size_of(folder, _MANIFEST)
    except _Trouble as trouble:
        if trouble.reason is ProblemReason.MISSING_FILE:
            raise _without_manifest(folder, name) from None
        raise
    if size_bytes > plain_files.MAX_JSON_BYTES:
        detail = f"{_MANIFEST}: expected at most {plain_files.MAX_JSON_BYTES} bytes, got {size_bytes}"
        raise _Trouble(ProblemReason.DAMAGED_MANIFEST, detail)
    with _opened_file(folder, _MANIFEST) as file:
        manifest = _parsed_manifest(file.read(plain_files.MAX_JSON_BYTES))
    if manifest.run_id != name:
        detail = f"the folder is called {name}, but the run in it {manifest.run_id}: rename the folder to use it"
        raise _Trouble(ProblemReason.NAME_MISMATCH, detail)
    for record in manifest.files.values():
        size_bytes = _size_of(folder, record.name)
        if size_bytes != record.size_bytes:
            detail = f"{record.name}: expected {record.size_bytes} bytes, got {size_bytes}"
            raise _Trouble(ProblemReason.WRONG_SIZE, detail)
    return manifest


def _without_manifest(folder: int, name: str) -> _Trouble:
    looks_like_one = _RUN_ID.fullmatch(name) or _SET_ASIDE.fullmatch(name) or set(os.listdir(folder)) & _OWN_NAMES
    if looks_like_one:
        return _Trouble(ProblemReason.HALF_WRITTEN, f"{_MANIFEST} is missing, which is written last")
    return _Trouble(ProblemReason.NOT_A_RUN, f"a folder without {_MANIFEST}")


def _parsed_manifest(data: bytes) -> RunManifest:
    try:
        return parse_manifest(data)
    except ManifestFault as fault:
        if fault.is_newer:
            raise _Trouble(ProblemReason.NEWER_SCHEMA, str(fault)) from fault
        raise _Trouble(ProblemReason.DAMAGED_MANIFEST, f"{_MANIFEST}: {fault}") from fault


@contextmanager
def _opened_bytes(folder: int, manifest: RunManifest, role: str) -> Iterator[bytes]:
    """What is in a file beside the manifest, once it has proved to be what was written; inside, its faults are named.

    Read once, and never mapped into memory: somebody may copy over the file or cut it at any time, and what is used is
    what was verified.
    """
    if role not in manifest.files:
        raise InputError(f"run {manifest.run_id} has no {role}: expected one that was trained here")
    record = manifest.files[role]
    name = record.name
    with _opened_file(folder, name) as file:
        data = file.read(record.size_bytes + 1)
    if len(data) != record.size_bytes:
        raise _Trouble(ProblemReason.WRONG_SIZE, f"{name}: expected {record.size_bytes} bytes, got {len(data)}")
    digest = hashlib.sha256(data).hexdigest()
    if digest != record.sha256:
        raise _Trouble(ProblemReason.DAMAGED_FILE, f"{name}: expected SHA-256 {record.sha256}, got {digest}")
    try:
        yield data
    except Exception as error:  # a file may hold anything, types and shapes that numpy does not know among them
        what = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        raise _Trouble(ProblemReason.DAMAGED_FILE, f"{name}: {what}") from error


def _unpacked(data: bytes, manifest: RunManifest, *, split: str, layers: Iterable[int]) -> tuple[AnyPredictions, ...]:
    """The predictions of some kept epochs, by their places among these."""
    kept = manifest.predictions[split]
    return prediction_files.unpack(
        data,
        kept.kind,
        epochs=len(kept.epochs),
        images=manifest.dataset.sizes[split],
        classes=len(manifest.dataset.classes),
        layers=layers,
    )


# ---- writing ------------------------------------------------------------


_NAMES = {
    WEIGHTS: "weights.safetensors",
    HISTORY: "history.json",
    **{predictions_role(split): f"predictions/{split}.safetensors" for split in PREDICTED_SPLITS},
    **{images_role(split): f"images/{split}.safetensors" for split in PREDICTED_SPLITS},
}


def _as_json(manifest: RunManifest) -> bytes:
    return manifest.model_dump_json(indent=1).encode()


def _marked(record: FileRecord, mark: str) -> FileRecord:
    """The same file under a name that no other one has."""
    stem, _, kind = record.name.rpartition(".")
    return record.model_copy(update={"name": f"{stem}-{mark}.{kind}"})


def _write_files(folder: Path, manifest: RunManifest, files: Mapping[str, bytes]) -> None:
    inner = sorted({name.parent for role in files if (name := Path(manifest.files[role].name)).parent != Path()})
    for part in inner:
        with suppress(FileExistsError):
            atomic.make_folder(folder / part)
    for role, data in files.items():
        atomic.write_file(folder / manifest.files[role].name, data)
    for part in inner:
        atomic.sync_folder(folder / part)


def _remove_files(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        with suppress(OSError):  # it stays until the next time
            (folder / name).unlink()


def _remove_left_over(folder: Path, names: set[str]) -> None:
    """What writers have left that died on their way; what one may be writing just now stays."""
    for inside in (folder, *(folder / part for part in _INNER)):
        with suppress(OSError), os.scandir(inside) as entries:
            for entry in entries:
                name = str(Path(entry.path).relative_to(folder))
                is_ours = is_file_name(name) and name not in names and name != _MANIFEST
                is_ours = is_ours or entry.name.startswith(atomic.PREFIX)
                if is_ours and time.time() - entry.stat(follow_symlinks=False).st_mtime > LEFT_OVER_SECONDS:
                    _remove_files(folder, [name])


def _packed(content: RunContent) -> tuple[RunManifest, dict[str, bytes]]:
    """The manifest, and the bytes of the files beside it by their roles."""
    _check(content)
    files = {WEIGHTS: tensor_bytes(content.weights), HISTORY: history.to_json(content.history)}
    accuracy = None
    for split in content.predictions:
        files[predictions_role(split)], last = _packed_predictions(content, split)
        accuracy = last.accuracy if split == "test" else accuracy
    files |= {images_role(split): tensor_bytes({"images": images}) for split, images in content.images.items()}
    try:
        manifest = RunManifest(
            run_id=config.run_id(content.origin.config),
            created=datetime.now(UTC).isoformat(timespec="microseconds"),
            status=content.status,
            dataset=content.dataset,
            predictions={
                split: PredictionsRecord(kind=content.kind(split), epochs=content.epochs_kept)
                for split in content.predictions
            },
            accuracy=accuracy,
            origin=content.origin,
            files={
                role: FileRecord(name=_NAMES[role], sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))
                for role, data in files.items()
            },
        )
    except ValidationError as error:
        raise InputError(f"a run that cannot be saved: {first_fault(error)}") from error
    return manifest, files


def _check(content: RunContent) -> None:
    """Find out whether everything agrees with everything else."""
    epochs = len(content.history)
    kept = content.epochs_kept
    if not kept or list(kept) != sorted(set(kept)) or kept[0] < 1 or kept[-1] != epochs:
        raise InputError(f"epochs_kept: expected ascending epochs from 1 on that end with {epochs}, got {kept}")
    asked = content.origin.config
    if content.status == "complete" and epochs != asked.epochs:
        raise InputError(f"history: expected {asked.epochs} epochs of a complete run, got {epochs}")
    for kind, recorded, meant in (
        ("dataset", content.dataset.name, asked.dataset),
        ("model", content.origin.model.name, asked.model),
    ):
        if recorded != meant:
            raise InputError(f"{kind}: expected {meant!r} as in the configuration, got {recorded!r}")
    if not content.predictions or set(content.predictions) - set(PREDICTED_SPLITS):
        splits = " and ".join(PREDICTED_SPLITS)
        raise InputError(f"predictions: expected the splits {splits}, got {sorted(content.predictions)}")


def _packed_predictions(content: RunContent, split: str) -> tuple[bytes, AnyPredictions]:
    """The bytes of a split's file, and its predictions at the last kept epoch."""
    labels, layers = content.predictions[split]
    if len(layers) != len(content.epochs_kept):
        raise InputError(f"{split}: expected shape with {len(content.epochs_kept)} epochs, got {layers.shape}")
    try:
        return prediction_files.pack(
            content.kind(split),
            labels,
            layers,
            images=content.dataset.sizes.get(split, -1),
            classes=len(content.dataset.classes),
        )
    except InputError as error:
        raise InputError(f"{split} {error}") from error


def _mark(path: str, folder: int | None = None) -> tuple[int, ...]:
    """What changes whenever a file or folder does; the error's number where it cannot be looked at."""
    try:
        found = os.stat(path, dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        return (error.errno or 0,)
    return found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _marks_inside(path: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Of the files of a run, and of those in its folder of predictions."""
    for folder in (path, *(f"{path}/{part}" for part in _INNER)):
        with suppress(OSError), os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
            yield from ((name, _mark(f"{folder}/{name}")) for name in names)


def _reason(error: OSError) -> str:
    return f"{error.strerror or error} ({error.filename})" if error.filename else f"{error.strerror or error}"


def disk_advice(error: OSError) -> str:
    """Expected, got, and what to do: for the ways in which a folder refuses to be written to."""
    found = _reason(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"disk full: expected free space, got {found}. Free some, deleting runs helps, and try again"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return (
            f"read-only: expected a folder that this user may write to, got {found}. Change its permissions, "
            "or set MNISTCORE_ARTIFACTS to another folder"
        )
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return (
            f"not a folder: expected one, or nothing in its place, got {found}. Move what is there away, "
            "or set MNISTCORE_ARTIFACTS to another folder"
        )
    return f"expected a disk that takes files, got {found}. Look after the disk, and try again"
