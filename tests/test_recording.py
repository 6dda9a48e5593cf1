"""Predictions that are handed over: what is taken, what is assumed and said, what is refused, and what is kept."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.svm import SVC
from torch import nn
from torch.utils.data import DataLoader, Subset, SubsetRandomSampler, TensorDataset
from typer.testing import CliRunner

import mnistcore
from mnistcore.__main__ import app
from mnistcore.datasets.loading import load_split
from mnistcore.errors import InputError
from mnistcore.imports import given
from tests.here import store_here
from tests.loaders import Digits, Handout, by_hand
from tests.visits import CHECKPOINT_PAGES, curve, open_page, whole, words

LABELS = [0, 1, 2, 1]
P = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.5, 0.4, 0.1]])


@pytest.mark.parametrize(
    "labels",
    [LABELS, np.array(LABELS), torch.tensor(LABELS), pd.Series(LABELS), [0.0, 1.0, 2.0, 1.0], np.eye(3)[LABELS]],
    ids=["list", "numpy", "torch", "pandas", "floats", "one-hot"],
)
@pytest.mark.parametrize("wrap", [np.asarray, torch.tensor, pd.DataFrame, lambda p: p.tolist(), lambda p: 100 * p])
def test_the_same_predictions_are_the_same_run_however_they_come(labels: Any, wrap: Any) -> None:
    done = mnistcore.record_predictions(labels, probabilities=wrap(P), name="Any framework")
    assert done.numbers.matrix.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    again = mnistcore.record_predictions(LABELS, probabilities=P, name="Any framework")
    assert (again.run_id, again.is_new, done.is_new) == (done.run_id, False, True)
    assert done.run_id.startswith("any-framework-")
    other = mnistcore.record_predictions(LABELS, probabilities=P[:, [0, 2, 1]], name="Any framework")
    assert other.run_id != done.run_id
    assert len(store_here().listing().runs) == 2


def test_names_numbers_from_one_and_logits() -> None:
    found = mnistcore.record_predictions(["dog", "cat", "dog"], ["dog", "cat", "cat"], name="名前")
    assert [record.en for record in found.manifest.dataset.classes] == ["cat", "dog"]
    assert found.numbers.matrix.tolist() == [[1, 0], [1, 1]]
    assert found.run_id.startswith("recorded-")
    from_one = mnistcore.record_predictions([1, 2, 3], logits=np.eye(3) * 5)
    assert from_one.numbers.correct == 3
    assert "1 is taken as the first class" in repr(from_one)
    ordered = given.labelled(["10", "9", "1"])
    assert ordered.classes == ("1", "9", "10")
    assert given.labelled([100, 2000, 100]).classes == ("100", "2000")
    assert given.scored(logits=np.log(P)).kind == "logits"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"labels": [], "predicted": []}, "got nothing"),
        ({"labels": LABELS}, "got none of them"),
        ({"labels": LABELS, "predicted": [0, 1]}, "as many as labels, 4, got 2"),
        ({"labels": [0, 1, 2.5, 1], "probabilities": P}, "got 2.5 in row 2"),
        ({"labels": [0, 1, 3, 1], "probabilities": P}, "numbers from 0 to 2, got 3 in row 2"),
        ({"labels": [0, 1, -1, 1], "probabilities": P}, "got -1 in row 2"),
        (
            {"labels": ["a", "b", "x", "b"], "probabilities": P, "classes": "abc"},
            "expected one of a, b, c, got 'x' in row 2",
        ),
        ({"labels": ["a", "b", "a", "b"], "probabilities": P}, "the labels name 2"),
        ({"labels": LABELS, "probabilities": P, "classes": "ab"}, "a name for each of 3 columns, got 2"),
        ({"labels": LABELS, "probabilities": P, "classes": "aba"}, "got 'a' twice"),
        ({"labels": LABELS[:3], "probabilities": P}, "a row for each of 3 labels, got 4"),
        ({"labels": LABELS, "probabilities": np.where(P == 0.8, np.nan, P)}, "finite numbers, got another in row 1"),
        ({"labels": LABELS, "probabilities": np.where(P == 0.8, -0.1, P)}, "in row 1"),
        ({"labels": LABELS, "probabilities": P * 3}, "say logits"),
        ({"labels": LABELS, "probabilities": P, "logits": P}, "got both"),
        ({"labels": LABELS, "predicted": [0, 0, 2, 0], "probabilities": P}, "'1', got '0' in row 1 (1 of 4 rows)"),
        ({"labels": ["a"] * 4, "predicted": ["a"] * 4}, "expected 2 to 1000, got 1"),
        ({"labels": LABELS, "probabilities": P, "images": np.zeros((3, 8, 8))}, "one for each of 4 labels, got 3"),
        ({"labels": LABELS, "probabilities": P, "images": np.full((4, 8, 8), -1.0)}, "undo what was done"),
        ({"labels": LABELS, "probabilities": P, "images": np.zeros((4, 8, 8, 2))}, "got shape (4, 8, 8, 2)"),
        ({"labels": LABELS, "probabilities": P, "name": " "}, "1 to 80 signs"),
        ({"labels": np.arange(1001), "predicted": np.arange(1001)}, "2 to 1000, got 1001"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_row_and_nothing_is_kept(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError) as raised:
        mnistcore.record_predictions(**arguments)
    assert told in str(raised.value)
    assert not store_here().listing().runs


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.full((2, 4, 5), 7, dtype=np.uint8), (2, 4, 5)),
        (np.full((2, 4, 5, 1), 0.5), (2, 4, 5)),
        (np.full((2, 1, 4, 5), 0.5), (2, 4, 5)),
        (np.full((2, 3, 4, 5), 0.5), (2, 4, 5, 3)),
        (torch.full((2, 4, 5, 3), 0.5), (2, 4, 5, 3)),
        (np.full((2, 64), 16.0), (2, 8, 8)),
    ],
)
def test_images_of_any_order_and_scale(value: Any, expected: tuple[int, ...]) -> None:
    found = given.images(value, count=2)
    assert (found.shape, found.dtype, found.flags.c_contiguous) == (expected, np.uint8, True)
    assert found.max() == {7: 7, 16: 255}.get(int(value.max()), 128)


def test_the_same_name_is_another_version_and_the_picker_says_when() -> None:
    first = mnistcore.record_predictions(LABELS, probabilities=P, name="mine")
    second = mnistcore.record_predictions(LABELS, probabilities=P[:, [1, 0, 2]], name="mine")
    again = mnistcore.record_predictions(LABELS, probabilities=P, name="mine")
    assert (again.run_id, again.is_new, "was recorded before" in repr(again)) == (first.run_id, False, True)
    assert [run.run_id for run in store_here().listing().runs] == [second.run_id, first.run_id]
    page = open_page("overview", lang="en", run=first.run_id)
    (picker,) = [box for box in page.selectbox if box.label == "Checkpoint"]
    made = [run.manifest.created[:19].replace("T", " ") for run in (second, first)]
    same_second = len(set(made)) == 1
    for option, moment, run in zip(picker.options, made, (second, first), strict=True):
        assert (moment in option) or same_second
        assert "mine" in option
        assert not same_second or run.run_id[-8:] in option
    assert len(set(picker.options)) == 2


def test_a_known_test_set_is_recognised_and_its_images_are_not_kept_twice() -> None:
    split = load_split("digits", "test")
    logits = np.eye(10)[split.labels] * 4
    done = mnistcore.record_predictions(split.labels, logits=logits, images=split.images, name="all right")
    assert done.manifest.dataset.name == "digits"
    assert not done.manifest.carried_splits
    assert done.numbers.correct == len(split.labels)


def test_a_classifier_of_another_library_is_seen_on_every_page_and_in_a_notebook() -> None:
    digits = load_digits()
    names = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
    model = SVC(gamma=0.01).fit(digits.data[:900], names[digits.target[:900]])
    called = model.predict(digits.data[900:])
    done = mnistcore.record_predictions(
        names[digits.target[900:]],
        called,
        images=digits.data[900:],
        classes=names,
        name="<b>svm</b>",
        framework="sklearn",
    )
    assert done.numbers.summary.accuracy == pytest.approx(model.score(digits.data[900:], names[digits.target[900:]]))
    assert "&lt;b&gt;svm" in done._repr_html_()
    assert "<script" not in done._repr_html_()
    assert f"{done.numbers.correct:,} of 897 images" in repr(done)
    stored = mnistcore.load_run(done.run_id)
    for shown in (done, stored, mnistcore.evaluate(done.run_id)):
        assert shown._repr_html_().count("<td") == 100
        assert f"{done.numbers.correct:,} of 897 images" in shown._repr_html_()
    for name in CHECKPOINT_PAGES:
        page = open_page(name, lang="en", run=done.run_id)
        whole(page)
    page = open_page("overview", lang="en", run=done.run_id)
    assert not page.error
    told = words(page)
    assert "The predictions were recorded; the model was trained elsewhere. sklearn" in told
    assert "brought from elsewhere" in told
    assert "897" in words(open_page("confusion_matrix", lang="en", run=done.run_id, cell="everything"))


# ---------------------------------------------------------------- a model of one's own


def test_a_model_answers_as_by_hand_and_everything_is_left_as_it_was() -> None:
    torch.manual_seed(3)
    data, model = Digits(), Handout()
    expected = by_hand(model, data)
    model.train()
    model[1].eval()  # frozen by its owner
    generator = torch.Generator().manual_seed(9)
    loader = DataLoader(data, batch_size=50, shuffle=True, drop_last=True, generator=generator)
    states = torch.get_rng_state(), generator.get_state()
    done = mnistcore.record(model, loader, name="my first net")
    assert (torch.equal(torch.get_rng_state(), states[0]), torch.equal(generator.get_state(), states[1])) == (
        True,
        True,
    )
    assert [part.training for part in model] == [True, False, True, True, True]
    assert all(each.grad is None for each in model.parameters())
    stored = store_here().predictions(done.manifest, "test")
    np.testing.assert_allclose(stored.logits, expected, atol=1e-5)  # type: ignore[union-attr]
    assert stored.labels is not None
    assert stored.labels.tolist() == data.targets.tolist()
    assert done.manifest.dataset.name == "digits", "it is a test set that is here"
    assert not done.manifest.carried_splits
    assert "in the order of the data set" in repr(done)
    assert "taken as logits" in repr(done)


def test_subsets_samplers_tensors_and_batches_of_any_kind() -> None:
    torch.manual_seed(3)
    data, model = Digits(), Handout()
    part = Subset(Subset(data, range(100, 200)), [5, 7, 50])
    done = mnistcore.record(model, DataLoader(part, batch_size=2))
    store = store_here()
    assert store.images(done.manifest, "test").tolist() == data.data[[105, 107, 150]].tolist()
    assert [record.en for record in done.manifest.dataset.classes] == list(Digits.classes)
    done = mnistcore.record(model, DataLoader(data, batch_size=2, sampler=SubsetRandomSampler([9, 3, 4])))
    assert store.images(done.manifest, "test").tolist() == data.data[[3, 4, 9]].tolist()
    inputs = torch.stack([data[place][0] for place in range(6)])
    labels = torch.as_tensor(data.targets[:6])
    plain = (inputs * 0.31 + 0.13).clamp(0, 1)
    done = mnistcore.record(model, DataLoader(TensorDataset(plain, labels), batch_size=4))
    assert store.images(done.manifest, "test").tolist() == data.data[:6].tolist()
    done = mnistcore.record(model, [(inputs[:4], labels[:4]), (inputs[4:], labels[4:])], classes=Digits.classes)
    assert "is shown as black" in repr(done), "they are normalised, and nobody says how"
    shown = store_here().images(done.manifest, "test").astype(int)
    assert np.abs(shown - data.data[:6].numpy()).max() <= 1
    one_hot = nn.functional.one_hot(labels, 10)
    again = mnistcore.record(model, [(inputs[:4], one_hot[:4]), (inputs[4:], one_hot[4:])], classes=Digits.classes)
    assert again.run_id == done.run_id


def test_an_unknown_data_set_is_shown_as_its_network_saw_it() -> None:
    class Unknown(Digits):
        def __init__(self) -> None:
            super().__init__()
            self.pixels, self.data = self.data, None  # type: ignore[assignment]

        def __len__(self) -> int:
            return 7

        def __getitem__(self, place: int) -> tuple[torch.Tensor, int]:
            return self.transform(self.pixels[place].numpy()), int(self.targets[place])

    data = Unknown()
    done = mnistcore.record(Handout(), DataLoader(data, batch_size=3))
    assert store_here().images(done.manifest, "test").tolist() == data.pixels[:7].tolist()


@pytest.mark.parametrize(
    ("last", "kind", "told"),
    [
        (nn.LogSoftmax(1), "logits", "log-probabilities"),
        (nn.Softmax(1), "probabilities", "each row sums to 1"),
        (nn.Identity(), "logits", "taken as logits"),
    ],
)
def test_what_a_network_gives_is_told_apart(last: nn.Module, kind: str, told: str) -> None:
    torch.manual_seed(1)
    data = Subset(Digits(), range(20))
    done = mnistcore.record(nn.Sequential(Handout(), last), DataLoader(data, batch_size=8))
    assert done.manifest.predictions["test"].kind == kind
    assert told in repr(done)


@pytest.mark.parametrize(
    ("model", "loader", "told"),
    [
        (nn.Flatten(0), [(torch.zeros(2, 3), torch.zeros(2))], "a row of scores for each of 2 images"),
        (nn.Flatten(), [{"image": torch.zeros(2, 3)}], "got a dict of image in batch 0"),
        (nn.Flatten(), [(torch.zeros(3, 3), torch.zeros(2))], "expected 2 images as a tensor"),
        (nn.Flatten(), [], "at least one batch"),
        (nn.Flatten(), [(torch.full((2, 3), torch.nan), torch.zeros(2))], "finite scores, got others for image 0"),
        (nn.Flatten(), [(torch.zeros(2, 3), torch.tensor([0, 3]))], "got 3 in row 1"),
    ],
)
def test_what_a_model_or_loader_cannot_be_is_said(model: nn.Module, loader: Any, told: str) -> None:
    with pytest.raises(InputError) as raised:
        mnistcore.record(model, loader)
    assert told in str(raised.value)
    assert not store_here().listing().runs


def test_the_epochs_of_a_loop_are_one_run_and_nothing_is_lost_when_it_ends_early() -> None:
    torch.manual_seed(5)
    data, model = Digits(), Handout()
    loader = DataLoader(data, batch_size=60, shuffle=True)
    expected = []
    with mnistcore.Recorder("my loop") as recorder:
        for _ in range(3):
            expected.append(by_hand(model, data))
            accuracy = recorder.epoch(model, loader)
            assert accuracy == pytest.approx((expected[-1].argmax(1) == data.targets).mean())
            with torch.no_grad():
                model[1].weight += 0.3 * torch.randn_like(model[1].weight)
    done = recorder.close()
    assert done.manifest.epochs_kept == (1, 2, 3)
    for epoch, logits in enumerate(expected, 1):
        stored = store_here().predictions(done.manifest, "test", epoch=epoch)
        np.testing.assert_allclose(stored.logits, logits, atol=1e-4)  # type: ignore[union-attr]
    whole(open_page("overview", lang="en", run=done.run_id, epoch=2))
    whole(open_page("lessons", lang="en", run=done.run_id, lesson="epochs"))
    stopped = mnistcore.Recorder("stopped")
    with pytest.raises(KeyboardInterrupt):
        stop_after_an_epoch(stopped, model, loader)
    assert stopped.close().manifest.status == "interrupted"
    mixed = mnistcore.Recorder("mixed")
    mixed.epoch(model, loader)
    with pytest.raises(InputError, match="images of the epochs before"):
        mixed.epoch(model, DataLoader(Subset(data, range(9)), batch_size=9))
    with pytest.raises(InputError, match="got none"):
        mnistcore.Recorder("nothing").close()


def test_the_curves_show_what_the_loop_said_and_the_test_images_of_each_epoch() -> None:
    torch.manual_seed(5)
    data, model = Digits(), Handout()
    loader = DataLoader(data, batch_size=60)
    losses, accuracies, expected = [2.5, 0.5, 0.25], [0.25, 0.5, 0.75], []
    with mnistcore.Recorder("curves") as recorder:
        for loss, accuracy in zip(losses, accuracies, strict=True):
            logits = torch.from_numpy(by_hand(model, data))
            truth = torch.from_numpy(data.targets)
            expected.append(
                (float(nn.functional.cross_entropy(logits, truth)), float((logits.argmax(1) == truth).float().mean()))
            )
            recorder.epoch(model, loader, train_loss=torch.tensor(loss), train_accuracy=np.float32(accuracy))
            with torch.no_grad():
                model[1].weight += 0.3 * torch.randn_like(model[1].weight)
    run_id = recorder.close().run_id
    shown = curve(run_id, epoch=2)
    assert shown["training data", "loss"] == losses
    assert shown["training data", "accuracy"] == accuracies
    assert shown["test data", "loss"] == pytest.approx([loss for loss, _ in expected], abs=1e-4)
    assert shown["test data", "accuracy"] == pytest.approx([accuracy for _, accuracy in expected])
    stored = mnistcore.load_run(run_id)
    assert [(report.epoch, report.train_loss) for report in stored.history()] == list(enumerate(losses, 1))
    told = CliRunner().invoke(app, ["show", run_id]).stdout
    assert ("curves (recorded)" in told, "75.00 %" in told, "2.5000" in told) == (True, True, True)
    document = json.loads(CliRunner().invoke(app, ["show", run_id, "--json"]).stdout)
    assert [each["train_accuracy"] for each in document["history"]] == accuracies
    store_here().verify(run_id)


def test_a_loop_that_says_nothing_has_the_curve_of_the_test_images_alone() -> None:
    model, loader = Handout(), DataLoader(Subset(Digits(), range(40)), batch_size=20)
    silent, partly = mnistcore.Recorder("silent"), mnistcore.Recorder("partly")
    for epoch in range(2):
        silent.epoch(model, loader)
        partly.epoch(model, loader, **({"train_loss": 1.5} if epoch else {"train_loss": float("nan")}))
    once = mnistcore.Recorder("once")
    once.epoch(model, loader, train_loss=1.0)
    runs = [recorder.close().run_id for recorder in (silent, partly, once)]  # pages look for new ones now and then
    assert {name for name, _ in curve(runs[0])} == {"test data"}
    assert mnistcore.load_run(runs[0]).history() == ()
    shown = curve(runs[1])
    assert shown["training data", "loss"] == [None, 1.5]
    assert ("training data", "accuracy") not in shown
    assert curve(runs[2]) == {}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"train_loss": "low"}, "train_loss: expected a number, got a str"),
        ({"train_loss": torch.ones(2)}, "train_loss: expected a number, got a Tensor"),
        ({"train_accuracy": 97.5}, "train_accuracy: expected 0 to 1, got 97.5"),
    ],
)
def test_what_a_loop_cannot_say_is_refused_and_the_epoch_can_be_told_again(said: dict[str, Any], told: str) -> None:
    recorder, loader = mnistcore.Recorder("loop"), [(torch.zeros(2, 784), torch.tensor([0, 1]))]
    with pytest.raises(InputError) as raised:
        recorder.epoch(Handout(), loader, **said)
    assert told in str(raised.value)
    recorder.epoch(Handout(), loader)
    assert recorder.close().manifest.epochs_kept == (1,)
    with pytest.raises(InputError, match="1 to 80 signs"):
        mnistcore.Recorder("x" * 81)


def stop_after_an_epoch(recorder: Any, model: nn.Module, loader: Any) -> None:
    with recorder:
        recorder.epoch(model, loader)
        raise KeyboardInterrupt


# ---------------------------------------------------------------- limits


def test_a_name_of_a_class_has_at_most_200_signs() -> None:
    fine = mnistcore.record_predictions(["a", "x" * 200], ["a", "a"], name="fine")
    assert [each.en for each in fine.manifest.dataset.classes] == ["a", "x" * 200]
    with pytest.raises(InputError, match="names of at most 200 signs, got 201: 'xxx"):
        mnistcore.record_predictions(["a", "x" * 201], ["a", "a"])


def test_of_long_notes_the_beginning_is_kept() -> None:
    done = mnistcore.record_predictions([0, 1], [0, 1], model="m" * 3000, framework="f" * 3000, notes="n" * 30_000)
    origin = done.manifest.origin
    assert (len(origin.model), len(origin.framework), len(origin.notes)) == (200, 200, 10_000)
    assert origin.notes.endswith("n…")


def test_of_many_epochs_of_a_loop_fifty_keep_their_predictions() -> None:
    model, loader = torch.nn.Linear(4, 3), [(torch.randn(6, 4), torch.tensor([0, 1, 2, 0, 1, 2]))]
    with mnistcore.Recorder("long", images=np.zeros((6, 2, 2), np.uint8)) as recorder:
        for epoch in range(1, 121):
            recorder.epoch(model, loader, train_loss=1 / epoch)
    run = recorder.close().manifest
    assert (len(run.epochs_kept), run.epochs_kept[0], run.epochs_kept[-1]) == (50, 1, 120)
    assert len(store_here().recorded(run)) == 120, "what the loop said of each"
    for name in ("overview", "lessons"):
        page = open_page(name, lang="en", run=run.run_id, epoch=run.epochs_kept[20])
        whole(page)
        assert not page.error and not page.warning
