"""How long a training will take: from trainings done here, else from the reference, in proportion to its work."""

from dataclasses import replace
from typing import Any

import pytest

from mnistcore import estimates
from mnistcore.config import make_config
from mnistcore.data import DATASETS, load_split
from mnistcore.history import EpochReport
from mnistcore.models import MODELS
from mnistcore.store import RunManifest, Store
from tests.toys import toy_content, toy_report


def saved(*, seed: int = 0, model: str = "mlp", device: str = "cpu", **overrides: Any) -> RunManifest:
    content = toy_content(config=make_config("digits", model, "handout", seed=seed, **overrides))
    return Store.default().save(replace(content, environment=content.environment.model_copy(update={"device": device})))


def history(*speeds: float) -> list[EpochReport]:
    return [replace(toy_report(epoch), images_per_second=speed) for epoch, speed in enumerate(speeds, start=1)]


def test_the_training_images_are_those_that_are_there() -> None:
    assert DATASETS["digits"].train_size == len(load_split("digits", "train"))


@pytest.mark.parametrize(("batch_size", "epochs", "steps"), [(64, 5, 100), (1257, 3, 3), (1256, 3, 6), (1, 1, 1257)])
def test_steps_are_counted_as_the_training_takes_them(batch_size: int, epochs: int, steps: int) -> None:
    config = make_config("digits", "mlp", "handout", batch_size=batch_size, epochs=epochs)
    assert estimates.estimate(config, []).steps == estimates.count_steps(config) == steps


def test_the_time_is_in_proportion_to_images_and_epochs() -> None:
    def seconds(dataset: str, epochs: int) -> float:
        return estimates.estimate(make_config(dataset, "cnn", "quick", epochs=epochs), []).seconds

    assert seconds("digits", 10) == pytest.approx(2 * seconds("digits", 5))
    assert seconds("mnist", 1) == pytest.approx(seconds("digits", 1) * 55_000 / 1_257)


def test_a_training_done_here_tells_more_than_the_reference() -> None:
    config = make_config("digits", "mlp", "handout", epochs=2)
    guessed, known = estimates.estimate(config, []), estimates.estimate(config, [history(100, 1257, 1257)])
    assert (guessed.basis, guessed.runs) == ("reference", 0)
    assert guessed.seconds == pytest.approx(2 * 1257 / estimates.REFERENCE_SPEEDS["mlp"])
    assert (known.basis, known.runs) == ("runs", 1)
    assert known.seconds == pytest.approx(2), "the first epoch, in which torch warms up, is passed over"


def test_one_run_on_a_busy_machine_does_not_decide() -> None:
    config = make_config("digits", "mlp", "handout", epochs=1)
    found = estimates.estimate(config, [history(1257), history(1257), history(1)])
    assert found.seconds == pytest.approx(1)
    assert found.runs == 3


def test_every_model_has_a_reference() -> None:
    assert set(estimates.REFERENCE_SPEEDS) == set(MODELS)


def test_comparable_runs_are_of_the_same_model_on_the_same_kind_of_device() -> None:
    config = make_config("digits", "mlp", "handout", seed=9)
    saved(model="cnn")
    saved(seed=1, device="cuda:1")
    assert estimates.comparable_runs(config, Store.default().listing().runs, device="cpu") == ()
    here = saved(seed=2)
    assert estimates.comparable_runs(config, Store.default().listing().runs, device="cpu") == (here,)
    (there,) = estimates.comparable_runs(config, Store.default().listing().runs, device="cuda:0")
    assert there.environment.device == "cuda:1"


def test_the_most_alike_are_taken_the_newest_first() -> None:
    config = make_config("digits", "mlp", "handout", seed=9, batch_size=256)
    other = saved(seed=1)
    assert estimates.comparable_runs(config, [other], device="cpu") == (other,), "better than none"
    alike = [saved(seed=seed, batch_size=256) for seed in range(estimates.MAX_RUNS + 1)]
    runs = Store.default().listing().runs
    assert estimates.comparable_runs(config, runs, device="cpu") == tuple(reversed(alike))[: estimates.MAX_RUNS]


def test_places_on_the_axis_of_epochs() -> None:
    assert [estimates.epochs_passed(step, steps=40, epochs=4) for step in (0, 5, 10, 40)] == [0, 0.5, 1, 4]
    assert estimates.epochs_passed(7, steps=0, epochs=4) == 0
    assert estimates.end_of_epoch(toy_report(3)) == 3
    assert estimates.end_of_epoch(replace(toy_report(1), share=0.25)) == 0.25
