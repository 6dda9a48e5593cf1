"""Owns the ways on which people reach the dashboard, each with the real thing: ssh, Jupyter's proxy."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.serving import free_port
from scripts.sshd import find_sshd
from tests.browser import PATIENCE_SECONDS


@contextmanager
def process(command: list[str], **rest: object) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that ends with the block."""
    running = subprocess.Popen(command, stdin=subprocess.DEVNULL, **rest)  # type: ignore[call-overload]
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(timeout=20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def wait_until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def ssh_forward(folder: Path, there: str) -> Iterator[int]:
    """A local port that a real ``ssh -L`` brings to ``there``, through a real sshd of this account; gives its number."""
    sshd = find_sshd()
    assert sshd is not None
    folder.chmod(0o700)
    for name in ("host", "own"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    port, local = free_port(), free_port()
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it gives its rights up
    settings = folder / "sshd_config"
    settings.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host'}\nAuthorizedKeysFile {folder / 'own.pub'}\n"
        "PidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
    )
    client = [
        "ssh", "-N", "-p", str(port), "-i", str(folder / "own"), "-F", "none", "-o", "StrictHostKeyChecking=no",
        "-o", f"UserKnownHostsFile={folder / 'known'}", "-o", "ExitOnForwardFailure=yes", "-o", "BatchMode=yes",
        "-L", f"{local}:{there}", "127.0.0.1",
    ]  # fmt: skip
    with process([sshd, "-D", "-e", "-f", str(settings)], stderr=subprocess.DEVNULL):
        wait_until(lambda: listens(port))
        with process(client, stderr=subprocess.DEVNULL) as tunnel:
            wait_until(lambda: listens(local) or tunnel.poll() is not None)
            assert tunnel.poll() is None
            yield local


@contextmanager
def jupyter(folder: Path) -> Iterator[str]:
    """A real Jupyter server with its proxy; gives the address below which it leads to ports, and its own token."""
    port = free_port()
    command = [
        sys.executable, "-m", "jupyter", "server", "--no-browser", f"--ServerApp.port={port}", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={folder}", "--IdentityProvider.token=jupyters", "--allow-root",
    ]  # fmt: skip
    places = {"JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"}
    surroundings = os.environ | {name: str(folder / name.lower()) for name in places}
    with (folder / "log.txt").open("wb") as log, process(command, env=surroundings, stdout=log, stderr=log):
        wait_until(lambda: listens(port))
        yield f"http://localhost:{port}/proxy"
