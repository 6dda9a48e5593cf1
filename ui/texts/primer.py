"""Owns the words of "read me first": deep learning, MNIST, the four outcomes and the metrics, each in a paragraph."""

TEXTS = {
    "primer.title": ("はじめに：数字の意味を読む前に", "Read me first: what the numbers are about"),
    "primer.learning.title": ("深層学習とは", "Deep learning"),
    "primer.learning": (
        "ニューラルネットワークは、入力（ここでは 784 個の画素）に重みを掛けて足し、簡単な関数を通す、という計算を"
        "層のように重ねたものです。層を深く重ねたものの学習を深層学習と呼びます。正解つきの画像を少しずつ見せ、"
        "答えと正解のずれ（損失）が小さくなる向きに重みを少し動かす、これを何万回も繰り返します。"
        "全部の学習画像をひと回り見ることを 1 エポックといいます。規則を人が書くのではなく、例から重みが決まるのが特徴です。",
        "A neural network multiplies its inputs (here 784 pixels) by weights, adds them up, passes the sums through a "
        "simple function, and does so again, layer upon layer; with many layers it is called deep. To train it, one "
        "shows it labelled images a few at a time and nudges every weight in the direction that makes the gap between "
        "answer and truth (the loss) smaller, tens of thousands of times. Once through all the training images is an "
        "epoch. Nobody writes rules: the examples set the weights.",
    ),
    "primer.mnist.title": ("MNIST とは", "MNIST"),
    "primer.mnist": (
        "MNIST は、アメリカの国勢調査局の職員と高校生が書いた 0 から 9 までの数字 70,000 枚の画像集です。"
        "1 枚は 28×28 画素の白黒で、60,000 枚が学習用、10,000 枚がテスト用です。小さくて扱いやすいので、"
        "1998 年以来、分類器を試す最初の問題として使われています。人間でも迷う字がまじっていて、満点は取れません。",
        "MNIST is a collection of 70,000 images of the digits 0 to 9, written by employees of the US Census Bureau and "
        "by high-school students. Each is 28×28 pixels in grey; 60,000 are for training, 10,000 for the test. Being "
        "small and easy to handle, it has been the first problem for a new classifier since 1998. Some digits puzzle "
        "people too, so nobody scores full marks.",
    ),
    "primer.outcomes.title": ("4 つの結果：TP・FP・FN・TN", "Four outcomes: TP, FP, FN, TN"),
    "primer.outcomes": (
        "あるクラス（たとえば「5」）だけに注目し、5 を陽性、ほかをまとめて陰性とみなすと、どの画像も次の 4 つの"
        "どれかになります。この見方を一対他（one-vs-rest）といいます。",
        "Look at one class only, say “5”: a 5 is positive, everything else together is negative. Then every image is "
        "one of four things. This view is called one-vs-rest.",
    ),
    "primer.outcomes.called_yes": ("「5」と予測", "called a 5"),
    "primer.outcomes.called_no": ("「5」ではないと予測", "not called a 5"),
    "primer.outcomes.truth_yes": ("本当に 5", "really a 5"),
    "primer.outcomes.truth_no": ("本当は 5 ではない", "not a 5"),
    "primer.outcomes.tp": ("真陽性 TP：見つけた", "true positive (TP): found"),
    "primer.outcomes.fn": ("偽陰性 FN：見逃した", "false negative (FN): missed"),
    "primer.outcomes.fp": ("偽陽性 FP：間違って 5 と呼んだ", "false positive (FP): wrongly called a 5"),
    "primer.outcomes.tn": ("真陰性 TN：正しく除いた", "true negative (TN): rightly left out"),
    "primer.metrics.title": ("指標と式", "The metrics"),
    "primer.metrics.name": ("指標", "Metric"),
    "primer.metrics.formula": ("式", "Formula"),
    "primer.metrics.question": ("答える問い", "The question it answers"),
    "primer.metrics.accuracy": ("全体のうち、どれだけ合っていたか", "How much of everything was right?"),
    "primer.metrics.precision": (
        "5 と答えたもののうち、本当に 5 だったのは",
        "Of those called a 5, how many are one?",
    ),
    "primer.metrics.recall": ("本当の 5 のうち、見つけられたのは", "Of the real 5s, how many were found?"),
    "primer.metrics.specificity": (
        "5 ではないもののうち、5 と呼ばなかったのは",
        "Of those that are not a 5, how many were not called one?",
    ),
    "primer.metrics.f1": (
        "適合率と再現率の調和平均。どちらかが低いと低い",
        "The harmonic mean of precision and recall: low as soon as one is low.",
    ),
    "primer.undefined": (
        "分母が 0 になる指標（一度も予測されなかったクラスの適合率など）は「–」と書きます。0 ではなく「定義できない」"
        "という意味で、平均からも除きます。",
        "Where the denominator is 0 (the precision of a class that was never predicted, say) a page shows “–”. That "
        "does not mean 0: the number is undefined, and left out of averages.",
    ),
    "metric.accuracy": ("正解率", "Accuracy"),
    "metric.precision": ("適合率", "Precision"),
    "metric.recall": ("再現率", "Recall"),
    "metric.specificity": ("特異度", "Specificity"),
    "metric.f1": ("F1スコア（F値）", "F1 score"),
}
