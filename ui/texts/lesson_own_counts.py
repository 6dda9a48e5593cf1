"""Owns the words of the lesson in which the reader sets the counts."""

TEXTS = {
    "lesson_own_counts.title": ("枚数から考える（逆算）", "Set the counts yourself"),
    "lesson_own_counts.line": (
        "TP・FN・FP・TN を自分で決めて、指標がどう動くか確かめます。",
        "Choose TP, FN, FP and TN, and see what every metric makes of them.",
    ),
    "lesson_own_counts.question": (
        "{total} 枚の画像のうち、陽性は **{positives} 枚**だけです。あるモデルの正解率は **99%** でした。"
        "このモデルは陽性を**少なくとも何枚**見つけたでしょう。",
        "Of {total} {total:image|images}, only **{positives}** {positives:is|are} positive. A model has an accuracy of "
        "**99%**. How many of the positives has it found **at least**?",
    ),
    "lesson_own_counts.option": ("{count} 枚", "{count} {count:image|images}"),
    "lesson_own_counts.dots": (
        "全 {total} 枚、陽性は {positives} 枚",
        "{total} {total:image|images}, {positives} positive",
    ),
    "lesson_own_counts.why": (
        "いつも「陰性」と予測すれば、陰性の {tn} 枚は正しく分類され、正解率は 99%。それでも再現率は 0% です。"
        "**正解率だけでは、見つけた枚数はわかりません。** 枚数を書きかえるか、つまみを動かしてみましょう。指標のつまみを"
        "動かすと、固定していない枚数が変わります。",
        "Always predicting “negative” is right for the {tn} {tn:negative|negatives}: an accuracy of 99%, and a recall of 0%. "
        "**Accuracy alone does not tell how many were found.** Change the counts, or drag. If a metric is dragged, the "
        "counts that are not locked follow.",
    ),
    "lesson_own_counts.presets": ("はじめの枚数を選ぶ", "Choose counts to start from"),
    "lesson_own_counts.preset.useless": ("99% なのに役に立たない", "99% and useless"),
    "lesson_own_counts.preset.precise": ("適合率は高く、再現率は低い", "High precision, low recall"),
    "lesson_own_counts.preset.eager": ("再現率は高く、適合率は低い", "High recall, low precision"),
    "lesson_own_counts.preset.own": ("このモデルの「{name}」", "“{name}” of this model"),
    "lesson_own_counts.predicted_yes": ("陽性と予測", "predicted positive"),
    "lesson_own_counts.predicted_no": ("陰性と予測", "predicted negative"),
    "lesson_own_counts.truth_yes": ("正解が陽性", "is positive"),
    "lesson_own_counts.truth_no": ("正解が陰性", "is negative"),
    "lesson_own_counts.lock": ("固定", "Lock"),
    "lesson_own_counts.lock_label": ("{outcome} を固定する", "Lock {outcome}"),
    "lesson_own_counts.table": ("指標", "Metrics"),
    "lesson_own_counts.paste": ("混同行列を貼り付ける", "Paste a confusion matrix"),
    "lesson_own_counts.matrix": (
        "行が正解、列が予測です。区切りは空白・タブ・コンマ、見出しと合計の行はあってもかまいません。",
        "Rows are true classes, columns predicted ones. Between numbers: spaces, tabs or commas; headings and totals may "
        "stay.",
    ),
    "lesson_own_counts.positive": ("陽性とみなすクラス", "The positive class"),
    "lesson_own_counts.class": ("{number} 行目", "row {number}"),
}
