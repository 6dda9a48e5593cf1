"""Arrays as numpy writes them: a header is believed only where the bytes are there; whatever else it is, words."""

import io
import struct
import tracemalloc
import zipfile
from typing import Any

import numpy as np
import pytest

from mnistcore.datasets import npy_files
from mnistcore.errors import InputError


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def headed(header: str, body: bytes = bytes(24), version: tuple[int, int] = (1, 0)) -> bytes:
    length = struct.pack("<H" if version == (1, 0) else "<I", len(header))
    return b"\x93NUMPY" + bytes(version) + length + header.encode("latin1") + body


def saying(descr: str = "'<f8'", shape: str = "(3,)") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n"


HEADERS = {
    "more than there is": (headed(saying(shape="(1000000000000,)")), "24 bytes"),
    "less than there is": (headed(saying(shape="(2,)")), "24 bytes"),
    "a side below 0": (headed(saying(shape="(-1, -3)")), "header"),
    "a side that is true": (headed(saying(shape="(True,)"), bytes(8)), "header"),
    "a side beyond all numbers": (headed(saying(shape=f"({10**30},)")), "24 bytes"),
    "brackets without an end": (headed("(" * 5000), "header"),
    "an expression without an end": (headed("-" * 9000 + "1"), "header"),
    "a text without an end": (headed("{'descr': '''"), "header"),
    "lines that are indented": (headed("  1\n 2\n"), "header"),
    "a type that is half one": (headed(saying("('<f8',)")), "header"),
    "numbers in numbers": (headed(saying("('<f8', (2,))"), bytes(48)), "header"),
    "a later version": (headed(saying(), version=(9, 0)), "header"),
    "a header that is cut off": (b"\x93NUMPY\x01\x00\xff", "header"),
    "names of no signs, many": (headed(saying("'<U0'", f"({10**12},)"), b""), "numbers or of names"),
    "rows of several things": (npy(np.zeros(5, dtype=[("a", "<f4"), ("b", "<i4")])), "numbers or of names"),
    "signs that are none": (headed(saying("'<U1'"), b"\xff" * 12), "no signs"),
    "half a sign": (headed(saying("'<U1'", "(1,)"), struct.pack("<I", 0xD800)), "no signs"),
    "bytes in no encoding": (npy(np.array([b"\x81", b"\xe9"])), "UTF-8"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_header_that_lies_is_refused_in_words(case: str) -> None:
    data, told = HEADERS[case]
    with pytest.raises(InputError, match=told):
        npy_files.of_npy(data)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (np.arange(3, dtype=">i4"), [0, 1, 2]),
        (np.asfortranarray([[1.0, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array([b"cat", b"dog"]), ["cat", "dog"]),
        (np.array(["猫".encode(), b"dog"]), ["猫", "dog"]),
        (np.array(["猫".encode("cp932"), b"dog"]), ["猫", "dog"]),
        (np.array(["猫", "dog"]).astype(">U3"), ["猫", "dog"]),
        (np.zeros((0, 3)), []),
        (np.array(5), 5),
        (np.array([True, False]), [True, False]),
    ],
)
def test_arrays_of_other_machines_and_names_as_bytes_are_read(given: np.ndarray, expected: Any) -> None:
    found = npy_files.of_npy(npy(given))
    assert found.dtype.isnative
    assert found.tolist() == expected


def test_bytes_of_a_truth_value_are_true_whatever_they_hold() -> None:
    found = npy_files.of_npy(headed(saying("'|b1'"), b"\x00\x02\xff"))
    assert found.view(np.uint8).tolist() == [0, 1, 1]


def test_every_broken_archive_is_refused_in_words() -> None:
    file = io.BytesIO()
    np.savez_compressed(file, labels=np.arange(200) % 2, x=np.random.default_rng(0).integers(0, 255, (20, 12)))
    whole, random = file.getvalue(), np.random.default_rng(1)
    assert set(npy_files.of_npz(whole)) == {"labels", "x"}
    for _ in range(300):
        data = bytearray(whole)
        for place in random.integers(0, len(data), 3):
            data[place] = random.integers(0, 256)
        try:
            npy_files.of_npz(bytes(data))
        except InputError as error:
            assert "file: expected" in str(error)


def test_an_archive_with_a_name_twice_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("a.npy", npy(np.arange(3)))
        packed.writestr("a", npy(np.arange(2)))
    with pytest.raises(InputError, match="'a' twice"):
        npy_files.of_npz(file.getvalue())


def test_an_array_is_in_memory_once() -> None:
    file = io.BytesIO()
    np.savez_compressed(file, a=np.zeros(2**25, dtype=np.uint8))
    data = file.getvalue()
    tracemalloc.start()
    try:
        npy_files.of_npz(data)
        assert tracemalloc.get_traced_memory()[1] < 1.2 * 2**25
    finally:
        tracemalloc.stop()
