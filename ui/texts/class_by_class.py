"""Owns the words of the class-by-class page."""

TEXTS = {
    "class_by_class.name": ("クラス別", "Class by class"),
    "class_by_class.title": (
        "クラス別",
        "Class by class",
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
