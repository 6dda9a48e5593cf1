"""Owns the words of "read me first": deep learning, MNIST, the four outcomes and the metrics, each in a paragraph."""

TEXTS = {
    "primer.title": (
        "はじめに：言葉と指標の説明",
        "Read me first: words and metrics",
    ),
    "primer.learning.title": ("深層学習とは", "Deep learning"),
    "primer.learning": (
        "深層学習は、大量のデータからルールやパターンを学習する機械学習の一種で、人間の脳の神経回路をまねた多層の"
        "ニューラルネットワークを使います。ニューラルネットワークは、入力（ここでは 784 個の画素）に重みを掛けて足し、簡単な関数を通す、"
        "という計算を層のように重ねたものです。"
        "正解つきの画像を少しずつ見せ、予測と正解のずれ（損失）が小さくなる向きに重みを少し動かす、"
        "これを数百回から数万回繰り返します。全部の学習画像をひと回り見ることを 1 エポックといいます。"
        "規則を人が書くのではなく、例から重みが決まるのが特徴です。ここでは PyTorch というライブラリーで学習します。",
        "Deep learning is a kind of machine learning, which finds rules and patterns in large amounts of data: it uses "
        "neural networks of many layers, inspired by the neural circuits of the brain. "
        "A neural network multiplies its inputs (here 784 pixels) by weights, adds them up, passes the sums "
        "through a simple function, and does so again, layer upon layer. To "
        "train it, one shows it labelled images a few at a time and nudges every weight in the direction that "
        "makes the gap between prediction and true class (the loss) smaller, hundreds to tens of thousands of "
        "times. Once through all the training images is an epoch. Nobody writes rules: the examples set the "
        "weights. Here the library PyTorch does the training.",
    ),
    "primer.mnist.title": ("MNIST とは", "MNIST"),
    "primer.mnist": (
        "MNIST（Modified National Institute of Standards and Technology database）は、アメリカの国勢調査局の職員と高校生が書いた 0 から 9 までの数字 70,000 枚の画像集です。"
        "1 枚は 28×28 画素のグレースケール（濃淡 256 段階）で、60,000 枚が学習用、10,000 枚がテスト用です。"
        "このダッシュボードでは、学習用のうち {validation} 枚を検証用に取り分けます。小さくて扱いやすいので、"
        "1998 年以来、分類器を試す最初の問題として使われています。人間でも迷う字がまじっていて、"
        "満点は取れません。",
        "MNIST (Modified National Institute of Standards and Technology database) is a collection of 70,000 images of the digits 0 to 9, written by employees of the US Census "
        "Bureau and by high-school students. Each is a greyscale image of 28×28 pixels (256 levels); 60,000 are "
        "for training, 10,000 for the test. This dashboard holds {validation} of the training images out for "
        "validation. Being small and easy to handle, MNIST has been the first problem for a new classifier since "
        "1998. Some digits puzzle people too, so nobody scores full marks.",
    ),
    "primer.outcomes.title": ("4 つの結果：TP・FP・FN・TN", "Four outcomes: TP, FP, FN, TN"),
    "primer.outcomes": (
        "あるクラス（たとえば「5」）だけに注目し、5 を陽性、ほかをまとめて陰性とみなすと、どの画像も次の 4 つの"
        "どれかになります。この見方を一対他（one-vs-rest）といいます。",
        "Look at one class only, say “5”: a 5 is positive, everything else together is negative. Then every image is "
        "one of four things. This view is known as one-vs-rest.",
    ),
    "primer.outcomes.called_yes": ("「5」と予測", "predicted as a 5"),
    "primer.outcomes.called_no": ("「5」以外と予測", "not predicted as a 5"),
    "primer.outcomes.truth_yes": ("正解が「5」", "true class 5"),
    "primer.outcomes.truth_no": ("正解が「5」以外", "true class not\u00a05"),
    "primer.outcomes.tp": (
        "真陽性 TP（True Positive）：5 を、5 と予測した（見つけた）",
        "true positive (TP): a 5, predicted as a 5 (found)",
    ),
    "primer.outcomes.fn": (
        "偽陰性 FN（False Negative）：5 なのに、5 以外と予測した（見逃した）",
        "false negative (FN): a 5, but predicted as something else (missed)",
    ),
    "primer.outcomes.fp": (
        "偽陽性 FP（False Positive）：5 ではないのに、5 と予測した",
        "false positive (FP): not a 5, but predicted as one",
    ),
    "primer.outcomes.tn": (
        "真陰性 TN（True Negative）：5 ではなく、5 以外と予測した",
        "true negative (TN): not a 5, and not predicted as one",
    ),
    "primer.metrics.title": ("指標と式", "The metrics"),
    "primer.metrics.name": ("指標", "Metric"),
    "primer.metrics.formula": ("式", "Formula"),
    "primer.metrics.question": ("何がわかるか", "The question it answers"),
    "primer.metrics.correct": ("正しく分類した枚数", "images classified correctly"),
    "primer.metrics.total": ("全枚数", "all images"),
    "primer.metrics.overall": (
        "すべての画像のうち、クラスを正しく予測した割合",
        "Of all images, how many were classified correctly?",
    ),
    "primer.metrics.accuracy": (
        "「5 か、5 以外か」だけを見たときに合っていた割合",
        "How often was “5 or not a 5” right?",
    ),
    "primer.metrics.precision": (
        "5 と予測した画像のうち、正解も 5 だった割合",
        "Of the images predicted as a 5, how many are one?",
    ),
    "primer.metrics.recall": (
        "正解が 5 の画像のうち、5 と予測できた割合",
        "Of the images of a 5, how many were predicted as one?",
    ),
    "primer.metrics.specificity": (
        "正解が 5 以外の画像のうち、5 と予測しなかった割合",
        "Of the images that are not a 5, how many were not predicted as one?",
    ),
    "primer.metrics.f1": (
        "適合率 P と再現率 R の調和平均。ふつうの平均より、低いほうに引きずられる",
        "The harmonic mean of precision P and recall R: closer to the lower of the two than the plain mean.",
    ),
    "primer.metrics.aim": (
        "**正解率 Accuracy** は、すべての画像のうち正しく分類した画像の割合です。まずこれを求めるのが演習の目標です。",
        "**Accuracy** is the share of all images that were classified correctly. To find it out is the aim of the exercise.",
    ),
    "primer.metrics.use": (
        "**使いどころ。** 見逃しを減らしたいときは再現率、誤報を減らしたいときは適合率、両方のつり合いを見たいときは "
        "F1スコアを見ます。正解率は、どのクラスの枚数もあまり違わず、間違いの重さも同じときに向いています。",
        "**When to use which.** Look at recall to miss less, at precision to raise fewer false alarms, at the F1 score for "
        "the balance of the two. Accuracy suits classes of similar size whose mistakes weigh the same.",
    ),
    "primer.undefined": (
        "分母が 0 になる指標（一度も予測されなかったクラスの適合率など）は「–」と書きます。0 ではなく「定義できない」"
        "という意味で、平均からも除きます。",
        "Where the denominator is 0 (the precision of a class that was never predicted, say) a page shows “–”. That "
        "does not mean 0: the number is undefined, and left out of averages.",
    ),
}
