"""Owns the words of the board: one class against all others."""

TEXTS = {
    "board.classes_label": ("クラスを選ぶ", "Choose a class"),
    "board.previous": ("前のクラス（← キー）", "Previous class (← key)"),
    "board.next": ("次のクラス（→ キー）", "Next class (→ key)"),
    "board.grid_label": (
        "「{name}」を陽性として見た混同行列",
        "The confusion matrix with {name} as the positive class",
    ),
    "board.truth_axis": ("正解", "True class"),
    "board.predicted_axis": ("モデルの予測", "Predicted class"),
    "board.truth_yes": ("正解が {name}", "true {name}"),
    "board.truth_no": ("正解が {name} 以外", "not {name}"),
    "board.predicted_yes": ("{name} と予測", "predicted {name}"),
    "board.predicted_no": ("{name} 以外と予測", "not predicted {name}"),
    "board.total": ("計", "total"),
    "board.cell_label": (
        "正解 {truth}、予測 {predicted}：{count}（{region}）",
        "true class {truth}, predicted {predicted}: {count} ({region})",
    ),
    "board.tile_label": ("{region} {count}：{caption}", "{region} {count}: {caption}"),
    "board.row": (
        "正解が {truth} の画像 {count} 枚",
        "{count} {count:image|images} with true class “{truth}”",
    ),
    "board.column": (
        "{predicted} と予測した画像 {count} 枚",
        "{count} {count:image|images} predicted as “{predicted}”",
    ),
    "board.cell": (
        "正解が {truth} で、{predicted} と予測した画像 {count} 枚",
        "{count} {count:image|images} with true class “{truth}”, predicted as “{predicted}”",
    ),
    "board.image": ("正解 {truth}／予測 {predicted}", "true {truth}, pred. {predicted}"),
    "board.image.label": (
        "正解 {truth}、予測 {predicted} の画像を下で大きく見る",
        "true class {truth}, predicted {predicted}: see this image in large below",
    ),
    "board.metrics_label": ("指標を選ぶ", "Choose a metric"),
    "board.metric.accuracy": ("正解率", "Accuracy"),
    "board.metric.accuracy.also": ("一対他", "one-vs-rest"),
    "board.metric.recall": ("再現率", "Recall"),
    "board.metric.precision": ("適合率", "Precision"),
    "board.metric.f1": ("F1スコア", "F1 score"),
    "board.metric.f1.also": ("F値", "F-measure"),
    "board.metric.specificity": ("特異度", "Specificity"),
    "board.sentence.accuracy": (
        "「{name} か、{name} 以外か」が合っていたのは、全 {total} 枚のうち **{right} 枚**。全体の正解率 {overall} とは別の値です。",
        "Of all {total} {total:image|images}, “{name} or not {name}” was right for **{right}**. This is not the overall "
        "accuracy of {overall}.",
    ),
    "board.more.accuracy": (
        "真陰性 {tn} 枚のうち **{wrong} 枚**は、ほかのクラスどうしの誤分類なのに、合っていたと数えるからです。"
        "（{classes} クラスの平均は 1 − 2 ×（1 − {overall}）÷ {classes} = {mean}）",
        "It also counts the **{wrong}** of the {tn} {tn:true negative|true negatives} that {wrong:was|were} misclassified "
        "between other classes. (Mean over the {classes} {classes:class|classes}: 1 − 2 × (1 − {overall}) / {classes} = "
        "{mean}.)",
    ),
    "board.sentence.recall": (
        "正解が {name} の **{support} 枚**のうち、{name} と予測できたのは **{tp} 枚**",
        "Of the **{support}** {support:image|images} with true class “{name}”, **{tp}** {tp:was|were} predicted as “{name}”",
    ),
    "board.more.recall": ("（95% 信頼区間 {range}）", "(95% confidence interval {range})"),
    "board.sentence.precision": (
        "{name} と予測した **{called} 枚**のうち、正解も {name} だったのは **{tp} 枚**",
        "Of the **{called}** {called:image|images} predicted as “{name}”, **{tp}** {tp:has|have} the true class “{name}”",
    ),
    "board.more.precision": ("（95% 信頼区間 {range}）", "(95% confidence interval {range})"),
    "board.sentence.f1": (
        "適合率 P と再現率 R の調和平均：2PR ÷（P + R）= 2 × {p} × {r} ÷（{p} + {r}）",
        "The harmonic mean of precision P and recall R: 2PR / (P + R) = 2 × {p} × {r} / ({p} + {r})",
    ),
    "board.more.f1": (
        "（ふつうの平均より、低いほうに引きずられます。95% 信頼区間 {range}）",
        "(closer to the lower of the two than the plain mean; 95% confidence interval {range})",
    ),
    "board.sentence.specificity": (
        "正解が {name} 以外の **{others} 枚**のうち、{name} と予測しなかったのは **{tn} 枚**",
        "Of the **{others}** {others:image|images} with another true class, **{tn}** {tn:was|were} not predicted as “{name}”",
    ),
    "board.more.specificity": ("（95% 信頼区間 {range}）", "(95% confidence interval {range})"),
    "board.undefined": (
        "分母が 0 なので定義できません（0 ではありません）。",
        "Undefined, because the denominator is 0. It is not 0.",
    ),
    "board.hide_answer": ("答えを隠す", "Hide the answer"),
    "board.show_answer": ("答えを見せる", "Show the answer"),
    "board.reveal": ("押すと現れます", "Click to uncover"),
    "board.hidden_sentence": (
        "「{name}」の TP・FN・FP・TN は、行列のどこを足した数でしょう。",
        "Which cells of the matrix add up to the TP, FN, FP and TN of “{name}”?",
    ),
    "board.hidden_images": ("画像は、答えを見せると出ます", "The images appear with the answer"),
    "board.only_wrong": (
        "誤分類だけ（{tn} 枚のうち {wrong} 枚）",
        "misclassified only ({wrong} of {tn})",
    ),
    "board.views_label": ("左に何を表示するか", "What to show on the left"),
    "board.view.matrix": ("行列", "Matrix"),
    "board.view.flow": ("流れ図", "Flow"),
    "board.view.threshold": ("しきい値", "Threshold"),
    "board.ways_label": ("流れ図の向き", "Direction of the flow"),
    "board.way_truth": ("正解で分けてから予測で（再現率）", "True class first (recall)"),
    "board.way_predicted": ("予測で分けてから正解で（適合率）", "Prediction first (precision)"),
    "board.all_images": ("すべての画像", "All images"),
    "board.of": ("{total} 枚のうち", "of {total}"),
    "board.slider_label": ("「{name}」のしきい値", "Threshold for “{name}”"),
    "board.scores_label": (
        "{name} の確率で並べた画像：上は正解が {name}、下はそれ以外",
        "Images by their probability of {name}: above, true class {name}; below, all others",
    ),
    "board.threshold": (
        "しきい値 {threshold}：{name} の確率がこれ以上なら「{name}」と予測",
        "Threshold {threshold}: predicted as “{name}” where its probability is at least that",
    ),
    "board.same": (
        "行列では、確率がいちばん高いクラスを予測とします。このしきい値では、枚数は行列と同じです。",
        "The matrix predicts the class with the highest probability. At this threshold the counts are the same.",
    ),
    "board.differs": (
        "行列（TP {matrix_tp}、FP {matrix_fp}）と違うのは、行列では確率がいちばん高いクラスを予測とするからです。",
        "Why this is not the matrix (TP {matrix_tp}, FP {matrix_fp}): the matrix predicts the class with the highest "
        "probability.",
    ),
    "board.differs_above": (
        "行列（TP {matrix_tp}、FP {matrix_fp}）と違うのは、行列では確率がいちばん高いクラスを予測とするからです。この画像は {name} の確率が {score} で"
        "しきい値以上ですが、{predicted} の確率のほうが高いので、行列では「{predicted}」です。",
        "Why this is not the matrix (TP {matrix_tp}, FP {matrix_fp}): the matrix predicts the class with the highest "
        "probability. This image has {score} for {name}, which reaches the threshold, but more for {predicted}.",
    ),
    "board.differs_below": (
        "行列（TP {matrix_tp}、FP {matrix_fp}）と違うのは、行列では確率がいちばん高いクラスを予測とするからです。この画像は {name} の確率が {score} で"
        "しきい値より低いのですが、全クラスの中ではいちばん高いので、行列では「{name}」です。",
        "Why this is not the matrix (TP {matrix_tp}, FP {matrix_fp}): the matrix predicts the class with the highest "
        "probability. This image has only {score} for {name}, below the threshold, but that is its highest.",
    ),
    "board.pr": ("PR 曲線", "PR curve"),
    "board.roc": ("ROC 曲線", "ROC curve"),
    "board.recall": ("再現率", "Recall"),
    "board.precision": ("適合率", "Precision"),
    "board.tpr": ("再現率", "Recall"),
    "board.fpr": ("1 − 特異度", "1 − specificity"),
    "board.ap": ("AP {value}", "AP {value}"),
    "board.auc": ("AUC {value}", "AUC {value}"),
    "board.best_f1": ("F1スコアが最大：{threshold}", "Best F1 score: {threshold}"),
    "board.price": ("見逃し（FN）1 枚の損は、誤報（FP）何枚分？", "One FN costs as much as how many FP?"),
    "board.cheapest": ("損が最小：{threshold}", "Cheapest: {threshold}"),
    "board.edge": (
        "しきい値 {threshold} のすぐ下とすぐ上の画像",
        "Images just below and just above the threshold of {threshold}",
    ),
    "board.edge_image": ("{score} 正解 {truth}", "{score} true {truth}"),
    "board.see_all": ("すべて見る", "See all"),
}
