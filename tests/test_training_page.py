"""The training page: its fields and their faults, what is said before the start, the live view, the list."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnistcore import config, processes
from mnistcore.config import TrainConfig
from mnistcore.datasets.registry import DATASETS
from mnistcore.devices import device_memory, devices
from mnistcore.errors import NonFiniteLossError, StoreWriteError
from mnistcore.jobs import job_files, jobs
from mnistcore.models.models import MODELS
from mnistcore.runs import accounts
from mnistcore.runs.history import CurvePoint
from mnistcore.training.presets import PRESETS, make_config
from scripts.toys import toy_content, toy_report
from tests.here import here, store_here
from tests.trainings import make_up
from tests.visits import html, open_page, words
from ui import cache
from ui.texts import TEXTS, render
from ui.training.wishes import DETAILS, Wish

LANGUAGES = ("ja", "en")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
WAIT_SECONDS = 120


pytestmark = pytest.mark.usefixtures("no_cached_pages")


def wish(*, dataset: str = "digits", model: str = "mlp", preset: str = "handout", **changed: object) -> str:
    return str(Wish(dataset, model, preset, {name: str(value) for name, value in changed.items()}))


def short(**overrides: Any) -> TrainConfig:
    return make_config("digits", "mlp", "handout", **overrides)


def open_form(language: str = "en", **changed: Any) -> AppTest:
    return open_page("training", lang=language, form=wish(**changed))


def know_devices(page: AppTest) -> AppTest:
    """Draw it again until nvidia-smi has answered, or until it is clear that there is none."""
    deadline = time.monotonic() + WAIT_SECONDS
    while cache.survey().gpu == "asking":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return page.run()


def button(page: AppTest, key: str) -> Any:
    return next((button for button in page.main.button if button.key == key), None)


def until(page: AppTest, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not done():
        assert time.monotonic() < deadline, words(page)
        time.sleep(0.2)


def leads_to(page: AppTest, run_id: str) -> None:
    """There is a link to this run's matrix; the browser's tests follow it."""
    language = in_address(page, "lang")
    links = re.findall(r'href="([^"]*)"', html(page, "ways"))
    assert links == [f"{name}?lang={language}&run={run_id}" for name in ("confusion_matrix", "overview")]


def in_address(page: AppTest, name: str) -> str:
    value = page.query_params[name]
    return value[0] if isinstance(value, list) else value


def faults(page: AppTest) -> list[str]:
    return [
        element.proto.body for element in page.main if element.type == "html" and 'class="fault"' in element.proto.body
    ]


# ---------------------------------------------------------------- the form


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_works_without_any_run_and_explains_every_field(language: str) -> None:
    page = open_page("training", lang=language)
    assert not page.exception
    assert not page.warning
    assert not page.error
    assert page.title[0].value == render("training.title", language)
    seen = words(page)
    for name in DETAILS:
        assert render(f"training.field.{name}", language) in [
            widget.label for kind in (page.main.text_input, page.main.selectbox) for widget in kind
        ]
        assert render(f"training.field.{name}.note", language) in seen
    assert bool(JAPANESE.search(seen)) == (language == "ja")
    assert button(page, "training_start").label == render("training.start", language)
    assert not page.sidebar.selectbox, "no checkpoint is looked at here"


def test_without_mnist_the_form_begins_with_what_needs_no_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNISTCORE_DATA", str(tmp_path / "no-data"))
    page = open_page("training", lang="en")
    assert page.selectbox(key="training_dataset").value == "digits"
    page.selectbox(key="training_dataset").set_value("kmnist").run()
    assert render("training.dataset.away", "en", count="55,000", classes=10) in words(page)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_fills_in_the_details(preset: str) -> None:
    page = open_form(epochs=3, seed=7)
    assert page.text_input(key="training_epochs").value == "3"
    page.selectbox(key="training_preset").set_value("best" if preset == "handout" else "handout").run()
    page.selectbox(key="training_preset").set_value(preset).run()
    recipe = make_config("digits", "mlp", preset)
    for name in ("epochs", "batch_size", "learning_rate"):
        assert page.text_input(key=f"training_{name}").value == str(getattr(recipe, name))
    for name in ("optimizer", "schedule", "augmentation"):
        assert page.selectbox(key=f"training_{name}").value == getattr(recipe, name)
    assert page.text_input(key="training_seed").value == "7", "the seed is the student's, not the preset's"


@pytest.mark.parametrize(("name", "value"), [("dataset", "mnist"), ("model", "cnn")])
def test_another_data_set_or_model_fills_in_the_details_anew(name: str, value: str) -> None:
    page = open_form(preset="quick", epochs=3, batch_size=7)
    page.selectbox(key=f"training_{name}").set_value(value).run()
    recipe = make_config(**{"dataset": "digits", "model": "mlp", "preset": "quick", name: value})
    assert page.text_input(key="training_epochs").value == str(recipe.epochs)
    assert page.text_input(key="training_batch_size").value == str(recipe.batch_size)


def test_what_is_typed_is_in_the_address_and_comes_back() -> None:
    page = open_form()
    page.text_input(key="training_learning_rate").set_value(" ０．０２ ").run()  # as an input method writes it
    assert page.text_input(key="training_learning_rate").value == "0.02"
    other = open_page("training", lang="ja", form=in_address(page, "form"))
    assert other.text_input(key="training_learning_rate").value == "0.02"
    other.button(key="training_reset").click().run()
    assert other.text_input(key="training_learning_rate").value == "0.001"


WRONG = [
    ("epochs", "0", ("1", "1,000")),
    ("epochs", "1001", ("1", "1,000")),
    ("epochs", "2.5", ("1", "1,000")),
    ("epochs", "many", ("1", "1,000")),
    ("epochs", "", ("1", "1,000")),
    ("batch_size", "0", ("1", "1,257")),
    ("batch_size", "1258", ("1", "1,257")),
    ("batch_size", "60000", ("1", "1,257")),
    ("learning_rate", "-0.001", ("0", "10")),
    ("learning_rate", "0", ("0", "10")),
    ("learning_rate", "nan", ("0", "10")),
    ("learning_rate", "inf", ("0", "10")),
    ("averaging", "1", ("0", "1")),
    ("seed", str(2**70), ("0", "9,223,372,036,854,775,807")),
    ("seed", "-1", ("0",)),
    ("optimizer", "newton", ("adam", "adamw", "sgd")),
    ("device", "tpu", ("auto", "cpu")),
    ("device", "cuda:9", ("auto", "cpu")),
    ("epochs", "<b>1</b>", ("1", "1,000")),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("field", "value", "accepted"), WRONG)
def test_a_wrong_value_is_answered_at_its_field(
    field: str, value: str, accepted: tuple[str, ...], language: str
) -> None:
    page = know_devices(open_form(language, **{field: value}))
    assert not page.exception
    (fault,) = faults(page)
    assert all(word in fault for word in accepted)
    assert bool(JAPANESE.search(fault)) == (language == "ja")
    assert "<b>" not in fault
    assert render(f"training.field.{field}.note", language) not in words(page), "it stands where the explanation stood"
    assert button(page, "training_start").disabled
    assert render("training.start.faults", language) in words(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_field_waits_for_nvidia_smi(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, tool = tmp_path / "gate", tmp_path / "bin" / "nvidia-smi"
    tool.parent.mkdir()
    answer = "echo 0, GPU-5c89852c, NVIDIA H100 80GB HBM3, 81559, 31522"
    tool.write_text(f"#!/bin/sh\nwhile [ ! -e {gate} ]; do sleep 0.02; done\n{answer}\n", encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=":")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    page = open_form(language, device="cuda:0")
    for epochs in ("3", "4"):  # a link to a GPU holds while it is not known which there are, and fields can be changed
        assert not page.exception
        assert not faults(page)
        assert render("training.device.asking", language) in words(page)
        assert not button(page, "training_start").disabled
        page.text_input(key="training_epochs").set_value(epochs).run()
    gate.touch()
    know_devices(page)
    assert render("training.device.asking", language) not in words(page)
    assert not faults(page)
    page.selectbox(key="training_device").set_value("cuda:0").run()
    assert not page.exception


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("gpus", "device"), [(("A", "B"), "most_free"), (("A",), "auto")])
def test_on_a_gpu_that_nothing_was_trained_on_the_time_is_not_known(
    gpus: tuple[str, ...], device: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", ",".join(map(str, range(len(gpus)))))
    monkeypatch.setattr(devices, "_has_driver", lambda: True)
    monkeypatch.setattr(devices, "_torch_is_for_cpus", lambda: False)
    monkeypatch.setattr(device_memory, "gpu_identities", lambda: gpus)
    said = words(open_form(language))
    assert render("training.unknown", language) in said
    assert render("training.before.time.unknown", language) in said
    name = render(f"training.before.device.{device}", language, device="cuda:0")
    assert name in said
    note = render("training.before.device.most_free.note", language, count=2)
    assert (note in said) == (len(gpus) == 2)
    assert (render("training.before.device.free", language) in said) == (len(gpus) == 1)


def test_every_wrong_field_is_answered_at_once_and_mended_one_by_one() -> None:
    page = know_devices(open_form(epochs=0, batch_size=5000, learning_rate=-1, seed=2**70, device="tpu"))
    assert len(faults(page)) == 5
    for field, value in (("epochs", "1"), ("batch_size", "64"), ("learning_rate", "0.1"), ("seed", "3")):
        page.text_input(key=f"training_{field}").set_value(value).run()
    page.selectbox(key="training_device").set_value("cpu").run()
    assert not faults(page)
    assert not button(page, "training_start").disabled


@pytest.mark.parametrize(
    "form", ["dataset=imagenet", "model=gpt", "preset=magic", "![x](http://example.org/x.png)=1,model=["]
)
def test_a_form_that_a_link_cannot_mean_is_explained(form: str) -> None:
    page = open_page("training", lang="en", form=form)
    assert not page.exception
    assert len(page.warning) == 1
    assert "![x](http" not in page.warning[0].value
    assert not button(page, "training_start").disabled


@pytest.mark.parametrize("job", ["digits-mlp-00000000", "../../etc/passwd", "![x](http://example.org/x.png)"])
def test_a_training_that_nobody_knows_is_explained(job: str) -> None:
    page = open_page("training", lang="en", job=job)
    assert not page.exception
    assert len(page.warning) == 1
    assert "![x](http" not in page.warning[0].value
    assert button(page, "training_start") is not None, "the form is there instead"


# ---------------------------------------------------------------- before the start


def test_steps_and_time_are_said_before_the_start() -> None:
    page = open_form(epochs=4, batch_size=100)
    cards = html(page, "cards")
    assert ">52<" in cards, "13 steps an epoch"
    assert render("training.before.time.reference", "en") in words(page)
    store_here().save(toy_content(config=short(seed=5)))
    st.cache_resource.clear()
    page.run()
    assert render("training.before.time.runs", "en", count=1) in words(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_stored_is_not_trained_again_unless_asked(language: str) -> None:
    run = store_here().save(toy_content(config=short()))
    page = open_form(language)
    assert button(page, "training_start") is None
    assert f"{run.accuracy:.2%}" in page.success[0].value
    assert button(page, "training_anew").label == render("training.anew", language)
    leads_to(page, run.run_id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_somebody_trains_already_is_watched(language: str) -> None:
    run_id = make_up(short(), state="training", lives=True, steps_done=20, steps=100, seconds=2.0)
    page = open_form(language)
    assert button(page, "training_start") is None
    assert page.info[0].value == render("training.there.live", language)
    button(page, "training_watch").click().run()
    assert in_address(page, "job") == run_id
    assert render("training.state.training", language) in html(page, "job")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_interrupted_can_be_resumed(language: str) -> None:
    make_up(short(), state="interrupted", resumable=True, steps_done=40, steps=100)
    page = open_form(language)
    assert page.warning[0].value == render("training.there.resumable", language, done="40", steps="100")
    assert button(page, "training_resume").label == render("training.resume", language)
    assert button(page, "training_anew") is not None


def test_a_start_that_fails_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StoreWriteError("disk full: expected free space")

    monkeypatch.setattr(jobs, "start", refuse)
    page = open_form()
    button(page, "training_start").click().run()
    assert page.error[0].value == render("training.start.failed", "en")
    assert "disk full" in page.code[0].value
    page.run()
    assert not page.error


# ---------------------------------------------------------------- the live view


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["waiting", "starting", "training"])
def test_a_training_that_lives_is_shown_in_words(state: str, language: str) -> None:
    progress = {} if state != "training" else {"steps_done": 31, "steps": 100, "seconds": 3.0, "memory_bytes": 2**30}
    run_id = make_up(
        short(),
        state=state,
        lives=True,
        history=(toy_report(1),) if progress else (),
        curve=(CurvePoint(20, 1.0, 0.5),) if progress else (),
        **progress,
    )
    page = open_page("training", lang=language, job=run_id)
    assert not page.exception
    assert render(f"training.state.{state}", language) in html(page, "job")
    assert button(page, "training_cancel").label == render("training.cancel", language)
    if progress:
        seen = words(page)
        assert render("training.card.epoch.value", language, epoch=2, epochs=5) in seen
        assert "628" in seen, "images a second: ten of an epoch's 20 steps, as the clock starts after the first"
        assert "1.0 GiB" in seen
        (bar,) = page.get("progress")
        left = render("time.seconds", language, seconds=7)
        assert bar.proto.text == render(
            "training.progress.left", language, done="31", steps="100", share="31%", left=left
        )


def test_a_cancelled_training_is_stopping_at_once() -> None:
    run_id = make_up(short(), state="training", lives=True, steps_done=30, steps=100, seconds=3.0)
    page = open_page("training", lang="en", job=run_id)
    button(page, "training_cancel").click().run()
    assert render("training.state.stopping", "en") in html(page, "job")
    assert button(page, "training_cancel").disabled
    assert button(page, "training_kill") is not None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lives", [True, False])
def test_another_accounts_training_is_shown_without_buttons(
    lives: bool, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "owner", lambda path: "alice")
    run_id = make_up(short(), state="training" if lives else "interrupted", lives=lives, resumable=True, steps=100)
    page = open_page("training", lang=language, job=run_id)
    assert render("training.account", language, account="alice") in [caption.value for caption in page.caption]
    keys = {each.key for each in page.main.button}
    assert not keys & {"training_cancel", "training_kill", "training_resume", "training_again", "training_remove_now"}


def test_a_full_queue_is_said_in_both_languages() -> None:
    for seed in range(9):
        make_up(short(seed=seed + 1), state="waiting", lives=True, site=jobs.site("cpu"))
    for language in LANGUAGES:
        page = open_form(language, device="cpu")
        button(page, "training_start").click().run()
        assert page.error[0].value == render("training.start.failed", language)
        assert ("待てるのは 8 件まで" if language == "ja" else "at most 8 training runs waiting") in page.code[0].value


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "kind", [*(key.rpartition(".")[2] for key in TEXTS if key.startswith("training.failed.")), "OSError"]
)
def test_a_failure_is_said_in_words_with_its_message(kind: str, language: str) -> None:
    failure = jobs.Failure(kind=kind, message="expected this, got that")
    run_id = make_up(short(), state="failed", steps_done=30, steps=100, failure=failure)
    page = open_page("training", lang=language, job=run_id)
    known = f"training.failed.{kind}"
    assert page.error[0].value == render(known if known in TEXTS else "training.failed.other", language)
    assert "expected this, got that" in page.code[0].value
    assert button(page, "training_again").label == render("training.again", language)


def test_the_names_of_failures_are_those_of_errors() -> None:
    from mnistcore import errors

    kinds = {key.rpartition(".")[2] for key in TEXTS if key.startswith("training.failed.")} - {"other"}
    assert all(issubclass(getattr(errors, kind), errors.MnistcoreError) for kind in kinds)
    assert NonFiniteLossError.__name__ in kinds


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_interrupted_training_leads_to_what_it_has(language: str) -> None:
    run = store_here().save(toy_content(config=short(), status="interrupted"))
    make_up(short(), state="interrupted", resumable=True, steps_done=30, steps=100)
    page = open_page("training", lang=language, job=run.run_id)
    assert render("training.state.interrupted", language) in html(page, "job")
    assert button(page, "training_resume") is not None
    leads_to(page, run.run_id)


def test_a_process_that_died_is_interrupted() -> None:
    run_id = make_up(short(), state="training", steps_done=30, steps=100)  # no process holds it
    page = open_page("training", lang="en", job=run_id)
    assert render("training.state.interrupted", "en") in html(page, "job")
    assert button(page, "training_cancel") is None


def test_warnings_of_a_training_are_shown() -> None:
    run_id = make_up(short(), state="training", lives=True, warnings=("the resume point could not be kept",))
    page = open_page("training", lang="en", job=run_id)
    assert "the resume point could not be kept" in [code.value for code in page.code]


# ---------------------------------------------------------------- the list


@pytest.mark.parametrize("language", LANGUAGES)
def test_trainings_are_listed_and_one_is_chosen(language: str) -> None:
    done = make_up(short(seed=1), state="complete", steps_done=100, steps=100)
    lives = make_up(short(seed=2), state="training", lives=True, steps_done=50, steps=100)
    page = open_page("training", lang=language)
    rows = [element.proto.body for element in page.main if element.type == "html" and "job-row" in element.proto.body]
    assert [
        render(f"training.state.{state}", language) in row
        for state, row in zip(("training", "complete"), rows, strict=True)
    ] == [True, True]
    assert render("training.list.progress", language, done="50", steps="100") in rows[0]
    button(page, f"training_show_{done}").click().run()
    assert in_address(page, "job") == done
    assert render("training.state.complete", language) in html(page, "job")
    assert button(page, f"training_show_{done}").disabled
    assert not button(page, f"training_show_{lives}").disabled


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_training_that_failed_can_be_removed(language: str) -> None:
    failure = jobs.Failure(kind="DeviceError", message="no such device")
    run_id = make_up(short(), state="failed", failure=failure)
    page = open_page("training", lang=language, job=run_id)
    assert render("training.remove.kept", language) in words(page)
    assert button(page, "training_remove_now").label == render("training.remove.confirm", language)
    button(page, "training_remove_now").click().run()
    assert not page.exception
    assert jobs.list_jobs(here()) == ()
    assert "job" not in page.query_params
    assert button(page, "training_start") is not None
    assert render("training.list.none", language) in words(page)


def test_a_training_that_lives_cannot_be_removed() -> None:
    run_id = make_up(short(), state="training", lives=True, steps_done=30, steps=100)
    page = open_page("training", lang="en", job=run_id)
    assert button(page, "training_remove_now") is None


def test_one_that_is_trained_again_meanwhile_is_not_removed() -> None:
    run_id = make_up(short(), state="failed")
    page = open_page("training", lang="en", job=run_id)
    status = job_files.folder_of(here(), run_id) / "status.json"
    lives = job_files.read_status(job_files.folder_of(here(), run_id))
    assert lives is not None
    lives.state, lives.process = "training", processes.this_process()
    status.write_text(lives.model_dump_json(), encoding="utf-8")
    button(page, "training_remove_now").click().run()
    assert page.error[0].value == render("training.remove.failed", "en")
    assert jobs.is_known(here(), run_id)


@pytest.mark.parametrize(
    "extreme",
    [
        {"steps_done": 2, "steps": 2**53, "seconds": 1e9},
        {"steps_done": 2**53, "steps": 2**53, "seconds": 5e-324, "memory_bytes": 2**53},
        {"steps_done": 1, "steps": 1, "resumed_after": 1, "seconds": 0.0},
    ],
)
def test_numbers_as_large_as_can_be_are_shown(extreme: dict[str, Any]) -> None:
    run_id = make_up(short(), state="training", lives=True, **extreme)
    page = open_page("training", lang="ja", job=run_id)
    assert not page.exception
    assert button(page, "training_cancel") is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_read_is_named_beside_the_others(language: str) -> None:
    good, broken = make_up(short(seed=1), state="complete"), make_up(short(seed=2), state="complete")
    (job_files.folder_of(here(), broken) / "request.json").write_text("{", encoding="utf-8")
    page = open_page("training", lang=language)
    assert not page.exception
    assert button(page, f"training_show_{good}") is not None
    assert button(page, f"training_show_{broken}") is None
    assert render("training.problems.note", language) in words(page)
    assert page.code[-1].value.startswith(f"{broken}: ")


def test_every_name_has_its_sentence() -> None:
    for kind, names in (("model", MODELS), ("preset", PRESETS)):
        assert all(f"training.{kind}.{name}" in TEXTS for name in names)
    assert set(DATASETS)


# ---------------------------------------------------------------- a real one


def test_a_training_is_started_and_leads_to_its_matrix() -> None:
    page = open_form(epochs=1, device="cpu")
    button(page, "training_start").click().run()
    run_id = config.run_id(short(epochs=1))
    assert in_address(page, "job") == run_id
    until(page, lambda: (job := jobs.find(here(), run_id)) is not None and not job.is_live)
    st.cache_resource.clear()
    page.run()
    assert not page.exception
    assert render("training.state.complete", "en") in html(page, "job")
    assert page.success
    leads_to(page, run_id)
