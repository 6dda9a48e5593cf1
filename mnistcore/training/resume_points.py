"""Owns resume points, from which a training resumes after its process ended: saved, read, dropped; imports no torch.

    <folder>/resume.json                  written last: names the files that belong together, with their checksums
    <folder>/state-<random>.safetensors   where the training stands, and the weights of the last finished epoch
    <folder>/logits-<epoch>-<random>.safetensors   split -> float32 (N, C), one file for each kept epoch

Saving writes new files beside the old ones, replaces resume.json in one step, and only then removes what is no longer
named. So what can be read is one whole moment of the training, the one before or the one after, whatever ends the
process in between. No pickle: resuming from somebody else's resume point never runs their code.
"""

import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mnistcore import config as configs
from mnistcore.config import Preprocessing, TrainConfig
from mnistcore.errors import InputError, ResumePointError
from mnistcore.runs import accounts, atomic, history, plain_files
from mnistcore.runs.history import EpochReport

_MANIFEST = "resume.json"
# What is removed once it is not named any more; what somebody else has put there stays.
_OWN_NAME = re.compile(r"resume\.json|[a-z]+-[0-9a-z-]+\.safetensors|\.tmp-.+-[0-9]+-[0-9a-f]{8}")
_WEIGHTS = "weights/"  # before the name of a tensor of the last finished epoch's weights

FileName = Annotated[str, Field(pattern=r"^[a-z]+-[0-9a-z-]+\.safetensors$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, eq=False)
class ResumePoint:
    """One moment of a training, between two steps.

    Args:
        fingerprints: split -> SHA-256 of its images and labels: other images would make another training of it.
        epoch: the one under way, from 1; one more than there are where all are done.
        step: steps done in it.
        correct: images of these steps that were predicted right.
        seconds: wall time of these steps.
        tensors: the model, the optimiser, averages and random numbers, as the training named them.
        history: a report of each finished epoch.
        weights: name -> array, as they were evaluated at the end of the last finished epoch; empty where there is none.
        logits: kept epoch -> split -> float32 (N, C).
        preprocessing: of the images: another one, too, would make another training of it. A point that was read
            always has it.
    """

    config: TrainConfig
    fingerprints: Mapping[str, str]
    epoch: int
    step: int
    correct: int
    seconds: float
    tensors: Mapping[str, npt.NDArray[Any]]
    history: tuple[EpochReport, ...]
    weights: Mapping[str, npt.NDArray[Any]]
    logits: Mapping[int, Mapping[str, npt.NDArray[np.float32]]]
    preprocessing: Preprocessing | None = None


class _Manifest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal[1]
    config: TrainConfig
    fingerprints: dict[str, Digest]
    preprocessing: Preprocessing | None = None  # the first versions did not write it down
    epoch: Annotated[int, Field(ge=1, le=1001)]
    step: Annotated[int, Field(ge=0, le=2**53)]
    correct: Annotated[int, Field(ge=0, le=2**53)]
    seconds: history.Seconds
    history: list[dict[str, Any]]
    state: FileName
    logits: dict[int, FileName]
    files: dict[FileName, Digest]


@dataclass(frozen=True, slots=True)
class ResumePoints:
    """The resume point of one training, in a folder of its own. Making one touches nothing."""

    folder: Path

    def exists(self) -> bool:
        """Whether there is one, whole or not."""
        with suppress(OSError), plain_files.open_folder(self.folder) as folder:
            return stat.S_ISREG(os.stat(_MANIFEST, dir_fd=folder, follow_symlinks=False).st_mode)
        return False

    def read(self, config: TrainConfig, fingerprints: Mapping[str, str]) -> ResumePoint | None:
        """The last one saved; None where there is none.

        Raises:
            ResumePointError: it is damaged, or of another configuration or other images; nothing was changed.
        """
        try:
            manifest = self._manifest()
        except FileNotFoundError:
            return None
        for what, expected, found in (
            ("configuration", config, manifest.config),
            ("images", dict(fingerprints), manifest.fingerprints),
        ):
            if expected != found:
                raise self._unusable(f"it is of a training with another {what}")
        state = self._tensors(manifest, manifest.state)
        preprocessing = manifest.preprocessing or configs.first_preprocessing(config.dataset)
        if preprocessing is None:
            raise self._unusable("it does not say how its images were prepared")
        return ResumePoint(
            config=manifest.config,
            fingerprints=manifest.fingerprints,
            preprocessing=preprocessing,
            epoch=manifest.epoch,
            step=manifest.step,
            correct=manifest.correct,
            seconds=manifest.seconds,
            tensors={name: array for name, array in state.items() if not name.startswith(_WEIGHTS)},
            history=self._history(manifest),
            weights={name.removeprefix(_WEIGHTS): array for name, array in state.items() if name.startswith(_WEIGHTS)},
            logits={epoch: self._tensors(manifest, name) for epoch, name in manifest.logits.items()},
        )

    def save(self, point: ResumePoint) -> None:
        """Put a moment of the training in the place of the one before; after an error that one is still there.

        Raises:
            OSError: the folder cannot be written to, or is another account's.
        """
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        accounts.own_folder(self.folder)  # a link would lead to what is not ours
        there, history_ = self._named(), [asdict(report) for report in point.history]
        # Of this very training: another one of the same configuration was timed otherwise.
        same = there is not None and there.history == history_[: len(there.history)]
        state = {**point.tensors, **{f"{_WEIGHTS}{name}": array for name, array in point.weights.items()}}
        written: dict[str, str] = {}
        try:
            state_name = self._write("state", state, written)
            logits_names = {}
            for epoch, logits in point.logits.items():
                name = there.logits.get(epoch) if there and same else None
                logits_names[epoch] = name or self._write(f"logits-{epoch}", dict(logits), written)
            files = (dict(there.files) if there else {}) | written
            files = {name: files[name] for name in (state_name, *logits_names.values())}
            manifest = _Manifest(
                schema_version=1,
                config=point.config,
                fingerprints=dict(point.fingerprints),
                preprocessing=point.preprocessing,
                epoch=point.epoch,
                step=point.step,
                correct=point.correct,
                seconds=point.seconds,
                history=history_,
                state=state_name,
                logits=logits_names,
                files=files,
            )
            atomic.sync_folder(self.folder)
            atomic.replace_file(self.folder / _MANIFEST, manifest.model_dump_json(indent=1).encode())
        except OSError:
            # The new one may stand already: it is the last wait for the disk that can fail after that.
            with suppress(OSError, ResumePointError):
                written = {name: digest for name, digest in written.items() if name not in self._manifest().files}
            for name in written:
                with suppress(OSError):
                    (self.folder / name).unlink()
            raise
        self._remove_all_but({_MANIFEST, *files})

    def drop(self) -> None:
        """Remove it; nothing happens where there is none, or where it cannot be removed. What is not ours stays."""
        with suppress(OSError), plain_files.open_folder(self.folder) as folder:
            accounts.require_ours(self.folder)
            with suppress(FileNotFoundError):
                os.unlink(_MANIFEST, dir_fd=folder)
        self._remove_all_but(set())
        with suppress(OSError):
            self.folder.rmdir()

    def _manifest(self) -> _Manifest:
        try:
            with plain_files.open_folder(self.folder) as folder:
                data = plain_files.read_file(_MANIFEST, max_bytes=plain_files.MAX_JSON_BYTES, folder=folder)
            return _Manifest.model_validate_json(data, strict=True)
        except FileNotFoundError:
            raise
        except (OSError, ValidationError) as error:
            raise self._unusable(f"{_MANIFEST}: {str(error).splitlines()[0]}") from error

    def _named(self) -> _Manifest | None:
        """What is there now, as far as it can be read: its files of earlier epochs are not written again."""
        try:
            manifest = self._manifest()
        except (FileNotFoundError, ResumePointError):
            return None
        whole = all(name in manifest.files and (self.folder / name).is_file() for name in manifest.logits.values())
        return manifest if whole else None

    def _history(self, manifest: _Manifest) -> tuple[EpochReport, ...]:
        try:
            return history.from_json(json.dumps(manifest.history).encode())
        except InputError as error:
            raise self._unusable(str(error)) from error

    def _write(self, kind: str, tensors: Mapping[str, npt.NDArray[Any]], written: dict[str, str]) -> str:
        data = safetensors.numpy.save({name: np.asarray(array, order="C") for name, array in tensors.items()})
        name = f"{kind}-{secrets.token_hex(4)}.safetensors"
        written[name] = hashlib.sha256(data).hexdigest()
        atomic.write_file(self.folder / name, data)
        return name

    def _tensors(self, manifest: _Manifest, name: str) -> dict[str, npt.NDArray[Any]]:
        try:
            with plain_files.open_folder(self.folder) as folder:
                data = plain_files.read_file(name, folder=folder)
            if hashlib.sha256(data).hexdigest() != manifest.files[name]:
                raise self._unusable(f"{name}: another SHA-256 than was written")
            return safetensors.numpy.load(data)
        except ResumePointError:
            raise
        except Exception as error:  # it may hold anything, types and shapes that numpy does not know among them
            raise self._unusable(f"{name}: {error}") from error

    def _remove_all_but(self, names: set[str]) -> None:
        # A second process that trains the same, where file locks do not work, may lose its files here: it then finds
        # its resume point unusable and starts at the beginning, which costs time but nothing else.
        with suppress(OSError), plain_files.open_folder(self.folder) as folder:
            accounts.require_ours(self.folder)
            for name in set(os.listdir(folder)) - names:
                if _OWN_NAME.fullmatch(name):
                    with suppress(OSError):
                        os.unlink(name, dir_fd=folder)

    def _unusable(self, reason: str) -> ResumePointError:
        return ResumePointError(
            f"the resume point in {self.folder} cannot be used: {reason}. Nothing was changed; "
            "training this configuration starts at the beginning"
        )
