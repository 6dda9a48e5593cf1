"""Owns the process that serves the dashboard: the socket first, then Streamlit behind the guard.

python -m server --port 8501
"""

import argparse
import contextlib
import os
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file, Python looks in server/ only

from mnistcore.errors import MnistcoreError
from server import access
from server.access import Access

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = "127.0.0.1"  # never the network: users come through SSH or Jupyter's proxy
_WAITING = 2048  # connections that wait to be accepted
_LAST_SECONDS = 3  # that a page which is just being answered has left when the server ends
_PING_SECONDS = 20.0  # a browser that does not answer for so long has gone


def main() -> int:
    """Serve until a signal ends it; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m server", description=(__doc__ or "").partition("\n")[0])
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--port", type=int)
    place.add_argument("--socket", type=Path, help="a Unix socket, in a folder that only this account may enter")
    parser.add_argument("--host", action="append", default=[], help="a further name that the page may be opened as")
    parser.add_argument("--access", choices=("token", "open"), default="token")
    parser.add_argument("--read-only", action="store_true", help="only who has the owner's token may change anything")
    given = parser.parse_args()
    try:
        found = access.access_here(is_open=given.access == "open", read_only=given.read_only)
        listener = _listen(given.port) if given.socket is None else _listen_at(given.socket)
    except (MnistcoreError, OSError) as error:
        parser.exit(1, f"{error}\n")
    with contextlib.closing(listener):  # whoever connects from now on waits instead of being refused
        _serve(listener, found, given.host)
    return 0


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one just left is free again
    listener.bind((ADDRESS, port))
    listener.listen(_WAITING)
    return listener


def _listen_at(path: Path) -> socket.socket:
    """Its folder was looked at before; see scripts.places."""
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listener.bind(os.fspath(path))
    finally:
        os.umask(before)
    listener.listen(_WAITING)
    return listener


def _serve(listener: socket.socket, found: Access, names: list[str]) -> None:
    import uvicorn
    from streamlit import App, config
    from streamlit.web import bootstrap

    from server.guard import Guard

    os.chdir(ROOT)
    access.serve_with(found)
    app = App(ROOT / "dashboard.py")
    hosts = [*config.get_option("server.allowedHosts"), *names]
    bootstrap.load_config_options({"server.allowedHosts": hosts})  # Streamlit asks, too
    settings = uvicorn.Config(
        Guard(app, access=found, hosts=hosts),
        ws="websockets-sansio",
        ws_max_size=config.get_option("server.maxMessageSize") * 10**6,
        ws_ping_interval=_PING_SECONDS,
        ws_ping_timeout=_PING_SECONDS,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=_LAST_SECONDS,
        access_log=False,  # addresses hold tokens
        proxy_headers=False,
        server_header=False,
        log_level="warning",
        use_colors=False,
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(settings).run(sockets=[listener])


if __name__ == "__main__":
    sys.exit(main())
