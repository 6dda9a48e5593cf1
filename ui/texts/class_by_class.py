"""Owns the words of the class by class page."""

TEXTS = {
    "class_by_class.name": ("クラス別", "Class by class"),
    "class_by_class.title": (
        "クラス別：ひとつのクラスを陽性として見る",
        "Class by class: one class as the positive one",
    ),
    "board.classes_label": ("クラスを選ぶ", "Choose a class"),
    "board.previous": ("前のクラス", "Previous class"),
    "board.next": ("次のクラス", "Next class"),
    "board.hint": (
        "← → キーか数字キーでクラスを切り替え。4 つの色を押すと画像が出ます。",
        "Flip the class with ← → or a number key. Click one of the four colours to see its images.",
    ),
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
    "board.cell_label": (
        "正解 {truth}、予測 {predicted}：{count}（{region}）",
        "true class {truth}, predicted {predicted}: {count} ({region})",
    ),
    "board.tile_label": ("{region} {count}：{caption}", "{region} {count}: {caption}"),
    "board.tab": ("再現率 {recall}", "recall {recall}"),
    "board.sum": ("{tp} + {fn} + {fp} + {tn} = {total} 枚", "{tp} + {fn} + {fp} + {tn} = {total} {total:image|images}"),
    "region.tp": ("真陽性 TP", "True positive TP"),
    "region.fp": ("偽陽性 FP", "False positive FP"),
    "region.fn": ("偽陰性 FN", "False negative FN"),
    "region.tn": ("真陰性 TN", "True negative TN"),
    # A name and the particle behind it stay on one line.
    "region.tp.caption": ("正解が {name}\u00a0で、{name}\u00a0と予測", "true class {name}, and predicted as {name}"),
    "region.fp.caption": (
        "正解が {name} 以外なのに、{name}\u00a0と予測",
        "true class not {name}, but predicted as {name}",
    ),
    "region.fn.caption": (
        "正解が {name}\u00a0なのに、{name} 以外と予測",
        "true class {name}, but not predicted as {name}",
    ),
    "region.tn.caption": (
        "正解が {name} 以外で、{name} 以外と予測",
        "true class not {name}, and not predicted as {name}",
    ),
    "region.tp.heading": (
        "正解が {name} で、{name} と予測した {count} 枚",
        "{count} {count:image|images} with true class “{name}”, predicted as “{name}”",
    ),
    "region.fp.heading": (
        "正解が {name} 以外なのに、{name} と予測した {count} 枚",
        "{count} {count:image|images} with another true class, but predicted as “{name}”",
    ),
    "region.fn.heading": (
        "正解が {name} なのに、{name} 以外と予測した {count} 枚",
        "{count} {count:image|images} with true class “{name}”, but predicted as another class",
    ),
    "region.tn.heading": (
        "正解が {name} 以外で、{name} 以外と予測した {count} 枚",
        "{count} {count:image|images} with another true class, and not predicted as “{name}”",
    ),
    "region.tn.heading.wrong": (
        "正解が {name} 以外で、{name} 以外と予測した {count} 枚（うち {wrong} 枚は、ほかのクラスどうしの誤分類）",
        "{count} {count:image|images} with another true class, and not predicted as “{name}” ({wrong} of them "
        "misclassified between other classes)",
    ),
    "class.precision.note": (
        "{name} と予測した {called} 枚のうち、正解も {name} だったのは {tp} 枚。",
        "Of the {called} {called:image|images} predicted as “{name}”, {tp} {tp:has|have} the true class “{name}”.",
    ),
    "class.recall.note": (
        "正解が {name} の {support} 枚のうち、{name} と予測できたのは {tp} 枚。",
        "Of the {support} {support:image|images} with true class “{name}”, {tp} {tp:was|were} predicted as “{name}”.",
    ),
    "class.specificity.note": (
        "正解が {name} 以外の {others} 枚のうち、{name} と予測しなかったのは {tn} 枚。",
        "Of the {others} {others:image|images} with another true class, {tn} {tn:was|were} not predicted as “{name}”.",
    ),
    "class.f1.note": (
        "適合率と再現率の調和平均。どちらかが低いと低くなります。",
        "The harmonic mean of precision and recall: low as soon as one of them is.",
    ),
    "class.accuracy.note": (
        "「{name} か、{name} 以外か」だけを見たときに合っていた割合。概要ページの正解率とは別の値です。",
        "How often “{name} or not {name}” was right. This is not the accuracy on the overview page.",
    ),
    "class.undefined": (
        "分母が 0 なので定義できません（0 ではありません）。",
        "Undefined, because the denominator is 0. It is not 0.",
    ),
    "class.differs": (
        "「{name}」の一対他の正解率 {accuracy} は、全体の正解率 {overall} とは別の値です。「{name} か、"
        "{name} 以外か」だけを見るので、真陰性 {tn} 枚のうち {wrong} 枚は、ほかのクラスどうしの誤分類なのに、"
        "合っていたと数えます。",
        "The one-vs-rest accuracy of “{name}”, {accuracy}, is not the overall accuracy of {overall}: it only "
        "asks “{name} or not {name}”, so {wrong} of the {tn} {tn:true negative|true negatives} "
        "{wrong:counts|count} as right although misclassified between other classes.",
    ),
    "class.majority": (
        "「{name}」は {total} 枚中 {support} 枚（{share}）だけなので、「いつも {name} 以外」と予測するだけで、"
        "一対他の正解率は {majority} になります。",
        "Only {support} of the {total} {total:image|images} ({share}) {support:has|have} the true class "
        "“{name}”, so always predicting “not {name}” already gives a one-vs-rest accuracy of {majority}.",
    ),
    "class.histogram": ("モデルが「{name}」に付けた確率の分布", "The probability that the model gave to “{name}”"),
    "class.histogram.positives": ("正解が {name} の画像（{count} 枚）", "images with true class {name} ({count})"),
    "class.histogram.negatives": ("それ以外（{count} 枚）", "all others ({count})"),
    "class.histogram.note": (
        "横軸はモデルが {name} に付けた確率。線の上は正解が {name} の画像、下はそれ以外です。"
        "棒の長さは枚数の平方根に比例し（長さが 2 倍なら枚数は 4 倍）、目盛は上下で共通です。上は右端、"
        "下は左端に集まるほど、よく見分けています。",
        "Across: the probability that the model gave to {name}. Above the line: images with true class {name}; "
        "below: all others. Bar lengths follow the square root of the count (twice as long is four times as "
        "many), on one scale above and below. The more the upper ones gather at the right and the lower ones at "
        "the left, the better the class is told from the others.",
    ),
    "class.histogram.bar": ("{low}〜{high}：{count} 枚", "{low} to {high}: {count} {count:image|images}"),
    "class.histogram.most": ("{count} 枚", "{count} {count:image|images}"),
}
