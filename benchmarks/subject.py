"""Owns the run that the benchmarks of the pages look at, and its numbers, to tell a right answer from an old one."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mnistcore.datasets import data_files, loading
from mnistcore.datasets.registry import DATASETS
from mnistcore.evaluation.evaluation import Evaluation, PerImage, evaluate_predictions
from mnistcore.runs.content import RunContent
from mnistcore.runs.manifest import ClassRecord, DatasetRecord, RunManifest
from mnistcore.runs.store import Store
from mnistcore.training.presets import make_config
from mnistcore.workspace import Workspace
from scripts.toys import toy_content

IMAGES_ON_A_PAGE = 100


@dataclass(frozen=True)
class Subject:
    """The run that is looked at, and its numbers, to tell a right answer from an old one."""

    root: Path  # artifacts folder that the server is given
    run: RunManifest
    evaluation: Evaluation
    each: PerImage  # of its images

    def __str__(self) -> str:
        found = self.evaluation
        return f"{self.run.run_id}, {found.total:,} images, {found.mistakes:,} mistakes"

    def images(self, mask: np.ndarray) -> list[str]:
        """The ids that the first page of the gallery shows for ``mask``, in its order."""
        return [str(index) for index in self.each.most_confident_first(mask)[:IMAGES_ON_A_PAGE]]

    def path(self, page: str, **parameters: str) -> str:
        chosen = {"lang": "en", "run": self.run.run_id} | parameters
        return f"/{page}?" + "&".join(f"{name}={value}" for name, value in chosen.items())


def prepare_subject(folder: Path) -> Subject:
    """A run as large as MNIST's in ``folder``; without MNIST the newest run of the artifacts folder."""
    here = Workspace.from_environment()
    if data_files.is_available("mnist", root=here.data):
        store = Store(folder / "runs")
        store.save(made_up_content())
    else:
        store = Store(here.runs)
        if not store.listing().runs:
            raise SystemExit(f"expected MNIST in {here.data} (set MNISTCORE_DATA) or a run in {store.root}: train one")
        print("MNIST is not there: the newest run takes its place", file=sys.stderr)
        folder = here.artifacts
    run = store.listing().runs[0]
    predictions = store.predictions(run.run_id, "test")
    evaluation = evaluate_predictions(predictions, num_classes=len(run.dataset.classes))
    if evaluation.per_image is None:
        raise SystemExit(f"expected a run with predictions for each image, {run.run_id} has counts only: train another")
    return Subject(folder, run, evaluation, evaluation.per_image)


def made_up_content() -> RunContent:
    """MNIST's test labels, and logits that are wrong for 1 to 2 % of them; the rest is a toy's."""
    split, classes = loading.load_split("mnist", "test"), DATASETS["mnist"].classes
    config = make_config("mnist", "mlp", "handout")
    shape = (config.epochs, len(split.labels), len(classes))
    logits = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    logits[:, np.arange(len(split.labels)), split.labels] += 4.0
    dataset = DatasetRecord(
        name=config.dataset,
        classes=tuple(ClassRecord(ja=name.ja, en=name.en) for name in classes),
        fingerprints=dict.fromkeys(("train", "validation", "test"), split.fingerprint),
        sizes={"train": 55_000, "validation": 5_000, "test": len(split.labels)},
    )
    content = toy_content(config=config)
    return replace(content, dataset=dataset, predictions={"test": (split.labels, logits)})
