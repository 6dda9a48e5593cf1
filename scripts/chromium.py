"""Owns finding, and if allowed installing, the Chromium of the tests and pictures; prints its path.

With ``--check`` only a browser named by ``$CHROMIUM`` is tried, before anything is installed, so under any Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = (  # what it is started with: no window, no GPU, and nothing that it does by itself over the network
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PACKAGES = ("chromium", "fonts-noto-cjk")  # the fonts, because the pages are Japanese


class ChromiumMissingError(Exception):
    """No browser was found, and none may be installed; the message says what to install."""


def main() -> int:
    try:
        if sys.argv[1:] == ["--check"]:
            _named()
        else:
            print(find_chromium() or _install_chromium())
    except (ChromiumMissingError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def find_chromium() -> str | None:
    """The path of a Chromium that runs: ``$CHROMIUM``, else on PATH, else Playwright's own; else None.

    Raises:
        ChromiumMissingError: ``$CHROMIUM`` names something that does not run.
    """
    named = _named()
    if named:
        return named
    for name in NAMES:
        path = shutil.which(name)
        if path and _runs(path):
            return path
    path = _playwrights_own()
    return path if _runs(path) else None


def _named() -> str | None:
    named = os.environ.get("CHROMIUM")
    if named and not _runs(named):
        raise ChromiumMissingError(
            f"CHROMIUM={named} does not run: expected the path of a Chromium or Chrome, "
            "for example make test CHROMIUM=/usr/bin/chromium"
        )
    return named or None


def _runs(path: str) -> bool:
    """Whether a browser answers; Ubuntu's ``chromium-browser`` may be a stub that only names a snap."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, errors="replace", timeout=60)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "Chrom" in answer.stdout


def _playwrights_own() -> str:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _install_chromium() -> str:
    ubuntu = "ID=ubuntu" in _os_release()
    by_playwright = [sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        command = " ".join(by_playwright) if ubuntu else f"apt-get install {' '.join(PACKAGES)}"
        raise ChromiumMissingError(
            "The tests need a real Chromium and found none: the package chromium is missing. "
            f"Type as root: {command}. Or name an installed one: make test CHROMIUM=/path/to/chromium"
        )
    _as_root("apt-get", "update")
    if ubuntu:  # its package chromium is a snap, which no container runs
        _as_root("apt-get", "install", "-y", "--no-install-recommends", "fonts-noto-cjk")
        _as_root(*by_playwright)
    else:
        _as_root("apt-get", "install", "-y", *PACKAGES)
    found = find_chromium()
    if found is None:
        raise ChromiumMissingError("Chromium was installed but does not run: see the messages above")
    return found


def _as_root(*command: str) -> None:
    # Standard output is for the path alone.
    subprocess.run(command, check=True, stdout=sys.stderr, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})


def _os_release() -> str:
    try:
        return Path("/etc/os-release").read_text(encoding="utf-8").replace('"', "")
    except OSError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
