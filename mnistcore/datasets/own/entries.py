"""Owns looking into a folder, a zip or a tar that somebody else has made: names and sizes are checked first.

Nothing is unpacked to the disk, no link is followed, and no name becomes a path.
"""

import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final, Self

from mnistcore.errors import InputError, shortened
from mnistcore.runs import plain_files
from mnistcore.runs.zip_faults import ZIP_FAULTS
from mnistcore.wording import plural

MAX_ENTRIES: Final = 500_000
MAX_TOTAL_BYTES: Final = 8 * 2**30  # of everything, unpacked
MAX_FILE_BYTES: Final = 2**31  # of one file, which is read in one piece
MAX_RATIO: Final = 200  # unpacked to packed; pictures hardly shrink, arrays of drawings about ten times
RATIO_FROM_BYTES: Final = 16 * 2**20  # what is smaller does no harm
_DEPTH: Final = 8  # folders in folders
_HIDDEN: Final = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
_UTF8_FLAG: Final = 0x800  # of a name in a zip
_NAMES_AND_FACTS: Final = (  # what a tar says in front of a file
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_MOST_HEADER_BYTES: Final = 2**20


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a folder or an archive."""

    parts: tuple[str, ...]  # of its name
    size: int
    read: Callable[[], bytes]

    @property
    def name(self) -> str:
        """As it stands in messages."""
        return "/".join(self.parts)

    @property
    def suffix(self) -> str:
        """The end of its name, in small letters, with the dot."""
        return PurePosixPath(self.parts[-1]).suffix.lower()


@dataclass(frozen=True, slots=True)
class Entries:
    """All files that are there, and how many hidden ones were left out."""

    files: tuple[Entry, ...]
    hidden: int


@contextmanager
def open_entries(path: Path) -> Iterator[Entries]:
    """What is in a folder, a zip, a tar; or one file by itself. Can be read until the end of the ``with``.

    Raises:
        InputError: it cannot be read, or is nothing that one should unpack.
    """
    with ExitStack() as stack:
        try:
            found = list(_in_folder(path.resolve()) if path.is_dir() else _in_file(path, stack))
        except (tarfile.TarError, *ZIP_FAULTS) as error:
            if isinstance(error, InputError):
                raise
            if isinstance(error, OSError):
                raise InputError(f"path: expected a folder or a file, got {path}: {error.strerror or error}") from error
            raise InputError(f"path: expected a whole archive, got {path.name}: {error}") from error
        files = [entry for entry in found if not _is_hidden(entry.parts)]
        files.sort(key=lambda entry: entry.parts)
        yield Entries(tuple(files), len(found) - len(files))


def _in_file(path: Path, stack: ExitStack) -> Iterator[Entry]:
    """What is in an archive; of any other file that file. A pipe or a device is opened by nothing else."""
    file = stack.enter_context(plain_files.open_file(path, links=True))
    is_zip = path.suffix.lower() != ".npz" and zipfile.is_zipfile(file)
    file.seek(0)
    if is_zip:
        yield from _in_zip(path.name, file, stack)
    elif path.name.lower().endswith((".tar", ".tar.gz", ".tgz")):
        yield from _in_tar(path.name, file, stack)
    else:
        size = os.fstat(file.fileno()).st_size
        yield Entry((path.name,), size, lambda: plain_files.read_file(path, links=True))


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") or part.lower() in _HIDDEN for part in parts)


def _in_folder(folder: Path, above: tuple[str, ...] = (), seen: list[int] | None = None) -> Iterator[Entry]:
    seen = [0, 0] if seen is None else seen  # files, bytes
    if len(above) > _DEPTH:
        raise InputError(f"{'/'.join(above)}: expected at most {_DEPTH} folders in each other, got more")
    with os.scandir(folder) as scanned:
        entries = list(scanned)
    for entry in entries:
        parts = (*above, _folder_name(entry.name))
        if entry.is_symlink():
            raise _link_error(parts)
        if entry.is_dir(follow_symlinks=False):
            yield from _in_folder(folder / entry.name, parts, seen)
        elif entry.is_file(follow_symlinks=False):
            size = entry.stat(follow_symlinks=False).st_size
            seen[0], seen[1] = seen[0] + 1, seen[1] + size
            _require_limits(*seen)
            place = folder / entry.name
            yield Entry(parts, size, lambda place=place: plain_files.read_file(place))  # type: ignore[misc]


def _folder_name(name: str) -> str:
    """A name in a folder as it was written: of bytes that are no UTF-8 as a Japanese Windows has them."""
    try:
        name.encode()
    except UnicodeEncodeError:
        try:
            return os.fsencode(name).decode("cp932")
        except UnicodeDecodeError as error:
            raise InputError(f"path: expected names in UTF-8, got {name!r}: rename it") from error
    return name


def _in_zip(name: str, file: IO[bytes], stack: ExitStack) -> Iterator[Entry]:
    archive = stack.enter_context(zipfile.ZipFile(file))
    infos = [info for info in archive.infolist() if not info.is_dir()]
    total = sum(info.file_size for info in infos)
    _require_limits(len(infos), total)
    _require_ratio(name, total, os.fstat(file.fileno()).st_size)
    seen: set[tuple[str, ...]] = set()
    for info in infos:
        parts = _parts(_zip_name(info))
        if parts in seen:
            raise InputError(f"{shortened('/'.join(parts), 100)}: expected each name once in the archive, got it twice")
        seen.add(parts)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise _link_error(parts)
        if info.flag_bits & 1:
            raise InputError(f"{'/'.join(parts)}: expected a file without a password, got an encrypted one")
        _require_ratio("/".join(parts), info.file_size, info.compress_size)
        yield Entry(parts, info.file_size, lambda info=info: _read_zipped(archive, info))  # type: ignore[misc]


def _zip_name(info: zipfile.ZipInfo) -> str:
    """A name as it was written: older programs write bytes of their own system's encoding, and do not say which."""
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    try:
        written = info.filename.encode("cp437")  # what Python reads them as
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "cp932"):
        try:
            return written.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as stream:
            return stream.read(MAX_FILE_BYTES)  # no more than it says that it has
    except ZIP_FAULTS as error:
        raise InputError(
            f"{shortened(info.filename, 100)}: expected a whole file in the archive, got {error}"
        ) from error


def _in_tar(name: str, file: IO[bytes], stack: ExitStack) -> Iterator[Entry]:
    archive = stack.enter_context(tarfile.open(fileobj=file, mode="r:*", tarinfo=_CheckedHeader))  # noqa: SIM115
    packed, count, total = os.fstat(file.fileno()).st_size, 0, 0
    for member in archive:
        parts = _parts(member.name)
        if member.issym() or member.islnk():
            raise _link_error(parts)
        if not member.isreg():
            continue
        count, total = count + 1, total + member.size
        _require_limits(count, total)
        _require_ratio(name, total, packed)
        yield Entry(parts, member.size, lambda member=member: _read_tarred(archive, member))  # type: ignore[misc]


class _CheckedHeader(tarfile.TarInfo):
    """A file's header in a tar; one that is a long name or a list of facts is read in one piece before all else."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """As `tarfile.TarInfo.frombuf`.

        Raises:
            tarfile.ReadError: a name or a list of facts is too long to be one.
        """
        found = super().frombuf(buf, encoding, errors)
        if found.type in _NAMES_AND_FACTS and found.size > _MOST_HEADER_BYTES:
            raise tarfile.ReadError(f"a name of {found.size:,} bytes")
        return found


def _read_tarred(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    try:
        stream = archive.extractfile(member)
        return b"" if stream is None else stream.read(MAX_FILE_BYTES)
    except (tarfile.TarError, *ZIP_FAULTS) as error:
        raise InputError(f"{shortened(member.name, 100)}: expected a whole file in the archive, got {error}") from error


def _parts(name: str) -> tuple[str, ...]:
    plain = name.replace("\\", "/")
    parts = tuple(part for part in plain.split("/") if part not in ("", "."))
    is_drive = bool(parts) and parts[0].endswith(":")
    if not parts or plain.startswith("/") or ".." in parts or is_drive or "\0" in name:
        raise InputError(
            f"{shortened(name, 100)}: expected a name inside the archive, got one that leads out of it; nothing is read"
        )
    if len(parts) > _DEPTH + 1:
        raise InputError(f"{shortened(name, 100)}: expected at most {_DEPTH} folders in each other, got more")
    return parts


def _link_error(parts: tuple[str, ...]) -> InputError:
    return InputError(
        f"{shortened('/'.join(parts), 100)}: expected files and folders, got a symbolic link, which may lead anywhere; "
        "put the file itself there"
    )


def _require_limits(count: int, total: int) -> None:
    if count > MAX_ENTRIES:
        raise InputError(f"path: expected at most {plural(MAX_ENTRIES, 'file')}, got more")
    if total > MAX_TOTAL_BYTES:
        raise InputError(f"path: expected at most {MAX_TOTAL_BYTES // 2**30} GB in all, unpacked, got {total:,} bytes")


def _require_ratio(name: str, size: int, packed: int) -> None:
    if size > RATIO_FROM_BYTES and size > MAX_RATIO * max(1, packed):
        raise InputError(
            f"{shortened(name, 100)}: expected pictures or arrays, got {packed:,} bytes that unpack to {size:,}, as of "
            "a zip bomb; nothing is unpacked"
        )
