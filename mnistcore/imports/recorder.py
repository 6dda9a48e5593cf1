"""Owns how the epochs of somebody's own loop become one run."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.imports import given
from mnistcore.imports.given import Labelled, Scored
from mnistcore.imports.keeping import RecordedRun, checked_title, keep, recorded
from mnistcore.runs.history import LARGEST_LOSS, MOST_EPOCHS, RecordedEpoch
from mnistcore.runs.kept_epochs import thin_epochs
from mnistcore.runs.manifest import MAX_FILE_BYTES, Status
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace

if TYPE_CHECKING:
    from mnistcore.imports.running import Answered

_MOST_BYTES: Final = MAX_FILE_BYTES // 2  # of the scores of all epochs, which are held until the run is kept


class Recorder:
    """Keeps what a model says after each epoch of your own loop, as one run with its curves.

    Of more than `kept_epochs.MOST_KEPT` epochs as many predictions are kept, of the first and the last among them.

    Used by ``with``, it keeps the epochs so far however the loop ends; else call `close`.

    Args:
        name: what the run is called; the model's class if empty.
        classes: as of `mnistcore.record`, like ``images`` and ``notes``.
        store: where runs are kept; the artifacts' folder if None.
    """

    def __init__(
        self,
        name: str = "",
        *,
        classes: Sequence[object] | None = None,
        images: Any = None,
        notes: str = "",
        store: Store | None = None,
    ) -> None:
        self._name, self._classes, self._images, self._notes = name, classes, images, notes
        self._store = store
        if name:
            checked_title(name)  # rather now than after the last epoch
        self._known: Labelled | None = None  # from the first epoch on, like the pictures
        self._pictures: npt.NDArray[np.uint8] | None = None
        self._labels: npt.NDArray[Any] = np.empty(0)  # as the loader gives them
        self._scores: list[Scored] = []  # of each epoch
        self._said: list[RecordedEpoch] = []
        self._model = ""
        self._kept: RecordedRun | None = None

    def epoch(
        self, model: Any, loader: Any, *, train_loss: float | None = None, train_accuracy: float | None = None
    ) -> float:
        """Have the model answer, after one more epoch; the accuracy on the loader's images, 0 to 1.

        Args:
            model: as of `mnistcore.record`, like ``loader``.
            train_loss: the mean loss over the training images of this epoch, for the curves; a number or a tensor.
            train_accuracy: likewise, 0 to 1.

        Raises:
            InputError: as of `mnistcore.record`; or these are not the images of the epochs before.
        """
        from mnistcore.imports import running

        self._check_open()
        number = len(self._scores) + 1
        said = RecordedEpoch(
            number,
            train_loss=_number(train_loss, "train_loss", -LARGEST_LOSS, LARGEST_LOSS),
            train_accuracy=_number(train_accuracy, "train_accuracy", 0, 1),
        )
        is_first = self._known is None
        found = running.answered(model, loader, with_images=is_first and self._images is None)
        known = self._begin(found) if self._known is None else self._known
        first = found.scores if is_first else self._scores[0]
        if not np.array_equal(found.labels, self._labels) or found.scores.values.shape != first.values.shape:
            raise InputError("Recorder: expected the images of the epochs before, in their order, got others")
        if found.scores.kind != first.kind:
            raise InputError(f"Recorder: expected {first.kind} as in the epochs before, got {found.scores.kind}")
        self._known = known
        self._scores.append(found.scores)
        self._said.append(said)
        self._model = type(running.plain_model(model)).__name__
        return float((found.scores.values.argmax(axis=1) == known.labels).mean())

    def _begin(self, found: "Answered") -> Labelled:
        """What is the same in all epochs, of the first."""
        classes = found.classes if self._classes is None else self._classes
        known = given.labelled(found.labels, columns=found.scores.values.shape[1], classes=classes)
        self._pictures = found.images if self._images is None else given.images(self._images, count=len(known.labels))
        self._labels = found.labels
        return Labelled(known.classes, known.labels, None, (*known.assumed, *found.assumed))

    def close(self, *, status: Status = "complete") -> RecordedRun:
        """Keep the run; a second time, the same.

        Raises:
            InputError: there was no epoch.
            StoreWriteError: the folder cannot be written to; it can be called again.
        """
        if self._kept is not None:
            return self._kept
        if self._known is None:
            raise InputError("Recorder: expected at least one epoch before close(), got none")
        epochs = thin_epochs(len(self._scores))
        has_said = any(each.train_loss is not None or each.train_accuracy is not None for each in self._said)
        self._kept = keep(
            self._known,
            [self._scores[epoch - 1] for epoch in epochs],
            self._pictures,
            origin=recorded(model=self._model, framework="torch", notes=self._notes),
            name=self._name or self._model,
            store=self._store or Store(Workspace.from_environment().runs),
            status=status,
            said=self._said if has_said else (),
            epochs=epochs,
        )
        return self._kept

    def _check_open(self) -> None:
        if self._kept is not None:
            raise InputError("Recorder: expected an epoch before close(), got one after it")
        kept = sum(each.values.nbytes for each in self._scores)
        if len(self._scores) >= MOST_EPOCHS or kept > _MOST_BYTES:
            raise InputError(
                f"Recorder: expected at most {MOST_EPOCHS} epochs and {_MOST_BYTES >> 20} MiB of scores, got more: "
                "record every tenth epoch"
            )

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._scores:  # whatever has ended the loop: the epochs so far are kept
            self.close(status="complete" if kind is None else "interrupted")


def _number(value: Any, name: str, low: float, high: float) -> float | None:
    """What may be a number, a tensor or an array of one; None where nothing was said."""
    if value is None:
        return None
    try:
        number = float(value.detach() if hasattr(value, "detach") else value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{name}: expected a number, got a {type(value).__name__}") from error
    if not math.isfinite(number):
        return None  # a loss that has become NaN has no place on a curve
    if not low <= number <= high:
        raise InputError(f"{name}: expected {low:g} to {high:g}, got {number:.4g}")
    return number
