"""Owns the start and the end of the dashboard's server: port and names, a first model, then Streamlit.

    python scripts/serve.py run       until Ctrl-C, or until its terminal closes
    python scripts/serve.py serve     in the background, until `stop`

The options are checked before anything is installed (``--check``), so an older Python has to be able to read this.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import platform
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file, Python looks in scripts/ only

from scripts.addresses import (
    ADDRESS,
    host_names,
    hosts_problem,
    port_number_problem,
    port_problem,
)
from scripts.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mnistcore.processes import ProcessRecord

START_SECONDS = 120.0  # the longest that a server may take to answer
STOP_SECONDS = 20.0  # the longest that it may take to end by itself
POLL_SECONDS = 0.1
LOG_LINES = 20  # as much of the log as is shown where a start failed


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("--port", default="8501")
    parser.add_argument("--hosts", default="", help="further host names that the page may be opened as")
    parser.add_argument("--check", action="store_true", help="only check the options")
    arguments = parser.parse_args()
    # A server that `serve` started may already have the port, which is not a mistake.
    check_port = port_problem if arguments.action == "run" else port_number_problem
    problem = check_port(arguments.port) or hosts_problem(arguments.hosts)
    if problem:
        return _refuse(problem)
    return 0 if arguments.check else ACTIONS[arguments.action](arguments)


def run(arguments: argparse.Namespace) -> int:
    """Become the dashboard's server, once there is something to look at."""
    os.chdir(ROOT)
    _ensure_model()
    _say_where(arguments)
    command = _command(arguments)
    os.execv(command[0], command)


def serve(arguments: argparse.Namespace) -> int:
    """Start a server that outlives this terminal, and wait until it answers; one that is already running is named."""
    record = _record_path(arguments.port)
    log = record.with_suffix(".log")
    if _say_running(record, arguments):
        return 0
    problem = port_problem(arguments.port)
    if problem:
        return _refuse(problem)
    os.chdir(ROOT)
    _ensure_model()
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        with _alone(record.with_suffix(".lock")):
            if _say_running(record, arguments):  # another terminal was quicker
                return 0
            return _start(arguments, record, log)
    except OSError as error:
        return _refuse(
            f"{error.filename or record.parent}: {error.strerror}. The server's log and process id are stored "
            "there; free some space, or set MNISTCORE_ARTIFACTS to another folder"
        )


def stop(arguments: argparse.Namespace) -> int:
    """End the server that `serve` has started on this port, and no other process."""
    from mnistcore import processes

    record = _record_path(arguments.port)
    process = _running(record)
    if process is None:
        _forget(record)
        others = [path.stem.rpartition("-")[2] for path in record.parent.glob(f"{platform.node()}-*.json")]
        running = [port for port in sorted(others) if _running(_record_path(port))]
        hint = f" One is running on another port: make stop PORT={running[0]}" if running else ""
        print(f"No dashboard that was started by make serve is running on port {arguments.port}.{hint}")
        return 0
    try:
        os.kill(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while processes.is_running(process):
            if time.monotonic() > deadline:
                os.kill(process.pid, signal.SIGKILL)
            time.sleep(POLL_SECONDS)
    except PermissionError:
        return _refuse(f"The dashboard on port {arguments.port} (process {process.pid}) belongs to another user")
    except ProcessLookupError:
        pass  # it ended in between
    _forget(record)
    print(f"The dashboard on port {arguments.port} (process {process.pid}) has stopped. Training runs continue.")
    return 0


ACTIONS = {"run": run, "serve": serve, "stop": stop}


def streamlit_options(arguments: argparse.Namespace) -> list[str]:
    """What the command line fixes, whatever the environment or the user's own Streamlit settings say."""
    options = ["--server.address", ADDRESS, "--server.port", arguments.port, "--server.headless", "true"]
    names = host_names(arguments.hosts)
    if names:
        import tomllib  # from Python 3.11; needed in the virtual environment only

        settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
        for name in [*settings["server"]["allowedHosts"], *names]:
            options += ["--server.allowedHosts", name]
    return options


def _command(arguments: argparse.Namespace) -> list[str]:
    return [sys.executable, "-m", "streamlit", "run", "dashboard.py", *streamlit_options(arguments)]


def _ensure_model() -> None:
    """Train something to look at, if possible; if not, the dashboard says what to do."""
    # With PYTHONSAFEPATH, Python would not look for our package in this folder.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    code = subprocess.run([sys.executable, "-m", "mnistcore", "starter"], env=environment).returncode
    if code in (-2, 130):  # Ctrl-C
        raise SystemExit(130)
    if code:
        print(
            "No first model could be trained (see above); the dashboard starts without it.",
            file=sys.stderr,
            flush=True,
        )


def _start(arguments: argparse.Namespace, record: Path, log: Path) -> int:
    from mnistcore import processes

    with log.open("ab") as output:
        begins = output.tell()
        # A session of its own: the signal that a closing terminal sends does not reach it.
        server = subprocess.Popen(
            _command(arguments),
            env=processes.child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    process = processes.process(server.pid)
    try:
        _write(record, process)
        healthy = _wait_until_healthy(arguments.port, server)
    except BaseException:  # Ctrl-C, or a record that cannot be written: nobody would know of the server
        server.kill()
        server.wait()
        _forget(record)
        raise
    if server.returncode is not None:
        _forget(record)
        with log.open("rb") as lines:
            lines.seek(begins)
            told = lines.read().decode("utf-8", errors="replace").splitlines()[-LOG_LINES:]
        return _refuse("\n".join([*told, f"The dashboard ended during its start. Its log: {log}"]))
    if not healthy:
        return _refuse(
            f"The dashboard has not answered for {START_SECONDS:.0f} s. It is still running (process {process.pid}): "
            f"see its log, {log}, or stop it with make stop"
        )
    _say_where(arguments)
    print(f"The dashboard is running in the background: http://localhost:{arguments.port} (process {process.pid})")
    _say_how_to_go_on(arguments, log)
    return 0


def _wait_until_healthy(port: str, server: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            contextlib.closing(
                http.client.HTTPConnection(ADDRESS, int(port), timeout=5)  # never through a proxy
            ) as connection,
        ):
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == 200:
                return server.poll() is None
        time.sleep(POLL_SECONDS)
    return False


def _say_where(arguments: argparse.Namespace) -> None:
    names = host_names(arguments.hosts)
    if names:
        print(f"It can also be opened as {', '.join(names)}.", flush=True)
    forward = f"ssh -L {arguments.port}:{ADDRESS}:{arguments.port} USER@THIS-SERVER"
    print(f"From another machine: {forward}, then open http://localhost:{arguments.port} there.", flush=True)


def _say_running(record: Path, arguments: argparse.Namespace) -> bool:
    process = _running(record)
    if process is None:
        return False
    print(f"The dashboard is already running: http://localhost:{arguments.port} (process {process.pid})")
    _say_how_to_go_on(arguments, record.with_suffix(".log"))
    return True


def _say_how_to_go_on(arguments: argparse.Namespace, log: Path) -> None:
    port = "" if arguments.port == "8501" else f" PORT={arguments.port}"
    print(f"It keeps running when this terminal closes. Its log: {log}. To stop it: make stop{port}", flush=True)


def _record_path(port: str) -> Path:
    """Who serves on a port of this computer; others may share the folder."""
    from mnistcore.workspace import Workspace

    return Workspace.from_environment().artifacts.resolve() / "server" / f"{platform.node()}-{int(port)}.json"


def _running(record: Path) -> ProcessRecord | None:
    """The process that a record names, where it is that very one and still runs."""
    from mnistcore import processes

    try:
        process = processes.parse_record(json.loads(record.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
    return process if process and processes.is_running(process) else None


def _write(record: Path, process: ProcessRecord) -> None:
    new = record.with_suffix(".new")
    new.write_text(json.dumps(asdict(process)), encoding="utf-8")
    new.replace(record)


def _forget(record: Path) -> None:
    with contextlib.suppress(OSError):  # what stays names a process that has ended
        record.unlink()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While this holds, no other `serve` starts a server on the same port; the second one waits."""
    import fcntl

    with path.open("w") as lock:
        with contextlib.suppress(OSError):  # a file system without locks: the port decides
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _refuse(problem: str) -> int:
    print(problem, file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
