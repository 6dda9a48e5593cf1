"""Owns finding and reading a data set's files, in the IDX format of the MNIST site, as what they are; never downloads.

A file counts by what is in it, proved by a checksum, however it is called and packed: as downloaded, packed again, or
unpacked. What cannot be proved is not read, but named, with what to do.
"""

import gzip
import io
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from mnistcore.datasets.downloads import md5_of
from mnistcore.runs import plain_files

UInt8Array = npt.NDArray[np.uint8]
MAX_BYTES = 1 << 28  # of a file, and of what is in it; the largest holds 47 MB
_DEPTH = 2  # folders below the data set's: some archives unpack each file into a folder of its own
_GZIP = b"\x1f\x8b"
_OTHERS = {
    b"PK\x03\x04": "a zip archive: unpack it here",
    b"BZh": "packed with bzip2: unpack it with `bunzip2`",
    b"\xfd7zXZ": "packed with xz: unpack it with `unxz`",
    b"7z\xbc\xaf": "a 7z archive: unpack it here",
    b"(\xb5/\xfd": "packed with zstd: unpack it with `unzstd`",
    b"\x93NUMPY": "an array of numpy, not the IDX file",
    b"PAR1": "a Parquet file, not the IDX file",
    b"\x89PNG": "a PNG picture, not the IDX file",
    b"version https://git-lfs": "a pointer of Git LFS: fetch the file itself with `git lfs pull`",
}


@dataclass(frozen=True, slots=True)
class IdxFile:
    """One gzipped file as the data set's authors publish it: what is in it, and its checksums in hex."""

    name: str
    md5: str  # of the .gz
    split: Literal["train", "test"]
    content: Literal["images", "labels"]
    content_md5: str | None = None  # of what is in it; None where that is not known: then only the .gz is proof


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file of a data set that cannot be used; ``damaged`` is False where nothing is there that could be it."""

    file: str
    damaged: bool
    found: str = ""  # what is there instead, as words, with what to do about it
    unreadable: str = ""  # why it could not be read, where that is the reason


class IdxFormatError(Exception):
    """What is in a file is not what the IDX format says; the message names both."""


def places(folder: Path, file: IdxFile) -> tuple[Path, ...]:
    """What might be the file, the most likely first: in its own place, else below the data set's folder by its name.

    Args:
        folder: where the file belongs, a folder ``raw`` in the data set's.
    """
    own = folder / file.name
    others = sorted(path for path in _walk(folder.parent, _DEPTH) if path != own and _is_called(path.name, file))
    return ((own, *others)) if _stat(own) is not None else tuple(others)


def signature(folder: Path, files: tuple[IdxFile, ...]) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file is put there, replaced or removed: names, sizes and times; reads none of them."""
    found = ((path, _stat(path)) for file in files for path in places(folder, file))
    return tuple((str(path), facts.st_size, facts.st_mtime_ns) for path, facts in found if facts is not None)


def find(folder: Path, file: IdxFile) -> Path | FileProblem:
    """The path that holds the file, every byte proved; or what is wrong."""
    found = _proved(folder, file)
    return found if isinstance(found, FileProblem) else found[0]


def read(folder: Path, file: IdxFile) -> bytes | FileProblem:
    """What is in the file, unpacked; or what is wrong. The bytes that were proved are the bytes that are given.

    Raises:
        IdxFormatError: the checksum is right, but it cannot be unpacked.
    """
    found = _proved(folder, file)
    if isinstance(found, FileProblem):
        return found
    _, packed, content = found
    if content is not None:
        return content
    try:
        return _unpacked(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise IdxFormatError(f"expected a whole gzip file, found {error}") from error


def parse(content: bytes, *, axes: int) -> UInt8Array:
    """The array: 2 zero bytes, 8 for uint8, number of axes, lengths (big-endian), values.

    Raises:
        IdxFormatError: the header or the number of values is another.
    """
    header = 4 + 4 * axes
    if len(content) < header or content[:4] != bytes((0, 0, 8, axes)):
        raise IdxFormatError(
            f"expected an IDX header of uint8 with {axes} axes, found {content[:4].hex() or 'nothing'}"
        )
    shape = tuple(int(length) for length in np.frombuffer(content, dtype=">u4", count=axes, offset=4))
    if len(content) - header != (expected := int(np.prod(shape, dtype=object))):
        raise IdxFormatError(f"expected {expected} values for {shape}, found {len(content) - header}")
    # A copy: an array on top of bytes is read-only, which torch.from_numpy warns about.
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape).copy()


def _proved(folder: Path, file: IdxFile) -> tuple[Path, bytes, bytes | None] | FileProblem:
    """The path, its bytes, and what is in it where it had to be unpacked for the proof."""
    problems = []
    for path in places(folder, file):
        try:
            packed = _bytes_of(path)
        except OSError as error:  # there, but not to be read, is as good as damaged
            reason = error.strerror or str(error)
            problems.append(FileProblem(file.name, True, f"{path}: {reason}", unreadable=reason))
            continue
        if md5_of(packed) == file.md5:
            return path, packed, None
        content = _content(packed)
        if content is not None and file.content_md5 is not None and md5_of(content) == file.content_md5:
            return path, packed, content
        problems.append(FileProblem(file.name, True, f"{path} ({_what_it_is(packed, content, file)})"))
    return problems[0] if problems else FileProblem(file.name, damaged=False)


def _content(packed: bytes) -> bytes | None:
    """What is in a file, packed or not; None where it cannot be unpacked."""
    if not packed.startswith(_GZIP):
        return packed
    try:
        return _unpacked(packed)
    except (OSError, EOFError, zlib.error):
        return None


def _unpacked(packed: bytes) -> bytes:
    with gzip.open(io.BytesIO(packed)) as stream:
        content: bytes = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise OSError(f"more than {MAX_BYTES} bytes")
    return content


def _what_it_is(packed: bytes, content: bytes | None, file: IdxFile) -> str:
    """A file that is not the one wanted, in words, with what to do."""
    checksum = f"expected the MD5 checksum {file.md5}, found {md5_of(packed)}"
    if not packed:
        return f"an empty file; {checksum}"
    if content is None:
        return f"a gzip file that is not whole; {checksum}"
    if (kind := next((words for start, words in _OTHERS.items() if content.startswith(start)), None)) is not None:
        return f"{kind}; {checksum}"
    if content.lstrip()[:1] == b"<":
        return f"a web page, not the file that was to be downloaded; {checksum}"
    if (described := _described(content)) is None:
        return f"no IDX file; {checksum}"
    state = "packed again" if packed.startswith(_GZIP) else "unpacked"
    if file.content_md5 is None:
        return (
            f"an IDX file of {described}, {state}, which cannot be proved to be the right one: only the file as "
            f"downloaded, {file.name}, can; {checksum}"
        )
    return (
        f"an IDX file of {described}, {state}, with other content; {checksum}, and of what is in it "
        f"{file.content_md5}, found {md5_of(content)}"
    )


def _described(content: bytes) -> str | None:
    """The shape of an IDX file of uint8; None where it is none."""
    axes = content[3] if len(content) > 3 else 0
    try:
        return " x ".join(map(str, parse(content, axes=axes).shape)) if axes else None
    except (IdxFormatError, ValueError):
        return None


def _is_called(name: str, file: IdxFile) -> bool:
    """Whether a name is one that people have for the file: with dots, other endings, numbered by a browser.

    >>> mine = IdxFile("t10k-labels-idx1-ubyte.gz", "", "test", "labels")
    >>> [_is_called(name, mine) for name in ("t10k-labels.idx1-ubyte", "t10k-labels-idx1-ubyte (1).gz", "notes.txt")]
    [True, True, False]
    """
    if name.endswith(".part"):  # of a download that is under way
        return False
    wanted = re.sub(r"[^a-z0-9]", "", file.name.partition("-idx")[0])
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return plain.startswith((wanted, wanted.replace("t10k", "test")))


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
    except OSError:  # not there, not a folder, or not to be looked into
        return
    for entry in found:
        if not entry.is_dir(follow_symlinks=False):
            yield Path(entry.path)
        elif depth:
            yield from _walk(Path(entry.path), depth - 1)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:  # for example a folder that may not be searched: reading will say so
        return os.stat_result((0,) * 10)


def _bytes_of(path: Path) -> bytes:
    """All of a file; whatever else it is, such as a pipe that would block for ever, is refused."""
    return plain_files.read_file(path, max_bytes=MAX_BYTES, links=True)
