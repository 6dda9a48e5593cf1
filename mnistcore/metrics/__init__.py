"""Owns every number on every page, as pure functions of labels and scores; imports numpy and our errors only.

One example runs through the doctests: ten pictures of the digits 0, 1 and 2, and what a model called them.

    >>> labels = [0, 0, 0, 1, 1, 2, 2, 2, 2, 2]
    >>> predicted = [0, 0, 1, 1, 1, 2, 2, 2, 0, 1]
    >>> matrix = confusion_matrix(labels, predicted, num_classes=3)
    >>> matrix
    array([[2, 1, 0],
           [0, 2, 0],
           [1, 1, 3]])

Words: ``labels`` are the truth, ``predicted`` what the model called each image, ``scores`` the probabilities
that it gave to the classes, C the number of classes, N the number of images. Classes count from 0.

Where a formula asks for 0/0 the number is *undefined*: None for a single number, NaN inside an array. It is
never 0: "no image was called 7" and "every image called 7 was wrong" are different findings.
"""

from mnistcore.metrics.arithmetic import FloatArray, IntArray
from mnistcore.metrics.averages import AVERAGED, AVERAGES, Contributions, average_contributions
from mnistcore.metrics.calibration import (
    TEMPERATURES,
    Reliability,
    fit_temperature,
    negative_log_likelihood,
    reliability,
)
from mnistcore.metrics.class_rates import (
    Rates,
    majority_accuracy,
    mean_one_vs_rest_accuracy,
    misclassified_true_negatives,
    most_flattered,
    rates,
    support_shares,
    true_negative_shares,
)
from mnistcore.metrics.counts import OneVsRest, confusion_matrix, one_vs_rest
from mnistcore.metrics.definitions import DEFINITIONS, OUTCOMES, Definition
from mnistcore.metrics.intervals import (
    Interval,
    MeanInterval,
    RateIntervals,
    half_width,
    mean_interval,
    rate_intervals,
    wilson_interval,
)
from mnistcore.metrics.many_classes import ORDERS, class_order, folded, most_confused_with, most_notable, similarity
from mnistcore.metrics.matrix_view import (
    NORMALISATIONS,
    SCALES,
    Confusion,
    colour_scale,
    colour_ticks,
    most_confused,
    normalise,
)
from mnistcore.metrics.prevalence import ThinnedClass, most_diluted, thin_class
from mnistcore.metrics.ranking import RANKINGS, rank_errors
from mnistcore.metrics.resampling import percentile_interval, redraw_accuracy, redraw_matrix
from mnistcore.metrics.scores import (
    BarLengths,
    ConfidenceHistogram,
    bar_lengths,
    confidence_histogram,
    soft_confusion_matrix,
    softmax,
)
from mnistcore.metrics.significance import fisher_exact, sign_test
from mnistcore.metrics.summaries import Summary, summary
from mnistcore.metrics.thresholds import ThresholdCurve, threshold_curve
from mnistcore.metrics.two_by_two import BinaryMetrics, TwoByTwo, binary_metrics

__all__ = [
    "AVERAGED",
    "AVERAGES",
    "DEFINITIONS",
    "NORMALISATIONS",
    "ORDERS",
    "OUTCOMES",
    "RANKINGS",
    "SCALES",
    "TEMPERATURES",
    "BarLengths",
    "BinaryMetrics",
    "ConfidenceHistogram",
    "Confusion",
    "Contributions",
    "Definition",
    "FloatArray",
    "IntArray",
    "Interval",
    "MeanInterval",
    "OneVsRest",
    "RateIntervals",
    "Rates",
    "Reliability",
    "Summary",
    "ThinnedClass",
    "ThresholdCurve",
    "TwoByTwo",
    "average_contributions",
    "bar_lengths",
    "binary_metrics",
    "class_order",
    "colour_scale",
    "colour_ticks",
    "confidence_histogram",
    "confusion_matrix",
    "fisher_exact",
    "fit_temperature",
    "folded",
    "half_width",
    "majority_accuracy",
    "mean_interval",
    "mean_one_vs_rest_accuracy",
    "misclassified_true_negatives",
    "most_confused",
    "most_confused_with",
    "most_diluted",
    "most_flattered",
    "most_notable",
    "negative_log_likelihood",
    "normalise",
    "one_vs_rest",
    "percentile_interval",
    "rank_errors",
    "rate_intervals",
    "rates",
    "redraw_accuracy",
    "redraw_matrix",
    "reliability",
    "sign_test",
    "similarity",
    "soft_confusion_matrix",
    "softmax",
    "summary",
    "support_shares",
    "thin_class",
    "threshold_curve",
    "true_negative_shares",
    "wilson_interval",
]
