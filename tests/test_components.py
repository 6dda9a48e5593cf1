"""The Python faces of the browser parts: what they refuse, and what they hand to the browser.

What a person clicks needs a real browser and is tested there.
"""

import base64
import io
import json
import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from mnistcore.errors import InputError
from mnistcore.evaluation.groups import GROUPS
from mnistcore.metrics import OUTCOMES
from mnistcore.metrics.definitions import DEFINITIONS
from ui.components import source
from ui.components.class_board import (
    BoardChoices,
    BoardClass,
    BoardMetric,
    BoardView,
    BoardWords,
    Samples,
    ScoredImage,
    Scores,
    Strip,
    class_board,
)
from ui.components.image_grid import ImageTile, ImageView, ImageWords
from ui.components.matrix_grid import MatrixCell, MatrixClass, MatrixView, MatrixWords, matrix_grid
from ui.components.square_grid import Cell
from ui.pictures import _sprite, as_photos, sprite

PARTS = ("matrix_grid", "class_board", "image_grid", "connection", "presenter", "terms")
NAMES = ["a", "b", "c"]
COUNTS = np.array([[5, 1, 0], [0, 4, 2], [1, 0, 7]])


def words(cls: type[Any]) -> Any:
    return cls(**{field.name: field.name for field in fields(cls)})


def matrix_cells(counts: Any = COUNTS, intensity: float | None = 0.5) -> list[list[MatrixCell]]:
    return [[MatrixCell(count, "x", intensity) for count in row] for row in counts]


def matrix_view(**changes: Any) -> MatrixView:
    given: dict[str, Any] = {
        "classes": [
            MatrixClass(name=name, long_name=f"class {name}", row_total="r", column_total="c") for name in NAMES
        ],
        "cells": matrix_cells(),
        "grand_total": "20",
        "swapped": False,
        "words": words(MatrixWords),
        "csv": "\ufeff",
        "file_stem": "matrix",
    }
    return MatrixView(**{**given, **changes})


def board_words(**changes: Any) -> BoardWords:
    keys = {"outcomes": OUTCOMES, "outcomes_other": OUTCOMES, "captions": OUTCOMES, "parts": GROUPS}
    given = {field.name: field.name for field in fields(BoardWords)}
    return BoardWords(**{**given, **{name: dict.fromkeys(each, name) for name, each in keys.items()}, **changes})


def board_view(**changes: Any) -> BoardView:
    given: dict[str, Any] = {
        "classes": [BoardClass(name=name, long_name=f"class {name}") for name in NAMES],
        "matrix": COUNTS,
        "metrics": [
            BoardMetric(
                name=name, title=name, other="", above=dict(each.above), below=dict(each.below), sentence="", more=""
            )
            for name, each in DEFINITIONS.items()
        ],
        "views": {"matrix": "Matrix"},
        "prices": [1, 2],
        "swapped": False,
        "overall": "80%",
        "mean": "90%",
        "class_count": 3,
        "wrong": [0, 0, 0],
        "present": False,
        "words": board_words(),
    }
    return BoardView(**{**given, **changes})


def strip(images: int = 3, **changes: Any) -> Strip:
    given: dict[str, Any] = {
        "images": np.zeros((images, 28, 28), dtype=np.uint8),
        "tiles": [ImageTile(index, "", "") for index in range(100, 100 + images)],
    }
    return Strip(name="b", part="fn", **{**given, **changes})


def choices(**changes: Any) -> BoardChoices:
    given = {"positive": 1, "part": "fn", "metric": "recall", "hidden": False}
    others = {"view": "matrix", "way": "truth", "threshold": 0.5, "price": 1}
    return BoardChoices(**{**given, **others, **changes})


def scores(**changes: Any) -> Scores:
    image = ScoredImage(index=7, score=0.4, positive=True, as_class=True, truth="b", predicted="b")
    given: dict[str, Any] = {
        "positives": np.array([0.9, 0.4]),
        "negatives": np.array([0.1]),
        "bins": {"positives": [1, 1], "negatives": [1, 0]},
        "pr": [(0.5, 1.0)],
        "roc": [(0.0, 0.5)],
        "ap": 1.0,
        "auc": 1.0,
        "best_f1": 0.4,
        "pixels": np.zeros((1, 28, 28), dtype=np.uint8),
        "images": [image],
    }
    return Scores(positive=1, **{**given, **changes})


def image_view(images: Any, **changes: Any) -> ImageView:
    given: dict[str, Any] = {
        "tiles": [ImageTile(index, "", "") for index in range(100, 100 + len(images))],
        "words": words(ImageWords),
    }
    return ImageView(images=images, **{**given, **changes})


def as_read(view: MatrixView | BoardView | ImageView) -> dict[str, Any]:
    """What the browser makes of it."""
    return dict(json.loads(json.dumps(view.as_json())))


def test_the_matrix_travels_as_plain_json() -> None:
    intensities = [[0.0, 0.125, 0.25], [0.375, None, 0.62501], [0.75, 0.875, 1.0]]
    cells = [
        [MatrixCell(count, "x", intensity) for count, intensity in zip(*rows, strict=True)]
        for rows in zip(COUNTS, intensities, strict=True)
    ]
    view = as_read(matrix_view(cells=cells, scale_ticks=("0", "2", "7")))
    assert [[count for count, _, _ in row] for row in view["cells"]] == COUNTS.tolist()
    assert view["cells"][1] == [[0, "x", 0.375], [4, "x", None], [2, "x", 0.625]]
    assert view["classes"][0] == {"name": "a", "long_name": "class a", "row_total": "r", "column_total": "c"}
    assert view["scale_ticks"] == ["0", "2", "7"]
    assert view["words"]["truth_axis"] == "truth_axis"


def test_a_matrix_of_no_classes_is_allowed() -> None:
    assert as_read(matrix_view(classes=[], cells=[]))["cells"] == []


@pytest.mark.parametrize(
    ("counts", "got"),
    [
        ([[1, 2], [3, 4]], r"2 rows of \[2\] columns"),
        ([[1, 2, 3], [4, 5, 6], [7, 8]], r"3 rows of \[2, 3\] columns"),
        (COUNTS[:2], r"2 rows of \[3\] columns"),
        ([], r"0 rows of \[\] columns"),
    ],
)
def test_a_square_has_a_cell_for_each_pair_of_classes(counts: Any, got: str) -> None:
    message = f"cells: expected 3 x 3, one row and column per class, got {got}"
    with pytest.raises(InputError, match=message):
        matrix_view(cells=matrix_cells(counts))


@pytest.mark.parametrize("count", [-1, 1.5, True, None])
def test_a_cell_refuses_what_is_no_count(count: Any) -> None:
    for make in (lambda: Cell(count, "x"), lambda: MatrixCell(count, "x", 0.5)):
        with pytest.raises(InputError, match="count: expected a whole number from 0 up, got"):
            make()


@pytest.mark.parametrize("intensity", [1.5, -0.1, float("nan")])
def test_a_cell_refuses_what_is_not_on_the_scale(intensity: float) -> None:
    with pytest.raises(InputError, match=f"intensity: expected 0 to 1, or None where undefined, got {intensity}"):
        MatrixCell(1, "x", intensity)


def test_an_unknown_selection_is_refused() -> None:
    with pytest.raises(InputError, match="selection: expected everything, diagonal"):
        matrix_grid(key="m", view=matrix_view(), selected="3-0", on_select=lambda: None)


def test_the_board_travels_as_plain_json() -> None:
    view = as_read(board_view())
    assert view["cells"] == COUNTS.tolist()
    assert view["classes"][2] == {"name": "c", "long_name": "class c", "is_others": False}
    recall = view["metrics"][1]
    assert (recall["name"], recall["above"], recall["below"]) == ("recall", {"tp": 1}, {"tp": 1, "fn": 1})
    assert set(view["words"]["parts"]) == set(GROUPS)


def test_the_strip_travels_with_what_it_is_for() -> None:
    told = json.loads(json.dumps(strip().as_json()))
    assert (told["for"], [tile["id"] for tile in told["tiles"]]) == ("b|fn", ["100", "101", "102"])
    assert told["sprite"]
    assert strip(0).as_json()["sprite"] == ""


def test_the_probabilities_travel_ascending_and_whole() -> None:
    told = json.loads(json.dumps(scores().as_json()))
    assert np.frombuffer(base64.b64decode(told["positives"]), dtype="<f8").tolist() == [0.4, 0.9]
    assert (told["images"][0]["id"], told["images"][0]["as_class"]) == ("7", True)
    with pytest.raises(InputError, match="images: expected 1, one for each of pixels, got 0"):
        scores(images=[])


def test_the_samples_of_the_flow_travel_with_their_places() -> None:
    images = {
        outcome: np.zeros((count, 8, 8), dtype=np.uint8) for outcome, count in zip(OUTCOMES, (2, 0, 1, 3), strict=True)
    }
    told = Samples(positive=1, images=images).as_json()
    assert told["places"] == {"tp": [0, 1], "fn": [], "fp": [2], "tn": [3, 4, 5]}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: board_view(metrics=[]), "metrics: expected at least one, got none"),
        (lambda: board_view(matrix=COUNTS[:2, :2]), "matrix: expected a row for each of 3 classes, got 2"),
        (lambda: board_view(matrix=COUNTS[:2]), "expected"),
        (lambda: board_words(captions={"tp": "x"}), "captions: expected the keys tp, fn, fp, tn, got tp"),
        (lambda: strip(tiles=[]), "tiles: expected one for each image, at most 12, got 0 for 3 images"),
        (lambda: strip(13), "tiles: expected one for each image, at most 12, got 13 for 13 images"),
        (
            lambda: class_board(
                key="b", view=board_view(), chosen=choices(positive=3), strip=None, samples=None, scores=None, on={}
            ),
            "positive: expected 0 to 2, got 3",
        ),
    ],
)
def test_the_board_refuses_what_does_not_fit(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.parametrize("count", [1, 19, 20, 21, 47])
def test_the_sprite_holds_every_picture_at_its_place(count: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (count, 28, 28), dtype=np.uint8)
    view = as_read(image_view(images))
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(view["sprite"]))))
    for index, image in enumerate(images):
        top, left = 28 * (index // view["columns"]), 28 * (index % view["columns"])
        np.testing.assert_array_equal(sheet[top : top + 28, left : left + 28], image)
    assert view["tiles"][0]["id"] == "100"


def pixels_of(png: str) -> np.ndarray:
    """A PNG in base64 as an array."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))


def test_a_sprite_of_photos_is_in_colour_and_of_drawings_in_grey() -> None:
    """sprite.js tells by that which of them a light page may turn round."""
    photos = np.random.default_rng(0).integers(0, 256, (3, 6, 4, 3), dtype=np.uint8)
    np.testing.assert_array_equal(pixels_of(sprite(photos, 2))[:6, 4:8], photos[1])
    grey = photos[..., 0]
    assert pixels_of(sprite(grey, 2)).shape == (12, 8)
    assert pixels_of(sprite(as_photos(grey), 2)).shape == (12, 8, 3)


@pytest.mark.parametrize(("height", "width"), [(6, 2), (2, 6)])
def test_a_picture_keeps_its_shape_in_a_square_place(height: int, width: int) -> None:
    drawing = np.full((1, height, width), 9, dtype=np.uint8)
    square = pixels_of(sprite(drawing, 1, square=True))
    assert square.shape == (6, 6)
    assert (square == 9).sum() == 12  # in the middle, on the drawing's own background
    clear = pixels_of(sprite(as_photos(drawing), 1, square=True))[..., 3]
    assert (clear == 255).sum() == 12  # around a photo there is nothing


def test_large_pictures_travel_small() -> None:
    large = np.full((2, 400, 1000, 3), 50, dtype=np.uint8)
    view = as_read(image_view(large))
    assert (view["height"], view["width"]) == (37, 91)
    assert pixels_of(view["sprite"]).shape == (37, 20 * 91, 3)


def test_the_same_pictures_are_encoded_once() -> None:
    images = np.full((3, 28, 28), 77, dtype=np.uint8)
    as_read(image_view(images))
    before = _sprite.cache_info().hits
    as_read(image_view(images.copy()))
    assert _sprite.cache_info().hits == before + 1


def test_no_pictures_make_an_empty_grid() -> None:
    view = as_read(image_view(np.zeros((0, 28, 28), dtype=np.uint8)))
    assert (view["sprite"], view["tiles"]) == ("", [])


@pytest.mark.parametrize(
    ("images", "changes", "message"),
    [
        (np.zeros((2, 28, 28)), {}, r"images: expected uint8 \(N, H, W\) or \(N, H, W, 3\), got float64"),
        (np.zeros((2, 784), dtype=np.uint8), {}, r"images: expected uint8 \(N, H, W\)"),
        (np.zeros((2, 28, 28), dtype=np.uint8), {"tiles": [ImageTile(1, "", "")]}, "tiles: expected 2, one for each"),
        (np.zeros((2, 28, 28), dtype=np.uint8), {"tile_width": 10}, "tile_width: expected 28 CSS pixels or more"),
    ],
)
def test_the_image_grid_refuses_what_does_not_fit(images: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        image_view(images, **changes)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_asks_nothing_of_the_network_and_holds_no_japanese(name: str) -> None:
    text = source.script(name) + source.style_sheet(name)
    assert set(re.findall(r"https?://[^\s\"'`)]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\bfetch\(|XMLHttpRequest|@import|innerHTML =\s*data", text)
    assert text.isascii()  # words come from the page; what the script must tell apart is written as escapes


def _page() -> None:
    import numpy as np
    import streamlit as st

    from tests.test_components import board_view, choices, image_view, matrix_view, strip
    from ui.components import class_board, image_grid, matrix_grid

    for key in ("first", "second"):
        matrix_grid.matrix_grid(key=key, view=matrix_view(), selected="0-1", on_select=lambda: None)
    events = ("class", "part", "metric", "hidden", "image")
    class_board.class_board(
        key="board",
        view=board_view(),
        chosen=choices(),
        strip=strip(),
        samples=None,
        scores=None,
        on=dict.fromkeys(events, lambda: None),
    )
    images = image_view(np.zeros((3, 28, 28), dtype=np.uint8))
    image_grid.image_grid(key="images", view=images, selected=102, on_select=lambda: None)
    clicks = [
        matrix_grid.clicked("first"),
        *(class_board.clicked("board", event) for event in events),
    ]
    st.text(str([*clicks, image_grid.clicked_image("images"), image_grid.clicked_image("nowhere")]))


def test_all_parts_mount_on_one_page_and_report_no_click() -> None:
    page = AppTest.from_function(_page, default_timeout=10).run()
    assert not page.exception
    assert page.text[0].value == str([None] * 8)
    assert not page.run().exception
