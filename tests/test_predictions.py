"""Predictions: what follows from labels and logits, and what is refused."""

import pickle

import numpy as np
import pytest
from scipy.special import softmax

from mnistcore.errors import InputError
from mnistcore.evaluation.evaluation import PerImage
from mnistcore.evaluation.predictions import PredictedLabels, Predictions, Probabilities


def made_up(num_images: int = 50, num_classes: int = 4) -> Predictions:
    random = np.random.default_rng(0)
    return Predictions(
        labels=random.integers(0, num_classes, num_images),
        logits=random.normal(scale=20, size=(num_images, num_classes)).astype(np.float32),
    )


def test_scores_equal_scipys_softmax() -> None:
    seen = made_up()
    np.testing.assert_allclose(seen.scores, softmax(seen.logits.astype(np.float64), axis=1), rtol=1e-12)
    assert seen.scores.dtype == np.float64
    assert seen.predicted.dtype == np.int64


def test_huge_logits_do_not_overflow() -> None:
    seen = Predictions(np.array([0]), np.array([[3e38, -3e38]], dtype=np.float32))
    assert seen.scores.tolist() == [[1.0, 0.0]]


def test_of_equal_logits_the_first_class_is_predicted() -> None:
    assert Predictions(np.array([1]), np.zeros((1, 3), dtype=np.float32)).predicted.tolist() == [0]


def test_no_images_have_no_accuracy() -> None:
    seen = Predictions(np.zeros(0, dtype=np.int64), np.zeros((0, 3), dtype=np.float32))
    assert seen.accuracy is None
    assert seen.scores.shape == (0, 3)
    assert seen.predicted.shape == (0,)


def test_arrays_are_read_only_but_the_callers_are_not() -> None:
    labels, logits = np.array([0]), np.zeros((1, 2), dtype=np.float32)
    seen = Predictions(labels, logits)
    for array in (seen.labels, seen.logits, seen.predicted, seen.scores):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    labels[0] = 0
    logits[0, 0] = 1


def test_survives_pickling_as_streamlits_cache_does() -> None:
    seen = made_up()
    again = pickle.loads(pickle.dumps(seen))  # noqa: S301
    np.testing.assert_array_equal(again.logits, seen.logits)
    assert again.accuracy == seen.accuracy


@pytest.mark.parametrize(
    ("labels", "logits", "message"),
    [
        (np.zeros(2, np.int32), np.zeros((2, 3), np.float32), "labels: expected int64"),
        (np.zeros((2, 1), np.int64), np.zeros((2, 3), np.float32), "labels: expected int64 of shape"),
        (np.zeros(2, np.int64), np.zeros((2, 3)), "logits: expected float32"),
        (np.zeros(2, np.int64), np.zeros(2, np.float32), "logits: expected float32 of shape"),
        (np.zeros(2, np.int64), np.zeros((2, 0), np.float32), "one class or more"),
        (np.zeros(1, np.int64), np.zeros((2, 3), np.float32), "got 1 and 2"),
        (np.array([0, 3]), np.zeros((2, 3), np.float32), "expected 0 to 2, got 0 to 3"),
        (np.array([-1, 0]), np.zeros((2, 3), np.float32), "expected 0 to 2, got -1 to 0"),
        (np.zeros(1, np.int64), np.array([[np.nan, 0]], np.float32), "finite"),
        (np.zeros(1, np.int64), np.array([[np.inf, 0]], np.float32), "finite"),
    ],
)
def test_refuses(labels: np.ndarray, logits: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Predictions(labels, logits)


@pytest.mark.parametrize("size", [1, 7])
def test_of_some_images_no_more_is_computed_than_of_them(size: int) -> None:
    logits = np.random.default_rng(size).normal(scale=3, size=(50, 9)).astype(np.float32)
    labels, asked = logits.argmin(axis=1), np.arange(0, 50, 50 // size)
    for known in (Predictions(labels, logits), Probabilities(labels, softmax(logits, axis=1))):
        seen = PerImage(known)
        some, first = seen.confidence_at(asked), seen.scores_of(asked[0])
        assert "scores" not in vars(known)
        assert seen.scores is not None
        assert seen.confidence is not None
        np.testing.assert_array_equal(some, seen.confidence[asked])
        np.testing.assert_array_equal(first, seen.scores[asked[0]])
    bare = PerImage(PredictedLabels(labels, labels, num_classes=9))
    assert (bare.has_scores, bare.scores_of(0), bare.confidence_at(asked), bare.confidence) == (False, None, None, None)
