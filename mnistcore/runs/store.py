"""Owns the face of `artifacts/runs/`: what can be done with the runs of a folder; imports no torch.

    <run_id>/run.json              the manifest (mnistcore.runs.manifest), written last: then the run is whole
    <run_id>/weights.safetensors   the weights at the end of the last kept epoch
    <run_id>/history.json          one record per epoch; of a recorded run where its loop said something
    <run_id>/predictions/<split>.safetensors   labels int64 (N,), logits float32 (E, N, C), E: kept epochs

Nothing here is a pickle: opening a run never runs code that came with it. What cannot be read is named, with
the reason, and left alone. Symbolic links are never followed, neither out of the folder nor inside it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError, StoreWriteError, shortened
from mnistcore.evaluation.predictions import AnyPredictions
from mnistcore.runs import accounts, atomic, listing, open_runs, reading, writing
from mnistcore.runs.content import RunContent, packed
from mnistcore.runs.disk_advice import disk_advice
from mnistcore.runs.folder_state import FolderState, folder_state, gone
from mnistcore.runs.history import EpochReport, RecordedEpoch
from mnistcore.runs.listing import Listing
from mnistcore.runs.manifest import RunManifest, is_file_name, is_run_id
from mnistcore.runs.open_runs import RunRef, read_run
from mnistcore.runs.problems import LONGEST_DETAIL, RunFault
from mnistcore.runs.quota import require_room


@dataclass(frozen=True, slots=True)
class Store:
    """The runs of one folder. Making one touches nothing; `save` makes the folder."""

    root: Path

    # ---- the folder

    def listing(self) -> Listing:
        """Every whole run, newest first, and everything else by name with the reason; reads only manifests.

        Hidden names are passed over. Never raises: a folder that cannot be read is itself a problem.
        """
        return listing.list_runs(self.root)

    def folder_state(self) -> FolderState:
        """Whether there is a folder that runs can be in, as far as this process can know."""
        return folder_state(self.root)

    def make_folder(self) -> None:
        """Make an empty folder: for somebody who was told that it is gone, and wants to start again without it.

        Raises:
            StoreWriteError: it cannot be made.
        """
        with self._writing():
            accounts.make_folder(self.root, closed=False)
        self.folder_state()  # seen from now on

    def require_folder(self) -> None:
        """Find out before anything is written whether the folder is gone: a mount point without its disk stays empty.

        Raises:
            StoreWriteError: `FolderState.GONE`.
        """
        if self.folder_state() is FolderState.GONE:
            raise StoreWriteError(gone(self.root))

    def check_writable(self) -> None:
        """Find out before a long training whether `save` has a chance, by writing a little and removing it.

        Raises:
            StoreWriteError: as `save`.
        """
        self.require_folder()
        self.make_folder()
        with self._writing(), atomic.staging(self.root / "check") as staged:
            atomic.write_file(staged.folder / "check", bytes(4096))

    # ---- one run

    def manifest(self, run_id: str) -> RunManifest:
        """The manifest of one run.

        Raises:
            RunNotFoundError: no run of that name, or a name that no run can have.
            RunDamagedError: it is there but not whole, not ours, or not readable by this version.
        """
        return read_run(self.root, run_id, lambda run: run.manifest)

    def history(self, run: RunRef) -> tuple[EpochReport, ...]:
        """One report per epoch that was trained.

        Args:
            run: its id, or its manifest: then what is read belongs to that very run, or is an error.

        Raises:
            InputError: the run was not trained here.
            RunReplacedError: a manifest was given, and the run that is there now is another one.
            RunNotFoundError, RunDamagedError: as `manifest`.
        """
        return read_run(self.root, run, reading.history)

    def recorded(self, run: RunRef) -> tuple[RecordedEpoch, ...]:
        """What somebody's own loop has said of each epoch; empty where it said nothing, or it was trained here.

        Args:
            run: as `history`.

        Raises:
            RunNotFoundError, RunDamagedError, RunReplacedError: as `history`.
        """
        return read_run(self.root, run, reading.recorded)

    def predictions(self, run: RunRef, split: str, *, epoch: int | None = None) -> AnyPredictions:
        """What the model predicted for one split's images at one epoch; without a number, at the last kept one.

        The file is compared with the manifest's SHA-256.

        Args:
            run: as `history`.

        Raises:
            InputError: the run kept no such split or epoch; the message names those it kept.
            RunNotFoundError, RunDamagedError, RunReplacedError: as `history`.
        """
        return read_run(self.root, run, lambda found: reading.predictions(found, split, epoch))

    def predictions_by_epoch(self, run: RunRef, split: str) -> tuple[AnyPredictions, ...]:
        """What the model predicted for one split's images at each kept epoch, in their order, read in one go.

        Args:
            run: as `history`.

        Raises:
            InputError: the run kept no such split.
            RunNotFoundError, RunDamagedError, RunReplacedError: as `history`.
        """
        return read_run(self.root, run, lambda found: reading.predictions_by_epoch(found, split))

    def weights(self, run: RunRef) -> dict[str, npt.NDArray[Any]]:
        """The weights at the end of the last kept epoch, name -> array; takes and raises the same as `history`."""
        return read_run(self.root, run, reading.weights)

    def images(self, run: RunRef, split: str) -> npt.NDArray[np.uint8]:
        """The images that the run carries of one split, uint8 (N, H, W) or (N, H, W, 3).

        Args:
            run: as `history`.

        Raises:
            InputError: it carries none of that split.
            RunNotFoundError, RunDamagedError, RunReplacedError: as `history`.
        """
        return read_run(self.root, run, lambda found: reading.images(found, split))

    def files(self, run: RunRef) -> dict[str, bytes]:
        """Every file of a run as it lies there, name -> bytes, run.json among them; takes and raises as `history`."""
        return read_run(self.root, run, reading.files)

    def verify(self, run: RunRef) -> None:
        """Compare every file of a run with its checksum in the manifest; takes the same as `history`.

        Raises:
            RunNotFoundError, RunDamagedError, RunReplacedError: as `history`; the message names the first file that
                is another one.
        """
        read_run(self.root, run, reading.verify)

    # ---- changes

    def save(self, content: RunContent, *, replace: bool = False) -> RunManifest:
        """Put a run on disk, wholly or not at all, and return its manifest.

        What is in its place but is no whole run is kept, with ``.damaged-1`` behind its name.

        Args:
            replace: a whole run of the same id is replaced, in one step; without it that is an error.

        Raises:
            InputError: the content contradicts itself; the disk has not been touched.
            StoreWriteError: the folder cannot be written to, has the run already, or the quota no room for one that was
                not trained here; nothing has changed.
        """
        manifest, files = packed(content)
        if manifest.trained is None:  # a training has asked for room before it began, and nothing of it is lost now
            require_room(sum(map(len, files.values())), self.root)
        self.require_folder()
        self.make_folder()
        with self._writing():
            return writing.save_run(self.root, manifest, files, replace=replace)

    def adopt(self, run_id: str, files: Mapping[str, bytes]) -> RunManifest:
        """Put the very files of a run that was made elsewhere on disk, wholly or not at all, and return its manifest.

        Args:
            files: as `files` gives them.

        Raises:
            InputError: they are no whole run of that id; says what is wrong.
            StoreWriteError: as `save`.
        """
        if not is_run_id(run_id) or not all(name == open_runs.MANIFEST or is_file_name(name) for name in files):
            raise InputError(f"run: expected the files of one, got {', '.join((run_id, *files))}")
        require_room(sum(map(len, files.values())), self.root)
        self.require_folder()
        self.make_folder()
        with self._writing():
            try:
                return writing.adopt_run(self.root, run_id, files)
            except RunFault as fault:
                raise InputError(f"run {run_id}: {shortened(fault.detail, LONGEST_DETAIL)}") from fault

    def check_there(self, run_id: str) -> None:
        """Find out before somebody has to confirm whether `delete` has anything to remove.

        Raises:
            RunNotFoundError: no such run.
            StoreWriteError: the folder cannot even be looked into.
        """
        if not (is_run_id(run_id) or open_runs.is_set_aside(run_id)):
            raise open_runs.not_found(self.root, run_id)
        with self._writing():
            open_runs.place(self.root, run_id)

    def delete(self, run_id: str) -> None:
        """Remove a run, damaged or not, or what `save` has kept as ``.damaged-...``; follows no link.

        Raises:
            RunNotFoundError: no such run.
            StoreWriteError: the folder cannot be written to; the run is still there.
        """
        self.check_there(run_id)
        with self._writing():
            writing.delete_run(self.root, run_id)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreWriteError(f"cannot write to {self.root}: {disk_advice(error)}") from error
