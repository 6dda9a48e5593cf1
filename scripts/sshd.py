"""Owns finding, and where that is allowed installing, OpenSSH's server, through which the tests reach the dashboard."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGES = ("openssh-server", "openssh-client")
_PLACES = ("/usr/sbin", "/usr/local/sbin", "/sbin")  # not on everybody's PATH


def main() -> int:
    if find_sshd():
        return 0
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"The tests through a real ssh are skipped. To run them, as root: apt-get install {' '.join(PACKAGES)}")
        return 0
    surroundings = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update"], check=True, env=surroundings)
    return subprocess.run(
        ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES], env=surroundings
    ).returncode


def find_sshd() -> str | None:
    """The path of the server, where the client is there, too; else None."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *_PLACES])
    return shutil.which("sshd", path=path) if shutil.which("ssh") else None


if __name__ == "__main__":
    sys.exit(main())
