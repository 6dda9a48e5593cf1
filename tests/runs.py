"""Owns made-up runs for the pages to show, with real test images and mistakes, and what makes two runs the same."""

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from mnistcore import metrics
from mnistcore.datasets.loading import load_split
from mnistcore.datasets.registry import DATASETS
from mnistcore.runs.content import RunContent
from mnistcore.runs.manifest import PREDICTED_SPLITS, ClassRecord, DatasetRecord
from mnistcore.runs.prediction_files import PredictionKind
from mnistcore.runs.store import Store
from mnistcore.training.presets import make_config
from scripts.toys import toy_content

FIRST_RUN = "digits-linear-c711a423"  # trained and saved by version 0.2.0; it has to be readable for ever
MISTAKES = 0.1  # the share of test images that is misclassified at the last epoch, about


def shown_content(
    *,
    seed: int = 0,
    model: str = "mlp",
    epochs: int = 3,
    mistakes: float = MISTAKES,
    dataset: str = "digits",
    root: Path | None = None,
    never: int | None = None,
) -> RunContent:
    """A run whose labels and fingerprints are those of a data set on this machine, so that its images are shown.

    Args:
        seed: of the configuration; another seed is another run, with other mistakes.
        mistakes: share of the images misclassified at the last epoch; a fifth more with each epoch before it.
        root: where the data set lies; None for the usual place.
        never: a class that no image is called.
    """
    config = make_config(dataset, model, "handout", seed=seed, epochs=epochs)
    splits = {name: _split(dataset, name, root) for name in ("validation", "test")}
    fingerprints = {name: split.fingerprint for name, split in splits.items()}
    classes = DATASETS[dataset].classes
    content = toy_content(config=config, seed=seed, num_classes=len(classes))
    return replace(
        content,
        dataset=DatasetRecord(
            name=dataset,
            classes=tuple(ClassRecord(ja=name.ja, en=name.en) for name in classes),
            fingerprints=fingerprints | {"train": "0" * 64},
            sizes={name: len(split) for name, split in splits.items()} | {"train": 1000},
        ),
        predictions={
            name: (split.labels, _logits(split.labels, len(classes), epochs, mistakes, seed, never))
            for name, split in splits.items()
        },
    )


_split = functools.cache(lambda dataset, name, root: load_split(dataset, name, root=root))


def _logits(
    labels: np.ndarray, num_classes: int, epochs: int, mistakes: float, seed: int, never: int | None
) -> np.ndarray:
    """float32 (E, N, C): noise, on top of which one class stands out: mostly the true one."""
    random = np.random.default_rng(seed)
    count = len(labels)
    logits = random.normal(size=(epochs, count, num_classes))
    for epoch in range(epochs):
        share = mistakes * (1 + 0.2 * (epochs - 1 - epoch))
        # A mistake takes one of the next two classes, so that some cells of the matrix hold several.
        wrong = (labels + random.integers(1, 3, count)) % num_classes
        called = np.where(random.random(count) < share, wrong, labels)
        margin = random.uniform(0.1, 9, count)
        rest = logits[epoch].max(axis=1)
        logits[epoch, np.arange(count), called] = rest + margin
    if never is not None:
        logits[:, :, never] = logits.min() - 1
    return logits.astype(np.float32)


def numbers(content: RunContent, epoch: int | None = None) -> Mapping[str, np.ndarray]:
    """The labels (N,) and the logits (N, C) of the test images as they were made: at one epoch, the last if None."""
    labels, logits = content.predictions["test"]
    at = -1 if epoch is None else content.epochs_kept.index(epoch)
    return {"labels": labels, "logits": logits[at]}


def as_kind(content: RunContent, kind: PredictionKind) -> RunContent:
    """The same run, of which less was stored: no more than its probabilities, its predicted labels, or its counts."""
    classes = len(content.dataset.classes)

    def less(labels: np.ndarray, logits: np.ndarray) -> tuple[np.ndarray | None, np.ndarray]:
        if kind == "probabilities":
            return labels, np.stack([metrics.softmax(layer) for layer in logits]).astype(np.float32)
        predicted = logits.argmax(axis=2)
        if kind == "labels":
            return labels, predicted
        return None, np.stack([metrics.confusion_matrix(labels, layer, num_classes=classes) for layer in predicted])

    predictions = {split: less(*arrays) for split, arrays in content.predictions.items()}
    return replace(content, predictions=predictions, kinds=dict.fromkeys(predictions, kind))


def agree(manifest: dict[str, Any], name: str, data: bytes) -> None:
    """Make a run.json say of one of its files that it is these bytes, as a classmate might hand it over."""
    (record,) = (record for record in manifest["files"].values() if record["name"] == name)
    record.update(sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))


def result_of(store: Store, run_id: str) -> dict[str, Any]:
    """All of a run that has to be the same when it is trained again: what is not wall time, bit for bit."""
    manifest = store.manifest(run_id)
    history = [asdict(report) for report in store.history(run_id)]
    predictions = {
        (split, epoch): store.predictions(run_id, split, epoch=epoch)
        for split in PREDICTED_SPLITS
        for epoch in manifest.epochs_kept
    }
    return {
        "status": manifest.status,
        "epochs": manifest.epochs_kept,
        "accuracy": manifest.accuracy,
        "weights": {name: array.tobytes() for name, array in store.weights(run_id).items()},
        "history": [
            {name: value for name, value in report.items() if name not in ("seconds", "images_per_second")}
            for report in history
        ],
        "logits": {place: found.logits.tobytes() for place, found in predictions.items()},
        "labels": {place: found.labels.tobytes() for place, found in predictions.items()},
    }
