"""Owns which kinds of files can be brought, told by content first and by ending second, and what is refused.

Nothing is opened here but the list of a zip: what a file is, is read off its first bytes.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final, Literal

from mnistcore.errors import InputError, shortened
from mnistcore.runs.plain_files import open_file
from mnistcore.runs.zip_faults import ZIP_FAULTS

Kind = Literal["table", "checkpoint", "onnx", "run"]

ENDINGS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "table": (".csv", ".tsv", ".txt", ".parquet", ".jsonl", ".ndjson", ".npz", ".npy"),
    "checkpoint": (".safetensors", ".pt", ".pth", ".ckpt"),
    "onnx": (".onnx",),
    "run": (".zip",),
}
INSTEAD: Final = (
    "Make a file of its predictions instead:\n"
    "  import numpy\n"
    '  numpy.savez("predictions.npz", labels=labels, probabilities=model.predict(images))'
)

_PICKLE, _KERAS, _SCRIPT, _EXPORTED = (
    "a pickle runs code when it is opened",
    "Keras models are not opened here",
    "TorchScript is a program, which is not run here",
    "exported programs are not opened here",
)
REFUSED: Final[Mapping[str, str]] = {
    **dict.fromkeys((".pkl", ".pickle", ".joblib"), _PICKLE),
    **dict.fromkeys((".h5", ".hdf5", ".keras"), _KERAS),
    ".torchscript": _SCRIPT,
    ".pt2": _EXPORTED,
}

_LOOKED_AT = 16  # bytes at the start
_HDF5 = b"\x89HDF\r\n\x1a\n"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# What torch.save wrote before 1.6: a pickle of its own number, which torch reads without running anything.
_FIRST_CHECKPOINT = bytes.fromhex("80028a0a6cfc9c46f9206aa85019")
_MOST_ENTRIES = 100_000  # of a zip: its list is read as a whole


def kind_of(path: Path) -> Kind:
    """What a file is.

    Raises:
        InputError: it is none that can be brought, or cannot be read; says what can be done instead.
    """
    try:
        with open_file(path, links=True) as file:
            return _kind(file, path.suffix.lower())
    except OSError as error:
        raise InputError(f"file: expected one that can be read, got {path}: {error.strerror or error}") from error


def kind_of_bytes(data: bytes, suffix: str) -> Kind:
    """As `kind_of`, of what a file holds and how its name ends.

    >>> kind_of_bytes(b"label,prediction", ".csv")
    'table'
    """
    return _kind(io.BytesIO(data), suffix.lower())


def refuse(why: str, what: str = "file") -> InputError:
    """The error of a file that is not opened, with the lines that make one that is."""
    return InputError(f"{what}: {why}. {INSTEAD}")


def _kind(file: BinaryIO, suffix: str) -> Kind:
    if suffix in REFUSED:
        raise refuse(REFUSED[suffix], suffix)
    head = file.read(_LOOKED_AT)
    if head.startswith(_ZIP):
        return _kind_of_zip(file, suffix)
    if head.startswith(_HDF5):
        raise refuse(f"{_KERAS}: this is HDF5, whatever its name says")
    if _is_pickle(head) and not head.startswith(_FIRST_CHECKPOINT):
        raise refuse(f"{_PICKLE}: this is one, whatever its name says")
    for kind, endings in ENDINGS.items():
        if suffix in endings:
            if kind == "run":
                raise InputError("file: expected a zip, got bytes that are none: was it cut off on its way?")
            return kind
    expected = ", ".join(ending for endings in ENDINGS.values() for ending in endings)
    raise InputError(f"file: expected one of {expected}, got {shortened(suffix, 20) or 'no ending'}. {INSTEAD}")


def _is_pickle(head: bytes) -> bool:
    """Of protocol 2 or later: its mark and number, then an opcode that a pickle can begin with."""
    return len(head) > 2 and head[0] == 0x80 and 2 <= head[1] <= 5 and chr(head[2]) in "\x95\x8acc}](q)KXUGMNIJLST\x8c"


def _kind_of_zip(file: BinaryIO, suffix: str) -> Kind:
    """A zip is a table of arrays, a checkpoint, a run, or a model of a kind that is refused."""
    names = _listed(file)
    last = {name.rpartition("/")[2] for name in names}
    if "model.weights.h5" in last:
        raise refuse(_KERAS)
    if "constants.pkl" in last or any("/code/" in f"/{name}" for name in names):
        raise refuse(_SCRIPT)
    if last & {"archive_format", "serialized_exported_program.json"}:
        raise refuse(_EXPORTED)
    if "run.json" in last:
        return "run"
    if "data.pkl" in last:
        return "checkpoint"
    if suffix == ".npz" or (names and all(name.endswith(".npy") for name in names)):
        return "table"
    got = shortened(", ".join(sorted(last)[:5]), 100) or "an empty one"
    raise InputError(
        f"file: expected the zip of a run, which `python -m mnistcore export RUN` makes and which holds run.json, got "
        f"{got}"
    )


def _listed(file: BinaryIO) -> list[str]:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except ZIP_FAULTS as error:
        raise InputError(f"file: expected a whole zip, got one that cannot be read: {error}") from error
    if len(names) > _MOST_ENTRIES:
        raise InputError(f"file: expected at most {_MOST_ENTRIES:,} files in a zip, got {len(names):,}")
    return names
