"""Owns the words of the class-by-class page."""

TEXTS = {
    "class_by_class.name": ("クラス別", "Class by class"),
    "class_by_class.title": (
        "クラス別：ひとつのクラスを陽性として見る",
        "Class by class: one class as the positive one",
    ),
    "class_by_class.precision.note": (
        "{name} と予測した {called} 枚のうち、正解も {name} だったのは {tp} 枚。",
        "Of the {called} {called:image|images} predicted as “{name}”, {tp} {tp:has|have} the true class “{name}”.",
    ),
    "class_by_class.recall.note": (
        "正解が {name} の {support} 枚のうち、{name} と予測できたのは {tp} 枚。",
        "Of the {support} {support:image|images} with true class “{name}”, {tp} {tp:was|were} predicted as “{name}”.",
    ),
    "class_by_class.specificity.note": (
        "正解が {name} 以外の {others} 枚のうち、{name} と予測しなかったのは {tn} 枚。",
        "Of the {others} {others:image|images} with another true class, {tn} {tn:was|were} not predicted as “{name}”.",
    ),
    "class_by_class.f1.note": (
        "適合率 P と再現率 R の調和平均 2PR/(P+R) を整理した式。ふつうの平均より、低いほうに引きずられます。",
        "The harmonic mean of precision P and recall R, 2PR/(P+R), rearranged: closer to the lower of the two "
        "than the plain mean.",
    ),
    "class_by_class.accuracy.note": (
        "「{name} か、{name} 以外か」だけを見たときに合っていた割合。概要ページの正解率とは別の値です。",
        "How often “{name} or not {name}” was right. This is not the accuracy on the overview page.",
    ),
    "class_by_class.undefined": (
        "分母が 0 なので定義できません（0 ではありません）。",
        "Undefined, because the denominator is 0. It is not 0.",
    ),
    "class_by_class.differs": (
        "「{name}」の一対他の正解率 {accuracy} は、全体の正解率 {overall} とは別の値です。「{name} か、"
        "{name} 以外か」だけを見るので、真陰性 {tn} 枚のうち {wrong} 枚は、ほかのクラスどうしの誤分類なのに、"
        "合っていたと数えます。",
        "The one-vs-rest accuracy of “{name}”, {accuracy}, is not the overall accuracy of {overall}: it only "
        "asks “{name} or not {name}”, so {wrong} of the {tn} {tn:true negative|true negatives} "
        "{wrong:counts|count} as right although misclassified between other classes.",
    ),
    "class_by_class.majority": (
        "「{name}」は {total} 枚中 {support} 枚（{share}）だけなので、「いつも {name} 以外」と予測するだけで、"
        "一対他の正解率は {majority} になります。",
        "Only {support} of the {total} {total:image|images} ({share}) {support:has|have} the true class "
        "“{name}”, so always predicting “not {name}” already gives a one-vs-rest accuracy of {majority}.",
    ),
    "class_by_class.histogram": (
        "モデルが「{name}」に付けた確率の分布",
        "The probability that the model gave to “{name}”",
    ),
    "class_by_class.histogram.positives": (
        "正解が {name} の画像（{count} 枚）",
        "images with true class {name} ({count})",
    ),
    "class_by_class.histogram.negatives": ("それ以外（{count} 枚）", "all others ({count})"),
    "class_by_class.histogram.note": (
        "横軸はモデルが {name} に付けた確率。線の上は正解が {name} の画像、下はそれ以外です。"
        "棒の長さは枚数の平方根に比例し（長さが 2 倍なら枚数は 4 倍）、目盛は上下で共通です。上は右端、"
        "下は左端に集まるほど、よく見分けています。",
        "Across: the probability that the model gave to {name}. Above the line: images with true class {name}; "
        "below: all others. Bar lengths follow the square root of the count (twice as long is four times as "
        "many), on one scale above and below. The more the upper ones gather at the right and the lower ones at "
        "the left, the better the class is told from the others.",
    ),
    "class_by_class.histogram.bar": ("{low}〜{high}：{count} 枚", "{low} to {high}: {count} {count:image|images}"),
    "class_by_class.histogram.most": ("{count} 枚", "{count} {count:image|images}"),
}
