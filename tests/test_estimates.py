"""How long a training will take: from trainings done here, else from the reference, in proportion to its work."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from mnistcore.config import TrainConfig
from mnistcore.datasets.loading import load_split
from mnistcore.datasets.registry import DATASETS
from mnistcore.models.models import MODELS
from mnistcore.runs.history import EpochReport
from mnistcore.runs.manifest import RunManifest
from mnistcore.training import estimates
from mnistcore.training.estimates import Estimate, Speed
from mnistcore.training.presets import make_config
from scripts.toys import toy_content, toy_report
from tests.here import store_here


def saved(*, seed: int = 0, model: str = "mlp", device: str = "cpu", **overrides: Any) -> RunManifest:
    content = toy_content(config=make_config("digits", model, "handout", seed=seed, **overrides))
    there = content.origin.environment.model_copy(update={"device": device})
    return store_here().save(replace(content, origin=content.origin.model_copy(update={"environment": there})))


def history(*speeds: float, evaluating: float = 0.0, images: int = 1000) -> list[EpochReport]:
    """Epochs at these speeds, each with so many seconds for the validation images on top."""
    return [
        replace(toy_report(epoch), images_per_second=speed, seconds=images / speed + evaluating)
        for epoch, speed in enumerate(speeds, start=1)
    ]


def estimated(config: TrainConfig, speeds: Sequence[Speed] = ()) -> Estimate:
    found = estimates.estimate(config, speeds)
    assert found is not None
    return found


def with_sizes(**sizes: int) -> RunManifest:
    run = saved(seed=len(sizes))
    return run.model_copy(update={"dataset": run.dataset.model_copy(update={"sizes": sizes})})


def test_the_images_are_those_that_are_there() -> None:
    digits = DATASETS["digits"]
    sizes = [len(load_split("digits", split)) for split in ("train", "validation", "test")]
    assert [digits.train_size, digits.validation_size, digits.test_size] == sizes


@pytest.mark.parametrize(("batch_size", "epochs", "steps"), [(64, 5, 100), (1257, 3, 3), (1256, 3, 6), (1, 1, 1257)])
def test_steps_are_counted_as_the_training_takes_them(batch_size: int, epochs: int, steps: int) -> None:
    config = make_config("digits", "mlp", "handout", batch_size=batch_size, epochs=epochs)
    assert estimated(config).steps == estimates.count_steps(config) == steps


def test_the_time_is_in_proportion_to_images_and_epochs() -> None:
    def seconds(dataset: str, epochs: int) -> float:
        return estimated(make_config(dataset, "cnn", "quick", epochs=epochs)).seconds

    assert seconds("digits", 10) == pytest.approx(2 * seconds("digits", 5))
    assert seconds("mnist", 2) == pytest.approx(2 * seconds("mnist", 1))


def test_a_training_done_here_tells_more_than_the_reference() -> None:
    config = make_config("digits", "mlp", "handout", epochs=2)
    guessed, known = estimated(config), estimated(config, [Speed(1257, None)])
    reference = estimates.REFERENCE_SPEEDS["mlp"]
    assert reference.evaluating is not None
    assert (guessed.basis, guessed.runs) == ("reference", 0)
    assert guessed.seconds == pytest.approx(2 * 1257 / reference.training + 2 * (180 + 360) / reference.evaluating)
    assert (known.basis, known.runs) == ("runs", 1)
    assert known.seconds == pytest.approx(2)


def test_one_run_on_a_busy_machine_does_not_decide() -> None:
    config = make_config("digits", "mlp", "handout", epochs=1)
    found = estimated(config, [Speed(1257, 540), Speed(1257, 540), Speed(1, 1)])
    assert found.seconds == pytest.approx(2)
    assert found.runs == 3


def test_evaluating_is_part_of_the_time() -> None:
    """54 s an epoch that was trained in 44: 5,000 validation images took 10 s, so 10,000 test images take 20."""
    run = with_sizes(train=55_000, validation=5_000)
    speed = estimates.measured_speed(run, history(*[1250.0] * 3, evaluating=10, images=55_000))
    assert speed == Speed(1250.0, pytest.approx(500))
    config = make_config("mnist", "resnet", "quick", epochs=3)
    assert estimated(config, [speed]).seconds == pytest.approx(3 * (44 + 10 + 20))


def test_test_images_are_evaluated_in_kept_epochs_alone() -> None:
    config = make_config("digits", "mlp", "handout", epochs=100)
    assert estimated(config, [Speed(1257, 180)]).seconds == pytest.approx(100 * (1 + 1) + 50 * 2)


def test_the_first_epoch_in_which_torch_warms_up_is_passed_over() -> None:
    run = with_sizes(train=1000, validation=100)
    assert estimates.measured_speed(run, history(100, 1000, 1000, evaluating=1)) == Speed(1000, pytest.approx(100))


@pytest.mark.parametrize("sizes", [{}, {"train": 1000}, {"validation": 100}, {"train": 0, "validation": 0}])
def test_a_run_without_sizes_tells_of_training_alone(sizes: dict[str, int]) -> None:
    assert estimates.measured_speed(with_sizes(**sizes), history(1000, evaluating=1)) == Speed(1000, None)


@pytest.mark.parametrize("speed", [0.0, 5e-324, 1e308])
def test_a_speed_that_cannot_be_tells_nothing(speed: float) -> None:
    run = with_sizes(train=1000, validation=100)
    assert estimates.measured_speed(run, []) is None
    assert estimates.measured_speed(run, [replace(toy_report(1), images_per_second=speed)]) is None
    slow = [replace(toy_report(1), images_per_second=1000.0, seconds=1e308)]
    assert estimates.measured_speed(run, slow) == Speed(1000, None)


def test_of_an_unknown_data_set_nothing_is_estimated() -> None:
    config = make_config("digits", "mlp", "handout").model_copy(update={"dataset": "letters"})
    assert estimates.count_steps(config) is None
    assert estimates.estimate(config, []) is None


def test_every_model_has_a_reference() -> None:
    assert set(estimates.REFERENCE_SPEEDS) == set(MODELS)


def test_comparable_runs_are_of_the_same_model_on_the_same_kind_of_device() -> None:
    config = make_config("digits", "mlp", "handout", seed=9)
    saved(model="cnn")
    saved(seed=1, device="cuda:1")
    assert estimates.comparable_runs(config, store_here().listing().runs, device="cpu") == ()
    here = saved(seed=2)
    assert estimates.comparable_runs(config, store_here().listing().runs, device="cpu") == (here,)
    (there,) = estimates.comparable_runs(config, store_here().listing().runs, device="cuda:0")
    assert there.trained.environment.device == "cuda:1"


def test_the_most_alike_are_taken_the_newest_first() -> None:
    config = make_config("digits", "mlp", "handout", seed=9, batch_size=256)
    other = saved(seed=1)
    assert estimates.comparable_runs(config, [other], device="cpu") == (other,), "better than none"
    alike = [saved(seed=seed, batch_size=256) for seed in range(estimates.MAX_RUNS + 1)]
    runs = store_here().listing().runs
    assert estimates.comparable_runs(config, runs, device="cpu") == tuple(reversed(alike))[: estimates.MAX_RUNS]


def test_places_on_the_axis_of_epochs() -> None:
    assert [estimates.epochs_passed(step, steps=40, epochs=4) for step in (0, 5, 10, 40)] == [0, 0.5, 1, 4]
    assert estimates.epochs_passed(7, steps=0, epochs=4) == 0
    assert estimates.end_of_epoch(toy_report(3)) == 3
    assert estimates.end_of_epoch(replace(toy_report(1), share=0.25)) == 0.25


def test_on_a_gpu_nothing_is_guessed_before_there_was_a_training() -> None:
    wanted = make_config("digits", "resnet", "best")
    unknown = estimates.estimate(wanted, [], device="cuda:0")
    assert unknown is not None
    assert (unknown.seconds, unknown.basis, unknown.runs) == (None, "unknown", 0)
    assert unknown.steps == estimates.count_steps(wanted)
    known = estimates.estimate(wanted, [estimates.Speed(1e6, None)], device="cuda:0")
    assert known is not None
    assert known.basis == "runs"
