"""Owns every error that this package raises on purpose; imports nothing of ours.

    MnistcoreError
    ├── InputError              (ValueError)  an array or number handed to a function is not what it takes
    ├── ConfigError             (ValueError)  a training configuration that cannot be meant
    │   └── UnknownNameError                  a model, preset or data set that is not in its registry
    ├── DataError                             the images or labels cannot be had
    │   ├── DataUnavailableError              not on disk, and not to be downloaded in time
    │   └── DataDamagedError                  on disk, but not what its checksum or header says
    ├── LibraryError                          a library does not load, or does not fit another
    ├── DeviceError                           the device asked for is not there, or has no memory left
    │   └── DeviceMissingError                there is none of that name here
    ├── TrainingError                         a training ended before its last epoch
    │   ├── NonFiniteLossError                NaN or infinity in the loss
    │   ├── TrainingStoppedError              somebody asked for it to stop
    │   └── ProcessLostError                  one of several processes that train together has ended
    └── StoreError                            a run cannot be read or written
        ├── RunNotFoundError                  no run of that name
        ├── RunDamagedError                   a run is there, but not whole, not ours, or not readable here
        ├── StoreWriteError                   the folder is read-only, full, or not a folder
        └── ResumePointError                  what was to let a training go on cannot be read

Each message says what was expected, what was found, and what to do about it.
"""

from collections.abc import Iterable


class MnistcoreError(Exception):
    """The root: catching it catches whatever this package raises on purpose."""


class InputError(MnistcoreError, ValueError):
    """An argument has the wrong shape, dtype or range."""


class ConfigError(MnistcoreError, ValueError):
    """A field of a training configuration has a value that it cannot have."""


class UnknownNameError(ConfigError):
    """A name is not in its registry.

    Args:
        kind: what was named, for example ``"model"``.
        name: what was given.
        known: the names that would have been accepted.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        super().__init__(f"unknown {kind} {name!r}: expected one of {', '.join(self.known)}")


class DataError(MnistcoreError):
    """The images or labels of a data set cannot be had."""


class DataUnavailableError(DataError):
    """The files of a data set are not on disk and could not be downloaded."""


class DataDamagedError(DataError):
    """A file of a data set is there but does not hold what it should."""


class LibraryError(MnistcoreError):
    """A library that is needed cannot be loaded: it is not installed, or does not fit another one or the machine."""


class DeviceError(MnistcoreError):
    """The device asked for is not there, or has no memory left."""


class DeviceMissingError(DeviceError):
    """There is no device of the name that was asked for."""


class TrainingError(MnistcoreError):
    """A training ended before its last epoch."""


class NonFiniteLossError(TrainingError):
    """The loss became NaN or infinite; ``epoch`` and ``step`` (both from 1) say where."""

    def __init__(self, *, epoch: int, step: int, loss: float) -> None:
        self.epoch, self.step, self.loss = epoch, step, loss
        super().__init__(
            f"the loss became {loss} in epoch {epoch}, step {step}: expected a finite number. "
            "A smaller learning rate is the usual cure"
        )


class TrainingStoppedError(TrainingError):
    """A training was asked to stop and did so between two steps; what it had is kept."""


class ProcessLostError(TrainingError):
    """Another process of a training in several processes has ended, or does not answer."""


class StoreError(MnistcoreError):
    """A run cannot be read or written."""


class RunNotFoundError(StoreError):
    """There is no run of that name."""


class RunDamagedError(StoreError):
    """A run is there, but is not whole, not ours, or not readable by this version."""


class StoreWriteError(StoreError):
    """The runs' folder cannot be written to."""


class ResumePointError(StoreError):
    """What was to let a training go on is damaged, or is another training's."""
