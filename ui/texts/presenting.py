"""Owns the words of the presenter mode."""

TEXTS = {
    "presenting.enter": ("発表モード（P キー）", "Presenter mode (P key)"),
    "presenting.leave": ("発表モードを終わる（P キー）", "Leave presenter mode (P key)"),
    "presenting.help": (
        "大きな文字で、ページだけを映します。クラスは ← → と数字、見る場所は PageDown と PageUp。",
        "The page alone, in large letters. Classes: ← → and digits; PageDown and PageUp lead from part to part.",
    ),
}
