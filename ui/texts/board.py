"""Owns the words of the board with the four outcomes of a class."""

TEXTS = {
    "board.classes_label": ("クラスを選ぶ", "Choose a class"),
    "board.previous": ("前のクラス", "Previous class"),
    "board.next": ("次のクラス", "Next class"),
    "board.hint": (
        "クラスは、押すか ← → キー・数字キーで切り替え（キーは、この表を一度押してから）。TP・FN・FP・TN を押すと"
        "、その画像が下に出ます。",
        "Switch the class with a click, ← → or a number key (click this part once for the keys). Click TP, FN, "
        "FP or TN to see its images below.",
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
}
