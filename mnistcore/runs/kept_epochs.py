"""Owns which epochs of a long training keep their predictions on disk."""

from typing import Final

from mnistcore.errors import InputError

MOST_KEPT: Final = 50
MOST_READ: Final = 2 * MOST_KEPT  # of a run that another version has written


def thin_epochs(epochs: int, *, limit: int = MOST_KEPT) -> tuple[int, ...]:
    """Which of the epochs 1 .. ``epochs`` keep their logits: all up to ``limit``, else so many, evenly.

    The first and the last are always among them.

    >>> thin_epochs(3)
    (1, 2, 3)
    >>> thin_epochs(100, limit=4)
    (1, 34, 67, 100)
    """
    if epochs <= limit:
        return tuple(range(1, epochs + 1))
    if limit < 2:
        raise InputError(f"limit: expected 2 or more, as the first and the last epoch are kept, got {limit}")
    return tuple(1 + round(step * (epochs - 1) / (limit - 1)) for step in range(limit))
