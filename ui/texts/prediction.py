"""Owns the words of predicting in front of a view."""

TEXTS = {
    "prediction.switch": ("予想してから見る", "Predict first"),
    "prediction.switch.help": (
        "各ページの内容を、予想を入れるまで隠します。予想と実際の差がいっしょに出ます。",
        "Covers what a page shows until you have made a guess, then shows both, and how far apart they are.",
    ),
    "prediction.overview": (
        "このモデルは、{total} 枚のテスト画像のうち、何 % を正しく分類すると思いますか。",
        "How many percent of the {total} test {total:image|images} does this model classify correctly?",
    ),
    "prediction.class_by_class": (
        "正解が {name} の {support} 枚のうち、何 % を {name} と予測できたと思いますか（再現率 Recall）。",
        "Of the {support} {support:image|images} with true class “{name}”, how many percent were predicted as “{name}” "
        "(the recall)?",
    ),
    "prediction.confusion_matrix": (
        "いちばん多い取り違えは、どれだと思いますか。",
        "Which mistake is the most frequent one?",
    ),
    "prediction.misclassified": (
        "誤分類 {mistakes} 枚のうち、モデルの確信度が {share} 以上だったのは何枚だと思いますか。",
        "Of the {mistakes} misclassified {mistakes:image|images}, how many had a confidence of {share} or more?",
    ),
    "prediction.nothing.overview": (
        "画像がないので、予想する問いがありません。",
        "There are no images, so nothing to predict.",
    ),
    "prediction.nothing.class_by_class": (
        "このクラスの画像がないので、予想する問いがありません。",
        "There are no images of this class, so nothing to predict.",
    ),
    "prediction.nothing.confusion_matrix": (
        "取り違えが 1 つもないので、予想する問いがありません。",
        "No class was mistaken for another, so there is nothing to predict.",
    ),
    "prediction.nothing.misclassified": (
        "誤分類がないか、確率が保存されていないので、予想する問いがありません。",
        "Nothing was misclassified, or no probabilities were stored, so there is nothing to predict.",
    ),
    "prediction.pair": ("正解 {truth}、予測 {predicted}", "true class {truth}, predicted as {predicted}"),
    "prediction.pair.count": ("{pair}（{count} 枚）", "{pair} ({count} {count:image|images})"),
    "prediction.unit.percent": ("予想（%）", "Your guess (%)"),
    "prediction.unit.images": ("予想（枚）", "Your guess (images)"),
    "prediction.how": (
        "数を入れて Enter。あとで実際の値と比べます。",
        "Type a number and press Enter. It is compared with what is so.",
    ),
    "prediction.skip": ("予想せずに見る", "Look without a guess"),
    "prediction.again": ("予想し直す", "Guess again"),
    "prediction.guess": ("予想", "Your guess"),
    "prediction.actual": ("実際", "Actual"),
    "prediction.gap": ("差", "Difference"),
    "prediction.value.percent": ("{value}%", "{value}%"),
    "prediction.value.images": ("{value} 枚", "{value} {value:image|images}"),
    "prediction.share": ("{share}（{part} / {whole} 枚）", "{share} ({part} of {whole})"),
    "prediction.part": ("{part} 枚（誤分類 {whole} 枚のうち）", "{part} (of {whole} misclassified)"),
    "prediction.gap.none": ("なし", "none"),
    "prediction.gap.higher": ("予想より {points} ポイント高い", "{points} percentage points above your guess"),
    "prediction.gap.lower": ("予想より {points} ポイント低い", "{points} percentage points below your guess"),
    "prediction.gap.more": ("予想より {count} 枚多い", "{count} more than your guess"),
    "prediction.gap.fewer": ("予想より {count} 枚少ない", "{count} fewer than your guess"),
    "prediction.gap.images": ("予想した組より {count} 枚多い", "{count} more than the pair that you guessed"),
}
