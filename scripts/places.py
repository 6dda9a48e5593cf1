"""Owns where the dashboard listens, a port or a Unix socket, as PORT and SOCKET say: checks, names and reaches it.

Used before anything is installed: it imports the standard library only, and an older Python has to be able to read it.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import socket
import stat

from scripts.addresses import ADDRESS, port_number_problem, port_problem

_TIMEOUT_SECONDS = 5
_LONGEST_SOCKET = 100  # bytes of its path; the system takes 107


class Place:
    """A port of this computer, or a socket in a folder that only this account may enter.

    Args:
        port: as typed.
        path: of the socket, as typed; empty for the port.
    """

    def __init__(self, port: str, path: str = "") -> None:
        self.port = port
        self.path = os.path.abspath(os.path.expanduser(path)) if path else ""

    @property
    def variables(self) -> str:
        """What has to be typed behind `make stop` and `make link` to mean it."""
        if self.path:
            return f" SOCKET={self.path}"
        return "" if self.port == "8501" else f" PORT={self.port}"

    @property
    def name(self) -> str:
        """Of the files that are kept about it."""
        if self.path:
            return f"socket-{hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]}"
        return str(int(self.port))

    @property
    def options(self) -> list[str]:
        """Of the server."""
        return ["--socket", self.path] if self.path else ["--port", self.port]

    @property
    def forward(self) -> str:
        """What brings it to another machine."""
        there = self.path or f"{ADDRESS}:{self.port}"
        return f"ssh -L {self.port}:{there} USER@THIS-SERVER"

    def __str__(self) -> str:
        return self.path or f"port {self.port}"

    def problem(self, *, may_be_in_use: bool = False) -> str | None:
        """Say why the dashboard cannot listen there, as a message to the user; None if it can."""
        if not self.path:
            return port_number_problem(self.port) if may_be_in_use else port_problem(self.port)
        return port_number_problem(self.port) or self._socket_problem(may_be_in_use)

    def make_room(self) -> None:
        """Make the folder of a socket, and take away the one that a dashboard which has ended has left there."""
        if self.path:
            with contextlib.suppress(FileExistsError):
                os.makedirs(os.path.dirname(self.path), mode=0o700)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)

    def answers(self) -> bool:
        """Whether a dashboard answers there."""
        with contextlib.closing(_Connection(self)) as connection:  # never through a proxy
            try:
                connection.request("GET", "/_stcore/health")
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False

    def _socket_problem(self, may_be_in_use: bool) -> str | None:
        folder = os.path.dirname(self.path)
        if len(os.fsencode(self.path)) > _LONGEST_SOCKET:
            return f"SOCKET={self.path}: expected a path of at most {_LONGEST_SOCKET} bytes. Choose a shorter one"
        with contextlib.suppress(FileNotFoundError):
            found = os.stat(folder)
            if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
                return (
                    f"SOCKET: expected a folder of this account that nobody else may enter, got {folder} with mode "
                    f"{stat.S_IMODE(found.st_mode):o}. Name another one, which is made so, or: chmod 700 {folder}"
                )
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISSOCK(os.lstat(self.path).st_mode):
                return f"SOCKET={self.path}: expected nothing there, or a socket, got something else. Name another path"
            if not may_be_in_use and self._somebody_listens():
                return f"A dashboard is already running on {self.path}. Choose another path: make run SOCKET=PATH"
        return None

    def _somebody_listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_TIMEOUT_SECONDS)
            with contextlib.suppress(OSError):
                probe.connect(self.path)
                return True
        return False


class _Connection(http.client.HTTPConnection):
    """To a port or a socket alike."""

    def __init__(self, place: Place) -> None:
        super().__init__(ADDRESS, int(place.port), timeout=_TIMEOUT_SECONDS)
        self._path = place.path

    def connect(self) -> None:
        if not self._path:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_TIMEOUT_SECONDS)
        self.sock.connect(self._path)
