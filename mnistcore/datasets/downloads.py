"""Owns fetching files from mirrors, whole or not at all, in a given time; knows no data set and no torch."""

import hashlib
import os
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mnistcore.errors import DataUnavailableError, InputError

if TYPE_CHECKING:
    import http.client

CHUNK_BYTES = 1 << 16
STALL_SECONDS = 15.0  # a mirror that is silent for so long is left for the next one
USER_AGENT = "mnistcore"  # some servers refuse the default one of urllib


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to fetch: its name, on the mirror and on disk, and the MD5 of its whole content in hex."""

    name: str
    md5: str


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far one file is; ``total_bytes`` is None where the server does not say."""

    file: str
    received_bytes: int
    total_bytes: int | None


OnProgress = Callable[[DownloadProgress], None]


def md5_of(content: bytes) -> str:
    """MD5 in hex: finds damage, which is all that it is for here."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def fetch_files(
    files: Sequence[RemoteFile],
    folder: Path,
    *,
    mirrors: Sequence[str],
    timeout_seconds: float,
    on_progress: OnProgress | None = None,
    way_on: str = "",
) -> None:
    """Download ``files`` into ``folder``, replacing what is there only by a file whose checksum is right.

    Every file is tried at every mirror, in their order; a mirror that cannot be reached at all is not asked
    for the files that follow. All of it together ends after ``timeout_seconds``, even where name look-up or
    the connection hangs: the transfer runs in a thread of its own, and only the calling thread moves a
    finished file to its place, so a transfer that was given up can never publish anything.

    Args:
        folder: created if it is not there. Several processes may fetch into it at once.
        mirrors: addresses to which a file's name is appended, each ending in ``/``.
        timeout_seconds: greater than 0, for all files together.
        on_progress: called in the calling thread; what it raises ends the download and goes on up.
        way_on: what the reader of the error can do instead, a sentence.

    Raises:
        DataUnavailableError: one error for everything: the files still missing, the folder, every attempt
            with its reason, the time it took.
        InputError: ``timeout_seconds`` is not greater than 0.
    """
    if not timeout_seconds > 0:
        raise InputError(f"timeout_seconds: expected a number greater than 0, got {timeout_seconds!r}")
    started = time.monotonic()
    session = _Session(
        folder=folder,
        deadline=started + timeout_seconds,
        # All mirrors together may be silent for half of the time, so that the last one gets its turn, too.
        stall_seconds=min(STALL_SECONDS, timeout_seconds / (2 * max(1, len(mirrors)))),
        on_progress=on_progress,
    )
    attempts: list[str] = []
    unreachable: set[str] = set()
    try:
        with _blaming_the_folder():
            folder.mkdir(parents=True, exist_ok=True)
        missing = [
            file.name
            for file in files
            if not _fetch_from_any(file, mirrors, session, attempts=attempts, unreachable=unreachable)
        ]
    except _FolderError as problem:
        raise DataUnavailableError(
            f"cannot write {', '.join(file.name for file in files)} into the folder {folder}: {problem}. "
            "Expected a folder that can be written to and has room; make it so, or name another one in "
            "MNISTCORE_DATA" + (f". {way_on}" if way_on else "")
        ) from problem
    if missing:
        tried = "".join(f"\n  - {line}" for line in attempts) or " nothing, since no server is known"
        raise DataUnavailableError(
            f"could not download {', '.join(missing)}: gave up after {time.monotonic() - started:.1f} s. "
            f"Tried:{tried}\n"
            f"The files go into the folder {folder}: copy them there from another machine, or try again with "
            "network access" + (f". {way_on}" if way_on else "")
        )


@dataclass(frozen=True, slots=True)
class _Session:
    """What the attempts of one call share."""

    folder: Path
    deadline: float  # on time.monotonic()
    stall_seconds: float
    on_progress: OnProgress | None


class _FolderError(Exception):
    """The folder, not the network, is at fault: no other mirror would help."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a transfer ended: well where there is no ``reason``. ``reached``: the server had answered."""

    reason: str | None = None
    reached: bool = True
    folder_at_fault: bool = False


@dataclass(frozen=True, slots=True)
class _Received:
    received_bytes: int
    total_bytes: int | None


def _fetch_from_any(
    file: RemoteFile, mirrors: Sequence[str], session: _Session, *, attempts: list[str], unreachable: set[str]
) -> bool:
    for mirror in mirrors:
        url = mirror.rstrip("/") + "/" + file.name
        if mirror in unreachable or time.monotonic() >= session.deadline:
            continue
        ended = _attempt(file, url, session)
        if ended.reason is None:
            return True
        attempts.append(f"{url}: {ended.reason}")
        if not ended.reached:
            unreachable.add(mirror)
    return False


def _attempt(file: RemoteFile, url: str, session: _Session) -> _Ended:
    """One file from one mirror; in its place afterwards, or nothing changed on disk."""
    # The name is unique, so that two processes never write into one file. ``open`` gives it the usual
    # permissions, where tempfile would make it unreadable for the others who share the folder.
    part = session.folder / f"{file.name}.{uuid.uuid4().hex}.part"
    cancelled = threading.Event()
    messages: queue.SimpleQueue[_Received | _Ended] = queue.SimpleQueue()
    try:
        with _blaming_the_folder():
            # The transfer closes it, which may be long after it was given up.
            stream = open(part, "xb")  # noqa: SIM115
        threading.Thread(
            target=_transfer,
            args=(file, url, stream, messages, cancelled),
            kwargs={"silence_seconds": session.stall_seconds},
            name=f"download-{file.name}",
            daemon=True,
        ).start()
        ended = _watch(file, messages, session)
        if ended.folder_at_fault:
            raise _FolderError(ended.reason)
        if ended.reason is None:
            with _blaming_the_folder():
                os.replace(part, session.folder / file.name)
            _sync_folder(session.folder)
        return ended
    finally:
        cancelled.set()
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _watch(file: RemoteFile, messages: "queue.SimpleQueue[_Received | _Ended]", session: _Session) -> _Ended:
    """Pass progress on until the transfer ends, falls silent, or the deadline comes."""
    reached = False
    while True:
        left = session.deadline - time.monotonic()
        if left <= 0:
            return _Ended("the time was over", reached=reached)
        try:
            message = messages.get(timeout=min(left, session.stall_seconds))
        except queue.Empty:
            if left <= session.stall_seconds:
                return _Ended("the time was over", reached=reached)
            return _Ended(f"no answer for {session.stall_seconds:g} s", reached=reached)
        if isinstance(message, _Ended):
            return message
        reached = True
        if session.on_progress is not None:
            session.on_progress(DownloadProgress(file.name, message.received_bytes, message.total_bytes))


def _transfer(
    file: RemoteFile,
    url: str,
    stream: BinaryIO,
    messages: "queue.SimpleQueue[_Received | _Ended]",
    cancelled: threading.Event,
    *,
    silence_seconds: float,
) -> None:
    """The thread's work: its last message is ``_Ended``, whatever happens, unless nobody listens any more."""
    # Late: with TLS they are a twentieth of the time that a run that is there takes to be answered.
    import http.client
    import urllib.error
    import urllib.request

    reached = False
    try:
        with stream:
            request = urllib.request.Request(url, headers={"User-Agent": USER_AGENT})
            with urllib.request.urlopen(request, timeout=silence_seconds) as response:
                reached = True
                messages.put(_receive(file, response, stream, messages, cancelled))
    except urllib.error.HTTPError as error:
        messages.put(_Ended(f"HTTP {error.code} {error.reason}".strip()))
        error.close()
    except _FolderError as problem:
        messages.put(_Ended(str(problem), folder_at_fault=True))
    except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: not an address
        messages.put(_Ended(_reason(error), reached=reached))
    except Exception as error:  # the caller waits for a message, and must hear of the unforeseen, too
        messages.put(_Ended(f"{type(error).__name__}: {error}", reached=reached))


def _receive(
    file: RemoteFile,
    response: "http.client.HTTPResponse",
    stream: BinaryIO,
    messages: "queue.SimpleQueue[_Received | _Ended]",
    cancelled: threading.Event,
) -> _Ended:
    stated = response.headers.get("Content-Length", "")
    total = int(stated) if stated.isdecimal() else None
    digest = hashlib.md5(usedforsecurity=False)
    received = 0
    messages.put(_Received(received, total))
    while total is None or received < total:
        # What is there, not a full chunk: a slow line must not look like a silent one.
        chunk = response.read1(CHUNK_BYTES)
        if cancelled.is_set():
            return _Ended("given up")
        if not chunk:
            break
        with _blaming_the_folder():
            stream.write(chunk)
        digest.update(chunk)
        received += len(chunk)
        messages.put(_Received(received, total))
    if total is not None and received < total:
        return _Ended(f"the connection ended after {received} of {total} bytes")
    if digest.hexdigest() != file.md5:
        return _Ended(f"the file has the checksum {digest.hexdigest()}, expected {file.md5} (MD5)")
    with _blaming_the_folder():
        stream.flush()
        os.fsync(stream.fileno())
    return _Ended()


@contextmanager
def _blaming_the_folder() -> Iterator[None]:
    """Tells a failed write (disk full) from a failed read (network): Python raises OSError for both."""
    try:
        yield
    except OSError as error:
        raise _FolderError(_reason(error)) from error


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable; where a folder cannot be opened (Windows) there is nothing to do."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: BaseException) -> str:
    import urllib.error

    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror
    return str(inner) or type(inner).__name__
