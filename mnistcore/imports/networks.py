"""Owns making somebody's network from FILE.py:Class, which runs that file; in `sandboxed` only."""

import importlib.util
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from torch import nn

from mnistcore.errors import InputError, shortened

SECONDS: Final = 60.0  # a file that only defines a network takes as long as its imports
_LONGEST = 200


class _TooLongError(BaseException):
    """No `except Exception` of the file may hold it up."""


def made(named: str) -> nn.Module:
    """The network that a class makes without arguments, on the CPU.

    Args:
        named: the file and the class, such as "main.py:Net". Its ``if __name__ == "__main__":`` does not run.

    Raises:
        InputError: the file, the class or its network is not what is expected; says what.
    """
    text, _, name = named.rpartition(":")
    module = _imported(Path(text))
    maker = getattr(module, name, None)
    if maker is None:
        there = [
            each for each, value in vars(module).items() if isinstance(value, type) and issubclass(value, nn.Module)
        ]
        own = [each for each in there if getattr(module, each).__module__ == module.__name__]
        raise InputError(
            f"--network: expected a class of {Path(text).name}, one of {', '.join(own) or 'none'}, got {name!r}"
        )
    network: Any = maker
    if not isinstance(maker, nn.Module):
        with _told(f"expected {name}() to make a network without arguments"), _at_most(SECONDS, f"{name}()"):
            network = maker()
    if not isinstance(network, nn.Module):
        raise InputError(f"--network: expected {name}() to make a torch.nn.Module, got {type(network).__name__}")
    return network.cpu()


def _imported(path: Path) -> ModuleType:
    """The file as a module of its own name: what it runs only as a script, it does not run."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise InputError(f"--network: expected a Python file, got {path.name}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.parent))  # it may have modules beside it
    sys.argv = [str(path)]
    with _told(f"expected {path.name} to define the network when it is imported"), _at_most(SECONDS, path.name):
        spec.loader.exec_module(module)
    return module


@contextmanager
def _told(expected: str) -> Iterator[None]:
    """Whatever somebody's code raises becomes a sentence."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    except (Exception, SystemExit) as error:
        told = shortened(f"{type(error).__name__}: {error}".partition("\n")[0], _LONGEST)
        raise InputError(f"--network: {expected}, but it fails: {told}") from error


@contextmanager
def _at_most(seconds: float, name: str) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise _TooLongError

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _TooLongError:
        raise InputError(
            f"--network: expected {name} to only define the network, but it ran for {seconds:g} seconds: keep what "
            'trains below `if __name__ == "__main__":`'
        ) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
