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
    "board.truth_axis": ("正解", "Truth"),
    "board.predicted_axis": ("モデルの予測", "Prediction"),
    "board.truth_yes": ("本当に {name}", "really {name}"),
    "board.truth_no": ("{name} 以外", "not {name}"),
    "board.predicted_yes": ("{name} と予測", "called {name}"),
    "board.predicted_no": ("{name} 以外と予測", "not called {name}"),
    "board.cell_label": (
        "正解 {truth}、予測 {predicted}：{count}（{region}）",
        "truth {truth}, called {predicted}: {count} ({region})",
    ),
    "board.tile_label": ("{region} {count}：{caption}", "{region} {count}: {caption}"),
    "board.tab": ("再現率 {recall}", "recall {recall}"),
    "board.sum": ("{tp} + {fn} + {fp} + {tn} = {total} 枚", "{tp} + {fn} + {fp} + {tn} = {total} images"),
    "region.tp": ("真陽性 TP", "True positive TP"),
    "region.fp": ("偽陽性 FP", "False positive FP"),
    "region.fn": ("偽陰性 FN", "False negative FN"),
    "region.tn": ("真陰性 TN", "True negative TN"),
    # A name and the particle behind it stay on one line.
    "region.tp.caption": ("本当に {name} で、{name}\u00a0と予測", "really {name}, and called {name}"),
    "region.fp.caption": ("別のクラスなのに、{name}\u00a0と予測", "not {name}, but called {name}"),
    "region.fn.caption": ("本当は {name} なのに、別のクラスと予測", "really {name}, but called something else"),
    "region.tn.caption": ("別のクラスで、{name}\u00a0とは予測しなかった", "not {name}, and not called {name}"),
    "region.tp.heading": (
        "本当に {name} で、{name} と予測した {count} 枚",
        "{count} images that are {name} and were called {name}",
    ),
    "region.fp.heading": (
        "別のクラスなのに、{name} と予測した {count} 枚",
        "{count} images that are not {name} but were called {name}",
    ),
    "region.fn.heading": (
        "本当は {name} なのに、別のクラスと予測した {count} 枚",
        "{count} images that are {name} but were called something else",
    ),
    "region.tn.heading": (
        "別のクラスで、{name} とは予測しなかった {count} 枚",
        "{count} images that are not {name} and were not called {name}",
    ),
    "class.precision.note": (
        "モデルが {name} と答えた {called} 枚のうち、本当に {name} だったのは {tp} 枚。",
        "Of the {called} images called {name}, {tp} really are.",
    ),
    "class.recall.note": (
        "本当に {name} である {support} 枚のうち、{name} と見つけられたのは {tp} 枚。",
        "Of the {support} images that are {name}, {tp} were found.",
    ),
    "class.specificity.note": (
        "{name} ではない {others} 枚のうち、{name} と呼ばなかったのは {tn} 枚。",
        "Of the {others} images that are not {name}, {tn} were not called {name}.",
    ),
    "class.f1.note": (
        "適合率と再現率の調和平均。どちらかが低いと低くなります。",
        "The harmonic mean of precision and recall: low as soon as one of them is.",
    ),
    "class.accuracy.note": (
        "{name} かどうかの答えが合っていた割合（一対他の正解率）。",
        "How often “{name} or not” was answered right (one-vs-rest accuracy).",
    ),
    "class.undefined": (
        "分母が 0 なので定義できません（0 ではありません）。",
        "Undefined, because the denominator is 0. It is not 0.",
    ),
    "class.flatters": (
        "真陰性が {share} を占めるため、一対他の正解率 {accuracy} は良く見えます。"
        "「いつも {name} ではない」と答えるだけでも {majority} です。",
        "{share} of all images are true negatives, so the one-vs-rest accuracy of {accuracy} flatters. Always answering "
        "“not {name}” would reach {majority}.",
    ),
    "class.histogram": (
        "「{name}」である確率の分布：{name} の画像と、それ以外",
        "How probable the model found {name}: images of {name}, and all others",
    ),
    "class.histogram.positives": ("{name} の画像（{count} 枚）", "images of {name} ({count})"),
    "class.histogram.negatives": ("それ以外（{count} 枚）", "all others ({count})"),
    "class.histogram.note": (
        "横軸はモデルが {name} に付けた確率（0〜100%）、縦は枚数の平方根。離れているほどよく見分けています。",
        "Across: the probability that the model gave to {name}, 0 to 100%. Up: the square root of the number of "
        "images. The further apart the two, the better the class is told from the others.",
    ),
    "class.histogram.bar": ("{low}〜{high}：{count} 枚", "{low} to {high}: {count} images"),
}
