"""Owns every error that this package raises on purpose, and how text from outside stands in it; needs nothing of ours.

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
        ├── RunReplacedError                  a run is there, but no longer the one that was meant
        ├── StoreWriteError                   the folder is read-only, full, or not a folder
        └── ResumePointError                  what was to let a training go on cannot be read

Each message says what was expected, what was found, and what to do about it.
"""

import unicodedata
from collections.abc import Iterable


def printable(text: str, *, keep: str = "") -> str:
    r"""A text in which everything that no screen, file or browser can show is written out; all other signs stay.

    Bytes of a file's name that are no UTF-8 (each zip from a Japanese Windows has such names), control characters,
    and signs that change the direction of what stands beside them.

    Args:
        keep: control characters that stay.

    >>> print(printable("\udc83f.txt"))
    \x83f.txt
    """
    return "".join(
        sign if sign.isprintable() or sign in keep or _is_space(sign) else _written_out(sign) for sign in text
    )


def shortened(text: str, limit: int) -> str:
    """The beginning of a text, with a sign that there was more."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _is_space(sign: str) -> bool:
    return unicodedata.category(sign) == "Zs"


def _written_out(sign: str) -> str:
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:  # how Python stands for a byte that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return sign.encode("unicode_escape").decode("ascii")


class MnistcoreError(Exception):
    """The root: catching it catches whatever this package raises on purpose."""

    def __str__(self) -> str:
        return printable(super().__str__(), keep="\n\t")  # names of files and texts from outside stand in many of them


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


class RunReplacedError(StoreError):
    """A run was replaced by another one of the same configuration since its manifest was read."""


class StoreWriteError(StoreError):
    """The runs' folder cannot be written to."""


class ResumePointError(StoreError):
    """What was to let a training go on is damaged, or is another training's."""
