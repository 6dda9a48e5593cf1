"""Owns the tests of mnistcore.config."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mnistcore import config
from mnistcore.errors import ConfigError, UnknownNameError
from mnistcore.training import presets


def test_handout_is_the_lab_handouts_recipe() -> None:
    recipe = presets.make_config("mnist", "mlp", "handout")
    assert (recipe.epochs, recipe.batch_size, recipe.optimizer, recipe.learning_rate) == (
        5,
        64,
        "adam",
        0.001,
    )
    assert (recipe.schedule, recipe.weight_decay, recipe.label_smoothing, recipe.augmentation) == (
        "constant",
        0.0,
        0.0,
        "none",
    )


@pytest.mark.parametrize("preset", presets.PRESETS)
def test_every_preset_is_found_again_by_its_values(preset: str) -> None:
    recipe = presets.make_config("digits", "cnn", preset, seed=3)
    assert presets.preset_name(recipe) == preset
    assert presets.preset_name(recipe.model_copy(update={"epochs": 999})) is None


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("data set", {"dataset": "letters"}),
        ("model", {"model": "transformer"}),
        ("preset", {"preset": "fastest"}),
    ],
)
def test_unknown_names_are_answered_with_the_known_ones(kind: str, names: dict[str, str]) -> None:
    wanted = {"dataset": "digits", "model": "mlp", "preset": "quick"} | names
    with pytest.raises(ConfigError, match=f"unknown {kind} '.*'.*expected one of \\w+.*, ") as caught:
        presets.make_config(**wanted)
    message = str(caught.value)
    assert message.count(next(iter(names.values()))) == 1
    assert "Value error" not in message


def test_a_stored_configuration_may_name_what_this_version_lacks() -> None:
    stored = presets.make_config("digits", "mlp", "quick").model_dump() | {
        "dataset": "letters",
        "model": "transformer-2",
    }
    found = config.TrainConfig.model_validate(stored)
    assert config.run_id(found).startswith("letters-transformer-2-")
    assert presets.preset_name(found.model_copy(update={"epochs": 1, "batch_size": 256})) == "quick"
    for name in ("", "../x", "A", "a b", "a" * 41, "a--b", "数"):
        with pytest.raises(ValidationError):
            config.TrainConfig.model_validate(stored | {"dataset": name})


def test_how_the_first_versions_prepared_images_stays_what_it_was() -> None:
    # Their runs did not write it down: whoever changes this makes them answer otherwise.
    first = {name: config.first_preprocessing(name) for name in ("mnist", "fashion-mnist", "kmnist", "digits")}
    assert {name: (found.mean, found.std, found.input_shape) for name, found in first.items() if found} == {
        "mnist": (0.1307, 0.3081, (1, 28, 28)),
        "fashion-mnist": (0.2860, 0.3530, (1, 28, 28)),
        "kmnist": (0.1918, 0.3483, (1, 28, 28)),
        "digits": (0.1549, 0.3161, (1, 28, 28)),
    }
    assert config.first_preprocessing("letters") is None


def test_an_unknown_preset_names_the_presets() -> None:
    with pytest.raises(UnknownNameError) as caught:
        presets.make_config("digits", "mlp", "fastest")
    assert caught.value.known == tuple(presets.PRESETS)


@pytest.mark.parametrize(
    ("field", "value", "accepted"),
    [
        ("epochs", 0, "greater than or equal to 1"),
        ("epochs", 1001, "less than or equal to 1000"),
        ("batch_size", 55_001, "less than or equal to 55000"),
        ("learning_rate", -0.1, "greater than 0"),
        ("seed", 2**70, f"{config.MAX_SEED}|valid integer"),
        ("optimizer", "lion", "'adam', 'adamw' or 'sgd'"),
    ],
)
def test_a_message_names_the_field_and_what_it_takes(field: str, value: object, accepted: str) -> None:
    with pytest.raises(ConfigError, match=f"^{field}: .*({accepted}).*, got {value!r}$"):
        presets.make_config("digits", "mlp", "handout", **{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("epochs", 1.5),
        ("batch_size", 0),
        ("learning_rate", 0.0),
        ("learning_rate", -0.1),
        ("learning_rate", float("nan")),
        ("weight_decay", float("inf")),
        ("seed", -1),
        ("seed", 2**70),
        ("optimizer", "lion"),
        ("schedule", "step"),
        ("augmentation", "flip"),
        ("label_smoothing", 1.0),
        ("no_such_field", 1),
    ],
)
def test_a_field_outside_its_range_is_named(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=field):
        presets.make_config("digits", "mlp", "handout", **{field: value})


def test_a_configuration_cannot_be_changed() -> None:
    recipe = presets.make_config("digits", "mlp", "handout")
    with pytest.raises(ValidationError):
        recipe.epochs = 6  # type: ignore[misc]


@settings(deadline=None)
@given(seed=st.integers(0, config.MAX_SEED), epochs=st.integers(1, 1000))
def test_the_same_configuration_has_the_same_id(seed: int, epochs: int) -> None:
    first = presets.make_config("digits", "mlp", "quick", seed=seed, epochs=epochs)
    again = config.TrainConfig.model_validate_json(first.model_dump_json())
    assert again == first
    assert config.run_id(again) == config.run_id(first)
    assert config.run_id(first).startswith("digits-mlp-")


def test_another_configuration_has_another_id() -> None:
    ids = {config.run_id(presets.make_config("digits", "mlp", "quick", seed=seed)) for seed in range(200)}
    assert len(ids) == 200


def test_an_id_stays_what_it_was() -> None:
    # Runs on disk are found by it: whoever changes this makes everybody train everything again.
    assert config.run_id(presets.make_config("mnist", "mlp", "handout")) == HANDOUT_ID


def test_another_network_under_an_old_name_has_other_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = presets.make_config("mnist", "cnn", "handout")
    now = config.run_id(wanted)
    monkeypatch.setattr(config, "_REVISIONS", {})
    assert config.run_id(wanted) == "mnist-cnn-94238a90"
    assert now != config.run_id(wanted)


HANDOUT_ID = "mnist-mlp-f45e6886"


def test_making_a_configuration_imports_no_torch() -> None:
    code = (
        "import sys; from mnistcore import config; from mnistcore.training import presets; c = presets.make_config('mnist', 'mlp', 'best');"
        "config.run_id(c); assert 'torch' not in sys.modules and 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent.parent, env=dict(os.environ))


def test_shuffled_labels_are_another_run_and_true_ones_the_old_one() -> None:
    plain = presets.make_config("digits", "mlp", "handout")
    assert config.run_id(plain.model_copy(update={"labels": "true"})) == config.run_id(plain)
    assert config.run_id(plain.model_copy(update={"labels": "shuffled"})) != config.run_id(plain)
