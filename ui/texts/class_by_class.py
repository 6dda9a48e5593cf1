"""Owns the words of the class-by-class page."""

TEXTS = {
    "class_by_class.name": ("クラス別", "Class by class"),
    "class_by_class.title": (
        "クラス別",
        "Class by class",
    ),
    "class_by_class.by_threshold": (
        "ここでの枚数は、しきい値で決めた陽性・陰性によるものです。画像の下の「予測」は、確率が最も高いクラスです。",
        "These images are counted by the threshold; “predicted” under an image is the class with the highest probability.",
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
}
