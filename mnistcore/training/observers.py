"""Owns who is told how far a training is: one observer, or several told as one; imports nothing heavy."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

if TYPE_CHECKING:
    from mnistcore.config import TrainConfig
    from mnistcore.datasets.downloads import DownloadProgress
    from mnistcore.runs.history import CurvePoint, EpochReport
    from mnistcore.runs.manifest import RunManifest

P = ParamSpec("P")

_CLOSED = re.compile(r"closed file|detached")  # "I/O operation on closed file", "write to closed file"


class Observer:
    """Is told how far a training is; whoever wants to know overrides what interests them.

    What a method raises ends the training, as Ctrl-C would; but that nothing can be told any more does not: see
    `untroubled`.
    """

    def on_start(self, wanted: "TrainConfig") -> None:
        """A training begins; not called for a run that is there already."""

    def on_download(self, progress: "DownloadProgress") -> None:
        """A part of a file has arrived."""

    def on_choice(self, device: str, why: str) -> None:
        """A job waits for this one of several GPUs; the reason in a few words."""

    def on_device(self, name: str) -> None:
        """The model is trained on this device, by the name that torch gives it."""

    def on_resume(self, done: int, steps: int) -> None:
        """The training resumes after so many steps of so many."""

    def on_step(self, done: int, steps: int) -> None:
        """So many steps of the whole training are done."""

    def on_curve(self, point: "CurvePoint") -> None:
        """The loss and accuracy over the last few steps."""

    def on_epoch(self, report: "EpochReport", epochs: int) -> None:
        """An epoch of so many is finished."""

    def on_warning(self, text: str) -> None:
        """Something went wrong that the training can do without."""

    def on_saved(self, run: "RunManifest") -> None:
        """A run was stored: an unfinished one too, before its error is raised."""

    def should_stop(self) -> bool:
        """Whether to keep what there is and end; asked between two steps, and during downloads and evaluations."""
        return False


class Observers(Observer):
    """Several observers told as one, in their order; what one of them cannot tell hinders nobody.

    Args:
        observers: None stands for nobody.
    """

    def __init__(self, *observers: Observer | None) -> None:
        self._observers = tuple(observer for observer in observers if observer is not None)

    def _tell(self, tell: Callable[[Observer], None]) -> None:
        for observer in self._observers:
            untroubled(tell)(observer)

    def on_start(self, wanted: "TrainConfig") -> None:
        self._tell(lambda observer: observer.on_start(wanted))

    def on_download(self, progress: "DownloadProgress") -> None:
        self._tell(lambda observer: observer.on_download(progress))

    def on_choice(self, device: str, why: str) -> None:
        self._tell(lambda observer: observer.on_choice(device, why))

    def on_device(self, name: str) -> None:
        self._tell(lambda observer: observer.on_device(name))

    def on_resume(self, done: int, steps: int) -> None:
        self._tell(lambda observer: observer.on_resume(done, steps))

    def on_step(self, done: int, steps: int) -> None:
        self._tell(lambda observer: observer.on_step(done, steps))

    def on_curve(self, point: "CurvePoint") -> None:
        self._tell(lambda observer: observer.on_curve(point))

    def on_epoch(self, report: "EpochReport", epochs: int) -> None:
        self._tell(lambda observer: observer.on_epoch(report, epochs))

    def on_warning(self, text: str) -> None:
        self._tell(lambda observer: observer.on_warning(text))

    def on_saved(self, run: "RunManifest") -> None:
        self._tell(lambda observer: observer.on_saved(run))

    def should_stop(self) -> bool:
        return any(observer.should_stop() for observer in self._observers)


def untroubled(tell: Callable[P, None]) -> Callable[P, None]:
    """The same function, but that a closed terminal, a full disk or a letter that it does not know raises nothing.

    What cannot be told is no reason to end a training; what cannot be saved is, and is an error of its own.
    """

    def told(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            tell(*arguments, **options)
        except (OSError, UnicodeError):
            pass
        except ValueError as error:  # Python has no class of its own for a file that was closed before
            if type(error) is not ValueError or not _CLOSED.search(str(error)):
                raise

    return told
