"""Owns an observer of a training that is made of functions, for tests that listen to one or two things."""

from collections.abc import Callable
from typing import Any

from mnistcore.training.observers import Observer


class Listening(Observer):
    """Calls what it is given, by the name of an observer's method, in place of that."""

    def __init__(self, **methods: Callable[..., Any]) -> None:
        for name, method in methods.items():
            assert hasattr(Observer, name), name
            setattr(self, name, method)
