"""Owns whether what was saved is what comes back: a run from the store, a resume point."""

from typing import Any

import numpy as np

from mnistcore.config import run_id
from mnistcore.runs.content import RunContent
from mnistcore.runs.manifest import RunManifest
from mnistcore.runs.store import Store
from mnistcore.training.resume_points import ResumePoint, ResumePoints


def open_everything(store: Store, run_id: str) -> RunManifest:
    manifest = store.manifest(run_id)
    store.weights(run_id)
    store.history(run_id)
    for split in ("validation", "test"):
        store.predictions(run_id, split)
    return manifest


def is_saved(store: Store, content: RunContent) -> bool:
    """Whether exactly this content is what the store gives back."""
    manifest = open_everything(store, run_id_of(content))
    weights = store.weights(manifest.run_id)
    return (
        weights.keys() == content.weights.keys()
        and all(np.array_equal(weights[name], array) for name, array in content.weights.items())
        and all(
            np.array_equal(store.predictions(manifest.run_id, split, epoch=epoch).logits, logits[layer])
            and np.array_equal(store.predictions(manifest.run_id, split, epoch=epoch).labels, labels)
            for split, (labels, logits) in content.predictions.items()
            for layer, epoch in enumerate(content.epochs_kept)
        )
        and store.history(manifest.run_id) == content.history
        and manifest.origin == content.origin
    )


def run_id_of(content: RunContent) -> str:
    return run_id(content.origin.config)


def is_point_saved(points: ResumePoints, expected: ResumePoint) -> bool:
    found = points.read(expected.config, expected.fingerprints)
    if found is None:
        return False
    plain = ("config", "epoch", "step", "correct", "seconds", "history")
    return (
        all(getattr(found, name) == getattr(expected, name) for name in plain)
        and same(found.tensors, expected.tensors)
        and same(found.weights, expected.weights)
        and found.logits.keys() == expected.logits.keys()
        and all(same(found.logits[epoch], logits) for epoch, logits in expected.logits.items())
    )


def same(one: Any, other: Any) -> bool:
    return one.keys() == other.keys() and all(
        one[name].dtype == array.dtype and np.array_equal(one[name], array) for name, array in other.items()
    )
