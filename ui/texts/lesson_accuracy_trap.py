"""Owns the words of the lesson on the accuracy trap."""

TEXTS = {
    "lesson_accuracy_trap.title": ("正解率の罠", "The accuracy trap"),
    "lesson_accuracy_trap.line": (
        "めったにないものを探すとき、正解率はあてになるでしょうか。",
        "Can accuracy be trusted when what is looked for is rare?",
    ),
    "lesson_accuracy_trap.question": (
        "正解が「{name}」の {support} 枚を **{kept} 枚**に減らします。ほかの画像も、モデルも、そのままです。"
        "**いちばん大きく下がる**のは、どの指標でしょう。",
        "Of the {support} {support:image|images} with true class “{name}”, only **{kept}** {kept:is|are} kept. The other "
        "images and the model stay as they are. Which metric **falls most**?",
    ),
    "lesson_accuracy_trap.option.accuracy": ("正解率 Accuracy", "Accuracy"),
    "lesson_accuracy_trap.option.recall": ("再現率 Recall", "Recall"),
    "lesson_accuracy_trap.option.precision": ("適合率 Precision", "Precision"),
    "lesson_accuracy_trap.option.f1": ("F1スコア（F値）", "F1 score"),
    "lesson_accuracy_trap.why": (
        "**再現率は {recall} のまま。** 分母も分子も「{name}」の画像で、同じ割合で減ります。\n\n"
        "**適合率は {precision} → {precision_after}。** 分母の偽陽性 FP {fp} 枚は減らず、真陽性 TP だけが "
        "{tp} → 約 {tp_after} 枚に減りました。\n\n"
        "**一対他の正解率は {accuracy_after}。** 何も見ずに「いつも {name} 以外」と予測するだけで {always_no} です。"
        "スライダーで比べてみましょう。",
        "**Recall stays {recall}.** Its denominator and its numerator are both images of “{name}” and shrink alike.\n\n"
        "**Precision: {precision} → {precision_after}.** The {fp} false {fp:positive|positives} (FP) in its denominator "
        "stay; only the true positives (TP) shrink, {tp} → about {tp_after}.\n\n"
        "**One-vs-rest accuracy is {accuracy_after}.** Always predicting “not {name}” without looking gives {always_no}. Compare them "
        "with the slider.",
    ),
    "lesson_accuracy_trap.slider": ("残す「{name}」の画像", "Images of “{name}” kept"),
    "lesson_accuracy_trap.told": (
        "{support} 枚のうち {kept} 枚（全体の {share}）。枚数は平均",
        "{kept} of {support} ({share} of all images); counts are averages",
    ),
    "lesson_accuracy_trap.table": ("「{name}」を陽性とした指標", "The metrics with “{name}” as the positive class"),
    "lesson_accuracy_trap.model": ("このモデル", "This model"),
    "lesson_accuracy_trap.always_no": ("いつも「{name} 以外」", "Always “not {name}”"),
    "lesson_accuracy_trap.stays": ("変わらない", "stays"),
    "lesson_accuracy_trap.from": ("{before} から", "from {before}"),
    "lesson_accuracy_trap.link": ("「{name}」の偽陽性を見る", "See the false positives of “{name}”"),
    "lesson_accuracy_trap.none": (
        "画像が 10 枚以上あり、まちがって予測された画像（偽陽性）もあるクラスが見つからないため、この授業で見るものがありません。",
        "There is no class with ten images or more that was also predicted wrongly (false positives), so there is nothing "
        "to see in this lesson.",
    ),
}
