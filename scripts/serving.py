"""Owns a dashboard that runs while something looks at it: the tests, the README's pictures, the benchmarks.

The server that people start is that of scripts/serve.py, which outlives whoever started it.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.addresses import ADDRESS
from scripts.places import Place
from scripts.project import ROOT

START_SECONDS = 180.0  # the longest that a server may take to answer, on a machine that is busy with something else
STOP_SECONDS = 20.0  # the longest that it may take to end by itself
POLL_SECONDS = 0.01  # short, as the start of a server is measured too
LOG_LINES = 20  # as much of the log as is shown where a server fails


class ServerError(Exception):
    """The server did not start, or ended while it was looked at; the message holds the end of its log."""


@dataclass(frozen=True)
class Server:
    """A dashboard that answers, in a process of its own."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{ADDRESS}:{self.port}"

    def cpu_seconds(self) -> float:
        """What the process has used so far, on all cores; only Linux says, NaN elsewhere."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            return float("nan")
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def check(self) -> None:
        """Raise a `ServerError` where the server has ended."""
        if self.process.poll() is not None:
            raise ServerError(f"The dashboard ended with exit code {self.process.returncode}:\n{self._last_words()}")

    def wait_until_healthy(self) -> None:
        """Wait until the server answers, for `START_SECONDS` at most."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.check()
            if Place(str(self.port)).answers():
                return
            time.sleep(POLL_SECONDS)
        raise ServerError(f"The dashboard did not answer at {self.url} in {START_SECONDS:g} s:\n{self._last_words()}")

    def end(self) -> None:
        """End the process: by a signal, and where that does not help, at once."""
        self.process.terminate()
        try:
            self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:])


@contextmanager
def serving(
    *,
    artifacts: Path | None = None,
    data: Path | None = None,
    port: int | None = None,
    options: Sequence[str] = ("--access", "open"),
) -> Iterator[Server]:
    """A dashboard that was just started and answers; it ends with the block.

    Args:
        artifacts: folder that the server is given; None for the one that MNISTCORE_ARTIFACTS names.
        data: folder with the data sets; None for the one that MNISTCORE_DATA names.
        port: where it listens; None for a free one.
        options: of the server, see `python -m server --help`.

    Raises:
        ServerError: it did not start, or what was done in the block went wrong as it had ended.
    """
    folders = {"MNISTCORE_ARTIFACTS": artifacts, "MNISTCORE_DATA": data}
    environment = os.environ | {name: str(folder) for name, folder in folders.items() if folder is not None}
    port = port or free_port()
    with tempfile.TemporaryDirectory() as folder:
        server = _start(port, environment, Path(folder) / "log.txt", options)
        try:
            server.wait_until_healthy()
            yield server
        except Exception:
            server.check()  # what looks at a server that has ended says something else
            raise
        finally:
            server.end()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])


def _start(port: int, environment: dict[str, str], log: Path, options: Sequence[str]) -> Server:
    command = [sys.executable, "-m", "server", "--port", str(port), *options]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    return Server(port, process, log)
