"""Owns the words of the misclassified page."""

TEXTS = {
    "misclassified.all": ("すべて", "all"),
    "misclassified.name": ("誤分類", "Misclassified"),
    "misclassified.title": ("誤分類", "Misclassified"),
    "misclassified.truth": ("正解", "True class"),
    "misclassified.predicted": ("予測", "Predicted class"),
    "misclassified.confidence": ("確信度", "Confidence"),
    "misclassified.confidence.help": (
        "モデルが予測したクラスに付けた確率。その割合で当たるという意味ではありません。99% 以上でも間違えることが"
        "あります。",
        "The probability that the model gave to the predicted class. It does not mean that as many of such "
        "predictions are right: even one above 99% can be wrong.",
    ),
    "misclassified.sort": ("並べ替え", "Sort by"),
    "misclassified.sort.confidence": ("確信度の高い順", "Confidence, highest first"),
    "misclassified.sort.margin": ("正解との差の大きい順", "Margin over the true class, largest first"),
    "misclassified.sort.loss": ("損失の大きい順", "Loss, largest first"),
    "misclassified.sort.index": ("番号順（0 から）", "Index, from 0"),
    "misclassified.sort.help": (
        "確信度：予測したクラスの確率。差：予測したクラスの確率から正解のクラスの確率を引いたもの。"
        "損失：正解のクラスの確率の対数にマイナスを付けたもの。",
        "Confidence: the probability of the predicted class. Margin: that minus the probability of the true "
        "class. Loss: minus the logarithm of the probability of the true class.",
    ),
    "misclassified.size": ("表示枚数", "Per page"),
    "misclassified.size.help": (
        "1 ページに並べる画像の枚数。",
        "Images per page.",
    ),
    "misclassified.count": (
        "誤分類 {total} 枚のうち、条件に合うのは **{count} 枚**（全テスト画像 {images} 枚の {share}）。",
        "**{count}** of {total} misclassified {total:image|images} {count:fits|fit} the filters ({share} of all "
        "{images} test {images:image|images}).",
    ),
    "misclassified.none": (
        "誤分類はありません。{total} 枚のテスト画像をすべて正しく分類しました。"
        "正解率の 95% 信頼区間は {low}〜{high} です。満点でも、別の画像で間違えないとは限りません。",
        "Nothing was misclassified: {total:the|all} {total} test {total:image was|images were} classified "
        "correctly. The 95% confidence interval of the accuracy is {low} to {high}: a full score here does not "
        "promise one on other images.",
    ),
    "misclassified.nothing_left": (
        "この条件に合う誤分類はありません。条件をゆるめてください。",
        "No misclassified image fits these filters. Widen them.",
    ),
    "misclassified.csv": ("この一覧を CSV で保存", "Download this list as CSV"),
}
