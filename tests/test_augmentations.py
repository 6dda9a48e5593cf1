"""Owns the tests of mnistcore.training.augmentations: dots that are moved, and noise."""

import itertools

import numpy as np
import torch

from mnistcore.training import augmentations

IMAGES = np.random.default_rng(0).integers(0, 200, (101, 1, 28, 28), dtype=np.uint8)


def dots(count: int) -> torch.Tensor:
    images = torch.zeros(count, 1, 28, 28, dtype=torch.uint8)
    images[:, 0, 14, 14] = 200
    return images


def test_shift_moves_whole_pixels_by_up_to_two_each_way() -> None:
    pixels = augmentations.AUGMENTATIONS["shift"](dots(500))
    generator = torch.Generator().manual_seed(0)
    batch = pixels.batch(torch.arange(500), pixels.draw(500, generator))
    assert batch.shape == (500, 1, 28, 28)
    assert batch.dtype == torch.uint8
    places = torch.nonzero(batch[:, 0] == 200)[:, 1:]
    assert len(places) == 500
    assert {tuple(place) for place in places.tolist()} == set(itertools.product(range(12, 17), repeat=2))


def test_shift_brings_background_in_from_outside() -> None:
    pixels = augmentations.AUGMENTATIONS["shift"](torch.full((1, 1, 28, 28), 255, dtype=torch.uint8))
    batch = pixels.batch(torch.tensor([0]), torch.tensor([[0, 4]]))
    assert batch.sum() == 255 * 26 * 26


def test_affine_moves_a_little_and_keeps_the_range() -> None:
    pixels = augmentations.AUGMENTATIONS["affine"](dots(300))
    batch = pixels.batch(torch.arange(300), pixels.draw(300, torch.Generator().manual_seed(0)))
    assert batch.shape == (300, 1, 28, 28)
    assert float(batch.min()) >= 0
    assert float(batch.max()) <= 200
    rows = torch.arange(28.0)
    centre = (batch[:, 0].sum(2) * rows).sum(1) / batch[:, 0].sum((1, 2))
    assert float((centre - 14).abs().max()) < 4
    assert float(centre.std()) > 0.5


def test_affine_without_a_change_is_the_image() -> None:
    images = torch.tensor(IMAGES[:3])
    pixels = augmentations.AUGMENTATIONS["affine"](images)
    still = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]).expand(3, 2, 3)
    torch.testing.assert_close(pixels.batch(torch.arange(3), still), images.float(), atol=0.01, rtol=0)


def test_augmented_images_are_new_tensors() -> None:
    """The loop normalises in place: that must never reach the images themselves."""
    for make in augmentations.AUGMENTATIONS.values():
        images = torch.tensor(IMAGES)
        pixels = make(images)
        batch = pixels.batch(torch.arange(5), pixels.draw(5, torch.Generator()))
        batch.mul_(0)
        assert torch.equal(images, torch.tensor(IMAGES))


def test_outside_a_colour_image_its_edge_goes_on() -> None:
    images = torch.full((4, 3, 12, 8), 255, dtype=torch.uint8)
    for name, make in augmentations.AUGMENTATIONS.items():
        pixels = make(images)
        batch = pixels.batch(torch.arange(4), pixels.draw(4, torch.Generator().manual_seed(1)))
        assert batch.shape == (4, 3, 12, 8), name
        assert float(batch.min()) > 254, name
