"""The pictures of the README: few colours, and those that are there exactly kept."""

import numpy as np
import pytest
from PIL import Image

from scripts import pictures


def picture(*colours: tuple[int, int, int], size: int = 8) -> Image.Image:
    """A row of squares, one of each colour."""
    pixels = np.repeat(np.array([colours], dtype=np.uint8), size, axis=1)
    return Image.fromarray(np.repeat(pixels, size, axis=0))


def test_a_picture_of_few_colours_stays_as_it_is() -> None:
    shown = picture((255, 255, 255), (12, 34, 56), (200, 0, 1))
    palette = pictures.palette_of([shown], 16)
    assert sorted(map(tuple, palette.tolist())) == [(12, 34, 56), (200, 0, 1), (255, 255, 255)]
    assert pictures.reduce_colours(shown, palette).convert("RGB").tobytes() == shown.tobytes()


def test_the_most_frequent_colours_are_kept_exactly() -> None:
    greys = picture(*((level, level, level) for level in range(0, 200, 2)), size=1)
    palette = pictures.palette_of([greys, picture((255, 255, 255), size=50)], 8)
    assert len(palette) <= 8
    assert palette[0].tolist() == [255, 255, 255]
    reduced = np.asarray(pictures.reduce_colours(greys, palette).convert("L")).astype(int)
    assert np.abs(reduced - np.asarray(greys.convert("L"))).max() <= 40


def test_colours_are_packed_and_unpacked() -> None:
    packed = pictures.packed(picture((1, 2, 3), (255, 0, 128), size=1))
    assert packed.tolist() == [0x010203, 0xFF0080]
    assert pictures.unpacked(packed).tolist() == [[1, 2, 3], [255, 0, 128]]


def test_the_pointer_points_at_its_place_and_leaves_the_picture_alone() -> None:
    blank = Image.new("RGB", (100, 100), "grey")
    pointed = pictures.with_pointer(blank, (50, 40))
    changed = np.argwhere((np.asarray(pointed) != np.asarray(blank)).any(axis=2))
    assert 35 <= changed[:, 0].min() <= 41  # rows
    assert 45 <= changed[:, 1].min() <= 51
    assert blank.getcolors() == [(100 * 100, (128, 128, 128))]


def test_without_a_run_it_is_said_how_to_get_one() -> None:
    with pytest.raises(pictures.PicturesError, match="mnistcore starter"):
        pictures.chosen_run()
