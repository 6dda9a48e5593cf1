"""The recipes that ours are measured against, each written the way it is usually written; imports nothing of ours.

Loading torch is left out of the times, and so is unpacking the files, which torchvision does once.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torchvision
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset
from torchvision import transforms

MEAN, STD = 0.1307, 0.3081  # of MNIST's training pixels


@dataclass(frozen=True)
class Outcome:
    """One training: how long it took, and the share of the test images that it gets right."""

    seconds: float
    accuracy: float


def handout(root: str, *, epochs: int, seed: int, images: int, workers: int = 0) -> Outcome:
    """The lab handout's recipe as the tutorials write it: a torchvision data set, transforms, and a DataLoader.

    Args:
        root: a folder in torchvision's layout, with the files unpacked.
        images: how many of the training images are learned from, the first ones.
        workers: processes that load; 0 is DataLoader's default.
    """
    torch.manual_seed(seed)
    began = time.perf_counter()
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((MEAN,), (STD,))])
    train_set: Dataset[object] = torchvision.datasets.MNIST(root, train=True, transform=transform)
    test_set = torchvision.datasets.MNIST(root, train=False, transform=transform)
    learned = Subset(train_set, range(images))
    train_loader = DataLoader(learned, batch_size=64, shuffle=True, num_workers=workers)
    test_loader = DataLoader(test_set, batch_size=64, num_workers=workers)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
    ).to(device)
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    accuracy = 0.0
    for _ in range(epochs):
        model.train()
        for batch, labels in train_loader:
            batch, labels = batch.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = loss_function(model(batch), labels)
            loss.backward()
            optimizer.step()
            loss.item()
        accuracy = _loader_accuracy(model, test_loader, device)  # after every epoch, as tutorials do
    return Outcome(time.perf_counter() - began, accuracy)


def _loader_accuracy(model: nn.Module, loader: "DataLoader[object]", device: torch.device) -> float:
    model.eval()
    correct = total = 0
    with torch.no_grad():
        for batch, labels in loader:
            batch, labels = batch.to(device), labels.to(device)
            correct += int((model(batch).argmax(1) == labels).sum())
            total += len(labels)
    return correct / total


def one_epoch(
    train: tuple[NDArray[np.uint8], NDArray[np.int64]],
    test: tuple[NDArray[np.uint8], NDArray[np.int64]],
    *,
    seed: int,
) -> Outcome:
    """The quickest public recipe for 99 %: one epoch of a small network, all tensors in memory, one-cycle Adam."""
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    began = time.perf_counter()
    images, labels = (_tensor(array, device) for array in train)
    model = nn.Sequential(
        nn.Conv2d(1, 24, 5),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(24, 32, 3),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 5 * 5, 256),
        nn.ReLU(),
        nn.Linear(256, 10),
    ).to(device)
    batch_size = 256
    steps = -(-len(images) // batch_size)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, betas=(0.7, 0.9))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.01, total_steps=steps)
    loss_function: Callable[..., torch.Tensor] = nn.CrossEntropyLoss()
    order = torch.randperm(len(images), device=device)
    model.train()
    for step in range(steps):
        here = order[step * batch_size : (step + 1) * batch_size]
        loss = loss_function(model(images[here]), labels[here])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    model.eval()
    test_images, test_labels = (_tensor(array, device) for array in test)
    with torch.no_grad():
        predicted = torch.cat([model(part).argmax(1) for part in torch.split(test_images, 1000)])
    accuracy = float((predicted == test_labels).float().mean())
    return Outcome(time.perf_counter() - began, accuracy)


def _tensor(array: NDArray[np.generic], device: torch.device) -> torch.Tensor:
    """Images normalised to float (N, 1, 28, 28), labels as they are."""
    tensor = torch.from_numpy(np.array(array)).to(device)
    return tensor if tensor.ndim == 1 else tensor.unsqueeze(1).float().div_(255).sub_(MEAN).div_(STD)
