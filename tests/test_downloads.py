"""Fetching files, against servers on this machine that misbehave on purpose."""

import gzip
import os
import re
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mnistcore.datasets.downloads import DownloadProgress, RemoteFile, fetch_files, md5_of
from mnistcore.errors import DataUnavailableError, InputError
from tests.users import ordinary_user

CONTENT = bytes(range(256)) * 1_000
FILE = RemoteFile("images.gz", md5_of(CONTENT))
OTHER = RemoteFile("labels.gz", md5_of(b"labels"))

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def server(answers: dict[str, Answer]) -> Iterator[str]:
    """The address of a server whose paths are answered by these functions, and by 404 else."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):  # the client went away
                answers.get(self.path, lambda handler: handler.send_error(404))(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()
        thread.join()


def sending(content: bytes, *, stated: int | None = None) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content) if stated is None else stated))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def trickling(seconds: float) -> Answer:
    """A byte every 20 ms, for a while."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            handler.wfile.write(b"x")
            time.sleep(0.02)

    return answer


@contextmanager
def silent_server() -> Iterator[str]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_fetches_and_reports_progress(tmp_path: Path) -> None:
    seen: list[DownloadProgress] = []
    callers: set[threading.Thread] = set()

    def note(progress: DownloadProgress) -> None:
        seen.append(progress)
        callers.add(threading.current_thread())

    folder = tmp_path / "not" / "yet" / "there"
    with server({"/images.gz": sending(CONTENT), "/labels.gz": sending(b"labels")}) as mirror:
        fetch_files([FILE, OTHER], folder, mirrors=[mirror], timeout_seconds=30, on_progress=note)
    assert (folder / "images.gz").read_bytes() == CONTENT
    assert left_over(folder) == ["images.gz", "labels.gz"]
    of_images = [progress for progress in seen if progress.file == "images.gz"]
    assert [progress.received_bytes for progress in of_images] == sorted({p.received_bytes for p in of_images})
    assert of_images[-1] == DownloadProgress("images.gz", len(CONTENT), len(CONTENT))
    assert callers == {threading.current_thread()}


def test_a_fetched_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "any").touch()
    with server({"/labels.gz": sending(b"labels")}) as mirror:
        fetch_files([OTHER], tmp_path, mirrors=[mirror], timeout_seconds=30)
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("any", "labels.gz")}
    assert len(modes) == 1


def test_total_is_unknown_where_the_server_does_not_say(tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(CONTENT)

    seen: list[DownloadProgress] = []
    with server({"/images.gz": answer}) as mirror:
        fetch_files([FILE], tmp_path, mirrors=[mirror], timeout_seconds=30, on_progress=seen.append)
    assert seen[-1] == DownloadProgress("images.gz", len(CONTENT), None)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            sending(CONTENT[:-7], stated=len(CONTENT)),
            f"ended after {len(CONTENT) - 7} of {len(CONTENT)} bytes",
        ),
        (sending(b"something else"), f"expected {FILE.md5}"),
        (sending(b""), f"expected {FILE.md5}"),
        (lambda handler: handler.send_error(404), "HTTP 404"),
        (lambda handler: handler.send_error(503), "HTTP 503"),
        (lambda handler: handler.wfile.write(b"not http at all\r\n\r\n"), "not http"),
    ],
    ids=["truncated", "wrong checksum", "empty", "404", "503", "not http"],
)
def test_a_bad_answer_leaves_the_folder_as_it_was(tmp_path: Path, answer: Answer, reason: str) -> None:
    (tmp_path / "images.gz").write_bytes(b"damaged before")
    with server({"/images.gz": answer}) as mirror, pytest.raises(DataUnavailableError) as caught:
        fetch_files([FILE], tmp_path, mirrors=[mirror], timeout_seconds=30, way_on="Use the other one")
    for part in ("images.gz", str(tmp_path), mirror, reason, "Use the other one"):
        assert part in str(caught.value)
    assert left_over(tmp_path) == ["images.gz"]
    assert (tmp_path / "images.gz").read_bytes() == b"damaged before"


def test_a_file_that_a_server_calls_packed_arrives_as_it_is(tmp_path: Path) -> None:
    """As Apache says of a .gz with AddEncoding: it is not to be unpacked on the way."""
    packed = gzip.compress(CONTENT, mtime=0)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "x-gzip")
        handler.send_header("Content-Length", str(len(packed)))
        handler.end_headers()
        handler.wfile.write(packed)

    with server({"/images.gz": answer}) as mirror:
        fetch_files([RemoteFile("images.gz", md5_of(packed))], tmp_path, mirrors=[mirror], timeout_seconds=30)
    assert (tmp_path / "images.gz").read_bytes() == packed


def test_a_server_that_sends_you_elsewhere_is_followed(tmp_path: Path) -> None:
    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "/there/images.gz")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    seen: list[DownloadProgress] = []
    with server({"/images.gz": elsewhere, "/there/images.gz": sending(CONTENT)}) as mirror:
        fetch_files([FILE], tmp_path, mirrors=[mirror], timeout_seconds=30, on_progress=seen.append)
    assert (tmp_path / "images.gz").read_bytes() == CONTENT
    assert {progress.total_bytes for progress in seen} == {len(CONTENT)}


def test_a_proxy_of_the_environment_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server({"http://data.invalid/images.gz": sending(CONTENT)}) as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.delenv("no_proxy", raising=False)
        fetch_files([FILE], tmp_path, mirrors=["http://data.invalid/"], timeout_seconds=30)
    assert (tmp_path / "images.gz").read_bytes() == CONTENT


def test_nothing_is_written_to_the_streams(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with server({"/images.gz": sending(CONTENT)}) as mirror:
        fetch_files([FILE], tmp_path, mirrors=[mirror], timeout_seconds=30)
    assert tuple(capfd.readouterr()) == ("", "")


def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "images.gz").write_bytes(CONTENT[:100])
    with server({"/images.gz": sending(CONTENT)}) as mirror:
        fetch_files([FILE], tmp_path, mirrors=[mirror], timeout_seconds=30)
    assert (tmp_path / "images.gz").read_bytes() == CONTENT


def test_the_next_mirror_is_tried(tmp_path: Path) -> None:
    with (
        server({"/images.gz": sending(b"wrong")}) as wrong,
        server({}) as empty,
        server({"/images.gz": sending(CONTENT)}) as right,
    ):
        fetch_files([FILE], tmp_path, mirrors=[wrong, empty, right], timeout_seconds=30)
    assert (tmp_path / "images.gz").read_bytes() == CONTENT


def test_one_error_names_every_attempt(tmp_path: Path) -> None:
    with (
        server({"/labels.gz": sending(b"labels")}) as first,
        server({}) as second,
        pytest.raises(DataUnavailableError) as caught,
    ):
        fetch_files([FILE, OTHER], tmp_path, mirrors=[first, second], timeout_seconds=30)
    message = str(caught.value)
    assert f"{first}images.gz: HTTP 404" in message
    assert f"{second}images.gz: HTTP 404" in message
    assert "could not download images.gz: gave up" in message
    assert left_over(tmp_path) == ["labels.gz"]


def test_a_silent_mirror_is_not_asked_again(tmp_path: Path) -> None:
    with silent_server() as silent, pytest.raises(DataUnavailableError) as caught:
        fetch_files([FILE, OTHER], tmp_path, mirrors=[silent], timeout_seconds=1)
    # On a busy machine not even the connection may be there in that time.
    assert re.search(rf"{silent}images\.gz: (no answer for 0\.5 s|timed out)", str(caught.value))
    assert "could not download images.gz, labels.gz: gave up" in str(caught.value)
    assert f"{silent}labels.gz" not in str(caught.value)


def test_a_silent_mirror_is_left_for_the_next(tmp_path: Path) -> None:
    good = {"/images.gz": sending(CONTENT), "/labels.gz": sending(b"labels")}
    with silent_server() as silent, server(good) as right:
        fetch_files([FILE, OTHER], tmp_path, mirrors=[silent, right], timeout_seconds=4)
    assert left_over(tmp_path) == ["images.gz", "labels.gz"]


@pytest.mark.parametrize("kind", ["silent", "trickling"])
def test_the_deadline_holds(tmp_path: Path, kind: str) -> None:
    place = silent_server() if kind == "silent" else server({"/images.gz": trickling(30)})
    started = time.monotonic()
    with place as mirror:
        with pytest.raises(DataUnavailableError, match=r"images\.gz.*gave up after") as caught:
            fetch_files([FILE, OTHER], tmp_path, mirrors=[mirror], timeout_seconds=0.6)
        assert time.monotonic() - started < 5
    assert "labels.gz" in str(caught.value)
    assert left_over(tmp_path) == []


def test_the_deadline_holds_where_looking_up_the_name_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resume = threading.Event()

    def hang(*_: object, **__: object) -> None:
        resume.wait(30)
        raise OSError("gave up at last")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    started = time.monotonic()
    with pytest.raises(DataUnavailableError):
        fetch_files([FILE], tmp_path, mirrors=["http://nowhere.invalid/"], timeout_seconds=0.4)
    assert time.monotonic() - started < 5
    resume.set()


def test_a_transfer_that_was_given_up_publishes_nothing_later(tmp_path: Path) -> None:
    sent = threading.Event()

    def late(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.6)
        sending(CONTENT)(handler)
        sent.set()

    with server({"/images.gz": late}) as mirror:
        with pytest.raises(DataUnavailableError):
            fetch_files([FILE], tmp_path, mirrors=[mirror], timeout_seconds=0.2)
        sent.wait(2)
        for thread in threading.enumerate():
            if thread.name == "download-images.gz":
                thread.join(2)
    assert left_over(tmp_path) == []


def test_what_the_callback_raises_goes_up_and_leaves_nothing(tmp_path: Path) -> None:
    def stop(_: DownloadProgress) -> None:
        raise KeyboardInterrupt

    with server({"/images.gz": sending(CONTENT)}) as mirror, pytest.raises(KeyboardInterrupt):
        fetch_files([FILE], tmp_path, mirrors=[mirror], timeout_seconds=30, on_progress=stop)
    assert left_over(tmp_path) == []


def test_a_pipe_broken_by_the_callback_is_not_blamed_on_the_folder(tmp_path: Path) -> None:
    def stop(_: DownloadProgress) -> None:
        raise BrokenPipeError

    with server({"/images.gz": sending(CONTENT)}) as mirror, pytest.raises(BrokenPipeError):
        fetch_files([FILE], tmp_path, mirrors=[mirror], timeout_seconds=30, on_progress=stop)


def test_an_unreachable_server_is_named_with_its_reason(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(DataUnavailableError, match="refused"):
        fetch_files([FILE], tmp_path, mirrors=[f"http://127.0.0.1:{port}/"], timeout_seconds=5)


def test_an_address_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataUnavailableError, match="Invalid URL"):
        fetch_files([FILE], tmp_path, mirrors=["nonsense"], timeout_seconds=5)


def test_no_mirror_at_all(tmp_path: Path) -> None:
    with pytest.raises(DataUnavailableError, match="nothing, since no server is known"):
        fetch_files([FILE], tmp_path, mirrors=[], timeout_seconds=5)


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataUnavailableError, match=r"cannot write images\.gz into the folder .*MNISTCORE_DATA"):
        fetch_files([FILE], tmp_path / "file", mirrors=["http://127.0.0.1:9/"], timeout_seconds=5)


def test_a_read_only_folder() -> None:
    with ordinary_user() as folder:
        folder.chmod(0o500)
        with pytest.raises(DataUnavailableError, match="Permission denied"):
            fetch_files([FILE], folder, mirrors=["http://127.0.0.1:9/"], timeout_seconds=5)


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    good = {"/images.gz": sending(CONTENT)}
    with server(good) as mirror, pytest.raises(DataUnavailableError, match="No space left on device"):
        fetch_files([FILE], tmp_path, mirrors=[mirror, mirror], timeout_seconds=5)
    assert left_over(tmp_path) == []


def test_two_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def fetch(mirror: str) -> None:
        try:
            fetch_files([FILE], tmp_path, mirrors=[mirror], timeout_seconds=30)
        except BaseException as error:
            failures.append(error)

    with server({"/images.gz": sending(CONTENT)}) as mirror:
        threads = [threading.Thread(target=fetch, args=(mirror,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert left_over(tmp_path) == ["images.gz"]
    assert (tmp_path / "images.gz").read_bytes() == CONTENT


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_refuses_a_time_that_is_none(tmp_path: Path, seconds: float) -> None:
    with pytest.raises(InputError, match="greater than 0"):
        fetch_files([FILE], tmp_path, mirrors=[], timeout_seconds=seconds)
