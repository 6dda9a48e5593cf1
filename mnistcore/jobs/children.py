"""Owns the processes that this one has started, to look after them once they have ended."""

import subprocess
import threading

CHILDREN: list[subprocess.Popen[bytes]] = []  # started here, to be told apart from zombies once they have ended
CHILDREN_LOCK = threading.Lock()


def reap() -> None:
    """Forget the processes that have ended."""
    with CHILDREN_LOCK:
        CHILDREN[:] = [child for child in CHILDREN if child.poll() is None]
