"""Owns putting a run on disk wholly or not at all: a new one by one rename of its folder, over another by its manifest.

A run that replaces another one has files of other names, beside the old ones until its manifest, which names them, has
taken the place of the old one in one step.
"""

import errno
import itertools
import os
import secrets
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from mnistcore.errors import RunNotFoundError, StoreWriteError
from mnistcore.runs import atomic, plain_files, reading
from mnistcore.runs.manifest import FileRecord, RunManifest, is_file_name
from mnistcore.runs.manifest_versions import ManifestFault, parse_manifest
from mnistcore.runs.open_runs import ATTEMPTS, INNER_FOLDERS, MANIFEST, OpenRun, inspect_run, not_found, place
from mnistcore.runs.problems import ProblemReason, RunFault

LEFT_OVER_SECONDS = 3600.0  # writing takes seconds


def save_run(root: Path, manifest: RunManifest, files: Mapping[str, bytes], *, replace: bool) -> RunManifest:
    """Put a run in its place, and return its manifest; what is there but is no whole run is kept beside it.

    Args:
        files: role -> bytes, as the manifest describes them.
        replace: a whole run of the same id is replaced; without it that is an error.

    Raises:
        StoreWriteError: there is a whole run already, or one that cannot be read.
        OSError: the folder cannot be written to; nothing has changed.
    """
    atomic.remove_stale(root)
    for _ in range(ATTEMPTS):
        whole = _is_whole(root, manifest.run_id)
        if whole and not replace:
            raise _there_already(root, manifest.run_id)
        with suppress(FileExistsError, FileNotFoundError):  # another writer was faster, or it was deleted
            return _replace(root, manifest, files) if whole else _put(root, manifest, files)
    raise OSError(errno.EBUSY, "others write and delete it all the time", str(root / manifest.run_id))


def adopt_run(root: Path, run_id: str, files: Mapping[str, bytes]) -> RunManifest:
    """Put the very files of a run that was made elsewhere in their place, once they have proved to be a whole run.

    Args:
        files: name in the run's folder -> bytes, run.json among them; each name is one that such a file can have.

    Raises:
        RunFault: they are no whole run of that id.
        StoreWriteError: there is a whole run already, or one that cannot be read.
        OSError: the folder cannot be written to; nothing has changed.
    """
    atomic.remove_stale(root)
    target = root / run_id
    for _ in range(ATTEMPTS):
        if _is_whole(root, run_id):
            raise StoreWriteError(
                f"run {run_id} is in {root} already, and differs: expected none of that id. Delete it first"
            )
        with suppress(FileExistsError), atomic.staging(target) as staged:  # another writer was faster: look again
            _write_named(staged.folder, files)
            atomic.sync_folder(staged.folder)
            manifest = inspect_run(staged.wrapper, staged.folder.name, _checked, called=run_id)
            if _is_whole(root, run_id) is False:
                atomic.move(target, to=_free_name(root, run_id))
            atomic.publish(staged)
            return manifest
    raise OSError(errno.EBUSY, "others write and delete it all the time", str(target))


def _checked(run: OpenRun) -> RunManifest:
    reading.check(run)
    return run.manifest


def delete_run(root: Path, run_id: str) -> None:
    """Remove what is there under an id, whatever it is.

    Raises:
        RunNotFoundError: nothing does.
        OSError: the folder cannot be written to; it is still there.
    """
    for _ in range(ATTEMPTS):
        place(root, run_id)
        try:
            return atomic.remove(root / run_id)
        except FileNotFoundError:  # a writer is replacing it, or somebody else deleted it: look again
            continue
    raise not_found(root, run_id)


def _put(root: Path, manifest: RunManifest, files: Mapping[str, bytes]) -> RunManifest:
    """A run where there is none, or none that is whole.

    Raises:
        FileExistsError: another writer has put one there meanwhile.
    """
    target = root / manifest.run_id
    with atomic.staging(target) as staged:
        _write_files(staged.folder, manifest, files)
        atomic.write_file(staged.folder / MANIFEST, _as_json(manifest))
        atomic.sync_folder(staged.folder)
        if _is_whole(root, manifest.run_id) is False:
            atomic.move(target, to=_free_name(root, manifest.run_id))
        atomic.publish(staged)
    return manifest


def _replace(root: Path, manifest: RunManifest, files: Mapping[str, bytes]) -> RunManifest:
    """A run in the place of a whole one: its files beside those of the old one, then the manifest in one step.

    Raises:
        FileNotFoundError: the run was deleted meanwhile.
    """
    folder, mark = root / manifest.run_id, secrets.token_hex(4)
    old = plain_files.read_file(folder / MANIFEST, max_bytes=plain_files.MAX_JSON_BYTES)
    new = manifest.model_copy(
        update={"files": {role: _marked(record, mark) for role, record in manifest.files.items()}}
    )
    names = {record.name for record in new.files.values()}
    try:
        _write_files(folder, new, files)
        atomic.sync_folder(folder)
        atomic.replace_file(folder / MANIFEST, _as_json(new))
    except BaseException:
        with suppress(OSError):  # the last wait for the disk failed, after the manifest was replaced
            if plain_files.read_file(folder / MANIFEST, max_bytes=plain_files.MAX_JSON_BYTES) != old:
                atomic.replace_file(folder / MANIFEST, old, sync=False)
            _remove_files(folder, names)
        raise
    with suppress(ManifestFault):  # what it named is what nobody reads any more
        _remove_files(folder, {record.name for record in parse_manifest(old).files.values()} - names)
    _remove_left_over(folder, names)
    if not _is_whole(root, manifest.run_id):  # it was deleted, and another one is there now, whose manifest is ours
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
    return new


def _is_whole(root: Path, run_id: str) -> bool | None:
    """Whether what is there under an id is a whole run; None where nothing does.

    Raises:
        StoreWriteError: it cannot be read.
    """
    try:
        inspect_run(root, run_id, lambda _run: None)
    except RunNotFoundError:
        return None
    except RunFault as fault:
        if fault.reason is ProblemReason.UNREADABLE:  # it may be whole, and readable tomorrow
            raise StoreWriteError(
                f"run {run_id} is in {root} already but cannot be read: {fault.detail}. "
                "Make it readable, or move it away"
            ) from fault
        return False
    return True


def _there_already(root: Path, run_id: str) -> StoreWriteError:
    return StoreWriteError(
        f"run {run_id} is in {root} already: expected a new one. Replace it "
        "(--force), or change the configuration, for example its seed"
    )


def _free_name(root: Path, run_id: str) -> Path:
    numbered = (root / f"{run_id}.damaged-{number}" for number in itertools.count(1))
    return next(path for path in numbered if not os.path.lexists(path))


def _as_json(manifest: RunManifest) -> bytes:
    return manifest.model_dump_json(indent=1).encode()


def _marked(record: FileRecord, mark: str) -> FileRecord:
    """The same file under a name that no other one has."""
    stem, _, kind = record.name.rpartition(".")
    return record.model_copy(update={"name": f"{stem}-{mark}.{kind}"})


def _write_files(folder: Path, manifest: RunManifest, files: Mapping[str, bytes]) -> None:
    _write_named(folder, {manifest.files[role].name: data for role, data in files.items()})


def _write_named(folder: Path, files: Mapping[str, bytes]) -> None:
    inner = sorted({name.parent for text in files if (name := Path(text)).parent != Path()})
    for part in inner:
        with suppress(FileExistsError):
            atomic.make_folder(folder / part)
    for text, data in files.items():
        atomic.write_file(folder / text, data)
    for part in inner:
        atomic.sync_folder(folder / part)


def _remove_files(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        with suppress(OSError):  # it stays until the next time
            (folder / name).unlink()


def _remove_left_over(folder: Path, names: set[str]) -> None:
    """What writers have left that died on their way; what one may be writing just now stays."""
    for inside in (folder, *(folder / part for part in INNER_FOLDERS)):
        with suppress(OSError), os.scandir(inside) as entries:
            for entry in entries:
                name = str(Path(entry.path).relative_to(folder))
                is_ours = is_file_name(name) and name not in names and name != MANIFEST
                is_ours = is_ours or entry.name.startswith(atomic.PREFIX)
                if is_ours and time.time() - entry.stat(follow_symlinks=False).st_mtime > LEFT_OVER_SECONDS:
                    _remove_files(folder, [name])
