"""Owns the words of the detail of one image."""

TEXTS = {
    "detail.right": ("正しく分類", "Classified correctly"),
    "detail.wrong": ("誤分類", "Misclassified"),
    "detail.truth": ("正解", "True class"),
    "detail.predicted": ("予測", "Predicted class"),
    "detail.index": (
        "テスト画像の番号 {index}",
        "Test image number {index}",
    ),
    "detail.probabilities": ("クラスごとの確率", "Probability of each class"),
    "detail.left_out": (
        "ほかの {count} クラスの確率は、これより低い値です。",
        "The {count} other {count:class has a lower probability|classes have lower probabilities}.",
    ),
    "detail.previous": ("← 前へ", "← Previous"),
    "detail.next": ("次へ →", "Next →"),
    "detail.position": ("{position} / {total} 枚", "{position} of {total}"),
}
