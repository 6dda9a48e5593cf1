"""Owns the virtual environment: creates it, fills it from a requirements file, knows when it is complete.

Runs under the Python of the machine before anything is installed: it imports the standard library only, and keeps to a
syntax that an older Python can read, to be able to say that it is too old.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "pyproject.toml"
OLDEST = (3, 11)
TORCH_PACKAGES = ("torch", "torchvision")
YES, NO = ("1", "yes", "true", "on"), ("", "0", "no", "false", "off")

# What a distribution says about itself, and in which folder it lies; nothing for one that is not there.
_FIND = """
import importlib.metadata as metadata, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        distribution = metadata.distribution(name)
        found[name] = [distribution.version, str(distribution.locate_file(""))]
    except metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


class SetupError(Exception):
    """Something that the user has to fix; the message says what."""


def main() -> int:
    arguments = _parse_arguments()
    venv = Path(arguments.venv).resolve()
    try:
        _check_typed(arguments)
        if arguments.remove:
            _remove(venv)
        else:
            _prepare(venv, arguments)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"This command failed (see above): {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requirements", nargs="?", default="requirements.txt")
    parser.add_argument("--venv", default=".venv")
    parser.add_argument("--python", default="", help="as the user gave it; empty: any existing environment will do")
    parser.add_argument("--torch-index", default="")
    parser.add_argument("--system-torch", default="")
    parser.add_argument("--remove", action="store_true")
    return parser.parse_args()


def _check_typed(arguments: argparse.Namespace) -> None:
    """Refuse wrong values before anything is created or installed."""
    folder, index, system = arguments.venv, arguments.torch_index, arguments.system_torch
    if not folder.strip() or Path(folder).is_file():
        raise SetupError(f"VENV={folder} is not a folder: expected that of the virtual environment, such as .venv")
    if index and not re.match(r"(https?://[^/\s]+|file:///)\S*$", index):
        raise SetupError(
            f"TORCH_INDEX={index} is not a URL: expected one that begins with https://, http:// or file:///, "
            "such as https://download.pytorch.org/whl/cpu"
        )
    if system.lower() not in (*YES, *NO):
        raise SetupError(f"SYSTEM_TORCH={system} is neither yes nor no: expected 1 or 0")
    if system.lower() in YES and index:
        raise SetupError("SYSTEM_TORCH and TORCH_INDEX exclude each other: give one of them")


def _prepare(venv: Path, arguments: argparse.Namespace) -> None:
    stamp = _read_stamp(venv)
    asked = _asked_torch(arguments)
    torch = asked or stamp.get("torch", "default")
    version = _version(venv)
    reason = _reason_to_make(venv, version, asked=asked, arguments=arguments, stamp=stamp)
    if reason:
        stamp = {}
        _make(venv, reason, system_torch=torch == "system")
        version = _version(venv)
    requirements = Path(arguments.requirements)
    lines = requirement_lines(requirements)
    digest = hashlib.sha256(json.dumps([lines, version, torch]).encode()).hexdigest()
    installed = stamp.get("installed", {})
    steps = [
        (requirements.name, digest, functools.partial(_install, venv, lines, torch=torch)),
        (PROJECT, _project_digest(version), functools.partial(_install_project, venv)),
    ]
    for name, wanted, install in steps:
        if installed.get(name) == wanted:
            continue
        _check_writable(venv)
        install()
        installed[name] = wanted
        _stamp_path(venv).write_text(json.dumps({"torch": torch, "installed": installed}, indent=1), encoding="utf-8")


def _asked_torch(arguments: argparse.Namespace) -> str:
    """Where torch is to come from: ``"system"``, an index's URL, or empty if nothing was requested."""
    return "system" if arguments.system_torch.lower() in YES else arguments.torch_index


def _reason_to_make(
    venv: Path, version: str, *, asked: str, arguments: argparse.Namespace, stamp: dict[str, Any]
) -> str | None:
    """Why an environment has to be created or recreated, as a message; None if the existing one will do."""
    if not venv.exists():
        return "Creating"
    if not version:
        return "Its Python does not run any more: recreating"
    running = "%d.%d" % sys.version_info[:2]
    if arguments.python and not version.startswith(running + "."):
        return f"It has Python {version}, requested is {running}: recreating"
    # An environment without a stamp was made by hand: used as it is, unless another torch is requested.
    if asked and asked != stamp.get("torch", ""):
        return "Torch is requested from another source: recreating"
    return None


def _make(venv: Path, reason: str, *, system_torch: bool) -> None:
    if venv.exists():
        _check_writable(venv, venv.parent)  # before anything is installed for a new one
    _check_python()
    found = _find_torch(sys.executable) if system_torch else {}
    if system_torch and "torch" not in found:
        raise SetupError(
            f"SYSTEM_TORCH=1 was requested, but {sys.executable} has no torch. Name the Python that has it "
            "(make run SYSTEM_TORCH=1 PYTHON=/path/to/python), or leave SYSTEM_TORCH out to install torch"
        )
    _ensure_venv_module()
    _remove(venv)
    print(f"{reason} {venv}", flush=True)
    options = ["--system-site-packages"] if system_torch else []
    subprocess.run([sys.executable, "-m", "venv", *options, str(venv)], check=True)
    if system_torch:
        _lend(venv, found)


def _lend(venv: Path, found: dict[str, list[str]]) -> None:
    """Let the environment use the installed torch, and write down its version so that pip keeps it."""
    if "torch" not in _find_torch(_python(venv)):
        # Its Python lives in a virtual environment too, and system-site-packages passes over that one.
        site = subprocess.run(
            [_python(venv), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True, stdout=subprocess.PIPE, universal_newlines=True,
        ).stdout.strip()  # fmt: skip
        folders = sorted({folder for _, folder in found.values()})
        Path(site, "system-torch.pth").write_text("\n".join(folders) + "\n", encoding="utf-8")
    pins = [f"{name}=={version}" for name, (version, _) in found.items()]
    _constraints_path(venv).write_text("\n".join(pins) + "\n", encoding="utf-8")


def _install(venv: Path, lines: list[str], *, torch: str) -> None:
    pip = [_python(venv), "-m", "pip", "install", "--no-input"]
    torch_lines = [line for line in lines if _package(line) in TORCH_PACKAGES]
    if torch == "system":
        constraints = _constraints_path(venv)
        pip += ["--constraint", str(constraints)]
        lent = {_package(line) for line in constraints.read_text(encoding="utf-8").split()}
        lines = [line for line in lines if _package(line) not in lent]
        print(
            f"Using the installed torch: {', '.join(constraints.read_text(encoding='utf-8').split())}",
            flush=True,
        )
    elif torch != "default":
        print(f"Installing torch from {torch}", flush=True)
        _run_pip([*pip, "--index-url", torch, *torch_lines])
    print(
        "Installing the packages: a few minutes and 6 GB the first time, less if pip has cached them",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "requirements.txt")
        wanted.write_text("\n".join(lines) + "\n", encoding="utf-8")
        _run_pip([*pip, "--requirement", str(wanted)])


def _project_digest(version: str) -> str:
    """Of what decides how this folder is installed: where it lies, and what pyproject.toml says of it."""
    said = [(ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "mnistcore/version.py")]
    return hashlib.sha256(json.dumps([str(ROOT), *said, version]).encode()).hexdigest()


def _install_project(venv: Path) -> None:
    """Let the environment's Python find this folder's package from everywhere; needs no network."""
    if not os.access(str(ROOT), os.W_OK | os.X_OK):  # pip writes a folder *.egg-info beside pyproject.toml
        print(f"{ROOT}: this user may not write there, so `import mnistcore` works in this folder only", flush=True)
        return
    pip = [_python(venv), "-m", "pip", "install", "--no-input", "--quiet"]
    # With the setuptools of the environment: another one would be downloaded at every change.
    _run_pip([*pip, "--no-deps", "--no-index", "--no-build-isolation", "--editable", str(ROOT)])


def _run_pip(command: list[str]) -> None:
    # Some containers set `user = true` for pip, which it refuses to follow inside a virtual environment.
    environment = dict(os.environ, PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1")
    subprocess.run(command, check=True, env=environment)


def requirement_lines(path: Path) -> list[str]:
    """The requirements of a file and of the files it names with ``-r``, without comments, in their order."""
    lines = []
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = re.sub(r"(^|\s)#.*", "", raw).strip()
        if line.startswith("-r "):
            lines += requirement_lines(path.parent / line[3:].strip())
        elif line:
            lines.append(line)
    return lines


def _package(line: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0].lower().replace("_", "-")


def _check_python() -> None:
    if sys.version_info >= OLDEST:
        return
    newer = [name for name in (f"python3.{minor}" for minor in range(20, OLDEST[1] - 1, -1)) if _runs(name)]
    advice = (
        f"make run PYTHON={newer[0]}" if newer else "install one, then name it: make run PYTHON=/path/to/python3.12"
    )
    raise SetupError(
        f"Python {OLDEST[0]}.{OLDEST[1]} or newer is required; {sys.executable} is "
        f"{sys.version.split()[0]}. Type: {advice}"
    )


def _runs(python: str) -> bool:
    """Whether a Python is there and starts; pyenv leaves names on PATH that only say what they miss."""
    if shutil.which(python) is None:
        return False
    return subprocess.run([python, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def _ensure_venv_module() -> None:
    """Debian and Ubuntu keep what makes virtual environments in a package of its own."""
    if _can_make():
        return
    package = "python%d.%d-venv" % sys.version_info[:2]
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"Installing {package}", flush=True)
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run(["apt-get", "update"], check=True, env=environment)
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", package], check=True, env=environment)
    if not _can_make():
        raise SetupError(
            f"{sys.executable} cannot create virtual environments: the package {package} is missing. "
            f"Install it (sudo apt-get install {package}) or ask the administrator of this machine, then type "
            "the same again"
        )


def _can_make() -> bool:
    return subprocess.run([sys.executable, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL).returncode == 0


def _find_torch(python: str) -> dict[str, list[str]]:
    """Name -> (version, folder) of the torch packages that an interpreter sees."""
    command = [python, "-c", _FIND, *TORCH_PACKAGES]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout
    found: dict[str, list[str]] = json.loads(output)
    return found


def _version(venv: Path) -> str:
    """The environment's Python, for example ``3.11.7``; empty where it, or its pip, is not whole."""
    code = "import importlib.util, sys; print(sys.version.split()[0] if importlib.util.find_spec('pip') else '')"
    try:
        return subprocess.run(
            [_python(venv), "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
        ).stdout.strip()
    except PermissionError as error:
        raise SetupError(
            f"{_python(venv)}: this user may not run it ({error.strerror}), so the environment stays unchanged: "
            "choose another VENV, or ask its owner"
        ) from error
    except OSError:
        return ""


def _read_stamp(venv: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(_stamp_path(venv).read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError):
        return {}


def _remove(venv: Path) -> None:
    if not venv.exists():
        return
    if not (venv / "pyvenv.cfg").is_file() and any(venv.iterdir()):
        raise SetupError(f"{venv} is not a virtual environment, so it stays unchanged: choose another VENV")
    _check_writable(venv, venv.parent)
    try:
        shutil.rmtree(venv)
    except OSError as error:
        raise SetupError(
            f"{venv} could not be removed ({error.strerror}: {error.filename}): remove what is left of it, "
            "or choose another VENV"
        ) from error


def _check_writable(*folders: Path) -> None:
    """Somebody else's environment is neither changed nor removed halfway."""
    for folder in folders:
        if not os.access(str(folder), os.W_OK | os.X_OK):
            raise SetupError(
                f"{folder}: this user may not write there, so the environment stays unchanged: choose another VENV, "
                "or ask its owner"
            )


def _python(venv: Path) -> str:
    return str(venv / "bin" / "python")


def _stamp_path(venv: Path) -> Path:
    return venv / "installed.json"


def _constraints_path(venv: Path) -> Path:
    return venv / "system-torch.txt"


if __name__ == "__main__":
    sys.exit(main())
