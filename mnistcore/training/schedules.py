"""Owns the schedules of the learning rate: how far the training is, 0 to 1, -> the share of the rate; ``SCHEDULES``."""

import math
from collections.abc import Callable


def _constant(done: float) -> float:
    return 1.0


def _onecycle(done: float) -> float:
    """Smith and Topin's super-convergence (arXiv:1708.07120) in torch's proportions: 30 % up, then down."""
    warm_up, start, end = 0.3, 1 / 25, 1 / 250_000
    if done < warm_up:
        return _between(start, 1.0, done / warm_up)
    return _between(1.0, end, (done - warm_up) / (1 - warm_up))


def _cosine(done: float) -> float:
    """Half a cosine from the full rate to 0 (arXiv:1608.03983, without restarts)."""
    return _between(1.0, 0.0, done)


def _between(first: float, last: float, way: float) -> float:
    return last + (first - last) * (1 + math.cos(math.pi * way)) / 2


SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": _constant,
    "onecycle": _onecycle,
    "cosine": _cosine,
}
