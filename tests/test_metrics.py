"""mnistcore.metrics: examples counted by hand, and everything that is refused.

The example: ten pictures of the digits 0, 1 and 2, of which three were called wrong.
"""

import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest

from mnistcore import metrics
from mnistcore.errors import InputError
from mnistcore.metrics import (
    ConfidenceHistogram,
    Confusion,
    OneVsRest,
    bar_lengths,
    colour_scale,
    colour_ticks,
    confidence_histogram,
    confusion_matrix,
    majority_accuracy,
    misclassified_true_negatives,
    most_confused,
    normalise,
    one_vs_rest,
    rank_errors,
    rate_intervals,
    rates,
    softmax,
    summary,
    support_shares,
    true_negative_shares,
    wilson_interval,
)

LABELS = [0, 0, 0, 1, 1, 2, 2, 2, 2, 2]
PREDICTED = [0, 0, 1, 1, 1, 2, 2, 2, 0, 1]
MATRIX = np.array([[2, 1, 0], [0, 2, 0], [1, 1, 3]])
NAN = math.nan


def counts(tp: list, fp: list, fn: list, tn: list) -> OneVsRest:
    return OneVsRest(*(np.asarray(values) for values in (tp, fp, fn, tn)))


# ---- the example, by hand ------------------------------------------------------------------------------------


def test_confusion_matrix_rows_are_true() -> None:
    matrix = confusion_matrix(LABELS, PREDICTED, num_classes=3)
    assert matrix.dtype == np.int64
    np.testing.assert_array_equal(matrix, MATRIX)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64])
def test_any_integer_dtype_gives_the_same_matrix(dtype: type) -> None:
    # 40 * 47 + 40 does not fit into 8 bits: the cell's number must not be computed in the labels' dtype.
    labels, predicted = np.array([40, 46, 0], dtype), np.array([40, 46, 46], dtype)
    matrix = confusion_matrix(labels, predicted, num_classes=47)
    assert matrix[40, 40] == matrix[46, 46] == matrix[0, 46] == 1
    assert matrix.sum() == 3
    assert labels.tolist() == [40, 46, 0]


def test_dtypes_of_labels_and_predicted_may_differ() -> None:
    matrix = confusion_matrix(np.array(LABELS, np.uint64), np.array(PREDICTED, np.int8), num_classes=np.int64(3))
    np.testing.assert_array_equal(matrix, MATRIX)


def test_chunks_join_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("counts", "ranking"):
        monkeypatch.setattr(f"mnistcore.metrics.{module}.CHUNK", 3)
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 2, 25), rng.random((25, 2))
    in_chunks = confusion_matrix(labels, scores.argmax(axis=1), num_classes=2), rank_errors(labels, scores)
    monkeypatch.undo()
    at_once = confusion_matrix(labels, scores.argmax(axis=1), num_classes=2), rank_errors(labels, scores)
    np.testing.assert_array_equal(in_chunks[0], at_once[0])
    np.testing.assert_array_equal(in_chunks[1], at_once[1])


def test_a_class_out_of_range_is_found_in_a_later_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnistcore.metrics.counts.CHUNK", 4)
    with pytest.raises(InputError, match=r"predicted: .* got 2 at index 9"):
        confusion_matrix([0] * 10, [0] * 9 + [2], num_classes=2)


def test_arrays_that_are_not_contiguous() -> None:
    both = np.array([LABELS, PREDICTED]).T
    np.testing.assert_array_equal(confusion_matrix(both[:, 0], both[:, 1], num_classes=3), MATRIX)


def test_one_vs_rest_of_the_example() -> None:
    found = one_vs_rest(MATRIX)
    assert found.tp.tolist() == [2, 2, 3]
    assert found.fp.tolist() == [1, 2, 0]
    assert found.fn.tolist() == [1, 0, 2]
    assert found.tn.tolist() == [6, 6, 5]
    assert all(getattr(found, field.name).dtype == np.int64 for field in fields(found))
    assert found.support.tolist() == [3, 2, 5]
    assert found.called.tolist() == [3, 4, 3]
    assert found.total.tolist() == [10, 10, 10]


def test_rates_of_the_example() -> None:
    found = rates(one_vs_rest(MATRIX))
    assert found.precision == (2 / 3, 2 / 4, 3 / 3)
    assert found.recall == (2 / 3, 2 / 2, 3 / 5)
    assert found.specificity == (6 / 7, 6 / 8, 5 / 5)
    assert found.f1 == (4 / 6, 4 / 6, 6 / 8)
    assert found.accuracy == (8 / 10, 8 / 10, 8 / 10)
    assert all(type(value) is float for value in found.precision)


def test_what_never_looking_gives() -> None:
    assert majority_accuracy(one_vs_rest(MATRIX)) == (7 / 10, 8 / 10, 5 / 10)
    assert true_negative_shares(one_vs_rest(MATRIX)) == (6 / 10, 6 / 10, 5 / 10)
    assert support_shares(one_vs_rest(MATRIX)) == (3 / 10, 2 / 10, 5 / 10)


def test_true_negatives_that_are_misclassified() -> None:
    assert misclassified_true_negatives(MATRIX).tolist() == [1, 1, 1]
    assert misclassified_true_negatives([[5, 2, 0], [0, 5, 4], [1, 0, 5]]).tolist() == [4, 1, 2]
    assert misclassified_true_negatives([[3, 0], [2, 5]]).tolist() == [0, 0]  # of two classes each mistake is its own
    assert misclassified_true_negatives([[7]]).tolist() == [0]
    assert misclassified_true_negatives(np.zeros((3, 3), dtype=int)).tolist() == [0, 0, 0]


def test_summary_of_the_example() -> None:
    found = summary(MATRIX)
    assert (found.total, found.correct, found.errors) == (10, 7, 3)
    assert found.accuracy == found.micro_precision == found.micro_recall == found.micro_f1 == 0.7
    assert found.macro_precision == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert found.macro_recall == found.balanced_accuracy == pytest.approx((2 / 3 + 1 + 3 / 5) / 3)
    assert found.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 3 / 4) / 3)
    assert found.weighted_precision == pytest.approx((3 * 2 / 3 + 2 * 1 / 2 + 5 * 1) / 10)
    assert found.weighted_recall == pytest.approx(0.7)
    assert found.weighted_f1 == pytest.approx((3 * 2 / 3 + 2 * 2 / 3 + 5 * 3 / 4) / 10)
    # Rows 3, 2, 5 and columns 3, 4, 3: by chance 9 + 8 + 15 = 32 of 100.
    assert found.chance_agreement == pytest.approx(32 / 100)
    assert found.cohen_kappa == pytest.approx((70 - 32) / (100 - 32))
    assert found.matthews_correlation == pytest.approx((70 - 32) / math.sqrt((100 - 38) * (100 - 34)))
    left_out = {field.name: getattr(found, field.name) for field in fields(found) if field.name.endswith("_left_out")}
    assert {name: count for name, count in left_out.items() if count} == {}


def test_results_are_frozen() -> None:
    for result, name in [
        (summary(MATRIX), "accuracy"),
        (one_vs_rest(MATRIX), "tp"),
        (most_confused(MATRIX)[0], "count"),
    ]:
        with pytest.raises(FrozenInstanceError):
            setattr(result, name, 1)


# ---- where something is undefined ----------------------------------------------------------------------------


def test_no_images() -> None:
    matrix = confusion_matrix([], [], num_classes=3)
    np.testing.assert_array_equal(matrix, np.zeros((3, 3), dtype=np.int64))
    assert set(rates(one_vs_rest(matrix)).precision) == {None}
    found = summary(matrix)
    assert (found.total, found.correct, found.errors) == (0, 0, 0)
    for name, value in ((field.name, getattr(found, field.name)) for field in fields(found)):
        if name == "weighted_precision_left_out":
            assert value == 0, "no class occurs, so none has a weight to lose"
        elif name.endswith("_left_out"):
            assert value == 3, f"{name}: expected all 3 classes"
        else:
            assert value in (0, None), f"{name}: expected no number without images, or a count of 0"
    assert most_confused(matrix) == ()
    assert majority_accuracy(one_vs_rest(matrix)) == true_negative_shares(one_vs_rest(matrix)) == (None,) * 3
    assert support_shares(one_vs_rest(matrix)) == (None,) * 3
    lengths = bar_lengths(confidence_histogram([], np.empty((0, 3)), 0))
    assert not lengths.positives.any()
    assert not lengths.negatives.any()
    assert np.isnan(normalise(matrix, by="row")).all()
    assert rank_errors([], np.empty((0, 3))).tolist() == []
    assert confidence_histogram([], np.empty((0, 3)), 0).positives.sum() == 0
    assert softmax(np.empty((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("empty", [[], (), np.array([], np.int64), np.array([], np.uint8)])
def test_no_images_in_any_form(empty: object) -> None:
    assert confusion_matrix(empty, empty, num_classes=1).tolist() == [[0]]


def test_one_class_only() -> None:
    found = summary([[4]])
    assert found.accuracy == found.macro_f1 == found.weighted_precision == found.balanced_accuracy == 1.0
    assert found.cohen_kappa is None
    assert found.matthews_correlation is None
    per_class = rates(one_vs_rest([[4]]))
    assert per_class.recall == per_class.accuracy == (1.0,)
    assert per_class.specificity == (None,)  # there is no other class to keep apart
    assert majority_accuracy(one_vs_rest([[4]])) == (0.0,)


def test_one_image() -> None:
    found = summary(confusion_matrix([1], [0], num_classes=3))
    assert found.accuracy == found.macro_precision == found.macro_recall == found.macro_f1 == 0.0
    assert (found.macro_precision_left_out, found.macro_recall_left_out, found.macro_f1_left_out) == (2, 2, 1)
    assert found.cohen_kappa == 0.0
    assert found.matthews_correlation is None


def test_a_class_that_was_never_called() -> None:
    per_class = rates(one_vs_rest([[2, 0], [1, 0]]))
    assert per_class.precision == (2 / 3, None)
    assert per_class.recall == (1.0, 0.0)
    assert per_class.f1 == (4 / 5, 0.0)
    found = summary([[2, 0], [1, 0]])
    assert (found.macro_precision, found.macro_precision_left_out) == (2 / 3, 1)
    assert (found.weighted_precision, found.weighted_precision_left_out) == (2 / 3, 1)
    assert (found.macro_f1, found.macro_f1_left_out) == (2 / 5, 0)
    assert found.matthews_correlation is None  # scikit-learn says 0.0 here
    assert found.cohen_kappa == 0.0


def test_a_class_that_never_occurs() -> None:
    per_class = rates(one_vs_rest([[2, 1], [0, 0]]))
    assert per_class.precision == (1.0, 0.0)
    assert per_class.recall == (2 / 3, None)
    found = summary([[2, 1], [0, 0]])
    assert (found.balanced_accuracy, found.balanced_accuracy_left_out) == (2 / 3, 1)
    assert (found.macro_recall, found.macro_recall_left_out) == (2 / 3, 1)
    assert (found.weighted_precision, found.weighted_precision_left_out) == (1.0, 0)


def test_weighted_precision_without_any_weight_says_what_it_left_out() -> None:
    found = summary([[0, 2, 0], [0, 0, 0], [0, 3, 0]])
    assert (found.weighted_precision, found.weighted_precision_left_out) == (0.0, 2)


def test_large_counts_are_not_rounded_away() -> None:
    # N squared is 2**100: kappa's difference of products is lost in int64, and wrong in float64.
    big = 2**49
    found = summary([[big, 1], [0, big]])
    assert found.total == 2**50 + 1
    assert 1 - found.cohen_kappa == pytest.approx(2 / 2**50, rel=0.2)
    assert found.matthews_correlation <= 1.0


# ---- wilson_interval -----------------------------------------------------------------------------------------


def test_wilson_of_a_published_example() -> None:
    # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3.
    examples = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (successes, total), expected in examples.items():
        assert wilson_interval(successes, total) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("total", [1, 2, 7, 10_000, 10**15])
def test_wilson_ends_are_exact(total: int) -> None:
    assert wilson_interval(0, total).low == 0.0
    assert wilson_interval(total, total).high == 1.0
    assert 0 < wilson_interval(0, total).high < 1
    assert 0 < wilson_interval(total, total).low < 1


def test_intervals_of_rates_cover_as_often_as_they_say() -> None:
    """F1 too, which is no share itself: of 2,000 samples of a known matrix, about 95 % of the intervals hold the truth."""
    shares = np.array([[0.30, 0.04], [0.06, 0.60]])
    drawn = np.random.default_rng(0).multinomial(400, shares.ravel(), size=2000).reshape(-1, 2, 2)
    true = rates(one_vs_rest((shares * 100).round().astype(int)))
    hits = dict.fromkeys(("accuracy", "precision", "recall", "f1", "specificity"), 0)
    for matrix in drawn:
        found = rate_intervals(one_vs_rest(matrix))
        for name in hits:
            low, high = getattr(found, name)[0]
            hits[name] += low <= getattr(true, name)[0] <= high
    assert all(0.935 <= count / len(drawn) <= 0.965 for count in hits.values()), hits


def test_intervals_of_rates_hold_the_rates_and_follow_wilson() -> None:
    counts = one_vs_rest([[7, 2, 0, 0], [1, 0, 0, 0], [0, 0, 9, 0], [0, 0, 0, 0]])
    found, seen = rate_intervals(counts), rates(counts)
    assert found.precision[0] == wilson_interval(7, 8)
    assert found.recall[0] == wilson_interval(7, 9)
    assert found.recall[1].low == 0.0
    assert found.f1[2].high == 1.0
    assert found.accuracy[0] == wilson_interval(16, 19)
    assert found.specificity[0] == wilson_interval(9, 10)
    assert found.f1[3] == found.precision[3] == found.recall[3] == (None, None)
    for name in metrics.DEFINITIONS:
        for value, (low, high) in zip(getattr(seen, name), getattr(found, name), strict=True):
            assert value is None or low <= value <= high


def test_wilson_of_nothing_is_undefined() -> None:
    assert wilson_interval(0, 0) == (None, None)


def test_wilson_takes_numpy_integers_and_extreme_confidence() -> None:
    assert wilson_interval(np.int64(7), np.uint8(10)) == wilson_interval(7, 10)
    low, high = wilson_interval(7, 10, confidence=math.nextafter(1, 0))
    assert 0 < low < 0.2
    assert 0.9 < high < 1
    assert wilson_interval(7, 10, confidence=1e-300) == pytest.approx((0.7, 0.7))
    assert wilson_interval(7, 10, confidence=np.float32(0.5)) == pytest.approx(wilson_interval(7, 10, confidence=0.5))


@pytest.mark.parametrize(
    ("successes", "total"),
    [
        (2, 1),
        (1, 0),
        (-1, 5),
        (0, -1),
        (1.0, 2),
        (1, 2.0),
        (NAN, 2),
        ("1", 2),
        (None, 2),
        (True, 2),
        (1, True),
        (np.float64(1), 2),
        (np.bool_(True), 2),
        ([1], 2),
    ],
)
def test_wilson_refuses_counts(successes: int, total: int) -> None:
    with pytest.raises(InputError, match=r"(successes|total): expected"):
        wilson_interval(successes, total)


@pytest.mark.parametrize("confidence", [0, 1, 0.0, 1.0, -0.5, 95, NAN, math.inf, "0.95", None, 10**400, 1j])
def test_wilson_refuses_confidence(confidence: float) -> None:
    with pytest.raises(InputError, match="confidence: expected a number between 0 and 1"):
        wilson_interval(1, 2, confidence=confidence)


# ---- rank_errors and the other functions of scores -----------------------------------------------------------

RANKED_LABELS = [0, 0, 1, 2, 2]
SCORES = np.array(
    [
        [0.90, 0.05, 0.05],  # right
        [0.30, 0.60, 0.10],  # 0 called 1: confidence .60, margin .30, truth .30
        [0.75, 0.25, 0.00],  # 1 called 0: confidence .75, margin .50, truth .25
        [0.50, 0.50, 0.00],  # 2 called 0, the first of two: confidence .50, margin .50, truth 0
        [0.35, 0.55, 0.10],  # 2 called 1: confidence .55, margin .45, truth .10
    ]
)


@pytest.mark.parametrize(
    ("by", "expected"), [("confidence", [2, 1, 4, 3]), ("margin", [2, 3, 4, 1]), ("loss", [3, 4, 2, 1])]
)
def test_rank_errors_of_the_example(by: str, expected: list[int]) -> None:
    found = rank_errors(RANKED_LABELS, SCORES, by=by)
    assert found.dtype == np.int64
    assert found.tolist() == expected


def test_rank_errors_ties_by_index() -> None:
    scores = [[0.25, 0.75]] * 6 + [[0.0, 1.0]]
    for by in metrics.RANKINGS:
        assert rank_errors([0, 1, 0, 1, 0, 0, 0], scores, by=by).tolist() == [6, 0, 2, 4, 5]


def test_the_first_maximum_is_what_was_called() -> None:
    assert rank_errors([0, 1], [[0.5, 0.5], [0.5, 0.5]]).tolist() == [1]


def test_everything_right_gives_no_errors() -> None:
    found = rank_errors([0, 1], [[0.9, 0.1], [0.2, 0.8]])
    assert found.dtype == np.int64
    assert found.shape == (0,)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_rank_errors_takes_any_float_and_label_dtype(dtype: type) -> None:
    for label_dtype in (np.uint8, np.uint64, np.int32):
        found = rank_errors(np.array(RANKED_LABELS, label_dtype), SCORES.astype(dtype), by="loss")
        assert found.tolist() == [3, 4, 2, 1]


def test_a_rounding_above_one_is_a_probability() -> None:
    above = np.nextafter(np.float32(1), np.float32(2))
    scores = np.array([[above, 0], [above, 0]], dtype=np.float32)
    assert rank_errors([0, 1], scores).tolist() == [1]
    assert confidence_histogram([0, 1], scores, 0, bins=4).positives.tolist() == [0, 0, 0, 1]


BAD_LABELS_AND_SCORES = {
    "lengths": ([0], [[0.5, 0.5], [0.5, 0.5]]),
    "label above": ([2], [[0.5, 0.5]]),
    "label below": ([-1], [[0.5, 0.5]]),
    "float labels": ([0.0], [[0.5, 0.5]]),
    "bool labels": ([True], [[0.5, 0.5]]),
    "NaN label": ([NAN], [[0.5, 0.5]]),
    "labels 2-D": ([[0]], [[0.5, 0.5]]),
    "NaN score": ([0], [[NAN, 0.5]]),
    "infinite score": ([0], [[math.inf, 0.5]]),
    "logits": ([0], [[3.0, 0.5]]),
    "negative score": ([0], [[-0.1, 0.5]]),
    "scores 1-D": ([0], [0.5]),
    "scores 3-D": ([0], [[[0.5]]]),
    "no classes": ([0], np.empty((1, 0))),
    "ragged": ([0, 1], [[0.5, 0.5], [0.5]]),
    "texts": ([0], [["a", "b"]]),
    "bool scores": ([0], [[True, False]]),
    "complex scores": ([0], [[0.5j, 0.5]]),
    "None": ([0], None),
}


@pytest.mark.parametrize("name", BAD_LABELS_AND_SCORES)
def test_scores_and_labels_that_are_refused(name: str) -> None:
    labels, scores = BAD_LABELS_AND_SCORES[name]
    for by in metrics.RANKINGS:
        with pytest.raises(InputError, match=r"(labels|scores).*: expected"):
            rank_errors(labels, scores, by=by)
    with pytest.raises(InputError, match=r"(labels|scores).*: expected"):
        confidence_histogram(labels, scores, 0)


@pytest.mark.parametrize("by", ["", "Confidence", "entropy", None])
def test_rank_errors_names_the_rankings(by: str) -> None:
    with pytest.raises(InputError, match="'confidence', 'margin', 'loss'"):
        rank_errors(RANKED_LABELS, SCORES, by=by)


def test_softmax() -> None:
    found = softmax(np.array([[0, math.log(3)], [-1000, -1000], [1e308, -1e308]]))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [[0.25, 0.75], [0.5, 0.5], [1, 0]], rtol=0, atol=1e-15)


def test_softmax_leaves_its_input_alone() -> None:
    logits = np.array([[1.0, 2.0]])
    softmax(logits)
    assert logits.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(
    "logits",
    [
        [[NAN, 1]],
        [[math.inf, 1]],
        [[-math.inf, 1]],
        [1.0, 2.0],
        [["a"]],
        [[]],
        [[True]],
        [[1], [1, 2]],
        [[1j]],
    ],
)
def test_softmax_refuses(logits: list) -> None:
    with pytest.raises(InputError, match="logits: expected"):
        softmax(logits)


def test_confidence_histogram_of_the_example() -> None:
    found = confidence_histogram(RANKED_LABELS, SCORES, 0, bins=2)
    assert found.edges.tolist() == [0.0, 0.5, 1.0]
    assert found.positives.tolist() == [1, 1]  # images 0 and 1 are a 0: .90 and .30
    assert found.negatives.tolist() == [1, 2]  # images 2, 3 and 4: .75, .50 and .35; .50 begins the upper bin
    assert found.positives.dtype == found.negatives.dtype == np.int64
    assert found.edges.dtype == np.float64


def test_bars_of_equal_counts_are_equally_long_in_both_halves() -> None:
    few, many = np.array([0, 3, 17]), np.array([8_966, 12, 3])
    lengths = bar_lengths(ConfidenceHistogram(np.linspace(0, 1, 4), positives=few, negatives=many))
    assert lengths.positives[1] == lengths.negatives[2]
    assert lengths.positives[2] > lengths.negatives[1]
    assert lengths.negatives[0] == 1
    both = np.concatenate([lengths.positives, lengths.negatives])
    np.testing.assert_allclose(both**2 * 8_966, np.concatenate([few, many]))


def test_confidence_histogram_counts_both_ends() -> None:
    found = confidence_histogram([0, 0, 1], [[0.0, 1.0], [1.0, 0.0], [0.05, 0.95]], 0)
    assert len(found.edges) == 21
    assert found.positives[[0, -1]].tolist() == [1, 1]
    assert found.negatives[1] == 1


@pytest.mark.parametrize(
    ("index", "bins"),
    [(3, 20), (-1, 20), (0.0, 20), (None, 20), (True, 20), (0, 0), (0, -1), (0, 2.0), (0, None)],
)
def test_confidence_histogram_refuses(index: int, bins: int) -> None:
    with pytest.raises(InputError, match=r"(class_index|bins): expected"):
        confidence_histogram(RANKED_LABELS, SCORES, index, bins=bins)


# ---- the matrix as it is shown -------------------------------------------------------------------------------


def test_normalise_of_the_example() -> None:
    np.testing.assert_array_equal(normalise(MATRIX, by="count"), MATRIX.astype(float))
    np.testing.assert_array_equal(normalise(MATRIX, by="row"), [[2 / 3, 1 / 3, 0], [0, 1, 0], [1 / 5, 1 / 5, 3 / 5]])
    np.testing.assert_array_equal(normalise(MATRIX, by="column"), [[2 / 3, 1 / 4, 0], [0, 2 / 4, 0], [1 / 3, 1 / 4, 1]])
    assert all(normalise(MATRIX, by=by).dtype == np.float64 for by in metrics.NORMALISATIONS)


def test_normalise_is_undefined_in_empty_rows_and_columns() -> None:
    np.testing.assert_array_equal(normalise([[2, 0], [0, 0]], by="row"), [[1, 0], [NAN, NAN]])
    np.testing.assert_array_equal(normalise([[2, 0], [1, 0]], by="column"), [[2 / 3, NAN], [1 / 3, NAN]])
    np.testing.assert_array_equal(normalise([[0, 0], [0, 0]], by="count"), np.zeros((2, 2)))


def test_the_diagonals_are_recall_and_precision() -> None:
    per_class = rates(one_vs_rest(MATRIX))
    assert tuple(np.diagonal(normalise(MATRIX, by="row")).tolist()) == per_class.recall
    assert tuple(np.diagonal(normalise(MATRIX, by="column")).tolist()) == per_class.precision


def test_most_confused_of_the_example() -> None:
    assert most_confused(MATRIX) == (
        Confusion(true=0, predicted=1, count=1, share_of_true=1 / 3),
        Confusion(true=2, predicted=0, count=1, share_of_true=1 / 5),
        Confusion(true=2, predicted=1, count=1, share_of_true=1 / 5),
    )
    assert most_confused(MATRIX, limit=0) == ()
    first = most_confused([[90, 3, 0], [0, 9, 7], [3, 0, 5]], limit=2)
    assert [(one.true, one.predicted, one.count) for one in first] == [(1, 2, 7), (0, 1, 3)]
    assert first[0].share_of_true == 7 / 16
    assert type(first[0].count) is type(first[0].true) is int


def test_nothing_confused() -> None:
    assert most_confused(np.diag([3, 4, 5])) == ()


@pytest.mark.parametrize("limit", [-1, 1.0, None, True])
def test_most_confused_refuses_limit(limit: int) -> None:
    with pytest.raises(InputError, match="limit: expected"):
        most_confused(MATRIX, limit=limit)


def test_colour_scale_of_the_example() -> None:
    np.testing.assert_array_equal(colour_scale(MATRIX), MATRIX / 3)
    np.testing.assert_array_equal(colour_scale(MATRIX, scale="sqrt"), np.sqrt(MATRIX / 3))
    np.testing.assert_array_equal(
        colour_scale([[90, 3, 0], [0, 9, 12], [3, 0, 5]], scale="sqrt", ignore_diagonal=True),
        [[0, 0.5, 0], [0, 0, 1], [0.5, 0, 0]],
    )


def test_colour_scale_of_nothing_and_of_the_undefined() -> None:
    for scale in metrics.SCALES:
        np.testing.assert_array_equal(colour_scale(np.zeros((2, 2)), scale=scale), np.zeros((2, 2)))
        np.testing.assert_array_equal(
            colour_scale(np.diag([3, 4]), scale=scale, ignore_diagonal=True), np.zeros((2, 2))
        )
        np.testing.assert_array_equal(
            colour_scale([[NAN, NAN], [0, 0.5]], scale=scale, ignore_diagonal=True), [[NAN, NAN], [0, 0]]
        )
        np.testing.assert_array_equal(colour_scale([[NAN, NAN], [0, 0.5]], scale=scale), [[NAN, NAN], [0, 1]])
        assert np.isnan(colour_scale([[NAN]], scale=scale)).all()


@pytest.mark.parametrize("scale", metrics.SCALES)
def test_colour_ticks_are_what_has_these_colours(scale: str) -> None:
    values = np.array([[90.0, 3, 0], [0, 9, 12], [3, NAN, 5]])
    for ignore_diagonal, largest in ((False, 90), (True, 12)):
        ticks = colour_ticks(values, scale=scale, ignore_diagonal=ignore_diagonal)
        assert ticks[-1] == largest
        np.testing.assert_allclose(colour_scale([ticks], scale=scale), [[0, 0.5, 1]])
    assert not colour_ticks([[0, NAN]], scale=scale).any()


def test_colour_scale_leaves_its_input_alone() -> None:
    values = np.array([[5.0, 1.0], [2.0, 5.0]])
    colour_scale(values, ignore_diagonal=True)
    assert values.tolist() == [[5.0, 1.0], [2.0, 5.0]]


@pytest.mark.parametrize("values", [[[-1, 2]], [[math.inf, 1]], [1, 2], [[[1]]], [["a"]], [[True]]])
def test_colour_scale_refuses_values(values: list) -> None:
    with pytest.raises(InputError, match="values: expected"):
        colour_scale(values)


def test_choices_are_named_when_one_is_unknown() -> None:
    with pytest.raises(InputError, match="'linear', 'sqrt'"):
        colour_scale(MATRIX, scale="log")
    with pytest.raises(InputError, match="'count', 'row', 'column'"):
        normalise(MATRIX, by="all")
    with pytest.raises(InputError, match="square"):
        colour_scale([[1, 2]], ignore_diagonal=True)


# ---- refusals of labels, matrices and counts -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "predicted"),
    [
        ([0, 1], [0]),
        ([], [0]),
        ([3], [0]),
        ([0], [3]),
        ([-1], [0]),
        ([0], [-1]),
        ([0.0], [0]),
        ([0], [1.5]),
        ([NAN], [0]),
        ([True], [False]),
        (np.array([True]), [0]),
        ([[0]], [[0]]),
        (0, 0),
        (["0"], [0]),
        ([None], [0]),
        (None, None),
        ([0, [1]], [0, 1]),
        (np.array([], np.float64), np.array([], np.float64)),
        (np.array([2**63], np.uint64), [0]),
        ([2**70], [0]),
        ([1j], [0]),
        (np.array(["2020-01-01"], "datetime64[D]"), [0]),
        ({0: 1}, [0]),
    ],
)
def test_confusion_matrix_refuses(labels: list, predicted: list) -> None:
    with pytest.raises(InputError, match=r"(labels|predicted|labels and predicted): expected .* got|numpy says"):
        confusion_matrix(labels, predicted, num_classes=3)


def test_the_first_class_out_of_range_is_named() -> None:
    with pytest.raises(InputError, match="labels: expected classes from 0 to 2, got 7 at index 1"):
        confusion_matrix([0, 7, 8], [0, 0, 0], num_classes=3)
    with pytest.raises(InputError, match="got 255 at index 0"):
        confusion_matrix(np.array([255], np.uint8), [0], num_classes=255)


@pytest.mark.parametrize("classes", [0, -1, 2.0, NAN, True, "3", None, [3]])
def test_num_classes_must_be_a_positive_whole_number(classes: int) -> None:
    with pytest.raises(InputError, match="num_classes: expected a whole number from 1 up"):
        confusion_matrix([0], [0], num_classes=classes)


BAD_MATRICES = {
    "not square": [[1, 2]],
    "1-D": [1, 2],
    "3-D": [[[1]]],
    "a number": 1,
    "empty": [],
    "0 x 0": np.empty((0, 0), np.int64),
    "no columns": [[]],
    "negative": [[1, -1], [0, 1]],
    "float": [[1.0, 2.0], [0.0, 1.0]],
    "NaN": [[NAN, 1], [0, 1]],
    "bool": [[True, False], [False, True]],
    "ragged": [[1, 2], [3]],
    "texts": [["1", "2"], ["3", "4"]],
    "None": None,
    "beyond int64": np.full((2, 2), 2**63, np.uint64),
    "adds up beyond 2**53": np.full((2, 2), 2**52),
    "adds up beyond int64": np.full((40, 40), 2**53),
}


@pytest.mark.parametrize(
    "use",
    [
        *(one_vs_rest, summary, most_confused, misclassified_true_negatives),
        lambda matrix: normalise(matrix, by="count"),
    ],
)
@pytest.mark.parametrize("name", BAD_MATRICES)
def test_matrices_that_are_refused(name: str, use: Callable[[object], object]) -> None:
    with pytest.raises(InputError, match="matrix: expected"):
        use(BAD_MATRICES[name])


@pytest.mark.parametrize("use", [rates, majority_accuracy, true_negative_shares, support_shares])
@pytest.mark.parametrize(
    "bad",
    [
        counts([-1], [0], [0], [0]),
        counts([0], [0], [0], [-1]),
        counts([0.5], [0], [0], [0]),
        counts([NAN], [0], [0], [0]),
        counts([True], [0], [0], [0]),
        counts([0, 1], [0], [0], [0]),
        counts([[0]], [[0]], [[0]], [[0]]),
        counts([2**54], [0], [0], [0]),
    ],
)
def test_counts_that_are_refused(use: Callable[[OneVsRest], object], bad: OneVsRest) -> None:
    with pytest.raises(InputError, match="expected"):
        use(bad)


def test_largest_matrix_that_is_taken() -> None:
    classes = 40
    matrix = np.diag(np.full(classes, 2**53 // classes))
    assert rates(one_vs_rest(matrix)).recall == (1.0,) * classes


# ---- what it costs to import, and in memory ------------------------------------------------------------------


def test_importing_needs_numpy_only() -> None:
    heavy = ("torch", "sklearn", "scipy", "pandas", "streamlit", "plotly")
    code = (
        "import sys, mnistcore.metrics, mnistcore.evaluation.selections\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_counting_does_not_copy_the_labels() -> None:
    import tracemalloc

    labels = np.random.default_rng(0).integers(0, 10, 2_000_000)
    predicted = labels[::-1].copy()
    tracemalloc.start()
    try:
        matrix = confusion_matrix(labels, predicted, num_classes=10)
        summary(matrix)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert matrix.sum() == len(labels)
    assert peak < labels.nbytes / 4
