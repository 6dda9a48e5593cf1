"""Owns the choices behind a quiz: they look random, and one seed makes the same ones everywhere and for ever."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Whole numbers that follow from what it is called, and from nothing else.

    Not numpy's generator: its numbers may change with its version, and a key has to be the same after a year.

    >>> Chance(7, "outcome").below(10) == Chance(7, "outcome").below(10)
    True
    """

    def __init__(self, *names: object) -> None:
        self._name = "/".join(map(str, names))
        self._drawn = 0

    def below(self, limit: int) -> int:
        """The next number from 0 to ``limit`` - 1, all but equally often."""
        self._drawn += 1
        digest = hashlib.sha256(f"{self._name}/{self._drawn}".encode()).digest()
        return int.from_bytes(digest[:16], "big") % limit

    def pick(self, options: Sequence[T]) -> T:
        """One of ``options``, of which there is at least one."""
        return options[self.below(len(options))]

    def shuffled(self, options: Sequence[T]) -> tuple[T, ...]:
        """All of ``options`` in another order."""
        left = list(options)
        return tuple(left.pop(self.below(len(left))) for _ in range(len(options)))
