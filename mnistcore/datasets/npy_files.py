"""Owns arrays as numpy writes them, .npy and .npz: what is opened, and what is refused before it is unpacked.

A header is believed only where the bytes are there, and no pickle is opened. What comes out is of this machine's byte
order, and names are text.
"""

import io
import zipfile
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError, printable, shortened
from mnistcore.runs.zip_faults import ZIP_FAULTS

MOST_UNPACKED: Final = 2**30  # bytes of all the arrays in a file
_MOST_ARRAYS: Final = 20
_MOST_SIGNS: Final = 2**27  # of all the names in an array, which take four bytes each
_LAST_SIGN: Final = 0x10FFFF
_SURROGATES: Final = (0xD800, 0xDFFF)  # half a sign each: no text has them alone
_LONGEST: Final = 200
_VERSIONS: Final = ((1, 0), (2, 0), (3, 0))
_AT_ONCE: Final = 2**20  # bytes that are unpacked at a time
_MOST_HEADER: Final = 2**17  # bytes; numpy reads no longer ones

Array = npt.NDArray[Any]


def of_npy(data: bytes | bytearray, name: str = "file") -> Array:
    """The array in the bytes of an .npy file; it may be one that cannot be written to.

    Args:
        name: of it, in messages.

    Raises:
        InputError: it is none, not whole, or one of Python objects, which would run code.

    >>> file = io.BytesIO()
    >>> np.save(file, np.arange(3, dtype=">i8"))
    >>> of_npy(file.getvalue())
    array([0, 1, 2])
    """
    if not data.startswith(b"\x93NUMPY"):
        raise InputError(f"{name}: expected an array as numpy.save writes it, got other bytes")
    shape, is_fortran, dtype, start = _header(data, name)
    if dtype.hasobject:
        raise InputError(
            f"{name}: expected an array of numbers or of names, got one of Python objects, which runs code when it is "
            "opened: save names as array.astype(str)"
        )
    if dtype.kind == "V" or dtype.itemsize == 0:
        raise InputError(f"{name}: expected an array of numbers or of names, got one of {shortened(str(dtype), 40)}")
    size = 1
    for side in shape:
        size *= side
    if size * dtype.itemsize != len(data) - start:
        raise InputError(
            f"{name}: expected a whole array, {size * dtype.itemsize:,} bytes for {dtype} of shape {shape}, got "
            f"{len(data) - start:,} bytes"
        )
    order: Any = "F" if is_fortran else "C"
    array: Array = np.ndarray(shape, dtype, buffer=data, offset=start, order=order)
    if dtype.kind in "SU":
        return _text(array, name)
    if dtype.kind == "b":  # whatever else a byte may hold
        return np.asarray(array.view(np.uint8) != 0)
    return array if dtype.isnative else array.astype(dtype.newbyteorder("="))


def of_npz(data: bytes, name: str = "file") -> dict[str, Array]:
    """The arrays in the bytes of an .npz file, by their names.

    Args:
        name: of the file, in messages.

    Raises:
        InputError: it is none, or there are too many, or they are too large; nothing is unpacked then.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
            if len(members) > _MOST_ARRAYS:
                raise InputError(f"{name}: expected at most {_MOST_ARRAYS} arrays, got {len(members)}")
            size = sum(member.file_size for member in members)
            if size > MOST_UNPACKED:
                raise InputError(f"{name}: expected at most {MOST_UNPACKED >> 20} MiB of arrays, got {size >> 20} MiB")
            found: dict[str, Array] = {}
            for member in members:
                called = printable(member.filename.removesuffix(".npy"))
                if called in found:
                    raise InputError(f"{name}: expected each array once, got {shortened(called, 40)!r} twice")
                found[called] = of_npy(_unpacked(packed, member), name)
            return found
    except ZIP_FAULTS as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name}: expected arrays as numpy.savez writes them, got other bytes: {error}") from error


def _unpacked(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytearray:
    """What is in one file of a zip, a piece at a time: in one piece it would be there twice on the way."""
    data = bytearray(member.file_size)
    stream: Any
    with packed.open(member) as stream:
        rest = memoryview(data)
        while count := stream.readinto(rest[:_AT_ONCE]):
            rest = rest[count:]
    if rest:
        raise EOFError(f"{len(rest):,} bytes are missing")
    return data


def _header(data: bytes | bytearray, name: str) -> tuple[tuple[int, ...], bool, "np.dtype[Any]", int]:
    """Shape, whether columns come first, type, and where the numbers begin."""
    stream = io.BytesIO(data[:_MOST_HEADER])
    try:
        version = np.lib.format.read_magic(stream)
        if version not in _VERSIONS:
            raise ValueError(f"version {version}")
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, is_fortran, dtype = read(stream)
        if dtype.subdtype or not all(type(side) is int and side >= 0 for side in shape) or len(shape) > 32:
            raise ValueError(f"{dtype} of shape {shape}")
    except Exception as error:  # the header is read as Python writes a dict, by a parser that has many
        reason = shortened(" ".join(str(error).split()), _LONGEST) or type(error).__name__
        raise InputError(f"{name}: expected the header of an array, got one that cannot be read: {reason}") from error
    return shape, is_fortran, dtype, stream.tell()


def _text(array: Array, name: str) -> Array:
    """Names as text, (...): bytes are UTF-8, or as a Japanese Windows writes them."""
    signs = array.nbytes if array.dtype.kind == "S" else array.nbytes // 4
    if signs > _MOST_SIGNS:
        raise InputError(f"{name}: expected names of at most {_MOST_SIGNS:,} signs in all, got {signs:,}")
    if array.dtype.kind == "S":
        for encoding in ("utf-8", "cp932"):
            try:
                return np.char.decode(array, encoding)
            except UnicodeDecodeError:
                continue
        raise InputError(f"{name}: expected names in UTF-8, got other bytes: save them as array.astype(str)")
    array = array.astype(array.dtype.newbyteorder("="), order="C")
    codes = array.reshape(-1).view(np.uint32)
    if ((codes > _LAST_SIGN) | ((codes >= _SURROGATES[0]) & (codes <= _SURROGATES[1]))).any():
        raise InputError(f"{name}: expected names, got numbers that are no signs")
    return array
