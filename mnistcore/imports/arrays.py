"""Owns arrays as numpy writes them, .npy and .npz: what is opened, and what is refused before it is unpacked."""

import io
import zipfile
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError

MOST_UNPACKED: Final = 2**30  # bytes of all the arrays in a file
_MOST_ARRAYS: Final = 20


def of_npy(data: bytes) -> npt.NDArray[Any]:
    """The array in the bytes of an .npy file.

    Raises:
        InputError: it is none, or one of Python objects, which would run code.

    >>> file = io.BytesIO()
    >>> np.save(file, np.arange(3))
    >>> of_npy(file.getvalue())
    array([0, 1, 2])
    """
    if not data.startswith(b"\x93NUMPY"):
        raise InputError("file: expected an array as numpy.save writes it, got other bytes")
    try:
        array: npt.NDArray[Any] = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, MemoryError, OSError) as error:
        raise InputError(f"file: {_explained(error)}") from error
    return array


def of_npz(data: bytes) -> dict[str, npt.NDArray[Any]]:
    """The arrays in the bytes of an .npz file, by their names.

    Raises:
        InputError: it is none, or there are too many, or they are too large; nothing is unpacked then.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
            if len(members) > _MOST_ARRAYS:
                raise InputError(f"file: expected at most {_MOST_ARRAYS} arrays, got {len(members)}")
            size = sum(member.file_size for member in members)
            if size > MOST_UNPACKED:
                raise InputError(f"file: expected at most {MOST_UNPACKED >> 20} MiB of arrays, got {size >> 20} MiB")
            return {member.filename.removesuffix(".npy"): of_npy(packed.read(member)) for member in members}
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"file: expected arrays as numpy.savez writes them, got other bytes: {error}") from error


def _explained(error: Exception) -> str:
    if "pickle" in str(error) or "Object" in str(error):
        return (
            "expected an array of numbers or of names, got one of Python objects, which runs code when it is opened: "
            "save names as array.astype(str)"
        )
    return f"expected a whole array, got a part of one: {error}"
