"""Owns the words of the overview page."""

TEXTS = {
    "overview.name": ("概要", "Overview"),
    "overview.title": ("概要", "Overview"),
    "overview.accuracy": ("正解率", "Accuracy"),
    "overview.accuracy.note": (
        "{total} 枚中 {correct} 枚が正解。95% 信頼区間 {low}〜{high}",
        "{correct} of {total} images right. 95% interval {low} to {high}",
    ),
    "overview.macro_f1": ("マクロ F1スコア", "Macro F1 score"),
    "overview.macro_f1.note": (
        "クラスごとの F1スコア（F値）の平均。どのクラスも同じ重み。",
        "The mean of the classes' F1 scores, every class counted alike.",
    ),
    "overview.macro_f1.left_out": (
        "クラスごとの F1スコアの平均。定義できない {count} クラスは除く。",
        "The mean of the classes' F1 scores, without {count} where it is undefined.",
    ),
    "overview.mistakes": ("誤分類", "Misclassified"),
    "overview.mistakes.value": ("{count} 枚", "{count}"),
    "overview.mistakes.note": (
        "多い取り違え：正解 {truth} を {predicted} と予測（{count} 枚）",
        "Most often: a {truth} called {predicted} ({count} images)",
    ),
    "overview.mistakes.none": ("すべて正解でした。", "Everything was right."),
    "overview.kappa": ("コーエンの κ", "Cohen’s kappa"),
    "overview.kappa.note": (
        "偶然の一致を差し引いた一致の度合い（1 が完全な一致）。MCC は {mcc}。",
        "Agreement beyond chance; 1 is perfect. Matthews correlation: {mcc}.",
    ),
    "overview.interval": (
        "正解率 {accuracy} は、この {total} 枚のテスト画像で測った値です。同じように集めた別の画像でも、"
        "本当の正解率は 95% の信頼度で {low} から {high} の間にあると考えられます（ウィルソンの信頼区間）。"
        "この幅より小さな差は、モデルの良し悪しとは言い切れません。",
        "The accuracy of {accuracy} was measured on these {total} test images. Going by them alone, the true accuracy "
        "on images collected in the same way lies between {low} and {high}, with 95% confidence (Wilson interval). "
        "A difference between two models that is smaller than this may be chance.",
    ),
    "overview.curve": ("学習曲線", "Learning curve"),
    "overview.curve.train": ("学習", "training"),
    "overview.curve.validation": ("検証", "validation"),
    "overview.curve.accuracy": ("正解率", "accuracy"),
    "overview.curve.loss": ("損失", "loss"),
    "overview.curve.epoch": ("エポック", "epoch"),
    "overview.curve.shown": ("表示中", "shown"),
    "overview.curve.note": (
        "検証画像は学習に使っていない画像です。テスト画像は何も決めるために使っていません。",
        "Validation images are not trained on. The test images decide nothing: no stopping, no choice of epoch.",
    ),
    "overview.curve.partial": (
        "最初のエポックの途中（{share}）で中断した学習です。そこまでに見た画像だけから学んでいます。",
        "This training was interrupted in its first epoch, after {share} of it: it has learned from the images up to "
        "there only.",
    ),
    "overview.learned": ("どのクラスをいつ覚えたか", "When each class was learned"),
    "overview.learned.lines": ("クラスごとの再現率の移り変わり", "Recall of each class, epoch by epoch"),
    "overview.learned.cells": ("再現率（%）：濃いほど見逃しが多い", "Recall in %: darker means more missed"),
    "overview.learned.note": (
        "再現率は、そのクラスのテスト画像のうち見つけられた割合です。左のサイドバーのつまみでエポックを選ぶと、"
        "どのページもそのエポックの結果になります。",
        "Recall is the share of a class’s test images that were found. The slider in the sidebar sets the epoch for "
        "every page.",
    ),
    "overview.dataset": ("データセット", "The data set"),
    "overview.dataset.body": (
        "{name}：28×28 画素の白黒画像、{classes} クラス。学習 {train} 枚、検証 {validation} 枚、テスト {test} 枚。",
        "{name}: grey images of 28×28 pixels in {classes} classes. {train} for training, {validation} for validation, "
        "{test} for the test.",
    ),
    "overview.dataset.samples": ("各クラスのテスト画像 10 枚", "Ten test images of each class"),
    "overview.model": ("モデル", "The model"),
    "overview.model.parameters": (
        "パラメータ {count} 個。{device} で {seconds} 秒学習。",
        "{count} parameters. Trained for {seconds} s on {device}.",
    ),
    "overview.model.recipe": (
        "{epochs} エポック、バッチサイズ {batch_size}、{optimizer}、学習率 {learning_rate}、シード {seed}",
        "{epochs} epochs, batch size {batch_size}, {optimizer}, learning rate {learning_rate}, seed {seed}",
    ),
    "overview.model.linear": (
        "ソフトマックス回帰：画素に重みを掛けて足すだけの、最も単純な分類器。",
        "Softmax regression: each pixel has a weight for each class; the simplest classifier.",
    ),
    "overview.model.mlp": (
        "多層パーセプトロン：784 → 128 → 64 → {classes} の全結合層を ReLU でつなぐ。画素の並びの近さは知らない。",
        "Multilayer perceptron: fully connected layers 784 → 128 → 64 → {classes} with ReLU between. It does not know "
        "which pixels are neighbours.",
    ),
    "overview.model.cnn": (
        "畳み込みニューラルネットワーク：小さな窓で画像をなぞり、形の部品を見つける。",
        "Convolutional network: small windows slide over the image and find the parts of shapes.",
    ),
    "overview.model.resnet": (
        "残差ネットワーク：スキップ接続のある畳み込み。時間はかかるが最も正確。判定では、そのままの画像と上下左右に "
        "1 画素ずらした画像の答えを平均する。",
        "Residual network: convolutions with short cuts; slower, and the most accurate. It judges an image as it is and "
        "moved by a pixel to each side, and takes the mean of the five answers.",
    ),
    "overview.model.layers": ("層の一覧", "Layers"),
    "overview.model.layer": ("層", "Layer"),
    "overview.model.output": ("出力の形", "Output shape"),
    "overview.model.layer_parameters": ("パラメータ", "Parameters"),
    "overview.classes": ("クラスごとの成績", "Class by class"),
    "overview.classes.class": ("クラス", "Class"),
    "overview.classes.support": ("サポート（正解の件数）", "Support (true examples)"),
    "overview.classes.precision": ("適合率", "Precision"),
    "overview.classes.recall": ("再現率", "Recall"),
    "overview.classes.f1": ("F1スコア", "F1 score"),
    "overview.classes.interval": ("95%区間", "95% interval"),
    "overview.classes.bars": (
        "棒は {start} から 100% までの範囲を示します（0% からではありません）。",
        "The bars run from {start} to 100%, not from 0%.",
    ),
    "overview.classes.bars.whole": ("棒は 0% から 100% までの範囲を示します。", "The bars run from 0% to 100%."),
    "overview.classes.intervals": (
        "区間はウィルソンの95%信頼区間（単位は%）です。適合率はそのクラスと予測された画像、再現率はそのクラスの画像、F1スコアは"
        "その両方を合わせた画像の枚数から求めます。",
        "The 95% intervals (in %) are Wilson’s: precision over the images predicted as the class, recall over the images of "
        "the class, the F1 score over both together.",
    ),
    "overview.classes.note": (
        "見出しを押すと並べ替えられます。空欄は 0/0 で定義できない値です。",
        "Click a heading to sort. An empty field is undefined (0/0).",
    ),
}
