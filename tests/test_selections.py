"""mnistcore.evaluation.selections: text forms that survive the URL, and masks that hold every image exactly once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistcore.errors import InputError
from mnistcore.evaluation.selections import (
    PARTS,
    REGIONS,
    Selection,
    parse_selection,
    region_mask,
    selection_mask,
    selection_options,
)
from mnistcore.metrics import confusion_matrix, one_vs_rest

LABELS = [0, 0, 0, 1, 1, 2, 2, 2, 2, 2]
PREDICTED = [0, 0, 1, 1, 1, 2, 2, 2, 0, 1]


@st.composite
def predictions(draw: st.DrawFn) -> tuple[int, np.ndarray, np.ndarray]:
    classes = draw(st.integers(1, 5))
    pairs = draw(st.lists(st.tuples(st.integers(0, classes - 1), st.integers(0, classes - 1)), max_size=30))
    labels, predicted = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return classes, labels, predicted


# ---- texts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "selection"),
    [
        ("4-9", Selection("cell", 4, 9)),
        ("4-4", Selection("cell", 4, 4)),
        ("4-all", Selection("row", true=4)),
        ("all-9", Selection("column", predicted=9)),
        ("diagonal", Selection("diagonal")),
        ("errors", Selection("errors")),
        ("everything", Selection("everything")),
    ],
)
def test_each_kind_has_one_text(text: str, selection: Selection) -> None:
    assert parse_selection(text, num_classes=10) == selection
    assert str(selection) == text


@pytest.mark.parametrize("classes", [1, 2, 10, 47])
def test_every_option_is_read_and_given_back(classes: int) -> None:
    options = selection_options(classes)
    assert len(set(options)) == len(options) == 3 + 2 * classes + classes**2
    assert [str(parse_selection(text, num_classes=classes)) for text in options] == list(options)
    assert {parse_selection(text, num_classes=classes).part for text in options} == set(PARTS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "-",
        "4-",
        "-9",
        "all",
        "all-all",
        "10-0",
        "0-10",
        "-1-2",
        "04-9",
        "4 - 9",
        " 4-9",
        "4-9\n",
        "4-９",
        "Diagonal",
        "4-9-1",
        "1e0-2",
        "4.0-9",
        "9" * 5000 + "-1",
        None,
        4,
    ],
)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected everything, diagonal, errors, or TRUE-PREDICTED"):
        parse_selection(text, num_classes=10)


@settings(deadline=None)
@given(st.text(max_size=8) | st.from_regex(r"[0-9al]{1,3}-[0-9al]{1,3}", fullmatch=True))
def test_parsing_gives_the_text_back_or_refuses(text: str) -> None:
    if text in selection_options(10):
        assert str(parse_selection(text, num_classes=10)) == text
    else:
        with pytest.raises(InputError):
            parse_selection(text, num_classes=10)


def test_the_range_of_classes_is_named() -> None:
    with pytest.raises(InputError, match=r"0 to 2 .* got '3-0'"):
        parse_selection("3-0", num_classes=3)


@pytest.mark.parametrize("classes", [0, -1, 2.0, True, "10", None])
def test_num_classes_must_be_a_positive_whole_number(classes: int) -> None:
    with pytest.raises(InputError, match="num_classes"):
        selection_options(classes)
    with pytest.raises(InputError, match="num_classes"):
        parse_selection("diagonal", num_classes=classes)


@pytest.mark.parametrize(
    ("part", "true", "predicted"),
    [
        ("corner", None, None),
        ("cell", 4, None),
        ("cell", None, 9),
        ("row", None, None),
        ("row", 4, 9),
        ("column", 4, None),
        ("diagonal", 4, None),
        ("everything", None, 0),
        ("row", -1, None),
        ("row", 1.0, None),
        ("row", True, None),
    ],
)
def test_a_selection_that_means_nothing_cannot_be_made(part: str, true: int | None, predicted: int | None) -> None:
    with pytest.raises(InputError):
        Selection(part, true, predicted)


def test_numpy_classes_make_the_same_selection() -> None:
    made = Selection("cell", np.int64(4), np.uint8(9))
    assert made == Selection("cell", 4, 9)
    assert hash(made) == hash(Selection("cell", 4, 9))
    assert str(made) == "4-9"
    assert type(made.true) is int


# ---- masks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("everything", list(range(10))),
        ("diagonal", [0, 1, 3, 4, 5, 6, 7]),
        ("errors", [2, 8, 9]),
        ("0-all", [0, 1, 2]),
        ("all-1", [2, 3, 4, 9]),
        ("2-1", [9]),
        ("2-2", [5, 6, 7]),
        ("1-0", []),
    ],
)
def test_masks_of_the_example(text: str, images: list[int]) -> None:
    mask = selection_mask(parse_selection(text, num_classes=3), LABELS, PREDICTED)
    assert mask.dtype == np.bool_
    assert mask.shape == (10,)
    assert np.flatnonzero(mask).tolist() == images


@pytest.mark.parametrize(("region", "images"), [("tp", [0, 1]), ("fp", [8]), ("fn", [2]), ("tn", [3, 4, 5, 6, 7, 9])])
def test_regions_of_the_example(region: str, images: list[int]) -> None:
    mask = region_mask(region, 0, LABELS, PREDICTED)
    assert mask.dtype == np.bool_
    assert np.flatnonzero(mask).tolist() == images


@settings(max_examples=60, deadline=None)
@given(predictions())
def test_parts_hold_each_image_once_and_as_many_as_the_matrix_says(
    case: tuple[int, np.ndarray, np.ndarray],
) -> None:
    classes, labels, predicted = case
    matrix = confusion_matrix(labels, predicted, num_classes=classes)

    def masks(*parts: str) -> list[np.ndarray]:
        selections = [parse_selection(text, num_classes=classes) for text in selection_options(classes)]
        return [selection_mask(one, labels, predicted) for one in selections if one.part in parts]

    for parts in [("everything",), ("diagonal", "errors"), ("row",), ("column",), ("cell",)]:
        assert (np.sum(masks(*parts), axis=0) == 1).all()
    assert [mask.sum() for mask in masks("cell")] == matrix.ravel().tolist()
    assert [mask.sum() for mask in masks("row")] == matrix.sum(axis=1).tolist()
    assert [mask.sum() for mask in masks("column")] == matrix.sum(axis=0).tolist()
    assert [mask.sum() for mask in masks("diagonal")] == [np.trace(matrix)]


@settings(max_examples=60, deadline=None)
@given(predictions())
def test_regions_hold_each_image_once_and_as_many_as_one_vs_rest_says(
    case: tuple[int, np.ndarray, np.ndarray],
) -> None:
    classes, labels, predicted = case
    counts = one_vs_rest(confusion_matrix(labels, predicted, num_classes=classes))
    for index in range(classes):
        masks = {region: region_mask(region, index, labels, predicted) for region in REGIONS}
        assert (np.sum(list(masks.values()), axis=0) == 1).all()
        assert all(mask.sum() == getattr(counts, region)[index] for region, mask in masks.items())


def test_lists_and_small_dtypes_are_taken() -> None:
    selection = Selection("cell", 2, 1)
    expected = selection_mask(selection, LABELS, PREDICTED)
    for dtype in (np.uint8, np.int8, np.uint64, np.int64):
        given_as = selection_mask(selection, np.array(LABELS, dtype), np.array(PREDICTED, dtype))
        np.testing.assert_array_equal(given_as, expected)
    # A class that the dtype cannot hold is behind no image.
    assert not selection_mask(Selection("row", true=300), np.array(LABELS, np.uint8), PREDICTED).any()
    assert selection_mask(selection, [], []).shape == (0,)


@pytest.mark.parametrize(
    ("labels", "predicted"),
    [([0, 1], [0]), ([0.0], [0]), ([0], [True]), ([[0]], [[0]]), (["0"], [0]), ([0], [None])],
)
def test_masks_refuse_what_are_no_labels(labels: list, predicted: list) -> None:
    with pytest.raises(InputError):
        selection_mask(Selection("errors"), labels, predicted)
    with pytest.raises(InputError):
        region_mask("tp", 0, labels, predicted)


@pytest.mark.parametrize(("region", "index"), [("TP", 0), ("", 0), ("tp", -1), ("tp", 1.0), ("tp", None)])
def test_regions_refuse_unknown_names_and_classes(region: str, index: int) -> None:
    with pytest.raises(InputError):
        region_mask(region, index, LABELS, PREDICTED)
