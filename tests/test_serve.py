"""The dashboard's server and the terminal it was started in: what ends, what goes on, and what is said."""

import argparse
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from mnistcore import processes
from mnistcore.training import presets, starter
from scripts import serve
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
    return argparse.Namespace(port=port, hosts="")


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
    connection = HTTPConnection("127.0.0.1", int(port), timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def record_of(port: str) -> Path:
    return serve._record_path(port)


def test_a_server_in_the_background_outlives_its_window(port: str, capfd: pytest.CaptureFixture[str]) -> None:
    window = Window(*command("serve", port))
    window.wait_until(lambda: "the next prompt" in window.shown)
    assert f"http://localhost:{port}" in window.shown
    assert f"make stop PORT={port}" in window.shown
    assert str(record_of(port).with_suffix(".log")) in window.shown.replace("\r\n", "")
    window.close()
    assert answers(port)

    server = serve._running(record_of(port))
    assert server is not None
    assert serve.serve(options(port)) == 0
    told = capfd.readouterr().out
    assert f"already running: http://localhost:{port} (process {server.pid})" in told
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
    while answers(port) or serve.port_problem(port):
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

    def interrupt(_: str, server: "subprocess.Popen[bytes]") -> bool:
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


def test_names_are_passed_on_beside_those_of_the_settings(port: str) -> None:
    arguments = argparse.Namespace(port=port, hosts="https://Hub.example.ac.jp/, two.example")
    passed = serve.streamlit_options(arguments)
    names = [value for option, value in itertools.pairwise(passed) if option == "--server.allowedHosts"]
    assert names == ["localhost", "127.0.0.1", "::1", "hub.example.ac.jp", "two.example"]
    assert "--server.allowedHosts" not in serve.streamlit_options(options(port))
