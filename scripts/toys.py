"""Owns the smallest things that are valid, made up: for tests, benchmarks and the examples in docstrings."""

from dataclasses import replace
from typing import Any

import numpy as np

from mnistcore.config import TrainConfig
from mnistcore.jobs.jobs import Job
from mnistcore.runs.content import RunContent
from mnistcore.runs.history import EpochReport
from mnistcore.runs.manifest import (
    ClassRecord,
    DatasetRecord,
    EnvironmentRecord,
    LayerRecord,
    ModelRecord,
    Status,
    Trained,
)
from mnistcore.training.presets import make_config


def toy_config(*, seed: int = 0, epochs: int = 2, dataset: str = "digits", model: str = "mlp") -> TrainConfig:
    """The handout's recipe, shortened."""
    return make_config(dataset, model, "handout", seed=seed, epochs=epochs)


def toy_content(
    *,
    seed: int = 0,
    epochs: int = 2,
    status: Status = "complete",
    num_images: int = 20,
    num_classes: int = 10,
    values: int = 0,
    config: TrainConfig | None = None,
) -> RunContent:
    """A valid run with random logits and weights.

    Args:
        seed: of the configuration: another seed is another run_id.
        values: of the random numbers: the same run_id with another result.
        config: instead of the short recipe.
    """
    config = config or toy_config(seed=seed, epochs=epochs)
    random = np.random.default_rng([seed, values])
    finished = config.epochs if status == "complete" else max(1, config.epochs - 1)
    sizes = {"train": 10 * num_images, "validation": num_images, "test": num_images}
    return RunContent(
        status=status,
        dataset=DatasetRecord(
            name=config.dataset,
            classes=tuple(ClassRecord(ja=f"数字{number}", en=f"digit {number}") for number in range(num_classes)),
            fingerprints=dict.fromkeys(sizes, "0" * 64),
            sizes=sizes,
        ),
        origin=Trained(
            config=config,
            model=ModelRecord(
                name=config.model,
                parameters=3 * num_classes,
                layers=(LayerRecord(name="Linear", output=(num_classes,), parameters=3 * num_classes),),
            ),
            environment=EnvironmentRecord(
                python="3.11",
                torch="2",
                mnistcore="1",
                platform="toy",
                device="cpu",
                device_name="toy",
                threads=1,
            ),
            seconds=1.5,
        ),
        history=tuple(toy_report(epoch) for epoch in range(1, finished + 1)),
        epochs_kept=tuple(range(1, finished + 1)),
        predictions={
            split: (
                random.integers(0, num_classes, num_images),
                random.normal(size=(finished, num_images, num_classes)).astype(np.float32),
            )
            for split in ("validation", "test")
        },
        weights={
            "0.weight": random.normal(size=(num_classes, 2)).astype(np.float32),
            "0.bias": random.normal(size=num_classes).astype(np.float32),
            "1.num_batches_tracked": np.array(values),
        },
    )


def toy_report(epoch: int) -> EpochReport:
    """A report that is a little better each epoch."""
    return EpochReport(
        epoch=epoch,
        train_loss=1 / epoch,
        train_accuracy=1 - 0.5 / epoch,
        validation_loss=1.1 / epoch,
        validation_accuracy=1 - 0.6 / epoch,
        learning_rate=0.001,
        seconds=0.5,
        images_per_second=1000.0,
    )


def toy_job(run_id: str = "digits-mlp-00000001", **changes: Any) -> Job:
    """A training under way on the first GPU."""
    drawn = Job(
        run_id=run_id,
        config=make_config("digits", "mlp", "quick"),
        device="auto",
        queue="cuda:0",
        site="",
        state="training",
        place=None,
        stopping=False,
        resumable=False,
        steps_done=10,
        steps=100,
        resumed_after=0,
        seconds=1.0,
        memory_bytes=200,
        history=(),
        curve=(),
        warnings=(),
        failure=None,
        pid=7,
        queued="2026-01-01T00:00:00+00:00",
        ticket=1.0,
        updated="2026-01-01T00:00:01+00:00",
    )
    return replace(drawn, **changes)
