"""Drawings and photos are told apart."""

import numpy as np

from mnistcore.datasets.polarity import decide_polarity, is_dark_on_light


def _drawings() -> np.ndarray:
    images = np.zeros((5, 12, 16), dtype=np.uint8)
    images[:, 4:8, 6:9] = 250
    return images


def test_white_on_black_is_ink_and_its_reverse_is_turned() -> None:
    assert decide_polarity(_drawings()) == "ink"
    assert not is_dark_on_light(_drawings())
    assert is_dark_on_light(255 - _drawings())


def test_grey_up_to_the_rim_is_a_photo() -> None:
    images = np.random.default_rng(0).integers(60, 200, (5, 12, 16), dtype=np.uint8)
    assert decide_polarity(images) == "photo"
    assert not is_dark_on_light(images)


def test_colour_is_a_photo() -> None:
    assert decide_polarity(np.repeat(_drawings()[..., None], 3, axis=3)) == "photo"
