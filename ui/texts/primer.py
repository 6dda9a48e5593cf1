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
        "MNIST（Modified National Institute of Standards and Technology database）は、アメリカの国勢調査局の職員と"
        "高校生が書いた 0 から 9 までの数字 70,000 枚の画像集です。"
        "1 枚は 28×28 画素のグレースケール（濃淡 256 段階）で、60,000 枚が学習用、10,000 枚がテスト用です。"
        "このダッシュボードでは、学習用のうち {validation} 枚を検証用に取り分けます。小さくて扱いやすいので、"
        "1998 年以来、分類器を試す最初の問題として使われています。人間でも迷う字がまじっていて、"
        "満点は取れません。",
        "MNIST (Modified National Institute of Standards and Technology database) is a collection of 70,000 images of "
        "the digits 0 to 9, written by employees of the US Census "
        "Bureau and by high-school students. Each is a greyscale image of 28×28 pixels (256 levels); 60,000 are "
        "for training, 10,000 for the test. This dashboard holds {validation} of the training images out for "
        "validation. Being small and easy to handle, MNIST has been the first problem for a new classifier since "
        "1998. Some digits puzzle people too, so nobody scores full marks.",
    ),
    "primer.outcomes.title": ("4 つの結果：TP・FP・FN・TN", "Four outcomes: TP, FP, FN, TN"),
    "primer.outcomes": (
        "クラスを 1 つ（たとえば「{name}」）選び、それを陽性、ほかをまとめて陰性とみなすと、どの画像も次の 4 つのどれかに"
        "なります。この見方を一対他（one-vs-rest）といいます。",
        "Look at one class only, say “{name}”: it is positive, everything else together is negative. Then every image "
        "is one of four things. This view is known as one-vs-rest.",
    ),
    "primer.outcomes.predicted_yes": ("「{name}」と予測", "predicted as {name}"),
    "primer.outcomes.predicted_no": ("「{name}」以外と予測", "not predicted as {name}"),
    "primer.outcomes.truth_yes": ("正解が「{name}」", "true class {name}"),
    "primer.outcomes.truth_no": ("正解が「{name}」以外", "true class not\u00a0{name}"),
    "primer.metrics.aim": (
        "**正解率 Accuracy** は、すべての画像のうち正しく分類した画像の割合です。まずこれを求めるのが、授業の演習の目標です。",
        "**Accuracy** is the share of all images that were classified correctly. To find it out is the first aim of the lab’s exercise.",
    ),
    "primer.metrics.use": (
        "**使いどころ。** 見逃しを減らしたいときは再現率、誤報を減らしたいときは適合率、両方のつり合いを見たいときは "
        "F1スコアを見ます。正解率は、どのクラスの枚数もあまり違わず、間違いの重さも同じときに向いています。",
        "**When to use which.** Look at recall to miss less, at precision to raise fewer false alarms, at the F1 score for "
        "the balance of the two. Accuracy suits classes of similar size whose mistakes weigh the same.",
    ),
}
