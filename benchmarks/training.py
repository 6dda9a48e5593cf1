"""Measures the handout's recipe, ours against the tutorials' way of writing it; imports no page.

    python -m benchmarks.training --json
    python -m benchmarks.training --epochs 1 --runs 1     # minutes less, for a first look

Both train the same network on the same training images with Adam at 0.001 in batches of 64, and both are
asked for their accuracy on the test images afterwards. Ours is measured as the command line trains it: from
the data on disk to the stored run, in a folder that is thrown away. Loading torch itself is left out on both
sides, and so is unpacking the files, which torchvision does once.
"""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import transforms

from benchmarks.machine import machine, timing
from mnistcore import config, data, pipeline, store


@dataclass(frozen=True)
class Outcome:
    """One training: how long it took and how much of the test images it gets right."""

    seconds: float
    accuracy: float


def ours(epochs: int, seed: int) -> Outcome:
    recipe = config.make_config("mnist", "mlp", "handout", seed=seed, epochs=epochs)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        result = pipeline.train_run(recipe, store=store.Store(Path(folder)))
        seconds = time.perf_counter() - began
    accuracy = result.run.accuracy
    if accuracy is None:
        raise SystemExit("the training ended without an accuracy")
    return Outcome(seconds, accuracy)


def handout(epochs: int, seed: int) -> Outcome:
    """The recipe as the tutorials write it, on as many images as ours: without the validation images."""
    with tempfile.TemporaryDirectory() as folder:
        _unpack(Path(folder))
        return _handout(epochs, seed, folder)


def _handout(epochs: int, seed: int, root: str) -> Outcome:
    torch.manual_seed(seed)
    began = time.perf_counter()
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    train_set = torchvision.datasets.MNIST(root, train=True, transform=transform)
    test_set = torchvision.datasets.MNIST(root, train=False, transform=transform)
    learned = Subset(train_set, range(len(data.load_split("mnist", "train").images)))
    train_loader = DataLoader(learned, batch_size=64, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=64)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
    ).to(device)
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for _ in range(epochs):
        model.train()
        for images, labels in train_loader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = loss_function(model(images), labels)
            loss.backward()
            optimizer.step()
            loss.item()
    model.eval()
    correct = 0
    with torch.no_grad():
        for images, labels in test_loader:
            images, labels = images.to(device), labels.to(device)
            correct += int((model(images).argmax(1) == labels).sum())
    return Outcome(time.perf_counter() - began, correct / len(test_set))


def _unpack(root: Path) -> None:
    """torchvision reads unpacked files, which it writes beside the packed ones: not into the data folder."""
    packed = data.dataset_folder("mnist")
    if packed is None:
        raise SystemExit("mnist has no folder")
    (root / "MNIST" / "raw").mkdir(parents=True)
    for file in packed.glob("*.gz"):
        shutil.copy(file, root / "MNIST" / "raw")
    torchvision.datasets.MNIST(root, download=True)  # downloads nothing, as the packed files are whole


WAYS: dict[str, Callable[[int, int], Outcome]] = {"ours": ours, "handout": handout}


def measure(way: Callable[[int, int], Outcome], *, epochs: int, runs: int) -> dict[str, Any]:
    outcomes = [way(epochs, seed) for seed in range(runs)]
    return {
        **asdict(timing([outcome.seconds for outcome in outcomes])),
        "median_accuracy": statistics.median(outcome.accuracy for outcome in outcomes),
        "runs": [asdict(outcome) for outcome in outcomes],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="The handout's recipe, ours against the tutorials' way.")
    parser.add_argument("--epochs", type=int, default=5, help="passes over the training images (default: 5)")
    parser.add_argument("--runs", type=int, default=3, help="trainings of each way, with seeds 0, 1, ... (default: 3)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of lines for people")
    arguments = parser.parse_args()
    data.prepare("mnist")
    here = machine("torch", "torchvision")
    results = {name: measure(way, epochs=arguments.epochs, runs=arguments.runs) for name, way in WAYS.items()}
    speedup = results["handout"]["median_seconds"] / results["ours"]["median_seconds"]
    if arguments.json:
        report = {"benchmark": "training", "epochs": arguments.epochs, "machine": asdict(here), "speedup": speedup}
        print(json.dumps(report | results, indent=2))
        return
    print(here)
    for name, result in results.items():
        print(
            f"{name:8} {result['median_seconds']:8.2f} s   accuracy {result['median_accuracy']:.4f}   n = {result['n']}"
        )
    print(f"{speedup:.1f} times faster with {arguments.epochs} epochs")


if __name__ == "__main__":
    main()
