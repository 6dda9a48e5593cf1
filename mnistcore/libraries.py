"""Owns the loading of libraries that need not fit this machine or each other; imports none of them itself.

A library with compiled parts raises anything while it is imported: RuntimeError where torchvision was built for another
torch, OSError where a shared library is missing, AttributeError where a part of it is older than the rest. The first
import in a process is the one that says why; after it the library is half loaded, and fails in other ways.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from typing import Final

from mnistcore.errors import LibraryError, MnistcoreError

# What has to fit the library, under the names that they are installed by.
_TOGETHER: Final = {"torch": ("torch", "torchvision"), "torchvision": ("torch", "torchvision")}


@contextmanager
def importing(package: str) -> Iterator[None]:
    """Around the import of a library, or of modules of ours that import it.

    Args:
        package: the name that it is installed by.

    Raises:
        LibraryError: the import has failed, however; names the versions that are there and what to do.
    """
    try:
        yield
    except MnistcoreError:
        raise
    except Exception as error:
        raise LibraryError(_explained(package, error)) from error


def _explained(package: str, error: Exception) -> str:
    together = _TOGETHER.get(package, (package,))
    found = ", ".join(f"{name} {_version(name) or '(not installed)'}" for name in together)
    needs = "".join(f"; {package} requires {need}" for need in _needs(package, together))
    reason = " ".join(str(error).split()) or "no reason given"
    return (
        f"{package} cannot be loaded ({type(error).__name__}: {reason}). "
        f"Expected versions that fit each other and this machine, found {found}{needs}. This installs them again: "
        f"`{sys.executable} -m pip install --force-reinstall {' '.join(together)}`"
    )


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _needs(package: str, others: tuple[str, ...]) -> list[str]:
    """What a package's own record says that it needs of the others, such as ``torch==2.10.0``."""
    try:
        needs = metadata.requires(package) or []
    except metadata.PackageNotFoundError:
        return []
    plain = [need.partition(";")[0].strip() for need in needs]
    return [need for need in plain if need.split(" ")[0].rstrip("=<>!~()0123456789.") in others]
