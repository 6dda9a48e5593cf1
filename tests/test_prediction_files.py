"""Files of predictions of every kind: what is stored comes back, and what a file cannot hold is refused."""

from typing import Any

import numpy as np
import pytest

from mnistcore import metrics
from mnistcore.errors import InputError
from mnistcore.evaluation.evaluation import evaluate_predictions
from mnistcore.evaluation.predictions import Predictions
from mnistcore.runs import prediction_files
from mnistcore.runs.prediction_files import PredictionKind
from scripts.toys import toy_content
from tests.here import store_here
from tests.runs import as_kind

KINDS: tuple[PredictionKind, ...] = ("logits", "probabilities", "labels", "counts")
EPOCHS, IMAGES, CLASSES = 2, 20, 10
SIZES = {"images": IMAGES, "classes": CLASSES}


def arrays(kind: PredictionKind) -> tuple[Any, np.ndarray]:
    content = toy_content()
    return (as_kind(content, kind) if kind != "logits" else content).predictions["test"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_packed_comes_back(kind: PredictionKind) -> None:
    labels, layers = arrays(kind)
    data, last = prediction_files.pack(kind, labels, layers, **SIZES)
    first, second = prediction_files.unpack(data, kind, epochs=EPOCHS, **SIZES, layers=range(EPOCHS))
    assert second.accuracy == last.accuracy != first.accuracy
    low, high = prediction_files.size_range(kind, epochs=EPOCHS, **SIZES)
    assert low <= len(data) <= high
    for one in (first, second, last):
        known = [part is not None for part in (one.labels, one.predicted, one.scores)]
        assert known == {"counts": [False] * 3, "labels": [True, True, False]}.get(kind, [True] * 3)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_the_numbers_that_follow_from_it(kind: PredictionKind, artifacts: object) -> None:
    content, store = toy_content(), store_here()
    labels, logits = content.predictions["test"]
    assert labels is not None
    expected = evaluate_predictions(Predictions(labels, logits[-1]), num_classes=CLASSES)
    run = store.save(as_kind(content, kind) if kind != "logits" else content)
    assert run.predictions["test"].kind == kind
    assert run.accuracy == expected.summary.accuracy
    found = evaluate_predictions(store.predictions(run, "test"), num_classes=CLASSES)
    np.testing.assert_array_equal(found.matrix, expected.matrix)
    assert (found.summary, found.accuracy_interval, found.total) == (
        expected.summary, expected.accuracy_interval, expected.total,
    )  # fmt: skip
    if kind == "counts":
        assert found.per_image is None
        return
    assert found.per_image is not None
    np.testing.assert_array_equal(found.per_image.predicted, expected.predicted)
    mask = found.per_image.labels != found.per_image.predicted
    if kind == "labels":
        assert (found.per_image.scores, found.per_image.confidence) == (None, None)
        np.testing.assert_array_equal(found.per_image.most_confident_first(mask), np.flatnonzero(mask))
    else:
        np.testing.assert_allclose(found.scores, expected.scores, atol=1e-7)


WRONG: list[tuple[PredictionKind, dict[str, Any], str]] = [
    ("probabilities", {"layers": np.full((2, 20, 10), 0.2, np.float32)}, "rows that sum to 1, got 2.000 in row 0"),
    ("probabilities", {"layers": np.full((2, 20, 10), -0.1, np.float32)}, "expected 0 to 1"),
    ("probabilities", {"layers": np.full((2, 20, 10), np.nan, np.float32)}, "finite"),
    ("labels", {"layers": np.full((2, 20), 10)}, "predicted: expected 0 to 9, got 10"),
    ("labels", {"layers": np.zeros((2, 20), np.int32)}, "predicted: expected int64"),
    ("labels", {"layers": np.zeros((2, 19), np.int64)}, "shape"),
    ("counts", {"layers": np.full((2, 10, 10), -1)}, "0 or more"),
    ("counts", {"layers": np.full((2, 10, 10), 2**60)}, "0 or more"),
    ("counts", {"layers": np.zeros((2, 9, 9), np.int64)}, "shape"),
    ("counts", {"layers": np.zeros((0, 10, 10), np.int64)}, "shape"),
]


@pytest.mark.parametrize(("kind", "changed", "told"), WRONG)
def test_arrays_that_are_not_what_the_kind_takes_are_refused(
    kind: PredictionKind, changed: dict[str, Any], told: str
) -> None:
    labels, _ = arrays(kind)
    with pytest.raises(InputError, match=told):
        prediction_files.pack(kind, labels, changed["layers"], **SIZES)


@pytest.mark.parametrize("written", KINDS)
@pytest.mark.parametrize("read", KINDS)
def test_a_file_of_another_kind_is_refused(written: PredictionKind, read: PredictionKind) -> None:
    data, _ = prediction_files.pack(written, *arrays(written), **SIZES)
    if read == written:
        return
    with pytest.raises(InputError, match="expected a tensor of that name"):
        prediction_files.unpack(data, read, epochs=EPOCHS, **SIZES, layers=[0])


def test_counts_of_other_classes_are_refused() -> None:
    data, last = prediction_files.pack("counts", *arrays("counts"), **SIZES)
    assert data
    with pytest.raises(InputError, match="counts: expected 9 classes, got 10"):
        evaluate_predictions(last, num_classes=9)
    assert metrics.summary(evaluate_predictions(last, num_classes=10).matrix).accuracy == last.accuracy
