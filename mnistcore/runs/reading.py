"""Owns what is in the files of a run that is open: its history, predictions, weights and images as arrays."""

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import safetensors.numpy

from mnistcore.errors import InputError, shortened
from mnistcore.evaluation.predictions import AnyPredictions, Counts
from mnistcore.runs import history as history_file
from mnistcore.runs import plain_files, prediction_files
from mnistcore.runs.history import EpochReport, RecordedEpoch
from mnistcore.runs.manifest import HISTORY, WEIGHTS, RunManifest, images_role, predictions_role
from mnistcore.runs.manifest_versions import parse_manifest
from mnistcore.runs.open_runs import MANIFEST, OpenRun
from mnistcore.runs.problems import ProblemReason, RunFault
from mnistcore.wording import plural

_SAME = 1e-6  # shares that differ by less are the same

Epoch = TypeVar("Epoch", EpochReport, RecordedEpoch)


def history(run: OpenRun) -> tuple[EpochReport, ...]:
    """One report per epoch that was trained.

    Raises:
        InputError: the run was not trained here.
    """
    if run.manifest.trained is None:
        raise InputError(f"history: run {run.manifest.run_id} was not trained here")
    with run.file(HISTORY) as data:
        return _all_epochs(history_file.from_json(data), run.manifest)


def recorded(run: OpenRun) -> tuple[RecordedEpoch, ...]:
    """What somebody's own loop has said of each epoch; empty where it has said nothing."""
    if run.manifest.trained or HISTORY not in run.manifest.files:
        return ()
    with run.file(HISTORY) as data:
        return _all_epochs(history_file.recorded_from_json(data), run.manifest)


def _all_epochs(reports: tuple[Epoch, ...], manifest: RunManifest) -> tuple[Epoch, ...]:
    last = manifest.epochs_kept[-1]
    if len(reports) != last:
        raise InputError(f"expected {plural(last, 'epoch')}, got {len(reports)}")
    return reports


def predictions(run: OpenRun, split: str, epoch: int | None) -> AnyPredictions:
    """What the model predicted for one split's images at one epoch; for None at the last kept one.

    Raises:
        InputError: the run kept no such split or epoch; the message names those it kept.
    """
    role, layer = _kept_split(run.manifest, split), _kept_epoch(run.manifest, split, epoch)
    with run.file(role) as data:
        (found,) = _unpacked(data, run.manifest, split=split, layers=[layer])
    if layer == len(run.manifest.predictions[split].epochs) - 1:
        _check_agrees(run.manifest, split, (found,))
    return found


def predictions_by_epoch(run: OpenRun, split: str) -> tuple[AnyPredictions, ...]:
    """What the model predicted for one split's images at each kept epoch, in their order.

    Raises:
        InputError: the run kept no such split.
    """
    with run.file(_kept_split(run.manifest, split)) as data:
        found = _unpacked(data, run.manifest, split=split, layers=range(len(run.manifest.predictions[split].epochs)))
    _check_agrees(run.manifest, split, found)
    return found


def weights(run: OpenRun) -> dict[str, npt.NDArray[Any]]:
    """The weights at the end of the last kept epoch, name -> array."""
    with run.file(WEIGHTS) as data:
        return safetensors.numpy.load(data)


def images(run: OpenRun, split: str) -> npt.NDArray[np.uint8]:
    """The images that the run carries of one split, uint8 (N, H, W) or (N, H, W, 3).

    Raises:
        InputError: it carries none of that split.
    """
    manifest, own = run.manifest, run.manifest.dataset.images
    if own is None or split not in manifest.carried_splits:
        raise InputError(f"split: run {manifest.run_id} carries no {split} images")
    with run.file(images_role(split)) as data:
        found: npt.NDArray[np.uint8] = safetensors.numpy.load(data)["images"]
        colours = () if own.channels == 1 else (own.channels,)
        shape = (manifest.dataset.sizes[split], own.height, own.width, *colours)
        if found.dtype != np.uint8 or found.shape != shape:
            raise InputError(f"images: expected uint8 of shape {shape}, got {found.dtype} {found.shape}")
        return found


def verify(run: OpenRun) -> None:
    """Compare every file with its checksum in the manifest."""
    for role in run.manifest.files:
        with run.file(role):
            pass  # its checksum is right


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


def files(run: OpenRun) -> dict[str, bytes]:
    """Every file of the run as it lies there, by its name in the folder, run.json among them."""
    data = plain_files.read_file(MANIFEST, folder=run.folder, max_bytes=plain_files.MAX_JSON_BYTES)
    found = {MANIFEST: data}
    for role, record in run.manifest.files.items():
        with run.file(role) as content:
            found[record.name] = content
    if parse_manifest(data) != run.manifest:  # it was replaced meanwhile: it is read again
        raise RunFault(ProblemReason.DAMAGED_MANIFEST, f"{MANIFEST}: it was replaced while it was read")
    return found


def check(run: OpenRun) -> None:
    """Read all that can be read of the run, as whoever shows it does: what was made elsewhere may hold anything."""
    verify(run)
    _check_names(run.manifest)
    for split in run.manifest.predictions:
        predictions_by_epoch(run, split)
    for split in run.manifest.carried_splits:
        images(run, split)
    if run.manifest.trained:
        history(run)
    recorded(run)
    if WEIGHTS in run.manifest.files:
        weights(run)


def _check_names(manifest: RunManifest) -> None:
    """Names that nobody can tell apart are none."""
    classes = [each.en for each in manifest.dataset.classes]
    if len(set(classes)) < len(classes):
        twice = next(name for place, name in enumerate(classes) if name in classes[:place])
        raise _lie(f"expected each class once, got {shortened(twice, 40)!r} twice")


def _check_agrees(manifest: RunManifest, split: str, layers: tuple[AnyPredictions, ...]) -> None:
    """What the manifest says of the predictions is what they say."""
    size = manifest.dataset.sizes[split]
    for layer in layers:
        if isinstance(layer, Counts) and int(layer.counts.sum()) != size:
            raise _lie(f"expected counts of {plural(size, 'image')}, got {int(layer.counts.sum())}")
    told, found = manifest.accuracy, layers[-1].accuracy
    if split == "test" and told is not None and found is not None and abs(told - found) > _SAME:
        raise _lie(f"expected the accuracy of its predictions, {found:.6g}, got {told:.6g}")


def _lie(detail: str) -> RunFault:
    return RunFault(ProblemReason.DAMAGED_MANIFEST, f"{MANIFEST}: {detail}")
