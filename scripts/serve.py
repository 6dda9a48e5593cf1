"""Owns the start of the dashboard: the port, a first model, then Streamlit.

The port is checked before anything is installed, so this too keeps to what an older Python can read.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path

ADDRESS = "127.0.0.1"  # never the network: who may look comes through SSH or Jupyter's proxy
ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", default="8501")
    parser.add_argument("--hosts", default="", help="further names the page may be opened under, with spaces between")
    parser.add_argument("--check-port-only", action="store_true")
    arguments = parser.parse_args()
    problem = port_problem(arguments.port)
    if problem:
        print(problem, file=sys.stderr)
        return 1
    if not arguments.check_port_only:
        _serve(arguments)
    return 0


def _serve(arguments: argparse.Namespace) -> None:
    """Become the dashboard's server, after making sure that there is something to look at."""
    os.chdir(ROOT)
    _ensure_model()
    forward = f"ssh -L {arguments.port}:{ADDRESS}:{arguments.port} USER@THIS-SERVER"
    print(f"From another machine: {forward}, then open http://localhost:{arguments.port} there.", flush=True)
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", *streamlit_options(arguments)]
    os.execv(sys.executable, command)


def port_problem(port: str) -> str | None:
    """What is wrong with a port, as words for the user; None where the dashboard can have it."""
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        return f"PORT={port} is not a port: expected a number from 1 to 65535, for example make run PORT=8502"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one just left is free again
        try:
            probe.bind((ADDRESS, int(port)))
        except OSError as error:
            return (
                f"Port {port} on {ADDRESS} cannot be had ({error.strerror}): perhaps a dashboard runs there "
                f"already. Choose another one: make run PORT={int(port) % 60000 + 1}"
            )
    return None


def streamlit_options(arguments: argparse.Namespace) -> list:
    """What the command line fixes, whatever the environment or the user's own Streamlit settings say."""
    options = ["--server.address", ADDRESS, "--server.port", arguments.port, "--server.headless", "true"]
    if arguments.hosts:
        import tomllib  # from Python 3.11; needed in the virtual environment only

        settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
        for host in [*settings["server"]["allowedHosts"], *arguments.hosts.replace(",", " ").split()]:
            options += ["--server.allowedHosts", host]
    return options


def _ensure_model() -> None:
    """Something good to look at, where it can be had; the dashboard says what to do where it cannot."""
    code = subprocess.run([sys.executable, "-m", "mnistcore", "starter"]).returncode
    if code in (-2, 130):  # Ctrl-C
        raise SystemExit(130)
    if code:
        print(
            "No first model could be made (see above); the dashboard starts without it.",
            file=sys.stderr,
            flush=True,
        )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
