"""The dashboard's server and the terminal it was started in: what ends, what goes on, and what is said."""

import argparse
import json
import os
import re
import select
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from mnistcore import processes
from mnistcore.training import presets, starter
from scripts import serve
from scripts.places import Place
from scripts.project import ROOT
from scripts.serving import free_port
from scripts.toys import toy_content
from tests.browser import PATIENCE_SECONDS
from tests.here import store_here

# What a login shell is to its window: it leads a session whose terminal the window is, and waits at its prompt.
SHELL = """
import fcntl, os, signal, subprocess, sys, termios
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored where the tests themselves were started with nohup
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
subprocess.run(sys.argv[1:])
print("the next prompt", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def something_to_look_at(artifacts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first models are there, so that none is trained; and surroundings with a proxy that leads nowhere."""
    monkeypatch.setenv("MNISTCORE_DATA", str(tmp_path / "no-data"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    for model, preset in starter.STARTER_RECIPES:
        store_here().save(toy_content(config=presets.make_config("digits", model, preset)))


@pytest.fixture
def port() -> Iterator[str]:
    """A free port; whatever a test leaves running there is ended."""
    number = str(free_port())
    yield number
    serve.stop(options(number))


def options(port: str) -> argparse.Namespace:
    return argparse.Namespace(port=port, socket="", hosts="", access="", read_only="")


def command(action: str, port: str) -> list[str]:
    return [sys.executable, str(ROOT / "scripts" / "serve.py"), action, "--port", port]


class Window:
    """A terminal with a command typed into it, as an SSH connection opens one."""

    def __init__(self, *typed: str) -> None:
        self.shown = ""
        self._end, inner = os.openpty()
        self.shell = subprocess.Popen([sys.executable, "-c", SHELL, *typed], stdin=inner, stdout=inner, stderr=inner)
        os.close(inner)

    def wait_until(self, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not reached():
            assert time.monotonic() < deadline, self.shown
            if select.select([self._end], [], [], 0.1)[0]:
                self.shown += os.read(self._end, 4096).decode(errors="replace")

    def close(self) -> None:
        """The kernel hangs up on the shell and on what runs in its foreground."""
        os.close(self._end)
        assert self.shell.wait(timeout=PATIENCE_SECONDS) == -signal.SIGHUP


def answers(port: str) -> bool:
    return Place(port).answers()


def linked(port: str, *more: str) -> str:
    """What `make link` prints."""
    done = subprocess.run([*command("link", port), *more], check=True, capture_output=True, text=True)
    return done.stdout


def record_of(port: str) -> Path:
    return serve._record_path(Place(port))


def test_a_server_in_the_background_outlives_its_window(port: str, capfd: pytest.CaptureFixture[str]) -> None:
    window = Window(*command("serve", port))
    window.wait_until(lambda: "the next prompt" in window.shown)
    assert f"http://localhost:{port}/?token=" in window.shown
    assert f"make stop PORT={port}" in window.shown
    assert str(record_of(port).with_suffix(".log")) in window.shown.replace("\r\n", "")
    window.close()
    assert answers(port)

    server = serve._running(record_of(port))
    assert server is not None
    assert serve.serve(options(port)) == 0
    told = capfd.readouterr().out
    assert f"already running on port {port} (process {server.pid})" in told
    link = re.search(rf"http://localhost:{port}/\?token=\S{{32}}", window.shown)
    assert link is not None and link.group() in told
    assert link.group() in linked(port)  # `make link` says it again
    assert link.group() not in record_of(port).with_suffix(".log").read_text()
    assert serve._running(record_of(port)) == server

    other = str(free_port())
    assert serve.stop(options(other)) == 0
    told = capfd.readouterr().out
    assert f"No dashboard that was started by make serve is running on port {other}" in told
    assert f"make stop PORT={port}" in told
    assert answers(port)

    ended = subprocess.run(command("stop", port), check=True, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert f"(process {server.pid}) has stopped" in ended.stdout
    assert processes.is_running(server) is False
    assert not answers(port)
    assert not record_of(port).exists()


def test_a_server_in_the_foreground_ends_with_its_window_and_frees_the_port(port: str) -> None:
    window = Window(*command("run", port))
    window.wait_until(lambda: answers(port))
    window.close()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while answers(port) or Place(port).problem():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    "written",
    ["", "{}", "[1]", "\udcff", '{"pid": 1, "machine": null, "started": null}', "reused", "another machine"],
)
def test_stop_ends_no_process_but_the_server(written: str, port: str, capfd: pytest.CaptureFixture[str]) -> None:
    """The record may be damaged, older than a boot, or name a number that another process has got since."""
    here = processes.this_process()
    changes = {"reused": {"started": (here.started or 0) - 1}, "another machine": {"machine": "another boot"}}
    text = json.dumps(asdict(replace(here, **changes[written]))) if written in changes else written
    record = record_of(port)
    record.parent.mkdir(parents=True)
    record.write_bytes(text.encode(errors="surrogateescape"))
    assert serve.stop(options(port)) == 0
    assert "No dashboard that was started by make serve is running" in capfd.readouterr().out


def test_a_server_that_does_not_heed_the_signal_is_killed(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "STOP_SECONDS", 0.0)
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as deaf:
        assert deaf.stdout is not None
        deaf.stdout.readline()
        record_of(port).parent.mkdir(parents=True)
        serve._write(record_of(port), processes.process(deaf.pid))
        assert serve.stop(options(port)) == 0
        assert deaf.wait(timeout=PATIENCE_SECONDS) == -signal.SIGKILL


def test_a_server_that_ends_at_once_is_told_with_its_last_words(
    port: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    record = record_of(port)
    record.parent.mkdir(parents=True)
    record.with_suffix(".log").write_text("words of another day\n")
    monkeypatch.setattr(serve, "_ensure_model", lambda: None)
    monkeypatch.setattr(serve, "_command", lambda _: [sys.executable, "-c", "raise SystemExit('no such page')"])
    assert serve.serve(options(port)) == 1
    told = capfd.readouterr().err
    assert "no such page\nThe dashboard ended during its start" in told
    assert str(record.with_suffix(".log")) in told
    assert "another day" not in told
    assert not record.exists()


def test_ctrl_c_while_it_starts_leaves_no_server_behind(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def interrupt(_: Place, server: "subprocess.Popen[bytes]") -> bool:
        started.append(server)
        raise KeyboardInterrupt

    monkeypatch.setattr(serve, "_ensure_model", lambda: None)
    monkeypatch.setattr(serve, "_command", lambda _: [sys.executable, "-c", "input()"])
    monkeypatch.setattr(serve, "_wait_until_healthy", interrupt)
    with pytest.raises(KeyboardInterrupt):
        serve.serve(options(port))
    assert [server.returncode for server in started] == [-signal.SIGKILL]
    assert not record_of(port).exists()


def test_a_port_of_somebody_else_is_left_alone(port: str, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", int(port))):
        assert serve.serve(options(port)) == 1
    assert f"Port {port} on 127.0.0.1 is not available" in capfd.readouterr().err


def test_a_folder_that_takes_no_log_is_named(
    port: str, artifacts: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (artifacts / "server").touch()
    monkeypatch.setattr(serve, "_ensure_model", lambda: None)
    assert serve.serve(options(port)) == 1
    told = capfd.readouterr().err
    assert str(artifacts / "server") in told
    assert "set MNISTCORE_ARTIFACTS to another folder" in told


def test_what_was_typed_is_passed_on(port: str) -> None:
    typed = argparse.Namespace(
        port=port, socket="", hosts="https://Hub.example.ac.jp/, two.example", access="open", read_only="1"
    )
    assert serve.server_options(typed) == [
        "--port", port, "--host", "hub.example.ac.jp", "--host", "two.example", "--access", "open", "--read-only",
    ]  # fmt: skip
    assert serve.server_options(options(port)) == ["--port", port, "--access", "token"]


def test_links_for_a_class_for_everybody_and_for_oneself(port: str) -> None:
    link = f"http://localhost:{port}"
    (own,) = re.findall(r"token=(\S+)", linked(port))
    for_class, also_own = re.findall(r"token=(\S+)", linked(port, "--read-only", "1"))
    assert also_own == own != for_class
    assert linked(port, "--access", "open").splitlines()[0] == f"The dashboard: {link}"
    shown = linked(port, "--access", "open", "--read-only", "1")
    assert re.findall(r"token=(\S+)", shown) == [own]
    assert f"make link PORT={port}" in shown


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["--access", "opne"], "ACCESS=opne: expected token or open"),
        (["--read-only", "yes"], "READ_ONLY=yes: expected 1 or 0"),
        (["--port", "x"], "PORT=x is not a port"),
        (["--socket", "/" + "x" * 200], "at most 100 bytes"),
        (["--socket", "/etc/socket"], "expected a folder of this account that nobody else may enter"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_installed(typed: list[str], told: str) -> None:
    arguments = [sys.executable, "-S", str(ROOT / "scripts" / "serve.py"), "run", "--check", *typed]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert done.returncode == 1 and told in done.stderr


def test_a_socket_has_a_folder_of_its_own_and_takes_the_place_of_one_that_was_left(tmp_path: Path) -> None:
    place = Place("8501", str(tmp_path / "mine" / "socket"))
    assert place.problem() is None
    place.make_room()
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o700
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place.path)
        listener.listen()
        assert "already running" in str(place.problem())
        assert place.problem(may_be_in_use=True) is None
    assert place.problem() is None  # nobody listens any more
    place.make_room()
    assert not os.path.lexists(place.path)
    Path(place.path).write_text("not a socket")
    assert "got something else" in str(place.problem())
    (tmp_path / "mine").chmod(0o755)
    assert f"chmod 700 {tmp_path / 'mine'}" in str(place.problem())
    assert place.variables == f" SOCKET={place.path}" and not place.name.isdigit()
