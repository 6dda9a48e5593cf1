"""Owns fetching files from mirrors, whole or not at all, in a given time; knows no data set and no torch.

The transfer, its temporary file and the move are pooch's (measured with 1.9, on requests 2.34). What it lacks is around
it: a time limit (with a timeout of 0.5 s it waited 6 s for a server that sent a byte every 20 ms, and no timeout of its
own ends a look-up of a name that hangs), mirrors in an order, progress in bytes (its own counts whole pieces), and
files that others may read (its own have the mode 0600).
"""

import hashlib
import logging
import os
import queue
import shutil
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mnistcore.errors import DataUnavailableError, InputError

if TYPE_CHECKING:
    import requests

# The slowest line that can finish in ten minutes brings one a second: so often a download can be stopped.
CHUNK_BYTES = 1 << 14
STALL_SECONDS = 15.0  # a mirror that is silent for so long is left for the next one
USER_AGENT = "mnistcore"  # some servers refuse those of libraries


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

    Every file is tried at every mirror, in their order; a mirror that cannot be reached at all is not tried
    for the files that follow. All of it together ends after ``timeout_seconds``, even where name look-up or
    the connection hangs: the transfer runs in a thread of its own, and only the calling thread moves a
    finished file to its place, so a transfer that was given up can never publish anything.

    Args:
        folder: created if it is not there. Several processes may fetch into it at once.
        mirrors: addresses to which a file's name is appended, each ending in ``/``.
        timeout_seconds: greater than 0, for all files together.
        on_progress: called in the calling thread; what it raises ends the download, and is raised here too.
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
    # A folder for each attempt, so that two processes never write into one file, and that what a given-up transfer
    # still writes goes with it.
    own = session.folder / f"{file.name}.{uuid.uuid4().hex}.part"
    transfer = _Transfer(file, url, own, session.stall_seconds)
    try:
        with _blaming_the_folder():
            own.mkdir()
        threading.Thread(target=transfer.run, name=f"download-{file.name}", daemon=True).start()
        ended = _watch(file, transfer.messages, session)
        if ended.folder_at_fault:
            raise _FolderError(ended.reason)
        if ended.reason is None:
            with _blaming_the_folder():
                # As any new file here: pooch's are for their owner alone, but the folder may be shared.
                transfer.result.chmod(own.stat().st_mode & 0o666)
                os.replace(transfer.result, session.folder / file.name)
            _sync_folder(session.folder)
        return ended
    finally:
        transfer.cancelled.set()
        shutil.rmtree(own, ignore_errors=True)


def _watch(file: RemoteFile, messages: "queue.SimpleQueue[_Received | _Ended]", session: _Session) -> _Ended:
    """Pass progress on until the transfer ends, does not begin, or the deadline comes."""
    reached = False
    while True:
        left = session.deadline - time.monotonic()
        if left <= 0:
            return _Ended("the time was over", reached=reached)
        try:
            # Once the server has answered, the timeout of its connection tells a silent line from a slow one.
            message = messages.get(timeout=left if reached else min(left, session.stall_seconds))
        except queue.Empty:
            if reached or left <= session.stall_seconds:
                return _Ended("the time was over", reached=reached)
            return _Ended(f"no answer for {session.stall_seconds:g} s", reached=reached)
        if isinstance(message, _Ended):
            return message
        reached = True
        if session.on_progress is not None:
            session.on_progress(DownloadProgress(file.name, message.received_bytes, message.total_bytes))


class _Transfer:
    """The work of a thread: a file from one address into a folder of its own; for pooch the file that it writes to."""

    def __init__(self, file: RemoteFile, url: str, folder: Path, silence_seconds: float) -> None:
        self.result = folder / "content"
        self.messages: queue.SimpleQueue[_Received | _Ended] = queue.SimpleQueue()
        self.cancelled = threading.Event()
        self._file, self._url, self._silence_seconds = file, url, silence_seconds
        self._digest = hashlib.md5(usedforsecurity=False)  # pooch's own is refused on machines in FIPS mode
        self._total: int | None = None
        self._received, self._reached = 0, False
        self._stream: BinaryIO

    def run(self) -> None:
        """Its last message is ``_Ended``, whatever happens, unless nobody listens any more."""
        # Late: with requests it is 0.2 s to import, which nobody else has to wait for.
        import pooch
        import requests

        pooch.get_logger().setLevel(logging.WARNING)  # it would write each file to stderr
        try:
            pooch.retrieve(self._url, None, self.result.name, self.result.parent, downloader=self._download)
            self.messages.put(_Ended())
        except _RefusedError as refused:
            self.messages.put(_Ended(str(refused)))
        except _FolderError as problem:
            self.messages.put(_Ended(str(problem), folder_at_fault=True))
        except requests.RequestException as error:
            self.messages.put(_Ended(self._reason(error), reached=self._reached))
        except OSError as error:  # with a name: of the temporary file and its move
            self.messages.put(_Ended(_words(error), reached=self._reached, folder_at_fault=error.filename is not None))
        except Exception as error:  # the caller waits for a message, and must hear of the unforeseen, too
            self.messages.put(_Ended(f"{type(error).__name__}: {error}", reached=self._reached))

    def write(self, chunk: bytes) -> None:
        """Called by pooch for every piece."""
        if self.cancelled.is_set():
            raise _RefusedError("given up")
        with _blaming_the_folder():
            self._stream.write(chunk)
        self._digest.update(chunk)
        self._received += len(chunk)
        self.messages.put(_Received(self._received, self._total))

    def flush(self) -> None:
        """Called by pooch after every piece; all are flushed together at the end."""

    def _download(self, url: str, temporary: str, _: object) -> None:
        """What pooch calls to fill its temporary file."""
        import pooch

        fetch = pooch.HTTPDownloader(
            chunk_size=CHUNK_BYTES,
            timeout=self._silence_seconds,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            verify=_certificates(),
            hooks={"response": self._answered},
        )
        with open(temporary, "wb") as self._stream:
            fetch(url, self, None)
            if self._total is not None and self._received < self._total:
                raise _RefusedError(self._cut_off())
            if self._digest.hexdigest() != self._file.md5:
                found = self._digest.hexdigest()
                raise _RefusedError(f"the file has the checksum {found}, expected {self._file.md5} (MD5)")
            with _blaming_the_folder():
                self._stream.flush()
                os.fsync(self._stream.fileno())

    def _answered(self, response: "requests.Response", **_: Any) -> None:
        """Called by requests for every answer, redirections too, before what is in it is read."""
        self._reached = True
        if response.is_redirect or not response.ok:
            return
        # Many servers say of a .gz file that they had packed it for the way: it would be unpacked, and be another file.
        response.raw.headers.pop("Content-Encoding", None)
        stated = response.headers.get("Content-Length", "")
        self._total = int(stated) if stated.isdecimal() else None
        self.messages.put(_Received(0, self._total))

    def _reason(self, error: "requests.RequestException") -> str:
        """What went wrong, in a few words, from the innermost of the errors that requests wraps."""
        from urllib3.exceptions import IncompleteRead, ProtocolError

        if error.response is not None:
            return f"HTTP {error.response.status_code} {error.response.reason}".strip()
        causes = list(_causes(error))
        if isinstance(causes[-1], TimeoutError):
            return f"no answer for {self._silence_seconds:g} s"
        for cause in causes:
            if isinstance(cause, IncompleteRead) and isinstance(cause.partial, int):
                self._received = cause.partial  # with the piece that was begun
        if self._total is not None and any(isinstance(cause, ProtocolError) for cause in causes):
            return self._cut_off()
        return _words(causes[-1])

    def _cut_off(self) -> str:
        return f"the connection ended after {self._received} of {self._total} bytes"


class _RefusedError(Exception):
    """What the server sent is not the file, or nobody waits for it any more."""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error of requests, and those that it is of, down to the system's own."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        inner = [getattr(found, "reason", None), *found.args, found.__cause__, found.__context__]
        found = next((one for one in inner if isinstance(one, BaseException) and id(one) not in seen), None)


def _certificates() -> str | bool:
    """Whom to trust: as the system does, like pip, where a network may have a certificate of its own; else as requests.

    requests (2.34) knows only the list that comes with it, or what its own variable names.
    """
    if os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE"):
        return True
    paths = ssl.get_default_verify_paths()
    with suppress(OSError):
        if paths.cafile is None and paths.capath is not None and not os.listdir(paths.capath):
            return True
    return paths.cafile or paths.capath or True


@contextmanager
def _blaming_the_folder() -> Iterator[None]:
    """Tells a failed write (disk full) from a failed read (network): Python raises OSError for both."""
    try:
        yield
    except OSError as error:
        raise _FolderError(_words(error)) from error


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable; where a folder cannot be opened (Windows) there is nothing to do."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _words(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
