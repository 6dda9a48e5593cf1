"""Owns the glossary: what each technical word is called in both languages, and what it means in a sentence or two."""

TEXTS = {
    "glossary.name": ("用語", "Glossary"),
    "glossary.title": ("用語", "Glossary"),
    "glossary.open": ("用語のページを開く", "Open the glossary"),
    "glossary.example": ("例にするクラス", "Example class"),
    "glossary.print": ("印刷すると A4 で 1 枚になります。", "Prints on one A4 page."),
    "glossary.no_numbers": (
        "チェックポイントがあると、その数値も表に入ります。",
        "With a checkpoint, the tables hold its numbers too.",
    ),
    # ---------------------------------------------------------------- the tables
    "glossary.outcomes": ("4 つの結果", "The four outcomes"),
    "glossary.outcomes.note": (
        "クラスを 1 つ選んで陽性とし、ほかをまとめて陰性とすると（一対他）、どの画像も 4 つのどれかになります。T と F は"
        "予測が合っていたか、P と N は何と予測したかを表します。",
        "With one class positive and all others together negative (one-vs-rest), every image is one of four things. T "
        "or F says whether the prediction was right, P or N what was predicted.",
    ),
    "glossary.metrics": ("指標", "The metrics"),
    "glossary.metrics.note": (
        "分母が 0 の指標（一度も予測されなかったクラスの適合率など）は「–」と書きます。0 ではなく「定義できない」"
        "という意味で、平均からも除きます。",
        "Where the denominator is 0 (the precision of a class that was never predicted, say) a page shows “–”. That "
        "does not mean 0: the number is undefined, and left out of averages.",
    ),
    "glossary.short": ("略称", "Short"),
    "glossary.english": ("英語名", "Name"),
    "glossary.japanese": ("日本語名", "Name"),
    "glossary.meaning": ("意味", "Meaning"),
    "glossary.metric": ("指標", "Metric"),
    "glossary.formula": ("式", "Formula"),
    "glossary.use": ("使いどころ", "When to use it"),
    "glossary.value": ("クラス {name} では", "Class {name}"),
    "glossary.images": ("{count} 枚", "{count} {count:image|images}"),
    "glossary.correct_over_all": ("正しく分類した枚数 / 全枚数", "images classified correctly / all images"),
    "glossary.overall.use": (
        "モデル全体の出来を 1 つの数で言うとき。クラスの枚数が偏っていると、多いクラスだけで高くなる。",
        "One number for the whole model. Where classes are unbalanced, the frequent ones alone can make it high.",
    ),
    "glossary.accuracy.use": (
        "1 つのクラスの判定だけを見るとき。陰性が多いと、それだけで高くなる。",
        "The decision about one class. Many negatives alone make it high.",
    ),
    "glossary.recall.use": ("見逃しを減らしたいとき（病気の検査など）。", "To miss fewer (a medical test, say)."),
    "glossary.precision.use": (
        "誤報を減らしたいとき（迷惑メールの判定など）。",
        "To raise fewer false alarms (a spam filter, say).",
    ),
    "glossary.f1.use": (
        "再現率と適合率のつり合いを 1 つの数で見るとき。",
        "The balance of recall and precision in one number.",
    ),
    "glossary.specificity.use": (
        "陰性を陽性と間違えないことが大事なとき。",
        "When negatives must not be taken for positives.",
    ),
    # ---------------------------------------------------------------- the four outcomes
    "glossary.tp": ("真陽性", "true positive"),
    "glossary.tp.text": (
        "正解がそのクラスで、そのクラスと予測した画像（見つけた）。",
        "An image of the class, predicted as the class: found.",
    ),
    "glossary.fn": ("偽陰性", "false negative"),
    "glossary.fn.text": (
        "正解がそのクラスなのに、ほかのクラスと予測した画像（見逃した）。",
        "An image of the class, predicted as another one: missed.",
    ),
    "glossary.fp": ("偽陽性", "false positive"),
    "glossary.fp.text": (
        "正解はほかのクラスなのに、そのクラスと予測した画像（誤報）。",
        "An image of another class, predicted as the class: a false alarm.",
    ),
    "glossary.tn": ("真陰性", "true negative"),
    "glossary.tn.text": (
        "正解がほかのクラスで、そのクラスとは予測しなかった画像。",
        "An image of another class, not predicted as the class.",
    ),
    # ---------------------------------------------------------------- the metrics
    "glossary.overall": ("全体の正解率", "overall accuracy"),
    "glossary.overall.text": (
        "すべての画像のうち、正しく分類した割合。",
        "Of all images, the share classified correctly.",
    ),
    "glossary.accuracy": ("正解率（一対他）", "accuracy (one-vs-rest)"),
    "glossary.accuracy.text": (
        "「そのクラスか、それ以外か」だけを見たときに合っていた割合。全体の正解率とは別の値。",
        "How often “this class or not” was right. Not the overall accuracy.",
    ),
    "glossary.recall": ("再現率", "recall"),
    "glossary.recall.text": (
        "正解がそのクラスの画像のうち、そのクラスと予測できた割合。",
        "Of the images of the class, the share predicted as the class.",
    ),
    "glossary.precision": ("適合率", "precision"),
    "glossary.precision.text": (
        "そのクラスと予測した画像のうち、正解もそのクラスだった割合。",
        "Of the images predicted as the class, the share that are of the class.",
    ),
    "glossary.f1": ("F1スコア（F値）", "F1 score"),
    "glossary.f1.text": (
        "適合率 P と再現率 R の調和平均 2PR/(P+R)。ふつうの平均より、低いほうに引きずられる。",
        "The harmonic mean of precision P and recall R, 2PR/(P+R): closer to the lower one than the plain mean.",
    ),
    "glossary.specificity": ("特異度", "specificity"),
    "glossary.specificity.text": (
        "正解がほかのクラスの画像のうち、そのクラスと予測しなかった割合。",
        "Of the images of other classes, the share not predicted as the class.",
    ),
    # ---------------------------------------------------------------- the matrix
    "glossary.theme.matrix": ("行列と枚数", "Matrix and counts"),
    "glossary.confusion_matrix": ("混同行列", "confusion matrix"),
    "glossary.confusion_matrix.text": (
        "正解のクラスと予測したクラスの組ごとに画像の枚数を並べた表。対角線が正しく分類した枚数。",
        "The number of images for each pair of true and predicted class. On the diagonal: those classified correctly.",
    ),
    "glossary.true_class": ("正解", "true class"),
    "glossary.true_class.text": (
        "画像に付けられたクラス（ラベル）。モデルの予測をこれと比べる。",
        "The class that an image is labelled with; predictions are compared with it.",
    ),
    "glossary.predicted_class": ("予測", "predicted class"),
    "glossary.predicted_class.text": (
        "モデルが選んだクラス。ふつうは確率が最も大きいクラス。",
        "The class that the model chose: usually the one with the highest probability.",
    ),
    "glossary.positive": ("陽性・陰性", "positive, negative"),
    "glossary.positive.text": (
        "注目するクラスが陽性、残りが陰性。良い、悪いという意味はない。",
        "The class looked at is positive, the others are negative. Neither means good or bad.",
    ),
    "glossary.one_vs_rest": ("一対他", "one-vs-rest"),
    "glossary.one_vs_rest.text": (
        "1 つのクラスだけに注目し、残りをひとまとめにする見方。大きな行列が 2×2 になる。",
        "Looking at one class, with all others taken together: a large matrix becomes 2×2.",
    ),
    "glossary.misclassified": ("誤分類", "misclassified"),
    "glossary.misclassified.text": ("予測が正解と違うこと。", "Predicted as another class than the true one."),
    "glossary.support": ("サポート", "support"),
    "glossary.support.text": (
        "正解がそのクラスの画像の枚数。再現率の分母。",
        "The number of images of the class: the denominator of recall.",
    ),
    "glossary.prevalence": ("クラスの割合", "prevalence"),
    "glossary.prevalence.text": (
        "全画像のうち、正解がそのクラスのものの割合（有病率）。変わると適合率は動き、再現率は動かない。",
        "The share of all images that are of the class. When it changes, precision moves and recall does not.",
    ),
    # ---------------------------------------------------------------- averages and intervals
    "glossary.theme.summary": ("平均と確かさ", "Averages and certainty"),
    "glossary.macro": ("マクロ平均", "macro mean"),
    "glossary.macro.text": (
        "クラスごとの値の単純な平均。枚数の少ないクラスも同じ重みで数える。",
        "The plain mean over the classes: a class with few images counts as much as any other.",
    ),
    "glossary.weighted": ("重み付き平均", "weighted mean"),
    "glossary.weighted.text": (
        "クラスごとの値を、枚数で重み付けした平均。",
        "The mean over the classes, weighted by their number of images.",
    ),
    "glossary.micro": ("マイクロ平均", "micro mean"),
    "glossary.micro.text": (
        "全クラスの TP、FP、FN を先に足して求める値。1 枚に 1 つのクラスを予測するなら、適合率、再現率、F1スコアの"
        "どれも全体の正解率と同じ。",
        "TP, FP and FN of all classes are added up first. With one class for each image, precision, recall and F1 all "
        "equal the overall accuracy.",
    ),
    "glossary.balanced_accuracy": ("バランス正解率", "balanced accuracy"),
    "glossary.balanced_accuracy.text": (
        "再現率のマクロ平均。枚数の多いクラスにかたよらない。",
        "The macro mean of recall: frequent classes do not dominate it.",
    ),
    "glossary.kappa": ("コーエンの κ", "Cohen’s kappa"),
    "glossary.kappa.text": (
        "正解率 a から、でたらめでも合う分 c を除いた値。0 なら偶然と同じ、1 なら完全に一致。クラスの枚数が偏っている"
        "ときに、正解率との差が大きくなる。",
        "Accuracy a corrected for what chance alone would give, c: from 0 (chance) to 1 (perfect). It differs most from "
        "accuracy where classes are unbalanced.",
    ),
    "glossary.mcc": ("マシューズ相関係数", "Matthews correlation coefficient (MCC)"),
    "glossary.mcc.text": (
        "正解と予測の相関係数。1 なら完全に一致、0 なら偶然と同じ。枚数が偏っていても使える。",
        "The correlation of true and predicted classes, from 0 (chance) to 1 (perfect). Fit for unbalanced classes.",
    ),
    "glossary.interval": ("信頼区間", "confidence interval"),
    "glossary.interval.text": (
        "測った値がどれだけ確かかを示す範囲。テスト画像を集め直して計算を繰り返すと、95% 信頼区間は 20 回に 19 回ほど真の"
        "値を含む。",
        "How sure a measured value is. If test images were collected anew, and the interval computed anew, again and "
        "again, a 95% confidence interval would contain the true value about 19 times in 20.",
    ),
    # ---------------------------------------------------------------- probabilities
    "glossary.theme.scores": ("確率としきい値", "Probabilities and thresholds"),
    "glossary.logit": ("ロジット", "logit"),
    "glossary.logit.text": (
        "ネットワークの最後の層が出す、クラスごとの得点 z。",
        "The score z that the last layer of the network gives to each class.",
    ),
    "glossary.softmax": ("ソフトマックス", "softmax"),
    "glossary.softmax.text": (
        "ロジットを、合計が 1 になる確率に変える関数。",
        "Turns logits into probabilities that add up to 1.",
    ),
    "glossary.confidence": ("確信度", "confidence"),
    "glossary.confidence.text": (
        "モデルが予測したクラスに付けた確率。確信度 90% の予測の 90% が正しいとは限らない。",
        "The probability given to the predicted class. It need not be how often such predictions are right.",
    ),
    "glossary.threshold": ("しきい値", "threshold"),
    "glossary.threshold.text": (
        "確率がいくつ以上ならそのクラスと予測するか。上げると見逃しが増え、下げると誤報が増える。",
        "From which probability on the class is predicted. Higher: more are missed. Lower: more false alarms.",
    ),
    "glossary.pr_curve": ("適合率・再現率曲線（PR 曲線）", "precision-recall curve"),
    "glossary.pr_curve.text": (
        "しきい値を動かしたときの、適合率と再現率の組をつないだ線。",
        "Precision and recall as the threshold moves, as a line.",
    ),
    "glossary.ap": ("平均適合率", "average precision (AP)"),
    "glossary.ap.text": (
        "PR 曲線を 1 つの数にしたもの。再現率の増分で重み付けした適合率の平均。",
        "The curve of precision and recall in one number: the mean precision, weighted by the gain in recall.",
    ),
    "glossary.roc": ("ROC 曲線", "ROC curve"),
    "glossary.roc.text": (
        "しきい値を動かしたときの、再現率（縦）と偽陽性の割合 FP/(FP+TN)（横）をつないだ線。",
        "Recall (up) against the share of false positives FP/(FP+TN) (across) as the threshold moves.",
    ),
    "glossary.auc": ("ROC 曲線の下の面積", "AUC (area under the ROC curve)"),
    "glossary.auc.text": (
        "そのクラスの画像のほうが、ほかの画像より高い確率になる割合。1 なら完全に分かれ、0.5 なら偶然と同じ。",
        "How often an image of the class gets a higher probability than another one: 1 is perfect, 0.5 is chance.",
    ),
    "glossary.calibration": ("較正（キャリブレーション）", "calibration"),
    "glossary.calibration.text": (
        "確信度 80% の予測の 80% が正しければ、よく較正されている。",
        "A model is well calibrated if 80% of its predictions with confidence 80% are right.",
    ),
    "glossary.ece": ("期待較正誤差", "expected calibration error (ECE)"),
    "glossary.ece.text": (
        "確信度の近い画像を組にし、正解率と平均の確信度の差を、枚数で重み付けして平均した値。",
        "The gap between accuracy and mean confidence in groups of similar confidence, averaged by their sizes.",
    ),
    "glossary.temperature": ("温度", "temperature"),
    "glossary.temperature.text": (
        "ロジットを割る数。1 より大きいと確信度が下がる。検証データで決める。",
        "What logits are divided by. Above 1, confidence falls. It is fitted on the validation images.",
    ),
    # ---------------------------------------------------------------- training
    "glossary.theme.training": ("学習", "Training"),
    "glossary.deep_learning": ("深層学習", "deep learning"),
    "glossary.deep_learning.text": (
        "脳の神経回路をまねた層を深く重ね、大量のデータから規則やパターンを学ぶ方法。機械学習の一種。",
        "Machine learning with many layers, modelled on the brain’s networks of nerve cells, which finds rules and "
        "patterns in a large amount of data.",
    ),
    "glossary.parameter": ("パラメータ", "parameter"),
    "glossary.parameter.text": (
        "学習で決まる、ネットワークの中の数（重みなど）。",
        "A number inside the network that training sets, such as a weight.",
    ),
    "glossary.loss": ("損失", "loss"),
    "glossary.loss.text": (
        "予測と正解のずれ。正解のクラスに付けた確率 p から求め、平均する（交差エントロピー）。学習はこれを小さくする。",
        "The gap between prediction and true class, from the probability p given to the true class, averaged "
        "(cross-entropy). Training makes it small.",
    ),
    "glossary.epoch": ("エポック", "epoch"),
    "glossary.epoch.text": ("全部の学習画像をひと回り見ること。", "Once through all training images."),
    "glossary.batch": ("バッチサイズ", "batch size"),
    "glossary.batch.text": (
        "重みを 1 回更新するのに使う画像の枚数。",
        "The number of images for one update of the weights.",
    ),
    "glossary.learning_rate": ("学習率", "learning rate"),
    "glossary.learning_rate.text": (
        "1 回の更新で重みを動かす大きさ。",
        "How far one update moves the weights.",
    ),
    "glossary.optimizer": ("最適化手法", "optimiser"),
    "glossary.optimizer.text": (
        "損失が小さくなるように重みを動かす手順（Adam など）。",
        "The rule by which weights move so that the loss falls (Adam, say).",
    ),
    "glossary.seed": ("シード", "seed"),
    "glossary.seed.text": (
        "乱数の種。最初の重みや画像の順番が決まる。",
        "Where random numbers begin: it sets the first weights and the order of the images.",
    ),
    "glossary.training_data": ("学習データ", "training images"),
    "glossary.training_data.text": ("重みを決めるのに使う画像。", "What the weights are set by."),
    "glossary.validation": ("検証データ", "validation images"),
    "glossary.validation.text": (
        "学習には使わず、学習の途中で出来を確かめる画像。",
        "They are not trained on, but used to check the model during training.",
    ),
    "glossary.test": ("テストデータ", "test images"),
    "glossary.test.text": (
        "最後の評価だけに使う画像。学習の打ち切りやエポックの選択には使わない。",
        "For the final evaluation only, never to stop training or to choose an epoch.",
    ),
    "glossary.overfitting": ("過学習", "overfitting"),
    "glossary.overfitting.text": (
        "学習データにだけ合いすぎ、検証データでの損失が増えていくこと。",
        "Fitting the training data too closely, so that the loss on the validation images rises.",
    ),
    "glossary.checkpoint": ("チェックポイント", "checkpoint"),
    "glossary.checkpoint.text": ("保存してある学習済みモデル。", "A stored trained model."),
}
