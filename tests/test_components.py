"""The Python faces of the browser parts: what they refuse, and what they hand to the browser.

What a person clicks needs a real browser and is tested there.
"""

import base64
import io
import json
import re
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from mnistcore.errors import InputError
from ui.components import FOLDER, class_board, image_grid, matrix_grid

PARTS = ("matrix_grid", "class_board", "image_grid", "connection")
NAMES = ["a", "b", "c"]
COUNTS = np.array([[5, 1, 0], [0, 4, 2], [1, 0, 7]])


def words(cls: type[Any]) -> Any:
    return cls(**{field.name: field.name for field in fields(cls)})


def matrix_view(**changes: Any) -> dict[str, Any]:
    size = len(changes.get("names", NAMES))
    given: dict[str, Any] = {
        "names": NAMES,
        "long_names": [f"class {name}" for name in changes.get("names", NAMES)],
        "counts": COUNTS,
        "texts": [["x"] * size] * size,
        "intensities": [[0.5] * size] * size,
        "row_totals": ["r"] * size,
        "column_totals": ["c"] * size,
        "grand_total": "20",
        "swapped": False,
        "words": words(matrix_grid.MatrixWords),
        "csv": "\ufeff",
        "file_stem": "matrix",
        "scale_ends": None,
    }
    return dict(matrix_grid._view(**{**given, **changes}))


def board_view(**changes: Any) -> dict[str, Any]:
    regions = dict.fromkeys(class_board.REGIONS, "1")
    given: dict[str, Any] = {
        "names": NAMES,
        "long_names": NAMES,
        "tabs": NAMES,
        "counts": COUNTS,
        "texts": [["x"] * 3] * 3,
        "tiles": [regions] * 3,
        "captions": [regions] * 3,
        "sums": ["1 + 1 + 1 + 1 = 4"] * 3,
        "words": words(class_board.BoardWords),
    }
    return dict(class_board._view(**{**given, **changes}))


def image_view(images: Any, **changes: Any) -> dict[str, Any]:
    size = len(images)
    given: dict[str, Any] = {
        "ids": range(100, 100 + size),
        "captions": [""] * size,
        "labels": [""] * size,
        "words": words(image_grid.ImageWords),
        "tile": 60,
    }
    return dict(image_grid._view(images=images, **{**given, **changes}))


def test_the_matrix_travels_as_plain_json() -> None:
    intensities = [[0.0, 0.125, 0.25], [0.375, None, 0.625], [0.75, 0.875, 1.0]]
    view = json.loads(json.dumps(matrix_view(intensities=intensities, scale_ends=("0", "7"))))
    assert view["counts"] == COUNTS.tolist()
    assert view["intensities"][1][1] is None
    assert view["intensities"][2][2] == 1
    assert view["scale_ends"] == ["0", "7"]
    assert view["words"]["truth_axis"] == "truth_axis"


def test_a_matrix_of_no_classes_is_allowed() -> None:
    assert matrix_view(names=[], counts=[])["counts"] == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"counts": [[1, 2], [3, 4]]}, "counts: expected 3 x 3"),
        ({"counts": [[1, 2, 3], [4, 5, 6], [7, 8]]}, "counts: expected 3 x 3"),
        ({"counts": -COUNTS}, "counts: expected counts of 0 or more"),
        ({"texts": [["x"] * 3] * 2}, "texts: expected 3 x 3"),
        ({"row_totals": ["1"]}, "row_totals: expected 3 entries, got 1"),
        ({"long_names": []}, "long_names: expected 3 entries"),
        ({"intensities": [[1.5] * 3] * 3}, "intensities: expected 0 to 1"),
        ({"intensities": [[float("nan")] * 3] * 3}, "intensities: expected 0 to 1"),
    ],
)
def test_the_matrix_refuses_what_does_not_fit(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        matrix_view(**changes)


def test_an_unknown_selection_is_refused() -> None:
    view = matrix_view()
    view["words"] = words(matrix_grid.MatrixWords)
    with pytest.raises(InputError, match="selection: expected everything, diagonal"):
        matrix_grid.matrix_grid(key="m", selected="3-0", on_select=lambda: None, **view)


def test_the_board_travels_as_plain_json() -> None:
    view = json.loads(json.dumps(board_view()))
    assert view["counts"] == COUNTS.tolist()
    assert set(view["tiles"][0]) == {"tp", "fp", "fn", "tn"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tabs": ["x"]}, "tabs: expected 3 entries"),
        ({"sums": []}, "sums: expected 3 entries"),
        ({"tiles": [{"tp": "1"}] * 3}, "tiles: expected the keys tp, fp, fn, tn, got tp"),
        ({"captions": []}, "captions: expected 3 entries"),
    ],
)
def test_the_board_refuses_what_does_not_fit(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        board_view(**changes)


@pytest.mark.parametrize(
    ("chosen", "region", "message"),
    [
        (3, "tp", "selected_class: expected 0 to 2, got 3"),
        (0, "TP", "selected_region: expected one of tp, fp, fn, tn"),
    ],
)
def test_the_board_refuses_an_unknown_choice(chosen: int, region: str, message: str) -> None:
    view = board_view()
    view["words"] = words(class_board.BoardWords)
    callbacks: dict[str, Any] = {"on_class": lambda: None, "on_region": lambda: None}
    with pytest.raises(InputError, match=message):
        class_board.class_board(key="b", selected_class=chosen, selected_region=region, **view, **callbacks)


@pytest.mark.parametrize("count", [1, 19, 20, 21, 47])
def test_the_sprite_holds_every_picture_at_its_place(count: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (count, 28, 28), dtype=np.uint8)
    view = image_view(images)
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(view["sprite"]))))
    for index, image in enumerate(images):
        top, left = 28 * (index // view["columns"]), 28 * (index % view["columns"])
        np.testing.assert_array_equal(sheet[top : top + 28, left : left + 28], image)
    assert view["ids"][0] == "100"
    json.dumps(view)


def test_the_same_pictures_are_encoded_once() -> None:
    images = np.full((3, 28, 28), 77, dtype=np.uint8)
    image_view(images)
    before = image_grid._sprite.cache_info().hits
    image_view(images.copy())
    assert image_grid._sprite.cache_info().hits == before + 1


def test_no_pictures_make_an_empty_grid() -> None:
    view = image_view(np.zeros((0, 28, 28), dtype=np.uint8))
    assert (view["sprite"], view["ids"]) == ("", [])


@pytest.mark.parametrize(
    ("images", "changes", "message"),
    [
        (np.zeros((2, 28, 28)), {}, r"images: expected uint8 \(N, H, W\), got float64"),
        (np.zeros((2, 784), dtype=np.uint8), {}, r"images: expected uint8 \(N, H, W\)"),
        (np.zeros((2, 28, 28), dtype=np.uint8), {"ids": [1]}, "ids: expected 2 entries"),
        (np.zeros((2, 28, 28), dtype=np.uint8), {"captions": []}, "captions: expected 2 entries"),
        (np.zeros((2, 28, 28), dtype=np.uint8), {"tile": 10}, "tile: expected 28 CSS pixels or more"),
    ],
)
def test_the_image_grid_refuses_what_does_not_fit(images: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        image_view(images, **changes)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_asks_nothing_of_the_network_and_holds_no_japanese(name: str) -> None:
    text = "\n".join(
        (FOLDER / file).read_text(encoding="utf-8") for file in ("palette.js", f"{name}.js", f"{name}.css")
    )
    assert set(re.findall(r"https?://[^\s\"'`)]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\bfetch\(|XMLHttpRequest|@import|innerHTML =\s*data", text)
    assert text.isascii()  # words come from the page; what the script must tell apart is written as escapes


def _page() -> None:
    import numpy as np
    import streamlit as st

    from tests.test_components import NAMES, board_view, matrix_view, words
    from ui.components import class_board, image_grid, matrix_grid

    matrix = {**matrix_view(), "words": words(matrix_grid.MatrixWords)}
    for key in ("first", "second"):
        matrix_grid.matrix_grid(key=key, selected="0-1", on_select=lambda: None, **matrix)
    board = {**board_view(), "words": words(class_board.BoardWords)}
    class_board.class_board(
        key="board",
        selected_class=1,
        selected_region="fn",
        on_class=lambda: None,
        on_region=lambda: None,
        **board,
    )
    images = np.zeros((3, 28, 28), dtype=np.uint8)
    image_grid.image_grid(
        key="images",
        images=images,
        ids=[1, 2, 3],
        captions=NAMES,
        labels=NAMES,
        selected=2,
        words=words(image_grid.ImageWords),
        on_select=lambda: None,
    )
    clicks = [
        matrix_grid.clicked("first"),
        class_board.clicked_class("board"),
        class_board.clicked_region("board"),
    ]
    st.text(str([*clicks, image_grid.clicked_image("images"), image_grid.clicked_image("nowhere")]))


def test_all_parts_mount_on_one_page_and_report_no_click() -> None:
    page = AppTest.from_function(_page, default_timeout=10).run()
    assert not page.exception
    assert page.text[0].value == str([None] * 5)
    assert not page.run().exception
