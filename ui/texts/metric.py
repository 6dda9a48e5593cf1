"""Owns the words of what the metrics are called."""

TEXTS = {
    "metric.accuracy": (
        "正解率（一対他） Accuracy",
        "Accuracy (one-vs-rest)",
    ),
    "metric.overall": (
        "全体の正解率 Accuracy",
        "Overall accuracy",
    ),
    "metric.precision": (
        "適合率 Precision",
        "Precision",
    ),
    "metric.recall": (
        "再現率 Recall",
        "Recall",
    ),
    "metric.specificity": (
        "特異度 Specificity",
        "Specificity",
    ),
    "metric.f1": (
        "F1スコア（F値）",
        "F1 score",
    ),
}
