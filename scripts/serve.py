"""Owns the start and the end of the dashboard's server: place, names and access, a first model, then the server.

    python scripts/serve.py run       until Ctrl-C, or until its terminal closes
    python scripts/serve.py serve     in the background, until `stop`
    python scripts/serve.py link      prints the links to it again

The options are checked before anything is installed (``--check``), so an older Python has to be able to read this.
"""

from __future__ import annotations

import argparse
import contextlib
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

from scripts.addresses import host_names, hosts_problem
from scripts.places import Place
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
    parser.add_argument("--socket", default="", help="a Unix socket to listen on, instead of the port")
    parser.add_argument("--hosts", default="", help="further host names that the page may be opened as")
    parser.add_argument("--access", default="", help="token, or open for everybody who reaches it")
    parser.add_argument("--read-only", default="", help="1: who has not the owner's link may look and change nothing")
    parser.add_argument("--check", action="store_true", help="only check the options")
    arguments = parser.parse_args()
    # A server that `serve` started may already be there, which is not a mistake.
    place = Place(arguments.port, arguments.socket)
    problem = (
        place.problem(may_be_in_use=arguments.action != "run")
        or hosts_problem(arguments.hosts)
        or _choice_problem("ACCESS", arguments.access, ("token", "open"))
        or _choice_problem("READ_ONLY", arguments.read_only, ("1", "0"))
    )
    if problem:
        return _refuse(problem)
    return 0 if arguments.check else ACTIONS[arguments.action](arguments)


def _choice_problem(variable: str, typed: str, choices: tuple[str, str]) -> str | None:
    if typed in ("", *choices):
        return None
    return f"{variable}={typed}: expected {choices[0]} or {choices[1]}, for example make run {variable}={choices[1]}"


def run(arguments: argparse.Namespace) -> int:
    """Become the dashboard's server, once there is something to look at."""
    os.chdir(ROOT)
    _ensure_model()
    place = _place(arguments)
    try:
        place.make_room()
    except OSError as error:
        return _refuse(f"{place}: {error.strerror}. Choose another path: make run SOCKET=PATH")
    command, problem = _command(arguments), _say_links(arguments)
    return _refuse(problem) if problem else os.execv(command[0], command)


def link(arguments: argparse.Namespace) -> int:
    """Print the links to the dashboard, with their tokens."""
    problem = _say_links(arguments)
    return _refuse(problem) if problem else 0


def serve(arguments: argparse.Namespace) -> int:
    """Start a server that outlives this terminal, and wait until it answers; one that is already running is named."""
    from mnistcore.runs import accounts

    place = _place(arguments)
    record = _record_path(place)
    log = record.with_suffix(".log")
    if _say_running(record, arguments):
        return 0
    problem = place.problem()
    if problem:
        return _refuse(problem)
    os.chdir(ROOT)
    _ensure_model()
    try:
        accounts.make_folder(record.parent, closed=True)
        with _alone(record.with_suffix(".lock")):
            if _say_running(record, arguments):  # another terminal was quicker
                return 0
            place.make_room()
            return _start(arguments, record, log)
    except OSError as error:
        return _refuse(
            f"{error.filename or record.parent}: {error.strerror}. The server's log and process id are stored "
            "there; free some space, or set MNISTCORE_ARTIFACTS to another folder"
        )


def stop(arguments: argparse.Namespace) -> int:
    """End the server that `serve` has started at this place, and no other process."""
    from mnistcore import processes

    place = _place(arguments)
    record = _record_path(place)
    process = _running(record)
    if process is None:
        _forget(record)
        others = [path.stem.rpartition("-")[2] for path in record.parent.glob(f"{platform.node()}-*.json")]
        running = [port for port in sorted(others) if port.isdigit() and _running(_record_path(Place(port)))]
        hint = f" One is running on another port: make stop PORT={running[0]}" if running else ""
        print(f"No dashboard that was started by make serve is running on {place}.{hint}")
        return 0
    try:
        os.kill(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while processes.is_running(process):
            if time.monotonic() > deadline:
                os.kill(process.pid, signal.SIGKILL)
            time.sleep(POLL_SECONDS)
    except PermissionError:
        return _refuse(f"The dashboard on {place} (process {process.pid}) belongs to another user")
    except ProcessLookupError:
        pass  # it ended in between
    _forget(record)
    print(f"The dashboard on {place} (process {process.pid}) has stopped. Training runs continue.")
    return 0


ACTIONS = {"run": run, "serve": serve, "stop": stop, "link": link}


def server_options(arguments: argparse.Namespace) -> list[str]:
    """What `python -m server` is told."""
    options = _place(arguments).options
    for name in host_names(arguments.hosts):
        options += ["--host", name]
    options += ["--access", arguments.access or "token"]
    return [*options, "--read-only"] if arguments.read_only == "1" else options


def _place(arguments: argparse.Namespace) -> Place:
    return Place(arguments.port, arguments.socket)


def _command(arguments: argparse.Namespace) -> list[str]:
    # By its path: with PYTHONSAFEPATH, Python would not look for our package in this folder.
    return [sys.executable, str(ROOT / "server" / "__main__.py"), *server_options(arguments)]


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

    place = _place(arguments)
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
        healthy = _wait_until_healthy(place, server)
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
    print(f"The dashboard is running in the background on {place} (process {process.pid}).")
    _say_how_to_go_on(place, log)
    problem = _say_links(arguments)
    return _refuse(problem) if problem else 0


def _wait_until_healthy(place: Place, server: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if place.answers():
            return server.poll() is None
        time.sleep(POLL_SECONDS)
    return False


def _say_links(arguments: argparse.Namespace) -> str | None:
    """Print how the dashboard is opened; says what is wrong where its token cannot be kept."""
    from mnistcore.errors import MnistcoreError
    from server.access import PARAMETER, access_here

    place, read_only = _place(arguments), arguments.read_only == "1"
    try:
        tokens = access_here(is_open=arguments.access == "open", read_only=read_only).tokens
    except MnistcoreError as error:
        return str(error)
    address = f"http://localhost:{place.port}"
    own = address if tokens is None else f"{address}/?{PARAMETER}={tokens.owner}"
    if tokens is not None and read_only:
        shown = address if arguments.access == "open" else f"{address}/?{PARAMETER}={tokens.viewer}"
        print(f"For the class, to look and to click: {shown}")
        print(f"For you, who may also train and delete: {own}", flush=True)
    else:
        print(f"The dashboard: {own}", flush=True)
    if tokens is not None:
        print(f"A browser keeps the token. This prints the link again: make link{place.variables}", flush=True)
    names = host_names(arguments.hosts)
    if names:
        print(f"It can also be opened as {', '.join(names)}.", flush=True)
    print(f"From another machine: {place.forward}, then open the link there.", flush=True)
    return None


def _say_running(record: Path, arguments: argparse.Namespace) -> bool:
    process, place = _running(record), _place(arguments)
    if process is None:
        return False
    print(f"The dashboard is already running on {place} (process {process.pid}).")
    _say_how_to_go_on(place, record.with_suffix(".log"))
    _say_links(arguments)
    return True


def _say_how_to_go_on(place: Place, log: Path) -> None:
    stop = f"make stop{place.variables}"
    print(f"It keeps running when this terminal closes. Its log: {log}. To stop it: {stop}", flush=True)


def _record_path(place: Place) -> Path:
    """Who serves at a place of this computer; others may share the folder."""
    from mnistcore.workspace import Workspace

    return Workspace.from_environment().artifacts.resolve() / "server" / f"{platform.node()}-{place.name}.json"


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
