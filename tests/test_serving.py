"""The server that tests, pictures and benchmarks look at: what is said where it does not start, or ends; how it ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import serving
from scripts.places import Place
from scripts.serving import Server, ServerError


def instead(monkeypatch: pytest.MonkeyPatch, code: str, *, answers: bool = False) -> None:
    """What is started is not the dashboard but this code."""

    def start(port: int, environment: dict[str, str], log: Path, options: object) -> Server:
        with log.open("wb") as output:
            process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=output)
        assert process.stdout is not None
        with process.stdout as said:
            said.readline()  # it has come as far as to say something
        return Server(port, process, log)

    monkeypatch.setattr(serving, "_start", start)
    monkeypatch.setattr(Place, "answers", lambda place: answers)


ENDS = "import sys; print('here', flush=True); sys.exit('the port is taken')"
STAYS = "import time; print('here', flush=True); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + STAYS


def test_a_server_that_ends_while_it_starts_is_told_with_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, ENDS)
    with pytest.raises(ServerError, match="exit code 1:\nthe port is taken"), serving.serving():
        pass


def test_a_server_that_never_answers_is_given_up_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, STAYS)
    monkeypatch.setattr(serving, "START_SECONDS", 0.1)
    with (
        pytest.raises(ServerError, match=r"did not answer at http://127.0.0.1:4711 in 0.1 s"),
        serving.serving(port=4711),
    ):
        pass


def test_what_goes_wrong_after_the_server_has_ended_is_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, STAYS, answers=True)
    with pytest.raises(ServerError, match="exit code -9"), serving.serving() as server:
        fail_after(server.process)
    with pytest.raises(ZeroDivisionError), serving.serving():
        raise ZeroDivisionError


def fail_after(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    raise ConnectionRefusedError


def test_a_server_that_is_deaf_to_the_signal_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, DEAF, answers=True)
    monkeypatch.setattr(serving, "STOP_SECONDS", 0.1)
    with serving.serving() as server:
        assert server.process.poll() is None
        assert server.cpu_seconds() >= 0
    assert server.process.returncode == -9
    assert str(server.cpu_seconds()) == "nan"


def test_nobody_answers_on_a_free_port() -> None:
    assert not Place(str(serving.free_port())).answers()
