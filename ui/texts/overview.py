"""Owns the words of the overview page."""

TEXTS = {
    "overview.name": ("概要", "Overview"),
    "overview.title": ("概要", "Overview"),
    "overview.accuracy": (
        "正解率 Accuracy",
        "Accuracy",
    ),
    "overview.accuracy.note": (
        "正しく分類した枚数を全枚数で割った値。95% 信頼区間は {low}〜{high}。",
        "Images classified correctly, divided by all images. 95% confidence interval {low} to {high}.",
    ),
    "overview.macro_f1": ("マクロ F1スコア", "Macro F1 score"),
    "overview.macro_f1.note": (
        "クラスごとに F1スコア（F値）を求め、単純に平均した値。枚数の少ないクラスも同じ重みで数えます。",
        "The plain mean of the classes’ F1 scores: a class with few images counts as much as any other.",
    ),
    "overview.macro_f1.left_out": (
        "クラスごとに F1スコアを求め、単純に平均した値。定義できない {count} クラスは除きます。",
        "The plain mean of the classes’ F1 scores, without the {count} {count:class|classes} where it is undefined.",
    ),
    "overview.mistakes": ("誤分類", "Misclassified"),
    "overview.mistakes.value": ("{count} 枚", "{count}"),
    "overview.mistakes.of": ("/ {total} 枚（{share}）", "of {total} ({share})"),
    "overview.mistakes.note": (
        "最も多い取り違え：正解 {truth} を {predicted} と予測（{count} 枚）",
        "Most often: “{truth}” predicted as “{predicted}” ({count} {count:image|images})",
    ),
    "overview.mistakes.none": ("すべて正しく分類しました。", "Everything was classified correctly."),
    "overview.kappa": ("コーエンの κ Kappa", "Cohen’s kappa"),
    "overview.kappa.note": (
        "偶然の一致 {chance} を除いて測ると：（{accuracy} − {chance}）÷（100% − {chance}）。0 は偶然と同じ、1 は完全な一致。"
        "マシューズ相関係数（MCC）は {mcc}。",
        "Agreement beyond chance ({chance}): ({accuracy} − {chance}) / (100% − {chance}). Chance gives 0, perfect agreement 1. Matthews correlation coefficient (MCC): {mcc}.",
    ),
    "overview.interval": (
        "正解率 {accuracy} は、手元の {total} 枚から求めた推定値です。同じように集めた画像が無数にあるとして、"
        "その全体での正解率（真の正解率）の 95% 信頼区間は {low}〜{high} です（ウィルソンの方法）。",
        "The accuracy of {accuracy} is an estimate from {total:this|these} {total} test {total:image|images}. "
        "For the true accuracy (of all images that could be collected in the same way) the 95% confidence "
        "interval is {low} to {high} (Wilson’s method).",
    ),
    "overview.interval.note": (
        "95% の意味：テスト画像を集め直して同じ計算を繰り返すと、およそ 20 回に 19 回は、"
        "区間が真の正解率を含みます。区間が表すのは、どの画像がテストに選ばれたかという偶然だけで、"
        "シードを変えたときのばらつきは含みません。同じテスト画像で評価した 2 つのモデルは、"
        "区間の幅や重なりではなく、一方だけが正しく分類した画像の枚数を、たがいに比べます。",
        "What 95% means: if test images were collected anew and the interval computed again, about 19 times in "
        "20 it would contain the true accuracy. It reflects only which images happened to be tested, not how "
        "results vary with the seed. Two models evaluated on the same test images are compared by the images "
        "that only one of them classifies correctly, not by the width or overlap of their intervals.",
    ),
    "overview.curve": ("学習曲線", "Learning curve"),
    "overview.curve.train": (
        "学習データ",
        "training data",
    ),
    "overview.curve.validation": (
        "検証データ",
        "validation data",
    ),
    "overview.curve.test": (
        "テストデータ",
        "test data",
    ),
    "overview.curve.accuracy": ("正解率", "accuracy"),
    "overview.curve.loss": ("損失", "loss"),
    "overview.curve.epoch": ("エポック", "epoch"),
    "overview.curve.shown": ("表示中", "shown"),
    "overview.curve.note": (
        "モデルは検証データでは学習していません。「学習データ」の値は、重みが変わっていく途中で測った 1 エポック"
        "の平均なので、はじめは「検証データ」より悪く出がちです。テスト画像は評価にだけ使い、学習の打ち切りやエポ"
        "ックの選択には使っていません。テストの成績が最もよいエポックを選ぶと、この前提が崩れます。",
        "The model is not trained on the validation images. Training values are means over an epoch while the "
        "weights still changed, so they tend to start worse than validation. The test images are used for "
        "evaluation only, never to stop training or to choose an epoch. Whoever chooses the epoch that does "
        "best on them uses them to choose, and its result looks better than it is.",
    ),
    "overview.curve.said": (
        "「学習データ」の値は、記録した学習ループが各エポックについて伝えた値です。",
        "The training values are what the recorded loop said of each epoch.",
    ),
    "overview.curve.tested": (
        "「テストデータ」の値は、エポックごとに記録した予測から計算しています。テストの成績が最もよいエポックを選ぶと、"
        "選ぶこと自体にテスト画像を使うことになり、結果は実際よりよく見えます。",
        "The test values follow from the predictions recorded after each epoch. Whoever chooses the epoch that does "
        "best on the test images uses them to choose, and its result looks better than it is.",
    ),
    "overview.curve.partial": (
        "最初のエポックの途中（{share}）で中断した学習です。モデルは、そこまでに見た画像だけで学習しています。",
        "This training run was interrupted in its first epoch, after {share} of it: the model was trained on the "
        "images up to there only.",
    ),
    "overview.learned": ("どのクラスをいつ覚えたか", "When each class was learned"),
    "overview.learned.lines": ("クラスごとの再現率の移り変わり", "Recall of each class, epoch by epoch"),
    "overview.learned.cells": (
        "再現率（%）：紺色に近いほど見逃しが多い",
        "Recall in %: the closer to navy blue, the more are missed",
    ),
    "overview.learned.note": (
        "再現率は、そのクラスのテスト画像のうち、そのクラスと予測できた割合です。左のサイドバーのつまみでエポック"
        "を選ぶと、どのページもそのエポックの結果になります。1 エポック目の低い値は、折れ線の枠の外になることがあ"
        "ります。",
        "Recall is the share of a class’s test images that were predicted as that class. The slider in the "
        "sidebar sets the epoch for every page. Low values of the first epoch can lie below the frame of the "
        "lines.",
    ),
    "overview.dataset": ("データセット", "The data set"),
    "overview.dataset.body": (
        "{name}：{pixels}、{classes} クラス。{sizes}。",
        "{name}: {pixels}, in {classes} {classes:class|classes}. {sizes}.",
    ),
    "overview.dataset.body.plain": (
        "{name}：{classes} クラス。{sizes}。",
        "{name}: {classes} {classes:class|classes}. {sizes}.",
    ),
    "overview.dataset.grey": (
        "{width}×{height} 画素のグレースケール画像（濃淡 256 段階）",
        "greyscale images, {width}×{height} {height:pixel|pixels} each (256 levels)",
    ),
    "overview.dataset.colour": (
        "{width}×{height} 画素のカラー画像",
        "colour images, {width}×{height} {height:pixel|pixels} each",
    ),
    "overview.dataset.train": ("学習 {count} 枚", "{count} for training"),
    "overview.dataset.validation": ("検証 {count} 枚", "{count} for validation"),
    "overview.dataset.test": ("テスト {count} 枚", "{count} for the test"),
    "overview.dataset.more": (
        "ほかの {count} クラスの画像は、「クラス別」と「混同行列」で見られます。",
        "The images of the {count} other {count:class|classes} are in Class by class and Confusion matrix.",
    ),
    "overview.source.digits": (
        "元の画像は 8×8 画素（濃淡 17 段階）で、28×28 画素に拡大して使っています。",
        "The original images have 8×8 pixels (17 levels); they are enlarged to 28×28.",
    ),
    "overview.dataset.samples": (
        "各クラスのテスト画像（最大 {count} 枚）",
        "The first test images of each class, at most {count}",
    ),
    "overview.model": ("モデル", "The model"),
    "overview.model.imported_matrix": (
        "ファイル {file} から読み込んだ混同行列です。",
        "A confusion matrix that was read from the file {file}.",
    ),
    "overview.model.imported": ("{file} から読み込んだ予測です。", "The predictions were read from {file}."),
    "overview.model.recorded": (
        "ほかで学習したモデルの予測を記録したものです。",
        "The predictions were recorded; the model was trained elsewhere.",
    ),
    "overview.model.parameters": (
        "パラメータ {count} 個。{device} で {seconds} 秒学習。",
        "{count} {count:parameter|parameters}. Trained for {seconds} s on {device}.",
    ),
    "overview.model.recipe": (
        "{epochs} エポック、バッチサイズ {batch_size}、{optimizer}、学習率 {learning_rate}、シード {seed}",
        "{epochs} {epochs:epoch|epochs}, batch size {batch_size}, {optimizer}, learning rate {learning_rate}, "
        "seed {seed}",
    ),
    "overview.model.linear": (
        "ソフトマックス回帰：画素に重みを掛けて足すだけの、最も単純な分類器。",
        "Softmax regression: each pixel has a weight for each class; the simplest classifier.",
    ),
    "overview.model.mlp": (
        "多層パーセプトロン：784 → 128 → 64 → {classes} の全結合層を ReLU でつなぐ。どの画素どうしが隣り合うかと"
        "いう情報は使わない。",
        "Multilayer perceptron: fully connected layers 784 → 128 → 64 → {classes} with ReLU between. It does not "
        "use which pixels are neighbours.",
    ),
    "overview.model.cnn": (
        "畳み込みニューラルネットワーク：小さな窓で画像をなぞり、形の部品を見つける。",
        "Convolutional network: small windows slide over the image and find the parts of shapes.",
    ),
    "overview.model.resnet": (
        "残差ネットワーク：スキップ接続のある畳み込み。時間はかかるが最も正確。予測では、そのままの画像と上下左右"
        "に 1 画素ずらした画像の結果を平均する。",
        "Residual network: convolutions with skip connections; slower, and the most accurate. To predict, it "
        "averages its results for the image as it is and moved by a pixel to each of the four sides.",
    ),
    "overview.model.layers": ("層の一覧", "Layers"),
    "overview.model.layer": ("層", "Layer"),
    "overview.model.output": ("出力の形", "Output shape"),
    "overview.model.layer_parameters": ("パラメータ", "Parameters"),
    "overview.classes": ("クラスごとの成績", "Class by class"),
    "overview.classes.class": ("クラス", "Class"),
    "overview.classes.support": ("サポート（そのクラスの枚数）", "Support (images of the class)"),
    "overview.classes.precision": ("適合率", "Precision"),
    "overview.classes.recall": ("再現率", "Recall"),
    "overview.classes.f1": ("F1スコア", "F1 score"),
    "overview.classes.interval": (
        "95% 区間",
        "95% interval",
    ),
    "overview.classes.bars": (
        "棒は {start} から 100% までの範囲を示します（0% からではありません）。",
        "The bars run from {start} to 100%, not from 0%.",
    ),
    "overview.classes.bars.whole": ("棒は 0% から 100% までの範囲を示します。", "The bars run from 0% to 100%."),
    "overview.classes.intervals": (
        "区間はウィルソンの 95% 信頼区間（単位は %）です。適合率はそのクラスと予測された画像、再現率はそのクラス"
        "の画像、F1スコアはその両方を合わせた画像の枚数から求めます。",
        "Each interval (in %) is Wilson’s 95% confidence interval: of precision over the images predicted as the "
        "class, of recall over the images of the class, of the F1 score over both together.",
    ),
    "overview.classes.note": (
        "見出しを押すと並べ替えられます。空欄は 0/0 で定義できない値です。",
        "Click a heading to sort. An empty field is undefined (0/0).",
    ),
}
