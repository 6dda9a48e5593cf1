"""Owns telling apart what the outputs of somebody's network are: logits, log-probabilities or probabilities."""

from typing import Final

import numpy as np
import numpy.typing as npt

from mnistcore.errors import InputError
from mnistcore.imports.given import Scored

SURE: Final = 1e-3  # how far the sum of probabilities may be from 1


def told_apart(values: npt.NDArray[np.float32], *, sure: float = SURE) -> Scored:
    """Whether a network's outputs (N, C) are logits, log-probabilities or probabilities; (N, 1) is of two classes.

    Args:
        values: the outputs.
        sure: how far a sum of probabilities may be from 1.

    >>> told_apart(np.array([[0.2, 0.8]], dtype=np.float32)).kind
    'probabilities'
    >>> told_apart(np.array([[-1.0, 3.0]], dtype=np.float32)).kind
    'logits'
    """
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise InputError(f"model: expected finite scores, got others for image {row}")
    within = values.min() >= 0 and values.max() <= 1
    if values.shape[1] == 1:
        if within:
            two = np.concatenate([1 - values, values], axis=1)
            note = "model: its one output is taken as the probability of the second class: it is never outside 0 to 1"
            return Scored("probabilities", two, (note,))
        two = np.concatenate([np.zeros_like(values), values], axis=1)
        return Scored("logits", two, ("model: its one output is taken as the logit of the second class",))
    sums = values.sum(axis=1, dtype=np.float64, keepdims=True)
    if values.min() >= 0 and np.abs(sums - 1).max() <= sure:
        note = "model: its outputs are taken as probabilities: each row sums to 1"
        return Scored("probabilities", (values / sums).astype(np.float32) if sure > SURE else values, (note,))
    if within and sums.min() > 0:
        note = "model: its outputs, 0 to 1 but no row of sum 1, are taken as one probability for each class alone, and "
        return Scored("probabilities", (values / sums).astype(np.float32), (note + "divided by their sum",))
    if values.max() <= 0 and np.abs(np.exp(values.astype(np.float64)).sum(axis=1) - 1).max() <= sure:
        return Scored("logits", values, ("model: its outputs are taken as log-probabilities",))
    return Scored("logits", values, ("model: its outputs are taken as logits",))
