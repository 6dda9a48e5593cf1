"""Owns the cells of the exercise, in their order: what is explained in both languages, and the code with its words."""

from dataclasses import dataclass, field
from string import Template

LANGUAGES = ("ja", "en")
Pair = tuple[str, str]  # Japanese, English


@dataclass(frozen=True)
class Words:
    """A cell of text."""

    name: str
    ja: str
    en: str

    def text(self, language: str) -> str:
        return (self.ja if language == "ja" else self.en).strip()


@dataclass(frozen=True)
class Code:
    """A cell of code; its comments and messages stand in it as ``$name``, the rest is the same in both languages."""

    name: str
    source: str
    words: dict[str, Pair] = field(default_factory=dict)

    def text(self, language: str) -> str:
        place = LANGUAGES.index(language)
        return Template(self.source.strip()).substitute({name: pair[place] for name, pair in self.words.items()})


CELLS: tuple[Words | Code, ...] = (
    Words(
        "title",
        """
# 演習：手書き数字を分類する

手書き数字の画像を分類するニューラルネットワークを PyTorch で学習し、**正解率を自分で計算する**演習です。続けて、1 つのクラスの TP・FP・FN・TN を数え、間違えた画像を見て、同じ学習の結果をダッシュボードで開きます。

- セルをクリックして **Ctrl + Enter** で実行します（**Shift + Enter** なら次のセルに進みます）。上から順に実行してください。
- 右上のカーネルが `dashboard` になっているか確かめます。違っていたらクリックして選びます。
- 全部実行しても、CPU 2 コアで 2 分かかりません。GPU があれば、それを使います。
""",
        """
# Exercise: classifying handwritten digits

Train a neural network with PyTorch that classifies images of handwritten digits, and **compute its accuracy yourself**.
Then count TP, FP, FN and TN of one class, look at misclassified images, and open a run of the same recipe in the dashboard.

- Click a cell and press **Ctrl + Enter** to run it (**Shift + Enter** also moves on to the next one). Run the cells from
  top to bottom.
- Check that the kernel at the top right is `dashboard`; if it is not, click it and choose that one.
- All of it takes less than two minutes on 2 CPU cores. A GPU is used where there is one.
""",
    ),
    Code(
        "imports",
        """
import sys
from pathlib import Path

import numpy as np
import torch
from IPython.display import display
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

sys.path.insert(0, str(Path("..").resolve()))  # $above
import mnistcore
from mnistcore.datasets import data_files, loading
from mnistcore.datasets.registry import DATASETS
from mnistcore.errors import DataError

device = "cuda" if torch.cuda.is_available() else "cpu"
print("PyTorch", torch.__version__, device)
""",
        {"above": ("mnistcore は 1 つ上のフォルダーにある", "mnistcore lies in the folder above")},
    ),
    Words(
        "data",
        """
## 1. データを読み込む

**MNIST**（Modified National Institute of Standards and Technology database）は、0 から 9 までの手書き数字の画像集です。1 枚は 28×28 画素の濃淡画像で、学習用が 60,000 枚、テスト用が 10,000 枚あります（出典：Yann LeCun and Corinna Cortes、CC BY-SA 3.0）。ここではダッシュボードと同じく、学習用から 5,000 枚を検証用に取り分け、残りの 55,000 枚で学習します。

MNIST が手元になく、ダウンロードもできないときは、scikit-learn に入っている小さな画像集 `digits` を使います（出典：E. Alpaydin and C. Kaynak、CC BY 4.0）。
""",
        """
## 1. Load the data

**MNIST** (Modified National Institute of Standards and Technology database) is a collection of images of the handwritten
digits 0 to 9. Each is a greyscale image of 28×28 pixels; 60,000 are for training, 10,000 for the test (source: Yann LeCun and
Corinna Cortes, CC BY-SA 3.0). As in the dashboard, 5,000 of the training images are held out for validation here, and the
other 55,000 are trained on.

Where MNIST is not on this machine and cannot be downloaded, `digits` is used instead, a small collection that comes with
scikit-learn (source: E. Alpaydin and C. Kaynak, CC BY 4.0).
""",
    ),
    Code(
        "load",
        """
dataset = "mnist"
try:
    data_files.prepare(dataset, timeout_seconds=60)  # $once
except DataError as error:
    print(error)
    print("$instead")
    dataset = "digits"

train = loading.load_split(dataset, "train")
test = loading.load_split(dataset, "test")
print(dataset, train.images.shape, test.images.shape)
""",
        {
            "once": ("ダウンロードは最初の一度だけ", "downloads only what is not there yet"),
            "instead": (
                "→ MNIST が手に入らないので、代わりに digits を使います。",
                "-> MNIST is not available, so digits is used instead.",
            ),
        },
    ),
    Code(
        "look",
        """
def show(images, size):
    # $draws
    row = Image.fromarray(np.concatenate(list(images), axis=1))
    display(row.resize((size * len(images), size), Image.Resampling.NEAREST))


show(train.images[:10], size=70)
print("$truth", train.labels[:10])
""",
        {
            "draws": (
                "画像を横に並べて表示する。size は 1 枚の幅（画素）",
                "Draws images in a row, each size pixels wide.",
            ),
            "truth": ("正解：", "true classes:"),
        },
    ),
    Words(
        "network",
        """
## 2. ネットワークを作る

784 個の画素を一列に並べ（Flatten）、128 個、64 個、10 個の出力をもつ層に順に通します。間の ReLU は、負の値を 0 にする関数です。最後の 10 個の値が、0 から 9 のそれぞれにどれだけ当てはまりそうかを表します。画素の値は、学習用画像の平均を引き、標準偏差で割って正規化します（MNIST では 0.1307 と 0.3081）。
""",
        """
## 2. Build the network

The 784 pixels are put in a row (Flatten) and passed through layers with 128, 64 and 10 outputs. ReLU in between is the
function that turns negative values into 0. The last 10 values say how well each of the digits 0 to 9 fits.
Pixels are normalised: minus the mean of the training images, divided by their standard deviation (MNIST: 0.1307 and 0.3081).
""",
    ),
    Code(
        "build",
        """
def as_input(images):
    pixels = torch.from_numpy(images).float() / 255  # $scale
    return (pixels - DATASETS[dataset].mean) / DATASETS[dataset].std


torch.manual_seed(0)  # $seed
model = nn.Sequential(
    nn.Flatten(),
    nn.Linear(784, 128),
    nn.ReLU(),
    nn.Linear(128, 64),
    nn.ReLU(),
    nn.Linear(64, 10),
).to(device)
print(model)
print("$weights", f"{sum(weights.numel() for weights in model.parameters()):,}")
""",
        {
            "scale": ("0～255 を 0～1 に", "0 to 255 becomes 0 to 1"),
            "seed": (
                "乱数を固定し、何度実行しても同じ結果にする",
                "fixes what is random, so that every run gives the same",
            ),
            "weights": ("重みの個数：", "number of weights:"),
        },
    ),
    Words(
        "training",
        """
## 3. 学習する

64 枚ずつ取り出して予測させ、正解とのずれ（**損失**、ここでは交差エントロピー）が小さくなる向きに、すべての重みを少しだけ動かします（Adam、学習率 0.001）。学習用画像をひと回り見ると 1 エポックで、5 エポック学習します。

**予想してみましょう。** 損失は、どのエポックからどのエポックへ移るときに最も大きく減るでしょうか。
""",
        """
## 3. Train

Take 64 images at a time, let the network predict, and move every weight a little in the direction that makes the **loss**
smaller, which is the gap between prediction and true class (here: cross-entropy; Adam, learning rate 0.001). Once through all
training images is an epoch. Train for 5 epochs.

**Guess first:** from which epoch to which does the loss fall most?
""",
    ),
    Code(
        "train",
        """
inputs, targets = as_input(train.images), torch.from_numpy(train.labels)
batches = DataLoader(TensorDataset(inputs, targets), batch_size=64, shuffle=True)
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

losses = []
for epoch in range(1, 6):
    total = 0.0
    for images, labels in batches:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = loss_function(model(images), labels)  # $forward
        loss.backward()  # $backward
        optimizer.step()  # $step
        total += loss.item() * len(labels)
    losses.append(total / len(train))  # $mean
    print(f"$epoch {epoch}  $loss {losses[-1]:.4f}  " + "█" * round(60 * losses[-1] / losses[0]))
""",
        {
            "forward": ("予測して、損失を求める", "predict, and compute the loss"),
            "backward": ("損失が減る向きを、重みごとに求める", "which way each weight lowers the loss"),
            "step": ("重みを少し動かす", "move the weights a little"),
            "mean": ("1 枚あたりの損失", "the mean per image"),
            "epoch": ("エポック", "epoch"),
            "loss": ("損失", "loss"),
        },
    ),
    Words(
        "accuracy",
        """
## 4. 正解率を自分で計算する

テスト用の画像は学習に使っていません。これを予測させて、正解と比べます。

**正解率**（Accuracy）は、すべての画像のうち、正しく分類した画像の割合です。
""",
        """
## 4. Compute the accuracy yourself

The test images were not trained on. Let the network predict them, and compare with the true classes.

**Accuracy** is the share of all images that were classified correctly.
""",
    ),
    Code(
        "predict",
        """
model.eval()
with torch.no_grad():  # $no_training
    probabilities = model(as_input(test.images).to(device)).softmax(dim=1).cpu().numpy()

labels = test.labels
predicted = probabilities.argmax(axis=1)  # $highest
print("$truth", labels[:20])
print("$prediction", predicted[:20])
""",
        {
            "no_training": ("もう学習しない", "no training any more"),
            "highest": ("確率が最も高いクラスを予測とする", "the class with the highest probability"),
            "truth": ("正解", "true class"),
            "prediction": ("予測", "predicted "),
        },
    ),
    Code(
        "equal",
        """
def share(part, whole):
    # $counts_first
    return f"{part:,} / {whole:,} = {part / whole:.2%}" if whole else f"{part:,} / 0: $undefined"


correct = labels == predicted  # $true_where
print("$accuracy", share(correct.sum(), len(labels)))
""",
        {
            "counts_first": ("枚数を先に、割合をあとに書く", "Counts first, then the share."),
            "undefined": ("定義できない", "undefined"),
            "true_where": ("予測が正解と同じなら True", "True where the prediction is the true class"),
            "accuracy": ("正解率", "accuracy"),
        },
    ),
    Words(
        "matrix",
        """
**混同行列**からも求められます。行が正解、列が予測です。正しく分類した画像は対角線に集まるので、正解率は「対角線の合計 ÷ 全体の合計」です。
""",
        """
The **confusion matrix** gives it too. Rows are true classes, columns are predictions. Images that were classified correctly
lie on the diagonal, so the accuracy is the sum of the diagonal divided by the sum of all cells.
""",
    ),
    Code(
        "count",
        """
matrix = np.zeros((10, 10), dtype=int)
for true_class, prediction in zip(labels, predicted):
    matrix[true_class, prediction] += 1

print(matrix)
print("$accuracy", share(matrix.trace(), matrix.sum()))
""",
        {"accuracy": ("正解率", "accuracy")},
    ),
    Words(
        "outcomes",
        """
## 5. 1 つのクラスの TP・FP・FN・TN

1 つのクラス（ここでは 4）だけに注目して陽性とし、ほかをまとめて陰性とみなすと、どの画像も 4 つのどれかになります。

**予想してみましょう。** 上の行列で、4 の TP はどのセルですか。FN と FP は、どのセルの合計ですか。
""",
        """
## 5. TP, FP, FN, TN of one class

Look at one class only, here 4: it is positive, all others together are negative. Then every image is one of four things.

**Guess first:** in the matrix above, which cell is TP of 4? Which cells add up to FN, and which to FP?
""",
    ),
    Code(
        "one_class",
        """
digit = 4
is_digit = labels == digit
predicted_as_digit = predicted == digit

tp = (is_digit & predicted_as_digit).sum()  # $tp
fp = (~is_digit & predicted_as_digit).sum()  # $fp
fn = (is_digit & ~predicted_as_digit).sum()  # $fn
tn = (~is_digit & ~predicted_as_digit).sum()  # $tn
print(f"TP {tp}   FP {fp}   FN {fn}   TN {tn}   $total {tp + fp + fn + tn}")

print("$accuracy", share(tp + tn, tp + fp + fn + tn))
print("$recall", share(tp, tp + fn))
print("$precision", share(tp, tp + fp))
print("$f1", share(2 * tp, 2 * tp + fp + fn))
""",
        {
            "tp": ("4 を、4 と予測した：行列の 4 行 4 列", "a 4, predicted as a 4: row 4, column 4"),
            "fp": (
                "4 ではないのに、4 と予測した：4 列の、対角線以外",
                "not a 4, but predicted as one: the rest of column 4",
            ),
            "fn": (
                "4 なのに、4 以外と予測した：4 行の、対角線以外",
                "a 4, but predicted as something else: the rest of row 4",
            ),
            "tn": (
                "4 ではなく、4 以外と予測した：残りのセルすべて",
                "not a 4, and not predicted as one: all other cells",
            ),
            "total": ("合計", "total"),
            "accuracy": ("正解率 Accuracy（一対他）", "accuracy (one-vs-rest)"),
            "recall": ("再現率 Recall            ", "recall                "),
            "precision": ("適合率 Precision         ", "precision             "),
            "f1": ("F1スコア                 ", "F1 score              "),
        },
    ),
    Words(
        "why",
        """
`digit` を別の数字に変えて、もう一度実行してみましょう。

**考えてみましょう。** 一対他の正解率が、4 で求めた全体の正解率より高いのはなぜでしょう。（全体の正解率はすべての間違いを数えます。一対他の正解率が数えるのは、そのクラスにかかわる間違い FP と FN だけです。）
""",
        """
Change `digit` to another digit, and run the cell again.

**Think about it:** why is the one-vs-rest accuracy higher than the overall accuracy of section 4?
(The overall accuracy counts every mistake. The one-vs-rest accuracy counts only those that involve the class: FP and FN.)
""",
    ),
    Words(
        "mistakes",
        """
## 6. 間違えた画像を 3 枚見る

自信をもって間違えた順に 3 枚並べます。人間なら読めますか。
""",
        """
## 6. Look at three mistakes

The three of which the network was most sure, although they are wrong. Could you read them?
""",
    ),
    Code(
        "worst",
        """
confidence = probabilities.max(axis=1)
wrong = np.flatnonzero(labels != predicted)
worst = wrong[np.argsort(-confidence[wrong])][:3]

show(test.images[worst], size=140)
for index in worst:
    print(f"$image {index}: $truth {labels[index]}, $prediction {predicted[index]} ({confidence[index]:.2%})")
""",
        {
            "image": ("画像", "image"),
            "truth": ("正解", "true class"),
            "prediction": ("予測", "predicted as"),
        },
    ),
    Words(
        "dashboard",
        """
## 7. ダッシュボードで見る

同じ設定の学習を `mnistcore.train` で行うと、結果が保存され、ダッシュボードで開けます（学習済みなら、保存された結果をすぐに返します）。最初の重みと画像を見る順番が違うので、数値は上と少しだけ違うことがあります。

ダッシュボードは、ターミナルで `make run` か `make serve` を実行すると動きます。手元のコンピューターで別のポートを使っているときは、8501 をその番号に変えてください。
""",
        """
## 7. See it in the dashboard

`mnistcore.train` trains with the same recipe and stores the result, which the dashboard then opens (what was trained before is
returned at once). It starts with other weights and sees the images in another order, so its numbers may differ a little from those
above.

`make run` or `make serve` in a terminal starts the dashboard. If you have forwarded another port to your own computer, replace
8501 by it.
""",
    ),
    Code(
        "store",
        """
result = mnistcore.train(dataset, "mlp", "handout")
stored = mnistcore.load_run(result.run_id).predictions("test")
print("$accuracy", share((stored.labels == stored.scores.argmax(axis=1)).sum(), len(stored.labels)))
print(f"http://localhost:8501/class_by_class?run={result.run_id}&class={digit}&lang=$language")
""",
        {"accuracy": ("正解率", "accuracy"), "language": LANGUAGES},
    ),
    Words(
        "release",
        """
## 8. メモリを解放する

GPU のメモリは、ほかの人と共用です。終わったら、まずモデルを手放します。
""",
        """
## 8. Release the memory

GPU memory is shared with others. When you are done, let go of the model first.
""",
    ),
    Code(
        "free",
        """
del model, optimizer, loss
mnistcore.release()
""",
    ),
    Words(
        "shut_down",
        """
それでも、CUDA そのものが使う数百 MB は残ります。最後に**カーネルをシャットダウン**します：メニューの **Kernel → Shut Down Kernel**

![Jupyter の Kernel メニューを開き、Shut Down Kernel を選ぶ](../docs/pictures/shut-down-kernel.svg)

タブを閉じるだけではカーネルは動き続け、メモリも解放されません。
""",
        """
Some hundred MB that CUDA itself uses stay nevertheless. **Shut the kernel down** at the end: **Kernel → Shut Down Kernel** in
the menu.

![The Kernel menu of Jupyter is open, and Shut Down Kernel is chosen](../docs/pictures/shut-down-kernel.svg)

Closing the tab is not enough: the kernel keeps running and keeps its memory.
""",
    ),
)
