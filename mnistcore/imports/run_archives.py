"""Owns a run as one file for somebody else: a zip of its folder, made the same every time, and taken in with distrust.

    <run_id>/run.json
    <run_id>/<every file that it names>

What comes from elsewhere is checked in a folder of its own, like every run, before it is one.
"""

import io
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mnistcore.errors import InputError, RunDamagedError, RunNotFoundError, shortened
from mnistcore.runs import atomic
from mnistcore.runs.disk_advice import disk_advice
from mnistcore.runs.manifest import RunManifest, is_file_name
from mnistcore.runs.manifest_versions import ManifestFault, parse_manifest
from mnistcore.runs.open_runs import MANIFEST
from mnistcore.runs.plain_files import MAX_JSON_BYTES, open_file, read_file
from mnistcore.runs.store import Store
from mnistcore.runs.zip_faults import ZIP_FAULTS

MAX_BYTES: Final = 2**31  # of a zip, and of everything in it
_MOST_ENTRIES = 100
_BOMB_BYTES, _BOMB_TIMES = 64 * 2**20, 200  # more than both is no run that somebody has zipped
_FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)  # of a zip; the same run is the same file whenever it is exported
_PLAIN = (stat.S_IFREG | 0o644) << 16
_LONGEST = 80  # signs of a name that is quoted


@dataclass(frozen=True)
class KeptRun:
    """A run that was taken in; ``is_new`` is False where the very same one was there already."""

    manifest: RunManifest
    is_new: bool


def packed(store: Store, run_id: str) -> bytes:
    """The zip of a run, whose files have proved to be the ones that were written.

    Raises:
        InputError: it is too large for one file.
        RunNotFoundError, RunDamagedError: as of `Store.manifest`.
    """
    files = store.files(run_id)
    if (size := sum(map(len, files.values()))) > MAX_BYTES:
        raise InputError(f"run: expected at most {MAX_BYTES >> 20:,} MiB to export, got {size >> 20:,} MiB")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files, key=lambda name: (name != MANIFEST, name)):
            entry = zipfile.ZipInfo(f"{run_id}/{name}", date_time=_FIRST_MOMENT)
            entry.create_system, entry.external_attr = 3, _PLAIN  # Unix, on every system
            archive.writestr(entry, files[name])
    return target.getvalue()


def export(store: Store, run_id: str, target: Path) -> Path:
    """Write the zip of a run.

    Args:
        target: the file, or a folder that is there, in which it is called as the run.

    Returns:
        The file.

    Raises:
        InputError: another file is there already, or it cannot be written.
        RunNotFoundError, RunDamagedError: as of `Store.manifest`.
    """
    data = packed(store, run_id)
    path = target / f"{run_id}.zip" if target.is_dir() else target
    try:
        if path.exists():
            if path.stat().st_size == len(data) and read_file(path, links=True) == data:
                return path
            raise InputError(f"--to: expected a new file, got {path}, which is there already")
        atomic.replace_file(path, data)
    except OSError as error:
        raise InputError(f"--to: expected a place for a file, got {path}: {disk_advice(error)}") from error
    return path


def look(path: Path) -> RunManifest:
    """What the zip of a run says of itself; its names and sizes fit each other.

    Raises:
        InputError: it is no zip of a run; says what is wrong with it.
    """
    return _read(path, only_manifest=True)[0]


def keep(path: Path, store: Store) -> KeptRun:
    """Take the run in a zip into the store, wholly or not at all.

    Raises:
        InputError: as of `look`; or a file in it is damaged; or another run of that id is there.
        StoreWriteError: the folder cannot be written to.
    """
    manifest, files = _read(path, only_manifest=False)
    try:
        there = store.files(manifest.run_id)
    except (RunNotFoundError, RunDamagedError):
        there = None
    if there == files:
        return KeptRun(manifest, is_new=False)
    if there is not None:
        raise InputError(
            f"run {manifest.run_id} is here already, with other content: expected the same or none. "
            f"Export it or delete it first (`python -m mnistcore delete {manifest.run_id}`)"
        )
    return KeptRun(store.adopt(manifest.run_id, files), is_new=True)


def _read(path: Path, *, only_manifest: bool) -> tuple[RunManifest, dict[str, bytes]]:
    """The manifest, and the bytes of all files by their names in the run's folder."""
    try:
        with open_file(path, links=True) as file:
            size = file.seek(0, io.SEEK_END)
            if size > MAX_BYTES + MAX_JSON_BYTES:
                raise InputError(f"file: expected at most {MAX_BYTES >> 20:,} MiB, got {size >> 20:,} MiB")
            with zipfile.ZipFile(file) as archive:
                entries = _entries(archive, size)
                manifest = _manifest(archive, entries)
                if only_manifest:
                    return manifest, {}
                return manifest, {name: _content(archive, entry) for name, entry in entries.items()}
    except ZIP_FAULTS as error:
        if isinstance(error, InputError):
            raise
        if isinstance(error, OSError):
            raise InputError(f"file: expected one that can be read, got {path}: {error.strerror or error}") from error
        raise InputError(f"file: expected a whole zip, got one that cannot be read: {error}") from error


def _entries(archive: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """The files of the zip by their names in the run's folder; nothing has been read of them."""
    _check_sizes(archive, size)
    found: dict[str, zipfile.ZipInfo] = {}
    folders: set[str] = set()
    for entry in archive.infolist():
        quoted = repr(shortened(entry.filename, _LONGEST))
        _check_entry(entry, quoted)
        folder, _, name = entry.filename.partition("/")
        if folder == "__MACOSX" or entry.filename.endswith("/.DS_Store"):  # what macOS adds
            continue
        folders.add(folder)
        if entry.is_dir() and name in ("", "predictions/", "images/"):
            continue
        if name != MANIFEST and not is_file_name(name):
            raise InputError(f"file: expected RUN/{MANIFEST} and the files that it names, got {quoted}")
        if name in found:
            raise InputError(f"file: expected each name once, got {quoted} twice")
        found[name] = entry
    if MANIFEST not in found or len(folders) != 1:
        raise InputError(f"file: expected one folder with {MANIFEST} in it, got {len(folders)} and no such file")
    return found


def _check_sizes(archive: zipfile.ZipFile, size: int) -> None:
    if len(archive.infolist()) > _MOST_ENTRIES:
        raise InputError(f"file: expected the few files of a run, got {len(archive.infolist()):,}")
    total = sum(entry.file_size for entry in archive.infolist())
    if total > MAX_BYTES or total > max(_BOMB_BYTES, _BOMB_TIMES * size):
        raise InputError(
            f"file: expected what fits a run, got a zip of {size:,} bytes that would become {total:,}: it is not opened"
        )


def _check_entry(entry: zipfile.ZipInfo, quoted: str) -> None:
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise InputError(f"file: expected plain files, got a symbolic link, {quoted}")
    if entry.flag_bits & 1:
        raise InputError(f"file: expected a zip without a password, got one with {quoted} encrypted")


def _manifest(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> RunManifest:
    """What run.json says, which has to fit the names and sizes of the files beside it."""
    entry = entries[MANIFEST]
    if entry.file_size > MAX_JSON_BYTES:
        raise InputError(f"{MANIFEST}: expected at most {MAX_JSON_BYTES:,} bytes, got {entry.file_size:,}")
    try:
        manifest = parse_manifest(_content(archive, entry))
    except ManifestFault as fault:
        raise InputError(f"{MANIFEST}: {fault}") from fault
    if entry.filename != f"{manifest.run_id}/{MANIFEST}":
        got = shortened(entry.filename.partition("/")[0], _LONGEST)
        raise InputError(f"file: expected the folder {manifest.run_id}, as the run in it is called, got {got!r}")
    named = {record.name: record.size_bytes for record in manifest.files.values()}
    there = {name: each.file_size for name, each in entries.items() if name != MANIFEST}
    if missing := sorted(set(named) - set(there)):
        raise InputError(f"file: expected {', '.join(missing)}, which {MANIFEST} names, got no such file")
    if more := sorted(set(there) - set(named)):
        raise InputError(f"file: expected only what {MANIFEST} names, got {', '.join(more)} too")
    for name, size_bytes in named.items():
        if there[name] != size_bytes:
            raise InputError(f"{name}: expected {size_bytes:,} bytes as in {MANIFEST}, got {there[name]:,}")
    return manifest


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """What is in one file of the zip; never more than it says."""
    try:
        with archive.open(entry) as file:
            data = file.read(entry.file_size + 1)
    except Exception as error:  # zlib and zipfile have many
        name = shortened(entry.filename, _LONGEST)
        raise InputError(f"{name}: expected a file that can be unpacked, got: {error}") from error
    if len(data) != entry.file_size:
        raise InputError(f"{entry.filename}: expected {entry.file_size:,} bytes, got {len(data):,}")
    return data
