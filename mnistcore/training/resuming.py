"""Owns when a training keeps a resume point, what becomes of one that cannot be kept, and whether one can be used."""

import time
from collections.abc import Callable, Mapping

from torch import nn

from mnistcore.config import TrainConfig
from mnistcore.errors import InputError, ResumePointError, StoreWriteError
from mnistcore.runs.disk_advice import disk_advice
from mnistcore.runs.manifest import PREDICTED_SPLITS, DatasetRecord
from mnistcore.runs.store import Store
from mnistcore.training import training_state
from mnistcore.training.resume_points import ResumePoint, ResumePoints
from mnistcore.training.run_content import Finished, Logits, RunFacts
from mnistcore.training.training_state import TrainingState
from mnistcore.wording import plural

RESUME_SECONDS = 30.0  # at most this much work is repeated when a process dies; each epoch's end is kept in any case


class ResumeKeeper:
    """Keeps the resume points of one training, where it has a folder for them.

    Args:
        points: where they are kept; None: nowhere.
        store: where the training's run will be stored, on the same disk.
        on_warning: told what cannot be read or kept.
    """

    def __init__(self, points: ResumePoints | None, store: Store, *, on_warning: Callable[[str], None]) -> None:
        self._points, self._store, self._on_warning = points, store, on_warning
        self._next = time.monotonic() + RESUME_SECONDS

    @property
    def is_due(self) -> bool:
        """Whether the last one was kept so long ago that the next one has to be."""
        return time.monotonic() >= self._next

    def read(
        self, config: TrainConfig, fingerprints: Mapping[str, str], *, check: Callable[[ResumePoint], None]
    ) -> ResumePoint | None:
        """The last one kept; None where there is none that can be used, of which a warning tells.

        Args:
            check: raises ResumePointError where the training cannot resume from it.
        """
        try:
            point = self._points.read(config, fingerprints) if self._points else None
            if point is not None:
                check(point)
        except ResumePointError as error:
            self._on_warning(str(error))
            return None
        return point

    def save(self, make: Callable[[], ResumePoint]) -> None:
        """Keep one; where that fails the training continues without, and a warning tells of it."""
        if self._points is None:
            return
        point = make()
        self._next = time.monotonic() + RESUME_SECONDS
        try:
            self._store.require_folder()  # of the same artifacts: else the point is written where their disk was
            self._points.save(point)
        except (OSError, StoreWriteError) as error:
            reason = disk_advice(error) if isinstance(error, OSError) else error
            self._on_warning(
                f"the resume point could not be kept ({reason}); should the training end before its last "
                "epoch, it resumes from the one before, or starts at the beginning"
            )


def resume_point(
    facts: RunFacts, state: TrainingState, finished: Finished, logits: Mapping[int, Logits]
) -> ResumePoint:
    """All that lets a training resume in another process.

    Args:
        logits: kept epoch -> split -> float32 (N, C).
    """
    return ResumePoint(
        config=facts.config,
        fingerprints=facts.dataset.fingerprints,
        preprocessing=facts.preprocessing,
        epoch=state.epoch,
        step=state.step,
        correct=state.correct,
        seconds=state.seconds,
        tensors=state.tensors,
        history=finished.history,
        weights=finished.weights,
        logits=logits,
    )


def training_state_of(point: ResumePoint) -> TrainingState:
    """What the trainer takes of a resume point."""
    return TrainingState(point.epoch, point.step, point.correct, point.seconds, point.tensors)


def check_fit(point: ResumePoint, config: TrainConfig, model: nn.Module, dataset: DatasetRecord) -> None:
    """Before anything is done with a resume point: one that does not fit would fail each time it is resumed from.

    Args:
        model: new, as the training will be given it.

    Raises:
        ResumePointError: it is of another network or optimiser, or its parts do not belong together.
    """
    finished = len(point.history)
    weights = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    logits = {split: (dataset.sizes[split], len(dataset.classes)) for split in PREDICTED_SPLITS}
    try:
        training_state.check_state(training_state_of(point), model, config, images=dataset.sizes["train"])
        if finished != point.epoch - 1:
            raise InputError(f"expected reports of {plural(point.epoch - 1, 'epoch')}, got {finished}")
        if {name: array.shape for name, array in point.weights.items()} != (weights if finished else {}):
            raise InputError("expected the weights of the last finished epoch, got others")
        for epoch, kept in point.logits.items():
            if {split: array.shape for split, array in kept.items()} != logits:
                raise InputError(f"expected the logits of epoch {epoch} for every image, got others")
    except InputError as error:
        raise ResumePointError(
            f"the resume point cannot be used: {error}. Training this configuration starts at the beginning"
        ) from error
