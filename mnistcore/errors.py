"""Owns every error that this package raises on purpose, and making foreign text printable; imports nothing of ours.

    MnistcoreError
    ├── InputError              (ValueError)  an argument has the wrong shape, dtype or range
    ├── ConfigError             (ValueError)  a training configuration is not valid
    │   └── UnknownNameError                  a model, preset or data set that is not in its registry
    ├── DataError                             the images or labels of a data set are not available
    │   ├── DataUnavailableError              not on disk, and not downloaded in time
    │   └── DataDamagedError                  on disk, but not what the checksum or header says
    ├── LibraryError                          a library cannot be loaded, or does not fit another
    ├── DeviceError                           the requested device is missing, or out of memory
    │   └── DeviceMissingError                this machine has no device of that name
    ├── TrainingError                         a training run ended before its last epoch
    │   ├── NonFiniteLossError                the loss became NaN or infinite
    │   ├── TrainingStoppedError              it was requested to stop
    │   └── ProcessLostError                  one of several processes of the training run has ended
    └── StoreError                            a run cannot be read or written
        ├── RunNotFoundError                  no run of that name
        ├── RunDamagedError                   the run is incomplete, damaged, or from a newer version
        ├── RunReplacedError                  the run was replaced since it was read
        ├── StoreWriteError                   the folder is read-only, full, or not a folder
        └── ResumePointError                  the resume point is damaged, or of another training run

Each message says what was expected, what was found, and what to do about it.
"""

import math
import unicodedata
from collections.abc import Iterable


def printable(text: str, *, keep: str = "") -> str:
    r"""Write out every character that a screen, file or browser cannot show; all others stay.

    These are bytes of a file name that are not UTF-8 (zip files from a Japanese Windows have such names), control
    characters, and characters that change the writing direction.

    Args:
        text: any text.
        keep: control characters that stay.

    >>> print(printable("\udc83f.txt"))
    \x83f.txt
    """
    return "".join(
        sign if sign.isprintable() or sign in keep or _is_space(sign) else _written_out(sign) for sign in text
    )


def shortened(text: str, limit: int) -> str:
    """Shorten a text to ``limit`` characters; an ellipsis shows that there was more."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _is_space(sign: str) -> bool:
    return unicodedata.category(sign) == "Zs"


def _written_out(sign: str) -> str:
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:  # how Python represents a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return sign.encode("unicode_escape").decode("ascii")


class MnistcoreError(Exception):
    """The root: catching it catches every error that this package raises on purpose."""

    def __str__(self) -> str:
        return printable(super().__str__(), keep="\n\t")  # many messages contain file names and foreign text


class InputError(MnistcoreError, ValueError):
    """An argument has the wrong shape, dtype or range."""


class ConfigError(MnistcoreError, ValueError):
    """A field of a training configuration has a value that is not valid."""


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
    """The images or labels of a data set are not available."""


class DataUnavailableError(DataError):
    """The files of a data set are not on disk and could not be downloaded."""


class DataDamagedError(DataError):
    """A file of a data set exists but does not contain what it should."""


class LibraryError(MnistcoreError):
    """A required library cannot be loaded: it is not installed, or does not fit another one or the machine."""


class DeviceError(MnistcoreError):
    """The requested device is missing, or has no memory left."""


class DeviceMissingError(DeviceError):
    """This machine has no device of the requested name."""


class TrainingError(MnistcoreError):
    """A training run ended before its last epoch."""


class NonFiniteLossError(TrainingError):
    """The loss became NaN or infinite; ``epoch`` and ``step`` (both from 1) say where."""

    def __init__(self, *, epoch: int, step: int, loss: float) -> None:
        self.epoch, self.step, self.loss = epoch, step, loss
        became = "NaN" if math.isnan(loss) else "infinite"
        super().__init__(
            f"the loss became {became} in epoch {epoch}, step {step}: expected a finite number. "
            "A smaller learning rate is the usual fix"
        )


class TrainingStoppedError(TrainingError):
    """A training run was requested to stop and did so between two steps; what it has trained is kept."""


class ProcessLostError(TrainingError):
    """Another process of a training run in several processes has ended, or does not answer."""


class StoreError(MnistcoreError):
    """A run cannot be read or written."""


class RunNotFoundError(StoreError):
    """There is no run of that name."""


class RunDamagedError(StoreError):
    """A run exists, but is incomplete, damaged, or not readable by this version."""


class RunReplacedError(StoreError):
    """A run was replaced by another one of the same configuration since its manifest was read."""


class StoreWriteError(StoreError):
    """The runs' folder cannot be written to."""


class ResumePointError(StoreError):
    """A resume point is damaged, or belongs to another training run."""
