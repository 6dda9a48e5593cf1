"""mnistcore.imports.running and batches: any network and any loader gives what it gives by hand, or is refused in words."""

import random
import re
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.utils.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    DistributedSampler,
    IterableDataset,
    Sampler,
    Subset,
    TensorDataset,
    WeightedRandomSampler,
)
from torchvision import datasets, transforms
from torchvision.transforms import v2

import mnistcore
from mnistcore.errors import InputError
from mnistcore.imports import running
from mnistcore.runs.manifest import RunManifest
from tests.here import store_here
from tests.loaders import Digits, Handout, by_hand


def logits(run: RunManifest) -> np.ndarray:
    return store_here().predictions(run, "test").logits  # type: ignore[union-attr, return-value]


def labels(run: RunManifest) -> list[int]:
    found = store_here().predictions(run, "test").labels
    assert found is not None
    return found.tolist()


# ---------------------------------------------------------------- left as it was


class Restless(Dataset):
    """Draws from everything random while it is gone through, and stops in the middle where it is told to."""

    def __init__(self, *, fails: bool) -> None:
        self.fails = fails

    def __len__(self) -> int:
        return 6

    def __getitem__(self, place: int) -> tuple[torch.Tensor, int]:
        if self.fails and place == 4:
            raise RuntimeError("the disk is gone")
        return torch.rand(784) + random.random() + np.random.rand(), place % 2  # noqa: NPY002


class Frozen(nn.Module):
    """Of which its owner has put a part out of training for good; draws, too."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(784, 4), nn.BatchNorm1d(4), nn.Dropout())
        self.head = nn.Linear(4, 2)
        self.body[1].eval()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        assert not any(part.training for part in self.modules())
        assert not torch.is_grad_enabled()
        return self.head(self.body(images)) + 0 * torch.rand(2)


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("call", ["record", "Recorder"])
def test_model_loader_and_everything_random_are_as_before_even_after_a_failure(call: str, fails: bool) -> None:
    torch.manual_seed(1)
    model = Frozen().train()
    model.body[1].eval()
    model.head.weight.requires_grad_(False)
    of_loader, of_sampler = torch.Generator().manual_seed(2), torch.Generator().manual_seed(3)
    data = Restless(fails=fails)
    sampler = torch.utils.data.SubsetRandomSampler([5, 1, 4], generator=of_sampler)
    loader = DataLoader(data, batch_size=2, sampler=sampler, generator=of_loader)
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 0.5)

    def state() -> list[Any]:
        random_states = [random.getstate(), np.random.get_state()[1].tolist()]  # noqa: NPY002
        torch_states = [
            each.tolist() for each in (torch.get_rng_state(), of_loader.get_state(), of_sampler.get_state())
        ]
        modes = [part.training for part in model.modules()]
        tensors = [each.tolist() for each in model.state_dict().values()]
        gradients = [(each.requires_grad, each.grad.tolist()) for each in model.parameters()]  # type: ignore[union-attr]
        return [random_states, torch_states, modes, tensors, gradients, torch.is_grad_enabled()]

    before = state()
    if fails:
        with pytest.raises(RuntimeError, match="the disk is gone"):
            mnistcore.record(model, loader) if call == "record" else mnistcore.Recorder().epoch(model, loader)
    elif call == "record":
        mnistcore.record(model, loader)
    else:
        mnistcore.Recorder().epoch(model, loader)
    assert state() == before
    assert not fails or not store_here().listing().runs


def test_an_epoch_trains_on_as_if_it_had_not_been_recorded() -> None:
    def trained(*, recorded: bool) -> torch.Tensor:
        torch.manual_seed(4)
        model, data = Handout(), Digits()
        loader = DataLoader(Subset(data, range(80)), batch_size=20, shuffle=True)
        optimizer = torch.optim.Adam(model.parameters())
        recorder = mnistcore.Recorder("loop")
        for _ in range(2):
            for images, truth in loader:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model.train()(images), truth).backward()
                optimizer.step()
            if recorded:
                recorder.epoch(model, loader)
        return model[1].weight.detach().clone()

    assert torch.equal(trained(recorded=True), trained(recorded=False))


# ---------------------------------------------------------------- loaders


class ByTwos(Sampler):
    """Batches of somebody's own, backwards, one image twice."""

    def __iter__(self) -> Iterator[list[int]]:
        return iter([[9, 7], [5], [7, 3]])

    def __len__(self) -> int:
        return 3


def loaders() -> dict[str, tuple[Any, list[int]]]:
    """Name -> a loader of the digits, and the places that are recorded of it."""
    data, ten = Digits(), Subset(Digits(), range(10))
    return {
        "shuffled": (DataLoader(ten, batch_size=3, shuffle=True), list(range(10))),
        "last batch dropped": (DataLoader(ten, batch_size=4, drop_last=True), list(range(10))),
        "with replacement": (
            DataLoader(data, batch_size=3, sampler=WeightedRandomSampler([0, 0, 1.0], 5)),
            [2],
        ),
        "distributed and filled up": (
            DataLoader(ten, batch_size=2, sampler=DistributedSampler(ten, num_replicas=3, rank=1, shuffle=True)),
            sorted({int(place) for place in DistributedSampler(ten, num_replicas=3, rank=1, shuffle=True)}),
        ),
        "batches of one's own": (DataLoader(data, batch_sampler=ByTwos()), [3, 5, 7, 9]),
        "batches, wrapped": (
            DataLoader(data, batch_sampler=BatchSampler(torch.utils.data.SubsetRandomSampler([8, 2, 4]), 2, True)),
            [2, 4, 8],
        ),
        "in two processes": (DataLoader(ten, batch_size=3, num_workers=2), list(range(10))),
        "nested subsets": (
            DataLoader(Subset(Subset(data, range(100, 200)), [50, 7, 5]), batch_size=2),
            [150, 107, 105],
        ),
        "two data sets": (
            DataLoader(ConcatDataset([Subset(data, [4, 2]), ConcatDataset([Subset(data, [9])])]), batch_size=2),
            [4, 2, 9],
        ),
    }


@pytest.mark.parametrize("name", loaders())
def test_a_loader_of_any_kind_is_recorded_as_its_data_set_has_it(name: str) -> None:
    torch.manual_seed(6)
    (loader, places), model, data = loaders()[name], Handout(), Digits()
    if len(places) == 1:
        done = mnistcore.record(model, loader, classes=Digits.classes)
    else:
        done = mnistcore.record(model, loader)
    np.testing.assert_allclose(logits(done.manifest), by_hand(model, data)[places], atol=1e-5)
    assert labels(done.manifest) == data.targets[places].tolist()
    assert store_here().images(done.manifest, "test").tolist() == data.data[places].tolist()
    assert [record.en for record in done.manifest.dataset.classes] == list(Digits.classes)
    changed = "in the order of the data set" in repr(done)
    assert changed == (name not in ("in two processes", "nested subsets", "two data sets"))


class Stream(IterableDataset):
    """Has no places; gives images one by one."""

    classes = Digits.classes

    def __init__(self) -> None:
        self.transform = Digits().transform

    def __iter__(self) -> Iterator[tuple[torch.Tensor, int]]:
        data = Digits()
        return (data[place] for place in range(7))


def test_a_stream_is_recorded_as_it_comes_with_normalize_undone() -> None:
    model, data = Handout(), Digits()
    done = mnistcore.record(model, DataLoader(Stream(), batch_size=3))
    assert labels(done.manifest) == data.targets[:7].tolist()
    assert store_here().images(done.manifest, "test").tolist() == data.data[:7].tolist()


def test_whole_batches_of_a_data_set_are_recorded() -> None:
    data = Digits()
    made = [
        (torch.stack([data[place][0] for place in places]), torch.as_tensor(data.targets[places]))
        for places in ([0, 1], [2])
    ]
    done = mnistcore.record(Handout(), DataLoader(made, batch_size=None), classes=Digits.classes)  # type: ignore[arg-type]
    assert labels(done.manifest) == data.targets[:3].tolist()


@pytest.mark.parametrize(
    "wrap",
    [lambda i, t: {"pixel_values": i, "labels": t}, lambda i, t: {"image": i, "label": t}, lambda i, t: (i, t, t)],
)
def test_batches_of_other_libraries_are_understood(wrap: Any) -> None:
    images, truth = torch.rand(4, 1, 28, 28), torch.tensor([0, 3, 2, 9])
    done = mnistcore.record(Handout(), [wrap(images[:3], truth[:3]), wrap(images[3:], truth[3:])])
    assert labels(done.manifest) == truth.tolist()
    assert store_here().images(done.manifest, "test").shape == (4, 28, 28)


def test_labels_that_are_names_are_taken_with_the_names_that_are_said() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    done = mnistcore.record(
        model, [(torch.rand(2, 8, 8), ["dog", "cat"]), (torch.rand(1, 8, 8), ("dog",))], classes=["dog", "cat"]
    )
    assert labels(done.manifest) == [0, 1, 0]


# ---------------------------------------------------------------- networks


class Answering(nn.Module):
    """Gives what it is told to."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, images: torch.Tensor) -> Any:
        return self.answer(images) if callable(self.answer) else self.answer


TWO = [(torch.rand(2, 8, 8), torch.tensor([0, 1]))]
Pair = namedtuple("Pair", "first second")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            (torch.zeros(2, 3), torch.zeros(2, 3)),
            "expected one output, a row of scores for each image, got a tuple of 2",
        ),
        (Pair(torch.zeros(2, 3), torch.zeros(2, 3)), "got a Pair of 2"),
        ({"out": torch.zeros(2, 3)}, "got a dict of 1"),
        (torch.zeros(2, 3, 8, 8), "got (2, 3, 8, 8) in batch 0"),
        (torch.zeros(3, 3), "for each of 2 images, got (3, 3) in batch 0"),
        (torch.zeros(()), "got () in batch 0"),
        (None, "got NoneType in batch 0"),
        (torch.tensor([0, 1]), "expected scores, got torch.int64 in batch 0; predicted classes are kept by"),
        (lambda images: images @ torch.zeros(5, 2), "it cannot take batch 0, torch.float32 of shape (2, 8, 8)"),
    ],
)
def test_what_is_no_row_of_scores_is_refused_in_words(answer: Any, told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        mnistcore.record(Answering(answer), TWO)
    assert not store_here().listing().runs


@pytest.mark.parametrize(
    ("loader", "told"),
    [
        (
            [TWO[0], (torch.rand(2, 9, 9), torch.tensor([0, 1]))],
            "it cannot take batch 1, torch.float32 of shape (2, 9, 9)",
        ),
        (
            [TWO[0], (torch.rand(3, 8, 8), torch.tensor([0, 1]))],
            "expected 2 images as a tensor, got (3, 8, 8) in batch 1",
        ),
        ([{"pixels": torch.rand(2, 8, 8), "labels": torch.tensor([0, 1])}], "got a dict of pixels, labels in batch 0"),
        ([(torch.rand(2, 8, 8), 1)], "expected a label for each image, got a int in batch 0"),
        ([(torch.rand(2, 8, 8), torch.tensor([[1, 1], [0, 1]]))], "one value for each image, got shape (2, 2)"),
        ([TWO[0], (torch.rand(2, 8, 8), torch.eye(2))], "expected labels of one shape in every batch"),
        ([torch.rand(2, 8, 8)], "got a Tensor in batch 0"),
    ],
)
def test_a_loader_that_does_not_fit_is_refused_with_its_batch(loader: Any, told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        mnistcore.record(nn.Sequential(nn.Flatten(), nn.Linear(64, 2)), loader)
    assert not store_here().listing().runs


def test_what_is_no_network_is_told_the_other_way() -> None:
    with pytest.raises(
        InputError, match=r"got function; of any other library.*record_predictions\(labels, predicted\)"
    ):
        mnistcore.record(lambda images: images, TWO)


SCORES = torch.tensor([[2.0, -1.0, 0.5], [0.1, 0.3, -4.0], [0.0, 0.0, 3.0]])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize(
    ("form", "kind", "told"),
    [
        (lambda scores: scores, "logits", "taken as logits"),
        (lambda scores: scores.log_softmax(1), "logits", "log-probabilities"),
        (lambda scores: scores.softmax(1), "probabilities", "each row sums to 1"),
        (lambda scores: scores.sigmoid(), "probabilities", "one probability for each class alone"),
        (lambda scores: scores[:, :, None, None], "logits", "taken as logits"),
        (lambda scores: SimpleNamespace(logits=scores), "logits", "taken as logits"),
    ],
)
def test_logits_log_probabilities_and_probabilities_are_told_apart(
    form: Any, kind: str, told: str, dtype: torch.dtype
) -> None:
    answer = form(SCORES.to(dtype))
    done = mnistcore.record(Answering(lambda _: answer), [(torch.rand(3, 8, 8), torch.tensor([0, 1, 2]))])
    assert done.manifest.predictions["test"].kind == kind
    assert told in repr(done)
    seen = store_here().predictions(done.manifest, "test")
    assert seen.predicted is not None
    assert seen.predicted.tolist() == SCORES.argmax(1).tolist()
    if "alone" not in told:
        np.testing.assert_allclose(seen.scores, SCORES.softmax(1), atol=0.02)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "kind", "share"),
    [
        (torch.tensor([[-2.0], [3.0], [0.5]]), "logits", [0.119, 0.953, 0.622]),
        (torch.tensor([-2.0, 3.0, 0.5]), "logits", [0.119, 0.953, 0.622]),
        (torch.tensor([[0.2], [0.9], [0.6]]), "probabilities", [0.2, 0.9, 0.6]),
    ],
)
@pytest.mark.parametrize(
    "truth", [torch.tensor([0.0, 1.0, 0.0]), torch.tensor([[0], [1], [0]]), torch.tensor([False, True, False])]
)
def test_one_output_is_of_the_second_of_two_classes(
    answer: torch.Tensor, kind: str, share: list[float], truth: torch.Tensor
) -> None:
    done = mnistcore.record(Answering(answer), [(torch.rand(3, 8, 8), truth)], classes=["no", "yes"])
    assert done.manifest.predictions["test"].kind == kind
    assert done.numbers.matrix.tolist() == [[1, 1], [0, 1]]
    seen = store_here().predictions(done.manifest, "test").scores
    np.testing.assert_allclose(seen[:, 1], share, atol=1e-3)  # type: ignore[index]
    assert "of the second class" in repr(done)


def test_a_network_in_half_precision_gets_its_images_in_its_own() -> None:
    torch.manual_seed(8)
    model, loader = Handout(), DataLoader(Subset(Digits(), range(30)), batch_size=20)
    expected = mnistcore.record(model, loader).manifest
    done = mnistcore.record(model.to(torch.bfloat16), loader).manifest
    np.testing.assert_allclose(logits(done), logits(expected), atol=0.05)
    assert next(model.parameters()).dtype == torch.bfloat16


def test_a_compiled_or_parallel_network_is_recorded_as_what_is_inside() -> None:
    torch.manual_seed(9)
    model, loader = Handout(), DataLoader(Subset(Digits(), range(30)), batch_size=20)
    expected = mnistcore.record(model, loader)
    assert running.plain_model(nn.DataParallel(Wrapped(model))) is model
    for outer in (nn.DataParallel(model), Wrapped(model)):
        done = mnistcore.record(outer, loader)
        assert (done.run_id, done.is_new) == (expected.run_id, False)


class Wrapped(nn.Module):
    """As torch.compile wraps a network, which takes seconds; test_cuda.py has the real one."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self._orig_mod = inner

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        raise AssertionError("it would be compiled once more")


# ---------------------------------------------------------------- images and names


def test_measurements_are_no_images_and_names_that_do_not_fit_are_said() -> None:
    table = TensorDataset(torch.rand(6, 4), torch.tensor([0, 1, 2, 0, 1, 2]))
    done = mnistcore.record(nn.Linear(4, 3), DataLoader(table, batch_size=4))
    assert not done.manifest.carried_splits
    table.classes = ["only", "two"]  # type: ignore[attr-defined]
    done = mnistcore.record(nn.Linear(4, 3), DataLoader(table, batch_size=4), name="named")
    assert "the data set names 2, the model has 3 outputs" in repr(done)
    assert [record.en for record in done.manifest.dataset.classes] == ["0", "1", "2"]


def test_images_of_several_sizes_are_left_out_with_a_sentence() -> None:
    model = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4, 2))
    loader = [(torch.rand(2, 1, 8, 8), torch.tensor([0, 1])), (torch.rand(1, 1, 9, 8), torch.tensor([1]))]
    done = mnistcore.record(model, loader)
    assert not done.manifest.carried_splits
    assert "not all of one size" in repr(done)


@pytest.mark.parametrize("normalised", [True, False])
def test_a_folder_of_pictures_is_shown_as_it_looks_with_the_names_of_its_folders(
    normalised: bool, tmp_path: Path
) -> None:
    colours = {"猫": (200, 30, 90), "a dog": (10, 220, 40)}
    for name, colour in colours.items():
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.new("RGB", (12, 10), colour).save(tmp_path / name / f"{number}.png")
    steps = [transforms.Resize((8, 9)), transforms.ToTensor()]
    steps += [transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))] if normalised else []
    folder = datasets.ImageFolder(tmp_path, transforms.Compose(steps))
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 9, 2))
    done = mnistcore.record(model, DataLoader(folder, batch_size=4, shuffle=True), name="folder")
    assert [record.en for record in done.manifest.dataset.classes] == ["a dog", "猫"]
    shown = store_here().images(done.manifest, "test")
    assert shown.shape == (6, 8, 9, 3)
    assert np.abs(shown.astype(int) - np.array([colours["a dog"]] * 3 + [colours["猫"]] * 3)[:, None, None]).max() <= 1


def test_a_split_at_random_of_colour_pictures_keeps_them_before_any_transform() -> None:
    class Colours(Dataset):
        """As torchvision's CIFAR10: (N, 32, 32, 3) in ``data``, transforms of the second kind."""

        classes = ("x", "y")
        data = np.random.default_rng(0).integers(0, 256, (9, 6, 5, 3), dtype=np.uint8)
        transform = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5], [0.5])])

        def __len__(self) -> int:
            return 9

        def __getitem__(self, place: int) -> tuple[torch.Tensor, int]:
            return self.transform(self.data[place]), place % 2

    _, held = torch.utils.data.random_split(Colours(), [5, 4], generator=torch.Generator().manual_seed(0))
    model = nn.Sequential(nn.Flatten(), nn.Linear(90, 2))
    done = mnistcore.record(model, DataLoader(held, batch_size=3))
    assert store_here().images(done.manifest, "test").tolist() == Colours.data[held.indices].tolist()


def test_the_files_of_emnist_are_turned_as_they_are_read() -> None:
    class EMNIST(Digits):
        """As torchvision's, whose ``data`` has rows and columns the other way round."""

    data = EMNIST()
    done = mnistcore.record(Handout(), DataLoader(Subset(data, range(12)), batch_size=5))
    assert store_here().images(done.manifest, "test").tolist() == data.data[:12].transpose(1, 2).tolist()
